package main

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what a program may write carelessly
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// secretRunBytes is how many bytes in a row of a secret, or of what was made of
// it, are a leak: a text that is cut off or wrapped still gives the rest away.
const secretRunBytes = 12

// secretWindow is such a run.
type secretWindow [secretRunBytes]byte

// secretScan finds secrets in what a program writes, however they are spelled.
type secretScan struct {
	// literal are the windows of what may stand in an output, squeezed those
	// without white space, for texts that are wrapped.
	literal, squeezed map[secretWindow]string
	known             map[string]bool
	// spellings counts what is looked for.
	spellings int
}

func newSecretScan() *secretScan {
	return &secretScan{literal: map[secretWindow]string{}, squeezed: map[secretWindow]string{}, known: map[string]bool{}}
}

// add makes a text a secret. Of one that has a harmless beginning, such as an
// address, core is what nobody may read; digests are of the whole all the same.
func (s *secretScan) add(name, whole, core string) {
	if s.known[whole] {
		return
	}
	s.known[whole] = true
	for _, spelled := range secretSpellings(whole, core) {
		s.spellings++
		text, what := spelled.text, name+", "+spelled.how
		if spelled.digest {
			text = text[:secretRunBytes]
		}
		windowsOf(s.literal, text, what)
		if strings.ContainsAny(text, " \n") {
			windowsOf(s.squeezed, squeeze(text), what+", wrapped")
		}
	}
}

// windowsOf notes the runs of a text.
func windowsOf(into map[secretWindow]string, text, what string) {
	for i := 0; i+secretRunBytes <= len(text); i++ {
		window := secretWindow([]byte(text[i : i+secretRunBytes]))
		if _, known := into[window]; !known {
			into[window] = what
		}
	}
}

func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// in are the secrets in an output, one line for each spelling.
func (s *secretScan) in(output string) []string {
	var found []string
	for _, reading := range []struct {
		windows map[secretWindow]string
		text    string
	}{{s.literal, output}, {s.squeezed, squeeze(output)}} {
		seen := map[string]bool{}
		for i := 0; i+secretRunBytes <= len(reading.text); i++ {
			what, leaks := reading.windows[secretWindow([]byte(reading.text[i:i+secretRunBytes]))]
			if !leaks || seen[what] {
				continue
			}
			seen[what] = true
			found = append(found, fmt.Sprintf("%s: …%q…", what, reading.text[max(0, i-60):min(len(reading.text), i+60)]))
		}
	}
	return found
}

// spelledSecret is what a program may have made of a secret.
type spelledSecret struct {
	how, text string
	// digest is true of what is recognized by its beginning, and by that only.
	digest bool
}

// secretSpellings are the escapes and encodings of a secret's core, and the
// digests of all that a program may take for its value.
func secretSpellings(whole, core string) []spelledSecret {
	var all []spelledSecret
	known := map[string]bool{}
	add := func(how, text string, digest bool) {
		if !known[text] {
			known[text] = true
			all = append(all, spelledSecret{how, text, digest})
		}
	}
	for _, escape := range []struct{ how, text string }{
		{"as it is", core}, {"in a query", url.QueryEscape(core)}, {"in a path", url.PathEscape(core)},
		{"in JSON", inJSON(core, false)}, {"in JSON for HTML", inJSON(core, true)}, {"in JSON in JSON", inJSON(inJSON(core, false), false)},
		{"in HTML", html.EscapeString(core)}, {"JSON in HTML", html.EscapeString(inJSON(core, false))},
		{"in lower case", strings.ToLower(core)}, {"in upper case", strings.ToUpper(core)}, {"in hex", hex.EncodeToString([]byte(core))},
	} {
		add(escape.how, escape.text, false)
	}
	for shift := range 3 {
		add(fmt.Sprintf("in base64 after %d bytes", shift), base64Inside(base64.StdEncoding, core, shift), false)
		add(fmt.Sprintf("in URL base64 after %d bytes", shift), base64Inside(base64.URLEncoding, core, shift), false)
	}
	for _, text := range digestedTexts(whole) {
		sha, md := sha256.Sum256([]byte(text.text)), md5.Sum([]byte(text.text)) //nolint:gosec // as above
		for how, sum := range map[string][]byte{"SHA-256": sha[:], "MD5": md[:]} {
			how += " of " + text.how
			add(how, hex.EncodeToString(sum), true)
			add(how+" in upper case", strings.ToUpper(hex.EncodeToString(sum)), true)
			add(how+" in base64", base64.StdEncoding.EncodeToString(sum), true)
			add(how+" in URL base64", base64.URLEncoding.EncodeToString(sum), true)
		}
	}
	return all
}

func inJSON(text string, escapeHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	_ = e.Encode(text) // a string
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

// base64Inside is what of a longer text's base64 the secret alone decides, when
// it stands so many bytes behind a multiple of three. The base64 of the secret by
// itself begins like that, too, with padding and without.
func base64Inside(encoding *base64.Encoding, text string, shift int) string {
	encoded := strings.TrimRight(encoding.EncodeToString([]byte(strings.Repeat("\x00", shift)+text)), "=")
	first := (shift*8 + 5) / 6
	last := (shift + len(text)) * 8 / 6
	return encoded[first:last]
}

// digestedTexts are the bytes that a digest of a value may be of.
func digestedTexts(whole string) []struct{ how, text string } {
	trimmed := strings.TrimSpace(whole)
	texts := []struct{ how, text string }{
		{"the text", whole}, {"the trimmed text", trimmed}, {"the text with a line end", trimmed + "\n"}, {"the text with a line end of Windows", trimmed + "\r\n"},
	}
	for _, text := range []string{whole, trimmed, trimmed + "\n"} {
		for _, escape := range []bool{false, true} {
			quoted := `"` + inJSON(text, escape) + `"`
			for how, text := range map[string]string{"the JSON string": quoted, "the JSON list": "[" + quoted + "]", "the JSON line": quoted + "\n"} {
				texts = append(texts, struct{ how, text string }{how, text})
			}
		}
	}
	return texts
}

// TestSecretScanner shows that the scan finds a secret in every spelling, whole
// or in part, and nothing where there is none.
func TestSecretScanner(t *testing.T) {
	t.Parallel()
	whole := secretText("scanner") + "\n"
	scan := newSecretScan()
	scan.add("notes", whole, strings.TrimSpace(whole))
	for _, spelled := range secretSpellings(whole, strings.TrimSpace(whole)) {
		outputs := map[string]string{"whole": "before " + spelled.text + " after", "cut off": spelled.text[:16]}
		if !spelled.digest {
			outputs["a part"] = "x" + spelled.text[len(spelled.text)/2:][:16] + "…"
		}
		if squeezed := squeeze(spelled.text); squeezed != spelled.text {
			outputs["wrapped"] = "  " + squeezed[:6] + "\n      " + squeezed[6:]
		}
		for how, output := range outputs {
			if len(scan.in(output)) == 0 {
				t.Errorf("%s, %s: not found in %q", spelled.how, how, output)
			}
		}
	}
	for shift := range 3 {
		longer := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("z", 30+shift) + strings.TrimSpace(whole) + "the rest"))
		if len(scan.in(longer)) == 0 {
			t.Errorf("not found in the base64 of a longer text, %d bytes behind a group", shift)
		}
	}
	if found := scan.in(secretText("another one") + ` {"sensitive": true, "after": "(sensitive)"}`); len(found) > 0 {
		t.Errorf("found where there is none: %s", found)
	}
}
