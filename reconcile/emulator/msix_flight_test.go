package emulator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

const (
	flightID = "5e2c9a1f-7a34-4f0e-9d3b-61a7c2f0e8d4"
	flights  = app + "/flights"
	flight   = flights + "/" + flightID
)

// startFlight makes an emulator whose application has the published flight
// Beta; seed has further members of its seed.
func startFlight(t *testing.T, behavior, seed string) msixClient {
	t.Helper()
	return startMsix(t, behavior, `,"flights":[{"flightId":"`+flightID+`","friendlyName":"Beta","groupIds":["1"]`+seed+`}]`)
}

// TestFlightAnswers plays the life of a flight, in the shapes of the API pages.
func TestFlightAnswers(t *testing.T) {
	c := startMsix(t, "", "")
	guid := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	number := regexp.MustCompile(`(11529|20000)[0-9]{14}`)
	link := regexp.MustCompile(`"http[^"]*/storesync/ingestion/[^"]*"`)
	check := func(method, target, body string, status int, want string) {
		t.Helper()
		a := c.do(method, target, body)
		got := number.ReplaceAllString(guid.ReplaceAllString(link.ReplaceAllString(a.body, `"SAS"`), "GUID"), "NUMBER")
		if got != want || a.status != status {
			t.Errorf("%s %s: %d\nwant %d %s\ngot  %s", method, target, a.status, status, want, got)
		}
	}
	check("GET", app+"/listflights", "", 200, `{"value":[],"totalCount":0}`)
	made := c.want(201, "POST", flights, `{"friendlyName":"Insiders","groupIds":["7","8"],"rankHigherThan":"Non-flighted submission"}`)
	id := made["flightId"].(string)
	entity := func(links string) string {
		return `{"flightId":"GUID","friendlyName":"Insiders",` + links + `"groupIds":["7","8"],"rankHigherThan":"Non-flighted submission"}`
	}
	pending := `"pendingFlightSubmission":{"id":"NUMBER","resourceLocation":"flights/GUID/submissions/NUMBER"},`
	check("GET", flights+"/"+id, "", 200, entity(pending))
	check("GET", app+"/listflights", "", 200, `{"value":[`+entity(pending)+`],"totalCount":1}`)

	// The link is relative to the application, and leads to a first draft.
	path := app + "/" + field(t, made, "pendingFlightSubmission.resourceLocation").(string)
	details := `"statusDetails":{"errors":[],"warnings":[],"certificationReports":[]}`
	delivery := `"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":false,"packageRolloutPercentage":0,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"},"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":` + noDate + `}`
	rest := delivery + `,"fileUploadUrl":"SAS","targetPublishMode":"Immediate","targetPublishDate":"","notesForCertification":"","id":`
	rest = strings.TrimSuffix(rest, `,"id":`) + "}"
	check("GET", path, "", 200, `{"id":"NUMBER","flightId":"GUID","status":"PendingCommit",`+details+`,"flightPackages":[],`+rest)
	diff(t, "409 InvalidState submission: Create submission failed, status code Conflict, reason phrase Conflict", c.refused("POST", flights+"/"+id+"/submissions", ""))

	document := c.get(path)
	set(t, document, "flightPackages", []any{map[string]any{"fileName": "a.msix", "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"}})
	check("PUT", path, text(t, document), 200, `{"id":"NUMBER","flightId":"GUID","status":"PendingCommit",`+details+`,"flightPackages":[{"fileName":"a.msix","fileStatus":"PendingUpload","languages":[],"capabilities":[],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":[]}],`+rest)
	c.uploadArchive(document, archive(t, "a.msix", msix(t, "1.5.0.0", "x64")))
	diff(t, "Published", c.commit(path))
	check("GET", flights+"/"+id, "", 200, entity(strings.Replace(pending, "pending", "lastPublished", 1)))

	minimal := c.want(201, "POST", flights+"/"+id+"/submissions?isMinimalResponse=true", "")
	diff(t, 3, len(minimal))
	next := c.get(flights + "/" + id + "/submissions/" + minimal["id"].(string))
	diff(t, any("1.5.0.0"), field(t, next, "flightPackages.0.version"))
	diff(t, any("Uploaded"), field(t, next, "flightPackages.0.fileStatus"))

	check("DELETE", flights+"/"+id, "", 204, "")
	diff(t, "404 ResourceNotFound flightId: Flight not found", c.refused("GET", flights+"/"+id, ""))
	diff(t, "404 ResourceNotFound flightId: Flight not found", c.refused("GET", path, ""))
	check("GET", app+"/listflights", "", 200, `{"value":[],"totalCount":0}`)
}

