package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// die applies until an operation has been carried out, and dies before it is
// noted.
func (b *shelf) die(t *testing.T, operation string, options reconcile.PlanOptions) {
	t.Helper()
	whole := b.Records
	b.Records = mortalAfter{whole, operation}
	result := b.apply(t, options, reconcile.ApplyOptions{})[0]
	b.Records = whole
	if result.Err == nil {
		t.Fatalf("the apply should have died after %s", operation)
	}
}

// reports are the reported paths of a plan, with their values and guards.
func reports(p plan.Product) []string {
	var lines []string
	for _, c := range p.Changes {
		if c.Action == plan.ActionReport {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %v", c.Path, c.After, c.Guards)))
		}
	}
	slices.Sort(lines)
	return lines
}

func (p *memoryProduct) edit(path plan.Path, value string) {
	p.draft[path], p.touched = plan.StringValue(value), true
}

// TestAnEditOfAFirstDraftAfterAKillIsGuarded: what the Store filled in and what
// we wrote is nobody's edit; all else is somebody's.
func TestAnEditOfAFirstDraftAfterAKillIsGuarded(t *testing.T) {
	cases := []struct {
		operation string
		unread    bool
		want      []string
	}{
		{"product.create", false, []string{"draft  [foreign-edits]", `filled "theirs" [foreign-edits]`, `tag "theirs" [foreign-edits]`}},
		{"create", false, []string{`filled "theirs" [foreign-edits]`, `tag "theirs" [foreign-edits]`}},
		{"create", true, []string{`filled "theirs" [foreign-edits]`, `tag "theirs" [foreign-edits]`}},
		{"put", false, []string{`filled "theirs" [foreign-edits]`, `tag "theirs" [foreign-edits]`, `visibility "Hidden" []`}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.operation, ", unread ", c.unread), func(t *testing.T) {
			b := newShelf(t, &memory{draftWithProduct: true}, addOn("pro", "", hidden))
			b.die(t, c.operation, reconcile.PlanOptions{})
			if c.operation == "create" {
				// Making the product made the draft; it was found, and nothing was sent.
				record := b.record(t, storeID+"/pro")
				if record.Draft.Filled[storeFilled] == "" {
					t.Fatalf("what the Store filled in is not noted: %+v", record.Draft)
				}
				if c.unread {
					record.Draft.Filled = nil
					if err := b.Records.Save(t.Context(), record); err != nil {
						t.Fatal(err)
					}
				}
			}
			b.store.products["pro"].edit("tag", "theirs")
			b.store.products["pro"].edit(storeFilled, "theirs")
			if d := cmp.Diff(c.want, reports(b.one(t, reconcile.PlanOptions{}))); d != "" {
				t.Errorf("reports (-want +got):\n%s", d)
			}
			result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
			wantError(t, result.Err, plan.ClassRefused, "foreign-edits")
			// A draft that goes on being written keeps what is somebody else's.
			if result := b.apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{})[0]; result.Err != nil {
				t.Fatal(result.Err)
			}
			result = b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
			wantError(t, result.Err, plan.ClassRefused, "(filled, tag)")
			b.mustApply(t, reconcile.Published, plan.GuardForeignEdits)
		})
	}
}

// onSale is an add-on that customers can see.
func onSale() *memory {
	return &memory{products: map[string]*memoryProduct{"pro": {id: "PRO", live: plan.State{"visibility": plan.StringValue("Public")}}}}
}

func allowing(guards ...plan.Guard) reconcile.PlanOptions {
	return reconcile.PlanOptions{Allow: map[string][]plan.Guard{"": guards}}
}

