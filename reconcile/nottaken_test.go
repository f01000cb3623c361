package reconcile_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// TestWhatTheStoreDroppedIsSaidToBeDropped: by whoever waits, and by every plan
// later, with both versions and without a cause that nobody knows.
func TestWhatTheStoreDroppedIsSaidToBeDropped(t *testing.T) {
	for _, p := range products4() {
		if p.kind != "MsixApp" && p.kind != "PackageFlight" {
			continue // The others have no packages that the Store unpacks.
		}
		for _, goal := range []reconcile.Goal{reconcile.GoalPublished, reconcile.GoalSubmitted} {
			t.Run(p.kind+", wait "+string(goal), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := p.store(t, "")
					version := func(n string) {
						b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, n, "x64")})
					}
					files := backendtest.NotesManifest("  packages: [{file: x64.msix}]\n")
					if p.kind == "PackageFlight" {
						files = backendtest.FlightManifest("  packages: [{file: x64.msix}]\n")
					}
					b.Write(t, files)
					version("2.0.0.0")
					b.MustApply(t)
					if err := b.Emulator.Seed([]byte(`{"behavior": {"msix": {"dropPackages": true}}}`), nil); err != nil {
						t.Fatal(err)
					}
					version("3.0.0.0")
					result := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: goal}).Products[0]
					if goal == reconcile.GoalPublished {
						wantError(t, result.Err, plan.ClassError, "the Store did not take what was sent")
						if text := result.Err.Error(); !strings.Contains(text, `sent "3.0.0.0", the Store still has "2.0.0.0"`) || strings.Contains(text, "somebody") {
							t.Errorf("%v", result.Err)
						}
					} else if result.Err != nil {
						t.Fatal(result.Err)
					}
					settle()
					status, err := b.Engine(t).Status(t.Context(), b.Load(t))
					if err != nil || len(status[0].NotTaken) == 0 {
						t.Errorf("status: %+v, %v", status, err)
					}
					planned := planOf(t, b)
					if planned.Verdict.ExitCode() != 2 || len(planned.Changes) == 0 {
						t.Fatalf("%s, %+v", planned.Verdict, planned.Changes)
					}
					for _, c := range planned.Changes {
						if !strings.Contains(c.Reason, "held this, and the Store published it without") || strings.Contains(planned.Standing.Sentence, "has changed since") {
							t.Errorf("%s: %q; %s", c.Path, c.Reason, planned.Standing.Sentence)
						}
					}
				})
			})
		}
	}
}
