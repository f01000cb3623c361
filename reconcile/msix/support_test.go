package msix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// hash is the sha256 of a file that holds its own name.
func hash(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

// oddSubmission is a submission full of members that no page names, with stored
// files of storesync's and of others.
func oddSubmission() string {
	return strings.NewReplacer("{editor}", hash("editor"), "{sync}", hash("sync"), "{logo}", hash("logo"), "{video}", hash("video"), "{thumb}", hash("thumb")).Replace(
		`{"id":"` + testPublished + `","xTop":{"share":1.50,"big":12345678901234567890},"applicationCategory":"Productivity",
	"pricing":{"trialPeriod":"NoFreeTrial","marketSpecificPricings":{"LB":"NotAvailable","EH":"NotAvailable","CN":"NotAvailable","JP":"Tier1013","DE":"Base","AQ":"TierFromTheFuture"},
		"sales":[],"priceId":"Tier1012","isAdvancedPricingModel":true,"xPricing":1},
	"visibility":"Public","targetPublishMode":"Immediate","targetPublishDate":"1601-01-01T00:00:00.0000000Z",
	"listings":{
		"de-de":{"baseListing":{"title":"Contoso Notizen","description":"Notiert alles.","features":[],"images":[
			{"fileName":"alt.png","fileStatus":"Uploaded","id":"30","imageType":"Screenshot","description":"Alt","xImage":3}]},"platformOverrides":{},"xListing":1},
		"En-US":{"baseListing":{"title":"Contoso Notes","description":"Takes notes.\r\nFast.","features":["Sync"],"keywords":["notes"],"xBase":"kept","images":[
			{"fileName":"Assets/en-us/Screenshot/{editor}.png","fileStatus":"Uploaded","id":"10","imageType":"Screenshot","description":"The editor","xImage":1},
			{"fileName":"Assets\\en-us\\Screenshot\\{sync}.png","fileStatus":"Uploaded","id":"11","imageType":"Screenshot","xImage":2},
			{"fileName":"Assets/en-us/StoreLogoSquare/{logo}.png","fileStatus":"Uploaded","id":"12","imageType":"StoreLogoSquare"}]},
			"platformOverrides":{"Windows81":{"description":"Old.","xOverride":[1,2]}}}},
	"hardwarePreferences":["Touch","Mouse"],"automaticBackupEnabled":true,"canInstallOnRemovableMedia":true,"isGameDvrEnabled":false,
	"gamingOptions":[{"genres":[],"isLocalMultiplayer":true,"localMultiplayerMinPlayers":2,"localMultiplayerMaxPlayers":4,"kinectDataForExternal":"Disabled","xGame":true}],
	"hasExternalInAppProducts":false,"meetAccessibilityGuidelines":false,"notesForCertification":"user: a, password: NEVER",
	"status":"Published","statusDetails":{"errors":[],"warnings":[],"certificationReports":[]},"fileUploadUrl":null,
	"applicationPackages":[
		{"fileName":"Notes_1.0.0.0_x64.msix","fileStatus":"Uploaded","id":"100","version":"1.0.0.0","architecture":"x64","targetPlatform":"Windows10","languages":["en-US"],
			"capabilities":["runFullTrust"],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"],"xPackage":1},
		{"fileName":"Notes_1.1.0.0_x64.msix","fileStatus":"Uploaded","id":"101","version":"1.1.0.0","architecture":"x64","targetPlatform":"Windows10","languages":["en-US"],
			"capabilities":[],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"],"xPackage":2},
		{"fileName":"Notes_1.1.0.0_arm64.msix","fileStatus":"Uploaded","id":"102","version":"1.1.0.0","architecture":"arm64","targetPlatform":"Windows10","languages":["en-US"],
			"capabilities":[],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"],"xPackage":3}],
	"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":true,"packageRolloutPercentage":100.0,"packageRolloutStatus":"PackageRolloutComplete","fallbackSubmissionId":"7"},
		"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":"1601-01-01T00:00:00.0000000Z","xDelivery":1},
	"enterpriseLicensing":"Online","allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies":true,"allowTargetFutureDeviceFamilies":{"7":true,"Desktop":true,"Mobile":false,"Xbox":false,"Team":false,"Holographic":false},
	"friendlyName":"Submission 19","trailers":[{"id":"50","videoFileName":"Trailers\\{video}.mp4","videoFileId":"51","xTrailer":1,
		"trailerAssets":{"en-us":{"title":"Notes","xAsset":1,"imageList":[{"fileName":"Trailers/en-us/{thumb}.png","id":"52","description":"A still","xThumb":1}]}}}]}`)
}

func text(s string) *schema.Text { return &schema.Text{Value: s} }

func secret(s string) *schema.Text { return &schema.Text{Value: s, Env: "STORE_SECRET"} }

// image is a local image that holds its own name.
func image(name string) schema.CaptionedImage {
	return schema.CaptionedImage{File: schema.Image{Name: "images/" + name + ".png", Bytes: 1000, Width: 1366, Height: 768, SHA256: hash(name)}}
}

func captioned(name, caption string) schema.CaptionedImage {
	i := image(name)
	i.Description = text(caption)
	return i
}

func screenshots(language string, images ...schema.CaptionedImage) schema.MsixApp {
	return schema.MsixApp{Listings: map[string]*schema.MsixListing{language: {Images: map[string][]schema.CaptionedImage{"Screenshot": images}}}}
}

// built is a package file of Contoso Notes for Windows.Desktop 10.0.17763.0.
func built(name, version string, architectures ...string) schema.MsixPackage {
	return builtFor("10.0.17763.0", name, version, architectures...)
}

func builtFor(minimum, name, version string, architectures ...string) schema.MsixPackage {
	return schema.MsixPackage{File: "dist/" + name, Content: &schema.PackageFile{
		Name: "dist/" + name, Bytes: 5000, SHA256: hash(name + version), Format: schema.PackageFormat(name[strings.LastIndex(name, ".")+1:]),
		Identity: "Contoso.Notes", Publisher: "CN=Contoso", Version: mustVersion(version), Architectures: architectures, Languages: []string{"en-US"},
		DeviceFamilies: []schema.DeviceFamily{{Name: "Windows.Desktop", MinVersion: mustVersion(minimum)}},
	}}
}

func mustVersion(s string) schema.Version {
	v, err := schema.ParseVersion(s)
	if err != nil {
		panic(err)
	}
	return v
}

// pinned is a package whose file is absent.
func pinned(name, version, architecture string) schema.MsixPackage {
	return schema.MsixPackage{File: "dist/" + name, Version: version, Architecture: architecture}
}

// look is what Observe makes of a submission.
func look(t *testing.T, m *schema.Manifest, submission string, record *record.Record) *reconcile.Observed {
	t.Helper()
	d := parsed(t, submission)
	state, err := stateOf(d, m, record)
	if err != nil {
		t.Fatal(err)
	}
	return &reconcile.Observed{Complete: true, State: state, Raw: map[string]json.RawMessage{
		rawSubmission: withoutAddress(d), rawContents: encode(record.Contents()),
		rawApplication: encode(appFacts{ID: testApp, PackageIdentityName: "Contoso.Notes", PublisherName: "CN=Contoso", HasAdvancedListingPermission: true, Published: true}),
	}}
}

// targetOf lays the manifest over what is observed and lists the changes, in
// the way of the engine.
func targetOf(t *testing.T, m *schema.Manifest, o *reconcile.Observed) (plan.State, []plan.Change) {
	t.Helper()
	desired, found := (&backend{}).Desire(m, o)
	if len(found) > 0 {
		t.Fatalf("desire: %v", found)
	}
	target := maps.Clone(o.State)
	var changes []plan.Change
	for _, group := range desired.Remove {
		for path := range o.State {
			if path.Under(group) {
				delete(target, path)
			}
		}
		changes = append(changes, plan.Change{Path: group, Action: plan.ActionDelete})
	}
	for path, value := range desired.Set {
		before := o.State[path]
		target[path] = value
		if sameContent(before, value) {
			continue
		}
		action := plan.ActionUpdate
		if before.Empty() {
			action = plan.ActionCreate
		}
		changes = append(changes, plan.Change{Path: path, Action: action, Type: value.Type, Before: before.JSON, After: value.JSON, Sensitive: value.Sensitive})
	}
	slices.SortFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return target, changes
}

// problems are the summaries of diagnostics with their paths.
func problems(found schema.Diagnostics) []string {
	var lines []string
	for _, d := range found {
		lines = append(lines, string(d.Severity)+" "+d.Path+": "+d.Summary)
	}
	slices.Sort(lines)
	return lines
}

// checkProblems compares with phrases, one for each finding.
func checkProblems(t *testing.T, found schema.Diagnostics, want ...string) {
	t.Helper()
	got := problems(found)
	if len(got) != len(want) {
		t.Fatalf("found %q, want %q", got, want)
	}
	for _, phrase := range want {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, phrase) }) {
			t.Errorf("found %q, want one with %q", got, phrase)
		}
	}
	for _, d := range found {
		if d.Detail == "" {
			t.Errorf("%s: no advice", d.Summary)
		}
	}
}

var update = flag.Bool("update", false, "write the golden files of testdata")

// golden compares with a file of testdata; -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
