package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

func TestHumanStatusOfRollouts(t *testing.T) {
	failed := &plan.Submission{ID: "42", Status: "CertificationFailed", Done: true, Failed: true, Detail: []string{"it crashes"}}
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
		{"an add-on that is not there yet: the verdict says it",
			reconcile.ProductStatus{Address: "AddOn/contoso-gold", Missing: true, Status: &reconcile.Status{}, Verdict: plan.VerdictNotCreated,
				Standing: &plan.Standing{Sentence: "The Store does not have this add-on yet.", Next: "Applying makes it."}},
			"AddOn/contoso-gold  not created\n  The Store does not have this add-on yet.\n  Applying makes it.\n"},
		{"a submission that failed: the Store's words once, and what to do behind them",
			reconcile.ProductStatus{Address: "MsixApp/contoso-notes", ID: "9NBLGGH4R315", Verdict: plan.VerdictSubmissionFailed,
				Standing: &plan.Standing{Sentence: "Submission 42 ended with CertificationFailed.", Next: "What is wrong stands above. Mend it.", Submission: failed, Paths: []plan.Path{"packages"}},
				Status:   &reconcile.Status{Draft: "none", Messages: []string{"submission 42 ended with CertificationFailed", "it crashes"}}, Last: failed},
			"MsixApp/contoso-notes  9NBLGGH4R315  submission failed\n  Submission 42 ended with CertificationFailed.\n  It is about packages.\n" +
				"  Draft:        none\n  Submission:   none is running\n  Last of ours: 42 (CertificationFailed: it crashes)\n  What is wrong stands above. Mend it.\n"},
		{"what the Store did not take, in both versions",
			reconcile.ProductStatus{Address: "MsixApp/contoso-notes", ID: "9NBLGGH4R315", Verdict: plan.VerdictDrifted,
				Standing: &plan.Standing{Sentence: "The Store has changed since the last apply."}, Status: &reconcile.Status{Draft: "none"},
				NotTaken: []plan.Change{{Path: "packages.x64.version", Type: plan.Scalar, Before: plan.Encode("1.0.0.0"), After: plan.Encode("1.1.0.0")}, {Path: "notesForCertification", Sensitive: true}}},
			"MsixApp/contoso-notes  9NBLGGH4R315  drifted\n  The Store has changed since the last apply.\n  Draft:        none\n  Submission:   none is running\n" +
				"  Not taken:    packages.x64.version: sent 1.1.0.0, the Store has 1.0.0.0\n" +
				"  Not taken:    notesForCertification: the Store has another value than was sent; the values are\n    sensitive and not shown\n"},
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
