package msix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// marketsOfOthers are markets that the service itself keeps closed: live apps
// show them as NotAvailable without anybody having set that (observed 2026-02;
// EH is on no list of markets at all). `markets` neither opens nor closes them.
func marketsOfOthers() []string { return []string{"LB", "EH"} }

// prices sets what is written of pricing. Everything else of it is sent back
// as it was read.
func (d *desirer) prices() {
	if p := d.spec.Pricing; p != nil {
		for name, want := range map[string]*string{fieldPriceID: p.PriceID, fieldTrialPeriod: p.TrialPeriod} {
			if want != nil {
				d.desired.Set[plan.Join(fieldPricing, name)] = exactly(plan.StringValue(*want))
			}
		}
		if p.PriceID != nil && strings.EqualFold(*p.PriceID, tierBase) {
			d.fail(plan.Join(fieldPricing, fieldPriceID), "Base is no price: the Store refuses it as a base price", "Write the "+string(kindOf(d.manifest))+"'s price tier, for example Free or Tier12.")
		}
		for market, tier := range p.MarketSpecificPricings {
			d.tier(market, tier)
		}
	}
	if d.spec.Markets != nil {
		d.markets(d.spec.Markets)
	}
}

// tier sets a market's own price tier; Base takes it away.
func (d *desirer) tier(market, tier string) {
	value := plan.StringValue(tier)
	if strings.EqualFold(tier, tierBase) {
		value = unset()
	}
	d.desired.Set[marketPath(market)] = exactly(value)
}

// markets lowers the list of markets to NotAvailable tiers: the API has no
// other way to say where an app is offered. A market that is opened gets the
// base price, since the tier it had before it was closed is not kept anywhere.
func (d *desirer) markets(wanted *schema.Markets) {
	table := schema.MarketCodes()
	listed := func(market string) bool {
		if wanted.All {
			return !slices.Contains(wanted.Except, market)
		}
		return slices.Contains(wanted.List, market)
	}
	for _, market := range table {
		if slices.Contains(marketsOfOthers(), market) {
			d.noticeOthers(wanted, market)
			continue
		}
		path := marketPath(market)
		own, written := d.desired.Set[path]
		closed := strings.EqualFold(d.observed[path].Text(), tierNotAvailable)
		switch offered := listed(market); {
		case written && offered == strings.EqualFold(own.Text(), tierNotAvailable):
			d.fail(path, fmt.Sprintf("contradicts markets, which has %s %s", market, word(offered, "offered", "not offered")),
				"Write the market in one of the two places only, or the same in both.")
		case written:
		case !offered:
			d.tier(market, tierNotAvailable)
		case closed:
			d.tier(market, tierBase)
			d.noticeOpened(wanted, market)
		}
	}
}

// noticeOthers says that a market named in the manifest is not storesync's to
// set, where that makes a difference.
func (d *desirer) noticeOthers(wanted *schema.Markets, market string) {
	named := slices.Contains(wanted.List, market) || slices.Contains(wanted.Except, market)
	closed := strings.EqualFold(d.observed[marketPath(market)].Text(), tierNotAvailable)
	if named && closed != wanted.All {
		d.notice(wordMarkets, "%s is left as it is (%s): the Store sets it by itself; pricing.marketSpecificPricings.%s writes it all the same",
			market, word(closed, "not offered", "offered"), market)
	}
}

// noticeOpened: a market that `all` opens need not have been closed by the
// app's team. Live apps show China closed without their owner having set it
// (observed 2026-02).
func (d *desirer) noticeOpened(wanted *schema.Markets, market string) {
	if wanted.All {
		d.notice(marketPath(market), "markets with all opens %s, where the %s is not offered now; write except: [%s] to leave it closed", market, kindOf(d.manifest), market)
	}
}

func word(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
