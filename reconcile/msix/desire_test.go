package msix

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// changesOf are the changes of a manifest as "path before > after".
func changesOf(t *testing.T, spec schema.MsixApp, submission string) []string {
	t.Helper()
	m := notes(spec)
	_, changes := targetOf(t, m, look(t, m, submission, nil))
	var lines []string
	for _, c := range changes {
		if c.Action == plan.ActionDelete {
			lines = append(lines, "- "+string(c.Path))
			continue
		}
		lines = append(lines, string(c.Path)+" "+string(c.Before)+" > "+string(c.After))
	}
	return lines
}

func TestMarkets(t *testing.T) {
	all := func(except ...string) *schema.Markets { return &schema.Markets{All: true, Except: except} }
	const tiers = "pricing.marketSpecificPricings."
	cases := []struct {
		reason  string
		markets *schema.Markets
		pricing *schema.MsixPricing
		want    []string
	}{
		{"what is closed and listed as closed is no change; LB and EH stay closed", all("CN"), nil, nil},
		{"a market is closed", all("CN", "FR"), nil, []string{tiers + `FR  > "NotAvailable"`}},
		{"a market with a tier of its own is closed", all("CN", "JP"), nil, []string{tiers + `JP "Tier1013" > "NotAvailable"`}},
		{"a market is opened and gets the base price", all(), nil, []string{tiers + `CN "NotAvailable" > ""`}},
		{"a market is opened with a tier of its own", all(), &schema.MsixPricing{MarketSpecificPricings: map[string]string{"CN": "Tier1015"}}, []string{tiers + `CN "NotAvailable" > "Tier1015"`}},
		{"one that keeps its tier is no change", all("CN"), &schema.MsixPricing{MarketSpecificPricings: map[string]string{"JP": "Tier1013"}}, nil},
		{"Base is no tier of its own already", nil, &schema.MsixPricing{MarketSpecificPricings: map[string]string{"DE": "Base"}}, nil},
		{"written beside markets, the Store's own markets can be set by name", nil, &schema.MsixPricing{MarketSpecificPricings: map[string]string{"LB": "Base"}}, []string{tiers + `LB "NotAvailable" > ""`}},
	}
	for _, c := range cases {
		got := changesOf(t, schema.MsixApp{Markets: c.markets, Pricing: c.pricing}, oddSubmission())
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, diff)
		}
	}
}

func TestMarketsList(t *testing.T) {
	got := changesOf(t, schema.MsixApp{Markets: &schema.Markets{List: []string{"JP", "US"}}}, oddSubmission())
	// All of the table but US, JP, the closed CN, and LB.
	if want := len(schema.MarketCodes()) - 4; len(got) != want {
		t.Errorf("%d markets change, want %d", len(got), want)
	}
	for _, line := range got {
		if !strings.HasSuffix(line, `> "NotAvailable"`) || strings.Contains(line, ".LB ") || strings.Contains(line, ".EH ") {
			t.Errorf("change %s", line)
		}
	}
	if !slices.Contains(got, `pricing.marketSpecificPricings.AQ "TierFromTheFuture" > "NotAvailable"`) {
		t.Error("a market with an unknown tier is not closed")
	}
}

func TestPricesAreExact(t *testing.T) {
	m := notes(schema.MsixApp{Markets: &schema.Markets{All: true}, Visibility: new("Hidden"), Pricing: &schema.MsixPricing{PriceID: new("Free"), TrialPeriod: new("OneDay")}, Packages: bumped()})
	target, _ := targetOf(t, m, look(t, m, oddSubmission(), nil))
	for path, value := range target {
		guarded := path.Under(fieldPricing) || path.Under(fieldPackages) || path == fieldVisibility
		if value.Exact != guarded {
			t.Errorf("%s: exact is %t", path, value.Exact)
		}
	}
}

