package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

const (
	paddedFeatures = `[{"isRequired":false,"isRecommended":false,"hardwareItemType":"Touch"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Keyboard"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Mouse"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Camera"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"NFC_HCE"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"NFC_Proximity"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Bluetooth_LE"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Telephony"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Microphone"}]`
	paddedRows     = `[{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Memory"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"DirectX"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Video_Memory"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Processor"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Graphics"}]`
	paddedErrors   = `[{"errorScenarioDetails":[],"errorScenario":"installationCancelledByUser"},{"errorScenarioDetails":[],"errorScenario":"applicationAlreadyExists"},{"errorScenarioDetails":[],"errorScenario":"installationAlreadyInProgress"},{"errorScenarioDetails":[],"errorScenario":"diskSpaceIsFull"},{"errorScenarioDetails":[],"errorScenario":"rebootRequired"},{"errorScenarioDetails":[],"errorScenario":"networkFailure"},{"errorScenarioDetails":[],"errorScenario":"packageRejectedDuringInstallation"},{"errorScenarioDetails":[],"errorScenario":"installationSuccessful"},{"errorScenarioDetails":[],"errorScenario":"miscellaneous"}]`
)

func seededListing(language string) string {
	return `{"language":"` + language + `","description":"Contoso app, as it was first submitted by hand.","productFeatures":[],"searchTerms":[],"additionalLicenseTerms":"Contoso licence terms.","requirements":[],"heroArts":[],"trailers":[]}`
}

