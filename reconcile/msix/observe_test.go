package msix

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

func bareApp() schema.MsixApp { return schema.MsixApp{} }

func TestObserve(t *testing.T) {
	const expired = `"https://blob.contoso.example/f?se=2020-01-01T00%3A00%3A00Z&sig=SECRET"`
	ours := &record.Record{Draft: &record.Draft{ID: testDraft}}
	committed := &record.Record{Submissions: []record.Submission{{ID: testDraft, At: time.Unix(0, 0)}}}
	app, live, draft := "GET app", "GET submissions/"+testPublished, "GET submissions/"+testDraft
	hidden := map[string]string{"/visibility": `"Hidden"`}
	with := func(changes map[string]string, pointer, value string) map[string]string {
		all := map[string]string{pointer: value}
		for p, v := range changes {
			all[p] = v
		}
		return all
	}
	type seen struct {
		Requests                       []string
		Visibility, Draft, Running     string
		Pending                        string // id, ours, editable
		PendingVisibility, Untouchable string
		// Newest is where our newest submission stands.
		Newest  string
		Notices []string
	}
	cases := []struct {
		name, reason       string
		published, pending string
		record             *record.Record
		live, draft        map[string]string
		want               seen
	}{
		{name: "no pending", reason: "two requests and no more", published: testPublished,
			want: seen{Requests: []string{app, live}, Visibility: "Public"}},
		{name: "running", reason: "what runs is what will be live, and it blocks", published: testPublished, pending: testDraft, draft: with(hidden, "/status", `"Certification"`),
			want: seen{Requests: []string{app, draft}, Visibility: "Hidden", Running: testDraft + " Certification"}},
		{name: "a status nobody knows", reason: "is past the commit", published: testPublished, pending: testDraft, draft: with(hidden, "/status", `"Polishing"`),
			want: seen{Requests: []string{app, draft}, Visibility: "Hidden", Running: testDraft + " Polishing"}},
		{name: "our draft", reason: "a draft of ours is gone on with", published: testPublished, pending: testDraft, record: ours, draft: hidden,
			want: seen{Requests: []string{app, draft, live}, Visibility: "Hidden", Draft: testDraft}},
		{name: "fell back", reason: "a submission of ours that fell back to a draft is ours", published: testPublished, pending: testDraft, record: committed, draft: hidden,
			want: seen{Requests: []string{app, draft, live}, Visibility: "Hidden", Draft: testDraft}},
		{name: "committed just now", reason: "the answer may come from before the commit", published: testPublished, pending: testDraft, draft: hidden,
			record: &record.Record{Submissions: []record.Submission{{ID: testDraft, At: time.Now()}}},
			want:   seen{Requests: []string{app, draft, live}, Visibility: "Hidden", Draft: testDraft}},
		{name: "portal's, failed", reason: "the API cannot delete it either", published: testPublished, pending: testDraft, draft: map[string]string{"/status": `"CommitFailed"`, "/fileUploadUrl": "null"},
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft, PendingVisibility: "Public",
				Untouchable: "it was made in Partner Center, and the API changes, deletes and commits only what it made itself",
				Notices:     []string{"Submission " + testDraft + " ended with CommitFailed"}}},
		{name: "somebody's draft", reason: "is never what changes are planned against", published: testPublished, pending: testDraft, draft: hidden,
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft + " editable", PendingVisibility: "Hidden"}},
		{name: "portal's draft", reason: "the API cannot touch it", published: testPublished, pending: testDraft, draft: with(hidden, "/fileUploadUrl", "null"),
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft, PendingVisibility: "Hidden",
				Untouchable: "it was made in Partner Center, and the API changes, deletes and commits only what it made itself"}},
		{name: "our draft, too old", reason: "its address has run out, so it is made anew", published: testPublished, pending: testDraft, record: ours, draft: with(hidden, "/fileUploadUrl", expired),
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft + " ours", PendingVisibility: "Hidden",
				Notices: []string{"The upload address of draft " + testDraft + " has run out, so it takes no files any more."}}},
		{name: "failed", reason: "its reports are shown, and what is published counts", published: testPublished, pending: testDraft, record: committed,
			draft: map[string]string{"/status": `"CertificationFailed"`, "/statusDetails/errors": `[{"code":"Other","details":"crashes"}]`, "/statusDetails/certificationReports": `[{"date":"2026-11-01T00:00:00Z","reportUrl":"https://contoso.example/report"}]`},
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft + " ours", PendingVisibility: "Public",
				Newest: "CertificationFailed: Other: crashes; certification report of 2026-11-01: https://contoso.example/report"}},
		{name: "failed for the portal's reasons", reason: "one InvalidState says to look in Partner Center", published: testPublished, pending: testDraft, record: committed,
			draft: map[string]string{"/status": `"CommitFailed"`, "/statusDetails/errors": `[{"code":"InvalidState","details":""}]`},
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft + " ours", PendingVisibility: "Public",
				Newest: "CommitFailed: InvalidState; the Store does not tell the API what is wrong: open the submission in Partner Center, it shows what must be mended there"}},
		{name: "failed with a secret", reason: "the Store may repeat the certification notes", published: testPublished, pending: testDraft, record: committed,
			draft: map[string]string{"/status": `"CommitFailed"`, "/statusDetails/errors": `[{"code":"InvalidParameterValue","details":"notes 'user: a, password: hunter22' are too long"}]`},
			want: seen{Requests: []string{app, draft, live}, Visibility: "Public", Pending: testDraft + " ours", PendingVisibility: "Public",
				Newest: "CommitFailed: InvalidParameterValue: notes '(sensitive)' are too long"}},
		{name: "first draft", reason: "an app that was never published has its draft only, and it is used", pending: testDraft, draft: hidden,
			want: seen{Requests: []string{app, draft}, Visibility: "Hidden", Draft: testDraft}},
		{name: "first draft of the portal", reason: "the API can neither write to it nor make another", pending: testDraft, draft: with(hidden, "/fileUploadUrl", "null"),
			want: seen{Requests: []string{app, draft}, Visibility: "Hidden", Pending: testDraft, PendingVisibility: "Hidden",
				Untouchable: "it was made in Partner Center, and the API changes, deletes and commits only what it made itself"}},
		{name: "first draft failed", reason: "nor go on with one that ended", pending: testDraft, draft: map[string]string{"/status": `"PreProcessingFailed"`},
			want: seen{Requests: []string{app, draft}, Visibility: "Public", Pending: testDraft, PendingVisibility: "Public",
				Untouchable: "it is PreProcessingFailed and the app's first submission, which the API can neither go on with nor make again",
				Notices:     []string{"Submission " + testDraft + " ended with PreProcessingFailed"}}},
		{name: "went live meanwhile", reason: "a pending submission that is published is what is published", published: testPublished, pending: testDraft, draft: with(hidden, "/status", `"Published"`),
			want: seen{Requests: []string{app, draft}, Visibility: "Hidden"}},
		{name: "rollout", reason: "a rollout that runs blocks every new submission", published: testPublished, live: map[string]string{"/packageDeliveryOptions/packageRollout/packageRolloutStatus": `"PackageRolloutInProgress"`},
			want: seen{Requests: []string{app, live}, Visibility: "Public", Running: testPublished + " PackageRolloutInProgress"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			published := parsed(t, liveSubmission)
			for pointer, value := range c.live {
				if err := published.set(pointer, json.RawMessage(value)); err != nil {
					t.Fatal(err)
				}
			}
			b, store := against(t, map[string][]reply{
				app: {ok(appWith(c.published, c.pending))}, live: {ok(string(published.raw()))}, draft: {ok(draftWith(t, c.draft))}})
			o, err := b.Observe(t.Context(), notes(bareApp()), c.record)
			if err != nil {
				t.Fatal(err)
			}
			got := seen{Requests: store.requests(), Visibility: o.State[fieldVisibility].Text(), Draft: o.Draft}
			if o.Running != nil {
				got.Running = o.Running.ID + " " + o.Running.Status
				if (o.Running.Status == rolloutInProgress) != strings.Contains(o.Running.Next, "Finalize or halt the rollout") {
					t.Errorf("advice: %q", o.Running.Next)
				}
			}
			if p := o.Pending; p != nil {
				got.Pending, got.PendingVisibility, got.Untouchable = p.ID, p.State[fieldVisibility].Text(), p.Untouchable
				if p.Ours {
					got.Pending += " ours"
				}
				if p.Editable {
					got.Pending += " editable"
				}
			}
			if o.Newest != nil {
				got.Newest = o.Newest.Status + ": " + strings.Join(o.Newest.Detail, "; ")
			}
			for _, n := range o.Notices {
				got.Notices = append(got.Notices, n.Text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
			if !o.Complete {
				t.Error("what was read is not complete")
			}
			if all := string(encode(o.Raw)); strings.Contains(all, "SECRET") {
				t.Errorf("an upload address is kept: %s", all)
			}
		})
	}
}

