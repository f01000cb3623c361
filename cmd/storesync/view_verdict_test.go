package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// verdictPlan is a plan with a product of each verdict.
func verdictPlan(verdicts ...plan.Verdict) *plan.Plan {
	planned := &plan.Plan{Complete: true}
	for i, v := range verdicts {
		p := plan.Product{Address: fmt.Sprintf("MsixApp/app-%d", i), Verdict: v, Complete: true}
		if v != plan.VerdictError {
			p.Standing = &plan.Standing{Sentence: "This is the case.", Next: "Do this."}
		}
		planned.Products = append(planned.Products, p)
	}
	return planned
}

// TestVerdictError checks how drift, and plan with --detailed-exitcode, end.
func TestVerdictError(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		verdicts []plan.Verdict
		want     int
	}{
		{nil, 0},
		{[]plan.Verdict{plan.VerdictInSync, plan.VerdictSubmitted, plan.VerdictPendingRelease, plan.VerdictIncomplete}, 0},
		{[]plan.Verdict{plan.VerdictInSync, plan.VerdictSubmissionFailed}, 2},
		{[]plan.Verdict{plan.VerdictUnsubmitted}, 2},
		{[]plan.Verdict{plan.VerdictBlocked, plan.VerdictInSync}, 2},
		{[]plan.Verdict{plan.VerdictDrifted, plan.VerdictError}, 1},
		{[]plan.Verdict{plan.VerdictError, plan.VerdictInSync}, 1},
	} {
		err := verdictError(verdictPlan(tt.verdicts...))
		if got := exitCode(err); got != tt.want {
			t.Errorf("%v: want exit code %d, got %d", tt.verdicts, tt.want, got)
		}
		h, _, stderr := testHost()
		if printError(h, err); stderr.Len() > 0 {
			t.Errorf("%v: the views have said it already, and it is printed again: %s", tt.verdicts, stderr)
		}
	}
	for _, v := range plan.Verdicts() {
		if got := exitCode(verdictError(verdictPlan(v))); got != v.ExitCode() {
			t.Errorf("%s: want exit code %d, got %d", v, v.ExitCode(), got)
		}
	}
}

// TestStatusError checks how status ends.
func TestStatusError(t *testing.T) {
	t.Parallel()
	failed, published := &plan.Submission{ID: "7", Failed: true, Done: true}, &plan.Submission{ID: "8", Done: true}
	lacks := []plan.Change{{Path: "packages"}}
	for _, tt := range []struct {
		reason       string
		status       reconcile.ProductStatus
		want, waited int
		says         string
	}{
		{"in sync", reconcile.ProductStatus{Verdict: plan.VerdictInSync, Last: published}, 0, 0, ""},
		{"whatever was read is no error", reconcile.ProductStatus{Verdict: plan.VerdictDrifted, Last: published}, 0, 0, ""},
		{"nothing was ever submitted", reconcile.ProductStatus{Verdict: plan.VerdictNotCreated}, 0, 0, ""},
		{"the last one failed", reconcile.ProductStatus{Verdict: plan.VerdictSubmissionFailed, Last: failed}, 1, 1, "submission 7 failed"},
		{"git has answered it since", reconcile.ProductStatus{Verdict: plan.VerdictNotApplied, Last: failed}, 0, 1, "submission 7 failed"},
		{"the Store did not take something", reconcile.ProductStatus{Verdict: plan.VerdictDrifted, Last: published, NotTaken: lacks}, 0, 1, "the Store did not take what submission 8 held"},
		{"it could not be read", reconcile.ProductStatus{Verdict: plan.VerdictError, Err: errors.New("broken")}, 1, 1, "broken"},
		{"no access", reconcile.ProductStatus{Verdict: plan.VerdictError, Err: &plan.Failure{Class: plan.ClassCredentials, Err: errors.New("no access")}}, 4, 4, "no access"},
	} {
		for waited, want := range map[bool]int{false: tt.want, true: tt.waited} {
			err := statusError([]reconcile.ProductStatus{tt.status}, waited)
			if got := exitCode(err); got != want {
				t.Errorf("%s, waited %v: want exit code %d, got %d", tt.reason, waited, want, got)
			}
			if err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%s: %q is missing in %v", tt.reason, tt.says, err)
			}
		}
	}
}

func TestVerdictCounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		reason   string
		verdicts []plan.Verdict
		want     string
	}{
		{"one alone", []plan.Verdict{plan.VerdictNotApplied}, "not applied"},
		{"the weightiest first", []plan.Verdict{plan.VerdictInSync, plan.VerdictNotApplied, plan.VerdictSubmissionFailed, plan.VerdictInSync}, "1 submission failed, 1 not applied, 2 in sync"},
		{"several that failed", []plan.Verdict{plan.VerdictError, plan.VerdictSubmissionFailed, plan.VerdictError, plan.VerdictSubmissionFailed}, "2 errors, 2 submissions failed"},
		{"one of a newer format", []plan.Verdict{"put_on_hold", plan.VerdictInSync}, "1 in sync, 1 put on hold"},
		{"no word", []plan.Verdict{"<b>::error::\x1b[2J"}, "unknown verdict"},
	} {
		if diff := cmp.Diff(tt.want, verdictCounts(tt.verdicts)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// TestInSyncIsOneVerdict checks that no view says "in sync" of any other verdict,
// and that each says it of that one.
func TestInSyncIsOneVerdict(t *testing.T) {
	t.Parallel()
	inSync := func(planned *plan.Plan) map[string]bool {
		html := string(must(t)(htmlPlan(planned, nil)))
		_, html, _ = strings.Cut(html, "<main")
		texts := map[string]string{
			"plan": humanPlan(planned, look{width: 80}), "drift": humanDrift(planned, look{width: 80}), "markdown": markdownPlan(planned),
			"drift markdown": markdownDrift(planned), "github": githubPlan(planned), "drift github": githubDrift(planned), "html": html,
			"status": humanStatus([]reconcile.ProductStatus{{Address: "MsixApp/app-0", Verdict: planned.Products[0].Verdict, Status: &reconcile.Status{}}}, look{width: 80}),
			"apply": humanReport(&reconcile.Report{Products: []reconcile.ProductResult{
				{Outcome: reconcile.Unchanged, Verified: reconcile.VerifiedInSync, Verdict: planned.Products[0].Verdict}}}, look{width: 80}),
		}
		said := map[string]bool{}
		for name, shown := range texts {
			said[name] = strings.Contains(strings.ToLower(shown), "in sync")
		}
		return said
	}
	for _, v := range append(plan.Verdicts(), "") {
		for name, said := range inSync(verdictPlan(v)) {
			// GitHub is told of what is to be known only.
			if want := v == plan.VerdictInSync && !strings.Contains(name, "github"); said != want {
				t.Errorf("%s of %q says in sync: %v, want %v", name, v, said, want)
			}
		}
	}
}

// TestVerdictIsSaid checks that every view says every verdict, with its sentence
// and next step where the label does not say it all.
func TestVerdictIsSaid(t *testing.T) {
	t.Parallel()
	for _, v := range plan.Verdicts() {
		planned := verdictPlan(v, plan.VerdictInSync)
		planned.Products[1].Standing.Next = ""
		if v == plan.VerdictNotApplied {
			planned.Products[0].Changes = []plan.Change{{Path: "visibility", Action: plan.ActionUpdate, Before: plan.Encode("Hidden"), After: plan.Encode("Public"), Origin: plan.OriginManifest}}
		}
		views := map[string]string{
			"plan": humanPlan(planned, look{width: 80}), "drift": humanDrift(planned, look{width: 80}), "markdown": markdownPlan(planned),
			"drift markdown": markdownDrift(planned), "html": string(must(t)(htmlPlan(planned, nil))),
			"sarif": string(must(t)(sarifPlan(planned))), "drift sarif": string(must(t)(sarifDrift(planned))),
		}
		if v != plan.VerdictInSync && v != plan.VerdictError {
			views["github"], views["drift github"] = githubPlan(planned), githubDrift(planned)
		}
		for name, shown := range views {
			word := v.Label()
			if strings.HasSuffix(name, "sarif") {
				word = `"MsixApp/app-0": "` + string(v) + `"`
			}
			if !strings.Contains(shown, word) && !strings.Contains(shown, upperFirst(word)) {
				t.Errorf("%s does not say %q:\n%s", name, word, shown)
			}
			quiet := v == plan.VerdictError || v == plan.VerdictNotApplied
			if said := strings.Contains(shown, "This is the case. Do this."); !strings.HasSuffix(name, "sarif") && said == quiet {
				t.Errorf("%s of %s says what it rests on: %v\n%s", name, v, said, shown)
			}
		}
	}
}

// TestSaidOnce checks that a notice is left out that says what the standing says.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	failed := &plan.Submission{ID: "7", Status: "CertificationFailed", Failed: true, Detail: []string{"it crashes", "report: https://contoso.example"}}
	running := &plan.Submission{ID: "8", Status: "PackageRolloutInProgress", Rollout: true}
	for _, tt := range []struct {
		reason  string
		product plan.Product
		left    bool
	}{
		{"the same sentence", plan.Product{Address: "MsixApp/a", Verdict: plan.VerdictUnsubmitted, Standing: &plan.Standing{Sentence: "It may have arrived."},
			Notices: []plan.Notice{{Text: "MsixApp/a: it may have arrived"}}}, false},
		{"another one", plan.Product{Verdict: plan.VerdictUnsubmitted, Standing: &plan.Standing{Sentence: "It may have arrived."},
			Notices: []plan.Notice{{Text: "It has not arrived"}}}, true},
		{"the failed submission", plan.Product{Verdict: plan.VerdictSubmissionFailed, Standing: &plan.Standing{Sentence: "It failed.", Submission: failed},
			Notices: []plan.Notice{{Text: "Submission 7 ended with CertificationFailed: it crashes; report: https://contoso.example"}}}, false},
		{"more of the failed submission", plan.Product{Verdict: plan.VerdictSubmissionFailed, Standing: &plan.Standing{Sentence: "It failed.", Submission: failed},
			Notices: []plan.Notice{{Text: "Submission 7 ended with CertificationFailed: it crashes; and something else"}}}, true},
		{"what waits for a rollout", plan.Product{Running: running,
			Notices: []plan.Notice{{Path: plan.PathRollout, Text: "Submission 8 is being rolled out: only the step is done now."}}}, false},
		{"something else of a rollout", plan.Product{Running: running, Notices: []plan.Notice{{Path: plan.PathRollout, Text: "It cannot go back to 10 %."}}}, true},
		{"no standing", plan.Product{Notices: []plan.Notice{{Text: ""}}}, true},
	} {
		if got := len(noticesOf(tt.product)) == 1; got != tt.left {
			t.Errorf("%s: the notice is shown: %v, want %v", tt.reason, got, tt.left)
		}
	}
}

// TestHeadKeepsVerdictWhole checks that a verdict that does not fit beside its
// product stands on the next line, and is never broken.
func TestHeadKeepsVerdictWhole(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		60: "MsixApp/contoso-notes  9NBLGGH4R315  submission failed\n",
		50: "MsixApp/contoso-notes  9NBLGGH4R315\n  submission failed\n",
	} {
		p := &page{width: width}
		p.head("MsixApp/contoso-notes", "9NBLGGH4R315", plan.VerdictSubmissionFailed)
		if diff := cmp.Diff(want, p.String()); diff != "" {
			t.Errorf("%d columns (-want +got):\n%s", width, diff)
		}
	}
}
