package emulator

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

type listingInput struct {
	Language               *string          `json:"language"`
	Description            *string          `json:"description"`
	WhatsNew               *string          `json:"whatsNew"`
	ProductFeatures        *[]string        `json:"productFeatures"`
	ShortDescription       *string          `json:"shortDescription"`
	SearchTerms            *[]string        `json:"searchTerms"`
	AdditionalLicenseTerms *string          `json:"additionalLicenseTerms"`
	Copyright              *string          `json:"copyright"`
	DevelopedBy            *string          `json:"developedBy"`
	SortTitle              *string          `json:"sortTitle"`
	Requirements           *[]hardwareInput `json:"requirements"`
	ContactInfo            *string          `json:"contactInfo"`
}

type hardwareInput struct {
	MinimumHardware     string `json:"minimumHardware"`
	RecommendedHardware string `json:"recommendedHardware"`
}

// The limits of a listing, lengths in characters:
// https://learn.microsoft.com/windows/apps/publish/store-submission-api#listings-object.
// sortTitle has none on that page; it is the portal's for MSIX.
const (
	maxDescription       = 10000
	maxWhatsNew          = 1500
	maxFeatures          = 20
	maxFeature           = 200
	maxShortDescription  = 1000
	maxSearchTerms       = 7
	maxSearchTerm        = 30
	maxSearchWords       = 21
	maxLicenseTerms      = 10000
	maxCopyright         = 200
	maxDevelopedBy       = 255
	maxSortTitle         = 255
	maxRequirements      = 11
	maxRequirementLength = 200
	maxContactInfo       = 200
)

// listing applies the listing of one language.
func (w *metadataWrite) listing(raw json.RawMessage, removed []string) {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		w.problems.add(targetListings, "listings must be one object: one language is updated in one request.")
		return
	}
	var in listingInput
	if !w.into(targetListings, raw, &in) {
		return
	}
	if in.Language == nil || *in.Language == "" {
		w.problems.add(targetListings, "listings.language is required.")
		return
	}
	old := w.product.listing(*in.Language)
	if old == nil {
		hint := "add it with listingsToAdd"
		if slices.ContainsFunc(removed, func(tag string) bool { return strings.EqualFold(tag, *in.Language) }) {
			hint = "it is in listingsToRemove"
		}
		w.problems.add(targetListings, "The product has no listing for language %q: %s.", *in.Language, hint)
		return
	}
	w.required(targetListings, "description", in.Description != nil)
	w.required(targetListings, "additionalLicenseTerms", in.AdditionalLicenseTerms != nil)
	w.listingTexts(in, *old)
	w.listingLists(in, *old)
	rows := old.Requirements
	if in.Requirements != nil || w.mode == modePut {
		rows = w.hardware(in.Requirements)
	}
	*old = listing{
		Language:               old.Language,
		Description:            pick(w.mode, in.Description, old.Description),
		WhatsNew:               pick(w.mode, in.WhatsNew, old.WhatsNew),
		ProductFeatures:        pick(w.mode, in.ProductFeatures, old.ProductFeatures),
		ShortDescription:       pick(w.mode, in.ShortDescription, old.ShortDescription),
		SearchTerms:            pick(w.mode, in.SearchTerms, old.SearchTerms),
		AdditionalLicenseTerms: pick(w.mode, in.AdditionalLicenseTerms, old.AdditionalLicenseTerms),
		Copyright:              pick(w.mode, in.Copyright, old.Copyright),
		DevelopedBy:            pick(w.mode, in.DevelopedBy, old.DevelopedBy),
		SortTitle:              pick(w.mode, in.SortTitle, old.SortTitle),
		Requirements:           rows,
		ContactInfo:            pick(w.mode, in.ContactInfo, old.ContactInfo),
		Foreign:                old.Foreign.update(members(raw), w.mode == modePut && w.behavior.PutResetsForeign),
	}
}

