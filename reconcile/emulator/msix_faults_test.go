package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

// TestMsixFaults: faults, a lost answer, and waiting in virtual time.
func TestMsixFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := emulator.New(emulator.Options{Latency: time.Second, Pace: emulator.Pace{Certification: time.Hour}})
		if err != nil || !e.SeedMsixApp(appID, []string{"en-us"}) {
			t.Fatal(err)
		}
		c := msixClient{&client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}}}, nil}
		if err := e.SetFaults([]byte(`[{"match":"POST .*/submissions$","action":"drop-after"},{"match":"GET .*/applications$","action":"status","status":503,"retryAfter":7},{"match":"GET .*/applications$","nth":2,"action":"status","status":429,"retryAfter":5}]`)); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), "POST", base+app+"/submissions", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header
		if _, err := e.Do(r); err == nil {
			t.Fatal("the answer was not lost")
		}
		path := "/v1.0/my/" + field(t, c.get(app), "pendingApplicationSubmission.resourceLocation").(string)
		for _, want := range []string{
			`503 7 {"code":"UnknownInternalFailure","data":[],"details":[],"message":"The service cannot answer now. Try again later.","source":"Ingestion Api"}`,
			`429 5 {"statusCode":429,"message":"Rate limit is exceeded. Try again in 5 seconds."}`,
		} {
			a := c.do("GET", "/v1.0/my/applications", "")
			diff(t, want, fmt.Sprint(a.status, " ", a.header.Get("Retry-After"), " ", a.body))
			if a.header.Get("MS-CorrelationId") == "" {
				t.Error("no MS-CorrelationId")
			}
		}
		c.want(202, "POST", path+"/commit", "")
		begun := time.Now()
		for c.get(path + "/status")["status"] != "Published" {
			time.Sleep(30 * time.Second)
		}
		if took := time.Since(begun); took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("published after %s", took)
		}
	})
}

// TestMsixFolder: a later emulator goes on where an earlier one stopped.
func TestMsixFolder(t *testing.T) {
	clock := newClock()
	options := emulator.Options{Folder: t.TempDir(), Now: clock.Now}
	open := func() msixClient {
		e, err := emulator.New(options)
		if err != nil {
			t.Fatal(err)
		}
		return msixClient{&client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}}}, clock}
	}
	one := open()
	if err := one.e.Seed([]byte(`{"msix":[{"appId":"`+appID+`","packageIdentityName":"Contoso.Notes","submission":{"newTop":{"b":1.50,"a":[null]}}}]}`), nil); err != nil {
		t.Fatal(err)
	}
	path, document := one.create()
	document = one.add(path, document, []string{"a.msixupload"}, nil)
	one.uploadArchive(document, archive(t, "a.msixupload", archive(t, "a.msix", msix(t, "1.1.0.0", "x64"))))
	before := one.do("GET", path, "").body
	two := open()
	diff(t, before, two.do("GET", path, "").body)
	diff(t, "Published", two.commit(path))
	diff(t, any("1.1.0.0"), field(t, one.get(path), "applicationPackages.1.version"))
}

// TestMsixForcedHere: a client that believes to talk to the real service is
// given upload URLs of the emulator.
func TestMsixForcedHere(t *testing.T) {
	c := startMsix(t, "", "")
	server := httptest.NewServer(c.e)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, step := range []struct{ method, path, body string }{
		{"POST", app + "/submissions", `"fileUploadUrl":"` + server.URL + `/storesync/ingestion/`},
		{"DELETE", "", ""},
	} {
		path := step.path
		if path == "" {
			path = "/v1.0/my/" + field(t, c.get(app), "pendingApplicationSubmission.resourceLocation").(string)
		}
		r, err := http.NewRequestWithContext(ctx, step.method, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header.Clone()
		r.Host = "manage.devcenter.microsoft.com"
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var body strings.Builder
		if err := response.Write(&body); err != nil || response.Body.Close() != nil {
			t.Fatal(err)
		}
		if !strings.Contains(body.String(), step.body) {
			t.Errorf("%s: %s", step.method, body.String())
		}
	}
}

// TestMsixHostile: requests and archives that are made to be slow are not.
func TestMsixHostile(t *testing.T) {
	c := startMsix(t, "", "")
	path, document := c.create()
	begun := time.Now()
	many := make([]any, 30_000)
	for i := range many {
		many[i] = map[string]any{"fileName": fmt.Sprint(i), "fileStatus": "PendingUpload"}
	}
	wide := map[string]any{}
	for i := range 50_000 {
		wide[fmt.Sprint("x", i)] = 1
	}
	for at, value := range map[string]any{"applicationPackages": many, "trailers": many, "listings.en-us.baseListing.images": many, "pricing": wide} {
		was := field(t, document, at)
		set(t, document, at, value)
		if status := c.do("PUT", path, text(t, document)).status; (status == 200) != (at == "pricing") {
			t.Errorf("%s: %d", at, status)
		}
		set(t, document, at, was)
	}
	c.want(200, "PUT", path, text(t, document))
	document = c.add(path, document, []string{"a.msixbundle"}, nil)
	entries := strings.Repeat(`<Package Type="application" FileName="a.msix"/>`, 100_000)
	c.uploadArchive(document, archive(t, "a.msixbundle", archive(t, "a.msix", msix(t, "1.1.0.0", "x64"), "AppxMetadata/AppxBundleManifest.xml",
		`<Bundle><Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="1.1.0.0"/><Packages>`+entries+`</Packages></Bundle>`)))
	diff(t, "CommitFailed\nPackageValidationFailed: The package a.msixbundle is not valid: it names the package a.msix twice.", c.commit(path))
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}
