package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

const (
	german   = "  listings:\n    de-de: {whatsNew: \"Jetzt schneller.\"}\n"
	germaner = "  listings:\n    de-de: {whatsNew: \"Jetzt noch schneller.\"}\n"
)

// scenario runs a test in virtual time on a reader that is live in English and
// German; more is a member list of the emulator's seed, or "".
func scenario(t *testing.T, more string, run func(t *testing.T, b *backendtest.Bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { run(t, backendtest.NewReader(t, more, "en-us", "de-de")) })
}

func edit(t *testing.T, b *backendtest.Bench, document string) {
	t.Helper()
	if err := b.Emulator.EditMsiExe(backendtest.ReaderID, []byte(document), nil); err != nil {
		t.Fatal(err)
	}
}

// apply applies with no guard allowed and returns the one product's result.
func apply(t *testing.T, b *backendtest.Bench, options reconcile.PlanOptions) reconcile.ProductResult {
	t.Helper()
	return b.Apply(t, options, reconcile.ApplyOptions{Goal: reconcile.GoalPublished}).Products[0]
}

func wantError(t *testing.T, err error, class plan.Class, text string) {
	t.Helper()
	if err == nil || plan.ClassOf(err) != class || !strings.Contains(err.Error(), text) {
		t.Errorf("got class %q, error:\n%v\nwant class %q with:\n%s", plan.ClassOf(err), err, class, text)
	}
}

func noticeWith(planned *plan.Plan, text string) bool {
	return slices.ContainsFunc(planned.Products[0].Notices, func(n plan.Notice) bool { return strings.Contains(string(n.Path)+" "+n.Text, text) })
}

func TestDraftOfAnUnknownHandIsSaidToBeUnknown(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		planned := b.Plan(t, reconcile.PlanOptions{})
		if planned.Products[0].Draft != plan.DraftUnknown {
			t.Errorf("draft is %q", planned.Products[0].Draft)
		}
		for _, text := range []string{"No record of an earlier submission", `availability.markets: ["US"]`} {
			if !noticeWith(planned, text) {
				t.Errorf("no notice with %q: %v", text, planned.Products[0].Notices)
			}
		}
		b.MustApply(t)
		if planned := b.Plan(t, reconcile.PlanOptions{}); planned.Products[0].Draft != plan.DraftClean || len(planned.Products[0].Notices) > 0 {
			t.Errorf("after an apply: draft %q, notices %v", planned.Products[0].Draft, planned.Products[0].Notices)
		}
	})
}

func TestForeignEditsAreListedAndGuarded(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		b.MustApply(t)
		edit(t, b, `{"listings": [{"language": "en-us", "description": "Half-finished."}], "availability": {"pricing": "PAID"}}`)
		b.MustBeInSync(t)

		b.Write(t, backendtest.ReaderManifest(germaner))
		b.Emulator.ForgetRequests()
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, `MsiExeApp/contoso-reader: refused:
  foreign-edits: Edits that somebody else made in the draft would be submitted with ours. (availability.pricing, listings.en-us.description)
  price-change: What customers pay would change. (availability.pricing)
  Nothing was changed. If it is meant, apply with --allow foreign-edits=MsiExeApp/contoso-reader --allow price-change=MsiExeApp/contoso-reader`)
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("a refused apply wrote %+v", writes)
		}
		result = apply(t, b, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"MsiExeApp/contoso-reader": {plan.GuardForeignEdits, plan.GuardPriceChange}}})
		if result.Err != nil || result.Outcome != reconcile.Published {
			t.Errorf("allowed: %s, %v", result.Outcome, result.Err)
		}
		b.MustBeInSync(t)
	})
}

func TestForeignEditsBeforeADraftOfOursStayGuarded(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		b.MustApply(t)
		edit(t, b, `{"availability": {"markets": ["US", "FR"]}}`)
		b.Write(t, backendtest.ReaderManifest(germaner))
		if result := apply(t, b, reconcile.PlanOptions{Draft: true}); result.Err != nil {
			t.Fatal(result.Err)
		}
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, "foreign-edits")
	})
}

