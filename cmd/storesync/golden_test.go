package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

var update = flag.Bool("update", false, "write the golden files of testdata/plan")

// goldenView is a view whose text of a plan is kept beside the plan.
type goldenView struct {
	// file is the golden's name. Only needed views must be there in every
	// case; of the others the case chooses by having the file, empty at first.
	file   string
	needed bool
	render func(*testing.T, *plan.Plan) []byte
}

// goldenViews are all views of a plan. A new view is one more line here.
func goldenViews() []goldenView {
	human := func(l look) func(*testing.T, *plan.Plan) []byte {
		return func(_ *testing.T, plan *plan.Plan) []byte { return []byte(humanPlan(plan, l)) }
	}
	return []goldenView{
		{"plan.txt", true, human(look{width: 80})},
		{"plan.40.txt", false, human(look{width: 40})},
		{"plan.200.txt", false, human(look{width: 200})},
		{"plan.color.txt", false, human(look{width: 80, color: true})},
		{"plan.md", true, func(_ *testing.T, plan *plan.Plan) []byte { return []byte(markdownPlan(plan)) }},
		{"plan.github", true, func(_ *testing.T, plan *plan.Plan) []byte { return []byte(githubPlan(plan)) }},
		{"plan.sarif", true, func(t *testing.T, plan *plan.Plan) []byte { return must(t)(sarifPlan(plan)) }},
		{"plan.html", true, func(t *testing.T, plan *plan.Plan) []byte {
			return withoutLooks(must(t)(htmlPlan(plan, nil)))
		}},
		{"drift.txt", false, func(_ *testing.T, plan *plan.Plan) []byte { return []byte(humanDrift(plan, look{width: 80})) }},
		{"drift.md", false, func(_ *testing.T, plan *plan.Plan) []byte { return []byte(markdownDrift(plan)) }},
		{"drift.github", false, func(_ *testing.T, plan *plan.Plan) []byte { return []byte(githubDrift(plan)) }},
		{"drift.sarif", false, func(t *testing.T, plan *plan.Plan) []byte { return must(t)(sarifDrift(plan)) }},
	}
}

// looks are the style and script of a page, and the digests of them in its
// policy. They are the same in every page.
var looks = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)|sha256-[^ ]*?(&#39;)`)

// withoutLooks is a page without what every page has: a change of a colour is no
// change of all goldens.
func withoutLooks(page []byte) []byte { return looks.ReplaceAll(page, []byte("$1…$2$3")) }

func must(t *testing.T) func([]byte, error) []byte {
	return func(document []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return document
	}
}

// TestGoldenPlans renders plan documents made by hand. Each case is a folder
// with plan.json, reason.txt and the same plan in each view; -update writes the
// views.
func TestGoldenPlans(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			reason := strings.TrimSpace(string(readFile(t, folder, "reason.txt")))
			if reason == "" {
				t.Fatal("reason.txt is empty: every case says what it is there for")
			}
			plan := goldenPlan(t, folder)
			for _, v := range goldenViews() {
				checkGolden(t, filepath.Join(folder, v.file), v.needed, v.render(t, plan), reason)
			}
		})
	}
}

func goldenFolders(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/plan/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return folders
}

func goldenPlan(t *testing.T, folder string) *plan.Plan {
	t.Helper()
	var plan plan.Plan
	if err := json.Unmarshal(readFile(t, folder, "plan.json"), &plan); err != nil {
		t.Fatal(err)
	}
	return &plan
}

func checkGolden(t *testing.T, file string, needed bool, got []byte, reason string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if os.IsNotExist(err) && !needed {
		return
	}
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s\nreason: %s", file, diff, reason)
	}
}

// TestGoldenCases checks that every guard, effect, action, origin and verdict has a
// case, and that every product has a verdict that the summary counts.
func TestGoldenCases(t *testing.T) {
	guards, effects := map[plan.Guard]bool{}, map[plan.Effect]bool{}
	actions, origins := map[plan.Action]bool{}, map[plan.Origin]bool{}
	verdicts := map[plan.Verdict]bool{}
	for _, folder := range goldenFolders(t) {
		planned := goldenPlan(t, folder)
		var counted plan.Summary
		for _, p := range planned.Products {
			if p.Verdict == "" && filepath.Base(folder) != "format-1.0" || p.Standing == nil && p.Verdict != plan.VerdictError && p.Verdict != "" {
				t.Errorf("%s: %s has no verdict, or nothing that it rests on", folder, p.Address)
			}
			verdicts[p.Verdict] = true
			counted.Count(p)
			for _, g := range p.Blocked {
				if filepath.Base(folder) == "guard-"+string(g) {
					guards[g] = true
				}
			}
			for _, o := range p.Operations {
				effects[o.Effect] = true
			}
			for _, c := range p.Changes {
				actions[c.Action], origins[c.Origin] = true, true
			}
		}
		if diff := cmp.Diff(counted.Verdicts, planned.Summary.Verdicts); diff != "" {
			t.Errorf("%s: summary.verdicts (-want +got):\n%s", folder, diff)
		}
	}
	for _, g := range plan.Guards() {
		if !guards[g] {
			t.Errorf("testdata/plan/guard-%s: no such case, or the guard does not refuse there", g)
		}
	}
	missing(t, effects, plan.EffectRead, plan.EffectDraft, plan.EffectPublish, plan.EffectDestroy)
	missing(t, actions, plan.ActionCreate, plan.ActionUpdate, plan.ActionDelete, plan.ActionReport)
	missing(t, origins, plan.OriginStore, plan.OriginManifest, plan.OriginBoth)
	missing(t, verdicts, plan.Verdicts()...)
}

func missing[T ~string](t *testing.T, found map[T]bool, want ...T) {
	t.Helper()
	for _, w := range want {
		if !found[w] {
			t.Errorf("no golden plan has %q", w)
		}
	}
}

// TestWidths renders every golden plan from 40 to 200 columns: no line is wider,
// unless a single word with its mark is.
func TestWidths(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		plan := goldenPlan(t, folder)
		for _, width := range []int{40, 60, 80, 100, 120, 200} {
			for line := range strings.Lines(humanPlan(plan, look{width: width})) {
				line = strings.TrimSpace(line)
				if columns(line) > width && slices.Max(wordWidths(line)) < width/3 {
					t.Errorf("%s at %d columns: line of %d columns: %q", folder, width, columns(line), line)
				}
			}
		}
	}
}

func wordWidths(line string) []int {
	widths := []int{0}
	for word := range strings.FieldsSeq(line) {
		widths = append(widths, columns(word))
	}
	return widths
}

func readFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
