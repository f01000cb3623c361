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
		Description: `Shows for each product whether customers get what git says, whether its draft
could be submitted, which submission is running, and how the last submission of
storesync ended. Of MSIX apps it also shows the pending draft, what the Store
says about a submission, and where its certification reports are; of MSI and EXE
apps Partner Center shows them.

With --wait it waits until no submission is running, and compares what was
published with what was sent.

Exit code 0 says that the products were read, wherever they stand; 1 that the
last submission failed, or that the Store did not take what was sent; 8, with
--wait, that a submission still runs at the time limit.`,
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
	workspace, diagnostics, err := loadWorkspace(ctx, h, options.commonOptions, true)
	printDiagnostics(h, diagnostics)
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return alreadyShown(diagnostics)
	}
	watch := newWatch(newProgress(h, options.commonOptions).event)
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
	watch.compare(statuses)
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

// statusError is how status ends: with products that could not be read, and with
// our submissions that failed. After waiting it also counts a failure that git has
// answered since, and what the Store did not take.
func statusError(statuses []reconcile.ProductStatus, waited bool) error {
	var all []error
	for _, s := range statuses {
		switch {
		case s.Err != nil:
			all = append(all, s.Err)
		case s.Last == nil:
		case s.Verdict == plan.VerdictSubmissionFailed, waited && s.Last.Failed:
			all = append(all, &plan.Failure{
				Class: plan.ClassError,
				Err:   fmt.Errorf("%s: submission %s failed", s.Address, s.Last.ID),
				Next:  "The status above says why, as far as the API tells.",
			})
		case waited && len(s.NotTaken) > 0:
			all = append(all, &plan.Failure{
				Class: plan.ClassError,
				Err:   fmt.Errorf("%s: the Store did not take what submission %s held", s.Address, s.Last.ID),
				Next: "It was published without an error, and the status above says what is there instead. Look at the submission and its report in Partner Center: " +
					"a package that fails its checks, for example, is dropped there.",
			})
		}
	}
	return errors.Join(all...)
}

// watch notes which submissions were published while status waited for them.
type watch struct {
	next func(reconcile.Event)
	// published are their ids by address.
	published map[string]string
}

func newWatch(next func(reconcile.Event)) *watch { return &watch{next, map[string]string{}} }

func (w *watch) event(event reconcile.Event) {
	if polled, ok := event.(reconcile.SubmissionPolled); ok && polled.Submission.Done && !polled.Submission.Failed {
		w.published[polled.Address] = polled.Submission.ID
	}
	w.next(event)
}

// compare finds what the Store shows otherwise than a submission held that was
// published just now. Nobody had the time to change it, and an API that shows no
// published submission by itself does not tell in any other way.
func (w *watch) compare(statuses []reconcile.ProductStatus) {
	for i := range statuses {
		s := &statuses[i]
		if s.Verdict != plan.VerdictDrifted || len(s.NotTaken) > 0 || s.Last == nil || w.published[s.Address] != s.Last.ID {
			continue
		}
		for _, c := range s.Differences {
			if c.Origin == plan.OriginStore {
				s.NotTaken = append(s.NotTaken, c)
			}
		}
	}
}
