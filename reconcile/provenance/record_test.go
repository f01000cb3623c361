package provenance_test

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// record is what a record keeps: evidence, in clear until it is given out.
type record struct {
	// submitted is what our newest submission held when it was read back, of is
	// that submission, nil when none arrived or its end has been noted.
	submitted *kept
	of        *submission
	// lastPublished is the last one known to be published; newest is true while
	// no other followed it.
	lastPublished *kept
	newest        bool
	// ours is the draft that the rest is about.
	ours   int
	before *kept
	// counted is true once a write to it was not refused.
	counted bool
	filled  map[plan.Path]string
	writes  []written
	known   map[plan.Path][][2]string
}

type written struct {
	sent    content
	outcome provenance.Outcome
}

// at is what was sent to a path, in clear.
func (w written) at(path plan.Path) (cell, bool) {
	if c, ok := w.sent[path]; ok {
		return c, true
	}
	c, ok := w.sent[groupOf(path)]
	return c, ok
}

// begin starts over with a draft: nothing is known of it.
func (r *record) begin(draft int) {
	r.ours, r.before, r.counted, r.filled, r.writes = draft, nil, false, map[plan.Path]string{}, nil
}

// learn notes how our submission ended.
func (r *record) learn() {
	if r.of == nil {
		r.submitted = nil
		return
	}
	switch r.of.end {
	case "published":
		r.lastPublished, r.newest = r.submitted, true
		r.begin(r.ours)
		r.of, r.submitted = nil, nil
	case "failed":
		r.of, r.submitted = nil, nil
	}
}

// noteBefore keeps what the draft held before our first write to it. A write that
// was refused was never made, so the next one is the first.
func (w *world) noteBefore(unread bool) {
	if w.ours != w.draftID {
		w.begin(w.draftID)
	}
	if w.counted {
		return
	}
	w.before = &kept{holds: w.draft.clone()}
	if unread {
		w.before.unread = []plan.Path{"packages"}
	}
}

// look is how a run looks at the Store.
type look struct {
	// unread are patterns of what it cannot read.
	unread []plan.Path
	// draftUnreadable: a shared draft cannot be read while a submission runs.
	draftUnreadable bool
}

var looks = []look{{}, {draftUnreadable: true}, {unread: []plan.Path{"packages", "listings.*.title"}}, {unread: []plan.Path{notes, price}}}

// view is the evidence that a run has, and the values that it stands for.
type view struct {
	evidence
	observed, customers content
	record
}

// see is the evidence that a run has of the world. It changes nothing.
func (w *world) see(l look) view {
	r := w.record
	r.learn()
	v := view{record: r, customers: w.customers()}
	e := &v.evidence
	e.Draft = w.model
	seen := w.seen(&r, l)
	v.observed, e.ObservesSubmission = seen.holds, seen.isSubmission
	e.Observed = *snapshotOf(&seen.kept)
	e.Known = r.rewritings()
	e.LastPublished = snapshotOf(r.lastPublished)
	switch {
	case r.submitted != nil:
		e.Submitted = snapshotOf(r.submitted)
	case r.newest:
		e.Submitted = e.LastPublished
	}
	if w.model != provenance.SharedDraft {
		e.Published = w.published()
		e.EqualSecrets = map[plan.Path]bool{notes: v.observed[notes].text == w.live[notes].text}
	}
	if r.counted && (w.model == provenance.SharedDraft || r.ours == w.draftID && w.draft != nil) {
		e.Before = snapshotOf(r.before)
		e.Filled = map[plan.Path]plan.Mark{}
		for path, text := range r.filled {
			e.Filled[path] = markIn(path, text)
		}
	}
	if r.ours == w.draftID {
		e.Writes = marksOf(r.writes)
	}
	return v
}

type seen struct {
	kept
	isSubmission bool
}

// seen is what stands for the product, as its draft model says.
func (w *world) seen(r *record, l look) seen {
	s := seen{kept: kept{unread: l.unread}}
	switch {
	case w.model == provenance.SharedDraft && w.running != nil && l.draftUnreadable:
		s.holds, s.isSubmission = r.submitted.holds, true
		s.unread = append(slices.Clone(s.unread), r.submitted.unread...)
	case w.model != provenance.SharedDraft && w.running != nil:
		s.holds, s.isSubmission = w.running.holds, true
	case w.model == provenance.OwnDraft && (w.draft == nil || r.ours != w.draftID):
		s.holds = w.live
	default:
		s.holds = w.draft
	}
	return s
}

// published is what the Store tells of what customers have.
func (w *world) published() *snapshot {
	s := snapshotOf(&kept{holds: w.live})
	if w.halted {
		s.Unread = []plan.Path{"packages"}
	}
	return s
}

func snapshotOf(k *kept) *snapshot {
	if k == nil {
		return nil
	}
	s := &snapshot{Marks: make(sent, len(k.holds)), Unread: k.unread}
	for path, c := range k.holds {
		if c.text != "" && !plan.MatchesAny(path, k.unread) {
			s.Marks[path] = markIn(path, c.text)
		}
	}
	return s
}

func marksOf(writes []written) []write {
	var marked []write
	for _, w := range writes {
		marks := make(sent, len(w.sent))
		for path, c := range w.sent {
			marks[path] = markIn(path, c.text)
		}
		marked = append(marked, write{Sent: marks, Outcome: w.outcome})
	}
	return marked
}

func (r *record) rewritings() map[plan.Path][]provenance.Rewriting {
	known := map[plan.Path][]provenance.Rewriting{}
	for path, pairs := range r.known {
		for _, pair := range pairs {
			known[path] = append(known[path], provenance.Rewriting{Sent: markIn(path, pair[0]), Returned: markIn(path, pair[1])})
		}
	}
	return known
}

// adopt lets a person take what a shared draft holds for right. What is ours stays
// to be submitted: customers are not known to have it.
func (w *world) adopt() {
	if w.model != provenance.SharedDraft || w.running != nil {
		return
	}
	w.learn()
	v := w.see(look{})
	taken := &kept{holds: w.draft.clone()}
	for _, path := range v.Table().With(provenance.Ours) {
		if base, known := v.Base(path); known && base == plan.MarkNone {
			delete(taken.holds, path)
		} else if known {
			taken.holds[path] = v.baseCell(path)
		} else {
			taken.unread = append(taken.unread, path)
		}
	}
	w.lastPublished, w.newest = taken, false
}

// baseCell is the value that the record knows for the base of a path.
func (r *record) baseCell(path plan.Path) cell {
	if r.submitted != nil {
		return r.submitted.holds[path]
	}
	return r.lastPublished.holds[path]
}
