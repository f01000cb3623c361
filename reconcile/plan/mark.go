package plan

import (
	"encoding/json"
	"html"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Mark tells a value from others without holding it, so that it can be kept in a
// record: the SHA-256 of the value in hex and, where it is another one, that of
// its canonical form behind a "~". An absent value has the mark MarkNone. A
// sensitive value has MarkSecret, which tells that there is one and nothing else.
type Mark string

// The marks that are no digest.
const (
	MarkNone   Mark = ""
	MarkSecret Mark = "secret"
)

// MarkOf is the mark of a value.
func MarkOf(v Value) Mark {
	switch {
	case v.Empty():
		return MarkNone
	case v.Sensitive:
		return MarkSecret
	}
	digest := DigestOf(v)
	if canonical := DigestOf(Canonical(v)); canonical != digest {
		return Mark(digest + "~" + canonical)
	}
	return Mark(digest)
}

// Marks are the marks of everything in a state that is not empty.
func Marks(s State) map[Path]Mark {
	marks := make(map[Path]Mark, len(s))
	for path, value := range s {
		if mark := MarkOf(value); mark != MarkNone {
			marks[path] = mark
		}
	}
	return marks
}

// Digest is the SHA-256 of the value as it is, in hex.
func (m Mark) Digest() string {
	digest, _, _ := strings.Cut(string(m), "~")
	return digest
}

// canonical is the SHA-256 of the value's canonical form, in hex.
func (m Mark) canonical() string {
	digest, canonical, _ := strings.Cut(string(m), "~")
	if canonical == "" {
		return digest
	}
	return canonical
}

// Same reports whether both values are known to be one and the same. Two
// sensitive values are never known to be.
func (m Mark) Same(other Mark) bool { return m != MarkSecret && m.Digest() == other.Digest() }

// IsRewritingOf reports whether a value is the same as another one, or differs
// from it in nothing but what Canonical undoes.
func (m Mark) IsRewritingOf(sent Mark) bool {
	return m != MarkSecret && m.canonical() == sent.canonical()
}

// Canonical is a text, or the texts of a list, without what a service is known
// to rewrite harmlessly: blanks around the whole, line ends, Unicode
// normalisation, and HTML entities. A value that has to come back exactly, and
// one that is no text, is its own canonical form.
func Canonical(v Value) Value {
	if v.Exact {
		return v
	}
	switch v.Type {
	case Text, Scalar:
		var text string
		if json.Unmarshal(v.JSON, &text) == nil {
			v.JSON = Encode(canonicalText(text))
		}
	case List, Set:
		var items []string
		if json.Unmarshal(v.JSON, &items) == nil {
			for i, item := range items {
				items[i] = canonicalText(item)
			}
			if v.JSON = Encode(items); v.Type == Set {
				// Without their blanks they may be ordered otherwise, or be equal.
				v.JSON = SetValue(items).JSON
			}
		}
	case Images:
	}
	return v
}

// canonicalText undoes entities until none is left: a service that escapes does
// so with the "&" of an entity, too. Four rounds are more than any was seen to do.
func canonicalText(s string) string {
	for range 4 {
		s = html.UnescapeString(s)
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return norm.NFC.String(strings.TrimSpace(s))
}
