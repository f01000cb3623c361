package reconcile

import (
	"fmt"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
)

// usePending decides what becomes of a draft that is not what was observed: it
// is used when there is nothing in it to lose, replaced when it is ours, and
// otherwise shown and guarded.
func (p *planned) usePending(request *LowerRequest) error {
	pending := p.product.Pending
	switch {
	case pending == nil && p.product.Draft != "":
		request.Use = UseObserved
		return nil
	case pending == nil:
		request.Use = UseFresh
		return nil
	case pending.Untouchable != "":
		p.refusePending(pending)
		return nil
	}
	lost, err := plan.Diff(p.live, p.pending)
	if err != nil {
		return err
	}
	wanted, err := plan.Diff(p.pending, p.target)
	if err != nil {
		return err
	}
	switch {
	case pending.Editable && (len(lost) == 0 || len(wanted) == 0):
		request.Use = UsePending
		p.notice("", "Draft %s has nothing to lose and is used.", pending.ID)
	case p.first() && !p.replaceable(pending):
		p.untouchable = &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: draft %s is the first one of a product that was never published; storesync neither deletes it nor goes on with it, as it is not in this record",
				p.doc.Address, pending.ID),
			Next: "Nothing was changed. Submit or delete the draft in Partner Center, then apply again."}
		p.notice("", "Draft %s is the first one of a product that was never published, and it is not in this record.", pending.ID)
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
func (p *planned) refusePending(pending *PendingDraft) {
	next := "Nothing was changed. Submit or delete the draft in Partner Center, then apply again."
	if p.first() {
		next = "Nothing was changed." // What can be done about a first one is its reason's to say.
	}
	p.untouchable = &plan.Failure{Class: plan.ClassRefused, Next: next,
		Err: fmt.Errorf("%s: a draft is pending that the API cannot touch: %s", p.doc.Address, pending.Untouchable)}
	p.notice("", "Draft %s is pending and the API cannot touch it: %s", pending.ID, pending.Untouchable)
}

// replaceable reports whether the first draft of something never published may
// be deleted for another one: when it is ours and of no use any more. In any
// other case it is kept, as there may be no way to make one again.
func (p *planned) replaceable(pending *PendingDraft) bool { return pending.Ours && !pending.Editable }

// guardPending lists what somebody else's draft holds and would be lost.
func (p *planned) guardPending(pending *PendingDraft, lost []plan.Change) {
	reason := "is in draft " + pending.ID + ", which is not in this record, and would be lost"
	if len(lost) == 0 {
		p.doc.Changes = append(p.doc.Changes, plan.Change{Path: plan.PathDraft, Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardReplaceDraft},
			Reason: "draft " + pending.ID + ", which is not in this record, would be replaced"})
	}
	for _, change := range lost {
		p.doc.Changes = append(p.doc.Changes, plan.Change{Path: change.Path, Action: plan.ActionReport, Type: change.Type, Sensitive: change.Sensitive,
			Before: change.After, Reason: reason, Guards: []plan.Guard{plan.GuardReplaceDraft}})
	}
}

// waitsForStranger reports whether somebody else's draft is in the way, as nobody
// allowed to replace it.
func (p *planned) waitsForStranger() bool {
	pending := p.product.Pending
	return pending != nil && !pending.Ours && slices.Contains(p.doc.Blocked, plan.GuardReplaceDraft)
}
