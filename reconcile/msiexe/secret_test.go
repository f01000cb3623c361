package msiexe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// leak is a run of twelve characters that a text has of a secret, if any.
func leak(text, secret string) string {
	for i := range max(len(secret)-11, 0) {
		if strings.Contains(text, secret[i:i+12]) {
			return secret[i : i+12]
		}
	}
	return ""
}

// everything collects whatever the backend says when a Store answers all
// requests with this.
func everything(t *testing.T, m *schema.Manifest, answer reply, fill *plan.Operation) string {
	t.Helper()
	all := map[string][]reply{}
	for _, request := range []string{"GET status", "GET metadata", "GET metadata/listings", "GET packages", "GET listings/assets",
		"GET submission/77/status", "PATCH metadata", "PUT metadata", "POST submit", "POST packages/commit"} {
		all[request] = []reply{answer}
	}
	b, _, _ := against(t, all)
	b.poll = storehttp.PollOptions{Initial: time.Millisecond, Max: time.Millisecond, Patience: time.Nanosecond}
	var said []string
	say := func(value any, err error) {
		encoded, encodeErr := json.Marshal(value)
		if encodeErr != nil {
			t.Fatal(encodeErr)
		}
		said = append(said, string(encoded), fmt.Sprint(err))
		for err != nil {
			err = errors.Unwrap(err)
			said = append(said, fmt.Sprint(err))
		}
	}
	observed, err := b.Observe(t.Context(), m, nil)
	if observed != nil {
		say(observed.Notices, err)
		say(observed.Running, nil)
		say(observed.Status, nil)
	} else {
		say(nil, err)
	}
	submission, err := b.Await(t.Context(), m, "77", reconcile.GoalSubmitted, func(s plan.Submission) { say(s, nil) })
	say(submission, err)
	operations := []plan.Operation{
		plainCall("metadata", "PATCH", metadataPath(testProduct)), plainCall(stepSubmit, "POST", submitPath(testProduct)),
		plainCall(stepPackagesCommit, "POST", packagesCommitPath(testProduct)),
	}
	if fill != nil {
		operations = []plan.Operation{*fill}
	}
	for _, operation := range operations {
		result, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: operation, Progress: func(p reconcile.Progress) { say(p.Waiting, nil) }})
		say(result != nil && result.Submission != "", err)
		if result != nil {
			say(result.Warnings, nil)
		}
	}
	for _, id := range []string{stepVerifyMetadata, stepVerifyPackages, stepVerifyAssets} {
		_, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: plan.Operation{ID: id, Covers: []plan.Path{"listings.en-us.screenshots"}}}, nil)
		say(nil, err)
	}
	return strings.Join(said, "\n")
}

// However the Store repeats a secret, in whatever answer, nothing that the
// backend says has twelve characters in a row of it.
func TestNothingSaidHoldsASecret(t *testing.T) {
	note := "Sign in as reviewer@contoso.example with \"Pa55w0rd & more\", then open Settings.\r\n" + strings.Repeat("Zebra quilts vex 0123456789 jumping wolves.\n", 18)
	address := "https://dl.contoso.example/2.0/reader.exe?sp=r&se=2026-12-01T00%3A00%3A00Z&sv=2023-11-03&sig=AbCdEfGhIjKlMnOpQrStUvWxYz012345%2F6%3D"
	m := reader(schema.MsiExeApp{
		Properties: &schema.Properties{CertificationNotes: text(note)},
		Packages:   map[string]*schema.Package{"x64": {PackageURL: secret(address), PackageType: "exe", Architecture: "X64"}},
	})
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 8 {
		value := []string{note, address}[i%2]
		from := r.IntN(len(value))
		for name, echo := range map[string]string{
			"whole": value, "end": value[from:], "beginning": value[:from], "middle": value[from/2 : from],
			"late": strings.Repeat("x", 560+r.IntN(40)) + " " + value, "in a query": url.QueryEscape(value), "quoted": fmt.Sprintf("%q", value),
		} {
			word, err := json.Marshal("bad value " + echo + "!")
			if err != nil {
				t.Fatal(err)
			}
			errs := `"errors":[{"code":"error","message":` + string(word) + `,"target":"properties"},{"code":` + string(word) + `,"message":"x","target":` + string(word) + `}]`
			for _, answer := range []reply{
				{body: `{"isSuccess":false,` + errs + `}`},
				{status: 400, body: `{"isSuccess":false,` + errs + `}`},
				{status: 400, body: `{"code":` + string(word) + `,"message":` + string(word) + `}`},
				{body: `{"isSuccess":true,"responseData":{"isReady":false,"publishingStatus":` + string(word) + `},` + errs + `}`},
				{body: `{"isSuccess":true,"responseData":{"isReady":false,"ongoingSubmissionId":"77","hasFailed":true,"listings":[{"language":` + string(word) + `}],"availability":{},"properties":{}},` + errs + `}`},
			} {
				said := everything(t, m, answer, nil)
				if found := leak(said, value); found != "" {
					t.Fatalf("%s: %q of a secret is in\n%s\nwhich came of\n%s", name, found, said, answer.body)
				}
				if name != "late" && !strings.Contains(said, "(sensitive)") && len(echo) >= 12 && len(value)-from >= 12 {
					t.Fatalf("%s: the Store's words are missing in\n%s", name, said)
				}
			}
		}
	}
}

