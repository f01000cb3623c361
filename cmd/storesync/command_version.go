package main

import (
	_ "embed" // for licenses
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

const versionCommandName = "version"

// licenses are the licences of Go and of all modules in the program, which must
// go wherever the program goes.
//
//go:embed licenses.txt
var licenses string

// versionInfo is what this build knows of itself.
type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// readVersion reads what the Go tool wrote into the program.
func readVersion() versionInfo {
	info := versionInfo{Version: "dev", Commit: "unknown", Go: runtime.Version()}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	if v := build.Main.Version; v != "" && v != "(devel)" {
		info.Version = v
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			info.Commit = setting.Value
		}
	}
	return info
}

func versionCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:        versionCommandName,
		Usage:       "print the version",
		Description: "Prints the version, the commit it was built from, and the version of Go; with --licenses the licences of the software in it instead.",
		Flags:       []cli.Flag{outputFlag(), &cli.BoolFlag{Name: "licenses", Usage: "print the licences of the software in the program"}},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{"version takes no paths", ""}
			}
			format, err := parseOutput(c.String("output"))
			if err != nil {
				return err
			}
			if !c.Bool("licenses") {
				return runVersion(h, format)
			}
			if format != outputHuman {
				return &usageError{"--licenses has no --output " + string(format), "Leave --output out: licences are texts."}
			}
			_, err = io.WriteString(h.out, licenses+"\n")
			return err
		},
	}
}

func runVersion(h *host, format output) error {
	info := readVersion()
	if format == outputJSON {
		return writeJSON(h.out, info)
	}
	_, err := fmt.Fprintf(h.out, "storesync %s (commit %s, %s)\n", info.Version, info.Commit, info.Go)
	return err
}
