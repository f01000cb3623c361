package schema

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The YAML library reads YAML 1.1. Two things of JSON, which YAML 1.2 contains
// (https://yaml.org/spec/1.2.2/#13-terminology), it reads otherwise:
//
//   - A character beyond U+FFFF may be written as two escapes, \ud83d\ude00, as
//     the JSON libraries of Python, Java and .NET do.
//   - U+0085, U+2028 and U+2029 are characters like others, no line ends.
//
// So they are replaced by characters for private use before the library sees
// them, one for one, so that every position stays; and put back in what it read.

// standIns are the replacements of one file.
type standIns struct {
	// surrogates is what is added to a surrogate; 0 if the file has none.
	surrogates rune
	// breaks is the first of three characters for the line ends of YAML 1.1, 0
	// if the file has none.
	breaks rune
}

// oldBreaks are the line ends of YAML 1.1 that are none in YAML 1.2.
var oldBreaks = []rune{'\u0085', '\u2028', '\u2029'}

var (
	surrogateEscape = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}`)
	privateEscape   = regexp.MustCompile(`\\[uU](?:0000)?([eEfF][0-9a-fA-F]{3})`)
)

const (
	firstSurrogate = 0xd800
	surrogateCount = 0x800
	firstPrivate   = 0xe000
	lastPrivate    = 0xf8ff
)

// standIn replaces in a file what the library reads otherwise. A lone surrogate
// is a mistake, at its place.
func standIn(file string, content []byte) ([]byte, standIns, *Diagnostic) {
	var in standIns
	hasBreaks := bytes.ContainsAny(content, string(oldBreaks))
	if !hasBreaks && !surrogateEscape.Match(content) {
		return content, in, nil
	}
	base, ok := freePrivate(content)
	if !ok {
		return content, in, nil
	}
	if hasBreaks {
		in.breaks = base + surrogateCount
		for i, r := range oldBreaks {
			content = bytes.ReplaceAll(content, []byte(string(r)), []byte(string(in.breaks+rune(i))))
		}
	}
	if !surrogateEscape.Match(content) {
		return content, in, nil
	}
	in.surrogates = base - firstSurrogate
	// The library tells where quoted texts are: elsewhere the escape is a text.
	everywhere := surrogateEscape.ReplaceAllFunc(content, in.escape)
	result := bytes.Clone(content)
	for _, start := range quotedTexts(everywhere) {
		if lone := in.escapeQuoted(result, start); lone >= 0 {
			return content, in, &Diagnostic{
				Severity: SeverityError, Pos: positionAt(file, content, lone),
				Summary: "not YAML: the escape " + string(content[lone:lone+6]) + " is one half of a character",
				Detail:  `A character beyond U+FFFF has two such escapes, as in \ud83d\ude00. Write both, or the character itself.`,
			}
		}
	}
	return result, in, nil
}

// freePrivate is the first of a run of characters for private use that a file
// does not hold.
func freePrivate(content []byte) (rune, bool) {
	const need = surrogateCount + 3
	used := map[rune]bool{}
	for _, r := range string(content) {
		used[(r-firstPrivate)/need] = used[(r-firstPrivate)/need] || r >= firstPrivate && r <= lastPrivate
	}
	for _, m := range privateEscape.FindAllSubmatch(content, -1) {
		r, _ := strconv.ParseUint(string(m[1]), 16, 32)
		used[(rune(r)-firstPrivate)/need] = true
	}
	for run := rune(0); firstPrivate+(run+1)*need <= lastPrivate; run++ {
		if !used[run] {
			return firstPrivate + run*need, true
		}
	}
	return 0, false
}

// escape is the escape of a surrogate's replacement, as long as its own.
func (in standIns) escape(written []byte) []byte {
	r, _ := strconv.ParseUint(string(written[2:]), 16, 32)
	return []byte(`\u` + strconv.FormatInt(int64(r)+int64(in.surrogates), 16))
}

// quotedTexts are the offsets at which texts in double quotes begin, or the
// anchors before them.
func quotedTexts(content []byte) []int {
	// Texts come in the order of the file, so the search goes on from the last one.
	at := cursor{lines: lineOffsets(content)}
	var starts []int
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		if n.Kind == yaml.ScalarNode && n.Style&yaml.DoubleQuotedStyle != 0 && n.Line <= len(at.lines) {
			starts = append(starts, at.move(content, n.Line, n.Column))
		}
		for _, child := range n.Content {
			visit(child)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return starts
		}
		visit(&document)
	}
}

// escapeQuoted replaces the pairs of surrogates of the text that begins at an
// offset, and returns the offset of a lone one, -1 if there is none.
func (in standIns) escapeQuoted(content []byte, start int) int {
	for start < len(content) && content[start] != '"' {
		start++
	}
	const length = len(`\ud83d`)
	half := func(i int, digits string) bool {
		return i+length <= len(content) && surrogateEscape.Match(content[i:i+length]) && strings.ContainsRune(digits, rune(content[i+3]))
	}
	for i := start + 1; i < len(content) && content[i] != '"'; i++ {
		switch {
		case content[i] != '\\':
		case half(i, "89abAB") && half(i+length, "cdefCDEF"):
			copy(content[i:], in.escape(content[i:i+length]))
			copy(content[i+length:], in.escape(content[i+length:i+2*length]))
			i += 2*length - 1
		case half(i, "89abABcdefCDEF"):
			return i
		default:
			i++
		}
	}
	return -1
}

// restore puts the replaced characters back into what was read of a document.
func (in standIns) restore(n *yaml.Node) {
	if in != (standIns{}) && n.Kind == yaml.ScalarNode {
		var out strings.Builder
		var high rune
		for _, r := range n.Value {
			own := r - in.surrogates
			switch {
			case in.surrogates != 0 && own >= firstSurrogate && own < firstSurrogate+surrogateCount/2:
				high = own
			case in.surrogates != 0 && own >= firstSurrogate && own < firstSurrogate+surrogateCount:
				out.WriteRune(0x10000 + (high-firstSurrogate)<<10 + (own - firstSurrogate - surrogateCount/2))
			case in.breaks != 0 && r >= in.breaks && r < in.breaks+rune(len(oldBreaks)):
				out.WriteRune(oldBreaks[r-in.breaks])
			default:
				out.WriteRune(r)
			}
		}
		n.Value = out.String()
	}
	for _, child := range n.Content {
		in.restore(child)
	}
}

// lineOffsets are the offsets of the beginnings of lines.
func lineOffsets(content []byte) []int {
	offsets := []int{0}
	for i, b := range content {
		if b == '\n' || b == '\r' && (i+1 == len(content) || content[i+1] != '\n') {
			offsets = append(offsets, i+1)
		}
	}
	return offsets
}

// cursor finds the offsets of places, quickly where they come in order. Columns
// count characters.
type cursor struct {
	lines                []int
	line, column, offset int
}

func (c *cursor) move(content []byte, line, column int) int {
	if line != c.line || column < c.column {
		c.line, c.column, c.offset = line, 1, c.lines[line-1]
	}
	for ; c.column < column && c.offset < len(content); c.column++ {
		_, size := utf8.DecodeRune(content[c.offset:])
		c.offset += size
	}
	return c.offset
}

// positionAt is the place of an offset.
func positionAt(file string, content []byte, offset int) Position {
	lines := lineOffsets(content[:offset])
	return Position{File: file, Line: len(lines), Col: utf8.RuneCount(content[lines[len(lines)-1]:offset]) + 1}
}
