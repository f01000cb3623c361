package emulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

func repeated(n int, text string) string {
	raw, err := json.Marshal(strings.Split(strings.Repeat(text+"\x00", n-1)+text, "\x00"))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// TestMetadataRules breaks every documented rule of metadata once.
func TestMetadataRules(t *testing.T) {
	const declarations = `"productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false}`
	listing := func(fields string) string { return `{"listings":{"language":"en-us",` + fields + `}}` }
	properties := func(fields string) string { return `{"properties":{` + fields + `}}` }
	availability := func(fields string) string { return `{"availability":{` + fields + `}}` }
	words := make([]string, 0, 22)
	for i := range 22 {
		words = append(words, fmt.Sprintf("w%d", i))
	}
	terms, err := json.Marshal([]string{strings.Join(words[:7], " "), strings.Join(words[7:14], " "), strings.Join(words[14:21], " "), words[21] + " W0"})
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, emulator.Options{}, "")
	before := c.do("GET", product+"/metadata", "").body
	for _, test := range []struct{ method, body, want string }{
		{"PATCH", `{}`, "listings: The body names no module: send availability, properties, listings, listingsToAdd or listingsToRemove."},
		{"PATCH", `{"listings":[]}`, "listings: listings must be one object: one language is updated in one request."},
		{"PATCH", `{"listings":{"description":"D"}}`, "listings: listings.language is required."},
		{"PATCH", `{"listings":{"language":"fr-fr"}}`, `listings: The product has no listing for language "fr-fr": add it with listingsToAdd.`},
		{"PATCH", `{"listings":{"language":"de-de"},"listingsToRemove":["de-de"]}`, `listings: The product has no listing for language "de-de": it is in listingsToRemove.`},
		{"PATCH", `{"listingsToAdd":["xx-xx"]}`, `listings: listingsToAdd: "xx-xx" is not a supported listing language.`},
		{"PATCH", `{"listingsToAdd":["fr-fr"],"listingsToRemove":["FR-FR"]}`, "listings: \"fr-fr\" is both in listingsToAdd and in listingsToRemove.\nwarning listings: listingsToRemove: the product has no listing for \"FR-FR\"."},
		{"PATCH", `{"listingsToRemove":["en-us","de-de"]}`, `listings: listingsToRemove: the product must keep at least one listing.`},
		{"PUT", listing(`"whatsNew":"W"`), "listings: listings.description is required.\nbadrequest listings: listings.additionalLicenseTerms is required."},
		{"PATCH", listing(`"description":""`), "listings: listings.description must not be empty."},
		{"PATCH", listing(`"description":"` + strings.Repeat("ü", 10001) + `"`), "listings: listings.description has 10001 characters; at most 10000 are allowed."},
		{"PATCH", listing(`"whatsNew":"` + strings.Repeat("a", 1501) + `"`), "listings: listings.whatsNew has 1501 characters; at most 1500 are allowed."},
		{"PATCH", listing(`"shortDescription":"` + strings.Repeat("a", 1001) + `"`), "listings: listings.shortDescription has 1001 characters; at most 1000 are allowed."},
		{"PATCH", listing(`"additionalLicenseTerms":"` + strings.Repeat("a", 10001) + `"`), "listings: listings.additionalLicenseTerms has 10001 characters; at most 10000 are allowed."},
		{"PATCH", listing(`"copyright":"` + strings.Repeat("a", 201) + `"`), "listings: listings.copyright has 201 characters; at most 200 are allowed."},
		{"PATCH", listing(`"developedBy":"` + strings.Repeat("a", 256) + `"`), "listings: listings.developedBy has 256 characters; at most 255 are allowed."},
		{"PATCH", listing(`"sortTitle":"` + strings.Repeat("a", 256) + `"`), "listings: listings.sortTitle has 256 characters; at most 255 are allowed."},
		{"PATCH", listing(`"contactInfo":"` + strings.Repeat("a", 201) + `"`), "listings: listings.contactInfo has 201 characters; at most 200 are allowed."},
		{"PATCH", listing(`"productFeatures":` + repeated(21, "f")), "listings: listings.productFeatures has 21 items; at most 20 are allowed."},
		{"PATCH", listing(`"productFeatures":["` + strings.Repeat("a", 201) + `"]`), "listings: listings.productFeatures[0] has 201 characters; at most 200 are allowed."},
		{"PATCH", listing(`"productFeatures":["a"," "]`), "listings: listings.productFeatures[1] must not be empty."},
		{"PATCH", listing(`"searchTerms":` + repeated(8, "t")), "listings: listings.searchTerms has 8 items; at most 7 are allowed."},
		{"PATCH", listing(`"searchTerms":["` + strings.Repeat("a", 31) + `"]`), "listings: listings.searchTerms[0] has 31 characters; at most 30 are allowed."},
		{"PATCH", listing(`"searchTerms":` + string(terms)), "listings: listings.searchTerms have 22 unique words; at most 21 are allowed over all terms."},
		{"PATCH", listing(`"requirements":[` + strings.Repeat(`{"minimumHardware":"a"},`, 11) + `{"minimumHardware":"a"}]`), "listings: listings.requirements has 12 items; at most 11 are allowed."},
		{"PATCH", listing(`"requirements":[{"recommendedHardware":"` + strings.Repeat("a", 201) + `"}]`), "listings: listings.requirements.recommendedHardware has 201 characters; at most 200 are allowed."},
		{"PATCH", listing(`"description":1`), "listings: listings is not valid: description cannot be a JSON number."},

		{"PUT", availability(``), "availability: availability.markets is required.\nbadrequest availability: availability.discoverability is required.\nbadrequest availability: availability.enableInFutureMarkets is required.\nbadrequest availability: availability.pricing is required."},
		{"PATCH", availability(`"markets":["KP"]`), `availability: availability.markets: "KP" is not a supported market.`},
		{"PATCH", availability(`"markets":[]`), "availability: availability.markets must name at least one market."},
		{"PATCH", availability(`"discoverability":"HIDDEN"`), `availability: availability.discoverability: "HIDDEN" is not allowed; use one of DISCOVERABLE, DEEPLINK_ONLY.`},
		{"PATCH", availability(`"pricing":"GRATIS"`), `availability: availability.pricing: "GRATIS" is not allowed; use one of FREE, FREEMIUM, SUBSCRIPTION, PAID.`},
		{"PATCH", availability(`"freeTrial":"FREE_TRIAL"`), "availability: availability.freeTrial FREE_TRIAL needs pricing PAID or SUBSCRIPTION, not FREE."},
		{"PATCH", availability(`"pricing":"PAID","freeTrial":""`), "availability: availability.freeTrial is required when pricing is PAID."},

		{"PUT", properties(``), "properties: properties.isPrivacyPolicyRequired is required.\nbadrequest properties: properties.category is required.\nbadrequest properties: properties.productDeclarations is required.\nbadrequest properties: properties.category: \"\" is not a category."},
		{"PATCH", properties(`"isPrivacyPolicyRequired":true`), "properties: properties.privacyPolicyUrl is required when isPrivacyPolicyRequired is true."},
		{"PATCH", properties(`"privacyPolicyUrl":"contoso.example"`), "properties: properties.privacyPolicyUrl must be a valid URL that starts with https:// or http://."},
		{"PATCH", properties(`"website":"ftp://contoso.example"`), "properties: properties.website must be a valid URL that starts with https:// or http://."},
		{"PATCH", properties(`"supportContactInfo":"call us"`), "properties: properties.supportContactInfo must be a URL or an e-mail address."},
		{"PATCH", properties(`"certificationNotes":"` + strings.Repeat("a", 2001) + `"`), "properties: properties.certificationNotes has 2001 characters; at most 2000 are allowed."},
		{"PATCH", properties(`"category":"Games"`), `properties: properties.category: "Games" is not a category.`},
		{"PATCH", properties(`"category":"Security"`), "properties: properties.subcategory is required for category Security; use one of PCProtection, PersonalSecurity."},
		{"PATCH", properties(`"category":"Security","subcategory":"Hotels"`), `properties: properties.subcategory: "Hotels" is not a subcategory of Security; use one of PCProtection, PersonalSecurity.`},
		{"PATCH", properties(`"subcategory":"Hotels"`), `properties: properties.subcategory: category Productivity has no subcategories, so "Hotels" is not allowed.`},
		{"PATCH", properties(`"productDeclarations":{"penAndInkSupport":true}`), "properties: properties.productDeclarations.dependsOnDriversOrNT is required.\nbadrequest properties: properties.productDeclarations.accessibilitySupport is required."},
		{"PATCH", properties(`"isSystemFeatureRequired":[{"isRequired":true,"isRecommended":false,"hardwareItemType":"Pen"}]`), `properties: properties.isSystemFeatureRequired[0].hardwareItemType: "Pen" is not allowed; use one of Touch, Keyboard, Mouse, Camera, NFC_HCE, NFC_Proximity, Bluetooth_LE, Telephony, Microphone.`},
		{"PATCH", properties(`"isSystemFeatureRequired":[{"isRequired":true,"hardwareItemType":"Touch"}]`), "properties: properties.isSystemFeatureRequired[0]: isRequired and isRecommended are required."},
		{"PATCH", properties(`"systemRequirementDetails":[{"minimumRequirement":"3GB","recommendedRequirement":"","hardwareItemType":"Memory"}]`), `properties: properties.systemRequirementDetails.Memory.minimumRequirement: "3GB" is not allowed; use one of 300MB, 750MB, 1GB, 2GB, 4GB, 6GB, 8GB, 12GB, 16GB, 20GB.`},
		{"PATCH", properties(`"systemRequirementDetails":[{"minimumRequirement":"","recommendedRequirement":"` + strings.Repeat("a", 201) + `","hardwareItemType":"Processor"}]`), "properties: properties.systemRequirementDetails.Processor.recommendedRequirement has 201 characters; at most 200 are allowed."},
		{"PATCH", properties(`"systemRequirementDetails":[{"minimumRequirement":"","hardwareItemType":"DirectX"}]`), `properties: properties.systemRequirementDetails[0]: minimumRequirement and recommendedRequirement are required ("" for none).`},
		{"PATCH", properties(`"systemRequirementDetails":[{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Disk"}]`), `properties: properties.systemRequirementDetails[0].hardwareItemType: "Disk" is not allowed; use one of Processor, Graphics, Memory, DirectX, Video_Memory.`},
		// What is good in a body does not go through beside what is not.
		{"PATCH", `{"availability":{"markets":["DE"]},"properties":{"category":"Games",` + declarations + `}}`, `properties: properties.category: "Games" is not a category.`},
	} {
		diff(t, "badrequest "+test.want, c.fails(test.method, product+"/metadata", test.body))
	}
	diff(t, before, c.do("GET", product+"/metadata", "").body)

	a := c.do("PATCH", product+"/metadata", `{"listings":`)
	if a.status != 400 || !strings.Contains(a.body, `"code":"badrequest","message":"The request body is not valid: it is not JSON at byte 12."`) {
		t.Errorf("broken JSON: %d %s", a.status, a.body)
	}
}

