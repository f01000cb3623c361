package emulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

const (
	appID = "9NBLGGH4R315"
	app   = "/v1.0/my/applications/" + appID
)

// msixClient is a client of API B and the clock of its emulator.
type msixClient struct {
	*client
	clock *clock
}

// startMsix makes an emulator with one application, whose listings are en-us
// and de-de; seed has further members of its seed.
func startMsix(t *testing.T, behavior, seed string) msixClient {
	t.Helper()
	clock := newClock()
	e, err := emulator.New(emulator.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	if behavior == "" {
		behavior = "{}"
	}
	document := `{"behavior":{"msix":` + behavior + `},"msix":[{"appId":"` + appID + `","name":"Contoso Notes","packageIdentityName":"Contoso.Notes","languages":["en-us","de-de"]` + seed + `}]}`
	if err := e.Seed([]byte(document), nil); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}, "Content-Type": {"application/json"}}}
	return msixClient{c, clock}
}

// get reads a resource as decoded JSON.
func (c msixClient) get(path string) map[string]any {
	c.t.Helper()
	return c.want(200, "GET", path, "")
}

// want sends a request that must be answered with a status and an object.
func (c msixClient) want(status int, method, path, body string) map[string]any {
	c.t.Helper()
	a := c.do(method, path, body)
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != status {
		c.t.Fatalf("%s %s %s: want %d, got %d %s", method, path, body, status, a.status, a.body)
	}
	return out
}

// create makes a draft and gives its path and document.
func (c msixClient) create() (path string, document map[string]any) {
	c.t.Helper()
	document = c.want(201, "POST", app+"/submissions", "")
	return app + "/submissions/" + document["id"].(string), document
}

