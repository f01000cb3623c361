package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

func TestAMissingProductIsMade(t *testing.T) {
	for _, withDraft := range []bool{false, true} {
		t.Run(fmt.Sprint("draft with product ", withDraft), func(t *testing.T) {
			b := newShelf(t, &memory{draftWithProduct: withDraft}, addOn("pro", "", hidden))
			p := b.one(t, reconcile.PlanOptions{})
			if d := cmp.Diff([]string{"product.create", "create", "put", "verify", "commit"}, idsOf(p)); d != "" {
				t.Errorf("operations (-want +got):\n%s", d)
			}
			if p.ID != "" || len(p.Changes) != 1 || p.Changes[0].Action != plan.ActionCreate || p.Revision == "" || !p.Applyable || !p.Complete {
				t.Errorf("plan: %+v", p)
			}
			result := b.mustApply(t, reconcile.Published)
			if result.Submission == nil || result.Submission.ID != "PRO-draft-1" {
				t.Errorf("submission %+v", result.Submission)
			}
			b.mustBeInSync(t)
			if p := b.one(t, reconcile.PlanOptions{}); p.ID != "PRO" {
				t.Errorf("the plan has the id %q", p.ID)
			}
			statuses, err := b.engine().Status(t.Context(), b.load(t))
			if err != nil || statuses[0].Err != nil || statuses[0].ID != "PRO" {
				t.Errorf("status %+v, %v", statuses, err)
			}
		})
	}
}

func TestStatusOfAMissingProduct(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden))
	statuses, err := b.engine().Status(t.Context(), b.load(t))
	if err != nil || statuses[0].Err != nil || statuses[0].ID != "" || !statuses[0].Missing {
		t.Errorf("status %+v, %v", statuses, err)
	}
}

// TestWhatTheStoreFillsInIsNobodysEdit: the record knows the whole product that
// was made, not what the manifest wrote of it alone.
func TestWhatTheStoreFillsInIsNobodysEdit(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden))
	b.mustApply(t, reconcile.Published)
	published := b.record(t, storeID+"/pro").Published
	if _, known := published.Marks[storeFilled]; !known {
		t.Errorf("the record lacks what the Store filled in: %v", published.Marks)
	}
	b.write(t, addOn("pro", "", visible))
	allowed := reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": {plan.GuardVisibilityChange}}}
	draft := allowed
	draft.Draft = true
	if result := b.apply(t, draft, reconcile.ApplyOptions{})[0]; result.Err != nil || result.Outcome != reconcile.Drafted {
		t.Fatalf("--draft: %s, %v", result.Outcome, result.Err)
	}
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
	b.mustBeInSync(t)
}

func TestAPristineDraftIsTakenWithoutAGuard(t *testing.T) {
	for _, touched := range []bool{false, true} {
		t.Run(fmt.Sprint("touched ", touched), func(t *testing.T) {
			p := &memoryProduct{id: "PRO"}
			p.makeDraft()
			p.touched = touched
			b := newShelf(t, &memory{products: map[string]*memoryProduct{"pro": p}}, addOn("pro", "", hidden))
			if !touched {
				b.mustApply(t, reconcile.Published)
				return
			}
			result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
			wantError(t, result.Err, plan.ClassRefused, "foreign-edits")
			if p := b.one(t, reconcile.PlanOptions{}); !slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
				return strings.Contains(c.Reason, "draft PRO-draft-1 is not in this record")
			}) {
				t.Errorf("changes %+v", p.Changes)
			}
		})
	}
}

// mortal is a record store that dies after a number of durable writes.
type mortal struct {
	record.Store
	left int
}

var errMortal = errors.New("the process died here")

func (m *mortal) Save(ctx context.Context, record *record.Record) error {
	if m.left--; m.left < 0 {
		return errMortal
	}
	return m.Store.Save(ctx, record)
}

func (m *mortal) Append(ctx context.Context, key record.Key, entry record.Entry) error {
	if m.left--; m.left < 0 {
		return errMortal
	}
	return m.Store.Append(ctx, key, entry)
}

