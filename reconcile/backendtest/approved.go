package backendtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// approval holds a proposal to a plan that was approved.
type approval func(proposal *reconcile.Proposal, approved *plan.Plan) error

func approvals() map[string]approval {
	expect := func(proposal *reconcile.Proposal, hashes map[string]string) error {
		_, err := proposal.Expect(hashes)
		return err
	}
	return map[string]approval{
		"hash": func(proposal *reconcile.Proposal, approved *plan.Plan) error {
			return expect(proposal, map[string]string{approved.Products[0].Address: approved.Products[0].Hash})
		},
		"whole hash": func(proposal *reconcile.Proposal, approved *plan.Plan) error {
			return expect(proposal, map[string]string{"": approved.Hash})
		},
		"saved plan": func(proposal *reconcile.Proposal, approved *plan.Plan) error {
			return proposal.CheckSaved(approved)
		},
	}
}

// killedWhenApproved: an apply of an approved plan that dies at any of its
// durable writes is finished by the next one with the same approval.
func (f Fixture) killedWhenApproved(t *testing.T) {
	for name, holds := range approvals() {
		for step := f.first(); step < len(f.Steps); step++ {
			for i := step % stride(); ; i += stride() {
				var died bool
				t.Run(fmt.Sprintf("%s step %d write %d", name, step, i), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { died = f.killApprovedAt(t, step, i, holds) })
				})
				if !died {
					break
				}
			}
		}
	}
}

// killApprovedAt reports whether there were so many durable writes.
func (f Fixture) killApprovedAt(t *testing.T, step, i int, holds approval) bool {
	b := f.bench(t, step-1)
	b.Write(t, f.Steps[step](t))
	before := f.Submissions(t, b.Emulator)
	approved := reread(t, b.Plan(t, reconcile.PlanOptions{Allow: AllowAll()}))

	whole := b.Records
	dying := &dyingRecords{Store: whole}
	dying.left.Store(int64(i))
	b.Records = dying
	b.applyApproved(t, approved, holds)
	died := dying.left.Load() < 0
	if i%2 == 1 {
		// What is finished by a second apply may be killed a second time.
		dying.left.Store(int64(i))
		b.applyApproved(t, approved, holds)
	}
	b.Records = whole

	for range 5 {
		err := b.applyApproved(t, approved, holds).Products[0].Err
		if err == nil {
			break
		}
		if plan.ClassOf(err) != plan.ClassPending {
			t.Fatal(err)
		}
		if err := b.engine(t, false).AwaitIdle(t.Context(), b.Load(t), 24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.Submissions(t, b.Emulator) - before; n != 1 {
		t.Errorf("%d submissions in all, want 1", n)
	}
	b.MustBeInSync(t)
	if again := b.applyApproved(t, approved, holds).Products[0]; again.Err != nil || again.Outcome != reconcile.Unchanged {
		t.Errorf("when all is done: %s, %v", again.Outcome, again.Err)
	}
	return died
}

// applyApproved plans anew and applies what is approved; that it is, is a must.
func (b *Bench) applyApproved(t testing.TB, approved *plan.Plan, holds approval) *reconcile.Report {
	t.Helper()
	engine := b.engine(t, false)
	proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptionsOf(approved))
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(proposal, approved); err != nil {
		t.Fatalf("not the approved plan: %v", err)
	}
	report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Products[0].Err; plan.ClassOf(err) == plan.ClassRefused {
		t.Fatal(err)
	}
	return report
}

// reread is a plan after it was written to a file and read again.
func reread(t testing.TB, planned *plan.Plan) *plan.Plan {
	t.Helper()
	content, err := json.Marshal(planned)
	if err != nil {
		t.Fatal(err)
	}
	read, err := plan.Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return read
}