// ranks are the flights from the lowest to the highest, with what each ranks
// higher than.
func (c msixClient) ranks() string {
	c.t.Helper()
	var out []string
	for _, f := range c.get(app + "/listflights?top=100")["value"].([]any) {
		out = append(out, fmt.Sprint(field(c.t, f, "friendlyName"), " > ", field(c.t, f, "rankHigherThan")))
	}
	return strings.Join(out, ", ")
}

// TestFlightRanks: ranks are an order without gaps.
func TestFlightRanks(t *testing.T) {
	c := startFlight(t, "", "")
	diff(t, "Beta > Non-flighted submission", c.ranks())
	create := func(body string) string {
		t.Helper()
		return c.want(201, "POST", flights, body)["flightId"].(string)
	}
	create(`{"friendlyName":"Top","groupIds":["1"]}`)
	create(`{"FriendlyName":"Canary","GroupIds":["1"],"RankHigherThan":""}`)
	low := create(`{"friendlyName":"Low","groupIds":["1"],"rankHigherThan":"Non-flighted submission"}`)
	create(`{"friendlyName":"Mid","groupIds":["1"],"rankHigherThan":"Beta"}`)
	create(`{"friendlyName":"Mid by GUID","groupIds":["1"],"rankHigherThan":"` + strings.ToUpper(flightID) + `"}`)
	create(`{"rankHigherThan":null}`)
	diff(t, "Low > Non-flighted submission, Beta > Low, Mid by GUID > Beta, Mid > Mid by GUID, Top > Mid, Canary > Top,  > Canary", c.ranks())
	diff(t, 204, c.do("DELETE", flight, "").status)
	diff(t, 204, c.do("DELETE", flights+"/"+low, "").status)
	diff(t, "Mid by GUID > Non-flighted submission, Mid > Mid by GUID, Top > Mid, Canary > Top,  > Canary", c.ranks())

	c = startFlight(t, `{"rankAsGuid":true}`, "")
	diff(t, flightID, c.want(201, "POST", flights, `{"friendlyName":"Top"}`)["rankHigherThan"].(string))
	diff(t, "Beta > Non-flighted submission, Top > "+flightID, c.ranks())
}

// TestFlightCreateRefused: what a flight cannot be made of.
func TestFlightCreateRefused(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"no JSON", ``, "400 InvalidParameterValue : The request body is not valid: it is not JSON."},
		{"no object", `"x"`, "400 InvalidParameterValue : The request body must be an object."},
		{"name", `{"friendlyName":1}`, "400 InvalidParameterValue friendlyName: The value of friendlyName is not valid: it must be a string."},
		{"no flight's name", `{"friendlyName":"Non-flighted submission"}`, `400 InvalidParameterValue friendlyName: The value of friendlyName is not valid: "Non-flighted submission" is not a flight.`},
		{"groups", `{"groupIds":"7"}`, "400 InvalidParameterValue groupIds: The value of groupIds is not valid: it must be a list."},
		{"group number", `{"groupIds":[7]}`, `400 InvalidParameterValue groupIds: The value of groupIds[0] is not valid: there is no group "".`},
		{"rank", `{"friendlyName":"New","rankHigherThan":"beta"}`, `400 InvalidParameterValue rankHigherThan: The value of rankHigherThan is not valid: there is no flight "beta".`},
		{"rank of itself", `{"friendlyName":"New","rankHigherThan":"New"}`, `400 InvalidParameterValue rankHigherThan: The value of rankHigherThan is not valid: there is no flight "New".`},
		{"rank type", `{"rankHigherThan":{}}`, "400 InvalidParameterValue rankHigherThan: The value of rankHigherThan is not valid: it must be a string."},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startFlight(t, "", "")
			diff(t, test.want, c.refused("POST", flights, test.body))
			diff(t, "Beta > Non-flighted submission", c.ranks())
		})
	}
	c := startFlight(t, "", "")
	c.want(201, "POST", flights, `{"friendlyName":"Beta"}`)
	diff(t, `400 InvalidParameterValue rankHigherThan: The value of rankHigherThan is not valid: 2 flights have the friendly name "Beta".`, c.refused("POST", flights, `{"rankHigherThan":"Beta"}`))
	c = startFlight(t, `{"uniqueFlightNames":true}`, "")
	diff(t, `409 InvalidState friendlyName: The application has a flight with the friendly name "Beta" already.`, c.refused("POST", flights, `{"friendlyName":"Beta"}`))
	if err := c.e.Seed([]byte(`{"account":{"flightGroups":["7","8"]}}`), nil); err != nil {
		t.Fatal(err)
	}
	diff(t, `400 InvalidParameterValue groupIds: The value of groupIds[1] is not valid: there is no group "9".`, c.refused("POST", flights, `{"groupIds":["8","9"]}`))
	c.want(201, "POST", flights, `{"groupIds":["8","7"]}`)

	for _, step := range [][2]string{
		{`{"unsupported":true}`, "409 InvalidState : The application uses features that are not supported by the submission API."},
		{`{"unsupported":false}`, "404 ResourceNotFound flightId: Flight not found"},
	} {
		if err := c.e.EditMsix(appID, []byte(step[0])); err != nil {
			t.Fatal(err)
		}
		diff(t, step[1], c.refused("GET", flights+"/x", ""))
	}
	diff(t, 405, c.do("GET", flights, "").status)
	a := c.do("PUT", flight, "{}")
	diff(t, "405 DELETE, GET", fmt.Sprint(a.status, " ", a.header.Get("Allow")))
	diff(t, 404, c.do("GET", flight+"/what", "").status)
	diff(t, 404, c.do("GET", app+"/listflights/x", "").status)
}

