package schema

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Validate judges what is written: limits and allowed values of the API.
// What is required on the target is judged by plan. Lengths count characters
// (Unicode code points). Values of {env} that are not set are not judged.
func Validate(w *Workspace) Diagnostics {
	var diagnostics Diagnostics
	for _, m := range w.Manifests {
		v := &validator{manifest: m, address: m.Address(), diagnostics: &diagnostics}
		v.protection()
		validateSpec(v)
	}
	for _, m := range w.unusable {
		validateSpec(&validator{manifest: m, diagnostics: &diagnostics})
	}
	return diagnostics.capped()
}

// protection refuses a deletion that the manifest asks for and forbids.
func (v *validator) protection() {
	guard := v.manifest.Kind.deletionGuard()
	if i := slices.Index(v.manifest.Metadata.Protect, guard); v.manifest.Absent() && i >= 0 {
		v.fail(fmt.Sprintf("metadata.protect[%d]", i), guard+" is protected though state is absent",
			"It would be refused for ever. Take "+guard+" out of protect to delete the product, or state: absent out to keep it.")
	}
}

// validator judges one manifest.
type validator struct {
	manifest *Manifest
	// address is "" where the header does not give one for certain.
	address     string
	diagnostics *Diagnostics
}

func (v *validator) report(severity Severity, path, summary, detail string) {
	at := v.manifest.place(path)
	if p, exact := v.manifest.places[strings.ToLower(path)]; exact && p.written != "" {
		path = p.written
	}
	*v.diagnostics = append(*v.diagnostics, Diagnostic{
		Severity: severity, Address: v.address, Path: path, Pos: at.pos, Summary: summary, Detail: detail,
	})
}

func (v *validator) fail(path, summary, detail string) {
	v.report(SeverityError, path, summary, detail)
}

func (v *validator) warn(path, summary, detail string) {
	v.report(SeverityWarning, path, summary, detail)
}

// holed reports whether a list lacks an item that already has its diagnostic.
func (v *validator) holed(path string) bool { return v.manifest.holed[strings.ToLower(path)] }

// notEmpty refuses a field that is written as "": such fields cannot be cleared.
func (v *validator) notEmpty(path, value string) {
	if _, written := v.manifest.places[strings.ToLower(path)]; written && isBlank(value) {
		v.fail(path, "is empty", "Write it, or leave the field out.")
	}
}

// required refuses a text that is written as "" though the Store requires it.
func (v *validator) required(path string, t *Text) {
	if known(t) && t.Value == "" {
		v.fail(path, "is empty, and the Store requires it", "Write it, or leave the field out to leave the Store's alone.")
	}
}

// known reports whether a text's value can be judged.
func known(t *Text) bool { return t != nil && !t.Unset }

// shown is a text for a message: sensitive ones are not shown.
func shown(t *Text) string {
	if t.Sensitive() {
		return "the value of {env: " + t.Env + "}"
	}
	return quote(t.Value)
}

// length judges a text against its longest allowed length in characters.
func (v *validator) length(path string, t *Text, most int) {
	if known(t) {
		v.stringLength(path, t.Value, most)
	}
}

func (v *validator) stringLength(path, s string, most int) {
	if n := utf8.RuneCountInString(s); n > most {
		v.fail(path, fmt.Sprintf("%d characters; at most %d are allowed", n, most), fmt.Sprintf("Shorten the text by %d.", n-most))
	}
}

// isControl reports whether a character may stand in no text: control characters
// but line ends and tabs, and the code points that are no characters
// (https://www.unicode.org/faq/private_use.html#noncharacters).
func isControl(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// oneOf judges a value of a closed set.
func (v *validator) oneOf(path, value string, enum Enum) {
	if allowed := enum.Values(); !slices.Contains(allowed, value) {
		v.fail(path, quote(value)+" is not allowed", didYouMean(value, allowed)+"Allowed: "+strings.Join(allowed, ", ")+".")
	}
}

func (v *validator) optionalOneOf(path string, value *string, enum Enum) {
	if value != nil {
		v.oneOf(path, *value, enum)
	}
}

// key judges a key of a map whose keys are a closed set.
func (v *validator) key(path, key string, enum Enum) bool {
	allowed := enum.Values()
	if slices.Contains(allowed, key) {
		return true
	}
	v.fail(path, "unknown key "+quote(key), didYouMean(key, allowed)+"Allowed here: "+strings.Join(allowed, ", ")+".")
	return false
}

const urlForm = "Write a whole address such as https://contoso.example/page."

// webURL judges an address of a web page; an empty one clears the field.
func (v *validator) webURL(path string, t *Text) {
	if !known(t) || t.Value == "" {
		return
	}
	if _, why := parseURL(t.Value); why != "" {
		v.fail(path, shown(t)+" is not a web address: "+why, urlForm)
	}
}

// parseURL reads an absolute http or https address; why says what is wrong.
func parseURL(s string) (u *url.URL, why string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || isControl(r) }) {
		return nil, "it holds a space or line end"
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, "it is malformed"
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, "it does not begin with https:// or http://"
	case u.Hostname() == "":
		return nil, "it has no host"
	case u.User != nil:
		return nil, "it holds a user name or password"
	}
	return u, ""
}

// contact judges a web or e-mail address; an empty one clears the field.
func (v *validator) contact(path string, t *Text) {
	if !known(t) || t.Value == "" {
		return
	}
	if _, why := parseURL(t.Value); why == "" {
		return
	}
	if address, err := mail.ParseAddress(t.Value); err == nil && address.Address == t.Value {
		return
	}
	v.fail(path, shown(t)+" is neither a web address nor an e-mail address", "Write https://contoso.example/support or support@contoso.example.")
}
