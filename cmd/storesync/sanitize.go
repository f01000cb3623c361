package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sanitize makes text from manifests and the Store safe for a terminal: what
// would move the cursor, change colours, reorder or hide text is shown as an
// escape. Line ends are escaped too; sanitizeLines keeps them.
func sanitize(s string) string { return harmlessOrders(escapeInvisible(s, false)) }

// sanitizeLines is sanitize for text of several lines, none of which is a
// command of a CI runner.
func sanitizeLines(s string) string {
	s = harmlessOrders(escapeInvisible(s, true))
	if !strings.Contains(s, "::") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = harmlessLine(line)
	}
	return strings.Join(lines, "\n")
}

// harmlessLine keeps text from giving orders to GitHub's runner, which takes a
// line of the log that begins with "::", whatever blanks are in front of it, for
// a command
// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
func harmlessLine(line string) string {
	start := strings.TrimLeftFunc(line, unicode.IsSpace)
	if !strings.HasPrefix(start, "::") {
		return line
	}
	return line[:len(line)-len(start)] + `\x3a` + start[1:]
}

// harmlessOrders keeps text from giving orders to a CI runner that finds them
// anywhere in a line of the log: "##[" (GitHub's runner in its old form) and
// "##vso[" (Azure Pipelines,
// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands).
// What counts only at the start of a line is the page's to see to.
func harmlessOrders(s string) string {
	return runnerOrder.ReplaceAllStringFunc(s, func(order string) string { return `\x23` + order[1:] })
}

// runnerOrder is what an order to a CI runner begins with. Runners differ in
// whether case matters.
var runnerOrder = regexp.MustCompile(`(?i)##(vso)?\[`)

func escapeInvisible(s string, keepNewlines bool) string {
	if !strings.ContainsFunc(s, needsEscape) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' && keepNewlines:
			b.WriteByte('\n')
		case needsEscape(r):
			b.WriteString(escapeRune(r))
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// needsEscape reports whether a rune acts on the terminal or is invisible.
// Joiners stay, for they shape emoji and several scripts; so do the marks that
// only come in front of visible numbers.
func needsEscape(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch {
	case r == zeroWidthNonJoiner || r == zeroWidthJoiner:
		return false
	case r == '\u2028' || r == '\u2029':
		return true
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

func escapeRune(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
