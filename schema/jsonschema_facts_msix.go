package schema

import (
	"reflect"
	"slices"
	"strings"
)

// What pieces of the facts of MSIX apps, add-ons and flights look like.
const (
	basePricePattern   = `^(Free|NotAvailable|Tier[0-9A-Za-z]{1,32})$`
	marketPricePattern = `^(Free|NotAvailable|Base|Tier[0-9A-Za-z]{1,32})$`
	versionPattern     = `^((0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){3})?$`
	aboutMarkets       = "Where it can be had: [US, DE], or {all: true, except: [CN]}."
	aboutListings      = "What customers see, by language. Each takes the fields of \"*\" that it does not write itself."
	aboutRemoval       = "true: live languages that are not written here are removed."
	aboutPackages      = "The whole package set; identity, version and architecture are read from each file."
	aboutNotes         = "Notes for the testers of the Store, never shown."
)

// msixLanguages is a list of languages that get a listing made of "*".
func msixLanguages() fieldFacts {
	return fieldFacts{about: "The languages that get a listing made of \"*\".", ref: "msixLanguage", least: 1}
}

func priceMarkets() *jsonSchema { return keysOf(append(MarketCodes(), "EH")...) }

func publishTime() fieldFacts {
	return fieldFacts{about: "When it is published, with targetPublishMode: SpecificDate: 2027-01-31T09:00:00Z.", pattern: timePattern}
}

func msixFacts() map[reflect.Type]map[string]fieldFacts {
	architecture := "(" + strings.Join(packageArchitectures, "|") + ")"
	return map[reflect.Type]map[string]fieldFacts{
		reflect.TypeFor[MsixApp]():       msixAppFacts(),
		reflect.TypeFor[MsixListing]():   msixListingFacts(),
		reflect.TypeFor[GamingOptions](): gamingFacts(),
		reflect.TypeFor[MsixPricing](): {
			"priceId":                {about: "The base price: Free, or a tier such as Tier5.", pattern: basePricePattern},
			"trialPeriod":            oneOf("How long the app can be tried.", EnumTrialPeriod),
			"marketSpecificPricings": {about: "The price by market; Base takes a market's own tier away.", keys: priceMarkets(), pattern: marketPricePattern},
		},
		reflect.TypeFor[CaptionedImage](): {
			"file":        {about: "The path of the image, a PNG."},
			"description": upTo(maxCaption, "The caption. Empty takes it away; without one, an image keeps that of the one whose place it takes."),
		},
		reflect.TypeFor[MsixPackage](): {
			"file":         {about: "The path of the package.", ref: "path"},
			"version":      {about: "Pins the version, so that the file may be absent while the package is live.", pattern: versionPattern},
			"architecture": {about: "Pins the architecture; those of a bundle are joined by _.", pattern: "^(" + architecture + "(_" + architecture + ")*)?$"},
		},
		reflect.TypeFor[Trailer](): {
			"videoFile":     {about: "The path of an MP4 or MOV file of 1920 x 1080 pixels."},
			"trailerAssets": {about: "Title and thumbnail by language.", keys: reference("msixLanguage")},
		},
		reflect.TypeFor[TrailerAsset](): {
			"title": upTo(maxTrailerTitle, "The title."),
			"image": {about: "The thumbnail, a PNG of 1920 x 1080 pixels."},
		},
		reflect.TypeFor[PackageDeliveryOptions](): {
			"isMandatoryUpdate":            yesNo("Whether customers must have the update."),
			"mandatoryUpdateEffectiveDate": {about: "From when on they must have it: 2027-01-31T09:00:00Z.", pattern: timePattern},
		},
		reflect.TypeFor[Rollout](): {
			"percentage": {about: "The share of people that get a new package set first. 100 does not end the rollout; finalized does."},
			"halted":     {about: "Stops the rollout: nobody else gets the new packages.", onlyTrue: true},
			"finalized":  {about: "Ends the rollout: everybody gets the new packages.", onlyTrue: true},
		},
	}
}

