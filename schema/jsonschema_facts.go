package schema

import (
	"reflect"
	"slices"
)

// fieldFacts is what the JSON Schema says of a field beyond its Go type. What is
// said of a text holds for each text of a list or mapping.
type fieldFacts struct {
	// about is shown by editors.
	about string
	// enum is a closed set of values, pattern what values look like, longest
	// their greatest length in characters.
	enum    []string
	pattern string
	longest int
	// ref names the definition that stands for the value.
	ref string
	// keys are the allowed keys of a mapping.
	keys *jsonSchema
	// least and most count the elements; unique allows each once.
	least, most int
	unique      bool
	// onlyTrue is a boolean that says nothing when it is false.
	onlyTrue bool

	// inList is set for the elements of a list, which must not be empty.
	inList bool
}

// text is the schema of a plain text. With placeholders in it, its value is not
// known here. A long text may end with a line end, which Load takes off.
func (f fieldFacts) text(mayEndLine bool) []*jsonSchema {
	s := &jsonSchema{Type: "string", Enum: f.enum, Pattern: f.pattern, MaxLength: f.longest}
	if mayEndLine && s.MaxLength > 0 {
		s.MaxLength++
	}
	if f.enum != nil {
		s.Type = ""
	}
	if f.inList && f.enum == nil && f.pattern == "" {
		s.MinLength = 1
	}
	if f.enum == nil && f.pattern == "" && f.longest == 0 {
		return []*jsonSchema{s}
	}
	return []*jsonSchema{s, reference("placeholder")}
}

// keysOf allows these keys of a mapping.
func keysOf(names ...string) *jsonSchema { return &jsonSchema{Enum: names} }

// fieldFactsOf are the facts of every field, by the type that has it.
func fieldFactsOf() map[reflect.Type]map[string]fieldFacts {
	all := msiExeFacts()
	for t, facts := range msixFacts() {
		all[t] = facts
	}
	for t, facts := range addOnFacts() {
		all[t] = facts
	}
	all[reflect.TypeFor[Metadata]()] = map[string]fieldFacts{
		"name":    {about: "The name of the manifest, unique for its kind: the address is KIND/NAME.", pattern: metadataName.String()},
		"labels":  {about: "Labels of your own; --selector picks manifests by them.", pattern: labelValue.String()},
		"state":   {about: "absent: the add-on or flight is to be deleted."},
		"protect": {about: "Guards that refuse for this product even with --allow.", unique: true},
	}
	return all
}

// yesNo is a boolean with its meaning.
func yesNo(about string) fieldFacts { return fieldFacts{about: about} }

// oneOf is a text of a closed set.
func oneOf(about string, enum Enum) fieldFacts {
	return fieldFacts{about: about, enum: enum.Values()}
}

// upTo is a text of at most that many characters.
func upTo(longest int, about string) fieldFacts { return fieldFacts{about: about, longest: longest} }

