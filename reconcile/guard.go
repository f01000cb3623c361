package reconcile

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// massChangeFloor is the number of products from which mass-change is judged:
// with fewer, "more than half" says nothing.
const massChangeFloor = 4

// isMassChange reports whether more than half of the products lose something.
func isMassChange(products []comparison) bool {
	if len(products) < massChangeFloor {
		return false
	}
	losing := 0
	for _, p := range products {
		if p.compared != nil && slices.ContainsFunc(p.changes, plan.TakesAway) {
			losing++
		}
	}
	return losing*2 > len(products)
}

// guardMassChange marks what the product loses.
func (p *planned) guardMassChange() {
	for i, change := range p.doc.Changes {
		if plan.TakesAway(change) {
			p.doc.Changes[i].Guards = append(slices.Clone(change.Guards), plan.GuardMassChange)
		}
	}
}

// allowedFor are the guards allowed for an address, sorted.
func allowedFor(address string, allow map[string][]plan.Guard) []plan.Guard {
	return sortedGuards(slices.Concat(allow[""], allow[address]))
}

// protectedBy are the guards that a manifest refuses whatever is allowed, sorted.
func protectedBy(m *schema.Manifest) []plan.Guard {
	var protected []plan.Guard
	for _, name := range m.Metadata.Protect {
		protected = append(protected, plan.Guard(name))
	}
	return sortedGuards(protected)
}

// blockedGuards are the tripped guards that are not allowed or that the
// manifest protects, sorted. What a plan leaves for later trips nothing yet.
func (p *planned) blockedGuards() []plan.Guard {
	var blocked []plan.Guard
	for _, change := range p.doc.Changes {
		if p.leaves(change.Path) {
			continue
		}
		for _, guard := range change.Guards {
			allowed := slices.Contains(p.doc.Allowed, guard) && !slices.Contains(p.doc.Protected, guard)
			if !allowed && !slices.Contains(blocked, guard) {
				blocked = append(blocked, guard)
			}
		}
	}
	slices.Sort(blocked)
	return blocked
}
