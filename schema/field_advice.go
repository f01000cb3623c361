package schema

import "reflect"

const (
	assignedAdvice = "The Store assigns it."
	portalAdvice   = "The API ignores it (obsolete): it can be changed in Partner Center only."
	salesAdvice    = "The API ignores it (deprecated): sales are made in Partner Center only."
)

// fieldAdvice says what to do about a field of the API that a manifest does not
// have, "" when the field is not known either.
func fieldAdvice(t reflect.Type, field string) string {
	switch t {
	case reflect.TypeFor[Properties](), reflect.TypeFor[ProductDeclarations](), reflect.TypeFor[Listing](), reflect.TypeFor[MsiExeApp]():
		return msiExeAdvice(t, field)
	case reflect.TypeFor[Metadata]():
		return map[string]string{"namespace": "Names are unique in the workspace.", "annotations": "Write labels.", "guards": "Write protect: [price-change]."}[field]
	case reflect.TypeFor[MsixApp](), reflect.TypeFor[MsixListing](), reflect.TypeFor[MsixPricing](), reflect.TypeFor[CaptionedImage]():
		return msixAdvice(t, field)
	case reflect.TypeFor[MsixPackage](), reflect.TypeFor[Trailer](), reflect.TypeFor[TrailerAsset](), reflect.TypeFor[PackageDeliveryOptions](), reflect.TypeFor[Rollout]():
		return packageAdvice(t, field)
	case reflect.TypeFor[AddOn](), reflect.TypeFor[AddOnPricing](), reflect.TypeFor[AddOnListing]():
		return addOnAdvice(t, field)
	case reflect.TypeFor[PackageFlight]():
		return flightAdvice(field)
	}
	return ""
}

// msiExeAdvice is about fields that live answers of the MSI/EXE API have and its
// page does not (observed 2025-06 and 2026-02): no documented request writes them.
func msiExeAdvice(t reflect.Type, field string) string {
	const kept = "Live answers of the API have it and its page does not, so no documented request writes it. What the Store has is kept as it is; change it in Partner Center."
	return map[reflect.Type]map[string]string{
		reflect.TypeFor[Properties]():          {"genres": kept, "usesGenerativeAI": kept},
		reflect.TypeFor[ProductDeclarations](): {"usesGenerativeAI": kept},
		reflect.TypeFor[Listing]():             {"heroArts": kept, "trailers": kept},
		reflect.TypeFor[MsiExeApp]():           {"trailers": kept, "heroArts": kept, "genres": kept, "usesGenerativeAI": kept},
	}[t][field]
}

// msixAdvice is about apps and what customers see of them.
func msixAdvice(t reflect.Type, field string) string {
	return map[reflect.Type]map[string]string{
		reflect.TypeFor[MsixApp](): {
			"id": assignedAdvice, "status": assignedAdvice, "statusDetails": assignedAdvice, "fileUploadUrl": assignedAdvice, "friendlyName": assignedAdvice,
			"productId":           "An MSIX app has an appId, its 12-character Store ID.",
			"applicationPackages": "Write packages: the API's list is made of it.",
			"availability":        "That is of MSI and EXE apps; here it is pricing, markets and visibility.",
			"properties":          "That is of MSI and EXE apps; here its fields stand directly below spec.",
			"flights":             "Write a manifest of kind PackageFlight for each.",
			"addOns":              "Write a manifest of kind AddOn for each.",
			"privacyPolicyUrl":    portalAdvice, "privacyPolicy": portalAdvice, "supportContact": portalAdvice, "website": portalAdvice, "websiteUrl": portalAdvice,
		},
		reflect.TypeFor[MsixListing](): {
			"privacyPolicy": portalAdvice, "supportContact": portalAdvice, "websiteUrl": portalAdvice,
			"baseListing":       "Its fields stand directly below the language.",
			"platformOverrides": "What the Store has is sent back as it is; it cannot be written.",
			"screenshots":       "Write images: {Screenshot: […]}.", "logos": "Write images: {StoreLogoSquare: […]}.",
			"whatsNew": "Here it is releaseNotes.", "productFeatures": "Here it is features.", "searchTerms": "Here it is keywords.",
			"copyright": "Here it is copyrightAndTrademarkInfo.", "developedBy": "Here it is devStudio.",
			"additionalLicenseTerms": "Here it is licenseTerms.", "requirements": "Here it is minimumHardware and recommendedHardware.",
		},
		reflect.TypeFor[MsixPricing](): {"sales": salesAdvice, "isAdvancedPricingModel": assignedAdvice},
		reflect.TypeFor[CaptionedImage](): {
			"fileName": "Write file: the path of the image.", "fileStatus": assignedAdvice, "id": assignedAdvice, "imageType": "It is the key above the list.",
		},
	}[t][field]
}