func TestRunningSubmissionBlocks(t *testing.T) {
	for _, unreadable := range []bool{false, true} {
		t.Run(fmt.Sprint("unreadable ", unreadable), func(t *testing.T) {
			scenario(t, fmt.Sprintf(`"behavior": {"draftUnreadableWhileActive": %t}`, unreadable), func(t *testing.T, b *backendtest.Bench) {
				b.Write(t, backendtest.ReaderManifest(german))
				first := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}).Products[0]
				if first.Err != nil || first.Outcome != reconcile.Submitted {
					t.Fatalf("%s, %v", first.Outcome, first.Err)
				}
				planned := b.Plan(t, reconcile.PlanOptions{})
				if len(planned.Products[0].Changes) > 0 || planned.Complete == unreadable || planned.Applyable {
					t.Errorf("while it runs: changes %+v, complete %t, applyable %t", planned.Products[0].Changes, planned.Complete, planned.Applyable)
				}
				b.Write(t, backendtest.ReaderManifest(germaner))
				planned = b.Plan(t, reconcile.PlanOptions{})
				if changes := planned.Products[0].Changes; len(changes) != 1 || changes[0].Path != "listings.de-de.whatsNew" || planned.Applyable {
					t.Errorf("changes %+v, applyable %t", changes, planned.Applyable)
				}
				b.Emulator.ForgetRequests()
				result := apply(t, b, reconcile.PlanOptions{})
				wantError(t, result.Err, plan.ClassPending, "MsiExeApp/contoso-reader: submission "+first.Submission.ID+
					" is still running (INPROGRESS); the Store takes no changes until it has ended\n  Run apply again when it has ended, or let apply wait for it with --wait-running 24h.")
				if writes := b.Writes(); len(writes) > 0 || result.Outcome != reconcile.Blocked {
					t.Errorf("blocked: %s, writes %+v", result.Outcome, writes)
				}
				b.MustApplyAfterWaiting(t)
				b.MustBeInSync(t)
			})
		})
	}
}

func TestForeignEditsAfterAnUnfinishedFirstApplyAreGuarded(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		if result := apply(t, b, reconcile.PlanOptions{Draft: true}); result.Err != nil {
			t.Fatal(result.Err)
		}
		edit(t, b, `{"availability": {"pricing": "PAID"}}`)
		b.Emulator.ForgetRequests()
		wantError(t, apply(t, b, reconcile.PlanOptions{}).Err, plan.ClassRefused, "foreign-edits")
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("wrote %+v", writes)
		}
	})
}

func TestAnUnsubmittedDraftIsShownAndGuardedAgain(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		b.MustApply(t)
		b.Write(t, backendtest.ReaderManifest(germaner+"  availability: {discoverability: DEEPLINK_ONLY}\n"))
		allow := map[string][]plan.Guard{"": {plan.GuardVisibilityChange}}
		if result := apply(t, b, reconcile.PlanOptions{Draft: true, Allow: allow}); result.Err != nil {
			t.Fatal(result.Err)
		}
		planned := b.Plan(t, reconcile.PlanOptions{})
		var shown []string
		for _, change := range planned.Products[0].Changes {
			shown = append(shown, fmt.Sprint(change.Path, " ", change.Action, " ", string(change.After), " ", change.Guards))
		}
		want := []string{
			`availability.discoverability report "DEEPLINK_ONLY" [visibility-change]`,
			`listings.de-de.whatsNew report "Jetzt noch schneller." []`,
		}
		if !slices.Equal(want, shown) {
			t.Errorf("the plan shows %q, want %q", shown, want)
		}
		wantError(t, apply(t, b, reconcile.PlanOptions{}).Err, plan.ClassRefused, "visibility-change")
		if result := apply(t, b, reconcile.PlanOptions{Allow: allow}); result.Err != nil || result.Outcome != reconcile.Published {
			t.Errorf("allowed: %s, %v", result.Outcome, result.Err)
		}
		b.MustBeInSync(t)
	})
}

