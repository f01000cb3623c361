package main

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/storesync/storesync/reconcile/plan"
)

// htmlRow is one field before and after.
type htmlRow struct {
	// Label is the field's name in words, Path its name in the manifest.
	Label, Path string
	// Shape is how its values look, as classes: text, lede, title, terms, list,
	// words, images, icons or value.
	Shape  string
	Action htmlAction
	Old    htmlCell
	New    htmlCell
	// Note says what the two sides alone do not show.
	Note    string
	Remarks []htmlRemark
}

// htmlCell is one side of a row.
type htmlCell struct {
	// None says in words that there is no value, "" when there is one.
	None   string
	Marks  []htmlMark
	Items  []htmlMark
	Images []htmlImage
}

// htmlAction is what happens to a field, as a symbol, a word and a class.
type htmlAction struct{ Symbol, Word, Class string }

func actionOf(a plan.Action) htmlAction {
	switch a {
	case plan.ActionCreate:
		return htmlAction{"+", "added", "add"}
	case plan.ActionUpdate:
		return htmlAction{"~", "changed", "change"}
	case plan.ActionDelete:
		return htmlAction{"−", "removed", "remove"}
	case plan.ActionReport:
		return htmlAction{"!", "to look at", "look"}
	}
	return htmlAction{"?", sanitize(string(a)), "look"}
}

// htmlRemark is a reason, or a guard and what becomes of it.
type htmlRemark struct {
	Text  string
	Guard string
	// Allowed tells a guard that the person allowed from one that refuses.
	Allowed bool
}

// remarksOf are a change's reason, who made it, and its guards.
func remarksOf(p *plan.Product, c plan.Change) []htmlRemark {
	var remarks []htmlRemark
	if reason := reasonOf(*p, c); reason != "" {
		remarks = append(remarks, htmlRemark{Text: sanitizeLines(reason)})
	}
	if !originTold(*p, c) && sharedOrigin(*p) == "" {
		remarks = append(remarks, htmlRemark{Text: upperFirst(c.Origin.Label())})
	}
	if words := rolloutWords(c); words != "" {
		remarks = append(remarks, htmlRemark{Text: upperFirst(words)})
	}
	if waits(*p, c) {
		remarks = append(remarks, htmlRemark{Text: "Waits until the rollout has ended"})
	}
	for _, g := range c.Guards {
		remarks = append(remarks, htmlRemark{Guard: sanitize(string(g)), Text: strings.TrimPrefix(guardState(*p, g), ": "), Allowed: isAllowed(p, g)})
	}
	return remarks
}

// isAllowed reports whether a guard lets the plan pass.
func isAllowed(p *plan.Product, g plan.Guard) bool {
	return slices.Contains(p.Allowed, g) && !slices.Contains(p.Protected, g)
}

// htmlBuilder turns values of one plan into cells.
type htmlBuilder struct {
	plan     *plan.Plan
	pictures *pictures
	files    planFiles
	// limit is how many bytes of one text are shown, 0 for all.
	limit int
}

// row shows one change under a label.
func (b *htmlBuilder) row(p *plan.Product, c plan.Change, label string) htmlRow {
	r := htmlRow{Label: label, Path: sanitize(string(c.Path)), Shape: "value", Action: actionOf(c.Action), Remarks: remarksOf(p, c)}
	switch {
	case c.Sensitive:
		r.Old, r.New = sensitiveCell(c.Before), sensitiveCell(c.After)
		r.Note = "The values are sensitive and not in the plan."
	case c.Type == plan.Text:
		r.Shape = "text"
		old, new, rewritten := compareTexts(textOf(c.Before), textOf(c.After), b.limit)
		r.Old, r.New = htmlCell{Marks: old}, htmlCell{Marks: new}
		if rewritten {
			r.Note = "Rewritten: little of the text stays."
		}
	case c.Type == plan.List:
		r.Shape = "list"
		r.Old.Items, r.New.Items, r.Note = listSides(elements(c.Before), elements(c.After))
	case c.Type == plan.Set:
		r.Shape = "words"
		r.Old.Items, r.New.Items = setSides(elements(c.Before), elements(c.After))
	case c.Type == plan.Images:
		r.Shape = "images"
		r.Old.Images, r.New.Images = b.imageSides(imagesOf(c.Before), imagesOf(c.After))
	default: // a scalar, or a type that this version does not know
		r.Old, r.New = scalarSides(c.Before, c.After)
	}
	b.nameNothing(&r, c)
	return r
}

