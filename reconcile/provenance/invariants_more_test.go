package provenance_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// Invariant 4: without a record nothing is ours. Of a shared draft nothing tells;
// the others are judged by what is published.
func TestInvariant4WithoutARecordNothingIsOurs(t *testing.T) {
	t.Parallel()
	forHistories(t, 250, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			if v.ObservesSubmission {
				// Nobody knows it for ours: a draft that cannot be read is unread.
				return nil
			}
			bare := evidence{Draft: v.Draft, Observed: v.Observed, Published: v.Published, EqualSecrets: v.EqualSecrets}
			for _, path := range fields {
				_, based := bare.Base(path)
				may := []provenance.Provenance{provenance.Same, provenance.Foreign}
				switch {
				case plan.MatchesAny(path, v.Observed.Unread):
					may = []provenance.Provenance{provenance.Unread}
				case w.model == provenance.SharedDraft, !based:
					may = []provenance.Provenance{provenance.Unknown}
				case path == notes:
					may = append(may, provenance.Unknown)
				}
				if got := bare.Of(path); !slices.Contains(may, got) {
					return fmt.Errorf("without a record %s is %s, want one of %s", path, got, may)
				}
			}
			return nil
		})
	})
}

// Invariant 4: more evidence of writes never turns foreign into same, nor the other
// way round.
func TestInvariant4WritesMakeNothingTheSame(t *testing.T) {
	t.Parallel()
	somethingElse := text("more")
	forHistories(t, 60, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			want := v.Table().With(provenance.Same)
			more := v.evidence
			more.Writes = slices.Clone(v.Writes)
			for i, path := range append(slices.Clone(languages), fields...) {
				sends := sent{path: []plan.Mark{none, somethingElse, v.Observed.Marks[path]}[i%3]}
				more.Writes = append(more.Writes, write{Sent: sends, Outcome: []provenance.Outcome{provenance.Confirmed, provenance.InDoubt}[i%2]})
				// A write names paths that nothing else names: they are empty, and so
				// is their base.
				got := slices.DeleteFunc(more.Table().With(provenance.Same), func(path plan.Path) bool {
					return !slices.Contains(want, path) && more.Observed.Marks[path] == none
				})
				if !slices.Equal(want, got) {
					return fmt.Errorf("after a write of %v, %s are the same instead of %s", sends, got, want)
				}
			}
			return nil
		})
	})
}

// Invariant 4: what makes foreign into same is that a person takes it for right.
// What is ours stays to be submitted.
func TestInvariant4AdoptingMakesAllButOursTheSame(t *testing.T) {
	t.Parallel()
	forHistories(t, 1500, false, func(h history) error {
		w := h.end()
		if w.model != provenance.SharedDraft || w.running != nil {
			return nil
		}
		before := w.see(look{})
		w.adopt()
		after := w.see(look{})
		for _, path := range fields {
			want := provenance.Same
			if was := before.Of(path); was == provenance.Ours {
				want = was
			}
			if got := after.Of(path); got != want && path != notes {
				return fmt.Errorf("adopting what was %s made it %s: %s", before.Of(path), got, path)
			}
		}
		return nil
	})
}

// Invariant 6: where everything is as customers have it, and without a write of
// ours in the draft, there is nothing to submit, whatever was begun once.
func TestInvariant6NothingOfOursIsNoReasonToSubmit(t *testing.T) {
	t.Parallel()
	forHistories(t, 250, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			noWrites := v.evidence
			noWrites.Writes = nil
			if got := noWrites.Table().Unsubmitted(); got != nil && !v.ObservesSubmission {
				return fmt.Errorf("without a write of ours, %s are unsubmitted", got)
			}
			asLive := v.evidence
			asLive.Observed.Marks = sent{}
			for _, path := range fields {
				if base, known := v.Base(path); known && base != none {
					asLive.Observed.Marks[path] = base
				}
			}
			table := asLive.Table()
			for path, finding := range table {
				if finding.BaseKnown && finding.Value != secret && !slices.Contains([]provenance.Provenance{provenance.Same, provenance.Unread}, finding.Provenance) {
					return fmt.Errorf("%s is as customers have it, and %s", path, finding.Provenance)
				}
			}
			if got := slices.DeleteFunc(table.Unsubmitted(), func(path plan.Path) bool { return !table[path].BaseKnown }); len(got) != 0 {
				return fmt.Errorf("%s are as customers have them, and unsubmitted", got)
			}
			return nil
		})
	})
}

