package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// awaitOwn waits for the submission that this apply made or took over, notes how
// it ended, and compares what customers get with what was sent; the product's
// lock is held.
func (r *running) awaitOwn(ctx context.Context, result ProductResult) ProductResult {
	result, ended := r.run.await(ctx, r.planned, result)
	if ended {
		if r.record.NoteEnd(*result.Submission) {
			if err := r.save(context.WithoutCancel(ctx)); err != nil && result.Err == nil {
				return result.failed(err)
			}
		}
		if result.Err == nil {
			result.Outcome = Published
			return r.verifyLive(ctx, result)
		}
	}
	return result
}

// await waits for the submission as far as asked; ended is true when nothing more
// will happen to it.
func (r *run) await(ctx context.Context, p *planned, result ProductResult) (_ ProductResult, ended bool) {
	if result.Outcome == "" {
		result.Outcome, result.Verified = Submitted, VerifiedUnreadable
		if p.target != nil {
			// The read-back before the submission equalled the target.
			result.Verified = VerifiedReadBack
		}
	}
	if r.options.Goal == GoalNone {
		return result, false
	}
	bounded := ctx
	if r.options.Timeout > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, r.options.Timeout)
		defer cancel()
	}
	last, err := p.backend.Await(bounded, p.manifest, result.Submission.ID, r.options.Goal, func(s plan.Submission) {
		r.engine.emit(SubmissionPolled{Address: p.doc.Address, Submission: s})
	})
	if last.ID != "" {
		result.Submission = &last
	}
	switch {
	case last.Failed:
		return result.failed(certificationFailed(p, last)), true
	case ctx.Err() != nil:
		result.Outcome = Interrupted
		result.Err = &plan.Failure{Class: plan.ClassInterrupted,
			Err:  fmt.Errorf("%s: interrupted while submission %s is %s", p.doc.Address, result.Submission.ID, result.Submission.Status),
			Next: "The submission goes on at the Store; `storesync status` shows where it is."}
		return result, false
	case bounded.Err() != nil:
		return result.failed(&plan.Failure{Class: plan.ClassPending,
			Err:  fmt.Errorf("%s: submission %s is %s at the time limit of %s", p.doc.Address, result.Submission.ID, result.Submission.Status, r.options.Timeout),
			Next: "It goes on at the Store; `storesync status` shows where it is."}), false
	case err != nil:
		return result.failed(fmt.Errorf("%s: submission %s: %w", p.doc.Address, result.Submission.ID, err)), false
	}
	return result, last.Done
}

func certificationFailed(p *planned, last plan.Submission) error {
	next := p.adviceForFailed()
	switch {
	case p.first() && !p.shared():
		next = p.adviceForFirst()
	case last.Repeatable:
		next = cmp.Or(p.traits.Report, "The report is in Partner Center.") + " Mend what it says in the manifest and apply; if nothing was wrong with what was sent, apply as it is."
	}
	detail := ""
	if len(last.Detail) > 0 {
		detail = ": " + strings.Join(last.Detail, "; ")
	}
	if paths := p.namedIn(last.Detail); len(paths) > 0 {
		detail += " (" + someOf(texts(paths)) + ")"
	}
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s: submission %s ended with %s%s", p.doc.Address, last.ID, last.Status, detail),
		Next: next}
}

// adviceForFailed is what can be done when a submission was judged and ended badly.
func (p *planned) adviceForFailed() string {
	return cmp.Or(p.traits.Report, "The certification report is in Partner Center.") +
		" Mend what it says in the manifest and apply, or submit the same again with apply --submit."
}

// adviceForFirst is what can be done when the first submission of a product ended
// badly: it is never deleted, and no other can take its place.
func (p *planned) adviceForFirst() string {
	next := "What is wrong stands above, or with the submission in Partner Center. It is the first one of the product, in whose place the API can put no other: mend and submit it in Partner Center."
	if p.traits.Delete == "" {
		return next
	}
	return next + " Or, since nobody has the product yet, make it anew: apply metadata.state: absent with --allow " + string(p.traits.Delete) +
		", then take that out, mend the manifest, and apply."
}

// nothingToDo ends a product without a write; a running submission is still
// waited for when the goal says so.
func (r *run) nothingToDo(ctx context.Context, p *approved, result ProductResult) ProductResult {
	result.Outcome, result.Verified = Unchanged, VerifiedInSync
	result.Remaining = p.doc.Changes
	switch {
	case p.unreadable():
		result.Verified = VerifiedUnreadable
	case len(p.doc.Changes) > 0 || len(p.unknownImages) > 0:
		result.Verified = VerifiedDiffers
	}
	if err := r.noteDone(ctx, p, result); err != nil {
		return result.failed(err)
	}
	result.Submission = p.product.Running
	if p.product.Running != nil && !p.rollingOut() && r.options.Goal == GoalPublished {
		return r.awaitRunning(ctx, p, result)
	}
	if p.doc.Verdict == plan.VerdictSubmissionFailed {
		return result.failed(&plan.Failure{Class: plan.ClassError,
			Err: fmt.Errorf("%s: nothing differs from what was submitted, but submission %s of it ended with %s, so customers do not have it",
				p.doc.Address, p.own.shown.ID, p.own.shown.Status),
			Next: p.doc.Standing.Next})
	}
	return result
}

// awaitRunning waits for a submission that runs and has what is wanted.
func (r *run) awaitRunning(ctx context.Context, p *approved, result ProductResult) ProductResult {
	result, ended := r.await(ctx, p.planned, result)
	if !ended {
		return result
	}
	kept := p.record
	saved, err := r.engine.amend(context.WithoutCancel(ctx), p.key, func(known *record.Record) bool { return known.NoteEnd(*result.Submission) })
	if err != nil && plan.ClassOf(err) != plan.ClassRefused && result.Err == nil {
		return result.failed(err)
	}
	if saved != nil {
		kept = saved
	}
	if result.Err != nil {
		return result
	}
	result.Outcome = Published
	again := &running{approved: p, run: r, record: kept.Clone(), target: p.target}
	return again.verifyLive(ctx, result)
}

// noteDone closes the plan that an interrupted apply began, once all of it is
// there: an approval is good for one plan, not for whenever the Store is as it
// was before it again. What the manifest manages now is noted, too.
func (r *run) noteDone(ctx context.Context, p *approved, result ProductResult) error {
	done := p.begun() != nil && result.Verified == VerifiedInSync
	if !done && !p.managesOther() {
		return nil
	}
	_, err := r.engine.amend(ctx, p.key, func(known *record.Record) bool {
		if known.Ignored != "" {
			return false
		}
		if done {
			known.FinishBegun()
		}
		known.Managed = p.managed()
		return true
	})
	if plan.ClassOf(err) == plan.ClassRefused {
		return nil // Another apply holds the record, and notes its own.
	}
	return err
}
