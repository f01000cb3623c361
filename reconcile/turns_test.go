package reconcile

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// TestInOrder: products come in their order, each after those it waits for.
func TestInOrder(t *testing.T) {
	cases := []struct {
		name        string
		parallelism int
		// waits are, for each product, those that it waits for.
		waits [][]int
		want  []int
	}{
		{"nobody waits", 1, [][]int{nil, nil, nil}, []int{0, 1, 2}},
		{"the last is first", 1, [][]int{{2}, {0}, nil}, []int{2, 0, 1}},
		{"one waits for two", 1, [][]int{{1, 2}, nil, nil}, []int{1, 2, 0}},
		{"more turns than needed", 8, [][]int{{1}, {2}, nil}, []int{2, 1, 0}},
		{"a circle", 1, [][]int{{1}, {0}, nil}, []int{2, 0, 1}},
		{"a circle and what waits for it", 1, [][]int{{1}, {0}, {0}}, []int{0, 1, 2}},
		{"itself", 1, [][]int{{0}}, []int{0}},
		{"nothing", 1, nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			products := make([]*planned, len(c.waits))
			for i := range products {
				products[i] = &planned{}
			}
			for i, waits := range c.waits {
				for _, other := range waits {
					products[i].after = append(products[i].after, products[other])
				}
			}
			var mu sync.Mutex
			var got []int
			New(Options{Parallelism: c.parallelism}).inOrder(products, func(i int) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, i)
			})
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("order (-want +got):\n%s", d)
			}
		})
	}
}

// TestInOrderKeepsEverybodyBusy: who waits takes no place of who could work.
func TestInOrderKeepsEverybodyBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 0 takes an hour, 1 to 3 wait for it, 4 to 9 do not.
		products := make([]*planned, 10)
		for i := range products {
			products[i] = &planned{}
			if i >= 1 && i <= 3 {
				products[i].after = products[:1]
			}
		}
		began := time.Now()
		ends := make([]time.Duration, len(products))
		New(Options{Parallelism: 2}).inOrder(products, func(i int) {
			if i == 0 {
				time.Sleep(time.Hour)
			} else {
				time.Sleep(10 * time.Minute)
			}
			ends[i] = time.Since(began)
		})
		if last := slices.Max(ends[4:]); last != time.Hour {
			t.Errorf("those that wait for nobody ended after %s, want 1h", last)
		}
		if last := slices.Max(ends); last != 80*time.Minute {
			t.Errorf("all ended after %s, want 1h20m", last)
		}
	})
}

// TestWhatCountsAsASubmission: journals of before there were verbs have no
// other entries of effect publish than submissions.
func TestWhatCountsAsASubmission(t *testing.T) {
	cases := []struct {
		entry record.Entry
		want  bool
	}{
		{record.Entry{Verb: plan.VerbSubmit, Effect: plan.EffectPublish}, true},
		{record.Entry{Effect: plan.EffectPublish}, true},
		{record.Entry{Verb: plan.VerbCall, Effect: plan.EffectPublish}, false}, // a step of a rollout
		{record.Entry{Verb: plan.VerbCall, Effect: plan.EffectDestroy}, false},
		{record.Entry{Effect: plan.EffectDraft}, false},
		{record.EntryOf(plan.Operation{ID: "commit", Verb: plan.VerbSubmit, Effect: plan.EffectPublish}, record.PhaseStart), true},
	}
	for _, c := range cases {
		if got := c.entry.Submits(); got != c.want {
			t.Errorf("%+v: %t, want %t", c.entry, got, c.want)
		}
	}
}
