package reconcile

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storesync/storesync/schema"
)

// proposeDeletion plans for a manifest that wants its product gone
// (metadata.state: absent). What else the manifest says counts for nothing.
func (p *proposed) proposeDeletion(options PlanOptions) error {
	p.desired, p.target = &Desired{}, State{}
	p.plan.Changes = p.deletion()
	if len(p.plan.Changes) == 0 {
		return nil
	}
	if len(p.plan.Changes[0].Guards) == 0 {
		// Nothing is deleted that no guard stands before.
		return p.undeletable()
	}
	if options.Draft {
		p.notice(PathProduct, "A deletion is no draft: apply without --draft carries it out.")
		return nil
	}
	p.noticeLostDraft()
	operations, found := p.backend.Lower(LowerRequest{
		Manifest: p.manifest, Observed: p.observed, Target: p.target, Changes: p.plan.Changes,
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
func (p *proposed) deletion() []Change {
	if p.observed.Missing {
		return nil
	}
	change := Change{Path: PathProduct, Action: ActionDelete, Before: encode(valuesUnder(p.observed.State, "")),
		Reason: "metadata.state is " + schema.StateAbsent}
	change.Guards = p.backend.Guards(change, p.observed, State{})
	return []Change{change}
}

func (p *proposed) undeletable() error {
	return &Failure{Class: ClassRefused,
		Err:  fmt.Errorf("a product of kind %s cannot be deleted", p.manifest.Kind),
		Next: "Nothing was changed. Take metadata.state out of the manifest, or the manifest out of the workspace: what has no manifest is left alone."}
}

// noticeLostDraft says that an unfinished draft is deleted with the product.
func (p *proposed) noticeLostDraft() {
	id := p.observed.Draft
	if pending := p.observed.Pending; pending != nil {
		id = pending.ID
	}
	if id != "" {
		p.notice(PathProduct, "Draft %s, which was never submitted, is deleted with it.", id)
	}
}

// valuesUnder is what is shown of a group of values that goes as a whole: the
// values by what their paths have below the group, which is "" for everything.
func valuesUnder(s State, group Path) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for path, value := range s {
		if value.Empty() || group != "" && !path.Under(group) {
			continue
		}
		name := string(path)
		if group != "" {
			name = strings.TrimPrefix(name, string(group)+".")
		}
		values[name] = value.JSON
		if value.Sensitive {
			values[name] = sensitiveJSON
		}
	}
	return values
}
