package msix

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

const statusKey = "GET submissions/" + testDraft + "/status"

func statuses(words ...string) []reply {
	var replies []reply
	for _, word := range words {
		replies = append(replies, isAt(word))
	}
	return replies
}

func TestAwait(t *testing.T) {
	manual, immediate := "Manual", "Immediate"
	live := func(mode string) map[string]string { return map[string]string{"/targetPublishMode": `"` + mode + `"`} }
	tests := []struct {
		name   string
		goal   reconcile.Goal
		mode   *string
		stored map[string]string
		came   []reply
		want   string // the last status
		done   bool
		failed bool
		class  plan.Class // "" for no error
		phrase string
	}{
		{name: "submitted", goal: reconcile.GoalSubmitted, came: statuses("CommitStarted", "CommitStarted", "PreProcessing"), want: "PreProcessing"},
		{name: "skips a status", goal: reconcile.GoalSubmitted, came: statuses("CommitStarted", "Certification"), want: "Certification"},
		{name: "skips all", goal: reconcile.GoalSubmitted, came: statuses("Published"), want: "Published", done: true},
		{name: "a word nobody knows", goal: reconcile.GoalSubmitted, stored: live("Immediate"), came: statuses("CommitStarted", "InReview"), want: "InReview"},
		{name: "says nothing yet", goal: reconcile.GoalSubmitted, came: statuses("", "None", "PreProcessing"), want: "PreProcessing"},
		{name: "still a draft at first", goal: reconcile.GoalSubmitted, came: statuses("PendingCommit", "PendingCommit", "CommitStarted", "PreProcessing"), want: "PreProcessing"},
		{name: "not known at first", goal: reconcile.GoalSubmitted, came: []reply{{status: 404}, {status: 404}, isAt("PreProcessing")}, want: "PreProcessing"},
		{name: "published", goal: reconcile.GoalPublished, mode: &immediate,
			came: statuses("PreProcessing", "Certification", "Release", "PendingPublication", "Publishing", "Published"), want: "Published", done: true},
		{name: "waits for a person", goal: reconcile.GoalPublished, mode: &manual, came: statuses("Certification", "Release"), want: "Release"},
		{name: "waits for its day, unmanaged", goal: reconcile.GoalPublished, stored: live("SpecificDate"), came: statuses("Certification", "PendingPublication"), want: "PendingPublication"},
		{name: "does not wait, unmanaged", goal: reconcile.GoalPublished, stored: live("Immediate"), came: statuses("Release", "PendingPublication", "Published"), want: "Published", done: true},
		{name: "failed", goal: reconcile.GoalSubmitted, came: statuses("CommitStarted", "CommitFailed"), want: "CommitFailed", done: true, failed: true},
		{name: "failed later", goal: reconcile.GoalPublished, mode: &immediate, came: statuses("Certification", "CertificationFailed"), want: "CertificationFailed", done: true, failed: true},
		{name: "failed in a new way", goal: reconcile.GoalSubmitted, stored: live("Immediate"), came: statuses("ReviewFailed"), want: "ReviewFailed", done: true, failed: true},
		{name: "canceled", goal: reconcile.GoalPublished, mode: &immediate, came: statuses("Certification", "Canceled"), want: "Canceled", done: true, failed: true},
		{name: "never ends", goal: reconcile.GoalSubmitted, came: statuses("CommitStarted"), want: "CommitStarted", class: plan.ClassPending, phrase: "by hand"},
		{name: "falls back", goal: reconcile.GoalPublished, mode: &immediate, came: statuses("CommitStarted", "PreProcessing", "PendingCommit"), want: "PendingCommit",
			class: plan.ClassError, phrase: "is a draft again"},
		{name: "an outage passes", goal: reconcile.GoalSubmitted, came: []reply{isAt("CommitStarted"), {status: 500}, {status: 500}, {status: 500}, {status: 500}, {status: 500}, {status: 500}, isAt("PreProcessing")}, want: "PreProcessing"},
		{name: "no permission any more", goal: reconcile.GoalSubmitted, came: []reply{isAt("CommitStarted"), {status: 403}}, want: "CommitStarted", class: plan.ClassCredentials, phrase: "Manager role"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				replies := map[string][]reply{statusKey: test.came}
				if test.stored != nil {
					replies[keyDraft] = []reply{ok(draftWith(t, test.stored))}
				}
				b, store := inVirtualTime(t, replies)
				watched := 0
				last, err := b.Await(t.Context(), notes(schema.MsixApp{TargetPublishMode: test.mode}), testDraft, test.goal, func(plan.Submission) { watched++ })
				if test.class != "" {
					checkError(t, err, test.class, test.phrase)
				} else if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(plan.Submission{ID: testDraft, Status: test.want, Done: test.done, Failed: test.failed, Repeatable: test.want == "CommitFailed"}, last); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if watched == 0 {
					t.Error("nobody was told")
				}
				if reads := strings.Count(strings.Join(store.requests(), "\n"), "GET submissions/"+testDraft+"\n"); reads > 1 {
					t.Errorf("the publish mode was read %d times", reads)
				}
			})
		})
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := inVirtualTime(t, map[string][]reply{statusKey: statuses("Certification")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		mode := "Immediate"
		last, err := b.Await(ctx, notes(schema.MsixApp{TargetPublishMode: &mode}), testDraft, reconcile.GoalPublished, nil)
		if !errors.Is(err, context.DeadlineExceeded) || last.Status != "Certification" {
			t.Errorf("%v, %+v", err, last)
		}
	})
}

