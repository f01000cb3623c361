package schema

// APIVersion is the one format version of manifests that this package reads.
const APIVersion = "storesync/v1"

// Kind names what a manifest describes and thereby which Store API serves it.
type Kind string

// MsiExeApp is an MSI or EXE app, served by https://api.store.microsoft.com.
const MsiExeAppKind Kind = "MsiExeApp"

// Manifest is one YAML document, strictly decoded and resolved: variables are
// replaced, {file} values are read, images are measured, packages are read, and
// the "*" listing is merged into every language that the manifest names.
type Manifest struct {
	Kind     Kind
	Metadata Metadata
	// MsiExeApp is the spec when Kind is MsiExeAppKind.
	MsiExeApp *MsiExeApp
	// MsixApp is the spec when Kind is MsixAppKind.
	MsixApp *MsixApp
	// AddOn is the spec when Kind is AddOnKind.
	AddOn *AddOn
	// PackageFlight is the spec when Kind is PackageFlightKind.
	PackageFlight *PackageFlight

	// dependsOn are the addresses of the manifests that this one refers to.
	dependsOn []string

	// reads are the names of the files that the manifest was read from.
	reads map[string]int

	// File is the manifest's file as it was named on the command line, "-"
	// for standard input; Document counts the YAML documents in it from 0.
	File     string
	Document int

	// places are where values are written, by lower-case path.
	places map[string]place
	// holed are the paths of lists that lack an item with a mistake.
	holed map[string]bool
}

// Address is the manifest's name in commands, plans and errors, for example
// MsiExeApp/contoso-reader. It is unique in a workspace.
func (m *Manifest) Address() string { return string(m.Kind) + "/" + m.Metadata.Name }

// Metadata names a manifest within its workspace.
type Metadata struct {
	Name   string            `json:"name" schema:"required"`
	Labels map[string]string `json:"labels"`
	// State is present (or "") or absent: an add-on or flight that is to be
	// deleted.
	State string `json:"state"`
	// Protect names guards that refuse for this product even when they are
	// allowed.
	Protect []string `json:"protect"`
}

// The values of Metadata.State.
const (
	StatePresent = "present"
	StateAbsent  = "absent"
)

// Absent reports whether the product is to be deleted.
func (m *Manifest) Absent() bool { return m.Metadata.State == StateAbsent }

// DependsOn are the addresses of the manifests that this one refers to, sorted:
// the app of an add-on or flight, and the flight that a flight ranks above.
func (m *Manifest) DependsOn() []string { return m.dependsOn }

// MsiExeApp is the spec of kind MsiExeApp. Field names are those of the API
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
// A nil field is unmanaged: storesync neither reads nor writes it.
type MsiExeApp struct {
	// ProductID is the product's GUID in Partner Center.
	ProductID    string        `json:"productId" schema:"required"`
	Availability *Availability `json:"availability"`
	Properties   *Properties   `json:"properties"`
	// Languages lists the languages that get a listing made of "*". They
	// are merged into Listings when the manifest is loaded.
	Languages []string `json:"languages" schema:"codes"`
	// Listings is keyed by language as the manifest spells it; "*" is
	// already merged into each and is not a key here.
	Listings map[string]*Listing `json:"listings" schema:"languages"`
	// RemoveUnlistedLanguages asks for the removal of live languages that
	// Listings does not have.
	RemoveUnlistedLanguages bool `json:"removeUnlistedLanguages"`
	// Packages is the whole package set when not nil, by the manifest's own
	// keys ([A-Za-z0-9_-]+).
	Packages map[string]*Package `json:"packages"`
}

// Availability is the availability module.
type Availability struct {
	Markets               *Markets `json:"markets"`
	Discoverability       *string  `json:"discoverability" schema:"one of discoverability"`
	EnableInFutureMarkets *bool    `json:"enableInFutureMarkets"`
	Pricing               *string  `json:"pricing" schema:"one of pricing"`
	FreeTrial             *string  `json:"freeTrial" schema:"one of freeTrial"`
}

// Markets is a list of ISO 3166-1 alpha-2 codes, or all markets with exceptions.
type Markets struct {
	// List holds the codes, sorted, when All is false.
	List []string `json:"list"`
	// All stands for every market of MarketCodes except those in Except.
	All    bool     `json:"all"`
	Except []string `json:"except"`
}