// TestFlightDraft: whether a submission comes with a flight, and one that the
// API cannot touch.
func TestFlightDraft(t *testing.T) {
	c := startMsix(t, `{"flightsWithoutDraft":true}`, "")
	made := c.want(201, "POST", flights, `{"friendlyName":"New","groupIds":["1"]}`)
	if _, ok := made["pendingFlightSubmission"]; ok {
		t.Errorf("it has a submission: %v", made)
	}
	path, document := c.draft(flights + "/" + made["flightId"].(string))
	diff(t, any([]any{}), document["flightPackages"])
	diff(t, "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center.", c.commit(path))
	diff(t, 204, c.do("DELETE", path, "").status)
	c.draft(flights + "/" + made["flightId"].(string))

	// Made in Partner Center, it has a draft that only a person can work in.
	c = startFlight(t, "", `,"published":false`)
	path = app + "/" + field(t, c.get(flight), "pendingFlightSubmission.resourceLocation").(string)
	document = c.get(path)
	diff(t, any(nil), document["fileUploadUrl"])
	diff(t, any([]any{}), document["flightPackages"])
	const portal = "400 InvalidOperation applicationSubmission: Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API"
	for _, write := range [][2]string{{"PUT", path}, {"POST", path + "/commit"}, {"DELETE", path}} {
		diff(t, portal, c.refused(write[0], write[1], text(t, document)))
	}
	diff(t, 409, c.do("POST", flight+"/submissions", "").status)

	c = startFlight(t, "", `,"published":false,"discardPending":true`)
	c.draft(flight)

	// A flight with a running submission stays; so do, by a switch, published ones.
	c = startFlight(t, "", "")
	path, _ = c.draft(flight)
	c.want(202, "POST", path+"/commit", "")
	diff(t, "409 InvalidState flightId: The flight in its current state cannot be deleted.", c.refused("DELETE", flight, ""))
	c = startFlight(t, `{"keepPublished":true}`, "")
	diff(t, "409 InvalidState flightId: The flight in its current state cannot be deleted.", c.refused("DELETE", flight, ""))

	c = startFlight(t, `{"wholeAnswers":true}`, "")
	diff(t, flightID, c.want(201, "POST", flight+"/submissions?isMinimalResponse=true", "")["flightId"].(string))
}

