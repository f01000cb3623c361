package schema

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What JSON libraries write is read as YAML 1.2 reads it, at its place.
func TestJSONIsRead(t *testing.T) {
	tests := map[string]struct{ written, want string }{
		"pair of surrogates":          {`"New \ud83d\ude00!"`, "New \U0001f600!"},
		"in capitals":                 {`"\uD83D\uDE00\uD83D\uDE80"`, "\U0001f600\U0001f680"},
		"first and last":              {`"\ud800\udc00\udbff\udffd"`, "\U00010000\U0010fffd"},
		"after a backslash":           {`"\\ud83d\ud83d\ude00"`, "\\ud83d\U0001f600"},
		"a backslash alone":           {`"\\ud83d\\ude00"`, `\ud83d\ude00`},
		"text in single quotes":       {`'\uD83d\ude00'`, `\uD83d\ude00`},
		"text without quotes":         {`x \uD83d\ude00 y`, `x \uD83d\ude00 y`},
		"beside an escape of these":   {`"\ue000 \ud83d\ude00"`, "\ue000 \U0001f600"},
		"beside all of their escapes": {`"\ue000\ue900 \uD83D\uDE00 ` + "\uf001" + `"`, "\ue000\ue900 \U0001f600 \uf001"},
		"line separator":              {"\"a\u2028b\"", "a\u2028b"},
		"paragraph separator":         {"a\u2029b", "a\u2029b"},
		"both, and an escape":         {"\"\u2028\\ud83d\\ude00\u2029\"", "\u2028\U0001f600\u2029"},
		"over several lines":          {"\"x\n\n    \\ud83d\\ude00\"", "x\n\U0001f600"},
		"with an anchor":              {`&a "\ud83d\ude00"`, "\U0001f600"},
		"block":                       {"|\n        \\ud83d\u2028\\ude00", "\\ud83d\u2028\\ude00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, text := load(t, msixManifest("  listings:\n    en: {}\n    de:\n      releaseNotes: "+test.written+"\n      bogus: x\n"), nil)
			want := "app.yaml:" + map[bool]string{true: "10", false: "12"}[!strings.Contains(test.written, "\n")] + ":7: error: listings.de.bogus"
			if name == "block" {
				want = "app.yaml:11:7: error: listings.de.bogus"
			}
			if !strings.Contains(text, want) || strings.Count(text, "error") != 1 {
				t.Errorf("got:\n%s\nwant it to hold only: %s", text, want)
			}
			if got := msix(t, w).Listings["de"].ReleaseNotes.Value; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("one line of JSON", func(t *testing.T) {
		content := `{"apiVersion": "storesync/v1", "kind": "MsixApp", "metadata": {"name": "a"}, "spec": {"appId": "9NBLGGH4R315", "listings": {"en": {"title": "\ud83d\ude00", "bogus": 1}}}}`
		w, text := load(t, content, nil)
		if !strings.Contains(text, fmt.Sprintf("app.yaml:1:%d: error: listings.en.bogus", strings.Index(content, `"bogus"`)+1)) || msix(t, w).Listings["en"].Title.Value != "\U0001f600" {
			t.Error(text)
		}
	})
	t.Run("key", func(t *testing.T) {
		_, text := load(t, msixManifest("  \"a\\ud83d\\ude00\": 1\n"), nil)
		if !strings.Contains(text, "unknown field \"a\U0001f600\"") {
			t.Error(text)
		}
	})
}

// A file that is no YAML is told at the line of the mistake, with causes that the
// file shows.
func TestPlacesAndCausesOfBrokenYAML(t *testing.T) {
	tests := map[string]struct{ content, want, not string }{
		"lone high surrogate":     {"a: b\nc: \"x \\ud83d y\"\n", `2:7: error: not YAML: the escape \ud83d is one half of a character`, "tab"},
		"lone low surrogate":      {"a: b\nc: \"x\n  \\ude00 y\"\n", `3:3: error: not YAML: the escape \ude00 is one half`, "tab"},
		"in the first line":       {"c: \"\\ud83d\"\n", "1:5: error: not YAML: the escape", "tab"},
		"escape beyond Unicode":   {"a: b\nc: \"x\n  \\U00110000\"\n", "3:3: error: not YAML: found invalid Unicode character escape code", "Common causes"},
		"unknown escape":          {"a: b\nc: \"x\n  C:\\dist\"\n", "3:5: error: not YAML: found unknown escape character", "Common causes"},
		"first line":              {"a: b: c\n", "1:1: error: not YAML: mapping values are not allowed in this context", "tab"},
		"tab below a text":        {"a: b\nc: d\n\te: f\n", "3:1: error: not YAML: found a tab character that violates indentation\n  Indent with spaces", "Common"},
		"tab below a key":         {"a: b\nc:\n  \td: f\n", "3:1: error: not YAML", "Common"},
		"unknown alias":           {"a: b\nc: *x\n", "2:4: error: not YAML: unknown anchor 'x' referenced\n  Put a text that begins with * in quotes.", ""},
		"NUL":                     {"a: b\nc: d\x00\n", "2:5: error: not YAML: the control character U+0000", "Common"},
		"escape character":        {"a: b\nc: \x1b[31m\n", "2:4: error: not YAML: the control character U+001B", "Common"},
		"Latin-1":                 {"a: b\nc: caf\xe9\n", "2:7: error: not YAML: the file is not UTF-8 text", "Common"},
		"no-break space":          {"a: b\nc:\u00a0d\ne: f\n", "2:1: error: not YAML: could not find expected ':'\n  The line holds U+00A0", "tab"},
		"paragraph separator":     {"a: b\nc: d\u2029e: f\n", "U+2029", "tab"},
		"line separator":          {"a: b\nc: d\u2028e: f\n", "2:1: error: not YAML: mapping values are not allowed in this context\n  The line holds U+2028", "tab"},
		"next line":               {"a: b\nc: d\u0085e: f\n", "2:1: error: not YAML: mapping values are not allowed in this context\n  The line holds U+0085", "tab"},
		"after a line separator":  {"a: \"b\u2028\"\nc: d: e\n", "2:1: error: not YAML", "tab"},
		"after old Mac line ends": {"a: b\rc: \"\\ud83d\"\r", "2:5: error: not YAML: the escape", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, broken := parseDocuments("f", []byte(test.content))
			if broken == nil {
				t.Fatal("no error")
			}
			text := broken.String()
			if !strings.Contains(text, test.want) || test.not != "" && strings.Contains(text, test.not) {
				t.Errorf("got:\n%s\nwant it to hold %q and not %q", text, test.want, test.not)
			}
		})
	}
}

// FuzzStandIn: what needs no replacement is read as the library reads it.
func FuzzStandIn(f *testing.F) {
	f.Add("a: \"\\ud83d\\ude00\"\n", "b: '\\ud83d'\n")
	f.Add("a: &x \"\\\\ud83d\\ud83d\\ude00\u2028\"\n---\n", "*x\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		content := []byte(a + b)
		documents, broken := parseDocuments("f", content)
		if broken != nil {
			if broken.Pos.Line < 1 || broken.Pos.Col < 1 || broken.Detail == "" {
				t.Errorf("no place or no help: %+v", broken)
			}
			return
		}
		if strings.ContainsAny(string(content), string(oldBreaks)) || surrogateEscape.Match(content) {
			return
		}
		for _, document := range documents {
			var plain yaml.Node
			if yaml.Unmarshal(content, &plain) == nil && len(documents) == 1 && len(plain.Content) == 1 && plain.Content[0].Value != document.Value {
				t.Errorf("read as %q, the library reads %q", document.Value, plain.Content[0].Value)
			}
		}
	})
}
