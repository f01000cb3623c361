package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/storesync/storesync/reconcile/plan"
)

// htmlMark is a stretch of text: kept as it is, or marked.
type htmlMark struct {
	// Kind is "" for kept text, "cut" and "put" for changed words, and "gap"
	// for words about text that is left out.
	Kind, Text string
}

// The kinds of marks, which are also class names.
const (
	markCut  = "cut"
	markPut  = "put"
	markGap  = "gap"
	markMove = "move"
)

const (
	// htmlTextBudget is how many bytes of text a page may hold before long
	// texts are shortened to what changes in them.
	htmlTextBudget = 1_500_000
	// leastText is what one text may hold, however many there are.
	leastText = 600
)

// textLimit is how many bytes of one text are shown so that the page stays
// usable: no limit (0) as long as all of them fit.
func textLimit(plan *plan.Plan) int {
	texts, total := 0, 0
	for _, p := range plan.Products {
		for _, c := range p.Changes {
			total += len(c.Before) + len(c.After)
			texts++
		}
	}
	if total <= htmlTextBudget {
		return 0
	}
	return max(leastText, htmlTextBudget/texts)
}

// compareTexts marks the changed words of two texts, each in its own side.
// Texts that have little in common are shown as they are: rewritten is true.
func compareTexts(before, after string, limit int) (old, new []htmlMark, rewritten bool) {
	if before == "" || after == "" {
		return wholeText(before, limit), wholeText(after, limit), false
	}
	edits := diffWords(before, after)
	if mostlyRewritten(edits) {
		return wholeText(before, limit), wholeText(after, limit), true
	}
	if limit == 0 || len(before)+len(after) <= limit {
		limit = 0
	}
	for i, e := range edits {
		switch e.kind {
		case cut:
			old = append(old, shortened(visibleEnds(e.text), limit/4, markCut)...)
		case put:
			new = append(new, shortened(visibleEnds(e.text), limit/4, markPut)...)
		case kept:
			around := keptAround(e.text, limit/8, i > 0, i < len(edits)-1)
			old, new = append(old, around...), append(new, around...)
		}
	}
	return old, new, false
}

// visibleEnds makes a changed line end visible where it is all that changed.
func visibleEnds(s string) string {
	if strings.Trim(s, "\n") == "" {
		return strings.ReplaceAll(s, "\n", "↵\n")
	}
	return s
}

// wholeText is a text without marks, or its beginning.
func wholeText(s string, limit int) []htmlMark {
	if s == "" {
		return nil
	}
	return shortened(s, limit/2, "")
}

// shortened is a text of one kind, cut to a number of bytes; 0 leaves it whole.
func shortened(s string, limit int, kind string) []htmlMark {
	if limit == 0 || len(s) <= limit {
		return []htmlMark{{kind, sanitizeLines(s)}}
	}
	head := runeHead(s, limit)
	return []htmlMark{{kind, sanitizeLines(head)}, gapMark(s[len(head):], "more")}
}

// keptAround is unchanged text, or what stands beside the changes of it.
func keptAround(s string, limit int, after, before bool) []htmlMark {
	if limit == 0 || len(s) <= 2*limit {
		return []htmlMark{{"", sanitizeLines(s)}}
	}
	head, tail := "", ""
	if after {
		head = runeHead(s, limit)
	}
	if before {
		tail = s[len(runeHead(s, len(s)-limit)):]
	}
	var marks []htmlMark
	if head != "" {
		marks = append(marks, htmlMark{"", sanitizeLines(head)})
	}
	marks = append(marks, gapMark(s[len(head):len(s)-len(tail)], "unchanged"))
	if tail != "" {
		marks = append(marks, htmlMark{"", sanitizeLines(tail)})
	}
	return marks
}

func gapMark(left, what string) htmlMark {
	return htmlMark{markGap, fmt.Sprintf("%s %s", count(utf8.RuneCountInString(left), "character"), what)}
}

// runeHead is the longest beginning of a text of at most so many bytes that
// ends where a character does.
func runeHead(s string, limit int) string {
	if limit >= len(s) {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
