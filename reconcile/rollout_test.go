package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// rollingOut is a Store whose app is published and being rolled out to 20 %.
func rollingOut() *memory {
	return &memory{products: map[string]*memoryProduct{"notes": {id: storeID, rollout: "20", live: plan.State{
		"visibility": plan.StringValue("Public")}}}}
}

func TestStepsOfARollout(t *testing.T) {
	public := "  visibility: Public\n"
	cases := []struct {
		name, spec string
		allow      []plan.Guard
		// operations are what is planned and, unless it is blocked, sent.
		operations []string
		outcome    reconcile.Outcome
		class      plan.Class
		phrase     string
	}{
		{"nothing to do", public, nil, nil, reconcile.Unchanged, "", ""},
		{"as it is", public + "  rollout: {percentage: 20}\n", nil, nil, reconcile.Unchanged, "", ""},
		{"a step", public + "  rollout: {percentage: 50}\n", nil, []string{"rollout.percentage"}, reconcile.Applied, "", ""},
		{"finalize", public + "  rollout: {finalized: true}\n", nil, []string{"rollout.finalized"}, reconcile.Applied, "", ""},
		{"halt", public + "  rollout: {halted: true}\n", []plan.Guard{plan.GuardHaltRollout}, []string{"rollout.halted"}, reconcile.Applied, "", ""},
		{"halt is guarded", public + "  rollout: {halted: true}\n", nil, nil, reconcile.Refused, plan.ClassRefused,
			"halt-rollout: " + plan.GuardHaltRollout.Protects()},
		{"something else", "  visibility: Hidden\n", []plan.Guard{plan.GuardVisibilityChange}, nil, reconcile.Blocked, plan.ClassPending,
			"MsixApp/notes: the packages of submission " + storeID + "-live are being rolled out (PackageRolloutInProgress); the Store takes no other changes until the rollout is finalized or halted\n" +
				"  Write `rollout: {finalized: true}` into the manifest, and everybody gets these packages; or `rollout: {halted: true}`, and nobody more gets them " +
				"(--allow halt-rollout=MsixApp/notes); or end it in Partner Center. Then run apply again. A rollout never ends by itself"},
		// The guard of what has to wait is not asked for yet, and a step that was
		// taken is a success.
		{"a step and something else", "  visibility: Hidden\n  rollout: {percentage: 50}\n", nil, []string{"rollout.percentage"}, reconcile.Applied, "",
			"What else the manifest says waits until the rollout of submission " + storeID + "-live has ended"},
		{"finalize and something else", "  visibility: Hidden\n  rollout: {finalized: true}\n", nil, []string{"rollout.finalized"}, reconcile.Applied, "",
			"was ended. What else the manifest says is not applied yet: run apply again"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newShelf(t, rollingOut(), app("notes", storeID, c.spec))
			options := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": c.allow}}
			plan := b.propose(t, options).Plan
			if p := plan.Products[0]; p.Applyable != (len(c.operations) > 0) || plan.Summary.Submissions > 0 && p.Applyable {
				t.Errorf("applyable %t, summary %+v", p.Applyable, plan.Summary)
			}
			result := b.apply(t, options, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})[0]
			if result.Outcome != c.outcome {
				t.Errorf("outcome %s, %v", result.Outcome, result.Err)
			}
			if d := cmp.Diff(c.operations, result.Operations); d != "" {
				t.Errorf("carried out (-want +got):\n%s", d)
			}
			if len(b.store.sent) != len(c.operations) || b.store.awaited > 0 {
				t.Errorf("sent %v, awaited %d times", b.store.sent, b.store.awaited)
			}
			switch {
			case c.class != "":
				wantError(t, result.Err, c.class, c.phrase)
				return
			case c.phrase != "":
				if result.Err != nil || !strings.Contains(result.Left, c.phrase) {
					t.Errorf("left for later: %q, %v; want %q", result.Left, result.Err, c.phrase)
				}
				return
			}
			if result.Err != nil || result.Verified != reconcile.VerifiedInSync {
				t.Errorf("%s, %v", result.Verified, result.Err)
			}
			b.mustBeInSync(t)
		})
	}
}

func TestAfterTheRolloutHasEndedTheRestIsApplied(t *testing.T) {
	b := newShelf(t, rollingOut(), app("notes", storeID, "  visibility: Hidden\n  rollout: {finalized: true}\n"))
	first := b.propose(t, reconcile.PlanOptions{}).Plan.Products[0]
	if !noticed(first, "only the step of the rollout is done now") {
		t.Errorf("notices %v", first.Notices)
	}
	if result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]; result.Outcome != reconcile.Applied || result.Left == "" {
		t.Fatalf("%s, %v", result.Outcome, result.Err)
	}
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
	b.mustBeInSync(t)
}

