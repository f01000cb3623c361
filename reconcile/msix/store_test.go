package msix

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

const (
	testApp       = "9NBLGGH4R315"
	testPublished = "1152921500000000001"
	testDraft     = "1152921500000000002"
)

// testProduct is the app of the tests.
func testProduct() product { return appProduct(testApp) }

// liveSubmission is a published submission as the service answers it, with
// members that no page names.
const liveSubmission = `{"id":"1152921500000000001","applicationCategory":"Productivity","pricing":{"trialPeriod":"NoFreeTrial",
	"marketSpecificPricings":{"LB":"NotAvailable","EH":"NotAvailable","JP":"Tier12"},"sales":[],"priceId":"Tier2","isAdvancedPricingModel":true},
	"visibility":"Public","targetPublishMode":"Immediate","targetPublishDate":"1601-01-01T00:00:00.0000000Z",
	"listings":{"en-us":{"baseListing":{"title":"Contoso Notes","description":"Take notes.","features":["Sync"],"keywords":["notes"],"recommendedHardware":[],"minimumHardware":[],
		"images":[{"fileName":"editor.png","fileStatus":"Uploaded","id":"1152922700000000001","imageType":"Screenshot","description":"The editor"}],
		"privacyPolicy":"","futureText":"kept"},"platformOverrides":{"Windows81":{"description":"Old."}}}},
	"hardwarePreferences":["Touch"],"automaticBackupEnabled":true,"canInstallOnRemovableMedia":true,"isGameDvrEnabled":false,
	"gamingOptions":[{"genres":[],"isLocalMultiplayer":false,"localMultiplayerMinPlayers":2,"kinectDataForExternal":"Disabled"}],
	"hasExternalInAppProducts":false,"meetAccessibilityGuidelines":false,"notesForCertification":"user: a, password: hunter22",
	"status":"Published","statusDetails":{"errors":[],"warnings":[],"certificationReports":[]},"fileUploadUrl":null,
	"applicationPackages":[{"fileName":"ContosoNotes_1.0.0.0_x64.msix","fileStatus":"Uploaded","id":"2000000000000000001","version":"1.0.0.0","architecture":"x64",
		"targetPlatform":"Windows10","languages":["en-US"],"capabilities":["runFullTrust"],"minimumDirectXVersion":"None","minimumSystemRam":"None",
		"targetDeviceFamilies":["Windows.Desktop min version 10.0.17763.0"]}],
	"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":false,"packageRolloutPercentage":0.0,"packageRolloutStatus":"PackageRolloutNotStarted","fallbackSubmissionId":"0"},
		"isMandatoryUpdate":false,"mandatoryUpdateEffectiveDate":"1601-01-01T00:00:00.0000000Z"},
	"enterpriseLicensing":"Online","allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies":true,"allowTargetFutureDeviceFamilies":{"7":true,"Desktop":true,"Mobile":false,"Xbox":false,"Team":false,"Holographic":false},
	"friendlyName":"Submission 19","trailers":[],"somethingNew":{"count":12345678901234567890,"share":1.50}}`

