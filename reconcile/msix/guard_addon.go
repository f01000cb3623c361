package msix

import (
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// guardsOfAddOn names the guards that a change of an add-on trips: those of an
// app's form. An add-on that was never published has no customers: its first
// price, markets and visibility change nothing for anybody.
func guardsOfAddOn(change plan.Change, observed *reconcile.Observed, target plan.State) []plan.Guard {
	segments := strings.Split(string(change.Path), ".")
	if neverSold(observed) && (segments[0] == fieldPricing || change.Path == fieldVisibility) {
		return nil
	}
	return formGuards(change, observed, target)
}
