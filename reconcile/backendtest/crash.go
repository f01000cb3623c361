package backendtest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/record"
)

// dyingRecords lets a number of durable writes through and then none: what a
// process that is killed there leaves behind.
type dyingRecords struct {
	record.Store
	left atomic.Int64
}

var errDied = errors.New("the process died here")

func (d *dyingRecords) Save(ctx context.Context, record *record.Record) error {
	if d.left.Add(-1) < 0 {
		return errDied
	}
	return d.Store.Save(ctx, record)
}

func (d *dyingRecords) Append(ctx context.Context, key record.Key, entry record.Entry) error {
	if d.left.Add(-1) < 0 {
		return errDied
	}
	return d.Store.Append(ctx, key, entry)
}

// killedAnywhere: an apply that dies at any of its durable writes is finished
// by the next one, with one submission in all. The writes stand before and
// after every request, so this is dying before and after every request.
func (f Fixture) killedAnywhere(t *testing.T) {
	for step := f.first(); step < len(f.Steps); step++ {
		for i := step % stride(); ; i += stride() {
			var died bool
			t.Run(fmt.Sprintf("step %d write %d", step, i), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { died = f.killAt(t, step, i) })
			})
			if !died {
				break
			}
		}
	}
}

// killAt reports whether there were so many durable writes.
func (f Fixture) killAt(t *testing.T, step, i int) bool {
	b := f.bench(t, step-1)
	b.Write(t, f.Steps[step](t))
	before := f.Submissions(t, b.Emulator)

	whole := b.Records
	dying := &dyingRecords{Store: whole}
	dying.left.Store(int64(i))
	b.Records = dying
	b.Apply(t, reconcile.PlanOptions{Allow: AllowAll()}, reconcile.ApplyOptions{})
	b.Records = whole

	b.finish(t)
	if n := f.Submissions(t, b.Emulator) - before; n != 1 {
		t.Errorf("%d submissions in all, want 1", n)
	}
	b.MustBeInSync(t)
	return dying.left.Load() < 0
}