func (w *metadataWrite) listingTexts(in listingInput, old listing) {
	for _, field := range []struct {
		name     string
		sent     *string
		old      string
		limit    int
		required bool
	}{
		{"description", in.Description, old.Description, maxDescription, true},
		{"whatsNew", in.WhatsNew, old.WhatsNew, maxWhatsNew, false},
		{"shortDescription", in.ShortDescription, old.ShortDescription, maxShortDescription, false},
		{"additionalLicenseTerms", in.AdditionalLicenseTerms, old.AdditionalLicenseTerms, maxLicenseTerms, true},
		{"copyright", in.Copyright, old.Copyright, maxCopyright, false},
		{"developedBy", in.DevelopedBy, old.DevelopedBy, maxDevelopedBy, false},
		{"sortTitle", in.SortTitle, old.SortTitle, maxSortTitle, false},
		{"contactInfo", in.ContactInfo, old.ContactInfo, maxContactInfo, false},
	} {
		w.text(targetListings, field.name, field.sent, field.old, field.limit)
		if field.required && field.sent != nil && *field.sent == "" {
			w.problems.add(targetListings, "listings.%s must not be empty.", field.name)
		}
	}
}

func (w *metadataWrite) listingLists(in listingInput, old listing) {
	w.texts("productFeatures", in.ProductFeatures, old.ProductFeatures, maxFeatures, maxFeature)
	w.texts("searchTerms", in.SearchTerms, old.SearchTerms, maxSearchTerms, maxSearchTerm)
	if in.SearchTerms == nil || slices.Equal(*in.SearchTerms, old.SearchTerms) {
		return
	}
	words := map[string]bool{}
	for _, term := range *in.SearchTerms {
		for word := range strings.FieldsSeq(strings.ToLower(term)) {
			words[word] = true
		}
	}
	if len(words) > maxSearchWords {
		w.problems.add(targetListings, "listings.searchTerms have %d unique words; at most %d are allowed over all terms.", len(words), maxSearchWords)
	}
}

func (w *metadataWrite) texts(field string, sent *[]string, old []string, maxItems, maxLength int) {
	if sent == nil || slices.Equal(*sent, old) {
		return
	}
	if n := len(*sent); n > maxItems {
		w.problems.add(targetListings, "listings.%s has %d items; at most %d are allowed.", field, n, maxItems)
	}
	for i, text := range *sent {
		if n := utf8.RuneCountInString(text); n > maxLength {
			w.problems.add(targetListings, "listings.%s[%d] has %d characters; at most %d are allowed.", field, i, n, maxLength)
		}
		if strings.TrimSpace(text) == "" {
			w.problems.add(targetListings, "listings.%s[%d] must not be empty.", field, i)
		}
	}
}

// hardware checks requirements; [{}] is what the service itself answers for none.
func (w *metadataWrite) hardware(rows *[]hardwareInput) []hardwareRow {
	if rows == nil {
		return nil
	}
	var out []hardwareRow
	for i, row := range *rows {
		if row == (hardwareInput{}) {
			continue
		}
		w.text(targetListings, "requirements.minimumHardware", &row.MinimumHardware, "", maxRequirementLength)
		w.text(targetListings, "requirements.recommendedHardware", &row.RecommendedHardware, "", maxRequirementLength)
		if i == maxRequirements {
			w.problems.add(targetListings, "listings.requirements has %d items; at most %d are allowed.", len(*rows), maxRequirements)
		}
		out = append(out, hardwareRow{Minimum: row.MinimumHardware, Recommended: row.RecommendedHardware})
	}
	return out
}

// missing names what a listing lacks to be submitted.
func missing(p *product, l listing) []string {
	var out []string
	if l.Description == "" {
		out = append(out, "description")
	}
	if l.AdditionalLicenseTerms == "" {
		out = append(out, "additionalLicenseTerms")
	}
	assets := p.assets(l.Language)
	if assets == nil || len(assets.Screenshots) == 0 {
		out = append(out, "at least one screenshot")
	}
	if assets == nil || len(assets.Logos) == 0 {
		out = append(out, "at least one logo")
	}
	return out
}
