package backendtest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/plan"
)

// Fixture is what a backend brings to the contract: a Store with live products
// and workspaces to be wanted one after the other.
type Fixture struct {
	// Store makes an emulator with the live products. It is called anew for
	// every test, inside a bubble of virtual time.
	Store    func(t testing.TB) *emulator.Emulator
	Backends Backends
	// Steps are the files of the workspace; each step is laid over the one
	// before and needs at least one write.
	Steps []func(t testing.TB) Files
	// FromNothing is true when Steps[0] makes the product: then it is stopped
	// and hit by faults, too.
	FromNothing bool
	// Resends is true when finishing a draft sends its files once more.
	Resends bool
	// Submissions is how many submissions the Store has ever taken.
	Submissions func(t testing.TB, store *emulator.Emulator) int
}

// Contract runs every promise that does not depend on the API.
func Contract(t *testing.T, f Fixture) {
	t.Run("converges", func(t *testing.T) { f.converges(t) })
	t.Run("plan is deterministic", func(t *testing.T) { f.deterministic(t) })
	t.Run("draft then submit", func(t *testing.T) { f.draftThenSubmit(t) })
	t.Run("stopped anywhere", func(t *testing.T) { f.stoppedAnywhere(t) })
	t.Run("killed anywhere", func(t *testing.T) { f.killedAnywhere(t) })
	t.Run("killed when approved", func(t *testing.T) { f.killedWhenApproved(t) })
	for i, fault := range []struct{ name, script string }{
		{"answer lost", `"action": "drop-after"`},
		{"request lost", `"action": "drop-before"`},
		{"throttled", `"action": "status", "status": 429, "retryAfter": 7, "body": {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 7 seconds."}`},
		{"unavailable with HTML", `"action": "status", "status": 503, "body": "<html>Service Unavailable</html>"`},
		{"token expired", `"action": "expire-token"`},
	} {
		t.Run(fault.name, func(t *testing.T) { f.fault(t, i, fault.script) })
	}
}

// stride is how many points lie between two that are tried: one point after the
// other, and in short mode every fifth, for they take most of the time of all
// tests. The faults begin at different ones, so that some hit every request.
func stride() int {
	if testing.Short() {
		return 5
	}
	return 1
}

// first is the first step that is stopped and hit by faults.
func (f Fixture) first() int {
	if f.FromNothing {
		return 0
	}
	return 1
}

// bench is a Store at the given step, applied and in sync; at none for -1.
func (f Fixture) bench(t testing.TB, step int) *Bench {
	b := NewBench(t, f.Store(t), f.Backends)
	for i := range step + 1 {
		b.Write(t, f.Steps[i](t))
		b.MustApply(t)
	}
	return b
}

// converges: every step is applied with one submission, and then nothing is
// left to do.
func (f Fixture) converges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBench(t, f.Store(t), f.Backends)
		for i, step := range f.Steps {
			b.Write(t, step(t))
			before := f.Submissions(t, b.Emulator)
			b.MustApply(t)
			if n := f.Submissions(t, b.Emulator) - before; n != 1 {
				t.Errorf("step %d made %d submissions, want 1", i, n)
			}
			b.MustBeInSync(t)
		}
	})
}

// deterministic: the same inputs and Store make the same plan, to the hash.
func (f Fixture) deterministic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := f.bench(t, f.first()-1)
		b.Write(t, f.Steps[f.first()](t))
		b.Emulator.ForgetRequests()
		first, second := b.Plan(t, reconcile.PlanOptions{}), b.Plan(t, reconcile.PlanOptions{})
		if first.Hash != second.Hash || first.Hash == "" {
			t.Errorf("two plans of one state: hashes %q and %q", first.Hash, second.Hash)
		}
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("planning wrote: %+v", writes)
		}
	})
}

// draftThenSubmit: a draft left unsubmitted is remembered, and the next apply
// submits it without writing it again.
func (f Fixture) draftThenSubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := f.bench(t, f.first()-1)
		b.Write(t, f.Steps[f.first()](t))
		before := f.Submissions(t, b.Emulator)
		report := b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: AllowAll()}, reconcile.ApplyOptions{})
		if result := report.Products[0]; result.Err != nil || result.Outcome != reconcile.Drafted {
			t.Fatalf("apply --draft: %s, %v", result.Outcome, result.Err)
		}
		if n := f.Submissions(t, b.Emulator) - before; n != 0 {
			t.Errorf("--draft made %d submissions", n)
		}
		b.Emulator.ForgetRequests()
		b.MustApply(t)
		writes := slices.DeleteFunc(b.Writes(), func(r emulator.Request) bool { return f.Resends && r.Kind == "blob" })
		if len(writes) != 1 || f.Submissions(t, b.Emulator)-before != 1 {
			t.Errorf("the apply after --draft wrote %+v, want the submission alone", writes)
		}
		b.MustBeInSync(t)
	})
}

