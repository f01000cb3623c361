package reconcile

import (
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// deletion is the one change of a product that is to be gone (metadata.state:
// absent), none when it is. What else the manifest says counts for nothing.
func (c *compared) deletion() []plan.Change {
	if c.product.Missing {
		return nil
	}
	change := plan.Change{Path: plan.PathProduct, Action: plan.ActionDelete, Before: plan.Encode(plan.ValuesUnder(c.live, "")),
		Reason: "metadata.state is " + schema.StateAbsent}
	change.Guards = c.backend.Guards(change, c.product, plan.State{})
	return []plan.Change{change}
}

// planDeletion plans the deletion of a product, and nothing else.
func (p *planned) planDeletion(options PlanOptions) error {
	switch {
	case len(p.doc.Changes) == 0:
		return nil
	case p.traits.Delete == "" || len(p.doc.Changes[0].Guards) == 0:
		// Nothing is deleted that no guard stands before.
		return p.undeletable()
	case options.Draft:
		p.notice(plan.PathProduct, "A deletion is no draft: apply without --draft carries it out.")
		return nil
	case p.product.Running != nil:
		p.waits = true
		return nil
	}
	operations, found := p.backend.Lower(LowerRequest{
		Manifest: p.manifest, Observed: p.product, Target: p.target, Changes: p.doc.Changes,
		WriteMode: options.WriteMode, Delete: true,
	})
	p.guardLostDraft()
	if !p.judge(found, options) {
		return nil
	}
	if len(operations) == 0 {
		return p.undeletable()
	}
	p.doc.Operations, p.direct = operations, true
	return nil
}

func (p *planned) undeletable() error {
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("a product of kind %s cannot be deleted", p.manifest.Kind),
		Next: "Nothing was changed. Take metadata.state out of the manifest, or the manifest out of the workspace: what has no manifest is left alone."}
}

// guardLostDraft says that a draft is deleted with the product, and guards one
// that is not ours: what is in it is somebody's work.
func (p *planned) guardLostDraft() {
	id, ours := p.product.Draft, p.product.Filled != nil
	if pending := p.product.Pending; pending != nil {
		id, ours = pending.ID, pending.Ours
	}
	if id == "" {
		return
	}
	p.notice(plan.PathProduct, "Draft %s is deleted with it.", id)
	if ours || p.record.OwnsDraft(id) {
		return
	}
	p.doc.Changes = append(p.doc.Changes, plan.Change{Path: plan.PathDraft, Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardReplaceDraft},
		Reason: "draft " + id + ", which is not in this record, is deleted with the product"})
}
