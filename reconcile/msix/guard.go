package msix

import (
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
	case change.Path == plan.PathProduct && change.Action == plan.ActionDelete:
		return deletionGuards(observedKind(observed))
	case observedKind(observed) == kindAddOn:
		return guardsOfAddOn(change, observed, target)
	case change.Path.Under(plan.PathRollout):
		return guardsOfRollout(change)
	case segments[0] == fieldPackages && observed.Raw[rawPublished] != nil:
		return liveGuards(segments, publishedBeside(observed).Packages, observed.State, target)
	case segments[0] == fieldPackages && len(segments) == 2 && change.Action == plan.ActionDelete:
		if neverSent(observed, segments[1]) {
			return nil
		}
		return lossOf(factsIn(observed.State, segments[1]), target)
	case segments[0] == fieldPackages && len(segments) == 3:
		return packageGuards(segments[1], segments[2], observed.State, target)
	}
	return formGuards(change, observed, target)
}

// formGuards judge what apps and add-ons have in common.
func formGuards(change plan.Change, observed *reconcile.Observed, target plan.State) []plan.Guard {
	segments := strings.Split(string(change.Path), ".")
	before, after := observed.State[change.Path], target[change.Path]
	switch {
	case segments[0] == fieldPricing:
		return priceGuards(segments, before, after)
	case change.Path == fieldVisibility:
		return []plan.Guard{plan.GuardVisibilityChange}
	case segments[0] == fieldListings && len(segments) == 2 && change.Action == plan.ActionDelete:
		return []plan.Guard{plan.GuardRemoveLanguage}
	case change.Type == plan.Images && len(before.Images()) > 0 && len(after.Images()) == 0:
		return []plan.Guard{plan.GuardRemoveImages}
	}
	return nil
}

// deletionGuards: what customers bought, or testers have, cannot be made again.
func deletionGuards(kind productKind) []plan.Guard {
	switch kind {
	case kindAddOn:
		return []plan.Guard{plan.GuardDeleteAddOn}
	case kindFlight:
		return []plan.Guard{plan.GuardDeleteFlight}
	}
	return nil
}

// priceGuards: to close a market is remove-market; to open one, or to change
// any other tier, changes what customers pay.
func priceGuards(segments []string, before, after plan.Value) []plan.Guard {
	closes := strings.EqualFold(after.Text(), tierNotAvailable)
	if len(segments) == 3 && closes && !strings.EqualFold(before.Text(), tierNotAvailable) {
		return []plan.Guard{plan.GuardRemoveMarket}
	}
	return []plan.Guard{plan.GuardPriceChange}
}

// liveGuards judge a change of our own draft by what customers have: the draft
// says nothing of packages that wait for their upload, and lacks those that an
// earlier apply took out of it. A loss belongs to the change under the key of
// the package that is lost; where the draft does not change there, to every
// change of packages.
func liveGuards(segments []string, live []livePackage, draft, target plan.State) []plan.Guard {
	if len(segments) == 3 && !slices.Contains([]string{fieldVersion, fieldArchitecture, fieldFamilies}, segments[2]) {
		return nil // nothing is lost by the others
	}
	var guards []plan.Guard
	for _, p := range live {
		facts := storedFacts(p.storedPackage)
		if p.Key != segments[1] && !factsIn(draft, p.Key).samePackage(factsIn(target, p.Key)) || staysIn(target, facts) {
			continue
		}
		guards = append(guards, lossOf(facts, target)...)
	}
	slices.Sort(guards)
	return slices.Compact(guards)
}

// staysIn reports whether a live package is still in the target.
func staysIn(target plan.State, live packageFacts) bool {
	return slices.ContainsFunc(packageKeys(target), func(key string) bool {
		facts := factsIn(target, key)
		return facts.fileName == live.fileName && facts.samePackage(live)
	})
}

