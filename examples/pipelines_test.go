package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
)

// pipeline is a GitHub workflow.
type pipeline struct {
	// On is what starts it; YAML 1.1 reads the key as a boolean.
	On          map[string]any `json:"true"`
	Permissions map[string]any
	Defaults    struct{ Run struct{ Shell string } }
	Jobs        map[string]pipelineJob
}

type pipelineJob struct {
	If          string
	Permissions map[string]string
	Env         map[string]string
	Steps       []pipelineStep
}

type pipelineStep struct {
	Name, Uses, Run string
	With            map[string]any
	Env             map[string]string
}

func readPipeline(t *testing.T, name string) (pipeline, string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("github-actions", name))
	if err != nil {
		t.Fatal(err)
	}
	var p pipeline
	if err := yaml.Unmarshal(content, &p); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p, string(content)
}

var pinned = regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)

// The workflows keep what their comments promise: no rights but those that a
// job names, actions by their commit, no expression inside a script, no token
// left in the checkout, and no credentials where strangers' files run.
func TestWorkflowsAreCareful(t *testing.T) {
	files, err := filepath.Glob("github-actions/*.yml")
	if err != nil || len(files) != 4 {
		t.Fatalf("found %v, %v, want four workflows", files, err)
	}
	for _, file := range files {
		p, text := readPipeline(t, filepath.Base(file))
		if p.Permissions == nil || len(p.Permissions) > 0 {
			t.Errorf("%s: the workflow gives rights to every job", file)
		}
		if strings.Contains(text, "pull_request_target") {
			t.Errorf("%s: pull_request_target gives strangers the project's credentials", file)
		}
		for name, job := range p.Jobs {
			if len(job.Permissions) == 0 {
				t.Errorf("%s: job %s does not say what it may", file, name)
			}
			if job.Permissions["id-token"] != "" && job.Env["STORESYNC_RECORD"] == "" {
				t.Errorf("%s: job %s signs in and has no record", file, name)
			}
			if _, pulls := p.On["pull_request"]; pulls && job.Permissions["id-token"] != "" &&
				!strings.HasPrefix(job.If, "github.event.pull_request.head.repo.full_name == github.repository && ") {
				t.Errorf("%s: job %s would sign in for a fork", file, name)
			}
			for _, step := range job.Steps {
				switch {
				case step.Uses != "" && !pinned.MatchString(step.Uses):
					t.Errorf("%s: %s is not pinned by its commit", file, step.Uses)
				case strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false:
					t.Errorf("%s: job %s leaves its token in the checkout", file, name)
				case strings.Contains(step.Run, "${{"):
					t.Errorf("%s: a script holds an expression: pass it by env: %s", file, step.Run)
				}
			}
		}
	}
}

// github stands for what a workflow sees of GitHub: a gh command that answers
// from files, and the files that steps write to.
type github struct {
	*workspace
	answers string
}

func newGitHub(t *testing.T, w *workspace) *github {
	t.Helper()
	for _, needed := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("the scripts of the workflows need " + needed)
		}
	}
	g := &github{workspace: w, answers: t.TempDir()}
	script, err := os.ReadFile(filepath.Join("testdata", "gh"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(g.answers, "gh"), script, 0o755); err != nil {
		t.Fatal(err)
	}
	w.env["PATH"] = g.answers + string(os.PathListSeparator) + w.env["PATH"]
	w.env["GH_ANSWERS"] = g.answers
	w.env["GITHUB_STEP_SUMMARY"] = filepath.Join(g.answers, "summary.md")
	w.env["GITHUB_OUTPUT"] = filepath.Join(g.answers, "output")
	w.env["STORE"], w.env["PACKAGES"] = "store", "store/packages"
	g.write(t, "comments.json", "[]")
	return g
}

func (g *github) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.answers, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (g *github) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(g.answers, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(content)
}

