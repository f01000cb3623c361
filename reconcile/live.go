package reconcile

import (
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// listWhatGoesLive lists everything that a submission sends and that is not
// among the changes: what earlier applies wrote, what others did, what the Store
// filled in, and what is not known. A fresh draft holds none of that.
func (p *planned) listWhatGoesLive() {
	if !p.shared() && p.product.Draft == "" {
		return
	}
	if p.strangersDraft() {
		p.doc.Changes = append(p.doc.Changes, plan.Change{Path: plan.PathDraft, Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardForeignEdits},
			Reason: "draft " + p.product.Draft + " is not in this record and is the only one there can be; submitting sends all of it"})
	}
	before := p.liveBefore()
	for _, path := range p.ours() {
		p.doc.Changes = append(p.doc.Changes, p.reportOurs(path, before))
	}
	suspect := []provenance.Provenance{provenance.Foreign}
	if p.first() {
		suspect = append(suspect, provenance.Unknown)
	}
	for _, path := range p.beside(p.table.With(suspect...)) {
		if p.manages(path) {
			continue // It is what git says, whoever wrote it.
		}
		p.doc.Changes = append(p.doc.Changes, p.reportForeign(path, before))
	}
	if filled := p.beside(p.table.With(provenance.Filled)); len(filled) > 0 {
		p.notice("", "The Store filled in by itself, and a submission sends: %s", someOf(texts(filled)))
	}
	if len(p.product.Omitted) > 0 && p.shared() {
		p.notice("", "Not in the manifest and so not read: %s. A submission sends them as the draft has them.", strings.Join(texts(p.product.Omitted), ", "))
	}
	sortReports(p.doc.Changes)
}

// sortReports keeps changes in the order of their paths, the draft itself first.
func sortReports(changes []plan.Change) {
	slices.SortStableFunc(changes, func(a, b plan.Change) int {
		switch {
		case a.Path == b.Path:
			return 0
		case a.Path == plan.PathDraft:
			return -1
		case b.Path == plan.PathDraft:
			return 1
		}
		return strings.Compare(string(a.Path), string(b.Path))
	})
}

func texts(paths []plan.Path) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = string(path)
	}
	return names
}

// beside are those paths of the evidence, as plans show them, that are neither
// among the changes nor below one.
func (p *planned) beside(paths []plan.Path) []plan.Path {
	var shown []plan.Path
	for _, path := range paths {
		in := p.names.inPlan(path)
		listed := slices.ContainsFunc(p.doc.Changes, func(c plan.Change) bool {
			return c.Path != plan.PathDraft && (in.Under(c.Path) || c.Path.Under(in))
		})
		if !listed {
			shown = append(shown, in)
		}
	}
	slices.Sort(shown)
	return slices.Compact(shown)
}

// ours are the paths with work of ours that is not among the changes; a group
// that was taken away is one.
func (p *planned) ours() []plan.Path {
	var paths []plan.Path
	for _, path := range p.table.With(provenance.Ours) {
		if f := p.table[path]; f.Value == plan.MarkSecret && f.Base == plan.MarkSecret {
			continue // Whether it is another one is not known.
		}
		if p.table[path].Value == plan.MarkNone {
			path = p.groupTakenAway(path)
		}
		paths = append(paths, path)
	}
	return p.beside(paths)
}

// groupTakenAway is the group that a write of ours took away with a path, the
// path itself where it took it alone.
func (p *planned) groupTakenAway(path plan.Path) plan.Path {
	for _, w := range p.record.WritesTo(p.product.Draft) {
		for group, mark := range w.Sent {
			if mark == plan.MarkNone && path != group && path.Under(group) && len(w.Guards[p.names.inPlan(group)]) > 0 {
				return group
			}
		}
	}
	return path
}

// liveBefore are the values that customers have, as far as they are known.
func (p *planned) liveBefore() plan.State {
	if p.product.Published != nil {
		return p.published
	}
	return plan.State{}
}

// reportOurs reports what an earlier apply of ours wrote, with the guards that
// customers' values trip by it: those that it tripped when it was written, and
// those that can be judged again.
func (p *planned) reportOurs(path plan.Path, before plan.State) plan.Change {
	change := p.reportOf(path, before)
	for _, w := range p.record.WritesTo(p.product.Draft) {
		if w.Outcome != provenance.Refused {
			change.Guards = append(change.Guards, w.Guards[path]...)
		}
	}
	change.Guards = sortedGuards(change.Guards)
	change.Reason = "an earlier apply wrote this; submitting makes it live"
	if !p.manages(path) {
		change.Reason = "an earlier apply wrote this, and the manifest does not say it any more; submitting makes it live"
	}
	return change
}

// reportForeign reports what somebody else changed in the draft.
func (p *planned) reportForeign(path plan.Path, before plan.State) plan.Change {
	change := p.reportOf(path, before)
	change.Guards = sortedGuards(append(change.Guards, plan.GuardForeignEdits))
	switch {
	case p.strangersDraft():
		change.Reason = "is in the draft, which is not in this record; submitting sends it"
	case !p.shared():
		change.Reason = "somebody changed this in the draft; submitting sends it"
	default:
		change.Reason = "somebody changed this at the Store since the last submission; submitting sends it"
		change.Origin = plan.OriginStore
	}
	return change
}

// reportOf is a report of what a submission makes live at a path, with the guards
// that it trips beside what customers have.
func (p *planned) reportOf(path plan.Path, before plan.State) plan.Change {
	was := *p.product
	was.State = maps.Clone(p.live)
	delete(was.State, path)
	old, known := before[path]
	if known {
		was.State[path] = old
	}
	change := plan.ChangeOf(path, old, p.live[path])
	if f := p.table[p.names.inEvidence(path, p.live)]; f.BaseKnown && f.Base != plan.MarkNone {
		change.Action = plan.ActionUpdate
	}
	if p.live[path].Empty() && change.Type == "" {
		change.Action = plan.ActionDelete
	}
	change.Guards = p.backend.Guards(change, &was, p.target)
	change.Action, change.Before = plan.ActionReport, nil
	return change
}

func sortedGuards(guards []plan.Guard) []plan.Guard {
	guards = slices.Clone(guards)
	slices.Sort(guards)
	return slices.Compact(guards)
}

// reportUnmanaged lists what no manifest writes and is not what it was at the
// last apply. It is no difference from the manifest, and apply leaves it alone.
func (p *planned) reportUnmanaged() {
	if p.record.Published == nil && p.own.standing != onItsWay {
		return
	}
	var moved []plan.Path
	for path, finding := range p.table {
		last, known := p.applied(p.names.inPlan(path), p.live)
		if known && !last.Same(finding.Value) && finding.Provenance != provenance.Unread && finding.Value != plan.MarkSecret {
			moved = append(moved, path)
		}
	}
	for _, path := range p.beside(moved) {
		if p.manages(path) {
			continue
		}
		value := p.live[path]
		p.doc.Changes = append(p.doc.Changes, plan.Change{
			Path: path, Action: plan.ActionReport, Type: value.Type, After: value.JSON, Origin: plan.OriginStore,
			Reason: "not in the manifest; changed in the Store since the last apply",
		})
	}
	sortChanges(p.doc.Changes)
}
