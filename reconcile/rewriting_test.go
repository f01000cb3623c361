package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
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
		// Until it is submitted it is work of ours, though the Store could have made
		// the same of what customers have.
		if result := apply(t, b, reconcile.PlanOptions{Draft: true}); result.Err != nil {
			t.Fatal(result.Err)
		}
		planned := planOf(t, b)
		if planned.Verdict != plan.VerdictUnsubmitted || len(planned.Operations) == 0 {
			t.Errorf("%s, to do: %v", planned.Verdict, planned.Operations)
		}
		b.MustApply(t)
		b.MustBeInSync(t)
	})
}

func allowLossy() map[string][]plan.Guard {
	return map[string][]plan.Guard{"": {plan.GuardLossyRewrite}}
}

// TestALossyRewriteIsRefusedUntilItIsAllowedByName: however often it happens.
func TestALossyRewriteIsRefusedUntilItIsAllowedByName(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  properties: {website: \"https://contoso.example\"}\n"))
		// A service that rewrites does so each time.
		before(b, "verify.metadata", func() { edit(t, b, `{"properties": {"website": "https://contoso.example/"}}`) })
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, `MsiExeApp/contoso-reader: verify.metadata: lossy-rewrite: `+plan.GuardLossyRewrite.Protects()+`
  properties.website: sent "https://contoso.example", the Store returned "https://contoso.example/"
  Nothing was submitted.`)
		planned := b.Plan(t, reconcile.PlanOptions{}).Products[0]
		if planned.Verdict != plan.VerdictUnsubmitted || len(planned.Changes) != 1 || !slices.Equal(planned.Changes[0].Guards, []plan.Guard{plan.GuardLossyRewrite}) ||
			string(planned.Changes[0].Before) != `"https://contoso.example/"` || string(planned.Changes[0].After) != `"https://contoso.example"` {
			t.Errorf("the plan: %s, %+v", planned.Verdict, planned.Changes)
		}
		b.Emulator.ForgetRequests()
		wantError(t, apply(t, b, reconcile.PlanOptions{}).Err, plan.ClassRefused, "--allow lossy-rewrite=MsiExeApp/contoso-reader")
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("wrote %+v", writes)
		}
		if result := apply(t, b, reconcile.PlanOptions{Allow: allowLossy()}); result.Err != nil || result.Outcome != reconcile.Published {
			t.Errorf("allowed: %s, %v", result.Outcome, result.Err)
		}
		b.OnEvent = nil
		b.MustBeInSync(t)
	})
}

func TestAnEditAtThatMomentIsNoRewrite(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		before(b, "verify.metadata", func() { edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Halb fertig."}]}`) })
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, "Nothing was submitted.")
		b.OnEvent = nil
		planned := b.Plan(t, reconcile.PlanOptions{})
		if changes := planned.Products[0].Changes; len(changes) != 1 || string(changes[0].Before) != `"Halb fertig."` {
			t.Errorf("the next plan does not show the edit: %+v", changes)
		}
		wantError(t, apply(t, b, reconcile.PlanOptions{}).Err, plan.ClassRefused, "lossy-rewrite")
		// Whoever edited it goes on with that, and git says what it is to be.
		edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Fertig."}]}`)
		b.MustApply(t)
		if strings.Contains(string(b.Emulator.State()), "ertig.") {
			t.Error("somebody's text went live")
		}
		b.MustBeInSync(t)
	})
}
