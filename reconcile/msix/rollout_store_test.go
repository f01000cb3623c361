package msix_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// rollingKind is a kind of product whose packages can be rolled out.
type rollingKind struct {
	bench    func(testing.TB) *backendtest.Bench
	manifest func(spec string) backendtest.Files
}

func rollingKinds() map[string]rollingKind {
	return map[string]rollingKind{
		"app": {func(t testing.TB) *backendtest.Bench {
			return backendtest.NewBench(t, backendtest.MsixStore(t, "", "en-us"), backendtest.MsixProducts)
		}, backendtest.NotesManifest},
		"flight": {func(t testing.TB) *backendtest.Bench {
			return backendtest.NewFlight(t, `[{"friendlyName": "Insiders", "groupIds": ["1"]}]`)
		}, backendtest.FlightManifest},
	}
}

// rolling is a product whose packages of version 2.0.0.0 are rolled out to 10 %.
type rolling struct {
	*backendtest.Bench
	kind rollingKind
}

const set20, set21 = "  packages: [{file: x64-20.msix}]\n", "  packages: [{file: x64-21.msix}]\n"

func newRolling(t *testing.T, kind rollingKind) rolling {
	t.Helper()
	r := rolling{kind.bench(t), kind}
	r.Write(t, backendtest.Files{
		"x64-10.msix": backendtest.NotesPackage(t, "1.0.0.0", "x64"),
		"x64-20.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "x64-21.msix": backendtest.NotesPackage(t, "2.1.0.0", "x64"),
	})
	// The first set of a product is for everybody.
	r.write(t, "  packages: [{file: x64-10.msix}]\n")
	r.MustApply(t)
	return r
}

func (r rolling) start(t *testing.T) rolling {
	t.Helper()
	r.write(t, set20+"  rollout: {percentage: 10}\n")
	r.MustApply(t)
	return r
}

func (r rolling) write(t *testing.T, spec string) { r.Write(t, r.kind.manifest(spec)) }

func (r rolling) apply(t *testing.T, allow ...plan.Guard) reconcile.ProductResult {
	t.Helper()
	r.Emulator.ForgetRequests()
	return r.Apply(t, reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": allow}}, reconcile.ApplyOptions{}).Products[0]
}

// written are the writes since the last apply, by their last words.
func (r rolling) written() []string {
	var lines []string
	for _, request := range r.Writes() {
		_, after, _ := strings.Cut(request.Path, "/submissions")
		if _, method, step := strings.Cut(strings.TrimPrefix(after, "/"), "/"); step {
			after = method
		}
		lines = append(lines, request.Method+" "+after)
	}
	return lines
}

func (r rolling) notices(t *testing.T) string {
	t.Helper()
	var text []string
	for _, notice := range r.Plan(t, reconcile.PlanOptions{}).Products[0].Notices {
		text = append(text, notice.Text)
	}
	return strings.Join(text, "\n")
}

const (
	raising    = "POST updatepackagerolloutpercentage"
	finalizing = "POST finalizepackagerollout"
	halting    = "POST haltpackagerollout"
)

func (r rolling) mustWrite(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.written()); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
}

func mustBe(t *testing.T, result reconcile.ProductResult, class plan.Class, phrase string) {
	t.Helper()
	failure, ok := errors.AsType[*plan.Failure](result.Err)
	switch {
	case class == "" && result.Err != nil:
		t.Errorf("%v", result.Err)
	case class != "" && (!ok || failure.Class != class || !strings.Contains(result.Err.Error()+" "+failure.Next, phrase)):
		t.Errorf("%#v", result.Err)
	}
}

// each runs a test for each kind of product, in virtual time.
func each(t *testing.T, test func(t *testing.T, r rolling)) {
	for name, kind := range rollingKinds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, newRolling(t, kind)) })
		})
	}
}

