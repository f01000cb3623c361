package emulator_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestAddOnRefused: a PUT that breaks a rule is refused, leaves the draft as it
// was and does not keep it from being committed.
func TestAddOnRefused(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ä", n) }
	words := func(n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = "a"
		}
		return out
	}
	listing := "listings.en-us."
	for _, test := range []struct {
		name, path string
		value      any
		want       string
	}{
		{"no listing", "listings", map[string]any{}, "listings: The size of Listings must be 1 or more"},
		{"listings not sent", "listings", "-", "listings: The size of Listings must be 1 or more"},
		{"language in upper case", "listings.en-US", map[string]any{}, "listings: Language codes: en-US not supported"},
		{"listing", "listings.en-us", "x", "listings: The value of listings.en-us is not valid: it must be an object."},
		{"title", listing + "title", long(101), "listings: The value of listings.en-us.title has 101 characters; at most 100 are allowed."},
		{"description", listing + "description", long(201), "listings: The value of listings.en-us.description has 201 characters; at most 200 are allowed."},
		{"icon type", listing + "icon", "icon.png", "listings: The value of listings.en-us.icon is not valid: it must be an object."},
		{"icon status", listing + "icon", map[string]any{"fileName": "a.png"}, "listings: The value of listings.en-us.icon.fileStatus is required."},
		{"icon name", listing + "icon", map[string]any{"fileName": "", "fileStatus": "PendingUpload"}, "listings: The value of listings.en-us.icon.fileName is required."},
		{"icon outside", listing + "icon", map[string]any{"fileName": "../a.png", "fileStatus": "PendingUpload"}, "listings: The value of listings.en-us.icon.fileName is not valid: it must be a path inside the archive."},
		{"unknown icon", listing + "icon", map[string]any{"fileName": "b.png", "fileStatus": "Uploaded"}, "listings: The value of listings.en-us.icon is not valid: there is no icon b.png; a new file must be PendingUpload."},
		{"unknown icon to delete", "listings.de-de.icon", map[string]any{"fileName": "a.png", "fileStatus": "PendingDelete"}, "listings: The value of listings.de-de.icon is not valid: there is no icon a.png; a new file must be PendingUpload."},
		{"content type", "contentType", "emagazine", "contentType: The value of contentType is not valid; it must be one of NotSet, BookDownload, "},
		{"lifetime", "lifetime", "Forevr", "lifetime: The value of lifetime is not valid; it must be one of Forever, OneDay, ThreeDays, "},
		{"keywords", "keywords", words(11), "keywords: keywords has 11 items; at most 10 are allowed."},
		{"keyword", "keywords", []any{long(31)}, "keywords: The value of keywords[0] has 31 characters; at most 30 are allowed."},
		{"tag", "tag", long(3001), "tag: The value of tag has 3001 characters; at most 3000 are allowed."},
		{"visibility", "visibility", "public", "visibility: The value of visibility is not valid; it must be one of Hidden, Public, Private, NotSet."},
		{"publish mode", "targetPublishMode", "Later", "targetPublishMode: The value of targetPublishMode is not valid; it must be one of Immediate, Manual, SpecificDate."},
		{"no publish date", "targetPublishMode", "SpecificDate", "targetPublishDate: The value of targetPublishDate is required when targetPublishMode is SpecificDate."},
		{"pricing not sent", "pricing", "-", "pricing: Pricing data was not provided in the request."},
		{"Base", "pricing.priceId", "Base", "pricing: 'Base' is not a valid PriceId for base price."},
		{"tier", "pricing.priceId", "Tier1", `pricing: The value of pricing.priceId is not valid: "Tier1" is not a price tier.`},
		{"market", "pricing.marketSpecificPricings.XX", "Tier2", `pricing: The market "XX" of pricing.marketSpecificPricings is not valid.`},
		{"market tier", "pricing.marketSpecificPricings.JP", "cheap", `pricing: The value of pricing.marketSpecificPricings.JP is not valid: "cheap" is not a price tier.`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startAddOn(t, "", `,"submission":{"listings":{"en-us":{"icon":{"fileName":"a.png"}}}}`)
			path, document := c.draft(addOn)
			before := c.do("GET", path, "").body
			set(t, document, test.path, test.value)
			if got := c.refused("PUT", path, text(t, document)); !strings.HasPrefix(got, "400 InvalidParameterValue "+test.want) {
				t.Errorf("want %s\ngot  %s", test.want, got)
			}
			diff(t, before, c.do("GET", path, "").body)
			diff(t, "Published", c.commit(path))
		})
	}
	c := startAddOn(t, "", "")
	path, _ := c.draft(addOn)
	diff(t, "400 InvalidParameterValue : The request body must be a submission.", c.refused("PUT", path, "[]"))
}

