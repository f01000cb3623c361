package emulator

import (
	"encoding/json"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

type propertiesInput struct {
	IsPrivacyPolicyRequired  *bool               `json:"isPrivacyPolicyRequired"`
	PrivacyPolicyURL         *string             `json:"privacyPolicyUrl"`
	Website                  *string             `json:"website"`
	SupportContactInfo       *string             `json:"supportContactInfo"`
	CertificationNotes       *string             `json:"certificationNotes"`
	Category                 *string             `json:"category"`
	Subcategory              *string             `json:"subcategory"`
	ProductDeclarations      json.RawMessage     `json:"productDeclarations"`
	IsSystemFeatureRequired  *[]featureInput     `json:"isSystemFeatureRequired"`
	SystemRequirementDetails *[]requirementInput `json:"systemRequirementDetails"`
}

type declarationsInput struct {
	DependsOnDriversOrNT *bool `json:"dependsOnDriversOrNT"`
	AccessibilitySupport *bool `json:"accessibilitySupport"`
	PenAndInkSupport     *bool `json:"penAndInkSupport"`
}

type featureInput struct {
	IsRequired       *bool  `json:"isRequired"`
	IsRecommended    *bool  `json:"isRecommended"`
	HardwareItemType string `json:"hardwareItemType"`
}

type requirementInput struct {
	MinimumRequirement     *string `json:"minimumRequirement"`
	RecommendedRequirement *string `json:"recommendedRequirement"`
	HardwareItemType       string  `json:"hardwareItemType"`
}

// The limits of properties, in characters.
const (
	maxCertificationNotes = 2000
	maxFreeRequirement    = 200
)

// properties applies the properties module:
// https://learn.microsoft.com/windows/apps/publish/store-submission-api#properties-object.
func (w *metadataWrite) properties(raw json.RawMessage) {
	var in propertiesInput
	if !w.into(targetProperties, raw, &in) {
		return
	}
	old := w.product.Properties
	w.required(targetProperties, "isPrivacyPolicyRequired", in.IsPrivacyPolicyRequired != nil)
	w.required(targetProperties, "category", in.Category != nil)
	w.required(targetProperties, "productDeclarations", !isNull(in.ProductDeclarations))
	next := properties{
		IsPrivacyPolicyRequired: pick(w.mode, in.IsPrivacyPolicyRequired, old.IsPrivacyPolicyRequired),
		PrivacyPolicyURL:        pick(w.mode, in.PrivacyPolicyURL, old.PrivacyPolicyURL),
		Website:                 pick(w.mode, in.Website, old.Website),
		SupportContactInfo:      pick(w.mode, in.SupportContactInfo, old.SupportContactInfo),
		CertificationNotes:      pick(w.mode, in.CertificationNotes, old.CertificationNotes),
		Category:                pick(w.mode, in.Category, old.Category),
		Subcategory:             pick(w.mode, in.Subcategory, old.Subcategory),
		Declarations:            old.Declarations,
		Features:                old.Features,
		Requirements:            old.Requirements,
		Foreign:                 old.Foreign.update(members(raw), w.mode == modePut && w.behavior.PutResetsForeign),
	}
	if !isNull(in.ProductDeclarations) {
		next.Declarations = w.declarations(in.ProductDeclarations, old.Declarations)
	}
	if in.IsSystemFeatureRequired != nil || w.mode == modePut {
		next.Features = w.features(in.IsSystemFeatureRequired)
	}
	if in.SystemRequirementDetails != nil || w.mode == modePut {
		next.Requirements = w.requirements(in.SystemRequirementDetails, old.Requirements)
	}
	w.propertyTexts(in, old)
	w.category(next, old)
	if next.IsPrivacyPolicyRequired && next.PrivacyPolicyURL == "" {
		w.problems.add(targetProperties, "properties.privacyPolicyUrl is required when isPrivacyPolicyRequired is true.")
	}
	w.product.Properties = next
}

func (w *metadataWrite) propertyTexts(in propertiesInput, old properties) {
	w.link(in.PrivacyPolicyURL, old.PrivacyPolicyURL, "privacyPolicyUrl")
	w.link(in.Website, old.Website, "website")
	if in.SupportContactInfo != nil && *in.SupportContactInfo != old.SupportContactInfo {
		if text := *in.SupportContactInfo; text != "" && !isLink(text) && !isAddress(text) {
			w.problems.add(targetProperties, "properties.supportContactInfo must be a URL or an e-mail address.")
		}
	}
	w.text(targetProperties, "certificationNotes", in.CertificationNotes, old.CertificationNotes, maxCertificationNotes)
}

func (w *metadataWrite) link(sent *string, old, field string) {
	if sent != nil && *sent != old && *sent != "" && !isLink(*sent) {
		w.problems.add(targetProperties, "properties.%s must be a valid URL that starts with https:// or http://.", field)
	}
}

func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}

