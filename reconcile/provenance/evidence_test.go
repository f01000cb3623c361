package provenance_test

import (
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// The path that the cases are about, with its group and a path beside it.
const (
	title = plan.Path("listings.de.title")
	group = plan.Path("listings.de")
	other = plan.Path("listings.de.text")
)

// text is the mark of a text, exact that of a value that has to come back as it
// was sent.
func text(s string) plan.Mark { return plan.MarkOf(plan.TextValue(s)) }

func exact(s string) plan.Mark {
	v := plan.StringValue(s)
	v.Exact = true
	return plan.MarkOf(v)
}

const (
	none   = plan.MarkNone
	secret = plan.MarkSecret
)

type (
	evidence = provenance.Evidence
	snapshot = provenance.Snapshot
	write    = provenance.Write
	sent     = map[plan.Path]plan.Mark
)

// holds is a snapshot with one value at the path of the cases, or without it.
func holds(mark plan.Mark) *snapshot {
	if mark == none {
		return &snapshot{}
	}
	return &snapshot{Marks: sent{title: mark}}
}

// lacks is a snapshot in which the path of the cases was not read.
func lacks() *snapshot { return &snapshot{Unread: []plan.Path{group}} }

func confirmed(mark plan.Mark) write {
	return write{Sent: sent{title: mark}, Outcome: provenance.Confirmed}
}

func doubtful(mark plan.Mark) write { return write{Sent: sent{title: mark}} }

func refused(mark plan.Mark) write {
	return write{Sent: sent{title: mark}, Outcome: provenance.Refused}
}

// takenAway is a write that takes away everything below a path.
func takenAway(path plan.Path, outcome provenance.Outcome) write {
	return write{Sent: sent{path: none}, Outcome: outcome}
}

// draftOf is evidence of a draft of each model in which the path has a value, with
// the base and the draft before our first write; nil where it is not known.
func draftOf(model provenance.Draft, observed plan.Mark, base, before *snapshot, writes ...write) evidence {
	e := evidence{Draft: model, Observed: *holds(observed), Before: before, Writes: writes}
	if model == provenance.SharedDraft {
		e.LastPublished = base
	} else {
		e.Published = base
	}
	return e
}

var models = []provenance.Draft{provenance.SharedDraft, provenance.OwnDraft, provenance.FirstDraft}

// rowCase is evidence, which every draft model judges alike when it is made by
// draftOf, and whose value it tells of.
type rowCase struct {
	reason       string
	observed     plan.Mark
	base, before *snapshot
	writes       []write
	// more changes the evidence.
	more func(*evidence)
	want provenance.Provenance
}

func judge(t *testing.T, cases []rowCase) {
	t.Helper()
	for _, c := range cases {
		for _, model := range models {
			e := draftOf(model, c.observed, c.base, c.before, c.writes...)
			if c.more != nil {
				c.more(&e)
			}
			if got := e.Of(title); got != c.want {
				t.Errorf("%s draft: %s, want %s: %s", model, got, c.want, c.reason)
			}
		}
	}
}

func filledWith(mark plan.Mark) func(*evidence) {
	return func(e *evidence) { e.Filled = sent{title: mark} }
}

func TestWhatWasNotReadHasNoOtherProvenance(t *testing.T) {
	t.Parallel()
	unread := func(e *evidence) { e.Observed.Unread = []plan.Path{group} }
	judge(t, []rowCase{
		{reason: "nothing is known at all", more: unread, want: provenance.Unread},
		{reason: "a base does not tell what the draft holds", base: holds(none), more: unread, want: provenance.Unread},
		{reason: "a mark in a part that was not read is worth nothing", observed: text("a"), base: holds(text("a")), more: unread, want: provenance.Unread},
		{reason: "nor does a write of ours", base: holds(text("a")), writes: []write{confirmed(none)}, more: unread, want: provenance.Unread},
		{reason: "the pattern of another language leaves this one read", observed: text("a"), base: holds(text("a")),
			more: func(e *evidence) { e.Observed.Unread = []plan.Path{"listings.en", "listings.de.text"} }, want: provenance.Same},
		{reason: "a star stands for any language", observed: text("a"), base: holds(text("a")),
			more: func(e *evidence) { e.Observed.Unread = []plan.Path{"listings.*.title"} }, want: provenance.Unread},
		{reason: "a star stands for one segment", observed: text("a"), base: holds(text("a")),
			more: func(e *evidence) { e.Observed.Unread = []plan.Path{"*.title"} }, want: provenance.Same},
	})
}

func TestWhatCustomersHaveIsTheSame(t *testing.T) {
	t.Parallel()
	known := func(sent, returned plan.Mark) func(*evidence) {
		return func(e *evidence) {
			e.Known = map[plan.Path][]provenance.Rewriting{title: {{Sent: text("?"), Returned: text("!")}, {Sent: sent, Returned: returned}}}
		}
	}
	judge(t, []rowCase{
		{reason: "equal to base", observed: text("a"), base: holds(text("a")), want: provenance.Same},
		{reason: "nothing is the same as nothing", base: holds(none), want: provenance.Same},
		{reason: "base decides before our own write of that value", observed: text("a"), base: holds(text("a")), writes: []write{confirmed(text("a"))}, want: provenance.Same},
		{reason: "base decides whatever was there before", observed: text("a"), base: holds(text("a")), before: holds(text("b")), want: provenance.Same},
		{reason: "base decides whatever the Store filled in", observed: text("a"), base: holds(text("a")), more: filledWith(text("a")), want: provenance.Same},
		{reason: "a harmless rewriting of base", observed: text("a &amp; b "), base: holds(text("a & b")), want: provenance.Same},
		{reason: "base as we sent it once more, which the Store rewrote harmlessly",
			observed: text("a & b"), base: holds(text("a &amp; b")), writes: []write{confirmed(text("a &amp; b"))}, want: provenance.Same},
		{reason: "a write of ours that mended what looks like a harmless rewriting of base",
			observed: text("a & b"), base: holds(text("a &amp; b")), writes: []write{confirmed(text("a & b"))}, want: provenance.Ours},
		{reason: "such a mend, which the Store rewrote harmlessly in its turn",
			observed: text("a & b\n"), base: holds(text("a &amp; b")), writes: []write{confirmed(text("a & b"))}, want: provenance.Ours},
		{reason: "such a mend that the Store turned back to base",
			observed: text("a &amp; b"), base: holds(text("a &amp; b")), writes: []write{confirmed(text("a & b"))}, want: provenance.Same},
		{reason: "such a mend in doubt, that shows", observed: text("a & b"), base: holds(text("a &amp; b")), writes: []write{doubtful(text("a & b"))}, want: provenance.Ours},
		{reason: "such a mend that was taken back, which the Store rewrote harmlessly", observed: text("a & b"), base: holds(text("a &amp; b")),
			writes: []write{confirmed(text("a & b")), confirmed(text("a &amp; b"))}, want: provenance.Same},
		{reason: "such a mend that may have been taken back, but shows", observed: text("a & b"), base: holds(text("a &amp; b")),
			writes: []write{confirmed(text("a & b")), doubtful(text("a &amp; b"))}, want: provenance.Ours},
		{reason: "such a mend that was refused", observed: text("a & b"), base: holds(text("a &amp; b")), writes: []write{refused(text("a & b"))}, want: provenance.Same},
		{reason: "an exact value has no harmless rewriting", observed: exact("a "), base: holds(exact("a")), want: provenance.Foreign},
		{reason: "a known rewriting of base", observed: text("short"), base: holds(text("long")), more: known(text("long"), text("short")), want: provenance.Same},
		{reason: "a known rewriting has a direction", observed: text("long"), base: holds(text("short")), more: known(text("long"), text("short")), want: provenance.Foreign},
		{reason: "a known rewriting of something else", observed: text("short"), base: holds(text("other")), more: known(text("long"), text("short")), want: provenance.Foreign},
		{reason: "a known rewriting to something else", observed: text("other"), base: holds(text("long")), more: known(text("long"), text("short")), want: provenance.Foreign},
		{reason: "what another path is known to be rewritten to", observed: text("short"), base: holds(text("long")), more: func(e *evidence) {
			e.Known = map[plan.Path][]provenance.Rewriting{other: {{Sent: text("long"), Returned: text("short")}}}
		}, want: provenance.Foreign},
		{reason: "a value that the Store is known to drop", observed: none, base: holds(text("a")), more: known(text("a"), none), want: provenance.Same},
		{reason: "where there was something there is nothing", observed: none, base: holds(text("a")), want: provenance.Foreign},
		{reason: "where there was nothing there is something", observed: text("a"), base: holds(none), want: provenance.Foreign},
	})
}

func TestWhatWasThereBeforeIsUnknownWithoutABase(t *testing.T) {
	t.Parallel()
	judge(t, []rowCase{
		{reason: "nobody tells whose it was before we began", observed: text("a"), before: holds(text("a")), want: provenance.Unknown},
		{reason: "that there was nothing before, too", before: holds(none), want: provenance.Unknown},
		{reason: "even if a write of ours sent that very value", observed: text("a"), before: holds(text("a")), writes: []write{confirmed(text("b")), confirmed(text("a"))}, want: provenance.Unknown},
		{reason: "even if the Store filled it in", observed: text("a"), before: holds(text("a")), more: filledWith(text("a")), want: provenance.Unknown},
		{reason: "with a base, what was there before decides nothing", observed: text("a"), base: holds(text("b")), before: holds(text("a")), want: provenance.Foreign},
		{reason: "a rewriting of what was there before was somebody's act", observed: text("a "), before: holds(text("a")), want: provenance.Foreign},
		{reason: "what came after we began is somebody's", observed: text("b"), before: holds(text("a")), want: provenance.Foreign},
		{reason: "what went after we began is somebody's act", before: holds(text("a")), want: provenance.Foreign},
		{reason: "with neither, nothing tells", observed: text("a"), want: provenance.Unknown},
		{reason: "with neither, absence tells nothing", want: provenance.Unknown},
		{reason: "with both unread, nothing tells", observed: text("a"), base: lacks(), before: lacks(), want: provenance.Unknown},
		{reason: "a write alone is no evidence: an invented one would do", observed: text("a"), writes: []write{confirmed(text("a"))}, want: provenance.Unknown},
	})
}

func TestWhatTheStoreFilledIn(t *testing.T) {
	t.Parallel()
	judge(t, []rowCase{
		{reason: "it is in what we made and we sent nothing there", observed: text("f"), base: holds(none), more: filledWith(text("f")), want: provenance.Filled},
		{reason: "no base is needed for it", observed: text("f"), more: filledWith(text("f")), want: provenance.Filled},
		{reason: "it came after we began", observed: text("f"), before: holds(none), more: filledWith(text("f")), want: provenance.Filled},
		{reason: "somebody changed it since", observed: text("g"), base: holds(none), more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "an edit that looks like a harmless rewriting is an edit: nobody sent it", observed: text("f "), base: holds(none), more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "somebody took it away", observed: none, base: holds(text("a")), more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "what another path was filled with", observed: text("f"), base: holds(none), more: func(e *evidence) { e.Filled = sent{other: text("f")} }, want: provenance.Foreign},
		{reason: "that nothing was filled in is no reason for nothing to be there", observed: none, base: holds(text("a")), more: func(e *evidence) { e.Filled = sent{other: text("f")} }, want: provenance.Foreign},
		{reason: "we wrote over it, and somebody put it back", observed: text("f"), base: holds(none), writes: []write{confirmed(text("a"))}, more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "a write of that very value makes it ours", observed: text("f"), base: holds(none), writes: []write{confirmed(text("f"))}, more: filledWith(text("f")), want: provenance.Ours},
		{reason: "a refused write was never made", observed: text("f"), base: holds(none), writes: []write{refused(text("a"))}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "a write in doubt that does not show", observed: text("f"), base: holds(none), writes: []write{doubtful(text("a"))}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "we wrote over it, took the group away, and made it again", observed: text("f"), base: holds(none),
			writes: []write{confirmed(text("a")), takenAway(group, provenance.Confirmed)}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "we wrote over it, took the group away in doubt, and made it again", observed: text("f"), base: holds(none),
			writes: []write{confirmed(text("a")), takenAway(group, provenance.InDoubt)}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "we wrote over it, and taking the group away was refused", observed: text("f"), base: holds(none),
			writes: []write{confirmed(text("a")), takenAway(group, provenance.Refused)}, more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "we wrote over it after we had taken the group away", observed: text("f"), base: holds(none),
			writes: []write{takenAway(group, provenance.Confirmed), confirmed(text("a"))}, more: filledWith(text("f")), want: provenance.Foreign},
		{reason: "a write of ours beside it", observed: text("f"), base: holds(none), writes: []write{{Sent: sent{other: text("a")}, Outcome: provenance.Confirmed}}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "taking the group away wrote nothing into what came after", observed: text("f"), base: holds(none), writes: []write{takenAway(group, provenance.Confirmed)}, more: filledWith(text("f")), want: provenance.Filled},
		{reason: "a secret is filled in by presence", observed: secret, base: holds(none), more: filledWith(secret), want: provenance.Filled},
	})
}