// TestAnswers plays a whole flow in the shapes that were recorded of the live
// service (2026-02): same keys in the same order, padding included.
func TestAnswers(t *testing.T) {
	clock := newClock()
	c := start(t, emulator.Options{Now: clock.Now}, "")
	guid := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	number := regexp.MustCompile(`"[0-9]{8}"|115[0-9]{16}`)
	signature := regexp.MustCompile(`sig=[A-Za-z0-9%]+`)
	packages := `{"packages":[{"packageUrl":"https://dl.contoso.example/1.0.0/setup-x64.exe","languages":["en"],"architectures":["X64"],"installerParameters":"/quiet","isSilentInstall":false,"errorDetails":` + paddedErrors + `,"packageType":"exe","packageId":NUMBER}]}`
	availability := `"availability":{"markets":["US"],"discoverability":"DISCOVERABLE","enableInFutureMarkets":false,"pricing":"FREE","freeTrial":"NO_FREE_TRIAL"}`
	properties := `"properties":{"isPrivacyPolicyRequired":false,"category":"Productivity","genres":[],"productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false,"usesGenerativeAI":false},"isSystemFeatureRequired":` + paddedFeatures + `,"systemRequirementDetails":` + paddedRows + `}`
	listings := `"listings":[` + seededListing("en-us") + `,` + seededListing("de-de") + `]`
	upload := base + `/listingassets/GUID_GUID?skoid=GUID&sktid=GUID&skt=2026-02-09T07%3A00%3A00Z&ske=2026-02-09T08%3A00%3A00Z&sks=b&skv=2021-08-06&sv=2021-08-06&st=2026-02-09T07%3A00%3A00Z&se=2026-02-09T08%3A00%3A00Z&sr=b&sp=rcw&sig=SIG`
	assets := func(language string) string {
		return `{"language":"` + language + `","storeLogos":[{"id":"GUID","assetUrl":"` + base + `/listingassets/GUID_GUID","imageSize":{"width":1080,"height":1080}}],"screenshots":[{"id":"GUID","assetUrl":"` + base + `/listingassets/GUID_GUID","imageSize":{"width":1366,"height":768}}]}`
	}
	for _, step := range []struct{ method, path, body, want string }{
		{"GET", "/status", "", `{"responseData":{"isReady":true},"isSuccess":true}`},
		{"GET", "/packages", "", `{"responseData":` + packages + `,"isSuccess":true}`},
		{"POST", "/packages/commit", "", `{"responseData":{"pollingUrl":"submission/v1/product/GUID/status"},"isSuccess":true}`},
		{"GET", "/metadata", "", `{"responseData":{` + listings + `,` + availability + `,` + properties + `},"isSuccess":true}`},
		{"GET", "/metadata/listings?languages=DE-de", "", `{"responseData":{"listings":[` + seededListing("de-de") + `]},"isSuccess":true}`},
		{"GET", "/metadata/Availability", "", `{"responseData":{` + availability + `},"isSuccess":true}`},
		{"GET", "/metadata/properties?includelanguagelist=true", "", `{"responseData":{` + properties + `,"listingLanguages":[{"language":"en-us","isComplete":true},{"language":"de-de","isComplete":true}]},"isSuccess":true}`},
		{"PUT", "/metadata", `{"listings":` + seededListing("en-us") + `}`, `{"responseData":{},"isSuccess":true}`},
		{"PATCH", "/metadata", `{"listings":{"language":"en-us","whatsNew":"Fixes."}}`, `{"responseData":{},"isSuccess":true}`},
		{"GET", "/listings/assets", "", `{"responseData":{"listingAssets":[` + assets("de-de") + `,` + assets("en-us") + `]},"isSuccess":true}`},
		{
			"POST", "/listings/assets/create", `{"language":"en-us","createAssetRequest":{"Screenshot":1,"Logo":0}}`,
			`{"responseData":{"listingAssets":{"language":"en-us","screenshots":[{"id":"GUID","primaryAssetUploadUrl":"` + upload + `","secondaryAssetUploadUrl":"` + upload + `","httpMethod":"PUT","httpHeaders":{"Content-Type":"image/png","Content-Length":"","Host":"","x-ms-blob-type":"BlockBlob"}}]}},"isSuccess":true}`,
		},
		{"POST", "/submit", "", `{"responseData":{"pollingUrl":"submission/v1/product/GUID/submission/NUMBER/status","submissionId":"NUMBER"},"isSuccess":true}`},
		{"GET", "/status", "", `{"responseData":{"isReady":false,"ongoingSubmissionId":"NUMBER"},"isSuccess":true,"errors":[{"code":"error","message":"Product already has One Active Submission In-Progress. SubmissionId: NUMBER","target":"submission"}]}`},
		{"PATCH", "/metadata", `{"listings":{"language":"en-us","whatsNew":"More."}}`, `{"responseData":{"ongoingSubmissionId":"NUMBER"},"isSuccess":false,"errors":[{"code":"error","message":"Product already has One Active Submission In-Progress. SubmissionId: NUMBER","target":"submission"}]}`},
		{"POST", "/submit", "", `{"responseData":{"ongoingSubmissionId":"NUMBER"},"isSuccess":false,"errors":[{"code":"error","message":"Product already has One Active Submission In-Progress. SubmissionId: NUMBER","target":"submission"}]}`},
	} {
		a := c.do(step.method, product+step.path, step.body)
		got := number.ReplaceAllString(guid.ReplaceAllString(signature.ReplaceAllString(a.body, "sig=SIG"), "GUID"), "NUMBER")
		if want := strings.ReplaceAll(step.want, `"NUMBER"`, `NUMBER`); want != strings.ReplaceAll(got, `"NUMBER"`, `NUMBER`) || a.status != 200 {
			t.Errorf("%s %s: %d\nwant %s\ngot  %s", step.method, step.path, a.status, want, got)
		}
		if !guid.MatchString(a.header.Get("X-Correlation-ID")) {
			t.Errorf("%s %s: X-Correlation-ID %q is no GUID", step.method, step.path, a.header.Get("X-Correlation-ID"))
		}
	}
}

