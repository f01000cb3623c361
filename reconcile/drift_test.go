package reconcile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// origins are the paths of a drift with their labels.
func origins(differences []plan.Difference) map[string]string {
	found := map[string]string{}
	for _, d := range differences {
		found[string(d.Path)] = d.Label
	}
	return found
}

const spec = `  availability: {markets: [US, DE]}
  listings:
    en-us: {shortDescription: Read anything., searchTerms: [reader]}
    de-de: {whatsNew: Jetzt schneller., shortDescription: Alles lesen.}
`

// Each difference says who moved: three ways, for every shape of value.
func TestDriftSaysWhoMoved(t *testing.T) {
	tests := []struct {
		name string
		// store edits the Store, manifest is old and new text in the manifest.
		store    string
		manifest [2]string
		want     map[string]string
	}{
		{"nobody", "", [2]string{}, map[string]string{}},
		{"the Store", `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`, [2]string{},
			map[string]string{"listings.de-de.whatsNew": "changed in the Store"}},
		{"the Store cleared a value", `{"listings": [{"language": "de-de", "whatsNew": ""}]}`, [2]string{},
			map[string]string{"listings.de-de.whatsNew": "changed in the Store"}},
		{"the Store changed a set", `{"availability": {"markets": ["US", "FR"]}}`, [2]string{},
			map[string]string{"availability.markets": "changed in the Store"}},
		{"the manifest", "", [2]string{"Jetzt schneller.", "Noch schneller."},
			map[string]string{"listings.de-de.whatsNew": "not applied yet"}},
		{"the manifest manages more", "", [2]string{"  listings:", "  properties: {website: https://contoso.example}\n  listings:"},
			map[string]string{"properties.website": "not applied yet"}},
		{"both", `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`, [2]string{"Jetzt schneller.", "Noch schneller."},
			map[string]string{"listings.de-de.whatsNew": "both"}},
		{"both to the same", `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`, [2]string{"Jetzt schneller.", "Neu."}, map[string]string{}},
		{"each in its own place", `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`, [2]string{"Read anything.", "Read all."},
			map[string]string{"listings.de-de.whatsNew": "changed in the Store", "listings.en-us.shortDescription": "not applied yet"}},
		{"the manifest drops a language", "", [2]string{"    de-de: {whatsNew: Jetzt schneller., shortDescription: Alles lesen.}\n", "  removeUnlistedLanguages: true\n"},
			map[string]string{"listings.de-de": "not applied yet"}},
		{"the Store changed a language that the manifest drops", `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`,
			[2]string{"    de-de: {whatsNew: Jetzt schneller., shortDescription: Alles lesen.}\n", "  removeUnlistedLanguages: true\n"},
			map[string]string{"listings.de-de": "both"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
				b.Write(t, backendtest.ReaderManifest(spec))
				b.MustApply(t)
				if test.store != "" {
					edit(t, b, test.store)
				}
				b.Write(t, backendtest.ReaderManifest(strings.Replace(spec, test.manifest[0], test.manifest[1], 1)))
				b.Emulator.ForgetRequests()
				drift := b.Plan(t, reconcile.PlanOptions{}).Drift()
				product := drift.Products[0]
				if diff := cmp.Diff(test.want, origins(product.Differences)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if drift.InSync != (len(test.want) == 0) || !product.Recorded || len(b.Writes()) > 0 {
					t.Errorf("in sync %t, recorded %t, writes %v", drift.InSync, product.Recorded, b.Writes())
				}
			})
		})
	}
}

// A language that somebody added in the Store and the manifest does not list.
func TestDriftOfAnAddedLanguage(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(spec+"  removeUnlistedLanguages: true\n"))
		b.MustApply(t)
		edit(t, b, `{"listings": [{"language": "fr-fr", "description": "Lit."}]}`)
		drift := b.Plan(t, reconcile.PlanOptions{}).Drift().Products[0]
		if diff := cmp.Diff(map[string]string{"listings.fr-fr": "changed in the Store"}, origins(drift.Differences)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestDriftWithoutARecordIsOfUnknownOrigin(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		drift := b.Plan(t, reconcile.PlanOptions{Unmanaged: true}).Drift()
		product := drift.Products[0]
		if diff := cmp.Diff(map[string]string{"listings.de-de.whatsNew": "unknown origin"}, origins(product.Differences)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if product.Recorded || drift.InSync || drift.Summary.Unknown != 1 || len(product.Unmanaged) > 0 {
			t.Errorf("recorded %t, in sync %t, %+v, unmanaged %v", product.Recorded, drift.InSync, drift.Summary, product.Unmanaged)
		}
	})
}

