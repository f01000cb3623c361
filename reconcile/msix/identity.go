package msix

import (
	"context"
	"maps"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// rankHigherThan is the flight ranked just below, spelled as the manifest
// spells it where both mean the same: the Store has answered with the name and
// with the GUID, and takes the name
// (https://learn.microsoft.com/windows/uwp/monetize/create-a-flight). The list
// of flights is read only where the two cannot be compared without it.
func (b *backend) rankHigherThan(ctx context.Context, found *resource, wanted string) (string, error) {
	live := found.flight.RankHigherThan
	if live == wanted || !isGUID(live) && !isGUID(wanted) {
		return live, nil
	}
	if found.names == nil {
		list, err := b.client.flightList(ctx, found.app, nil)
		if err != nil {
			return "", err
		}
		found.names = list.names()
	}
	named := func(rank string) string {
		if name, ok := found.names[strings.ToLower(rank)]; ok {
			return name
		}
		return rank
	}
	if named(live) == named(wanted) {
		return wanted, nil
	}
	return named(live), nil
}

// isGUID reports whether a text has the shape of a flight's id.
func isGUID(s string) bool {
	const shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) != len(shape) {
		return false
	}
	for i, r := range s {
		if (shape[i] == '-') != (r == '-') || r != '-' && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}

// identityPaths are the paths of what a product is found and made by. They are
// read from the product, not from its submissions, and the API changes none.
func identityPaths() []plan.Path {
	return []plan.Path{fieldProductID, fieldProductType, fieldFriendlyName, fieldGroupIDs, fieldRank}
}

// Names of fields of add-ons and flights
// (https://learn.microsoft.com/windows/uwp/monetize/manage-add-ons and
// manage-flights).
const (
	fieldProductID    = "productId"
	fieldProductType  = "productType"
	fieldFriendlyName = "friendlyName"
	fieldGroupIDs     = "groupIds"
	fieldRank         = "rankHigherThan"
	fieldFlightID     = "flightId"
)

// wantedIdentity is what a manifest writes of its product.
func wantedIdentity(m *schema.Manifest) plan.State {
	identity := plan.State{}
	switch kindOf(m) {
	case kindAddOn:
		identity[fieldProductID] = exactly(plan.StringValue(m.AddOn.ProductID))
		identity[fieldProductType] = exactly(plan.StringValue(m.AddOn.ProductType))
	case kindFlight:
		identity[fieldFriendlyName] = exactly(plan.StringValue(m.PackageFlight.FriendlyName))
		if m.PackageFlight.GroupIDs != nil {
			identity[fieldGroupIDs] = exactly(plan.SetValue(m.PackageFlight.GroupIDs))
		}
		if rank := m.PackageFlight.RankHigherThan; rank != nil {
			identity[fieldRank] = exactly(plan.StringValue(*rank))
		}
	}
	// What is not written is not wanted to be empty.
	maps.DeleteFunc(identity, func(path plan.Path, value plan.Value) bool {
		return value.Empty() && path != fieldGroupIDs
	})
	return identity
}

// identity is what the Store says of a product, as far as the manifest could
// write it. The rank is read only when it is written: it may take a request.
func (b *backend) identity(ctx context.Context, found *resource, m *schema.Manifest) (plan.State, error) {
	state := plan.State{}
	switch {
	case found.addOn != nil:
		state[fieldProductID] = exactly(plan.StringValue(found.addOn.ProductID))
		state[fieldProductType] = exactly(plan.StringValue(found.addOn.ProductType))
	case found.flight != nil:
		state[fieldFriendlyName] = exactly(plan.StringValue(found.flight.FriendlyName))
		state[fieldGroupIDs] = exactly(plan.SetValue(found.flight.GroupIDs))
		if wanted := m.PackageFlight.RankHigherThan; wanted != nil && !m.Absent() {
			rank, err := b.rankHigherThan(ctx, found, *wanted)
			if err != nil {
				return nil, err
			}
			state[fieldRank] = exactly(plan.StringValue(rank))
		}
	}
	return state, nil
}
