package emulator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	addOnID = "9NC0NT0S0N02"
	addOns  = "/v1.0/my/inappproducts"
	addOn   = addOns + "/" + addOnID
)

// startAddOn makes an emulator whose application has one add-on, with the
// listings en-us and de-de; seed has further members of its seed.
func startAddOn(t *testing.T, behavior, seed string) msixClient {
	t.Helper()
	return startMsix(t, behavior, `,"addOns":[{"id":"`+addOnID+`","productId":"extra-storage","languages":["en-us","de-de"]`+seed+`}]`)
}

// draft makes a draft of any product and gives its path and document.
func (c msixClient) draft(product string) (path string, document map[string]any) {
	c.t.Helper()
	document = c.want(201, "POST", product+"/submissions", "")
	return product + "/submissions/" + document["id"].(string), document
}

// TestAddOnAnswers plays the life of an add-on, in the shapes of the API pages.
func TestAddOnAnswers(t *testing.T) {
	c := startMsix(t, "", "")
	number := regexp.MustCompile(`1152921500000000[0-9]{3}`)
	link := regexp.MustCompile(`"http[^"]*/storesync/ingestion/[^"]*"`)
	check := func(method, target, body string, status int, want string) {
		t.Helper()
		a := c.do(method, target, body)
		got := number.ReplaceAllString(link.ReplaceAllString(a.body, `"SAS"`), "NUMBER")
		if got != want || a.status != status {
			t.Errorf("%s %s: %d\nwant %d %s\ngot  %s", method, target, a.status, status, want, got)
		}
		if a.header.Get("MS-CorrelationId") == "" {
			t.Errorf("%s %s: no MS-CorrelationId", method, target)
		}
	}
	check("GET", addOns, "", 200, `{"value":[],"totalCount":0}`)
	made := c.want(201, "POST", addOns, `{"applicationIds":["`+appID+`"],"productId":"coins.100","productType":"Consumable"}`)
	id := made["id"].(string)
	diff(t, 12, len(id))
	entity := `{"applications":{"value":[{"id":"` + appID + `","resourceLocation":"applications/` + appID + `"}],"totalCount":1},"id":"` + id + `","productId":"coins.100","productType":"Consumable"`
	check("GET", addOns+"/"+id, "", 200, entity+`}`)
	check("GET", addOns, "", 200, `{"value":[`+entity+`}],"totalCount":1}`)
	check("GET", app+"/listinappproducts", "", 200, `{"value":[{"inAppProductId":"`+id+`"}],"totalCount":1}`)

	// The answer is whole whatever is asked for: the query is for apps and flights.
	details := `"statusDetails":{"errors":[],"warnings":[` + salesWarning + `],"certificationReports":[]}`
	check("POST", addOns+"/"+id+"/submissions?isMinimalResponse=true", "", 201, `{"id":"NUMBER","contentType":"NotSet","keywords":[],"lifetime":"Forever","listings":{},"pricing":{"marketSpecificPricings":{"LB":"NotAvailable","EH":"NotAvailable"},"sales":[],"priceId":"Free","isAdvancedPricingModel":false},"targetPublishDate":`+noDate+`,"targetPublishMode":"Immediate","tag":"","visibility":"NotSet","status":"PendingCommit",`+details+`,"fileUploadUrl":"SAS","friendlyName":"Submission 1"}`)
	resource := c.get(addOns + "/" + id)
	location := field(t, resource, "pendingInAppProductSubmission.resourceLocation").(string)
	diff(t, "inappproducts/"+id+"/submissions/"+field(t, resource, "pendingInAppProductSubmission.id").(string), location)
	path := "/v1.0/my/" + location
	check("PUT", path, `{"contentType":"EMagazine","keywords":["books"],"lifetime":"FiveDays","listings":{"en":{"title":"T","description":"D"}},"pricing":{"priceId":"Tier2","marketSpecificPricings":{"JP":"Tier3"}},"tag":"custom","visibility":"Public"}`, 200,
		`{"id":"NUMBER","contentType":"EMagazine","keywords":["books"],"lifetime":"FiveDays","listings":{"en":{"description":"D","title":"T"}},"pricing":{"marketSpecificPricings":{"JP":"Tier3","LB":"NotAvailable","EH":"NotAvailable"},"sales":[],"priceId":"Tier2","isAdvancedPricingModel":false},"targetPublishDate":`+noDate+`,"targetPublishMode":"Immediate","tag":"custom","visibility":"Public","status":"PendingCommit",`+details+`,"fileUploadUrl":"SAS","friendlyName":"Submission 1"}`)
	diff(t, "Published", c.commit(path))
	check("GET", addOns+"/"+id, "", 200, entity+`,"lastPublishedInAppProductSubmission":{"id":"NUMBER","resourceLocation":"inappproducts/`+id+`/submissions/NUMBER"}}`)
	_, next := c.draft(addOns + "/" + id)
	diff(t, any("custom"), next["tag"])
	diff(t, any("Submission 2"), next["friendlyName"])

	// It goes with all that it has.
	check("DELETE", addOns+"/"+id, "", 204, "")
	diff(t, "404 ResourceNotFound inAppProductId: In-app product not found", c.refused("GET", addOns+"/"+id, ""))
	diff(t, "404 ResourceNotFound inAppProductId: In-app product not found", c.refused("GET", path, ""))
	check("GET", app+"/listinappproducts", "", 200, `{"value":[],"totalCount":0}`)
	diff(t, 201, c.do("POST", addOns, `{"applicationIds":["`+appID+`"],"productId":"coins.100","productType":"Durable"}`).status)
}

