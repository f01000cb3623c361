package plan_test

import (
	"encoding/json"
	"html"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/storesync/storesync/reconcile/plan"
)

func exact(v plan.Value) plan.Value { v.Exact = true; return v }

func sensitive(v plan.Value) plan.Value { v.Sensitive = true; return v }

func number(json string) plan.Value { return plan.Value{Type: plan.Scalar, JSON: []byte(json)} }

type size struct {
	Width  int    `json:"width"`
	Height string `json:"height"`
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	shown := cmp.Transformer("shown", func(m json.RawMessage) string { return string(m) })
	images := plan.ImagesValue([]plan.Image{{Digest: "sha256:ab", Description: " a &amp; b "}})
	cases := []struct {
		reason   string
		in, want plan.Value
	}{
		{"plain text is its own form", plan.TextValue("Notes for all"), plan.TextValue("Notes for all")},
		{"blanks around the whole", plan.TextValue(" \t\u00a0Notes\n\n "), plan.TextValue("Notes")},
		{"blanks inside are somebody's", plan.TextValue("a  b\n\n c"), plan.TextValue("a  b\n\n c")},
		{"line ends of Windows", plan.TextValue("a\r\nb\r\n\r\nc"), plan.TextValue("a\nb\n\nc")},
		{"line ends of an old Mac", plan.TextValue("a\rb"), plan.TextValue("a\nb")},
		{"decomposed letters", plan.TextValue("Cafe\u0301 u\u0308"), plan.TextValue("Café ü")},
		{"letters that only look alike stay", plan.TextValue("ﬁ ²"), plan.TextValue("ﬁ ²")},
		{"entities", plan.TextValue("a &amp; b &lt;c&gt; &quot;&#39;&#x27;&quot;"), plan.TextValue(`a & b <c> "''"`)},
		{"entities by their names", plan.TextValue("&eacute;&hellip;"), plan.TextValue("é…")},
		{"escaped twice", plan.TextValue("a &amp;amp; b"), plan.TextValue("a & b")},
		{"escaped four times", plan.TextValue("a &amp;amp;amp;amp; b"), plan.TextValue("a & b")},
		{"escaped five times is seen nowhere, and is left", plan.TextValue("a &amp;amp;amp;amp;amp; b"), plan.TextValue("a &amp; b")},
		{"an ampersand of its own", plan.TextValue("R&D & more"), plan.TextValue("R&D & more")},
		{"blanks and line ends that were escaped", plan.TextValue("&nbsp;a&#13;&#10;b&#10;"), plan.TextValue("a\nb")},
		{"letters that come apart by escaping", plan.TextValue("Cafe&#769;"), plan.TextValue("Café")},
		{"a string that is no prose", plan.StringValue(" a &amp; b "), plan.StringValue("a & b")},
		{"the texts of a list", plan.ListValue([]string{" b ", "a &amp; c", "x\r\ny"}), plan.ListValue([]string{"b", "a & c", "x\ny"})},
		{"the texts of a set", plan.SetValue([]string{"a ", "b&amp;c"}), plan.SetValue([]string{"a", "b&c"})},
		{"a set is sorted by what its texts are without blanks", plan.SetValue([]string{" b", "a"}), plan.SetValue([]string{"a", "b"})},
		{"texts of a set that have become equal are one", plan.SetValue([]string{"a", "a ", "b"}), plan.SetValue([]string{"a", "b"})},
		{"an exact text", exact(plan.TextValue(" a &amp; b\r\n")), exact(plan.TextValue(" a &amp; b\r\n"))},
		{"an exact list", exact(plan.ListValue([]string{" DE"})), exact(plan.ListValue([]string{" DE"}))},
		{"an exact set", exact(plan.SetValue([]string{" DE"})), exact(plan.SetValue([]string{" DE"}))},
		{"a number", number("10.50"), number("10.50")},
		{"a truth", plan.BoolValue(true), plan.BoolValue(true)},
		{"a list of objects", plan.RowsValue([]size{{1, " a "}}), plan.RowsValue([]size{{1, " a "}})},
		{"a list of texts and numbers", plan.Value{Type: plan.List, JSON: []byte(`[" a ",1]`)}, plan.Value{Type: plan.List, JSON: []byte(`[" a ",1]`)}},
		{"images, with their captions", images, images},
		{"nothing", plan.Value{}, plan.Value{}},
		{"a type that nobody knows", plan.Value{Type: "later", JSON: []byte(`" a "`)}, plan.Value{Type: "later", JSON: []byte(`" a "`)}},
	}
	for _, c := range cases {
		before := string(c.in.JSON)
		if d := cmp.Diff(c.want, plan.Canonical(c.in), shown); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.reason, d)
		}
		if string(c.in.JSON) != before {
			t.Errorf("%s: the value itself was changed from %s to %s", c.reason, before, c.in.JSON)
		}
	}
}

