package emulator

import (
	"cmp"
	"slices"
	"strings"
)

// The limits are those of the pages below
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/.
const (
	maxMsixDescription  = 10_000
	maxMsixShort        = 1_000
	maxMsixShortTitle   = 50
	maxMsixTitle        = 255 // title, sortTitle, voiceTitle, devStudio, trailers
	maxMsixReleaseNotes = 1_500
	maxMsixCopyright    = 200
	maxMsixLicense      = 10_000
	maxMsixCaption      = 200
	maxMsixNotes        = 2_000
	maxMsixFeatures     = 20
	maxMsixFeature      = 200
	maxMsixKeywords     = 7
	maxMsixKeyword      = 30
	maxMsixHardware     = 11
	maxMsixHardwareText = 200
	maxMsixTrailers     = 15
	// Far more than the service can take; neither number is documented.
	maxMsixPackages = 100
	maxMsixImages   = 200
)

// submissionShape is an app submission, with its members in the order of the
// live service's answers (observed 2026-02).
func submissionShape() objectShape {
	return objectShape{fields: []msixField{
		{"id", givenShape{textShape{}}},
		{"applicationCategory", choiceShape{func(f *msixFacts) []string { return f.Categories }, "NotSet"}},
		{"pricing", pricingShape(true)},
		{"visibility", choiceShape{func(f *msixFacts) []string { return f.Visibility }, "NotSet"}},
		{"targetPublishMode", choiceShape{func(f *msixFacts) []string { return f.TargetPublishMode }, "Immediate"}},
		{"targetPublishDate", dateShape{}},
		{"listings", mapShape{item: listingShape(), check: checkMsixLanguages}},
		{"hardwarePreferences", listShape{item: choiceShape{func(f *msixFacts) []string { return f.HardwarePreferences }, ""}}},
		{"automaticBackupEnabled", flagShape{}},
		{"canInstallOnRemovableMedia", flagShape{}},
		{"isGameDvrEnabled", flagShape{}},
		{"gamingOptions", listShape{item: gamingShape(), most: 1, nullable: true}},
		{"hasExternalInAppProducts", flagShape{}},
		{"meetAccessibilityGuidelines", flagShape{}},
		{"notesForCertification", textShape{maxMsixNotes}},
		{"status", givenShape{textShape{}}},
		{"statusDetails", givenShape{objectShape{}}},
		{"fileUploadUrl", givenShape{textShape{}}},
		{"applicationPackages", listShape{item: packageShape(), most: maxMsixPackages}},
		{"packageDeliveryOptions", deliveryShape()},
		{"enterpriseLicensing", choiceShape{func(f *msixFacts) []string { return f.EnterpriseLicensing }, "None"}},
		{"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies", flagShape{}},
		{"allowTargetFutureDeviceFamilies", familiesShape()},
		{"friendlyName", givenShape{textShape{}}},
		{"trailers", listShape{item: trailerShape(), most: maxMsixTrailers}},
	}}
}

// serverOwned are the members of a submission that are not kept in its
// document: they are computed for each answer.
func serverOwned(name string) bool {
	switch name {
	case "id", "flightId", "status", "statusDetails", "fileUploadUrl", "friendlyName":
		return true
	default:
		return false
	}
}

// pricingShape is the pricing of an application, or with trial false that of
// an add-on.
func pricingShape(trial bool) msixShape {
	var fields []msixField
	if trial {
		fields = []msixField{{"trialPeriod", choiceShape{func(f *msixFacts) []string { return f.TrialPeriod }, "NoFreeTrial"}}}
	}
	return objectShape{required: true, fields: append(fields, []msixField{
		{"marketSpecificPricings", mapShape{item: textShape{}, check: checkMsixMarkets}},
		{"sales", givenShape{listShape{item: anyShape{}}}},
		{"priceId", textShape{}},
		{"isAdvancedPricingModel", givenShape{flagShape{}}},
	}...)}
}

// anyShape is a value that is kept as it came.
type anyShape struct{}

func (anyShape) fit(_ *msixFit, _ string, value any) any { return value }

func listingShape() msixShape {
	return objectShape{fields: []msixField{
		{"baseListing", baseListingShape(false)},
		{"platformOverrides", mapShape{item: baseListingShape(true)}},
	}}
}

// baseListingShape is a base listing, or one of platformOverrides, which names
// only what differs.
func baseListingShape(override bool) msixShape {
	hardware := listShape{item: textShape{maxMsixHardwareText}, most: maxMsixHardware}
	return objectShape{sparse: override, required: true, fields: []msixField{
		{"copyrightAndTrademarkInfo", textShape{maxMsixCopyright}},
		{"keywords", listShape{item: textShape{maxMsixKeyword}, most: maxMsixKeywords}},
		{"licenseTerms", textShape{maxMsixLicense}},
		{"privacyPolicy", obsoleteShape{}},
		{"supportContact", obsoleteShape{}},
		{"websiteUrl", obsoleteShape{}},
		{"description", textShape{maxMsixDescription}},
		{"features", listShape{item: textShape{maxMsixFeature}, most: maxMsixFeatures}},
		{"releaseNotes", textShape{maxMsixReleaseNotes}},
		{"images", listShape{item: imageShape(), most: maxMsixImages}},
		{"recommendedHardware", hardware},
		{"minimumHardware", hardware},
		{"title", textShape{maxMsixTitle}},
		{"shortDescription", textShape{maxMsixShort}},
		{"shortTitle", textShape{maxMsixShortTitle}},
		{"sortTitle", textShape{maxMsixTitle}},
		{"voiceTitle", textShape{maxMsixTitle}},
		{"devStudio", textShape{maxMsixTitle}},
	}}
}

