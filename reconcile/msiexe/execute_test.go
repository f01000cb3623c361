package msiexe

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// openBytes opens any name as the same content.
func openBytes(content string) func(string) (io.ReadSeekCloser, error) {
	return func(string) (io.ReadSeekCloser, error) {
		return nopCloser{bytes.NewReader([]byte(content))}, nil
	}
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// combined is an operation whose body has several parts.
func combined(t *testing.T) (*schema.Manifest, plan.Operation) {
	t.Helper()
	m := reader(schema.MsiExeApp{
		Availability:            &schema.Availability{EnableInFutureMarkets: new(false)},
		RemoveUnlistedLanguages: true,
		Listings:                map[string]*schema.Listing{"en-us": {WhatsNew: text("More.")}, "fr-fr": {Description: text("x")}},
	})
	_, operations := lower(t, m, liveDraft(), nil)
	return m, operationOf(t, operations, "metadata.en-us")
}

func oneWord(t *testing.T) (*schema.Manifest, plan.Operation) {
	t.Helper()
	m := reader(listingsOf(map[string]*schema.Listing{"de-de": {Description: text("Neu.")}}))
	_, operations := lower(t, m, liveDraft(), nil)
	return m, operationOf(t, operations, "metadata.de-de")
}

func plainCall(id, method, path string) plan.Operation {
	return plan.Operation{ID: id, Verb: plan.VerbCall, Method: method, Path: path, Effect: plan.EffectDraft, Summary: "does " + id}
}

func TestExecuteSendsPartsApartWhenRefusedTogether(t *testing.T) {
	m, operation := combined(t)
	b, store, _ := against(t, map[string][]reply{
		"PATCH metadata": {no("badrequest", "send one at a time", "listings"), ok(`{}`)},
		"GET status":     {ready()},
		// de-de is gone already: the refused request did that much.
		"GET metadata": {ok(`{"availability":{},"properties":{},"listings":[{"language":"EN-us"}]}`)},
	})
	if _, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PATCH metadata " + string(operation.Body),
		"GET status",
		"GET metadata?includelanguagelist=true",
		`PATCH metadata {"listingsToAdd":["fr-fr"]}`,
		`PATCH metadata {"availability":{"enableInFutureMarkets":false}}`,
		`PATCH metadata {"listings":{"language":"en-us","whatsNew":"More."}}`,
	}
	if diff := cmp.Diff(want, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestExecuteWaitsForADraftThatIsNotReady(t *testing.T) {
	m, operation := oneWord(t)
	b, store, _ := against(t, map[string][]reply{
		"PATCH metadata": {no("badrequest", "modules are not ready", ""), ok(`{}`)},
		"GET status":     {busy("info", "being processed", "packages"), busy("info", "being processed", "packages"), ready()},
	})
	var waited []string
	_, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation, Progress: func(p reconcile.Progress) { waited = append(waited, p.Waiting) }})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"PATCH metadata " + string(operation.Body), "GET status", "GET status", "GET status", "PATCH metadata " + string(operation.Body)}
	if diff := cmp.Diff(want, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"info: being processed (packages)"}, waited); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestExecuteFollowsThePollingURLOfTheStatusOnly(t *testing.T) {
	for name, c := range map[string]struct {
		pollingURL string
		want       []string
	}{
		"none":                {"", []string{"PATCH metadata"}},
		"status":              {"submission/v1/product/" + testProduct + "/status", []string{"PATCH metadata", "GET status"}},
		"status with a slash": {"/submission/v1/product/" + testProduct + "/status", []string{"PATCH metadata", "GET status"}},
		"another host":        {"https://evil.example/status", []string{"PATCH metadata"}},
	} {
		t.Run(name, func(t *testing.T) {
			m, operation := oneWord(t)
			b, store, _ := against(t, map[string][]reply{
				"PATCH metadata": {ok(`{"pollingUrl":"` + c.pollingURL + `"}`)},
				"GET status":     {ready()},
			})
			if _, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, request := range store.requests() {
				method, path, _ := strings.Cut(request, " ")
				path, _, _ = strings.Cut(path, " ")
				got = append(got, method+" "+path)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExecuteFailures holds the whole texts that a person meets.
func TestExecuteFailures(t *testing.T) {
	packages := map[string]*schema.Package{"x64": {PackageURL: text("https://dl.contoso.example/2.0/reader-x64.exe?token=NEVER"), PackageType: "exe", Architecture: "X64"}}
	wait := plan.Operation{ID: stepReady, Verb: plan.VerbWait}
	submit := plainCall(stepSubmit, "POST", submitPath(testProduct))
	for _, c := range []struct {
		reason    string
		operation plan.Operation
		replies   map[string][]reply
		class     plan.Class
		unknown   bool
		want      string
	}{
		{"PATCH refused as a method", plan.Operation{}, map[string][]reply{"PATCH metadata": {{status: 405, header: map[string]string{"X-Correlation-ID": "c-1"}}}},
			plan.ClassError, false,
			"the Store refuses PATCH on metadata: updates listing de-de: HTTP 405 Method Not Allowed (correlation id c-1)\n" +
				"  Run the same command with --metadata-write put: it sends the module that was read back with the change in it, and keeps every other field. Nothing was submitted."},
		{"PATCH answered with 404 while the metadata can be read", plan.Operation{}, map[string][]reply{"PATCH metadata": {{status: 404}}, "GET metadata/availability": {ok(`{"availability":{}}`)}},
			plan.ClassError, false,
			"the Store refuses PATCH on metadata: updates listing de-de: HTTP 404 Not Found\n" +
				"  Run the same command with --metadata-write put: it sends the module that was read back with the change in it, and keeps every other field. Nothing was submitted."},
		{"another submission runs", plan.Operation{}, map[string][]reply{"PATCH metadata": {no("error", "Product already has One Active Submission In-Progress. SubmissionId: 77", "submission")}, "GET status": {running("77")}},
			plan.ClassPending, false,
			"submission 77 is running, and the Store takes no changes meanwhile\n" +
				"  Wait for it (--wait-running 24h), or cancel the review in Partner Center if it is not wanted; the API cannot cancel it."},
		{"a value is refused", plan.Operation{}, map[string][]reply{"PATCH metadata": {no("badrequest", "description is too long", "listings")}, "GET status": {ready()}},
			plan.ClassError, false,
			"updates listing de-de: the Store answered with a failure: badrequest: description is too long (listings)"},
		{"an installer cannot be fetched", wait, map[string][]reply{"GET status": {busy("packageuploaderror", "download failed", "packages")}},
			plan.ClassError, false,
			"the Store could not take in an installer (x64: https://dl.contoso.example/2.0/reader-x64.exe): packageuploaderror: download failed (packages)\n" +
				"  Nothing was submitted. Each packageUrl must answer 200 over https without a redirect, with the .exe or .msi itself, from an address that holds the version; `storesync validate --online` looks at them. Mend the address or the file and apply again."},
		{"something else is wrong with the draft", wait, map[string][]reply{"GET status": {busy("badrequest", "age rating is missing", "properties")}},
			plan.ClassError, false,
			"the draft cannot be submitted: badrequest: age rating is missing (properties)\n" +
				"  Nothing was submitted. Mend what the Store names, in the manifest or in Partner Center, and apply again."},
		{"submit meets a submission that is not ours", submit, map[string][]reply{"POST submit": {no("error", "Product already has One Active Submission", "submission")}, "GET status": {running("77")}},
			plan.ClassPending, false,
			"submission 77 is running, and the Store takes no changes meanwhile\n" +
				"  Wait for it (--wait-running 24h), or cancel the review in Partner Center if it is not wanted; the API cannot cancel it."},
		{"a submit whose answer was lost and that cannot be settled", submit, map[string][]reply{"POST submit": {{lost: true}}, "GET status": {{status: 403}}},
			plan.ClassError, true,
			"does submit: no answer: EOF; it may have been carried out all the same\n" +
				"  Run the same command again: it reads the Store first and goes on from what is there."},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m, operation := oneWord(t)
			m.MsiExeApp.Packages = packages
			if c.operation.ID != "" {
				operation = c.operation
			}
			b, _, _ := against(t, c.replies)
			_, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation})
			if err == nil {
				t.Fatal("no error")
			}
			if c.want != err.Error() {
				t.Errorf("(-want +got):\n%s", cmp.Diff(c.want, err.Error()))
			}
			if got := plan.ClassOf(err); got != c.class {
				t.Errorf("class %s, want %s", got, c.class)
			}
			if got := errors.Is(err, plan.ErrOutcomeUnknown); got != c.unknown {
				t.Errorf("outcome unknown is %t, want %t (%v)", got, c.unknown, err)
			}
			if strings.Contains(err.Error(), "NEVER") || strings.Contains(err.Error(), "test-token") {
				t.Errorf("a secret is in the error: %v", err)
			}
		})
	}
}

func TestExecuteSubmit(t *testing.T) {
	for _, c := range []struct {
		reason  string
		replies map[string][]reply
		want    []string
	}{
		{"answered", map[string][]reply{"POST submit": {ok(`{"submissionId":"1152921505700520060"}`)}}, []string{"POST submit"}},
		{"answered with a number", map[string][]reply{"POST submit": {ok(`{"submissionId":1152921505700520060}`)}}, []string{"POST submit"}},
		{"the answer was lost and it runs", map[string][]reply{"POST submit": {{lost: true}}, "GET status": {running("1152921505700520060")}},
			[]string{"POST submit", "GET status"}},
		{"the answer was lost and the status says so late", map[string][]reply{"POST submit": {{lost: true}}, "GET status": {ready(), running("1152921505700520060")}},
			[]string{"POST submit", "GET status", "GET status"}},
		{"it did not arrive and is sent again", map[string][]reply{"POST submit": {{lost: true}, ok(`{"submissionId":"1152921505700520060"}`)}, "GET status": {ready()}},
			[]string{"POST submit", "GET status", "GET status", "POST submit"}},
		{"it arrived late, so the second is refused", map[string][]reply{
			"POST submit": {{status: 503}, no("error", "Product already has One Active Submission", "submission")},
			"GET status":  {ready(), ready(), running("1152921505700520060")}},
			[]string{"POST submit", "GET status", "GET status", "POST submit", "GET status", "GET status"}},
		{"the draft was not ready", map[string][]reply{
			"POST submit": {no("badrequest", "not ready", ""), ok(`{"submissionId":"1152921505700520060"}`)},
			"GET status":  {busy("info", "scanning", "packages"), ready()}},
			[]string{"POST submit", "GET status", "GET status", "POST submit"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m, _ := oneWord(t)
			b, store, _ := against(t, c.replies)
			result, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: plainCall(stepSubmit, "POST", submitPath(testProduct))})
			if err != nil {
				t.Fatal(err)
			}
			if result.Submission != "1152921505700520060" {
				t.Errorf("submission %q", result.Submission)
			}
			if diff := cmp.Diff(c.want, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExecutePackagesCommitWhoseAnswerWasLost(t *testing.T) {
	for _, c := range []struct {
		reason string
		status reply
		want   []string
	}{
		{"the Store works on the packages", busy("info", "downloading", "packages"), []string{"POST packages/commit", "GET status"}},
		{"nothing shows, and committing again is harmless", ready(), []string{"POST packages/commit", "GET status", "POST packages/commit"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			m, _ := oneWord(t)
			b, store, _ := against(t, map[string][]reply{"POST packages/commit": {{lost: true}, ok(`{}`)}, "GET status": {c.status}})
			if _, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: plainCall(stepPackagesCommit, "POST", packagesCommitPath(testProduct))}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExecuteUploadsAsTheAnswerSays(t *testing.T) {
	digest := fmt.Sprintf("%x", sha256.Sum256([]byte("hello")))
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{{Name: "images/new.png", Bytes: 5, Width: 1366, Height: 768, SHA256: digest}}}}))
	_, operations := lower(t, m, liveDraft(), nil)
	b, store, address := against(t, map[string][]reply{
		"POST listings/assets/create": {{lost: true}, ok(`{"listingAssets":[{"language":"en-us","screenshots":[{"id":"new-1","primaryAssetUploadUrl":"ADDRESS/blob/new-1?sig=NEVER","httpMethod":"PUT","httpHeaders":{"Content-Type":"image/png","x-ms-blob-type":"BlockBlob","Content-Length":"","Host":""}}]}]}`)},
		"GET status":                  {ready()},
		"PUT /blob/new-1":             {{status: 201}},
	})
	for key, queue := range store.replies {
		for i := range queue {
			store.replies[key][i].body = strings.ReplaceAll(queue[i].body, "ADDRESS", address)
		}
	}
	outputs := map[string]json.RawMessage{}
	created, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operationOf(t, operations, "assets.en-us.create"), Outputs: outputs})
	if err != nil {
		t.Fatal(err)
	}
	outputs["assets.en-us.create"] = created.Output
	var sent int64
	result, err := b.Execute(t.Context(), reconcile.Call{
		Manifest: m, Operation: operationOf(t, operations, "assets.en-us.upload.screenshots.0"), Outputs: outputs,
		Open: openBytes("hello"), Progress: func(p reconcile.Progress) { sent = p.Sent },
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"new-1": digest}, result.Stored); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if sent != 5 {
		t.Errorf("progress ended at %d bytes, want 5", sent)
	}
	create := `POST listings/assets/create {"language":"en-us","createAssetRequest":{"Logo":0,"Screenshot":1}}`
	if diff := cmp.Diff([]string{create, "GET status", create, "PUT /blob/new-1"}, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestExecuteRefusesTooFewUploadAddresses(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{screenshot("a"), screenshot("b")}}}))
	_, operations := lower(t, m, liveDraft(), nil)
	b, _, _ := against(t, map[string][]reply{"POST listings/assets/create": {ok(`{"listingAssets":{"screenshots":[{"id":"1","primaryAssetUploadUrl":"https://img.contoso.example/1?sig=NEVER"}]}}`)}})
	_, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operationOf(t, operations, "assets.en-us.create")})
	want := "asked the Store for 2 screenshot upload addresses and got 1\n  Nothing was uploaded. Run the same command again; if it stays so, report it to Microsoft."
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestExecuteReadsSignedAddresses(t *testing.T) {
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{screenshot("shot-2")}}}))
	draft := liveDraft()
	draft[rawAssets] = signedAssets()
	_, operations := lower(t, m, draft, nil)
	b, _, _ := against(t, map[string][]reply{"GET listings/assets": {ok(`{"listingAssets":[{"language":"en-us","screenshots":[{"id":"shot-2","assetUrl":"https://img.contoso.example/shot-2?sig=fresh"}]}]}`)}})
	result, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operationOf(t, operations, "assets.en-us.read")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"shot-2":{"assetUrl":"https://img.contoso.example/shot-2?sig=fresh","id":"shot-2"}}`, string(result.Output)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestExecuteNamesThePartThatIsRefused(t *testing.T) {
	m, operation := combined(t)
	b, store, _ := against(t, map[string][]reply{
		"PATCH metadata": {no("badrequest", "cannot do that", ""), ok(`{}`), ok(`{}`), no("badrequest", "markets are wrong", "availability")},
		"GET status":     {ready()},
		"GET metadata":   {ok(`{"availability":{},"properties":{},"listings":[{"language":"en-us"},{"language":"de-de"}]}`)},
	})
	_, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation})
	if err == nil || !strings.HasSuffix(err.Error(), "badrequest: markets are wrong (availability)") {
		t.Errorf("error %v, want the refusal of availability", err)
	}
	requests := store.requests()
	if last := requests[len(requests)-2]; last != `PATCH metadata {"availability":{"enableInFutureMarkets":false}}` {
		t.Errorf("sent %s after the refused part", last)
	}
}

// TestWaitEndsAtItsLimit runs in virtual time, without a socket.
func TestWaitEndsAtItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &script{t: t, replies: map[string][]reply{"GET status": {busy("info", "scanning", "packages")}}}
		made, err := New(Options{Endpoint: "https://store.contoso.example", SellerID: "12345678", Credential: fixedToken{}, Transport: store})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		m, _ := oneWord(t)
		_, err = made.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: plan.Operation{ID: stepReady, Verb: plan.VerbWait}})
		want := "the draft is not ready after 4h0m0s: info: scanning (packages)\n  Nothing was submitted. Run apply again later: it goes on from here."
		if err == nil || err.Error() != want || plan.ClassOf(err) != plan.ClassPending {
			t.Errorf("error %v, want %s", err, want)
		}
		if waited := time.Since(start); waited != readyLimit {
			t.Errorf("waited %s", waited)
		}
	})
}

// TestExecuteHidesSecretsThatTheStoreRepeats covers errors, warnings and
// progress.
func TestExecuteHidesSecretsThatTheStoreRepeats(t *testing.T) {
	address := "https://dl.contoso.example/2.0/reader.exe?token=NEVER"
	m := reader(schema.MsiExeApp{
		Properties: &schema.Properties{CertificationNotes: text("user: a\npassword: NEVER")},
		Packages:   map[string]*schema.Package{"x64": {PackageURL: secret(address), PackageType: "exe", Architecture: "X64"}},
	})
	b, _, _ := against(t, map[string][]reply{
		"PATCH metadata": {{body: `{"isSuccess":true,"responseData":{},"errors":[{"code":"warning","message":"notes user: a password: NEVER are short"}]}`}},
		"GET status":     {busy("info", "downloading "+address, "packages"), busy("packageuploaderror", "cannot download "+address, "packages")},
	})
	patch := plainCall("metadata", "PATCH", metadataPath(testProduct))
	patch.Body = raw(`{"properties":{}}`)
	result, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: patch})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"warning: notes (sensitive) are short"}, result.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	var waited []string
	_, err = b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: plan.Operation{ID: stepReady, Verb: plan.VerbWait},
		Progress: func(p reconcile.Progress) { waited = append(waited, p.Waiting) }})
	if diff := cmp.Diff([]string{"info: downloading (sensitive) (packages)"}, waited); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	want := "the Store could not take in an installer (x64: the address in $STORE_SECRET): packageuploaderror: cannot download (sensitive) (packages)"
	if err == nil || !strings.HasPrefix(err.Error(), want) || plan.ClassOf(err) != plan.ClassError {
		t.Errorf("error %v, want %s", err, want)
	}
}
