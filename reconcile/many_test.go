package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

func productID(i int) string { return fmt.Sprintf("6f1c0b1e-4f5c-4a57-9b0a-%012d", i) }

// products is a bench of n products, live in English and German, each with a
// manifest of the given spec.
func products(t *testing.T, n int, spec func(i int) string) *backendtest.Bench {
	t.Helper()
	store := backendtest.MsiExeStore(t, "", "en-us")
	files := backendtest.Files{}
	for i := range n {
		store.SeedMsiExeProduct(productID(i), []string{"en-us", "de-de"})
		files[fmt.Sprintf("app%d.yaml", i)] = fmt.Appendf(nil,
			"apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: app-%d}\nspec:\n  productId: %s\n%s", i, productID(i), spec(i))
	}
	b := backendtest.NewBench(t, store, backendtest.MsiExe)
	b.Write(t, files)
	return b
}

func outcomes(report *reconcile.Report) []string {
	var out []string
	for _, result := range report.Products {
		out = append(out, result.Address+" "+string(result.Outcome))
	}
	return out
}

func TestMassChangeIsGuarded(t *testing.T) {
	for _, c := range []struct {
		losing int
		want   bool
	}{{2, false}, {3, true}} {
		t.Run(fmt.Sprint(c.losing, " of 4"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := products(t, 4, func(i int) string {
					if i < c.losing {
						return "  removeUnlistedLanguages: true\n  listings: {de-de: {whatsNew: Neu.}}\n"
					}
					return "  listings: {de-de: {whatsNew: Neu.}}\n"
				})
				report := b.Apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardRemoveLanguage}}}, reconcile.ApplyOptions{})
				for _, result := range report.Products[:c.losing] {
					refused := result.Err != nil && strings.Contains(result.Err.Error(), "mass-change")
					if refused != c.want {
						t.Errorf("%s: %v, want mass-change %t", result.Address, result.Err, c.want)
					}
				}
				for _, result := range report.Products[c.losing:] {
					if result.Err != nil {
						t.Errorf("%s loses nothing: %v", result.Address, result.Err)
					}
				}
			})
		})
	}
}

func TestAFailureStopsOnlyItsProduct(t *testing.T) {
	for _, c := range []struct {
		failFast bool
		want     []string
	}{
		{false, []string{"MsiExeApp/app-0 failed", "MsiExeApp/app-1 submitted"}},
		{true, []string{"MsiExeApp/app-0 failed", "MsiExeApp/app-1 skipped"}},
	} {
		t.Run(fmt.Sprint("fail fast ", c.failFast), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := products(t, 2, func(int) string { return "  listings: {de-de: {whatsNew: Neu.}}\n" })
				b.Parallelism = 1
				if err := b.Emulator.SetFaults([]byte(`[{"match": "PATCH .*` + productID(0) + `", "action": "status", "status": 400, "times": -1}]`)); err != nil {
					t.Fatal(err)
				}
				report := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{FailFast: c.failFast})
				if d := cmp.Diff(c.want, outcomes(report)); d != "" {
					t.Errorf("outcomes (-want +got):\n%s", d)
				}
			})
		})
	}
}

func TestAProductThatCannotBePlannedIsInThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := products(t, 2, func(int) string { return "  listings: {de-de: {whatsNew: Neu.}}\n" })
		if err := b.Emulator.SetFaults([]byte(`[{"match": "GET .*` + productID(0) + `/metadata", "action": "status", "status": 403, "times": -1}]`)); err != nil {
			t.Fatal(err)
		}
		proposal, err := b.Engine(t).Plan(t.Context(), b.Load(t), reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		planned := proposal.Plan
		if planned.Products[0].Error == "" || planned.Products[1].Error != "" || !planned.Errored || planned.Complete || !planned.Applyable {
			t.Errorf("errors %q and %q; errored %t, complete %t, applyable %t",
				planned.Products[0].Error, planned.Products[1].Error, planned.Errored, planned.Complete, planned.Applyable)
		}
		if plan.ClassOf(proposal.Err()) != plan.ClassCredentials {
			t.Errorf("class of %v is %s", proposal.Err(), plan.ClassOf(proposal.Err()))
		}
	})
}

func TestStatusSaysWhereProductsStand(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		status := func() reconcile.ProductStatus {
			statuses, err := b.Engine(t).Status(t.Context(), b.Load(t))
			if err != nil || statuses[0].Err != nil {
				t.Fatalf("%v, %v", err, statuses[0].Err)
			}
			return statuses[0]
		}
		if s := status(); s.Running != nil || s.Last != nil || s.Draft != plan.DraftUnknown {
			t.Errorf("before anything: %+v", s)
		}
		report := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
		if s := status(); s.Running == nil || s.Last == nil || s.Last.ID != report.Products[0].Submission.ID || s.Last.Done {
			t.Errorf("while it runs: %+v", s)
		}
		b.Emulator.Settle()
		if s := status(); s.Running != nil || s.Last == nil || s.Last.Status != "PUBLISHED" || !s.Last.Done {
			t.Errorf("when it has ended: %+v", s)
		}
		b.Write(t, backendtest.ReaderManifest(germaner))
		b.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{})
		if s := status(); s.Draft != plan.DraftOurs || !s.Status.Ready {
			t.Errorf("with a draft of ours: %+v", s)
		}
	})
}

func TestWaitingForIdleOutlivesAStatusThatLags(t *testing.T) {
	scenario(t, `"pace": {"certification": "1h", "statusLag": "30s"}`, func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		if result := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}).Products[0]; result.Err != nil {
			t.Fatal(result.Err)
		}
		b.Write(t, backendtest.ReaderManifest(germaner))
		b.MustApplyAfterWaiting(t)
		b.MustBeInSync(t)
	})
}
