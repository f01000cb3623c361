package reconcile

import (
	"fmt"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

const (
	// doubtAfter is how long a submission in doubt can be settled by reading: no
	// certification of the Store ends sooner
	// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/app-certification-process),
	// so when none is running within this time, the request never arrived.
	doubtAfter = 15 * time.Minute
	// returnedAfter is how long after a commit a draft may still be an answer
	// from before it.
	returnedAfter = 2 * time.Minute
	// endedReturned is how a submission ended that became a draft again.
	endedReturned = "returned to draft"
)

// standing is where our newest submission stands.
type standing string

const (
	// standsNowhere: there is none.
	standsNowhere standing = ""
	onItsWay      standing = "on its way"
	published     standing = "published"
	unpublished   standing = "unpublished"
	// endUnknown: it is not running, and how it ended cannot be told.
	endUnknown standing = "end unknown"
)

// ownSubmission is our newest submission and where it stands.
type ownSubmission struct {
	standing standing
	// shown is it as the Store shows it, or as the record remembers it.
	shown plan.Submission
	at    time.Time
	// held is what it holds, nil when that is not known.
	held *provenance.Snapshot
	// adopted is true when an interrupted apply made it, and it arrived.
	adopted bool
	// doubtful is why it cannot be told whether an interrupted apply made one.
	doubtful error
}

// submission is it as it can be shown.
func (own ownSubmission) submission() *plan.Submission { return &own.shown }

// settle notes in the record what the Store shows of our submissions, and what
// the journal knows better: a process that is killed notes there last.
func (o *observed) settle(last *record.Entry, now time.Time) {
	if last != nil && last.Phase == record.PhaseStart && len(o.record.Writes) > 0 {
		o.notice("", "The last apply was interrupted during %s (%s); what it had written was read back.", last.Operation, last.At.UTC().Format(time.RFC3339))
	}
	o.record.Confirm(last)
	adopted := o.settleDoubt(last, now)
	o.settleEnd(now)
	o.own = o.standing()
	o.own.adopted = adopted
	if adopted {
		o.notice("", "Submission %s was made by the interrupted apply.", o.own.shown.ID)
	}
	if submitting := o.record.Submitting; submitting != nil {
		o.own.doubtful = &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: the last apply was interrupted while it submitted, and no submission is running now; "+
				"whether that one reached the Store and has ended cannot be read any more", o.address()),
			Next: "Look at the product in Partner Center. If it does not show the submission, `storesync apply --submit` makes it."}
	}
}

// settleDoubt finds out what became of a submission that an apply of ours was
// making when it was killed; it reports whether it was made. One of which nothing
// can be told stays in doubt.
func (o *observed) settleDoubt(last *record.Entry, now time.Time) bool {
	submitting, p := o.record.Submitting, o.product
	if submitting == nil {
		return false
	}
	made := func(id string) bool {
		o.record.NoteSubmitted(id, submitting.At, submitting.Held)
		return true
	}
	switch {
	case last != nil && last.Submits() && last.Phase == record.PhaseEnd && last.Submission != "":
		return made(last.Submission)
	case submitting.ID == "" && p.Running != nil && !p.Running.Rollout:
		return made(p.Running.ID)
	case submitting.ID != "" && (p.Running != nil && p.Running.ID == submitting.ID || p.Published != nil && p.Published.ID == submitting.ID ||
		p.Pending != nil && p.Pending.ID == submitting.ID && !p.Pending.Editable):
		return made(submitting.ID)
	case submitting.ID == "" && now.Sub(submitting.At) > doubtAfter:
		return false
	}
	// It never arrived: its draft still is one, or nothing runs though it would.
	o.record.Submitting = nil
	return false
}

// settleEnd notes how our newest submission ended, as far as the Store shows it.
func (o *observed) settleEnd(now time.Time) {
	newest, p := o.record.Newest(), o.product
	if newest == nil || newest.Ended != "" {
		return
	}
	switch {
	case p.Newest != nil && p.Newest.ID == newest.ID && p.Newest.Done:
		o.record.NoteEnd(*p.Newest)
	case p.Published != nil && p.Published.ID == newest.ID:
		o.record.NoteEnd(plan.Submission{ID: newest.ID, Status: "Published", Done: true})
	case o.isDraft(newest.ID) && now.Sub(newest.At) >= returnedAfter:
		o.record.NoteEnd(plan.Submission{ID: newest.ID, Status: endedReturned, Done: true, Failed: true, Repeatable: true})
		o.notice("", "Submission %s was committed and is a draft again: the Store gave the commit up without saying why. Applying commits it once more.", newest.ID)
	}
}

// isDraft reports whether a submission of ours is an editable draft again, be its
// upload address good for anything or not.
func (o *observed) isDraft(id string) bool {
	p := o.product
	return p.Draft == id || p.Pending != nil && p.Pending.ID == id && p.Newest == nil && p.Running == nil
}

// standing is where our newest submission stands, with what was noted of it.
func (o *observed) standing() ownSubmission {
	newest, p := o.record.Newest(), o.product
	if newest == nil {
		return ownSubmission{}
	}
	own := ownSubmission{at: newest.At, held: newest.Held, shown: newest.Shown()}
	switch {
	case p.Running != nil && p.Running.ID == newest.ID && !p.Running.Rollout && !p.Running.Done:
		own.standing, own.shown = onItsWay, *p.Running
	case newest.Ended != "" && newest.Failed:
		own.standing = unpublished
	case newest.Ended != "":
		own.standing = published
	case p.Newest != nil && p.Newest.ID == newest.ID:
		own.standing, own.shown = onItsWay, *p.Newest
	default:
		own.standing = endUnknown
	}
	if p.Newest != nil && p.Newest.ID == newest.ID && own.standing == unpublished {
		own.shown.Detail = p.Newest.Detail
	}
	return own
}
