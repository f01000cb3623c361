package main

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// markdownDrift is a comparison as the text of an issue or a comment: what
// differs in one line, a table of the products, and every path under who moved
// it, folded. Its first line is a marker by which a job finds the issue again.
// Nothing in it is about applying: it has no requests, guards or hashes. What
// holds of markdownPlan about untrusted text and size holds of it, too.
func markdownDrift(plan *plan.Plan) string {
	m := &markdownView{plan: plan, left: commentLimit}
	m.top("drift", m.driftHeadline())
	m.table("| Product | Differences | Who moved | State |", m.driftRow)
	m.unrecorded()
	m.failures("Not compared")
	m.products(m.driftSection)
	m.omissions("The comparison in another format (`--output human`, `--output json`) has everything.")
	return m.b.String()
}

func (m *markdownView) driftHeadline() string {
	drift := m.plan.Drift()
	s := "Drift: " + driftSummary(m.plan)
	switch {
	case drift.Errored || drift.Diagnostics.HasErrors():
		s += " **There are errors.**"
	case !drift.Complete && !slices.Contains(verdictsOf(m.plan.Products), plan.VerdictIncomplete):
		s += " **Not everything could be compared.**"
	}
	return s
}

func (m *markdownView) driftRow(p plan.Product) string {
	cells := []string{cellSpan(p.Address), "", "", m.driftState(p)}
	if p.Error == "" {
		shown := p
		shown.Changes = differencesOf(p)
		moved := p
		moved.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.Change) bool { return c.Action == plan.ActionReport && c.Origin == "" })
		cells[1], cells[2] = changeCounts(shown), strings.Join(originCounts(moved), ", ")
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// differencesOf are the changes that make a product differ from its manifest.
func differencesOf(p plan.Product) []plan.Change {
	var differing []plan.Change
	for _, c := range p.Changes {
		if c.Action != plan.ActionReport {
			differing = append(differing, c)
		}
	}
	return differing
}

// driftState is how a product stands beside its manifest.
func (m *markdownView) driftState(p plan.Product) string {
	switch {
	case p.Error != "":
		return "**could not be compared**"
	case planErrors(m.plan, p.Address):
		return "**there are errors**"
	}
	s := verdictCell(p.Verdict)
	if p.Verdict.ExitCode() != 0 {
		s = "**" + verdictLabel(p.Verdict) + "**"
	}
	switch {
	case p.Running == nil || saysRunning(p):
	case p.Running.Rollout:
		s += "; a rollout is running"
	default:
		s += "; a submission is running"
	}
	if !p.Complete && p.Verdict != plan.VerdictIncomplete {
		s += "; not everything could be compared"
	}
	return s
}

// unrecorded says once why nobody is named for some differences.
func (m *markdownView) unrecorded() {
	var names []string
	for _, p := range m.plan.Products {
		if p.Error == "" && unrecorded(p.Drift()) {
			names = append(names, codeSpan(shorten(p.Address, spanColumns)))
		}
	}
	if len(names) > 0 {
		m.write("\nThere is no record of what storesync last applied to " + someOf(names, 5) + ", so that it is not known which side moved.\n")
	}
}

// driftSection is what differs in a product, under who moved it.
func (m *markdownView) driftSection(p plan.Product, files planFiles) section {
	s := section{address: p.Address, summary: htmlCode(p.Address)}
	if p.Error != "" {
		return s // the error is shown already
	}
	if counts := originCounts(p); len(counts) > 0 {
		s.summary += ": " + strings.Join(counts, ", ")
	} else {
		s.summary += ": " + verdictLabel(p.Verdict)
	}
	s.add(part{name: "state", block: "text"}, m.plan, files, func(v *planView) {
		v.standing(standingOf(p.Verdict, p.Standing))
		v.runningBriefly(p)
	})
	for _, moved := range driftParts(p) {
		for _, g := range groupChanges(moved.changes) {
			s.add(part{name: "differences of " + codeSpan(shorten(g.title, spanColumns)), label: moved.title, block: "diff"}, m.plan, files,
				func(v *planView) { v.group(p, g) })
		}
	}
	s.add(part{name: "notices", label: "Notices", block: "text"}, m.plan, files, func(v *planView) { v.notices(p) })
	s.units = units(s.with(s.parts))
	return s
}
