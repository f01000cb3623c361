package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// suite is an app whose first submission is its draft, with an add-on and two
// flights, one ranked above the other.
func suite(t *testing.T) *shelf {
	notes := &memoryProduct{id: storeID}
	notes.makeDraft()
	return newShelf(t, &memory{products: map[string]*memoryProduct{"notes": notes}},
		addOn("pro", "", hidden),
		flight("insiders", "  targetPublishMode: Manual\n"),
		flight("canary", "  targetPublishMode: Manual\n  rankHigherThan: insiders\n"),
		app("notes", storeID, hidden),
	)
}

func TestProductsFollowWhatTheyDependOn(t *testing.T) {
	for _, parallelism := range []int{1, 2, 8} {
		t.Run(fmt.Sprint("parallelism ", parallelism), func(t *testing.T) {
			b := suite(t)
			b.parallelism = parallelism
			for _, result := range b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}) {
				if result.Err != nil {
					t.Errorf("%s: %v", result.Address, result.Err)
				}
			}
			at := func(line string) int { return slices.Index(b.store.sent, line) }
			for _, pair := range [][2]string{
				{"notes commit", "pro product.create"}, {"notes commit", "insiders product.create"}, {"insiders commit", "canary product.create"},
			} {
				if at(pair[0]) < 0 || at(pair[0]) > at(pair[1]) {
					t.Errorf("%q does not come before %q: %v", pair[0], pair[1], b.store.sent)
				}
			}
		})
	}
}

func TestThePlanSaysWhatWaits(t *testing.T) {
	b := suite(t)
	waits := map[string]string{}
	for _, p := range b.propose(t, reconcile.PlanOptions{}).Plan.Products {
		for _, notice := range p.Notices {
			if strings.HasPrefix(notice.Text, "Waits for") {
				waits[p.Address] += notice.Text
			}
		}
	}
	want := map[string]string{
		"AddOn/pro":              "Waits for MsixApp/notes, which is new.",
		"PackageFlight/insiders": "Waits for MsixApp/notes, which is new.",
		"PackageFlight/canary":   "Waits for MsixApp/notes and PackageFlight/insiders, which are new.",
	}
	if d := cmp.Diff(want, waits); d != "" {
		t.Errorf("waits (-want +got):\n%s", d)
	}
}

func TestAFailureStopsWhatDependsOnIt(t *testing.T) {
	cases := []struct {
		name, fail string
		want       []string
	}{
		{"the app", "notes commit", []string{"MsixApp/notes failed", "AddOn/pro skipped", "PackageFlight/insiders skipped", "PackageFlight/canary skipped"}},
		{"a flight", "insiders put", []string{"MsixApp/notes published", "AddOn/pro published", "PackageFlight/insiders failed", "PackageFlight/canary skipped"}},
		{"an add-on", "pro put", []string{"MsixApp/notes published", "AddOn/pro failed", "PackageFlight/insiders published", "PackageFlight/canary published"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := suite(t)
			b.store.fail = map[string]error{c.fail: errors.New("500")}
			results := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
			for _, line := range c.want {
				var address, outcome string
				fmt.Sscan(line, &address, &outcome)
				result := resultOf(t, results, address)
				if string(result.Outcome) != outcome {
					t.Errorf("%s %s, want %s: %v", address, result.Outcome, outcome, result.Err)
				}
				if outcome == "skipped" {
					wantError(t, result.Err, plan.ClassError, "which was not applied")
				}
			}
		})
	}
	b := suite(t)
	b.store.fail = map[string]error{"notes commit": errors.New("500")}
	wantError(t, resultOf(t, b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}), "PackageFlight/canary").Err, plan.ClassError,
		"PackageFlight/canary: depends on MsixApp/notes, which was not applied\n  Nothing was changed.")
}

func TestAnAppThatIsNotNewHoldsNobodyUp(t *testing.T) {
	b := suite(t)
	b.mustApplyAll(t)
	b.write(t, addOn("pro", "", visible), app("notes", storeID, visible))
	b.store.fail = map[string]error{"notes put": errors.New("500")}
	allow := map[string][]plan.Guard{"": {plan.GuardVisibilityChange}}
	results := b.apply(t, reconcile.PlanOptions{Allow: allow}, reconcile.ApplyOptions{})
	if app, pro := resultOf(t, results, "MsixApp/notes"), resultOf(t, results, "AddOn/pro"); app.Err == nil || pro.Err != nil {
		t.Errorf("app %v, add-on %v", app.Err, pro.Err)
	}
}

func (b *shelf) mustApplyAll(t *testing.T) {
	t.Helper()
	for _, result := range b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}) {
		if result.Err != nil {
			t.Fatal(result.Err)
		}
	}
}
