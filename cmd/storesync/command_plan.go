package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// planningOptions are what plan and apply plan by.
type planningOptions struct {
	commonOptions
	output output
	plan   reconcile.PlanOptions
}

type planOptions struct {
	planningOptions
	detailedExitCode bool
}

// planningFlags are the flags that shape a plan.
func planningFlags() []cli.Flag {
	return append(commonFlags(), outputFlag(),
		&cli.BoolFlag{Name: "draft", Usage: "write the draft and do not submit it"},
		&cli.BoolFlag{Name: "submit", Usage: "submit the draft though nothing differs"},
		&cli.StringSliceFlag{Name: "allow", Usage: "allow what a guard refuses, `GUARD[=ADDRESS]` (repeatable)"},
		&cli.StringSliceFlag{Name: "reupload-images", Usage: "send all managed images of `ADDRESS` again (repeatable)"},
		&cli.StringFlag{Name: "metadata-write", Usage: "how metadata is written, `METHOD`: patch sends what changes, put the whole module", Value: string(reconcile.WritePatch)},
	)
}

func planCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "show what apply would do",
		ArgsUsage: "[PATH…]",
		Description: `Reads the live products, compares them with the manifests, and shows every
field that would change and every request that apply would make, in order.
Nothing is written: requests other than GET are refused before they are sent.

Exit code 0 says that planning worked, with or without changes; with
--detailed-exitcode, 2 says that there are changes.`,
		Flags: append(planningFlags(),
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there are changes"}),
		Action: func(c *cli.Context) error {
			planning, err := parsePlanning(c)
			if err != nil {
				return err
			}
			return runPlan(c.Context, h, planOptions{planning, c.Bool("detailed-exitcode")})
		},
	}
}

func parsePlanning(c *cli.Context) (planningOptions, error) {
	common, err := parseCommon(c)
	if err != nil {
		return planningOptions{}, err
	}
	options := planningOptions{commonOptions: common}
	if options.output, err = parseOutput(c.String("output")); err != nil {
		return options, err
	}
	options.plan = reconcile.PlanOptions{
		Draft: c.Bool("draft"), Submit: c.Bool("submit"), ReuploadImages: c.StringSlice("reupload-images"),
	}
	if options.plan.Draft && options.plan.Submit {
		return options, &usageError{"--draft and --submit exclude each other", "Leave one of them out."}
	}
	options.plan.WriteMode, err = parseChoice("metadata-write", c.String("metadata-write"), reconcile.WritePatch, reconcile.WritePut)
	if err != nil {
		return options, err
	}
	options.plan.Allow, err = parseAllow(c.StringSlice("allow"))
	return options, err
}

func runPlan(ctx context.Context, h *host, options planOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	if err == nil {
		err = checkAddresses(workspace, options.planningOptions)
	}
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	if diagnostics.HasErrors() {
		if options.output == outputJSON {
			err = writeJSON(h.out, failedPlan(diagnostics))
		}
		return errors.Join(err, diagnostics)
	}
	printDiagnostics(h, diagnostics)
	engine, err := newEngine(h, workspace, options.commonOptions, readOnly, nil)
	if err != nil {
		return err
	}
	proposal, err := engine.Plan(ctx, workspace, options.plan)
	if err != nil {
		return err
	}
	if err := showPlan(h, options.planningOptions, proposal.Plan); err != nil {
		return err
	}
	return planOutcome(h, proposal, options.detailedExitCode)
}

// showPlan writes the plan to standard output.
func showPlan(h *host, options planningOptions, plan *reconcile.Plan) error {
	if options.output == outputJSON {
		return writeJSON(h.out, plan)
	}
	_, err := fmt.Fprint(h.out, humanPlan(plan, h.look(options.commonOptions)))
	return err
}

// look is how results look on standard output.
func (h *host) look(options commonOptions) look {
	return look{width: h.width(), color: h.color(h.outTTY, options.noColor)}
}

// planOutcome prints what went wrong while planning and says how to exit.
func planOutcome(h *host, proposal *reconcile.Proposal, detailed bool) error {
	printDiagnostics(h, proposal.Plan.Diagnostics)
	if err := planError(proposal); err != nil {
		return err
	}
	if detailed && hasChanges(proposal.Plan) {
		return alreadyShown(&reconcile.Failure{Class: classChanges, Err: errors.New("there are changes")})
	}
	return nil
}

// planError is why products could not be planned, nil when all could.
func planError(proposal *reconcile.Proposal) error {
	err := proposal.Err()
	if proposal.Plan.Diagnostics.HasErrors() {
		// They are printed with the plan.
		err = errors.Join(err, alreadyShown(proposal.Plan.Diagnostics))
	}
	return err
}

// hasChanges reports whether the Store is to be changed. What is only reported
// changes nothing.
func hasChanges(plan *reconcile.Plan) bool {
	isChange := func(c reconcile.Change) bool { return c.Action != reconcile.ActionReport }
	return slices.ContainsFunc(plan.Products, func(p reconcile.ProductPlan) bool {
		return len(p.Operations) > 0 || slices.ContainsFunc(p.Changes, isChange)
	})
}

// checkAddresses checks the addresses that planning flags name.
func checkAddresses(workspace *schema.Workspace, options planningOptions) error {
	if workspace == nil {
		return nil
	}
	var known []string
	for _, m := range workspace.Manifests {
		known = append(known, m.Address())
	}
	if err := knownAddresses("reupload-images", options.plan.ReuploadImages, known); err != nil {
		return err
	}
	for address := range options.plan.Allow {
		if address == "" {
			continue
		}
		if err := knownAddresses("allow", []string{address}, known); err != nil {
			return err
		}
	}
	return nil
}