// TestRolloutLife: begun, raised, refused to be lowered, finalized, and done with.
func TestRolloutLife(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		r.MustBeInSync(t)

		r.write(t, set20+"  rollout: {percentage: 50}\n")
		mustBe(t, r.apply(t), "", "")
		r.mustWrite(t, raising)
		r.MustBeInSync(t)

		r.write(t, set20+"  rollout: {percentage: 25}\n")
		planned := r.Plan(t, reconcile.PlanOptions{})
		if text := planned.Diagnostics.Error(); !strings.Contains(text, "the rollout is at 50 % and cannot go back to 25 %") || planned.Applyable {
			t.Errorf("lowered: %s", text)
		}

		r.write(t, set20+"  rollout: {percentage: 75}\n  notesForCertification: Hello.\n")
		// The step is taken, and what has to wait is said beside it.
		raised := r.apply(t)
		mustBe(t, raised, "", "")
		if !strings.Contains(raised.Left, "waits until the rollout of submission") {
			t.Errorf("left for later: %q", raised.Left)
		}
		r.mustWrite(t, raising)
		mustBe(t, r.apply(t), plan.ClassPending, "Finalize or halt the rollout first")
		r.mustWrite(t)

		r.write(t, set20+"  rollout: {finalized: true}\n")
		mustBe(t, r.apply(t), "", "")
		r.mustWrite(t, finalizing)
		r.MustBeInSync(t)

		r.write(t, set20+"  rollout: {percentage: 10}\n")
		r.MustBeInSync(t)
		if text := r.notices(t); !strings.Contains(text, "the rollout of the live packages is complete") {
			t.Errorf("notices: %s", text)
		}
	})
}

// TestHaltedRollout: halting is allowed by name, happens once, and what comes
// next is told what it is a copy of.
func TestHaltedRollout(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		r.write(t, set20+"  rollout: {halted: true}\n")
		mustBe(t, r.apply(t), plan.ClassRefused, "halt-rollout")
		r.mustWrite(t)
		mustBe(t, r.apply(t, plan.GuardHaltRollout), "", "")
		r.mustWrite(t, halting)
		r.MustBeInSync(t)
		if text := r.notices(t); !strings.Contains(text, "the next submission is a copy of the halted one") {
			t.Errorf("notices: %s", text)
		}

		r.write(t, set20+"  notesForCertification: Hello.\n")
		if text := r.Plan(t, reconcile.PlanOptions{}).Diagnostics.Error(); !strings.Contains(text, "gives them to all customers") {
			t.Errorf("diagnostics: %s", text)
		}

		// The next set starts a rollout of its own.
		r.write(t, set21+"  rollout: {percentage: 5}\n")
		r.MustApply(t)
		if text := r.Plan(t, reconcile.PlanOptions{}).Products[0].Running; text == nil || !text.Rollout || !strings.Contains(text.Detail[0], "5 %") {
			t.Errorf("running: %+v", text)
		}
	})
}

// TestHaltedPackagesDoNotComeBackByADraft: what customers have counts, whatever
// lies in a draft of our own between it and the manifest.
func TestHaltedPackagesDoNotComeBackByADraft(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		r.write(t, set20+"  rollout: {halted: true}\n")
		mustBe(t, r.apply(t, plan.GuardHaltRollout), "", "")
		r.write(t, set21)
		if err := r.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
			t.Fatal(err)
		}
		r.Emulator.ForgetRequests()
		for _, rollout := range []string{"", "  rollout: {finalized: true}\n", "  rollout: {percentage: 10}\n"} {
			r.write(t, set20+"  notesForCertification: Hello.\n"+rollout)
			report := r.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
			if text := report.Diagnostics.Error(); !strings.Contains(text, "gives them to all customers") || !strings.Contains(text, "Write packages of another version") {
				t.Errorf("%q: %s", rollout, text)
			}
			r.mustWrite(t)
		}
		r.write(t, set21)
		r.MustApply(t)
	})
}

// TestRolloutLeftInOurDraft: one that the manifest writes no more is taken off,
// and the plan says so.
func TestRolloutLeftInOurDraft(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.write(t, set20+"  rollout: {percentage: 10}\n")
		if err := r.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
			t.Fatal(err)
		}
		r.write(t, set20)
		changes := r.Plan(t, reconcile.PlanOptions{}).Products[0].Changes
		i := slices.IndexFunc(changes, func(c plan.Change) bool { return c.Path == "rollout.percentage" })
		if i < 0 || string(changes[i].Before) != "10" || changes[i].Action == plan.ActionReport {
			t.Errorf("changes %+v", changes)
		}
		r.MustApply(t)
		if running := r.Plan(t, reconcile.PlanOptions{}).Products[0].Running; running != nil {
			t.Errorf("it is rolled out: %+v", running)
		}
		r.MustBeInSync(t)
	})
}

// TestNextSetWaitsForTheRunningRollout: its percentage is no step of the running
// rollout, whichever way it differs.
func TestNextSetWaitsForTheRunningRollout(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		for _, rollout := range []string{"", "  rollout: {percentage: 60}\n", "  rollout: {percentage: 5}\n", "  rollout: {finalized: true}\n"} {
			r.write(t, set21+rollout)
			mustBe(t, r.apply(t), plan.ClassPending, "Finalize or halt the rollout first")
			r.mustWrite(t)
		}
	})
}

