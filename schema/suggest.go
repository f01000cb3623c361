package schema

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// didYouMean is "Did you mean x? " for the allowed word nearest to what was
// written, or "" when none is near.
func didYouMean(written string, allowed []string) string {
	if near := Nearest(written, allowed); near != "" {
		return "Did you mean " + near + "? "
	}
	return ""
}

// Nearest is the allowed word that a mistyped one probably stands for, "" when
// none is near enough.
func Nearest(written string, allowed []string) string {
	if near := nearest(written, allowed, 1); len(near) > 0 {
		return near[0]
	}
	return ""
}

// nearest returns up to n allowed words that a typing mistake away from what
// was written, the nearest first.
func nearest(written string, allowed []string, n int) []string {
	type candidate struct {
		word     string
		distance int
	}
	if len(written) > maxKeyLength {
		return nil
	}
	var candidates []candidate
	length := utf8.RuneCountInString(written)
	for _, word := range allowed {
		// Two of five letters may differ: more than that is another word.
		limit := max(1, min(len(written), len(word))*2/5)
		// At least so many must be inserted or deleted.
		if n := utf8.RuneCountInString(word) - length; n > limit || -n > limit {
			continue
		}
		if d := editDistance(strings.ToLower(written), strings.ToLower(word)); d <= limit {
			candidates = append(candidates, candidate{word, d})
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.distance - b.distance })
	var words []string
	for _, c := range candidates[:min(n, len(candidates))] {
		words = append(words, c.word)
	}
	return words
}

// editDistance counts the inserted, deleted, replaced and swapped characters
// between two words (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
