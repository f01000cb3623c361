package storehttp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// secretRun is how many characters in a row a text may not share with a
	// secret: a shortened, cut or wrapped repetition still holds such a run.
	secretRun = 12
	// shortestSecret keeps a value of two characters from blotting out every
	// text; it is no secret either.
	shortestSecret = 3
	// shortestSqueezed is the same for the comparison without spaces, in
	// which short values would be found across the ends of words.
	shortestSqueezed = 6
	// longestSecret bounds what is kept of one value, in bytes. The longest
	// field of the Store has 10,000 characters.
	longestSecret = 64 << 10
	// longestSearched bounds what is looked at of an answer's text, in bytes:
	// many times what is shown of it.
	longestSearched = 32 << 10

	sensitive = "(sensitive)"
)

// Secrets are values that no text may show. Nil holds none.
type Secrets struct {
	values []string
	// runs are, by reading and by length, the runs of characters to look for.
	runs [readings]map[int]map[string]struct{}
}

// NewSecrets takes the values; each line of a value with several is one, too.
// Values shorter than 3 characters are left out.
func NewSecrets(values ...string) *Secrets {
	s := &Secrets{}
	for _, value := range values {
		value = value[:min(len(value), longestSecret)]
		if utf8.RuneCountInString(strings.TrimSpace(value)) < shortestSecret || slices.Contains(s.values, value) {
			continue
		}
		s.values = append(s.values, value)
		for _, spelled := range spellings(value) {
			s.add(readLiteral, spelled)
			s.add(readFolded, spelled)
		}
		s.add(readSqueezed, value)
		if lines := strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' }); len(lines) > 1 {
			for _, line := range lines {
				line = strings.TrimSpace(line)
				s.add(readFolded, line)
				s.add(readSqueezed, line)
			}
		}
	}
	if len(s.values) == 0 {
		return nil
	}
	return s
}

// spellings are the value as it is, in JSON and in a URL.
func spellings(value string) []string {
	all := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	for _, html := range []bool{false, true} {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(html)
		if e.Encode(value) == nil {
			all = append(all, strings.Trim(strings.TrimSpace(b.String()), `"`))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *Secrets) add(how reading, value string) {
	shortest := shortestSecret
	if how == readSqueezed {
		shortest = shortestSqueezed
	}
	units := how.units(value)
	if len(units) < shortest {
		return
	}
	n := min(len(units), secretRun)
	if s.runs[how] == nil {
		s.runs[how] = map[int]map[string]struct{}{}
	}
	if s.runs[how][n] == nil {
		s.runs[how][n] = map[string]struct{}{}
	}
	for _, run := range runsOf(units, n) {
		s.runs[how][n][run] = struct{}{}
	}
}

// Hide replaces by "(sensitive)" what a text shares with a secret: the whole of
// a short one, any 12 characters in a row of others, however they are escaped
// or wrapped. Anything else stays as it is.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	marked := make([]bool, len(text))
	found := false
	for how := range readings {
		if len(s.runs[how]) == 0 {
			continue
		}
		units := how.units(text)
		for n, known := range s.runs[how] {
			for i, run := range runsOf(units, n) {
				if _, ok := known[run]; ok {
					found = true
					for at := units[i].start; at < units[i+n-1].end; at++ {
						marked[at] = true
					}
				}
			}
		}
	}
	if !found {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !marked[i]:
			b.WriteByte(text[i])
		case i == 0 || !marked[i-1]:
			b.WriteString(sensitive)
		}
	}
	return b.String()
}

// OneLine is the function of that name with every secret hidden first: what is
// cut off or stripped before would no longer be recognized.
func (s *Secrets) OneLine(text string) string {
	if s == nil {
		return OneLine(text)
	}
	text = text[:min(len(text), longestSearched)]
	return shorten(redact(s.Hide(fold(s.Hide(text)))))
}

type secretsKey struct{}

// WithSecrets adds values that nothing may show that is said about requests
// with this context: errors, warnings, messages and log lines, whatever an
// answer repeats.
func WithSecrets(ctx context.Context, values ...string) context.Context {
	if known := secretsIn(ctx); known != nil {
		values = append(slices.Clone(known.values), values...)
	}
	return context.WithValue(ctx, secretsKey{}, NewSecrets(values...))
}

func secretsIn(ctx context.Context) *Secrets {
	known, _ := ctx.Value(secretsKey{}).(*Secrets)
	return known
}

// Hide replaces what a text shares with the context's secrets.
func Hide(ctx context.Context, text string) string { return secretsIn(ctx).Hide(text) }

// Shown is text of an answer, fit to be shown: OneLine without the context's
// secrets.
func Shown(ctx context.Context, text string) string { return secretsIn(ctx).OneLine(text) }

// reading is a way to compare texts.
type reading int

const (
	// readLiteral compares character by character.
	readLiteral reading = iota
	// readFolded sees any white space as one space, and no control characters.
	readFolded
	// readSqueezed sees neither space nor escapes nor case.
	readSqueezed

	readings
)

// unit is one character as a reading sees it, and where in the text it stands.
type unit struct {
	r          rune
	start, end int
}

func (how reading) units(text string) []unit {
	if how == readSqueezed {
		return slices.DeleteFunc(unescaped(text), func(u unit) bool {
			// A plus is a space in a query.
			return unicode.IsSpace(u.r) || u.r == '+' || invisible(u.r)
		})
	}
	units := make([]unit, 0, len(text))
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		u := unit{r, i, i + size}
		if how == readFolded {
			switch {
			case unicode.IsSpace(r):
				if n := len(units); n > 0 && units[n-1].r == ' ' {
					units[n-1].end = u.end
					continue
				}
				u.r = ' '
			case invisible(r):
				continue
			}
		}
		units = append(units, u)
	}
	return units
}

// runsOf are all runs of n units, by where they begin.
func runsOf(units []unit, n int) []string {
	if len(units) < n {
		return nil
	}
	var b strings.Builder
	at := make([]int, 0, len(units)+1)
	for _, u := range units {
		at = append(at, b.Len())
		b.WriteRune(u.r)
	}
	at = append(at, b.Len())
	text := b.String()
	runs := make([]string, len(units)-n+1)
	for i := range runs {
		runs[i] = text[at[i]:at[i+n]]
	}
	return runs
}
