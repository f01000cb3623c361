package storehttp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxUnescapes is how many layers of escaping are taken off: JSON in JSON in a
// URL has three.
const maxUnescapes = 4

// octet is one byte of a text whose escapes are taken off, and where in the
// text it comes from.
type octet struct {
	b          byte
	start, end int
}

// unescaped are the characters of a text without the escapes of URLs, JSON, Go
// and HTML, in lower case. What looks like an escape and is none is taken off
// all the same: both sides of a comparison are read in this way.
func unescaped(text string) []unit {
	octets := make([]octet, len(text))
	for i := range len(text) {
		octets[i] = octet{text[i], i, i + 1}
	}
	for range maxUnescapes {
		next, changed := unescapeOnce(octets)
		octets = next
		if !changed {
			break
		}
	}
	plain := textOf(octets)
	units := make([]unit, 0, len(plain))
	for i, r := range plain {
		_, size := utf8.DecodeRuneInString(plain[i:])
		units = append(units, unit{unicode.ToLower(r), octets[i].start, octets[i+size-1].end})
	}
	return units
}

func textOf(octets []octet) string {
	var b strings.Builder
	for _, o := range octets {
		b.WriteByte(o.b)
	}
	return b.String()
}

func unescapeOnce(octets []octet) (out []octet, changed bool) {
	text := textOf(octets)
	out = make([]octet, 0, len(octets))
	for i := 0; i < len(text); {
		decoded, size := unescapeAt(text[i:])
		if size == 0 {
			out = append(out, octets[i])
			i++
			continue
		}
		changed = true
		for j := range len(decoded) {
			out = append(out, octet{decoded[j], octets[i].start, octets[i+size-1].end})
		}
		i += size
	}
	return out, changed
}

// unescapeAt takes off the escape that a text begins with; size 0 means none.
func unescapeAt(text string) (decoded string, size int) {
	switch text[0] {
	case '%':
		if b, ok := hexAt(text, 1, 2); ok {
			return string([]byte{byte(b)}), 3
		}
	case '&':
		return unescapeEntity(text)
	case '\\':
		return unescapeBackslash(text)
	}
	return "", 0
}

func unescapeBackslash(text string) (string, int) {
	if len(text) < 2 {
		return "", 0
	}
	switch text[1] {
	case 'n', 'r', 't', 'b', 'f':
		return " ", 2
	case '\\', '"', '\'', '/':
		return text[1:2], 2
	case 'x':
		if b, ok := hexAt(text, 2, 2); ok {
			return string([]byte{byte(b)}), 4
		}
	case 'u':
		first, ok := hexAt(text, 2, 4)
		if !ok {
			return "", 0
		}
		if utf16.IsSurrogate(rune(first)) && strings.HasPrefix(text[6:], `\u`) {
			if second, ok := hexAt(text, 8, 4); ok {
				return string(utf16.DecodeRune(rune(first), rune(second))), 12
			}
		}
		return string(rune(first)), 6
	}
	return "", 0
}

func unescapeEntity(text string) (string, int) {
	const longest = 10
	end := strings.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return "", 0
	}
	switch name := strings.ToLower(text[1:end]); {
	case name == "amp":
		return "&", end + 1
	case name == "lt":
		return "<", end + 1
	case name == "gt":
		return ">", end + 1
	case name == "quot":
		return `"`, end + 1
	case name == "apos":
		return "'", end + 1
	case strings.HasPrefix(name, "#x"):
		if code, err := strconv.ParseUint(name[2:], 16, 21); err == nil {
			return string(rune(code)), end + 1
		}
	case strings.HasPrefix(name, "#"):
		if code, err := strconv.ParseUint(name[1:], 10, 21); err == nil {
			return string(rune(code)), end + 1
		}
	}
	return "", 0
}

// hexAt reads digits hex digits.
func hexAt(text string, at, digits int) (uint64, bool) {
	if len(text) < at+digits {
		return 0, false
	}
	value, err := strconv.ParseUint(text[at:at+digits], 16, 32)
	return value, err == nil
}