// refused sends a request that must be refused and gives "status code target:
// message".
func (c msixClient) refused(method, path, body string) string {
	c.t.Helper()
	a := c.do(method, path, body)
	var e struct {
		Code, Message, Source, Target string
		Data, Details                 []any
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || e.Source != "Ingestion Api" || e.Data == nil || e.Details == nil {
		c.t.Fatalf("%s %s %s: no error of the service: %d %s", method, path, body, a.status, a.body)
	}
	return fmt.Sprintf("%d %s %s: %s", a.status, e.Code, e.Target, e.Message)
}

// text is a document as JSON.
func text(t testing.TB, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// set changes a value of decoded JSON, in place: names and indexes apart by
// dots; "-" as the value removes the member.
func set(t testing.TB, document any, path string, value any) {
	t.Helper()
	names := strings.Split(path, ".")
	for i, name := range names {
		last := i == len(names)-1
		switch v := document.(type) {
		case map[string]any:
			if last && value == "-" {
				delete(v, name)
			} else if last {
				v[name] = value
			}
			document = v[name]
		case []any:
			at := 0
			if _, err := fmt.Sscan(name, &at); err != nil || at >= len(v) {
				t.Fatalf("no %s of %s", name, path)
			}
			if last {
				v[at] = value
			}
			document = v[at]
		default:
			t.Fatalf("no %s of %s", name, path)
		}
	}
}

// archive is a ZIP of files, "name", "content" and so on.
func archive(t testing.TB, files ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		entry, err := w.Create(files[i])
		if err == nil {
			_, err = entry.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// msix is a package.
func msix(t testing.TB, version, architecture string) string {
	t.Helper()
	return archive(t, "AppxManifest.xml", manifest("Contoso.Notes", "CN=Contoso", version, architecture), "notes.exe", "MZ")
}

func manifest(name, publisher, version, architecture string) string {
	return `<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10" xmlns:rescap="http://schemas.microsoft.com/appx/manifest/foundation/windows10/restrictedcapabilities">
  <Identity Name="` + name + `" Publisher="` + publisher + `" Version="` + version + `" ProcessorArchitecture="` + architecture + `" />
  <Resources><Resource Language="en-us" /><Resource Language="de-de" /></Resources>
  <Dependencies><TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.17763.0" MaxVersionTested="10.0.22621.0" /></Dependencies>
  <Capabilities><Capability Name="internetClient" /><rescap:Capability Name="runFullTrust" /></Capabilities>
</Package>`
}

// uploadArchive sends an archive to a draft's upload URL, its plus signs
// escaped.
func (c msixClient) uploadArchive(document map[string]any, content string) {
	c.t.Helper()
	link := strings.ReplaceAll(document["fileUploadUrl"].(string), "+", "%2B")
	a := c.send("PUT", link, http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, content)
	if a.status != http.StatusCreated {
		c.t.Fatalf("upload: %d %s", a.status, a.body)
	}
}

const (
	salesWarning = `{"code":"SalesUnsupportedWarning","details":"The sales resource is no longer supported. To view or edit the sales data for this submission, use the Dev Center dashboard."}`
	noDate       = `"1601-01-01T00:00:00.0000000Z"`
)

// TestMsixAnswers plays a flow in the shapes that were recorded of the live
// service (2026-02): same keys in the same order, padding included.
func TestMsixAnswers(t *testing.T) {
	c := startMsix(t, "", `,"submission":{"applicationCategory":"DeveloperTools_Database","visibility":"Private",
		"pricing":{"trialPeriod":"OneDay","isAdvancedPricingModel":true,"marketSpecificPricings":{"US":"NotAvailable"}},
		"allowTargetFutureDeviceFamilies":{"7":true},"notesForCertification":"Log in as guest.",
		"listings":{"de-de":null,"en-us":{"baseListing":{"keywords":["notes"],"features":["Sync"],"releaseNotes":"Fixes.","shortDescription":"Notes","shortTitle":"Notes","voiceTitle":"Notes","devStudio":"Contoso"}}}},"languages":["en-us"]`)
	guid := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	number := regexp.MustCompile(`(11529|20000)[0-9]{14}`)
	signature := regexp.MustCompile(`sig=[A-Za-z0-9%+]+`)
	entity := `"id":"9NBLGGH4R315","primaryName":"Contoso Notes","PackageFamilyName":"Contoso.Notes_h91ms92gdsmmt","packageIdentityName":"Contoso.Notes","publisherName":"CN=Contoso","firstPublishedDate":"2026-02-09T07:00:00.0000000Z","lastPublishedApplicationSubmission":{"id":"NUMBER","resourceLocation":"applications/9NBLGGH4R315/submissions/NUMBER"}`
	details := `"statusDetails":{"errors":[],"warnings":[` + salesWarning + `],"certificationReports":[]}`
	submission := func(advanced string) string {
		return `{"id":"NUMBER","applicationCategory":"DeveloperTools_Database","pricing":{"trialPeriod":"OneDay","marketSpecificPricings":{"US":"NotAvailable","LB":"NotAvailable","EH":"NotAvailable"},"sales":[],"priceId":"Free","isAdvancedPricingModel":` + advanced + `},"visibility":"Private","targetPublishMode":"Immediate","targetPublishDate":` + noDate +
			`,"listings":{"en-us":{"baseListing":{"copyrightAndTrademarkInfo":"© Contoso","keywords":["notes"],"licenseTerms":"","privacyPolicy":"","supportContact":"","websiteUrl":"","description":"Contoso app, as it was first submitted by hand.","features":["Sync"],"releaseNotes":"Fixes.","images":[{"fileName":"screenshot-en-us.png","fileStatus":"Uploaded","id":"NUMBER","imageType":"Screenshot"}],"recommendedHardware":[],"minimumHardware":[],"title":"Contoso Notes","shortDescription":"Notes","shortTitle":"Notes","voiceTitle":"Notes","devStudio":"Contoso"},"platformOverrides":{}}}` +
			`,"hardwarePreferences":[],"automaticBackupEnabled":true,"canInstallOnRemovableMedia":true,"isGameDvrEnabled":false,"gamingOptions":[{"genres":[],"isLocalMultiplayer":false,"isLocalCooperative":false,"isOnlineMultiplayer":false,"isOnlineCooperative":false,"isBroadcastingPrivilegeGranted":true,"isCrossPlayEnabled":false,"kinectDataForExternal":"Disabled"}],"hasExternalInAppProducts":false,"meetAccessibilityGuidelines":false,"notesForCertification":"Log in as guest.","status":"PendingCommit",` + details +
			`,"fileUploadUrl":"` + base + `/storesync/ingestion/GUID?skoid=GUID&sktid=GUID&skt=2026-02-09T07%3A00%3A00Z&ske=2026-02-16T07%3A00%3A00Z&sks=b&skv=2021-08-06&sv=2021-08-06&se=2026-02-10T07%3A00%3A00Z&sr=b&sp=rwl&sig=SIG","applicationPackages":[{"fileName":"Contoso.Notes_1.0.0.0_x64.msix","fileStatus":"Uploaded","id":"NUMBER","version":"1.0.0.0","architecture":"x64","targetPlatform":"Windows10","languages":["en-US"],"capabilities":["runFullTrust"],"minimumDirectXVersion":"None","minimumSystemRam":"None","targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"]}],"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":false,"packageRolloutPercentage":0,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"},"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":` + noDate + `},"enterpriseLicensing":"Online","allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies":true,"allowTargetFutureDeviceFamilies":{"7":true,"Desktop":true,"Mobile":false,"Xbox":false,"Team":false,"Holographic":false},"friendlyName":"Submission 2","trailers":[]}`
	}
	status := func(name string) string { return `{"status":"` + name + `",` + details + `}` }
	path, document := "", ""
	check := func(method, target, body string, status int, want string) {
		t.Helper()
		a := c.do(method, target, body)
		got := number.ReplaceAllString(guid.ReplaceAllString(signature.ReplaceAllString(a.body, "sig=SIG"), "GUID"), "NUMBER")
		if got != want || a.status != status {
			t.Errorf("%s %s: %d\nwant %d %s\ngot  %s", method, target, a.status, status, want, got)
		}
		if !guid.MatchString(a.header.Get("MS-CorrelationId")) {
			t.Errorf("%s %s: MS-CorrelationId %q is no GUID", method, target, a.header.Get("MS-CorrelationId"))
		}
		document = a.body
	}
	check("GET", app, "", 200, `{`+entity+`,"hasAdvancedListingPermission":true}`)
	check("POST", app+"/submissions", "", 201, submission("true"))
	created := document
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(created), &made); err != nil {
		t.Fatal(err)
	}
	path = app + "/submissions/" + made.ID
	check("GET", app, "", 200, `{`+entity+`,"pendingApplicationSubmission":{"id":"NUMBER","resourceLocation":"applications/9NBLGGH4R315/submissions/NUMBER"},"hasAdvancedListingPermission":true}`)
	check("GET", path, "", 200, submission("true"))
	check("PUT", path, strings.Replace(created, `"fileStatus":"Uploaded","id":"2`, `"fileStatus":"PendingUpload","id":"2`, 1), 400,
		`{"code":"InvalidParameterValue","data":[],"details":[],"message":"Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: NUMBER","source":"Ingestion Api","target":"packages"}`)
	check("GET", path, "", 200, submission("true"))
	check("PUT", path, created, 200, submission("false"))
	check("POST", path+"/Commit", "", 202, `{"status":"CommitStarted"}`)
	for _, step := range []struct {
		wait time.Duration
		want string
	}{
		{0, "CommitStarted"}, {time.Second, "PreProcessing"}, {600 * time.Millisecond, "Certification"},
		{1500 * time.Millisecond, "Release"}, {600 * time.Millisecond, "Publishing"}, {300 * time.Millisecond, "Published"},
	} {
		c.clock.advance(step.wait)
		check("GET", path+"/status", "", 200, status(step.want))
	}
	check("GET", app, "", 200, `{`+entity+`,"hasAdvancedListingPermission":true}`)
	diff(t, made.ID, field(t, c.get(app), "lastPublishedApplicationSubmission.id").(string))
	if _, err := url.Parse(field(t, c.want(201, "POST", app+"/submissions", ""), "fileUploadUrl").(string)); err != nil {
		t.Error(err)
	}
}

// id19 are the ids that the service gives.
var id19 = regexp.MustCompile(`[12][0-9]{18}`)