// step runs one step as a runner does, with bash -e.
func (g *github) step(t *testing.T, file, job, name string, env ...string) result {
	t.Helper()
	p, _ := readPipeline(t, file)
	i := slices.IndexFunc(p.Jobs[job].Steps, func(s pipelineStep) bool { return s.Name == name && s.Run != "" })
	if i < 0 {
		t.Fatalf("%s has no step %q in job %s", file, name, job)
	}
	if p.Defaults.Run.Shell != "bash" {
		t.Fatalf("%s: without shell: bash a failing command in a pipe is not seen", file)
	}
	command := append(slices.Clone(env), "bash", "-e", "-o", "pipefail", "-c", p.Jobs[job].Steps[i].Run)
	return g.run(t, "env", command...)
}

// merged makes pull request 7, whose plan lies in the workspace, a merged one.
func (g *github) merged(t *testing.T, labels ...string) {
	t.Helper()
	var list []string
	for _, label := range labels {
		list = append(list, fmt.Sprintf(`{"name": %q}`, label))
	}
	g.write(t, "pulls.json", `[{"number": 7, "merged_at": "2026-11-20T10:00:00Z", "base": {"ref": "main"}, "head": {"sha": "abc"}, "labels": [`+strings.Join(list, ", ")+`]}]`)
	// One run of the plan came after the merge, one was cancelled before it kept anything.
	g.write(t, "runs.json", `{"workflow_runs": [{"id": 42, "created_at": "2026-11-20T10:00:01Z"},
		{"id": 40, "created_at": "2026-11-20T09:59:00Z"}, {"id": 41, "created_at": "2026-11-20T09:58:00Z"}]}`)
	artifact := filepath.Join(g.answers, "artifact")
	if err := os.MkdirAll(artifact, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(g.folder, "plan.json"), filepath.Join(artifact, "plan.json")); err != nil {
		t.Fatal(err)
	}
	// A package that the plan's job built.
	if err := os.MkdirAll(filepath.Join(artifact, "store", "packages"), 0o755); err != nil {
		t.Fatal(err)
	}
	g.write(t, "artifact/store/packages/built.msix", "built once")
}

func (g *github) planStep(t *testing.T, labels string) result {
	t.Helper()
	return g.step(t, "store-plan.yml", "plan", "Plan", "LABELS="+labels, "COMMIT=abc")
}

func (g *github) comment(t *testing.T) {
	t.Helper()
	g.step(t, "store-plan.yml", "plan", "Comment", "REPOSITORY=contoso/store", "NUMBER=7").want(t, 0)
}

