package msix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
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

// longNote has 850 characters, more than is shown of a message, without a
// repetition.
func longNote() string {
	var b strings.Builder
	b.WriteString("Sign in as reviewer@contoso.example with \"Pa55w0rd & more\", then open Settings.\r\n")
	for i := 0; b.Len() < 850; i++ {
		fmt.Fprintf(&b, "Step %d: press <key %d>.\n", i*7919, i*104729)
	}
	return b.String()[:850]
}

const (
	liveNote  = "the live reviewer is bob@contoso.example, password: Correct-Horse-7"
	draftNote = "the draft's reviewer is eve@contoso.example, password: Battery-Staple-8"
	signature = "sv=2023-11-03&sr=b&se=2099-01-01T00%3A00%3A00Z&sp=rw&sig=AbCdEfGhIjKlMnOpQrStUvWxYz012345%2F6%3D"
)

// echoesOf are ways in which the Store repeats what it was sent.
func echoesOf(value string) map[string]string {
	var wrapped strings.Builder
	for i, r := range value {
		if i > 0 && i%20 == 0 {
			wrapped.WriteString("\n  ")
		}
		wrapped.WriteRune(r)
	}
	half := len(value) / 2
	return map[string]string{
		"whole": value, "beginning": value[:half], "end": value[half:], "middle": value[half/2 : half+half/2],
		"cut by ourselves": strings.Repeat("x ", 290) + value, "wrapped": wrapped.String(), "one line": strings.Join(strings.Fields(value), " "),
		"in a query": url.QueryEscape(value), "in HTML": html.EscapeString(value), "quoted": fmt.Sprintf("%q", value), "in capitals": strings.ToUpper(value),
	}
}

// saidOf is all that is shown of a value and an error, causes included.
func saidOf(t *testing.T, value any, err error) string {
	t.Helper()
	encoded, encodeErr := json.Marshal(value)
	if encodeErr != nil {
		t.Fatal(encodeErr)
	}
	said := string(encoded)
	for ; err != nil; err = errors.Unwrap(err) {
		said += "\n" + err.Error()
	}
	return said
}

// everythingSaid is what the backend says when the Store repeats a text in
// answers of all kinds.
func everythingSaid(t *testing.T, m *schema.Manifest, echo string) map[string]string {
	t.Helper()
	refusal := no(400, "InvalidParameterValue", "bad value "+echo, "target "+echo)
	details := string(encode(map[string]any{
		"errors":               []any{map[string]string{"code": "Other", "details": "bad " + echo}, map[string]string{"code": echo, "details": echo}},
		"warnings":             []any{map[string]string{"code": "ListingOptOutWarning", "details": "odd " + echo}},
		"certificationReports": []any{map[string]string{"date": echo, "reportUrl": "https://partner.contoso.example/report?u=" + url.QueryEscape(echo)}},
	}))
	failed := func(status string) map[string]string {
		return map[string]string{"/status": string(encode(status)), "/statusDetails": details, "/notesForCertification": string(encode(draftNote)),
			"/fileUploadUrl": string(encode("https://blob.contoso.example/ingestion/f?" + signature))}
	}
	live := parsed(t, liveSubmission)
	if err := live.set("/notesForCertification", encode(liveNote)); err != nil {
		t.Fatal(err)
	}
	draft := draftWith(t, failed(statusPendingCommit))
	said := map[string]string{}
	say := func(what string, value any, err error) { said[what] += saidOf(t, value, err) + "\n" }
	store := func(changes map[string]reply) *backend {
		replies := map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyPublished: {ok(string(live.raw()))}, keyDraft: {ok(draft)}}
		for key, answer := range changes {
			replies[key] = []reply{answer}
		}
		b, _ := against(t, replies)
		b.poll.Patience = time.Nanosecond
		return b
	}
	for _, status := range []string{statusCommitFailed, echo, echo + "Failed"} {
		b := store(map[string]reply{keyDraft: ok(draftWith(t, failed(status))),
			statusKey: ok(string(encode(map[string]any{"status": status, "statusDetails": json.RawMessage(details)})))})
		observed, err := b.Observe(t.Context(), m, nil)
		if observed != nil {
			say("Observe", []any{observed.Running, observed.Newest, observed.Status, observed.Notices}, err)
			if observed.Pending != nil {
				say("Observe", observed.Pending.Untouchable, nil)
			}
		}
		// Another process than the one that read the submission.
		b = store(map[string]reply{keyDraft: ok(draftWith(t, failed(status))),
			statusKey: ok(string(encode(map[string]any{"status": status, "statusDetails": json.RawMessage(details)})))})
		reached, err := b.Await(t.Context(), m, testDraft, reconcile.GoalSubmitted, func(s plan.Submission) { say("Await", s, nil) })
		say("Await", reached, err)
		discardable, err := store(map[string]reply{keyDraft: ok(draftWith(t, failed(status)))}).PendingDraft(t.Context(), m, nil)
		say("PendingDraft", discardable.Status, errors.Join(err, discardable.Keep))
	}
	_, err := store(map[string]reply{keyPublished: refusal}).Observe(t.Context(), m, nil)
	say("Observe refused", nil, err)
	_, err = store(map[string]reply{keyPublished: refusal}).PendingDraft(t.Context(), m, nil)
	say("PendingDraft refused", nil, err)

	execute := func(what string, b *backend, outputs map[string]json.RawMessage, operations ...plan.Operation) {
		result, err := runSteps(t, b, m, outputs, operations...)
		if result != nil {
			say(what, result.Warnings, err)
		} else {
			say(what, nil, err)
		}
	}
	put := putOf(t, draft, map[string]string{"/visibility": `"Hidden"`})
	execute("put refused", store(map[string]reply{"PUT submissions/" + testDraft: refusal, "POST submissions": {status: 201, body: draft}}),
		map[string]json.RawMessage{}, plainStep(stepCreate), plainStep(stepDraft), put)
	execute("put with a warning", store(map[string]reply{"PUT submissions/" + testDraft: ok(draft)}),
		map[string]json.RawMessage{stepCreate: json.RawMessage(draft)}, put)
	execute("commit refused", store(map[string]reply{"POST submissions/" + testDraft + "/commit": refusal, statusKey: isAt(statusPendingCommit)}),
		map[string]json.RawMessage{stepCreate: json.RawMessage(draft)}, plainStep(stepCommit))
	discard := plainStep(stepDiscard)
	discard.Path = testProduct().submissionPath(testDraft)
	b := store(map[string]reply{keyDelete: refusal})
	b.client.known.learn(testApp, json.RawMessage(draft)) // PendingDraft has read it.
	execute("discard refused", b, map[string]json.RawMessage{}, discard)
	_, err = store(map[string]reply{keyDraft: refusal}).ReadBack(t.Context(),
		reconcile.Call{Manifest: m, Operation: plainStep(stepVerify), Outputs: map[string]json.RawMessage{stepCreate: json.RawMessage(`{"id":"` + testDraft + `","notesForCertification":` + string(encode(draftNote)) + `,"fileUploadUrl":"https://b.contoso.example/f?` + signature + `"}`)}}, nil)
	say("ReadBack refused", nil, err)
	return said
}

