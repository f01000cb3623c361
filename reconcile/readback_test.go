package reconcile_test

import (
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// What the Store fills in is there when a draft is read back first. What turns
// up after that, where nothing was, is somebody's edit, and does not go live.
func TestEditBetweenTwoReadBacks(t *testing.T) {
	for _, when := range []struct {
		operation string
		want      reconcile.Outcome
	}{{"verify", reconcile.Submitted}, {"verify.sent", reconcile.Failed}} {
		t.Run(when.operation, func(t *testing.T) {
			store := &memory{products: map[string]*memoryProduct{}, readTwice: true}
			store.before = func(_, operation string) {
				if operation == when.operation {
					store.products["brushes"].draft["added"] = plan.StringValue("Tier20")
				}
			}
			b := newShelf(t, store, addOn("brushes", "", visible))
			result := resultOf(t, b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalNone}), "AddOn/brushes")
			if result.Outcome != when.want {
				t.Errorf("outcome %s, want %s: %v", result.Outcome, when.want, result.Err)
			}
		})
	}
}