// apply runs the workflow of a push, or of a dispatch with the number of a pull
// request.
func (g *github) apply(t *testing.T, pull string) result {
	t.Helper()
	for _, name := range []string{"reviewed", "apply.ndjson"} {
		if err := os.RemoveAll(filepath.Join(g.folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	g.step(t, "store-apply.yml", "apply", "Find the reviewed plans", "REPOSITORY=contoso/store", "PULL="+pull, `COMMITS=["d1", "d2"]`).want(t, 0)
	applied := g.step(t, "store-apply.yml", "apply", "Apply")
	if _, err := os.Stat(filepath.Join(g.folder, "apply.ndjson")); err == nil {
		g.step(t, "store-apply.yml", "apply", "Label what is blocked", "REPOSITORY=contoso/store").want(t, 0)
	}
	return applied
}

// A pull request from its first push to its merge: one comment, kept up to
// date; the merge applies the reviewed plan, and only that.
func TestWorkflowWalk(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)

	// The Store moves after the review: the merge is refused and says where.
	g.planStep(t, "[]").want(t, 0)
	g.comment(t)
	first := g.read(t, "comments.json")
	if !strings.Contains(first, "MsiExeApp/contoso-reader") || strings.Count(first, `"id"`) != 1 {
		t.Fatalf("comments after the first plan:\n%s", first)
	}
	g.merged(t)
	edit := `{"listings": [{"language": "en-us", "shortDescription": "Edited in the portal."}]}`
	if err := e.EditMsiExe("6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11", []byte(edit), nil); err != nil {
		t.Fatal(err)
	}
	g.apply(t, "").want(t, 3).says(t, "MsiExeApp/contoso-reader")
	if got := writes(e); len(got) > 0 {
		t.Fatalf("a plan that is not the reviewed one sent:\n%s", strings.Join(got, "\n"))
	}

	// Planned again, the comment says so in its place, and the merge applies.
	g.planStep(t, "[]").want(t, 0)
	g.comment(t)
	second := g.read(t, "comments.json")
	if strings.Count(second, `"id"`) != 1 || second == first {
		t.Errorf("comments after the second plan:\n%s", second)
	}
	g.merged(t)
	g.apply(t, "").want(t, 0).says(t, "`MsiExeApp/contoso-reader`: submitted")
	e.Settle()

	// Nothing differs any more: the old comment says so; a new pull request gets none.
	g.planStep(t, "[]").want(t, 0)
	g.comment(t)
	if third := g.read(t, "comments.json"); third == second || !strings.Contains(third, "**In sync.**") {
		t.Errorf("comments after the merge:\n%s", third)
	}
	g.write(t, "comments.json", "[]")
	g.comment(t)
	if got := strings.TrimSpace(g.read(t, "comments.json")); got != "[]" {
		t.Errorf("a pull request that changes nothing got a comment:\n%s", got)
	}
}

// A label allows what a guard refuses, in the plan and after the merge; a label
// that only looks like one is no flag.
func TestWorkflowLabels(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)
	w.storesync(t, "apply", "--auto-approve", "store").want(t, 0)
	e.Settle()
	name := filepath.Join(w.folder, "store", "contoso-reader.yaml")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fewer := strings.Replace(string(content), "markets: [AT, ", "markets: [", 1)
	if err := os.WriteFile(name, []byte(fewer), 0o644); err != nil {
		t.Fatal(err)
	}
	g.planStep(t, `["bug"]`).want(t, 0)
	g.merged(t)
	g.apply(t, "").want(t, 3).says(t, "remove-market")

	hostile := `allow:remove-market --allow foreign-edits`
	g.planStep(t, fmt.Sprintf(`[%q, "allow:remove-market=MsiExeApp/contoso-reader"]`, hostile)).want(t, 0)
	g.merged(t, hostile, "allow:remove-market=MsiExeApp/contoso-reader")
	g.apply(t, "").want(t, 0).says(t, "`MsiExeApp/contoso-reader`: submitted")
}

// A product whose submission was started after the review is left for later, by a
// label, and gets its turn when it has ended.
func TestWorkflowBlocked(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)
	g.planStep(t, "[]").want(t, 0)
	g.merged(t)
	setSubmission(t, e, "INPROGRESS")
	g.apply(t, "").want(t, 8).says(t, "`MsiExeApp/contoso-reader`: blocked")
	if built, err := os.ReadFile(filepath.Join(w.folder, "store", "packages", "built.msix")); err != nil || string(built) != "built once" {
		t.Errorf("apply has the package %q, %v, want the one that was planned", built, err)
	}
	if got := g.read(t, "pulls.json"); !strings.Contains(got, "store-blocked") {
		t.Errorf("the blocked pull request has no label:\n%s", got)
	}
	setSubmission(t, e, "PUBLISHED")
	g.apply(t, "7").want(t, 0).says(t, "`MsiExeApp/contoso-reader`: submitted")
	if got := g.read(t, "pulls.json"); strings.Contains(got, "store-blocked") {
		t.Errorf("the pull request still has its label:\n%s", got)
	}
	// Started once more, it finds nothing to do.
	e.Settle()
	e.ForgetRequests()
	g.apply(t, "7").want(t, 0)
	if got := writes(e); len(got) > 0 {
		t.Errorf("a second turn sent:\n%s", strings.Join(got, "\n"))
	}
}

