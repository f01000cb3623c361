package main

import (
	"fmt"

	"github.com/storesync/storesync/reconcile"
)

// humanDiscard is a draft that is about to be deleted: what it holds beside what
// is published, as a plan would show it, and the request.
func humanDiscard(plan *reconcile.DiscardPlan, l look) string {
	product := reconcile.ProductPlan{
		Address: plan.Address, Kind: plan.Kind, ID: plan.ID, Changes: plan.Changes, Operations: plan.Operations,
	}
	v := &planView{page: page{width: l.width, color: l.color}, plan: &reconcile.Plan{Endpoints: []string{plan.Endpoint}}}
	v.head(plan.Address, plan.ID)
	v.blank()
	if len(plan.Changes) == 0 {
		v.hanging(2, 4, text(fmt.Sprintf("Draft %s (%s) equals what is published.", sanitize(plan.Draft), sanitize(plan.Status))))
	} else {
		v.hanging(2, 4, text(fmt.Sprintf("Draft %s (%s) would make these changes, which are lost with it:", sanitize(plan.Draft), sanitize(plan.Status))))
	}
	for _, g := range groupChanges(plan.Changes) {
		v.blank()
		v.group(product, g)
	}
	v.blank()
	v.requests(product)
	v.blank()
	return v.String()
}
