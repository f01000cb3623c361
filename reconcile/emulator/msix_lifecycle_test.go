package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMsixGateway: what is refused before the service, and unknown paths.
func TestMsixGateway(t *testing.T) {
	for _, test := range []struct {
		name, method, path string
		change             func(http.Header)
		status             int
		want               string
	}{
		{"no token", "GET", app, func(h http.Header) { h.Del("Authorization") }, 401, `{"statusCode":401,"message":"Access denied due to missing access token. Send Authorization: Bearer {token}."}`},
		{"foreign token", "GET", app, func(h http.Header) { h.Set("Authorization", "Bearer a.b.c") }, 401, `{"statusCode":401,"message":"Unauthorized. Access token is invalid."}`},
		{"unknown app", "GET", app + "X", nil, 404, `{"code":"ResourceNotFound","data":[],"details":[],"message":"Application not found","source":"Ingestion Api","target":"applicationId"}`},
		{"unknown submission", "GET", app + "/submissions/1", nil, 404, `{"code":"ResourceNotFound","data":[],"details":[],"message":"Submission not found","source":"Ingestion Api","target":"submissionId"}`},
		{"unknown submission to commit", "POST", app + "/submissions/1/commit", nil, 404, `{"code":"ResourceNotFound"`},
		{"unknown route", "GET", app + "/submissions/1/what", nil, 404, "<html>"},
		{"unknown resource", "GET", app + "/what", nil, 404, "<html>"},
		{"unknown collection", "GET", "/v1.0/my/what", nil, 404, "<html>"},
		{"unknown version", "GET", "/v1.0/your/applications", nil, 404, "<html>"},
		{"wrong method", "PATCH", app + "/submissions/1", nil, 405, `{"statusCode":405,"message":"The requested resource does not support http method 'PATCH'."}`},
		{"path in another case", "GET", strings.ToUpper(app), nil, 200, `{"id":"9NBLGGH4R315"`},
		{"trailing slash", "GET", app + "/", nil, 200, `{"id":"9NBLGGH4R315"`},
		{"top", "GET", "/v1.0/my/applications?top=0", nil, 400, `{"code":"InvalidParameterValue"`},
		{"skip", "GET", "/v1.0/my/applications?skip=-1", nil, 400, `{"code":"InvalidParameterValue"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startMsix(t, "", "")
			if test.change != nil {
				test.change(c.header)
			}
			a := c.do(test.method, test.path, "")
			if a.status != test.status || !strings.HasPrefix(a.body, test.want) {
				t.Errorf("want %d %s\ngot  %d %s", test.status, test.want, a.status, a.body)
			}
			if a.header.Get("MS-CorrelationId") == "" {
				t.Error("no MS-CorrelationId")
			}
			if allow := a.header.Get("Allow"); test.status == 405 && allow != "DELETE, GET, PUT" {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// TestMsixTokens: a token is good for the API it was issued for.
func TestMsixTokens(t *testing.T) {
	c := startMsix(t, "", "")
	c.e.SeedMsiExeProduct(productID, nil)
	form := "grant_type=client_credentials&client_id=c&client_secret=s&"
	token := func(path, form string) string {
		t.Helper()
		return c.want(200, "POST", path, form)["access_token"].(string)
	}
	for _, test := range []struct {
		name, token string
		status      int
	}{
		{"v1", token("/contoso/oauth2/token", form+"resource=https://manage.devcenter.microsoft.com"), 200},
		{"v2", token("/contoso/oauth2/v2.0/token", form+"scope=https://manage.devcenter.microsoft.com/.default"), 200},
		{"API A", token("/contoso/oauth2/v2.0/token", form+"scope=https://api.store.microsoft.com/.default"), 401},
	} {
		c.header.Set("Authorization", "Bearer "+test.token)
		if got := c.do("GET", app, "").status; got != test.status {
			t.Errorf("%s: want %d, got %d", test.name, test.status, got)
		}
	}
	c.header.Set("Authorization", "Bearer "+token("/contoso/oauth2/token", form+"resource=https://manage.devcenter.microsoft.com"))
	c.clock.advance(time.Hour)
	diff(t, `{"statusCode":401,"message":"Unauthorized. Access token is expired."}`, c.do("GET", app, "").body)
}

// TestMsixPages: 150 applications are listed page by page.
func TestMsixPages(t *testing.T) {
	c := startMsix(t, "", "")
	for i := range 149 {
		if !c.e.SeedMsixApp(fmt.Sprintf("9NBLGGH%05d", i), nil) {
			t.Fatal("not made")
		}
	}
	diff(t, false, c.e.SeedMsixApp(strings.ToLower(appID), nil))
	page := c.get("/v1.0/my/applications")
	diff(t, "applications?skip=10&top=10", page["@nextLink"].(string))
	diff(t, any("Contoso.Notes_h91ms92gdsmmt"), field(t, page, "value.0.PackageFamilyName"))
	for _, top := range []int{1, 7, 10, 50, 150, 1000} {
		var ids []string
		link := fmt.Sprintf("applications?top=%d", top)
		for requests := 0; link != ""; requests++ {
			page := c.get("/v1.0/my/" + link)
			diff(t, any(150.0), page["totalCount"])
			for _, entry := range page["value"].([]any) {
				ids = append(ids, field(t, entry, "id").(string))
			}
			link, _ = page["@nextLink"].(string)
			if requests > 150 {
				t.Fatal("pages without end")
			}
		}
		if len(ids) != 150 || ids[0] != appID || ids[149] != "9NBLGGH00148" {
			t.Errorf("top %d: %d applications, %s to %s", top, len(ids), ids[0], ids[len(ids)-1])
		}
	}
	diff(t, `{"value":[],"totalCount":150}`, c.do("GET", "/v1.0/my/applications?skip=500", "").body)
	for range 500 {
		if c.do("GET", app, "").status != 200 {
			t.Fatal("refused")
		}
	}
}

// TestMsixPending: one pending submission, and who may change it.
func TestMsixPending(t *testing.T) {
	c := startMsix(t, "", "")
	a := c.want(201, "POST", app+"/submissions?isMinimalResponse=TRUE", "")
	diff(t, map[string]any{"id": a["id"], "status": "PendingCommit", "friendlyName": "Submission 2"}, a)
	path := app + "/submissions/" + a["id"].(string)
	diff(t, "409 InvalidState submission: Create submission failed, status code Conflict, reason phrase Conflict", c.refused("POST", app+"/submissions", ""))
	document := text(t, c.get(path))

	// A person touches it in Partner Center.
	if err := c.e.EditMsix(appID, []byte(`{"pending":{"madeInPortal":true,"submission":{"visibility":"Hidden"}}}`)); err != nil {
		t.Fatal(err)
	}
	const portal = "400 InvalidOperation applicationSubmission: Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API"
	diff(t, portal, c.refused("PUT", path, document))
	diff(t, portal, c.refused("POST", path+"/commit", ""))
	diff(t, portal, c.refused("DELETE", path, ""))
	diff(t, any(nil), c.get(path)["fileUploadUrl"])
	diff(t, any("Hidden"), c.get(path)["visibility"])
	if err := c.e.EditMsix(appID, []byte(`{"discardPending":true}`)); err != nil {
		t.Fatal(err)
	}
	diff(t, 404, c.do("GET", path, "").status)

	path, made := c.create()
	diff(t, any("Submission 3"), made["friendlyName"])
	diff(t, any("Public"), made["visibility"])
	c.want(202, "POST", path+"/commit", "")
	for _, wait := range []time.Duration{0, time.Second, time.Second, 1500 * time.Millisecond} {
		c.clock.advance(wait)
		state := c.get(path)["status"].(string)
		diff(t, "409 InvalidState submission: The submission cannot be changed or committed in its current state: "+state+".", c.refused("PUT", path, document))
		diff(t, "409 InvalidState submission: The submission cannot be changed or committed in its current state: "+state+".", c.refused("POST", path+"/commit", ""))
		diff(t, "409 InvalidState submissionId: Submission in its current state cannot be deleted", c.refused("DELETE", path, ""))
	}
	c.clock.advance(time.Hour) // past all that is left at once
	diff(t, "Published", c.get(path)["status"].(string))
	diff(t, "409 InvalidState submissionId: Submission in its current state cannot be deleted", c.refused("DELETE", path, ""))

	path, _ = c.create()
	gone := c.do("DELETE", path, "")
	diff(t, "204 ", fmt.Sprint(gone.status, " ", gone.body))
	diff(t, 404, c.do("DELETE", path, "").status)
}

// TestMsixNeverPublished: the first draft is all there is.
func TestMsixNeverPublished(t *testing.T) {
	c := startMsix(t, "", `,"published":false`)
	entry := c.get(app)
	diff(t, any("1601-01-01T00:00:00.0000000Z"), entry["firstPublishedDate"])
	if entry["lastPublishedApplicationSubmission"] != nil {
		t.Error("it was published")
	}
	path := app + "/submissions/" + field(t, entry, "pendingApplicationSubmission.id").(string)
	diff(t, 409, c.do("POST", app+"/submissions", "").status)
	diff(t, 400, c.do("POST", path+"/commit", "").status)
	if err := c.e.EditMsix(appID, []byte(`{"pending":{"madeInPortal":false}}`)); err != nil {
		t.Fatal(err)
	}
	diff(t, "Published", c.commit(path))
	diff(t, any("2026-02-09T07:00:00.0000000Z"), c.get(app)["firstPublishedDate"])

	// Deleted, it takes with it what only Partner Center can give.
	c = startMsix(t, "", `,"published":false,"pending":{"madeInPortal":false}`)
	path = app + "/submissions/" + field(t, c.get(app), "pendingApplicationSubmission.id").(string)
	diff(t, 204, c.do("DELETE", path, "").status)
	path, document := c.create()
	diff(t, any(map[string]any{}), document["listings"])
	diff(t, any("NotSet"), document["applicationCategory"])
	set(t, document, "applicationCategory", "Productivity")
	set(t, document, "listings", map[string]any{"en-us": map[string]any{"baseListing": map[string]any{"description": "D"}}})
	document = c.want(200, "PUT", path, text(t, document))
	document = c.add(path, document, []string{"a.msix"}, map[string]string{"1.png": "Screenshot"})
	c.uploadArchive(document, archive(t, "a.msix", msix(t, "1.0.0.0", "x64"), "1.png", string(picture(t, 1366, 768, 1))))
	diff(t, "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center.", c.commit(path))
}

// TestMsixBehavior plays the switches.
func TestMsixBehavior(t *testing.T) {
	put := func(behavior, seed, at string, value any) string {
		c := startMsix(t, behavior, seed)
		path, document := c.create()
		set(t, document, at, value)
		return c.do("PUT", path, text(t, document)).body
	}
	for _, test := range []struct{ name, got, want string }{
		{"echo refused", put(`{"refuseUnknownTier":true}`, `,"submission":{"pricing":{"priceId":"Unknown"}}`, "visibility", "Public"), `"message":"The value of pricing.priceId is not valid: \"Unknown\" is not a price tier."`},
		{"markets", put(`{"marketsOff":[]}`, "", "pricing.marketSpecificPricings", map[string]any{}), `"marketSpecificPricings":{}`},
		{"markets by the service", put("", "", "pricing.marketSpecificPricings", map[string]any{}), `"marketSpecificPricings":{"LB":"NotAvailable","EH":"NotAvailable"}`},
		{"language", put(`{"unsupportedLanguageBreaks":true}`, "", "listings.en-US", map[string]any{"baseListing": map[string]any{}}), `"code":"InternalServerError"`},
		{"no permission", put("", `,"hasAdvancedListingPermission":false`, "trailers", []any{map[string]any{"videoFileName": "a.mp4"}}), `"The value of trailers cannot be set: the application has no advanced listing permission."`},
		{"stored Base", put("", `,"submission":{"pricing":{"priceId":"Base"}}`, "visibility", "Public"), `'Base' is not a valid PriceId for base price.`},
	} {
		if !strings.Contains(test.got, test.want) {
			t.Errorf("%s\nwant %s\ngot  %s", test.name, test.want, test.got)
		}
	}
	c := startMsix(t, `{"omitEmptyTexts":true,"editRefusedAsBadRequest":true,"ignoreImageSizes":true}`, `,"hasAdvancedListingPermission":false`)
	path, document := c.create()
	for _, name := range []string{"trailers", "gamingOptions"} {
		if _, ok := document[name]; ok {
			t.Errorf("%s is answered", name)
		}
	}
	diff(t, any(nil), field(t, document, "listings.en-us.baseListing.licenseTerms"))
	document = c.add(path, document, nil, map[string]string{"1.png": "Icon"})
	c.uploadArchive(document, archive(t, "1.png", string(picture(t, 5, 5, 1))))
	diff(t, "Published", c.commit(path))
	diff(t, 400, c.do("POST", path+"/commit", "").status)

	c = startMsix(t, `{"nullCollections":true,"marketsOff":[]}`, "")
	path, document = c.create()
	for _, name := range []string{"pricing.marketSpecificPricings", "pricing.sales", "hardwarePreferences", "listings.en-us.platformOverrides", "trailers"} {
		diff(t, any(nil), field(t, document, name))
	}
	diff(t, any("Free"), field(t, document, "pricing.priceId"))
	diff(t, any(nil), field(t, c.want(200, "PUT", path, text(t, document)), "pricing.marketSpecificPricings"))

	c = startMsix(t, `{"requestsPerMinute":3}`, "")
	for range 3 {
		c.get(app)
		c.clock.advance(10 * time.Second)
	}
	a := c.do("GET", app, "")
	diff(t, `429 30 {"statusCode":429,"message":"Rate limit is exceeded. Try again in 30 seconds."}`, fmt.Sprint(a.status, " ", a.header.Get("Retry-After"), " ", a.body))
	c.clock.advance(30 * time.Second)
	c.get(app)
	diff(t, 429, c.do("GET", app, "").status)
}

// TestMsixPortal: what is done in Partner Center shows in the API.
func TestMsixPortal(t *testing.T) {
	c := startMsix(t, "", `,"publisherName":"CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US","pending":{"status":"Certification"}`)
	entry := c.get(app)
	diff(t, any("Contoso.Notes_8wekyb3d8bbwe"), entry["PackageFamilyName"])
	path := app + "/submissions/" + field(t, entry, "pendingApplicationSubmission.id").(string)
	diff(t, any("Certification"), c.get(path)["status"])
	c.e.Settle()
	diff(t, any("Published"), c.get(path)["status"])
	edit := func(document string) error { return c.e.EditMsix(appID, []byte(document)) }
	path, _ = c.create()
	if err := edit(`{"submission":{"visibility":"Hidden","listings":{"de-de":null,"en-us":{"baseListing":{"title":"New"}},"fr-fr":{"baseListing":{}}}},"name":"New"}`); err != nil {
		t.Fatal(err)
	}
	entry = c.get(app)
	diff(t, any("New"), entry["primaryName"])
	diff(t, path, "/v1.0/my/"+field(t, entry, "pendingApplicationSubmission.resourceLocation").(string))
	live := c.get("/v1.0/my/" + field(t, entry, "lastPublishedApplicationSubmission.resourceLocation").(string))
	diff(t, "Hidden New Contoso app, as it was first submitted by hand. <nil>", fmt.Sprint(live["visibility"], " ",
		field(t, live, "listings.en-us.baseListing.title"), " ", field(t, live, "listings.en-us.baseListing.description"), " ", field(t, live, "listings.de-de")))
	// The draft was made before, and is published after.
	diff(t, "Published", c.commit(path))
	diff(t, path, "/v1.0/my/"+field(t, c.get(app), "lastPublishedApplicationSubmission.resourceLocation").(string))
	path, _ = c.create()
	if err := edit(`{"pending":{"status":"CertificationFailed"}}`); err != nil {
		t.Fatal(err)
	}
	diff(t, any("CertificationFailed"), c.get(path)["status"])

	for flag, want := range map[string]string{
		`{"unsupported":true}`:                    "409 {\"code\":\"InvalidState\",\"data\":[],\"details\":[],\"message\":\"The application uses features that are not supported by the submission API.\",\"source\":\"Ingestion Api\"}",
		`{"unsupported":false,"forbidden":true}`:  "403 ",
		`{"unsupported":false,"forbidden":false}`: "200 {",
	} {
		if err := edit(flag); err != nil {
			t.Fatal(err)
		}
		a := c.do("GET", app, "")
		if got := fmt.Sprint(a.status, " ", a.body); !strings.HasPrefix(got, want) {
			t.Errorf("%s\nwant %s\ngot  %s", flag, want, got)
		}
	}

	for document, want := range map[string]string{
		`{"outcomes":["FAILED"]}`:           `edit application 9NBLGGH4R315: outcomes: "FAILED" is not Published, CommitFailed, PreProcessingFailed, CertificationFailed, ReleaseFailed, PublishFailed, Canceled, PendingCommit or CommitStarted`,
		`{"submission":[]}`:                 `edit application 9NBLGGH4R315: submission: it must be an object`,
		`{"submission":{"visibility":"x"}}`: `edit application 9NBLGGH4R315: The value of visibility is not valid; it must be one of Hidden, Public, Private, NotSet.`,
		`{"pending":{"status":"Done"}}`:     `edit application 9NBLGGH4R315: pending.status: "Done" is not a status`,
		`{"nmae":"x"}`:                      `edit application 9NBLGGH4R315: json: unknown field "nmae"`,
	} {
		if err := edit(document); err == nil || err.Error() != want {
			t.Errorf("%s\nwant %s\ngot  %v", document, want, err)
		}
	}
	if err := edit(`{"submission":{"visibility":"x"},"unchecked":true}`); err != nil {
		t.Error(err)
	}
	if err := c.e.EditMsix("x", []byte(`{}`)); err == nil || err.Error() != "edit application x: there is no such application" {
		t.Errorf("unknown application: %v", err)
	}
	for document, want := range map[string]string{
		`{"msix":[{"name":"x"}]}`:                                      "read seed: msix: appId is required",
		`{"msix":[{"appId":"9X","submission":{"visibility":"x"}}]}`:    "read seed: application 9X: The value of visibility is not valid; it must be one of Hidden, Public, Private, NotSet.",
		`{"msix":[{"appId":"9X","submission":{"listings":{"X":{}}}}]}`: "read seed: application 9X: Language codes: x not supported",
	} {
		if err := c.e.Seed([]byte(document), nil); err == nil || err.Error() != want {
			t.Errorf("%s\nwant %s\ngot  %v", document, want, err)
		}
	}
}
