package msix

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

// pristineFlight is the draft that a flight is made with.
const pristineFlight = `{"id":"` + testDraft + `","flightId":"` + testFlight + `","status":"PendingCommit","flightPackages":[],"notesForCertification":"",
	"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":false,"packageRolloutPercentage":0.0,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"},
		"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":"1601-01-01T00:00:00.0000000Z"},
	"fileUploadUrl":"https://blob.contoso.example/f?se=2099-01-01T00%3A00%3A00Z&sig=SECRET","targetPublishMode":"Immediate","targetPublishDate":""}`

// missingProduct is what Observe says of a product that is yet to be made.
func missingProduct(kind productKind) *reconcile.Observed {
	return &reconcile.Observed{Complete: true, Missing: true, Drafts: provenance.FirstDraft, State: plan.State{},
		Raw: map[string]json.RawMessage{rawProduct: encode(productFacts{Kind: kind})}}
}

// withoutSubmission is what it says of one that has none.
func withoutSubmission(t *testing.T, m *schema.Manifest, id string) *reconcile.Observed {
	t.Helper()
	o := missingProduct(kindOf(m))
	o.Missing, o.ID, o.State = false, id, wantedIdentity(m)
	return o
}

// lookAt is what it says of a flight with a submission.
func lookAt(t *testing.T, m *schema.Manifest, submission, id string) *reconcile.Observed {
	t.Helper()
	o := look(t, m, submission, nil)
	o.ID, o.Raw[rawProduct] = id, encode(productFacts{Kind: kindOf(m)})
	for path, value := range wantedIdentity(m) {
		o.State[path] = value
	}
	return o
}

func TestLowerOfProducts(t *testing.T) {
	flight := insiders(schema.PackageFlight{FriendlyName: "Insiders", GroupIDs: []string{"1", "2"}, RankHigherThan: new("Beta"),
		Packages: []schema.MsixPackage{built("Notes_1.2.0.0_x64.msix", "1.2.0.0", "x64")}, NotesForCertification: secret("password: hidden"),
		Rollout: &schema.Rollout{Percentage: new(10.0)}, TargetPublishMode: new("Manual")})
	highest := insiders(schema.PackageFlight{FriendlyName: "Insiders", Packages: flight.PackageFlight.Packages})
	dated := insiders(schema.PackageFlight{FriendlyName: "Insiders", TargetPublishMode: new("Immediate")})
	addOn := storage(schema.AddOn{ProductID: "extra-storage", ProductType: "Durable", Lifetime: new("Forever"),
		Pricing:  &schema.AddOnPricing{PriceID: new("Tier2")},
		Listings: map[string]*schema.AddOnListing{"en-us": {Title: text("Extra storage"), Description: text("More."), Icon: &schema.Image{Name: "icon.png", Bytes: 9, Width: 300, Height: 300, SHA256: hash("icon")}}}})
	specificDate := strings.Replace(strings.Replace(liveFlight, `"targetPublishMode":"Immediate"`, `"targetPublishMode":"SpecificDate"`, 1),
		`"targetPublishDate":""`, `"targetPublishDate":"2026-12-24T18:00:00Z"`, 1)
	cases := []struct {
		name, reason string
		manifest     *schema.Manifest
		observed     *reconcile.Observed
		adjust       func(*reconcile.LowerRequest)
	}{
		{"flight-new", "a flight that is not there is made, then its draft; nothing is known of that, so the change is a merge patch", flight, missingProduct(kindFlight), nil},
		{"flight-new-draft", "--draft makes the flight and stops before the commit", highest, missingProduct(kindFlight), func(r *reconcile.LowerRequest) { r.Draft = true }},
		{"flight-without-draft", "a flight that came without a draft gets its first one", flight, withoutSubmission(t, flight, testFlight), nil},
		{"flight-pristine", "the draft that a killed apply left as it was made is gone on with", highest, lookAt(t, highest, pristineFlight, testFlight),
			func(r *reconcile.LowerRequest) { ourDraft(r); r.Observed.Drafts = provenance.FirstDraft }},
		{"flight-package", "a new package: the old entry is marked, as for an app", highest, lookAt(t, highest, liveFlight, testFlight), nil},
		{"flight-date", "a flight has no date with an empty text", dated, lookAt(t, dated, specificDate, testFlight), nil},
		{"flight-delete", "one request", flight, lookAt(t, flight, liveFlight, testFlight), func(r *reconcile.LowerRequest) {
			r.Delete, r.Changes = true, []plan.Change{{Path: plan.PathProduct, Action: plan.ActionDelete}}
		}},
		{"flight-delete-unpublished", "nobody has it", flight, withoutSubmission(t, flight, testFlight), func(r *reconcile.LowerRequest) {
			r.Delete, r.Changes = true, []plan.Change{{Path: plan.PathProduct, Action: plan.ActionDelete}}
		}},
		{"add-on-new", "an add-on that is not there is made, then its draft, which the service is not asked to make minimal", addOn, missingProduct(kindAddOn), nil},
		{"add-on-delete", "one request", addOn, withoutSubmission(t, addOn, testAddOn), func(r *reconcile.LowerRequest) {
			r.Delete, r.Changes = true, []plan.Change{{Path: plan.PathProduct, Action: plan.ActionDelete}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			request := reconcile.LowerRequest{Manifest: c.manifest, Observed: c.observed, Use: reconcile.UseFresh}
			request.Target, request.Changes = targetOf(t, c.manifest, c.observed)
			if c.adjust != nil {
				c.adjust(&request)
			}
			operations, found := (&backend{}).Lower(request)
			if len(found) > 0 {
				t.Fatalf("lower: %v", found)
			}
			golden(t, "testdata/lower/"+c.name+".txt", render(c.reason, request.Changes, operations))
			all := string(encode(operations))
			for _, leak := range []string{"NEVER", "hidden"} {
				if strings.Contains(all, leak) {
					t.Errorf("a secret is in the operations: %s", all)
				}
			}
		})
	}
}
