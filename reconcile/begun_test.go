package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

const readerAddress = "MsiExeApp/contoso-reader"

// approvedBoth are two values that a plan writes with one request.
const approvedBoth = "  listings:\n    de-de: {whatsNew: \"Jetzt schneller.\"}\n    en-us: {whatsNew: Faster.}\n"

// TestWhatIsLeftIsNoMoreThanWasApproved: an approval is good for what is left of
// the plan after a kill, and for nothing that moved since.
func TestWhatIsLeftIsNoMoreThanWasApproved(t *testing.T) {
	tests := []struct {
		name string
		edit func(t *testing.T, b *backendtest.Bench)
		// text is what the refusal says, "" where there is none.
		text string
	}{
		{"nothing moved", func(*testing.T, *backendtest.Bench) {}, ""},
		{"taken back by hand", func(t *testing.T, b *backendtest.Bench) {
			edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Vorher."}]}`)
		}, ""},
		{"a value that nobody manages", func(t *testing.T, b *backendtest.Bench) {
			edit(t, b, `{"listings": [{"language": "en-us", "description": "Half-finished."}]}`)
		}, "what is left is another one: listings.en-us.description, what others wrote"},
		{"a managed value", func(t *testing.T, b *backendtest.Bench) {
			edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Somebody else's."}]}`)
		}, "what is left is another one: listings.de-de.whatsNew"},
		{"another value in the manifest", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest(strings.Replace(approvedBoth, "Faster", "Slower", 1)))
		}, "what is left is another one: listings.en-us.whatsNew"},
		{"one more value in the manifest", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest(approvedBoth+"  availability: {markets: [US, DE]}\n"))
		}, "what is left is another one: availability.markets"},
		{"a secret in the manifest", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest(approvedBoth+"  properties: {certificationNotes: Sign in as Ada.}\n"))
		}, "what is left is another one: properties.certificationNotes"},
		{"another plan was begun", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest("  listings: {en-us: {whatsNew: Other.}}\n"))
			b.MustApply(t)
			b.Write(t, backendtest.ReaderManifest(approvedBoth))
		}, "expected was"},
		{"done, and one value taken back", func(t *testing.T, b *backendtest.Bench) {
			b.MustApply(t)
			edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Vorher."}]}`)
		}, "changed in the Store since the last apply: listings.de-de.whatsNew"},
	}
	for _, test := range tests {
		for _, way := range []string{"hash", "whole", "saved"} {
			t.Run(test.name+", "+way, func(t *testing.T) {
				scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
					b.Write(t, backendtest.ReaderManifest(strings.NewReplacer("Jetzt schneller", "Vorher", "Faster", "Before").Replace(approvedBoth)))
					b.MustApply(t)
					b.Write(t, backendtest.ReaderManifest(approvedBoth))
					approved := savedOf(t, b.Plan(t, reconcile.PlanOptions{}))
					whole := b.Records
					b.Records = &mortal{Store: whole, left: 2}
					if err := apply(t, b, reconcile.PlanOptions{}).Err; err == nil {
						t.Fatal("the apply should have died")
					}
					b.Records = whole
					test.edit(t, b)
					b.Emulator.ForgetRequests()
					// The files are looked at elsewhere.
					approved.Inputs = b.Plan(t, reconcile.PlanOptions{}).Inputs
					err := applyHeld(t, b, approved, way)
					switch {
					case test.text == "" && err != nil:
						t.Error(err)
					case test.text == "":
						b.MustBeInSync(t)
					case way == "saved":
						wantError(t, err, plan.ClassRefused, "")
					default:
						wantError(t, err, plan.ClassRefused, test.text)
					}
					if test.text != "" && len(b.Writes()) > 0 {
						t.Errorf("it wrote %+v", b.Writes())
					}
				})
			})
		}
	}
}

// applyHeld applies what is approved in one of the ways to say so.
func applyHeld(t *testing.T, b *backendtest.Bench, approved *plan.Plan, way string) error {
	t.Helper()
	engine := b.Engine(t)
	proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptionsOf(approved))
	if err != nil {
		t.Fatal(err)
	}
	switch way {
	case "saved":
		err = proposal.CheckSaved(approved)
	case "whole":
		_, err = proposal.Expect(map[string]string{"": approved.Hash})
	default:
		_, err = proposal.Expect(map[string]string{readerAddress: approved.Products[0].Hash})
	}
	if err != nil {
		return err
	}
	report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
	if err != nil {
		t.Fatal(err)
	}
	return report.Products[0].Err
}