// A PUT of metadata sends live notes along that no manifest holds.
func TestLiveNotesThatArePutStayHidden(t *testing.T) {
	notes := "reviewer account: ann@contoso.example, password: Pa55w0rd!"
	operation := plainCall("metadata", "PUT", metadataPath(testProduct))
	operation.Body = encode(map[string]any{"properties": map[string]any{"certificationNotes": notes, "rows": []any{map[string]string{"a/b": "a value in a row"}}}})
	operation.Fill = []string{"/properties/certificationNotes", "/properties/rows/0/a~1b"}
	m := reader(listingsOf(map[string]*schema.Listing{"en-us": {}}))
	said := everything(t, m, no("badrequest", "Notes '"+notes[:40]+"' and a value in a row are bad", "properties"), &operation)
	if want := "badrequest: Notes '(sensitive)' and (sensitive) are bad (properties)"; !strings.Contains(said, want) {
		t.Errorf("want %s in\n%s", want, said)
	}
	want := []string{notes, "a value in a row"}
	if diff := cmp.Diff(want, filledIn(operation)); diff != "" {
		t.Errorf("filled in (-want +got):\n%s", diff)
	}
	commit := plan.Operation{ID: "assets.en-us.commit", Fill: []string{"/listingAssets/screenshots/0/id", "/listingAssets/screenshots/0/assetUrl", "/gone/0"},
		Body: raw(`{"listingAssets":{"screenshots":[{"id":"shot-1","assetUrl":"https://img.contoso.example/1?sv=1&sig=NEVER"}]}}`)}
	if diff := cmp.Diff([]string{"", "sv=1&sig=NEVER"}, filledIn(commit)); diff != "" {
		t.Errorf("filled in (-want +got):\n%s", diff)
	}
}

// Words that decide what a message means are no secrets, whatever a manifest
// says.
func TestShortSecretsLeaveTheMeaning(t *testing.T) {
	m := reader(schema.MsiExeApp{Properties: &schema.Properties{CertificationNotes: text("pack")}})
	b, _, _ := against(t, map[string][]reply{"GET status": {busy("info", "unpacking", "packages"), ready()}})
	var waited []string
	_, err := b.Execute(t.Context(), reconcile.Call{Manifest: m, Operation: plan.Operation{ID: stepReady, Verb: plan.VerbWait},
		Progress: func(p reconcile.Progress) { waited = append(waited, p.Waiting) }})
	if diff := cmp.Diff([]string{"info: un(sensitive)ing (packages)"}, waited); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A wait of days survives outages of minutes, and ends with those of hours.
func TestAwaitSurvivesAnOutage(t *testing.T) {
	for down, wantStatus := range map[time.Duration]string{8 * time.Minute: statusPublished, time.Hour: statusInProgress} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			s := &outage{from: start.Add(time.Hour), until: start.Add(time.Hour + down)}
			made, err := New(Options{Endpoint: "https://api.contoso.example", SellerID: "1", Credential: fixedToken{}, Transport: s})
			if err != nil {
				t.Fatal(err)
			}
			m := reader(listingsOf(map[string]*schema.Listing{"en-us": {}}))
			got, err := made.Await(t.Context(), m, "77", reconcile.GoalPublished, nil)
			if got.Status != wantStatus || (err == nil) != (wantStatus == statusPublished) {
				t.Errorf("down for %s: %s, %v", down, got.Status, err)
			}
			if s.failed < 5 {
				t.Errorf("asked %d times while the service was away", s.failed)
			}
		})
	}
}

// outage is a Store that answers 503 for a while and then has published.
type outage struct {
	from, until time.Time
	failed      int
}

func (o *outage) Do(r *http.Request) (*http.Response, error) {
	status, body := 200, `{"isSuccess":true,"responseData":{"publishingStatus":"INPROGRESS"}}`
	switch now := time.Now(); {
	case now.After(o.until):
		body = `{"isSuccess":true,"responseData":{"publishingStatus":"PUBLISHED"}}`
	case now.After(o.from):
		o.failed++
		status, body = 503, ""
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}
