package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

type statusOptions struct {
	commonOptions
	output  output
	wait    bool
	timeout time.Duration
}

// longestWait stands for "without limit" where a limit must be given: longer
// than any certification takes.
const longestWait = 30 * 24 * time.Hour

func statusCommand(h *host) *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "show drafts and submissions",
		ArgsUsage: "[PATH…]",
		Description: `Shows for each product whether its draft could be submitted, which submission
is running, and how the last submission of storesync ended. Of MSIX apps it
also shows the pending draft, what the Store says about a submission, and where
its certification reports are; of MSI and EXE apps Partner Center shows them.

With --wait it waits until no submission is running, and exits with 8 when one
still is at the time limit, or with 1 when the last one failed.`,
		Flags: append(commonFlags(), outputFlag(),
			&cli.BoolFlag{Name: "wait", Usage: "wait until no submission is running"},
			&cli.DurationFlag{Name: "timeout", Usage: "wait at most `DURATION` (0: without limit)"}),
		Action: func(c *cli.Context) error {
			options, err := parseStatus(c)
			if err != nil {
				return err
			}
			return runStatus(c.Context, h, options)
		},
	}
}

func parseStatus(c *cli.Context) (statusOptions, error) {
	common, err := parseCommon(c)
	if err != nil {
		return statusOptions{}, err
	}
	options := statusOptions{commonOptions: common, wait: c.Bool("wait"), timeout: c.Duration("timeout")}
	if options.timeout < 0 {
		return options, &usageError{"--timeout takes no negative duration", "Write for example --timeout 2h30m."}
	}
	if options.timeout > 0 && !options.wait {
		return options, &usageError{"--timeout limits --wait, which is not given", "Add --wait or leave --timeout out."}
	}
	options.output, err = parseOutput(c.String("output"))
	return options, err
}

func runStatus(ctx context.Context, h *host, options statusOptions) error {
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, false)
	printDiagnostics(h, diagnostics)
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return alreadyShown(diagnostics)
	}
	watch := newProgress(h, options.commonOptions)
	engine, err := newEngine(h, workspace, options.commonOptions, readOnly, watch.event)
	if err != nil {
		return err
	}
	var pending error
	if options.wait {
		limit := options.timeout
		if limit == 0 {
			limit = longestWait
		}
		pending = engine.AwaitIdle(ctx, workspace, limit)
		if pending != nil && plan.ClassOf(pending) != plan.ClassPending {
			return pending
		}
	}
	statuses, err := engine.Status(ctx, workspace)
	if err != nil {
		return err
	}
	if err := showStatus(h, options, statuses); err != nil {
		return err
	}
	return errors.Join(pending, statusError(statuses, options.wait))
}

func showStatus(h *host, options statusOptions, statuses []reconcile.ProductStatus) error {
	if options.output == outputJSON {
		return writeJSON(h.out, newStatusDocument(statuses))
	}
	_, err := fmt.Fprint(h.out, humanStatus(statuses, h.look(options.commonOptions)))
	return err
}

// statusError is why a status could not be read, and after waiting also a
// submission that failed.
func statusError(statuses []reconcile.ProductStatus, waited bool) error {
	var all []error
	for _, s := range statuses {
		if s.Err != nil {
			all = append(all, s.Err)
		}
		if waited && s.Last != nil && s.Last.Failed {
			all = append(all, &plan.Failure{
				Class: plan.ClassError,
				Err:   fmt.Errorf("%s: submission %s failed", s.Address, s.Last.ID),
				Next:  "The status above says why, as far as the API tells; Partner Center shows the certification report. Correct the manifest and apply again.",
			})
		}
	}
	return errors.Join(all...)
}