func TestDesireOtherFields(t *testing.T) {
	listing := func(l schema.MsixListing) schema.MsixApp {
		return schema.MsixApp{Listings: map[string]*schema.MsixListing{"EN-us": &l}}
	}
	editor, sync := `{"digest":"sha256:`+hash("editor")+`"`, `{"digest":"sha256:`+hash("sync")+`"`
	cases := []struct {
		name, reason string
		spec         schema.MsixApp
		base         map[string]string
		want         []string
	}{
		{name: "language", reason: "a live language keeps its spelling", spec: listing(schema.MsixListing{Title: text("Notes")}),
			want: []string{`listings.En-US.title "Contoso Notes" > "Notes"`}},
		{name: "lines", reason: "the portal's line ends are no change", spec: listing(schema.MsixListing{Description: text("Takes notes.\nFast.")})},
		{name: "clear", reason: "an empty list clears", spec: listing(schema.MsixListing{Features: []string{}}), want: []string{`listings.En-US.features ["Sync"] > []`}},
		{name: "caption kept", reason: "an image without a caption keeps the one of the same content", spec: screenshots("en-us", image("editor"), image("sync"))},
		{name: "caption cleared", reason: "an empty caption takes it away", spec: screenshots("en-us", captioned("editor", ""), image("sync")),
			want: []string{"listings.En-US.images.Screenshot [" + editor + `,"description":"The editor","id":"10"},` + sync + `,"id":"11"}] > [` +
				editor + `,"width":1366,"height":768,"name":"images/editor.png"},` + sync + `,"width":1366,"height":768,"name":"images/sync.png"}]`}},
		{name: "date", reason: "another spelling of the same time is no change", spec: schema.MsixApp{TargetPublishDate: new("2026-12-24T19:00:00+01:00")},
			base: map[string]string{"/targetPublishMode": `"SpecificDate"`, "/targetPublishDate": `"2026-12-24T18:00:00.0000000Z"`}},
		{name: "date goes", reason: "the date goes with its mode", spec: schema.MsixApp{TargetPublishMode: new("Immediate")},
			base: map[string]string{"/targetPublishMode": `"SpecificDate"`, "/targetPublishDate": `"2026-12-24T18:00:00Z"`},
			want: []string{`targetPublishDate "2026-12-24T18:00:00Z" > ""`, `targetPublishMode "SpecificDate" > "Immediate"`}},
		{name: "gaming", reason: "what a gaming row does not write stays", spec: schema.MsixApp{GamingOptions: []schema.GamingOptions{{IsLocalMultiplayer: new(true), KinectDataForExternal: new("Disabled")}}}},
		{name: "gaming cleared", reason: "an empty list takes the row away", spec: schema.MsixApp{GamingOptions: []schema.GamingOptions{}},
			want: []string{`gamingOptions [{"isLocalMultiplayer":true,"kinectDataForExternal":"Disabled","localMultiplayerMaxPlayers":4,"localMultiplayerMinPlayers":2}] > []`}},
		{name: "trailers", reason: "a trailer whose texts are not written keeps them", spec: schema.MsixApp{Trailers: []schema.Trailer{{Video: schema.MediaFile{SHA256: hash("video")},
			TrailerAssets: map[string]schema.TrailerAsset{"EN-US": {Image: new(image("thumb"))}}}}}},
		{name: "families", reason: "device families match without regard to case, others stay", spec: schema.MsixApp{AllowTargetFutureDeviceFamilies: map[string]bool{"DESKTOP": true}}},
		{name: "unlisted stay", reason: "a language that is not written stays", spec: schema.MsixApp{Listings: map[string]*schema.MsixListing{"en-us": {}}}},
		{name: "unlisted go", reason: "only removeUnlistedLanguages removes", spec: schema.MsixApp{RemoveUnlistedLanguages: true, Listings: map[string]*schema.MsixListing{"EN-US": {}}},
			want: []string{"- listings.de-de"}},
		{name: "rollout of the live set", reason: "a percentage left in git does not fight a finished rollout", spec: schema.MsixApp{Rollout: &schema.Rollout{Percentage: new(10.0)},
			Packages: append(livePackages(), pinned("x.msix", "1.0.0.0", "x64"))}, base: map[string]string{"/applicationPackages/0/targetDeviceFamilies/0": `"Windows.Desktop min version 10.0.10240.0"`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, changesOf(t, c.spec, oddWith(t, c.base))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestDesireRefuses(t *testing.T) {
	rebuilt := built("Notes_1.1.0.0_x64.msix", "1.1.0.0", "x64")
	cases := []struct {
		name string
		spec schema.MsixApp
		base map[string]string
		want string
	}{
		{"base price", schema.MsixApp{Pricing: &schema.MsixPricing{PriceID: new("Base")}}, nil, "error pricing.priceId: Base is no price"},
		{"closed and priced", schema.MsixApp{Markets: &schema.Markets{All: true, Except: []string{"FR", "CN"}}, Pricing: &schema.MsixPricing{MarketSpecificPricings: map[string]string{"FR": "Tier1020"}}}, nil,
			"error pricing.marketSpecificPricings.FR: contradicts markets, which has FR not offered"},
		{"open and closed", schema.MsixApp{Markets: &schema.Markets{All: true, Except: []string{"CN"}}, Pricing: &schema.MsixPricing{MarketSpecificPricings: map[string]string{"FR": "NotAvailable"}}}, nil,
			"contradicts markets, which has FR offered"},
		{"date without its mode", schema.MsixApp{TargetPublishDate: new("2026-12-24T18:00:00Z")}, nil, "error targetPublishDate: the date has no meaning: targetPublishMode is Immediate"},
		{"secret caption", schema.MsixApp{Listings: map[string]*schema.MsixListing{"en-us": {Images: map[string][]schema.CaptionedImage{"Screenshot": {{File: image("editor").File, Description: secret("x")}}}}}}, nil,
			"error listings.en-us.images.Screenshot: captions and trailer titles cannot come from the environment"},
		{"one language twice", schema.MsixApp{Listings: map[string]*schema.MsixListing{"fr-fr": {}, "FR-FR": {}}}, nil, "error listings.fr-fr: is the same language as FR-FR"},
		{"rebuilt", schema.MsixApp{Packages: []schema.MsixPackage{rebuilt, pinned("arm64.msix", "1.1.0.0", "arm64")}},
			map[string]string{"/applicationPackages/1/fileName": `"Notes_1.1.0.0_x64.0123456789abcdef.msix"`}, "error packages[0]: dist/Notes_1.1.0.0_x64.msix was rebuilt under the same version"},
		{"absent", schema.MsixApp{Packages: []schema.MsixPackage{pinned("x64.msix", "3.0.0.0", "x64")}}, nil,
			"error packages[0]: dist/x64.msix is not there, and the Store has no package of version 3.0.0.0 for x64"},
		{"absent without a pin", schema.MsixApp{Packages: []schema.MsixPackage{pinned("x64.msix", "", "")}}, nil, "nothing says which package of the Store it is"},
		{"ambiguous pin", schema.MsixApp{Packages: []schema.MsixPackage{pinned("x64.msix", "1.1.0.0", "")}}, nil,
			"cannot tell which package of the Store dist/x64.msix is: Notes_1.1.0.0_arm64.msix, Notes_1.1.0.0_x64.msix"},
		{"one slot", schema.MsixApp{Packages: []schema.MsixPackage{built("a.msix", "2.0.0.0", "x64"), built("b.msixbundle", "2.0.1.0", "arm64", "x64")}}, nil,
			"error packages[1]: dist/a.msix and dist/b.msixbundle are for one slot: x64 on Windows.Desktop min version 10.0.17763.0"},
		{"halted", schema.MsixApp{Packages: bumped(), Rollout: &schema.Rollout{Halted: true}}, nil, "error rollout.halted: a new package set cannot start halted"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := notes(c.spec)
			_, found := (&backend{}).Desire(m, look(t, m, oddWith(t, c.base), nil))
			checkProblems(t, found, c.want)
		})
	}
}

func TestRebuiltIsKnownByTheRecord(t *testing.T) {
	m := notes(schema.MsixApp{Packages: []schema.MsixPackage{built("x64.msix", "1.1.0.0", "x64"), pinned("arm64.msix", "1.1.0.0", "arm64")}})
	for _, key := range []string{"101", "Notes_1.1.0.0_x64.msix"} {
		known := &record.Record{Images: map[string]record.Image{key: {SHA256: hash("x64.msix1.1.0.0")}}}
		_, found := (&backend{}).Desire(m, look(t, m, oddSubmission(), known))
		checkProblems(t, found)
		known.Images[key] = record.Image{SHA256: hash("another build")}
		_, found = (&backend{}).Desire(m, look(t, m, oddSubmission(), known))
		checkProblems(t, found, "rebuilt under the same version")
	}
}

func TestUnsetVariableIsUnknown(t *testing.T) {
	m := notes(schema.MsixApp{NotesForCertification: &schema.Text{Env: "STORE_NOTES", Unset: true}})
	desired, found := (&backend{}).Desire(m, look(t, m, oddSubmission(), nil))
	checkProblems(t, found)
	value := desired.Set[fieldNotes]
	if !value.Unknown || !value.Sensitive || value.Why != "environment variable STORE_NOTES is not set" {
		t.Errorf("notes are %+v", value)
	}
}

func TestDesireNotices(t *testing.T) {
	m := notes(schema.MsixApp{
		Listings: map[string]*schema.MsixListing{"de": {Title: text("Notizen")}},
		Markets:  &schema.Markets{All: true, Except: []string{"LB"}}, Rollout: &schema.Rollout{Percentage: new(10.0)},
	})
	desired, _ := (&backend{}).Desire(m, look(t, m, oddSubmission(), nil))
	var got []string
	for _, n := range desired.Notices {
		got = append(got, n.Text)
	}
	want := []string{
		"markets with all opens CN, where the app is not offered now; write except: [CN] to leave it closed",
		"adds de beside the live de-de: the Store keeps them as two languages; write de-de to change the live one",
		"the rollout of the live packages is complete; rollout applies to the next new package set",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestDesireWithoutAnythingObserved(t *testing.T) {
	// Execute asks so which values are sensitive.
	desired, _ := (&backend{}).Desire(notes(schema.MsixApp{NotesForCertification: secret("password")}), &reconcile.Observed{})
	if value := desired.Set[fieldNotes]; value.Text() != "password" || !value.Sensitive {
		t.Errorf("notes are %+v", value)
	}
	_, found := (&backend{}).Desire(notes(schema.MsixApp{}), &reconcile.Observed{Raw: map[string]json.RawMessage{rawSubmission: json.RawMessage("[")}})
	if len(found) != 1 {
		t.Errorf("a broken answer: %v", problems(found))
	}
}
