package record

import (
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
)

// BegunPlan is the plan that the newest apply of a product set out to carry
// out. It is noted before the first write, so that who approved the plan has
// approved what is left of it after a kill, too: the same target, reached from
// what the apply itself had written by then.
type Begun struct {
	// ID is the Store's id of the product, "" when the plan made it.
	ID string `json:"id,omitempty"`
	// Hash is the product's in the plan, Whole that of the whole plan.
	Hash  string    `json:"hash"`
	Whole string    `json:"whole"`
	At    time.Time `json:"at"`
	// Before is what was observed, Target what it was to become.
	Before *Snapshot `json:"before"`
	Target *Snapshot `json:"target"`
	// Changes are the paths that the plan changes; it is all that is known of
	// sensitive ones.
	Changes []plan.Path `json:"changes,omitempty"`
	// Secret are the sensitive paths that the manifest set.
	Secret []plan.Path `json:"secret,omitempty"`
	// Allowed are the guards that the changes tripped and that were allowed.
	Allowed []plan.Guard `json:"allowed,omitempty"`
	// Final are the operations that publish or destroy something.
	Final []string `json:"final,omitempty"`
	// Foreign are digests of what the plan showed of other people's work that
	// it would send or lose.
	Foreign []string `json:"foreign,omitempty"`
	// Made is true when the plan makes the product: what the Store fills in
	// then is part of neither Before nor Target.
	Made bool `json:"made,omitempty"`
	// Done is true when all of it was carried out.
	Done bool `json:"done,omitempty"`
}

// finish notes that the plan which was begun has been carried out.
func (r *Record) FinishBegun() {
	if r.Begun != nil {
		r.Begun.Done = true
	}
}

// filledIn reports whether the Store itself may have given a value to the path:
// in a product, or a group of values, that the plan makes.
func (b *Begun) FilledIn(path plan.Path) bool {
	if b.Target.Digests[path] != "" || b.Before.Digests[path] != "" {
		return false
	}
	if b.Made {
		return true
	}
	segments := strings.Split(string(path), ".")
	if len(segments) < 3 {
		return false
	}
	group := plan.Join(segments[:2]...)
	inGroup := func(digests map[plan.Path]string) bool {
		for known := range digests {
			if known.Under(group) {
				return true
			}
		}
		return false
	}
	return inGroup(b.Target.Digests) && !inGroup(b.Before.Digests)
}

// endsRollout reports whether the plan finalizes or halts a rollout.
func (b *Begun) EndsRollout() bool {
	return slices.ContainsFunc(b.Changes, func(path plan.Path) bool { return path.Under(plan.PathRollout) && path != plan.PathPercentage })
}