// TestMetadataAccepted: limits are inclusive, and the live service's own
// oddities may be sent back.
func TestMetadataAccepted(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	for _, body := range []string{
		`{"listings":{"language":"en-us","description":"` + strings.Repeat("ü", 10000) + `","requirements":[{}]}}`,
		`{"listings":{"language":"en-us","productFeatures":` + repeated(20, strings.Repeat("f", 200)) + `,"searchTerms":` + repeated(7, strings.Repeat("t", 30)) + `}}`,
		`{"availability":{"pricing":"SUBSCRIPTION","freeTrial":"FREE_TRIAL"}}`,
		`{"availability":{"pricing":"FREE"}}`,
		`{"properties":{"category":"Security","subcategory":"PCProtection"}}`,
		`{"properties":{"category":"Travel","subcategory":"Hotels","supportContactInfo":"help@contoso.example"}}`,
		`{"properties":{"category":"Music","subcategory":"","isPrivacyPolicyRequired":true,"privacyPolicyUrl":"https://contoso.example/privacy"}}`,
		`{"properties":{"systemRequirementDetails":[{"minimumRequirement":"2GB","recommendedRequirement":"","hardwareItemType":"Memory"},{"minimumRequirement":"2GB","recommendedRequirement":"","hardwareItemType":"Memory"}]}}`,
		`{"listingsToAdd":[],"listingsToRemove":[]}`,
	} {
		c.ok("PATCH", product+"/metadata", body)
	}
	data := c.ok("GET", product+"/metadata", "")
	diff(t, any("NO_FREE_TRIAL"), field(t, data, "availability.freeTrial"))
	diff(t, any("2GB"), field(t, data, "properties.systemRequirementDetails.0.minimumRequirement"))
	diff(t, any(0), any(len(field(t, data, "listings.0.requirements").([]any))))
}

