package reconcile_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// live is a Store with the add-on pro.
func live() *memory {
	return &memory{products: map[string]*memoryProduct{"pro": {id: "PRO", live: plan.State{
		"visibility": plan.StringValue("Public"), "notes": {Type: plan.Text, JSON: []byte(`"secret"`), Sensitive: true}}}}}
}

func TestAnAbsentProductIsDeleted(t *testing.T) {
	b := newShelf(t, live(), addOn("pro", "", visible))
	b.write(t, addOn("pro", "", hidden))
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
	b.write(t, addOn("pro", absent, ""))
	p := b.one(t, reconcile.PlanOptions{})
	want := []plan.Change{{Path: plan.PathProduct, Action: plan.ActionDelete, Guards: []plan.Guard{plan.GuardDeleteAddOn},
		Before: []byte(`{"notes":"(sensitive)","visibility":"Hidden"}`), Reason: "metadata.state is absent"}}
	got := p.Changes
	got[0].Origin = ""
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"product.delete"}, idsOf(p)); d != "" {
		t.Errorf("operations (-want +got):\n%s", d)
	}
	if p.Applyable || !cmp.Equal(p.Blocked, []plan.Guard{plan.GuardDeleteAddOn}) {
		t.Errorf("applyable %t, blocked by %v", p.Applyable, p.Blocked)
	}
	result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassRefused, "delete-add-on: "+plan.GuardDeleteAddOn.Protects()+" (product)")

	result = b.mustApply(t, reconcile.Applied, plan.GuardDeleteAddOn)
	if result.Submission != nil || !cmp.Equal(result.Operations, []string{"product.delete"}) || b.store.products["pro"] != nil {
		t.Errorf("%+v", result)
	}
	if record := b.record(t, storeID+"/pro"); record.Published != nil || len(record.Submissions) > 0 || record.Draft != nil {
		t.Errorf("the record still knows it: %+v", record)
	}
	b.mustBeInSync(t)
	if p := b.one(t, reconcile.PlanOptions{}); p.ID != "" || p.Applyable {
		t.Errorf("after that: %+v", p)
	}
}

func TestADeletionCountsNoSubmission(t *testing.T) {
	planned := newShelf(t, live(), addOn("pro", absent, "")).propose(t, reconcile.PlanOptions{}).Plan
	want := plan.Summary{Delete: 1, Writes: 1, Verdicts: map[plan.Verdict]int{plan.VerdictNotApplied: 1}}
	if d := cmp.Diff(want, planned.Summary); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
}

func TestADeletionIsNoDraft(t *testing.T) {
	b := newShelf(t, live(), addOn("pro", absent, ""))
	options := reconcile.PlanOptions{Draft: true, Allow: map[string][]plan.Guard{"": plan.Guards()}}
	if p := b.one(t, options); len(p.Operations) > 0 || !noticed(p, "A deletion is no draft") {
		t.Errorf("operations %v, notices %v", idsOf(p), p.Notices)
	}
	result := b.apply(t, options, reconcile.ApplyOptions{})[0]
	if result.Err != nil || result.Outcome != reconcile.Unchanged || result.Verified != reconcile.VerifiedDiffers || len(b.store.sent) > 0 {
		t.Errorf("%s, %s, %v, sent %v", result.Outcome, result.Verified, result.Err, b.store.sent)
	}
}

// Somebody's unfinished work goes with the product: that takes its own guard,
// and is another plan than one without it.
func TestADeletionGuardsTheDraftThatGoesWithIt(t *testing.T) {
	store := live()
	b := newShelf(t, store, addOn("pro", absent, ""))
	without := b.one(t, reconcile.PlanOptions{})
	store.products["pro"].pending = &reconcile.PendingDraft{ID: "7"}
	p := b.one(t, reconcile.PlanOptions{})
	if !noticed(p, "Draft 7 is deleted with it.") || !slices.Contains(p.Blocked, plan.GuardReplaceDraft) || p.Hash == without.Hash {
		t.Errorf("notices %v, blocked %v, the same hash: %v", p.Notices, p.Blocked, p.Hash == without.Hash)
	}
	store.products["pro"].pending.Ours = true
	if p := b.one(t, reconcile.PlanOptions{}); slices.Contains(p.Blocked, plan.GuardReplaceDraft) {
		t.Errorf("our own draft is guarded: %v", p.Blocked)
	}
}

func TestARunningSubmissionKeepsAProductFromBeingDeleted(t *testing.T) {
	store := live()
	store.products["pro"].running = &plan.Submission{ID: "9", Status: "Certification"}
	b := newShelf(t, store, addOn("pro", absent, ""))
	result := b.apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassPending, "submission 9 is still running (Certification)")
	if result.Outcome != reconcile.Blocked || len(b.store.sent) > 0 {
		t.Errorf("%s, sent %v", result.Outcome, b.store.sent)
	}
}

func TestADeletionThatDoesNotShowYetIsAWarning(t *testing.T) {
	store := live()
	store.lagging = true
	b := newShelf(t, store, addOn("pro", absent, ""))
	result := b.apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": plan.Guards()}}, reconcile.ApplyOptions{})[0]
	if result.Err != nil || result.Outcome != reconcile.Applied || result.Verified != reconcile.VerifiedDiffers || len(result.Warnings) != 1 {
		t.Errorf("%s, %s, %v, warnings %q", result.Outcome, result.Verified, result.Err, result.Warnings)
	}
}

func TestNothingIsDeletedWithoutAGuard(t *testing.T) {
	store := live()
	store.unguarded = true
	b := newShelf(t, store, addOn("pro", absent, ""))
	result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassRefused, "cannot be deleted")
	if len(b.store.sent) > 0 {
		t.Errorf("sent %v", b.store.sent)
	}
}

func TestManyDeletionsAreAMassChange(t *testing.T) {
	store := &memory{products: map[string]*memoryProduct{}}
	var documents []string
	for i := range 4 {
		name := fmt.Sprintf("pro-%d", i)
		store.products[name] = &memoryProduct{id: fmt.Sprintf("PRO%d", i), live: plan.State{"visibility": plan.StringValue("Hidden")}}
		state := absent
		if i == 3 {
			state = ""
		}
		documents = append(documents, addOn(name, state, hidden))
	}
	b := newShelf(t, store, documents...)
	results := b.apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardDeleteAddOn}}}, reconcile.ApplyOptions{})
	for _, result := range results[:3] {
		wantError(t, result.Err, plan.ClassRefused, "mass-change")
	}
	if results[3].Err != nil {
		t.Error(results[3].Err)
	}
}
