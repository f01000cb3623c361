package msix

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestAudit(t *testing.T) {
	listing := func(l schema.MsixListing) schema.MsixApp {
		return schema.MsixApp{Listings: map[string]*schema.MsixListing{"fr-fr": &l}}
	}
	stranger := built("x64.msix", "2.0.0.0", "x64")
	stranger.Content.Identity, stranger.Content.Publisher = "Fabrikam.Notes", "CN=Fabrikam"
	cases := []struct {
		name, reason string
		spec         schema.MsixApp
		base         map[string]string
		app          map[string]string
		want         []string
	}{
		{name: "fine", reason: "what is live is fine as it is", spec: schema.MsixApp{Visibility: new("Hidden")}},
		{name: "price Base", reason: "what cannot be sent back is not planned", spec: schema.MsixApp{Visibility: new("Hidden")}, base: map[string]string{"/pricing/priceId": `"Base"`},
			want: []string{"error pricing.priceId: the Store answers the base price as Base"}},
		{name: "price Base replaced", reason: "a written tier takes its place", spec: schema.MsixApp{Pricing: &schema.MsixPricing{PriceID: new("Tier1012")}}, base: map[string]string{"/pricing/priceId": `"Base"`}},
		{name: "no price", reason: "a missing price would make the app free", base: map[string]string{"/pricing/priceId": `null`}, want: []string{"error pricing.priceId: the Store does not say what the app costs"}},
		{name: "nowhere", reason: "NotAvailable is for single markets", spec: schema.MsixApp{Pricing: &schema.MsixPricing{PriceID: new("NotAvailable")}}, want: []string{"NotAvailable is no base price"}},
		{name: "unknown tier", reason: "a tier that nobody knows is sent back as it is", base: map[string]string{"/pricing/priceId": `"TierFromTheFuture"`}},
		{name: "into Games", reason: "a published app does not become a game", spec: schema.MsixApp{ApplicationCategory: new("Games_Word")}, want: []string{"error applicationCategory: a published app cannot move from Productivity to Games_Word"}},
		{name: "out of Games", reason: "nor the other way", spec: schema.MsixApp{ApplicationCategory: new("Productivity")}, base: map[string]string{"/applicationCategory": `"Games_Word"`}, want: []string{"cannot move from Games_Word"}},
		{name: "within Games", reason: "other moves are fine", spec: schema.MsixApp{ApplicationCategory: new("Games_Sports")}, base: map[string]string{"/applicationCategory": `"Games_Word"`}},
		{name: "first category", reason: "an app that was never published may become anything", spec: schema.MsixApp{ApplicationCategory: new("Games_Word")}, app: map[string]string{"/published": "false"}},
		{name: "no date", reason: "SpecificDate needs its date", spec: schema.MsixApp{TargetPublishMode: new("SpecificDate")}, want: []string{"error targetPublishDate: targetPublishMode SpecificDate needs a date"}},
		{name: "mandatory without a date", reason: "so does a mandatory update", spec: schema.MsixApp{PackageDeliveryOptions: &schema.PackageDeliveryOptions{IsMandatoryUpdate: new(true)}},
			want: []string{"error packageDeliveryOptions.mandatoryUpdateEffectiveDate: a mandatory update needs the date"}},
		{name: "no permission", reason: "trailers and gaming options need a permission", app: map[string]string{"/hasAdvancedListingPermission": "false"},
			spec: schema.MsixApp{GamingOptions: []schema.GamingOptions{}, Trailers: []schema.Trailer{}}, want: []string{"error gamingOptions: the app has no permission", "error trailers: the app has no permission"}},
		{name: "no permission needed", reason: "what equals the Store's needs none", app: map[string]string{"/hasAdvancedListingPermission": "false"},
			spec: schema.MsixApp{GamingOptions: []schema.GamingOptions{{IsLocalMultiplayer: new(true)}}}},
		{name: "new language", reason: "a new language is whole", spec: listing(schema.MsixListing{Title: text("Notes")}),
			want: []string{"error listings.fr-fr.description: the Store requires it of a new language", "error listings.fr-fr.images.Screenshot: the Store requires it of a new language: at least one screenshot"}},
		{name: "screenshot of another family", reason: "screenshots of any family will do", spec: listing(schema.MsixListing{Title: text("Notes"), Description: text("Note."), Images: map[string][]schema.CaptionedImage{"XboxScreenshot": {image("xbox")}}})},
		{name: "unset is not missing", reason: "a value from an unset variable is unknown", spec: listing(schema.MsixListing{Title: text("Notes"), Description: &schema.Text{Env: "STORE_X", Unset: true},
			Images: map[string][]schema.CaptionedImage{"Screenshot": {image("editor")}}})},
		{name: "unmanaged", reason: "what is missing in an unmanaged language is a warning", base: map[string]string{"/listings/de-de/baseListing/description": `""`},
			want: []string{"warning listings.de-de.description: the Store requires it of every language"}},
		{name: "stranger", reason: "a package of another app or publisher", spec: schema.MsixApp{Packages: []schema.MsixPackage{stranger}},
			want: []string{`error packages[0]: the identity name of dist/x64.msix is "Fabrikam.Notes", and that of app 9NBLGGH4R315 is "Contoso.Notes"`, `error packages[0]: the publisher of dist/x64.msix is "CN=Fabrikam"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := notes(c.spec)
			o := look(t, m, oddWith(t, c.base), nil)
			app := parsed(t, string(o.Raw[rawApplication]))
			for pointer, value := range c.app {
				if err := app.set(pointer, json.RawMessage(value)); err != nil {
					t.Fatal(err)
				}
			}
			o.Raw[rawApplication] = app.raw()
			t.Log(c.reason)
			checkProblems(t, audited(t, m, o), c.want...)
		})
	}
}

func TestGuards(t *testing.T) {
	cases := []struct {
		name, reason string
		spec         schema.MsixApp
		base         map[string]string
		want         map[plan.Path][]plan.Guard
	}{
		{name: "price", reason: "every tier that changes", spec: schema.MsixApp{Pricing: &schema.MsixPricing{PriceID: new("Free"), TrialPeriod: new("OneDay"), MarketSpecificPricings: map[string]string{"JP": "Base", "FR": "Tier1020"}}},
			want: map[plan.Path][]plan.Guard{"pricing.priceId": {"price-change"}, "pricing.trialPeriod": {"price-change"}, "pricing.marketSpecificPricings.JP": {"price-change"}, "pricing.marketSpecificPricings.FR": {"price-change"}}},
		{name: "markets", reason: "closing a market takes it away, opening one sets a price there", spec: schema.MsixApp{Markets: &schema.Markets{All: true, Except: []string{"FR"}}},
			want: map[plan.Path][]plan.Guard{"pricing.marketSpecificPricings.FR": {"remove-market"}, "pricing.marketSpecificPricings.CN": {"price-change"}}},
		{name: "visibility", reason: "who finds the app", spec: schema.MsixApp{Visibility: new("Private")}, want: map[plan.Path][]plan.Guard{"visibility": {"visibility-change"}}},
		{name: "language", reason: "a whole listing goes", spec: schema.MsixApp{RemoveUnlistedLanguages: true, Listings: map[string]*schema.MsixListing{"en-us": {}}},
			want: map[plan.Path][]plan.Guard{"listings.de-de": {"remove-language"}}},
		{name: "images", reason: "all images of a type go", spec: screenshots("en-us"), want: map[plan.Path][]plan.Guard{"listings.En-US.images.Screenshot": {"remove-images"}}},
		{name: "fewer images", reason: "replacing them is not that", spec: screenshots("en-us", image("new"))},
		{name: "bump", reason: "a successor for everybody needs no permission", spec: schema.MsixApp{Packages: bumped()}},
		{name: "newer Windows", reason: "customers on the old Windows get no update any more", spec: schema.MsixApp{Packages: []schema.MsixPackage{builtFor(late, "x64.msix", "1.2.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}},
			want: map[plan.Path][]plan.Guard{"packages.x64-desktop.targetDeviceFamilies": {"remove-package"}, "packages.x64-desktop-1-0-0-0": {"remove-package"}}},
		{name: "dropped", reason: "an architecture is served no longer", spec: schema.MsixApp{Packages: livePackages()[:1]},
			want: map[plan.Path][]plan.Guard{"packages.arm64-desktop": {"drop-architecture", "remove-package"}}},
		{name: "downgrade", reason: "a lower version takes the place", spec: schema.MsixApp{Packages: []schema.MsixPackage{built("x64.msix", "1.0.5.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}},
			want: map[plan.Path][]plan.Guard{"packages.x64-desktop.version": {"version-downgrade"}}},
		{name: "back to the old one", reason: "the newest goes and an older one stays", spec: schema.MsixApp{Packages: []schema.MsixPackage{pinned("x64.msix", "1.0.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}},
			want: map[plan.Path][]plan.Guard{"packages.x64-desktop-1-1-0-0": {"version-downgrade"}}},
		{name: "one bundle for all", reason: "a bundle of both architectures follows both", spec: schema.MsixApp{Packages: []schema.MsixPackage{built("all.msixbundle", "1.2.0.0", "arm64", "x64")}}},
		{name: "bundle without one", reason: "a bundle that leaves one out", spec: schema.MsixApp{Packages: []schema.MsixPackage{built("all.msixbundle", "1.2.0.0", "x64", "x86")}},
			want: map[plan.Path][]plan.Guard{"packages.arm64-desktop": {"drop-architecture", "remove-package"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := notes(c.spec)
			o := look(t, m, oddWith(t, c.base), nil)
			target, changes := targetOf(t, m, o)
			got := map[plan.Path][]plan.Guard{}
			for _, change := range changes {
				if guards := (&backend{}).Guards(change, o, target); len(guards) > 0 {
					got[change.Path] = guards
				}
			}
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// TestGuardsOfAFirstDraft: before anything is published nobody has what waits
// for its upload; what the draft has besides is judged as ever.
func TestGuardsOfAFirstDraft(t *testing.T) {
	waiting := packageName(built("old.msix", "1.5.0.0", "x86").Content)
	base := oddWith(t, map[string]string{"/status": `"PendingCommit"`, "/applicationPackages/-": `{"fileName":"` + waiting + `","fileStatus":"PendingUpload"}`})
	m := notes(schema.MsixApp{Packages: []schema.MsixPackage{pinned("x64.msix", "1.1.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}})
	for draft, want := range map[string][]plan.Guard{testDraft: nil, "": {plan.GuardRemovePackage}} {
		o := look(t, m, base, nil)
		o.Draft = draft
		target, _ := targetOf(t, m, o)
		change := plan.Change{Path: plan.Join(fieldPackages, "file-"+keyWord(waiting)), Action: plan.ActionDelete}
		if o.State[plan.Join(fieldPackages, "file-"+keyWord(waiting), fieldFileName)].Empty() {
			t.Fatalf("no such package: %v", packageKeys(o.State))
		}
		if diff := cmp.Diff(want, (&backend{}).Guards(change, o, target)); diff != "" {
			t.Errorf("draft %q (-want +got):\n%s", draft, diff)
		}
	}
}
