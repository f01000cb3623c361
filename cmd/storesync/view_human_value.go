package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storesync/storesync/reconcile/plan"
)

const (
	// fieldIndent is where a field's symbol stands, blockIndent where text
	// under it does.
	fieldIndent = 4
	blockIndent = 8
	// longText is from how many columns on a text is shown as a word diff.
	longText = 60
	// contextColumns is how much unchanged text is shown beside a change.
	contextColumns = 32
	// shownColumns is how much of a wholly new or removed stretch is shown.
	shownColumns = 800
)

// field shows one change under its label.
func (v *planView) field(f field, label int) {
	c := f.change
	mark := inked(symbol(c.Action)+" ", actionInk(c.Action))
	name := sanitize(f.label) + ":"
	if c.Action == plan.ActionReport && !hasBothTexts(c) {
		v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)), text(" "+reportText(c)))
		return
	}
	if c.Sensitive {
		v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)), text(" (sensitive) "+sensitiveText(c.Action)))
		return
	}
	if words := rolloutWords(c); words != "" {
		v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)), text(" "+words))
		return
	}
	switch c.Type {
	case plan.Text:
		v.textField(mark, name, label, c)
	case plan.Set:
		v.setField(mark, name, label, c)
	case plan.List:
		v.listField(mark, name, label, c)
	case plan.Images:
		v.imagesField(mark, name, label, c)
	default: // a scalar, or a type that this version does not know
		v.beforeAfter(mark, name, label, scalarText(c.Before), scalarText(c.After))
	}
}

// hasBothTexts reports whether a report holds two texts to compare: the Store's
// and the manifest's.
func hasBothTexts(c plan.Change) bool {
	return c.Action == plan.ActionReport && c.Type == plan.Text && !c.Sensitive && !isNothing(c.Before) && !isNothing(c.After)
}

func reportText(c plan.Change) string {
	if c.Sensitive {
		return "(sensitive)"
	}
	switch {
	case c.Type == plan.Images && len(c.Before) > 0:
		return count(len(imagesOf(c.Before)), "stored image") + ", content unknown"
	case c.Type == plan.Images:
		return "now " + count(len(imagesOf(c.After)), "image")
	case len(c.Before) > 0:
		return shorten(scalarText(c.Before), contextColumns)
	case len(c.After) > 0:
		// What stands in the draft and goes live: worth reading whole.
		return "now " + excerpt(scalarText(c.After))
	}
	return ""
}

func sensitiveText(a plan.Action) string {
	switch a {
	case plan.ActionCreate:
		return "is set; the value is not shown"
	case plan.ActionDelete:
		return "is cleared"
	case plan.ActionUpdate, plan.ActionReport:
	}
	return "changes; the values are not shown"
}

// beforeAfter shows two short values on one line if they fit, else below each
// other. A value that is "" is not set.
func (v *planView) beforeAfter(mark span, name string, label int, before, after string) {
	var values []span
	switch {
	case before == "":
		values = []span{text(after)}
	case after == "":
		values = []span{text(before), inked(" → ", faint), inked("(unset)", faint)}
	default:
		values = []span{text(before), inked(" → ", faint), text(after)}
	}
	width := fieldIndent + 2 + label + 1
	for _, s := range values {
		width += columns(s.text)
	}
	if width <= v.width || len(values) == 1 {
		spans := append([]span{mark, text(padded(name, label) + " ")}, values...)
		v.hanging(fieldIndent, blockIndent, spans...)
		return
	}
	v.hanging(fieldIndent, blockIndent, mark, text(name))
	v.hanging(blockIndent, blockIndent+2, inked("  ", plain), values[0])
	v.hanging(blockIndent, blockIndent+2, inked("→ ", faint), values[2])
}

// textField shows prose: short texts side by side, long ones as a word diff.
func (v *planView) textField(mark span, name string, label int, c plan.Change) {
	before, after := textOf(c.Before), textOf(c.After)
	if hasBothTexts(c) && !isLong(before) && !isLong(after) {
		v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)+" "), text("the Store has "+quotedText(c.Before)+", the manifest "+quotedText(c.After)))
		return
	}
	if !isLong(before) && !isLong(after) {
		v.beforeAfter(mark, name, label, quotedText(c.Before), quotedText(c.After))
		return
	}
	v.hanging(fieldIndent, blockIndent, mark, text(name), inked(textSize(before, after), faint))
	switch {
	case before == "":
		v.block(blockIndent, text(sanitizeLines(excerpt(after))))
	case after == "":
		v.block(blockIndent, v.cutSpan(excerpt(before)))
	default:
		edits := diffWords(before, after)
		if mostlyRewritten(edits) {
			v.block(blockIndent, v.cutSpan(excerpt(before)))
			v.block(blockIndent, v.putSpan(excerpt(after)))
			return
		}
		v.block(blockIndent, v.wordDiff(edits)...)
	}
}

func isLong(s string) bool { return strings.Contains(s, "\n") || columns(s) > longText }