// TestLiveOddities: what is live may be sent back though the rules forbid it,
// for the live service holds values that its own page does not know.
func TestLiveOddities(t *testing.T) {
	c := start(t, emulator.Options{}, `{"msiExe":[{"productId":"`+productID+`","unchecked":true,
		"availability":{"pricing":"BARTER"},"properties":{"category":"Retired","supportContactInfo":"call us"},
		"listings":[{"language":"en-us","sortTitle":"`+strings.Repeat("a", 300)+`","searchTerms":`+repeated(8, "t")+`}],
		"packages":[{"packageUrl":"https://dl.contoso.example/1/a.exe","languages":["tlh"],"architectures":["X64"],"isSilentInstall":true,"packageType":"exe"}]}]}`)
	data := c.ok("GET", product+"/metadata", "")
	back, err := json.Marshal(map[string]any{
		"availability": data["availability"], "properties": data["properties"], "listings": field(t, data, "listings.0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	packages, err := json.Marshal(c.ok("GET", product+"/packages", ""))
	if err != nil {
		t.Fatal(err)
	}
	before := c.do("GET", product+"/metadata", "").body + c.do("GET", product+"/packages", "").body
	c.ok("PUT", product+"/metadata", string(back))
	c.ok("PATCH", product+"/metadata", string(back))
	id := field(t, c.ok("GET", product+"/packages", ""), "packages.0.packageId").(string)
	c.ok("PUT", product+"/packages", string(packages))
	c.ok("PATCH", product+"/packages/"+id, `{"languages":["tlh"]}`)
	diff(t, before, c.do("GET", product+"/metadata", "").body+c.do("GET", product+"/packages", "").body)
	diff(t, `badrequest availability: availability.pricing: "SWAP" is not allowed; use one of FREE, FREEMIUM, SUBSCRIPTION, PAID.`,
		c.fails("PATCH", product+"/metadata", `{"availability":{"pricing":"SWAP"}}`))
}

// TestMarkets: the service orders them its own way and leaves LB out.
func TestMarkets(t *testing.T) {
	c := start(t, emulator.Options{}, `{"msiExe":[{"productId":"`+productID+`","unchecked":true,"availability":{"markets":["US","XK"]}}]}`)
	c.ok("PATCH", product+"/metadata", `{"availability":{"markets":["AT","CA","DE","fr","GB","IT","JP","LB","US","US","XK"]}}`)
	got := field(t, c.ok("GET", product+"/metadata/availability", ""), "availability.markets").([]any)
	var text []string
	for _, market := range got {
		text = append(text, market.(string))
	}
	sorted := strings.Join(text, " ")
	if sorted == "AT CA DE FR GB IT JP US XK" || len(text) != 9 || strings.Contains(sorted, "LB") {
		t.Errorf("markets %s: want 9 without LB in no alphabetical order", sorted)
	}
}

// TestPackageRules breaks every rule of packages once.
func TestPackageRules(t *testing.T) {
	good := map[string]string{
		"packageUrl": `"https://dl.contoso.example/1/a.exe"`, "languages": `["en"]`, "architectures": `["X64"]`,
		"isSilentInstall": `true`, "packageType": `"exe"`,
	}
	body := func(field, value string) string {
		var out []string
		for name, text := range good {
			if name != field {
				out = append(out, fmt.Sprintf("%q:%s", name, text))
			}
		}
		if value != "" {
			out = append(out, fmt.Sprintf("%q:%s", field, value))
		}
		return `{"packages":[{` + strings.Join(out, ",") + `}]}`
	}
	c := start(t, emulator.Options{}, "")
	for _, test := range []struct{ field, value, want string }{
		{"packageUrl", "", "packageUrl must be a direct, versioned https:// URL of the installer."},
		{"packageUrl", `"http://dl.contoso.example/1/a.exe"`, "packageUrl must be a direct, versioned https:// URL of the installer."},
		{"packageUrl", `"https://dl.contoso.example/1/a.MSI"`, `packageUrl names an .msi file, but packageType is "exe".`},
		{"languages", `[]`, "languages must name at least one language."},
		{"languages", `["en","tlh"]`, `languages: "tlh" is not a supported language.`},
		{"architectures", "", "architectures must name exactly one architecture, not 0."},
		{"architectures", `["X86","X64"]`, "architectures must name exactly one architecture, not 2."},
		{"architectures", `["IA64"]`, `architectures: "IA64" is not allowed; use one of Neutral, X86, X64, Arm, Arm64.`},
		{"isSilentInstall", "", "isSilentInstall is required.\nbadrequest packages: packages[0].installerParameters is required when isSilentInstall is false."},
		{"isSilentInstall", "false", "installerParameters is required when isSilentInstall is false."},
		{"packageType", `"msix"`, `packageType: "msix" is not allowed; use one of exe, msi.` + "\nbadrequest packages: packages[0].packageUrl names"},
		{"genericDocUrl", `"docs"`, "genericDocUrl must be a valid URL."},
		{"errorDetails", `[{"errorScenario":"fire"}]`, `errorDetails: errorScenario "fire" is not allowed;`},
		{"errorDetails", `[{"errorScenario":"rebootRequired","errorScenarioDetails":[{"errorValue":""}]}]`, "errorDetails.rebootRequired: errorValue is required."},
		{"errorDetails", `[{"errorScenario":"rebootRequired","errorScenarioDetails":[{"errorValue":"1","errorUrl":"x"}]}]`, "errorDetails.rebootRequired: errorUrl must be a valid URL."},
	} {
		got := c.fails("PUT", product+"/packages", body(test.field, test.value))
		lines := strings.Split(got, "\n")
		for want := range strings.SplitSeq(test.want, "\n") {
			want = strings.TrimPrefix(want, "badrequest packages: packages[0].")
			found := false
			for _, line := range lines {
				found = found || strings.HasPrefix(line, "badrequest packages: packages[0]."+want)
			}
			if !found {
				t.Errorf("%s %s: want %q, got\n%s", test.field, test.value, want, got)
			}
		}
	}
	diff(t, "badrequest packages: packages must hold at least one package.", c.fails("PUT", product+"/packages", `{"packages":[]}`))
	diff(t, `badrequest packages: The product has no package with packageId "7"; ids change when the set is replaced.`, c.fails("PATCH", product+"/packages/7", `{}`))
	diff(t, `badrequest packages: The product has no package with packageId "7"; ids change when the set is replaced.`, c.fails("GET", product+"/packages/7", ""))
	id := field(t, c.ok("GET", product+"/packages", ""), "packages.0.packageId").(string)
	diff(t, "badrequest packages: The request body must be one package object without a packages list around it.",
		c.fails("PATCH", product+"/packages/"+id, body("", "")))

	c.ok("PATCH", product+"/packages/"+id, `{"errorDetails":[{"errorScenario":"rebootRequired","errorScenarioDetails":[{"errorValue":"3010","errorUrl":"https://contoso.example/3010"}]}]}`)
	data := c.ok("GET", product+"/packages/"+id, "")
	diff(t, any("3010"), field(t, data, "packages.0.errorDetails.4.errorScenarioDetails.0.errorValue"))
	diff(t, any("/quiet"), field(t, data, "packages.0.installerParameters"))
}

// TestAssetRules breaks every rule of listing assets once.
func TestAssetRules(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	for _, test := range []struct{ body, want string }{
		{`{}`, "language is required."},
		{`{"language":"fr-fr","createAssetRequest":{"Logo":1}}`, `The product has no listing for language "fr-fr": add it with listingsToAdd.`},
		{`{"language":"en-us"}`, "createAssetRequest is required."},
		{`{"language":"en-us","createAssetRequest":{"Screenshot":0,"Logo":0}}`, "createAssetRequest asks for no asset: give Screenshot or Logo a count."},
		{`{"language":"en-us","createAssetRequest":{"Screenshot":11}}`, "createAssetRequest.Screenshot is 11; 1 to 10 are allowed."},
		{`{"language":"en-us","createAssetRequest":{"logo":3}}`, "createAssetRequest.Logo is 3; 1 to 2 are allowed."},
	} {
		diff(t, "badrequest listings: "+test.want, c.fails("POST", product+"/listings/assets/create", test.body))
	}

	data := c.ok("GET", product+"/listings/assets?languages=en-us", "")
	liveID, liveURL := field(t, data, "listingAssets.0.screenshots.0.id").(string), field(t, data, "listingAssets.0.screenshots.0.assetUrl").(string)
	otherID := field(t, c.ok("GET", product+"/listings/assets?languages=de-de", ""), "listingAssets.0.screenshots.0.id").(string)
	textID, textURL := c.upload("en-us", "Screenshot", []byte("no image"))
	smallID, smallURL := c.upload("en-us", "Screenshot", picture(t, 1366, 767, 0))
	logoID, logoURL := c.upload("en-us", "Logo", picture(t, 300, 300, 0))
	empty := c.ok("POST", product+"/listings/assets/create", `{"language":"en-us","createAssetRequest":{"Screenshot":1}}`)
	emptyID := field(t, empty, "listingAssets.screenshots.0.id").(string)
	item := func(id, url string) string { return fmt.Sprintf(`{"id":%q,"assetUrl":%q}`, id, url) }
	body := func(fields string) string { return `{"listingAssets":{"language":"en-us",` + fields + `}}` }
	for _, test := range []struct{ body, want string }{
		{`{}`, "listingAssets is required."},
		{`{"listingAssets":{}}`, "listingAssets.language is required."},
		{`{"listingAssets":{"language":"fr-fr"}}`, `The product has no listing for language "fr-fr": add it with listingsToAdd.`},
		{`{"listingAssets":{"language":"en-us"}}`, "listingAssets names neither storeLogos nor screenshots."},
		{body(`"screenshots":[]`), "listingAssets.screenshots has 0 items; 1 to 10 are allowed."},
		{body(`"screenshots":[` + item(liveID, liveURL) + `,` + item(liveID, liveURL) + `]`), `listingAssets.screenshots[1]: the id "` + liveID + `" is there twice.`},
		{body(`"screenshots":[` + item(liveID, "https://contoso.example/x") + `]`), `listingAssets.screenshots[0]: the assetUrl is not the one of id "` + liveID + `".`},
		{body(`"screenshots":[` + item(otherID, liveURL) + `]`), `listingAssets.screenshots[0]: the listing has no screenshot with id "` + otherID + `", and none was created.`},
		{body(`"storeLogos":[` + item(smallID, smallURL) + `]`), `listingAssets.storeLogos[0]: the listing has no logo with id "` + smallID + `", and none was created.`},
		{body(`"screenshots":[` + item(emptyID, "x") + `]`), `listingAssets.screenshots[0]: nothing was uploaded for id "` + emptyID + `".`},
		{body(`"screenshots":[` + item(textID, textURL) + `]`), "listingAssets.screenshots[0]: the image is not a PNG file."},
		{body(`"screenshots":[` + item(smallID, smallURL) + `]`), "listingAssets.screenshots[0]: a screenshot must have 1366x768 to 3840x2160 pixels in either orientation, not 1366x767."},
		{body(`"storeLogos":[` + item(logoID, logoURL) + `]`), "listingAssets.storeLogos[0]: a logo must have 1080x1080, 2160x2160, 720x1080 or 1440x2160 pixels, not 300x300."},
	} {
		diff(t, "badrequest listings: "+test.want, c.fails("PUT", product+"/listings/assets/commit", test.body))
	}

	// The list replaces the type's set, in its order; the other type stays.
	freshID, freshURL := c.upload("en-us", "Screenshot", picture(t, 768, 1366, 3))
	c.ok("PUT", product+"/listings/assets/commit", body(`"screenshots":[`+item(freshID, freshURL)+`,`+item(liveID, liveURL)+`]`))
	data = c.ok("GET", product+"/listings/assets?languages=en-us", "")
	diff(t, any(freshID), field(t, data, "listingAssets.0.screenshots.0.id"))
	diff(t, any(768.0), field(t, data, "listingAssets.0.screenshots.0.imageSize.width"))
	diff(t, any(liveID), field(t, data, "listingAssets.0.screenshots.1.id"))
	diff(t, any(1), any(len(field(t, data, "listingAssets.0.storeLogos").([]any))))
	newURL := field(t, data, "listingAssets.0.screenshots.0.assetUrl").(string)
	c.ok("PUT", product+"/listings/assets/commit", body(`"screenshots":[`+item(freshID, newURL)+`]`))
	if a := c.send("GET", liveURL, nil, ""); a.status != 404 {
		t.Errorf("an asset that is no longer listed is still there: %d", a.status)
	}
}
