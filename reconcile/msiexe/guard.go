package msiexe

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// Guards names the guards that a change trips (design of storesync: what
// cannot be undone, or what customers notice most, is allowed by name only).
func (b *backend) Guards(change plan.Change, observed *reconcile.Observed, target plan.State) []plan.Guard {
	segments := strings.Split(string(change.Path), ".")
	switch {
	case segments[0] == moduleAvailability && len(segments) == 2:
		return availabilityGuards(segments[1], observed.State[change.Path], target[change.Path])
	case segments[0] == moduleListings && len(segments) == 2 && change.Action == plan.ActionDelete:
		return []plan.Guard{plan.GuardRemoveLanguage}
	case segments[0] == moduleListings && len(segments) == 3 && change.Type == plan.Images:
		return imageGuards(segments[2], observed.State[change.Path], target[change.Path])
	case segments[0] == modulePackages && len(segments) == 2 && change.Action == plan.ActionDelete:
		return packageGuards(change, target)
	}
	return nil
}

func availabilityGuards(name string, before, after plan.Value) []plan.Guard {
	switch name {
	case fieldPricing, fieldFreeTrial:
		return []plan.Guard{plan.GuardPriceChange}
	case fieldDiscoverability:
		return []plan.Guard{plan.GuardVisibilityChange}
	case fieldMarkets:
		kept := after.Strings()
		if slices.ContainsFunc(before.Strings(), func(code string) bool { return !slices.Contains(kept, code) }) {
			return []plan.Guard{plan.GuardRemoveMarket}
		}
	}
	return nil
}

// imageGuards asks for permission when all images of a type go: all
// screenshots, or the logo of one shape. Replacing them is not that.
func imageGuards(name string, before, after plan.Value) []plan.Guard {
	kind := func(plan.Image) int { return 0 }
	if name == fieldLogos {
		kind = logoKind
	}
	for _, image := range before.Images() {
		if name == fieldLogos && image.Width == 0 {
			// The Store did not say its size, so its shape is not known.
			continue
		}
		same := func(other plan.Image) bool { return kind(other) == kind(image) }
		if !slices.ContainsFunc(after.Images(), same) {
			return []plan.Guard{plan.GuardRemoveImages}
		}
	}
	return nil
}

// packageGuards judge a removed package by what stays: without a package of the
// same architecture and type, customers who have it get no update any more;
// without one of its architecture, those machines are served no longer.
func packageGuards(change plan.Change, target plan.State) []plan.Guard {
	var gone map[string]json.RawMessage
	if json.Unmarshal(change.Before, &gone) != nil {
		return []plan.Guard{plan.GuardRemovePackage, plan.GuardDropArchitecture}
	}
	architecture, packageType := string(gone[fieldArchitecture]), string(gone[fieldPackageType])
	successor, served := false, false
	for path, value := range target {
		prefix, isArchitecture := strings.CutSuffix(string(path), "."+fieldArchitecture)
		if !isArchitecture || !path.Under(modulePackages) || string(value.JSON) != architecture {
			continue
		}
		served = true
		if string(target[plan.Path(prefix+"."+fieldPackageType)].JSON) == packageType {
			successor = true
		}
	}
	var guards []plan.Guard
	if !successor {
		guards = append(guards, plan.GuardRemovePackage)
	}
	if !served {
		guards = append(guards, plan.GuardDropArchitecture)
	}
	return guards
}
