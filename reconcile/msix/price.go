package msix

import (
	"errors"
	"fmt"
	"strings"
)

// tierBase means "no own tier". As a base price the service rejects it, yet it
// comes back for some paid apps (observed 2026-09).
const tierBase = "Base"

// priceInvariants refuses a body that could change a price without anybody
// having asked for it. The service takes a priceId that is null or missing, or
// an empty pricing, without a word and makes the app free (observed 2026-09);
// names count without regard to case there, so a second spelling is refused.
func priceInvariants(d *document) error {
	pricing, err := d.root.only("pricing")
	if err != nil {
		return err
	}
	if pricing.members == nil {
		return errors.New("pricing is not an object")
	}
	base, err := pricing.only("priceId")
	if err != nil {
		return fmt.Errorf("pricing: %w", err)
	}
	tier, err := base.tier()
	if err != nil {
		return fmt.Errorf("pricing.priceId %w", err)
	}
	if strings.EqualFold(tier, tierBase) {
		return errors.New("pricing.priceId is Base, which is not a price: the Store does not say what the app costs")
	}
	return marketInvariants(pricing)
}

// marketInvariants: no market has a price that is not one.
func marketInvariants(pricing *node) error {
	markets, err := pricing.only("marketSpecificPricings")
	if errors.Is(err, errMissing) {
		return nil // nothing is said of any market
	}
	if err != nil {
		return fmt.Errorf("pricing: %w", err)
	}
	if markets.members == nil {
		return errors.New("pricing.marketSpecificPricings is not an object")
	}
	seen := map[string]bool{}
	for market, price := range markets.members {
		if seen[strings.ToUpper(market)] {
			return fmt.Errorf("pricing.marketSpecificPricings has %s twice", strings.ToUpper(market))
		}
		seen[strings.ToUpper(market)] = true
		if _, err := price.tier(); err != nil {
			return fmt.Errorf("pricing.marketSpecificPricings.%s %w", market, err)
		}
	}
	return nil
}

var errMissing = errors.New("is missing")

// only is the one member of that name, whatever its case.
func (n *node) only(name string) (*node, error) {
	var found *node
	for member, value := range n.members {
		if !strings.EqualFold(member, name) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s stands twice", name)
		}
		found = value
	}
	if found == nil {
		return nil, fmt.Errorf("%s %w", name, errMissing)
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