// However the Store repeats a secret, in whatever answer, nothing that the
// backend says has twelve characters in a row of it.
func TestNothingSaidHoldsASecret(t *testing.T) {
	note := longNote()
	description := "A description that only an environment variable holds: 8d1f0c7e55"
	m := notes(schema.MsixApp{NotesForCertification: text(note),
		Listings: map[string]*schema.MsixListing{"en-us": {Description: secret(description)}}})
	for what, value := range map[string]string{"wanted note": note, "{env} value": description, "draft's note": draftNote, "upload address": signature} {
		for how, echo := range echoesOf(value) {
			if value != note && strings.HasPrefix(how, "in ") {
				continue // As for the note.
			}
			t.Run(what+" "+how, func(t *testing.T) {
				for where, said := range everythingSaid(t, m, echo) {
					if found := leak(said, value); found != "" {
						t.Errorf("%s: %q is in\n%s", where, found, said)
					}
					if !strings.Contains(said, "(sensitive)") && !strings.Contains(said, "REDACTED") && !strings.Contains(said, "not shown") {
						t.Errorf("%s: nothing was repeated in\n%s", where, said)
					}
				}
			})
		}
	}
	t.Run("live note", func(t *testing.T) {
		b, _ := against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyDraft: {no(400, "Other", "live: "+liveNote[:30], "")},
			keyPublished: {ok(strings.Replace(liveSubmission, "user: a, password: hunter22", liveNote, 1))}})
		if _, err := b.client.submission(t.Context(), testProduct(), testPublished); err != nil {
			t.Fatal(err)
		}
		_, err := b.Observe(t.Context(), m, nil)
		if want := "Other: live: (sensitive)"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	})
}

// Words that decide what an answer means are no secrets, whatever a manifest
// says.
func TestSecretsLeaveTheMeaning(t *testing.T) {
	m := notes(schema.MsixApp{NotesForCertification: text("Certification of InvalidState, CommitFailed or MissingFiles")})
	for status, want := range map[string]string{"CommitFailed": "CommitFailed", "Certification": "Certification", "CertificationFailed": "CertificationFailed",
		"Certification of Failed": "(sensitive)Failed"} {
		b, _ := against(t, map[string][]reply{keyDraft: {ok(draftWith(t, nil))}, statusKey: {ok(
			`{"status":"` + status + `","statusDetails":{"errors":[{"code":"MissingFiles","details":"a.png"},{"code":"InvalidState","details":"of InvalidState,"}]}}`)}})
		got, err := b.Await(t.Context(), m, testDraft, reconcile.GoalSubmitted, nil)
		words := []string{"MissingFiles: a.png (the ZIP lacks files that the submission names; apply again to send it anew)", "InvalidState: (sensitive)"}
		if diff := cmp.Diff(plan.Submission{ID: testDraft, Status: want, Done: want != "Certification", Failed: want != "Certification", Detail: words, Repeatable: status == "CommitFailed"}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", status, err, diff)
		}
	}
}