// Properties is the properties module.
type Properties struct {
	IsPrivacyPolicyRequired *bool `json:"isPrivacyPolicyRequired"`
	PrivacyPolicyURL        *Text `json:"privacyPolicyUrl"`
	Website                 *Text `json:"website"`
	SupportContactInfo      *Text `json:"supportContactInfo"`
	// CertificationNotes is always sensitive: it may name test accounts.
	CertificationNotes  *Text                `json:"certificationNotes"`
	Category            *string              `json:"category"`
	Subcategory         *string              `json:"subcategory"`
	ProductDeclarations *ProductDeclarations `json:"productDeclarations"`
	// IsSystemFeatureRequired is keyed by hardwareItemType (Touch, …).
	IsSystemFeatureRequired map[string]*SystemFeature `json:"isSystemFeatureRequired"`
	// SystemRequirementDetails is keyed by hardwareItemType (Memory, …).
	SystemRequirementDetails map[string]*SystemRequirement `json:"systemRequirementDetails"`
}

// ProductDeclarations are the declarations the API documents.
type ProductDeclarations struct {
	DependsOnDriversOrNT *bool `json:"dependsOnDriversOrNT"`
	AccessibilitySupport *bool `json:"accessibilitySupport"`
	PenAndInkSupport     *bool `json:"penAndInkSupport"`
}

// SystemFeature is one row of isSystemFeatureRequired.
type SystemFeature struct {
	IsRequired    *bool `json:"isRequired"`
	IsRecommended *bool `json:"isRecommended"`
}

// SystemRequirement is one row of systemRequirementDetails; "" means not set.
type SystemRequirement struct {
	MinimumRequirement     *Text `json:"minimumRequirement"`
	RecommendedRequirement *Text `json:"recommendedRequirement"`
}

// Listing is one language's listing with the images beside it. A nil slice is
// unmanaged; an empty text list clears it (empty image lists are refused).
type Listing struct {
	Description            *Text         `json:"description"`
	ShortDescription       *Text         `json:"shortDescription"`
	WhatsNew               *Text         `json:"whatsNew"`
	ProductFeatures        []string      `json:"productFeatures"`
	SearchTerms            []string      `json:"searchTerms"`
	AdditionalLicenseTerms *Text         `json:"additionalLicenseTerms"`
	Copyright              *Text         `json:"copyright"`
	DevelopedBy            *Text         `json:"developedBy"`
	SortTitle              *Text         `json:"sortTitle"`
	Requirements           []Requirement `json:"requirements"`
	ContactInfo            *Text         `json:"contactInfo"`
	Logos                  []Image       `json:"logos"`
	Screenshots            []Image       `json:"screenshots"`
}

// Requirement is one row of a listing's hardware requirements.
type Requirement struct {
	MinimumHardware     string `json:"minimumHardware"`
	RecommendedHardware string `json:"recommendedHardware"`
}

// Package is one installer of the package set.
type Package struct {
	PackageURL *Text `json:"packageUrl"`
	// SHA256 is the installer's expected digest in lower-case hex, "" when
	// the manifest does not pin it.
	SHA256              string   `json:"sha256"`
	PackageType         string   `json:"packageType" schema:"required"`  // exe or msi; always set
	Architecture        string   `json:"architecture" schema:"required"` // Neutral, X86, X64, Arm, Arm64; always set
	Languages           []string `json:"languages" schema:"codes"`
	IsSilentInstall     *bool    `json:"isSilentInstall"`
	InstallerParameters *Text    `json:"installerParameters"`
	GenericDocURL       *Text    `json:"genericDocUrl"`
	// ErrorDetails is keyed by errorScenario; scenarios not written stay.
	ErrorDetails map[string][]ErrorDetail `json:"errorDetails"`
}

// ErrorDetail is one return code of an EXE installer.
type ErrorDetail struct {
	ErrorValue string `json:"errorValue"`
	ErrorURL   string `json:"errorUrl"`
}

// Text is one string of a manifest after its source has been resolved.
type Text struct {
	// Value is the text with LF line ends and no byte order mark.
	Value string `json:"value"`
	// Env is the environment variable's name when the manifest said {env:
	// NAME}. Such a value is sensitive.
	Env string `json:"env"`
	// Unset says that Env was not looked up or has no value, so that Value
	// is not known.
	Unset bool `json:"unset"`
	// File is the workspace-relative path when the manifest said {file: …}.
	File string `json:"file"`
}

// Sensitive reports whether the text came from the environment and must never
// be shown, logged, or kept.
func (t *Text) Sensitive() bool { return t != nil && t.Env != "" }

// Image is a local image file, measured when the manifest was loaded.
type Image struct {
	// Name is the workspace-relative path with forward slashes.
	Name string `json:"name"`
	// Bytes is the file's size; Width and Height are pixels of its header.
	Bytes  int64 `json:"bytes"`
	Width  int   `json:"width"`
	Height int   `json:"height"`
	// SHA256 and MD5 are digests of the content in lower-case hex.
	SHA256 string `json:"sha256"`
	MD5    string `json:"md5"`
}
