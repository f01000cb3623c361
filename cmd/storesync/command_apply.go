package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

type applyOptions struct {
	planningOptions
	autoApprove bool
	failFast    bool
	goal        reconcile.Goal
	timeout     time.Duration
	waitRunning time.Duration
	// expected are plan hashes by address; the key "" is for the whole plan.
	expected map[string]string
	// planFile is the saved plan to apply, "" for none.
	planFile string
}

func applyCommand(h *host, signals *signals) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "make the Store as the manifests say",
		ArgsUsage: "[PATH…] | --plan FILE",
		Description: `Plans, shows the plan, asks, does what was shown and nothing else, and reads
back what was written before it submits. Without a terminal nobody can be
asked: apply then refuses unless --auto-approve is given.

With --plan it applies what plan --out saved, without asking: it plans again
from the same manifests, and refuses if anything is not as it was, naming what
moved. Give the same --var and --env-allow as then.

Products are independent of each other: when one fails or is refused, the
others go on. The first SIGINT or SIGTERM lets requests in flight finish, the
second cancels them; either way running apply again does the rest.`,
		Flags: append(planningFlags(),
			&cli.StringFlag{Name: "plan", Usage: "apply the plan that plan --out saved in `FILE`"},
			&cli.BoolFlag{Name: "auto-approve", Usage: "apply without asking"},
			&cli.StringFlag{Name: "wait", Usage: "how far to wait, `GOAL`: none, submitted, published", Value: string(reconcile.GoalSubmitted)},
			&cli.DurationFlag{Name: "timeout", Usage: "wait at most `DURATION` for a submission (0: without limit)"},
			&cli.DurationFlag{Name: "wait-running", Usage: "queue behind a running submission for at most `DURATION`"},
			&cli.StringSliceFlag{Name: "expect-plan-hash", Usage: "apply only a plan with this hash, `[ADDRESS=]HASH` (repeatable); with addresses, apply only those"},
			&cli.BoolFlag{Name: "fail-fast", Usage: "start no further product after one that failed or was refused"}),
		Action: func(c *cli.Context) error {
			options, err := parseApply(c)
			if err != nil {
				return err
			}
			return runApply(c.Context, h, options, signals)
		},
	}
}

func parseApply(c *cli.Context) (applyOptions, error) {
	planning, err := parsePlanning(c)
	if err != nil {
		return applyOptions{}, err
	}
	options := applyOptions{
		planningOptions: planning, autoApprove: c.Bool("auto-approve"), failFast: c.Bool("fail-fast"),
		timeout: c.Duration("timeout"), waitRunning: c.Duration("wait-running"), planFile: c.String("plan"),
	}
	if options.timeout < 0 || options.waitRunning < 0 {
		return options, &usageError{"--timeout and --wait-running take no negative durations", "Write for example --timeout 2h30m."}
	}
	if c.IsSet("plan") {
		if options.planFile == "" {
			return options, &usageError{"--plan names no file", "Write for example --plan plan.json."}
		}
		if err := refuseWithPlan(c); err != nil {
			return options, err
		}
	}
	if options.expected, err = parseExpected(c.StringSlice("expect-plan-hash")); err != nil {
		return options, err
	}
	options.goal, err = parseChoice("wait", c.String("wait"), reconcile.GoalNone, reconcile.GoalSubmitted, reconcile.GoalPublished)
	return options, err
}

// refuseWithPlan are the flags of apply that a saved plan has decided on.
func refuseWithPlan(c *cli.Context) error {
	if c.Args().Present() {
		return &usageError{"apply --plan takes no paths", "The plan says which manifests it was made of, below the workspace that you are in."}
	}
	for _, flag := range []string{"target", "selector", "allow", "draft", "submit", "reupload-images", "metadata-write", "expect-plan-hash"} {
		if c.IsSet(flag) {
			return &usageError{"--plan and --" + flag + " exclude each other",
				"A saved plan is applied as it was made: give --" + flag + " to plan --out instead."}
		}
	}
	return nil
}

// hashShape is that of plan hashes.
var hashShape = regexp.MustCompile(`^[0-9a-f]{64}$`)

// parseExpected takes [ADDRESS=]HASH values.
func parseExpected(values []string) (map[string]string, error) {
	expected := map[string]string{}
	for _, value := range values {
		address, hash, ok := strings.Cut(value, "=")
		if !ok {
			address, hash = "", value
		}
		if !hashShape.MatchString(hash) || ok && address == "" {
			return nil, &usageError{fmt.Sprintf("--expect-plan-hash %s: not [ADDRESS=]HASH", sanitize(value)),
				"A hash has 64 hex digits; plan shows it, and plan --output json has one for each product."}
		}
		if _, twice := expected[address]; twice {
			what := address
			if what == "" {
				what = "the whole plan"
			}
			return nil, &usageError{"--expect-plan-hash: two hashes for " + sanitize(what), "Leave one of them out: each product has one plan."}
		}
		expected[address] = hash
	}
	return expected, nil
}

// runApply tells the view how it ended, whatever happened.
func runApply(ctx context.Context, h *host, options applyOptions, signals *signals) error {
	view := newApplyView(h, options)
	return view.end(finalError(applyAll(ctx, h, options, signals, view), signals))
}

