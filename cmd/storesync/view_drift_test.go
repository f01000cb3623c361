package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
)

// TestDriftFindings checks that a comparison has a finding for every path that
// differs, whoever moved it, and none about applying but for the next step of a
// verdict.
func TestDriftFindings(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		plan := goldenPlan(t, folder)
		found := map[string]bool{}
		for _, f := range driftFindings(plan) {
			if strings.HasPrefix(f.rule, ruleGuard) || strings.Contains(f.message, "--allow") && !strings.HasPrefix(f.rule, ruleVerdict) {
				t.Errorf("%s: %+v", folder, f)
			}
			if strings.HasPrefix(f.rule, "drift/") {
				found[f.address+" "+f.path] = true
			}
		}
		for _, p := range plan.Products {
			for _, c := range differencesOf(p) {
				if !found[p.Address+" "+string(c.Path)] {
					t.Errorf("%s: no finding for %s of %s", folder, c.Path, p.Address)
				}
			}
		}
	}
}

var applying = regexp.MustCompile(`--allow|--expect-plan-hash|Apply refuses|can be applied|Requests, in order|refused|storesync plan|storesync:plan`)

// TestDriftMarkdown checks that a comparison says of every product that differs
// who moved it, and nothing about applying but for the next step of a verdict.
func TestDriftMarkdown(t *testing.T) {
	for _, folder := range goldenFolders(t) {
		plan := goldenPlan(t, folder)
		comment := markdownDrift(plan)
		if found := applying.FindString(markdownDrift(withoutStandings(plan))); found != "" && !strings.HasSuffix(folder, "hostile") {
			t.Errorf("%s: %q is about applying, in\n%s", folder, found, comment)
		}
		if !strings.Contains(comment, "Drift: "+driftSummary(plan)) {
			t.Errorf("%s: the summary is missing", folder)
		}
		for _, p := range plan.Products {
			if p.Error != "" {
				continue
			}
			for _, part := range driftParts(p) {
				if !strings.Contains(comment, "\n**"+part.title+"**\n") {
					t.Errorf("%s: %q of %s is missing", folder, part.title, p.Address)
				}
			}
		}
	}
}

// withoutStandings is a plan whose verdicts say no next step.
func withoutStandings(planned *plan.Plan) *plan.Plan {
	bare := *planned
	bare.Products = slices.Clone(planned.Products)
	for i := range bare.Products {
		bare.Products[i].Standing = nil
	}
	return &bare
}

// TestProtectedSummary checks that no last line promises a way to allow what a
// manifest protects.
func TestProtectedSummary(t *testing.T) {
	protected := goldenPlan(t, "testdata/plan/guard-protected")
	page := string(must(t)(htmlPlan(protected, nil)))
	if shown := humanPlan(protected, look{width: 80}); strings.Contains(shown, "how to allow it") {
		t.Errorf("what a manifest protects cannot be allowed:\n%s", shown)
	}
	if !strings.Contains(page, "what a manifest protects is refused even then") {
		t.Error("the page says that what a manifest protects can be allowed by name")
	}
	refused := goldenPlan(t, "testdata/plan/guard-price-change")
	if shown := humanPlan(refused, look{width: 80}); !strings.Contains(shown, "how to allow it") {
		t.Errorf("what a guard refuses can be allowed:\n%s", shown)
	}
}

// TestPicturesOfSavedPlan checks that a page without a workspace says why it has
// no pictures, and only if it would have some.
func TestPicturesOfSavedPlan(t *testing.T) {
	for name, want := range map[string]bool{"everything": true, "one-word": false} {
		page := string(must(t)(htmlPlan(goldenPlan(t, "testdata/plan/"+name), nil)))
		if got := strings.Contains(page, "A saved plan names pictures and does not hold them"); got != want {
			t.Errorf("%s says that pictures are only named: %v, want %v", name, got, want)
		}
	}
}
