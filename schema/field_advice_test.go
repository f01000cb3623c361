package schema

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Who copies an answer of the API into a manifest is told of each field that is
// not written there what to do instead. The names are those of the API pages.
func TestEveryFieldOfTheAPIIsAFieldOrHasAdvice(t *testing.T) {
	const submission = " id status statusDetails fileUploadUrl targetPublishMode targetPublishDate"
	resources := map[reflect.Type]string{
		reflect.TypeFor[MsixApp]():                "applicationCategory pricing visibility listings hardwarePreferences automaticBackupEnabled canInstallOnRemovableMedia isGameDvrEnabled gamingOptions hasExternalInAppProducts meetAccessibilityGuidelines notesForCertification applicationPackages packageDeliveryOptions enterpriseLicensing allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies allowTargetFutureDeviceFamilies friendlyName trailers" + submission,
		reflect.TypeFor[MsixPricing]():            "trialPeriod marketSpecificPricings sales priceId isAdvancedPricingModel",
		reflect.TypeFor[MsixListing]():            "baseListing platformOverrides copyrightAndTrademarkInfo keywords licenseTerms privacyPolicy supportContact websiteUrl description features releaseNotes images recommendedHardware minimumHardware title shortDescription shortTitle sortTitle voiceTitle devStudio",
		reflect.TypeFor[CaptionedImage]():         "fileName fileStatus id description imageType",
		reflect.TypeFor[MsixPackage]():            "fileName fileStatus id version architecture languages capabilities minimumDirectXVersion minimumSystemRam targetDeviceFamilies",
		reflect.TypeFor[PackageDeliveryOptions](): "packageRollout isMandatoryUpdate mandatoryUpdateEffectiveDate",
		reflect.TypeFor[Rollout]():                "isPackageRollout packageRolloutPercentage packageRolloutStatus fallbackSubmissionId",
		reflect.TypeFor[Trailer]():                "id videoFileName videoFileId trailerAssets",
		reflect.TypeFor[TrailerAsset]():           "title imageList",
		reflect.TypeFor[AddOn]():                  "applications applicationIds productId productType contentType keywords lifetime listings pricing tag visibility friendlyName" + submission,
		reflect.TypeFor[AddOnPricing]():           "trialPeriod marketSpecificPricings sales priceId isAdvancedPricingModel",
		reflect.TypeFor[AddOnListing]():           "description icon title",
		reflect.TypeFor[PackageFlight]():          "flightId friendlyName groupIds rankHigherThan flightPackages packageDeliveryOptions notesForCertification" + submission,
	}
	for resource, fields := range resources {
		for field := range strings.FieldsSeq(fields) {
			_, written := fieldByName(resource, field)
			if advice := fieldAdvice(resource, field); written == (advice != "") {
				t.Errorf("%s.%s is a field: %t, and has the advice %q", resource.Name(), field, written, advice)
			}
		}
	}
}

// Advice about a field that there is would never be shown.
func TestAdviceIsAboutOtherFields(t *testing.T) {
	for resource := range fieldFactsOf() {
		for _, name := range fieldNames(resource) {
			if advice := fieldAdvice(resource, name); advice != "" {
				t.Errorf("%s has the field %s, and advice for who writes it: %s", resource.Name(), name, advice)
			}
		}
		if names := fieldNames(resource); len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
			t.Errorf("%s has a field twice", resource.Name())
		}
	}
}
