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
		"MSIX languages": {len(MsixLanguages()), 350}, "MSIX categories": {len(MsixCategories()), 98},
	}
	for enum, want := range map[Enum]int{
		EnumDiscoverability: 2, EnumPricing: 4, EnumFreeTrial: 2, EnumSystemFeature: 9, EnumSystemRequirement: 5, EnumMemory: 10,
		EnumDirectX: 5, EnumVideoMemory: 4, EnumArchitecture: 5, EnumPackageType: 2, EnumErrorScenario: 9,
		EnumVisibility: 4, EnumTargetPublishMode: 3, EnumTrialPeriod: 6, EnumEnterpriseLicensing: 3, EnumHardwarePreferences: 8, EnumImageType: 16,
		EnumImageTypeRetired: 6, EnumFutureDeviceFamily: 5, EnumGenre: 16, EnumKinectData: 4,
		enumCategoryRare: 4, EnumAddOnProductType: 2, EnumAddOnLifetime: 11, EnumAddOnContentType: 11, EnumGuard: 15,
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

func TestMsixLanguagesAreLowerCase(t *testing.T) {
	for written, want := range map[string]string{"zh-Hans": "zh-hans", "EN-US": "en-us", "ar": "ar", "es-419": "es-419", "tlh": "", "": ""} {
		if got, ok := MsixLanguage(written); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
}

// The two APIs spell several categories, and a genre its category, in two ways.
func TestMsixCategorySpellings(t *testing.T) {
	all := MsixCategories()
	for value, want := range map[string]bool{
		"NotSet": true, "Games_Roleplaying": true, "Games_RolePlaying": false, "DeveloperTools_Webhosting": true, "DeveloperTools_WebHosting": false,
		"Lifestyle_DIY": true, "Lifestyle_DYI": false, "Business_AccountingAndFinance": true, "Business_AccountingAndfinance": false,
		"Education_BooksAndReference": true, "Personalization_Themes": true, "Games_Other": false,
	} {
		if got := slices.Contains(all, value); got != want {
			t.Errorf("%s is a category: %t, want %t", value, got, want)
		}
	}
	if !slices.Contains(EnumGenre.Values(), "Games_RolePlaying") {
		t.Error("the genre Games_RolePlaying is missing")
	}
}

// One value set must not take the place of another.
func TestEnumNamesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, table := range []string{"msiexe-enums", "msix-enums", "guards"} {
		for name := range readFacts[map[string][]string](table) {
			if other, twice := seen[name]; twice {
				t.Errorf("%s and %s both have a value set named %s", other, table, name)
			}
			seen[name] = table
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
