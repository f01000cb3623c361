package msix

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// lowered are the operations that bring an add-on to its manifest, the first of
// them and the rest.
func lowered(t *testing.T, m *schema.Manifest, o *reconcile.Observed, edit func(*reconcile.LowerRequest)) []plan.Operation {
	t.Helper()
	target, changes := targetOf(t, m, o)
	request := reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: changes, Use: reconcile.UseFresh}
	if edit != nil {
		edit(&request)
	}
	operations, found := (&backend{}).Lower(request)
	if len(found) > 0 {
		t.Fatal(found)
	}
	return operations
}

func operation(t *testing.T, operations []plan.Operation, id string) plan.Operation {
	t.Helper()
	i := slices.IndexFunc(operations, func(o plan.Operation) bool { return o.ID == id })
	if i < 0 {
		t.Fatalf("there is no %s", id)
	}
	return operations[i]
}

// uploadsOf are the files that an apply sends, as "name as".
func uploadsOf(operations []plan.Operation) []string {
	var files []string
	for _, o := range operations {
		for _, u := range o.Uploads {
			files = append(files, u.Name+" "+u.As)
		}
	}
	return files
}

// TestLowerAddOn: what is not asked for goes back as it came.
func TestLowerAddOn(t *testing.T) {
	const tiers = "/pricing/marketSpecificPricings/"
	newIcon := "Assets/en-us/icon/" + hash("new") + ".png"
	cases := []struct {
		reason  string
		spec    schema.AddOn
		base    map[string]string
		edit    func(*reconcile.LowerRequest)
		want    []string // "op path value" of the patch
		uploads []string
	}{
		{reason: "scalars and lists", spec: schema.AddOn{ContentType: new("EMagazine"), Lifetime: new("OneYear"), Keywords: []string{}, Tag: text(""), Visibility: new("Hidden"), TargetPublishMode: new("Manual")},
			want: []string{`replace /contentType "EMagazine"`, `replace /keywords []`, `replace /lifetime "OneYear"`, `replace /tag ""`, `replace /targetPublishMode "Manual"`, `replace /visibility "Hidden"`}},
		{reason: "prices: one sets, Base takes away, and NotAvailable closes", spec: schema.AddOn{Markets: &schema.Markets{All: true, Except: []string{"CN", "FR"}},
			Pricing: &schema.AddOnPricing{PriceID: new("Free"), MarketSpecificPricings: map[string]string{"JP": "Base", "US": "Tier1015"}}},
			want: []string{`replace ` + tiers + `JP "Base"`, `add ` + tiers + `FR "NotAvailable"`, `add ` + tiers + `US "Tier1015"`, `replace /pricing/priceId "Free"`}},
		{reason: "a day", spec: schema.AddOn{TargetPublishMode: new("SpecificDate"), TargetPublishDate: new("2027-01-31T09:00:00Z")},
			want: []string{`add /targetPublishDate "2027-01-31T09:00:00Z"`, `replace /targetPublishMode "SpecificDate"`}},
		{reason: "a text", spec: inLanguage("en-us", schema.AddOnListing{Title: text("Dark themes")}), want: []string{`replace /listings/En-US/title "Dark themes"`}},
		{reason: "a sensitive text is a placeholder", spec: schema.AddOn{Tag: secret("hunter2")}, want: []string{`replace /tag "${value:tag}"`}},
		{reason: "a new language", spec: inLanguage("ja-jp", schema.AddOnListing{Title: text("T"), Description: text("D"), Icon: icon("new")}),
			want:    []string{`add /listings/ja-jp {"description":"D","icon":{"fileName":"` + strings.Replace(newIcon, "en-us", "ja-jp", 1) + `","fileStatus":"PendingUpload"},"title":"T"}`},
			uploads: []string{"icons/new.png " + strings.Replace(newIcon, "en-us", "ja-jp", 1)}},
		{reason: "a language that goes", spec: schema.AddOn{RemoveUnlistedLanguages: true, Listings: map[string]*schema.AddOnListing{"en-us": {}, "fr-fr": {}}}, want: []string{`remove /listings/de-de `}},
		{reason: "another icon takes the place of the stored one", spec: inLanguage("en-us", schema.AddOnListing{Icon: icon("new")}),
			want: []string{`remove /listings/En-US/icon/xIcon `, `replace /listings/En-US/icon/fileName "` + newIcon + `"`, `replace /listings/En-US/icon/fileStatus "PendingUpload"`}, uploads: []string{"icons/new.png " + newIcon}},
		{reason: "a first icon", spec: inLanguage("fr-fr", schema.AddOnListing{Icon: icon("new")}),
			want:    []string{`add /listings/fr-fr/icon {"fileName":"` + strings.Replace(newIcon, "en-us", "fr-fr", 1) + `","fileStatus":"PendingUpload"}`},
			uploads: []string{"icons/new.png " + strings.Replace(newIcon, "en-us", "fr-fr", 1)}},
		{reason: "an icon in place of null", spec: inLanguage("fr-fr", schema.AddOnListing{Icon: icon("new")}), base: map[string]string{"/listings/fr-fr/icon": "null"},
			want:    []string{`add /listings/fr-fr/icon {"fileName":"` + strings.Replace(newIcon, "en-us", "fr-fr", 1) + `","fileStatus":"PendingUpload"}`},
			uploads: []string{"icons/new.png " + strings.Replace(newIcon, "en-us", "fr-fr", 1)}},
		{reason: "an icon that goes is named, since one that is left out stays", spec: inLanguage("en-us", schema.AddOnListing{Icon: &schema.Image{}}),
			want: []string{`replace /listings/En-US/icon/fileStatus "PendingDelete"`}},
		{reason: "all sent anew, under another name", spec: inLanguage("en-us", schema.AddOnListing{Icon: icon("plain")}),
			edit: func(r *reconcile.LowerRequest) {
				r.ReuploadImages = true
				r.Changes = []plan.Change{{Path: "listings.En-US.icon", Action: plan.ActionUpdate, Type: plan.Images}}
			},
			want:    []string{`remove /listings/En-US/icon/xIcon `, `replace /listings/En-US/icon/fileName "Assets/en-us/icon/2/` + hash("plain") + `.png"`, `replace /listings/En-US/icon/fileStatus "PendingUpload"`},
			uploads: []string{"icons/plain.png Assets/en-us/icon/2/" + hash("plain") + ".png"}},
	}
	for _, c := range cases {
		m := themes(c.spec)
		base := with(t, oddAddOn(), c.base)
		operations := lowered(t, m, lookAddOn(t, m, base, nil), c.edit)
		var body putBody
		if err := json.Unmarshal(operation(t, operations, stepPut).Body, &body); err != nil {
			t.Fatal(err)
		}
		steps, err := parsePatch(body.Patch)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range steps {
			got = append(got, s.Op+" "+s.Path+" "+string(s.Value))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, diff)
		}
		if diff := cmp.Diff(c.uploads, uploadsOf(operations)); diff != "" {
			t.Errorf("%s: uploads (-want +got):\n%s", c.reason, diff)
		}
	}
}

