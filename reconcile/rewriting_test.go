package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// TestHarmlessRewritingsPassAtOnce: every release, at the first apply, and the
// plan after it is empty.
func TestHarmlessRewritingsPassAtOnce(t *testing.T) {
	rewritings := map[string]func(string) string{
		"entities":   func(s string) string { return s + " &amp; more" },
		"twice":      func(s string) string { return s + " &amp;amp; more" },
		"blanks":     func(s string) string { return "  " + s + " & more \\n" },
		"line ends":  func(s string) string { return s + " & more\\r\\n" },
		"decomposed": func(s string) string { return s + " & more" },
	}
	for name, rewritten := range rewritings {
		t.Run(name, func(t *testing.T) {
			scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
				for n := range 3 {
					text := fmt.Sprintf("Schneller %d", n)
					b.Write(t, backendtest.ReaderManifest(fmt.Sprintf("  listings: {de-de: {whatsNew: %q}}\n", text+" & more")))
					before(b, "verify.metadata", func() {
						edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "`+rewritten(text)+`"}]}`)
					})
					if result := apply(t, b, reconcile.PlanOptions{}); result.Err != nil || result.Outcome != reconcile.Published {
						t.Errorf("release %d: %s, %v", n, result.Outcome, result.Err)
					}
					b.OnEvent = nil
					b.MustBeInSync(t)
				}
			})
		})
	}
}

// TestALiteralEntityCanBeMended: what git never sent is compared as it is.
func TestALiteralEntityCanBeMended(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings: {de-de: {whatsNew: \"AT&amp;T\"}}\n"))
		b.MustApply(t)
		b.Write(t, backendtest.ReaderManifest("  listings: {de-de: {whatsNew: \"AT&T\"}}\n"))
		if p := planOf(t, b); len(p.Changes) != 1 {
			t.Fatalf("changes %+v", p.Changes)
		}
		b.MustApply(t)
		b.MustBeInSync(t)
	})
}