// timePattern is what an RFC 3339 time looks like.
const timePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]+(Z|[+-][0-9]{2}:[0-9]{2})$`

func msiExeFacts() map[reflect.Type]map[string]fieldFacts {
	languages := fieldFacts{ref: "msiExeLanguage", least: 1}
	listed := languages
	listed.about = "The languages that get a listing made of \"*\"."
	installed := languages
	installed.about, installed.unique = "The languages of the installer.", true
	var subcategories []string
	for _, category := range MsiExeCategories() {
		more, _ := MsiExeSubcategories(category)
		subcategories = append(subcategories, more...)
	}
	slices.Sort(subcategories)
	return map[reflect.Type]map[string]fieldFacts{
		reflect.TypeFor[MsiExeApp](): {
			"productId":               {about: "The product's GUID; it stands in the product's address in Partner Center.", pattern: guid.String()},
			"availability":            {about: "Where and for how much the app can be had."},
			"properties":              {about: "What the app is, and whom to ask about it."},
			"languages":               listed,
			"listings":                {about: "What customers see, by language. Each takes the fields of \"*\" that it does not write itself.", keys: reference("listingOfMsiExe"), least: 1},
			"removeUnlistedLanguages": yesNo("true: live languages that are not written here are removed."),
			"packages":                {about: "The whole package set, by keys of your own.", least: 1},
		},
		reflect.TypeFor[Availability](): {
			"markets":               {about: "Where the app can be had: [US, DE], or {all: true, except: [CN]}."},
			"discoverability":       oneOf("Whether the Store shows the app, or a link alone leads to it.", EnumDiscoverability),
			"enableInFutureMarkets": yesNo("Whether markets that the Store adds later get the app."),
			"pricing":               oneOf("How the app is paid for; the API has no amounts.", EnumPricing),
			"freeTrial":             oneOf("Whether there is a free trial.", EnumFreeTrial),
		},
		reflect.TypeFor[Properties](): {
			"isPrivacyPolicyRequired":  yesNo("Whether the app needs a privacy policy; privacyPolicyUrl is then required."),
			"privacyPolicyUrl":         {about: "The address of the privacy policy."},
			"website":                  {about: "The address of the app's web site."},
			"supportContactInfo":       {about: "A web or e-mail address for support."},
			"certificationNotes":       upTo(maxCertificationNotes, "Notes for the testers of the Store, never shown."),
			"category":                 {about: "The category.", enum: MsiExeCategories()},
			"subcategory":              {about: "A subcategory of the category.", enum: append([]string{""}, slices.Compact(subcategories)...)},
			"productDeclarations":      {about: "What the app depends on and supports."},
			"isSystemFeatureRequired":  {about: "What hardware the app needs.", keys: keysOf(EnumSystemFeature.Values()...)},
			"systemRequirementDetails": {about: "How much of it; \"\" is not set.", keys: keysOf(EnumSystemRequirement.Values()...)},
		},
		reflect.TypeFor[ProductDeclarations](): {
			"dependsOnDriversOrNT": yesNo("Whether the app depends on drivers or NT services."),
			"accessibilitySupport": yesNo("Whether the app was tested for accessibility."),
			"penAndInkSupport":     yesNo("Whether the app supports pen and ink."),
		},
		reflect.TypeFor[SystemFeature]():     {"isRequired": yesNo("The app does not work without it."), "isRecommended": yesNo("The app works better with it.")},
		reflect.TypeFor[SystemRequirement](): {"minimumRequirement": upTo(maxRequirementText, "The least."), "recommendedRequirement": upTo(maxRequirementText, "What is recommended.")},
		reflect.TypeFor[Listing](): {
			"description":            upTo(maxDescription, "The description."),
			"shortDescription":       upTo(maxShortDescription, "The short description; the Store shows about 270 characters."),
			"whatsNew":               upTo(maxWhatsNew, "What is new in this version."),
			"productFeatures":        {about: "The features, each a line.", longest: maxFeature, most: maxFeatures},
			"searchTerms":            {about: "Search terms, 21 different words in all.", longest: maxSearchTerm, most: maxSearchTerms},
			"additionalLicenseTerms": upTo(maxLicenseTerms, "The licence terms."),
			"copyright":              upTo(maxCopyright, "Copyright and trademarks."),
			"developedBy":            upTo(maxDevelopedBy, "Who made the app."),
			"sortTitle":              {about: "The name by which the app is sorted."},
			"requirements":           {about: "Hardware in words, the whole list.", most: maxRequirements},
			"contactInfo":            upTo(maxContactInfo, "Whom to ask about the app."),
			"logos":                  {about: "PNG files: 1:1 box art, and 2:3 poster art.", least: 1, most: maxLogos},
			"screenshots":            {about: "PNG files from 1366 x 768 to 3840 x 2160 pixels; paths or patterns.", least: 1, most: maxScreenshots},
		},
		reflect.TypeFor[Requirement](): {"minimumHardware": upTo(maxRequirement, "What the app needs."), "recommendedHardware": upTo(maxRequirement, "What is recommended.")},
		reflect.TypeFor[Package](): {
			"packageUrl":          {about: "The https address of the installer itself, with the version in its path."},
			"sha256":              {about: "The installer's digest; not sent to the Store.", pattern: `^([0-9A-Fa-f]{64})?$`},
			"packageType":         oneOf("What the installer is.", EnumPackageType),
			"architecture":        oneOf("What it runs on.", EnumArchitecture),
			"languages":           installed,
			"isSilentInstall":     yesNo("Whether it installs silently without parameters."),
			"installerParameters": {about: "The switches that make it silent, such as /quiet."},
			"genericDocUrl":       {about: "The page that explains the return codes of an exe."},
			"errorDetails":        {about: "The return codes of an exe, by scenario.", keys: keysOf(EnumErrorScenario.Values()...)},
		},
		reflect.TypeFor[ErrorDetail](): {"errorValue": {about: "The return code, in quotes."}, "errorUrl": {about: "The page that explains it."}},
	}
}
