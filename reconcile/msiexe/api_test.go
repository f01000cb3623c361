package msiexe

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

const (
	contoso = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"
	base    = "/submission/v1/product/" + contoso
)

// apiToken is a credential with one token for ever.
type apiToken struct{}

func (apiToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "contoso-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// apiServer answers by "METHOD path" and remembers what it was asked.
type apiServer struct {
	mu      sync.Mutex
	asked   []string
	headers []http.Header
	bodies  []string
	answer  func(w http.ResponseWriter, r *http.Request)
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	s.headers = append(s.headers, r.Header.Clone())
	s.bodies = append(s.bodies, string(body))
	s.mu.Unlock()
	w.Header().Set("X-Correlation-ID", "c-1")
	s.answer(w, r)
}

// fixed answers everything alike.
func fixed(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func startAPI(t *testing.T, answer func(http.ResponseWriter, *http.Request), change func(*Options)) (*apiServer, *client) {
	t.Helper()
	s := &apiServer{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	options := Options{Endpoint: server.URL, SellerID: "12345", Credential: apiToken{}, Version: "1.2.3"}
	if change != nil {
		change(&options)
	}
	c, err := newClient(options)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func decodeFor[T any](body string) (T, *envelope, error) {
	var data T
	err := json.Unmarshal([]byte(body), &data)
	return data, nil, err
}

func TestEveryOperationHasItsPath(t *testing.T) {
	s, c := startAPI(t, func(w http.ResponseWriter, r *http.Request) {
		data := "{}"
		if r.Method == http.MethodGet {
			data = `{"availability":{},"properties":{},"listings":[],"packages":[{"packageId":"7"}],"listingAssets":[]}`
		}
		fixed(200, `{"isSuccess":true,"responseData":`+data+`}`)(w, r)
	}, nil)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	send := func(method, path string, body string) {
		t.Helper()
		_, err := c.send(ctx, "try", method, path, json.RawMessage(body))
		must(err)
	}
	_, err := c.metadata(ctx, contoso)
	must(err)
	_, err = c.module(ctx, contoso, "availability", nil)
	must(err)
	send("PUT", metadataPath(contoso), `{}`)
	send("PATCH", metadataPath(contoso), `{}`)
	_, err = c.packages(ctx, contoso)
	must(err)
	_, err = c.packageByID(ctx, contoso, "7")
	must(err)
	send("PUT", packagesPath(contoso), `{"packages":[]}`)
	send("PATCH", packagePath(contoso, "7"), `{}`)
	_, err = c.send(ctx, "commit", "POST", packagesCommitPath(contoso), nil)
	must(err)
	_, err = c.assets(ctx, contoso, nil)
	must(err)
	send("POST", assetsCreatePath(contoso), `{}`)
	send("PUT", assetsCommitPath(contoso), `{}`)
	_, err = c.status(ctx, contoso)
	must(err)
	_, err = c.send(ctx, "submit", "POST", submitPath(contoso), nil)
	must(err)
	_, err = c.submissionStatus(ctx, contoso, "99")
	must(err)
	want := []string{
		"GET " + base + "/metadata?includelanguagelist=true", "GET " + base + "/metadata/availability",
		"PUT " + base + "/metadata", "PATCH " + base + "/metadata",
		"GET " + base + "/packages", "GET " + base + "/packages/7",
		"PUT " + base + "/packages", "PATCH " + base + "/packages/7", "POST " + base + "/packages/commit",
		"GET " + base + "/listings/assets", "POST " + base + "/listings/assets/create", "PUT " + base + "/listings/assets/commit",
		"GET " + base + "/status", "POST " + base + "/submit", "GET " + base + "/submission/99/status",
	}
	if diff := cmp.Diff(want, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, header := range s.headers {
		got := []string{header.Get("X-Seller-Account-Id"), header.Get("Authorization"), header.Get("Content-Type")}
		if diff := cmp.Diff([]string{"12345", "Bearer contoso-token", "application/json"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.asked[i], diff)
		}
	}
}

func TestIDsStayOneSegment(t *testing.T) {
	for id, want := range map[string]string{
		"a/b": "a%2Fb", "..": "%2E%2E", ".": "%2E", "a b?c#d": "a%20b%3Fc%23d", "7": "7",
	} {
		if diff := cmp.Diff(base+"/packages/"+want, packagePath(contoso, id)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	s, c := startAPI(t, fixed(200, `{"isSuccess":true}`), nil)
	if _, err := c.send(t.Context(), "try", "PATCH", packagePath(contoso, "../../x"), json.RawMessage(`{}`)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PATCH " + base + "/packages/..%2F..%2Fx"}, s.asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPatchRefusedAsAMethod(t *testing.T) {
	for status, want := range map[int]bool{405: true, 501: true, 404: true, 400: false, 403: false} {
		_, c := startAPI(t, fixed(status, `{"statusCode":0,"message":"Resource not found"}`), nil)
		_, err := c.send(t.Context(), "write metadata", "PATCH", metadataPath(contoso), json.RawMessage(`{}`))
		if storehttp.IsMethodRefused(err) != want {
			t.Errorf("HTTP %d: method refused %v: %v", status, !want, err)
		}
	}
}

func TestPollPath(t *testing.T) {
	for in, want := range map[string]string{
		"/submission/v1/product/p/status":        "/submission/v1/product/p/status",
		"submission/v1/product/p/status":         "/submission/v1/product/p/status",
		" submission/v1/product/p%2Fq/status":    "/submission/v1/product/p%2Fq/status",
		"https://evil.example/submission/status": "",
		"//evil.example/submission/status":       "",
		"///evil.example/submission/status":      "",
		"/\\evil.example/submission/status":      "",
		"submission/../admin":                    "",
		"submission/%2e%2e/admin":                "",
		"/other/v1":                              "",
		"submission/v1?x=1":                      "",
		"":                                       "",
	} {
		got, err := pollPath(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// listings is a service with n listing languages that brings 200 at most.
func listings(n int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("l%03d", i))
		}
		wanted := names[:min(n, 200)]
		if query := r.URL.Query().Get("languages"); query != "" {
			wanted = strings.Split(query, ",")
		}
		if len(wanted) > 200 {
			fixed(400, "")(w, r)
			return
		}
		type row struct {
			Language string `json:"language"`
		}
		data := map[string][]row{}
		modules := `{"availability":{},"properties":{},`
		rows := func(names []string) (rows []row) {
			for _, name := range names {
				rows = append(rows, row{name})
			}
			return rows
		}
		data["listings"], data["listingAssets"] = rows(wanted), rows(wanted)
		if r.URL.Query().Get("includelanguagelist") == "true" {
			data["listingLanguages"] = rows(names)
		}
		encoded, _ := json.Marshal(data)
		fixed(200, `{"isSuccess":true,"responseData":`+modules+string(encoded[1:])+`}`)(w, r)
	}
}

func TestMoreThan200LanguagesAreReadInGroups(t *testing.T) {
	for languages, requests := range map[int]int{1: 1, 200: 1, 201: 2, 400: 2, 401: 3} {
		s, c := startAPI(t, listings(languages), nil)
		documents, err := c.metadata(t.Context(), contoso)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, raw := range documents.Listings {
			seen[string(raw)] = true
		}
		if len(seen) != languages || len(documents.Listings) != languages || len(s.asked) != requests {
			t.Errorf("%d languages: %d listings (%d different) in %d requests, want %d", languages, len(documents.Listings), len(seen), len(s.asked), requests)
		}
		var names []string
		for i := range languages {
			names = append(names, fmt.Sprintf("l%03d", i))
		}
		s.asked = nil
		assets, err := c.assets(t.Context(), contoso, names)
		if want := (languages + 199) / 200; err != nil || len(assets) != languages || len(s.asked) != want {
			t.Errorf("%d languages: images of %d in %d requests, want %d: %v", languages, len(assets), len(s.asked), want, err)
		}
	}
}

func TestReadOnlyClientWritesNothing(t *testing.T) {
	s, c := startAPI(t, fixed(200, `{"isSuccess":true}`), func(o *Options) { o.ReadOnly = true })
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		_, err := c.send(t.Context(), "try", method, metadataPath(contoso), json.RawMessage(`{}`))
		if _, ok := errors.AsType[*storehttp.ReadOnlyError](err); !ok {
			t.Errorf("%s: %v", method, err)
		}
	}
	target := storehttp.UploadTarget{URL: storehttp.NewSASURL(c.pipeline.Endpoint().String() + "/blob?sig=SECRET"), Method: "PUT"}
	err := c.upload(t.Context(), target, strings.NewReader("x"), 1, nil)
	if _, ok := errors.AsType[*storehttp.ReadOnlyError](err); !ok || strings.Contains(errorText(err), "SECRET") {
		t.Errorf("upload: %v", err)
	}
	if len(s.asked) != 0 {
		t.Errorf("sent %v", s.asked)
	}
	if _, err := c.status(t.Context(), contoso); err != nil {
		t.Error(err)
	}
}

func TestUploadAndDigestCarryNoToken(t *testing.T) {
	s, c := startAPI(t, fixed(200, "picture"), nil)
	target := storehttp.UploadTarget{
		Name: "logo.png", URL: storehttp.NewSASURL(c.pipeline.Endpoint().String() + "/blob?sig=SECRET"), Method: "PUT",
		Headers: map[string]string{"Content-Type": "image/png"}, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("picture"))),
	}
	if err := c.upload(t.Context(), target, strings.NewReader("picture"), 7, nil); err != nil {
		t.Fatal(err)
	}
	digest, err := c.imageDigest(t.Context(), c.pipeline.Endpoint().String()+"/blob")
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("picture"))); err != nil || digest != want {
		t.Errorf("%s, %v", digest, err)
	}
	for i, header := range s.headers {
		if header.Get("Authorization") != "" || header.Get("X-Seller-Account-Id") != "" {
			t.Errorf("%s carries %v", s.asked[i], header)
		}
	}
}

func TestAddressesIntoThisMachineAreRefused(t *testing.T) {
	s, c := startAPI(t, fixed(200, "secret"), nil)
	local := c.pipeline.Endpoint().String()
	public, err := newClient(Options{SellerID: "1", Credential: apiToken{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := public.imageDigest(t.Context(), local+"/x"); !errors.Is(err, storehttp.ErrUnreadable) {
		t.Errorf("digest: %v", err)
	}
	err = public.upload(t.Context(), storehttp.UploadTarget{URL: storehttp.NewSASURL(local + "/x")}, strings.NewReader("x"), 1, nil)
	if err == nil || len(s.asked) != 0 {
		t.Errorf("upload: %v; sent %v", err, s.asked)
	}
}

func TestUploadRefusedText(t *testing.T) {
	_, c := startAPI(t, fixed(403, `<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.
RequestId:r</Message></Error>`), nil)
	host := c.pipeline.Endpoint().Host
	target := storehttp.UploadTarget{Name: "images/logo.png", URL: storehttp.NewSASURL("http://" + host + "/b?sig=SECRET"), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("x")))}
	err := c.upload(t.Context(), target, strings.NewReader("x"), 1, nil)
	want := "upload images/logo.png to " + host + ": HTTP 403 Forbidden: AuthenticationFailed: Server failed to authenticate the request. (correlation id c-1)\n" +
		"  Upload addresses live one hour. Run the same command again: it asks for new ones."
	if diff := cmp.Diff(want, errorText(err)); diff != "" || plan.ClassOf(err) != plan.ClassError {
		t.Errorf("class %s (-want +got):\n%s", plan.ClassOf(err), diff)
	}
}

func TestNewClientChecksItsOptions(t *testing.T) {
	good := Options{Endpoint: "https://api.contoso.example", SellerID: "1", Credential: apiToken{}}
	tests := map[string]struct {
		change func(*Options)
		want   string
	}{
		"no seller id": {func(o *Options) { o.SellerID = " " },
			"the seller id is not set\n  Set STORESYNC_SELLER_ID to the seller id of the Partner Center account (Account settings > Organization profile > Legal info)."},
		"seller id with a line break": {func(o *Options) { o.SellerID = "1\r\nX-Evil: 1" },
			"the seller id holds spaces or characters that a header cannot carry\n  Set STORESYNC_SELLER_ID to the bare number from Partner Center."},
		"no credential": {func(o *Options) { o.Credential = nil },
			"set up the MSI/EXE API: no credential to reach https://api.contoso.example"},
		"plain http": {func(o *Options) { o.Endpoint = "http://api.contoso.example" },
			"set up the MSI/EXE API: endpoint http://api.contoso.example: is plain http, which is accepted on loopback only: use https"},
	}
	for name, test := range tests {
		options := good
		test.change(&options)
		_, err := newClient(options)
		if diff := cmp.Diff(test.want, errorText(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEndpointWithAPathPrefix(t *testing.T) {
	s, c := startAPI(t, fixed(200, `{"isSuccess":true,"responseData":{"isReady":true}}`), func(o *Options) { o.Endpoint += "/proxy/" })
	if _, err := c.status(t.Context(), contoso); err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(strings.TrimPrefix(s.asked[0], "GET "))
	if diff := cmp.Diff("/proxy"+base+"/status", u.Path); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInterruptedRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, c := startAPI(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }, nil)
	_, err := c.send(ctx, "submit product contoso", "POST", submitPath(contoso), nil)
	want := "submit product contoso: no answer: context canceled; it may have been carried out all the same\n" +
		"  Run the same command again: it reads the Store first and goes on from what is there."
	if diff := cmp.Diff(want, errorText(err)); diff != "" || plan.ClassOf(err) != plan.ClassInterrupted {
		t.Errorf("class %s (-want +got):\n%s", plan.ClassOf(err), diff)
	}
}