// samePackage compares what guards judge.
func (f packageFacts) samePackage(other packageFacts) bool {
	families := func(a []deviceFamily) []string {
		var names []string
		for _, family := range a {
			names = append(names, family.String())
		}
		slices.Sort(names)
		return names
	}
	return f.version == other.version && slices.Equal(f.architectures, other.architectures) && slices.Equal(families(f.families), families(other.families))
}

// neverSent reports whether a package of the app's first draft waits for its
// upload: nobody has it, and nothing is known of it.
func neverSent(observed *reconcile.Observed, key string) bool {
	facts := factsIn(observed.State, key)
	if observed.Draft == "" || facts.version != "" {
		return false
	}
	draft, err := parseDocument(observed.Raw[rawSubmission])
	if err != nil {
		return false
	}
	rows, err := packageEntries(draft, observedKind(observed))
	return err == nil && slices.ContainsFunc(rows, func(row storedPackage) bool {
		return row.FileName == facts.fileName && row.FileStatus == statusPendingUpload
	})
}

// packageGuards judge a package that takes another's place.
func packageGuards(key, field string, observed, target plan.State) []plan.Guard {
	before, after := factsIn(observed, key), factsIn(target, key)
	if before.version == "" {
		return nil // a package that was not there
	}
	switch field {
	case fieldVersion:
		if compareVersions(after.version, before.version) < 0 {
			return []plan.Guard{plan.GuardVersionDowngrade}
		}
	case fieldArchitecture, fieldFamilies:
		return lossOf(before, target)
	}
	return nil
}

// lossOf judges what customers of a package lose when it goes: without a
// successor for its architecture, family and lowest Windows, those who have it
// get no update any more; with older ones only, new customers get an older app;
// without any package of its architecture, such devices are served no longer.
func lossOf(gone packageFacts, target plan.State) []plan.Guard {
	var kept []packageFacts
	for _, key := range packageKeys(target) {
		kept = append(kept, factsIn(target, key))
	}
	var guards []plan.Guard
	trip := func(guard plan.Guard) {
		if !slices.Contains(guards, guard) {
			guards = append(guards, guard)
		}
	}
	// What is not known of a package cannot be shown to live on.
	if len(gone.architectures) == 0 || len(gone.families) == 0 {
		trip(plan.GuardRemovePackage)
	}
	for _, architecture := range gone.architectures {
		serving := slices.DeleteFunc(slices.Clone(kept), func(p packageFacts) bool { return !p.serves(architecture) })
		if len(serving) == 0 {
			trip(plan.GuardDropArchitecture)
		}
		for _, family := range gone.families {
			successors := slices.DeleteFunc(slices.Clone(serving), func(p packageFacts) bool { return !slices.ContainsFunc(p.families, family.coveredBy) })
			switch {
			case len(successors) == 0:
				trip(plan.GuardRemovePackage)
			case !slices.ContainsFunc(successors, func(p packageFacts) bool { return compareVersions(p.version, gone.version) >= 0 }):
				trip(plan.GuardVersionDowngrade)
			}
		}
	}
	slices.Sort(guards)
	return guards
}

// serves reports whether devices of an architecture can run the package.
func (f packageFacts) serves(architecture string) bool {
	return slices.Contains(f.architectures, architecture) || slices.Contains(f.architectures, "neutral")
}

// packageKeys are the keys of the packages of a state, sorted.
func packageKeys(state plan.State) []string {
	var keys []string
	for path := range state {
		if segments := strings.Split(string(path), "."); segments[0] == fieldPackages && len(segments) == 3 {
			keys = append(keys, segments[1])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// factsIn reads a package of a state.
func factsIn(state plan.State, key string) packageFacts {
	value := func(name string) plan.Value { return state[plan.Join(fieldPackages, key, name)] }
	facts := packageFacts{
		fileName: value(fieldFileName).Text(), version: value(fieldVersion).Text(),
		architectures: splitArchitectures(value(fieldArchitecture).Text()), languages: value(fieldLanguages).Strings(),
	}
	for _, family := range value(fieldFamilies).Strings() {
		facts.families = append(facts.families, parseFamily(family))
	}
	return facts
}
