package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

const versionCommandName = "version"

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
		Description: "Prints the version, the commit it was built from, and the version of Go.",
		Flags:       []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{"version takes no paths", ""}
			}
			format, err := parseOutput(c.String("output"))
			if err != nil {
				return err
			}
			return runVersion(h, format)
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
