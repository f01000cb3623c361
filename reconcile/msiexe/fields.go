package msiexe

import (
	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// Names of modules and fields as they stand in manifests and in the API
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
const (
	moduleAvailability = "availability"
	moduleProperties   = "properties"
	moduleListings     = "listings"
	modulePackages     = "packages"

	fieldMarkets            = "markets"
	fieldPricing            = "pricing"
	fieldFreeTrial          = "freeTrial"
	fieldDiscoverability    = "discoverability"
	fieldFutureMarkets      = "enableInFutureMarkets"
	fieldPrivacyRequired    = "isPrivacyPolicyRequired"
	fieldPrivacyURL         = "privacyPolicyUrl"
	fieldCertificationNotes = "certificationNotes"
	fieldCategory           = "category"
	fieldSubcategory        = "subcategory"
	fieldDeclarations       = "productDeclarations"
	fieldSystemFeatures     = "isSystemFeatureRequired"
	fieldSystemRequirements = "systemRequirementDetails"
	fieldHardwareType       = "hardwareItemType"
	fieldRequirements       = "requirements"
	fieldLogos              = "logos"
	fieldScreenshots        = "screenshots"
	fieldErrorDetails       = "errorDetails"
	fieldPackageType        = "packageType"
	fieldArchitecture       = "architecture"
	fieldArchitectures      = "architectures"
	fieldLanguages          = "languages"
	fieldInstallerSilent    = "isSilentInstall"
	fieldInstallerSwitches  = "installerParameters"
	fieldPackageURL         = "packageUrl"
	fieldGenericDocURL      = "genericDocUrl"
)

// textField is a string field: how its values are compared and shown, and
// what a manifest wants it to be.
type textField struct {
	name string
	kind reconcile.Type
	want *schema.Text
}

// boolField is a boolean field.
type boolField struct {
	name string
	want *bool
}

// availabilityTexts are the string fields of the availability module.
func availabilityTexts(a *schema.Availability) []textField {
	return []textField{
		{fieldDiscoverability, reconcile.Scalar, plain(a.Discoverability)},
		{fieldPricing, reconcile.Scalar, plain(a.Pricing)},
		{fieldFreeTrial, reconcile.Scalar, plain(a.FreeTrial)},
	}
}

// propertyTexts are the string fields of the properties module.
func propertyTexts(p *schema.Properties) []textField {
	return []textField{
		{fieldPrivacyURL, reconcile.Scalar, p.PrivacyPolicyURL},
		{"website", reconcile.Scalar, p.Website},
		{"supportContactInfo", reconcile.Scalar, p.SupportContactInfo},
		{fieldCertificationNotes, reconcile.Text, p.CertificationNotes},
		{fieldCategory, reconcile.Scalar, plain(p.Category)},
		{fieldSubcategory, reconcile.Scalar, plain(p.Subcategory)},
	}
}

// declarationBools are the documented product declarations.
func declarationBools(d *schema.ProductDeclarations) []boolField {
	return []boolField{
		{"dependsOnDriversOrNT", d.DependsOnDriversOrNT},
		{"accessibilitySupport", d.AccessibilitySupport},
		{"penAndInkSupport", d.PenAndInkSupport},
	}
}

// featureBools are the fields of one row of isSystemFeatureRequired.
func featureBools(f *schema.SystemFeature) []boolField {
	return []boolField{{"isRequired", f.IsRequired}, {"isRecommended", f.IsRecommended}}
}

// requirementTexts are the fields of one row of systemRequirementDetails.
func requirementTexts(r *schema.SystemRequirement) []textField {
	return []textField{
		{"minimumRequirement", reconcile.Scalar, r.MinimumRequirement},
		{"recommendedRequirement", reconcile.Scalar, r.RecommendedRequirement},
	}
}

// listingTexts are the string fields of one language's listing.
func listingTexts(l *schema.Listing) []textField {
	return []textField{
		{"description", reconcile.Text, l.Description},
		{"shortDescription", reconcile.Text, l.ShortDescription},
		{"whatsNew", reconcile.Text, l.WhatsNew},
		{"additionalLicenseTerms", reconcile.Text, l.AdditionalLicenseTerms},
		{"copyright", reconcile.Text, l.Copyright},
		{"developedBy", reconcile.Text, l.DevelopedBy},
		{"sortTitle", reconcile.Text, l.SortTitle},
		{"contactInfo", reconcile.Text, l.ContactInfo},
	}
}

// listField is a list of strings.
type listField struct {
	name string
	want []string
}

// listingLists are the string lists of one language's listing.
func listingLists(l *schema.Listing) []listField {
	return []listField{{"productFeatures", l.ProductFeatures}, {"searchTerms", l.SearchTerms}}
}

// packageTexts are the string fields of a package but for its architecture,
// which the API writes as a list of one.
func packageTexts(p *schema.Package) []textField {
	return []textField{
		{fieldPackageURL, reconcile.Scalar, p.PackageURL},
		{fieldPackageType, reconcile.Scalar, &schema.Text{Value: p.PackageType}},
		{fieldInstallerSwitches, reconcile.Scalar, p.InstallerParameters},
		{fieldGenericDocURL, reconcile.Scalar, p.GenericDocURL},
	}
}

// plain is a text without a source, nil when the string is unmanaged.
func plain(s *string) *schema.Text {
	if s == nil {
		return nil
	}
	return &schema.Text{Value: *s}
}
