package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

func TestErrorsSayWhatToDo(t *testing.T) {
	tests := []struct {
		name    string
		answer  reply
		class   plan.Class
		phrases []string
	}{
		{"details", reply{status: 400, header: map[string]string{"MS-CorrelationId": "c-1"},
			body: `{"code":"InvalidParameterValue","data":["x1"],"details":[{"code":"Other","message":"too\nlong","target":"title"},"plain",{"details":"d"},7],"message":"Bad","source":"Ingestion Api","target":"listings","innererror":{"message":"deep"}}`},
			plan.ClassError, []string{"InvalidParameterValue: Bad (listings)", "Other: too long (title)", "plain", "; d", "and 1 more", "(correlation id c-1)"}},
		{"gateway", reply{status: 404, body: `{"statusCode":404,"message":"Resource not found"}`}, plan.ClassError, []string{"Resource not found", "spec.appId"}},
		{"no body", reply{status: 403}, plan.ClassCredentials, []string{"HTTP 403 Forbidden", "Manager role", "AZURE_TENANT_ID"}},
		{"HTML", reply{status: 409, body: "<html>SECRET</html>"}, plan.ClassError, []string{"HTTP 409 Conflict"}},
		{"features", no(409, "InvalidState", "The application uses features not supported by the submission API.", ""), plan.ClassError, []string{"mandatory app updates", "Manage the product in Partner Center"}},
		{"token", reply{status: 401}, plan.ClassCredentials, []string{"HTTP 401", "Manager role"}},
		{"signature in a message", no(400, "Other", "bad https://blob.contoso.example/?sig=SECRET", ""), plan.ClassError, []string{"sig=REDACTED"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := against(t, map[string][]reply{"GET app": {test.answer}})
			_, err := b.client.application(t.Context(), testApp)
			checkError(t, err, test.class, append(test.phrases, "read app "+testApp)...)
			if strings.ContainsAny(strings.SplitN(err.Error(), "\n  ", 2)[0], "\n\r") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestThrottlingIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttled := reply{status: 429, body: `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 40 seconds."}`}
		b, store := inVirtualTime(t, map[string][]reply{"POST submissions": {throttled, throttled, {status: 201, body: draftWith(t, nil)}}})
		begin := time.Now()
		if _, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, plainStep(stepCreate)); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begin); waited < 80*time.Second || waited > 100*time.Second || len(store.requests()) != 3 {
			t.Errorf("%d requests in %s", len(store.requests()), waited)
		}
	})
}

// renewed is a credential whose first token is refused.
type renewed struct{ asked, forgotten atomic.Int32 }

func (r *renewed) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token-" + strconv.Itoa(int(r.asked.Add(1))), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func (r *renewed) Forget(string) bool { r.forgotten.Add(1); return true }

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	var used []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		used = append(used, r.Header.Get("Authorization"))
		if len(used) == 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, draftWith(t, nil))
	}))
	defer server.Close()
	credential := &renewed{}
	b, err := newBackend(Options{Endpoint: server.URL, Account: "contoso", Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, plainStep(stepCreate)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Bearer token-1", "Bearer token-2"}, used); diff != "" || credential.forgotten.Load() != 1 {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
}

func TestReadsRefuseStrangeAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"HTML": "<html></html>", "another app": `{"id":"9NBLGGH4R316"}`, "no id": "{}", "null": "null",
	} {
		b, _ := against(t, map[string][]reply{"GET app": {ok(answer)}})
		if app, err := b.client.application(t.Context(), testApp); err == nil {
			t.Errorf("%s was taken for %+v", name, app)
		}
	}
	for name, answer := range map[string]string{
		"HTML": "<html></html>", "another one": liveSubmission, "no id": `{"listings":{},"pricing":{},"applicationPackages":[]}`, "minimal": `{"id":"` + testDraft + `"}`, "list": "[]",
	} {
		b, _ := against(t, map[string][]reply{"GET submissions/" + testDraft: {ok(answer)}})
		if _, err := b.client.submission(t.Context(), testProduct(), testDraft); err == nil {
			t.Errorf("%s was taken for the draft", name)
		} else {
			checkError(t, err, plan.ClassError, "read submission "+testDraft)
		}
	}
}