// TestAWholePlanKilledAnywhere: of several products some are done, one is in the
// middle, and others are not begun. The approval of all holds to the end.
func TestAWholePlanKilledAnywhere(t *testing.T) {
	for _, way := range []string{"whole", "saved"} {
		died := true
		for i := 0; died; i++ {
			t.Run(fmt.Sprintf("%s, write %d", way, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := products(t, 3, func(int) string { return german })
					b.Parallelism = 1
					approved := savedOf(t, b.Plan(t, reconcile.PlanOptions{}))
					whole := b.Records
					dying := &mortal{Store: whole, left: i}
					b.Records = dying
					b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
					b.Records = whole
					died = dying.left < 0
					for range 3 {
						if err := applyHeld(t, b, approved, way); err != nil {
							t.Fatal(err)
						}
					}
					b.MustBeInSync(t)
				})
			})
		}
	}
}

// TestADraftThatWasApprovedIsNotSubmitted: who approved a draft has approved no
// submission.
func TestADraftThatWasApprovedIsNotSubmitted(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(approvedBoth))
		approved := b.Plan(t, reconcile.PlanOptions{Draft: true})
		whole := b.Records
		b.Records = &mortal{Store: whole, left: 2}
		apply(t, b, reconcile.PlanOptions{Draft: true})
		b.Records = whole
		engine := b.Engine(t)
		proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proposal.Expect(map[string]string{readerAddress: approved.Products[0].Hash}); err != nil {
			t.Fatal(err)
		}
		report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, report.Products[0].Err, plan.ClassRefused, "what is left is another one: submit")
	})
}

// TestWhatAKilledApplyRemovedIsNobodyElsesEdit: the guard that was allowed is all
// that finishing it asks for.
func TestWhatAKilledApplyRemovedIsNobodyElsesEdit(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings:\n    de-de: {whatsNew: Vorher.}\n    en-us: {whatsNew: Before.}\n"))
		b.MustApply(t)
		b.Write(t, backendtest.ReaderManifest("  listings: {en-us: {whatsNew: Before.}}\n"))
		removing := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardRemoveLanguage}}}
		whole := b.Records
		b.Records = &mortal{Store: whole, left: 2}
		apply(t, b, removing)
		b.Records = whole
		if result := apply(t, b, removing); result.Err != nil {
			t.Error(result.Err)
		}
		b.MustBeInSync(t)
	})
}

// TestAWholePlanOfDirectStepsKilledAnywhere: a product that was deleted, and a
// rollout that was ended, count as they were approved.
func TestAWholePlanOfDirectStepsKilledAnywhere(t *testing.T) {
	for _, step := range []string{"percentage: 50", "finalized: true"} {
		for _, way := range []string{"whole", "saved"} {
			died := true
			for i := 0; died; i++ {
				t.Run(fmt.Sprintf("%s, %s, write %d", step, way, i), func(t *testing.T) {
					store := rollingOut()
					store.products["pro"] = live().products["pro"]
					b := newShelf(t, store, addOn("pro", absent, ""), app("notes", storeID, visible+"  rollout: {"+step+"}\n"), flight("z-new", ""))
					options := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardDeleteAddOn}}}
					approved := b.propose(t, options).Plan
					whole := b.Records
					dying := &mortal{Store: whole, left: i}
					b.Records = dying
					b.apply(t, options, reconcile.ApplyOptions{})
					b.Records = whole
					died = dying.left < 0
					for range 3 {
						proposal := b.propose(t, options)
						var err error
						if way == "saved" {
							err = proposal.CheckSaved(approved)
						} else {
							_, err = proposal.Expect(map[string]string{"": approved.Hash})
						}
						if err != nil {
							t.Fatal(err)
						}
						report, err := b.engine().Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
						if err != nil {
							t.Fatal(err)
						}
						for _, result := range report.Products {
							if result.Err != nil {
								t.Error(result.Err)
							}
						}
					}
					b.mustBeInSync(t)
				})
			}
		}
	}
}
