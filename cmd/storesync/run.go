package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/schema"
)

// run carries out one command line and returns the exit code. It is the only
// place where errors are printed and turned into exit codes.
func run(args []string, h *host) int {
	ctx, signals := watchSignals(context.Background(), h)
	defer signals.stop()

	err := finalError(runApp(ctx, args, h, signals), signals)
	printError(h, err)
	return exitCode(err)
}

// finalError is the error that the process ends with.
func finalError(err error, signals *signals) error {
	if err != nil && signals.interrupted() && errors.Is(err, context.Canceled) {
		return errInterrupted(signals.mayHaveWritten())
	}
	return err
}

func runApp(ctx context.Context, args []string, h *host, signals *signals) error {
	commands := allCommands(h, signals)
	arranged, err := arrange(commands, args)
	if err != nil {
		return err
	}
	app := &cli.App{
		Name:                  "storesync",
		Usage:                 "keeps the Microsoft Store as the manifests in git say",
		CustomAppHelpTemplate: rootHelp(commands, h.width()),
		Commands:              commands,
		Writer:                h.out,
		ErrWriter:             h.err,
		Reader:                h.in,
		Flags:                 []cli.Flag{helpFlag()},
		HideHelp:              true,
		HideVersion:           true,
		// Every value of a repeated flag stands alone: text may hold commas.
		DisableSliceFlagSeparator: true,
		OnUsageError:              onUsageError,
		// The library would call os.Exit in here, past all defers.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	return app.RunContext(ctx, arranged)
}

// helpFlag is --help. The library has one for all applications, which each run
// writes to, so that two could not run in one process.
func helpFlag() cli.Flag {
	return &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show this help"}
}

// onUsageError keeps the library from printing help on standard output.
func onUsageError(c *cli.Context, err error, _ bool) error {
	message := strings.NewReplacer("for flag -", "for --", "boolean value", "value", " for -", " for --").Replace(err.Error())
	message = strings.TrimSuffix(message, ": parse error")
	return &usageError{message, fmt.Sprintf("storesync %s --help lists the flags.", c.Command.Name)}
}

// allCommands are the commands with what the library needs on each of them.
func allCommands(h *host, signals *signals) []*cli.Command {
	commands := []*cli.Command{
		validateCommand(h),
		planCommand(h),
		applyCommand(h, signals),
		driftCommand(h),
		showCommand(h),
		statusCommand(h),
		discardCommand(h),
		schemaCommand(h),
		emulatorCommand(h),
		versionCommand(h),
	}
	for _, c := range commands {
		c.Flags = append(c.Flags, helpFlag())
		c.HideHelp = true
		c.OnUsageError = onUsageError
		c.CustomHelpTemplate = commandHelp(c, h.width())
	}
	return commands
}

// shown is an error that a view has shown already; only its class counts.
type shown struct{ err error }

func (s *shown) Error() string { return s.err.Error() }
func (s *shown) Unwrap() error { return s.err }

// alreadyShown marks an error as shown; nil stays nil.
func alreadyShown(err error) error {
	if err == nil {
		return nil
	}
	return &shown{err}
}

// printError prints what was not shown yet.
func printError(h *host, err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // only the outermost list is taken apart
		for _, inner := range joined.Unwrap() {
			printError(h, inner)
		}
		return
	}
	if _, ok := errors.AsType[*shown](err); ok {
		return
	}
	if diagnostics, ok := errors.AsType[schema.Diagnostics](err); ok {
		printDiagnostics(h, diagnostics)
		return
	}
	fmt.Fprintln(h.err, "error: "+sanitizeLines(err.Error()))
}

// printDiagnostics prints findings on standard error, one after the other.
func printDiagnostics(h *host, diagnostics schema.Diagnostics) {
	for _, d := range diagnostics {
		fmt.Fprintln(h.err, sanitizeLines(d.String()))
	}
}
