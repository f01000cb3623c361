package msiexe

import (
	"github.com/storesync/storesync/reconcile/plan"
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
	kind plan.Type
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
		{fieldDiscoverability, plan.Scalar, plain(a.Discoverability)},
		{fieldPricing, plan.Scalar, plain(a.Pricing)},
		{fieldFreeTrial, plan.Scalar, plain(a.FreeTrial)},
	}
}

// propertyTexts are the string fields of the properties module.
func propertyTexts(p *schema.Properties) []textField {
	return []textField{
		{fieldPrivacyURL, plan.Scalar, p.PrivacyPolicyURL},
		{"website", plan.Scalar, p.Website},
		{"supportContactInfo", plan.Scalar, p.SupportContactInfo},
		{fieldCertificationNotes, plan.Text, p.CertificationNotes},
		{fieldCategory, plan.Scalar, plain(p.Category)},
		{fieldSubcategory, plan.Scalar, plain(p.Subcategory)},
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
		{"minimumRequirement", plan.Scalar, r.MinimumRequirement},
		{"recommendedRequirement", plan.Scalar, r.RecommendedRequirement},
	}
}

// listingTexts are the string fields of one language's listing.
func listingTexts(l *schema.Listing) []textField {
	return []textField{
		{"description", plan.Text, l.Description},
		{"shortDescription", plan.Text, l.ShortDescription},
		{"whatsNew", plan.Text, l.WhatsNew},
		{"additionalLicenseTerms", plan.Text, l.AdditionalLicenseTerms},
		{"copyright", plan.Text, l.Copyright},
		{"developedBy", plan.Text, l.DevelopedBy},
		{"sortTitle", plan.Text, l.SortTitle},
		{"contactInfo", plan.Text, l.ContactInfo},
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
		{fieldPackageURL, plan.Scalar, p.PackageURL},
		{fieldPackageType, plan.Scalar, &schema.Text{Value: p.PackageType}},
		{fieldInstallerSwitches, plan.Scalar, p.InstallerParameters},
		{fieldGenericDocURL, plan.Scalar, p.GenericDocURL},
	}
}

// plain is a text without a source, nil when the string is unmanaged.
func plain(s *string) *schema.Text {
	if s == nil {
		return nil
	}
	return &schema.Text{Value: *s}
}
