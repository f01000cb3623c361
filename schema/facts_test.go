package schema

import (
	"slices"
	"testing"
)

// The counts are those of the API page's tables.
func TestFactsAreWhole(t *testing.T) {
	subcategories := 0
	for _, category := range MsiExeCategories() {
		list, ok := MsiExeSubcategories(category)
		if !ok {
			t.Errorf("%s is no category", category)
		}
		subcategories += len(list)
	}
	counts := map[string][2]int{
		"markets": {len(MarketCodes()), 241}, "languages": {len(MsiExeLanguages()), 320},
		"categories": {len(MsiExeCategories()), 25}, "subcategories": {subcategories, 55},
	}
	for enum, want := range map[Enum]int{
		EnumDiscoverability: 2, EnumPricing: 4, EnumFreeTrial: 2, EnumSystemFeature: 9, EnumSystemRequirement: 5, EnumMemory: 10,
		EnumDirectX: 5, EnumVideoMemory: 4, EnumArchitecture: 5, EnumPackageType: 2, EnumErrorScenario: 9,
	} {
		counts[string(enum)] = [2]int{len(enum.Values()), want}
	}
	for name, count := range counts {
		if count[0] != count[1] {
			t.Errorf("%d %s, want %d", count[0], name, count[1])
		}
	}
	if codes := MarketCodes(); !slices.IsSorted(codes) || len(slices.Compact(codes)) != 241 {
		t.Error("market codes are not sorted or not unique")
	}
}

func TestLanguagesMatchWithoutRegardToCase(t *testing.T) {
	for written, want := range map[string]string{"ZH-HANS": "zh-Hans", "En-Us": "en-us", "no": "no", "sr-latn": "sr-Latn", "ar": "", "": "", "tlh": ""} {
		if got, ok := MsiExeLanguage(written); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
}

func TestFactsCannotBeChanged(t *testing.T) {
	MarketCodes()[0] = "XX"
	EnumPricing.Values()[0] = "XX"
	list, _ := MsiExeSubcategories("Travel")
	list[0] = "XX"
	MsiExeLanguages()[0] = "XX"
	again, _ := MsiExeSubcategories("Travel")
	if MarketCodes()[0] != "AD" || EnumPricing.Values()[0] != "FREE" || again[0] != "CityGuides" || MsiExeLanguages()[0] != "af" {
		t.Error("a caller changed a table")
	}
}

func TestMarketNames(t *testing.T) {
	if got := MarketName("TR"); got != "Türkiye" {
		t.Errorf("TR is %q", got)
	}
	if got := MarketName("XX"); got != "" {
		t.Errorf("XX is %q", got)
	}
}
