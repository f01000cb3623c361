package schema

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// unknownLanguages is a manifest with so many listings in languages that there
// are not, of 22 bytes each.
func unknownLanguages(n int) string {
	var b strings.Builder
	b.WriteString("apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: notes}\nspec:\n  appId: 9NBLGGH4R315\n  languages: [")
	for i := range n {
		fmt.Fprintf(&b, "de-%08d-xxxxxxxx, ", i)
	}
	b.WriteString("]\n  listings: {\"*\": {title: Notes}}\n")
	return b.String()
}

// A manifest with one mistake many thousand times says so once, with the first of
// them.
func TestMistakesAreCounted(t *testing.T) {
	const n = 15_000
	root := folder(t, map[string]string{"app.yaml": unknownLanguages(n), "other.yaml": strings.Replace(manifest("  bogus: 1\n"), "reader", "other", 1)})
	w, found := Load(t.Context(), LoadOptions{Paths: []string{root}})
	found = append(found, Validate(w)...)
	if len(found) > 3*maxShown {
		t.Errorf("%d diagnostics", len(found))
	}
	text := found.Error()
	for _, want := range []string{
		fmt.Sprintf("app.yaml:6:%d: error: %d more errors of this file are not shown\n  Put right what is shown, and run the command again.", 15+maxShown*22, n-maxShown),
		`error: listings.de-00000099-xxxxxxxx: "de-00000099-xxxxxxxx" is not a language of the Store`, `unknown field "bogus"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%.2000s", want, text)
		}
	}
	if strings.Contains(text, "de-00000100-xxxxxxxx") {
		t.Error("one more is shown")
	}
}

// Mistakes cost a time that grows as their number does: four times as many may
// cost ten times as much at most, where the square would cost sixteen times.
func TestMistakesCostLinearTime(t *testing.T) {
	many := func(format string) func(int) string {
		return func(n int) string {
			return list(n, func(i int) string { return fmt.Sprintf(format, i) })
		}
	}
	words, lines := many("word%06d"), func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "  field%06d: 1\n", i)
		}
		return b.String()
	}
	for name, content := range map[string]func(int) string{
		"unknown languages": unknownLanguages,
		"unknown words":     func(n int) string { return msixManifest("  hardwarePreferences: " + words(n) + "\n") },
		"unknown markets":   func(n int) string { return manifest("  availability: {markets: " + words(n) + "}\n") },
		"unknown fields":    func(n int) string { return msixManifest(lines(n)) },
		"groups":            func(n int) string { return flightManifest("  friendlyName: a\n  groupIds: " + words(n) + "\n") },
		"surrogates": func(n int) string {
			return msixManifest("  hardwarePreferences: " + many(`"\ud83d\ude00%06d"`)(n) + "\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := folder(t, nil)
			cost := func(n int) time.Duration {
				write(t, filepath.Join(root, "app.yaml"), content(n))
				least := time.Hour
				for range 2 {
					begin := time.Now()
					w, _ := Load(t.Context(), LoadOptions{Paths: []string{filepath.Join(root, "app.yaml")}})
					Validate(w)
					least = min(least, time.Since(begin))
				}
				return least
			}
			if few, four := cost(1_500), cost(6_000); four > 10*few {
				t.Errorf("1500 cost %v, 6000 cost %v", few, four)
			}
		})
	}
}