func msixAppFacts() map[string]fieldFacts {
	categories := append(MsixCategories(), enumCategoryRare.Values()...)
	return map[string]fieldFacts{
		"appId":                       {about: "The app's Store ID: 12 letters and digits, under Product identity in Partner Center.", pattern: storeID.String()},
		"applicationCategory":         {about: "Category or Category_Subcategory.", enum: categories},
		"pricing":                     {about: "What the app costs."},
		"visibility":                  oneOf("Who can find the app.", EnumVisibility),
		"targetPublishMode":           oneOf("When the submission is published after certification.", EnumTargetPublishMode),
		"targetPublishDate":           publishTime(),
		"markets":                     {about: aboutMarkets},
		"languages":                   msixLanguages(),
		"listings":                    {about: aboutListings, keys: reference("listingOfMsix"), least: 1},
		"removeUnlistedLanguages":     yesNo(aboutRemoval),
		"hardwarePreferences":         {about: "What hardware the app wants.", enum: EnumHardwarePreferences.Values(), unique: true},
		"automaticBackupEnabled":      yesNo("Whether Windows may back up the app's data to OneDrive."),
		"canInstallOnRemovableMedia":  yesNo("Whether the app can be installed on removable media."),
		"isGameDvrEnabled":            yesNo("Whether the game can be recorded."),
		"hasExternalInAppProducts":    yesNo("Whether the app sells things without the Store's commerce."),
		"meetAccessibilityGuidelines": yesNo("Whether the app was tested for accessibility."),
		"gamingOptions":               {about: "The options of a game: no element or one.", most: 1},
		"notesForCertification":       {about: aboutNotes},
		"enterpriseLicensing":         oneOf("How organisations get the app.", EnumEnterpriseLicensing),
		"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies": yesNo("Whether Microsoft decides for which future device families the app is."),
		"allowTargetFutureDeviceFamilies": {
			about: "By device family, whether the app is for its future devices.",
			keys:  anyOf(keysOf(EnumFutureDeviceFamily.Values()...), &jsonSchema{Pattern: `^[+-]?[0-9]+$`}),
		},
		"packages":               {about: aboutPackages, least: 1},
		"trailers":               {about: "The whole set of trailers.", most: maxTrailers},
		"packageDeliveryOptions": {about: "When customers must have the update."},
		"rollout":                {about: "What share of customers a new package set reaches first: one of percentage, halted and finalized."},
		"isSeekEnabled":          yesNo("Whether customers outside the rollout who look for updates get the newest packages."),
	}
}

func msixListingFacts() map[string]fieldFacts {
	return map[string]fieldFacts{
		"title":                     {about: "The title, one of the app's reserved names."},
		"description":               upTo(maxDescription, "The description."),
		"shortDescription":          upTo(maxShortDescription, "The short description; 500 characters are sure to be taken."),
		"shortTitle":                upTo(maxShortTitle, "A shorter name, for Xbox."),
		"sortTitle":                 upTo(maxTitleText, "The name by which the app is sorted."),
		"voiceTitle":                upTo(maxTitleText, "The name as it is spoken."),
		"devStudio":                 upTo(maxTitleText, "Who made the app."),
		"releaseNotes":              upTo(maxReleaseNotes, "What is new in this version."),
		"features":                  {about: "The features, each a line.", longest: maxFeature, most: maxFeatures},
		"keywords":                  {about: "Search terms.", longest: maxKeyword, most: maxKeywords},
		"copyrightAndTrademarkInfo": upTo(maxCopyright, "Copyright and trademarks."),
		"licenseTerms":              upTo(maxLicenseTerms, "The licence terms."),
		"recommendedHardware":       {about: "What hardware is recommended, in words.", longest: maxHardwareText, most: maxHardware},
		"minimumHardware":           {about: "What hardware is needed, in words.", longest: maxHardwareText, most: maxHardware},
		"images": {
			about: "Images by type; a written type is the whole set of it.",
			keys:  keysOf(slices.Concat(EnumImageType.Values(), EnumImageTypeRetired.Values())...),
		},
	}
}

