package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// A word diff compares texts by word, so that a plan shows the word that was
// edited instead of two long paragraphs.

// edit is one stretch of a word diff.
type edit struct {
	kind editKind
	text string
}

type editKind int

const (
	kept editKind = iota
	cut
	put
)

// maxDiffWords bounds the work of a comparison; the Store's longest text has
// 10,000 characters, and only a text that is not from the Store is longer.
const maxDiffWords = 20_000

// diffWords compares two texts. Joining what is kept and cut gives before,
// joining what is kept and put gives after.
func diffWords(before, after string) []edit {
	oldWords, newWords := words(before), words(after)
	if len(oldWords) > maxDiffWords || len(newWords) > maxDiffWords {
		return replaced(before, after)
	}
	symbols := make(map[string]rune)
	var table []string
	toSymbols := func(words []string) []rune {
		runes := make([]rune, len(words))
		for i, word := range words {
			symbol, known := symbols[word]
			if !known {
				symbol = symbolRune(len(table))
				symbols[word] = symbol
				table = append(table, word)
			}
			runes[i] = symbol
		}
		return runes
	}
	differ := diffmatchpatch.New()
	// The default time limit would make the result depend on the machine.
	differ.DiffTimeout = 0
	var edits []edit
	for _, d := range differ.DiffMainRunes(toSymbols(oldWords), toSymbols(newWords), false) {
		var b strings.Builder
		for _, symbol := range d.Text {
			b.WriteString(table[symbolIndex(symbol)])
		}
		edits = append(edits, edit{kindOf(d.Type), b.String()})
	}
	edits = slideEdits(joinEdits(edits))
	if side(edits, cut) != before || side(edits, put) != after {
		return replaced(before, after)
	}
	return edits
}

func replaced(before, after string) []edit { return []edit{{cut, before}, {put, after}} }

func kindOf(operation diffmatchpatch.Operation) editKind {
	switch operation {
	case diffmatchpatch.DiffDelete:
		return cut
	case diffmatchpatch.DiffInsert:
		return put
	case diffmatchpatch.DiffEqual:
	}
	return kept
}

// side is one of the two texts that the edits were made from: cut for the old
// one, put for the new one.
func side(edits []edit, kind editKind) string {
	var b strings.Builder
	for _, e := range edits {
		if e.kind == kept || e.kind == kind {
			b.WriteString(e.text)
		}
	}
	return b.String()
}

// A word stands as one rune while it is compared. Surrogates are left out, for
// they do not survive in a string.
const firstSurrogate, surrogates = 0xd800, 0x800

func symbolRune(index int) rune {
	r := rune(index + 1)
	if r >= firstSurrogate {
		r += surrogates
	}
	return r
}

func symbolIndex(r rune) int {
	if r >= firstSurrogate {
		r -= surrogates
	}
	return int(r) - 1
}

// words cuts a text into words, runs of blanks, line ends and single marks.
// Scripts that are written without blanks are cut by character, as a reader
// counts characters (UAX #29).
func words(s string) []string { return runs(s, classOf) }

// runs cuts a text where the class of its characters changes, and around each
// single one. A character is what a reader counts as one (UAX #29).
func runs(s string, class func(character string) runeClass) []string {
	var all []string
	start, at, last := 0, 0, none
	for characters := graphemes.FromString(s); characters.Next(); {
		character := characters.Value()
		k := class(character)
		if at > start && (k != last || k == single) {
			all = append(all, s[start:at])
			start = at
		}
		last = k
		at += len(character)
	}
	if start < len(s) {
		all = append(all, s[start:])
	}
	return all
}

type runeClass int

const (
	none runeClass = iota
	word
	blank
	single
)

func classOf(character string) runeClass {
	r, _ := utf8.DecodeRuneInString(character)
	switch {
	case breaksAnywhere(r) || r == '\n' || r == utf8.RuneError:
		return single
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
		return word
	case unicode.IsSpace(r):
		return blank
	}
	return single
}

// joinEdits merges edits that only a blank keeps apart, so that a rewritten
// phrase reads as one phrase, and puts what is cut before what is put.
func joinEdits(edits []edit) []edit {
	var all []edit
	var removedPart, addedPart strings.Builder
	flush := func() {
		if removedPart.Len() > 0 {
			all = append(all, edit{cut, removedPart.String()})
		}
		if addedPart.Len() > 0 {
			all = append(all, edit{put, addedPart.String()})
		}
		removedPart.Reset()
		addedPart.Reset()
	}
	for i, e := range edits {
		switch e.kind {
		case cut:
			removedPart.WriteString(e.text)
		case put:
			addedPart.WriteString(e.text)
		case kept:
			between := i > 0 && i < len(edits)-1 && removedPart.Len() > 0 && addedPart.Len() > 0
			if between && strings.Trim(e.text, " ") == "" && bothSidesFollow(edits[i+1:]) {
				removedPart.WriteString(e.text)
				addedPart.WriteString(e.text)
				continue
			}
			flush()
			all = append(all, e)
		}
	}
	flush()
	return all
}

// bothSidesFollow reports whether the next edits replace text, rather than
// only cut or put it.
func bothSidesFollow(edits []edit) bool {
	return len(edits) >= 2 && edits[0].kind != kept && edits[1].kind != kept
}

// mostlyRewritten reports whether so little is kept that the two texts are
// easier to read one after the other.
func mostlyRewritten(edits []edit) bool {
	keptBytes, total := 0, 0
	for _, e := range edits {
		total += len(e.text)
		if e.kind == kept {
			keptBytes += len(strings.TrimSpace(e.text))
			total += len(e.text) // it stands in both texts
		}
	}
	return 2*keptBytes*5 < total
}
