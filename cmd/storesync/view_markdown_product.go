package main

import (
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// markdownWidth is how wide lines in blocks of code are; wider ones would have
// to be scrolled in a comment.
const markdownWidth = 100

// section is a folded product: a line that is always seen, and parts, each of
// which is shown whole or not at all.
type section struct {
	address string
	summary string
	parts   []part
	// units is how long it is with all of its parts.
	units int
}

// part is a piece of a section with a name for the note that it was left out.
type part struct {
	name string
	// label stands in front of the first of the parts that have it, "" for none.
	label string
	// block is what language's block of code the text stands in; parts of one
	// block follow each other in it.
	block, text string
}

// products writes what is known of each product, folded. The room that is left
// is shared out: a product that needs less leaves the rest to the others.
func (m *markdownView) products(sectionOf func(plan.Product, planFiles) section) {
	room := m.left - bottomLimit
	files := filesOf(m.plan)
	var sections []section
	taken, unseen := 0, 0
	for _, p := range m.plan.Products {
		switch {
		case quiet(p):
		case taken > room:
			// There is no room for more, so they are not rendered at all.
			unseen++
		default:
			if s := sectionOf(p, files); len(s.parts) > 0 {
				sections = append(sections, s)
				taken += min(s.units, leastSection)
			}
		}
	}
	spare := 0
	for i, share := range shareOut(room, sections) {
		limit := min(share+spare, m.left-bottomLimit)
		if limit < sections[i].units && limit < leastSection {
			unseen++
			spare += share
			continue
		}
		spare = limit - m.sectionWithin(sections[i], limit)
	}
	if unseen > 0 {
		m.cut("the details of %s", count(unseen, "product"))
	}
}

// shareOut gives each section as much as it needs, or an even share of what is
// left when those that need less have it.
func shareOut(room int, sections []section) []int {
	shares := make([]int, len(sections))
	for open := len(sections); open > 0; {
		share := room / open
		settled := false
		for i, s := range sections {
			if shares[i] == 0 && s.units <= share {
				shares[i], settled = s.units, true
				room -= s.units
				open--
			}
		}
		if !settled {
			for i := range sections {
				if shares[i] == 0 {
					shares[i] = share
				}
			}
			return shares
		}
	}
	return shares
}

// leastSection is the least that a section is shown with, unless it needs less.
const leastSection = 1500

// section is a product's details.
func (m *markdownView) section(p plan.Product, files planFiles) section {
	s := section{address: p.Address, summary: htmlCode(p.Address) + ": " + changeCounts(p)}
	if p.Error == "" && len(p.Changes) == 0 && p.Verdict != "" {
		s.summary = htmlCode(p.Address) + ": " + verdictLabel(p.Verdict)
	}
	if p.Error == "" && len(p.Operations) > 0 {
		s.summary += "; " + effectWords(p)
	}
	add := func(name, block string, render func(*planView)) {
		s.add(part{name: name, block: block}, m.plan, files, render)
	}
	add("state", "text", func(v *planView) {
		if p.Error == "" {
			v.standing(planStanding(p))
		}
		v.running(p)
		v.origins(p)
	})
	for _, g := range groupChanges(p.Changes) {
		add("changes of "+codeSpan(shorten(g.title, spanColumns)), "diff", func(v *planView) { v.group(p, g) })
	}
	if p.Error == "" {
		add("notices", "text", func(v *planView) { v.notices(p) })
		add("requests", "text", func(v *planView) { v.requests(p) })
	}
	s.units = units(s.with(s.parts))
	return s
}

// add renders a part, unless there is nothing in it.
func (s *section) add(p part, plan *plan.Plan, files planFiles, render func(*planView)) {
	v := &planView{page: page{width: markdownWidth, gutter: p.block == "diff"}, plan: plan, files: files}
	render(v)
	if p.text = strings.Trim(v.String(), "\n"); p.text != "" {
		s.parts = append(s.parts, p)
	}
}

// with is a section with some of its parts.
func (s section) with(parts []part) string {
	var b strings.Builder
	b.WriteString("\n<details><summary>" + s.summary + "</summary>\n")
	for i := 0; i < len(parts); {
		texts := []string{parts[i].text}
		block, label := parts[i].block, parts[i].label
		if label != "" && (i == 0 || parts[i-1].label != label) {
			b.WriteString("\n**" + label + "**\n")
		}
		for i++; i < len(parts) && block == "diff" && parts[i].block == block && parts[i].label == label; i++ {
			texts = append(texts, parts[i].text)
		}
		b.WriteString("\n" + codeBlock(block, strings.Join(texts, "\n\n")))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// sectionWithin writes a section in at most so many units, and returns how many
// it took. Parts that do not fit are left out whole and named.
func (m *markdownView) sectionWithin(s section, limit int) int {
	shown := s.parts
	if s.units > limit {
		shown = nil
		var dropped []string
		// What the parts are wrapped in, with room for longer fences.
		left := limit - units(s.with(nil)) - sectionFrame
		for _, p := range s.parts {
			if units(p.text) > left {
				dropped = append(dropped, p.name)
				continue
			}
			left -= units(p.text) + partFrame
			shown = append(shown, p)
		}
		// A long run of backticks makes every fence longer than was reckoned.
		for len(shown) > 0 && units(s.with(shown)) > limit {
			dropped = append(dropped, shown[len(shown)-1].name)
			shown = shown[:len(shown)-1]
		}
		m.cut("of %s %s", codeSpan(shorten(s.address, spanColumns)), someOf(dropped, 3))
	}
	before := m.left
	m.write(s.with(shown))
	return before - m.left
}

// sectionFrame and partFrame are what the fences around parts take at most.
const (
	sectionFrame = 40
	partFrame    = 20
)

// changeCounts counts a product's changes.
func changeCounts(p plan.Product) string {
	counts := map[plan.Action]int{}
	for _, c := range p.Changes {
		counts[c.Action]++
	}
	var parts []string
	for _, a := range []struct {
		action plan.Action
		words  string
	}{
		{plan.ActionCreate, "to add"}, {plan.ActionUpdate, "to change"},
		{plan.ActionDelete, "to remove"}, {plan.ActionReport, "to look at"},
	} {
		if n := counts[a.action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, a.words))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