// TestAddOnTaken: what a PUT may hold, and how it comes back.
func TestAddOnTaken(t *testing.T) {
	const icon = `{"fileName":"a.png","fileStatus":"Uploaded"}`
	for _, test := range []struct {
		name, path string
		value      any
		read       string // what to look at; "": path
		want       string
	}{
		{"icon left out stays", "listings.en-us.icon", "-", "", icon},
		{"icon null stays", "listings.en-us.icon", nil, "", icon},
		{"icon named", "listings.en-us.icon.fileStatus", "None", "", `"Uploaded"`},
		{"icon unknown key", "listings.en-us.icon.hash", "abc", "", `"abc"`},
		{"icon removed later", "listings.en-us.icon.fileStatus", "PendingDelete", "", `"PendingDelete"`},
		{"icon again", "listings.en-us.icon.fileStatus", "PendingUpload", "", `"PendingUpload"`},
		{"icon replaced", "listings.en-us.icon", map[string]any{"fileName": "b.png", "fileStatus": "PendingUpload"}, "", `{"fileName":"b.png","fileStatus":"PendingUpload"}`},
		{"first icon", "listings.de-de.icon", map[string]any{"fileName": "b.png", "fileStatus": "PendingUpload"}, "", `{"fileName":"b.png","fileStatus":"PendingUpload"}`},
		{"language removed", "listings.de-de", "-", "statusDetails.warnings.1", `{"code":"ListingOptOutWarning","details":"You have removed listing language(s): [de-de]"}`},
		{"texts removed", "listings.en-us.description", "-", "listings.en-us", `{"icon":` + icon + `,"title":"extra-storage"}`},
		{"price not sent becomes free", "pricing.priceId", "-", "", `"Free"`},
		{"trial is none of its members", "pricing.trialPeriod", "OneDay", "pricing", `{"isAdvancedPricingModel":false,"marketSpecificPricings":{"EH":"NotAvailable","LB":"NotAvailable"},"priceId":"Tier5","sales":[],"trialPeriod":"OneDay"}`},
		{"sales ignored", "pricing.sales", []any{1}, "", `[]`},
		{"content type not sent", "contentType", "-", "", `"NotSet"`},
		{"lifetime", "lifetime", "SixMonths", "", `"SixMonths"`},
		{"keywords not sent", "keywords", "-", "", `[]`},
		{"tag not sent", "tag", "-", "", `null`},
		{"tag", "tag", strings.Repeat("ä", 3000), "visibility", `"Public"`},
		{"unknown key", "quantity", 3, "", `3`},
		{"read-only name", "friendlyName", "x", "", `"Submission 2"`},
		{"date", "targetPublishDate", "2026-03-01T10:00:00+02:00", "", `"2026-03-01T08:00:00.0000000Z"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startAddOn(t, "", `,"submission":{"pricing":{"priceId":"Tier5"},"listings":{"en-us":{"icon":{"fileName":"a.png"}}}}`)
			path, document := c.draft(addOn)
			set(t, document, test.path, test.value)
			answer := c.want(200, "PUT", path, text(t, document))
			diff(t, answer, c.get(path))
			read := test.read
			if read == "" {
				read = test.path
			}
			diff(t, test.want, text(t, field(t, answer, read)))
		})
	}
}

// TestAddOnIcon: an icon goes into the Store with the archive, once, and one
// that was never uploaded gives way to the live one.
func TestAddOnIcon(t *testing.T) {
	c := startAddOn(t, "", `,"submission":{"listings":{"en-us":{"icon":{"fileName":"old.png"}}}}`)
	path, document := c.draft(addOn)
	set(t, document, "listings.en-us.icon", map[string]any{"fileName": `Assets\new.png`, "fileStatus": "PendingUpload"})
	document = c.want(200, "PUT", path, text(t, document))
	set(t, document, "listings.en-us.icon", "-")
	diff(t, any("old.png"), field(t, c.want(200, "PUT", path, text(t, document)), "listings.en-us.icon.fileName"))
	set(t, document, "listings.en-us.icon", map[string]any{"fileName": "old.png", "fileStatus": "PendingDelete"})
	c.want(200, "PUT", path, text(t, document))
	set(t, document, "listings.en-us.icon", "-")
	diff(t, any("PendingDelete"), field(t, c.want(200, "PUT", path, text(t, document)), "listings.en-us.icon.fileStatus"))
	set(t, document, "listings.de-de", "-")
	set(t, document, "listings.en-us.icon", map[string]any{"fileName": `Assets\new.png`, "fileStatus": "PendingUpload", "note": "mine"})
	document = c.want(200, "PUT", path, text(t, document))
	c.uploadArchive(document, archive(t, "Assets/new.png", string(picture(t, 300, 300, 1))))
	diff(t, "Published", c.commit(path))
	diff(t, `{"en-us":{"description":"Contoso add-on, as it was first submitted by hand.","icon":{"fileName":"Assets\\new.png","fileStatus":"Uploaded","note":"mine"},"title":"extra-storage"}}`, text(t, c.get(path)["listings"]))

	path, document = c.draft(addOn)
	set(t, document, "listings.en-us.icon.fileStatus", "PendingDelete")
	c.want(200, "PUT", path, text(t, document))
	diff(t, "Published", c.commit(path))
	diff(t, any(nil), field(t, c.get(path), "listings.en-us.icon"))
}

// TestAddOnCommit: what a commit needs.
func TestAddOnCommit(t *testing.T) {
	icon := string(picture(t, 300, 300, 1))
	const invalid = "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center."
	for _, test := range []struct {
		name, path string
		value      any
		content    string
		want       string
	}{
		{"icon", "visibility", "Hidden", archive(t, "i.png", icon), "Published"},
		{"not uploaded", "visibility", "Hidden", "", "CommitFailed\nMissingFiles: The archive was not uploaded."},
		{"no archive", "visibility", "Hidden", "PNG", "CommitFailed\nInvalidArchive: The archive cannot be read as a ZIP file."},
		{"not in it", "visibility", "Hidden", archive(t, "I.png", icon), "CommitFailed\nMissingFiles: The following files are missing from the archive: i.png"},
		{"no picture", "visibility", "Hidden", archive(t, "i.png", "x"), "CommitFailed\nInvalidParameterValue: The image i.png is not a PNG file."},
		{"size", "visibility", "Hidden", archive(t, "i.png", string(picture(t, 301, 300, 1))), "CommitFailed\nInvalidParameterValue: The image i.png is not valid: Icon must have 300x300 pixels, not 301x300."},
		{"no title", "listings.de-de.title", "-", archive(t, "i.png", icon), invalid},
		{"no content type", "contentType", "NotSet", archive(t, "i.png", icon), invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startAddOn(t, "", "")
			path, document := c.draft(addOn)
			set(t, document, "listings.en-us.icon", map[string]any{"fileName": "i.png", "fileStatus": "PendingUpload"})
			set(t, document, test.path, test.value)
			document = c.want(200, "PUT", path, text(t, document))
			if test.content != "" {
				c.uploadArchive(document, test.content)
			}
			diff(t, test.want, c.commit(path))
			if test.want != "Published" {
				diff(t, "Public", fmt.Sprint(c.get("/v1.0/my/" + field(t, c.get(addOn), "lastPublishedInAppProductSubmission.resourceLocation").(string))["visibility"]))
				diff(t, 204, c.do("DELETE", path, "").status)
			}
		})
	}
	// A draft that nobody has worked in has no listing.
	c := startAddOn(t, "", "")
	made := c.want(201, "POST", addOns, `{"applicationIds":["`+appID+`"],"productId":"b","productType":"Durable"}`)
	path, _ := c.draft(addOns + "/" + made["id"].(string))
	diff(t, invalid, c.commit(path))
	if err := c.e.EditMsix(appID, []byte(`{"addOns":[{"productId":"b","pending":{"status":"PendingCommit","submission":{"contentType":"Asp"}}}]}`)); err != nil {
		t.Fatal(err)
	}
	diff(t, invalid, c.commit(path))
}
