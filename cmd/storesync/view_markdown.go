package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// markdownPlan is a plan as a pull-request comment: what would happen in one
// line, a table of the products, what is refused and how to allow it, and the
// details folded. Its first line is a marker by which a workflow finds the
// comment again to update it; it is the same for every plan of a workspace and
// another one for another workspace of the repository.
//
// Whatever the Store, a manifest or a plan file says stands in code, which
// nothing can end: so it makes no markup, links to nothing and mentions nobody.
// However large the plan is, the text has fewer than 65,000 characters, which
// GitHub takes; it says what was left out.
func markdownPlan(plan *plan.Plan) string {
	m := &markdownView{plan: plan, left: commentLimit}
	m.top("plan", m.headline())
	m.refused()
	m.table("| Product | Changes | Apply | State |", m.row)
	m.inSync()
	m.failures("Not planned")
	hashes := m.hashes()
	m.left -= units(hashes)
	m.products(m.section)
	m.b.WriteString(hashes)
	m.omissions("The plan in another format (`--output html`, `--output json`) has everything.")
	m.planHash()
	return m.b.String()
}

// commentLimit is how long a comment may be, in UTF-16 units. GitHub takes
// 65,536 characters (observed; "body is too long (maximum is 65536 characters)").
const commentLimit = 64_900

// How much of a comment its parts may take at most, so that a plan of a
// thousand products still shows some of each.
const (
	tableLimit    = 14_000
	refusedLimit  = 12_000
	failuresLimit = 8_000
	hashesLimit   = 10_000
	bottomLimit   = 4_000
)

// markdownView writes a comment. Parts that do not fit are left out whole, and
// noted.
type markdownView struct {
	plan *plan.Plan
	b    strings.Builder
	// left is how many UTF-16 units may still be written.
	left int
	// cuts say what was left out.
	cuts []string
}

func (m *markdownView) write(s string) {
	m.b.WriteString(s)
	m.left -= units(s)
}

// units is the length of a text as GitHub counts it at worst.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// markdownMarker is the line by which a comment of a workspace is found: its
// plan, or its drift.
func markdownMarker(document, workspace string) string {
	if workspace == "" {
		workspace = "."
	}
	return "<!-- storesync:" + document + " " + markerName(workspace) + " -->"
}

