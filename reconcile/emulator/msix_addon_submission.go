package emulator

// The limits of an add-on's submissions
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/enter-add-on-properties,
// .../create-add-on-store-listings).
const (
	maxAddOnKeywords    = 10
	maxAddOnKeyword     = 30
	maxAddOnTitle       = 100
	maxAddOnDescription = 200
	maxAddOnTag         = 3_000
	addOnIconKind       = "Icon" // 300x300
)

func (i *msixAddOn) noun() string                             { return "in-app product" }
func (i *msixAddOn) shape() objectShape                       { return addOnSubmissionShape() }
func (i *msixAddOn) given() object                            { return nil }
func (i *msixAddOn) hides(string) bool                        { return false }
func (i *msixAddOn) rolls() bool                              { return false }
func (i *msixAddOn) fallback(*msixSubmission) *msixSubmission { return nil }
func (i *msixAddOn) blank() object                            { return object{{"pricing", object{}}, {"tag", ""}} }

func (i *msixAddOn) rules(f *msixFit, sent object, behavior MsixBehavior) object {
	out := sent
	if len(out.lookupObject("listings")) == 0 {
		f.refuse("listings", "The size of Listings must be 1 or more")
	}
	out = out.with("pricing", f.pricing(out.lookupObject("pricing"), behavior))
	f.publishDate(out)
	listings := object{}
	for _, m := range out.lookupObject("listings") {
		listing, _ := m.value.(object)
		listings = append(listings, member{m.name, f.icon(m.name, listing)})
	}
	return out.with("listings", listings)
}

func (i *msixAddOn) ingest(in *ingestion, document object) object {
	listings := object{}
	for _, m := range document.lookupObject("listings") {
		listing, _ := m.value.(object)
		icon := listing.lookupObject("icon")
		switch icon.lookupText("fileStatus") {
		case filePendingDelete:
			listing = listing.without("icon")
		case filePendingUpload:
			if in.readImage(addOnIconKind, icon) {
				listing = listing.with("icon", icon.with("fileStatus", fileUploaded))
			}
		}
		listings = append(listings, member{m.name, listing})
	}
	return document.with("listings", listings)
}

// complete: a title in every language and a content type are required
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/create-add-on-store-listings,
// .../enter-add-on-properties).
func (i *msixAddOn) complete(_ *msixSubmission, document object) bool {
	listings := document.lookupObject("listings")
	for _, m := range listings {
		if textOf(m.value, "title") == "" {
			return false
		}
	}
	return len(listings) > 0 && document.lookupText("contentType") != "NotSet"
}

// addOnSubmissionShape is an add-on submission, with its members in the order
// of the page's sample
// (https://learn.microsoft.com/windows/uwp/monetize/manage-add-on-submissions).
func addOnSubmissionShape() objectShape {
	return objectShape{fields: []msixField{
		{"id", givenShape{textShape{}}},
		{"contentType", choiceShape{func(f *msixFacts) []string { return f.AddOnContentType }, "NotSet"}},
		{"keywords", listShape{item: textShape{maxAddOnKeyword}, most: maxAddOnKeywords}},
		{"lifetime", choiceShape{func(f *msixFacts) []string { return f.AddOnLifetime }, "Forever"}},
		{"listings", mapShape{item: addOnListingShape(), check: checkMsixLanguages}},
		{"pricing", pricingShape(false)},
		{"targetPublishDate", dateShape{}},
		{"targetPublishMode", choiceShape{func(f *msixFacts) []string { return f.TargetPublishMode }, "Immediate"}},
		{"tag", textShape{maxAddOnTag}},
		{"visibility", choiceShape{func(f *msixFacts) []string { return f.Visibility }, "NotSet"}},
		{"status", givenShape{textShape{}}},
		{"statusDetails", givenShape{objectShape{}}},
		{"fileUploadUrl", givenShape{textShape{}}},
		{"friendlyName", givenShape{textShape{}}},
	}}
}

func addOnListingShape() msixShape {
	icon := objectShape{fields: []msixField{
		{"fileName", textShape{}},
		{"fileStatus", choiceShape{func(f *msixFacts) []string { return f.FileStatus }, ""}},
	}}
	return objectShape{required: true, fields: []msixField{
		{"description", textShape{maxAddOnDescription}},
		{"icon", optionalShape{icon}},
		{"title", textShape{maxAddOnTitle}},
	}}
}

// icon applies the rules of files to the one icon of a listing, which has no
// id: one that is left out stays (observed).
func (f *msixFit) icon(language string, listing object) object {
	at := "listings." + language + ".icon"
	stored := f.listingBefore(language).lookupObject("icon")
	if stored.lookupText("fileStatus") == filePendingUpload {
		// Of an earlier PUT of this draft, and not uploaded yet.
		stored = f.before.lookupObject("listings").lookupObject(language).lookupObject("icon")
	}
	sent := listing.lookupObject("icon")
	if sent == nil {
		if stored == nil {
			return listing
		}
		return listing.with("icon", stored)
	}
	f.fileName(at, sent)
	status := sent.lookupText("fileStatus")
	if status == filePendingUpload {
		return listing
	}
	if name := sent.lookupText("fileName"); stored == nil || stored.lookupText("fileName") != name {
		f.refuse(at, "The value of %s is not valid: there is no icon %s; a new file must be PendingUpload.", at, name)
		return listing
	}
	if status == "None" {
		sent = sent.with("fileStatus", stored.lookup("fileStatus"))
	}
	return listing.with("icon", sent)
}