// What a refusal is about is read from its words as they came: here the draft
// that can never be written is deleted again.
func TestSecretsLeaveWhatARefusalIsAbout(t *testing.T) {
	put := putOf(t, draftWith(t, nil), map[string]string{"/visibility": `"Hidden"`})
	b, store := against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, "POST submissions": {{status: 201, body: draftWith(t, nil)}},
		keyDraft: {ok(draftWith(t, nil))}, "PUT submissions/" + testDraft: {no(400, "InvalidParameterValue", "The pricing is invalid.", "x")}, keyDelete: {{status: 204}}})
	m := notes(schema.MsixApp{NotesForCertification: text("To see what the pricing is invalid for, ask us")})
	_, err := runSteps(t, b, m, map[string]json.RawMessage{}, plainStep(stepCreate), plainStep(stepDraft), put)
	checkError(t, err, plan.ClassError, "(sensitive).", "was deleted again")
	if requests := store.requests(); requests[len(requests)-1] != keyDelete {
		t.Errorf("the last request is %s", requests[len(requests)-1])
	}
}

// A submission that cannot be read may hold notes that nobody here knows.
func TestWordsOfAnUnreadableSubmissionAreNotShown(t *testing.T) {
	b, _ := against(t, map[string][]reply{keyDraft: {{status: 404}}, statusKey: {ok(
		`{"status":"CommitFailed","statusDetails":{"errors":[{"code":"Other","details":"` + draftNote + `"},{"code":"` + draftNote + `","details":"x"}]}}`)}})
	got, err := b.Await(t.Context(), notes(schema.MsixApp{}), testDraft, reconcile.GoalSubmitted, nil)
	const unshown = "the Store's words are not shown, since the submission and what is secret in it cannot be read"
	if diff := cmp.Diff([]string{"Other: " + unshown, unshown}, got.Detail); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestSignatureOf(t *testing.T) {
	for address, want := range map[string][]string{
		"https://b.contoso.example/f?sv=1&sig=a%2Fb": {"sv=1&sig=a%2Fb", "a/b"},
		"https://b.contoso.example/f":                {"", ""},
		"::":                                         {"::"},
	} {
		if diff := cmp.Diff(want, signatureOf(address)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
	known := &knownSecrets{}
	known.Add(testApp, "", "one secret", "one secret")
	ctx := known.Guard(t.Context(), strings.ToLower(testApp))
	if got := storehttp.Hide(ctx, "one secret"); got != "(sensitive)" || known.Guard(ctx, testApp) != ctx || known.Guard(t.Context(), "9NBLGGH4R316") != t.Context() {
		t.Errorf("hidden: %s", got)
	}
}

// Log lines are written within a request, before anything is returned.
func TestLogHidesWhatWasRead(t *testing.T) {
	var log bytes.Buffer
	s := &script{t: t, replies: map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyDraft: {ok(draftWith(t, map[string]string{"/notesForCertification": string(encode(draftNote))}))},
		keyPublished: {{body: liveSubmission, header: map[string]string{"MS-CorrelationId": draftNote}}}}}
	b, err := newBackend(Options{Endpoint: "http://127.0.0.1:1", Account: "contoso", Credential: fixedToken{}, Transport: s,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Observe(t.Context(), notes(schema.MsixApp{}), nil); err != nil {
		t.Fatal(err)
	}
	if found := leak(log.String(), draftNote); found != "" || !strings.Contains(log.String(), "(sensitive)") {
		t.Errorf("%q is in\n%s", found, log.String())
	}
}

// Blob storage repeats the address whose signature it refuses.
func TestUploadHidesTheAddress(t *testing.T) {
	for _, echo := range []string{signature, signature[60:], url.QueryEscape(signature), strings.ReplaceAll(signature, "&", " &\n ")} {
		blob := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Ms-Error-Code", "AuthenticationFailed")
			w.Header().Set("X-Ms-Request-Id", echo)
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<Error><Code>AuthenticationFailed</Code><Message>Signature of %s did not match</Message></Error>", html.EscapeString(echo))
		}))
		defer blob.Close()
		b, _ := against(t, nil)
		_, err := b.Execute(t.Context(), reconcile.Call{Manifest: notes(schema.MsixApp{}), Open: openText,
			Operation: uploadStep(blob.URL+"/c/f?"+signature, uploadOf("images/new.png", "Assets/en-us/Screenshot/new.png"))})
		said := saidOf(t, nil, err)
		if found := leak(said, signature); found != "" || !strings.Contains(said, "AuthenticationFailed") || !storehttp.IsUploadRefused(err) {
			t.Errorf("%q is in\n%s", found, said)
		}
	}
}