// TestWhatTheManifestDropsIsStillShown: our own draft holds it, so that it goes
// live, with the guards that it trips, and it is nobody else's edit.
func TestWhatTheManifestDropsIsStillShown(t *testing.T) {
	drafting := allowing(plan.GuardVisibilityChange)
	drafting.Draft = true
	unguarded := func(t *testing.T, b *shelf) {
		b.apply(t, drafting, reconcile.ApplyOptions{})
		record := b.record(t, storeID+"/pro")
		for i := range record.Writes {
			record.Writes[i].Guards = nil
		}
		if err := b.Records.Save(t.Context(), record); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name  string
		store *memory
		write func(t *testing.T, b *shelf)
		want  []string
	}{
		{"live, drafted, guards not noted", onSale(), unguarded, []string{`visibility "Hidden" [visibility-change]`}},
		{"new, killed", &memory{}, func(t *testing.T, b *shelf) { b.die(t, "put", reconcile.PlanOptions{}) }, []string{`visibility "Hidden" []`}},
		{"new, drafted", &memory{}, func(t *testing.T, b *shelf) { b.apply(t, drafting, reconcile.ApplyOptions{}) }, []string{`visibility "Hidden" []`}},
		{"live, killed", onSale(), func(t *testing.T, b *shelf) { b.die(t, "put", allowing(plan.GuardVisibilityChange)) }, []string{`visibility "Hidden" [visibility-change]`}},
		{"live, drafted", onSale(), func(t *testing.T, b *shelf) { b.apply(t, drafting, reconcile.ApplyOptions{}) }, []string{`visibility "Hidden" [visibility-change]`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newShelf(t, c.store, addOn("pro", "", hidden))
			c.write(t, b)
			b.write(t, addOn("pro", "", ""))
			p := b.one(t, reconcile.PlanOptions{})
			if d := cmp.Diff(c.want, reports(p)); d != "" {
				t.Errorf("reports (-want +got):\n%s", d)
			}
			if len(p.Changes) == 0 || !strings.Contains(p.Changes[0].Reason, "the manifest does not say it any more") {
				t.Errorf("changes %+v", p.Changes)
			}
			if len(p.Blocked) > 0 {
				result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
				wantError(t, result.Err, plan.ClassRefused, "visibility-change")
			}
			b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
		})
	}
}

// TestAGroupUnderAnotherKeyIsNoForeignEdit: what we wrote stands under a key
// that only the manifest knew.
func TestAGroupUnderAnotherKeyIsNoForeignEdit(t *testing.T) {
	const old, known, now = "packages.x64.fileName", "packages.x64.version", "packages.file-a.fileName"
	for _, file := range []string{"a.msix", "theirs.msix"} {
		t.Run(file, func(t *testing.T) {
			store := onSale()
			store.products["pro"].live[old] = plan.StringValue("before.msix")
			store.products["pro"].live[known] = plan.StringValue("1.0")
			b := newShelf(t, store, addOn("pro", "", hidden))
			drafting := allowing(plan.GuardVisibilityChange)
			drafting.Draft = true
			b.apply(t, drafting, reconcile.ApplyOptions{})
			record := b.record(t, storeID+"/pro")
			for i := range record.Writes {
				if sent := record.Writes[i].Sent; sent != nil && file == "a.msix" {
					sent["packages.before%2Emsix"] = plan.MarkNone
					sent["packages.a%2Emsix.fileName"] = plan.MarkOf(plan.StringValue("a.msix"))
				}
			}
			if err := b.Records.Save(t.Context(), record); err != nil {
				t.Fatal(err)
			}
			draft := store.products["pro"].draft
			delete(draft, old)
			delete(draft, known)
			draft[now] = plan.StringValue(file)
			want := []string{`packages.file-a.fileName "a.msix" []`, `packages.x64.fileName  []`, `visibility "Hidden" [visibility-change]`}
			if file != "a.msix" {
				want = []string{`packages.file-a.fileName "theirs.msix" [foreign-edits]`, `packages.x64.fileName  [foreign-edits]`,
					`visibility "Hidden" [visibility-change]`}
			}
			if d := cmp.Diff(want, reports(b.one(t, reconcile.PlanOptions{}))); d != "" {
				t.Errorf("reports (-want +got):\n%s", d)
			}
		})
	}
}

func TestWhatWeReplaceOurselvesDidNotChangeAtTheStore(t *testing.T) {
	b := newShelf(t, onSale(), addOn("pro", "", hidden))
	b.mustApply(t, reconcile.Published, plan.GuardVisibilityChange)
	b.write(t, addOn("pro", "", visible))
	drafting := allowing(plan.GuardVisibilityChange)
	drafting.Draft = true
	b.apply(t, drafting, reconcile.ApplyOptions{})
	b.write(t, addOn("pro", "", "  visibility: Private\n"))
	p := b.one(t, reconcile.PlanOptions{})
	if len(p.Changes) != 1 || p.Changes[0].Reason != "" || p.Changes[0].Origin != plan.OriginManifest {
		t.Errorf("changes %+v", p.Changes)
	}
	b.store.products["pro"].edit("visibility", "Theirs")
	if p := b.one(t, reconcile.PlanOptions{}); len(p.Changes) != 1 || p.Changes[0].Origin != plan.OriginBoth {
		t.Errorf("somebody's: changes %+v", p.Changes)
	}
}

