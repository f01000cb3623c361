package msix

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestCreateWhoseAnswerIsLost(t *testing.T) {
	made := reply{status: 201, body: draftWith(t, nil)}
	failed := reply{status: 503}
	foreign := ok(draftWith(t, map[string]string{"/visibility": `"Hidden"`}))
	pending, idle := ok(appWith(testPublished, testDraft)), ok(appWith(testPublished, ""))
	tests := []struct {
		name    string
		replies map[string][]reply
		posts   int
		class   plan.Class // "" for success
		phrase  string
		doubt   bool
	}{
		{"answered", map[string][]reply{"POST submissions": {made}}, 1, "", "", false},
		{"made all the same", map[string][]reply{"POST submissions": {failed}, "GET app": {pending},
			"GET submissions/" + testDraft: {ok(draftWith(t, nil))}, "GET submissions/" + testPublished: {ok(liveSubmission)}}, 1, "", "", false},
		{"shows a little later", map[string][]reply{"POST submissions": {lost()}, "GET app": {idle, pending},
			"GET submissions/" + testDraft: {ok(draftWith(t, nil))}, "GET submissions/" + testPublished: {ok(liveSubmission)}}, 1, "", "", false},
		{"did not arrive", map[string][]reply{"POST submissions": {failed, made}, "GET app": {idle}}, 2, "", "", false},
		{"arrived after we looked", map[string][]reply{"POST submissions": {failed, no(409, "InvalidState", "Create submission failed, Conflict", "submission")},
			"GET app": {idle, idle, idle, pending}, "GET submissions/" + testDraft: {ok(draftWith(t, nil))}, "GET submissions/" + testPublished: {ok(liveSubmission)}}, 2, "", "", false},
		{"refused when sent again", map[string][]reply{"POST submissions": {failed, no(409, "InvalidState", "Create submission failed, Conflict", "submission")}, "GET app": {idle}},
			2, plan.ClassRefused, "Somebody made a draft", false},
		{"never arrives", map[string][]reply{"POST submissions": {failed}, "GET app": {idle}}, 3, plan.ClassError, "HTTP 503", true},
		{"somebody else's", map[string][]reply{"POST submissions": {failed}, "GET app": {pending},
			"GET submissions/" + testDraft: {foreign}, "GET submissions/" + testPublished: {ok(liveSubmission)}}, 1, plan.ClassRefused, "storesync did not make it", false},
		{"portal-made", map[string][]reply{"POST submissions": {failed}, "GET app": {pending},
			"GET submissions/" + testDraft: {ok(draftWith(t, map[string]string{"/fileUploadUrl": "null"}))}}, 1, plan.ClassRefused, "made in Partner Center", false},
		{"never published", map[string][]reply{"POST submissions": {failed}, "GET app": {ok(appWith("", testDraft))},
			"GET submissions/" + testDraft: {ok(draftWith(t, nil))}}, 1, plan.ClassRefused, "no published submission", false},
		{"cannot be read", map[string][]reply{"POST submissions": {failed}, "GET app": {{status: 403}}}, 1, plan.ClassError, "HTTP 503", true},
		{"conflict", map[string][]reply{"POST submissions": {no(409, "InvalidState", "Create submission failed, Conflict", "submission")}},
			1, plan.ClassRefused, "Somebody made a draft", false},
		{"unsupported", map[string][]reply{"POST submissions": {no(409, "InvalidState", "The application uses features not supported by the submission API", "")}},
			1, plan.ClassError, "mandatory app updates", false},
		{"no app", map[string][]reply{"POST submissions": {no(404, "ResourceNotFound", "Not found", "applicationId")}}, 1, plan.ClassError, "spec.appId", false},
		{"success without an id", map[string][]reply{"POST submissions": {{status: 201, body: "{}"}}, "GET app": {pending},
			"GET submissions/" + testDraft: {ok(draftWith(t, nil))}, "GET submissions/" + testPublished: {ok(liveSubmission)}}, 1, "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, store := against(t, test.replies)
			result, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, plainStep(stepCreate))
			if test.class != "" {
				checkError(t, err, test.class, test.phrase)
			} else if err != nil {
				t.Fatal(err)
			} else if diff := cmp.Diff(testDraft, result.Draft); diff != "" {
				t.Errorf("draft (-want +got):\n%s", diff)
			}
			if errors.Is(err, plan.ErrOutcomeUnknown) != test.doubt {
				t.Errorf("in doubt: %v, want %v: %v", !test.doubt, test.doubt, err)
			}
			posts := 0
			for _, request := range store.requests() {
				if request == "POST submissions" {
					posts++
				}
			}
			if posts != test.posts {
				t.Errorf("created %d times, want %d: %v", posts, test.posts, store.requests())
			}
		})
	}
}
