package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// hostileText is a text that somebody hopes a view gives a meaning to.
type hostileText struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
	// Times is how often the text is repeated, 0 for once.
	Times int `json:"times"`
}

// hostileTexts are the texts of testdata/hostile.json, which every view is
// shown. Most hold the word h0stile.
func hostileTexts(t *testing.T) []hostileText {
	t.Helper()
	content, err := os.ReadFile("testdata/hostile.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts []hostileText
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		texts[i].Text = strings.Repeat(texts[i].Text, max(texts[i].Times, 1))
	}
	return texts
}

// hostilePlans are golden plans with a text in place of every string of them:
// names, values and keys of values, words of the Store, requests, and what a
// plan file says of itself. Only words of closed sets stay, for a plan with
// others is shown without what it holds.
func hostilePlans(t *testing.T, text string) map[string]*plan.Plan {
	t.Helper()
	plans := map[string]*plan.Plan{}
	names := []string{"everything"}
	if len(text) < 1000 {
		names = append(names, "errored", "drift", "guard-mass-change", "guard-delete-add-on", "new-flight", "rollout-step", "running", "notices", "guard-protected", "verdict-submission-failed", "guard-lossy-rewrite")
	}
	for _, name := range names {
		var document any
		if err := json.Unmarshal(readFile(t, "testdata/plan/"+name, "plan.json"), &document); err != nil {
			t.Fatal(err)
		}
		encoded, err := json.Marshal(withText(document, "", text))
		if err != nil {
			t.Fatal(err)
		}
		plan := new(plan.Plan)
		if err := json.Unmarshal(encoded, plan); err != nil {
			t.Fatalf("%s with %.40q: %v", name, text, err)
		}
		plans[name] = plan
	}
	return plans
}

// closedSets are the members whose words are the engine's own.
var closedSets = []string{"formatVersion", "createdAt", "action", "type", "verb", "effect", "severity", "origin", "draft", "verdict"}

// withText replaces the strings of a JSON value, and the keys of objects that
// are values of a Store.
func withText(value any, member, text string) any {
	switch v := value.(type) {
	case string:
		if slices.Contains(closedSets, member) {
			return v
		}
		return text
	case []any:
		all := make([]any, len(v))
		for i, e := range v {
			all[i] = withText(e, member, text)
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for key, e := range v {
			name := key
			if member == "before" || member == "after" {
				name = text + fmt.Sprint(len(all))
				all[name] = withText(e, member, text)
				continue
			}
			all[name] = withText(e, key, text)
		}
		return all
	}
	return value
}

// TestHostileHuman checks that no text moves the cursor, colours, reorders or
// hides anything on a terminal, and gives no orders to what runs a job.
func TestHostileHuman(t *testing.T) {
	for _, hostile := range hostileTexts(t) {
		t.Run(hostile.Name, func(t *testing.T) {
			for name, plan := range hostilePlans(t, hostile.Text) {
				looks := []look{{width: 80, color: true}}
				if len(hostile.Text) < 1000 {
					looks = append(looks, look{width: 40}, look{width: 200})
				}
				for _, l := range looks {
					checkTerminal(t, fmt.Sprintf("%s, %+v", name, l), humanPlan(plan, l), hostile)
					checkTerminal(t, fmt.Sprintf("drift of %s, %+v", name, l), humanDrift(plan, l), hostile)
				}
			}
		})
	}
}

// TestHostileReports checks the same of what apply and status show.
func TestHostileReports(t *testing.T) {
	for _, hostile := range hostileTexts(t) {
		t.Run(hostile.Name, func(t *testing.T) {
			s := hostile.Text
			submission := &plan.Submission{ID: s, Status: s, Detail: []string{s, s}}
			var results []reconcile.ProductResult
			for _, outcome := range []reconcile.Outcome{reconcile.Drafted, reconcile.Submitted, reconcile.Published, reconcile.Applied, reconcile.Blocked, reconcile.Failed, reconcile.Outcome(s)} {
				result := reconcile.ProductResult{Address: s, Outcome: outcome, Submission: submission, Warnings: []string{s}, DraftNote: s,
					Verified: reconcile.VerifiedDiffers, Remaining: []plan.Change{{Path: plan.Path(s), Reason: s}}}
				left := result
				left.Left = s
				results = append(results, result, left)
			}
			checkTerminal(t, "report", humanReport(&reconcile.Report{Products: results}, look{width: 80, color: true}), hostile)
			statuses := []reconcile.ProductStatus{{Address: s, ID: s, Last: submission, Draft: plan.DraftOurs, Running: submission, Verdict: plan.VerdictSubmissionFailed,
				Standing: &plan.Standing{Sentence: s, Next: s, Submission: submission, Paths: []plan.Path{plan.Path(s)}},
				NotTaken: []plan.Change{{Path: plan.Path(s), Type: plan.Text, Before: plan.Encode(s), After: plan.Encode(s)}},
				Status:   &reconcile.Status{Draft: s, Rollout: s, Messages: []string{s}}}}
			checkTerminal(t, "status", humanStatus(statuses, look{width: 80, color: true}), hostile)
		})
	}
}

var inkCodes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func checkTerminal(t *testing.T, name, shown string, hostile hostileText) {
	t.Helper()
	plain := inkCodes.ReplaceAllString(shown, "")
	isolates := 0
	for _, r := range plain {
		switch {
		case r == '\u2068':
			isolates++
		case r == '\u2069':
			isolates--
		case r != '\n' && needsEscape(r):
			t.Fatalf("%s: %q reaches the terminal\nreason: %s", name, r, hostile.Reason)
		}
		if isolates < 0 || isolates > 1 {
			t.Fatalf("%s: isolates are not closed one by one\nreason: %s", name, hostile.Reason)
		}
	}
	for line := range strings.Lines(plain) {
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
			t.Errorf("%s: a line is a command of a runner: %q\nreason: %s", name, line, hostile.Reason)
		}
	}
	if strings.Contains(plain, "##[") || strings.Contains(plain, "##vso[") {
		t.Errorf("%s: a command of a runner is in\n%s\nreason: %s", name, plain, hostile.Reason)
	}
	if own := inkCodes.FindAllString(hostile.Text, -1); len(own) > 0 && strings.Count(shown, resetInk) > 0 && !strings.Contains(shown, `\x1b`) {
		t.Errorf("%s: escapes of the text are not shown as such", name)
	}
}

