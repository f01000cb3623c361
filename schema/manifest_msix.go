package schema

// MsixAppKind is an app in MSIX, MSIX bundle or older packages, served by
// https://manage.devcenter.microsoft.com.
const MsixAppKind Kind = "MsixApp"

// MsixApp is the spec of kind MsixApp. Field names are those of the app
// submission resource
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions);
// markets and rollout are storesync's own words for what the API spreads over
// marketSpecificPricings and packageDeliveryOptions. A nil field is unmanaged:
// what the published submission has is sent back as it was.
type MsixApp struct {
	// AppID is the app's 12-character Store ID.
	AppID               string       `json:"appId" schema:"required"`
	ApplicationCategory *string      `json:"applicationCategory"`
	Pricing             *MsixPricing `json:"pricing"`
	Visibility          *string      `json:"visibility" schema:"one of visibility"`
	TargetPublishMode   *string      `json:"targetPublishMode" schema:"one of targetPublishMode"`
	// TargetPublishDate is an RFC 3339 time, used with SpecificDate.
	TargetPublishDate *string `json:"targetPublishDate" schema:"time"`
	// Markets is lowered to NotAvailable entries of marketSpecificPricings.
	Markets *Markets `json:"markets"`
	// Languages lists the languages that get a listing made of "*". They
	// are merged into Listings when the manifest is loaded.
	Languages []string `json:"languages" schema:"codes"`
	// Listings is keyed by language as the manifest spells it.
	Listings                map[string]*MsixListing `json:"listings" schema:"languages"`
	RemoveUnlistedLanguages bool                    `json:"removeUnlistedLanguages"`

	HardwarePreferences         []string `json:"hardwarePreferences"`
	AutomaticBackupEnabled      *bool    `json:"automaticBackupEnabled"`
	CanInstallOnRemovableMedia  *bool    `json:"canInstallOnRemovableMedia"`
	IsGameDvrEnabled            *bool    `json:"isGameDvrEnabled"`
	HasExternalInAppProducts    *bool    `json:"hasExternalInAppProducts"`
	MeetAccessibilityGuidelines *bool    `json:"meetAccessibilityGuidelines"`
	// GamingOptions is the whole value: no element or one.
	GamingOptions []GamingOptions `json:"gamingOptions"`
	// NotesForCertification is always sensitive: it may name test accounts.
	NotesForCertification *Text   `json:"notesForCertification"`
	EnterpriseLicensing   *string `json:"enterpriseLicensing" schema:"one of enterpriseLicensing"`

	AllowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies *bool `json:"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies"`
	// AllowTargetFutureDeviceFamilies is keyed by device family; families not
	// written stay as they are.
	AllowTargetFutureDeviceFamilies map[string]bool `json:"allowTargetFutureDeviceFamilies"`

	// Packages is the whole package set when not nil.
	Packages []MsixPackage `json:"packages"`
	// Trailers is the whole set of trailers when not nil.
	Trailers               []Trailer               `json:"trailers"`
	PackageDeliveryOptions *PackageDeliveryOptions `json:"packageDeliveryOptions"`
	// Rollout is what share of customers a new package set reaches first.
	Rollout *Rollout `json:"rollout"`
	// IsSeekEnabled lets customers outside the rollout who look for updates by
	// hand have the newest packages. The API page has it; live submissions did
	// not (observed 2026-02).
	IsSeekEnabled *bool `json:"isSeekEnabled"`
}

// MsixPricing is the pricing of an app. A price tier is Free, NotAvailable, or
// Tier and a number; the base price is never Base.
type MsixPricing struct {
	PriceID     *string `json:"priceId" schema:"tier"`
	TrialPeriod *string `json:"trialPeriod" schema:"one of trialPeriod"`
	// MarketSpecificPricings is keyed by market; markets not written stay, and
	// Base takes a market's own tier away.
	MarketSpecificPricings map[string]string `json:"marketSpecificPricings" schema:"tier"`
}

