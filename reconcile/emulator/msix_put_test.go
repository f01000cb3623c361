package emulator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestMsixRefused: a PUT that breaks a rule is refused with the service's
// words, leaves the draft as it was and does not keep it from being committed.
func TestMsixRefused(t *testing.T) {
	const invalid = "400 InvalidParameterValue "
	listing := "listings.en-us.baseListing."
	image := map[string]any{"fileName": "a.png", "fileStatus": "PendingUpload", "imageType": "Screenshot"}
	fresh := map[string]any{"fileName": "new.msix", "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"}
	less := func(entry map[string]any, change ...any) map[string]any {
		out := map[string]any{}
		for name, value := range entry {
			out[name] = value
		}
		for i := 0; i < len(change); i += 2 {
			set(t, out, change[i].(string), change[i+1])
		}
		return out
	}
	repeat := func(n int, value any) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = value
		}
		return out
	}
	shots := func(kind string, n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = less(image, "fileName", strings.Repeat("a", i+1)+".png", "imageType", kind)
		}
		return out
	}
	long := func(n int) string { return strings.Repeat("ä", n) }
	for _, test := range []struct {
		name, path string
		value      any
		want       string
	}{
		{"no listing", "listings", map[string]any{}, "appListings: The size of AppListings must be 1 or more"},
		{"listings not sent", "listings", "-", "appListings: The size of AppListings must be 1 or more"},
		{"listing null", "listings", map[string]any{"en-us": nil}, "appListings: The size of AppListings must be 1 or more"},
		{"language in upper case", "listings.en-US", map[string]any{"baseListing": map[string]any{}}, "listings: Language codes: en-US not supported"},
		{"unknown language", "listings.tlh", map[string]any{"baseListing": map[string]any{}}, "listings: Language codes: tlh not supported"},
		{"no base listing", "listings.fr-fr", map[string]any{}, "listings: The value of listings.fr-fr.baseListing is not valid: it must be an object."},
		{"title", listing + "title", 7, "listings: The value of listings.en-us.baseListing.title is not valid: it must be a string."},
		{"description", listing + "description", long(10001), "listings: The value of listings.en-us.baseListing.description has 10001 characters; at most 10000 are allowed."},
		{"shortDescription", listing + "shortDescription", long(1001), "listings: The value of listings.en-us.baseListing.shortDescription has 1001 characters; at most 1000 are allowed."},
		{"shortTitle", listing + "shortTitle", long(51), "listings: The value of listings.en-us.baseListing.shortTitle has 51 characters; at most 50 are allowed."},
		{"sortTitle", listing + "sortTitle", long(256), "listings: The value of listings.en-us.baseListing.sortTitle has 256 characters; at most 255 are allowed."},
		{"voiceTitle", listing + "voiceTitle", long(256), "listings: The value of listings.en-us.baseListing.voiceTitle has 256 characters; at most 255 are allowed."},
		{"devStudio", listing + "devStudio", long(256), "listings: The value of listings.en-us.baseListing.devStudio has 256 characters; at most 255 are allowed."},
		{"releaseNotes", listing + "releaseNotes", long(1501), "listings: The value of listings.en-us.baseListing.releaseNotes has 1501 characters; at most 1500 are allowed."},
		{"copyright", listing + "copyrightAndTrademarkInfo", long(201), "listings: The value of listings.en-us.baseListing.copyrightAndTrademarkInfo has 201 characters; at most 200 are allowed."},
		{"licenseTerms", listing + "licenseTerms", long(10001), "listings: The value of listings.en-us.baseListing.licenseTerms has 10001 characters; at most 10000 are allowed."},
		{"features", listing + "features", repeat(21, "a"), "listings: listings.en-us.baseListing.features has 21 items; at most 20 are allowed."},
		{"feature", listing + "features", []any{long(201)}, "listings: The value of listings.en-us.baseListing.features[0] has 201 characters; at most 200 are allowed."},
		{"feature null", listing + "features", []any{nil}, "listings: The value of listings.en-us.baseListing.features[0] is not valid: it must be set."},
		{"keywords", listing + "keywords", repeat(8, "a"), "listings: listings.en-us.baseListing.keywords has 8 items; at most 7 are allowed."},
		{"keyword", listing + "keywords", []any{long(31)}, "listings: The value of listings.en-us.baseListing.keywords[0] has 31 characters; at most 30 are allowed."},
		{"hardware", listing + "minimumHardware", repeat(12, "a"), "listings: listings.en-us.baseListing.minimumHardware has 12 items; at most 11 are allowed."},
		{"hardware text", listing + "recommendedHardware", "2 GB", "listings: The value of listings.en-us.baseListing.recommendedHardware is not valid: it must be a list."},
		{"override", "listings.en-us.platformOverrides", map[string]any{"Windows81": map[string]any{"shortTitle": long(51)}}, "listings: The value of listings.en-us.platformOverrides.Windows81.shortTitle has 51 characters; at most 50 are allowed."},

		{"caption", listing + "images", []any{less(image, "description", long(201))}, "listings: The value of listings.en-us.baseListing.images[0].description has 201 characters; at most 200 are allowed."},
		{"image type", listing + "images", []any{less(image, "imageType", "screenshot")}, "listings: The value of listings.en-us.baseListing.images[0].imageType is not valid; it must be one of Screenshot, "},
		{"image without name", listing + "images", []any{less(image, "fileName", "")}, "listings: The value of listings.en-us.baseListing.images[0].fileName is required."},
		{"image outside", listing + "images", []any{less(image, "fileName", `..\a.png`)}, "listings: The value of listings.en-us.baseListing.images[0].fileName is not valid: it must be a path inside the archive."},
		{"image uploaded already", listing + "images.0.fileStatus", "PendingUpload", "listings: The value of listings.en-us.baseListing.images[0].fileStatus is not valid: image ID is uploaded already."},
		{"unknown image", listing + "images.0.id", "1", "listings: The value of listings.en-us.baseListing.images[0].id is not valid: there is no image 1."},
		{"image without id", listing + "images.0.id", "-", "listings: Existing Image (screenshot-en-us.png) should contain Id"},
		{"image twice", listing + "images", []any{image, less(image, "fileName", "A.png")}, "listings: The value of listings.en-us.baseListing.images[1].fileName is not valid: A.png is listed twice."},
		{"screenshots", listing + "images", shots("Screenshot", 10), "listings: listings.en-us.baseListing has more than 10 images of type Screenshot."},
		{"Xbox screenshots", listing + "images", shots("XboxScreenshot", 9), "listings: listings.en-us.baseListing has more than 8 images of type XboxScreenshot."},

		{"no pricing", "pricing", "-", "pricing: Pricing data was not provided in the request."},
		{"pricing null", "pricing", nil, "pricing: Pricing data was not provided in the request."},
		{"base price Base", "pricing.priceId", "Base", "pricing: 'Base' is not a valid PriceId for base price."},
		{"unknown tier", "pricing.priceId", "Tier97", `pricing: The value of pricing.priceId is not valid: "Tier97" is not a price tier.`},
		{"tier in lower case", "pricing.priceId", "free", `pricing: The value of pricing.priceId is not valid: "free" is not a price tier.`},
		{"market tier", "pricing.marketSpecificPricings.JP", "Tier1", `pricing: The value of pricing.marketSpecificPricings.JP is not valid: "Tier1" is not a price tier.`},
		{"market", "pricing.marketSpecificPricings.jp", "Free", `pricing: The market "jp" of pricing.marketSpecificPricings is not valid.`},
		{"trial", "pricing.trialPeriod", "TwoDays", "pricing: The value of pricing.trialPeriod is not valid; it must be one of NoFreeTrial, OneDay, TrialNeverExpires, SevenDays, FifteenDays, ThirtyDays."},

		{"category", "applicationCategory", "Games_RolePlaying", "applicationCategory: The value of applicationCategory is not valid; it must be one of NotSet, "},
		{"visibility", "visibility", "public", "visibility: The value of visibility is not valid; it must be one of Hidden, Public, Private, NotSet."},
		{"publish mode", "targetPublishMode", "Now", "targetPublishMode: The value of targetPublishMode is not valid; it must be one of Immediate, Manual, SpecificDate."},
		{"publish date", "targetPublishDate", "tomorrow", "targetPublishDate: The value of targetPublishDate is not valid: it must be a date like 2026-03-01T08:00:00Z."},
		{"no publish date", "targetPublishMode", "SpecificDate", "targetPublishDate: The value of targetPublishDate is required when targetPublishMode is SpecificDate."},
		{"hardware preference", "hardwarePreferences", []any{"NFC"}, "hardwarePreferences: The value of hardwarePreferences[0] is not valid; it must be one of Touch, "},
		{"flag", "isGameDvrEnabled", "true", "isGameDvrEnabled: The value of isGameDvrEnabled is not valid: it must be true or false."},
		{"flag null", "isGameDvrEnabled", nil, "isGameDvrEnabled: The value of isGameDvrEnabled is not valid: it must be true or false."},
		{"notes", "notesForCertification", long(2001), "notesForCertification: The value of notesForCertification has 2001 characters; at most 2000 are allowed."},
		{"licensing", "enterpriseLicensing", "Offline", "enterpriseLicensing: The value of enterpriseLicensing is not valid; it must be one of None, Online, OnlineAndOffline."},
		{"family", "allowTargetFutureDeviceFamilies.Xbox", "yes", "allowTargetFutureDeviceFamilies: The value of allowTargetFutureDeviceFamilies.Xbox is not valid: it must be true or false."},
		{"genre", "gamingOptions.0.genres", []any{"Games_Chess"}, "gamingOptions: The value of gamingOptions[0].genres[0] is not valid; it must be one of Games_ActionAndAdventure, "},
		{"families", "allowTargetFutureDeviceFamilies", map[string]any{"Desktop": true, "Mobile": true, "Holographic": true}, "allowTargetFutureDeviceFamilies: The value of allowTargetFutureDeviceFamilies is not valid: it must name the device family Xbox."},
		{"no prices", "pricing", "-", "pricing: Pricing data was not provided in the request."},
		{"null for prices", "pricing", nil, "pricing: Pricing data was not provided in the request."},
		{"two gaming options", "gamingOptions", []any{map[string]any{}, map[string]any{}}, "gamingOptions: gamingOptions has 2 items; at most 1 are allowed."},
		{"players", "gamingOptions.0.localMultiplayerMinPlayers", 2.5, "gamingOptions: The value of gamingOptions[0].localMultiplayerMinPlayers is not valid: it must be a number."},
		{"rollout", "packageDeliveryOptions.packageRollout.packageRolloutPercentage", 101, "packageDeliveryOptions: The value of packageDeliveryOptions.packageRollout.packageRolloutPercentage must be from 0 to 100."},
		{"trailers", "trailers", repeat(16, map[string]any{"videoFileName": "a.mp4"}), "trailers: trailers has 16 items; at most 15 are allowed."},
		{"trailer", "trailers", []any{map[string]any{}}, "trailers: The value of trailers[0].videoFileName is required."},
		{"trailer title", "trailers", []any{map[string]any{"videoFileName": "a.mp4", "trailerAssets": map[string]any{"en-us": map[string]any{"title": long(256)}}}}, "trailers: The value of trailers[0].trailerAssets.en-us.title has 256 characters; at most 255 are allowed."},

		{"package left out", "applicationPackages", []any{}, "packages: Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ID"},
		{"packages not sent", "applicationPackages", "-", "packages: Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ID"},
		{"package to upload again", "applicationPackages.0.fileStatus", "PendingUpload", "packages: Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ID"},
		{"package status", "applicationPackages.0.fileStatus", "uploaded", "applicationPackages: The value of applicationPackages[0].fileStatus is not valid; it must be one of None, PendingUpload, Uploaded, PendingDelete."},
		{"package memory", "applicationPackages.0", less(fresh, "minimumSystemRam", "2GB"), "applicationPackages: The value of applicationPackages[0].minimumSystemRam is not valid; it must be one of None, Memory2GB."},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startMsix(t, "", "")
			path, document := c.create()
			before := c.do("GET", path, "").body
			set(t, document, test.path, test.value)
			got := id19.ReplaceAllString(c.refused("PUT", path, text(t, document)), "ID")
			if !strings.HasPrefix(got, invalid+test.want) {
				t.Errorf("want %s%s\ngot  %s", invalid, test.want, got)
			}
			diff(t, before, c.do("GET", path, "").body)
			diff(t, 202, c.do("POST", path+"/commit", "").status)
			c.e.Settle()
			diff(t, "Published", c.get(path + "/status")["status"].(string))
		})
	}
}

