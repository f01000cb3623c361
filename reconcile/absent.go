package reconcile

import (
	"fmt"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// proposeDeletion plans for a manifest that wants its product gone
// (metadata.state: absent). What else the manifest says counts for nothing.
func (p *proposed) proposeDeletion(options PlanOptions) error {
	p.desired, p.target = &Desired{}, plan.State{}
	p.plan.Changes = p.deletion()
	if len(p.plan.Changes) == 0 {
		return nil
	}
	if len(p.plan.Changes[0].Guards) == 0 {
		// Nothing is deleted that no guard stands before.
		return p.undeletable()
	}
	if options.Draft {
		p.notice(plan.PathProduct, "A deletion is no draft: apply without --draft carries it out.")
		return nil
	}
	deletion := p.plan.Changes
	p.guardLostDraft()
	operations, found := p.backend.Lower(LowerRequest{
		Manifest: p.manifest, Observed: p.observed, Target: p.target, Changes: deletion,
		WriteMode: options.WriteMode, Delete: true,
	})
	if !p.judge(found, options) {
		return nil
	}
	if len(operations) == 0 {
		return p.undeletable()
	}
	p.plan.Operations, p.direct = operations, true
	return nil
}

// deletion is the one change of a product that is to be gone, none when it is.
func (p *proposed) deletion() []plan.Change {
	if p.observed.Missing {
		return nil
	}
	change := plan.Change{Path: plan.PathProduct, Action: plan.ActionDelete, Before: plan.Encode(plan.ValuesUnder(p.observed.State, "")),
		Reason: "metadata.state is " + schema.StateAbsent}
	change.Guards = p.backend.Guards(change, p.observed, plan.State{})
	return []plan.Change{change}
}

func (p *proposed) undeletable() error {
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("a product of kind %s cannot be deleted", p.manifest.Kind),
		Next: "Nothing was changed. Take metadata.state out of the manifest, or the manifest out of the workspace: what has no manifest is left alone."}
}

// guardLostDraft says that a draft is deleted with the product, and guards one
// that is not ours: what is in it is somebody's work.
func (p *proposed) guardLostDraft() {
	id, ours := p.observed.Draft, p.observed.Pristine
	if pending := p.observed.Pending; pending != nil {
		id, ours = pending.ID, pending.Ours
	}
	if id == "" {
		return
	}
	p.notice(plan.PathProduct, "Draft %s is deleted with it.", id)
	if ours || p.record.Knows(id) || p.record.Draft != nil && p.record.Draft.Submission == id {
		return
	}
	p.plan.Changes = append(slices.Clone(p.plan.Changes), plan.Change{Path: "draft", Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardReplaceDraft},
		Reason: "draft " + id + ", which storesync did not make, is deleted with the product"})
}
