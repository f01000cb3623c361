package msix

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

const keyDelete = "DELETE submissions/" + testDraft

// discarded runs Discard against a scripted Store with a record that knows a
// draft as ours, and returns what the record knows afterwards.
func discarded(t *testing.T, ours string, replies map[string][]reply, approve func() error) (*reconcile.DiscardPlan, string, *script, error) {
	t.Helper()
	b, store := against(t, replies)
	records := record.Files(t.TempDir())
	key := record.Key{Endpoint: b.endpoint, Account: b.account, Product: testApp}
	if err := records.Save(t.Context(), &record.Record{Format: record.Format, Key: key, Draft: &record.Draft{ID: ours, Before: &provenance.Snapshot{}},
		Writes: []record.Write{{Operation: stepPut, Draft: ours, Sent: map[plan.Path]plan.Mark{"listings.en-us.title": plan.MarkOf(plan.TextValue("Contoso Notes 2"))}, Outcome: provenance.Confirmed}}}); err != nil {
		t.Fatal(err)
	}
	engine := reconcile.New(reconcile.Options{
		Backends: map[schema.Kind]reconcile.Backend{schema.MsixAppKind: b}, Records: records, Tool: "test", Now: time.Now,
	})
	planned, err := engine.Discard(t.Context(), notes(schema.MsixApp{}), func(context.Context, *reconcile.DiscardPlan) error { return approve() })
	record, loadErr := records.Load(t.Context(), key)
	if loadErr != nil {
		t.Fatal(loadErr)
	}
	known := ""
	if record.Draft != nil {
		known = record.Draft.ID
	}
	return planned, known, store, err
}

func yes() error { return nil }

// withDraft is a Store with a pending draft that has another title.
func withDraft(t *testing.T, draft map[string]string, changes map[string][]reply) map[string][]reply {
	t.Helper()
	if draft == nil {
		draft = map[string]string{"/listings/en-us/baseListing/title": newTitle}
	}
	replies := map[string][]reply{
		"GET app":    {ok(appWith(testPublished, testDraft))},
		keyPublished: {ok(liveSubmission)},
		keyDraft:     {ok(draftWith(t, draft))},
		keyDelete:    {{status: 204}},
	}
	for key, answers := range changes {
		replies[key] = answers
	}
	return replies
}

func TestDiscardDeletesOurDraft(t *testing.T) {
	plan, known, store, err := discarded(t, testDraft, withDraft(t, nil, nil), yes)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Changes) != 1 || plan.Changes[0].Path != "listings.en-us.title" || plan.Draft != testDraft {
		t.Errorf("shown: draft %s with %+v", plan.Draft, plan.Changes)
	}
	if known != "" {
		t.Errorf("the record still knows draft %s", known)
	}
	requests := store.requests()
	if got := requests[len(requests)-1]; got != keyDelete {
		t.Errorf("the last request is %s", got)
	}
}

func TestDiscardRefuses(t *testing.T) {
	tests := []struct {
		name    string
		ours    string
		replies map[string][]reply
		approve func() error
		want    string
	}{
		{"another one's", "1", withDraft(t, nil, nil), yes, "is not known as storesync's own"},
		{"made in the portal", testDraft, withDraft(t, map[string]string{"/fileUploadUrl": "null"}, nil), yes, "was made in Partner Center"},
		{"committed", testDraft, withDraft(t, map[string]string{"/status": `"Certification"`}, nil), yes, "is Certification, so it is no draft any more"},
		{"the first one", testDraft, withDraft(t, nil, map[string][]reply{"GET app": {ok(appWith("", testDraft))}}), yes, "is the first submission of app"},
		{"changed while it was looked at", testDraft, withDraft(t, nil, map[string][]reply{
			keyDraft: {ok(draftWith(t, nil)), ok(draftWith(t, map[string]string{"/visibility": `"Hidden"`}))}}), yes, "is not what was shown any more"},
		{"not approved", testDraft, withDraft(t, nil, nil), func() error {
			return &plan.Failure{Class: plan.ClassRefused, Err: errors.New("not approved")}
		}, "not approved"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, known, store, err := discarded(t, test.ours, test.replies, test.approve)
			if err == nil || !strings.Contains(err.Error(), test.want) || plan.ClassOf(err) != plan.ClassRefused {
				t.Errorf("%v, want a refusal with %q", err, test.want)
			}
			if known != test.ours {
				t.Errorf("the record knows draft %q, want %q", known, test.ours)
			}
			for _, request := range store.requests() {
				if !strings.HasPrefix(request, "GET ") {
					t.Errorf("sent %s", request)
				}
			}
		})
	}
}

// A lost answer is settled by reading: the draft is gone, or still there.
func TestDiscardSettlesALostAnswer(t *testing.T) {
	pending, none := ok(appWith(testPublished, testDraft)), ok(appWith(testPublished, ""))
	gone := withDraft(t, nil, map[string][]reply{
		"GET app": {pending, pending, pending, none}, keyDelete: {lost()},
	})
	if _, known, _, err := discarded(t, testDraft, gone, yes); err != nil || known != "" {
		t.Errorf("the draft is gone, but: %v; the record knows %q", err, known)
	}
	refused := withDraft(t, nil, map[string][]reply{keyDelete: {no(409, "InvalidState", "The submission in its current state cannot be deleted.", "submissionId")}})
	if _, known, _, err := discarded(t, testDraft, refused, yes); err == nil || known != testDraft {
		t.Errorf("the draft is there, but: %v; the record knows %q", err, known)
	}
}

func TestDiscardOfNothing(t *testing.T) {
	plan, _, store, err := discarded(t, "1", map[string][]reply{"GET app": {ok(appWith(testPublished, ""))}}, func() error {
		t.Error("asked though there is nothing to delete")
		return nil
	})
	if err != nil || plan.Draft != "" {
		t.Errorf("plan %+v, error %v", plan, err)
	}
	if diff := cmp.Diff([]string{"GET app"}, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func rawOutputs(texts map[string]string) map[string]json.RawMessage {
	if texts == nil {
		return nil
	}
	outputs := map[string]json.RawMessage{}
	for step, text := range texts {
		outputs[step] = json.RawMessage(text)
	}
	return outputs
}

func TestDraftNote(t *testing.T) {
	b := &backend{}
	const portal = "Partner Center cannot finish a draft that the API made, and one that is touched there may be stuck. Apply without --draft commits it"
	tests := []struct {
		name    string
		outputs map[string]string
		want    string
	}{
		{"planned", nil, portal + ", within about a day: then the address for its files runs out, and apply makes the draft anew."},
		{"read", map[string]string{stepDraft: draftWith(t, nil)}, portal + ". The address for its files runs out at 2099-01-01 00:00 UTC; after that, apply makes the draft anew."},
		{"without an address", map[string]string{stepDraft: `{"id":"1"}`}, portal + "."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			outputs := rawOutputs(test.outputs)
			got := b.DraftNote(outputs)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(got, "SECRET") {
				t.Error("the signature is in it")
			}
		})
	}
}