// packageAdvice is about files and how they reach customers.
func packageAdvice(t reflect.Type, field string) string {
	const windows8 = "It counts for Windows 8.x only: a new package is sent with None, and a live one keeps what it has."
	return map[reflect.Type]map[string]string{
		reflect.TypeFor[MsixPackage](): {
			"fileName": "Write file: the path of the package.", "fileStatus": assignedAdvice, "id": assignedAdvice, "languages": "It is read from the file.",
			"capabilities": "It is read from the file.", "targetDeviceFamilies": "It is read from the file.",
			"minimumDirectXVersion": windows8, "minimumSystemRam": windows8,
		},
		reflect.TypeFor[Trailer]():                {"videoFileName": "Write videoFile: the path of the video.", "id": assignedAdvice, "videoFileId": assignedAdvice},
		reflect.TypeFor[TrailerAsset]():           {"imageList": "Write image: the path of the one thumbnail."},
		reflect.TypeFor[PackageDeliveryOptions](): {"packageRollout": "Write spec.rollout: {percentage: 10}."},
		reflect.TypeFor[Rollout](): {
			"isPackageRollout": "It is true when percentage is written.", "packageRolloutPercentage": "Write percentage.",
			"packageRolloutStatus": assignedAdvice, "fallbackSubmissionId": assignedAdvice,
		},
	}[t][field]
}

func addOnAdvice(t reflect.Type, field string) string {
	const (
		app     = "Write app: the name of the app's manifest, or its Store ID."
		noTrial = "Add-ons have no trial: the trial of a subscription is kept in Partner Center."
		portal  = "The API does not have it: it is kept in Partner Center."
		noFile  = "An add-on has no packages; what it unlocks is in those of its app."
	)
	return map[reflect.Type]map[string]string{
		reflect.TypeFor[AddOn](): {
			"applicationIds": app, "applications": app, "appId": app, "inAppProductId": "Write id, the add-on's Store ID.",
			"status": assignedAdvice, "statusDetails": assignedAdvice, "fileUploadUrl": assignedAdvice, "friendlyName": assignedAdvice,
			"quantity": portal, "subscriptionPeriod": portal, "privacyPolicyUrl": portal, "website": portal, "supportContactInfo": portal,
			"packages": noFile, "rollout": noFile, "customDeveloperData": "Here it is tag.", "icon": "Write it below each language: listings: {en-us: {icon: icon.png}}.",
			"title": "Write it below each language: listings: {en-us: {title: …}}.", "description": "Write it below each language: listings: {en-us: {description: …}}.",
			"notesForCertification": "The API has none for add-ons.", "trialPeriod": noTrial,
		},
		reflect.TypeFor[AddOnPricing](): {"trialPeriod": noTrial, "sales": salesAdvice, "isAdvancedPricingModel": assignedAdvice},
		reflect.TypeFor[AddOnListing](): {
			"fileName": "Write icon: the path of the image.", "fileStatus": assignedAdvice, "images": "An add-on shows one image: icon.",
			"keywords": "It is the same for all languages: write it directly below spec.",
		},
	}[t][field]
}

func flightAdvice(field string) string {
	const (
		app    = "Write app: the name of the app's manifest, or its Store ID."
		ofApp  = "A flight has packages of its own only; this is the app's."
		groups = "Write groupIds; groups are made in Partner Center."
	)
	return map[string]string{
		"applicationId": app, "appId": app, "flightId": "Write id, the flight's GUID.", "name": "Write friendlyName.",
		"flightPackages": "Write packages: the API's list is made of it.", "applicationPackages": "Write packages: the API's list is made of it.",
		"groups": groups, "flightGroups": groups, "rank": "Write rankHigherThan: the friendlyName of the flight just below.",
		"status": assignedAdvice, "statusDetails": assignedAdvice, "fileUploadUrl": assignedAdvice,
		"listings": ofApp, "languages": ofApp, "pricing": ofApp, "markets": ofApp, "visibility": ofApp, "trailers": ofApp, "applicationCategory": ofApp,
		"packageRollout": "Write spec.rollout: {percentage: 10}.",
	}[field]
}
