package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// commonOptions are what every command that reads manifests takes.
type commonOptions struct {
	paths        []string
	emulator     bool
	targets      []string
	selectors    map[string]string
	vars         map[string]string
	varFiles     []string
	envAllow     []string
	allowOutside bool
	parallelism  int
	// perMinute is 0 when it is not given.
	perMinute int
	logLevel  slog.Level
	noColor   bool
}

// commonFlags are defined anew for each command: the library lets a flag of
// the root be shadowed by the zero of a command's flag of the same name.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "emulator", Usage: "work on an embedded emulator of the Store, kept in .storesync/emulator"},
		&cli.StringSliceFlag{Name: "target", Usage: "only the manifest with this `ADDRESS` (repeatable)"},
		&cli.StringSliceFlag{Name: "selector", Usage: "only manifests with this label, `KEY=VALUE` (repeatable: all must fit)"},
		&cli.StringSliceFlag{Name: "var", Usage: "value of ${var:NAME}, `NAME=VALUE` (repeatable)"},
		&cli.StringSliceFlag{Name: "var-file", Usage: "`FILE` with NAME: VALUE lines for ${var:NAME} (repeatable)"},
		&cli.StringSliceFlag{Name: "env-allow", Usage: "`NAME` or NAME_* that {env: …} may read beside STORE_* (repeatable)"},
		&cli.BoolFlag{Name: "allow-outside", Usage: "let manifests name files outside the workspace or below names that begin with a dot"},
		&cli.IntFlag{Name: "parallelism", Usage: "work on `N` products at a time", Value: 4},
		&cli.IntFlag{Name: "requests-per-minute", Usage: "send at most `N` requests a minute to the MSIX API", DefaultText: "20; no limit for an emulator"},
		&cli.StringFlag{Name: "log-level", Usage: "`LEVEL` of the log on standard error: debug, info, warn, error", Value: "warn"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours"},
	}
}

// outputFlag chooses the format of standard output: human, json, or one of more.
func outputFlag(more ...output) cli.Flag {
	words := make([]string, 0, len(more)+2)
	for _, o := range outputs(more) {
		words = append(words, string(o))
	}
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FORMAT` of standard output: " + strings.Join(words, ", "), Value: string(outputHuman)}
}

// output is a format of standard output.
type output string

const (
	outputHuman    output = "human"
	outputJSON     output = "json"
	outputMarkdown output = "markdown"
	outputHTML     output = "html"
	outputGitHub   output = "github"
	outputSARIF    output = "sarif"
)

func outputs(more []output) []output { return append([]output{outputHuman, outputJSON}, more...) }

// parseOutput takes the value of outputFlag with the same formats.
func parseOutput(value string, more ...output) (output, error) {
	return parseChoice("output", value, outputs(more)...)
}

// parseChoice takes a flag's value that must be one of a few words.
func parseChoice[T ~string](flag, value string, choices ...T) (T, error) {
	if slices.Contains(choices, T(value)) {
		return T(value), nil
	}
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = string(c)
	}
	hint := "Use one of: " + strings.Join(words, ", ") + "."
	if suggestion := nearest(value, words); suggestion != "" {
		hint = fmt.Sprintf("Did you mean %s? %s", suggestion, hint)
	}
	return "", &usageError{fmt.Sprintf("--%s %s: there is no such value", flag, sanitize(value)), hint}
}

// parseCommon takes the common flags from the command line.
func parseCommon(c *cli.Context) (commonOptions, error) {
	options := commonOptions{
		paths:        c.Args().Slice(),
		emulator:     c.Bool("emulator"),
		targets:      c.StringSlice("target"),
		varFiles:     c.StringSlice("var-file"),
		envAllow:     c.StringSlice("env-allow"),
		allowOutside: c.Bool("allow-outside"),
		parallelism:  c.Int("parallelism"),
		perMinute:    c.Int("requests-per-minute"),
		noColor:      c.Bool("no-color"),
	}
	var err error
	if options.vars, err = parsePairs("var", c.StringSlice("var")); err != nil {
		return options, err
	}
	if options.selectors, err = parsePairs("selector", c.StringSlice("selector")); err != nil {
		return options, err
	}
	if options.parallelism < 1 || options.parallelism > 32 {
		return options, &usageError{fmt.Sprintf("--parallelism %d: out of range", options.parallelism), "Give a number from 1 to 32."}
	}
	if c.IsSet("requests-per-minute") && (options.perMinute < 1 || options.perMinute > 1000) {
		return options, &usageError{fmt.Sprintf("--requests-per-minute %d: out of range", options.perMinute), "Give a number from 1 to 1000. The Store takes about 20 a minute from all programs of a tenant together."}
	}
	level, err := parseChoice[string]("log-level", c.String("log-level"), "debug", "info", "warn", "error")
	if err != nil {
		return options, err
	}
	return options, options.logLevel.UnmarshalText([]byte(level))
}

// parsePairs takes NAME=VALUE values; the last one of a name counts.
func parsePairs(flag string, values []string) (map[string]string, error) {
	pairs := make(map[string]string, len(values))
	for _, value := range values {
		name, rest, ok := strings.Cut(value, "=")
		if !ok || name == "" {
			return nil, &usageError{fmt.Sprintf("--%s %s: not NAME=VALUE", flag, sanitize(value)), fmt.Sprintf("Write --%s NAME=VALUE.", flag)}
		}
		pairs[name] = rest
	}
	return pairs, nil
}
