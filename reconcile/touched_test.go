package reconcile_test

import (
	"errors"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// A first write that the Store refuses has changed nothing; one whose outcome is
// not known may have, and so may one after another that arrived.
func TestTouched(t *testing.T) {
	refused := errors.New("403 Forbidden")
	tests := []struct {
		name, operation string
		failure         error
		want            bool
	}{
		{"refused", "product.create", refused, false},
		{"in doubt", "product.create", plan.InDoubt(refused), true},
		{"refused after another", "put", refused, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newShelf(t, &memory{products: map[string]*memoryProduct{}, fail: map[string]error{"brushes " + test.operation: test.failure}},
				addOn("brushes", "", visible))
			results := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
			if got := resultOf(t, results, "AddOn/brushes"); got.Err == nil || got.Touched != test.want {
				t.Errorf("touched is %v, error %v; want %v and an error", got.Touched, got.Err, test.want)
			}
		})
	}
}
