package schema

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole text of what strict loading says.
func TestStrictLoading(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"unknown field": {manifest(`
  properties:
    categry: Productivity
`), `app.yaml:7:5: error: properties.categry: unknown field "categry"
  Did you mean category? Allowed here: isPrivacyPolicyRequired, privacyPolicyUrl, website, supportContactInfo, certificationNotes, category, subcategory, productDeclarations, isSystemFeatureRequired, systemRequirementDetails.
`},
		"unknown field at the top": {"apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: reader}\nspecs: {}\n",
			`app.yaml:1:1: error: spec is missing
  A manifest has apiVersion, kind, metadata, spec.
app.yaml:4:1: error: specs: unknown field "specs"
  Did you mean spec? Allowed here: apiVersion, kind, metadata, spec.
`},
		"wrong version and kind": {"apiVersion: storesync/v2\nkind: MsiExeapp\nmetadata: {name: reader}\nspec: {}\n",
			`app.yaml:1:13: error: apiVersion: "storesync/v2" is not supported
  Did you mean storesync/v1? Allowed: storesync/v1.
app.yaml:2:7: error: kind: "MsiExeapp" is not supported
  Did you mean MsiExeApp? Allowed: MsiExeApp, MsixApp, AddOn, PackageFlight.
app.yaml:4:7: error: spec: productId is missing
  Write it: it cannot be left out.
`},
		"bad name": {strings.Replace(manifest(""), "name: reader", "name: ../x", 1),
			`app.yaml:3:18: error: metadata.name: "../x" is not a name
  A name begins with a letter or digit and has up to 64 letters, digits, ., _ and -.
`},
		"bad label": {strings.Replace(manifest(""), "name: reader", "name: reader, labels: {team: a b}", 1),
			`app.yaml:3:35: error: metadata.labels.team: "team": "a b" is not a label
  Keys and values have up to 63 letters, digits, ., _ and -, keys also /, and begin and end with a letter or digit.
`},
		"product id missing": {strings.Replace(manifest("  languages: [en]\n  listings: {'*': {copyright: c}}\n"), "  productId: 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11\n", "", 1),
			`app.yaml:4:1: error: spec: productId is missing
  Write it: it cannot be left out.
`},
		"product id empty": {strings.Replace(manifest(""), "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11", `""`, 1),
			`app.yaml:5:14: error: productId: productId is empty
  Write it: it cannot be left out.
`},
		"name empty": {strings.Replace(manifest(""), "name: reader", `name: ""`, 1), `app.yaml:3:18: error: metadata.name: name is empty
  Write it: it cannot be left out.
`},
		"null": {manifest(`
  availability:
  properties: {category: ~}
`), `app.yaml:6:16: error: availability: null is not a value here
  Leave the field out to leave it alone in the Store; write "" to clear a text or [] to clear a list.
app.yaml:7:26: error: properties.category: null is not a value here
  Leave the field out to leave it alone in the Store; write "" to clear a text or [] to clear a list.
`},
		"null in a list": {manifest(`
  listings:
    en:
      searchTerms: [a, null]
`), `app.yaml:8:24: error: listings.en.searchTerms[1]: null is not a value here
  Leave the field out to leave it alone in the Store; write "" to clear a text or [] to clear a list.
`},
		"duplicate key": {manifest(`
  listings:
    en: {copyright: a}
    de: {copyright: b}
    en: {copyright: c}
`), `app.yaml:9:5: error: listings.en: "en" is written twice
  It is already at line 7. Keep one of the two.
`},
		"key that is a number": {manifest(`
  packages:
    64: {packageType: exe, architecture: X64}
`), `app.yaml:7:5: error: packages: the key "64" is not a text in YAML
  Put it in quotes: "64".
`},
		"key that is true": {manifest("  true: x\n"), `app.yaml:6:3: error: spec: the key "true" is not a text in YAML
  Put it in quotes: "true".
`},
		"key that is a list": {manifest("  [a]: x\n"), `app.yaml:6:3: error: spec: a key must be a plain text
  Write the key without brackets, braces, anchors, aliases or tags.
`},
		"yes is no category": {manifest("  properties: {category: yes}\n"), `app.yaml:6:26: error: properties.category: yes without quotes is a boolean in YAML 1.1
  Put it in quotes: "yes".
`},
		"yes is no boolean": {manifest("  properties: {isPrivacyPolicyRequired: yes}\n"), `app.yaml:6:41: error: properties.isPrivacyPolicyRequired: must be true or false, not a text
  Write true or false, without quotes.
`},
		"number, date and boolean where a text is wanted": {manifest(`
  listings:
    en:
      copyright: 2026
      developedBy: 2026-02-01
      contactInfo: true
      searchTerms: [1.10, off]
      description: [a]
`), `app.yaml:8:18: error: listings.en.copyright: must be a text, not a number
  Put it in quotes: "2026".
app.yaml:9:20: error: listings.en.developedBy: must be a text, not a date
  Put it in quotes: "2026-02-01".
app.yaml:10:20: error: listings.en.contactInfo: must be a text, not a boolean
  Put it in quotes: "true".
app.yaml:11:21: error: listings.en.searchTerms[0]: must be a text, not a number
  Put it in quotes: "1.10".
app.yaml:11:27: error: listings.en.searchTerms[1]: off without quotes is a boolean in YAML 1.1
  Put it in quotes: "off".
app.yaml:12:20: error: listings.en.description: must be a text, not a list
  Write a text, {file: path}, {file: path, optional: true} or {env: NAME}.
`},
		"text where others are wanted": {manifest(`
  availability: all
  listings: en
  packages: [x64]
  languages: en
`), `app.yaml:6:17: error: availability: must be a mapping, not a text
  Allowed fields: markets, discoverability, enableInFutureMarkets, pricing, freeTrial.
app.yaml:7:13: error: listings: must be a mapping, not a text
  Write one "key: value" line for each entry.
app.yaml:8:13: error: packages: must be a mapping, not a list
  Write one "key: value" line for each entry.
app.yaml:9:14: error: languages: must be a list, not a text
  Write [a, b], or one "- a" line for each element.
`},
		"bad keys": {manifest(`
  listings:
    ../x: {copyright: a}
  packages:
    x 64: {packageType: exe, architecture: X64}
    x64: {architecture: X64}
`), `app.yaml:7:5: error: listings.../x: bad key "../x"
  A key has 1 to 64 letters A-Z a-z, digits, _ and -.
app.yaml:9:5: error: packages.x 64: bad key "x 64"
  A key has 1 to 64 letters A-Z a-z, digits, _ and -.
app.yaml:10:10: error: packages.x64: packageType is missing
  Write it: it cannot be left out.
`},
		"tags": {manifest("  properties: {category: !!binary aGk=, website: !include x}\n"),
			`app.yaml:6:26: error: properties.category: tags such as "!!binary" are not supported
  Leave the tag out; put a text in quotes.
app.yaml:6:50: error: properties.website: tags such as "!include" are not supported
  Leave the tag out; put a text in quotes.
`},
		"merge key": {manifest(`
  listings:
    en: &en {copyright: a}
    de:
      <<: *en
`), `app.yaml:9:7: error: listings.de: merge keys (<<) are not supported
  Write the values out. What all languages share goes into listings."*".
`},
		"syntax": {manifest("  properties: {category: [a}\n"), `app.yaml:6:1: error: not YAML: did not find expected ',' or ']'
  Common causes: a missing space after a colon, or a text with ": " or a leading @, %, *, & or ` + "`" + ` that needs quotes.
`},
		"markets": {manifest("  availability: {markets: {al: true, except: [CN]}}\n"), `app.yaml:6:27: error: availability.markets: all is missing
  Write a list such as [US, DE], or {all: true} with or without except: [CN].
app.yaml:6:28: error: availability.markets.al: unknown field "al"
  Did you mean all? Write a list such as [US, DE], or {all: true} with or without except: [CN].
`},
		"all false": {manifest("  availability: {markets: {all: false}}\n"), `app.yaml:6:33: error: availability.markets.all: all: false says nothing
  Write a list such as [US, DE], or {all: true} with or without except: [CN].
`},
		"a market twice": {manifest("  availability: {markets: [US, NO, US]}\n"), `app.yaml:6:36: error: availability.markets[2]: "US" is listed twice
  Keep one of the two.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, test.content, nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// The traps of sigs.k8s.io/yaml 1.6.0.
func TestYAMLTraps(t *testing.T) {
	t.Run("the language no is Norwegian and y a key", func(t *testing.T) {
		w, text := load(t, manifest(`
  languages: [no, de]
  listings:
    "*": {copyright: Contoso}
    no: {whatsNew: Nyheter}
  packages:
    y: {packageType: msi, architecture: X64, languages: [no]}
`), nil)
		if text != "" {
			t.Fatal(text)
		}
		a := app(t, w)
		want := map[string]*Listing{
			"no": {WhatsNew: &Text{Value: "Nyheter"}, Copyright: &Text{Value: "Contoso"}},
			"de": {Copyright: &Text{Value: "Contoso"}},
		}
		if diff := cmp.Diff(want, a.Listings); diff != "" {
			t.Errorf("listings (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"no"}, a.Packages["y"].Languages); diff != "" {
			t.Errorf("languages of package y (-want +got):\n%s", diff)
		}
	})
	t.Run("the market NO is Norway", func(t *testing.T) {
		w, text := load(t, manifest("  availability: {markets: {all: true, except: [SE, NO]}}\n"), nil)
		if text != "" {
			t.Fatal(text)
		}
		if diff := cmp.Diff(&Markets{All: true, Except: []string{"NO", "SE"}}, app(t, w).Availability.Markets); diff != "" {
			t.Errorf("markets (-want +got):\n%s", diff)
		}
	})
	t.Run("every document counts", func(t *testing.T) {
		second := strings.Replace(strings.Replace(manifest(""), "reader", "notes", 1), "6f1c0b1e", "7f1c0b1e", 1)
		w, text := load(t, "---\n"+manifest("")+"---\n# nothing\n---\n"+second+"...\n", nil)
		if text != "" {
			t.Fatal(text)
		}
		type at struct {
			Address  string
			Document int
			Pos      string
		}
		var got []at
		for _, m := range w.Manifests {
			pos := m.Pos("productId")
			pos.File = "app.yaml"
			got = append(got, at{m.Address(), m.Document, pos.String()})
		}
		want := []at{{"MsiExeApp/notes", 2, "app.yaml:14:14"}, {"MsiExeApp/reader", 0, "app.yaml:6:14"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("manifests (-want +got):\n%s", diff)
		}
	})
	t.Run("a later document's mistake has its own line", func(t *testing.T) {
		_, text := load(t, manifest("")+"---\nkind: null\n", nil)
		if !strings.Contains(text, "app.yaml:7:7: error: kind: null is not a value here") {
			t.Error(text)
		}
	})
	t.Run("characters that YAML reads in its own way", func(t *testing.T) {
		written := "a\u0085b\u2028c\u00a0d\U0001f600e\ufffdf"
		w, text := load(t, manifest("  listings: {en: {copyright: {file: c.txt}}}\n"), map[string]string{"c.txt": written})
		if !strings.Contains(text, "control character U+0085") {
			t.Errorf("diagnostics: %s", text)
		}
		if got := app(t, w).Listings["en"].Copyright.Value; got != written {
			t.Errorf("copyright is %q, want %q", got, written)
		}
	})
}

func TestHostileDocuments(t *testing.T) {
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		laughs += "a" + string(rune('1'+i)) + ": &a" + string(rune('1'+i)) + " [" + strings.TrimSuffix(repeat("*a"+string(rune('0'+i))+", ", 10), ", ") + "]\n"
	}
	tests := map[string]struct{ content, want string }{
		"billion laughs": {"apiVersion: storesync/v1\n" + laughs, "the document is too large: more than 20000 values, or nested deeper than 32"},
		"deep nesting":   {"apiVersion: storesync/v1\na: " + repeat("[", 100) + repeat("]", 100), "nested deeper than 32"},
		"a loop":         {"apiVersion: storesync/v1\na: &a [*a]\n", "nested deeper than 32"},
		"a huge key":     {"apiVersion: storesync/v1\n" + repeat("k", 500) + ": x\n", "a key of 500 bytes; at most 200 are allowed"},
		"a huge file":    {"# " + repeat("x", maxManifestBytes), "at most 1048576 are read"},
		"not UTF-8":      {"apiVersion: storesync/v1\nkind: \xff\n", "not YAML"},
		"a list":         {"- apiVersion: storesync/v1\n", "a manifest must be a mapping, not a list"},
		"a text":         {"hello", "a manifest must be a mapping, not a text"},
		"nothing":        {"# nothing\n", "the file holds no manifest"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, text := load(t, test.content, nil)
			if !strings.Contains(text, test.want) {
				t.Errorf("diagnostics %.500s\nwant %q", text, test.want)
			}
			if len(text) > 3000 {
				t.Errorf("diagnostics have %d bytes", len(text))
			}
			if len(w.Manifests) != 0 {
				t.Errorf("%d manifests, want none", len(w.Manifests))
			}
		})
	}
}

func TestOneLongTextForVeryManyLanguages(t *testing.T) {
	// The texts of the languages before have used up all but one byte.
	root := folder(t, map[string]string{"a.txt": "ab", "b.txt": "b"})
	s := &sources{files: newConfinement(root, false), textBytes: maxAllTextBytes - 1}
	if _, problem := s.readText("b.txt"); problem != nil {
		t.Fatal(problem)
	}
	_, problem := s.readText("a.txt")
	want := &fileProblem{summary: "the texts of all files add up to more than 67108864 bytes", detail: "The texts of every language count. Are the right files named?"}
	if diff := cmp.Diff(want, problem, cmp.AllowUnexported(fileProblem{})); diff != "" {
		t.Errorf("problem (-want +got):\n%s", diff)
	}
	write(t, filepath.Join(root, "long.txt"), repeat("x", maxTextBytes+1))
	if _, problem = s.readText("long.txt"); problem == nil || problem.summary != `"long.txt" has 262145 bytes; at most 262144 are read` {
		t.Errorf("problem is %v", problem)
	}
}

func TestAnAliasIsWrittenOut(t *testing.T) {
	w, text := load(t, manifest(`
  listings:
    en: {searchTerms: &terms [reader]}
    de: {searchTerms: *terms}
`), nil)
	if text != "" {
		t.Fatal(text)
	}
	if diff := cmp.Diff([]string{"reader"}, app(t, w).Listings["de"].SearchTerms); diff != "" {
		t.Errorf("search terms (-want +got):\n%s", diff)
	}
}
