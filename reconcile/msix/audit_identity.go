package msix

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// identity refuses what the API sets only when it makes a product
// (https://learn.microsoft.com/windows/uwp/monetize/manage-add-ons and
// manage-flights: neither has a method that changes one).
func (a *auditor) identity() {
	if a.observed.Missing {
		a.rank()
		return
	}
	for _, path := range identityPaths() {
		before, after := a.observed.State[path], a.target[path]
		if sameValue(before, after) {
			continue
		}
		if spelled := before.Text(); spelled != "" && schema.SameName(spelled, after.Text()) {
			a.fail(path, isSpelled(after.Text(), spelled), writeItSo)
			continue
		}
		what, next := kindOf(a.manifest), "Change it in Partner Center (the flight's page, Modify), or take it out of the manifest."
		if what == kindAddOn {
			next = "Write what the Store has, or make another add-on under another productId; spec.id may be the wrong one."
		}
		a.fail(path, fmt.Sprintf("the API cannot change it: the %s has %s, and the manifest wants %s", what, shownIdentity(before), shownIdentity(after)), next)
	}
}

const writeItSo = "Write it so: by it the product is found, and named in reports. Or write spec.id with its id, and leave the name out."

func isSpelled(written, spelled string) string {
	return fmt.Sprintf("%q is spelled %q at the Store", written, spelled)
}

func shownIdentity(value plan.Value) string {
	if value.Empty() {
		return "none"
	}
	return string(value.JSON)
}

// misspelled is why a product is not deleted that the manifest spells otherwise
// than the Store, nil when nothing is: what is deleted is named exactly.
func misspelled(m *schema.Manifest, observed *reconcile.Observed) schema.Diagnostics {
	var found schema.Diagnostics
	for path, wanted := range wantedIdentity(m) {
		live := observed.State[path]
		if (path == fieldProductID || path == fieldFriendlyName) && !sameValue(live, wanted) && schema.SameName(live.Text(), wanted.Text()) {
			found = append(found, diagnostic(m, schema.SeverityError, path, isSpelled(wanted.Text(), live.Text()), "Write it so: what is deleted is named exactly."))
		}
	}
	return found
}

// rank refuses to make a flight above one that there is not: the Store would
// refuse it, after other products of the run were made. A flight that another
// manifest makes is known by schema.Load, which resolved the rank to it.
func (a *auditor) rank() {
	f := a.manifest.PackageFlight
	if f == nil || f.RankHigherThan == nil || strings.EqualFold(*f.RankHigherThan, schema.NonFlighted) || dependsOnFlight(a.manifest) {
		return
	}
	raw, read := a.observed.Raw[rawFlights]
	if !read {
		return
	}
	var flights []flightName
	if json.Unmarshal(raw, &flights) != nil {
		return // Observe encoded them: they decode.
	}
	wanted := *f.RankHigherThan
	var exact, alike, all []string
	for _, other := range flights {
		switch {
		case other.Name == wanted, strings.EqualFold(other.ID, wanted):
			exact = append(exact, other.ID)
		case schema.SameName(other.Name, wanted):
			alike = append(alike, other.Name)
		}
		all = append(all, other.Name)
	}
	switch {
	case len(exact) == 1:
	case len(exact) > 1:
		a.fail(fieldRank, fmt.Sprintf("the app has %d flights named %q: %s", len(exact), wanted, strings.Join(exact, ", ")), "Give all but one of them another name in Partner Center.")
	case len(alike) > 0:
		a.fail(fieldRank, isSpelled(wanted, alike[0]), "Write it so: the API takes the name of a flight as it stands there.")
	case len(all) == 0:
		a.fail(fieldRank, fmt.Sprintf("the app has no flight %q, and no other", wanted), fmt.Sprintf("Write %q, or add a manifest of the flight that it shall rank above.", schema.NonFlighted))
	default:
		a.fail(fieldRank, fmt.Sprintf("the app has no flight %q", wanted),
			fmt.Sprintf("Its flights are %s. Write one of them or %q, or add a manifest of the flight that it shall rank above.", strings.Join(all, ", "), schema.NonFlighted))
	}
}

// dependsOnFlight reports whether the flight that a flight ranks above has a
// manifest, too.
func dependsOnFlight(m *schema.Manifest) bool {
	for _, address := range m.DependsOn() {
		if strings.HasPrefix(address, string(schema.PackageFlightKind)+"/") {
			return true
		}
	}
	return false
}
