package msix

import (
	"encoding/json"
	"slices"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// publishedSet is the package set that customers have, and its rollout.
type publishedSet struct {
	Packages []livePackage  `json:"packages"`
	Rollout  packageRollout `json:"rollout"`
}

// livePackage is a package that customers have, under the key that the manifest
// gives it.
type livePackage struct {
	Key string `json:"key"`
	storedPackage
}

// publishedSetOf is the package set of the published submission.
func publishedSetOf(published *document, m *schema.Manifest, record *record.Record) (publishedSet, error) {
	rows, err := packageEntries(published, kindOf(m))
	if err != nil {
		return publishedSet{}, err
	}
	set := publishedSet{Packages: []livePackage{}, Rollout: published.rollout()}
	for _, e := range pairPackages(rows, specOf(m).Packages, record.Contents()).entries {
		set.Packages = append(set.Packages, livePackage{Key: e.key, storedPackage: e.storedPackage})
	}
	return set, nil
}

// publishedBeside is the set that Observe read beside a draft.
func publishedBeside(observed *reconcile.Observed) publishedSet {
	var set publishedSet
	// Observe encoded it: it decodes.
	_ = json.Unmarshal(observed.Raw[rawPublished], &set)
	return set
}

// publishedOf is the set that customers have, from whichever submission of an
// observed product holds it; empty when none was read. The keys of packages are
// left out.
func publishedOf(observed *reconcile.Observed, base *document) publishedSet {
	if observed.Raw[rawPublished] != nil {
		return publishedBeside(observed)
	}
	if base.text("/status") != statusPublished {
		return publishedSet{}
	}
	set := publishedSet{Rollout: base.rollout()}
	rows, err := packageEntries(base, observedKind(observed))
	if err != nil {
		return set // Desire has said so.
	}
	for _, row := range rows {
		set.Packages = append(set.Packages, livePackage{storedPackage: row})
	}
	return set
}

// newestIn are the packages of the set's highest version that a target keeps,
// in words. They are what a rollout of the set brought, whatever older packages
// for other devices stand beside them. Only version and architecture tell: a
// draft gives a package that is sent again another name.
func (s publishedSet) newestIn(target plan.State) []string {
	if len(s.Packages) == 0 {
		return nil
	}
	newest := slices.MaxFunc(s.Packages, func(a, b livePackage) int { return compareVersions(a.Version, b.Version) }).Version
	var kept []string
	for _, p := range s.Packages {
		live := storedFacts(p.storedPackage)
		stays := slices.ContainsFunc(packageKeys(target), func(key string) bool {
			facts := factsIn(target, key)
			return compareVersions(facts.version, live.version) == 0 &&
				(len(facts.architectures) == 0 || len(live.architectures) == 0 || overlap(facts.architectures, live.architectures))
		})
		if stays && compareVersions(p.Version, newest) == 0 {
			kept = append(kept, p.FileName)
		}
	}
	slices.Sort(kept)
	return kept
}