func TestAStepIsNoDraft(t *testing.T) {
	b := newShelf(t, rollingOut(), app("notes", storeID, "  rollout: {percentage: 50}\n"))
	result := b.apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{})[0]
	if result.Err != nil || result.Outcome != reconcile.Unchanged || result.Verified != reconcile.VerifiedDiffers || len(b.store.sent) > 0 {
		t.Errorf("%s, %s, %v, sent %v", result.Outcome, result.Verified, result.Err, b.store.sent)
	}
	b.write(t, app("notes", storeID, "  visibility: Hidden\n  rollout: {percentage: 50}\n"))
	result = b.apply(t, reconcile.PlanOptions{Draft: true, Allow: map[string][]plan.Guard{"": plan.Guards()}}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassPending, "the Store takes no other changes")
	if len(b.store.sent) > 0 {
		t.Errorf("sent %v", b.store.sent)
	}
}

func TestWaitingForWhatRunsDoesNotWaitForARollout(t *testing.T) {
	b := newShelf(t, rollingOut(), app("notes", storeID, "  rollout: {percentage: 50}\n"))
	if err := b.engine().AwaitIdle(t.Context(), b.load(t), time.Hour); err != nil || b.store.awaited > 0 {
		t.Errorf("awaited %d times, %v", b.store.awaited, err)
	}
	b.mustApply(t, reconcile.Applied)
}

// TestARecordFollowsTheRollout: what storesync did to the rollout is not taken
// for somebody's edit of what it submitted.
func TestARecordFollowsTheRollout(t *testing.T) {
	store := rollingOut()
	store.products["notes"].rollout = ""
	b := newShelf(t, store, app("notes", storeID, "  visibility: Hidden\n"))
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
	store.products["notes"].rollout = "20"
	percentage := func() plan.Mark { return b.record(t, storeID).Published.Marks["rollout.percentage"] }
	b.write(t, app("notes", storeID, "  visibility: Hidden\n  rollout: {percentage: 50}\n"))
	b.mustApply(t, reconcile.Applied)
	if percentage() == "" {
		t.Error("the record does not know the step")
	}
	submitted := b.record(t, storeID)
	b.write(t, app("notes", storeID, "  visibility: Hidden\n  rollout: {finalized: true}\n"))
	b.mustApply(t, reconcile.Applied)
	if percentage() != "" {
		t.Error("the record still knows a rollout that has ended")
	}
	after := b.record(t, storeID)
	if d := cmp.Diff(submitted.Submissions, after.Submissions); d != "" || after.Draft != nil {
		t.Errorf("a step counts as a submission (-before +after):\n%s\ndraft %+v", d, after.Draft)
	}
}

// TestAnInterruptedStepIsNoSubmissionInDoubt: a rollout that runs is not taken
// for the submission of an interrupted apply.
func TestAnInterruptedStepIsNoSubmissionInDoubt(t *testing.T) {
	b := newShelf(t, rollingOut(), app("notes", storeID, "  rollout: {percentage: 50}\n"))
	whole := b.Records
	b.Records = &mortal{Store: whole, left: 2}
	if result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]; result.Err == nil {
		t.Fatal("the apply should have died")
	}
	b.Records = whole
	result := b.mustApply(t, reconcile.Unchanged)
	if record := b.record(t, storeID); record != nil && len(record.Submissions) > 0 || b.store.awaited > 0 || !strings.HasSuffix(result.Submission.ID, "-live") {
		t.Errorf("record %+v, awaited %d, submission %+v", record, b.store.awaited, result.Submission)
	}
}

func TestARolloutIsNotTakenForASubmissionInDoubt(t *testing.T) {
	for _, own := range []bool{false, true} {
		t.Run(fmt.Sprint("of our own ", own), func(t *testing.T) {
			store := rollingOut()
			notes := store.products["notes"]
			notes.rollout = ""
			b := newShelf(t, store, app("notes", storeID, "  visibility: Hidden\n"))
			whole := b.Records
			b.Records = mortalAfter{whole, "commit"}
			allow := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardVisibilityChange}}}
			if result := b.apply(t, allow, reconcile.ApplyOptions{})[0]; result.Err == nil {
				t.Fatal("the apply should have died while submitting")
			}
			b.Records = whole
			notes.running, notes.rollout = nil, "20"
			if own {
				notes.rolledOut = notes.draftID()
			}
			if p := b.one(t, allow); noticed(p, "was made by the interrupted apply") != own {
				t.Errorf("notices %v", p.Notices)
			}
		})
	}
}

func TestARolloutThatEndedMeanwhileMakesThePlanStale(t *testing.T) {
	b := newShelf(t, rollingOut(), app("notes", storeID, "  rollout: {percentage: 50}\n"))
	proposal := b.propose(t, reconcile.PlanOptions{})
	b.store.products["notes"].rollout = ""
	report, err := b.engine().Apply(t.Context(), proposal, reconcile.ApplyOptions{Recheck: true})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, report.Products[0].Err, plan.ClassRefused, "the plan is stale: the rollout ended since it was made")
}
