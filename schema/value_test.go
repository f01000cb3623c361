package schema

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextSources(t *testing.T) {
	files := map[string]string{
		"crlf.txt": "\ufeffa\r\nb\rc\n\n", "empty.txt": "", "latin1.txt": "ok\nna\xefve\n", "utf16.txt": "\xff\xfea\x00",
		"literal.txt": "${var:nothing} stays", "texts/de-DE.txt": "Hallo",
	}
	tests := map[string]struct {
		text string
		want *Text
		err  string
	}{
		"plain":              {`Read anything.`, &Text{Value: "Read anything."}, ""},
		"empty clears":       {`""`, &Text{}, ""},
		"block scalar":       {"|\n        a\n        b\n", &Text{Value: "a\nb"}, ""},
		"escaped line ends":  {`"a\r\nb\n"`, &Text{Value: "a\nb"}, ""},
		"file":               {`{file: crlf.txt}`, &Text{Value: "a\nb\nc\n", File: "crlf.txt"}, ""},
		"empty file":         {`{file: empty.txt}`, &Text{File: "empty.txt"}, ""},
		"file is literal":    {`{file: literal.txt}`, &Text{Value: "${var:nothing} stays", File: "literal.txt"}, ""},
		"language in a path": {`{file: "texts/${lang}.txt"}`, &Text{Value: "Hallo", File: "texts/de-DE.txt"}, ""},
		"optional, missing":  {`{file: no.txt, optional: true}`, nil, ""},
		"optional, there":    {`{file: literal.txt, optional: true}`, &Text{Value: "${var:nothing} stays", File: "literal.txt"}, ""},
		"env":                {`{env: STORE_TEXT}`, &Text{Value: "s3cret\nline", Env: "STORE_TEXT"}, ""},
		"env, not set":       {`{env: STORE_OTHER}`, &Text{Env: "STORE_OTHER", Unset: true}, ""},
		"env, empty":         {`{env: STORE_EMPTY}`, &Text{Env: "STORE_EMPTY", Unset: true}, ""},
		"env, allowed":       {`{env: MINE}`, &Text{Value: "mine", Env: "MINE"}, ""},
		"env, allowed group": {`{env: OUR_TEXT}`, &Text{Value: "ours", Env: "OUR_TEXT"}, ""},
		"variable":           {`v${var:version} for ${lang}, $${var:version} $$ $`, &Text{Value: "v2.1.0 for de-DE, ${var:version} $$ $"}, ""},
		"variable in itself": {`${var:nested}`, &Text{Value: "${var:version}"}, ""},

		"file missing": {`{file: litral.txt}`, nil, `app.yaml:8:27: error: listings.de-DE.contactInfo.file: the file "litral.txt" does not exist
  Tried litral.txt. Near names in that folder: literal.txt, latin1.txt. Create it, or write optional: true beside file to leave the field alone while it is missing.
`},
		"folder missing": {`{file: no/such.txt}`, nil, `app.yaml:8:27: error: listings.de-DE.contactInfo.file: the file "no/such.txt" does not exist
  Tried no/such.txt. Its folder does not exist either. Create it, or write optional: true beside file to leave the field alone while it is missing.
`},
		"not UTF-8": {`{file: latin1.txt}`, nil, `app.yaml:8:27: error: listings.de-DE.contactInfo.file: "latin1.txt" is not UTF-8 text (line 2)
  Save the file as UTF-8.
`},
		"UTF-16": {`{file: utf16.txt}`, nil, `app.yaml:8:27: error: listings.de-DE.contactInfo.file: "utf16.txt" is not UTF-8 text (line 1)
  Save the file as UTF-8.
`},
		"env, not allowed": {`{env: AZURE_CLIENT_SECRET}`, nil, `app.yaml:8:26: error: listings.de-DE.contactInfo.env: the environment variable AZURE_CLIENT_SECRET may not be read
  Manifests read STORE_* only. Rename it, or allow it by --env-allow AZURE_CLIENT_SECRET.
`},
		"env, built from a variable": {`{env: "${var:evil}"}`, nil, `app.yaml:8:26: error: listings.de-DE.contactInfo.env: the environment variable AZURE_CLIENT_SECRET may not be read
  Manifests read STORE_* only. Rename it, or allow it by --env-allow AZURE_CLIENT_SECRET.
`},
		"env, no name": {`{env: "A=B"}`, nil, `app.yaml:8:26: error: listings.de-DE.contactInfo.env: "A=B" is not the name of an environment variable
  A name has letters, digits and _, and does not begin with a digit.
`},
		"two sources": {`{file: crlf.txt, env: STORE_TEXT}`, nil, `app.yaml:8:20: error: listings.de-DE.contactInfo: a text has exactly one source
  Write a text, {file: path}, {file: path, optional: true} or {env: NAME}.
`},
		"unknown source": {`{fle: crlf.txt}`, nil, `app.yaml:8:21: error: listings.de-DE.contactInfo.fle: unknown field "fle"
  Did you mean file? Write a text, {file: path}, {file: path, optional: true} or {env: NAME}.
`},
		"undefined variable": {`${var:versoin}`, nil, `app.yaml:8:20: error: listings.de-DE.contactInfo: the variable "versoin" is not defined
  Did you mean version? Give --var versoin=VALUE, a --var-file with it, or STORESYNC_VAR_versoin in the environment.
`},
		"unknown placeholder": {`${version}`, nil, `app.yaml:8:20: error: listings.de-DE.contactInfo: unknown placeholder ${version}
  Known are ${var:name} and, in listings, ${lang}. Write $${ for a literal ${.
`},
		"open placeholder": {`${var:version`, nil, `app.yaml:8:20: error: listings.de-DE.contactInfo: ${ without its }
  Close it, or write $${ for a literal ${.
`},
	}
	root := folder(t, files)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			write(t, filepath.Join(root, "app.yaml"), manifest("  listings:\n    de-DE:\n      contactInfo: "+test.text+"\n"))
			w, text := loadIn(t, root, LoadOptions{
				Vars: map[string]string{"version": "2.1.0", "nested": "${var:version}", "evil": "AZURE_CLIENT_SECRET"},
				LookupEnv: func(name string) (string, bool) {
					value, ok := map[string]string{"STORE_TEXT": "s3cret\r\nline\r\n", "STORE_EMPTY": "", "AZURE_CLIENT_SECRET": "no", "MINE": "mine", "OUR_TEXT": "ours"}[name]
					return value, ok
				},
				AllowedEnv: []string{"MINE", "OUR_*", "*"},
			})
			if diff := cmp.Diff(test.err, text); diff != "" {
				t.Fatalf("diagnostics (-want +got):\n%s", diff)
			}
			if test.err != "" {
				return
			}
			if diff := cmp.Diff(test.want, app(t, w).Listings["de-DE"].ContactInfo); diff != "" {
				t.Errorf("description (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateNeverLooksUpTheEnvironment(t *testing.T) {
	t.Setenv("STORE_CERT_NOTES", "s3cret")
	w, text := load(t, manifest("  properties: {certificationNotes: {env: STORE_CERT_NOTES}}\n"), nil)
	if text != "" {
		t.Fatal(text)
	}
	notes := app(t, w).Properties.CertificationNotes
	if diff := cmp.Diff(&Text{Env: "STORE_CERT_NOTES", Unset: true}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if !notes.Sensitive() {
		t.Error("notes are not sensitive")
	}
}

func TestSecretsAreInNoDiagnostic(t *testing.T) {
	root := folder(t, map[string]string{"app.yaml": manifest(`
  properties:
    privacyPolicyUrl: {env: STORE_SECRET}
    website: {env: STORE_SECRET}
    supportContactInfo: {env: STORE_SECRET}
    certificationNotes: {env: STORE_LONG}
    systemRequirementDetails: {Memory: {minimumRequirement: {env: STORE_SECRET}}, Processor: {minimumRequirement: {env: STORE_LONG}}}
  packages:
    x64:
      packageUrl: {env: STORE_SECRET}
      packageType: exe
      architecture: X64
`)})
	_, text := loadIn(t, root, LoadOptions{LookupEnv: func(name string) (string, bool) {
		return "s3cret" + repeat("\x01", map[string]int{"STORE_LONG": 3000}[name]), true
	}})
	if strings.Contains(text, "s3cret") {
		t.Errorf("a diagnostic holds the secret:\n%s", text)
	}
	if n := strings.Count(text, "error: "); n != 9 {
		t.Errorf("%d errors, want 9:\n%s", n, text)
	}
}

func TestVariablesOutsideListings(t *testing.T) {
	w, text := load(t, strings.Replace(manifest(`
  availability: {markets: ["${var:version}"]}
  properties: {category: "${lang}"}
`), "name: reader", `name: "reader-${var:version}"`, 1), nil)
	want := `app.yaml:6:28: error: availability.markets[0]: "2.1.0" is not a market of the Store
  Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:7:26: error: properties.category: ${lang} stands outside a listing
  It is the language of a listing, so it has a value only below listings.
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	if got := w.Manifests[0].Address(); got != "MsiExeApp/reader-2.1.0" {
		t.Errorf("address is %s", got)
	}
	if diff := cmp.Diff([]string{"2.1.0"}, app(t, w).Availability.Markets.List); diff != "" {
		t.Errorf("markets (-want +got):\n%s", diff)
	}
}

func TestListingsOfTheBase(t *testing.T) {
	files := map[string]string{"de.txt": "Deutsch"}
	tests := map[string]struct {
		spec string
		want map[string]*Listing
		err  string
	}{
		"a field of its own wins": {`
  listings:
    "*": {copyright: all, developedBy: Contoso, whatsNew: {file: "${lang}.txt", optional: true}, searchTerms: [a]}
    en: {copyright: mine, searchTerms: []}
    de: {whatsNew: {file: no.txt, optional: true}}
`, map[string]*Listing{
			"en": {Copyright: &Text{Value: "mine"}, DevelopedBy: &Text{Value: "Contoso"}, SearchTerms: []string{}},
			"de": {Copyright: &Text{Value: "all"}, DevelopedBy: &Text{Value: "Contoso"}, SearchTerms: []string{"a"}},
		}, `app.yaml:7:66: warning: listings.*.whatsNew.file: nothing reads "de.txt", a file of the language de
  That of en is read here, but the manifest takes this text of de from elsewhere. Move the file away, or write the field of de as {file: …}.
`},
		"languages make listings": {`
  languages: [de, fr]
  listings: {"*": {whatsNew: {file: "${lang}.txt", optional: true}}}
`, map[string]*Listing{"de": {WhatsNew: &Text{Value: "Deutsch", File: "de.txt"}}, "fr": {}}, ""},
		"no base, no languages": {"  listings: {en: {}}\n", map[string]*Listing{"en": {}}, ""},

		"a base of nothing": {"  listings: {'*': {copyright: c}}\n", nil, `app.yaml:6:19: error: listings.*: "*" applies to no language
  Name the languages: languages: [en-us, de-de], or a listing for each.
`},
		"languages without a base": {"  languages: [en, de]\n  listings: {en: {}}\n", nil, `app.yaml:6:19: error: languages[1]: the language de has no listing
  Write listings."*" for what all languages share, or listings.de.
`},
		"languages alone": {"  languages: [en]\n", nil, `app.yaml:6:15: error: languages[0]: the language en has no listing
  Write listings."*" for what all languages share, or listings.en.
`},
		"empty listings": {"  listings: {}\n", nil, `app.yaml:6:13: error: listings: listings is empty
  Write at least one language, or leave the field out to leave all listings alone.
`},
		"empty languages": {"  languages: []\n  listings: {en: {}}\n", nil, `app.yaml:6:14: error: languages: languages is empty
  Name at least one language, or leave the field out.
`},
		"two spellings": {`
  languages: [DE-DE]
  listings:
    "*": {copyright: c}
    en-US: {}
    en-us: {}
    de-de: {}
`, nil, `app.yaml:6:15: error: listings.DE-DE: "DE-DE" is the same language as "de-de" at app.yaml:11:5
  Languages match without regard to case. Write it once, in one spelling.
app.yaml:10:5: error: listings.en-us: "en-us" is the same language as "en-US" at app.yaml:9:5
  Languages match without regard to case. Write it once, in one spelling.
`},
		"a mistake in the base is said once": {`
  languages: [en, de]
  listings:
    "*":
      copyrite: c
      description: {file: no.txt}
      sortTitle: 5
`, nil, `app.yaml:9:7: error: listings.*.copyrite: unknown field "copyrite"
  Did you mean copyright? Allowed here: description, shortDescription, whatsNew, productFeatures, searchTerms, additionalLicenseTerms, copyright, developedBy, sortTitle, requirements, contactInfo, logos, screenshots.
app.yaml:10:27: error: listings.*.description.file: the file "no.txt" does not exist
  Tried no.txt. Near names in that folder: de.txt. Create it, or write optional: true beside file to leave the field alone while it is missing.
app.yaml:11:18: error: listings.*.sortTitle: must be a text, not a number
  Put it in quotes: "5".
`},
		"a limit passed in the base is said once": {`
  languages: [en, de]
  listings:
    "*": {copyright: ` + repeat("c", 201) + `}
`, nil, `app.yaml:8:22: error: listings.*.copyright: 201 characters; at most 200 are allowed
  Shorten the text by 1.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, text := load(t, manifest(test.spec), files)
			if diff := cmp.Diff(test.err, text); diff != "" {
				t.Fatalf("diagnostics (-want +got):\n%s", diff)
			}
			if test.err != "" {
				return
			}
			if diff := cmp.Diff(test.want, app(t, w).Listings); diff != "" {
				t.Errorf("listings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	root := folder(t, map[string]string{"app.yaml": manifest(`
  availability:
    markets: [US, DE]
  languages: [fr]
  listings:
    "*":
      copyright: c
      searchTerms: [a, b]
    de-DE:
      whatsNew: |
        Neu.
`)})
	w, text := loadIn(t, root, LoadOptions{})
	if text != "" {
		t.Fatal(text)
	}
	tests := map[string]string{
		"listings.de-de.whatsNew":       "14:17",
		"listings.de-DE.copyright":      "11:18",
		"listings.fr.searchTerms[1]":    "12:24",
		"listings.fr":                   "8:15",
		"listings.de-de.description":    "13:5",
		"listings.de-de":                "13:5",
		"listings.it.copyright":         "9:3",
		"availability.markets.DE":       "7:19",
		"availability.pricing":          "6:3",
		"packages.x64.packageUrl":       "4:1",
		"productId":                     "5:14",
		"metadata.name":                 "3:18",
		"listings.fr.screenshots[0]":    "8:15",
		"properties.certificationNotes": "4:1",
	}
	for path, want := range tests {
		got := strings.TrimPrefix(w.Manifests[0].Pos(path).String(), filepath.Join(root, "app.yaml")+":")
		if got != want {
			t.Errorf("%s is at %s, want %s", path, got, want)
		}
	}
}
