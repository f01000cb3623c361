package provenance

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// Provenance says whose value a path has.
type Provenance string

// The provenances.
const (
	// Unread: there is no value, as it was not read.
	Unread Provenance = "unread"
	// Same: customers have it, or are about to get it.
	Same Provenance = "same"
	// Ours: one of our writes put it there.
	Ours Provenance = "ours"
	// Filled: the Store put it into what a write of ours made.
	Filled Provenance = "filled"
	// Foreign: somebody else put it there.
	Foreign Provenance = "foreign"
	// Unknown: nothing tells whose it is.
	Unknown Provenance = "unknown"
)

// Draft is how an API keeps drafts.
type Draft string

// The draft models.
const (
	// SharedDraft: a product has one draft for good, people edit it too, and a
	// submission sends all of it.
	SharedDraft Draft = "shared"
	// OwnDraft: a draft is made from what is published, and is deleted or
	// committed.
	OwnDraft Draft = "own"
	// FirstDraft: nothing of the product was ever published. Its one draft is
	// reused, is never deleted, and counts even when a stranger made it.
	FirstDraft Draft = "first"
)

// Snapshot is what something held, as marks by path.
type Snapshot struct {
	Marks map[plan.Path]plan.Mark `json:"marks"`
	// Unread are patterns of paths that were not read; nothing is known of them.
	Unread []plan.Path `json:"unread,omitempty"`
}

// At is the mark at a path; known is false where it was not read, and for no
// snapshot at all.
func (s *Snapshot) At(path plan.Path) (mark plan.Mark, known bool) {
	if s == nil || plan.MatchesAny(path, s.Unread) {
		return plan.MarkNone, false
	}
	return s.Marks[path], true
}

// Outcome is how a write ended.
type Outcome string

// The outcomes.
const (
	// InDoubt: there was no answer, one of a broken service, or one that refused
	// a request of several parts.
	InDoubt Outcome = ""
	// Confirmed: the Store took it.
	Confirmed Outcome = "confirmed"
	// Refused: the Store refused it as a whole, with an answer; it counts as
	// never made.
	Refused Outcome = "refused"
)

// Write is one request of ours that changed a draft, or may have.
type Write struct {
	// Sent are the marks of what was sent by path: MarkNone where something was
	// taken away, which holds for every path below, too.
	Sent    map[plan.Path]plan.Mark
	Outcome Outcome
}

// at is what the write sent to a path; false when it did not touch it.
func (w Write) at(path plan.Path) (plan.Mark, bool) {
	if mark, ok := w.Sent[path]; ok {
		return mark, true
	}
	for above := parent(path); above != ""; above = parent(above) {
		if mark, ok := w.Sent[above]; ok && mark == plan.MarkNone {
			return mark, true
		}
	}
	return plan.MarkNone, false
}

func parent(path plan.Path) plan.Path {
	i := strings.LastIndexByte(string(path), '.')
	if i < 0 {
		return ""
	}
	return path[:i]
}

// Rewriting is a value as it was sent and as the Store returned it.
type Rewriting struct{ Sent, Returned plan.Mark }

// Evidence is all that is known of one product, but for what git wants.
type Evidence struct {
	Draft    Draft
	Observed Snapshot
	// ObservesSubmission is true when Observed is our submission on its way:
	// nobody can edit it, and customers are about to get it.
	ObservesSubmission bool
	// Submitted is what our newest submission holds, where customers have it or
	// are about to get it; nil otherwise. It counts for a shared draft only: of
	// the others, Observed or Published tell.
	Submitted *Snapshot
	// Published is what customers have, nil where the Store does not tell. Of a
	// product that was never published it is known to be nothing.
	Published *Snapshot
	// LastPublished is our last submission that is known to have been published,
	// or what a person took for right in its place; nil for none.
	LastPublished *Snapshot
	// Before is the draft before our first write to it, nil for none.
	Before *Snapshot
	// Filled is what the Store put by itself into what a write of ours made.
	Filled map[plan.Path]plan.Mark
	// Writes are ours to the draft since then, in order.
	Writes []Write
	// Known are rewritings that were allowed by name, or are harmless.
	Known map[plan.Path][]Rewriting
	// EqualSecrets are the sensitive paths whose value is known to equal the
	// base: values in memory can be compared, marks cannot.
	EqualSecrets map[plan.Path]bool
}

// Base is what customers have or are about to get at a path; known is false
// where nothing tells.
func (e *Evidence) Base(path plan.Path) (mark plan.Mark, known bool) {
	switch {
	case e.ObservesSubmission:
		return e.Observed.At(path)
	case e.Draft != SharedDraft:
		return e.Published.At(path)
	case e.Submitted != nil:
		return e.Submitted.At(path)
	}
	return e.LastPublished.At(path)
}

// Of is the provenance of a path. The first case that fits decides.
func (e *Evidence) Of(path plan.Path) Provenance {
	value, read := e.Observed.At(path)
	base, hasBase := e.Base(path)
	before, hasBefore := e.Before.At(path)
	bothSecret := value == plan.MarkSecret && base == plan.MarkSecret
	switch {
	case !read:
		return Unread
	case e.ObservesSubmission, hasBase && (value.Same(base) || bothSecret && e.EqualSecrets[path]):
		return Same
	}
	sent := e.sent(path, value)
	switch {
	// Who sent something else than the base meant a change, even one that would
	// be harmless if the Store had made it: AT&amp;T to AT&T.
	case hasBase && e.equal(path, value, base) && !slices.ContainsFunc(sent, func(mark plan.Mark) bool { return !mark.Same(base) }):
		return Same
	case !hasBase && hasBefore && value.Same(before):
		return Unknown
	case (hasBase || hasBefore) && len(sent) > 0:
		return Ours
	case e.filled(path, value):
		return Filled
	case !hasBase && !hasBefore, bothSecret, !hasBase && value == plan.MarkSecret && before == plan.MarkSecret:
		return Unknown
	}
	return Foreign
}

// equal reports whether a value is another one, or a rewriting of it that is
// harmless or known.
func (e *Evidence) equal(path plan.Path, value, other plan.Mark) bool {
	return value.Same(other) || value.IsRewritingOf(other) ||
		slices.ContainsFunc(e.Known[path], func(r Rewriting) bool { return r.Sent.Same(other) && r.Returned.Same(value) })
}

// sent are the marks that writes of ours sent, one of which may be what stands
// there: the value, or what it is a rewriting of. Of a secret only that one was
// sent is known. A later confirmed write rules out all before it.
func (e *Evidence) sent(path plan.Path, value plan.Mark) []plan.Mark {
	var may []plan.Mark
	for _, w := range e.Writes {
		mark, touched := w.at(path)
		if !touched || w.Outcome == Refused {
			continue
		}
		if w.Outcome == Confirmed {
			may = nil
		}
		if mark == plan.MarkSecret && value == plan.MarkSecret || e.equal(path, value, mark) {
			may = append(may, mark)
		}
	}
	return may
}

// filled reports whether the Store put the value there, and nothing of ours is
// known to have been sent there since it was last taken away. A write in doubt
// that sent something else does not show.
func (e *Evidence) filled(path plan.Path, value plan.Mark) bool {
	put, known := e.Filled[path]
	written := false
	for _, w := range e.Writes {
		mark, touched := w.at(path)
		switch {
		case !touched || w.Outcome == Refused:
		case mark == plan.MarkNone:
			written = false
		case w.Outcome == Confirmed:
			written = true
		}
	}
	return known && put == value && !written
}
