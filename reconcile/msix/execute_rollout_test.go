package msix

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

const testRollout = "submissions/" + testPublished

// rolloutCall is a step as it stands in a plan.
func rolloutCall(id, method string) plan.Operation {
	return plan.Operation{ID: id, Verb: plan.VerbCall, Method: http.MethodPost,
		Path: appProduct(testApp).submissionPath(testPublished) + method}
}

// rolloutAt is the answer of a rollout method.
func rolloutAt(status, percentage string) reply {
	return ok(`{"isPackageRollout":true,"packageRolloutPercentage":` + percentage + `,"packageRolloutStatus":"` + status + `","fallbackSubmissionId":"7"}`)
}

// What became of a raise to 25 % is known, whatever the service answers.
func TestRolloutStepIsSettled(t *testing.T) {
	post, get := "POST "+testRollout+"/updatepackagerolloutpercentage", "GET "+testRollout+"/packagerollout"
	conflict := no(409, "InvalidState", "The submission is not in a valid state for the gradual rollout operation", "submissionId")
	raised, before := rolloutAt(rolloutInProgress, "25.0"), rolloutAt(rolloutInProgress, "10.0")
	tests := map[string]struct {
		replies map[string][]reply
		want    []string
		class   plan.Class // "" for success
		phrase  string
		doubt   bool
	}{
		"answered":                 {map[string][]reply{post: {raised}}, []string{post}, "", "", false},
		"answered with nothing":    {map[string][]reply{post: {ok("")}, get: {raised}}, []string{post, get}, "", "", false},
		"answered with no rollout": {map[string][]reply{post: {ok(`{"status":"fine"}`)}, get: {raised}}, []string{post, get}, "", "", false},
		"answered with something else": {map[string][]reply{post: {before}}, []string{post}, plan.ClassError,
			"the Store took it, and now the rollout is PackageRolloutInProgress at 10 %", false},
		"lost, arrived":      {map[string][]reply{post: {lost()}, get: {raised}}, []string{post, get}, "", "", false},
		"lost, arrives late": {map[string][]reply{post: {{status: 503}}, get: {before, raised}}, []string{post, get, get}, "", "", false},
		"lost on the way":    {map[string][]reply{post: {lost(), raised}, get: {before}}, []string{post, get, get, get, post}, "", "", false},
		"never arrives": {map[string][]reply{post: {lost()}, get: {before}}, slices.Repeat([]string{post, get, get, get}, maxTries), plan.ClassError,
			"the step did not arrive", false},
		"lost, and the rollout cannot be read": {map[string][]reply{post: {lost()}, get: {{status: 403}}}, []string{post, get}, plan.ClassError,
			"may have been carried out", true},
		"lost, and the rollout is none": {map[string][]reply{post: {lost()}, get: {ok("[]")}}, []string{post, get}, plan.ClassError,
			"may have been carried out", true},
		"somebody was faster": {map[string][]reply{post: {conflict}, get: {raised}}, []string{post, get}, "", "", false},
		"halted meanwhile": {map[string][]reply{post: {conflict}, get: {rolloutAt(rolloutStopped, "0")}}, []string{post, get}, plan.ClassRefused,
			"the rollout has ended meanwhile, it is PackageRolloutStopped at 0 %", false},
		"refused": {map[string][]reply{post: {conflict}, get: {before}}, []string{post, get}, plan.ClassError,
			"the Store refused a step of the rollout", false},
		"refused, and the rollout cannot be read": {map[string][]reply{post: {conflict}, get: {{status: 403}}}, []string{post, get}, plan.ClassError,
			"not in a valid state", false},
		"not supported": {map[string][]reply{post: {no(409, "InvalidState", "The application uses features not supported by the submission API", "")}}, []string{post}, plan.ClassError,
			"not supported", false},
		"gone": {map[string][]reply{post: {no(404, "ResourceNotFound", "Submission not found", "submissionId")}}, []string{post}, plan.ClassError,
			"Submission not found", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, store := inVirtualTime(t, test.replies)
				_, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, rolloutCall(stepRolloutPercentage, methodRolloutPercentage+"?percentage=25"))
				if test.class != "" {
					checkError(t, err, test.class, test.phrase)
				} else if err != nil {
					t.Fatal(err)
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

// Each step is done where its own end is reached, and no other.
func TestRolloutStepsEnds(t *testing.T) {
	answers := map[string]reply{"10 %": rolloutAt(rolloutInProgress, "10.0"), "12.5 %": rolloutAt(rolloutInProgress, "12.5"),
		"complete": rolloutAt(rolloutComplete, "100.0"), "stopped": rolloutAt(rolloutStopped, "0.0"), "complete, of a share": rolloutAt(rolloutNotStarted, "12.5")}
	for id, step := range map[string]struct{ method, done string }{
		stepRolloutPercentage: {methodRolloutPercentage + "?percentage=12.5", "12.5 %"},
		stepRolloutFinalize:   {methodRolloutFinalize, "complete"},
		stepRolloutHalt:       {methodRolloutHalt, "stopped"},
	} {
		for name, answer := range answers {
			operation := rolloutCall(id, step.method)
			b, _ := against(t, map[string][]reply{"POST " + testRollout + pathOnly(step.method): {answer}})
			_, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, operation)
			if done := err == nil; done != (name == step.done) {
				t.Errorf("%s answered %s: %v", id, name, err)
			}
		}
	}
}

func pathOnly(method string) string {
	if i := slices.Index([]byte(method), '?'); i >= 0 {
		return method[:i]
	}
	return method
}

// A step of a tampered plan is not sent.
func TestRolloutStepsElsewhere(t *testing.T) {
	for name, operation := range map[string]plan.Operation{
		"another app":    {ID: stepRolloutHalt, Path: appProduct("9NBLGGH4R316").submissionPath(testPublished) + methodRolloutHalt},
		"no submission":  {ID: stepRolloutHalt, Path: appProduct(testApp).submissionPath("")},
		"no percentage":  rolloutCall(stepRolloutPercentage, methodRolloutPercentage),
		"no such step":   rolloutCall("rollout.restart", methodRolloutHalt),
		"no known query": rolloutCall(stepRolloutPercentage, methodRolloutPercentage+"?percentage=%zz"),
	} {
		b, store := against(t, nil)
		if _, err := runSteps(t, b, notes(schema.MsixApp{}), map[string]json.RawMessage{}, operation); err == nil || len(store.requests()) > 0 {
			t.Errorf("%s: %v, requests %v", name, err, store.requests())
		}
	}
}
