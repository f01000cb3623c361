package msix

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// applied plans and applies a new title against a scripted Store, with what an
// earlier run left in the folder.
func applied(t *testing.T, folder string, replies map[string][]reply) (reconcile.ProductResult, *script) {
	t.Helper()
	b, store := against(t, replies)
	b.endpoint = "https://store.contoso.example" // as each run has another port
	engine := reconcile.New(reconcile.Options{
		Backends: map[schema.Kind]reconcile.Backend{schema.MsixAppKind: b}, Records: record.Files(folder), Tool: "test", Now: time.Now,
	})
	title := &schema.Text{Value: "Contoso Notes 2"}
	m := notes(schema.MsixApp{Listings: map[string]*schema.MsixListing{"en-us": {Title: title}}})
	ctx := context.Background()
	proposal, err := engine.Plan(ctx, &schema.Workspace{Manifests: []*schema.Manifest{m}}, reconcile.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if proposal.Plan.Errored {
		t.Fatalf("plan: %v", proposal.Plan.Diagnostics)
	}
	report, err := engine.Apply(ctx, proposal, reconcile.ApplyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report.Products[0], store
}

// keys of the scripted Store.
const (
	keyCreate    = "POST submissions"
	keyDraft     = "GET submissions/" + testDraft
	keyPut       = "PUT submissions/" + testDraft
	keyCommit    = "POST submissions/" + testDraft + "/commit"
	keyPublished = "GET submissions/" + testPublished
)

// theStore is a Store on which everything goes well, but for the changes.
func theStore(t *testing.T, changes map[string][]reply) map[string][]reply {
	replies := map[string][]reply{
		"GET app":    {ok(appWith(testPublished, ""))},
		keyPublished: {ok(liveSubmission)},
		keyCreate:    {{status: 201, body: `{"id":"` + testDraft + `"}`}},
		keyDraft:     {ok(draftWith(t, nil))},
		keyPut:       {ok(draftWith(t, map[string]string{"/listings/en-us/baseListing/title": newTitle}))},
		keyCommit:    {{status: 202, body: `{"status":"CommitStarted"}`}},
		statusKey:    statuses("CommitStarted", "Certification"),
	}
	for key, answers := range changes {
		replies[key] = answers
	}
	return replies
}

func TestApplyOfOneWordIsTheFloor(t *testing.T) {
	result, store := applied(t, t.TempDir(), theStore(t, nil))
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	want := []string{"GET app", keyPublished, keyCreate, keyDraft, keyPut, keyCommit, statusKey, statusKey}
	if diff := cmp.Diff(want, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if result.Outcome != reconcile.Submitted || result.Submission.ID != testDraft {
		t.Errorf("%s, submission %+v", result.Outcome, result.Submission)
	}
}

// TestApplyStopsBeforeTheCommit: the service commits a draft whose change it
// refused or forgot (observed 2026-02), so storesync must not ask it to.
func TestApplyStopsBeforeTheCommit(t *testing.T) {
	title := "/listings/en-us/baseListing/title"
	tests := []struct {
		name    string
		changes map[string][]reply
		outcome reconcile.Outcome
		phrase  string
	}{
		{"the change is refused", map[string][]reply{keyPut: {no(400, "InvalidParameterValue", "title is bad", "listings")}}, reconcile.Failed, "title is bad"},
		{"the change is forgotten", map[string][]reply{keyPut: {ok(draftWith(t, nil))}}, reconcile.Failed, "the Store did not take what was sent"},
		{"a short answer, the change is forgotten", map[string][]reply{keyPut: {ok(`{"id":"` + testDraft + `"}`)}}, reconcile.Failed, "the Store did not take what was sent"},
		{"the price comes back as another", map[string][]reply{keyPut: {ok(draftWith(t, map[string]string{title: newTitle, "/pricing/priceId": `"Free"`}))}},
			reconcile.Failed, "pricing.priceId"},
		{"a market comes back as another", map[string][]reply{keyPut: {ok(draftWith(t, map[string]string{title: newTitle, "/pricing/marketSpecificPricings/JP": `"NotAvailable"`}))}},
			reconcile.Failed, "JP"},
		{"the copy is of something else", map[string][]reply{keyDraft: {ok(draftWith(t, map[string]string{"/visibility": `"Hidden"`}))}}, reconcile.Refused, "it differs at /visibility"},
		{"the answer is an error in disguise", map[string][]reply{keyPut: {ok(`{"code":"InvalidOperation","message":"no"}`)}}, reconcile.Failed, "the Store did not take what was sent"},
		{"somebody committed it", map[string][]reply{keyPut: {ok(draftWith(t, map[string]string{title: newTitle, "/status": `"CommitStarted"`}))}}, reconcile.Refused, "is CommitStarted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result, store := applied(t, t.TempDir(), theStore(t, test.changes))
			if result.Outcome != test.outcome || result.Err == nil || !strings.Contains(result.Err.Error(), test.phrase) {
				t.Errorf("%s: %v", result.Outcome, result.Err)
			}
			if strings.Contains(strings.Join(store.requests(), "\n"), "/commit") {
				t.Errorf("it was committed all the same: %v", store.requests())
			}
		})
	}
}

func TestApplyAfterALostCommitCommitsTheSameDraft(t *testing.T) {
	folder := t.TempDir()
	// The commit never arrives, though that cannot be known at first.
	result, _ := applied(t, folder, theStore(t, map[string][]reply{keyCommit: {lost()}, statusKey: statuses("PendingCommit")}))
	if result.Err == nil || !strings.Contains(result.Err.Error(), "still a draft") {
		t.Fatalf("%s: %v", result.Outcome, result.Err)
	}
	written := draftWith(t, map[string]string{"/listings/en-us/baseListing/title": newTitle})
	result, store := applied(t, folder, theStore(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyDraft: {ok(written)}}))
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	want := []string{"GET app", keyDraft, keyPublished, keyDraft, keyCommit, statusKey, statusKey}
	if diff := cmp.Diff(want, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestApplyReportsWhatTheCommitFailedOf(t *testing.T) {
	failed := ok(`{"status":"CommitFailed","statusDetails":{"errors":[{"code":"InvalidState","details":"x"}],"warnings":[],"certificationReports":[{"date":"2026-03-04T05:06:07Z","reportUrl":"https://partner.contoso.example/1"}]}}`)
	result, _ := applied(t, t.TempDir(), theStore(t, map[string][]reply{statusKey: {failed}}))
	if result.Outcome != reconcile.Failed {
		t.Errorf("%s", result.Outcome)
	}
	checkError(t, result.Err, plan.ClassError, "ended with CommitFailed", "InvalidState: x", "open the submission in Partner Center", "https://partner.contoso.example/1")
}
