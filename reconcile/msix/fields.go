package msix

import (
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// Names of fields as they stand in manifests and in the app submission resource
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions).
const (
	fieldCategory      = "applicationCategory"
	fieldVisibility    = "visibility"
	fieldPublishMode   = "targetPublishMode"
	fieldPublishDate   = "targetPublishDate"
	fieldLicensing     = "enterpriseLicensing"
	fieldNotes         = "notesForCertification"
	fieldHardware      = "hardwarePreferences"
	fieldGamingOptions = "gamingOptions"
	fieldTrailers      = "trailers"
	fieldListings      = "listings"
	fieldImages        = "images"
	fieldPackages      = "packages"
	fieldRollout       = "rollout"
	fieldPercentage    = "percentage"

	fieldPricing     = "pricing"
	fieldPriceID     = "priceId"
	fieldTrialPeriod = "trialPeriod"
	fieldMarkets     = "marketSpecificPricings"

	fieldFutureFamilies = "allowTargetFutureDeviceFamilies"
	fieldDelivery       = "packageDeliveryOptions"
	fieldMandatory      = "isMandatoryUpdate"
	fieldMandatoryDate  = "mandatoryUpdateEffectiveDate"

	fieldTitle       = "title"
	fieldDescription = "description"

	fieldFileName     = "fileName"
	fieldVersion      = "version"
	fieldArchitecture = "architecture"
	fieldLanguages    = "languages"
	fieldFamilies     = "targetDeviceFamilies"
)

// wordMarkets is storesync's own field: the markets where the app is offered.
const wordMarkets = "markets"

// Values of fileStatus beside statusPendingUpload.
const (
	fileUploaded      = "Uploaded"
	filePendingDelete = "PendingDelete"
)

// tierNotAvailable is the price tier of a market where the app is not offered.
const tierNotAvailable = "NotAvailable"

// scalarField is a top-level string with a closed set of values.
type scalarField struct {
	name  string
	exact bool
	want  *string
}

// appScalars are the top-level strings of a submission.
func appScalars(s *schema.MsixApp) []scalarField {
	return []scalarField{
		{fieldCategory, false, s.ApplicationCategory},
		{fieldVisibility, true, s.Visibility},
		{fieldPublishMode, false, s.TargetPublishMode},
		{fieldLicensing, false, s.EnterpriseLicensing},
	}
}

// boolField is a boolean field.
type boolField struct {
	name string
	want *bool
}

// appBools are the top-level booleans of a submission.
func appBools(s *schema.MsixApp) []boolField {
	return []boolField{
		{"automaticBackupEnabled", s.AutomaticBackupEnabled},
		{"canInstallOnRemovableMedia", s.CanInstallOnRemovableMedia},
		{"isGameDvrEnabled", s.IsGameDvrEnabled},
		{"hasExternalInAppProducts", s.HasExternalInAppProducts},
		{"meetAccessibilityGuidelines", s.MeetAccessibilityGuidelines},
		{"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies", s.AllowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies},
		{"isSeekEnabled", s.IsSeekEnabled},
	}
}

// textField is a text of a listing.
type textField struct {
	name string
	want *schema.Text
}

// listingTexts are the texts of a base listing. privacyPolicy, supportContact
// and websiteUrl are obsolete: ignored when sent, kept in the portal.
func listingTexts(l *schema.MsixListing) []textField {
	return []textField{
		{fieldTitle, l.Title},
		{fieldDescription, l.Description},
		{"shortDescription", l.ShortDescription},
		{"shortTitle", l.ShortTitle},
		{"sortTitle", l.SortTitle},
		{"voiceTitle", l.VoiceTitle},
		{"devStudio", l.DevStudio},
		{"releaseNotes", l.ReleaseNotes},
		{"copyrightAndTrademarkInfo", l.CopyrightAndTrademarkInfo},
		{"licenseTerms", l.LicenseTerms},
	}
}

// listField is a list of strings.
type listField struct {
	name string
	want []string
}

// listingLists are the lists of strings of a base listing.
func listingLists(l *schema.MsixListing) []listField {
	return []listField{
		{"features", l.Features},
		{"keywords", l.Keywords},
		{"recommendedHardware", l.RecommendedHardware},
		{"minimumHardware", l.MinimumHardware},
	}
}

// at is a path below another.
func at(prefix plan.Path, segments ...string) plan.Path {
	return plan.Join(append([]string{string(prefix)}, segments...)...)
}

// isSegment reports whether a name of the Store can be a segment of a path.
func isSegment(name string) bool { return name != "" && !strings.ContainsAny(name, ".\x00\n") }

// exactly marks a value that the Store must return as it was sent.
func exactly(v plan.Value) plan.Value {
	v.Exact = true
	return v
}

// unset is a value that is not there: to desire it clears what is stored.
func unset() plan.Value { return plan.StringValue("") }

// Pointers into a submission.

func listingPointer(language string, rest ...string) string {
	return pointerTo(append([]string{fieldListings, language, "baseListing"}, rest...)...)
}

// liveLanguage is the spelling that a language has in a submission.
func liveLanguage(d *document, language string) (string, bool) {
	if listings := d.find("/" + fieldListings); listings != nil && listings.members[language] != nil {
		return language, true // without a look at all others
	}
	for _, live := range d.keys("/" + fieldListings) {
		if strings.EqualFold(live, language) {
			return live, true
		}
	}
	return "", false
}

// spellLanguage is the spelling that a language has, or will have, at the
// Store: new ones are sent in lower case, since others are refused (observed:
// "Language codes: en-US not supported").
func spellLanguage(d *document, language string) string {
	if live, ok := liveLanguage(d, language); ok {
		return live
	}
	return strings.ToLower(language)
}
