package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// ink is what a piece of text means; a page turns it into a colour.
type ink int

const (
	plain ink = iota
	strong
	faint
	added
	removed
	updated
	warned
	// addedText and removedText are the changed words of a word diff. They
	// are underlined and struck through as well, so that a blank can be seen
	// and colours need not be told apart.
	addedText
	removedText
)

func (i ink) code() string {
	switch i {
	case strong:
		return "\x1b[1m"
	case faint:
		return "\x1b[2m"
	case added:
		return "\x1b[32m"
	case removed:
		return "\x1b[31m"
	case updated:
		return "\x1b[33m"
	case warned:
		return "\x1b[1;33m"
	case addedText:
		return "\x1b[32;4m"
	case removedText:
		return "\x1b[31;9m"
	case plain:
	}
	return ""
}

const resetInk = "\x1b[0m"

// span is text of one ink. Its text is sanitised already; a line end in it is
// a line end on the page.
type span struct {
	text string
	ink  ink
}

func text(s string) span         { return span{text: s} }
func inked(s string, i ink) span { return span{text: s, ink: i} }

// page collects lines of at most width columns. Only a word that is wider by
// itself sticks out: a cut address or flag could not be copied.
type page struct {
	width int
	color bool
	// gutter puts the marks of changes into the first column, where a reader
	// of diffs looks for them.
	gutter bool
	b      strings.Builder
}

func (p *page) String() string { return p.b.String() }

