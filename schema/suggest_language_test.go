package schema

import (
	"strings"
	"testing"
)

// What is suggested for a code is the same language, or nothing.
func TestSuggestedLanguages(t *testing.T) {
	tests := map[string]string{
		// Old and other names of one language.
		"iw": "he", "iw-IL": "he-il", "in": "id", "in-ID": "id-id", "tl": "fil", "tl-PH": "fil-ph", "sh": "sr-latn",
		// The script that a country writes the language in.
		"bs-BA": "bs-latn-ba", "uz-UZ": "uz-latn-uz",
		// Other ways to write a code.
		"en_US": "en-us", "zh_Hant_HK": "zh-hant-hk", "pt-rBR": "pt-br", "en-UK": "en-gb", "en_uk": "en-gb", "de-de-1996": "de-de",
		// A country that the Store has no listing for: the language itself.
		"de-cz": "de", "es-pt": "es", "ja-us": "ja", "fr-de": "fr",
		// A region that does not exist.
		"de-dee": "de-de", "ja-jpp": "ja-jp",
		// Not in the Store, or no language at all.
		"eo": "", "ast": "", "oc": "", "eo-001": "", "ui": "", "english": "", "jp": "", "cz": "", "ua": "", "dk": "", "enn": "", "edn-us": "", "x-klingon": "", "i-klingon": "", "dr": "", "be-ba": "be", "-": "", "_en": "",
	}
	for code, want := range tests {
		t.Run(code, func(t *testing.T) {
			if want != "" {
				want = "Did you mean " + want + "? "
			}
			if got := suggestLanguage(code, MsixLanguage); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := suggestLanguage(code, MsiExeLanguage); !strings.EqualFold(got, want) {
				t.Errorf("MSI and EXE: got %q, want %q", got, want)
			}
		})
	}
}

// Wherever a manifest writes a language, the suggestion is made in one way.
func TestLanguagesAreSuggestedEverywhere(t *testing.T) {
	for name, content := range map[string]string{
		"listing of an MSIX app": msixManifest("  listings: {bs-BA: {releaseNotes: x}}\n"),
		"listing of an EXE app":  manifest("  listings: {bs-BA: {whatsNew: x}}\n"),
		"listing of an add-on":   addOnManifest("  productId: a\n  listings: {bs-BA: {title: x}}\n"),
		"languages of a package": manifest("  packages: {x: {packageType: exe, architecture: X64, languages: [bs-BA]}}\n"),
		"trailer":                msixManifest("  trailers: [{videoFile: v.mp4, trailerAssets: {bs-BA: {title: x}}}]\n"),
	} {
		t.Run(name, func(t *testing.T) {
			_, text := load(t, content, map[string]string{"v.mp4": "\x00\x00\x00\x10ftypmp42"})
			if !strings.Contains(strings.ToLower(text), "did you mean bs-latn-ba?") {
				t.Error(text)
			}
		})
	}
}
