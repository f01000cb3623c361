package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unreadable says what makes a file no text of YAML at all, at its place; nil for
// a text. The library says only that there is such a byte somewhere.
func unreadable(file string, content []byte) *Diagnostic {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		return nil // UTF-16, which YAML allows
	}
	if !utf8.Valid(content) {
		return &Diagnostic{
			Severity: SeverityError, Pos: positionAt(file, content, invalidAt(content)),
			Summary: "not YAML: the file is not UTF-8 text", Detail: "Save the file as UTF-8.",
		}
	}
	i := bytes.IndexFunc(content, func(r rune) bool {
		return r <= 0xffff && r != '\r' && r != '\u0085' && (r < 0xfdd0 || r > 0xfdef) && isControl(r)
	})
	if i < 0 {
		return nil
	}
	r, _ := utf8.DecodeRune(content[i:])
	d := &Diagnostic{
		Severity: SeverityError, Pos: positionAt(file, content, i), Summary: fmt.Sprintf("not YAML: the control character %U", r),
		Detail: "Take it out; line ends and tabs are allowed.",
	}
	if r == 0 {
		d.Detail = "Save the file as UTF-8; a text of UTF-16 without its byte order mark looks like this."
	}
	return d
}

var yamlErrorLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// parserProblem are the messages of the library's parser, as against those of
// its scanner.
var parserProblem = regexp.MustCompile(`^(did not find expected (<document start>|node content|'-' indicator|key|',' or)|found (undefined tag|duplicate %|incompatible YAML))`)

// syntaxError turns the YAML library's "yaml: line 3: …" into a diagnostic.
func syntaxError(file string, content []byte, err error) *Diagnostic {
	d := &Diagnostic{Severity: SeverityError, Pos: Position{File: file, Line: 1, Col: 1}, Summary: "not YAML: " + err.Error()}
	if m := yamlErrorLine.FindStringSubmatch(err.Error()); m != nil {
		d.Summary = "not YAML: " + m[2]
		// No line stands for the first one.
		line, atoiErr := strconv.Atoi(m[1])
		if atoiErr == nil {
			d.Pos.Line = line
		}
		if parserProblem.MatchString(m[2]) {
			// The library counts these lines from 0 and leaves out the first.
			d.Pos.Line = line + 1
		}
	}
	d.locate(content)
	return d
}

var (
	tabIndentation = regexp.MustCompile(`(?m)^[ ]*\t`)
	unknownEscape  = regexp.MustCompile(`\\[^0abt\tnvfre "'/\\N_LPxuU\r\n]`)
	badEscape      = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\U[0-9a-fA-F]{8}`)
	aliasName      = regexp.MustCompile(`^unknown anchor '([^']*)'`)
)

const quotesHint = "a missing space after a colon, or a text with \": \" or a leading @, %, *, & or ` that needs quotes"

// locate finds the mistake from the line on that the library gives, which may be
// where the text or block begins that holds it, and says what the file shows of
// its cause.
func (d *Diagnostic) locate(content []byte) {
	lines := lineOffsets(content)
	from := lines[min(d.Pos.Line, len(lines))-1]
	at := func(find *regexp.Regexp, detail string) bool {
		m := find.FindIndex(content[from:])
		if m != nil {
			d.Pos = positionAt(d.Pos.File, content, from+m[0])
			d.Detail = detail
		}
		return m != nil
	}
	switch problem := strings.TrimPrefix(d.Summary, "not YAML: "); {
	case strings.Contains(problem, "tab character"), strings.Contains(problem, "cannot start any token"):
		if at(tabIndentation, "Indent with spaces: YAML allows no tab there.") {
			return
		}
	case problem == "found unknown escape character":
		if at(unknownEscape, `Write \\ for a backslash, or put the text in single quotes.`) {
			return
		}
	case problem == "found invalid Unicode character escape code":
		if at(badEscape, "The escape stands for no character. Write the character itself.") {
			return
		}
	case aliasName.MatchString(problem):
		name := aliasName.FindStringSubmatch(problem)[1]
		if at(regexp.MustCompile(`\*`+regexp.QuoteMeta(name)), "Put a text that begins with * in quotes.") {
			return
		}
	}
	d.Detail = "Common causes: " + quotesHint + "."
	if r := oddBlank(content, lines, d.Pos.Line); r != 0 {
		d.Detail = fmt.Sprintf("The line holds %U, which looks like a blank or a line end and is neither in YAML. Write a space or a new line there, or put the text in double quotes. Other causes: %s.", r, quotesHint)
	} else if tabIndentation.Match(content) {
		d.Detail = "Common causes: a tab in the indentation, " + quotesHint + "."
	}
}

// oddBlank is a character on a line that people cannot tell from a blank or line
// end, 0 if there is none.
func oddBlank(content []byte, lines []int, line int) rune {
	text := content[lines[min(line, len(lines))-1]:]
	if line < len(lines) {
		text = text[:lines[line]-lines[line-1]]
	}
	i := bytes.IndexFunc(text, func(r rune) bool { return r > 0x7f && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)) })
	if i < 0 {
		return 0
	}
	r, _ := utf8.DecodeRune(text[i:])
	return r
}