// TestAddOnCreateRefused: what an add-on cannot be made of.
func TestAddOnCreateRefused(t *testing.T) {
	const productID = `400 InvalidParameterValue productId: The value of productId `
	const apps = `400 InvalidParameterValue applicationIds: The value of applicationIds is not valid: it must be a list of one application.`
	for _, test := range []struct{ name, body, want string }{
		{"no JSON", `{`, "400 InvalidParameterValue : The request body is not valid: it is not JSON."},
		{"no object", `[]`, "400 InvalidParameterValue : The request body must be an object."},
		{"no application", `{"productId":"a","productType":"Durable"}`, apps},
		{"two applications", `{"applicationIds":["` + appID + `","9X"],"productId":"a","productType":"Durable"}`, apps},
		{"application as text", `{"applicationIds":"` + appID + `","productId":"a","productType":"Durable"}`, apps},
		{"unknown application", `{"applicationIds":["9X"],"productId":"a","productType":"Durable"}`, "400 InvalidParameterValue applicationIds: Application not found"},
		{"no product ID", `{"applicationIds":["` + appID + `"],"productType":"Durable"}`, productID + "is required."},
		{"empty product ID", `{"applicationIds":["` + appID + `"],"productId":" ","productType":"Durable"}`, productID + "is required."},
		{"long product ID", `{"applicationIds":["` + appID + `"],"productId":"` + strings.Repeat("ä", 101) + `","productType":"Durable"}`, productID + "has 101 characters; at most 100 are allowed."},
		{"no type", `{"applicationIds":["` + appID + `"],"productId":"a"}`, "400 InvalidParameterValue productType: The value of productType is required."},
		{"type", `{"applicationIds":["` + appID + `"],"productId":"a","productType":"durable"}`, "400 InvalidParameterValue productType: The value of productType is not valid; it must be one of Durable, Consumable."},
		{"taken", `{"applicationIds":["` + appID + `"],"productId":"extra-storage","productType":"Durable"}`, `409 InvalidState productId: The application has an in-app product with the product ID "extra-storage" already.`},
		{"taken in another case", `{"applicationIds":["` + appID + `"],"productId":"Extra-Storage","productType":"Durable"}`, `409 InvalidState productId: The application has an in-app product with the product ID "Extra-Storage" already.`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startAddOn(t, "", "")
			diff(t, test.want, c.refused("POST", addOns, test.body))
			diff(t, any(1.0), c.get(addOns)["totalCount"])
		})
	}
	c := startAddOn(t, "", "")
	for _, character := range `<>*%&:\?+,` {
		body := text(t, map[string]any{"applicationIds": []string{appID}, "productId": "a" + string(character), "productType": "Durable"})
		diff(t, productID+`is not valid: it must not have any of <>*%&:\?+,.`, c.refused("POST", addOns, body))
	}
	// Another application may have one of that name, and names fold as elsewhere.
	c.e.SeedMsixApp("9NC0NT0S0N09", nil)
	made := c.want(201, "POST", addOns, `{"ApplicationIds":["9nc0nt0s0n09"],"ProductId":"extra-storage","ProductType":"Durable"}`)
	diff(t, any("9NC0NT0S0N09"), field(t, made, "applications.value.0.id"))
	diff(t, any(1.0), c.get(app + "/listinappproducts")["totalCount"])
	for _, step := range [][2]string{{`"unsupported":true`, "409 {"}, {`"unsupported":false,"forbidden":true`, "403 "}} {
		flag, want := step[0], step[1]
		if err := c.e.EditMsix("9NC0NT0S0N09", []byte(`{`+flag+`}`)); err != nil {
			t.Fatal(err)
		}
		a := c.do("POST", addOns, `{"applicationIds":["9NC0NT0S0N09"],"productId":"b","productType":"Durable"}`)
		if got := fmt.Sprint(a.status, " ", a.body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", flag, got)
		}
	}
}

