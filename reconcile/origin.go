package reconcile

import (
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// applied is the mark that storesync last brought to a path, known is false where
// the record does not tell: what it wrote into the draft that is observed, what
// its submission on the way holds, or what was last published of it. A submission
// that failed never counts as applied. The state says how the members of
// collections are called.
func (c *compared) applied(path plan.Path, s plan.State) (mark plan.Mark, known bool) {
	inEvidence := c.names.inEvidence(path, s)
	if f, found := c.table[inEvidence]; found && (f.Provenance == provenance.Ours || f.Provenance == provenance.Filled) {
		return f.Value, true
	}
	if c.own.standing == onItsWay && c.own.held != nil {
		return c.own.held.At(inEvidence)
	}
	return c.record.Published.At(inEvidence)
}

// witness is the path whose value tells who wrote a path: what the Store finds
// out by itself of a member says nothing of that.
func (c *compared) witness(path plan.Path) plan.Path {
	collection, member, below := c.names.collectionOf(path)
	if collection == nil {
		return path
	}
	if collection.derives(below) {
		return plan.Join(string(member), collection.By[0])
	}
	return path
}

// recorded reports whether the record knows what was applied.
func (c *compared) recorded() bool {
	return c.gone || c.record.Published != nil || c.before() != nil || c.own.standing == onItsWay && c.own.held != nil || len(c.table.With(provenance.Ours)) > 0
}

// originOf says which side moved to make a difference.
func (c *compared) originOf(change plan.Change) plan.Origin {
	switch {
	case c.gone:
		return plan.OriginStore
	case change.Sensitive:
		return ""
	case change.Path == plan.PathProduct, change.IsRemoval():
		return c.originOfRemoval(change.Path)
	}
	path := c.witness(change.Path)
	wanted := overlay(c.live, c.desired)
	now, nowKnown := c.applied(path, c.live)
	last, known := c.applied(path, wanted)
	if !known || !nowKnown {
		return c.originSinceBegun(path)
	}
	manifestMoved := !plan.MarkOf(wanted[path]).Same(last) && !c.rewritten(path, wanted[path], last)
	// While a running submission hides the draft, what it holds stands for it.
	storeMoved := !c.unreadable() && !plan.MarkOf(c.live[path]).Same(now)
	switch {
	case storeMoved && manifestMoved:
		return plan.OriginBoth
	case storeMoved:
		return plan.OriginStore
	case manifestMoved:
		return plan.OriginManifest
	}
	return ""
}

// originSinceBegun tells who moved where nothing of ours was ever published: a
// value that is as it was before our first write is not the Store's doing.
func (c *compared) originSinceBegun(path plan.Path) plan.Origin {
	if before, known := c.before().At(c.names.inEvidence(path, c.live)); known && before.Same(plan.MarkOf(c.live[path])) {
		return plan.OriginManifest
	}
	return ""
}

// before is what stood at the Store before our first write since the last
// publication, nil when that is not known.
func (c *compared) before() *provenance.Snapshot {
	if c.record.Draft == nil {
		return nil
	}
	return c.record.Draft.Before
}

// originOfRemoval is that of a group of values, or of the whole product, that
// the manifest wants to be gone.
func (c *compared) originOfRemoval(group plan.Path) plan.Origin {
	inGroup := func(path plan.Path) bool { return group == plan.PathProduct || path.Under(group) }
	known, moved, told := false, false, false
	for path, value := range c.live {
		if !inGroup(path) || value.Empty() || value.Sensitive {
			continue
		}
		mark, tells := c.applied(c.witness(path), c.live)
		told = told || tells
		known = known || tells && mark != plan.MarkNone
		moved = moved || tells && !mark.Same(plan.MarkOf(c.live[c.witness(path)]))
	}
	switch {
	case !told:
		return ""
	case !known:
		return plan.OriginStore
	case moved:
		return plan.OriginBoth
	}
	return plan.OriginManifest
}

// explain gives each change its origin, and the reason why a change remains that
// a submission of ours held and the Store published without.
func (c *compared) explain() []plan.Change {
	changes := append([]plan.Change(nil), c.changes...)
	for i := range changes {
		change := &changes[i]
		if change.Action == plan.ActionReport {
			continue
		}
		change.Origin = c.originOf(*change)
		if change.Reason == "" && c.notTaken(change.Path) {
			change.Reason = "submission " + c.own.shown.ID + " held this, and the Store published it without"
		}
	}
	return changes
}

// notTaken reports whether the very submission that is published held what git
// wants at a path, and the Store shows something else: nobody can edit a
// submission on its way, so the Store did not take it.
func (c *compared) notTaken(path plan.Path) bool {
	p := c.product.Published
	if p == nil || c.own.standing != published || p.ID != c.own.shown.ID || c.product.Draft != "" || c.product.Running != nil {
		return false
	}
	path = c.witness(path)
	held, known := c.record.Published.At(c.names.inEvidence(path, c.target))
	return known && c.target != nil && held.Same(plan.MarkOf(c.target[path]))
}
