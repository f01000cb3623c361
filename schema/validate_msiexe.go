package schema

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The limits of MSI/EXE apps
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
const (
	maxCertificationNotes = 2000
	maxRequirementText    = 200
)

var (
	guid    = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	storeID = regexp.MustCompile(`^[0-9A-Za-z]{12}$`)
)

func (v *validator) msiExeApp(app *MsiExeApp) {
	v.productID(app.ProductID)
	if app.Availability != nil {
		v.availability(app.Availability)
	}
	if app.Properties != nil {
		v.properties(app.Properties)
	}
	for _, language := range slices.Sorted(maps.Keys(app.Listings)) {
		v.listing(language, app.Listings[language])
	}
	v.keepsALanguage(app.RemoveUnlistedLanguages, len(app.Listings))
	v.packages(app.Packages)
}

func (v *validator) productID(id string) {
	switch {
	case id == "" || guid.MatchString(id):
		// A missing id has been reported by Load.
	case storeID.MatchString(id):
		v.fail("productId", quote(id)+" is the Store id of an MSIX product", "MSI and EXE products have a GUID; it stands in the product's address in Partner Center.")
	default:
		v.fail("productId", quote(id)+" is not a GUID", "Write the product's id from its address in Partner Center, such as 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11.")
	}
}

func (v *validator) availability(a *Availability) {
	if a.Markets != nil {
		v.markets("availability.markets", a.Markets, "A live product with every market selected had all but this one (observed 2025-06).")
	}
	v.optionalOneOf("availability.discoverability", a.Discoverability, EnumDiscoverability)
	v.optionalOneOf("availability.pricing", a.Pricing, EnumPricing)
	v.optionalOneOf("availability.freeTrial", a.FreeTrial, EnumFreeTrial)
	if a.Pricing != nil && a.FreeTrial != nil && *a.Pricing == "FREE" && *a.FreeTrial == "FREE_TRIAL" {
		v.warn("availability.freeTrial", "a FREE app has no free trial", "The Store answers NO_FREE_TRIAL for it (observed 2026-02). Write NO_FREE_TRIAL, or another pricing.")
	}
}

// markets judges a selection of markets; lebanon says what is known of the one
// market that the Store may leave out by itself.
func (v *validator) markets(path string, m *Markets, lebanon string) {
	codes := MarketCodes()
	for _, code := range m.List {
		v.market(path+"."+code, code, codes)
		if code == "LB" {
			v.warn(path+".LB", "the Store may leave out LB (Lebanon)", lebanon)
		}
	}
	for _, code := range m.Except {
		v.market(path+".except."+code, code, codes)
	}
	switch {
	case !m.All && len(m.List) == 0:
		v.fail(path, "markets is empty", "Write at least one market, or leave the field out to leave the markets alone.")
	case m.All && !slices.ContainsFunc(codes, func(code string) bool { return !slices.Contains(m.Except, code) }):
		v.fail(path, "every market is excepted", "Leave at least one market.")
	}
}

func (v *validator) market(path, code string, codes []string) {
	if slices.Contains(codes, code) {
		return
	}
	hint := ""
	switch upper := strings.ToUpper(code); {
	case slices.Contains(codes, upper):
		hint = "Did you mean " + upper + "? "
	case upper == "UK":
		hint = "Did you mean GB? "
	}
	v.fail(path, quote(code)+" is not a market of the Store", hint+"Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.")
}

func (v *validator) properties(p *Properties) {
	v.webURL("properties.privacyPolicyUrl", p.PrivacyPolicyURL)
	if p.IsPrivacyPolicyRequired != nil && *p.IsPrivacyPolicyRequired && known(p.PrivacyPolicyURL) && p.PrivacyPolicyURL.Value == "" {
		v.fail("properties.privacyPolicyUrl", "is empty though isPrivacyPolicyRequired is true", "Write the address of the privacy policy.")
	}
	v.webURL("properties.website", p.Website)
	v.contact("properties.supportContactInfo", p.SupportContactInfo)
	v.length("properties.certificationNotes", p.CertificationNotes, maxCertificationNotes)
	v.category(p.Category, p.Subcategory)
	for _, key := range slices.Sorted(maps.Keys(p.IsSystemFeatureRequired)) {
		v.key("properties.isSystemFeatureRequired."+key, key, EnumSystemFeature)
	}
	for _, key := range slices.Sorted(maps.Keys(p.SystemRequirementDetails)) {
		path := "properties.systemRequirementDetails." + key
		if v.key(path, key, EnumSystemRequirement) {
			v.systemRequirement(path+".minimumRequirement", key, p.SystemRequirementDetails[key].MinimumRequirement)
			v.systemRequirement(path+".recommendedRequirement", key, p.SystemRequirementDetails[key].RecommendedRequirement)
		}
	}
}

// systemRequirement judges one value; "" means not set.
func (v *validator) systemRequirement(path, item string, t *Text) {
	if !known(t) || t.Value == "" {
		return
	}
	enum := map[string]Enum{"Memory": EnumMemory, "DirectX": EnumDirectX, "Video_Memory": EnumVideoMemory}[item]
	if enum == "" {
		v.length(path, t, maxRequirementText)
		return
	}
	if allowed := enum.Values(); !slices.Contains(allowed, t.Value) {
		hint := ""
		if !t.Sensitive() {
			hint = didYouMean(strings.ReplaceAll(t.Value, " ", ""), allowed)
		}
		v.fail(path, shown(t)+" is not allowed", hint+"Allowed: "+strings.Join(allowed, ", ")+`, or "" for not set.`)
	}
}

// category judges category and subcategory, in the spelling of the API page.
func (v *validator) category(category, subcategory *string) {
	if category == nil {
		v.looseSubcategory(subcategory)
		return
	}
	allowed, ok := MsiExeSubcategories(*category)
	if !ok {
		v.unknownCategory(*category)
		return
	}
	switch {
	case subcategory == nil || *subcategory == "" || slices.Contains(allowed, *subcategory):
	case len(allowed) == 0:
		v.fail("properties.subcategory", fmt.Sprintf("the category %s has no subcategories", *category), "Leave subcategory out.")
	default:
		v.fail("properties.subcategory", fmt.Sprintf("%s is not a subcategory of %s", quote(*subcategory), *category),
			didYouMean(*subcategory, allowed)+"Allowed: "+strings.Join(allowed, ", ")+". The spelling is that of the MSI/EXE API.")
	}
}

func (v *validator) unknownCategory(category string) {
	all := MsiExeCategories()
	hint := didYouMean(category, all)
	if parent, child, joined := strings.Cut(category, "_"); joined && slices.Contains(all, parent) {
		hint = fmt.Sprintf("That is the spelling of MSIX apps; here it is category: %s with subcategory: %s. ", parent, child)
	}
	v.fail("properties.category", quote(category)+" is not a category", hint+"Allowed: "+strings.Join(all, ", ")+".")
}

// looseSubcategory judges a subcategory whose category is that of the Store.
func (v *validator) looseSubcategory(subcategory *string) {
	if subcategory == nil || *subcategory == "" {
		return
	}
	var all []string
	for _, category := range MsiExeCategories() {
		subcategories, _ := MsiExeSubcategories(category)
		all = append(all, subcategories...)
	}
	if !slices.Contains(all, *subcategory) {
		v.fail("properties.subcategory", quote(*subcategory)+" is not a subcategory of any category", didYouMean(*subcategory, all)+"The spelling is that of the MSI/EXE API.")
	}
}
