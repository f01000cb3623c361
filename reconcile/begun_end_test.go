package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// killedWith applies with every guard allowed until the record cannot be written
// for the nth time, and gives the approved plan.
func killedWith(t *testing.T, b *shelf, options reconcile.PlanOptions, n int) *plan.Plan {
	t.Helper()
	approved := b.propose(t, options).Plan
	whole := b.Records
	b.Records = &mortal{Store: whole, left: n}
	b.apply(t, options, reconcile.ApplyOptions{})
	b.Records = whole
	return approved
}

// accepts reports whether an approval is good for what would be done now.
func accepts(t *testing.T, b *shelf, options reconcile.PlanOptions, approved *plan.Plan, address string) bool {
	t.Helper()
	proposal := b.propose(t, options)
	if _, err := proposal.Expect(map[string]string{address: approved.Products[0].Hash}); err != nil {
		t.Fatal(err)
	}
	report, err := b.engine().Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalNone})
	if err != nil {
		t.Fatal(err)
	}
	return plan.ClassOf(resultOf(t, report.Products, address).Err) != plan.ClassRefused
}

// A deletion that was approved deletes the product that was meant, and not one
// of the same name that somebody made since.
func TestAnApprovedDeletionIsOfOneProduct(t *testing.T) {
	options := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}
	for n := range 4 {
		t.Run(fmt.Sprint("write ", n), func(t *testing.T) {
			b := newShelf(t, live(), addOn("pro", absent, ""))
			approved := killedWith(t, b, options, n)
			again := live().products["pro"]
			again.id = "ANOTHER"
			b.store.products["pro"] = again
			sent := len(b.store.sent)
			if accepts(t, b, options, approved, "AddOn/pro") || len(b.store.sent) > sent {
				t.Errorf("the approval was good for another product: sent %v", b.store.sent[sent:])
			}
		})
	}
}

// A plan whose end was lost and is found done is closed: the same approval does
// not undo what is published later.
func TestAPlanThatIsFoundDoneIsClosed(t *testing.T) {
	options := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}
	b := newShelf(t, live(), addOn("pro", absent, ""))
	approved := killedWith(t, b, options, 3)
	if !accepts(t, b, options, approved, "AddOn/pro") {
		t.Fatal("the approval is not good for what is left")
	}
	if record := b.record(t, storeID+"/pro"); record != nil && record.Begun != nil && !record.Begun.Done {
		t.Errorf("the plan is still open: %+v", record.Begun)
	}
}
