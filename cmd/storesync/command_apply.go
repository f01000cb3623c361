package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
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
}

func applyCommand(h *host, signals *signals) *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "make the Store as the manifests say",
		ArgsUsage: "[PATH…]",
		Description: `Plans, shows the plan, asks, does what was shown and nothing else, and reads
back what was written before it submits. Without a terminal nobody can be
asked: apply then refuses unless --auto-approve is given.

Products are independent of each other: when one fails or is refused, the
others go on. The first SIGINT or SIGTERM lets requests in flight finish, the
second cancels them; either way running apply again does the rest.`,
		Flags: append(planningFlags(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "apply without asking"},
			&cli.StringFlag{Name: "wait", Usage: "how far to wait, `GOAL`: none, submitted, published", Value: string(reconcile.GoalSubmitted)},
			&cli.DurationFlag{Name: "timeout", Usage: "wait at most `DURATION` for a submission (0: without limit)"},
			&cli.DurationFlag{Name: "wait-running", Usage: "queue behind a running submission for at most `DURATION`"},
			&cli.StringSliceFlag{Name: "expect-plan-hash", Usage: "apply only a plan with this hash, `[ADDRESS=]HASH` (repeatable)"},
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
		timeout: c.Duration("timeout"), waitRunning: c.Duration("wait-running"), expected: map[string]string{},
	}
	if options.timeout < 0 || options.waitRunning < 0 {
		return options, &usageError{"--timeout and --wait-running take no negative durations", "Write for example --timeout 2h30m."}
	}
	for _, value := range c.StringSlice("expect-plan-hash") {
		address, hash, ok := strings.Cut(value, "=")
		if !ok {
			address, hash = "", value
		}
		options.expected[address] = hash
	}
	options.goal, err = parseChoice("wait", c.String("wait"), reconcile.GoalNone, reconcile.GoalSubmitted, reconcile.GoalPublished)
	return options, err
}

func runApply(ctx context.Context, h *host, options applyOptions, signals *signals) error {
	view := newApplyView(h, options)
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	if err == nil {
		err = checkAddresses(workspace, options.planningOptions)
	}
	if err != nil {
		printDiagnostics(h, diagnostics)
		return err
	}
	view.diagnostics(diagnostics)
	if diagnostics.HasErrors() {
		return alreadyShown(diagnostics)
	}
	engine, err := newEngine(h, workspace, options.commonOptions, readWrite, view.event)
	if err != nil {
		return err
	}
	proposal, asked, err := propose(ctx, h, engine, workspace, options, view)
	if err != nil {
		return err
	}
	report, err := engine.Apply(ctx, proposal, reconcile.ApplyOptions{
		Goal: options.goal, Timeout: options.timeout, FailFast: options.failFast,
		Recheck: asked, Stop: signals.stopSoftly(),
	})
	if err != nil {
		return err
	}
	if err := view.report(report); err != nil {
		return err
	}
	return reportError(report)
}

// propose plans, shows the plan and gets it approved. asked says whether a
// person took time over it, in which the Store may have moved.
func propose(ctx context.Context, h *host, engine *reconcile.Engine, workspace *schema.Workspace, options applyOptions, view applyView) (proposal *reconcile.Proposal, asked bool, err error) {
	if options.waitRunning > 0 {
		if err := engine.AwaitIdle(ctx, workspace, options.waitRunning); err != nil {
			return nil, false, err
		}
	}
	proposal, err = engine.Plan(ctx, workspace, options.plan)
	if err != nil {
		return nil, false, err
	}
	planError := planError(proposal)
	if err := view.plan(proposal.Plan, planError); err != nil {
		return nil, false, err
	}
	if err := checkHashes(proposal.Plan, options.expected); err != nil {
		return nil, false, err
	}
	if options.failFast && planError != nil {
		return nil, false, alreadyShown(planError)
	}
	if !proposal.Plan.Applyable || options.autoApprove {
		return proposal, false, nil
	}
	return proposal, true, approve(ctx, h, proposal.Plan)
}

// checkHashes refuses a plan that is not the one that was expected.
func checkHashes(plan *reconcile.Plan, expected map[string]string) error {
	actual := map[string]string{"": plan.Hash}
	var known []string
	for _, p := range plan.Products {
		actual[p.Address] = p.Hash
		known = append(known, p.Address)
	}
	var refused []error
	for address, hash := range expected {
		if address != "" {
			if err := knownAddresses("expect-plan-hash", []string{address}, known); err != nil {
				return err
			}
		}
		if actual[address] == hash {
			continue
		}
		what := "the plan"
		if address != "" {
			what = "the plan of " + address
		}
		refused = append(refused, &reconcile.Failure{
			Class: reconcile.ClassRefused,
			Err:   fmt.Errorf("%s has the hash %s, expected was %s", what, actual[address], hash),
			Next:  "Nothing was changed. The manifests or the Store moved since that plan was made: look at the plan above and approve it anew.",
		})
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
