package provenance_test

import (
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

func TestBase(t *testing.T) {
	t.Parallel()
	o, s, p, sp, d0 := text("observed"), text("submitted"), text("published"), text("last published"), text("before")
	all := func(model provenance.Draft) evidence {
		return evidence{Draft: model, Observed: *holds(o), Submitted: holds(s), Published: holds(p), LastPublished: holds(sp), Before: holds(d0)}
	}
	cases := []struct {
		reason string
		model  provenance.Draft
		more   func(*evidence)
		want   plan.Mark
		known  bool
	}{
		{"customers are about to get what we submitted", provenance.SharedDraft, func(*evidence) {}, s, true},
		{"a draft of our own is made from what is published", provenance.OwnDraft, func(*evidence) {}, p, true},
		{"a first draft, too, has what is published for its base", provenance.FirstDraft, func(*evidence) {}, p, true},
		{"which is known to be nothing", provenance.FirstDraft, func(e *evidence) { e.Published = &snapshot{} }, none, true},
		{"without a submission on its way, the last published one counts", provenance.SharedDraft, func(e *evidence) { e.Submitted = nil }, sp, true},
		{"a path that it did not hold is known to be empty", provenance.SharedDraft, func(e *evidence) { e.Submitted = holds(none) }, none, true},
		{"a part of it was not read: what was published before says nothing of it", provenance.SharedDraft, func(e *evidence) { e.Submitted = lacks() }, none, false},
		{"a path that the last published one did not hold is known to be empty", provenance.SharedDraft, func(e *evidence) { e.Submitted, e.LastPublished = nil, holds(none) }, none, true},
		{"a shared draft does not tell what is published; should something say so, it is not asked", provenance.SharedDraft, func(e *evidence) { e.Submitted, e.LastPublished = nil, nil }, none, false},
		{"what was there before is no base", provenance.OwnDraft, func(e *evidence) { e.Published = nil }, none, false},
		{"nor is it for a first draft", provenance.FirstDraft, func(e *evidence) { e.Published = nil }, none, false},
		{"a part of what is published was not read: of a halted set nobody knows what customers have", provenance.OwnDraft, func(e *evidence) { e.Published = lacks() }, none, false},
		{"a part of the last published one was not read", provenance.SharedDraft, func(e *evidence) { e.Submitted, e.LastPublished = nil, lacks() }, none, false},
		{"a star in what was not read", provenance.OwnDraft, func(e *evidence) { e.Published.Unread = []plan.Path{"*.de"} }, none, false},
		{"what is observed is on its way", provenance.SharedDraft, func(e *evidence) { e.ObservesSubmission = true }, o, true},
		{"what is observed is on its way, by an own draft", provenance.OwnDraft, func(e *evidence) { e.ObservesSubmission = true }, o, true},
		{"what is observed is on its way, by a first draft", provenance.FirstDraft, func(e *evidence) { e.ObservesSubmission = true }, o, true},
		{"what is observed is on its way, and a part was not read", provenance.OwnDraft, func(e *evidence) { e.ObservesSubmission, e.Observed = true, *lacks() }, none, false},
	}
	for _, c := range cases {
		e := all(c.model)
		c.more(&e)
		if got, known := e.Base(title); got != c.want || known != c.known {
			t.Errorf("base of a %s draft: %q, %t; want %q, %t: %s", c.model, got, known, c.want, c.known, c.reason)
		}
	}
}

// Where the base comes from decides what is the same.
func TestOfJudgesByTheBaseOfItsModel(t *testing.T) {
	t.Parallel()
	v, w := text("v"), text("w")
	cases := []struct {
		reason string
		e      evidence
		want   provenance.Provenance
	}{
		{"submitted, and on its way", evidence{Draft: provenance.SharedDraft, Observed: *holds(v), Submitted: holds(v), LastPublished: holds(w)}, provenance.Same},
		{"what was published before is not what customers are about to get", evidence{Draft: provenance.SharedDraft, Observed: *holds(w), Submitted: holds(v), LastPublished: holds(w)}, provenance.Foreign},
		{"our own submission tells nothing of an own draft", evidence{Draft: provenance.OwnDraft, Observed: *holds(v), Submitted: holds(v), LastPublished: holds(v), Published: holds(w)}, provenance.Foreign},
		{"our own submission tells nothing of an own draft without what is published", evidence{Draft: provenance.OwnDraft, Observed: *holds(v), Submitted: holds(v), LastPublished: holds(v)}, provenance.Unknown},
		{"a running submission is what customers are about to get, whatever they have", evidence{Draft: provenance.OwnDraft, Observed: *holds(v), ObservesSubmission: true, Published: holds(w), Writes: []write{confirmed(v)}}, provenance.Same},
		{"our submission of a shared draft stands in for the draft", evidence{Draft: provenance.SharedDraft, Observed: *holds(v), ObservesSubmission: true, Submitted: holds(v), Writes: []write{confirmed(v)}}, provenance.Same},
		{"a product that was never published has nothing for its base", evidence{Draft: provenance.FirstDraft, Observed: *holds(v), Published: &snapshot{}}, provenance.Foreign},
		{"what we wrote into a first draft", evidence{Draft: provenance.FirstDraft, Observed: *holds(v), Published: &snapshot{}, Writes: []write{confirmed(v)}}, provenance.Ours},
		{"no evidence at all", evidence{Draft: provenance.SharedDraft, Observed: *holds(v)}, provenance.Unknown},
	}
	for _, c := range cases {
		if got := c.e.Of(title); got != c.want {
			t.Errorf("%s, want %s: %s", got, c.want, c.reason)
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	var missing *snapshot
	if mark, known := missing.At(title); mark != none || known {
		t.Errorf("no snapshot knows nothing: %q, %t", mark, known)
	}
	s := &snapshot{Marks: sent{title: text("a"), "packages.x64": exact("1")}, Unread: []plan.Path{"packages", "listings.*.images"}}
	for _, c := range []struct {
		reason string
		path   plan.Path
		want   plan.Mark
		known  bool
	}{
		{"it is there", title, text("a"), true},
		{"it was read, and there is nothing", other, none, true},
		{"what lies below an unread path is not read, whatever a mark says", "packages.x64", none, false},
		{"the unread path itself", "packages", none, false},
		{"a star stands for any language", "listings.de.images", none, false},
		{"and for what lies below it", "listings.en.images.desktop", none, false},
		{"what lies above an unread path was read", "listings.de", none, true},
		{"a path that only begins alike", "packagesets", none, true},
	} {
		if mark, known := s.At(c.path); mark != c.want || known != c.known {
			t.Errorf("At(%s) = %q, %t; want %q, %t: %s", c.path, mark, known, c.want, c.known, c.reason)
		}
	}
}
