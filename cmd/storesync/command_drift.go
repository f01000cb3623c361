package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

type driftOptions struct {
	commonOptions
	output    output
	unmanaged bool
}

func driftCommand(h *host) *cli.Command {
	formats := []output{outputMarkdown, outputGitHub, outputSARIF}
	return &cli.Command{
		Name:      "drift",
		Usage:     "show what has moved, and who moved it",
		ArgsUsage: "[PATH…]",
		Description: `Compares the live products with the manifests, for a scheduled job. With a
record of the last apply it says of each difference whether it was changed in
the Store, is not applied yet, or both. Nothing is written.

Exit code 0 says that customers get what git says, or soon will: a submission of
storesync is on its way. 2 says that they do not, also when the last submission
failed or nothing was submitted. What could not be compared is shown, and is no
difference.`,
		Flags: append(commonFlags(), outputFlag(formats...),
			&cli.BoolFlag{Name: "unmanaged", Usage: "also list what no manifest writes and was changed in the Store since the last apply"}),
		Action: func(c *cli.Context) error {
			common, err := parseCommon(c)
			if err != nil {
				return err
			}
			options := driftOptions{commonOptions: common, unmanaged: c.Bool("unmanaged")}
			if options.output, err = parseOutput(c.String("output"), formats...); err != nil {
				return err
			}
			return runDrift(c.Context, h, options)
		},
	}
}

func runDrift(ctx context.Context, h *host, options driftOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	if diagnostics.HasErrors() {
		return errors.Join(noDrift(h, options, diagnostics), diagnostics)
	}
	printDiagnostics(h, diagnostics)
	planning := reconcile.PlanOptions{Unmanaged: options.unmanaged, Compare: true}
	if planning.Selection, err = selectionOf(options.commonOptions, workspace); err != nil {
		return err
	}
	engine, err := newEngine(h, workspace, options.commonOptions, readOnly, nil)
	if err != nil {
		return err
	}
	proposal, err := engine.Plan(ctx, workspace, planning)
	if err != nil {
		return err
	}
	if err := showDrift(h, options, proposal.Plan); err != nil {
		return err
	}
	printDiagnostics(h, proposal.Plan.Diagnostics)
	if err := planError(proposal); err != nil {
		return err
	}
	return verdictError(proposal.Plan)
}

// noDrift tells those who read documents that nothing could be compared.
func noDrift(h *host, options driftOptions, diagnostics schema.Diagnostics) error {
	if options.output == outputHuman {
		return nil
	}
	plan, err := failedPlan(diagnostics)
	if err != nil {
		return err
	}
	return showDrift(h, options, plan)
}

// showDrift writes the comparison to standard output.
func showDrift(h *host, options driftOptions, plan *plan.Plan) error {
	var text string
	var err error
	switch options.output {
	case outputHuman:
		text = humanDrift(plan, h.look(options.commonOptions))
	case outputJSON:
		return writeJSON(h.out, plan.Drift())
	case outputMarkdown:
		text = markdownDrift(plan)
	case outputGitHub:
		text = githubDrift(plan)
	case outputSARIF:
		var document []byte
		document, err = sarifDrift(plan)
		text = string(document)
	case outputHTML: // is not offered
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(h.out, text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}
