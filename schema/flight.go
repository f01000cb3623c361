package schema

import (
	"context"
	"strings"
)

// NonFlighted is what rankHigherThan names for the lowest rank: the packages
// that everybody gets
// (https://learn.microsoft.com/windows/uwp/monetize/manage-flights).
const NonFlighted = "Non-flighted submission"

// decodePackageFlight decodes the spec of kind PackageFlight and reads its
// packages.
func decodePackageFlight(ctx context.Context, d *decoder, spec *tree, absent bool) *PackageFlight {
	if absent {
		spec = identityOnly[PackageFlight](spec, flightIdentityFields())
	}
	flight := decodeInto[PackageFlight](d, spec)
	if guid.MatchString(flight.ID) {
		flight.ID = strings.ToLower(flight.ID)
	}
	d.rolloutWords(spec.field("rollout"))
	d.readMsixPackages(ctx, flight.Packages)
	return flight
}

// flightIdentityFields are the fields that find a flight: its app, its id or its
// name within the app, and what else is fixed once it is made.
func flightIdentityFields() []string {
	return []string{"app", "id", "friendlyName", "groupIds", "rankHigherThan"}
}