func TestMarkOf(t *testing.T) {
	t.Parallel()
	a, nothing := plan.MarkOf(plan.TextValue("a")), plan.MarkOf(plan.Value{})
	if string(a) != plan.DigestOf(plan.TextValue("a")) {
		t.Errorf("a value in its canonical form has its digest for a mark: %s", a)
	}
	rewritten := plan.MarkOf(plan.TextValue(" a "))
	if want := plan.DigestOf(plan.TextValue(" a ")) + "~" + string(a); string(rewritten) != want {
		t.Errorf("mark with a canonical form: %s, want %s", rewritten, want)
	}
	if rewritten.Digest() != plan.DigestOf(plan.TextValue(" a ")) || a.Digest() != string(a) {
		t.Errorf("digests of the values as they are: %s, %s", rewritten.Digest(), a.Digest())
	}
	cases := []struct {
		reason string
		v      plan.Value
		want   plan.Mark
	}{
		{"nothing", plan.Value{}, plan.MarkNone},
		{"an empty text", plan.TextValue(""), plan.MarkNone},
		{"an empty list", plan.ListValue(nil), plan.MarkNone},
		{"no images", plan.ImagesValue(nil), plan.MarkNone},
		{"an empty secret is none", sensitive(plan.TextValue("")), plan.MarkNone},
		{"a secret", sensitive(plan.TextValue("password 1234")), plan.MarkSecret},
		{"a secret list", sensitive(plan.ListValue([]string{" a"})), plan.MarkSecret},
	}
	for _, c := range cases {
		if got := plan.MarkOf(c.v); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
	if nothing != plan.MarkNone {
		t.Errorf("nothing has the mark %q", nothing)
	}
}

// A mark of an exact value has one part only, so no record can excuse another one.
func TestExactMarksHaveNoCanonicalForm(t *testing.T) {
	t.Parallel()
	for _, v := range []plan.Value{plan.TextValue(" a "), plan.StringValue("a&amp;b"), plan.ListValue([]string{" DE"})} {
		if mark := plan.MarkOf(exact(v)); strings.Contains(string(mark), "~") {
			t.Errorf("exact %s has the mark %s", v.JSON, mark)
		}
		if mark := plan.MarkOf(v); !strings.Contains(string(mark), "~") {
			t.Errorf("%s has the mark %s", v.JSON, mark)
		}
	}
}

func TestSameAndRewriting(t *testing.T) {
	t.Parallel()
	image := func(digest, caption string) plan.Value {
		return plan.ImagesValue([]plan.Image{{Digest: digest, Description: caption}})
	}
	text := plan.TextValue
	cases := []struct {
		reason          string
		a, b            plan.Value
		same, rewriting bool
	}{
		{"equal", text("a"), text("a"), true, true},
		{"not equal", text("a"), text("b"), false, false},
		{"line ends never count in prose", text("a\r\nb\n"), text("a\nb"), true, true},
		{"they do in a string that is no prose", plan.StringValue("a\r\nb"), plan.StringValue("a\nb"), false, true},
		{"blanks around", text(" a"), text("a "), false, true},
		{"blanks inside", text("a  b"), text("a b"), false, false},
		{"decomposed", text("e\u0301"), text("é"), false, true},
		{"entities", text("AT&amp;T"), text("AT&T"), false, true},
		{"entities on both sides", text("AT&amp;T"), text("AT&amp;amp;T"), false, true},
		{"case", text("a"), text("A"), false, false},
		{"exact", exact(text("a ")), exact(text("a")), false, false},
		{"an exact value is no rewriting of one that is not", exact(text("a ")), text("a"), false, false},
		{"lists", plan.ListValue([]string{"a ", "b"}), plan.ListValue([]string{"a", "b"}), false, true},
		{"the order of a list", plan.ListValue([]string{"b", "a"}), plan.ListValue([]string{"a", "b"}), false, false},
		{"the order of a set", plan.SetValue([]string{"b", "a"}), plan.SetValue([]string{"a", "b"}), true, true},
		{"a set whose order hangs on blanks", plan.SetValue([]string{" b", "a"}), plan.SetValue([]string{"b", "a"}), false, true},
		{"the number of a list", plan.ListValue([]string{"a", ""}), plan.ListValue([]string{"a"}), false, false},
		{"numbers", number("1.0"), number("1"), false, false},
		{"equal images", image("sha256:ab", "x"), image("sha256:ab", "x"), true, true},
		{"other images", image("sha256:ab", ""), image("sha256:cd", ""), false, false},
		{"images with other captions", image("sha256:ab", "x"), image("sha256:ab", "x "), false, false},
		{"nothing twice", text(""), plan.Value{}, true, true},
		{"nothing and something", text(""), text("a"), false, false},
		{"blanks alone are something", text(""), text("  "), false, false},
		{"secrets are never known to be equal", sensitive(text("a")), sensitive(text("a")), false, false},
		{"a secret and a text", sensitive(text("a")), text("a"), false, false},
		{"a secret and nothing", sensitive(text("a")), text(""), false, false},
		{"a secret and the text that is its mark", sensitive(text("a")), text("secret"), false, false},
	}
	for _, c := range cases {
		for range 2 {
			a, b := plan.MarkOf(c.a), plan.MarkOf(c.b)
			if got := a.Same(b); got != c.same {
				t.Errorf("Same of %s and %s: %t, want %t: %s", c.a.JSON, c.b.JSON, got, c.same, c.reason)
			}
			if got := a.IsRewritingOf(b); got != c.rewriting {
				t.Errorf("IsRewritingOf of %s and %s: %t, want %t: %s", c.a.JSON, c.b.JSON, got, c.rewriting, c.reason)
			}
			c.a, c.b = c.b, c.a
		}
	}
}

// Marks of a record that was cut tell what is left of them, and no more.
func TestBrokenMarks(t *testing.T) {
	t.Parallel()
	whole, form := plan.MarkOf(plan.TextValue(" a ")), plan.MarkOf(plan.TextValue("a"))
	cut := plan.Mark(whole.Digest() + "~")
	for _, c := range []struct {
		reason    string
		got, want bool
	}{
		{"the digest is left", cut.Same(whole), true},
		{"the canonical form is gone", form.IsRewritingOf(cut), false},
		{"and is not that of another value", cut.IsRewritingOf(form), false},
		{"and is not nothing", plan.MarkNone.IsRewritingOf(cut), false},
		{"half a digest is none", plan.Mark(whole[:10]).Same(whole), false},
		{"a mark from before canonical forms were kept", plan.Mark(whole.Digest()).Same(whole), true},
	} {
		if c.got != c.want {
			t.Errorf("%t, want %t: %s", c.got, c.want, c.reason)
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	got := plan.Marks(plan.State{
		"a": plan.TextValue(" a "), "empty": plan.TextValue(""), "list": plan.ListValue(nil),
		"secret": sensitive(plan.TextValue("s")), "nothing": sensitive(plan.Value{}),
	})
	want := map[plan.Path]plan.Mark{"a": plan.MarkOf(plan.TextValue(" a ")), "secret": plan.MarkSecret}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("marks (-want +got):\n%s", d)
	}
	if marks := plan.Marks(nil); marks == nil || len(marks) != 0 {
		t.Errorf("marks of nothing: %v, want none that can be added to", marks)
	}
}

// What a service does to a text on its way leaves the canonical form as it is,
// whatever it does first.
func TestCanonicalUndoesWhatAServiceDoes(t *testing.T) {
	t.Parallel()
	tokens := []string{"x", "é", "e\u0301", "\u1e9b\u0323", "&", ";", "<b>", "&amp;", "&eacute;", " ", "\u00a0", "\n", "\r\n", `"`}
	acts := map[string]func(string) string{
		"blanks":    func(s string) string { return " " + s + "\n\u00a0" },
		"escaped":   strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace,
		"unescaped": html.UnescapeString,
		"trimmed":   strings.TrimSpace,
		"windows":   func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n") },
		"unix":      func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") },
		"NFD":       norm.NFD.String,
		"NFC":       norm.NFC.String,
	}
	names := slices.Sorted(maps.Keys(acts))
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var s string
		for range r.IntN(8) {
			s += tokens[r.IntN(len(tokens))]
		}
		want := plan.Canonical(plan.TextValue(s))
		if again := plan.Canonical(want); string(again.JSON) != string(want.JSON) {
			t.Errorf("the form of %q, %s, has a form of its own, %s", s, want.JSON, again.JSON)
		}
		rewritten, done := s, []string{}
		for range 1 + r.IntN(2) {
			name := names[r.IntN(len(names))]
			rewritten, done = acts[name](rewritten), append(done, name)
		}
		if got := plan.Canonical(plan.TextValue(rewritten)); string(got.JSON) != string(want.JSON) {
			t.Errorf("%q %v is %q, with the form %s instead of %s", s, done, rewritten, got.JSON, want.JSON)
		}
	}
}