// What no manifest writes is listed when asked for, and is no drift.
func TestDriftListsUnmanaged(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(spec))
		b.MustApply(t)
		edit(t, b, `{"listings": [{"language": "en-us", "description": "Half-finished."}], "availability": {"pricing": "PAID"}}`)
		if quiet := b.Plan(t, reconcile.PlanOptions{}).Drift(); !quiet.InSync || len(quiet.Products[0].Unmanaged) > 0 {
			t.Errorf("in sync %t, unmanaged %v", quiet.InSync, quiet.Products[0].Unmanaged)
		}
		drift := b.Plan(t, reconcile.PlanOptions{Unmanaged: true}).Drift()
		want := map[string]string{"availability.pricing": "changed in the Store", "listings.en-us.description": "changed in the Store"}
		if diff := cmp.Diff(want, origins(drift.Products[0].Unmanaged)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !drift.InSync || drift.Summary.Unmanaged != 2 || string(drift.Products[0].Unmanaged[0].Observed) != `"PAID"` {
			t.Errorf("in sync %t, %+v, %+v", drift.InSync, drift.Summary, drift.Products[0].Unmanaged)
		}
	})
}

// While our own submission runs, what is in it is no drift; what the manifest
// says beyond it is not applied yet.
func TestDriftWhileASubmissionRuns(t *testing.T) {
	for _, behavior := range []string{"", `"behavior": {"draftUnreadableWhileActive": true}`} {
		scenario(t, behavior, driftWhileRunning)
	}
}

func driftWhileRunning(t *testing.T, b *backendtest.Bench) {
	t.Helper()
	b.Write(t, backendtest.ReaderManifest(spec))
	report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalNone})
	if err := report.Products[0].Err; err != nil {
		t.Fatal(err)
	}
	drift := b.Plan(t, reconcile.PlanOptions{}).Drift()
	if !drift.InSync || drift.Products[0].Running == nil {
		t.Errorf("in sync %t, running %v, differences %v", drift.InSync, drift.Products[0].Running, drift.Products[0].Differences)
	}
	b.Write(t, backendtest.ReaderManifest(strings.Replace(spec, "Jetzt schneller.", "Noch schneller.", 1)))
	drift = b.Plan(t, reconcile.PlanOptions{}).Drift()
	if diff := cmp.Diff(map[string]string{"listings.de-de.whatsNew": "not applied yet"}, origins(drift.Products[0].Differences)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A draft that was written and not submitted differs in nothing, and still is
// not what customers have.
func TestDriftOfAnUnsubmittedDraft(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		if err := b.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
			t.Fatal(err)
		}
		drift := b.Plan(t, reconcile.PlanOptions{}).Drift()
		if product := drift.Products[0]; drift.InSync || !product.Unfinished || len(product.Differences) > 0 {
			t.Errorf("in sync %t, %+v", drift.InSync, product)
		}
	})
}

// A sensitive value is not in the record, so nobody is accused.
func TestDriftOfASensitiveValue(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  properties: {certificationNotes: {env: STORE_NOTES}}\n"))
		b.Env = map[string]string{"STORE_NOTES": "user reviewer, password 123"}
		b.MustApply(t)
		b.Env = map[string]string{"STORE_NOTES": "user reviewer, password 456"}
		drift := b.Plan(t, reconcile.PlanOptions{}).Drift()
		want := map[string]string{"properties.certificationNotes": "unknown origin"}
		if diff := cmp.Diff(want, origins(drift.Products[0].Differences)); diff != "" || !drift.Products[0].Differences[0].Sensitive {
			t.Errorf("(-want +got):\n%s\n%+v", diff, drift.Products[0].Differences)
		}
	})
}

// The Store keeps a value otherwise than it was sent, and later somebody edits
// it: the manifest still says what was applied.
func TestDriftOfAValueThatTheStoreRewrites(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  properties: {website: \"https://contoso.example\"}\n"))
		before(b, "verify.metadata", func() { edit(t, b, `{"properties": {"website": "https://contoso.example/"}}`) })
		apply(t, b, reconcile.PlanOptions{})
		if result := apply(t, b, reconcile.PlanOptions{Allow: allowLossy()}); result.Err != nil {
			t.Fatal(result.Err)
		}
		b.OnEvent = nil
		edit(t, b, `{"properties": {"website": "https://fabrikam.example/"}}`)
		drift := b.Plan(t, reconcile.PlanOptions{}).Drift().Products[0]
		if diff := cmp.Diff(map[string]string{"properties.website": "changed in the Store"}, origins(drift.Differences)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
