package msix

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

func TestStateOf(t *testing.T) {
	state, err := stateOf(parsed(t, liveSubmission), notes(bareApp()), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies": "true",
		"allowTargetFutureDeviceFamilies.7":                         "true",
		"allowTargetFutureDeviceFamilies.Desktop":                   "true",
		"allowTargetFutureDeviceFamilies.Holographic":               "false",
		"allowTargetFutureDeviceFamilies.Mobile":                    "false",
		"allowTargetFutureDeviceFamilies.Team":                      "false",
		"allowTargetFutureDeviceFamilies.Xbox":                      "false",
		"applicationCategory":                                       `"Productivity"`,
		"automaticBackupEnabled":                                    "true",
		"canInstallOnRemovableMedia":                                "true",
		"enterpriseLicensing":                                       `"Online"`,
		"gamingOptions":                                             `[{"isLocalMultiplayer":false,"kinectDataForExternal":"Disabled","localMultiplayerMinPlayers":2}]`,
		"hardwarePreferences":                                       `["Touch"]`,
		"hasExternalInAppProducts":                                  "false",
		"isGameDvrEnabled":                                          "false",
		"listings.en-us.description":                                `"Take notes."`,
		"listings.en-us.features":                                   `["Sync"]`,
		"listings.en-us.images.Screenshot":                          " The editor",
		"listings.en-us.keywords":                                   `["notes"]`,
		"listings.en-us.otherFields":                                `{"baseListing":{"futureText":"kept"},"platformOverrides":{"Windows81":{"description":"Old."}}}`,
		"listings.en-us.title":                                      `"Contoso Notes"`,
		"meetAccessibilityGuidelines":                               "false",
		"notesForCertification":                                     `"user: a, password: hunter22"`,
		"otherFields":                                               `{"somethingNew":{"count":12345678901234567890,"share":1.50}}`,
		"packageDeliveryOptions.isMandatoryUpdate":                  "false",
		"packages.x64-desktop.architecture":                         `"x64"`,
		"packages.x64-desktop.fileName":                             `"ContosoNotes_1.0.0.0_x64.msix"`,
		"packages.x64-desktop.languages":                            `["en-us"]`,
		"packages.x64-desktop.targetDeviceFamilies":                 `["Windows.Desktop min version 10.0.17763.0"]`,
		"packages.x64-desktop.version":                              `"1.0.0.0"`,
		"pricing.marketSpecificPricings.EH":                         `"NotAvailable"`,
		"pricing.marketSpecificPricings.JP":                         `"Tier12"`,
		"pricing.marketSpecificPricings.LB":                         `"NotAvailable"`,
		"pricing.priceId":                                           `"Tier2"`,
		"pricing.trialPeriod":                                       `"NoFreeTrial"`,
		"targetPublishMode":                                         `"Immediate"`,
		"visibility":                                                `"Public"`,
	}
	if diff := cmp.Diff(want, meaning(state)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	for path, value := range state {
		if value.Sensitive != (path == fieldNotes) {
			t.Errorf("%s: sensitive is %t", path, value.Sensitive)
		}
		if value.Unknown != (path == "listings.en-us.images.Screenshot") {
			t.Errorf("%s: unknown is %t", path, value.Unknown)
		}
	}
}

func TestStateOfParts(t *testing.T) {
	digest := hash("editor")
	cases := []struct {
		name, reason   string
		pointer, value string
		path           plan.Path
		want           string
	}{
		{"digest in a name", "storesync's own names tell the content, with either slash", "/listings/en-us/baseListing/images/0/fileName", `"Assets\\en-us\\Screenshot\\` + strings.ToUpper(digest) + `.png"`,
			"listings.en-us.images.Screenshot", "sha256:" + digest + " The editor"},
		{"digest in the record", "else the record does", "/listings/en-us/baseListing/images/0/id", `"known"`, "listings.en-us.images.Screenshot", "sha256:" + hash("known") + " The editor"},
		{"numeric id", "an id may come as a number", "/listings/en-us/baseListing/images/0/id", "77", "listings.en-us.images.Screenshot", "sha256:" + hash("77") + " The editor"},
		{"image that goes", "what is marked to go is not there", "/listings/en-us/baseListing/images/0/fileStatus", `"PendingDelete"`, "listings.en-us.images.Screenshot", ""},
		{"package that goes", "the same for packages", "/applicationPackages/0/fileStatus", `"PendingDelete"`, "packages.x64-desktop.version", ""},
		{"no packages", "a list may be null", "/applicationPackages", "null", "packages.x64-desktop.version", ""},
		{"no gaming options", "gamingOptions are null on old drafts", "/gamingOptions", "null", "gamingOptions", ""},
		{"no listing", "a listing without a base", "/listings/en-us", `{"platformOverrides":{}}`, "listings.en-us.title", ""},
		{"Base", "Base is no tier of its own", "/pricing/marketSpecificPricings/JP", `"Base"`, "pricing.marketSpecificPricings.JP", ""},
		{"unknown tier", "a tier that nobody knows is kept", "/pricing/priceId", `"Tier9999"`, "pricing.priceId", `"Tier9999"`},
		{"lines", "line ends of a browser", "/listings/en-us/baseListing/description", `"a\r\nb"`, "listings.en-us.description", `"a\nb"`},
		{"left-over date", "a date counts with SpecificDate only", "/targetPublishDate", `"2026-12-24T18:00:00Z"`, "targetPublishDate", ""},
		{"mandatory date", "a date in any spelling", "/packageDeliveryOptions", `{"isMandatoryUpdate":true,"mandatoryUpdateEffectiveDate":"2026-12-24T19:00:00.0000000+01:00"}`,
			"packageDeliveryOptions.mandatoryUpdateEffectiveDate", `"2026-12-24T18:00:00Z"`},
		{"left-over mandatory date", "which counts for a mandatory update only", "/packageDeliveryOptions/mandatoryUpdateEffectiveDate", `"2026-12-24T19:00:00.0000000+01:00"`,
			"packageDeliveryOptions.mandatoryUpdateEffectiveDate", ""},
		{"dotted name", "a name that no path can hold stays out of what is compared", "/allowTargetFutureDeviceFamilies/a.b", "true", "allowTargetFutureDeviceFamilies.a.b", ""},
		{"rollout of the published set", "the rollout of what is published is not the next one's", "/packageDeliveryOptions/packageRollout", `{"isPackageRollout":true,"packageRolloutPercentage":25,"packageRolloutStatus":"PackageRolloutInProgress"}`, "rollout.percentage", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			record := &record.Record{Images: map[string]record.Image{"known": {SHA256: hash("known")}, "77": {SHA256: hash("77")}}}
			d := parsed(t, liveSubmission)
			if err := d.set(c.pointer, []byte(c.value)); err != nil {
				t.Fatal(err)
			}
			state, err := stateOf(d, notes(bareApp()), record)
			if err != nil {
				t.Fatal(err)
			}
			if got := meaning(state)[string(c.path)]; got != c.want {
				t.Errorf("%s: %s is %s, want %s", c.reason, c.path, got, c.want)
			}
		})
	}
}

func TestStateOfWrongTypes(t *testing.T) {
	for pointer, value := range map[string]string{
		"/pricing/priceId": "7", "/listings/en-us/baseListing/features": `"hunter22"`, "/applicationPackages": `"hunter22"`, "/notesForCertification": `["hunter22"]`,
		"/hardwarePreferences": `{"hunter22":1}`, "/trailers": "{}", "/gamingOptions": "true", "/listings/en-us/baseListing/images": "5",
	} {
		d := parsed(t, liveSubmission)
		if err := d.set(pointer, []byte(value)); err != nil {
			t.Fatal(err)
		}
		_, err := stateOf(d, notes(bareApp()), nil)
		if err == nil || !strings.Contains(err.Error(), pointer) || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s = %s: %v", pointer, value, err)
		}
	}
}