// A plan that was made while a submission ran has no requests. It is not lost: the
// merge waits, and is refused when the submission has ended, as nobody has seen
// the requests.
func TestWorkflowPlannedWhileBlocked(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)
	setSubmission(t, e, "INPROGRESS")
	g.planStep(t, "[]").want(t, 0)
	g.merged(t)
	g.apply(t, "").want(t, 8).says(t, "`MsiExeApp/contoso-reader`: blocked")
	setSubmission(t, e, "PUBLISHED")
	g.apply(t, "7").want(t, 3).says(t, "`MsiExeApp/contoso-reader`: refused")
	if got := writes(e); len(got) > 0 {
		t.Errorf("requests that nobody has seen were sent:\n%s", strings.Join(got, "\n"))
	}
}

// setSubmission is the status of the reader's last submission, made by somebody.
func setSubmission(t *testing.T, e *emulator.Emulator, status string) {
	t.Helper()
	edit := fmt.Sprintf(`{"submission": %q}`, status)
	if err := e.EditMsiExe("6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11", []byte(edit), nil); err != nil {
		t.Fatal(err)
	}
}

// A push may bring two pull requests that change the same product: the later
// plan of it counts, and the push is applied as a whole.
func TestWorkflowTwoPullRequests(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)
	g.planStep(t, "[]").want(t, 0)
	g.merged(t)
	g.step(t, "store-apply.yml", "apply", "Find the reviewed plans", "REPOSITORY=contoso/store", "PULL=", `COMMITS=["d1", "d2"]`).want(t, 0)
	reviewed := filepath.Join(w.folder, "reviewed")
	later, err := os.ReadFile(filepath.Join(reviewed, "7", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	earlier := strings.ReplaceAll(string(later), `"hash": "`, `"hash": "0`)
	for name, content := range map[string]string{"5.json": `{"labels": [{"name": "allow:remove-market"}]}`, "5/plan.json": earlier, "../numbers": "5\n7\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(reviewed, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(reviewed, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g.step(t, "store-apply.yml", "apply", "Apply").want(t, 0).says(t, "`MsiExeApp/contoso-reader`: submitted")
}

// A nightly job opens one issue, keeps it, and closes it.
func TestWorkflowDrift(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	g := newGitHub(t, w)
	night := func(code string) {
		t.Helper()
		g.write(t, "output", "")
		g.step(t, "store-drift.yml", "drift", "Drift").want(t, 0)
		if got := g.read(t, "output"); got != "code="+code+"\n" {
			t.Fatalf("drift ended with %q, want %s", got, code)
		}
		g.step(t, "store-drift.yml", "drift", "Keep one issue", "CODE="+code).want(t, 0)
	}
	night("2")
	night("2")
	if got := g.read(t, "issues.log"); got != "create\nedit 9\n" {
		t.Errorf("issues after two nights of drift:\n%s", got)
	}
	w.storesync(t, "apply", "--auto-approve", "store").want(t, 0)
	e.Settle()
	night("0")
	night("0")
	if got := g.read(t, "issues.log"); got != "create\nedit 9\nclose 9\n" {
		t.Errorf("issues after the drift ended:\n%s", got)
	}
}

// Every merged pull request that is labelled gets a turn, oldest first.
func TestWorkflowCatchUp(t *testing.T) {
	tests := []struct{ name, issues, want string }{
		{"two", `[{"number": 7, "pull_request": {"merged_at": "2026-11-20T10:00:00Z"}}, {"number": 9, "pull_request": {"merged_at": "2026-11-20T11:00:00Z"}}]`, "7\n9\n"},
		{"closed without a merge", `[{"number": 7, "pull_request": {"merged_at": null}}]`, ""},
		{"an issue", `[{"number": 7}]`, ""},
		{"none", `[]`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGitHub(t, newWorkspace(t))
			g.write(t, "blocked.json", test.issues)
			g.step(t, "store-catch-up.yml", "catch-up", "Apply again what was blocked", "REPOSITORY=contoso/store").want(t, 0)
			if got := g.read(t, "started.log"); got != test.want {
				t.Errorf("started %q, want %q", got, test.want)
			}
		})
	}
}
