package msix

import (
	"context"
	"fmt"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

const (
	// commitLimit is how long CommitStarted is waited out. The Store takes in
	// packages of many gigabytes meanwhile; a commit that never ends is known
	// to happen (msstore-cli issue 29, StoreBroker issue 251).
	commitLimit = 3 * time.Hour
	// pollPatience is how long an outage is borne while waiting.
	pollPatience = 15 * time.Minute
	// A commit counts as fallen back when so many answers in a row, over so
	// long, say PendingCommit: the first ones may come from before it.
	backToDraft      = 5
	backToDraftLimit = 2 * time.Minute
)

// submissionOfStatus is where a submission stands, in the engine's words.
func submissionOfStatus(ctx context.Context, id string, s submissionStatus) plan.Submission {
	status := s.Status
	if status == "" {
		status = statusNone
	}
	return plan.Submission{
		ID: id, Status: status, Done: hasEnded(status), Failed: hasFailed(status), Detail: s.words(ctx),
		// Nobody has judged a submission whose commit failed.
		Repeatable: status == statusCommitFailed,
	}
}

// statusToShow reads where a submission stands, and the context in which its
// words can be told. Certification may repeat the notes that were written for
// it, so they are read before; where they cannot be, only codes are left.
func (b *backend) statusToShow(ctx context.Context, p product, id string) (submissionStatus, context.Context, error) {
	s, err := b.client.submissionStatus(ctx, p, id)
	if err != nil {
		return submissionStatus{}, ctx, err
	}
	if s.repeats() && !b.client.known.hasRead(p.scope(), id) {
		if _, err := b.client.submission(ctx, p, id); err != nil {
			return s.codes(), ctx, nil
		}
	}
	ctx = b.client.known.Guard(ctx, p.scope())
	s.Status = shownStatus(ctx, s.Status)
	return *s, ctx, nil
}

// Await polls a submission. GoalSubmitted is reached past CommitStarted: only
// then has the Store taken in what was sent. GoalPublished is reached with
// Published, or where a submission waits for a person or a date.
func (b *backend) Await(ctx context.Context, m *schema.Manifest, submission string, goal reconcile.Goal, watch func(plan.Submission)) (plan.Submission, error) {
	ctx = b.guarded(ctx, m)
	w := &wait{backend: b, manifest: m, goal: goal, last: plan.Submission{ID: submission, Status: statusNone}, since: time.Now()}
	if goal == reconcile.GoalNone {
		return w.last, nil
	}
	p, err := b.place(ctx, m)
	if err != nil {
		return w.last, b.hideError(ctx, m, err)
	}
	w.product = p
	err = storehttp.Poll(ctx, b.poll, func(ctx context.Context) (bool, error) {
		s, told, err := b.statusToShow(ctx, p, submission)
		if err != nil {
			if w.missed++; storehttp.IsNotFound(err) && w.missed < notFoundYet {
				return false, nil
			}
			return false, err
		}
		w.missed = 0
		w.last = submissionOfStatus(told, submission, s)
		if watch != nil {
			watch(w.last)
		}
		return w.judge(ctx)
	})
	return w.last, b.hideError(ctx, m, err)
}

// wait is one Await.
type wait struct {
	backend  *backend
	manifest *schema.Manifest
	product  product
	goal     reconcile.Goal
	last     plan.Submission
	since    time.Time
	// missed and drafts count answers in a row: that the submission is not
	// there, and that it is a draft, which the first said at draft.
	missed, drafts int
	draft          time.Time
	// mode is the publish mode of the submission, once it was read.
	mode string
}

// judge reports whether the goal is reached, and fails where waiting longer
// brings nothing.
func (w *wait) judge(ctx context.Context) (done bool, err error) {
	status := w.last.Status
	if status == statusPendingCommit {
		if w.drafts++; w.drafts == 1 {
			w.draft = time.Now()
		}
		if w.drafts >= backToDraft && time.Since(w.draft) >= backToDraftLimit {
			return false, w.fellBack()
		}
		return false, nil
	}
	w.drafts = 0
	switch {
	case w.last.Done:
		return true, nil
	case status == statusCommitStarted && time.Since(w.since) > w.backend.commitLimit:
		return false, w.stuck()
	case w.goal == reconcile.GoalSubmitted:
		return atOrBeyond(status, statusPreProcessing), nil
	case status != statusRelease && status != statusPendingPublication:
		return false, nil
	}
	mode, err := w.publishMode(ctx)
	return waitsForItsDay(status, mode), err
}

// publishMode is how the submission is published: as the manifest says, or as
// the submission has it.
func (w *wait) publishMode(ctx context.Context) (string, error) {
	if mode := publishMode(w.manifest); mode != nil {
		return *mode, nil
	}
	if w.mode == "" {
		d, err := w.backend.client.submission(ctx, w.product, w.last.ID)
		if err != nil {
			return "", err
		}
		w.mode = d.text("/targetPublishMode")
	}
	return w.mode, nil
}

// fellBack: after a fault on the Store's side a committed submission is a
// draft again (StoreBroker issue 280).
func (w *wait) fellBack() error {
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("it was committed and is a draft again (%s): the Store gave the commit up without saying why", statusPendingCommit),
		Next: "Nothing was published. Apply again to commit it once more; if it falls back again, look at the draft in Partner Center."}
}

func (w *wait) stuck() error {
	return &plan.Failure{Class: plan.ClassPending,
		Err: fmt.Errorf("it has been %s for more than %s", statusCommitStarted, w.backend.commitLimit),
		Next: "The Store is known to hang there now and then. Look again later with `storesync status`; if it stays so, open the submission in Partner Center and submit it there by hand, which is known to release it, " +
			"or ask Microsoft's support."}
}
