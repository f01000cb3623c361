package msix

import (
	"cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// Names of fields that only add-on submissions have
// (https://learn.microsoft.com/windows/uwp/monetize/manage-add-on-submissions#add-on-submission-object).
const (
	fieldContentType = "contentType"
	fieldKeywords    = "keywords"
	fieldLifetime    = "lifetime"
	fieldTag         = "tag"
	fieldIcon        = "icon"
)

// addOnScalars are the strings with a closed set of values that only an add-on
// submission has.
func addOnScalars(a *schema.AddOn) []scalarField {
	return []scalarField{
		{fieldContentType, false, a.ContentType},
		{fieldLifetime, false, a.Lifetime},
	}
}

// addOnForm is what an add-on's manifest writes in the form of an app: the
// fields that both have, with the same meaning and the same paths. A listing
// has them one level higher in an add-on's submission.
func addOnForm(a *schema.AddOn) *schema.MsixApp {
	form := &schema.MsixApp{
		Visibility: a.Visibility, Markets: a.Markets, TargetPublishMode: a.TargetPublishMode, TargetPublishDate: a.TargetPublishDate,
		Listings: map[string]*schema.MsixListing{}, RemoveUnlistedLanguages: a.RemoveUnlistedLanguages,
	}
	if p := a.Pricing; p != nil {
		form.Pricing = &schema.MsixPricing{PriceID: p.PriceID, MarketSpecificPricings: p.MarketSpecificPricings}
	}
	for language, l := range a.Listings {
		form.Listings[language] = &schema.MsixListing{Title: l.Title, Description: l.Description}
	}
	return form
}

// addOnListingTexts are the texts of an add-on's listing.
func addOnListingTexts() []string { return []string{fieldTitle, fieldDescription} }

func addOnListingPointer(language, field string) string {
	return pointerTo(fieldListings, language, field)
}

func iconPath(language string) plan.Path {
	return plan.Join(fieldListings, language, fieldIcon)
}

// addOnState converts an add-on submission into a state. contents are those of
// stored icons as the record knows them, by id or name.
func addOnState(doc *document, _ *schema.Manifest, contents map[string]string) (plan.State, error) {
	c := &converter{doc: doc, kind: kindAddOn, spec: &schema.MsixApp{}, contents: contents, state: plan.State{}}
	c.app()
	c.pricing()
	c.addOn()
	c.addOnOthers()
	if c.err != nil {
		return nil, c.err
	}
	return c.state, nil
}

// addOn adds what only an add-on has.
func (c *converter) addOn() {
	for _, f := range addOnScalars(&schema.AddOn{}) {
		if value, ok := valueAt[string](c, pointerTo(f.name)); ok {
			c.state[plan.Path(f.name)] = plan.StringValue(value)
		}
	}
	if items, ok := valueAt[[]string](c, pointerTo(fieldKeywords)); ok {
		c.state[fieldKeywords] = plan.ListValue(items)
	}
	if tag, ok := valueAt[string](c, pointerTo(fieldTag)); ok {
		c.state[fieldTag] = plan.TextValue(unixLines(tag))
	}
	for _, language := range c.doc.keys(pointerTo(fieldListings)) {
		if !isSegment(language) {
			continue
		}
		for _, name := range addOnListingTexts() {
			if value, ok := valueAt[string](c, addOnListingPointer(language, name)); ok {
				c.state[plan.Join(fieldListings, language, name)] = plan.TextValue(unixLines(value))
			}
		}
		c.icon(language)
	}
}

// icon adds a language's icon. It is one object and not a list, and has no id
// in any sample: one whose content is not known is told by its name.
func (c *converter) icon(language string) {
	stored, ok := valueAt[storedImage](c, addOnListingPointer(language, fieldIcon))
	if !ok || stored.FileName == "" || stored.FileStatus == filePendingDelete {
		return
	}
	id := iconID(stored)
	c.state[iconPath(language)] = plan.ImagesValue([]plan.Image{{Digest: storedDigest(stored.FileName, id, c.contents), ID: id}})
}

func iconID(stored storedImage) string { return cmp.Or(string(stored.ID), entryName(stored.FileName)) }

// addOnOthers adds what no value names. A commit sends it with the rest, so it
// is compared with the rest.
func (c *converter) addOnOthers() {
	rest := c.doc.clone()
	rest.root.drop(fieldContentType, fieldLifetime, fieldKeywords, fieldTag)
	for _, language := range rest.keys(pointerTo(fieldListings)) {
		if isSegment(language) {
			rest.find(pointerTo(fieldListings, language)).drop(append(addOnListingTexts(), fieldIcon)...)
		}
	}
	others := &converter{doc: rest, kind: c.kind, spec: c.spec, state: c.state}
	others.others()
}
