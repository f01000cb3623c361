package msix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// tierBase means "no own tier". As a base price the service rejects it, yet it
// comes back for some paid apps (observed 2026-09).
const tierBase = "Base"

// priceProblem is why a body must not be sent: the Store could make another
// price of what stands at a path.
type priceProblem struct {
	path plan.Path
	// what says what is wrong there; it goes on after the path.
	what string
	// next is what its author can do.
	next string
}

func (p *priceProblem) Error() string { return string(p.path) + " " + p.what }

// riskyPrice begins every refusal of a body because of a priceProblem, in plan
// and right before it would be sent.
const riskyPrice = "could change a price: "

// Next steps of a priceProblem.
const (
	setPrice    = "Write it in the manifest with the price tier that it has to have (guarded by price-change), or set it in Partner Center."
	strangeForm = "The Store's answer is not what the API page describes there. Plan again; if it stays so, make the change in Partner Center."
)

// priceInvariants refuses a body that could change a price without anybody
// having asked for it. The service takes a priceId that is null or missing, or
// an empty pricing, without a word and makes the app free (observed 2026-09);
// names count without regard to case there, so a second spelling is refused.
// nil when there is nothing to fear.
func priceInvariants(d *document) *priceProblem {
	pricing, wrong := d.root.priced(fieldPricing, fieldPricing)
	switch {
	case wrong != nil:
		return wrong
	case pricing.members == nil:
		return &priceProblem{fieldPricing, notObject(pricing), strangeForm}
	}
	path := plan.Join(fieldPricing, fieldPriceID)
	base, wrong := pricing.priced(path, fieldPriceID)
	if wrong != nil {
		return wrong
	}
	tier, err := base.tier()
	switch {
	case err != nil:
		return &priceProblem{path, err.Error(), setPrice}
	case strings.EqualFold(tier, tierBase):
		return &priceProblem{path, "is Base, which is not a price: the Store does not say what the product costs", setPrice}
	}
	return marketInvariants(pricing)
}

// marketInvariants: no market has a price that is not one. Prices of markets
// that are null as a whole, as dumps of submissions hold empty collections
// (msstore-cli issue 50), say nothing of any market and go back as they came.
func marketInvariants(pricing *node) *priceProblem {
	path := plan.Join(fieldPricing, fieldMarkets)
	if pricing.child(fieldMarkets) == nil {
		return nil // nothing is said of any market
	}
	markets, wrong := pricing.priced(path, fieldMarkets)
	switch {
	case wrong != nil:
		return wrong
	case markets.isNull():
		return nil
	case markets.members == nil:
		return &priceProblem{path, notObject(markets), strangeForm}
	}
	seen := map[string]bool{}
	for _, market := range (&document{root: markets}).keys("") {
		if seen[strings.ToUpper(market)] {
			return &priceProblem{path, fmt.Sprintf("has %s twice", strings.ToUpper(market)), strangeForm}
		}
		seen[strings.ToUpper(market)] = true
		if _, err := markets.members[market].tier(); err != nil {
			return &priceProblem{at(path, market), err.Error(), setPrice}
		}
	}
	return nil
}

// priced is the one member of that name, whatever its case.
func (n *node) priced(path plan.Path, name string) (*node, *priceProblem) {
	var found *node
	for member, value := range n.members {
		if !strings.EqualFold(member, name) {
			continue
		}
		if found != nil {
			return nil, &priceProblem{path, "stands twice, spelled in two ways", strangeForm}
		}
		found = value
	}
	if found == nil {
		return nil, &priceProblem{path, "is missing, which the Store takes for free", setPrice}
	}
	return found, nil
}

// tier is a price tier: a text that says something.
func (n *node) tier() (string, error) {
	if n.isNull() {
		return "", errors.New("is null, which the Store takes for free")
	}
	if !strings.HasPrefix(string(n.leaf), `"`) {
		return "", errors.New("is not a text")
	}
	tier := strings.TrimSpace((&document{root: n}).text(""))
	if tier == "" {
		return "", errors.New("is empty, which the Store may take for free")
	}
	return tier, nil
}