func textSize(before, after string) string {
	if before == "" || after == "" {
		return "  " + count(utf8.RuneCountInString(before+after), "character")
	}
	return ""
}

// block shows text of several lines below a field.
func (v *planView) block(indent int, spans ...span) { v.hanging(indent, indent, spans...) }

// cutSpan and putSpan mark changed words: by ink, or by the marks of
// `git diff --word-diff` where there is no colour.
func (v *planView) cutSpan(s string) span {
	if v.color {
		return inked(sanitizeLines(s), removedText)
	}
	return text("[-" + sanitizeLines(s) + "-]")
}

func (v *planView) putSpan(s string) span {
	if v.color {
		return inked(sanitizeLines(s), addedText)
	}
	return text("{+" + sanitizeLines(s) + "+}")
}

// wordDiff shows the changed words with some of what stands around them.
func (v *planView) wordDiff(edits []edit) []span {
	var spans []span
	for i, e := range edits {
		switch e.kind {
		case cut:
			spans = append(spans, v.cutSpan(excerpt(showNewlines(e.text))))
		case put:
			spans = append(spans, v.putSpan(excerpt(showNewlines(e.text))))
		case kept:
			spans = append(spans, text(sanitizeLines(contextOf(e.text, i > 0, i < len(edits)-1))))
		}
	}
	return spans
}

// showNewlines makes a changed line end visible where it is all that changed.
func showNewlines(s string) string {
	if strings.Trim(s, "\n") == "" {
		return strings.ReplaceAll(s, "\n", "\\n\n")
	}
	return s
}

// contextOf cuts unchanged text down to what stands beside a change before and
// after it.
func contextOf(s string, after, before bool) string {
	var head, tail string
	if after {
		head = headOf(s, contextColumns)
	}
	if before {
		tail = tailOf(s, contextColumns)
	}
	switch {
	case len(head)+len(tail) >= len(s):
		return s
	case head == "":
		return "… " + tail
	case tail == "":
		return head + " …"
	}
	return head + " … " + tail
}

// headOf is the beginning of a text: whole words, at most so many columns, and
// no more than one line.
func headOf(s string, limit int) string {
	var b strings.Builder
	used := 0
	for _, w := range words(s) {
		used += columns(w)
		if used > limit || (w == "\n" && b.Len() > 0) {
			break
		}
		b.WriteString(w)
	}
	return strings.TrimRight(b.String(), " \n")
}

// tailOf is the end of a text, likewise.
func tailOf(s string, limit int) string {
	all := words(s)
	start, used := len(all), 0
	for start > 0 {
		w := all[start-1]
		used += columns(w)
		if used > limit || (w == "\n" && start < len(all)) {
			break
		}
		start--
	}
	return strings.TrimLeft(strings.Join(all[start:], ""), " \n")
}

// excerpt is a text, or its beginning and end with how much is left out.
func excerpt(s string) string {
	if columns(s) <= shownColumns {
		return s
	}
	head, tail := headLines(s, shownColumns*3/4), tailOf(s, shownColumns/4)
	left := utf8.RuneCountInString(s) - utf8.RuneCountInString(head) - utf8.RuneCountInString(tail)
	return fmt.Sprintf("%s … (%d characters more; --output json shows them) … %s", head, left, tail)
}

// headLines is headOf over several lines.
func headLines(s string, limit int) string {
	used, end := 0, 0
	for _, w := range words(s) {
		used += columns(w)
		if used > limit {
			break
		}
		end += len(w)
	}
	return strings.TrimRight(s[:end], " \n")
}

// shorten cuts one line to a number of columns.
func shorten(s string, limit int) string {
	if columns(s) <= limit {
		return s
	}
	return headOf(s, limit-2) + " …"
}

// textOf is the string in a change's value, "" when there is none.
func textOf(raw json.RawMessage) string {
	return plan.Value{Type: plan.Text, JSON: raw}.Text()
}

// quotedText is a short text in quotation marks, "" when it is not set.
func quotedText(raw json.RawMessage) string {
	s := textOf(raw)
	if s == "" {
		return ""
	}
	return isolated(`"` + sanitize(s) + `"`)
}

// scalarText is a scalar as it is written in a manifest, "" when not set.
func scalarText(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return sanitize(string(raw))
	}
	if s != strings.TrimSpace(s) {
		return harmlessOrders(strconv.Quote(s))
	}
	return isolated(sanitize(s))
}

// memberNames are the keys of a removed part, with the number of elements
// where that says more.
func memberNames(raw json.RawMessage) []string {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	var names []string
	for _, key := range slices.Sorted(maps.Keys(members)) {
		name := sanitize(key)
		var list []json.RawMessage
		if json.Unmarshal(members[key], &list) == nil {
			if len(list) == 0 {
				continue
			}
			name = fmt.Sprintf("%s (%d)", name, len(list))
		}
		names = append(names, name)
	}
	return names
}
