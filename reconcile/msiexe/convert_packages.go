package msiexe

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// installer converts one live package under its manifest key.
func (c *converter) installer(key string, o object) {
	prefix := plan.Join(modulePackages, key)
	for _, f := range packageTexts(&schema.Package{}) {
		c.text(prefix, o, f)
	}
	c.boolean(prefix, o, fieldInstallerSilent)
	if architectures, ok := get[[]string](c, o, fieldArchitectures); ok {
		c.state[at(prefix, fieldArchitecture)] = plan.StringValue(strings.Join(architectures, ","))
	}
	if languages, ok := get[[]string](c, o, fieldLanguages); ok {
		c.state[at(prefix, fieldLanguages)] = plan.SetValue(spellPackageLanguages(languages))
	}
	for _, row := range c.rows(o, fieldErrorDetails, "errorScenario") {
		// All nine scenarios are always answered, most of them empty: an
		// empty one and an absent one are the same.
		if details, ok := get[[]schema.ErrorDetail](c, row, "errorScenarioDetails"); ok && len(details) > 0 {
			c.state[at(prefix, fieldErrorDetails, row.text("errorScenario"))] = plan.RowsValue(details)
		}
	}
}

// packageIdentity is what tells packages apart: their ids change with every
// PUT (the API page), so that they are no identity.
type packageIdentity struct {
	architecture, packageType string
	// languages is the sorted, folded list as one string.
	languages string
}

// sameKind reports whether two packages differ in nothing but languages.
func (p packageIdentity) sameKind(other packageIdentity) bool {
	return p.architecture == other.architecture && p.packageType == other.packageType
}

func liveIdentity(o object) packageIdentity {
	architectures, _, _ := field[[]string](o, fieldArchitectures)
	languages, _, _ := field[[]string](o, fieldLanguages)
	return packageIdentity{strings.Join(architectures, ","), o.text(fieldPackageType), foldLanguages(languages)}
}

func wantedIdentity(p *schema.Package) packageIdentity {
	return packageIdentity{p.Architecture, p.PackageType, foldLanguages(p.Languages)}
}

func foldLanguages(languages []string) string {
	return strings.Join(sorted(spellPackageLanguages(languages)), ",")
}

// spellPackageLanguages brings tags into the API's spelling, or into lower case
// where it has none, on both sides: what the service does with the case of a
// package's languages is not documented.
func spellPackageLanguages(languages []string) []string {
	spelled := make([]string, len(languages))
	for i, language := range languages {
		known, ok := schema.MsiExeLanguage(language)
		if !ok {
			known = strings.ToLower(language)
		}
		spelled[i] = known
	}
	return spelled
}

// packageMatch says which live package is which of the manifest.
type packageMatch struct {
	// keys are the keys of the live packages, by position: the manifest's for
	// a matched one, a derived one else.
	keys []string
	// unlisted are the derived keys: live packages the manifest does not have.
	unlisted []string
	// ambiguous are manifest keys for which more than one pairing is possible.
	ambiguous []string
}

// live is the position of the live package with a key.
func (m packageMatch) live(key string) (int, bool) {
	i := slices.Index(m.keys, key)
	return i, i >= 0
}

// matchPackages pairs live packages with the manifest's: by architecture,
// package type and languages, then by the first two where both sides have only
// one left.
func matchPackages(live []object, wanted map[string]*schema.Package) packageMatch {
	match := packageMatch{keys: make([]string, len(live))}
	open := slices.Sorted(maps.Keys(wanted))
	pair := func(same func(a, b packageIdentity) bool) {
		for _, key := range slices.Clone(open) {
			identity := wantedIdentity(wanted[key])
			candidates := match.unpaired(live, identity, same)
			rivals := 0
			for _, other := range open {
				if same(identity, wantedIdentity(wanted[other])) {
					rivals++
				}
			}
			switch {
			case len(candidates) == 1 && rivals == 1:
				match.keys[candidates[0]] = key
				open = slices.DeleteFunc(open, func(k string) bool { return k == key })
			case len(candidates) > 0 && !slices.Contains(match.ambiguous, key):
				match.ambiguous = append(match.ambiguous, key)
			}
		}
	}
	pair(func(a, b packageIdentity) bool { return a == b })
	pair(packageIdentity.sameKind)
	match.deriveKeys(live, wanted)
	return match
}

// unpaired are the positions of live packages that have no key yet.
func (m *packageMatch) unpaired(live []object, identity packageIdentity, same func(a, b packageIdentity) bool) []int {
	var positions []int
	for i, row := range live {
		if m.keys[i] == "" && same(identity, liveIdentity(row)) {
			positions = append(positions, i)
		}
	}
	return positions
}

// deriveKeys names the live packages that the manifest does not have, the same
// way on every machine whatever the order of the answer.
func (m *packageMatch) deriveKeys(live []object, wanted map[string]*schema.Package) {
	var rest []int
	for i := range live {
		if m.keys[i] == "" {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(a, b int) int {
		return cmp.Compare(live[a].text(fieldPackageURL), live[b].text(fieldPackageURL))
	})
	for _, i := range rest {
		base := derivedKey(liveIdentity(live[i]))
		key := base
		for n := 2; wanted[key] != nil || slices.Contains(m.keys, key); n++ {
			key = fmt.Sprintf("%s-%d", base, n)
		}
		m.keys[i] = key
		m.unlisted = append(m.unlisted, key)
	}
	slices.Sort(m.unlisted)
}

// derivedKey is a key such as live-x64-exe-en.
func derivedKey(p packageIdentity) string {
	name := strings.Join([]string{"live", p.architecture, p.packageType, p.languages}, "-")
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return strings.TrimRight(name, "-")
}