// TestFlightPut: what a PUT may hold.
func TestFlightPut(t *testing.T) {
	fresh := map[string]any{"fileName": "a.msix", "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"}
	const keep = "400 InvalidParameterValue packages: Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: ID"
	for _, test := range []struct {
		name, path string
		value      any
		want       string // the refusal, or the value that is answered
	}{
		{"package left out", "flightPackages", []any{fresh}, keep},
		{"packages not sent", "flightPackages", "-", keep},
		{"package again", "flightPackages.0.fileStatus", "PendingUpload", keep},
		{"unknown package", "flightPackages.0.id", "7", keep},
		{"package twice", "flightPackages.1", fresh, "400 InvalidParameterValue flightPackages: The value of flightPackages[2].fileName is not valid: a.msix is listed twice."},
		{"package status", "flightPackages.1.fileStatus", "Uploaded", "400 InvalidParameterValue flightPackages: The value of flightPackages[1].fileStatus is not valid: a new file must be PendingUpload."},
		{"percentage", "packageDeliveryOptions.packageRollout.packageRolloutPercentage", 100.5, "400 InvalidParameterValue packageDeliveryOptions: The value of packageDeliveryOptions.packageRollout.packageRolloutPercentage must be from 0 to 100."},
		{"publish mode", "targetPublishMode", "Soon", "400 InvalidParameterValue targetPublishMode: The value of targetPublishMode is not valid; it must be one of Immediate, Manual, SpecificDate."},
		{"no publish date", "targetPublishMode", "SpecificDate", "400 InvalidParameterValue targetPublishDate: The value of targetPublishDate is required when targetPublishMode is SpecificDate."},
		{"notes", "notesForCertification", strings.Repeat("ä", 2001), "400 InvalidParameterValue notesForCertification: The value of notesForCertification has 2001 characters; at most 2000 are allowed."},
		{"package removed", "flightPackages.0.fileStatus", "PendingDelete", `"PendingDelete"`},
		{"publish date", "targetPublishDate", "2026-03-01T08:00:00Z", `"2026-03-01T08:00:00.0000000Z"`},
		{"no date", "targetPublishDate", "1601-01-01T00:00:00Z", `""`},
		{"date null", "targetPublishDate", nil, `""`},
		{"mandatory", "packageDeliveryOptions.mandatoryUpdateEffectiveDate", "2026-05-01T00:00:00Z", `"2026-05-01T00:00:00.0000000Z"`},
		{"read-only flight", "flightId", "x", `"` + flightID + `"`},
		{"unknown key", "friendlyName", "x", `"x"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startFlight(t, "", "")
			path, document := c.draft(flight)
			before := c.do("GET", path, "").body
			list := append(field(t, document, "flightPackages").([]any), map[string]any{})
			entry := map[string]any{}
			for name, value := range fresh {
				entry[name] = value
			}
			list[1] = entry
			if test.name == "package twice" {
				list = append(list, fresh)
			}
			set(t, document, "flightPackages", list)
			set(t, document, test.path, test.value)
			if strings.HasPrefix(test.want, "400") {
				diff(t, test.want, id19.ReplaceAllString(c.refused("PUT", path, text(t, document)), "ID"))
				diff(t, before, c.do("GET", path, "").body)
				diff(t, 202, c.do("POST", path+"/commit", "").status)
				return
			}
			diff(t, test.want, text(t, field(t, c.want(200, "PUT", path, text(t, document)), test.path)))
		})
	}
}

// TestFlightPackages: the packages of a flight are those of its application,
// and a set of their own.
func TestFlightPackages(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"new", msix(t, "1.2.0.0", "x64"), "Published"},
		{"of the application", msix(t, "1.0.0.0", "x64"), "Published"},
		{"again", msix(t, "1.1.0.0", "x64"), "CommitFailed\nPackageValidationFailed: The package a.msix has the version and architecture (1.1.0.0 x64) of another package."},
		{"identity", archive(t, "AppxManifest.xml", manifest("Contoso.Other", "CN=Contoso", "1.2.0.0", "x64")), "CommitFailed\nPackageValidationFailed: The package a.msix has the identity name \"Contoso.Other\", not the application's \"Contoso.Notes\"."},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startFlight(t, "", "")
			path, document := c.draft(flight)
			set(t, document, "flightPackages", append(field(t, document, "flightPackages").([]any),
				map[string]any{"fileName": "a.msix", "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"}))
			document = c.want(200, "PUT", path, text(t, document))
			c.uploadArchive(document, archive(t, "a.msix", test.content))
			diff(t, test.want, c.commit(path))
			diff(t, any("1.0.0.0"), field(t, c.get("/v1.0/my/"+field(t, c.get(app), "lastPublishedApplicationSubmission.resourceLocation").(string)), "applicationPackages.0.version"))
		})
	}
	c := startFlight(t, "", "")
	path, document := c.draft(flight)
	set(t, document, "flightPackages.0.fileStatus", "PendingDelete")
	c.want(200, "PUT", path, text(t, document))
	diff(t, "CommitFailed\nInvalidState: The submission has validation errors. Look at it in Partner Center.", c.commit(path))
}
