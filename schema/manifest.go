package schema

// APIVersion is the one format version of manifests that this package reads.
const APIVersion = "storesync/v1"

// Kind names what a manifest describes and thereby which Store API serves it.
type Kind string

// MsiExeApp is an MSI or EXE app, served by https://api.store.microsoft.com.
const MsiExeAppKind Kind = "MsiExeApp"

// Manifest is one YAML document, strictly decoded and resolved: variables are
// replaced, {file} values are read, images are measured, and the "*" listing
// is merged into every language that the manifest names.
type Manifest struct {
	Kind     Kind
	Metadata Metadata
	// MsiExeApp is the spec when Kind is MsiExeAppKind.
	MsiExeApp *MsiExeApp

	// File is the manifest's file as it was named on the command line, "-"
	// for standard input; Document counts the YAML documents in it from 0.
	File     string
	Document int

	positions map[string]Position
}

// Address is the manifest's name in commands, plans and errors, for example
// MsiExeApp/contoso-reader. It is unique in a workspace.
func (m *Manifest) Address() string { return string(m.Kind) + "/" + m.Metadata.Name }

// Metadata names a manifest within its workspace.
type Metadata struct {
	Name   string
	Labels map[string]string
}

// MsiExeApp is the spec of kind MsiExeApp. Field names are those of the API
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
// A nil field is unmanaged: storesync neither reads nor writes it.
type MsiExeApp struct {
	// ProductID is the product's GUID in Partner Center.
	ProductID    string
	Availability *Availability
	Properties   *Properties
	// Languages lists the languages that get a listing made of "*". They
	// are merged into Listings when the manifest is loaded.
	Languages []string
	// Listings is keyed by language as the manifest spells it; "*" is
	// already merged into each and is not a key here.
	Listings map[string]*Listing
	// RemoveUnlistedLanguages asks for the removal of live languages that
	// Listings does not have.
	RemoveUnlistedLanguages bool
	// Packages is the whole package set when not nil, by the manifest's own
	// keys ([A-Za-z0-9_-]+).
	Packages map[string]*Package
}

// Availability is the availability module.
type Availability struct {
	Markets               *Markets
	Discoverability       *string
	EnableInFutureMarkets *bool
	Pricing               *string
	FreeTrial             *string
}

// Markets is a list of ISO 3166-1 alpha-2 codes, or all markets with exceptions.
type Markets struct {
	// List holds the codes, sorted, when All is false.
	List []string
	// All stands for every market of MarketCodes except those in Except.
	All    bool
	Except []string
}

// Properties is the properties module.
type Properties struct {
	IsPrivacyPolicyRequired *bool
	PrivacyPolicyURL        *Text
	Website                 *Text
	SupportContactInfo      *Text
	// CertificationNotes is always sensitive: it may name test accounts.
	CertificationNotes  *Text
	Category            *string
	Subcategory         *string
	ProductDeclarations *ProductDeclarations
	// IsSystemFeatureRequired is keyed by hardwareItemType (Touch, …).
	IsSystemFeatureRequired map[string]*SystemFeature
	// SystemRequirementDetails is keyed by hardwareItemType (Memory, …).
	SystemRequirementDetails map[string]*SystemRequirement
}

// ProductDeclarations are the declarations the API documents.
type ProductDeclarations struct {
	DependsOnDriversOrNT *bool
	AccessibilitySupport *bool
	PenAndInkSupport     *bool
}

// SystemFeature is one row of isSystemFeatureRequired.
type SystemFeature struct {
	IsRequired    *bool
	IsRecommended *bool
}

// SystemRequirement is one row of systemRequirementDetails; "" means not set.
type SystemRequirement struct {
	MinimumRequirement     *Text
	RecommendedRequirement *Text
}

// Listing is one language's listing with the images beside it. A nil slice is
// unmanaged; an empty text list clears it (empty image lists are refused).
type Listing struct {
	Description            *Text
	ShortDescription       *Text
	WhatsNew               *Text
	ProductFeatures        []string
	SearchTerms            []string
	AdditionalLicenseTerms *Text
	Copyright              *Text
	DevelopedBy            *Text
	SortTitle              *Text
	Requirements           []Requirement
	ContactInfo            *Text
	Logos                  []Image
	Screenshots            []Image
}

// Requirement is one row of a listing's hardware requirements.
type Requirement struct {
	MinimumHardware     string `json:"minimumHardware"`
	RecommendedHardware string `json:"recommendedHardware"`
}

// Package is one installer of the package set.
type Package struct {
	PackageURL *Text
	// SHA256 is the installer's expected digest in lower-case hex, "" when
	// the manifest does not pin it.
	SHA256              string
	PackageType         string // exe or msi; always set
	Architecture        string // Neutral, X86, X64, Arm, Arm64; always set
	Languages           []string
	IsSilentInstall     *bool
	InstallerParameters *Text
	GenericDocURL       *Text
	// ErrorDetails is keyed by errorScenario; scenarios not written stay.
	ErrorDetails map[string][]ErrorDetail
}

// ErrorDetail is one return code of an EXE installer.
type ErrorDetail struct {
	ErrorValue string `json:"errorValue"`
	ErrorURL   string `json:"errorUrl"`
}

// Text is one string of a manifest after its source has been resolved.
type Text struct {
	// Value is the text with LF line ends and no byte order mark.
	Value string
	// Env is the environment variable's name when the manifest said {env:
	// NAME}. Such a value is sensitive.
	Env string
	// Unset says that Env was not looked up or has no value, so that Value
	// is not known.
	Unset bool
	// File is the workspace-relative path when the manifest said {file: …}.
	File string
}

// Sensitive reports whether the text came from the environment and must never
// be shown, logged, or kept.
func (t *Text) Sensitive() bool { return t != nil && t.Env != "" }

// Image is a local image file, measured when the manifest was loaded.
type Image struct {
	// Name is the workspace-relative path with forward slashes.
	Name string
	// Bytes is the file's size; Width and Height are pixels of its header.
	Bytes         int64
	Width, Height int
	// SHA256 and MD5 are digests of the content in lower-case hex.
	SHA256, MD5 string
}
