package emulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// putMsixSubmission replaces a draft
// (https://learn.microsoft.com/windows/uwp/monetize/update-an-app-submission).
// A refused one leaves the draft as it was, and does not keep it from being
// committed (observed 2026-02).
func (c *call) putMsixSubmission(p msixProduct, s *msixSubmission) reply {
	if refused, ok := c.mayEditMsix(s); !ok {
		return refused
	}
	value, err := parseJSON(c.body)
	if err != nil {
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "The request body is not valid: " + err.Error() + ".", ""}.reply()
	}
	sent, ok := value.(object)
	if !ok {
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "The request body must be a submission.", ""}.reply()
	}
	if prices, _ := foldedMember(sent, "pricing"); prices == nil && p.shape().knows("pricing") {
		// Recorded of null and of a submission without it.
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "Pricing data was not provided in the request.", "pricing"}.reply()
	}
	f := &msixFit{facts: c.facts, old: object(s.Document)}
	if published := p.line().published(); published != nil {
		f.before = object(published.Document)
	}
	document := p.rules(f, f.document(p, sent), c.state.Behavior.Msix)
	if f.problem != nil {
		if f.badLanguages && c.state.Behavior.Msix.UnsupportedLanguageBreaks {
			return msixFault(http.StatusInternalServerError)
		}
		return f.problem.reply()
	}
	s.Document = msixDocument(document)
	s.Warnings = languageWarnings(f.before, document)
	s.Errors = nil
	c.state.touch()
	return jsonReply(http.StatusOK, c.msixSubmissionAnswer(p, s))
}

// publishDate refuses a SpecificDate that has no date.
func (f *msixFit) publishDate(out object) {
	date := out.lookupText("targetPublishDate")
	if out.lookupText("targetPublishMode") == "SpecificDate" && (date == msixNoDate || date == "") {
		f.refuse("targetPublishDate", "The value of targetPublishDate is required when targetPublishMode is SpecificDate.")
	}
}

// document fits a submission into its shape, without what the service owns.
func (f *msixFit) document(p msixProduct, sent object) object {
	shape := p.shape()
	fitted, _ := shape.fit(f, "", sent).(object)
	return slices.DeleteFunc(fitted, func(m member) bool { return serverOwned(m.name) && shape.knows(m.name) })
}

// seeded gives the document of a submission that the API did not write.
func (f *msixFit) seeded(p msixProduct, document object, behavior MsixBehavior) msixDocument {
	out := f.document(p, document)
	shape := p.shape()
	if shape.knows("pricing") {
		out = out.with("pricing", f.pricing(out.lookupObject("pricing"), behavior))
	}
	if shape.knows("packageDeliveryOptions") {
		out = out.with("packageDeliveryOptions", f.delivery(out.lookupObject("packageDeliveryOptions"), behavior))
	}
	return msixDocument(out)
}

// pricing applies the rules that were measured (observed 2026-09): a price that
// is not sent becomes Free without a word, Base is refused, and
// isAdvancedPricingModel turns false.
func (f *msixFit) pricing(sent object, behavior MsixBehavior) object {
	old := f.old.lookupObject("pricing")
	price, named := sent.lookup("priceId").(string)
	switch {
	case !named:
		price = tierFree
	case price == tierBase && !f.seed:
		f.refuse("pricing", "'Base' is not a valid PriceId for base price.")
	default:
		f.tier("pricing.priceId", price, old.lookupText("priceId"), behavior)
	}
	markets, oldMarkets := sent.lookupObject("marketSpecificPricings"), old.lookupObject("marketSpecificPricings")
	for _, m := range markets {
		tier, _ := m.value.(string)
		f.tier("pricing.marketSpecificPricings."+m.name, tier, oldMarkets.lookupText(m.name), behavior)
	}
	for _, market := range behavior.marketsOff() {
		if markets.lookup(market) == nil {
			markets = markets.with(market, tierNotAvailable)
		}
	}
	// In the order of the live service's answers.
	var ordered object
	if trial := sent.lookup("trialPeriod"); trial != nil { // add-ons have none
		ordered = object{{"trialPeriod", trial}}
	}
	ordered = append(ordered, member{"marketSpecificPricings", markets}, member{"sales", []any{}}, member{"priceId", price})
	advanced := false
	if f.seed {
		advanced, _ = sent.lookup("isAdvancedPricingModel").(bool)
	}
	return append(ordered, member{"isAdvancedPricingModel", advanced}).extend(sent)
}

// tier refuses a price tier that is neither documented nor there already.
func (f *msixFit) tier(at, tier, old string, behavior MsixBehavior) {
	if f.seed || knownTier(tier) || tier == old && !behavior.RefuseUnknownTier {
		return
	}
	f.refuse(at, "The value of %s is not valid: %q is not a price tier.", at, tier)
}

// delivery keeps what only the service sets of a rollout.
func (f *msixFit) delivery(sent object, behavior MsixBehavior) object {
	rollout := sent.lookupObject("packageRollout")
	old := f.old.lookupObject("packageDeliveryOptions").lookupObject("packageRollout")
	if f.seed {
		old = rollout
	}
	on, percentage := rollout.lookup("isPackageRollout"), rollout.lookup("packageRolloutPercentage")
	if behavior.IgnoreRollout && !f.seed {
		on, percentage = old.lookup("isPackageRollout"), old.lookup("packageRolloutPercentage")
	}
	ordered := object{
		{"isPackageRollout", on}, {"packageRolloutPercentage", percentage},
		{"packageRolloutStatus", cmp.Or(old.lookupText("packageRolloutStatus"), rolloutNotStarted)},
		{"fallbackSubmissionId", cmp.Or(old.lookupText("fallbackSubmissionId"), noFallback)},
	}
	return sent.with("packageRollout", ordered.extend(rollout))
}

// languageWarnings say which languages a draft takes away or adds.
func languageWarnings(before, after object) []msixDetail {
	if before == nil {
		return nil
	}
	var out []msixDetail
	old, next := before.lookupObject("listings"), after.lookupObject("listings")
	var removed []string
	for _, m := range old {
		if next.lookup(m.name) == nil {
			removed = append(removed, m.name)
		}
	}
	if len(removed) > 0 {
		// The words are recorded; how several languages are joined is deduced.
		out = append(out, msixDetail{msixOptOut, "You have removed listing language(s): [" + strings.Join(removed, ", ") + "]"})
	}
	for _, m := range next {
		if old.lookup(m.name) == nil {
			out = append(out, msixDetail{msixOptIn, "The listing for language " + m.name + " is added."})
		}
	}
	return out
}
