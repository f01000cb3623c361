package provenance_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// everyView checks what each way of looking at the Store shows after each event.
func everyView(h history, check func(*world, *view) error) error {
	_, err := h.play(func(w *world) error {
		for _, l := range looks {
			v := w.see(l)
			if err := check(w, &v); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// alike compares what every way of looking at two worlds shows.
func alike(a, b *world) error {
	for _, l := range looks {
		one, two := a.see(l), b.see(l)
		if a, b := one.Table(), two.Table(); !maps.Equal(a, b) {
			return fmt.Errorf("the findings are not alike (-without +with):\n%s", cmp.Diff(a, b))
		}
	}
	return nil
}

var allProvenances = []provenance.Provenance{provenance.Unread, provenance.Same, provenance.Ours, provenance.Filled, provenance.Foreign, provenance.Unknown}

// Whoever did what, in whatever order: each value is said to be of the one who put
// it there, as far as evidence can tell. The histories reach every provenance by
// every draft model.
func TestProvenanceIsWhoPutTheValueThere(t *testing.T) {
	t.Parallel()
	reached := map[string]int{}
	forHistories(t, 400, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			for _, path := range fields {
				reached[fmt.Sprint(w.model, " ", v.Of(path))]++
			}
			return w.judged(v)
		})
	})
	for _, model := range models {
		for _, p := range allProvenances {
			if testing.Short() && reached[fmt.Sprint(model, " ", p)] == 0 {
				continue
			}
			// Of a first draft something is always known: nothing was published.
			if got := reached[fmt.Sprint(model, " ", p)]; (got == 0) != (model == provenance.FirstDraft && p == provenance.Unknown) {
				t.Errorf("%d values of %s drafts were %s", got, model, p)
			}
			delete(reached, fmt.Sprint(model, " ", p))
		}
	}
	if len(reached) > 0 {
		t.Errorf("provenances that do not exist: %v", reached)
	}
}

// Invariant 1: a run whose writes were all refused changes no later plan.
func TestInvariant1RefusedWritesChangeNothing(t *testing.T) {
	t.Parallel()
	forHistories(t, 1000, false, func(h history) error {
		without := h
		without.events = slices.DeleteFunc(slices.Clone(h.events), func(e event) bool { return e.end == refuses })
		return alike(without.end(), h.end())
	})
}

// Invariant 1 for evidence of any origin: refused writes among the others, whatever
// they sent, decide nothing.
func TestInvariant1RefusedWritesInAnyEvidenceDecideNothing(t *testing.T) {
	t.Parallel()
	somethingElse := text("refused")
	forHistories(t, 80, false, func(h history) error {
		return everyView(h, func(w *world, v *view) error {
			want := v.Table()
			more := v.evidence
			more.Writes = nil
			for i := range len(v.Writes) + 1 {
				for _, path := range append(slices.Clone(languages), fields...) {
					for _, mark := range []plan.Mark{none, v.Observed.Marks[path], somethingElse} {
						more.Writes = append(more.Writes, write{Sent: sent{path: mark}, Outcome: provenance.Refused})
					}
				}
				more.Writes = append(more.Writes, v.Writes[i:min(i+1, len(v.Writes))]...)
			}
			if got := more.Table(); !maps.Equal(want, got) {
				return fmt.Errorf("refused writes made a difference (-without +with):\n%s", cmp.Diff(want, got))
			}
			return nil
		})
	})
}

// isForeign are the paths with a base that are foreign or unknown. Sensitive ones
// and what the Store filled in unseen are left out: of these evidence cannot tell.
func (w *world) isForeign(v *view) []plan.Path {
	var foreign []plan.Path
	for _, path := range fields {
		_, based := v.Base(path)
		spoiled := w.spoiled[path] && v.observed[path].by == theStore
		if got := v.Of(path); path != notes && based && !spoiled && (got == provenance.Foreign || got == provenance.Unknown) {
			foreign = append(foreign, path)
		}
	}
	return foreign
}

// strangersProduct reports whether somebody else has made the product of a first
// draft: then not all in it is ours.
func (h history) strangersProduct() bool { return h.model == provenance.FirstDraft && h.begun }

// Invariant 2: with our writes only, no path with a base is foreign or unknown.
func TestInvariant2OurWritesAloneAreNotForeign(t *testing.T) {
	t.Parallel()
	forHistories(t, 500, true, func(h history) error {
		if h.strangersProduct() {
			return nil
		}
		return everyView(h, func(w *world, v *view) error {
			if foreign := w.isForeign(v); foreign != nil {
				return fmt.Errorf("nobody but us was there, and %s are not ours", foreign)
			}
			return nil
		})
	})
}

// Invariant 2: with one edit by others to a value that is neither base nor ours,
// exactly that path is foreign, as long as the edit stands and was not submitted.
func TestInvariant2OneEditByOthersIsExactlyForeign(t *testing.T) {
	t.Parallel()
	seen := 0
	forHistories(t, 80, true, func(h history) error {
		if h.strangersProduct() || len(h.events) == 0 {
			return nil
		}
		for i, path := range fields {
			at := (i*7 + len(h.events)) % len(h.events)
			edited := h
			edited.events = slices.Insert(slices.Clone(h.events), at, event{kind: theyEdit, path: path, text: "by others"})
			err := everyView(edited, func(w *world, v *view) error {
				var want []plan.Path
				_, based := v.Base(path)
				read := !plan.MatchesAny(path, v.Observed.Unread)
				if path != notes && read && based && v.observed[path].by == others && v.customers[path].text != "by others" {
					want, seen = []plan.Path{path}, seen+1
				}
				if got := w.isForeign(v); !slices.Equal(want, got) {
					return fmt.Errorf("others have edited %s only; foreign are %s, want %s", path, got, want)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if seen == 0 {
		t.Error("no edit by others was ever seen")
	}
}

// Invariant 3: what git wants plays no part, only what was sent: a manifest that
// also manages what it does not change sends the same, and a change that was taken
// back before anything was sent leaves nothing.
func TestInvariant3TheManifestPlaysNoPart(t *testing.T) {
	t.Parallel()
	forHistories(t, 150, false, func(h history) error {
		want, got := newWorld(h.model, h.begun), newWorld(h.model, h.begun)
		for _, e := range h.events {
			want.happen(e)

			kept := maps.Clone(got.git)
			got.happen(event{kind: gitMoves, git: "fresh", path: price, text: "taken back"})
			got.git = maps.Clone(kept)
			for _, path := range fields {
				_, managed := kept[path]
				if _, dropped := kept[groupOf(path)]; !managed && !dropped && got.draft[path].text != "" {
					got.git[path] = got.draft[path]
				}
			}
			got.happen(e)
			if got.git = kept; e.kind == gitMoves {
				got.happen(e)
			}
			if err := alike(want, got); err != nil {
				return err
			}
		}
		return nil
	})
}