func TestStatusDetailsInWords(t *testing.T) {
	tests := []struct {
		name, answer string
		want         []string
	}{
		{"nothing", `{"status":"Certification","statusDetails":null}`, nil},
		{"noise", `{"status":"Certification","statusDetails":{"warnings":[{"code":"SalesUnsupportedWarning","details":"The sales resource is no longer supported."}]}}`, nil},
		{"lone InvalidState", `{"status":"CommitFailed","statusDetails":{"errors":[{"code":"InvalidState","details":""}]}}`,
			[]string{"InvalidState", "the Store does not tell the API what is wrong: open the submission in Partner Center, it shows what must be mended there"}},
		{"two errors", `{"status":"CommitFailed","statusDetails":{"errors":[{"code":"InvalidState","details":"x"},{"code":"MissingFiles","details":"a.png"}]}}`,
			[]string{"InvalidState: x", "MissingFiles: a.png (the ZIP lacks files that the submission names; apply again to send it anew)"}},
		{"report", `{"status":"CertificationFailed","statusDetails":{"errors":[{"code":"Other","details":"10.1\r\nfailed"}],"warnings":[{"code":"ListingOptOutWarning","details":"fr-fr"}],
			"certificationReports":[{"date":"2026-03-04T05:06:07Z","reportUrl":"https://partner.contoso.example/reports/1"},{"date":"soon","reportUrl":"https://partner.contoso.example/2?sig=SECRET"},
			{"date":"","reportUrl":"http://partner.contoso.example/3"},{"date":"x","reportUrl":"javascript:alert(1)"},{"date":"x","reportUrl":""},{"date":"x","reportUrl":"https://u:p@x/"}]}}`,
			[]string{"Other: 10.1 failed", "warning: ListingOptOutWarning: fr-fr (a language was removed)",
				"certification report of 2026-03-04: https://partner.contoso.example/reports/1", "certification report of soon: https://partner.contoso.example/2?sig=REDACTED",
				"certification report: http://partner.contoso.example/3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := against(t, map[string][]reply{statusKey: {ok(test.answer)}})
			s, err := b.client.submissionStatus(t.Context(), testProduct(), testDraft)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.words(t.Context())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	app := appWith(testPublished, testDraft)
	tests := []struct {
		name    string
		app     string
		at      string
		running *plan.Submission
		want    reconcile.Status
	}{
		{"idle", appWith(testPublished, ""), "", nil, reconcile.Status{Draft: "none"}},
		{"draft", app, "PendingCommit", nil, reconcile.Status{Ready: true, Draft: testDraft + "; made by the API, not committed; takes files until 2099-01-01 00:00 UTC"}},
		{"running", app, "Certification", &plan.Submission{ID: testDraft, Status: "Certification"}, reconcile.Status{Draft: "none beside the submission"}},
		{"failed", app, "CommitFailed", nil, reconcile.Status{Draft: testDraft + " (CommitFailed); no draft any more, but the Store keeps it until the next one is made", Messages: []string{"submission " + testDraft + " ended with CommitFailed"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, _ := against(t, map[string][]reply{"GET app": {ok(test.app)}, keyDraft: {ok(draftWith(t, map[string]string{"/status": `"` + test.at + `"`}))}, keyPublished: {ok(liveSubmission)}})
			got, err := b.Observe(t.Context(), notes(schema.MsixApp{}), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.running, got.Running); diff != "" {
				t.Errorf("running (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got.Status); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
