package msix

import (
	"maps"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

func TestAuditAddOn(t *testing.T) {
	whole := func(edit func(*schema.AddOn)) schema.AddOn {
		a := schema.AddOn{ContentType: new("OnlineDownload"), Pricing: &schema.AddOnPricing{PriceID: new("Free")},
			Listings: map[string]*schema.AddOnListing{"en-us": {Title: text("Themes"), Description: text("More themes.")}}}
		edit(&a)
		return a
	}
	cases := []struct {
		reason   string
		spec     schema.AddOn
		missing  bool
		pristine bool
		base     map[string]string
		want     []string
	}{
		{reason: "what is live is fine as it is", spec: schema.AddOn{Visibility: new("Hidden")}},
		{reason: "a new add-on that is whole", spec: whole(func(*schema.AddOn) {}), missing: true},
		{reason: "a new add-on has a price", spec: whole(func(a *schema.AddOn) { a.Pricing = nil }), missing: true, want: []string{"error pricing.priceId: a new add-on has no price"}},
		{reason: "a new add-on that is offered nowhere", spec: whole(func(a *schema.AddOn) { a.Pricing.PriceID = new("NotAvailable") }), missing: true, want: []string{"error pricing.priceId: a new add-on has no price"}},
		{reason: "a new add-on has a content type", spec: whole(func(a *schema.AddOn) { a.ContentType = nil }), missing: true, want: []string{"error contentType: a new add-on has no content type"}},
		{reason: "one that is not set is none", spec: whole(func(a *schema.AddOn) { a.ContentType = new("NotSet") }), missing: true, want: []string{"error contentType: a new add-on has no content type"}},
		{reason: "a new add-on has a listing", spec: whole(func(a *schema.AddOn) { a.Listings = nil }), missing: true, want: []string{"error listings: the add-on would have no listing"}},
		{reason: "and its listing a title and a description", spec: whole(func(a *schema.AddOn) { a.Listings["en-us"] = &schema.AddOnListing{Icon: icon("plain")} }), missing: true,
			want: []string{"error listings.en-us.title: the Store requires it", "error listings.en-us.description: the Store requires it"}},
		{reason: "the first draft of an apply that was killed is as good as none", spec: whole(func(a *schema.AddOn) { a.Pricing = nil }), pristine: true,
			base: map[string]string{"/pricing/priceId": `"NotAvailable"`}, want: []string{"error pricing.priceId: a new add-on has no price"}},
		{reason: "a value from an unset variable is unknown, not missing", spec: whole(func(a *schema.AddOn) { a.Listings["en-us"].Title = &schema.Text{Env: "STORE_X", Unset: true} }), missing: true},
		{reason: "a content type that was never set is no reason to refuse other changes", spec: schema.AddOn{Visibility: new("Hidden")}, base: map[string]string{"/contentType": `"NotSet"`}},
		{reason: "a price that cannot be sent back", spec: schema.AddOn{Visibility: new("Hidden")}, base: map[string]string{"/pricing/priceId": `"Base"`}, want: []string{"error pricing.priceId: the Store answers the base price as Base"}},
		{reason: "a written one takes its place", spec: schema.AddOn{Pricing: &schema.AddOnPricing{PriceID: new("Tier1012")}}, base: map[string]string{"/pricing/priceId": `"Base"`}},
		{reason: "no price at all", spec: schema.AddOn{Visibility: new("Hidden")}, base: map[string]string{"/pricing/priceId": `null`}, want: []string{"error pricing.priceId: the Store does not say what"}},
		{reason: "a day", spec: schema.AddOn{TargetPublishMode: new("SpecificDate")}, want: []string{"error targetPublishDate: targetPublishMode SpecificDate needs a date"}},
		{reason: "a new language is whole", spec: inLanguage("ja-jp", schema.AddOnListing{Title: text("T")}), want: []string{"error listings.ja-jp.description: the Store requires it"}},
		{reason: "one of Microsoft's pages calls the description optional, so a live listing may have none", spec: inLanguage("fr-fr", schema.AddOnListing{Icon: icon("plain")}),
			base: map[string]string{"/listings/fr-fr/description": `""`}, want: []string{"warning listings.fr-fr.description: the Store requires it"}},
		{reason: "what is missing in a language that is not managed is a warning", spec: inLanguage("en-us", schema.AddOnListing{Title: text("T")}),
			base: map[string]string{"/listings/fr-fr/title": `""`}, want: []string{"warning listings.fr-fr.title: the Store requires it"}},
		{reason: "a title is not cleared", spec: inLanguage("fr-fr", schema.AddOnListing{Title: text("")}), want: []string{"error listings.fr-fr.title: the Store requires it"}},
	}
	for _, c := range cases {
		m := themes(c.spec)
		submission := ""
		if !c.missing {
			submission = with(t, oddAddOn(), c.base)
		}
		o := lookAddOn(t, m, submission, nil)
		if c.pristine {
			o.Drafts = provenance.FirstDraft
		}
		t.Log(c.reason)
		checkProblems(t, audited(t, m, o), c.want...)
	}
}

// audited is what Audit finds in the target of a manifest; what is not known
// stays as it is observed.
func audited(t *testing.T, m *schema.Manifest, o *reconcile.Observed) schema.Diagnostics {
	t.Helper()
	desired, found := (&backend{}).Desire(m, o)
	checkProblems(t, found)
	target := maps.Clone(o.State)
	for path, value := range desired.Set {
		if !value.Unknown {
			target[path] = value
		}
	}
	return (&backend{}).Audit(m, o, target)
}

func TestGuardsOfAddOn(t *testing.T) {
	const tiers = "pricing.marketSpecificPricings."
	all := func(except ...string) *schema.Markets { return &schema.Markets{All: true, Except: except} }
	cases := []struct {
		reason string
		spec   schema.AddOn
		want   map[plan.Path]plan.Guard
	}{
		{"the base price", schema.AddOn{Pricing: &schema.AddOnPricing{PriceID: new("Free")}}, map[plan.Path]plan.Guard{"pricing.priceId": plan.GuardPriceChange}},
		{"a market's own", schema.AddOn{Pricing: &schema.AddOnPricing{MarketSpecificPricings: map[string]string{"JP": "Base"}}}, map[plan.Path]plan.Guard{tiers + "JP": plan.GuardPriceChange}},
		{"a market is closed, another opened", schema.AddOn{Markets: all("FR")}, map[plan.Path]plan.Guard{tiers + "FR": plan.GuardRemoveMarket, tiers + "CN": plan.GuardPriceChange}},
		{"who sees it", schema.AddOn{Visibility: new("Hidden")}, map[plan.Path]plan.Guard{fieldVisibility: plan.GuardVisibilityChange}},
		{"a language goes", schema.AddOn{RemoveUnlistedLanguages: true, Listings: map[string]*schema.AddOnListing{"en-us": {}, "de-de": {}}}, map[plan.Path]plan.Guard{"listings.fr-fr": plan.GuardRemoveLanguage}},
		{"an icon goes", inLanguage("en-us", schema.AddOnListing{Icon: &schema.Image{}}), map[plan.Path]plan.Guard{"listings.En-US.icon": plan.GuardRemoveImages}},
		{"another icon, and texts", schema.AddOn{Tag: text(""), Keywords: []string{}, ContentType: new("Asp"), Listings: map[string]*schema.AddOnListing{"en-us": {Icon: icon("new"), Title: text("T")}}}, nil},
	}
	for _, c := range cases {
		m := themes(c.spec)
		o := lookAddOn(t, m, oddAddOn(), nil)
		target, changes := targetOf(t, m, o)
		for _, change := range changes {
			got := (&backend{}).Guards(change, o, target)
			if want, guarded := c.want[change.Path]; guarded && (len(got) != 1 || got[0] != want) || !guarded && len(got) > 0 {
				t.Errorf("%s: %s trips %v", c.reason, change.Path, got)
			}
			delete(c.want, change.Path)
		}
		if len(c.want) > 0 {
			t.Errorf("%s: no change of %v", c.reason, c.want)
		}
	}
}

// Nobody has bought what was never published: its first price is no change of
// one, and a killed apply that made it goes on without --allow.
func TestGuardsOfNewAddOn(t *testing.T) {
	m := themes(schema.AddOn{Visibility: new("Hidden"), Markets: &schema.Markets{List: []string{"US"}}, Pricing: &schema.AddOnPricing{PriceID: new("Tier1013")}})
	for name, observed := range map[string]func(*reconcile.Observed){
		"missing": nil, "never published": func(o *reconcile.Observed) { o.Drafts = provenance.FirstDraft },
	} {
		o := lookAddOn(t, m, "", nil)
		if observed != nil {
			o = lookAddOn(t, m, oddAddOn(), nil)
			observed(o)
		}
		target, changes := targetOf(t, m, o)
		for _, change := range changes {
			if got := (&backend{}).Guards(change, o, target); len(got) > 0 {
				t.Errorf("%s: %s trips %v", name, change.Path, got)
			}
		}
	}
}