// TestMsixBodies: what is no submission at all.
func TestMsixBodies(t *testing.T) {
	c := startMsix(t, "", "")
	path, _ := c.create()
	for body, want := range map[string]string{
		"":     "400 InvalidParameterValue : The request body is not valid: it is not JSON.",
		"{":    "400 InvalidParameterValue : The request body is not valid: it is not JSON.",
		"[]":   "400 InvalidParameterValue : The request body must be a submission.",
		"null": "400 InvalidParameterValue : The request body must be a submission.",
		strings.Repeat("[", 99) + strings.Repeat("]", 99): "400 InvalidParameterValue : The request body is not valid: it nests deeper than 64 levels.",
	} {
		diff(t, want, c.refused("PUT", path, body))
	}
}

// TestMsixTaken: what a PUT may hold, and how it comes back.
func TestMsixTaken(t *testing.T) {
	listing := "listings.en-us.baseListing."
	for _, test := range []struct {
		name, path string
		value      any
		read       string // what to look at; "": path
		want       string
	}{
		{"price kept", "pricing.priceId", "Tier1424", "", `"Tier1424"`},
		{"price not sent becomes free", "pricing.priceId", "-", "", `"Free"`},
		{"price null becomes free", "pricing.priceId", nil, "", `"Free"`},
		{"empty pricing becomes free", "pricing", map[string]any{}, "", `{"isAdvancedPricingModel":false,"marketSpecificPricings":{"EH":"NotAvailable","LB":"NotAvailable"},"priceId":"Free","sales":[],"trialPeriod":"NoFreeTrial"}`},
		{"advanced pricing turns false", "pricing.isAdvancedPricingModel", true, "", `false`},
		{"sales ignored", "pricing.sales", []any{map[string]any{"name": "x"}}, "", `[]`},
		{"unknown tier echoed", "pricing.trialPeriod", "OneDay", "pricing.priceId", `"FreeForm_1"`},
		{"market off", "pricing.marketSpecificPricings", map[string]any{"JP": "NotAvailable", "LB": "Tier2"}, "", `{"EH":"NotAvailable","JP":"NotAvailable","LB":"Tier2"}`},
		{"market Base", "pricing.marketSpecificPricings.JP", "Base", "", `"Base"`},
		{"pricing unknown key", "pricing.currency", "EUR", "", `"EUR"`},
		{"unset strings are missing", listing + "sortTitle", nil, listing + "sortTitle", `null`},
		{"empty strings stay", listing + "sortTitle", "", "", `""`},
		{"obsolete field", listing + "privacyPolicy", "https://contoso.example", "", `""`},
		{"unknown listing key", listing + "newField", map[string]any{"a": 1.5}, "", `{"a":1.5}`},
		{"unknown listing sibling", "listings.en-us.extra", true, "", `true`},
		{"override", "listings.en-us.platformOverrides", map[string]any{"Windows81": map[string]any{"title": "Old"}, "Next": map[string]any{"x": 1}}, "", `{"Next":{"x":1},"Windows81":{"title":"Old"}}`},
		{"unknown key", "isSeekEnabled", true, "", `true`},
		{"unknown family", "allowTargetFutureDeviceFamilies", map[string]any{"7": true, "desktop": true, "Mobile": false, "Xbox": false, "holographic": false}, "", `{"7":true,"Desktop":true,"Holographic":false,"Mobile":false,"Team":false,"Xbox":false}`},
		{"read-only id", "id", "1", "friendlyName", `"Submission 2"`},
		{"read-only status", "status", "Published", "", `"PendingCommit"`},
		{"read-only name", "friendlyName", "Mine", "", `"Submission 2"`},
		{"read-only version", "applicationPackages.0.version", "9.9.9.0", "", `"1.0.0.0"`},
		{"package name stays", "applicationPackages.0.fileName", "x.msix", "", `"Contoso.Notes_1.0.0.0_x64.msix"`},
		{"package unknown key", "applicationPackages.0.hash", "abc", "", `"abc"`},
		{"package removed later", "applicationPackages.0.fileStatus", "PendingDelete", "", `"PendingDelete"`},
		{"rollout echoed", "packageDeliveryOptions.packageRollout", map[string]any{"isPackageRollout": true, "packageRolloutPercentage": 12.5, "packageRolloutStatus": "PackageRolloutComplete", "fallbackSubmissionId": "7", "isSeekEnabled": true}, "", `{"fallbackSubmissionId":"0","isPackageRollout":true,"isSeekEnabled":true,"packageRolloutPercentage":12.5,"packageRolloutStatus":"PackageRolloutNotStarted"}`},
		{"delivery not sent", "packageDeliveryOptions", "-", "", `{"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":"1601-01-01T00:00:00.0000000Z","packageRollout":{"fallbackSubmissionId":"0","isPackageRollout":false,"packageRolloutPercentage":0,"packageRolloutStatus":"PackageRolloutNotStarted"}}`},
		{"flag not sent", "automaticBackupEnabled", "-", "", `false`},
		{"category not sent", "applicationCategory", "-", "", `"NotSet"`},
		{"gaming null", "gamingOptions", nil, "", `null`},
		{"players absent", "gamingOptions.0.localMultiplayerMaxPlayers", 4, "gamingOptions.0", `{"genres":[],"isBroadcastingPrivilegeGranted":true,"isCrossPlayEnabled":false,"isLocalCooperative":false,"isLocalMultiplayer":false,"isOnlineCooperative":false,"isOnlineMultiplayer":false,"kinectDataForExternal":"Disabled","localMultiplayerMaxPlayers":4}`},
		{"date", "targetPublishDate", "2026-03-01T10:00:00+02:00", "", `"2026-03-01T08:00:00.0000000Z"`},
		{"caption", listing + "images.0.description", "The editor", "", `"The editor"`},
		{"image type stays", listing + "images.0.imageType", "Icon", "", `"Screenshot"`},
		{"image left out stays", listing + "images", []any{}, "", `[{"fileName":"screenshot-en-us.png","fileStatus":"Uploaded","id":"ID","imageType":"Screenshot"}]`},
		{"image removed later", listing + "images.0.fileStatus", "PendingDelete", "", `"PendingDelete"`},
		{"image unknown key", listing + "images.0.hash", "abc", "", `"abc"`},
		{"new image", listing + "images.0", map[string]any{"fileName": `Assets\a.png`, "fileStatus": "PendingUpload", "imageType": "Icon"}, listing + "images", `[{"fileName":"Assets\\a.png","fileStatus":"PendingUpload","imageType":"Icon"},{"fileName":"screenshot-en-us.png","fileStatus":"Uploaded","id":"ID","imageType":"Screenshot"}]`},
		{"language removed", "listings.de-de", "-", "statusDetails.warnings.1", `{"code":"ListingOptOutWarning","details":"You have removed listing language(s): [de-de]"}`},
		{"language added", "listings.fr-fr", map[string]any{"baseListing": map[string]any{}}, "statusDetails.warnings.1", `{"code":"ListingOptInWarning","details":"The listing for language fr-fr is added."}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startMsix(t, "", `,"submission":{"pricing":{"priceId":"FreeForm_1"},"listings":{"en-us":{"baseListing":{"sortTitle":"Notes"}}}}`)
			path, document := c.create()
			if test.name == "unknown tier echoed" || !strings.HasPrefix(test.path, "pricing") {
				diff(t, "FreeForm_1", field(t, document, "pricing.priceId").(string))
			}
			set(t, document, test.path, test.value)
			answer := c.want(200, "PUT", path, text(t, document))
			diff(t, answer, c.get(path))
			read := test.read
			if read == "" {
				read = test.path
			}
			diff(t, test.want, id19.ReplaceAllString(text(t, field(t, answer, read)), "ID"))
		})
	}
}

// TestMsixPascalCase: a client of Microsoft's spells all names so.
func TestMsixPascalCase(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	set(t, document, "visibility", "Hidden")
	pascal := regexp.MustCompile(`"[a-z][A-Za-z]+":`).ReplaceAllStringFunc(text(t, document), func(name string) string {
		return name[:1] + strings.ToUpper(name[1:2]) + name[2:]
	})
	// Of two members with one name the last is taken.
	pascal = strings.Replace(pascal, `"Visibility":`, `"Visibility":"Public","Visibility":`, 1)
	answer := c.want(200, "PUT", path, pascal)
	diff(t, document, answer)
}

// TestMsixNewPackage: an entry to be uploaded has nothing that is read out of
// the package later, and may be sent again until then.
func TestMsixNewPackage(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	set(t, document, "applicationPackages", append(field(t, document, "applicationPackages").([]any), map[string]any{
		"fileName": "a.msix", "fileStatus": "PendingUpload", "id": "", "version": "9.9.9.0", "architecture": "x64",
		"languages": []any{"en-us"}, "minimumDirectXVersion": "DirectX100", "minimumSystemRam": "Memory2GB", "note": "mine",
	}))
	answer := c.want(200, "PUT", path, text(t, document))
	diff(t, `{"capabilities":[],"fileName":"a.msix","fileStatus":"PendingUpload","languages":[],"minimumDirectXVersion":"DirectX100","minimumSystemRam":"Memory2GB","note":"mine","targetDeviceFamilies":[]}`, text(t, field(t, answer, "applicationPackages.1")))
	diff(t, answer, c.want(200, "PUT", path, text(t, answer)))
	c.uploadArchive(answer, archive(t, "a.msix", msix(t, "1.1.0.0", "x64")))
	diff(t, "Published", c.commit(path))
	live := field(t, c.get(path), "applicationPackages.1")
	diff(t, "1.1.0.0 DirectX100 Memory2GB mine", fmt.Sprint(field(t, live, "version"), " ", field(t, live, "minimumDirectXVersion"), " ", field(t, live, "minimumSystemRam"), " ", field(t, live, "note")))
}

// TestMsixEcho: a submission that is put back as it was read comes back equal,
// whatever fields it has.
func TestMsixEcho(t *testing.T) {
	c := startMsix(t, "", `,"submission":{"newTop":{"a":[1,{"b":null}]},"pricing":{"newPrice":1.50},
		"trailers":[{"videoFileName":"a.mp4","extra":1,"trailerAssets":{"en-us":{"title":"T","imageList":[{"fileName":"t.png","id":"9","description":"D"}]}}}],
		"packageDeliveryOptions":{"extra":true,"isMandatoryUpdate":true,"mandatoryUpdateEffectiveDate":"2026-05-01T00:00:00Z"},
		"gamingOptions":[{"localCooperativeMinPlayers":2,"extra":"x"}],
		"listings":{"en-us":{"extra":1,"baseListing":{"extra":2,"images":[{"fileName":"1.png","description":"One","extra":3}]},"platformOverrides":{"Windows80":{"title":"Old","images":[{"fileName":"8.png"}]}}}},
		"applicationPackages":[{"fileName":"a.msix","extra":4}]}`)
	path, document := c.create()
	diff(t, "1.50", strings.Split(strings.Split(c.do("GET", path, "").body, `"newPrice":`)[1], "}")[0])
	diff(t, document, c.want(200, "PUT", path, text(t, document)))
	diff(t, document, c.get(path))
}
