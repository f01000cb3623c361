package schema

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest text of the Store has 10000 characters, and it has 320 listing
// languages. A "*" that names one long file for very many languages must not
// use up memory.
const (
	// maxTextBytes is the size of a file that {file: …} reads.
	maxTextBytes = 256 << 10
	// maxAllTextBytes is the size of all of them, each time they are read.
	maxAllTextBytes = 64 << 20
)

// sources are where the values of a manifest come from.
type sources struct {
	vars       map[string]string
	lookupEnv  func(string) (string, bool)
	allowedEnv []string
	files      *confinement
	// perLanguage are the files that listings name.
	perLanguage languageFiles
	// textBytes counts what readText has read.
	textBytes int
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// envAllowed reports whether {env: name} may be read: STORE_* and what
// --env-allow adds, so that a manifest cannot print any secret of the job.
func (s *sources) envAllowed(name string) bool {
	for _, pattern := range append([]string{"STORE_*"}, s.allowedEnv...) {
		prefix, wild := strings.CutSuffix(pattern, "*")
		if name == pattern || (wild && prefix != "" && strings.HasPrefix(name, prefix)) {
			return true
		}
	}
	return false
}

// env is the text of {env: NAME}. A variable that is empty counts as unset:
// CI systems give a missing secret as an empty string, which must not clear a
// text in the Store.
func (s *sources) env(name string) Text {
	text := Text{Env: name, Unset: true}
	if s.lookupEnv == nil {
		return text
	}
	if value, ok := s.lookupEnv(name); ok && cleanText(value) != "" {
		text.Value, text.Unset = cleanText(value), false
	}
	return text
}

// readText reads the file of {file: …}.
func (s *sources) readText(name string) (Text, *fileProblem) {
	content, problem := s.files.read(name, maxTextBytes)
	if problem != nil {
		return Text{}, problem
	}
	if s.textBytes += len(content); s.textBytes > maxAllTextBytes {
		return Text{}, &fileProblem{
			summary: fmt.Sprintf("the texts of all files add up to more than %d bytes", maxAllTextBytes),
			detail:  "The texts of every language count. Are the right files named?",
		}
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		line := 1 + bytes.Count(content[:invalidAt(content)], []byte("\n"))
		return Text{}, &fileProblem{
			summary: fmt.Sprintf("%s is not UTF-8 text (line %d)", quote(name), line),
			detail:  "Save the file as UTF-8.",
		}
	}
	return Text{Value: cleanText(string(content)), File: name}, nil
}

// invalidAt is the offset of the first byte that is not UTF-8.
func invalidAt(content []byte) int {
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(content)
}

// cleanText gives a text LF line ends and takes off one final line end, so
// that a file, a block scalar and a quoted text with the same words are equal. A
// text that shows nothing is empty: a translator's file of line ends must not
// become a description.
func cleanText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	if isBlank(s) {
		return ""
	}
	return strings.TrimSuffix(s, "\n")
}

// isBlank reports whether a text shows nothing: blanks and line ends of any
// script, and characters without width, such as a byte order mark.
func isBlank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) })
}

// interpolate replaces ${var:name} and ${lang}, and $${ by a literal ${. What
// is put in is not looked at again. The language is "" outside listings.
func (s *sources) interpolate(written, language string) (string, *fileProblem) {
	var out strings.Builder
	for rest := written; ; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			out.WriteString(rest)
			return out.String(), nil
		}
		if literal, escaped := strings.CutSuffix(before, "$"); escaped {
			out.WriteString(literal + "${")
			rest = after
			continue
		}
		name, next, closed := strings.Cut(after, "}")
		if !closed {
			return "", &fileProblem{summary: "${ without its }", detail: "Close it, or write $${ for a literal ${."}
		}
		value, problem := s.placeholder(name, language)
		if problem != nil {
			return "", problem
		}
		out.WriteString(before + value)
		rest = next
	}
}

func (s *sources) placeholder(name, language string) (string, *fileProblem) {
	if name == "lang" {
		if language == "" {
			return "", &fileProblem{summary: "${lang} stands outside a listing", detail: "It is the language of a listing, so it has a value only below listings."}
		}
		return language, nil
	}
	variable, ok := strings.CutPrefix(name, "var:")
	if !ok {
		return "", &fileProblem{summary: "unknown placeholder ${" + cut(name) + "}", detail: "Known are ${var:name} and, in listings, ${lang}. Write $${ for a literal ${."}
	}
	value, ok := s.vars[variable]
	if !ok {
		defined := slices.Sorted(maps.Keys(s.vars))
		return "", &fileProblem{
			summary: "the variable " + quote(variable) + " is not defined",
			detail:  didYouMean(variable, defined) + fmt.Sprintf("Give --var %[1]s=VALUE, a --var-file with it, or STORESYNC_VAR_%[1]s in the environment.", cut(variable)),
		}
	}
	return value, nil
}

// cut is quote without the quotes.
func cut(s string) string { return strings.Trim(quote(s), `"`) }

// imageNames are the names that a path or pattern of an image list stands for.
func (s *sources) imageNames(folder, written string) ([]string, *fileProblem) {
	if isPattern(written) {
		return s.files.glob(folder, written)
	}
	name, problem := s.files.name(folder, written)
	if problem != nil {
		return nil, problem
	}
	return []string{path.Clean(name)}, nil
}
