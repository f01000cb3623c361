package emulator_test

import (
	"fmt"
	"strings"
	"testing"
)

// rollout is a package rollout resource in short.
func (c msixClient) rollout(resource map[string]any) string {
	c.t.Helper()
	out := fmt.Sprintf("%v %v %s", resource["isPackageRollout"], resource["packageRolloutPercentage"], strings.TrimPrefix(resource["packageRolloutStatus"].(string), "PackageRollout"))
	if fallback := resource["fallbackSubmissionId"].(string); fallback == "0" {
		return out + " without fallback"
	}
	return out
}

// rolledOut publishes a submission whose packages go to 25 % of the people, and
// gives its path.
func (c msixClient) rolledOut(product string) string {
	c.t.Helper()
	path, document := c.draft(product)
	set(c.t, document, "packageDeliveryOptions.packageRollout.isPackageRollout", true)
	set(c.t, document, "packageDeliveryOptions.packageRollout.packageRolloutPercentage", 25)
	c.want(200, "PUT", path, text(c.t, document))
	diff(c.t, "Published", c.commit(path))
	return path
}

const noRollout = "409 InvalidState submission: The submission is not published with a package rollout in progress."

// TestRollout plays the states of a gradual rollout, of applications and of
// flights alike.
func TestRollout(t *testing.T) {
	for name, product := range map[string]string{"application": app, "flight": flight} {
		t.Run(name, func(t *testing.T) {
			c := startFlight(t, "", "")
			operations := []string{"updatepackagerolloutpercentage?percentage=50", "haltpackagerollout", "finalizepackagerollout"}
			link := "lastPublishedApplicationSubmission.id"
			if product == flight {
				link = "lastPublishedFlightSubmission.id"
			}
			first := field(t, c.get(product), link).(string)
			diff(t, "false 0 NotStarted without fallback", c.rollout(c.get(product+"/submissions/"+first+"/packagerollout")))
			for _, operation := range operations {
				diff(t, noRollout, c.refused("POST", product+"/submissions/"+first+"/"+operation, ""))
				diff(t, "404 ResourceNotFound submissionId: Submission not found", c.refused("POST", product+"/submissions/7/"+operation, ""))
			}
			diff(t, "404 ResourceNotFound submissionId: Submission not found", c.refused("GET", product+"/submissions/7/packagerollout", ""))

			// A draft is not published.
			draft, _ := c.draft(product)
			for _, operation := range operations {
				diff(t, noRollout, c.refused("POST", draft+"/"+operation, ""))
			}
			diff(t, 204, c.do("DELETE", draft, "").status)

			// It runs, and nothing new begins.
			path := c.rolledOut(product)
			diff(t, "true 25 InProgress", c.rollout(c.get(path+"/packagerollout")))
			diff(t, any(first), c.get(path + "/packagerollout")["fallbackSubmissionId"])
			diff(t, "true 25 InProgress", c.rollout(field(t, c.get(path), "packageDeliveryOptions.packageRollout").(map[string]any)))
			diff(t, "409 InvalidState submission: Create submission failed, status code Conflict, reason phrase Conflict", c.refused("POST", product+"/submissions", ""))
			for percentage, want := range map[string]string{
				"":        `400 InvalidParameterValue percentage: The value of percentage is not valid: "" is no number from 0 to 100.`,
				"x":       `400 InvalidParameterValue percentage: The value of percentage is not valid: "x" is no number from 0 to 100.`,
				"NaN":     `400 InvalidParameterValue percentage: The value of percentage is not valid: "NaN" is no number from 0 to 100.`,
				"-1":      `400 InvalidParameterValue percentage: The value of percentage is not valid: "-1" is no number from 0 to 100.`,
				"100.001": `400 InvalidParameterValue percentage: The value of percentage is not valid: "100.001" is no number from 0 to 100.`,
				"24.9":    `409 InvalidState percentage: The rollout percentage cannot be lowered from 25 to 24.9.`,
			} {
				diff(t, want, c.refused("POST", path+"/updatepackagerolloutpercentage?percentage="+percentage, ""))
			}
			diff(t, "true 25 InProgress", c.rollout(c.want(200, "POST", path+"/updatepackagerolloutpercentage?percentage=25.0", "")))
			diff(t, "true 62.5 InProgress", c.rollout(c.want(200, "POST", path+"/UpdatePackageRolloutPercentage?Percentage=62.5", "")))
			// All of the people is not finalized.
			diff(t, "true 100 InProgress", c.rollout(c.want(200, "POST", path+"/updatepackagerolloutpercentage?percentage=100", "")))
			diff(t, 409, c.do("POST", product+"/submissions", "").status)

			diff(t, "true 100 Complete", c.rollout(c.want(200, "POST", path+"/finalizepackagerollout", "")))
			diff(t, "true 100 Complete", c.rollout(c.get(path+"/packagerollout")))
			for _, operation := range operations {
				diff(t, noRollout, c.refused("POST", path+"/"+operation, ""))
			}

			// The next one has the settings, and begins anew.
			next, document := c.draft(product)
			diff(t, "true 100 NotStarted without fallback", c.rollout(c.get(next+"/packagerollout")))
			set(t, document, "packageDeliveryOptions.isMandatoryUpdate", true)
			set(t, document, "packageDeliveryOptions.packageRollout", map[string]any{"isPackageRollout": true, "packageRolloutPercentage": 10, "isSeekEnabled": true, "packageRolloutStatus": "PackageRolloutComplete", "fallbackSubmissionId": "7"})
			diff(t, "true 10 NotStarted without fallback", c.rollout(field(t, c.want(200, "PUT", next, text(t, document)), "packageDeliveryOptions.packageRollout").(map[string]any)))
			diff(t, "Published", c.commit(next))
			running := c.get(next + "/packagerollout")
			diff(t, "true 10 InProgress", c.rollout(running))
			diff(t, any(true), running["isSeekEnabled"])
			diff(t, "/"+running["fallbackSubmissionId"].(string), path[strings.LastIndex(path, "/"):])
			diff(t, noRollout, c.refused("POST", path+"/finalizepackagerollout", ""))

			diff(t, "true 0 Stopped", c.rollout(c.want(200, "POST", next+"/haltpackagerollout", "")))
			diff(t, "true 0 Stopped", c.rollout(c.get(next+"/packagerollout")))
			for _, operation := range operations {
				diff(t, noRollout, c.refused("POST", next+"/"+operation, ""))
			}
			// What comes after is made of the halted one.
			_, document = c.draft(product)
			diff(t, any(true), field(t, document, "packageDeliveryOptions.isMandatoryUpdate"))
			diff(t, "true 0 NotStarted without fallback", c.rollout(field(t, document, "packageDeliveryOptions.packageRollout").(map[string]any)))
			diff(t, 405, c.do("POST", path+"/packagerollout", "").status)
			diff(t, 405, c.do("GET", path+"/haltpackagerollout", "").status)
		})
	}
}