func isAddress(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

// text checks the length of a sent text in characters; what is live stays
// allowed.
func (w *metadataWrite) text(target, field string, sent *string, old string, limit int) {
	if sent == nil || *sent == old {
		return
	}
	if n := utf8.RuneCountInString(*sent); n > limit {
		w.problems.add(target, "%s.%s has %d characters; at most %d are allowed.", target, field, n, limit)
	}
}

// category checks category and subcategory together, unless both are live.
func (w *metadataWrite) category(next, old properties) {
	if next.Category == old.Category && next.Subcategory == old.Subcategory {
		return
	}
	subcategories, ok := w.facts.categories[next.Category]
	switch {
	case !ok:
		w.problems.add(targetProperties, "properties.category: %q is not a category.", next.Category)
	case next.Subcategory == "" && len(subcategories) > 0:
		w.problems.add(targetProperties, "properties.subcategory is required for category %s; use %s.", next.Category, oneOf(subcategories))
	case next.Subcategory != "" && len(subcategories) == 0:
		w.problems.add(targetProperties, "properties.subcategory: category %s has no subcategories, so %q is not allowed.", next.Category, next.Subcategory)
	case next.Subcategory != "" && !slices.Contains(subcategories, next.Subcategory):
		w.problems.add(targetProperties, "properties.subcategory: %q is not a subcategory of %s; use %s.", next.Subcategory, next.Category, oneOf(subcategories))
	}
}

// declarations replace the live ones as a whole: a declaration that is not
// sent is lost, an undocumented one too.
func (w *metadataWrite) declarations(raw json.RawMessage, old declarations) declarations {
	var in declarationsInput
	if !w.into(targetProperties, raw, &in) {
		return old
	}
	complete := true
	for _, field := range []struct {
		name  string
		value *bool
	}{
		{"dependsOnDriversOrNT", in.DependsOnDriversOrNT}, {"accessibilitySupport", in.AccessibilitySupport}, {"penAndInkSupport", in.PenAndInkSupport},
	} {
		if field.value == nil {
			complete = false
			w.problems.add(targetProperties, "properties.productDeclarations.%s is required.", field.name)
		}
	}
	if !complete && !w.unchecked {
		return old
	}
	return declarations{
		DependsOnDriversOrNT: pick(modePatch, in.DependsOnDriversOrNT, old.DependsOnDriversOrNT),
		AccessibilitySupport: pick(modePatch, in.AccessibilitySupport, old.AccessibilitySupport),
		PenAndInkSupport:     pick(modePatch, in.PenAndInkSupport, old.PenAndInkSupport),
		Foreign:              old.Foreign.update(members(raw), !w.unchecked),
	}
}

// features replace all rows: kinds that are not sent are reset.
func (w *metadataWrite) features(rows *[]featureInput) map[string]featureFlag {
	out := map[string]featureFlag{}
	if rows == nil {
		return out
	}
	for i, row := range *rows {
		switch {
		case !slices.Contains(w.facts.enums.SystemFeatureHardwareItemType, row.HardwareItemType):
			w.problems.add(targetProperties, "properties.isSystemFeatureRequired[%d].hardwareItemType: %q is not allowed; use %s.",
				i, row.HardwareItemType, oneOf(w.facts.enums.SystemFeatureHardwareItemType))
		case row.IsRequired == nil || row.IsRecommended == nil:
			w.problems.add(targetProperties, "properties.isSystemFeatureRequired[%d]: isRequired and isRecommended are required.", i)
		default:
			out[row.HardwareItemType] = featureFlag{*row.IsRequired, *row.IsRecommended}
		}
	}
	return out
}

// requirements replace all rows. A kind may be sent twice, for the service
// itself answers some twice; the last row counts.
func (w *metadataWrite) requirements(rows *[]requirementInput, old map[string]requirement) map[string]requirement {
	out := map[string]requirement{}
	if rows == nil {
		return out
	}
	for i, row := range *rows {
		kind := row.HardwareItemType
		switch {
		case !slices.Contains(w.facts.enums.SystemRequirementHardwareItemType, kind):
			w.problems.add(targetProperties, "properties.systemRequirementDetails[%d].hardwareItemType: %q is not allowed; use %s.",
				i, kind, oneOf(w.facts.enums.SystemRequirementHardwareItemType))
			continue
		case row.MinimumRequirement == nil || row.RecommendedRequirement == nil:
			w.problems.add(targetProperties, "properties.systemRequirementDetails[%d]: minimumRequirement and recommendedRequirement are required (\"\" for none).", i)
			continue
		}
		w.requirement(kind, "minimumRequirement", *row.MinimumRequirement, old[kind].Minimum)
		w.requirement(kind, "recommendedRequirement", *row.RecommendedRequirement, old[kind].Recommended)
		if *row.MinimumRequirement != "" || *row.RecommendedRequirement != "" {
			out[kind] = requirement{*row.MinimumRequirement, *row.RecommendedRequirement}
		} else {
			delete(out, kind)
		}
	}
	return out
}

func (w *metadataWrite) requirement(kind, field, value, old string) {
	if value == "" || value == old {
		return
	}
	allowed, free := w.facts.requirementValues(kind)
	field = "systemRequirementDetails." + kind + "." + field
	if free {
		w.text(targetProperties, field, &value, old, maxFreeRequirement)
		return
	}
	if !slices.Contains(allowed, value) {
		w.problems.add(targetProperties, "properties.%s: %q is not allowed; use %s.", field, value, strings.TrimSpace(oneOf(allowed)))
	}
}