// MsixListing is one language's base listing. A nil field is unmanaged.
type MsixListing struct {
	Title                     *Text    `json:"title"`
	Description               *Text    `json:"description"`
	ShortDescription          *Text    `json:"shortDescription"`
	ShortTitle                *Text    `json:"shortTitle"`
	SortTitle                 *Text    `json:"sortTitle"`
	VoiceTitle                *Text    `json:"voiceTitle"`
	DevStudio                 *Text    `json:"devStudio"`
	ReleaseNotes              *Text    `json:"releaseNotes"`
	Features                  []string `json:"features"`
	Keywords                  []string `json:"keywords"`
	CopyrightAndTrademarkInfo *Text    `json:"copyrightAndTrademarkInfo"`
	LicenseTerms              *Text    `json:"licenseTerms"`
	RecommendedHardware       []string `json:"recommendedHardware"`
	MinimumHardware           []string `json:"minimumHardware"`
	// Images is keyed by imageType; types not written stay, the images of a
	// written type are the whole set of that type.
	Images map[string][]CaptionedImage `json:"images"`
}

// CaptionedImage is an image file with the caption that the Store shows.
type CaptionedImage struct {
	File Image `json:"file" schema:"required"`
	// Description is the caption; an empty one takes it away. Where it is nil,
	// the caption of the stored image whose place this one takes stays.
	Description *Text `json:"description"`
}

// MsixPackage is one package of the set.
type MsixPackage struct {
	// File is the workspace-relative package file.
	File string `json:"file" schema:"required"`
	// Version and Architecture pin the package, so that the file may be absent
	// while it is live. The architectures of a bundle are joined by _ as its
	// file name has them: x64_arm64.
	Version      string `json:"version"`
	Architecture string `json:"architecture"`
	// Content is what was read from the file; nil when the file is absent.
	Content *PackageFile `json:"-"`
}

// GamingOptions are the gaming options of an app.
type GamingOptions struct {
	Genres                         []string `json:"genres"`
	IsLocalMultiplayer             *bool    `json:"isLocalMultiplayer"`
	IsLocalCooperative             *bool    `json:"isLocalCooperative"`
	IsOnlineMultiplayer            *bool    `json:"isOnlineMultiplayer"`
	IsOnlineCooperative            *bool    `json:"isOnlineCooperative"`
	LocalMultiplayerMinPlayers     *int     `json:"localMultiplayerMinPlayers"`
	LocalMultiplayerMaxPlayers     *int     `json:"localMultiplayerMaxPlayers"`
	LocalCooperativeMinPlayers     *int     `json:"localCooperativeMinPlayers"`
	LocalCooperativeMaxPlayers     *int     `json:"localCooperativeMaxPlayers"`
	IsBroadcastingPrivilegeGranted *bool    `json:"isBroadcastingPrivilegeGranted"`
	IsCrossPlayEnabled             *bool    `json:"isCrossPlayEnabled"`
	KinectDataForExternal          *string  `json:"kinectDataForExternal" schema:"one of kinectDataForExternal"`
}

// Trailer is a video with a title and a thumbnail for each language.
type Trailer struct {
	// Video is the workspace-relative MP4 or MOV file.
	Video MediaFile `json:"videoFile" schema:"required"`
	// TrailerAssets is keyed by language.
	TrailerAssets map[string]TrailerAsset `json:"trailerAssets" schema:"languages"`
}

// TrailerAsset is what one language shows of a trailer.
type TrailerAsset struct {
	Title *Text `json:"title"`
	// Image is the thumbnail, a PNG of 1920x1080 pixels.
	Image *CaptionedImage `json:"image"`
}

// MediaFile is a local file that is neither an image nor a package.
type MediaFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// PackageDeliveryOptions say when customers must have the update.
type PackageDeliveryOptions struct {
	IsMandatoryUpdate *bool `json:"isMandatoryUpdate"`
	// MandatoryUpdateEffectiveDate is an RFC 3339 time.
	MandatoryUpdateEffectiveDate *string `json:"mandatoryUpdateEffectiveDate" schema:"time"`
}

// Rollout is the gradual rollout of a package set
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
type Rollout struct {
	// Percentage is the share of customers, above 0 and at most 100.
	Percentage *float64 `json:"percentage"`
	Halted     bool     `json:"halted"`
	Finalized  bool     `json:"finalized"`
}