// TestLowerAddOnReachesTheTarget: what is sent says what the target says, and
// nothing that storesync does not know is lost.
func TestLowerAddOnReachesTheTarget(t *testing.T) {
	m := themes(schema.AddOn{ContentType: new("EMagazine"), Keywords: []string{"a"}, Lifetime: new("OneWeek"), Tag: text("t"), Visibility: new("Hidden"), RemoveUnlistedLanguages: true,
		Pricing: &schema.AddOnPricing{PriceID: new("Tier1013"), MarketSpecificPricings: map[string]string{"JP": "Base"}}, Markets: &schema.Markets{List: []string{"US", "JP"}},
		Listings: map[string]*schema.AddOnListing{"en-us": {Title: text("A"), Icon: icon("new")}, "fr-fr": {Icon: icon("plain")}, "ja-jp": {Title: text("T"), Description: text("D")}}})
	o := lookAddOn(t, m, oddAddOn(), nil)
	target, _ := targetOf(t, m, o)
	var body putBody
	if err := json.Unmarshal(operation(t, lowered(t, m, o, nil), stepPut).Body, &body); err != nil {
		t.Fatal(err)
	}
	sent, err := applyPatch(parsed(t, oddAddOn()), body.Patch)
	if err != nil {
		t.Fatal(err)
	}
	if err := priceInvariants(sent); err != nil {
		t.Error(err)
	}
	state, err := addOnState(sent, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range target {
		if slices.Contains(identityPaths(), path) {
			continue
		}
		if !sameContent(state[path], want) {
			t.Errorf("%s is %s, want %s", path, state[path].JSON, want.JSON)
		}
	}
	for _, kept := range []string{"/xTop/share", "/pricing/xPricing", "/pricing/isAdvancedPricingModel"} {
		before, _ := parsed(t, oddAddOn()).get(kept)
		if after, _ := sent.get(kept); string(after) != string(before) {
			t.Errorf("%s is %s, was %s", kept, after, before)
		}
	}
}

// A new add-on's form is laid over whatever the Store makes its first draft of.
func TestLowerNewAddOn(t *testing.T) {
	m := themes(schema.AddOn{ContentType: new("OnlineDownload"), Pricing: &schema.AddOnPricing{PriceID: new("Tier2"), MarketSpecificPricings: map[string]string{"JP": "Base"}},
		Tag: secret("hunter2"), Listings: map[string]*schema.AddOnListing{"en-us": {Title: text("Themes"), Icon: icon("plain")}}})
	operations := lowered(t, m, lookAddOn(t, m, "", nil), nil)
	put := operation(t, operations, stepPut)
	want := `{"base":"new","merge":{"contentType":"OnlineDownload","listings":{"en-us":{"icon":{"fileName":"Assets/en-us/icon/` + hash("plain") + `.png","fileStatus":"PendingUpload"},"title":"Themes"}},` +
		`"pricing":{"priceId":"Tier2"},"tag":"${value:tag}"}}`
	if diff := cmp.Diff(want, string(put.Body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/merge/tag"}, put.Fill); diff != "" {
		t.Errorf("fill (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"icons/plain.png Assets/en-us/icon/" + hash("plain") + ".png"}, uploadsOf(operations)); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
}

// Our own draft that was made by an earlier apply: what it waits for is sent
// again with whatever changes now.
func TestLowerAddOnDraftSendsWhatItWaitsFor(t *testing.T) {
	name := "Assets/en-us/icon/" + hash("new") + ".png"
	draft := with(t, oddAddOn(), map[string]string{"/id": `"` + testDraft + `"`, "/status": `"PendingCommit"`, "/listings/En-US/icon": `{"fileName":"` + name + `","fileStatus":"PendingUpload"}`})
	m := themes(schema.AddOn{Tag: text("t"), Listings: map[string]*schema.AddOnListing{"en-us": {Icon: icon("new")}}})
	o := lookAddOn(t, m, draft, nil)
	o.Draft = testDraft
	operations := lowered(t, m, o, func(r *reconcile.LowerRequest) {
		r.Use, r.Unfinished = reconcile.UseObserved, []string{stepUpload, stepCommit}
	})
	if diff := cmp.Diff([]string{"icons/new.png " + name}, uploadsOf(operations)); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
	// The file is gone from the manifest: the draft cannot be finished.
	m = themes(schema.AddOn{Tag: text("t")})
	target, changes := targetOf(t, m, o)
	_, found := (&backend{}).Lower(reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: changes, Use: reconcile.UseObserved})
	checkProblems(t, found, "the draft waits for the file "+name+", which the manifest does not have")
}
