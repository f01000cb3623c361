package msiexe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestAudit(t *testing.T) {
	no := false
	bare := &schema.Package{PackageType: "exe", Architecture: "Arm64", IsSilentInstall: &no}
	complete := newLanguage()
	noLogo := newLanguage()
	noLogo.Logos = []schema.Image{localImage("poster", 720, 1080)}
	unset := newLanguage()
	unset.Description = &schema.Text{Env: "STORE_TEXT", Unset: true}
	for _, c := range []struct {
		reason string
		spec   schema.MsiExeApp
		draft  map[string]string
		want   []string
	}{
		{"one field of a whole product", listingsOf(map[string]*schema.Listing{"de-de": {WhatsNew: text("x")}}), nil, nil},
		{"a paid app says whether there is a trial",
			schema.MsiExeApp{Availability: &schema.Availability{Pricing: new("PAID"), FreeTrial: new("")}}, nil,
			[]string{"error availability.freeTrial: the Store requires it when pricing is PAID, and neither the manifest nor the Store has it"}},
		{"what is missing in an unmanaged module is a warning",
			listingsOf(map[string]*schema.Listing{"de-de": {WhatsNew: text("x")}}), map[string]string{rawAvailability: `{"markets":["US"],"discoverability":"DISCOVERABLE","enableInFutureMarkets":false}`},
			[]string{"warning availability.pricing: the Store requires it, and neither the manifest nor the Store has it"}},
		{"a privacy policy needs its address",
			schema.MsiExeApp{Properties: &schema.Properties{PrivacyPolicyURL: text("")}}, nil,
			[]string{"error properties.privacyPolicyUrl: the Store requires it when isPrivacyPolicyRequired is true, and neither the manifest nor the Store has it"}},
		{"a category with subcategories needs one",
			schema.MsiExeApp{Properties: &schema.Properties{Category: new("DeveloperTools")}}, nil,
			[]string{"error properties.category: category DeveloperTools requires a subcategory"}},
		{"a stale subcategory is pointed out, with what to do",
			schema.MsiExeApp{Properties: &schema.Properties{Category: new("Shopping")}},
			map[string]string{rawProperties: `{"isPrivacyPolicyRequired":false,"category":"DeveloperTools","subcategory":"Utilities","productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false}}`},
			[]string{"error properties.category: category Shopping has no subcategories, and the Store still has subcategory Utilities"}},
		{"a stale subcategory can be cleared",
			schema.MsiExeApp{Properties: &schema.Properties{Category: new("Shopping"), Subcategory: new("")}},
			map[string]string{rawProperties: `{"isPrivacyPolicyRequired":false,"category":"DeveloperTools","subcategory":"Utilities","productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false}}`}, nil},
		{"a subcategory of another category",
			schema.MsiExeApp{Properties: &schema.Properties{Category: new("Security"), Subcategory: new("Utilities")}}, nil,
			[]string{"error properties.subcategory: subcategory Utilities does not belong to category Security"}},
		{"a new language that is complete", listingsOf(map[string]*schema.Listing{"fr-fr": complete}), nil,
			nil},
		{"a new language with text only", listingsOf(map[string]*schema.Listing{"fr-fr": {Description: text("x")}}), nil,
			[]string{
				"error listings.fr-fr.additionalLicenseTerms: the Store requires it of a new language, and neither the manifest nor the Store has it",
				"error listings.fr-fr.screenshots: the Store requires it of a new language: at least one screenshot, and it would have none",
				"error listings.fr-fr.logos: the Store requires it of a new language: a 1:1 logo, and it would have none"}},
		{"a poster is no box art", listingsOf(map[string]*schema.Listing{"fr-fr": noLogo}), nil,
			[]string{"error listings.fr-fr.logos: the Store requires it of a new language: a 1:1 logo, and it would have none"}},
		{"a value that is unset here is not missing", listingsOf(map[string]*schema.Listing{"fr-fr": unset}), nil,
			nil},
		{"a package says how it installs", schema.MsiExeApp{Packages: map[string]*schema.Package{"arm64": bare}}, nil,
			[]string{
				"error packages.arm64.packageUrl: the Store requires it of every package, and neither the manifest nor the Store has it",
				"error packages.arm64.languages: the Store requires it of every package, and neither the manifest nor the Store has it",
				"error packages.arm64.installerParameters: the Store requires it when isSilentInstall is false, and neither the manifest nor the Store has it",
				"warning packages.arm64.genericDocUrl: the API page requires it of exe packages, and neither the manifest nor the Store has it"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m := reader(c.spec)
			draft := liveDraft()
			// The second language has images too, so that only the case speaks.
			draft[rawAssets] = `[{"language":"en-us","storeLogos":[{"id":"logo-1x1","imageSize":{"width":1080,"height":1080}}],"screenshots":[{"id":"shot-1"}]},
				{"language":"de-de","storeLogos":[{"id":"logo-1x1-de","imageSize":{"width":1080,"height":1080}}],"screenshots":[{"id":"shot-1-de"}]}]`
			for name, document := range c.draft {
				draft[name] = document
			}
			o := observe(t, m, draft)
			target, _ := targetOf(t, m, o)
			for path, value := range target {
				if value.Unknown && value.Type != plan.Images {
					delete(target, path)
				}
			}
			var got []string
			for _, d := range (&backend{}).Audit(m, o, target) {
				got = append(got, string(d.Severity)+" "+d.Path+": "+d.Summary)
				if d.Detail == "" {
					t.Errorf("%s: says nothing of what to do", d.Path)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuditNamesTheManifestsOwnSpelling(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"FR-fr": {Description: text("x")}}))
	o := observe(t, m, liveDraft())
	target, _ := targetOf(t, m, o)
	found := (&backend{}).Audit(m, o, target)
	if len(found) == 0 || found[0].Path != "listings.FR-fr.additionalLicenseTerms" {
		t.Errorf("got %v, want a path below listings.FR-fr", found)
	}
}

func TestAuditJudgesNothingUnread(t *testing.T) {
	m := reader(schema.MsiExeApp{Availability: &schema.Availability{}, Properties: &schema.Properties{}})
	if found := (&backend{}).Audit(m, &reconcile.Observed{}, plan.State{}); len(found) > 0 {
		t.Errorf("judged a product that was not read: %v", found)
	}
}

func TestGuards(t *testing.T) {
	msi := livePackage()
	msi.PackageType = "msi"
	x86 := livePackage()
	x86.Architecture = "X86"
	for _, c := range []struct {
		reason string
		spec   schema.MsiExeApp
		want   map[plan.Path][]plan.Guard
	}{
		{"a market less", schema.MsiExeApp{Availability: &schema.Availability{Markets: &schema.Markets{List: []string{"CA", "US", "GB"}}}},
			map[plan.Path][]plan.Guard{"availability.markets": {plan.GuardRemoveMarket}}},
		{"a market more", schema.MsiExeApp{Availability: &schema.Availability{Markets: &schema.Markets{List: []string{"CA", "DE", "GB", "US"}}}},
			map[plan.Path][]plan.Guard{"availability.markets": nil}},
		{"price and visibility", schema.MsiExeApp{Availability: &schema.Availability{Pricing: new("PAID"), FreeTrial: new("FREE_TRIAL"), Discoverability: new("DEEPLINK_ONLY")}},
			map[plan.Path][]plan.Guard{
				"availability.pricing": {plan.GuardPriceChange}, "availability.freeTrial": {plan.GuardPriceChange},
				"availability.discoverability": {plan.GuardVisibilityChange}}},
		{"a language goes", schema.MsiExeApp{RemoveUnlistedLanguages: true, Listings: map[string]*schema.Listing{"en-us": {}}},
			map[plan.Path][]plan.Guard{"listings.de-de": {plan.GuardRemoveLanguage}}},
		{"text is not guarded", listingsOf(map[string]*schema.Listing{"en-us": {Description: text("")}}),
			map[plan.Path][]plan.Guard{"listings.en-us.description": nil}},
		{"all screenshots replaced", listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{screenshot("new")}}}),
			map[plan.Path][]plan.Guard{"listings.en-us.screenshots": nil}},
		{"all screenshots gone", listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{}}}),
			map[plan.Path][]plan.Guard{"listings.en-us.screenshots": {plan.GuardRemoveImages}}},
		{"the poster gone", listingsOf(map[string]*schema.Listing{"en-us": {Logos: []schema.Image{localImage("logo-1x1", 1080, 1080)}}}),
			map[plan.Path][]plan.Guard{"listings.en-us.logos": {plan.GuardRemoveImages}}},
		{"an architecture gone", schema.MsiExeApp{Packages: map[string]*schema.Package{"x86": x86}},
			map[plan.Path][]plan.Guard{"packages.live-x64-exe-en": {plan.GuardRemovePackage, plan.GuardDropArchitecture}}},
		{"another type takes its place", schema.MsiExeApp{Packages: map[string]*schema.Package{"x64": msi}},
			map[plan.Path][]plan.Guard{"packages.live-x64-exe-en": {plan.GuardRemovePackage}}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m := reader(c.spec)
			o := observe(t, m, liveDraft())
			target, changes := targetOf(t, m, o)
			got := map[plan.Path][]plan.Guard{}
			for _, change := range changes {
				guards := (&backend{}).Guards(change, o, target)
				if _, asked := c.want[change.Path]; asked || guards != nil {
					got[change.Path] = guards
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