// TestRefusedBeforeTheService are the answers that carry no envelope, and
// those of the headers.
func TestRefusedBeforeTheService(t *testing.T) {
	for _, test := range []struct {
		name, method, path string
		change             func(http.Header)
		status             int
		want               string
	}{
		{"no token", "GET", product + "/status", func(h http.Header) { h.Del("Authorization") }, 401, `{"statusCode":401,"message":"Access denied due to missing access token. Send Authorization: Bearer {token}."}`},
		{"no bearer", "GET", product + "/status", func(h http.Header) { h.Set("Authorization", "Basic YTpi") }, 401, `{"statusCode":401,"message":"Access denied due to missing access token. Send Authorization: Bearer {token}."}`},
		{"foreign token", "GET", product + "/status", func(h http.Header) { h.Set("Authorization", "Bearer a.b.c") }, 401, `{"statusCode":401,"message":"Unauthorized. Access token is invalid."}`},
		{"no seller", "GET", product + "/status", func(h http.Header) { h.Del("X-Seller-Account-Id") }, 200, `{"responseData":{},"isSuccess":false,"errors":[{"code":"badrequest","message":"The header X-Seller-Account-Id is required: send the seller id of the Partner Center account.","target":"submission"}]}`},
		{"wrong seller", "GET", product + "/status", func(h http.Header) { h.Set("X-Seller-Account-Id", "99") }, 403, `{"statusCode":403,"message":"The application has no access to seller account \"99\". Check the X-Seller-Account-Id header."}`},
		{"unknown product", "GET", "/submission/v1/product/00000000-0000-4000-8000-000000000000/status", nil, 404, "<html>"},
		{"unknown route", "GET", product + "/listing", nil, 404, "<html>"},
		{"wrong method", "DELETE", product + "/metadata", nil, 405, `{"statusCode":405,"message":"The requested resource does not support http method 'DELETE'."}`},
		{"upper case path", "GET", "/Submission/V1/Product/" + strings.ToUpper(productID) + "/Status", nil, 200, `{"responseData":{"isReady":true},"isSuccess":true}`},
		{"trailing slash", "GET", product + "/status/", nil, 200, `{"responseData":{"isReady":true},"isSuccess":true}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, emulator.Options{SellerID: "12345"}, "")
			if test.change != nil {
				test.change(c.header)
			}
			a := c.do(test.method, test.path, "")
			if a.status != test.status || !strings.HasPrefix(a.body, test.want) {
				t.Errorf("want %d %s\ngot  %d %s", test.status, test.want, a.status, a.body)
			}
			if allow := a.header.Get("Allow"); test.status == 405 && allow != "GET, PATCH, PUT" {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// TestPutResetsAndPatchKeeps: a field that a PUT does not name is reset, and
// modules that are not named stay.
func TestPutResetsAndPatchKeeps(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	c.ok("PATCH", product+"/metadata", `{"listings":{"language":"EN-US","whatsNew":"Fixes.","searchTerms":["reader"],"requirements":[{"minimumHardware":"2 GB"}]},
		"properties":{"website":"https://contoso.example","isSystemFeatureRequired":[{"isRequired":true,"isRecommended":false,"hardwareItemType":"Touch"}]}}`)
	read := func(path string) any { return field(t, c.ok("GET", product+"/metadata", ""), path) }
	diff(t, any("Fixes."), read("listings.0.whatsNew"))
	diff(t, any("2 GB"), read("listings.0.requirements.0.minimumHardware"))
	diff(t, any(true), read("properties.isSystemFeatureRequired.0.isRequired"))

	c.ok("PATCH", product+"/metadata", `{"Listings":{"Language":"en-us","ShortDescription":"Read.","WhatsNew":null},"Properties":null}`)
	diff(t, any("Fixes."), read("listings.0.whatsNew"))
	diff(t, any("Read."), read("listings.0.shortDescription"))

	c.ok("PUT", product+"/metadata", `{"listings":{"language":"en-us","description":"D","additionalLicenseTerms":"L"}}`)
	diff(t, nil, read("listings.0.whatsNew"))
	diff(t, any([]any{}), read("listings.0.searchTerms"))
	diff(t, any([]any{}), read("listings.0.requirements"))
	diff(t, any("https://contoso.example"), read("properties.website"))

	c.ok("PUT", product+"/metadata", `{"properties":{"isPrivacyPolicyRequired":false,"category":"Productivity","productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":true,"penAndInkSupport":false}}}`)
	diff(t, nil, read("properties.website"))
	diff(t, any(false), read("properties.isSystemFeatureRequired.0.isRequired"))
	diff(t, any("D"), read("listings.0.description"))
	diff(t, any([]any{}), read("properties.genres"))
}

// TestForeignFields: what the API page does not know survives, but a nested
// object is replaced as a whole.
func TestForeignFields(t *testing.T) {
	c := start(t, emulator.Options{}, `{"msiExe":[{"productId":"`+productID+`",
		"listings":[{"language":"en-us","heroArts":[{"id":"1"}],"newField":{"a":1}}],
		"properties":{"genres":["Puzzle"],"productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false,"usesGenerativeAI":true}}}]}`)
	c.ok("PUT", product+"/metadata", `{"listings":{"language":"en-us","description":"D","additionalLicenseTerms":"L","unknown":1}}`)
	c.ok("PATCH", product+"/metadata", `{"properties":{"website":"https://contoso.example"}}`)
	data := c.ok("GET", product+"/metadata", "")
	diff(t, any([]any{map[string]any{"id": "1"}}), field(t, data, "listings.0.heroArts"))
	diff(t, any(map[string]any{"a": 1.0}), field(t, data, "listings.0.newField"))
	diff(t, nil, field(t, data, "listings.0.unknown"))
	diff(t, any([]any{"Puzzle"}), field(t, data, "properties.genres"))
	diff(t, any(true), field(t, data, "properties.productDeclarations.usesGenerativeAI"))

	c.ok("PATCH", product+"/metadata", `{"properties":{"productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":true,"penAndInkSupport":false}}}`)
	data = c.ok("GET", product+"/metadata", "")
	diff(t, any(false), field(t, data, "properties.productDeclarations.usesGenerativeAI"))
}

// TestLanguages adds, fills and removes a language in the order seen live.
func TestLanguages(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	c.ok("PATCH", product+"/metadata", `{"listingsToAdd":["ZH-HANS"],"listingsToRemove":[]}`)
	list := func() any {
		return c.ok("GET", product+"/metadata/listings?includelanguagelist=true", "")["listingLanguages"]
	}
	entry := func(language string, complete bool) any {
		return map[string]any{"language": language, "isComplete": complete}
	}
	diff(t, any([]any{entry("en-us", true), entry("de-de", true), entry("zh-Hans", false)}), list())
	diff(t, "badrequest listings: The listing zh-Hans is not complete: it needs description, additionalLicenseTerms, at least one screenshot, at least one logo.",
		c.fails("POST", product+"/submit", ""))

	c.ok("PATCH", product+"/metadata", `{"listings":{"language":"zh-hans","description":"D","additionalLicenseTerms":"L"}}`)
	shotID, shotURL := c.upload("zh-hans", "Screenshot", picture(t, 1366, 768, 1))
	logoID, logoURL := c.upload("zh-Hans", "Logo", picture(t, 1080, 1080, 2))
	c.ok("PUT", product+"/listings/assets/commit", fmt.Sprintf(
		`{"listingAssets":{"language":"zh-hans","storeLogos":[{"id":%q,"assetUrl":%q}],"screenshots":[{"id":%q,"assetUrl":%q}]}}`, logoID, logoURL, shotID, shotURL))
	diff(t, any([]any{entry("en-us", true), entry("de-de", true), entry("zh-Hans", true)}), list())

	// One call may add a language, fill it and change other modules.
	c.ok("PATCH", product+"/metadata", `{"listingsToAdd":["fr-fr"],"listings":{"language":"fr-fr","description":"D"},"availability":{"markets":["FR"]},"listingsToRemove":["de-de"]}`)
	diff(t, any([]any{entry("en-us", true), entry("zh-Hans", true), entry("fr-fr", false)}), list())

	a := c.do("PATCH", product+"/metadata", `{"listingsToAdd":["fr-fr"],"listingsToRemove":["de-de"]}`)
	want := `{"responseData":{},"isSuccess":true,"errors":[{"code":"warning","message":"listingsToAdd: the product has a listing for \"fr-fr\" already.","target":"listings"},{"code":"warning","message":"listingsToRemove: the product has no listing for \"de-de\".","target":"listings"}]}`
	diff(t, want, a.body)
}

// TestMoreThan200Languages: without a languages parameter the first 200 come.
func TestMoreThan200Languages(t *testing.T) {
	var codes []string
	for i := range 260 {
		codes = append(codes, fmt.Sprintf("x%03d", i))
	}
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(codes)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Seed([]byte(`{"msiExe":[{"productId":"`+productID+`","unchecked":true,"languages":`+string(raw)+`}]}`), nil); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}, "X-Seller-Account-Id": {"1"}}}
	data := c.ok("GET", product+"/metadata?includelanguagelist=TRUE", "")
	diff(t, 200, len(data["listings"].([]any)))
	diff(t, 260, len(data["listingLanguages"].([]any)))
	data = c.ok("GET", product+"/metadata/listings?languages="+strings.Join(codes[200:], ","), "")
	diff(t, 60, len(data["listings"].([]any)))
	diff(t, 200, len(c.ok("GET", product+"/listings/assets", "")["listingAssets"].([]any)))
	diff(t, "badrequest listings: languages names 201 languages; at most 200 are allowed.",
		c.fails("GET", product+"/metadata?languages="+strings.Join(codes[:201], ","), ""))
}

// TestPackages plays writes, commit, processing and a refused URL.
func TestPackages(t *testing.T) {
	clock := newClock()
	c := start(t, emulator.Options{Now: clock.Now}, `{"pace":{"packages":"30s"}}`)
	id := func() string {
		return field(t, c.ok("GET", product+"/packages", ""), "packages.0.packageId").(string)
	}
	first := id()
	c.ok("PATCH", product+"/packages/"+first, `{"packageUrl":"https://dl.contoso.example/2.0.0/setup-x64.exe"}`)
	diff(t, "badrequest packages: The packages are not committed: POST packages/commit first.", c.fails("POST", product+"/submit", ""))

	c.ok("POST", product+"/packages/commit", "")
	status := func() string { return c.do("GET", product+"/status", "").body }
	processing := `{"responseData":{"isReady":false},"isSuccess":true,"errors":[{"code":"error","message":"Packages are being processed.","target":"packages"}]}`
	ready := `{"responseData":{"isReady":true},"isSuccess":true}`
	diff(t, processing, status())
	diff(t, "badrequest packages: The packages are not ready: they are still being processed. Poll the status until it is ready.",
		c.fails("PATCH", product+"/metadata", `{"listingsToAdd":["fr-fr"]}`))
	clock.advance(30 * time.Second)
	diff(t, ready, status())
	c.ok("POST", product+"/packages/commit", "") // unchanged: ready at once
	diff(t, ready, status())

	body := `{"packageUrl":"https://dl.contoso.example/missing/a.msi","languages":["EN"],"architectures":["Arm64"],"isSilentInstall":true,"packageType":"msi"%s}`
	c.ok("PUT", product+"/packages", `{"packages":[`+fmt.Sprintf(body, `,"packageId":"`+first+`"`)+`]}`)
	diff(t, first, id())
	c.ok("PUT", product+"/packages", `{"packages":[`+fmt.Sprintf(body, "")+`]}`)
	if second := id(); second == first {
		t.Errorf("the id %s was not made anew", second)
	}
	c.ok("POST", product+"/packages/commit", "")
	c.e.Settle()
	refused := "The package could not be downloaded from https://dl.contoso.example/missing/a.msi. Provide a direct, versioned https:// URL that answers 200."
	diff(t, `{"responseData":{"isReady":false},"isSuccess":true,"errors":[{"code":"packageuploaderror","message":"`+refused+`","target":"packages"}]}`, status())
	diff(t, "packageuploaderror packages: "+refused, c.fails("POST", product+"/submit", ""))
	c.ok("PATCH", product+"/packages/"+id(), `{"packageUrl":"https://dl.contoso.example/3.0.0/a.msi"}`)
	c.ok("POST", product+"/packages/commit", "")
	clock.advance(time.Minute)
	diff(t, ready, status())
}

// TestSubmission runs to its scripted end by the clock.
func TestSubmission(t *testing.T) {
	clock := newClock()
	c := start(t, emulator.Options{Now: clock.Now}, `{"outcomes":["FAILED","PUBLISHED"],"pace":{"certification":"1h","statusLag":"5s"}}`)
	for _, want := range []string{`{"publishingStatus":"FAILED","hasFailed":true}`, `{"publishingStatus":"PUBLISHED","hasFailed":false}`} {
		id := c.ok("POST", product+"/submit", "")["submissionId"].(string)
		if len(id) != 19 {
			t.Errorf("submission id %q has not 19 digits", id)
		}
		diff(t, `{"responseData":{"isReady":true},"isSuccess":true}`, c.do("GET", product+"/status", "").body)
		path := product + "/submission/" + id + "/status"
		diff(t, `{"responseData":{"publishingStatus":"INPROGRESS","hasFailed":false},"isSuccess":true}`, c.do("GET", path, "").body)
		clock.advance(time.Hour)
		diff(t, `{"responseData":`+want+`,"isSuccess":true}`, c.do("GET", path, "").body)
		diff(t, `{"responseData":{"isReady":true},"isSuccess":true}`, c.do("GET", product+"/status", "").body)
	}
	diff(t, `badrequest submission: The product has no submission with id "1".`, c.fails("GET", product+"/submission/1/status", ""))
}

// TestPaceOfNothing: a seed's "0s" is at once, whatever the options say.
func TestPaceOfNothing(t *testing.T) {
	c := start(t, emulator.Options{Pace: emulator.Pace{Packages: time.Hour, Certification: time.Hour}}, `{"pace":{"packages":"0s","certification":"0s"}}`)
	id := field(t, c.ok("GET", product+"/packages", ""), "packages.0.packageId").(string)
	c.ok("PATCH", product+"/packages/"+id, `{"installerParameters":"/s"}`)
	c.ok("POST", product+"/packages/commit", "")
	submission := c.ok("POST", product+"/submit", "")["submissionId"].(string)
	diff(t, any("PUBLISHED"), c.ok("GET", product+"/submission/"+submission+"/status", "")["publishingStatus"])
}

// TestBehavior plays the variants of the service.
func TestBehavior(t *testing.T) {
	for _, test := range []struct {
		name, behavior, method, path, body string
		status                             int
		want                               string
	}{
		{"PATCH refused", `"refusePatch":true`, "PATCH", "/metadata", `{}`, 405, `does not support http method 'PATCH'`},
		{"combined refused", `"refuseCombined":true`, "PATCH", "/metadata", `{"listingsToAdd":["fr-fr"],"availability":{"markets":["US"]}}`, 200, `Only one module can be updated in one request`},
		{"slash", `"pollingUrlLeadingSlash":true`, "POST", "/packages/commit", ``, 200, `{"pollingUrl":"/submission/v1/`},
		{"null errors", `"emptyErrorsAsNull":true`, "GET", "/status", ``, 200, `"isSuccess":true,"errors":null}`},
		{"duplicate rows", `"duplicateRequirements":true`, "GET", "/metadata", ``, 200, `"Graphics"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Memory"},{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"DirectX"}]`},
		{"empty requirement", `"emptyRequirementsAsObject":true`, "GET", "/metadata", ``, 200, `"requirements":[{}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, emulator.Options{}, `{"behavior":{`+test.behavior+`}}`)
			a := c.do(test.method, product+test.path, test.body)
			if a.status != test.status || !strings.Contains(a.body, test.want) {
				t.Errorf("want %d %s\ngot  %d %s", test.status, test.want, a.status, a.body)
			}
		})
	}

	t.Run("draft unreadable", func(t *testing.T) {
		c := start(t, emulator.Options{}, `{"behavior":{"draftUnreadableWhileActive":true},"pace":{"certification":"1h"}}`)
		c.ok("POST", product+"/submit", "")
		for _, path := range []string{"/metadata", "/packages", "/listings/assets"} {
			if got := c.fails("GET", product+path, ""); !strings.HasPrefix(got, "error submission: Product already has One Active Submission In-Progress.") {
				t.Errorf("%s: %s", path, got)
			}
		}
		c.e.Settle()
		c.ok("GET", product+"/metadata", "")
	})

	t.Run("ids made anew", func(t *testing.T) {
		c := start(t, emulator.Options{}, `{"behavior":{"putKeepsPackageIds":false}}`)
		before := c.ok("GET", product+"/packages", "")["packages"]
		raw, err := json.Marshal(map[string]any{"packages": before})
		if err != nil {
			t.Fatal(err)
		}
		c.ok("PUT", product+"/packages", string(raw))
		after := c.ok("GET", product+"/packages", "")["packages"]
		if field(t, before, "0.packageId") == field(t, after, "0.packageId") {
			t.Error("packageId was kept")
		}
	})

	t.Run("modules need time", func(t *testing.T) {
		clock := newClock()
		c := start(t, emulator.Options{Now: clock.Now, Pace: emulator.Pace{Modules: time.Second}}, "")
		data := c.ok("PATCH", product+"/metadata", `{"listingsToAdd":["fr-fr"]}`)
		diff(t, any("submission/v1/product/"+productID+"/status"), data["pollingUrl"])
		diff(t, `{"responseData":{"isReady":false},"isSuccess":true}`, c.do("GET", product+"/status", "").body)
		diff(t, "badrequest listings: The modules are not ready to save a draft. Poll the status until it is ready.",
			c.fails("PATCH", product+"/metadata", `{"listingsToRemove":["fr-fr"]}`))
		clock.advance(time.Second)
		c.ok("PATCH", product+"/metadata", `{"listingsToRemove":["fr-fr"]}`)
	})

	t.Run("PUT resets foreign fields", func(t *testing.T) {
		c := start(t, emulator.Options{}, `{"behavior":{"putResetsForeign":true},"msiExe":[{"productId":"`+productID+`","listings":[{"language":"en-us","heroArts":[1]}]}]}`)
		c.ok("PUT", product+"/metadata", `{"listings":{"language":"en-us","description":"D","additionalLicenseTerms":"L"}}`)
		diff(t, any([]any{}), field(t, c.ok("GET", product+"/metadata", ""), "listings.0.heroArts"))
	})
}
