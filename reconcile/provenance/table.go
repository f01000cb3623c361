package provenance

import (
	"iter"
	"maps"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
)

// Finding is what is known of one path.
type Finding struct {
	Provenance Provenance
	// Value is what the Store shows, Base what customers have or are about to
	// get. BaseKnown is false where nothing tells.
	Value, Base plan.Mark
	BaseKnown   bool
}

// Table has a finding for every path that any evidence of a product names.
type Table map[plan.Path]Finding

// Table is the provenance of every path that is observed, was there before, or
// was written.
func (e *Evidence) Table() Table {
	table := Table{}
	add := func(paths iter.Seq[plan.Path]) {
		for path := range paths {
			if _, known := table[path]; known {
				continue
			}
			value, _ := e.Observed.At(path)
			base, known := e.Base(path)
			table[path] = Finding{Provenance: e.Of(path), Value: value, Base: base, BaseKnown: known}
		}
	}
	add(maps.Keys(e.Observed.Marks))
	for _, snapshot := range []*Snapshot{e.Submitted, e.Published, e.LastPublished, e.Before} {
		if snapshot != nil {
			add(maps.Keys(snapshot.Marks))
		}
	}
	for _, w := range e.Writes {
		if w.Outcome != Refused {
			// What was taken away as a group has its paths in what was before.
			add(func(yield func(plan.Path) bool) {
				for path, mark := range w.Sent {
					if mark != plan.MarkNone && !yield(path) {
						return
					}
				}
			})
		}
	}
	return table
}

// With are the paths of a provenance, sorted.
func (t Table) With(wanted ...Provenance) []plan.Path {
	var paths []plan.Path
	for path, finding := range t {
		if slices.Contains(wanted, finding.Provenance) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Unsubmitted are the paths with work of ours that customers do not have, sorted.
// A sensitive value alone is no reason to submit: nothing tells whether it is
// another one.
func (t Table) Unsubmitted() []plan.Path {
	return slices.DeleteFunc(t.With(Ours), func(path plan.Path) bool { return t[path].Value == plan.MarkSecret })
}