func TestAFailedCertificationDoesNotTurnGreen(t *testing.T) {
	for _, goal := range []reconcile.Goal{reconcile.GoalPublished, reconcile.GoalSubmitted} {
		t.Run(string(goal), func(t *testing.T) {
			scenario(t, `"outcomes": ["FAILED"]`, func(t *testing.T, b *backendtest.Bench) {
				b.Write(t, backendtest.ReaderManifest(german))
				b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: goal})
				b.Emulator.Settle()
				result := apply(t, b, reconcile.PlanOptions{})
				wantError(t, result.Err, plan.ClassError, "ended with FAILED, so customers do not have it")
				wantError(t, result.Err, plan.ClassError, "apply --submit")
				if result := apply(t, b, reconcile.PlanOptions{Submit: true}); result.Err != nil || result.Outcome != reconcile.Published {
					t.Errorf("--submit: %s, %v", result.Outcome, result.Err)
				}
				if result := apply(t, b, reconcile.PlanOptions{}); result.Err != nil || result.Outcome != reconcile.Unchanged {
					t.Errorf("after that: %s, %v", result.Outcome, result.Err)
				}
			})
		})
	}
}

func TestAPackageUnderAnotherKeyIsNoForeignEdit(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		one := func(key string) string {
			return "  packages:\n    " + key + ": {packageUrl: \"https://dl.contoso.example/2.0/x64.exe\", packageType: exe, architecture: X64, languages: [en], isSilentInstall: true}\n"
		}
		edit(t, b, `{"packages": [{"packageUrl": "https://dl.contoso.example/1.0/x64.exe", "languages": ["en"], "architectures": ["X64"], "isSilentInstall": true, "packageType": "exe", "genericDocUrl": "https://contoso.example/doc"}]}`)
		b.Write(t, backendtest.ReaderManifest(german+one("x64")))
		b.MustApply(t)
		b.Write(t, backendtest.ReaderManifest(germaner+one("desktop")))
		if result := apply(t, b, reconcile.PlanOptions{}); result.Err != nil {
			t.Error(result.Err)
		}
		b.MustBeInSync(t)
	})
}

func TestMarketsAreNeverTakenForEqual(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  availability: {markets: [US, DE]}\n"))
		before(b, "verify.metadata", func() { edit(t, b, `{"availability": {"markets": ["US", "DE", "FR"]}}`) })
		for range 2 {
			result := apply(t, b, reconcile.PlanOptions{Allow: backendtest.AllowAll()})
			wantError(t, result.Err, plan.ClassError, "Nothing was submitted.")
		}
	})
}

func TestEditOfSomebodyElseWhileWritingStopsTheSubmission(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		before(b, "verify.metadata", func() { edit(t, b, `{"listings": [{"language": "de-de", "description": "Halb fertig."}]}`) })
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassError, "listings.de-de.description")
	})
}

// before runs something once, right before an operation starts.
func before(b *backendtest.Bench, operation string, run func()) {
	b.OnEvent = func(event reconcile.Event) {
		if started, ok := event.(reconcile.OperationStarted); ok && started.Operation.ID == operation {
			run()
		}
	}
}

func TestStalePlanIsRefused(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		engine := b.Engine(t)
		proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		edit(t, b, `{"listings": [{"language": "de-de", "description": "Anders."}]}`)
		b.Emulator.ForgetRequests()
		report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{Recheck: true})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, report.Products[0].Err, plan.ClassRefused, `MsiExeApp/contoso-reader: the plan is stale: the Store moved at listings.de-de.description since it was made
  Nothing was changed. Plan again and look at what is different.`)
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("a stale plan wrote %+v", writes)
		}
	})
}

