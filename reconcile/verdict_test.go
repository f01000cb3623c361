package reconcile_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

var update = flag.Bool("update", false, "write the table of verdicts in docs/safety.md")

// end is one end of a submission, and the verdicts that follow from it.
type end struct {
	name string
	// outcome is what the emulator is told: "" stands for an end that is brought
	// about otherwise.
	outcome string
	// shared and own are the verdicts for products with a shared draft and with
	// drafts of their own, "" where the API has no such end.
	shared, own plan.Verdict
	// apply is the exit code of an apply that follows.
	applyShared, applyOwn int
}

func ends() []end {
	const (
		failed    = plan.VerdictSubmissionFailed
		submitted = plan.VerdictSubmitted
	)
	return []end{
		{"published", "Published", plan.VerdictInSync, plan.VerdictInSync, 0, 0},
		{"in certification", "", submitted, submitted, 0, 0},
		{"waiting to be released", "", "", plan.VerdictPendingRelease, 0, 0},
		{"CertificationFailed", "CertificationFailed", failed, failed, 1, 1},
		{"PreProcessingFailed", "PreProcessingFailed", "", failed, 0, 1},
		{"ReleaseFailed", "ReleaseFailed", "", failed, 0, 1},
		{"PublishFailed", "PublishFailed", "", failed, 0, 1},
		{"cancelled", "Canceled", "", failed, 0, 1},
		{"CommitFailed, which is submitted again", "CommitFailed", "", failed, 0, 0},
		{"returned to draft, which is submitted again", "PendingCommit", "", failed, 0, 0},
		{"never answered", "CommitStarted", "", submitted, 0, 0},
	}
}

// TestVerdictsOfSubmissions: whatever becomes of a submission, plan, drift and
// status agree on what it means, and so does an apply that follows.
func TestVerdictsOfSubmissions(t *testing.T) {
	for _, e := range ends() {
		for _, p := range products4() {
			want, exit := e.own, e.applyOwn
			if p.shared {
				want, exit = e.shared, e.applyShared
			}
			if want == "" {
				continue
			}
			t.Run(e.name+"/"+p.kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b := submittedAs(t, e, p)
					planned := planOf(t, b)
					if planned.Verdict != want {
						t.Errorf("plan: %s, want %s; %+v\nchanges %+v, notices %v", planned.Verdict, want, planned.Standing, planned.Changes, planned.Notices)
					}
					drift := b.Plan(t, reconcile.PlanOptions{Compare: true}).Drift()
					if drift.Products[0].Verdict != want || drift.Verdict != want || drift.InSync != (want.ExitCode() == 0) {
						t.Errorf("drift: %s, in sync %t", drift.Products[0].Verdict, drift.InSync)
					}
					status, err := b.Engine(t).Status(t.Context(), b.Load(t))
					if err != nil || status[0].Err != nil || status[0].Verdict != want {
						t.Errorf("status: %s, %v, %v", status[0].Verdict, err, status[0].Err)
					}
					if want == plan.VerdictSubmissionFailed && (planned.Standing.Submission == nil || !strings.Contains(planned.Standing.Sentence, planned.Standing.Submission.ID) || planned.Standing.Next == "") {
						t.Errorf("a failed submission without its evidence: %+v", planned.Standing)
					}
					result := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalNone}).Products[0]
					if got := exitOf(result.Err); got != exit {
						t.Errorf("apply ends with %d, want %d: %v", got, exit, result.Err)
					}
				})
			})
		}
	}
}

// submittedAs is a bench whose product has a submission of ours that stands as
// the end says.
func submittedAs(t *testing.T, e end, p product) *backendtest.Bench {
	t.Helper()
	var outcomes []string
	if e.outcome != "" {
		outcomes = []string{e.outcome, "Published"}
	}
	b := p.store(t, p.outcomes(outcomes))
	b.Write(t, p.files(t, 1))
	b.MustApply(t)
	files := p.files(t, 2)
	if e.name == "waiting to be released" {
		for name, content := range files {
			if strings.HasSuffix(name, ".yaml") {
				files[name] = append(content, "  targetPublishMode: Manual\n"...)
			}
		}
	}
	b.Write(t, files)
	result := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalNone}).Products[0]
	if result.Err != nil || result.Outcome != reconcile.Submitted || result.Verified != reconcile.VerifiedReadBack {
		t.Fatalf("%s, %s, %v", result.Outcome, result.Verified, result.Err)
	}
	if e.name != "in certification" {
		settle()
	}
	return b
}

// exitOf is the exit code of an apply, by the class of its error.
func exitOf(err error) int {
	if err == nil {
		return 0
	}
	return map[plan.Class]int{plan.ClassError: 1, plan.ClassRefused: 3, plan.ClassCredentials: 4, plan.ClassPending: 8}[plan.ClassOf(err)]
}

// TestTheTableOfVerdicts keeps the table of docs/safety.md as the tests have it.
func TestTheTableOfVerdicts(t *testing.T) {
	const file, begin, finish = "../docs/safety.md", "<!-- verdicts -->\n", "<!-- /verdicts -->\n"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), begin)
	_, after, closed := strings.Cut(rest, finish)
	if !found || !closed {
		t.Fatalf("%s has no %s and %s", file, strings.TrimSpace(begin), strings.TrimSpace(finish))
	}
	var table strings.Builder
	table.WriteString("| our last submission | MSI and EXE apps | MSIX apps, add-ons, flights | `plan --detailed-exitcode`, `drift` | `status` | `apply` |\n|---|---|---|---|---|---|\n")
	for _, e := range ends() {
		label := func(v plan.Verdict) string {
			if v == "" {
				return "the API has none"
			}
			return v.Label()
		}
		status := 0
		if e.own == plan.VerdictSubmissionFailed {
			status = 1
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %d | %d | %d |\n", e.name, label(e.shared), label(e.own), e.own.ExitCode(), status, e.applyOwn)
	}
	want := before + begin + table.String() + finish + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(want, string(content)); d != "" && !*update {
		t.Errorf("%s is not as the tests have it (-want +got); go test ./reconcile -run TableOfVerdicts -update writes it:\n%s", file, d)
	}
}
