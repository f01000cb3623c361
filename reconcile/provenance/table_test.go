package provenance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// at makes paths of one segment, so that each source of them can name its own.
func at(path plan.Path, mark plan.Mark) *snapshot { return &snapshot{Marks: sent{path: mark}} }

// Whatever names a path, the table has it: what is not in the table is shown to
// nobody and still goes live.
func TestTableHasEveryPathThatEvidenceNames(t *testing.T) {
	t.Parallel()
	v := text("v")
	e := &evidence{
		Draft:         provenance.SharedDraft,
		Observed:      *at("observed", v),
		Submitted:     at("submitted", v),
		Published:     at("published", v),
		LastPublished: at("last", v),
		Before:        at("before", v),
		Writes: []write{
			{Sent: sent{"confirmed": v, "group": none}, Outcome: provenance.Confirmed},
			{Sent: sent{"doubtful": v}},
			{Sent: sent{"refused": v}, Outcome: provenance.Refused},
			{Sent: sent{"later": v}, Outcome: provenance.Confirmed},
		},
	}
	want := provenance.Table{
		"observed":  {Provenance: provenance.Foreign, Value: v, BaseKnown: true},
		"submitted": {Provenance: provenance.Foreign, Base: v, BaseKnown: true},
		"published": {Provenance: provenance.Same, BaseKnown: true},
		"last":      {Provenance: provenance.Same, BaseKnown: true},
		"before":    {Provenance: provenance.Same, BaseKnown: true},
		"confirmed": {Provenance: provenance.Same, BaseKnown: true},
		"doubtful":  {Provenance: provenance.Same, BaseKnown: true},
		"later":     {Provenance: provenance.Same, BaseKnown: true},
	}
	if d := cmp.Diff(want, e.Table()); d != "" {
		t.Errorf("table (-want +got):\n%s", d)
	}
}

// A finding says what it was judged by.
func TestFindings(t *testing.T) {
	t.Parallel()
	v, w := text("v"), text("w")
	e := &evidence{
		Draft:    provenance.OwnDraft,
		Observed: snapshot{Marks: sent{"same": v, "ours": w, "fresh": w, "unknown.x": v}, Unread: []plan.Path{"unread"}},
		Published: &snapshot{Marks: sent{"same": v, "ours": v, "gone": v, "unread": v},
			Unread: []plan.Path{"unknown"}},
		Writes: []write{{Sent: sent{"ours": w, "fresh": w, "same": w}, Outcome: provenance.Confirmed}},
	}
	want := provenance.Table{
		"same":      {Provenance: provenance.Same, Value: v, Base: v, BaseKnown: true},
		"ours":      {Provenance: provenance.Ours, Value: w, Base: v, BaseKnown: true},
		"fresh":     {Provenance: provenance.Ours, Value: w, BaseKnown: true},
		"gone":      {Provenance: provenance.Foreign, Base: v, BaseKnown: true},
		"unread":    {Provenance: provenance.Unread, Base: v, BaseKnown: true},
		"unknown.x": {Provenance: provenance.Unknown, Value: v},
	}
	if d := cmp.Diff(want, e.Table()); d != "" {
		t.Errorf("table (-want +got):\n%s", d)
	}
	if got := (&evidence{}).Table(); len(got) != 0 {
		t.Errorf("no evidence names no path: %v", got)
	}
}

func TestWithAndUnsubmitted(t *testing.T) {
	t.Parallel()
	v := text("v")
	table := provenance.Table{
		"z": {Provenance: provenance.Ours, Value: v}, "a": {Provenance: provenance.Ours}, "m": {Provenance: provenance.Ours, Value: secret},
		"b": {Provenance: provenance.Foreign, Value: v}, "c": {Provenance: provenance.Unknown, Value: v}, "d": {Provenance: provenance.Same, Value: v},
		"y": {Provenance: provenance.Ours, Value: v}, "x": {Provenance: provenance.Ours, Value: v, Base: secret}, "w": {Provenance: provenance.Ours, Value: v},
	}
	for _, c := range []struct {
		reason string
		got    []plan.Path
		want   []plan.Path
	}{
		{"one provenance, sorted", table.With(provenance.Ours), []plan.Path{"a", "m", "w", "x", "y", "z"}},
		{"two provenances, sorted together", table.With(provenance.Unknown, provenance.Foreign), []plan.Path{"b", "c"}},
		{"one that nothing has", table.With(provenance.Filled), nil},
		{"no provenance is wanted", table.With(), nil},
		{"a secret alone is no reason to submit; taking one away is", table.Unsubmitted(), []plan.Path{"a", "w", "x", "y", "z"}},
		{"an empty table", provenance.Table{}.Unsubmitted(), nil},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, d)
		}
	}
}
