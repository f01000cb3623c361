package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// marked is a word diff as `git diff --word-diff` marks it.
func marked(edits []edit) string {
	var b strings.Builder
	for _, e := range edits {
		switch e.kind {
		case kept:
			b.WriteString(e.text)
		case cut:
			b.WriteString("[-" + e.text + "-]")
		case put:
			b.WriteString("{+" + e.text + "+}")
		}
	}
	return b.String()
}

func TestDiffWords(t *testing.T) {
	for _, tt := range []struct{ reason, before, after, want string }{
		{"one word", "Read any book.", "Read every book.", "Read [-any-]{+every+} book."},
		{"punctuation stands alone", "Read books.", "Read books!", "Read books[-.-]{+!+}"},
		{"neighbouring words are one edit", "the old text here", "the brand new here", "the [-old text-]{+brand new+} here"},
		{"only added", "Read books.", "Read good books.", "Read {+good +}books."},
		{"only removed", "Read good books.", "Read books.", "Read [-good -]books."},
		{"a blank is seen", "a b", "a  b", "a[- -]{+  +}b"},
		{"a line end is seen", "a b", "a\nb", "a[- -]{+\n+}b"},
		{"words with accents stay whole", "Tschüß Welt", "Tschüss Welt", "[-Tschüß-]{+Tschüss+} Welt"},
		{"combining marks stay with their letter", "cafe\u0301 noir", "cafe noir", "[-cafe\u0301-]{+cafe+} noir"},
		{"an emoji of several stays whole", "von 👩‍👧 für dich", "von 👩‍👧‍👦 für dich", "von [-👩‍👧-]{+👩‍👧‍👦+} für dich"},
		{"a flag stays whole", "🇩🇪🇫🇷", "🇩🇪🇮🇹", "🇩🇪[-🇫🇷-]{+🇮🇹+}"},
		{"vowels stay with their consonant", "กำลัง", "กำลา", "กำ[-ลัง-]{+ลา+}"},
		{"scripts without blanks are cut by character", "本を読む", "本を書く", "本を[-読む-]{+書く+}"},
		{"a sentence begins with its first word", "It is A. It is C.", "It is A. It is B. It is C.", "It is A. {+It is B. +}It is C."},
		{"a line begins with its first word", "- a\n- c\n", "- a\n- b\n- c\n", "- a\n{+- b\n+}- c\n"},
		{"a word of a repetition", "a a a", "a a a a", "a a a{+ a+}"},
		{"nothing left", "gone", "", "[-gone-]"},
		{"equal", "same", "same", "same"},
	} {
		if diff := cmp.Diff(tt.want, marked(diffWords(tt.before, tt.after))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// FuzzDiffWords checks that nothing is lost: both texts can be put together
// from the edits, byte by byte.
func FuzzDiffWords(f *testing.F) {
	f.Add("Read any book.", "Read every book.\n")
	f.Add("本を読む", "本を\u202e書く\xff")
	f.Add(strings.Repeat("a b ", 40), strings.Repeat("b a ", 30))
	f.Fuzz(func(t *testing.T, before, after string) {
		edits := diffWords(before, after)
		if got := side(edits, cut); got != before {
			t.Errorf("before: want %q, got %q", before, got)
		}
		if got := side(edits, put); got != after {
			t.Errorf("after: want %q, got %q", after, got)
		}
	})
}

// TestSymbols checks that even the rarest word survives as a rune.
func TestSymbols(t *testing.T) {
	for _, i := range []int{0, 1, 0xd7fe, 0xd7ff, 0xd800, 2 * maxDiffWords} {
		if got := symbolIndex([]rune(string(symbolRune(i)))[0]); got != i {
			t.Errorf("symbol of word %d stands for word %d", i, got)
		}
	}
}
