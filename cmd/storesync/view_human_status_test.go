package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

func TestHumanStatusOfRollouts(t *testing.T) {
	for _, tt := range []struct {
		reason string
		status reconcile.ProductStatus
		want   string
	}{
		{"a product that does not exist has no draft to speak of",
			reconcile.ProductStatus{Address: "AddOn/contoso-gold", Missing: true, Status: &reconcile.Status{}},
			"AddOn/contoso-gold\n  Status:       does not exist in the Store\n"},
		{"a running rollout is published, and says how far it is",
			reconcile.ProductStatus{Address: "MsixApp/contoso-notes", ID: "9NBLGGH4R315", Status: &reconcile.Status{
				Draft: "none", Rollout: "10 % of the customers get the new packages"},
				Running: &plan.Submission{ID: "42", Status: "PackageRolloutInProgress", Done: true, Rollout: true}},
			"MsixApp/contoso-notes  9NBLGGH4R315\n  Draft:        none\n  Submission:   42 (PackageRolloutInProgress), published and being rolled out\n  Rollout:      10 % of the customers get the new packages\n"},
		{"a draft of ours",
			reconcile.ProductStatus{Address: "MsixApp/contoso-notes", ID: "9NBLGGH4R315", Draft: plan.DraftOurs, Status: &reconcile.Status{Draft: "42", Ready: true}},
			"MsixApp/contoso-notes  9NBLGGH4R315\n  Draft:        42; apply goes on with what storesync wrote, discard deletes it\n  Submission:   none is running\n"},
		{"the first one of a product, which discard refuses to delete",
			reconcile.ProductStatus{Address: "AddOn/contoso-gold", ID: "9NBLGGH4R316", Draft: plan.DraftOurs, Status: &reconcile.Status{Draft: "42", Ready: true}, First: true},
			"AddOn/contoso-gold  9NBLGGH4R316\n  Draft:        42; apply goes on with what storesync wrote; a first draft is never deleted\n" +
				"  Submission:   none is running\n"},
		{"a submission that runs",
			reconcile.ProductStatus{Address: "MsixApp/contoso-notes", ID: "9NBLGGH4R315", Status: &reconcile.Status{
				Draft: "none"}, Running: &plan.Submission{ID: "42", Status: "Certification"}},
			"MsixApp/contoso-notes  9NBLGGH4R315\n  Draft:        none\n  Submission:   42 (Certification), running\n"},
	} {
		if diff := cmp.Diff(tt.want, humanStatus([]reconcile.ProductStatus{tt.status}, look{width: 100})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestAppliedReport checks the words for what needs no submission: a deletion,
// or a step of a rollout.
func TestAppliedReport(t *testing.T) {
	report := &reconcile.Report{Products: []reconcile.ProductResult{
		{Address: "PackageFlight/contoso-beta", Outcome: reconcile.Applied, Verified: reconcile.VerifiedInSync},
	}}
	want := "\nPackageFlight/contoso-beta: applied, without a submission. In sync.\n"
	if diff := cmp.Diff(want, humanReport(report, look{width: 100})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
