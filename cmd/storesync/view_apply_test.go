package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// reportOf is a report in which products ended in every way there is.
func reportOf() *reconcile.Report {
	running := &plan.Submission{ID: "1152921505700000001", Status: "INPROGRESS"}
	failure := errors.New("broken")
	return &reconcile.Report{Products: []reconcile.ProductResult{
		{Address: "MsiExeApp/a", Outcome: reconcile.Unchanged, Verified: reconcile.VerifiedInSync, Verdict: plan.VerdictInSync},
		{Address: "MsiExeApp/b", Outcome: reconcile.Drafted, Verified: reconcile.VerifiedInSync, Touched: true, Operations: []string{"metadata.en-us"}},
		{Address: "MsiExeApp/c", Outcome: reconcile.Submitted, Submission: running, Verified: reconcile.VerifiedUnreadable, Warnings: []string{"be\x1bware"}},
		{Address: "MsiExeApp/d", Outcome: reconcile.Published, Submission: &plan.Submission{ID: "2", Status: "PUBLISHED"}, Verified: reconcile.VerifiedDiffers,
			Remaining: []plan.Change{{Path: "properties.website", Action: plan.ActionUpdate, Reason: "the Store returned another value"}}},
		{Address: "MsiExeApp/e", Outcome: reconcile.Refused, Err: failure},
		{Address: "MsiExeApp/f", Outcome: reconcile.Blocked, Submission: running, Err: failure},
		{Address: "MsiExeApp/g", Outcome: reconcile.Failed, Touched: true, Operations: []string{"metadata.en-us", "metadata.de-de"}, Err: failure},
		{Address: "MsiExeApp/h", Outcome: reconcile.Failed, Err: failure},
		{Address: "MsiExeApp/i", Outcome: reconcile.Interrupted, Touched: true, Operations: []string{"metadata.en-us"}, Err: failure},
		{Address: "MsiExeApp/j", Outcome: reconcile.Skipped},
		{Address: "MsiExeApp/k", Outcome: reconcile.Unchanged, Submission: running, Verified: reconcile.VerifiedInSync, Verdict: plan.VerdictSubmitted},
		{Address: "MsiExeApp/l", Outcome: reconcile.Unchanged, Verified: reconcile.VerifiedDiffers, Verdict: plan.VerdictIncomplete,
			Remaining: []plan.Change{{Path: "properties.website", Action: plan.ActionReport}}},
		{Address: "MsiExeApp/m", Outcome: reconcile.Submitted, Submission: running, Verified: reconcile.VerifiedReadBack, Verdict: plan.VerdictNotApplied},
		{Address: "MsixApp/n", Outcome: reconcile.Applied, Verified: reconcile.VerifiedDiffers, Verdict: plan.VerdictNotApplied, Left: "The rest waits until the rollout has ended.",
			Remaining: []plan.Change{{Path: "listings.en-us.releaseNotes", Action: plan.ActionUpdate}}},
		{Address: "MsixApp/o", Outcome: reconcile.Published, Submission: &plan.Submission{ID: "3", Status: "Published"}, Verified: reconcile.VerifiedInSync},
		{Address: "MsixApp/p", Outcome: reconcile.Failed, Submission: &plan.Submission{ID: "4", Status: "CertificationFailed", Failed: true}, Touched: true,
			Operations: []string{"put", "commit"}, Err: failure},
	}}
}