// TestHostileGitHub checks that every line is one well-formed command, that what
// it says comes from one finding, and that there are no more than GitHub shows.
func TestHostileGitHub(t *testing.T) {
	for _, hostile := range hostileTexts(t) {
		t.Run(hostile.Name, func(t *testing.T) {
			for name, plan := range hostilePlans(t, hostile.Text) {
				checkCommands(t, name, githubPlan(plan), hostile)
				checkCommands(t, "drift of "+name, githubDrift(plan), hostile)
			}
			checkCommands(t, "validation", githubCommands(diagnosticFindings("", hostileDiagnostics(hostile.Text))), hostile)
		})
	}
}

func hostileDiagnostics(s string) schema.Diagnostics {
	return schema.Diagnostics{
		{Severity: schema.SeverityError, Address: s, Path: s, Pos: schema.Position{File: s, Line: 1, Col: 1}, Summary: s, Detail: s},
		{Severity: schema.SeverityWarning, Summary: s},
	}
}

var workflowCommand = regexp.MustCompile(`^::(error|warning|notice)(?: ((?:(?:file|line|col|title)=[^,:\r\n]*,?)+))?::([^\r\n]*)$`)

func checkCommands(t *testing.T, name, shown string, hostile hostileText) {
	t.Helper()
	counts := map[string]int{}
	for line := range strings.Lines(shown) {
		line, whole := strings.CutSuffix(line, "\n")
		parts := workflowCommand.FindStringSubmatch(line)
		if parts == nil || !whole {
			t.Fatalf("%s: not a command: %q\nreason: %s", name, line, hostile.Reason)
		}
		counts[parts[1]]++
		if strings.ContainsFunc(line, needsEscape) {
			t.Errorf("%s: control characters in %q\nreason: %s", name, line, hostile.Reason)
		}
		for _, escape := range regexp.MustCompile(`%..?`).FindAllString(line, -1) {
			if !slices.Contains([]string{"%25", "%0D", "%0A", "%3A", "%2C"}, escape) {
				t.Errorf("%s: a %% is not escaped in %q\nreason: %s", name, line, hostile.Reason)
			}
		}
	}
	for kind, n := range counts {
		if n > shownPerLevel {
			t.Errorf("%s: %d of %s, more than GitHub shows", name, n, kind)
		}
	}
}