// markerName keeps what a comment of HTML can hold without ending; the rest is
// written as its code. What is longer than a path in a repository is told from
// others by its digest.
func markerName(s string) string {
	if len(s) > maxMarker {
		sum := sha256.Sum256([]byte(s))
		s = s[:maxMarker] + hex.EncodeToString(sum[:8])
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '/', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// maxMarker is how many bytes of a workspace's name are in its marker.
const maxMarker = 200

// top is the marker, the heading and what the document says in one line.
func (m *markdownView) top(document, headline string) {
	m.write(markdownMarker(document, m.plan.Workspace) + "\n")
	title := "storesync " + document
	if m.plan.Workspace != "" && m.plan.Workspace != "." {
		title += " of " + codeSpan(shorten(m.plan.Workspace, spanColumns))
	}
	m.write("### " + title + "\n\n" + headline + "\n")
}

// headline says in a line what merging will do, and where the products stand.
func (m *markdownView) headline() string {
	busy := func(p plan.Product) bool { return !idle(p) }
	verdicts := verdictsOf(m.plan.Products)
	if len(m.plan.Products) > 0 && !slices.ContainsFunc(m.plan.Products, busy) && !m.plan.Errored {
		switch {
		case len(verdicts) > 0:
			return "**" + capitalised(verdictCounts(verdicts)) + ".**"
		case !m.plan.Complete:
			return "**No changes seen, but not everything could be compared.**"
		}
		return "**No changes.**"
	}
	s := planSummary(m.plan)
	if counts := productVerdicts(m.plan.Products); counts != "" {
		s += " Products: " + counts + "."
	}
	var also []string
	if refused := refusedProducts(m.plan); refused > 0 {
		also = append(also, fmt.Sprintf("apply refuses %s", count(refused, "product")))
	}
	if m.plan.Errored {
		also = append(also, "there are errors")
	} else if !m.plan.Complete && !slices.Contains(verdicts, plan.VerdictIncomplete) {
		also = append(also, "not everything could be compared")
	}
	if len(also) > 0 {
		s += " **" + capitalised(strings.Join(also, "; ")) + ".**"
	}
	return s
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// table has a row for each product that something is to be said of, and columns
// that are four.
func (m *markdownView) table(columns string, rowOf func(plan.Product) string) {
	busy := m.busy()
	if len(busy) == 0 {
		return
	}
	m.write("\n" + columns + "\n|:---|:---|:---|:---|\n")
	room := tableLimit
	for i, p := range busy {
		row := rowOf(p)
		if units(row) > room {
			m.cut("%s of the table", count(len(busy)-i, "row"))
			return
		}
		room -= units(row)
		m.write(row)
	}
}

// busy are the products that something is to be said of.
func (m *markdownView) busy() []plan.Product {
	var busy []plan.Product
	for _, p := range m.plan.Products {
		if !quiet(p) || planErrors(m.plan, p.Address) {
			busy = append(busy, p)
		}
	}
	return busy
}

// inSync counts the products that are not in the table. Where all are in sync the
// headline says it.
func (m *markdownView) inSync() {
	n := len(m.plan.Products) - len(m.busy())
	judged := len(verdictsOf(m.plan.Products)) > 0
	switch {
	case judged && n == len(m.plan.Products):
	case n > 0 && judged:
		m.write("\n" + capitalised(count(n, "product")) + " in sync.\n")
	case n > 0:
		m.write("\n" + capitalised(count(n, "product")) + " without changes.\n")
	}
}

// quiet reports whether there is nothing at all to say of a product but that it
// is in sync.
func quiet(p plan.Product) bool {
	return settled(p) && p.Complete && p.Running == nil && len(p.Notices) == 0 && len(planStanding(p).lines()) == 0
}

func (m *markdownView) row(p plan.Product) string {
	return fmt.Sprintf("| %s | %s | %s | %s |\n", cellSpan(p.Address), changeCounts(p), effectCell(p), m.stateCell(p))
}

// effectCell says in words what apply sets off.
func effectCell(p plan.Product) string {
	writes, bytes := 0, int64(0)
	for _, o := range p.Operations {
		if o.Writes() && o.Effect != plan.EffectRead {
			writes++
		}
		bytes += uploadBytes(o)
	}
	if len(p.Operations) == 0 {
		return "does nothing"
	}
	s := effectWords(p) + ": " + count(writes, "request")
	if bytes > 0 {
		s += ", " + humanBytes(bytes)
	}
	return s
}

// stateCell is where a product stands, and whether it can be applied.
func (m *markdownView) stateCell(p plan.Product) string {
	var parts []string
	for _, part := range []string{verdictCell(p.Verdict), m.applyCell(p)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// verdictCell is a verdict in a table; what is wrong stands out.
func verdictCell(v plan.Verdict) string {
	label := verdictLabel(v)
	if verdictLevel(v) != levelNote {
		return "**" + label + "**"
	}
	return label
}

// applyCell says whether a product can be applied, "" where its verdict does.
func (m *markdownView) applyCell(p plan.Product) string {
	switch {
	case p.Verdict == plan.VerdictError, p.Verdict == plan.VerdictSubmissionFailed && len(p.Operations) == 0:
		return ""
	case p.Error != "" || planErrors(m.plan, p.Address):
		return "**error**"
	case len(p.Blocked) > 0:
		names := make([]string, len(p.Blocked))
		for i, g := range p.Blocked {
			names[i] = cellSpan(string(g))
		}
		return "**refused**: " + strings.Join(names, ", ")
	case p.Applyable && slices.ContainsFunc(p.Changes, func(c plan.Change) bool { return waits(p, c) }):
		return "can be applied; the rest waits for the end of the rollout"
	case p.Applyable:
		return "can be applied"
	case p.Running != nil && p.Running.Rollout && !idle(p):
		return "waits for the end of the rollout"
	case p.Running != nil && !idle(p):
		return "waits for a running submission"
	case idle(p) && p.Verdict != "", p.Verdict == plan.VerdictIncomplete:
		return ""
	case !p.Complete:
		return "not everything could be compared"
	case idle(p):
		return "nothing to do"
	}
	return "cannot be applied"
}

// planErrors reports whether an error was found about a product.
func planErrors(plan *plan.Plan, address string) bool {
	return (&planView{plan: plan}).hasErrors(address)
}

// refused lists the guards that stop apply, what they protect, and how to
// allow each of them.
func (m *markdownView) refused() {
	var items []string
	for _, p := range m.plan.Products {
		for _, g := range p.Blocked {
			items = append(items, refusedItem(p, g))
		}
	}
	if len(items) == 0 {
		return
	}
	m.write("\n#### Apply refuses\n\n")
	m.list(items, refusedLimit, "refusal")
}

func refusedItem(p plan.Product, g plan.Guard) string {
	s := fmt.Sprintf("- **%s** for %s: %s", codeSpan(shorten(string(g), spanColumns)), codeSpan(shorten(p.Address, spanColumns)), g.Protects())
	if paths := guardedPaths(p, g); len(paths) > 0 {
		spans := make([]string, len(paths))
		for i, path := range paths {
			spans[i] = codeSpan(shorten(path, spanColumns))
		}
		s += " Because of " + someOf(spans, 5) + "."
	}
	return s + "  \n" + indented(allowanceMarkdown(p, g), 2) + "\n"
}

// failures lists what is wrong with manifests, and the products that failed.
func (m *markdownView) failures(failed string) {
	var items []string
	for _, d := range m.plan.Diagnostics {
		items = append(items, failureItem(capitalised(string(d.Severity)), d.String()))
	}
	for _, p := range m.plan.Products {
		if p.Error != "" {
			items = append(items, failureItem(failed, p.Error))
		}
	}
	if len(items) == 0 {
		return
	}
	m.write("\n#### Errors and warnings\n\n")
	m.list(items, failuresLimit, "finding")
}

// hashes are what apply takes to be sure that it does what was reviewed, one
// product a line.
func (m *markdownView) hashes() string {
	var lines []string
	for _, p := range m.plan.Products {
		if p.Hash != "" && p.Applyable {
			lines = append(lines, "--expect-plan-hash "+shorten(sanitize(p.Address), spanColumns)+"="+shorten(sanitize(p.Hash), spanColumns))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	room, shown := hashesLimit, 0
	for shown < len(lines) && units(lines[shown])+1 <= room {
		room -= units(lines[shown]) + 1
		shown++
	}
	if shown < len(lines) {
		m.cut("%s", count(len(lines)-shown, "plan hash"))
	}
	return "\n<details><summary>Plan hashes, for apply to do this and nothing else</summary>\n\n" +
		codeBlock("text", strings.Join(lines[:shown], "\n")) + "\n</details>\n"
}

// list writes items as far as they fit.
func (m *markdownView) list(items []string, limit int, noun string) {
	limit = min(limit, m.left-bottomLimit)
	for i, item := range items {
		if units(item) > limit {
			m.cut("%s", count(len(items)-i, noun))
			return
		}
		limit -= units(item)
		m.write(item)
	}
}

// cut notes that something was left out.
func (m *markdownView) cut(format string, arguments ...any) {
	m.cuts = append(m.cuts, fmt.Sprintf(format, arguments...))
}

// omissions say what was left out, and where it is.
func (m *markdownView) omissions(elsewhere string) {
	if len(m.cuts) > 0 {
		m.write("\n**Cut to fit a comment.** Not shown: " + someOf(m.cuts, 8) + ". " + elsewhere + "\n")
	}
}

// planHash says which plan this was.
func (m *markdownView) planHash() {
	if m.plan.Hash != "" && m.plan.Applyable {
		m.write("\nPlan hash: " + codeSpan(shorten(m.plan.Hash, spanColumns)) + "\n")
	}
}
