package reconcile_test

import (
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// portalDraft makes a draft of somebody else beside a product.
func portalDraft(t *testing.T, b *backendtest.Bench, p product, portal bool) {
	t.Helper()
	made := `"pending": {"madeInPortal": false, "submission": `
	if portal {
		made = `"pending": {"madeInPortal": true, "submission": `
	}
	document := map[string]string{
		"MsixApp":       `{` + made + `{"visibility": "Hidden"}}}`,
		"AddOn":         `{"addOns": [{"productId": "extra-storage", ` + made + `{"visibility": "Hidden"}}}]}`,
		"PackageFlight": `{"flights": [{"friendlyName": "Insiders", ` + made + `{"targetPublishMode": "Manual"}}}]}`,
	}[p.kind]
	editNotes(t, b, document)
}

// TestSomebodyElsesDraftIsNamed: in every plan, drift and status, with what
// differs in it, though nothing of ours does.
func TestSomebodyElsesDraftIsNamed(t *testing.T) {
	for _, portal := range []bool{true, false} {
		forEveryKind(t, nil, func(t *testing.T, b *backendtest.Bench, p product) {
			if p.shared {
				return // It has no other draft than the one that everybody shares.
			}
			portalDraft(t, b, p, portal)
			differs := "visibility"
			if p.kind == "PackageFlight" {
				differs = "targetPublishMode"
			}
			named := func(notices []plan.Notice, where string) {
				t.Helper()
				for _, n := range notices {
					if strings.Contains(n.Text, "which is not in this record, is pending: it differs from what is published in "+differs) {
						return
					}
				}
				t.Errorf("%s does not name the draft: %v", where, notices)
			}
			planned := planOf(t, b)
			if planned.Verdict != plan.VerdictInSync || len(planned.Operations) > 0 {
				t.Errorf("%s, operations %v", planned.Verdict, idsOf(planned))
			}
			named(planned.Notices, "plan")
			named(b.Plan(t, reconcile.PlanOptions{Compare: true}).Drift().Products[0].Notices, "drift")
			status, err := b.Engine(t).Status(t.Context(), b.Load(t))
			if err != nil {
				t.Fatal(err)
			}
			named(status[0].Notices, "status")
			// And it is what is in the way of a change.
			b.Write(t, p.files(t, 2))
			if got := planOf(t, b); got.Verdict != plan.VerdictBlocked {
				t.Errorf("a change beside it: %s", got.Verdict)
			}
		})
	}
}

// TestADraftInWhichSomebodyWorkedIsNotDiscarded: it is ours, and not only ours.
func TestADraftInWhichSomebodyWorkedIsNotDiscarded(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Ours.}}\n"))
		if result := apply(t, b, reconcile.PlanOptions{Draft: true}); result.Err != nil {
			t.Fatal(result.Err)
		}
		editNotes(t, b, `{"pending": {"madeInPortal": false, "submission": {"visibility": "Hidden"}}}`)
		b.Emulator.ForgetRequests()
		planned, err := b.Engine(t).Discard(t.Context(), b.Load(t).Manifests[0], nil)
		wantError(t, err, plan.ClassRefused, "holds what somebody else changed in it: visibility")
		if len(planned.Operations) > 0 || len(b.Writes()) > 0 {
			t.Errorf("operations %v, writes %v", planned.Operations, b.Writes())
		}
	})
}
