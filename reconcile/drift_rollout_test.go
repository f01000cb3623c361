package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// rollout is a manifest of Contoso Notes whose new package is rolled out.
func rollout(percent int) backendtest.Files {
	return backendtest.NotesManifest(fmt.Sprintf("  packages: [{file: x64.msix}]\n  rollout: {percentage: %d}\n", percent))
}

// byHand moves the rollout as a person in the portal does: no record knows.
func byHand(t *testing.T, b *backendtest.Bench, percent int) {
	t.Helper()
	other := *b
	other.Records = record.Files(t.TempDir())
	other.Write(t, rollout(percent))
	if result := other.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}).Products[0]; result.Err != nil {
		t.Fatal(result.Err)
	}
}

// TestDriftOfARolloutRaisedByHand: a rollout cannot go back, and still it is
// seen that it moved, and who moved it.
func TestDriftOfARolloutRaisedByHand(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
		b.Write(t, rollout(10))
		b.MustApply(t)
		byHand(t, b, 50)
		b.Write(t, rollout(10))

		if plan := b.Plan(t, reconcile.PlanOptions{}); !plan.Errored {
			t.Error("a plan that lowers a rollout has no error")
		}
		plan := b.Plan(t, reconcile.PlanOptions{Compare: true})
		drift := plan.Drift()
		if drift.Errored || drift.InSync || drift.Summary.Store != 1 || plan.Diagnostics.HasErrors() || plan.Applyable {
			t.Errorf("errored %t, in sync %t, %+v", drift.Errored, drift.InSync, drift.Summary)
		}
		if diff := cmp.Diff(map[string]string{"rollout.percentage": "changed in the Store"}, origins(drift.Products[0].Differences)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !noticeWith(plan, "rollout.percentage cannot be applied: the rollout is at 50 % and cannot go back to 10 %") {
			t.Errorf("notices %+v", plan.Products[0].Notices)
		}
	})
}

// TestASavedStepOfARolloutThatMovedOn: the Store moved, and that is what is said,
// though the step cannot be planned any more.
func TestASavedStepOfARolloutThatMovedOn(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
		b.Write(t, rollout(10))
		b.MustApply(t)
		b.Write(t, rollout(60))
		saved := savedOf(t, b.Plan(t, reconcile.PlanOptions{}))
		byHand(t, b, 70)
		b.Write(t, rollout(60))
		proposal, err := b.Engine(t).Plan(t.Context(), b.Load(t), reconcile.PlanOptionsOf(saved))
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, proposal.CheckSaved(saved), plan.ClassRefused, "changed in the Store since the plan was made: rollout.percentage")
	})
}
