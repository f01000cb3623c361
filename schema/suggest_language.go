package schema

import (
	"regexp"
	"strings"

	"golang.org/x/text/language"
)

// A near spelling is no near language: one letter leads from Bosnian to
// Belarusian. So codes are not compared letter by letter. The registry of
// languages (https://www.iana.org/assignments/language-subtag-registry, as
// golang.org/x/text has it) knows old codes (iw is he), the script a country
// writes a language in (bs-BA is bs-Latn-BA) and which subtags there are; and
// what is suggested is the same language.

// androidRegion is how folders of Android apps write a region: pt-rBR.
var androidRegion = regexp.MustCompile(`^([A-Za-z]{2,3})[-_]r([A-Z]{2})$`)

// suggestLanguage is "Did you mean x? " for the code of the Store that a code
// which it lacks stands for, "" when there is none. has looks up a lower-case
// code and returns the Store's spelling.
func suggestLanguage(code string, has func(string) (string, bool)) string {
	if len(code) > maxKeyLength {
		return ""
	}
	for _, candidate := range languageCandidates(androidRegion.ReplaceAllString(code, "$1-$2"), has) {
		if spelling, ok := has(strings.ToLower(candidate)); ok {
			return "Did you mean " + spelling + "? "
		}
	}
	return ""
}

// languageCandidates are codes of the same language, the nearest first.
func languageCandidates(code string, has func(string) (string, bool)) []string {
	subtags := strings.Split(strings.ReplaceAll(code, "_", "-"), "-")
	candidates := []string{strings.Join(subtags, "-")}
	if n := len(subtags[0]); n < 2 || n > 3 {
		return nil
	}
	tag, err := language.Parse(subtags[0])
	if err != nil {
		return nil
	}
	base, script, region := tag.Raw()
	for _, subtag := range subtags[1:] {
		if r, err := language.ParseRegion(subtag); err == nil {
			region = r.Canonicalize()
		} else if s, err := language.ParseScript(subtag); err == nil {
			script = s
		} else if len(subtags) == 2 {
			candidates = append(candidates, mistypedRegion(base.String(), subtag, has))
		}
	}
	first := base.String()
	var none language.Region
	if region == none {
		if script != (language.Script{}) {
			candidates = append(candidates, first+"-"+script.String())
		}
		return append(candidates, first)
	}
	if script == (language.Script{}) {
		whole, err := language.Compose(base, region)
		if likely, confidence := whole.Script(); err == nil && confidence != language.No {
			script = likely
		}
		candidates = append(candidates, first+"-"+region.String())
	}
	return append(candidates, first+"-"+script.String()+"-"+region.String(), first+"-"+region.String(), first+"-"+script.String(), first)
}

// mistypedRegion is the one code of the language whose region differs in a
// letter or two swapped ones, "" when there are several: no letter tells which.
func mistypedRegion(base, written string, has func(string) (string, bool)) string {
	found := ""
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			region := string([]rune{a, b})
			if _, ok := has(base + "-" + region); !ok || editDistance(region, strings.ToLower(written)) > 1 {
				continue
			}
			if found != "" {
				return ""
			}
			found = base + "-" + region
		}
	}
	return found
}