func TestChangedFileIsRefused(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png]}\n"))
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
		engine := b.Engine(t)
		proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 2)})
		b.Emulator.ForgetRequests()
		report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, report.Products[0].Err, plan.ClassRefused, "MsiExeApp/contoso-reader: 1.png changed since the plan was made")
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("wrote %+v", writes)
		}
	})
}

func TestSecondApplyAtTheSameTimeIsRefused(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		unlock, err := b.Records.Lock(t.Context(), record.Key{Endpoint: "https://store.contoso.example", Account: "12345", Product: backendtest.ReaderID})
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, "another storesync is applying to product "+backendtest.ReaderID+" right now")
	})
}

func TestInterruptedSubmissionInDoubtIsNotRepeatedAfterALongTime(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		whole := b.Records
		b.Records = dies{whole}
		if result := apply(t, b, reconcile.PlanOptions{}); result.Err == nil {
			t.Fatal("the apply should have died while submitting")
		}
		b.Records = whole
		time.Sleep(48 * time.Hour) // the submission has ended long ago
		b.Emulator.ForgetRequests()
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassRefused, "whether that one reached the Store and has ended cannot be read any more")
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("wrote %+v", writes)
		}
		if result := apply(t, b, reconcile.PlanOptions{Submit: true}); result.Err != nil || result.Outcome != reconcile.Published {
			t.Errorf("--submit: %s, %v", result.Outcome, result.Err)
		}
		b.MustBeInSync(t)
	})
}

func TestCertificationFailureIsSaid(t *testing.T) {
	scenario(t, `"outcomes": ["FAILED"]`, func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassError, "ended with FAILED")
		wantError(t, result.Err, plan.ClassError, "The certification report is in Partner Center")
	})
}

func TestGuardsOfOneProduct(t *testing.T) {
	cases := []struct {
		guard plan.Guard
		live  string // portal edit
		spec  string
	}{
		{plan.GuardRemoveLanguage, "", "  removeUnlistedLanguages: true\n" + german},
		{plan.GuardRemoveMarket, `{"availability": {"markets": ["US", "FR"]}}`, "  availability: {markets: [US]}\n"},
		{plan.GuardPriceChange, "", "  availability: {pricing: FREEMIUM}\n"},
		{plan.GuardVisibilityChange, "", "  availability: {discoverability: DEEPLINK_ONLY}\n"},
		{plan.GuardDropArchitecture, "", "  packages:\n    arm: {packageUrl: \"https://dl.contoso.example/2.0/arm.exe\", packageType: exe, architecture: Arm64, languages: [en], isSilentInstall: true}\n"},
	}
	for _, c := range cases {
		t.Run(string(c.guard), func(t *testing.T) {
			scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
				if c.live != "" {
					edit(t, b, c.live)
				}
				b.Write(t, backendtest.ReaderManifest(c.spec))
				b.Emulator.ForgetRequests()
				result := apply(t, b, reconcile.PlanOptions{})
				wantError(t, result.Err, plan.ClassRefused, string(c.guard)+": "+c.guard.Protects())
				wantError(t, result.Err, plan.ClassRefused, "--allow "+string(c.guard)+"=MsiExeApp/contoso-reader")
				if writes := b.Writes(); len(writes) > 0 {
					t.Errorf("wrote %+v", writes)
				}
				if plan := b.Plan(t, reconcile.PlanOptions{}); plan.Applyable {
					t.Error("a plan that a guard blocks says it is applyable")
				}
				b.MustApply(t)
				b.MustBeInSync(t)
			})
		})
	}
}

// dies is a record store whose process is killed once a submission was sent:
// nothing is noted after its start.
type dies struct{ record.Store }

func (d dies) Append(ctx context.Context, key record.Key, entry record.Entry) error {
	if entry.Verb == plan.VerbSubmit && entry.Phase == record.PhaseEnd {
		return errors.New("killed")
	}
	return d.Store.Append(ctx, key, entry)
}