// TestFinalizedSetHasNoRollout: a new set that is finalized from the start is
// for everybody at once, also after a set that was rolled out.
func TestFinalizedSetHasNoRollout(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		r.write(t, set20+"  rollout: {finalized: true}\n")
		r.MustApply(t)
		r.Emulator.ForgetRequests()
		r.write(t, set21+"  rollout: {finalized: true}\n")
		r.MustApply(t)
		if slices.Contains(r.written(), finalizing) {
			t.Errorf("writes %v", r.written())
		}
		r.MustBeInSync(t)
		if running := r.Plan(t, reconcile.PlanOptions{}).Products[0].Running; running != nil {
			t.Errorf("running: %+v", running)
		}
	})
}

// TestRolloutInOddStores: drafts without a rollout, with that of the live set,
// and a Store that drops the one that is sent.
func TestRolloutInOddStores(t *testing.T) {
	for _, behavior := range []string{`{"omitUnusedRollout": true}`, `{"cloneKeepsRolloutStatus": true}`} {
		each(t, func(t *testing.T, r rolling) {
			if err := r.Emulator.Seed([]byte(`{"behavior": {"msix": `+behavior+`}}`), nil); err != nil {
				t.Fatal(err)
			}
			r.start(t)
			r.MustBeInSync(t)
			if running := r.Plan(t, reconcile.PlanOptions{}).Products[0].Running; running == nil || !strings.Contains(running.Detail[0], "10 %") {
				t.Errorf("%s: running %+v", behavior, running)
			}
			r.write(t, set20+"  rollout: {finalized: true}\n")
			r.MustApply(t)
			r.write(t, set21)
			r.MustApply(t)
			if running := r.Plan(t, reconcile.PlanOptions{}).Products[0].Running; running != nil {
				t.Errorf("%s: a rollout was inherited: %+v", behavior, running)
			}
		})
	}
	each(t, func(t *testing.T, r rolling) {
		if err := r.Emulator.Seed([]byte(`{"behavior": {"msix": {"ignoreRollout": true}}}`), nil); err != nil {
			t.Fatal(err)
		}
		r.write(t, set20+"  rollout: {percentage: 10}\n")
		result := r.apply(t, plan.Guards()...)
		mustBe(t, result, plan.ClassError, "rollout.percentage: sent 10, the Store still has nothing")
		if slices.Contains(r.written(), "POST commit") {
			t.Error("committed all the same")
		}
	})
	// A Store that does not let go of an inherited one.
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		r.write(t, set20+"  rollout: {finalized: true}\n")
		r.MustApply(t)
		if err := r.Emulator.Seed([]byte(`{"behavior": {"msix": {"ignoreRollout": true}}}`), nil); err != nil {
			t.Fatal(err)
		}
		r.write(t, set20+"  notesForCertification: Hello.\n")
		result := r.apply(t)
		mustBe(t, result, plan.ClassError, "rollout.percentage: sent nothing, the Store returned 100")
		if slices.Contains(r.written(), "POST commit") {
			t.Error("committed all the same")
		}
	})
}

// TestRolloutStepWhoseAnswerIsLost: whether it arrived is read from the rollout.
func TestRolloutStepWhoseAnswerIsLost(t *testing.T) {
	for action, posts := range map[string]int{"drop-after": 1, "drop-before": 2} {
		for method, rollout := range map[string]string{raising: "{percentage: 50}", finalizing: "{finalized: true}", halting: "{halted: true}"} {
			each(t, func(t *testing.T, r rolling) {
				r.start(t)
				path := strings.TrimPrefix(method, "POST ")
				if err := r.Emulator.SetFaults([]byte(`[{"match": "^POST .*/` + path + `", "action": "` + action + `"}]`)); err != nil {
					t.Fatal(err)
				}
				r.write(t, set20+"  rollout: "+rollout+"\n")
				mustBe(t, r.apply(t, plan.GuardHaltRollout), "", "")
				r.mustWrite(t, slices.Repeat([]string{method}, posts)...)
				r.MustBeInSync(t)
			})
		}
	}
}

// TestRolloutThatTheStoreRefuses: one code stands for all reasons, so the rollout
// is read, and what to do is said.
func TestRolloutThatTheStoreRefuses(t *testing.T) {
	each(t, func(t *testing.T, r rolling) {
		r.start(t)
		if err := r.Emulator.Seed([]byte(`{"behavior": {"msix": {"rolloutUnsupported": true}}}`), nil); err != nil {
			t.Fatal(err)
		}
		r.write(t, set20+"  rollout: {finalized: true}\n")
		mustBe(t, r.apply(t), plan.ClassError, "do it in Partner Center")
		r.mustWrite(t, finalizing)
	})
}
