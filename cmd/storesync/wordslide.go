package main

import "strings"

// slideEdits moves edits to where a person would see them: a sentence that was
// added begins with its first word, although the text is the same when it is
// taken to begin with the second one.
func slideEdits(edits []edit) []edit {
	for i := 1; i < len(edits)-1; i++ {
		if edits[i].kind != kept && edits[i-1].kind == kept && edits[i+1].kind == kept {
			edits[i-1].text, edits[i].text, edits[i+1].text = slide(edits[i-1].text, edits[i].text, edits[i+1].text)
		}
	}
	return edits
}

// maxSlide bounds how many words an edit is moved by.
const maxSlide = 200

// slide moves an edit to the left as far as the text stays the same, and picks
// the place that begins best, the rightmost of equals.
func slide(before, change, after string) (string, string, string) {
	head, middle, tail := words(before), words(change), words(after)
	best, bestBegins := 0, begins(head)
	moved := 0
	for moved < maxSlide && moved < len(head) {
		last := head[len(head)-1-moved]
		if last != middle[len(middle)-1-moved%len(middle)] {
			break
		}
		moved++
		if b := begins(head[:len(head)-moved]); b > bestBegins {
			best, bestBegins = moved, b
		}
	}
	if best == 0 {
		return before, change, after
	}
	// What is moved over goes from the end of before to the start of after;
	// the edit keeps its length and turns.
	cutAt := len(head) - best
	all := append(append([]string{}, head[cutAt:]...), middle...)
	return strings.Join(head[:cutAt], ""), strings.Join(all[:len(middle)], ""), strings.Join(all[len(middle):], "") + strings.Join(tail, "")
}

// begins rates a place by the words in front of it: a new line is better than a
// new sentence, and that is better than a new word.
func begins(before []string) int {
	if len(before) == 0 {
		return 3
	}
	last := before[len(before)-1]
	if last == "\n" {
		return 3
	}
	if strings.TrimSpace(last) != "" {
		return 0
	}
	if len(before) > 1 && strings.ContainsAny(before[len(before)-2], ".!?。！？") {
		return 2
	}
	return 1
}
