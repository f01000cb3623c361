package reconcile

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// attribute says of each change which side moved, as far as the record tells,
// and lists what moved and is not managed if that is asked for.
func (p *proposed) attribute(unmanaged bool) {
	if p.err != nil || p.observed == nil || p.desired == nil {
		return
	}
	applied := p.applied()
	p.plan.Recorded = applied != nil || p.gone
	if p.gone {
		for i := range p.plan.Changes {
			if change := &p.plan.Changes[i]; change.Action != plan.ActionReport {
				change.Origin = plan.OriginStore
			}
		}
		return
	}
	if applied == nil {
		return
	}
	for i := range p.plan.Changes {
		switch change := &p.plan.Changes[i]; {
		case change.Action != plan.ActionReport:
			change.Origin = p.origin(*change, applied)
		case slices.Contains(change.Guards, plan.GuardForeignEdits) && change.Type != "":
			change.Origin = plan.OriginStore
		}
	}
	if unmanaged {
		p.reportUnmanaged(applied)
	}
}

// applied is what storesync last made of what is observed, nil when the record
// does not know it: nothing was applied yet, an apply was interrupted while it
// wrote, or the last submission was not published, so that the Store rightly
// has something else.
func (p *proposed) applied() *record.Snapshot {
	if p.record == nil {
		return nil
	}
	draft, id := p.record.Draft, p.observed.Draft
	switch {
	case draft != nil && (p.observed.SharedDraft || p.adopted != nil || id != "" && id == draft.Submission):
		return draft.Written
	case p.observed.SharedDraft:
		return p.record.Submitted
	case id != "":
		return nil
	}
	if newest := p.record.Newest(); newest != nil && newest.Failed {
		return nil
	}
	return p.record.Submitted
}

// unpublished reports whether a submission of ours stands beside what is
// published without having got there: what it changes is not applied yet.
func (p *proposed) unpublished() bool {
	pending := p.observed.Pending
	return !p.observed.SharedDraft && pending != nil && pending.Ours && p.record.Knows(pending.ID)
}

// origin compares both sides of a change with what was applied.
func (p *proposed) origin(change plan.Change, applied *record.Snapshot) plan.Origin {
	if change.Sensitive || plan.MatchesAny(change.Path, applied.Unread) {
		return ""
	}
	if p.unpublished() || !p.observed.SharedDraft && p.rekeyed(change.Path, applied) {
		return plan.OriginManifest
	}
	if change.Path == plan.PathProduct || change.Type == "" && change.Action == plan.ActionDelete {
		return p.originOfRemoval(change.Path, applied)
	}
	last := applied.Digests[change.Path]
	manifestMoved := !p.wasDesired(change.Path, last)
	// While a running submission hides the draft, what was submitted stands
	// for what the Store has.
	storeMoved := !p.unreadable() && plan.DigestOrNone(p.observed.State[change.Path]) != last
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

// wasDesired reports whether the manifest says what it said when the value with
// that digest was applied. The Store may have rewritten it.
func (p *proposed) wasDesired(path plan.Path, last string) bool {
	wanted := plan.DigestOrNone(p.desired.Set[path])
	rewrite, rewritten := p.record.Rewritten[path]
	return wanted == last || rewritten && rewrite.Sent == wanted && rewrite.Returned == last
}

// originOfRemoval is that of a group of values, or of the whole product, that
// the manifest wants to be gone.
func (p *proposed) originOfRemoval(group plan.Path, applied *record.Snapshot) plan.Origin {
	inGroup := func(path plan.Path) bool { return group == plan.PathProduct || path.Under(group) }
	known, moved := false, false
	for path, digest := range applied.Digests {
		if inGroup(path) {
			known = true
			moved = moved || plan.DigestOrNone(p.observed.State[path]) != digest
		}
	}
	for path, value := range p.observed.State {
		if inGroup(path) && !value.Empty() && !value.Sensitive && applied.Digests[path] == "" {
			moved = true
		}
	}
	switch {
	case !known:
		return plan.OriginStore
	case moved:
		return plan.OriginBoth
	}
	return plan.OriginManifest
}

// reportUnmanaged lists what no manifest writes and is not what it was at the
// last apply. It is no difference from the manifest, and apply leaves it alone.
func (p *proposed) reportUnmanaged(applied *record.Snapshot) {
	unmanaged := func(path plan.Path) bool {
		_, managed := p.desired.Set[path]
		listed := slices.ContainsFunc(p.plan.Changes, func(c plan.Change) bool { return path.Under(c.Path) })
		return !managed && !listed && !plan.UnderAny(path, p.desired.Remove)
	}
	for _, path := range p.movedFrom(applied, unmanaged) {
		value := p.observed.State[path]
		p.plan.Changes = append(p.plan.Changes, plan.Change{
			Path: path, Action: plan.ActionReport, Type: value.Type, After: value.JSON, Origin: plan.OriginStore,
			Reason: "not in the manifest; changed in the Store since the last apply",
		})
	}
	slices.SortStableFunc(p.plan.Changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
}
