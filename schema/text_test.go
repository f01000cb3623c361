package schema

import (
	"fmt"
	"strings"
	"testing"
)

// A text that shows nothing is as empty as "": an error where the Store requires
// one, of every kind and from every source.
func TestBlankTextsAreEmpty(t *testing.T) {
	blanks := map[string]string{"spaces": "   ", "line ends": "\n\r\n\n", "no-break space": "\u00a0", "byte order mark": "\ufeff", "zero width": " \u200b\u2060", "ideographic": "\u3000", "tab": "\t"}
	const empty = "is empty"
	for name, blank := range blanks {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"d.txt": blank}
			written := fmt.Sprintf("%q", blank)
			for path, content := range map[string]string{
				"listings.en.title":                  msixManifest("  listings: {en: {title: " + written + "}}\n"),
				"listings.en.description":            msixManifest("  listings: {en: {description: {file: d.txt}}}\n"),
				"listings.de.description":            manifest("  listings: {de: {description: " + written + "}}\n"),
				"listings.de.additionalLicenseTerms": manifest("  listings: {de: {additionalLicenseTerms: {file: d.txt}}}\n"),
				"listings.fr.title":                  addOnManifest("  productId: a\n  listings: {fr: {title: {file: d.txt}}}\n"),
				"productId":                          addOnManifest("  productId: " + written + "\n"),
				"friendlyName":                       flightManifest("  friendlyName: " + written + "\n"),
				"listings.it.keywords[1]":            msixManifest("  listings: {it: {keywords: [a, " + written + "]}}\n"),
				"listings.it.requirements[0]":        manifest("  listings: {it: {requirements: [{minimumHardware: " + written + "}]}}\n"),
			} {
				_, text := load(t, content, files)
				if want := "error: " + path + ": "; !strings.Contains(text, want) || !strings.Contains(text, "empty") {
					t.Errorf("%s: got:\n%s\nwant an error at it that says %q", path, text, empty)
				}
			}
		})
	}
	t.Run("a text that may be empty is cleared", func(t *testing.T) {
		w, text := load(t, manifest("  listings: {de: {whatsNew: {file: d.txt}}}\n"), map[string]string{"d.txt": " \n\n"})
		if text != "" || app(t, w).Listings["de"].WhatsNew.Value != "" {
			t.Errorf("whatsNew is %q; %s", app(t, w).Listings["de"].WhatsNew.Value, text)
		}
	})
	t.Run("a variable of the environment counts as unset", func(t *testing.T) {
		root := folder(t, map[string]string{"app.yaml": manifest("  listings: {de: {description: {env: STORE_X}}}\n")})
		w, text := loadIn(t, root, LoadOptions{LookupEnv: func(string) (string, bool) { return " \n", true }})
		if text != "" || !app(t, w).Listings["de"].Description.Unset {
			t.Error(text)
		}
	})
}

// Characters that no text may hold are refused in every text, whether or not it
// has a limit.
func TestControlCharactersAreRefusedEverywhere(t *testing.T) {
	for _, character := range []string{"\x00", "\x01", "\x0b", "\x1b", "\x7f", "\u0085", "\u009f", "\ufdd0", "\ufffe", "\uffff", "\U0001ffff"} {
		escaped := fmt.Sprintf(`"ab\U%08xc"`, []rune(character)[0])
		want := fmt.Sprintf("holds the control character %U (character 3)", []rune(character)[0])
		t.Run(want, func(t *testing.T) {
			for path, content := range map[string]string{
				"listings.en.title":             msixManifest("  listings: {en: {title: " + escaped + "}}\n"),
				"listings.en.description":       msixManifest("  listings: {en: {description: {file: d.txt}}}\n"),
				"listings.en.features[0]":       msixManifest("  listings: {en: {features: [" + escaped + "]}}\n"),
				"listings.en.sortTitle":         manifest("  listings: {en: {sortTitle: " + escaped + "}}\n"),
				"tag":                           addOnManifest("  productId: a\n  tag: " + escaped + "\n"),
				"notesForCertification":         flightManifest("  friendlyName: a\n  notesForCertification: " + escaped + "\n"),
				"trailers[0]":                   msixManifest("  trailers: [{videoFile: v.mp4, trailerAssets: {en: {title: " + escaped + "}}}]\n"),
				"packages.x.installerParameter": manifest("  packages: {x: {packageType: exe, architecture: X64, installerParameters: " + escaped + "}}\n"),
			} {
				_, text := load(t, content, map[string]string{"d.txt": "ab" + character + "c", "v.mp4": "\x00\x00\x00\x10ftypmp42"})
				if !strings.Contains(text, "error: "+path) || !strings.Contains(text, want) {
					t.Errorf("%s: got:\n%s\nwant: %s", path, text, want)
				}
			}
		})
	}
}