// blank adds an empty line, but never a second one nor one at the top.
func (p *page) blank() {
	if s := p.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// line adds spans, wrapped, with every line indented alike.
func (p *page) line(indent int, spans ...span) { p.hanging(indent, indent, spans...) }

// hanging adds spans, wrapped; lines after the first are indented by rest.
func (p *page) hanging(first, rest int, spans ...span) {
	// On a narrow terminal text matters more than its indent.
	limit := p.width * 3 / 5
	first, rest = min(first, limit), min(rest, limit)

	w := lineWriter{page: p, rest: rest}
	w.start(first)
	if p.gutter && len(spans) > 0 {
		if mark := gutterMark(spans[0]); mark != "" {
			w.mark, spans = mark, spans[1:]
			w.start(first + markWidth)
		}
	}
	for _, c := range clusters(spans) {
		w.put(c)
	}
	w.end()
}

// gutterMark is the mark that a line of a diff begins with, "" when the span is
// not a mark. An update has the mark for attention, for a diff knows no "~".
func gutterMark(s span) string {
	switch {
	case s.text == "+ " && s.ink == added:
		return "+"
	case s.text == "- " && s.ink == removed:
		return "-"
	case s.text == "~ " && s.ink == updated, s.text == "! " && s.ink == warned:
		return "!"
	}
	return ""
}

// columns is how many terminal columns a text takes, independent of the
// locale, so that output is the same everywhere.
func columns(s string) int {
	condition := runewidth.Condition{StrictEmojiNeutral: true}
	return condition.StringWidth(s)
}

// padded is s with blanks up to width columns.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// cluster is what may not be broken over lines: a word, a wide character, a
// run of blanks, or a line end.
type cluster struct {
	spans   []span
	width   int
	blank   bool
	newline bool
}

// clusters cuts spans into what may be broken apart. Words of two spans
// without a blank between them stay together.
func clusters(spans []span) []cluster {
	var all []cluster
	for _, s := range spans {
		for _, piece := range pieces(s.text) {
			c := cluster{spans: []span{{piece, s.ink}}, width: columns(piece), blank: piece[0] == ' ', newline: piece[0] == '\n'}
			if c.newline {
				c.width = 0
			}
			if len(all) > 0 && sticks(all[len(all)-1], c) {
				last := &all[len(all)-1]
				last.spans = append(last.spans, c.spans...)
				last.width += c.width
				continue
			}
			all = append(all, c)
		}
	}
	return all
}

// sticks reports whether no line may end between two clusters.
func sticks(before, after cluster) bool {
	if before.blank || before.newline || after.blank || after.newline {
		return false
	}
	end, _ := utf8.DecodeLastRuneInString(before.spans[len(before.spans)-1].text)
	start, _ := utf8.DecodeRuneInString(after.spans[0].text)
	switch {
	case !breaksAnywhere(end) && !breaksAnywhere(start):
		return true
	case strings.ContainsRune("[{(「『（-+", end) && !breaksAnywhere(end) || strings.ContainsRune("「『（", end):
		// The opening mark of a word diff, or of a quotation.
		return true
	}
	return strings.ContainsRune("、。，．・：；！？）」』】〕》〉ー々-+]})…\"", start)
}

// pieces cuts a text into blanks, line ends, wide characters and words. What a
// reader takes for one character stays whole (UAX #29): a letter with its
// marks, an emoji of several, a flag.
func pieces(s string) []string { return runs(s, pieceClass) }

// pieceClass says what a character is to a line: a blank, part of a word, or
// something that lines may be broken beside.
func pieceClass(character string) runeClass {
	r, _ := utf8.DecodeRuneInString(character)
	switch {
	case r == '\n' || breaksAnywhere(r):
		return single
	case character == " ":
		return blank
	}
	return word
}

// breaksAnywhere reports whether lines may be broken beside the character:
// scripts that are written without blanks.
func breaksAnywhere(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		(r >= 0x3000 && r <= 0x303f) || (r >= 0xff00 && r <= 0xffef)
}

// markWidth is how wide a mark like "+" with its blank is.
const markWidth = 2

// lineWriter fills lines. A line's indent is written with its first word, so
// that an empty line is empty.
type lineWriter struct {
	page   *page
	rest   int
	indent int
	used   int
	empty  bool
	// worded is set once more than blanks stand in the line.
	worded  bool
	pending []cluster
	ink     ink
	// mark stands in the first column of the first line.
	mark string
}

func (w *lineWriter) start(indent int) {
	w.indent, w.used, w.empty, w.worded = indent, indent, true, false
}

func (w *lineWriter) put(c cluster) {
	switch {
	case c.newline:
		w.end()
		w.start(w.rest)
	case c.blank:
		w.pending = append(w.pending, c)
	default:
		ahead := c.width
		for _, b := range w.pending {
			ahead += b.width
		}
		// A mark at the start of a line keeps the word that follows it.
		if w.used+ahead > w.page.width && w.used > w.indent+markWidth {
			w.pending = nil
			w.end()
			w.start(w.rest)
		}
		for _, b := range w.pending {
			w.write(b)
		}
		w.pending = nil
		w.write(c)
	}
}

// end finishes a line; blanks at its end go, except where they are the change.
func (w *lineWriter) end() {
	for _, b := range w.pending {
		if i := b.spans[0].ink; i == addedText || i == removedText {
			w.write(b)
		}
	}
	w.pending = nil
	w.use(plain)
	w.page.b.WriteByte('\n')
}

func (w *lineWriter) write(c cluster) {
	if w.empty {
		w.page.b.WriteString(padded(w.mark, w.indent))
		w.empty, w.mark = false, ""
	}
	if !c.blank && !w.worded {
		w.worded = true
		c = harmlessStart(c)
	}
	for _, s := range c.spans {
		w.use(s.ink)
		w.page.b.WriteString(s.text)
	}
	w.used += c.width
}

// harmlessStart is what a line begins with, made harmless where it would be a
// command of a CI runner.
func harmlessStart(c cluster) cluster {
	var all strings.Builder
	for _, s := range c.spans {
		all.WriteString(s.text)
	}
	harmless := harmlessLine(all.String())
	if harmless == all.String() {
		return c
	}
	return cluster{spans: []span{{harmless, c.spans[0].ink}}, width: columns(harmless)}
}

func (w *lineWriter) use(i ink) {
	if !w.page.color || i == w.ink {
		return
	}
	if w.ink != plain {
		w.page.b.WriteString(resetInk)
	}
	w.page.b.WriteString(i.code())
	w.ink = i
}
