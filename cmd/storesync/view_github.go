package main

import (
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// githubPlan is a plan as workflow commands, which GitHub shows as annotations
// on the lines of the manifests
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions):
// errors for what is wrong and what guards refuse, warnings for what somebody
// changed in the Store, notices for the rest.
func githubPlan(planned *plan.Plan) string {
	findings := planFindings(planned)
	for _, p := range planned.Products {
		summary := ""
		said := isFinding(p.Verdict) && (len(p.Operations) == 0 || p.Verdict == plan.VerdictUnsubmitted)
		if !idle(p) && !said {
			summary = productSummary(p)
		}
		findings = append(findings, productNotes(planned, p, planStanding(p), summary)...)
	}
	return githubCommands(findings)
}

// githubDrift is a comparison as workflow commands: warnings for what somebody
// changed in the Store, or may have; notices for what is not applied yet.
func githubDrift(plan *plan.Plan) string {
	findings := driftFindings(plan)
	for _, p := range plan.Products {
		summary := ""
		if counts := originCounts(p); len(counts) > 0 {
			summary = strings.Join(counts, ", ") + "."
		}
		findings = append(findings, productNotes(plan, p, standingOf(p.Verdict, p.Standing), summary)...)
	}
	return githubCommands(findings)
}

// productNotes is where a product stands that has no finding about that, with a
// line that sums it up; none for one that is in sync and has no such line.
func productNotes(planned *plan.Plan, p plan.Product, s standing, summary string) []finding {
	note := finding{level: levelNote, rule: ruleChanges, address: p.Address, pos: placeOf(planned.Workspace, p, ""), title: p.Address}
	lines := []string{summary}
	if !isFinding(p.Verdict) && p.Verdict != plan.VerdictInSync && p.Verdict != "" {
		note.title += ": " + verdictLabel(p.Verdict)
		lines = append(s.lines(), summary)
	}
	note.message = strings.TrimSpace(strings.Join(lines, "\n"))
	if note.message == "" || p.Error != "" || planErrors(planned, p.Address) {
		return nil
	}
	return []finding{note}
}

// shownPerLevel is how many annotations of each level GitHub shows for one
// step; it drops the others without a word.
const shownPerLevel = 10

// githubCommands writes findings as workflow commands: errors first, and no
// more than GitHub shows. What does not fit is named in the last one.
func githubCommands(findings []finding) string {
	var b strings.Builder
	for _, l := range []level{levelError, levelWarning, levelNote} {
		var of []finding
		for _, f := range findings {
			if f.level == l {
				of = append(of, f)
			}
		}
		if len(of) > shownPerLevel {
			rest := of[shownPerLevel-1:]
			of = append(of[:shownPerLevel-1:shownPerLevel-1], restFinding(l, rest))
		}
		for _, f := range of {
			b.WriteString(githubCommand(f))
		}
	}
	return b.String()
}

// restFinding names the findings that are not shown one by one.
func restFinding(l level, rest []finding) finding {
	places := make([]string, len(rest))
	for i, f := range rest {
		places[i] = shorten(sanitize(f.title), githubTitle)
		if where := f.pos.String(); where != "" {
			places[i] += " (" + where + ")"
		}
	}
	return finding{level: l, title: strings.Replace(count(len(rest), levelNoun(l)), " ", " more ", 1),
		message: "GitHub shows ten of a kind for each step. Not shown one by one:\n" + strings.Join(places[:min(len(places), 50)], "\n") + moreThan(len(places), 50)}
}

func moreThan(n, shown int) string {
	if n <= shown {
		return ""
	}
	return fmt.Sprintf("\nand %d more", n-shown)
}

func levelNoun(l level) string {
	if l == levelNote {
		return "notice"
	}
	return string(l)
}

// How much of a finding is shown, in columns.
const (
	githubTitle   = 120
	githubFile    = 1000
	githubMessage = 2000
)

// githubCommand is one finding as a line that the runner takes for a command.
func githubCommand(f finding) string {
	properties := make([]string, 0, 4)
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, name+"="+githubProperty(value))
		}
	}
	add("file", shorten(sanitize(f.pos.File), githubFile))
	if f.pos.Line > 0 {
		add("line", fmt.Sprint(f.pos.Line))
		add("col", fmt.Sprint(max(f.pos.Col, 1)))
	}
	add("title", shorten(sanitize(f.title), githubTitle))
	start := "::" + levelNoun(f.level)
	if len(properties) > 0 {
		start += " " + strings.Join(properties, ",")
	}
	message := sanitizeLines(f.message)
	if columns(message) > githubMessage {
		message = headLines(message, githubMessage) + " …"
	}
	return start + "::" + githubData(message) + "\n"
}

// githubData and githubProperty escape as the runner's own toolkit does
// (https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts):
// nothing in them can end the line, the message or the property.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