// TestAddOnStates: who may do what with an add-on, and when.
func TestAddOnStates(t *testing.T) {
	const unsupported = "409 InvalidState : The in-app product uses features that are not supported by the submission API."
	edit := func(c msixClient, document string) {
		t.Helper()
		if err := c.e.EditMsix(appID, []byte(document)); err != nil {
			t.Fatal(err)
		}
	}
	c := startAddOn(t, "", `,"unsupported":true`)
	diff(t, unsupported, c.refused("GET", addOn, ""))
	diff(t, unsupported, c.refused("POST", addOn+"/submissions", ""))
	diff(t, unsupported, c.refused("DELETE", addOn, ""))
	c.get(app)
	edit(c, `{"addOns":[{"id":"`+addOnID+`","unsupported":false}]}`)
	path, document := c.draft(addOn)
	diff(t, "409 InvalidState submission: Create submission failed, status code Conflict, reason phrase Conflict", c.refused("POST", addOn+"/submissions", ""))

	edit(c, `{"addOns":[{"productId":"extra-storage","pending":{"madeInPortal":true}}]}`)
	const portal = "400 InvalidOperation applicationSubmission: Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API"
	for _, write := range [][2]string{{"PUT", path}, {"POST", path + "/commit"}, {"DELETE", path}} {
		diff(t, portal, c.refused(write[0], write[1], text(t, document)))
	}
	diff(t, any(nil), c.get(path)["fileUploadUrl"])
	edit(c, `{"addOns":[{"productId":"extra-storage","discardPending":true}]}`)

	path, _ = c.draft(addOn)
	c.want(202, "POST", path+"/commit", "")
	diff(t, "409 InvalidState submission: The submission cannot be changed or committed in its current state: CommitStarted.", c.refused("PUT", path, text(t, document)))
	diff(t, "409 InvalidState submissionId: Submission in its current state cannot be deleted", c.refused("DELETE", path, ""))
	diff(t, "409 InvalidState inAppProductId: The in-app product in its current state cannot be deleted.", c.refused("DELETE", addOn, ""))
	c.e.Settle()
	diff(t, any("Published"), c.get(path + "/status")["status"])
	diff(t, 204, c.do("DELETE", addOn, "").status)

	c = startAddOn(t, `{"keepPublished":true,"addOnsWithDraft":true}`, "")
	diff(t, "409 InvalidState inAppProductId: The in-app product in its current state cannot be deleted.", c.refused("DELETE", addOn, ""))
	made := c.want(201, "POST", addOns, `{"applicationIds":["`+appID+`"],"productId":"b","productType":"Durable"}`)
	fresh := addOns + "/" + made["id"].(string)
	diff(t, any("PendingCommit"), c.get(fresh + "/submissions/" + field(t, made, "pendingInAppProductSubmission.id").(string))["status"])
	diff(t, 204, c.do("DELETE", fresh, "").status)
	edit(c, `{"forbidden":true}`)
	diff(t, 403, c.do("GET", addOn, "").status)

	// Add-ons have no packages to roll out.
	c = startAddOn(t, "", "")
	path, _ = c.draft(addOn)
	for _, operation := range [][2]string{{"GET", "packagerollout"}, {"POST", "updatepackagerolloutpercentage?percentage=1"}, {"POST", "haltpackagerollout"}, {"POST", "finalizepackagerollout"}} {
		diff(t, 404, c.do(operation[0], path+"/"+operation[1], "").status)
	}
	a := c.do("PUT", addOn, "{}")
	diff(t, "405 DELETE, GET", fmt.Sprint(a.status, " ", a.header.Get("Allow")))
	diff(t, 405, c.do("PATCH", addOns, "").status)
}

// TestAddOnOutcomes: the life of a commit is that of an application's.
func TestAddOnOutcomes(t *testing.T) {
	for _, outcome := range []string{"CommitFailed", "PreProcessingFailed", "CertificationFailed", "ReleaseFailed", "PublishFailed", "Canceled", "PendingCommit", "Published"} {
		c := startAddOn(t, "", `,"outcomes":["`+outcome+`"]`)
		path, _ := c.draft(addOn)
		status, _, _ := strings.Cut(c.commit(path), "\n")
		diff(t, outcome, status)
	}
	c := startAddOn(t, "", `,"submission":{"targetPublishMode":"Manual"}`)
	path, _ := c.draft(addOn)
	diff(t, "Release", c.commit(path))
	c = startAddOn(t, "", `,"submission":{"targetPublishMode":"SpecificDate","targetPublishDate":"2026-02-20T00:00:00Z"}`)
	path, _ = c.draft(addOn)
	diff(t, "Release", c.commit(path))
	c.clock.advance(12 * 24 * time.Hour)
	diff(t, any("Published"), c.get(path)["status"])
}
