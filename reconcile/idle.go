package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// AwaitIdle waits until no product of the workspace has a running submission,
// at most d. It fails with ClassPending when one is still running then.
func (e *Engine) AwaitIdle(ctx context.Context, workspace *schema.Workspace, d time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	e.prepare(bounded, workspace.Manifests)
	failures := make([]error, len(workspace.Manifests))
	e.each(len(workspace.Manifests), func(i int) {
		failures[i] = e.awaitIdle(bounded, workspace.Manifests[i])
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) awaitIdle(ctx context.Context, m *schema.Manifest) error {
	o, err := e.observe(ctx, m)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Address(), err)
	}
	running := o.product.Running
	if running == nil && o.own.standing == onItsWay {
		// Right after a submit a service may say for a while that there is none.
		running = &o.own.shown
	}
	if running == nil || running.Rollout {
		// A rollout never ends by itself. Applying tells whether it is in the way.
		return nil
	}
	last, err := o.backend.Await(ctx, m, running.ID, GoalPublished, func(s plan.Submission) {
		e.emit(SubmissionPolled{Address: m.Address(), Submission: s})
	})
	switch {
	case ctx.Err() != nil:
		still := *running
		if last.Status != "" {
			still.Status = last.Status
		}
		return blockedBy(m.Address(), still)
	case err != nil && !last.Done:
		return fmt.Errorf("%s: wait for submission %s: %w", m.Address(), running.ID, err)
	}
	return nil
}
