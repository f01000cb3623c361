package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// look is how a human view may look.
type look struct {
	width int
	color bool
}

// planView renders plan documents for people. It sees nothing but the plan, so
// that a plan made elsewhere looks the same.
type planView struct {
	page
	plan  *plan.Plan
	files planFiles
}

// humanPlan is a plan as a person reads it, ending with one line that sums it
// up. Errors and diagnostics are not in it: they go to standard error.
func humanPlan(plan *plan.Plan, l look) string {
	v := &planView{page: page{width: l.width, color: l.color}, plan: plan, files: filesOf(plan)}
	for _, p := range plan.Products {
		if settled(p) && !v.hasErrors(p.Address) {
			v.settledProduct(p)
		} else {
			v.product(p)
		}
	}
	v.summary()
	if text, blank := strings.CutSuffix(v.String(), "\n\n"); blank {
		return text + "\n"
	}
	return v.String()
}

// idle reports whether there is nothing to do for a product, and nothing wrong.
func idle(p plan.Product) bool {
	return p.Error == "" && len(p.Changes) == 0 && len(p.Operations) == 0
}

func (v *planView) product(p plan.Product) {
	v.blank()
	v.head(p.Address, p.ID, p.Verdict)
	if p.Error != "" {
		v.line(2, inked("! ", warned), text("could not be planned; the error says why"))
		v.notices(p)
		return
	}
	v.standing(planStanding(p))
	v.refusals(p)
	v.running(p)
	v.fate(p)
	v.origins(p)
	for _, g := range groupChanges(p.Changes) {
		v.blank()
		v.group(p, g)
	}
	if why := withoutChanges(p); why != "" {
		v.blank()
		v.line(2, text(why))
	}
	v.blank()
	v.notices(p)
	v.blank()
	v.requests(p)
	v.blank()
	if v.hasErrors(p.Address) {
		v.hanging(2, 4, inked("! ", warned), text("cannot be applied; the errors say why"))
	}
}

// hasErrors reports whether an error was found about a product.
func (v *planView) hasErrors(address string) bool {
	return slices.ContainsFunc(v.plan.Diagnostics, func(d schema.Diagnostic) bool {
		return d.Address == address && d.Severity == schema.SeverityError
	})
}

// group is a part of a product whose changes stand under one heading: a module,
// a language, a package, or several languages that change alike.
type group struct {
	title  string
	fields []field
}

// field is one change under a heading; its label is "" when the change is
// about the heading's whole part.
type field struct {
	label  string
	change plan.Change
}

// alikeAtLeast is how many languages must change alike to be shown as one.
const alikeAtLeast = 3

// groupChanges sorts changes under headings, in the order of the plan. A field
// that changes alike in several languages is shown once, as it was written
// once under "*".
func groupChanges(changes []plan.Change) []group {
	languages := map[string][]string{} // by what changes
	for _, c := range changes {
		if language, rest := splitListing(c.Path); rest != "" {
			key := sameness(rest, c)
			languages[key] = append(languages[key], language)
		}
	}
	var groups []group
	index := map[string]int{}
	add := func(title string, f field) {
		i, known := index[title]
		if !known {
			i = len(groups)
			index[title] = i
			groups = append(groups, group{title: title})
		}
		groups[i].fields = append(groups[i].fields, f)
	}
	shown := map[string]bool{}
	for _, c := range changes {
		title, label := heading(c)
		if language, rest := splitListing(c.Path); rest != "" {
			key := sameness(rest, c)
			if alike := languages[key]; len(alike) >= alikeAtLeast {
				if shown[key] {
					continue
				}
				shown[key] = true
				title, label = sharedTitle(alike), rest
			} else {
				title, label = "listings."+language, rest
			}
		}
		add(title, field{label, c})
	}
	return groups
}

func sharedTitle(languages []string) string {
	return fmt.Sprintf("listings.{%s} (%d languages alike)", strings.Join(languages, ", "), len(languages))
}

// sameness is equal for two changes of a listing field that differ in nothing
// but the language.
func sameness(rest string, c plan.Change) string {
	guards := make([]string, len(c.Guards))
	for i, g := range c.Guards {
		guards[i] = string(g)
	}
	return strings.Join([]string{rest, string(c.Action), string(c.Type), string(c.Before), string(c.After), c.Reason, string(c.Origin), strings.Join(guards, " ")}, "\x00")
}

// splitListing takes listings.de-de.description apart; both are "" for a path
// that is not below a language.
func splitListing(p plan.Path) (language, rest string) {
	segments := strings.SplitN(string(p), ".", 3)
	if len(segments) < 3 || segments[0] != "listings" {
		return "", ""
	}
	return segments[1], segments[2]
}

// heading says under which title a path stands and how it is called there. A
// value of its own right below spec stands under that name.
func heading(c plan.Change) (title, label string) {
	segments := strings.Split(string(c.Path), ".")
	if len(segments) == 1 && c.Type != "" {
		return "spec", segments[0]
	}
	depth := 1
	if segments[0] == "listings" || segments[0] == "packages" {
		depth = 2
	}
	depth = min(depth, len(segments))
	return strings.Join(segments[:depth], "."), strings.Join(segments[depth:], ".")
}

