package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// The facts are data files beside this one. Those of MSI/EXE apps are taken
// from the tables of
// https://learn.microsoft.com/windows/apps/publish/store-submission-api
// (rows that are broken there are repaired); for those of MSIX apps see
// facts_msix.go. They are parsed once and never change; every function returns
// a copy.

//go:embed facts/*.json
var factFiles embed.FS

type marketFact struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

type languageFact struct {
	Name  string   `json:"name"`
	Codes []string `json:"codes"`
}

var marketFacts = sync.OnceValue(func() []marketFact {
	return slices.SortedFunc(slices.Values(readFacts[[]marketFact]("markets")), func(a, b marketFact) int { return strings.Compare(a.Code, b.Code) })
})

// languageFacts maps lower-case codes to the API's spelling.
var languageFacts = sync.OnceValue(func() map[string]string { return readLanguages("msiexe-languages") })

func readLanguages(table string) map[string]string {
	codes := map[string]string{}
	for _, language := range readFacts[[]languageFact](table) {
		for _, code := range language.Codes {
			codes[strings.ToLower(code)] = code
		}
	}
	return codes
}

var categoryFacts = sync.OnceValue(func() map[string][]string { return readFacts[map[string][]string]("msiexe-categories") })

var enumFacts = sync.OnceValue(func() map[string][]string {
	enums := readFacts[map[string][]string]("msiexe-enums")
	maps.Copy(enums, readFacts[map[string][]string]("msix-enums"))
	maps.Copy(enums, readFacts[map[string][]string]("guards"))
	return enums
})

// readFacts parses an embedded table. The files are part of the program, so a
// bad one is a bug that the first test meets.
func readFacts[T any](name string) T {
	var table T
	content, err := factFiles.ReadFile("facts/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(content, &table)
	}
	if err != nil {
		panic(fmt.Sprintf("read facts %s: %v", name, err))
	}
	return table
}

// MarketCodes are the 241 market codes of the API page, sorted.
func MarketCodes() []string {
	var codes []string
	for _, market := range marketFacts() {
		codes = append(codes, market.Code)
	}
	return codes
}

// MarketName is the API page's name of a market, "" for an unknown code.
func MarketName(code string) string {
	for _, market := range marketFacts() {
		if market.Code == code {
			return market.Name
		}
	}
	return ""
}

// MsiExeLanguage returns the API's spelling of a listing language
// (zh-Hans for ZH-HANS) and whether the API has it.
func MsiExeLanguage(code string) (string, bool) {
	spelling, ok := languageFacts()[strings.ToLower(code)]
	return spelling, ok
}

// MsiExeLanguages are the 320 listing language codes of the API page in its
// own spelling, sorted.
func MsiExeLanguages() []string { return slices.Sorted(maps.Values(languageFacts())) }

// MsiExeCategories are the 25 categories, sorted.
func MsiExeCategories() []string { return slices.Sorted(maps.Keys(categoryFacts())) }

// MsiExeSubcategories are a category's subcategories in the API page's own
// spelling (DYI, themes); many categories have none. The bool is false for an
// unknown category.
func MsiExeSubcategories(category string) ([]string, bool) {
	subcategories, ok := categoryFacts()[category]
	return slices.Clone(subcategories), ok
}

// Enum names a closed set of values, of a Store API or of a manifest.
type Enum string

// EnumGuard are the names of the guards, which metadata.protect takes. What
// each protects is said in package reconcile, whose list is the same.
const EnumGuard Enum = "guard"

// The closed value sets of the MSI/EXE API.
const (
	EnumDiscoverability   Enum = "discoverability"
	EnumPricing           Enum = "pricing"
	EnumFreeTrial         Enum = "freeTrial"
	EnumSystemFeature     Enum = "systemFeatureHardwareItemType"
	EnumSystemRequirement Enum = "systemRequirementHardwareItemType"
	EnumMemory            Enum = "systemRequirementMemory"
	EnumDirectX           Enum = "systemRequirementDirectX"
	EnumVideoMemory       Enum = "systemRequirementVideoMemory"
	EnumArchitecture      Enum = "architecture"
	EnumPackageType       Enum = "packageType"
	EnumErrorScenario     Enum = "errorScenario"
)

// Values are the set's values in the order of the API page; guards are sorted.
func (e Enum) Values() []string { return slices.Clone(enumFacts()[string(e)]) }