// draftWith is the draft made of liveSubmission, with other members set.
func draftWith(t *testing.T, changes map[string]string) string {
	t.Helper()
	d := parsed(t, liveSubmission)
	all := map[string]string{
		"/id": `"` + testDraft + `"`, "/status": `"PendingCommit"`, "/friendlyName": `"Submission 20"`,
		"/fileUploadUrl": `"https://blob.contoso.example/ingestion/f?se=2099-01-01T00%3A00%3A00Z&sig=SECRET"`,
	}
	for _, set := range []map[string]string{all, changes} {
		for pointer, value := range set {
			if err := d.set(pointer, json.RawMessage(value)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return string(d.raw())
}

// appWith is the app with these submissions; "" for none.
func appWith(published, pending string) string {
	app := `{"id":"` + testApp + `","primaryName":"Contoso Notes","PackageFamilyName":"Contoso.Notes_abc","packageIdentityName":"Contoso.Notes","publisherName":"CN=Contoso","hasAdvancedListingPermission":true`
	if published != "" {
		app += `,"lastPublishedApplicationSubmission":{"id":"` + published + `","resourceLocation":"x"}`
	}
	if pending != "" {
		app += `,"pendingApplicationSubmission":{"id":"` + pending + `","resourceLocation":"x"}`
	}
	return app + "}"
}

// reply is one scripted answer.
type reply struct {
	status int // 200 when 0
	body   string
	header map[string]string
	// lost breaks the connection instead of answering.
	lost bool
}

func ok(body string) reply { return reply{body: body} }

// no is a refusal in the service's shape.
func no(status int, code, message, target string) reply {
	return reply{status: status, header: map[string]string{"MS-CorrelationId": "c-1"},
		body: string(encode(map[string]any{"code": code, "data": []string{}, "details": []string{}, "message": message, "source": "Ingestion Api", "target": target}))}
}

func lost() reply { return reply{lost: true} }

func isAt(status string) reply {
	return ok(`{"status":"` + status + `","statusDetails":{"errors":[],"warnings":[{"code":"SalesUnsupportedWarning","details":"gone"}],"certificationReports":[]}}`)
}

// script is a Store that answers each "METHOD path" with its replies in turn;
// the last one stays. Paths are below the app, which is itself "app".
type script struct {
	t       *testing.T
	replies map[string][]reply

	mu     sync.Mutex
	log    []string
	bodies []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	path := r.URL.Path
	if rest, below := strings.CutPrefix(path, applicationPath(testApp)); below {
		path = strings.TrimPrefix(rest, "/")
		if path == "" {
			path = "app"
		}
	}
	key := r.Method + " " + path
	s.mu.Lock()
	s.log = append(s.log, key)
	s.bodies = append(s.bodies, string(body))
	queue := s.replies[key]
	if len(queue) > 1 {
		s.replies[key] = queue[1:]
	}
	s.mu.Unlock()
	if len(queue) == 0 {
		s.t.Errorf("unexpected request %s", key)
		http.NotFound(w, r)
		return
	}
	answer := queue[0]
	if answer.lost {
		panic(http.ErrAbortHandler)
	}
	for name, value := range answer.header {
		w.Header().Set(name, value)
	}
	if answer.status != 0 {
		w.WriteHeader(answer.status)
	}
	io.WriteString(w, answer.body)
}

// requests is what was asked, in order.
func (s *script) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// bodyOf is the body of the last such request.
func (s *script) bodyOf(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, entry := range slices.Backward(s.log) {
		if entry == key {
			return s.bodies[i]
		}
	}
	return ""
}

type fixedToken struct{}

func (fixedToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "test-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// against makes a backend that talks to a scripted Store.
func against(t *testing.T, replies map[string][]reply) (*backend, *script) {
	t.Helper()
	s := &script{t: t, replies: replies}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	b, err := newBackend(Options{Endpoint: server.URL, Account: "contoso", Credential: fixedToken{}})
	if err != nil {
		t.Fatal(err)
	}
	b.poll = storehttp.PollOptions{Initial: time.Millisecond, Max: time.Millisecond}
	return b, s
}

// Do makes a script a transport of its own, for tests in virtual time.
func (s *script) Do(r *http.Request) (response *http.Response, err error) {
	recorder := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer func() {
		if recover() != nil {
			response, err = nil, io.ErrUnexpectedEOF
		}
	}()
	s.ServeHTTP(recorder, r)
	answer := recorder.Result()
	answer.Request = r
	return answer, nil
}

// inVirtualTime makes a backend whose transport is the script itself; for use
// within synctest.
func inVirtualTime(t *testing.T, replies map[string][]reply) (*backend, *script) {
	t.Helper()
	s := &script{t: t, replies: replies}
	b, err := newBackend(Options{Endpoint: "http://127.0.0.1:1", Account: "contoso", Credential: fixedToken{}, Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return b, s
}

// notes is a manifest of the test app.
func notes(spec schema.MsixApp) *schema.Manifest {
	spec.AppID = testApp
	return &schema.Manifest{Kind: schema.MsixAppKind, Metadata: schema.Metadata{Name: "contoso-notes"}, MsixApp: &spec, File: "notes.yaml"}
}

// putOf is the put of a change to a document, by pointer.
func putOf(t *testing.T, base string, changes map[string]string) plan.Operation {
	t.Helper()
	from := parsed(t, base)
	to := from.clone()
	for pointer, value := range changes {
		if err := to.set(pointer, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
	}
	patch, err := makePatch(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Operation{ID: stepPut, Verb: plan.VerbCall, Method: http.MethodPut, Path: testProduct().submissionPath(draftID),
		Body: encode(putBody{Base: from.digest(), Patch: patch}), Effect: plan.EffectDraft}
}

// plainStep is any other operation, on the draft that create makes.
func plainStep(id string) plan.Operation {
	o := plan.Operation{ID: id, Verb: plan.VerbCall, Path: testProduct().submissionPath(draftID)}
	switch id {
	case stepCreate:
		o.Method, o.Path = http.MethodPost, testProduct().createPath()
	case stepCommit:
		o.Method, o.Path = http.MethodPost, testProduct().commitPath(draftID)
	case stepVerify:
		o.Verb = plan.VerbVerify
	}
	return o
}

// runSteps carries operations out as the engine does: the first error ends it.
func runSteps(t *testing.T, b *backend, m *schema.Manifest, outputs map[string]json.RawMessage, operations ...plan.Operation) (*reconcile.Result, error) {
	t.Helper()
	var last *reconcile.Result
	for _, operation := range operations {
		result, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation, Outputs: outputs})
		if err != nil {
			return nil, err
		}
		outputs[operation.ID] = result.Output
		last = result
	}
	return last, nil
}