// TestMakingAProductKilledAnywhereConverges: no guard has to be allowed for
// finishing what an apply of ours began.
func TestMakingAProductKilledAnywhereConverges(t *testing.T) {
	for _, withDraft := range []bool{false, true} {
		died := true
		for i := 0; died; i++ {
			t.Run(fmt.Sprintf("draft with product %t, write %d", withDraft, i), func(t *testing.T) {
				b := newShelf(t, &memory{draftWithProduct: withDraft}, addOn("pro", "", hidden))
				whole := b.Records
				dying := &mortal{Store: whole, left: i}
				b.Records = dying
				b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
				died = dying.left < 0
				b.Records = whole
				result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})[0]
				if result.Err != nil {
					t.Fatal(result.Err)
				}
				b.mustBeInSync(t)
				made := slices.DeleteFunc(slices.Clone(b.store.sent), func(line string) bool { return line != "pro product.create" })
				if len(made) != 1 || b.store.products["pro"].commits != 1 {
					t.Errorf("made %d times, submitted %d times: %v", len(made), b.store.products["pro"].commits, b.store.sent)
				}
			})
		}
	}
}

// mortalAfter is a record store whose process dies when an operation has been
// carried out, before that is noted.
type mortalAfter struct {
	record.Store
	operation string
}

func (m mortalAfter) Append(ctx context.Context, key record.Key, entry record.Entry) error {
	if entry.Operation == m.operation && entry.Phase == record.PhaseEnd {
		return errMortal
	}
	return m.Store.Append(ctx, key, entry)
}

// TestMakingAProductKilledTwiceConverges: the draft that came with the product
// is ours from the first write on.
func TestMakingAProductKilledTwiceConverges(t *testing.T) {
	b := newShelf(t, &memory{draftWithProduct: true}, addOn("pro", "", hidden))
	whole := b.Records
	for _, operation := range []string{"product.create", "put"} {
		b.Records = mortalAfter{whole, operation}
		if result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]; result.Err == nil {
			t.Fatalf("the apply should have died after %s", operation)
		}
	}
	b.Records = whole
	if result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})[0]; result.Err != nil {
		t.Fatal(result.Err)
	}
	b.mustBeInSync(t)
}

func TestWhatIsInANewProductsDraftIsShown(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden+"  lifetime: Forever\n"))
	b.store.fail = map[string]error{"pro commit": errors.New("500")}
	if result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]; result.Err == nil {
		t.Fatal("the commit should have failed")
	}
	b.store.fail = nil
	p := b.one(t, reconcile.PlanOptions{})
	if len(p.Changes) != 1 || p.Changes[0].Action != plan.ActionReport || !strings.Contains(p.Changes[0].Reason, "an earlier apply wrote this") {
		t.Errorf("changes %+v", p.Changes)
	}
	b.mustApply(t, reconcile.Published)
}

func TestAProductThatSomebodyMadeMeanwhileIsRefused(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden))
	proposal := b.propose(t, reconcile.PlanOptions{})
	b.store.products["pro"] = &memoryProduct{id: "PRO"} // with nothing in it
	if now := b.one(t, reconcile.PlanOptions{}); now.Revision == proposal.Plan.Products[0].Revision {
		t.Error("a product with nothing in it has the revision of one that does not exist")
	}
	report, err := b.engine().Apply(t.Context(), proposal, reconcile.ApplyOptions{Recheck: true})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, report.Products[0].Err, plan.ClassRefused, "the plan is stale: somebody made the product since it was made")
	if len(b.store.sent) > 0 {
		t.Errorf("sent %v", b.store.sent)
	}
}