func (v *planView) group(p plan.Product, g group) {
	label := 0
	for _, f := range g.fields {
		label = max(label, columns(sanitize(f.label))+1)
	}
	label = min(label, max(12, v.width/3))
	if len(g.fields) == 1 && g.fields[0].label == "" {
		v.whole(p, g.title, g.fields[0].change)
		return
	}
	v.hanging(2, 4, inked(sanitize(g.title), strong))
	for _, f := range g.fields {
		if f.label == "" {
			v.whole(p, g.title, f.change)
			continue
		}
		v.field(f, label)
		v.remarks(p, f.change)
	}
}

// whole shows a change of everything under a heading.
func (v *planView) whole(p plan.Product, title string, c plan.Change) {
	mark := inked(symbol(c.Action)+" ", actionInk(c.Action))
	with := ""
	if members := memberNames(c.Before); len(members) > 0 {
		with = "with " + strings.Join(members, ", ")
	}
	switch {
	case c.Path == plan.PathProduct && c.Action == plan.ActionDelete:
		v.hanging(2, 6, mark, inked(kindNoun(p.Kind)+" will be DELETED", removed), text("  "+with))
	case c.Action == plan.ActionDelete && with == "":
		v.hanging(2, 6, mark, inked(sanitize(title), strong), text("  with everything in it"))
	case c.Action == plan.ActionDelete:
		v.hanging(2, 6, mark, inked(sanitize(title), strong), text("  "+with))
	default:
		v.hanging(2, 6, mark, inked(sanitize(title), strong))
	}
	v.remarks(p, c)
}

// symbol marks a change as Terraform does.
func symbol(a plan.Action) string {
	switch a {
	case plan.ActionCreate:
		return "+"
	case plan.ActionUpdate:
		return "~"
	case plan.ActionDelete:
		return "-"
	case plan.ActionReport:
		return "!"
	}
	return "?"
}

func actionInk(a plan.Action) ink {
	switch a {
	case plan.ActionCreate:
		return added
	case plan.ActionUpdate:
		return updated
	case plan.ActionDelete:
		return removed
	case plan.ActionReport:
		return warned
	}
	return plain
}

// summary is the line at the end.
func (v *planView) summary() {
	if len(v.plan.Products) == 1 && idle(v.plan.Products[0]) && !v.hasErrors(v.plan.Products[0].Address) {
		return
	}
	v.blank()
	v.line(0, inked("Plan: ", strong), text(strings.TrimPrefix(planSummary(v.plan), "Plan: ")))
	if counts := productVerdicts(v.plan.Products); counts != "" {
		v.line(0, inked("Products: ", strong), text(counts+"."))
	}
	if refused := refusedProducts(v.plan); refused > 0 {
		says := "; each says above how to allow it."
		if slices.ContainsFunc(v.plan.Products, isProtected) {
			says = "; each says above why, and what it takes."
		}
		v.line(0, inked("Apply refuses "+count(refused, "product")+says, warned))
	}
	if v.plan.Hash != "" && v.plan.Applyable {
		v.line(0, inked("Hash: "+sanitize(v.plan.Hash), faint))
	}
}

// isProtected reports whether a manifest refuses a change whatever is allowed.
func isProtected(p plan.Product) bool {
	return slices.ContainsFunc(p.Blocked, func(g plan.Guard) bool { return slices.Contains(p.Protected, g) })
}

// refusedProducts counts the products that guards keep from being applied.
func refusedProducts(plan *plan.Plan) int {
	refused := 0
	for _, p := range plan.Products {
		if len(p.Blocked) > 0 {
			refused++
		}
	}
	return refused
}

// planSummary is a plan in one line.
func planSummary(plan *plan.Plan) string {
	s := plan.Summary
	var b strings.Builder
	fmt.Fprintf(&b, "Plan: %d to add, %d to change, %d to remove", s.Create, s.Update, s.Delete)
	if s.Report > 0 {
		fmt.Fprintf(&b, ", %d to look at", s.Report)
	}
	if s.Writes == 0 && s.Submissions == 0 {
		b.WriteString("; no requests")
	} else {
		b.WriteString("; " + count(s.Writes, "request"))
	}
	if s.Uploads > 0 {
		fmt.Fprintf(&b, ", %s (%s)", count(s.Uploads, "upload"), humanBytes(s.Bytes))
	}
	if s.Submissions > 0 {
		b.WriteString(", " + count(s.Submissions, "submission"))
	}
	b.WriteString(".")
	if failed := failedProducts(plan); failed > 0 {
		fmt.Fprintf(&b, " %s could not be planned.", count(failed, "product"))
	}
	return b.String()
}

// failedProducts counts the products that could not be planned.
func failedProducts(plan *plan.Plan) int {
	failed := 0
	for _, p := range plan.Products {
		if p.Error != "" {
			failed++
		}
	}
	return failed
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "sh") {
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// humanBytes is a size in decimal units, as file managers and the Store's pages
// show it.
func humanBytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if size /= 1000; size < 999.5 {
			break
		}
	}
	if size < 9.95 {
		return fmt.Sprintf("%.1f %s", size, unit)
	}
	return fmt.Sprintf("%.0f %s", size, unit)
}
