package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile/plan"
)

func showCommand(h *host) *cli.Command {
	formats := []output{outputMarkdown, outputHTML, outputGitHub, outputSARIF}
	return &cli.Command{
		Name:      "show",
		Usage:     "show a saved plan",
		ArgsUsage: "FILE",
		Description: `Shows a plan that plan --out saved, in any format. Neither the Store nor the
manifests are needed. A file that is not as storesync wrote it is refused; that
tells an accident, not a forger: whoever can write the file can also write
another plan.`,
		Flags: []cli.Flag{outputFlag(formats...), &cli.BoolFlag{Name: "no-color", Usage: "no colours"}},
		Action: func(c *cli.Context) error {
			format, err := parseOutput(c.String("output"), formats...)
			if err != nil {
				return err
			}
			if c.NArg() != 1 {
				return &usageError{"show takes one plan file", "Write for example: storesync show plan.json"}
			}
			return runShow(h, c.Args().First(), format, c.Bool("no-color"))
		},
	}
}

func runShow(h *host, file string, format output, noColor bool) error {
	planned, err := readSaved(file)
	if failure, ok := errors.AsType[*plan.Failure](err); ok {
		// To refuse is for apply; here it is just a file that cannot be shown.
		return &plan.Failure{Class: plan.ClassError, Err: failure.Err, Next: failure.Next}
	}
	if err != nil {
		return err
	}
	// What a newer minor format adds is not in what is shown.
	if err := planned.Seal(); err != nil {
		return err
	}
	text, err := planText(planned, format, nil, look{width: h.width(), color: h.color(h.outTTY, noColor)})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(h.out, text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	if format == outputHuman {
		printDiagnostics(h, planned.Diagnostics)
		for _, p := range planned.Products {
			if p.Error != "" {
				fmt.Fprintln(h.err, "error: "+sanitizeLines(p.Error))
			}
		}
	}
	return nil
}
