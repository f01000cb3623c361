package main

import (
	"html"
	"strings"
)

// spanColumns is how much of a name is shown inline; names of manifests and of
// the Store are much shorter.
const spanColumns = 120

// codeSpan is text that Markdown takes literally: in a run of backticks that is
// longer than any in it, so that it cannot end the span. In code GitHub also
// makes no links, references or mentions.
func codeSpan(s string) string {
	s = sanitize(s)
	if s == "" {
		return ""
	}
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	// One blank at each end is not part of the span.
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// cellSpan is a code span in a cell of a table, which a "|" would end even in
// code. Renderers disagree on how to escape it, so it is written as its code.
func cellSpan(s string) string {
	return codeSpan(strings.ReplaceAll(shorten(sanitize(s), spanColumns), "|", `\x7c`))
}

// codeBlock is text of several lines that Markdown takes literally: in a fence
// that is longer than any run of backticks in it.
func codeBlock(language, s string) string {
	fence := strings.Repeat("`", max(3, longestRun(s, '`')+1))
	return fence + language + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}

// htmlCode is text in a line of HTML, such as a summary, where Markdown means
// nothing.
func htmlCode(s string) string {
	return "<code>" + html.EscapeString(shorten(sanitize(s), spanColumns)) + "</code>"
}

// longestRun is the length of the longest run of a character in a text.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// indented puts blanks in front of every line but empty ones.
func indented(s string, blanks int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", blanks) + line
		}
	}
	return strings.Join(lines, "\n")
}

// failureItem is an item of a list with untrusted words in a block of code.
func failureItem(title, words string) string {
	words = sanitizeLines(words)
	if columns(words) > failureColumns {
		words = headLines(words, failureColumns) + " …"
	}
	return "- **" + title + "**\n" + indented(codeBlock("text", words), 2)
}

// failureColumns is how much of one failure is shown.
const failureColumns = 2000