// nameNothing says in words why a side is empty.
func (b *htmlBuilder) nameNothing(r *htmlRow, c plan.Change) {
	if r.Old.empty() {
		r.Old.None = "Not set"
	}
	if r.New.empty() {
		r.New.None = "Not set"
	}
	if c.Action != plan.ActionReport {
		return
	}
	switch {
	case len(c.Before) > 0 && len(c.After) == 0:
		r.New.None = "Not known"
	case len(c.After) > 0 && len(c.Before) == 0:
		r.Old.None = "Not known"
	case len(c.Before) == 0 && len(c.After) == 0:
		r.Old.None, r.New.None = "Not known", "Not known"
	}
}

func (c htmlCell) empty() bool {
	return c.None == "" && len(c.Marks) == 0 && len(c.Items) == 0 && len(c.Images) == 0
}

func sensitiveCell(raw json.RawMessage) htmlCell {
	if len(raw) == 0 {
		return htmlCell{}
	}
	return htmlCell{None: "Hidden"}
}

// longScalar is from how many bytes on two scalars, addresses for the most
// part, are compared word by word.
const longScalar = 12

func scalarSides(before, after json.RawMessage) (old, new htmlCell) {
	// Every cell is laid out by itself; the isolates of a line of text would
	// only be cut apart.
	from, to := strings.Trim(scalarText(before), isolateStart+isolateEnd), strings.Trim(scalarText(after), isolateStart+isolateEnd)
	if len(from) >= longScalar && len(to) >= longScalar {
		old.Marks, new.Marks, _ = compareTexts(from, to, 0)
		return old, new
	}
	if from != "" {
		old.Marks = []htmlMark{{"", from}}
	}
	if to != "" {
		new.Marks = []htmlMark{{"", to}}
	}
	return old, new
}

// listSides shows a list by element, on both sides.
func listSides(before, after []string) (old, new []htmlMark, note string) {
	edits := diffElements(before, after)
	moved := movedElements(edits)
	for i, e := range edits {
		item := htmlMark{"", sanitizeLines(e.text)}
		switch {
		case e.kind == kept:
			old, new = append(old, item), append(new, item)
		case e.kind == cut && moved[i]:
			old = append(old, item)
		case e.kind == put && moved[i]:
			new = append(new, htmlMark{markMove, item.Text})
		case e.kind == cut:
			old = append(old, htmlMark{markCut, item.Text})
		case e.kind == put:
			new = append(new, htmlMark{markPut, item.Text})
		}
	}
	if len(before) > 0 && sameElements(before, after) {
		note = "In another order."
	}
	return old, new, note
}

// setSides shows what leaves a set and what joins it; the rest stands on both
// sides.
func setSides(before, after []string) (old, new []htmlMark) {
	side := func(all, other []string, kind string) []htmlMark {
		var marks []htmlMark
		for _, e := range all {
			if slices.Contains(other, e) {
				marks = append(marks, htmlMark{"", sanitize(e)})
			} else {
				marks = append(marks, htmlMark{kind, sanitize(e)})
			}
		}
		return marks
	}
	return side(before, after, markCut), side(after, before, markPut)
}

// fieldWords is a field's name as words: minimumRequirement becomes "Minimum
// requirement". Path segments are joined by a mark.
func fieldWords(path string) string {
	segments := strings.Split(path, ".")
	for i, s := range segments {
		segments[i] = camelWords(s)
	}
	return sanitize(strings.Join(segments, " › "))
}

// camelWords is a camel-case name as words.
func camelWords(name string) string {
	var words []string
	start, previous := 0, ' '
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(previous) {
			words = append(words, name[start:i])
			start = i
		}
		previous = r
	}
	words = append(words, name[start:])
	for i, w := range words {
		switch lower := strings.ToLower(w); {
		case lower == "url" || lower == "id":
			words[i] = strings.ToUpper(w)
		case i == 0:
			words[i] = upperFirst(w)
		case w[1:] == strings.ToLower(w[1:]):
			words[i] = lower
		}
	}
	return strings.Join(words, " ")
}

// upperFirst begins a text with a capital.
func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
