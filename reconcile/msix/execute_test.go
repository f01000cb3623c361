package msix

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

const newTitle = `"Contoso Notes 2"`

// titleChange is a plan of one word.
func titleChange(t *testing.T) (*schema.Manifest, []plan.Operation) {
	put := putOf(t, liveSubmission, map[string]string{"/listings/en-us/baseListing/title": newTitle})
	return notes(schema.MsixApp{}), []plan.Operation{plainStep(stepCreate), plainStep(stepDraft), put, plainStep(stepCommit)}
}

func TestOneWordIsFourRequestsAndKeepsTheRest(t *testing.T) {
	m, operations := titleChange(t)
	written := draftWith(t, map[string]string{"/listings/en-us/baseListing/title": newTitle})
	b, store := against(t, map[string][]reply{
		"POST submissions":                          {{status: 201, body: `{"id":"` + testDraft + `","fileUploadUrl":null}`}},
		"GET submissions/" + testDraft:              {ok(draftWith(t, nil))},
		"PUT submissions/" + testDraft:              {ok(written)},
		"POST submissions/" + testDraft + "/commit": {{status: 202, body: `{"status":"CommitStarted"}`}},
	})
	outputs := map[string]json.RawMessage{}
	result, err := runSteps(t, b, m, outputs, operations...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testDraft, result.Submission); diff != "" {
		t.Errorf("submission (-want +got):\n%s", diff)
	}
	want := []string{"POST submissions", "GET submissions/" + testDraft, "PUT submissions/" + testDraft, "POST submissions/" + testDraft + "/commit"}
	if diff := cmp.Diff(want, store.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	sent := parsed(t, store.bodyOf("PUT submissions/"+testDraft))
	if diff := cmp.Diff(string(parsed(t, written).raw()), string(sent.raw())); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	read, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: plainStep(stepVerify), Outputs: outputs}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(newTitle, string(read.State["listings.en-us.title"].JSON)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if got := len(store.requests()); got != len(want) {
		t.Errorf("the read-back sent %d requests though the answer showed everything", got-len(want))
	}
}

func TestReadBackReadsWhatTheAnswerDoesNotShow(t *testing.T) {
	for name, answer := range map[string]string{
		"minimal": `{"id":"` + testDraft + `","status":"PendingCommit"}`, "empty": ``, "an error's shape": `{"code":"InvalidParameterValue","message":"no"}`,
		"another submission": liveSubmission, "HTML": `<html></html>`,
	} {
		t.Run(name, func(t *testing.T) {
			m, operations := titleChange(t)
			stored := draftWith(t, map[string]string{"/listings/en-us/baseListing/title": `"Somebody else's"`})
			b, store := against(t, map[string][]reply{
				"PUT submissions/" + testDraft: {ok(answer)},
				"GET submissions/" + testDraft: {ok(stored)},
			})
			outputs := map[string]json.RawMessage{stepCreate: json.RawMessage(draftWith(t, nil))}
			if _, err := runSteps(t, b, m, outputs, operations[2]); err != nil {
				t.Fatal(err)
			}
			read, err := b.ReadBack(t.Context(), reconcile.Call{Manifest: m, Operation: plainStep(stepVerify), Outputs: outputs}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(`"Somebody else's"`, string(read.State["listings.en-us.title"].JSON)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"PUT submissions/" + testDraft, "GET submissions/" + testDraft}, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedPutStopsBeforeTheCommit(t *testing.T) {
	tests := []struct {
		name   string
		answer reply
		class  plan.Class
		want   []string
	}{
		{"packages", no(400, "InvalidParameterValue", "Please keep all file entries for existing packages. The following packages are missing in your update: 2000000000000000001", "packages"),
			plan.ClassError, []string{"HTTP 400", "keep all file entries", "(packages)", "correlation id c-1", "Plan again"}},
		{"language", no(400, "InvalidParameterValue", "Language codes: xx-xx not supported", "listings"), plan.ClassError, []string{"xx-xx", "language codes"}},
		{"portal-made", no(400, "InvalidOperation", "You can only update, delete and commit submissions created through the API", "applicationSubmission"),
			plan.ClassRefused, []string{"made in Partner Center"}},
		{"features", no(409, "InvalidState", "The application uses features not supported by the submission API", ""), plan.ClassError, []string{"mandatory app updates", "Partner Center"}},
		{"forbidden", reply{status: 403}, plan.ClassCredentials, []string{"HTTP 403", "Manager role"}},
		{"unauthorized", reply{status: 401}, plan.ClassCredentials, []string{"HTTP 401", "token"}},
		{"secret", no(400, "InvalidParameterValue", "notesForCertification 'user: a, password: hunter22' is bad", "notes"), plan.ClassError, []string{"'(sensitive)' is bad"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, operations := titleChange(t)
			b, store := against(t, map[string][]reply{
				"POST submissions":             {{status: 201, body: draftWith(t, nil)}},
				"GET submissions/" + testDraft: {ok(draftWith(t, nil))},
				"PUT submissions/" + testDraft: {test.answer},
			})
			_, err := runSteps(t, b, m, map[string]json.RawMessage{}, operations...)
			checkError(t, err, test.class, test.want...)
			if slices.ContainsFunc(store.requests(), func(r string) bool { return strings.HasSuffix(r, "/commit") }) {
				t.Error("a refused draft was committed")
			}
		})
	}
}

// checkError looks for the class and all the phrases, and for nothing secret.
func checkError(t *testing.T, err error, class plan.Class, phrases ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(class, plan.ClassOf(err)); diff != "" {
		t.Errorf("class of %v (-want +got):\n%s", err, diff)
	}
	for _, phrase := range phrases {
		if !strings.Contains(err.Error(), phrase) {
			t.Errorf("%q lacks %q", err, phrase)
		}
	}
	for _, secret := range []string{"SECRET", "hunter22", "test-token"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("%q tells a secret", err)
		}
	}
}

func TestPutRefusesADraftThatIsNotWhatWasPlannedAgainst(t *testing.T) {
	m, operations := titleChange(t)
	moved := draftWith(t, map[string]string{"/visibility": `"Hidden"`, "/pricing/priceId": `"Tier9"`})
	look := []string{"GET app", "GET submissions/" + testPublished}
	for name, c := range map[string]struct {
		published reply // what is published now
		read      bool  // whether the base was read by this process
		want      string
		requests  []string
	}{
		"read before":                  {ok(liveSubmission), true, "it differs at /pricing/priceId, /visibility", look[1:]},
		"read by another process":      {ok(liveSubmission), false, "it differs at /pricing/priceId, /visibility", look},
		"what is published moved, too": {ok(with(t, liveSubmission, map[string]string{"/visibility": `"Private"`})), false, "against, and neither is what is published now\n", look},
		"it cannot be read":            {reply{status: 404}, false, "against\n", look},
	} {
		t.Run(name, func(t *testing.T) {
			b, store := against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, "GET submissions/" + testPublished: {c.published}})
			if c.read {
				if _, err := b.client.submission(t.Context(), testProduct(), testPublished); err != nil {
					t.Fatal(err)
				}
			}
			outputs := map[string]json.RawMessage{stepCreate: json.RawMessage(moved), stepDraft: json.RawMessage(moved)}
			_, err := runSteps(t, b, m, outputs, operations[2])
			checkError(t, err, plan.ClassRefused, "draft "+testDraft+" is not what was planned against", c.want, "Plan again")
			for _, value := range []string{"Hidden", "Private", "Tier"} {
				if strings.Contains(err.Error(), value) {
					t.Errorf("a value is shown: %v", err)
				}
			}
			if diff := cmp.Diff(c.requests, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPutRefusesWhatIsNoDraft(t *testing.T) {
	for name, changes := range map[string]map[string]string{
		"is Certification": {"/status": `"Certification"`}, "was made in Partner Center": {"/fileUploadUrl": "null"},
	} {
		m, operations := titleChange(t)
		b, _ := against(t, nil)
		draft := json.RawMessage(draftWith(t, changes))
		_, err := runSteps(t, b, m, map[string]json.RawMessage{stepCreate: draft, stepDraft: draft}, operations[2])
		checkError(t, err, plan.ClassRefused, name)
	}
}

func TestNewSubmissionInheritsNoRollout(t *testing.T) {
	const pointer = rolloutPointer
	inherited := map[string]string{pointer + "/isPackageRollout": "true", pointer + "/packageRolloutPercentage": "25.0", pointer + "/packageRolloutStatus": `"PackageRolloutStopped"`}
	ours := map[string]string{pointer + "/isPackageRollout": "true", pointer + "/packageRolloutPercentage": "10.0", pointer + "/packageRolloutStatus": `"PackageRolloutNotStarted"`}
	tests := []struct {
		name    string
		draft   map[string]string
		fresh   bool
		changes map[string]string
		want    string
	}{
		{"fresh", inherited, true, map[string]string{"/visibility": `"Hidden"`}, "false 0"},
		{"fresh, status says nothing", ours, true, map[string]string{"/visibility": `"Hidden"`}, "false 0"},
		{"fresh, wanted", inherited, true, map[string]string{pointer + "/packageRolloutPercentage": "50"}, "true 50"},
		{"a sibling is no wish", inherited, true, map[string]string{"/packageDeliveryOptions/isMandatoryUpdate": "true"}, "false 0"},
		{"our own draft, the status of what is live", inherited, false, map[string]string{"/visibility": `"Hidden"`}, "true 25.0"},
		{"our own draft", ours, false, map[string]string{"/visibility": `"Hidden"`}, "true 10.0"},
		{"none", nil, true, map[string]string{"/visibility": `"Hidden"`}, "false 0.0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			draft := draftWith(t, test.draft)
			put := putOf(t, draft, test.changes)
			b, store := against(t, map[string][]reply{"PUT submissions/" + testDraft: {ok("{}")}})
			outputs := map[string]json.RawMessage{stepDraft: json.RawMessage(draft)}
			if test.fresh {
				outputs[stepCreate] = json.RawMessage(`{"id":"` + testDraft + `"}`)
			} else {
				put.Path = testProduct().submissionPath(testDraft)
			}
			if _, err := runSteps(t, b, notes(schema.MsixApp{}), outputs, put); err != nil {
				t.Fatal(err)
			}
			sent := parsed(t, store.bodyOf("PUT submissions/"+testDraft))
			on, _ := sent.get(pointer + "/isPackageRollout")
			share, _ := sent.get(pointer + "/packageRolloutPercentage")
			if diff := cmp.Diff(test.want, string(on)+" "+string(share)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPriceThatCannotBeSentBackDeletesOurDraft(t *testing.T) {
	base := map[string]string{"/pricing/priceId": `"Base"`}
	refused := no(400, "InvalidParameterValue", "'TierX' is not a valid PriceId for base price.", "pricing")
	tests := []struct {
		name    string
		draft   map[string]string
		changes map[string]string
		app     string
		answer  reply
		want    []string
		phrases []string
	}{
		{"Base", base, map[string]string{"/visibility": `"Hidden"`}, appWith(testPublished, testDraft), reply{},
			[]string{"GET app", "DELETE submissions/" + testDraft}, []string{"could change a price", "Base", "deleted again"}},
		{"refused echo", nil, map[string]string{"/visibility": `"Hidden"`}, appWith(testPublished, testDraft), refused,
			[]string{"PUT submissions/" + testDraft, "GET app", "DELETE submissions/" + testDraft}, []string{"TierX", "deleted again"}},
		{"refused wish", nil, map[string]string{"/pricing/priceId": `"TierX"`}, "", refused,
			[]string{"PUT submissions/" + testDraft}, []string{"TierX", "refused a price"}},
		{"never published", base, map[string]string{"/visibility": `"Hidden"`}, appWith("", testDraft), reply{},
			[]string{"GET app"}, []string{"still there", "first submission"}},
		{"null is never sent", nil, map[string]string{"/pricing/priceId": `null`}, "", reply{}, nil, []string{"could change a price", "null"}},
		{"nor nothing", nil, map[string]string{"/pricing": `{}`}, "", reply{}, nil, []string{"could change a price", "missing"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			draft := draftWith(t, test.draft)
			b, store := against(t, map[string][]reply{
				"PUT submissions/" + testDraft: {test.answer}, "GET app": {ok(test.app)}, "DELETE submissions/" + testDraft: {{status: 204}},
			})
			outputs := map[string]json.RawMessage{stepCreate: json.RawMessage(draft), stepDraft: json.RawMessage(draft)}
			_, err := runSteps(t, b, notes(schema.MsixApp{}), outputs, putOf(t, draft, test.changes), plainStep(stepCommit))
			checkError(t, err, plan.ClassError, test.phrases...)
			if diff := cmp.Diff(test.want, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLostPutIsSettledByReading(t *testing.T) {
	written := map[string]string{"/listings/en-us/baseListing/title": newTitle}
	tests := []struct {
		name   string
		puts   []reply
		stored []reply
		want   string // the error, "" for success
		doubt  bool
	}{
		{"it arrived", []reply{lost()}, []reply{ok(draftWith(t, written))}, "", false},
		{"it did not, the next one does", []reply{lost(), lost(), lost(), lost(), lost(), ok(draftWith(t, written))}, []reply{ok(draftWith(t, nil))}, "", false},
		{"none arrives", []reply{lost()}, []reply{ok(draftWith(t, nil))}, "no answer", false},
		{"it cannot be read", []reply{{status: 503}}, []reply{{status: 404}}, "may have been carried out", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, operations := titleChange(t)
				b, _ := inVirtualTime(t, map[string][]reply{"PUT submissions/" + testDraft: test.puts, "GET submissions/" + testDraft: test.stored})
				draft := json.RawMessage(draftWith(t, nil))
				outputs := map[string]json.RawMessage{stepCreate: draft, stepDraft: draft}
				_, err := runSteps(t, b, m, outputs, operations[2])
				if errors.Is(err, plan.ErrOutcomeUnknown) != test.doubt {
					t.Errorf("in doubt: %v, want %v: %v", !test.doubt, test.doubt, err)
				}
				if test.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff("Contoso Notes 2", parsed(t, string(outputs[stepPut])).text("/listings/en-us/baseListing/title")); diff != "" {
						t.Errorf("output (-want +got):\n%s", diff)
					}
					return
				}
				checkError(t, err, plan.ClassError, test.want)
			})
		})
	}
}

// TestLostPutOfWhatNoDigestShows: notes are in no digest, yet a lost write of
// them is settled all the same.
func TestLostPutOfWhatNoDigestShows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notesOnly := map[string]string{"/notesForCertification": `"user: b"`}
		b, store := inVirtualTime(t, map[string][]reply{keyPut: {lost()}, keyDraft: {ok(draftWith(t, notesOnly))}})
		draft := json.RawMessage(draftWith(t, nil))
		_, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{stepCreate: draft, stepDraft: draft}, putOf(t, string(draft), notesOnly))
		if err != nil {
			t.Fatal(err)
		}
		if got := store.requests(); len(got) != 6 { // the pipeline's five tries and one look
			t.Errorf("requests: %v", got)
		}
	})
}

func TestDiscard(t *testing.T) {
	step := plan.Operation{ID: stepDiscard, Method: "DELETE", Path: testProduct().submissionPath(testDraft), Effect: plan.EffectDestroy}
	tests := []struct {
		name    string
		replies map[string][]reply
		want    []string
		class   plan.Class
		phrase  string
	}{
		{"deleted", map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, "DELETE submissions/" + testDraft: {{status: 204}}},
			[]string{"GET app", "DELETE submissions/" + testDraft}, "", ""},
		{"gone already", map[string][]reply{"GET app": {ok(appWith(testPublished, ""))}}, []string{"GET app"}, "", ""},
		{"another one by now", map[string][]reply{"GET app": {ok(appWith(testPublished, "1152921500000000009"))}}, []string{"GET app"}, "", ""},
		{"first submission", map[string][]reply{"GET app": {ok(appWith("", testDraft))}}, []string{"GET app"}, plan.ClassRefused, "cannot make it again"},
		{"gone meanwhile", map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, "DELETE submissions/" + testDraft: {{status: 404}}},
			[]string{"GET app", "DELETE submissions/" + testDraft}, "", ""},
		{"committed meanwhile", map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))},
			"DELETE submissions/" + testDraft: {no(409, "InvalidState", "The submission in its current state cannot be deleted.", "submissionId")}},
			[]string{"GET app", "DELETE submissions/" + testDraft}, plan.ClassError, "was committed meanwhile"},
		{"portal-made", map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))},
			"DELETE submissions/" + testDraft: {no(400, "InvalidOperation", "You can only update, delete and commit submissions created through the API", "applicationSubmission")}},
			[]string{"GET app", "DELETE submissions/" + testDraft}, plan.ClassRefused, "made in Partner Center"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, store := against(t, test.replies)
			_, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, step)
			if test.phrase == "" && err != nil {
				t.Fatal(err)
			}
			if test.phrase != "" {
				checkError(t, err, test.class, test.phrase)
			}
			if diff := cmp.Diff(test.want, store.requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}