func TestHumanReport(t *testing.T) {
	want := `
MsiExeApp/a: nothing to do. In sync.
MsiExeApp/b: draft written, not submitted. It holds what the manifest says.
  apply without --draft submits it.
MsiExeApp/c: submitted 1152921505700000001 (INPROGRESS). The draft was read back
  as written; the live values cannot be read yet.
  ! the Store says: be\x1bware
MsiExeApp/d: published 2 (PUBLISHED). Not in sync:
  ! properties.website still differs. the Store returned another value
MsiExeApp/e: refused; nothing was changed.
MsiExeApp/f: pending 1152921505700000001 (INPROGRESS); the message above says
  what it waits for.
MsiExeApp/g: failed after 2 requests; running apply again does the rest.
MsiExeApp/h: failed; nothing was changed.
MsiExeApp/i: interrupted after 1 request; running apply again does the rest.
MsiExeApp/j: not started.
MsiExeApp/k: nothing to do: submitted.
MsiExeApp/l: nothing to do: incomplete.
MsiExeApp/m: submitted 1152921505700000001 (INPROGRESS). What was written was
  read back; customers get it once it is published.
MsixApp/n: applied, without a submission. The rest waits until the rollout has
  ended.
MsixApp/o: published 3 (Published). In sync.
MsixApp/p: failed 4 (CertificationFailed); it was not published.
Applied: 3 unchanged, 1 drafted, 2 submitted, 2 published, 1 refused, 1 blocked,
3 failed, 1 interrupted, 1 skipped, 1 applied.
`
	if diff := cmp.Diff(want, humanReport(reportOf(), look{width: 80})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// events is an apply of one language and one image, from start to end.
func events() []reconcile.Event {
	const address = "MsiExeApp/contoso-reader"
	patch := plan.Operation{ID: "metadata.en-us", Verb: plan.VerbCall, Method: "PATCH", Summary: "updates listing en-us"}
	upload := plan.Operation{ID: "upload", Verb: plan.VerbUpload, Method: "PUT", Uploads: []plan.Upload{{Name: "images/1.png", Bytes: 1000}}}
	wait := plan.Operation{ID: "ready", Verb: plan.VerbWait, Method: "GET", Summary: "waits until the draft is ready"}
	running := plan.Submission{ID: "7", Status: "INPROGRESS"}
	return []reconcile.Event{
		reconcile.OperationStarted{Address: address, Operation: patch},
		reconcile.OperationDone{Address: address, Operation: patch, Warnings: []string{"careful"}},
		reconcile.OperationStarted{Address: address, Operation: upload},
		reconcile.OperationProgress{Address: address, Operation: upload, Progress: reconcile.Progress{Sent: 10, Total: 1000}},
		reconcile.OperationProgress{Address: address, Operation: upload, Progress: reconcile.Progress{Sent: 20, Total: 1000}},
		reconcile.OperationProgress{Address: address, Operation: upload, Progress: reconcile.Progress{Sent: 1000, Total: 1000}},
		reconcile.OperationDone{Address: address, Operation: upload},
		reconcile.OperationStarted{Address: address, Operation: wait},
		reconcile.OperationProgress{Address: address, Operation: wait, Progress: reconcile.Progress{Waiting: "packages are being processed"}},
		reconcile.OperationProgress{Address: address, Operation: wait, Progress: reconcile.Progress{Waiting: "packages are being processed"}},
		reconcile.OperationDone{Address: address, Operation: wait, Err: errors.New("broken")},
		reconcile.SubmissionPolled{Address: address, Submission: running},
		reconcile.SubmissionPolled{Address: address, Submission: running},
		reconcile.ProductDone{Result: reconcile.ProductResult{Address: address, Outcome: reconcile.Submitted, Submission: &running,
			Touched: true, Operations: []string{"metadata.en-us", "upload"}, Verified: reconcile.VerifiedInSync}},
	}
}

func applied() *plan.Plan {
	return &plan.Plan{Products: []plan.Product{{Address: "MsiExeApp/contoso-reader", Operations: make([]plan.Operation, 3)}}}
}

func TestProgressLines(t *testing.T) {
	h, out, stderr := testHost()
	p := newProgress(h, commonOptions{})
	p.expect(applied())
	for _, e := range events() {
		p.event(e)
	}
	want := `MsiExeApp/contoso-reader: 1/3 updates listing en-us
MsiExeApp/contoso-reader: 2/3 uploads images/1.png (1.0 kB)
MsiExeApp/contoso-reader: 3/3 waits until the draft is ready
MsiExeApp/contoso-reader: waiting: packages are being processed
MsiExeApp/contoso-reader: submission 7 is INPROGRESS
`
	if diff := cmp.Diff(want, stderr.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if out.Len() > 0 {
		t.Errorf("progress on standard output: %q", out)
	}
}

// TestProgressBar draws a bar on a terminal and leaves the lines as they are.
func TestProgressBar(t *testing.T) {
	h, _, stderr := testHost("NO_COLOR=1")
	h.errTTY = true
	p := newProgress(h, commonOptions{})
	p.expect(applied())
	for _, e := range events() {
		p.event(e)
	}
	if got := stderr.String(); !strings.Contains(got, "  2% |") || !strings.Contains(got, "\r") {
		t.Errorf("no bar: %q", got)
	}
	if !strings.HasSuffix(stderr.String(), "MsiExeApp/contoso-reader: submission 7 is INPROGRESS\n") {
		t.Errorf("the bar is in the way of the lines: %q", stderr)
	}
}

func TestEventStream(t *testing.T) {
	var out bytes.Buffer
	s := newEventStream(&out)
	s.diagnostics(schema.Diagnostics{{Severity: schema.SeverityWarning, Summary: "a < b"}})
	s.plan(applied())
	for _, e := range events() {
		s.event(e)
	}
	s.count(reportOf())
	s.end(errors.Join(alreadyShown(errors.New("told with its product")), &plan.Failure{Class: plan.ClassRefused, Err: errors.New("not approved")}))
	if s.err != nil {
		t.Fatal(s.err)
	}
	var types []string
	for line := range strings.Lines(out.String()) {
		var message struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		types = append(types, message.Type)
	}
	want := []string{
		"version", "diagnostic", "plan",
		"operation_started", "operation_done",
		"operation_started", "operation_progress", "operation_progress", "operation_done",
		"operation_started", "operation_progress", "operation_done",
		"submission", "submission", "product", "error", "summary",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(out.String(), `"exitCode":1}`+"\n") {
		t.Errorf("the last line is not the summary with the exit code: %s", out.String())
	}
	if !strings.Contains(out.String(), "a < b") {
		t.Error("text is escaped for HTML")
	}
}

// TestJSONFields pins the names that others script against. A name may be
// added with a new minor format version, and none may go.
func TestJSONFields(t *testing.T) {
	progress := progressDocument{Sent: 1, Total: 2, Waiting: "w"}
	submission := plan.Submission{ID: "1", Detail: []string{"d"}}
	for _, tt := range []struct {
		name     string
		document func() ([]byte, error)
		want     []string
	}{
		{"version", marshal(versionMessage{}), []string{"formatVersion", "tool", "type"}},
		{"diagnostic", marshal(diagnosticMessage{}), []string{"diagnostic", "type"}},
		{"plan", marshal(planMessage{}), []string{"plan", "type"}},
		{"operation", marshal(operationMessage{Progress: &progress, Warnings: []string{"w"}, Error: "e"}),
			[]string{"address", "error", "operation", "progress", "type", "verb", "warnings"}},
		{"progress", marshal(progress), []string{"sent", "total", "waiting"}},
		{"submission", marshal(submissionMessage{Submission: submission}), []string{"address", "submission", "type"}},
		{"product", marshal(productMessage{Verdict: "v", Standing: &plan.Standing{}, Submission: &submission, Verified: "v", Remaining: make([]plan.Change, 1),
			Warnings: []string{"w"}, Left: "l", DraftNote: "n", Error: "e", Class: "refused"}),
			[]string{"address", "class", "draftNote", "error", "left", "operations", "outcome", "remaining", "standing", "submission", "type", "verdict", "verified", "warnings"}},
		{"error", marshal(errorMessage{}), []string{"class", "error", "type"}},
		{"summary", marshal(summaryMessage{}), []string{"exitCode", "outcomes", "type"}},
		{"drift", marshal((&plan.Plan{}).Drift()),
			[]string{"complete", "createdAt", "diagnostics", "endpoints", "errored", "formatVersion", "inSync", "products", "summary", "tool", "verdict"}},
		{"drift product", marshal(plan.DriftOfProduct{Standing: &plan.Standing{}, Unfinished: true, Reports: make([]plan.Difference, 1), Unmanaged: make([]plan.Difference, 1), Running: &submission, Error: "e"}),
			[]string{"address", "complete", "differences", "error", "id", "inSync", "kind", "notices", "recorded", "reports", "running", "standing", "unfinished", "unmanaged", "verdict"}},
		{"difference", marshal(plan.Difference{Type: "text", Observed: []byte("1"), Desired: []byte("2"), Sensitive: true, Origin: "store", Label: "l", Reason: "r"}),
			[]string{"action", "desired", "label", "observed", "origin", "path", "reason", "sensitive", "type"}},
		{"validate", marshal(newValidationDocument(nil, nil)), []string{"diagnostics", "formatVersion", "manifests", "valid"}},
		{"status", marshal(newStatusDocument(nil)), []string{"formatVersion", "products"}},
		{"status product", marshal(productStatus{Verdict: "v", Standing: &plan.Standing{}, Status: &statusInAPI{}, Last: &submission, Draft: "ours", NotTaken: make([]plan.Change, 1), Error: "e"}),
			[]string{"address", "draft", "error", "id", "last", "notTaken", "standing", "status", "verdict"}},
		{"standing", marshal(plan.Standing{Next: "n", Submission: &submission, Paths: []plan.Path{"p"}}), []string{"next", "paths", "sentence", "submission"}},
		{"status in the Store", marshal(statusInAPI{&reconcile.Status{Draft: "d", Rollout: "r", Messages: []string{"m"}}, &submission, true}),
			[]string{"draft", "messages", "missing", "ready", "rollout", "running"}},
		{"emulator", marshal(emulatorReady{}), []string{"blob", "login", "msiexe", "msix", "token", "upload"}},
		{"discard", marshal(newDiscardDocument(&reconcile.DiscardPlan{Draft: "1", Status: "PendingCommit"}, errors.New("e"))),
			[]string{"address", "changes", "discarded", "draft", "endpoint", "error", "formatVersion", "id", "kind", "operations", "status"}},
		{"version command", marshal(versionInfo{}), []string{"commit", "go", "version"}},
	} {
		content, err := tt.document()
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(content, &fields); err != nil {
			t.Fatal(err)
		}
		var got []string
		for name := range fields {
			got = append(got, name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func marshal[T any](document T) func() ([]byte, error) {
	return func() ([]byte, error) { return json.Marshal(document) }
}

func TestHumanStatus(t *testing.T) {
	statuses := []reconcile.ProductStatus{
		{Address: "MsiExeApp/a", ID: "1a", Status: &reconcile.Status{Ready: true}, Draft: plan.DraftClean,
			Last: &plan.Submission{ID: "7", Status: "PUBLISHED", Done: true}},
		{Address: "MsiExeApp/b", ID: "2b", Running: &plan.Submission{ID: "8", Status: "INPROGRESS"}, Status: &reconcile.Status{Messages: []string{"one \x1bis running"}},
			Last: &plan.Submission{ID: "8", Status: "INPROGRESS"}},
		{Address: "MsiExeApp/c", ID: "3c", Status: &reconcile.Status{}, Draft: plan.DraftOurs,
			Last: &plan.Submission{ID: "9", Status: "FAILED", Done: true, Failed: true, Detail: []string{"it crashed"}}},
		{Address: "MsiExeApp/d", ID: "4d", Err: errors.New("broken")},
	}
	want := `MsiExeApp/a  1a
  Draft:        ready to be submitted
  Submission:   none is running
  Last of ours: 7 (PUBLISHED)

MsiExeApp/b  2b
  Draft:        locked while the submission runs
  Submission:   8 (INPROGRESS), running
  The Store:    one \x1bis running

MsiExeApp/c  3c
  Draft:        not ready to be submitted; holds changes of storesync that are
    not submitted: apply submits them
  Submission:   none is running
  Last of ours: 9 (FAILED: it crashed)

MsiExeApp/d  4d
  Status:       could not be read; the error says why
`
	if diff := cmp.Diff(want, humanStatus(statuses, look{width: 80})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHumanBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9951: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		52_428_800: "52 MB", 3_200_000_000: "3.2 GB", 5_000_000_000_000_000: "5000 TB",
	} {
		if got := humanBytes(n); got != want {
			t.Errorf("%d: want %s, got %s", n, want, got)
		}
	}
}