func TestAFailedFirstSubmissionIsNotInSync(t *testing.T) {
	b := newShelf(t, &memory{failing: true}, addOn("pro", "", hidden))
	result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})[0]
	wantError(t, result.Err, plan.ClassError, "It is the first one of the product, in whose place the API can put no other")
	wantError(t, result.Err, plan.ClassError, "--allow delete-add-on")
	for _, options := range []reconcile.PlanOptions{{}, {Submit: true}, allowing(plan.Guards()...)} {
		planned := b.propose(t, options).Plan
		if p := planned.Products[0]; p.Verdict != plan.VerdictSubmissionFailed || len(p.Operations) > 0 || !noticed(p, "its certification failed, and it is the first one") {
			t.Errorf("%+v: %s, operations %v, notices %v", options, p.Verdict, idsOf(p), p.Notices)
		}
		result := b.apply(t, options, reconcile.ApplyOptions{})[0]
		wantError(t, result.Err, plan.ClassRefused, "its certification failed, and it is the first one")
	}
	if drift := b.propose(t, reconcile.PlanOptions{Compare: true}).Plan.Drift(); drift.InSync {
		t.Error("drift says that it is in sync")
	}
}

// TestACompleteFirstDraftIsSubmitted: equal to the manifest, and published to
// nobody.
func TestACompleteFirstDraftIsSubmitted(t *testing.T) {
	p := &memoryProduct{id: "PRO"}
	p.makeDraft()
	p.edit("visibility", "Hidden")
	p.edit("tag", "theirs")
	p.edit("nothing", "")
	p.draft["secret"] = plan.Value{Type: plan.Text, JSON: []byte(`"of theirs"`), Sensitive: true}
	for i := range 20 {
		p.edit(plan.Path(fmt.Sprintf("markets.m%02d", i)), "Tier20")
	}
	b := newShelf(t, &memory{products: map[string]*memoryProduct{"pro": p}}, addOn("pro", "", hidden))
	planned := b.propose(t, reconcile.PlanOptions{Compare: true}).Plan
	if !noticed(planned.Products[0], "Not published yet") || planned.Drift().InSync {
		t.Errorf("notices %v, in sync %t", planned.Products[0].Notices, planned.Drift().InSync)
	}
	for _, line := range []string{`tag "theirs" [foreign-edits]`, `secret "(sensitive)" [foreign-edits]`, `draft  [foreign-edits]`} {
		if !slices.Contains(reports(planned.Products[0]), line) {
			t.Errorf("no report %q in %q", line, reports(planned.Products[0]))
		}
	}
	if len(planned.Products[0].Changes) != 24 {
		t.Errorf("%d reports, want the draft, what the Store filled in, and 22 of theirs: %q", len(planned.Products[0].Changes), reports(planned.Products[0]))
	}
	result := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})[0]
	wantError(t, result.Err, plan.ClassRefused, "(draft, filled, markets.m00, markets.m01, markets.m02, markets.m03, markets.m04, markets.m05, markets.m06, markets.m07 and 14 more)")
	if p := b.one(t, reconcile.PlanOptions{Draft: true}); len(p.Operations) > 0 {
		t.Errorf("--draft: operations %v", idsOf(p))
	}
	b.mustApply(t, reconcile.Published, plan.GuardForeignEdits)
	b.mustBeInSync(t)
}

func TestWhatDependsOnSomethingUnplannedIsHeld(t *testing.T) {
	b := suite(t)
	b.store.fail = map[string]error{"notes observe": &plan.Failure{Class: plan.ClassCredentials, Err: errors.New("403")}}
	results := b.apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
	for _, address := range []string{"AddOn/pro", "PackageFlight/insiders", "PackageFlight/canary"} {
		result := resultOf(t, results, address)
		wantError(t, result.Err, plan.ClassCredentials, address+": depends on MsixApp/notes, which was not applied")
		if result.Outcome != reconcile.Skipped {
			t.Errorf("%s: %s", address, result.Outcome)
		}
	}
	if len(b.store.sent) > 0 {
		t.Errorf("sent %v", b.store.sent)
	}
	for _, p := range b.propose(t, reconcile.PlanOptions{}).Plan.Products {
		if p.Error == "" && !noticed(p, "Depends on MsixApp/notes, which could not be planned") {
			t.Errorf("%s: notices %v", p.Address, p.Notices)
		}
	}
}
