package emulator

import (
	"encoding/json"
	"slices"
	"strings"
)

type availabilityInput struct {
	Markets               *[]string `json:"markets"`
	Discoverability       *string   `json:"discoverability"`
	EnableInFutureMarkets *bool     `json:"enableInFutureMarkets"`
	Pricing               *string   `json:"pricing"`
	FreeTrial             *string   `json:"freeTrial"`
}

// marketLeftOut is in the API page's table, but the live service drops it by
// itself (observed 2025-06).
const marketLeftOut = "LB"

// availability applies the availability module:
// https://learn.microsoft.com/windows/apps/publish/store-submission-api#availability-object.
func (w *metadataWrite) availability(raw json.RawMessage) {
	var in availabilityInput
	if !w.into(targetAvailability, raw, &in) {
		return
	}
	old := w.product.Availability
	w.required(targetAvailability, "markets", in.Markets != nil)
	w.required(targetAvailability, "discoverability", in.Discoverability != nil)
	w.required(targetAvailability, "enableInFutureMarkets", in.EnableInFutureMarkets != nil)
	w.required(targetAvailability, "pricing", in.Pricing != nil)
	next := availability{
		Markets:               pick(w.mode, in.Markets, old.Markets),
		Discoverability:       pick(w.mode, in.Discoverability, old.Discoverability),
		EnableInFutureMarkets: pick(w.mode, in.EnableInFutureMarkets, old.EnableInFutureMarkets),
		Pricing:               pick(w.mode, in.Pricing, old.Pricing),
		FreeTrial:             pick(w.mode, in.FreeTrial, old.FreeTrial),
		Foreign:               old.Foreign.update(members(raw), w.mode == modePut && w.behavior.PutResetsForeign),
	}
	if in.Markets != nil {
		next.Markets = w.markets(next.Markets, old.Markets)
	}
	w.enum(targetAvailability, "discoverability", in.Discoverability, old.Discoverability, w.facts.enums.Discoverability)
	w.enum(targetAvailability, "pricing", in.Pricing, old.Pricing, w.facts.enums.Pricing)
	w.enum(targetAvailability, "freeTrial", in.FreeTrial, old.FreeTrial, append([]string{""}, w.facts.enums.FreeTrial...))
	w.freeTrial(in.FreeTrial, &next)
	w.product.Availability = next
}

// markets checks and orders the sent markets. What is live stays allowed, so
// that a client may send back what it has read.
func (w *metadataWrite) markets(list, live []string) []string {
	var out []string
	refused := false
	for _, market := range list {
		code := strings.ToUpper(strings.TrimSpace(market))
		switch {
		case w.unchecked:
			out = append(out, market)
		case !w.facts.markets[code] && !slices.Contains(live, market):
			refused = true
			w.problems.add(targetAvailability, "availability.markets: %q is not a supported market.", market)
		case code == marketLeftOut && !slices.Contains(live, marketLeftOut), slices.Contains(out, code):
		default:
			out = append(out, code)
		}
	}
	if len(out) == 0 && !refused {
		w.problems.add(targetAvailability, "availability.markets must name at least one market.")
	}
	return out
}

// freeTrial is for paid apps; for others the service answers NO_FREE_TRIAL
// (observed 2026-02).
func (w *metadataWrite) freeTrial(sent *string, next *availability) {
	const none = "NO_FREE_TRIAL"
	if next.Pricing == "PAID" || next.Pricing == "SUBSCRIPTION" {
		if next.FreeTrial == "" {
			w.problems.add(targetAvailability, "availability.freeTrial is required when pricing is %s.", next.Pricing)
		}
		return
	}
	if sent != nil && *sent != "" && *sent != none {
		w.problems.add(targetAvailability, "availability.freeTrial %s needs pricing PAID or SUBSCRIPTION, not %s.", *sent, next.Pricing)
	}
	next.FreeTrial = none
}

// enum checks a sent value; what is live stays allowed.
func (w *metadataWrite) enum(target, field string, sent *string, old string, allowed []string) {
	if sent == nil || *sent == old || slices.Contains(allowed, *sent) {
		return
	}
	allowed = slices.DeleteFunc(slices.Clone(allowed), func(value string) bool { return value == "" })
	w.problems.add(target, "%s.%s: %q is not allowed; use %s.", target, field, *sent, oneOf(allowed))
}
