package record

import (
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// keptSubmissions is how many of our own submission ids a record keeps.
const keptSubmissions = 20

// Begin notes that a write is about to be sent. Writes that were refused as a
// whole are forgotten then: they count as never made.
func (r *Record) Begin(w Write) {
	r.Writes = append(slices.DeleteFunc(r.Writes, func(w Write) bool { return w.Outcome == provenance.Refused }), w)
}

// End notes how the newest write of an operation ended. draft is the id of the
// draft that it made or wrote to, "" where there is none to tell: what an apply
// wrote while it did not know the draft yet was written to that one.
func (r *Record) End(operation string, outcome provenance.Outcome, draft string) {
	for i := len(r.Writes) - 1; i >= 0; i-- {
		if r.Writes[i].Operation == operation {
			r.Writes[i].Outcome = outcome
			break
		}
	}
	if draft != "" {
		r.takeUp(draft)
	}
}

// Confirm notes what the journal's last entry knows better: a process that is
// killed once a write was answered has noted that in the journal alone.
func (r *Record) Confirm(last *Entry) {
	if last == nil || last.Phase != PhaseEnd || last.Outcome != OutcomeDone {
		return
	}
	for i := range r.Writes {
		if r.Writes[i].Operation == last.Operation && r.Writes[i].Run == last.Run && last.Run != "" {
			r.Writes[i].Outcome = provenance.Confirmed
		}
	}
}

// takeUp makes the evidence that of a draft: what is known of another one is of
// no use any more.
func (r *Record) takeUp(draft string) {
	if r.Draft == nil {
		r.Draft = &Draft{}
	}
	r.Draft.ID = draft
	for i := range r.Writes {
		if r.Writes[i].Draft == "" {
			r.Writes[i].Draft = draft
		}
	}
	r.Writes = slices.DeleteFunc(r.Writes, func(w Write) bool { return w.Draft != draft })
}

// WritesTo are our writes to a draft, "" for the shared one.
func (r *Record) WritesTo(draft string) []Write {
	return slices.DeleteFunc(slices.Clone(r.Writes), func(w Write) bool { return w.Draft != draft && w.Draft != "" })
}

// Unfinished are the operations without which what was written to a draft is not
// whole, in the order in which they are known: a write may ask for others that
// have to follow, and they were not confirmed since. They are no reason to write:
// they join a submission.
func Unfinished(writes []Write) []string {
	var open []string
	for _, w := range writes {
		if w.Outcome == provenance.Refused {
			continue
		}
		if w.Outcome == provenance.Confirmed {
			open = slices.DeleteFunc(open, func(id string) bool { return id == w.Operation })
		}
		for _, id := range w.Follow {
			if !slices.Contains(open, id) {
				open = append(open, id)
			}
		}
	}
	return open
}

// NoteSubmitted notes that a submission of ours was made.
func (r *Record) NoteSubmitted(id string, at time.Time, held *provenance.Snapshot) {
	for i := range r.Submissions {
		r.Submissions[i].Held = nil
	}
	r.Submissions = append(r.Submissions, Submission{ID: id, At: at, Held: held})
	if len(r.Submissions) > keptSubmissions {
		r.Submissions = r.Submissions[len(r.Submissions)-keptSubmissions:]
	}
	r.Submitting = nil
}

// NoteEnd notes how our newest submission ended; it reports whether that is news.
// What was published is what the next writes begin with.
func (r *Record) NoteEnd(s plan.Submission) bool {
	newest := r.Newest()
	if newest == nil || newest.ID != s.ID || !s.Done || newest.Ended != "" {
		return false
	}
	newest.Ended, newest.Failed, newest.Repeatable = s.Status, s.Failed, s.Failed && s.Repeatable
	if s.Failed {
		newest.Report = s.Detail
		return true
	}
	if newest.Held != nil {
		r.Published = newest.Held
	}
	newest.Held = nil
	// Another apply may have begun to write since it ended.
	r.Writes = slices.DeleteFunc(r.Writes, func(w Write) bool { return !w.At.After(newest.At) })
	if len(r.Writes) == 0 {
		r.Draft = nil
	}
	return true
}

// NoteRewriting notes how the Store returned a value; the newest are kept.
func (r *Record) NoteRewriting(path plan.Path, sent, returned plan.Mark, accepted bool) {
	const kept = 8
	known := slices.DeleteFunc(r.Rewritings[path], func(w Rewriting) bool { return w.Sent.Same(sent) && w.Returned.Same(returned) })
	known = append(known, Rewriting{Sent: sent, Returned: returned, Accepted: accepted})
	if r.Rewritings == nil {
		r.Rewritings = map[plan.Path][]Rewriting{}
	}
	r.Rewritings[path] = known[max(0, len(known)-kept):]
}

// RewritingOf is what is known of a value that was sent and of what the Store
// returned; nil when that was never seen.
func (r *Record) RewritingOf(path plan.Path, sent, returned plan.Mark) *Rewriting {
	for _, w := range r.Rewritings[path] {
		if w.Sent.Same(sent) && w.Returned.Same(returned) {
			return &w
		}
	}
	return nil
}

// FinishBegun notes that the plan which was begun has been carried out.
func (r *Record) FinishBegun() {
	if r.Begun != nil {
		r.Begun.Done = true
	}
}
