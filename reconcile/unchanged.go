package reconcile

import (
	"context"
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// nothingToDo ends a product without a write; a running submission of ours is
// still waited for when the goal says so.
func (r *run) nothingToDo(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	result.Outcome, result.Verified = Unchanged, VerifiedInSync
	result.Remaining = p.plan.Changes
	switch {
	case p.unreadable():
		result.Verified = VerifiedUnreadable
	case len(p.plan.Changes) > 0:
		result.Verified = VerifiedDiffers
	}
	if err := r.noteDone(ctx, p, result); err != nil {
		return result.failed(err)
	}
	result.Submission = p.observed.Running
	if p.observed.Running != nil && !p.rollingOut() && r.options.Goal == GoalPublished {
		result = r.await(ctx, p, result)
		if err := r.noteEnd(context.WithoutCancel(ctx), p, *result.Submission); err != nil && result.Err == nil {
			return result.failed(err)
		}
		return result
	}
	// Where drafts come and go, what was observed is what customers have: of a
	// product that was never published, there was something to do or to refuse.
	if p.observed.SharedDraft && p.observed.Running == nil && len(p.plan.Changes) == 0 {
		if err := r.lastFailed(ctx, p); err != nil {
			return result.failed(err)
		}
	}
	return result
}

// lastFailed is an error when our newest submission ended without being
// published: the product then equals the draft but not what customers have.
func (r *run) lastFailed(ctx context.Context, p *proposed) error {
	newest := p.record.Newest()
	if newest == nil {
		return nil
	}
	if newest.Ended == "" {
		last, err := r.engine.lastOwn(ctx, p.backend, p.manifest, p.record, nil)
		if err != nil || last == nil || !last.Done {
			return err
		}
		if err := r.noteEnd(ctx, p, *last); err != nil {
			return err
		}
	}
	if !newest.Failed {
		return nil
	}
	return &plan.Failure{Class: plan.ClassError,
		Err: fmt.Errorf("%s: nothing differs from the draft, but submission %s of it ended with %s, so customers do not have it", p.plan.Address, newest.ID, newest.Ended),
		Next: "The certification report is in Partner Center, on the product's page. Mend what it says in the manifest and apply, " +
			"or submit the same draft again with apply --submit."}
}

// noteEnd writes into the record how a submission of ours ended. Another apply
// that holds the record will find it out by itself.
func (r *run) noteEnd(ctx context.Context, p *proposed, s plan.Submission) error {
	p.record.NoteEnd(s)
	_, err := r.engine.amend(ctx, p.key, func(record *record.Record) bool { return record.NoteEnd(s) })
	if plan.ClassOf(err) == plan.ClassRefused {
		return nil
	}
	return err
}

// noteDone closes the plan that an interrupted apply began, once all of it is
// there: an approval is good for one plan, not for whenever the Store is as it
// was before it again.
func (r *run) noteDone(ctx context.Context, p *proposed, result ProductResult) error {
	if begun := p.record.Begun; begun == nil || begun.Done || result.Verified != VerifiedInSync {
		return nil
	}
	_, err := r.engine.amend(ctx, p.key, func(record *record.Record) bool {
		if record.Begun == nil || record.Begun.Done {
			return false
		}
		record.FinishBegun()
		return true
	})
	if plan.ClassOf(err) == plan.ClassRefused {
		return nil // Another apply holds the record, and notes its own.
	}
	return err
}
