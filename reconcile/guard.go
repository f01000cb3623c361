package reconcile

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/schema"
)

// Guards lists every guard, sorted, for usage errors and help.
func Guards() []Guard {
	return []Guard{GuardDeleteAddOn, GuardDeleteFlight, GuardDropArchitecture, GuardForeignEdits,
		GuardHaltRollout, GuardMassChange, GuardPriceChange,
		GuardRemoveImages, GuardRemoveLanguage, GuardRemoveMarket, GuardRemovePackage, GuardReplaceDraft,
		GuardVersionDowngrade, GuardVisibilityChange}
}

// Protects says in a sentence what a guard keeps from happening unseen.
func (g Guard) Protects() string {
	switch g {
	case GuardRemoveLanguage:
		return "A language's whole listing, text and images, would be removed."
	case GuardRemoveMarket:
		return "The app would no longer be offered in a market where it is offered now."
	case GuardRemovePackage:
		return "A package would be removed and nothing takes its place."
	case GuardDropArchitecture:
		return "Devices of an architecture would get no package any more."
	case GuardRemoveImages:
		return "All images of a kind would be removed."
	case GuardPriceChange:
		return "What customers pay would change."
	case GuardVisibilityChange:
		return "Who can find the app in the Store would change."
	case GuardForeignEdits:
		return "Edits that somebody else made in the draft would be submitted with ours."
	case GuardReplaceDraft:
		return "A pending draft that storesync did not make would be deleted with everything in it."
	case GuardVersionDowngrade:
		return "Customers would be offered an older version than the one that is live."
	case GuardDeleteAddOn:
		return "The add-on would be deleted for good, and with it what people could buy."
	case GuardDeleteFlight:
		return "The flight would be deleted, and its people would get the packages of the next lower rank."
	case GuardHaltRollout:
		return "The packages being rolled out would reach nobody more, and the rollout cannot be taken up again."
	case GuardMassChange:
		return "More than half of the products would lose something in one run."
	}
	return ""
}

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
		if slices.ContainsFunc(p.plan.Changes, takesAway) {
			losing++
		}
	}
	if losing*2 <= len(products) {
		return
	}
	for _, p := range products {
		for i, change := range p.plan.Changes {
			if takesAway(change) {
				p.plan.Changes[i].Guards = append(p.plan.Changes[i].Guards, GuardMassChange)
			}
		}
	}
}

// takesAway reports whether a change removes something that customers have.
func takesAway(c Change) bool {
	if c.Action == ActionDelete {
		return true
	}
	return slices.ContainsFunc(c.Guards, func(g Guard) bool {
		return strings.HasPrefix(string(g), "remove-") || g == GuardDropArchitecture
	})
}

// allowedFor are the guards allowed for an address, sorted.
func allowedFor(address string, allow map[string][]Guard) []Guard {
	allowed := slices.Concat(allow[""], allow[address])
	slices.Sort(allowed)
	return slices.Compact(allowed)
}

// tripped are the guards that were allowed and that a change of the product
// trips. What else was allowed makes no difference to what is done.
func (p ProductPlan) tripped() []Guard {
	return slices.DeleteFunc(slices.Clone(p.Allowed), func(g Guard) bool {
		return !slices.ContainsFunc(p.Changes, func(c Change) bool { return slices.Contains(c.Guards, g) })
	})
}

// protectedBy are the guards that a manifest refuses whatever is allowed, sorted.
func protectedBy(m *schema.Manifest) []Guard {
	var protected []Guard
	for _, name := range m.Metadata.Protect {
		protected = append(protected, Guard(name))
	}
	slices.Sort(protected)
	return slices.Compact(protected)
}

// blockedGuards are the tripped guards that are not allowed or that the
// manifest protects, sorted. What a plan leaves for later trips nothing yet.
func (p *proposed) blockedGuards() []Guard {
	var blocked []Guard
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
