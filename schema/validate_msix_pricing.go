package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The price tiers that have a name
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#price-tiers).
const (
	tierFree         = "Free"
	tierNotAvailable = "NotAvailable"
	tierBase         = "Base"
)

// tierShape is what a tier looks like. The API answers unknown tiers for
// products on its newer pricing, so one may be known to the owner alone.
var tierShape = regexp.MustCompile(`^Tier[0-9A-Za-z]{1,32}$`)

// tierModel is which of the two documented ranges a tier is in.
type tierModel string

const (
	unknownTier  tierModel = ""
	standardTier tierModel = "Tier2 to Tier96"
	advancedTier tierModel = "Tier1012 to Tier1424"
)

func modelOf(tier string) tierModel {
	digits, _ := strings.CutPrefix(tier, "Tier")
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || strconv.Itoa(n) != digits:
		return unknownTier
	case n >= 2 && n <= 96:
		return standardTier
	case n >= 1012 && n <= 1424:
		return advancedTier
	}
	return unknownTier
}

// prices judges the base price and those of single markets.
func (v *validator) prices(priceID *string, byMarket map[string]string, markets *Markets) {
	// first is where each range of tiers is met first.
	first := map[tierModel]string{}
	if priceID != nil {
		v.basePrice(*priceID)
		first[modelOf(*priceID)] = *priceID
		if *priceID == tierNotAvailable && markets != nil {
			v.warn("pricing.priceId", "NotAvailable switches off every market without a tier of its own", "markets then only says where marketSpecificPricings may have one. Write a price here.")
		}
	}
	for _, code := range slices.Sorted(maps.Keys(byMarket)) {
		path, tier := "pricing.marketSpecificPricings."+code, byMarket[code]
		v.priceMarket(path, code)
		v.priceTier(path, tier, []string{tierFree, tierNotAvailable, tierBase})
		v.priceBesideMarkets(path, code, tier, markets)
		if first[modelOf(tier)] == "" {
			first[modelOf(tier)] = tier
		}
	}
	if first[standardTier] != "" && first[advancedTier] != "" {
		v.warn("pricing", fmt.Sprintf("%s and %s are tiers of two pricing models", first[standardTier], first[advancedTier]),
			fmt.Sprintf("A product has one of the two: %s, or %s when isAdvancedPricingModel is true. Correct the ones that are wrong.", standardTier, advancedTier))
	}
}

func (v *validator) basePrice(tier string) {
	if tier == tierBase {
		v.fail("pricing.priceId", "Base is no base price and is never sent", "It means that a market has no tier of its own, and the Store refuses it here: 'Base' is not a valid PriceId for base price. Write Free or a tier such as Tier5, or leave priceId out to leave the price alone.")
		return
	}
	v.priceTier("pricing.priceId", tier, []string{tierFree, tierNotAvailable})
}

const tierForms = "Write Free, or the tier of that price, such as Tier5; Partner Center shows the tiers with their prices."

// amount is a price as people write it: 4.99, 4,99 €, $5 or EUR 5.
var amount = regexp.MustCompile(`^([A-Z]{3} ?|[^0-9A-Za-z]{0,2})[0-9]+([.,][0-9]+)?( ?[A-Z]{3}|[^0-9A-Za-z]{0,2})$`)

// priceTier judges a tier: one of the named ones, or Tier and a number.
func (v *validator) priceTier(path, tier string, named []string) {
	switch {
	case slices.Contains(named, tier) || modelOf(tier) != unknownTier:
	case tierShape.MatchString(tier):
		v.warn(path, quote(tier)+" is not a documented price tier", fmt.Sprintf("Documented are %s, and %s for apps with advanced pricing. It is sent as it is, and the Store may refuse it.", standardTier, advancedTier))
	case amount.MatchString(tier):
		v.fail(path, quote(tier)+" is an amount, and the API takes price tiers", tierForms)
	default:
		v.fail(path, quote(tier)+" is not a price tier", didYouMean(tier, named)+"Allowed: "+strings.Join(named, ", ")+", and Tier with its number, such as Tier5.")
	}
}

// priceMarket judges a market that has a tier of its own. EH is on no list of
// markets, but live products have an entry for it (observed 2026-02).
func (v *validator) priceMarket(path, code string) {
	if code != "EH" {
		v.market(path, code, MarketCodes())
	}
}

// priceBesideMarkets refuses a market that pricing and markets both speak of:
// whether a market is on is written in one place.
func (v *validator) priceBesideMarkets(path, code, tier string, markets *Markets) {
	if markets == nil {
		return
	}
	out := slices.Contains(markets.Except, code)
	if !markets.All {
		out = !slices.Contains(markets.List, code)
	}
	switch {
	case out:
		v.fail(path, fmt.Sprintf("%s is left out by markets, so it has no price", code), fmt.Sprintf("Take %s out of marketSpecificPricings, or let markets have it.", code))
	case tier == tierNotAvailable && !(markets.All && (code == "LB" || code == "EH")):
		v.fail(path, fmt.Sprintf("%s is NotAvailable here though markets has it", code), "Take it out here, and switch the market off in markets.")
	}
}
