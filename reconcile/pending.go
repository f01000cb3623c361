package reconcile

import (
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
)

// usePending decides what becomes of a draft that is not what was observed: it
// is used when there is nothing in it to lose, replaced when it is ours, and
// otherwise shown and guarded.
func (p *proposed) usePending(request *LowerRequest) error {
	pending := p.observed.Pending
	switch {
	case pending == nil && p.observed.Draft != "":
		request.Use = UseObserved
		return nil
	case pending == nil:
		request.Use = UseFresh
		return nil
	case pending.Untouchable != "":
		p.refusePending(pending)
		return nil
	}
	lost, err := plan.Diff(p.observed.State, pending.State)
	if err != nil {
		return err
	}
	wanted, err := plan.Diff(pending.State, p.target)
	if err != nil {
		return err
	}
	switch {
	case pending.Editable && (len(lost) == 0 || len(wanted) == 0 || p.observed.Pristine):
		request.Use = UsePending
		p.notice("", "Draft %s has nothing to lose and is used.", pending.ID)
	case p.observed.Unpublished && !p.replaceable(pending):
		p.untouchable = &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: draft %s is the first one of a product that was never published; storesync neither deletes it nor goes on with it, as it did not make it",
				p.plan.Address, pending.ID),
			Next: "Nothing was changed. Submit or delete the draft in Partner Center, then apply again."}
		p.notice("", "Draft %s is the first one of a product that was never published, and storesync did not make it.", pending.ID)
	case pending.Ours:
		request.Use = UseReplace
		p.notice("", "Draft %s of an earlier apply cannot be used any more and is replaced.", pending.ID)
	default:
		request.Use = UseReplace
		p.guardPending(pending, lost)
	}
	return nil
}

// refusePending keeps the product from being written because of a draft that the
// API cannot touch.
func (p *proposed) refusePending(pending *PendingDraft) {
	next := "Nothing was changed. Submit or delete the draft in Partner Center, then apply again."
	if p.observed.Unpublished {
		next = "Nothing was changed." // What can be done about a first one is its reason's to say.
	}
	p.untouchable = &plan.Failure{Class: plan.ClassRefused, Next: next,
		Err: fmt.Errorf("%s: a draft is pending that the API cannot touch: %s", p.plan.Address, pending.Untouchable)}
	p.notice("", "Draft %s is pending and the API cannot touch it: %s", pending.ID, pending.Untouchable)
}

// neverPublished decides what becomes of a product of which nothing differs and
// nothing was ever published: what equals the manifest is a draft then, or a
// submission that failed, and customers have none of it.
func (p *proposed) neverPublished(request *LowerRequest) {
	o := p.observed
	if !o.Unpublished || o.Missing || o.SharedDraft || o.Running != nil || p.adopted != nil || p.doubtful != nil {
		return
	}
	switch {
	case o.Pending != nil && o.Pending.Untouchable != "":
		p.plan.Stuck = true
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: "draft", Action: plan.ActionReport,
			Reason: "not published: nothing differs, but submission " + o.Pending.ID + ", the first one, was never published, so customers have none of it"})
		p.refusePending(o.Pending)
	case o.Draft != "" && !request.Draft:
		request.Submit = true
		p.notice("", "Not published yet: draft %s equals the manifest, and applying submits it.", o.Draft)
	}
}

// replaceable reports whether the first draft of something never published may
// be deleted for another one: when it is ours and of no use any more. In any
// other case it is kept, as there may be no way to make one again.
func (p *proposed) replaceable(pending *PendingDraft) bool { return pending.Ours && !pending.Editable }

// guardPending lists what somebody else's draft holds and would be lost.
func (p *proposed) guardPending(pending *PendingDraft, lost []plan.Change) {
	reason := "is in draft " + pending.ID + ", which storesync did not make, and would be lost"
	if len(lost) == 0 {
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: "draft", Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardReplaceDraft},
			Reason: "draft " + pending.ID + ", which storesync did not make, would be replaced"})
	}
	for _, change := range lost {
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: change.Path, Action: plan.ActionReport, Type: change.Type, Sensitive: change.Sensitive,
			Before: change.After, Reason: reason, Guards: []plan.Guard{plan.GuardReplaceDraft}})
	}
}
