package msix

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestDesireAddOn(t *testing.T) {
	const tiers = "pricing.marketSpecificPricings."
	cases := []struct {
		reason string
		spec   schema.AddOn
		want   []string // "path before > after", or "- path" for what is removed
	}{
		{"an empty manifest wants nothing", schema.AddOn{}, nil},
		{"what is live is no change", schema.AddOn{ContentType: new("OnlineDownload"), Keywords: []string{"theme", "dark"}, Lifetime: new("Forever"), Tag: text("<levels/>"),
			Visibility: new("Public"), TargetPublishMode: new("Immediate"), Markets: &schema.Markets{All: true, Except: []string{"CN"}},
			Pricing: &schema.AddOnPricing{PriceID: new("Tier1012"), MarketSpecificPricings: map[string]string{"JP": "Tier1013", "DE": "Base"}}}, nil},
		{"scalars", schema.AddOn{ContentType: new("EMagazine"), Lifetime: new("OneYear"), Visibility: new("Hidden"), TargetPublishMode: new("Manual")},
			[]string{`contentType "OnlineDownload" > "EMagazine"`, `lifetime "Forever" > "OneYear"`, `targetPublishMode "Immediate" > "Manual"`, `visibility "Public" > "Hidden"`}},
		{"keywords are one value, and their order is part of it", schema.AddOn{Keywords: []string{"dark", "theme"}}, []string{`keywords ["theme","dark"] > ["dark","theme"]`}},
		{"an empty list and an empty text clear", schema.AddOn{Keywords: []string{}, Tag: text("")}, []string{`keywords ["theme","dark"] > []`, `tag "<levels/>" > ""`}},
		{"a day", schema.AddOn{TargetPublishMode: new("SpecificDate"), TargetPublishDate: new("2027-01-31T10:00:00+01:00")},
			[]string{`targetPublishDate  > "2027-01-31T09:00:00Z"`, `targetPublishMode "Immediate" > "SpecificDate"`}},
		{"prices per key; Base takes a market's own away", schema.AddOn{Pricing: &schema.AddOnPricing{PriceID: new("Free"), MarketSpecificPricings: map[string]string{"JP": "Base", "US": "Tier1015"}}},
			[]string{tiers + `JP "Tier1013" > ""`, tiers + `US  > "Tier1015"`, `pricing.priceId "Tier1012" > "Free"`}},
		{"markets are lowered as an app's", schema.AddOn{Markets: &schema.Markets{All: true, Except: []string{"CN", "FR"}}}, []string{tiers + `FR  > "NotAvailable"`}},
		{"texts of a live language, in its spelling", inLanguage("en-us", schema.AddOnListing{Title: text("Dark themes"), Description: text("More themes.\nDark ones.")}),
			[]string{`listings.En-US.title "Themes" > "Dark themes"`}},
		{"a new language, in lower case", inLanguage("JA-JP", schema.AddOnListing{Title: text("テーマ")}), []string{`listings.ja-jp.title  > "テーマ"`}},
		{"an icon that is live", inLanguage("en-us", schema.AddOnListing{Icon: icon("plain")}), nil},
		{"an icon left out stays", inLanguage("en-us", schema.AddOnListing{Title: text("Themes")}), nil},
		{"another icon", inLanguage("en-us", schema.AddOnListing{Icon: icon("new")}), []string{
			`listings.En-US.icon [{"digest":"sha256:` + hash("plain") + `","id":"Assets/en-us/icon/` + hash("plain") + `.png"}] > [{"digest":"sha256:` + hash("new") + `","width":300,"height":300,"name":"icons/new.png"}]`}},
		{"no icon any more", inLanguage("en-us", schema.AddOnListing{Icon: &schema.Image{}}), []string{
			`listings.En-US.icon [{"digest":"sha256:` + hash("plain") + `","id":"Assets/en-us/icon/` + hash("plain") + `.png"}] > []`}},
		{"languages that are not written go where that is asked for", schema.AddOn{RemoveUnlistedLanguages: true, Listings: map[string]*schema.AddOnListing{"EN-us": {Title: text("Themes")}}},
			[]string{"- listings.de-de", "- listings.fr-fr"}},
	}
	for _, c := range cases {
		m := themes(c.spec)
		_, changes := targetOf(t, m, lookAddOn(t, m, oddAddOn(), nil))
		var got []string
		for _, change := range changes {
			if change.Action == plan.ActionDelete {
				got = append(got, "- "+string(change.Path))
				continue
			}
			got = append(got, string(change.Path)+" "+string(change.Before)+" > "+string(change.After))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, diff)
		}
	}
}

func TestDesireAddOnProblems(t *testing.T) {
	for phrase, spec := range map[string]schema.AddOn{
		"pricing.priceId: Base is no price":                      {Pricing: &schema.AddOnPricing{PriceID: new("Base")}},
		"pricing.marketSpecificPricings.FR: contradicts markets": {Markets: &schema.Markets{All: true, Except: []string{"FR"}}, Pricing: &schema.AddOnPricing{MarketSpecificPricings: map[string]string{"FR": "Free"}}},
		"targetPublishDate: the date has no meaning":             {TargetPublishDate: new("2027-01-31T09:00:00Z")},
		"listings.en-us: is the same language as EN-US":          {Listings: map[string]*schema.AddOnListing{"en-us": {}, "EN-US": {}}},
	} {
		m := themes(spec)
		_, found := (&backend{}).Desire(m, lookAddOn(t, m, oddAddOn(), nil))
		checkProblems(t, found, phrase)
	}
}

// A value from an unset variable is not known, and a sensitive one is marked.
func TestDesireAddOnFromTheEnvironment(t *testing.T) {
	m := themes(schema.AddOn{Tag: &schema.Text{Env: "STORE_TAG", Unset: true}, Listings: map[string]*schema.AddOnListing{"en-us": {Title: secret("Themes")}}})
	desired, _ := (&backend{}).Desire(m, lookAddOn(t, m, oddAddOn(), nil))
	if tag := desired.Set[fieldTag]; !tag.Unknown || !strings.Contains(tag.Why, "STORE_TAG") {
		t.Errorf("tag %+v", tag)
	}
	if title := desired.Set["listings.En-US.title"]; !title.Sensitive {
		t.Errorf("title %+v", title)
	}
}

func TestManagesIcon(t *testing.T) {
	a := themes(schema.AddOn{Listings: map[string]*schema.AddOnListing{"en-us": {Icon: icon("plain")}, "de-de": {Title: text("Designs")}}}).AddOn
	var managed []string
	for _, path := range []plan.Path{"listings.En-US.icon", "listings.de-de.icon", "listings.fr-fr.icon", "listings.en-us.title"} {
		if managesIcon(a, path) {
			managed = append(managed, string(path))
		}
	}
	if !slices.Equal(managed, []string{"listings.En-US.icon"}) {
		t.Errorf("managed: %v", managed)
	}
}
