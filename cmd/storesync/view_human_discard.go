package main

import (
	"fmt"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// humanDiscard is a draft that is about to be deleted: what it holds beside what
// is published, as a plan would show it, and the request.
func humanDiscard(planned *reconcile.DiscardPlan, l look) string {
	product := plan.Product{
		Address: planned.Address, Kind: planned.Kind, ID: planned.ID, Changes: planned.Changes, Operations: planned.Operations,
	}
	v := &planView{page: page{width: l.width, color: l.color}, plan: &plan.Plan{Endpoints: []string{planned.Endpoint}}}
	v.head(planned.Address, planned.ID, "")
	v.blank()
	if len(planned.Changes) == 0 {
		v.hanging(2, 4, text(fmt.Sprintf("Draft %s (%s) equals what is published.", sanitize(planned.Draft), sanitize(planned.Status))))
	} else {
		v.hanging(2, 4, text(fmt.Sprintf("Draft %s (%s) would make these changes, which are lost with it:", sanitize(planned.Draft), sanitize(planned.Status))))
	}
	for _, g := range groupChanges(planned.Changes) {
		v.blank()
		v.group(product, g)
	}
	v.blank()
	v.requests(product)
	v.blank()
	return v.String()
}