func applyAll(ctx context.Context, h *host, options applyOptions, signals *signals, view applyView) error {
	workspace, saved, err := loadForApply(ctx, h, &options, view)
	if err != nil {
		return err
	}
	engine, err := newEngine(h, workspace, options.commonOptions, readWrite, view.event)
	if err != nil {
		return err
	}
	proposal, err := propose(ctx, h, engine, workspace, options, saved, view)
	if err != nil {
		return err
	}
	asked := saved == nil && !options.autoApprove && proposal.Plan.Applyable
	if asked {
		if err := approve(ctx, h, proposal.Plan); err != nil {
			return err
		}
	}
	report, err := engine.Apply(ctx, proposal, reconcile.ApplyOptions{
		Goal: options.goal, Timeout: options.timeout, FailFast: options.failFast,
		// A person took time over the plan, in which the Store may have moved.
		Recheck: asked, Stop: signals.stopSoftly(),
	})
	if err != nil {
		return err
	}
	if err := view.report(report); err != nil {
		return err
	}
	return errors.Join(reportError(report), refuseMissing(proposal, options.expected))
}

// loadForApply loads the manifests that are given, or those of a saved plan.
func loadForApply(ctx context.Context, h *host, options *applyOptions, view applyView) (*schema.Workspace, *plan.Plan, error) {
	var saved *plan.Plan
	if options.planFile != "" {
		var err error
		if saved, err = readSaved(options.planFile); err != nil {
			return nil, nil, err
		}
		if err := options.adoptSaved(saved); err != nil {
			return nil, nil, err
		}
	}
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	if err == nil && saved == nil {
		err = checkAddresses(workspace, options.planningOptions)
	}
	view.diagnostics(diagnostics)
	switch {
	case err != nil && saved != nil && ctx.Err() == nil:
		return nil, nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the saved plan is stale: its manifests are not there any more: %w", err),
			Next: "Nothing was changed. Plan again."}
	case err != nil:
		return nil, nil, err
	case diagnostics.HasErrors() && saved != nil:
		return nil, nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  errors.New("the saved plan is stale: its manifests cannot be loaded as they could be then; the errors above say why"),
			Next: "Nothing was changed. Apply it where it was made, with the same --var, --var-file, --env-allow and --allow-outside, or plan again."}
	case diagnostics.HasErrors():
		return nil, nil, alreadyShown(diagnostics)
	}
	if saved == nil {
		options.plan.Selection, err = selectionOf(options.commonOptions, workspace)
	}
	return workspace, saved, err
}

// propose plans, holds the plan to what was approved before, and shows it.
func propose(ctx context.Context, h *host, engine *reconcile.Engine, workspace *schema.Workspace, options applyOptions, saved *plan.Plan, view applyView) (*reconcile.Proposal, error) {
	if options.waitRunning > 0 {
		if err := engine.AwaitIdle(ctx, workspace, options.waitRunning); err != nil {
			return nil, err
		}
	}
	proposal, err := engine.Plan(ctx, workspace, options.plan)
	if err != nil {
		return nil, err
	}
	planError := planError(proposal)
	if saved != nil {
		if err := proposal.CheckSaved(saved); err != nil {
			return nil, err
		}
	}
	if err := view.plan(proposal.Plan, planError); err != nil {
		return nil, err
	}
	if err := expect(h, proposal, options.expected); err != nil {
		return nil, err
	}
	// A saved plan is applied as a whole or not at all.
	if planError != nil && (options.failFast || saved != nil) {
		if options.output == outputJSON {
			return nil, planError // So far it is in the plan only.
		}
		return nil, alreadyShown(planError)
	}
	return proposal, nil
}

// expect holds the proposal to the hashes that were approved.
func expect(h *host, proposal *reconcile.Proposal, expected map[string]string) error {
	if len(expected) == 0 {
		return nil
	}
	left, err := proposal.Expect(expected)
	for _, address := range left {
		fmt.Fprintf(h.err, "%s: not applied: no --expect-plan-hash is given for it\n", sanitize(address))
	}
	return err
}

// refuseMissing refuses the approved products that have no manifest here. The
// others are applied: another pull request may have removed the manifest.
func refuseMissing(proposal *reconcile.Proposal, expected map[string]string) error {
	var known []string
	for _, p := range proposal.Plan.Products {
		known = append(known, p.Address)
	}
	var refused []error
	for _, address := range slices.Sorted(maps.Keys(expected)) {
		if address == "" || slices.Contains(known, address) {
			continue
		}
		hint := ""
		if suggestion := nearestAddress(address, known); suggestion != "" {
			hint = " Did you mean " + suggestion + "?"
		}
		refused = append(refused, &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: refused: a plan of it is approved (--expect-plan-hash), and it has no manifest here", sanitize(address)),
			Next: "Nothing was changed for it. If its manifest was removed or renamed since, approve a plan of what is there now; " +
				"if it lies elsewhere, or --target leaves it out, give its path." + hint})
	}
	return errors.Join(refused...)
}

// reportError is how apply exits. The view has shown every error.
func reportError(report *reconcile.Report) error {
	var all []error
	for _, p := range report.Products {
		if p.Err != nil {
			all = append(all, p.Err)
		}
	}
	return alreadyShown(errors.Join(all...))
}
