package schema

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SameName reports whether people would read two names as one: they differ in
// case, in blanks of any kind and number, or in characters that show nothing. A
// name that was typed in Partner Center may have a blank at its end or a no-break
// space in it; a second flight or add-on beside it would be a mistake.
func SameName(a, b string) bool { return nameKey(a) == nameKey(b) }

// nameKey is what names have in common that are one to people.
func nameKey(name string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFC.String(name))
	return strings.Join(strings.Fields(visible), " ")
}
