package msix

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

const testAddOn = "9NBLGGH4TNMP"

// oddAddOn is a published add-on submission full of members that no page names,
// with icons of storesync's and of others.
func oddAddOn() string {
	return strings.ReplaceAll(`{"id":"`+testPublished+`","xTop":{"share":1.50},"contentType":"OnlineDownload","keywords":["theme","dark"],"lifetime":"Forever",
	"listings":{
		"de-de":{"title":"Designs","description":"Mehr Designs.","icon":{"fileName":"alt.png","fileStatus":"Uploaded"},"xListing":1},
		"En-US":{"title":"Themes","description":"More themes.\r\nDark ones.","icon":{"fileName":"Assets\\en-us\\icon\\{plain}.png","fileStatus":"Uploaded","xIcon":1}},
		"fr-fr":{"title":"Thèmes","description":"Des thèmes."}},
	"pricing":{"marketSpecificPricings":{"LB":"NotAvailable","CN":"NotAvailable","JP":"Tier1013","DE":"Base","AQ":"TierFromTheFuture"},"sales":[],"priceId":"Tier1012","isAdvancedPricingModel":true,"xPricing":1},
	"targetPublishDate":"1601-01-01T00:00:00Z","targetPublishMode":"Immediate","tag":"<levels/>","visibility":"Public",
	"status":"Published","statusDetails":{"errors":[],"warnings":[],"certificationReports":[]},"fileUploadUrl":null,"friendlyName":"Submission 2"}`, "{plain}", hash("plain"))
}

// themes is a manifest of the test add-on.
func themes(spec schema.AddOn) *schema.Manifest {
	spec.App, spec.AppID, spec.ID, spec.ProductID, spec.ProductType = "contoso-notes", testApp, testAddOn, "themes", "Durable"
	return &schema.Manifest{Kind: schema.AddOnKind, Metadata: schema.Metadata{Name: "themes"}, AddOn: &spec, File: "themes.yaml"}
}

func icon(name string) *schema.Image {
	return &schema.Image{Name: "icons/" + name + ".png", Bytes: 900, Width: 300, Height: 300, SHA256: hash(name)}
}

// inLanguage is an add-on with one listing.
func inLanguage(language string, listing schema.AddOnListing) schema.AddOn {
	return schema.AddOn{Listings: map[string]*schema.AddOnListing{language: &listing}}
}

// lookAddOn is what Observe makes of an add-on's submission, "" for one that
// does not exist.
func lookAddOn(t *testing.T, m *schema.Manifest, submission string, record *record.Record) *reconcile.Observed {
	t.Helper()
	facts := encode(productFacts{Kind: kindAddOn})
	if submission == "" {
		return &reconcile.Observed{Complete: true, Missing: true, Drafts: provenance.FirstDraft, State: plan.State{}, Raw: map[string]json.RawMessage{rawProduct: facts}}
	}
	o := look(t, m, submission, record)
	o.ID, o.Raw[rawProduct] = testAddOn, facts
	o.State[fieldProductID], o.State[fieldProductType] = plan.StringValue("themes"), plan.StringValue("Durable")
	return o
}