func TestAProductThatIsGoneIsMadeAnew(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden))
	b.mustApply(t, reconcile.Published)
	proposal := b.propose(t, reconcile.PlanOptions{Submit: true})
	delete(b.store.products, "pro")
	before := b.store.awaited
	if err := b.engine().AwaitIdle(t.Context(), b.load(t), time.Minute); err != nil || b.store.awaited > before {
		t.Errorf("waited %d times for a product that is gone, %v", b.store.awaited-before, err)
	}
	statuses, err := b.engine().Status(t.Context(), b.load(t))
	if err != nil || statuses[0].Err != nil || statuses[0].Last != nil || statuses[0].ID != "" {
		t.Errorf("status %+v, %v", statuses, err)
	}
	report, err := b.engine().Apply(t.Context(), proposal, reconcile.ApplyOptions{Recheck: true})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, report.Products[0].Err, plan.ClassRefused, "the plan is stale: the product was deleted since it was made")

	if p := b.one(t, reconcile.PlanOptions{}); p.Verdict != plan.VerdictMissing || p.ID != "" {
		t.Errorf("id %q, %s", p.ID, p.Verdict)
	}
	b.mustApply(t, reconcile.Published)
	if record := b.record(t, storeID+"/pro"); len(record.Submissions) != 1 {
		t.Errorf("the record still has what was submitted of the product that is gone: %+v", record.Submissions)
	}
	b.mustBeInSync(t)
}

func TestTwoManifestsOfOneProductAreRefused(t *testing.T) {
	pinned := addOn("gold", "", hidden+"  id: PRO\n")
	b := newShelf(t, &memory{products: map[string]*memoryProduct{"pro": {id: "PRO", live: plan.State{}}}},
		addOn("pro", "", hidden), pinned, addOn("other", "", hidden))
	results := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
	wantError(t, resultOf(t, results, "AddOn/pro").Err, plan.ClassError, "AddOn/pro: it is the same product of the Store as AddOn/gold (PRO)")
	wantError(t, resultOf(t, results, "AddOn/gold").Err, plan.ClassError, "AddOn/gold: it is the same product of the Store as AddOn/pro (PRO)")
	if other := resultOf(t, results, "AddOn/other"); other.Err != nil {
		t.Errorf("the other one: %v", other.Err)
	}
	plan := b.propose(t, reconcile.PlanOptions{}).Plan
	if !plan.Errored || plan.Products[0].Error == "" || len(plan.Products[0].Operations) > 0 || plan.Products[0].Applyable {
		t.Errorf("plan: %+v", plan.Products[0])
	}
}

func TestFirstDraftOfSomethingNeverPublished(t *testing.T) {
	pending := func(ours, editable bool) *memory {
		return &memory{products: map[string]*memoryProduct{"pro": {id: "PRO", pending: &reconcile.PendingDraft{
			ID: "7", Ours: ours, Editable: editable, State: plan.State{"tag": plan.StringValue("theirs")}}}}}
	}
	t.Run("somebody else's is kept", func(t *testing.T) {
		b := newShelf(t, pending(false, true), addOn("pro", "", hidden))
		allow := map[string][]plan.Guard{"": plan.Guards()}
		result := b.apply(t, reconcile.PlanOptions{Allow: allow}, reconcile.ApplyOptions{})[0]
		wantError(t, result.Err, plan.ClassRefused, "draft 7 is the first one of a product that was never published")
		if len(b.store.sent) > 0 {
			t.Errorf("sent %v", b.store.sent)
		}
	})
	t.Run("ours of no use any more is replaced", func(t *testing.T) {
		b := newShelf(t, pending(true, false), addOn("pro", "", hidden))
		if p := b.one(t, reconcile.PlanOptions{}); !p.Applyable || !noticed(p, "is replaced") {
			t.Errorf("notices %v", p.Notices)
		}
	})
	t.Run("discard keeps it", func(t *testing.T) {
		p := &memoryProduct{id: "PRO"}
		p.makeDraft()
		b := newShelf(t, &memory{products: map[string]*memoryProduct{"pro": p}}, addOn("pro", "", hidden))
		planned, err := b.engine().Discard(t.Context(), b.load(t).Manifests[0], func(context.Context, *reconcile.DiscardPlan) error { return nil })
		wantError(t, err, plan.ClassRefused, "it is the first one")
		if planned.ID != "PRO" || p.draft == nil {
			t.Errorf("plan %+v", planned)
		}
	})
}
