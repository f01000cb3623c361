package reconcile

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// massChangeFloor is the number of products from which mass-change is judged:
// with fewer, "more than half" says nothing.
const massChangeFloor = 4

// guardMassChange marks the deletions when more than half of the products have one.
func guardMassChange(products []*proposed) {
	if len(products) < massChangeFloor {
		return
	}
	losing := 0
	for _, p := range products {
		if slices.ContainsFunc(p.plan.Changes, plan.TakesAway) {
			losing++
		}
	}
	if losing*2 <= len(products) {
		return
	}
	for _, p := range products {
		for i, change := range p.plan.Changes {
			if plan.TakesAway(change) {
				p.plan.Changes[i].Guards = append(p.plan.Changes[i].Guards, plan.GuardMassChange)
			}
		}
	}
}

// allowedFor are the guards allowed for an address, sorted.
func allowedFor(address string, allow map[string][]plan.Guard) []plan.Guard {
	allowed := slices.Concat(allow[""], allow[address])
	slices.Sort(allowed)
	return slices.Compact(allowed)
}

// protectedBy are the guards that a manifest refuses whatever is allowed, sorted.
func protectedBy(m *schema.Manifest) []plan.Guard {
	var protected []plan.Guard
	for _, name := range m.Metadata.Protect {
		protected = append(protected, plan.Guard(name))
	}
	slices.Sort(protected)
	return slices.Compact(protected)
}

// blockedGuards are the tripped guards that are not allowed or that the
// manifest protects, sorted. What a plan leaves for later trips nothing yet.
func (p *proposed) blockedGuards() []plan.Guard {
	var blocked []plan.Guard
	for _, change := range p.plan.Changes {
		if p.leaves(change.Path) {
			continue
		}
		for _, guard := range change.Guards {
			allowed := slices.Contains(p.plan.Allowed, guard) && !slices.Contains(p.plan.Protected, guard)
			if !allowed && !slices.Contains(blocked, guard) {
				blocked = append(blocked, guard)
			}
		}
	}
	slices.Sort(blocked)
	return blocked
}
