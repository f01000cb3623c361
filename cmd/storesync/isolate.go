package main

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// First strong isolate and its end (UAX #9): what is between them is laid out
// by itself and moves nothing around it.
const (
	isolateStart = "\u2068"
	isolateEnd   = "\u2069"
)

// isolated keeps text that runs from right to left from turning what stands
// beside it: without it "old → new" of two Hebrew words reads as "new ← old".
// The text is sanitised already, so it cannot end the isolate.
func isolated(s string) string {
	if !strings.ContainsFunc(s, runsLeft) {
		return s
	}
	return isolateStart + s + isolateEnd
}

// runsLeft reports whether a letter is of a script that runs from right to left.
func runsLeft(r rune) bool {
	if r < 0x590 {
		return false
	}
	properties, _ := bidi.LookupRune(r)
	class := properties.Class()
	return class == bidi.R || class == bidi.AL
}

// joinIsolated lists words, each of which is laid out by itself.
func joinIsolated(words []string) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = isolated(sanitize(w))
	}
	return strings.Join(all, ", ")
}
