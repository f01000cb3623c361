package plan

import (
	"slices"
	"strings"
)

// Guards lists every guard, sorted, for usage errors and help.
func Guards() []Guard {
	return []Guard{GuardDeleteAddOn, GuardDeleteFlight, GuardDropArchitecture, GuardForeignEdits,
		GuardHaltRollout, GuardLossyRewrite, GuardMassChange, GuardPriceChange,
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
		return "A pending draft that is not in the record would be deleted with everything in it."
	case GuardVersionDowngrade:
		return "Customers would be offered an older version than the one that is live."
	case GuardDeleteAddOn:
		return "The add-on would be deleted for good, and with it what people could buy."
	case GuardDeleteFlight:
		return "The flight would be deleted, and its people would get the packages of the next lower rank."
	case GuardHaltRollout:
		return "The packages being rolled out would reach nobody more, and the rollout cannot be taken up again."
	case GuardLossyRewrite:
		return "The Store holds another text than was sent, and that one would go live."
	case GuardMassChange:
		return "More than half of the products would lose something in one run."
	}
	return ""
}

// TakesAway reports whether a change removes something that customers have.
func TakesAway(c Change) bool {
	if c.Action == ActionDelete {
		return true
	}
	return slices.ContainsFunc(c.Guards, func(g Guard) bool {
		return strings.HasPrefix(string(g), "remove-") || g == GuardDropArchitecture
	})
}

// Tripped are the guards that were allowed and that a change of the product
// trips. What else was allowed makes no difference to what is done.
func (p Product) Tripped() []Guard {
	return slices.DeleteFunc(slices.Clone(p.Allowed), func(g Guard) bool {
		return !slices.ContainsFunc(p.Changes, func(c Change) bool { return slices.Contains(c.Guards, g) })
	})
}
