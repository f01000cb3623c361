package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHanging(t *testing.T) {
	for _, tt := range []struct {
		reason string
		width  int
		spans  []span
		want   string
	}{
		{"words are wrapped and hang", 24, []span{text("+ "), text("one two three four five")}, "  + one two three four\n    five\n"},
		{"a word that is too wide sticks out", 24, []span{text("→ "), text("https://contoso.example/a/very/long/path")}, "  → https://contoso.example/a/very/long/path\n"},
		{"wide characters count twice", 24, []span{text("本を読む人のための本です")}, "  本を読む人のための本で\n    す\n"},
		{"marks of a word diff stay with their words", 24, []span{text("0123456789 0123 "), text("[-old-]"), text("{+new+}")}, "  0123456789 0123\n    [-old-]{+new+}\n"},
		{"line ends are kept, empty lines are empty", 24, []span{text("a\n\nb")}, "  a\n\n    b\n"},
		{"no blanks at line ends", 24, []span{text("a b "), text(" ")}, "  a b\n"},
	} {
		p := &page{width: tt.width}
		p.hanging(2, 4, tt.spans...)
		if diff := cmp.Diff(tt.want, p.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestInk(t *testing.T) {
	p := &page{width: 20, color: true}
	p.line(0, inked("red words that wrap around", removed), text(" plain"))
	want := "\x1b[31mred words that wrap\x1b[0m\n\x1b[31maround\x1b[0m plain\n"
	if diff := cmp.Diff(want, p.String()); diff != "" {
		t.Errorf("colour ends with each line (-want +got):\n%s", diff)
	}
}

// TestWidth checks that no line of any golden plan is wider than its page,
// unless a single word is.
func TestWidth(t *testing.T) {
	for _, width := range []int{minWidth, 40, 80, 200} {
		p := &page{width: width}
		p.hanging(4, 8, text(strings.Repeat("Ein Satz mit Wörtern und 日本語の文字。 ", 20)))
		for line := range strings.Lines(p.String()) {
			if got := columns(strings.TrimRight(line, "\n")); got > width {
				t.Errorf("width %d: line of %d columns: %q", width, got, line)
			}
		}
	}
}

func TestSanitize(t *testing.T) {
	for _, tt := range []struct{ reason, in, want string }{
		{"plain text is left alone", "Überall lesen – 本を読む 👩‍👩‍👧", "Überall lesen – 本を読む 👩‍👩‍👧"},
		{"escape sequences", "\x1b[31mred\x1b]0;t\a", `\x1b[31mred\x1b]0;t\x07`},
		{"C1 controls", "\u009b31m", `\x9b31m`},
		{"bidi controls", "\u202eabc\u2066\u200f", `\u202eabc\u2066\u200f`},
		{"invisible characters", "a\u200bb\ufeffc\u00add", `a\u200bb\ufeffc\xadd`},
		{"tags", "\U000e0041", `\U000e0041`},
		{"line ends of any kind", "a\nb\r\u2028c\u2029\u0085", `a\nb\r\u2028c\u2029\x85`},
		{"broken UTF-8", "a\xff\xc3", `a\xff\xc3`},
		{"a replacement character is itself", "\ufffd", "\ufffd"},
	} {
		if diff := cmp.Diff(tt.want, sanitize(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
	if got := sanitizeLines("a\nb\x1b"); got != "a\nb\\x1b" {
		t.Errorf("line ends are kept: got %q", got)
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("a\x1b[0m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if got := sanitize(s); strings.ContainsFunc(got, needsEscape) {
			t.Errorf("sanitize(%q) = %q still acts on a terminal", s, got)
		}
	})
}