func imageShape() msixShape {
	return objectShape{required: true, fields: []msixField{
		{"fileName", textShape{}},
		{"fileStatus", fileStatusShape()},
		{"id", textShape{}},
		{"description", textShape{maxMsixCaption}},
		{"imageType", choiceShape{func(f *msixFacts) []string { return f.ImageType }, ""}},
	}}
}

func fileStatusShape() msixShape {
	return choiceShape{func(f *msixFacts) []string { return f.FileStatus }, ""}
}

func packageShape() msixShape {
	texts := listShape{item: textShape{}}
	return objectShape{required: true, fields: []msixField{
		{"fileName", textShape{}},
		{"fileStatus", fileStatusShape()},
		{"id", textShape{}},
		{"version", givenShape{textShape{}}},
		{"architecture", givenShape{textShape{}}},
		{"targetPlatform", givenShape{textShape{}}},
		{"languages", givenShape{texts}},
		{"capabilities", givenShape{texts}},
		// The page requires the next two; four publishers send neither for a new
		// package, and are taken (read in their sources): absent is None.
		{"minimumDirectXVersion", choiceShape{func(f *msixFacts) []string { return f.MinimumDirectXVersion }, "None"}},
		{"minimumSystemRam", choiceShape{func(f *msixFacts) []string { return f.MinimumSystemRAM }, "None"}},
		{"targetDeviceFamilies", givenShape{texts}},
	}}
}

func deliveryShape() msixShape {
	return objectShape{fields: []msixField{
		{"packageRollout", objectShape{fields: []msixField{
			{"isPackageRollout", flagShape{}},
			{"packageRolloutPercentage", numberShape{low: 0, high: 100}},
			{"packageRolloutStatus", givenShape{textShape{}}},
			{"fallbackSubmissionId", givenShape{textShape{}}},
		}}},
		{"isMandatoryUpdate", flagShape{}},
		{"mandatoryUpdateEffectiveDate", dateShape{}},
	}}
}

func gamingShape() msixShape {
	players := numberShape{low: 0, high: 1000, whole: true, optional: true}
	return objectShape{required: true, fields: []msixField{
		// Apps that are no games were seen with their category there (live answers
		// that clients send back).
		{"genres", listShape{item: choiceShape{func(f *msixFacts) []string { return slices.Concat(f.Genres, f.Categories) }, ""}}},
		{"isLocalMultiplayer", flagShape{}},
		{"isLocalCooperative", flagShape{}},
		{"isOnlineMultiplayer", flagShape{}},
		{"isOnlineCooperative", flagShape{}},
		{"localMultiplayerMinPlayers", players},
		{"localMultiplayerMaxPlayers", players},
		{"localCooperativeMinPlayers", players},
		{"localCooperativeMaxPlayers", players},
		{"isBroadcastingPrivilegeGranted", flagShape{}},
		{"isCrossPlayEnabled", flagShape{}},
		{"kinectDataForExternal", choiceShape{func(f *msixFacts) []string { return f.KinectDataForExternal }, "NotSet"}},
	}}
}

func trailerShape() msixShape {
	return objectShape{required: true, fields: []msixField{
		{"id", textShape{}},
		{"videoFileName", textShape{}},
		{"videoFileId", givenShape{textShape{}}},
		{"trailerAssets", mapShape{check: checkMsixLanguages, item: objectShape{required: true, fields: []msixField{
			{"title", textShape{maxMsixTitle}},
			{"imageList", listShape{most: 1, item: objectShape{required: true, fields: []msixField{
				{"fileName", textShape{}},
				{"id", textShape{}},
				{"description", textShape{maxMsixCaption}},
			}}}},
		}}}},
	}}
}

// namedFamilies are the families that a map must name which is sent (reported of
// production: 400 without; that Team is not one of them is deduced from older
// clients, which do not send it).
var namedFamilies = [...]string{"Desktop", "Mobile", "Xbox", "Holographic"}

// familiesShape pads the families; unknown keys come first, as observed.
func familiesShape() msixShape { return familiesMap{} }

type familiesMap struct{}

func (familiesMap) fit(f *msixFit, at string, value any) any {
	families := f.facts.msix.FutureDeviceFamily
	sent, _ := mapShape{item: flagShape{}}.fit(f, at, value).(object)
	for _, name := range namedFamilies {
		if _, named := foldedMember(sent, name); value != nil && !named && !f.seed {
			f.refuse(at, "The value of %s is not valid: it must name the device family %s.", at, name)
		}
	}
	out := object{}
	for _, m := range sent {
		if !slices.ContainsFunc(families, func(name string) bool { return strings.EqualFold(name, m.name) }) {
			out = append(out, m)
		}
	}
	for _, name := range families {
		value, _ := foldedMember(sent, name)
		out = append(out, member{name, cmp.Or[any](value, false)})
	}
	return out
}

// checkMsixLanguages refuses codes that are unknown or not in lower case.
func checkMsixLanguages(f *msixFit, at string, names []string) {
	var bad []string
	for _, name := range names {
		if !slices.Contains(f.facts.msix.Languages, name) {
			bad = append(bad, name)
		}
	}
	if len(bad) > 0 {
		f.refuse(at, "Language codes: %s not supported", strings.Join(bad, ", "))
		f.badLanguages = true
	}
}

// checkMsixMarkets refuses codes that are no market. EH is on no list but in
// live answers (observed 2026-02).
func checkMsixMarkets(f *msixFit, at string, names []string) {
	for _, name := range names {
		if !f.facts.markets[name] && name != "EH" {
			f.refuse(at, "The market %q of %s is not valid.", name, at)
		}
	}
}