func TestApplicationIsReadWhateverItsSpelling(t *testing.T) {
	b, _ := against(t, map[string][]reply{"GET app": {ok(`{"ID":"9nblggh4r315","PackageIdentityName":"Contoso.Notes","PublisherName":"CN=Contoso",
		"lastPublishedApplicationSubmission":{"id":1152921500000000001},"pendingApplicationSubmission":{"id":null},"hasAdvancedListingPermission":true}`)}})
	got, err := b.client.application(t.Context(), testApp)
	if err != nil {
		t.Fatal(err)
	}
	want := &application{ID: "9nblggh4r315", PackageIdentityName: "Contoso.Notes", PublisherName: "CN=Contoso", HasAdvancedListingPermission: true,
		LastPublished: &submissionRef{ID: testPublished}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIdsStayOneSegmentOfAPath(t *testing.T) {
	for id, want := range map[string]string{
		"..": "/v1.0/my/applications/%2E%2E/submissions", "a/b": "/v1.0/my/applications/a%2Fb/submissions", "a?b": "/v1.0/my/applications/a%3Fb/submissions",
		draftID: "/v1.0/my/applications/" + draftID + "/submissions",
	} {
		if diff := cmp.Diff(want, appProduct(id).submissionsPath()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// pages is a service with so many apps, in pages of at most most.
func pages(apps, most int, next func(skip, top int) string) (*httptest.Server, *atomic.Int32) {
	var asked atomic.Int32
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if one, single := strings.CutPrefix(r.URL.Path, applicationsPath()+"/"); single {
			fmt.Fprintf(w, `{"id":%q}`, one)
			return
		}
		skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
		top, _ := strconv.Atoi(r.URL.Query().Get("top"))
		top = min(top, most)
		var value []string
		for i := skip; i < min(skip+top, apps); i++ {
			value = append(value, fmt.Sprintf(`{"id":"APP%d"}`, i))
		}
		link := ""
		if skip+top < apps {
			link = fmt.Sprintf(`,"@nextLink":%q`, next(skip+top, top))
		}
		fmt.Fprintf(w, `{"value":[%s],"totalCount":%d%s}`, strings.Join(value, ","), apps, link)
	})), &asked
}

func pageLink(skip, top int) string { return fmt.Sprintf("applications?skip=%d&top=%d", skip, top) }

func TestApplicationsAreReadPageByPage(t *testing.T) {
	server, asked := pages(25, 10, pageLink)
	defer server.Close()
	b, err := newBackend(Options{Endpoint: server.URL, Account: "contoso", Credential: fixedToken{}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	err = readPages(t.Context(), b.client, appList(), func(page []*application, _ left) bool {
		for _, app := range page {
			ids = append(ids, string(app.ID))
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(ids) != 25 || ids[24] != "APP24" || asked.Load() != 3 {
		t.Errorf("%d requests for %v", asked.Load(), ids)
	}
	for name, next := range map[string]func(skip, top int) string{
		"back": func(int, int) string { return "applications?skip=0&top=10" }, "nowhere": func(int, int) string { return "https://evil.example/" },
		"no number": func(int, int) string { return "applications?skip=x&top=10" },
	} {
		server, asked := pages(25, 10, next)
		defer server.Close()
		b, err := newBackend(Options{Endpoint: server.URL, Account: "contoso", Credential: fixedToken{}})
		if err != nil {
			t.Fatal(err)
		}
		last := readPages(t.Context(), b.client, appList(), func([]*application, left) bool { return false })
		if last == nil || asked.Load() != 1 {
			t.Errorf("a next page that leads %s was followed %d times: %v", name, asked.Load()-1, last)
		}
	}
}

func TestPrepareReadsTheListWhenThatIsLess(t *testing.T) {
	tests := []struct {
		name   string
		apps   int
		wanted []string
		want   int32 // requests for Prepare and one look at each
	}{
		{"one app", 25, []string{"APP3"}, 1},
		{"two on one page", 90, []string{"APP3", "app80"}, 1},
		{"two of many pages", 950, []string{"APP3", "APP800"}, 2},
		{"five of three pages", 250, []string{"APP3", "APP4", "APP5", "APP6", "APP249"}, 2},
		{"one is not listed", 25, []string{"APP3", "GONE"}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, asked := pages(test.apps, pageSize, pageLink)
			defer server.Close()
			b, err := newBackend(Options{Endpoint: server.URL, Account: "contoso", Credential: fixedToken{}})
			if err != nil {
				t.Fatal(err)
			}
			var manifests []*schema.Manifest
			for _, id := range test.wanted {
				manifests = append(manifests, &schema.Manifest{Kind: schema.MsixAppKind, Metadata: schema.Metadata{Name: id}, MsixApp: &schema.MsixApp{AppID: id}})
			}
			if err := b.Prepare(t.Context(), manifests); err != nil {
				t.Fatal(err)
			}
			for _, m := range manifests {
				if _, err := b.find(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			if asked.Load() != test.want {
				t.Errorf("%d requests, want %d", asked.Load(), test.want)
			}
			// A second look asks again.
			if _, err := b.find(t.Context(), manifests[0]); err != nil || asked.Load() != test.want+1 {
				t.Errorf("the second look asked %d times: %v", asked.Load()-test.want, err)
			}
		})
	}
}

func TestUploadExpiry(t *testing.T) {
	for address, want := range map[string]string{
		"https://blob.contoso.example/c/f?se=2026-02-10T07%3A24%3A27Z&sig=SECRET": "2026-02-10T07:24:27Z",
		"https://blob.contoso.example/c/f?se=2026-02-10T07:24Z":                   "2026-02-10T07:24:00Z",
		"https://blob.contoso.example/c/f?se=2026-02-10":                          "2026-02-10T00:00:00Z",
		"https://blob.contoso.example/c/f?sig=SECRET":                             "",
		"https://blob.contoso.example/c/f?se=soon":                                "",
		"\x7f": "",
	} {
		got := ""
		if at, known := uploadExpiry(storehttp.NewSASURL(address)); known {
			got = at.UTC().Format(time.RFC3339)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

func TestDraftStepWaitsUntilANewDraftIsKnown(t *testing.T) {
	b, store := against(t, map[string][]reply{"GET submissions/" + testDraft: {{status: 404}, {status: 404}, ok(draftWith(t, nil))}})
	outputs := map[string]json.RawMessage{stepCreate: json.RawMessage(`{"id":"` + testDraft + `"}`)}
	result, err := runSteps(t, b, notes(schema.MsixApp{}), outputs, plainStep(stepDraft))
	if err != nil || result.Draft != testDraft || len(store.requests()) != 3 {
		t.Errorf("%+v after %v: %v", result, store.requests(), err)
	}
	// One that was there before is gone when the Store says so, and nobody is
	// sent to look for a wrong app id.
	b, store = against(t, map[string][]reply{"GET submissions/" + testDraft: {{status: 404}}})
	step := plainStep(stepDraft)
	step.Path = testProduct().submissionPath(testDraft)
	_, err = runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, step)
	checkError(t, err, plan.ClassError, "HTTP 404", "not there any more")
	if len(store.requests()) != 1 {
		t.Errorf("asked %v", store.requests())
	}
}

func TestStatusesInTheirOrder(t *testing.T) {
	for i, status := range course() {
		for j, goal := range course() {
			if atOrBeyond(status, goal) != (i >= j) {
				t.Errorf("%s at or beyond %s: %v", status, goal, i < j)
			}
		}
		if isRunning(status) != (i > 0 && status != statusPublished) || hasFailed(status) {
			t.Errorf("%s is judged wrongly", status)
		}
	}
	for _, status := range []string{"CommitFailed", "PreProcessingFailed", "CertificationFailed", "ReleaseFailed", "PublishFailed", "Canceled"} {
		if !hasFailed(status) || !hasEnded(status) || isRunning(status) {
			t.Errorf("%s did not fail", status)
		}
	}
	if isRunning("") || isRunning("None") || !isRunning("InReview") || atOrBeyond("InReview", statusPublished) || slices.ContainsFunc([]string{"", "None"}, hasEnded) {
		t.Error("a word that says nothing is judged wrongly")
	}
}