// One run finds every mistake that can be found: what is wrong at one place hides
// nothing that is wrong at another.
func TestOneRunFindsEveryMistake(t *testing.T) {
	const limits = "  listings: {en: {keywords: [a, b, c, d, e, f, g, h]}}\n"
	tests := map[string]struct {
		content string
		want    []string
	}{
		"bad name":      {strings.Replace(msixManifest(limits), "name: notes", "name: ../notes", 1), []string{"is not a name"}},
		"no name":       {"apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {}\nspec:\n  appId: 9NBLGGH4R315\n" + limits, []string{"name is missing"}},
		"bad version":   {strings.Replace(msixManifest(limits), "storesync/v1", "storesync/v2", 1), []string{`"storesync/v2" is not supported`}},
		"mistyped kind": {strings.Replace(msixManifest(limits), "MsixApp", "MsixAp", 1), []string{`"MsixAp" is not supported`}},
		"unknown field": {msixManifest("  nonsense: 1\n" + limits), []string{`unknown field "nonsense"`}},
		"missing file":  {msixManifest("  notesForCertification: {file: no.txt}\n" + limits), []string{`"no.txt" does not exist`}},
		"other mistakes of one list": {msixManifest("  listings: {en: {keywords: [a, ~, " + repeat("x", 31) + ", c, d, e, f, g, h]}}\n"),
			[]string{"keywords[1]: null is not a value here", "keywords[2]: 31 characters"}},
		"same address twice": {msixManifest("") + "---\n" + strings.Replace(msixManifest(limits), "9NBLGGH4R315", "9NC0NT0S0N02", 1), []string{"is already the address"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, text := load(t, test.content, nil)
			for _, want := range append(test.want, "8 items; at most 7 are allowed") {
				if !strings.Contains(text, want) {
					t.Errorf("got:\n%s\nwant it to hold: %s", text, want)
				}
			}
		})
	}
	t.Run("pictures", func(t *testing.T) {
		_, text := load(t, manifest("  listings: {en: {screenshots: [no.png, small.png], logos: [none.png, small.png]}}\n"), map[string]string{"small.png": picture(t, 10, 10, 1)})
		for _, want := range []string{
			`screenshots[0]: the file "no.png" does not exist`, `screenshots[1]: the screenshot "small.png" has 10 x 10 pixels`,
			`logos[0]: the file "none.png" does not exist`, `logos[1]: the logo "small.png" has 10 x 10 pixels`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("got:\n%s\nwant it to hold: %s", text, want)
			}
		}
		if strings.Contains(text, "box art is missing") {
			t.Errorf("the missing logo may be the one:\n%s", text)
		}
	})
	t.Run("markets", func(t *testing.T) {
		_, text := load(t, msixManifest("  markets: [US, US, XX]\n"), nil)
		if !strings.Contains(text, `"US" is listed twice`) || !strings.Contains(text, `"XX" is not a market`) {
			t.Error(text)
		}
	})
}