// stoppedAnywhere: an apply stopped before or in any operation is finished by
// the next one, with one submission in all.
func (f Fixture) stoppedAnywhere(t *testing.T) {
	for step := f.first(); step < len(f.Steps); step++ {
		for _, how := range []string{"before", "in"} {
			for i := step % stride(); ; i += stride() {
				var more bool
				t.Run(fmt.Sprintf("step %d %s operation %d", step, how, i), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { more = f.stopAt(t, step, i, how == "in") })
				})
				if !more {
					break
				}
			}
		}
	}
}

// stopAt stops an apply at its i-th operation and finishes it with another; it
// reports whether there was such an operation.
func (f Fixture) stopAt(t *testing.T, step, i int, inFlight bool) bool {
	b := f.bench(t, step-1)
	b.Write(t, f.Steps[step](t))
	before := f.Submissions(t, b.Emulator)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := make(chan struct{})
	seen, hit := 0, false
	b.OnEvent = func(event reconcile.Event) {
		if _, ok := event.(reconcile.OperationStarted); !ok {
			return
		}
		if seen == i {
			hit = true
			if inFlight {
				cancel()
			} else {
				close(stop)
			}
		}
		seen++
	}
	engine := b.engine(t, false)
	proposal, err := engine.Plan(ctx, b.Load(t), reconcile.PlanOptions{Allow: AllowAll()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Apply(ctx, proposal, reconcile.ApplyOptions{Stop: stop}); err != nil {
		t.Fatal(err)
	}
	b.OnEvent = nil
	b.finish(t)
	if n := f.Submissions(t, b.Emulator) - before; n != 1 {
		t.Errorf("%d submissions in all, want 1", n)
	}
	b.MustBeInSync(t)
	return hit
}

// finish applies until nothing is left, as a person or a scheduled job would.
func (b *Bench) finish(t testing.TB) {
	t.Helper()
	var last error
	for range 5 {
		report := b.Apply(t, reconcile.PlanOptions{Allow: AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
		last = report.Products[0].Err
		switch {
		case last == nil:
			return
		case plan.ClassOf(last) == plan.ClassPending:
			if err := b.engine(t, false).AwaitIdle(t.Context(), b.Load(t), 24*time.Hour); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatalf("five applies did not finish: %v", last)
}

// fault: whichever request of an apply it hits, the product converges with one
// submission.
func (f Fixture) fault(t *testing.T, offset int, script string) {
	for step := f.first(); step < len(f.Steps); step++ {
		requests := f.requestsOf(t, step)
		for i := (offset + step) % stride(); i < len(requests); i += stride() {
			line := requests[i]
			t.Run(fmt.Sprintf("step %d %s", step, line), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := f.bench(t, step-1)
					b.Write(t, f.Steps[step](t))
					before := f.Submissions(t, b.Emulator)
					if err := b.Emulator.SetFaults([]byte(`[{"match": "^` + line + `$", ` + script + `}]`)); err != nil {
						t.Fatal(err)
					}
					b.finish(t)
					if n := f.Submissions(t, b.Emulator) - before; n != 1 {
						t.Errorf("%d submissions in all, want 1", n)
					}
					b.MustBeInSync(t)
				})
			})
		}
	}
}

// ids are the parts of paths that differ from run to run.
var ids = regexp.MustCompile(`[0-9]{6,}|[0-9a-f]{8}-[0-9a-f-]{27,}(_[0-9a-f-]{36})?`)

// requestsOf are the distinct requests of applying a step, as regular
// expressions over "METHOD path".
func (f Fixture) requestsOf(t *testing.T, step int) []string {
	var found []string
	synctest.Test(t, func(t *testing.T) {
		b := f.bench(t, step-1)
		b.Write(t, f.Steps[step](t))
		b.Emulator.ForgetRequests()
		b.MustApply(t)
		for _, request := range b.Emulator.Requests() {
			line := request.Method + " " + ids.ReplaceAllString(request.Path, "[^/]+")
			if request.Kind != "token" && !slices.Contains(found, line) {
				found = append(found, line)
			}
		}
	})
	return found
}