// TestRolloutFirst: the first submission of a flight falls back to the
// application's, that of an application cannot be rolled out.
func TestRolloutFirst(t *testing.T) {
	c := startMsix(t, "", "")
	made := c.want(201, "POST", flights, `{"friendlyName":"New","groupIds":["1"]}`)
	path := app + "/" + field(t, made, "pendingFlightSubmission.resourceLocation").(string)
	document := c.get(path)
	set(t, document, "packageDeliveryOptions.packageRollout", map[string]any{"isPackageRollout": true, "packageRolloutPercentage": 5})
	set(t, document, "flightPackages", []any{map[string]any{"fileName": "a.msix", "fileStatus": "PendingUpload", "minimumDirectXVersion": "None", "minimumSystemRam": "None"}})
	c.want(200, "PUT", path, text(t, document))
	c.uploadArchive(document, archive(t, "a.msix", msix(t, "1.5.0.0", "x64")))
	diff(t, "Published", c.commit(path))
	rollout := c.get(path + "/packagerollout")
	diff(t, "true 5 InProgress", c.rollout(rollout))
	diff(t, field(t, c.get(app), "lastPublishedApplicationSubmission.id"), rollout["fallbackSubmissionId"])
	c.draft(app) // the application's own submissions go on

	c = startMsix(t, "", `,"published":false,"pending":{"madeInPortal":false}`)
	path = app + "/submissions/" + field(t, c.get(app), "pendingApplicationSubmission.id").(string)
	document = c.get(path)
	set(t, document, "packageDeliveryOptions.packageRollout.isPackageRollout", true)
	diff(t, "400 InvalidParameterValue packageDeliveryOptions: The value of packageDeliveryOptions.packageRollout.isPackageRollout cannot be true: the application was never published.", c.refused("PUT", path, text(t, document)))
}

