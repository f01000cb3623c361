package msix

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

func TestCommitIsSentOnce(t *testing.T) {
	commit, status := "POST submissions/"+testDraft+"/commit", "GET submissions/"+testDraft+"/status"
	conflict := no(409, "InvalidState", "The submission is in a wrong state", "submissionId")
	tests := []struct {
		name    string
		replies map[string][]reply
		want    []string
		class   plan.Class // "" for success
		phrase  string
		doubt   bool
	}{
		{"answered", map[string][]reply{commit: {{status: 202, body: `{"status":"CommitStarted"}`}}}, []string{commit}, "", "", false},
		{"lost, started", map[string][]reply{commit: {lost()}, status: {isAt("CommitStarted")}}, []string{commit, status}, "", "", false},
		{"lost, far ahead", map[string][]reply{commit: {{status: 500}}, status: {isAt("Certification")}}, []string{commit, status}, "", "", false},
		{"lost, failed already", map[string][]reply{commit: {{status: 504}}, status: {isAt("CommitFailed")}}, []string{commit, status}, "", "", false},
		{"lost, starts late", map[string][]reply{commit: {lost()}, status: {isAt("PendingCommit"), isAt("CommitStarted")}}, []string{commit, status, status}, "", "", false},
		{"lost, not known for a while", map[string][]reply{commit: {lost()}, status: {{status: 404}, {status: 404}, isAt("CommitStarted")}}, []string{commit, status, status, status}, "", "", false},
		{"lost, not known at all", map[string][]reply{commit: {lost()}, status: {{status: 404}}}, []string{commit, status, status, status, status, status}, plan.ClassError, "may have been carried out", true},
		{"did not arrive", map[string][]reply{commit: {lost()}, status: {isAt("PendingCommit")}}, []string{commit, status, status, status}, plan.ClassError, "still a draft", false},
		{"cannot be read", map[string][]reply{commit: {lost()}, status: {{status: 403}}}, []string{commit, status}, plan.ClassError, "may have been carried out", true},
		{"somebody was faster", map[string][]reply{commit: {conflict}, status: {isAt("PreProcessing")}}, []string{commit, status}, plan.ClassRefused, "somebody else committed", false},
		{"refused", map[string][]reply{commit: {conflict}, status: {isAt("PendingCommit")}}, []string{commit, status}, plan.ClassError, "wrong state", false},
		{"portal-made", map[string][]reply{commit: {no(400, "InvalidOperation", "You can only update, delete and commit submissions created through the API", "applicationSubmission")}},
			[]string{commit}, plan.ClassRefused, "made in Partner Center", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, store := inVirtualTime(t, test.replies)
				outputs := map[string]json.RawMessage{stepCreate: json.RawMessage(`{"id":"` + testDraft + `"}`)}
				result, err := runSteps(t, b, notes(schema.MsixApp{}), outputs, plainStep(stepCommit))
				if test.class != "" {
					checkError(t, err, test.class, test.phrase)
				} else if err != nil {
					t.Fatal(err)
				} else if diff := cmp.Diff(testDraft, result.Submission); diff != "" {
					t.Errorf("submission (-want +got):\n%s", diff)
				}
				if errors.Is(err, plan.ErrOutcomeUnknown) != test.doubt {
					t.Errorf("in doubt: %v, want %v: %v", !test.doubt, test.doubt, err)
				}
				if diff := cmp.Diff(test.want, store.requests()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		})
	}
}