func gamingFacts() map[string]fieldFacts {
	return map[string]fieldFacts{
		"genres":                         {about: "The genres.", enum: EnumGenre.Values(), unique: true},
		"isLocalMultiplayer":             yesNo("Whether people at one device can play against each other."),
		"isLocalCooperative":             yesNo("Whether people at one device can play together."),
		"isOnlineMultiplayer":            yesNo("Whether people can play against each other online."),
		"isOnlineCooperative":            yesNo("Whether people can play together online."),
		"localMultiplayerMinPlayers":     {about: "The least number of players against each other at one device."},
		"localMultiplayerMaxPlayers":     {about: "The greatest number of players against each other at one device."},
		"localCooperativeMinPlayers":     {about: "The least number of players together at one device."},
		"localCooperativeMaxPlayers":     {about: "The greatest number of players together at one device."},
		"isBroadcastingPrivilegeGranted": yesNo("Whether the game may be broadcast."),
		"isCrossPlayEnabled":             yesNo("Whether people on Xbox and Windows can play with each other."),
		"kinectDataForExternal":          oneOf("Whether data of Kinect leaves the game.", EnumKinectData),
	}
}

// addOnFacts are the facts of add-ons and flights.
func addOnFacts() map[reflect.Type]map[string]fieldFacts {
	app := fieldFacts{about: "The metadata.name of the MsixApp manifest that it belongs to, or the app's Store ID.", ref: "name"}
	return map[reflect.Type]map[string]fieldFacts{
		reflect.TypeFor[AddOn](): {
			"app":                     app,
			"id":                      {about: "Pins the add-on by its Store ID.", pattern: storeID.String()},
			"productId":               {about: "Your own id of the add-on, by which it is found within the app, and which the app's code asks for.", longest: maxAddOnProductID, pattern: `^[^<>*%&:\\?+,\n\t]*$`},
			"productType":             oneOf("Fixed once the add-on is made.", EnumAddOnProductType),
			"contentType":             oneOf("What customers get.", EnumAddOnContentType),
			"keywords":                {about: "Words by which the app can ask for add-ons.", longest: maxAddOnKeyword, most: maxAddOnKeywords},
			"lifetime":                oneOf("How long a durable add-on lasts.", EnumAddOnLifetime),
			"tag":                     upTo(maxAddOnTag, "Data of your own (custom developer data), which the app can read."),
			"visibility":              oneOf("Who can find the add-on.", EnumVisibility),
			"pricing":                 {about: "What the add-on costs."},
			"markets":                 {about: aboutMarkets},
			"targetPublishMode":       oneOf("When the submission is published after certification.", EnumTargetPublishMode),
			"targetPublishDate":       publishTime(),
			"languages":               msixLanguages(),
			"listings":                {about: aboutListings, keys: reference("listingOfMsix"), least: 1},
			"removeUnlistedLanguages": yesNo(aboutRemoval),
		},
		reflect.TypeFor[AddOnPricing](): {
			"priceId":                {about: "The base price: Free, or a tier such as Tier5.", pattern: basePricePattern},
			"marketSpecificPricings": {about: "The price by market; Base takes a market's own tier away.", keys: priceMarkets(), pattern: marketPricePattern},
		},
		reflect.TypeFor[AddOnListing](): {
			"title":       upTo(maxAddOnTitle, "The title."),
			"description": upTo(maxAddOnDescription, "The description."),
			"icon":        {about: "The path of a PNG of 300 x 300 pixels; \"\" takes the icon away."},
		},
		reflect.TypeFor[PackageFlight](): {
			"app":                    app,
			"id":                     {about: "Pins the flight by its GUID.", pattern: guid.String()},
			"friendlyName":           {about: "The name of the flight, by which it is found within the app."},
			"groupIds":               {about: "The ids of flight groups, numbers in quotes; the groups are made in Partner Center. Fixed once the flight is made.", unique: true},
			"rankHigherThan":         {about: "The friendlyName of the flight just below, or \"" + NonFlighted + "\" for the lowest rank. Fixed once the flight is made."},
			"packages":               {about: aboutPackages, least: 1},
			"packageDeliveryOptions": {about: "When people must have the update."},
			"rollout":                {about: "What share of the flight's people a new package set reaches first: one of percentage, halted and finalized."},
			"targetPublishMode":      oneOf("When the submission is published after certification.", EnumTargetPublishMode),
			"targetPublishDate":      publishTime(),
			"notesForCertification":  {about: aboutNotes},
		},
	}
}