// TestRolloutBehavior plays the switches.
func TestRolloutBehavior(t *testing.T) {
	c := startFlight(t, `{"cloneKeepsRolloutStatus":true}`, "")
	path := c.rolledOut(app)
	c.want(200, "POST", path+"/haltpackagerollout", "")
	next, document := c.draft(app)
	diff(t, "true 0 Stopped", c.rollout(c.get(next+"/packagerollout")))
	set(t, document, "packageDeliveryOptions.packageRollout.isPackageRollout", false)
	c.want(200, "PUT", next, text(t, document))
	diff(t, "Published", c.commit(next))
	diff(t, "false 0 NotStarted without fallback", c.rollout(c.get(next+"/packagerollout")))

	// A draft that says InProgress is none that is published.
	c = startMsix(t, `{"cloneKeepsRolloutStatus":true}`, `,"rollout":{"percentage":25},"pending":{"madeInPortal":false}`)
	next = app + "/submissions/" + field(t, c.get(app), "pendingApplicationSubmission.id").(string)
	diff(t, "true 25 InProgress", c.rollout(c.get(next+"/packagerollout")))
	diff(t, noRollout, c.refused("POST", next+"/haltpackagerollout", ""))

	c = startFlight(t, `{"ignoreRollout":true}`, "")
	path = c.rolledOut(app)
	diff(t, "false 0 NotStarted without fallback", c.rollout(c.get(path+"/packagerollout")))

	c = startFlight(t, `{"omitUnusedRollout":true}`, "")
	path, document = c.draft(flight)
	diff(t, any(map[string]any{"isMandatoryUpdate": false, "mandatoryUpdateEffectiveDate": "1601-01-01T00:00:00.0000000Z"}), document["packageDeliveryOptions"])
	set(t, document, "packageDeliveryOptions.packageRollout", map[string]any{"isPackageRollout": true, "packageRolloutPercentage": 25})
	diff(t, "true 25 NotStarted without fallback", c.rollout(field(t, c.want(200, "PUT", path, text(t, document)), "packageDeliveryOptions.packageRollout").(map[string]any)))

	c = startFlight(t, `{"rolloutUnsupported":true}`, "")
	path = c.rolledOut(app)
	const unsupported = "409 InvalidState submission: Gradual package rollout is not supported for this product."
	diff(t, unsupported, c.refused("GET", path+"/packagerollout", ""))
	for _, operation := range []string{"updatepackagerolloutpercentage?percentage=50", "haltpackagerollout", "finalizepackagerollout"} {
		diff(t, unsupported, c.refused("POST", path+"/"+operation, ""))
	}
}

// TestRolloutPortal: rollouts of a seed, and what a person does with them.
func TestRolloutPortal(t *testing.T) {
	c := startFlight(t, "", `,"submission":{"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":true,"packageRolloutPercentage":30}}}`)
	path := flight + "/submissions/" + field(t, c.get(flight), "lastPublishedFlightSubmission.id").(string)
	diff(t, "true 30 InProgress", c.rollout(c.get(path+"/packagerollout")))
	edit := func(rollout string) error {
		return c.e.EditMsix(appID, []byte(`{"flights":[{"friendlyName":"Beta","rollout":`+rollout+`}]}`))
	}
	for _, step := range [][2]string{
		{`{"percentage":12.5}`, "true 12.5 InProgress"},
		{`{"halted":true}`, "true 0 Stopped"},
		{`{"percentage":40}`, "true 40 InProgress"},
		{`{"finalized":true}`, "true 100 Complete"},
	} {
		if err := edit(step[0]); err != nil {
			t.Fatal(err)
		}
		diff(t, step[1], c.rollout(c.get(path+"/packagerollout")))
	}
	if err := edit(`{}`); err == nil || !strings.HasSuffix(err.Error(), "flight Beta: rollout: give it a percentage, halted or finalized") {
		t.Error(err)
	}
	if err := edit(`{"percentage":101}`); err == nil || !strings.HasSuffix(err.Error(), "flight Beta: rollout.percentage: 101 is not from 0 to 100") {
		t.Error(err)
	}
	// Seeded with the application, there is no submission before to fall back to.
	c = startMsix(t, "", `,"rollout":{"percentage":25}`)
	path = app + "/submissions/" + field(t, c.get(app), "lastPublishedApplicationSubmission.id").(string)
	diff(t, "true 25 InProgress", c.rollout(c.get(path+"/packagerollout")))
	diff(t, 409, c.do("POST", app+"/submissions", "").status)
	c = startMsix(t, "", `,"rollout":{"finalized":true},"pending":{"madeInPortal":false}`)
	diff(t, "true 100 NotStarted without fallback", c.rollout(c.get(app+"/submissions/"+field(t, c.get(app), "pendingApplicationSubmission.id").(string)+"/packagerollout")))
	c = startMsix(t, "", "")
	for document, want := range map[string]string{
		`{"addOns":[{"productId":"a","rollout":{"percentage":1}}]}`:                      "add-on a: rollout: the in-app product has no published packages",
		`{"flights":[{"friendlyName":"a","published":false,"rollout":{"halted":true}}]}`: "flight a: rollout: the flight has no published packages",
	} {
		if err := c.e.EditMsix(appID, []byte(document)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Error(err)
		}
	}
}
