package emulator

import (
	"encoding/json"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// product is one MSI/EXE product: its draft and its submissions.
type product struct {
	ID           string         `json:"productId"`
	Availability availability   `json:"availability"`
	Properties   properties     `json:"properties"`
	Listings     []listing      `json:"listings"`
	Packages     []installer    `json:"packages"`
	Assets       []assetSet     `json:"assets"`
	Created      []createdAsset `json:"created,omitempty"`
	Submissions  []submission   `json:"submissions,omitempty"`

	// PackagesDirty: written since the last commit.
	PackagesDirty bool `json:"packagesDirty,omitempty"`
	// Accepted is the package set that was last downloaded and scanned.
	Accepted string `json:"accepted,omitempty"`
	// Processing is set while packages are downloaded and scanned.
	Processing *processing `json:"processing,omitempty"`
	// PackageErrors are of the last commit.
	PackageErrors []apiError `json:"packageErrors,omitempty"`
	// ModulesReady is when the last written module is ready again.
	ModulesReady time.Time `json:"modulesReady,omitzero"`
}

type processing struct {
	Due time.Time `json:"due"`
	// Set is the package set as committed, Bad what cannot be downloaded of it.
	Set string   `json:"set"`
	Bad []string `json:"bad,omitempty"`
}

type submission struct {
	ID        string    `json:"id"`
	Submitted time.Time `json:"submitted"`
	Due       time.Time `json:"due"`
	Outcome   string    `json:"outcome"` // what Status will be when due
	Status    string    `json:"status"`
}

// The publishing statuses that the emulator plays.
const (
	statusInProgress = "INPROGRESS"
	statusPublished  = "PUBLISHED"
	statusFailed     = "FAILED"
)

// running is the one active submission; nil when there is none.
func (p *product) running() *submission {
	for i := range p.Submissions {
		if p.Submissions[i].Status == statusInProgress {
			return &p.Submissions[i]
		}
	}
	return nil
}

// clone is a copy that a write works on, so that a refused one leaves nothing.
func (p *product) clone() (*product, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	out := &product{}
	return out, json.Unmarshal(raw, out)
}

func (p *product) listing(language string) *listing {
	for i := range p.Listings {
		if strings.EqualFold(p.Listings[i].Language, language) {
			return &p.Listings[i]
		}
	}
	return nil
}

func (p *product) assets(language string) *assetSet {
	for i := range p.Assets {
		if strings.EqualFold(p.Assets[i].Language, language) {
			return &p.Assets[i]
		}
	}
	return nil
}

// addListing makes an empty listing with room for its assets. Assets are kept
// in another order than listings, as the live service answers them.
func (p *product) addListing(language string) {
	p.Listings = append(p.Listings, listing{Language: language, Foreign: foreign{
		"heroArts": json.RawMessage("[]"), "trailers": json.RawMessage("[]"),
	}})
	p.Assets = slices.Insert(p.Assets, 0, assetSet{Language: language, Folder: newGUID()})
}

type availability struct {
	Markets               []string `json:"markets"`
	Discoverability       string   `json:"discoverability"`
	EnableInFutureMarkets bool     `json:"enableInFutureMarkets"`
	Pricing               string   `json:"pricing"`
	FreeTrial             string   `json:"freeTrial"`
	Foreign               foreign  `json:"foreign,omitempty"`
}

func (a availability) answer() object {
	return object{
		{"markets", listOf(shuffled(a.Markets))},
		{"discoverability", a.Discoverability},
		{"enableInFutureMarkets", a.EnableInFutureMarkets},
	}.text("pricing", a.Pricing).text("freeTrial", a.FreeTrial).foreign(a.Foreign)
}

// shuffled is a fixed order that is not alphabetical: the live service's is
// not either (observed 2025-06), so clients must compare sets.
func shuffled(values []string) []string {
	rank := func(value string) uint32 {
		h := fnv.New32a()
		h.Write([]byte(value)) // never fails
		return h.Sum32()
	}
	return slices.SortedStableFunc(slices.Values(values), func(a, b string) int {
		if ra, rb := rank(a), rank(b); ra < rb {
			return -1
		} else if ra > rb {
			return 1
		}
		return strings.Compare(a, b)
	})
}

// listOf answers an unset list as [], never null.
func listOf[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

type properties struct {
	IsPrivacyPolicyRequired bool                   `json:"isPrivacyPolicyRequired"`
	PrivacyPolicyURL        string                 `json:"privacyPolicyUrl,omitempty"`
	Website                 string                 `json:"website,omitempty"`
	SupportContactInfo      string                 `json:"supportContactInfo,omitempty"`
	CertificationNotes      string                 `json:"certificationNotes,omitempty"`
	Category                string                 `json:"category"`
	Subcategory             string                 `json:"subcategory,omitempty"`
	Declarations            declarations           `json:"productDeclarations"`
	Features                map[string]featureFlag `json:"systemFeatures,omitempty"`
	Requirements            map[string]requirement `json:"systemRequirements,omitempty"`
	Foreign                 foreign                `json:"foreign,omitempty"`
}

type declarations struct {
	DependsOnDriversOrNT bool    `json:"dependsOnDriversOrNT"`
	AccessibilitySupport bool    `json:"accessibilitySupport"`
	PenAndInkSupport     bool    `json:"penAndInkSupport"`
	Foreign              foreign `json:"foreign,omitempty"`
}

type featureFlag struct {
	Required    bool `json:"isRequired"`
	Recommended bool `json:"isRecommended"`
}

type requirement struct {
	Minimum     string `json:"minimumRequirement"`
	Recommended string `json:"recommendedRequirement"`
}

// answer pads both requirement lists with all rows, as observed.
func (p properties) answer(f *facts, duplicate bool) object {
	features := make([]object, 0, len(f.enums.SystemFeatureHardwareItemType))
	for _, kind := range f.enums.SystemFeatureHardwareItemType {
		flag := p.Features[kind]
		features = append(features, object{{"isRequired", flag.Required}, {"isRecommended", flag.Recommended}, {"hardwareItemType", kind}})
	}
	// The live order is not the documented one.
	kinds := []string{"Memory", "DirectX", "Video_Memory", "Processor", "Graphics"}
	if duplicate {
		kinds = append(kinds, "Memory", "DirectX")
	}
	requirements := make([]object, 0, len(kinds))
	for _, kind := range kinds {
		row := p.Requirements[kind]
		requirements = append(requirements, object{{"minimumRequirement", row.Minimum}, {"recommendedRequirement", row.Recommended}, {"hardwareItemType", kind}})
	}
	out := object{{"isPrivacyPolicyRequired", p.IsPrivacyPolicyRequired}}.
		text("privacyPolicyUrl", p.PrivacyPolicyURL).text("website", p.Website).
		text("supportContactInfo", p.SupportContactInfo).text("certificationNotes", p.CertificationNotes).
		text("category", p.Category).text("subcategory", p.Subcategory).foreign(p.Foreign)
	return append(out,
		member{"productDeclarations", object{
			{"dependsOnDriversOrNT", p.Declarations.DependsOnDriversOrNT},
			{"accessibilitySupport", p.Declarations.AccessibilitySupport},
			{"penAndInkSupport", p.Declarations.PenAndInkSupport},
		}.foreign(p.Declarations.Foreign)},
		member{"isSystemFeatureRequired", features},
		member{"systemRequirementDetails", requirements},
	)
}

type listing struct {
	Language               string        `json:"language"`
	Description            string        `json:"description,omitempty"`
	WhatsNew               string        `json:"whatsNew,omitempty"`
	ProductFeatures        []string      `json:"productFeatures,omitempty"`
	ShortDescription       string        `json:"shortDescription,omitempty"`
	SearchTerms            []string      `json:"searchTerms,omitempty"`
	AdditionalLicenseTerms string        `json:"additionalLicenseTerms,omitempty"`
	Copyright              string        `json:"copyright,omitempty"`
	DevelopedBy            string        `json:"developedBy,omitempty"`
	SortTitle              string        `json:"sortTitle,omitempty"`
	Requirements           []hardwareRow `json:"requirements,omitempty"`
	ContactInfo            string        `json:"contactInfo,omitempty"`
	Foreign                foreign       `json:"foreign,omitempty"`
}

type hardwareRow struct {
	Minimum     string `json:"minimumHardware"`
	Recommended string `json:"recommendedHardware"`
}

func (l listing) answer(b Behavior) object {
	rows := make([]object, 0, len(l.Requirements))
	for _, row := range l.Requirements {
		rows = append(rows, object{}.text("minimumHardware", row.Minimum).text("recommendedHardware", row.Recommended))
	}
	if len(rows) == 0 && b.EmptyRequirementsAsObject {
		rows = append(rows, object{})
	}
	out := object{{"language", l.Language}}.
		text("description", l.Description).text("whatsNew", l.WhatsNew)
	out = append(out, member{"productFeatures", listOf(l.ProductFeatures)}).
		text("shortDescription", l.ShortDescription)
	out = append(out, member{"searchTerms", listOf(l.SearchTerms)}).
		text("additionalLicenseTerms", l.AdditionalLicenseTerms).text("copyright", l.Copyright).
		text("developedBy", l.DevelopedBy).text("sortTitle", l.SortTitle)
	return append(out, member{"requirements", rows}).text("contactInfo", l.ContactInfo).foreign(l.Foreign)
}