// Invariant 7: nothing goes live that was not listed. What a submission would
// change for customers is what is ours, foreign, filled in or unknown, exactly so
// where the base is known. Where it is not, nothing names what is there no more.
func TestInvariant7NothingGoesLiveUnlisted(t *testing.T) {
	t.Parallel()
	changed := 0
	forHistories(t, 350, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			if !w.editable() {
				return nil
			}
			table := v.Table()
			for _, path := range fields {
				changes := !v.isRewriting(path, v.customers[path], w.draft[path]) || w.draft[path].mends(v.customers[path])
				finding, named := table[path]
				listed := slices.Contains(table.With(provenance.Ours, provenance.Foreign, provenance.Filled, provenance.Unknown), path)
				switch unread := plan.MatchesAny(path, v.Observed.Unread); {
				case unread && finding.Provenance != "" && finding.Provenance != provenance.Unread:
					return fmt.Errorf("%s was not read, and is %s", path, finding.Provenance)
				case changes && !unread && !listed && (finding.BaseKnown || w.draft[path].text != ""):
					return fmt.Errorf("%s would go live, and is %s (in the table: %t)", path, finding.Provenance, named)
				case !changes && listed && finding.BaseKnown && !slices.Contains(w.truth(path, v), finding.Provenance):
					return fmt.Errorf("%s would change nothing, and is %s", path, finding.Provenance)
				}
				if changes {
					changed++
				}
			}
			return nil
		})
	})
	if changed == 0 {
		t.Error("no submission would ever have changed anything")
	}
}

// Invariant 7: after everything that git wants was written and submitted, nothing
// is left, neither on its way nor published.
func TestInvariant7AnAppliedManifestLeavesNothing(t *testing.T) {
	t.Parallel()
	settled := 0
	forHistories(t, 1000, false, func(h history) error {
		w := h.end()
		w.happen(event{kind: published})
		if w.model == provenance.OwnDraft {
			w.dropDraft()
		}
		w.happen(event{kind: weMake, end: confirms})
		for i, path := range fields {
			w.happen(event{kind: gitMoves, git: "fresh", path: path, text: fmt.Sprint("wanted ", i)})
		}
		wanted := maps.Clone(w.git)
		w.happen(event{kind: weWrite, all: true, end: confirms})
		v := w.see(look{})
		for path := range wanted {
			_, based := v.Base(path)
			if got := v.Of(path); got != provenance.Ours && (based || !plan.MatchesAny(path, v.evidence.Before.Unread)) {
				return fmt.Errorf("written, %s is %s", path, got)
			}
		}
		if left := w.wanted(""); len(left) != 0 {
			return fmt.Errorf("a second plan would write %v", left)
		}
		for _, e := range []event{{kind: weSubmit, end: confirms}, {kind: published}} {
			w.happen(e)
			if err := w.settled(); err != nil {
				return fmt.Errorf("after %s: %w", e, err)
			}
		}
		settled++
		return nil
	})
	if settled == 0 {
		t.Error("no manifest was ever applied")
	}
}

func (w *world) settled() error {
	v := w.see(look{})
	table := v.Table()
	if left := table.Unsubmitted(); len(left) != 0 {
		return fmt.Errorf("%s are unsubmitted", left)
	}
	if len(table) != len(fields) {
		return errors.New("not everything that customers have is in the table")
	}
	for path, finding := range table {
		// Of a shared draft nobody can tell that a secret is the one submitted.
		if finding.Provenance != provenance.Same && (path != notes || w.model != provenance.SharedDraft) {
			return fmt.Errorf("%s is %s", path, finding.Provenance)
		}
	}
	return nil
}
