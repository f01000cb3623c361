package reconcile

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// changes is the field diff with removed groups collapsed and with what cannot
// be compared turned into reports.
func (p *proposed) changes(reupload bool) ([]plan.Change, error) {
	kept := plan.State{}
	for path, value := range p.observed.State {
		if !plan.UnderAny(path, p.desired.Remove) {
			kept[path] = value
		}
	}
	changes, err := plan.Diff(kept, p.target)
	if err != nil {
		return nil, err
	}
	for i := range changes {
		if observed := p.observed.State[changes[i].Path]; observed.Unknown && !reupload {
			p.target[changes[i].Path] = observed // nothing is written there
			changes[i].Action = plan.ActionReport
			changes[i].Reason = "the content of the stored images is not known; --reupload-images " + p.plan.Address + " sends them all"
		}
	}
	if reupload {
		changes = p.addReuploads(changes)
	}
	changes = append(changes, plan.Removals(p.observed.State, p.desired.Remove)...)
	changes = append(changes, p.unset()...)
	for i := range changes {
		if changes[i].Action != plan.ActionReport {
			changes[i].Guards = p.backend.Guards(changes[i], p.observed, p.target)
		}
	}
	slices.SortStableFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return changes, nil
}

// addReuploads adds the managed image sets that equal what is stored.
func (p *proposed) addReuploads(changes []plan.Change) []plan.Change {
	for path, value := range p.desired.Set {
		if value.Type != plan.Images || slices.ContainsFunc(changes, func(c plan.Change) bool { return c.Path == path }) {
			continue
		}
		change := plan.ChangeOf(path, p.observed.State[path], value)
		change.Reason = "--reupload-images"
		changes = append(changes, change)
	}
	return changes
}

// unset are the values whose environment variable is not there.
func (p *proposed) unset() []plan.Change {
	var changes []plan.Change
	for path, value := range p.desired.Set {
		if value.Unknown {
			changes = append(changes, plan.Change{Path: path, Action: plan.ActionReport, Type: value.Type, Sensitive: true,
				Reason: value.Why + ", so the value is not known"})
		}
	}
	return changes
}

// hasUnset reports whether a value cannot be known on this machine.
func (p *proposed) hasUnset() bool {
	return len(p.unset()) > 0
}