func TestObserveUnknownImages(t *testing.T) {
	b, _ := against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, ""))}, "GET submissions/" + testPublished: {ok(liveSubmission)}})
	o, err := b.Observe(t.Context(), notes(screenshots("EN-us", image("editor"))), nil)
	if err != nil {
		t.Fatal(err)
	}
	if value := o.State["listings.en-us.images.Screenshot"]; !value.Unknown {
		t.Errorf("%+v", value)
	}
}

func TestObserveFailures(t *testing.T) {
	b, _ := against(t, map[string][]reply{"GET app": {ok(appWith("", ""))}})
	_, err := b.Observe(t.Context(), notes(bareApp()), nil)
	checkError(t, err, plan.ClassError, "app 9NBLGGH4R315 has no submission", "Make it in Partner Center")

	b, _ = against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, ""))}, "GET submissions/" + testPublished: {no(http.StatusForbidden, "Forbidden", "no", "")}})
	if _, err = b.Observe(t.Context(), notes(bareApp()), nil); plan.ClassOf(err) != plan.ClassCredentials {
		t.Errorf("class %s of %v", plan.ClassOf(err), err)
	}

	d := parsed(t, liveSubmission)
	if err := d.set("/pricing/priceId", json.RawMessage("7")); err != nil {
		t.Fatal(err)
	}
	b, _ = against(t, map[string][]reply{"GET app": {ok(appWith(testPublished, ""))}, "GET submissions/" + testPublished: {ok(string(d.raw()))}})
	_, err = b.Observe(t.Context(), notes(bareApp()), nil)
	checkError(t, err, plan.ClassError, "submission "+testPublished, "/pricing/priceId")
}
