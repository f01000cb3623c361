package schema

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// The facts of MSIX apps are taken from
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions and
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/app-package-requirements,
// those of add-ons from
// https://learn.microsoft.com/windows/uwp/monetize/manage-add-on-submissions.
// No page lists the values of applicationCategory: they are those of Microsoft's
// two own clients (StoreBroker and msstore-cli) as far as both agree.

// The closed value sets of MSIX apps and their add-ons.
const (
	EnumVisibility          Enum = "visibility"
	EnumTargetPublishMode   Enum = "targetPublishMode"
	EnumTrialPeriod         Enum = "trialPeriod"
	EnumEnterpriseLicensing Enum = "enterpriseLicensing"
	EnumHardwarePreferences Enum = "hardwarePreferences"
	EnumImageType           Enum = "imageType"
	EnumImageTypeRetired    Enum = "imageTypeRetired"
	EnumFutureDeviceFamily  Enum = "futureDeviceFamily"
	EnumGenre               Enum = "genres"
	EnumKinectData          Enum = "kinectDataForExternal"
	EnumAddOnProductType    Enum = "addOnProductType"
	EnumAddOnLifetime       Enum = "addOnLifetime"
	EnumAddOnContentType    Enum = "addOnContentType"

	// enumCategoryRare are category values that msstore-cli alone knows.
	enumCategoryRare Enum = "applicationCategorySeenInOneClient"
)

var msixLanguageFacts = sync.OnceValue(func() map[string]string { return readLanguages("msix-languages") })

// MsixLanguage returns the spelling in which a new listing language is sent,
// which is lower case (the service refuses en-US: 400 "Language codes: en-US
// not supported", observed), and whether the Store has it.
func MsixLanguage(code string) (string, bool) {
	lower := strings.ToLower(code)
	if _, ok := msixLanguageFacts()[lower]; !ok {
		return "", false
	}
	return lower, true
}

// MsixLanguages are the 350 listing language codes of MSIX apps in lower case,
// sorted.
func MsixLanguages() []string { return slices.Sorted(maps.Keys(msixLanguageFacts())) }

// msixCategoryFact is a category with its subcategories, in the table's order.
type msixCategoryFact struct {
	name          string
	subcategories []string
}

var msixCategoryFacts = sync.OnceValue(func() []msixCategoryFact {
	table := readFacts[map[string][]string]("msix-categories")
	var categories []msixCategoryFact
	for _, name := range slices.Sorted(maps.Keys(table)) {
		categories = append(categories, msixCategoryFact{name, table[name]})
	}
	return categories
})

// MsixCategories are the 98 values of applicationCategory: NotSet, and each
// category followed by its subcategories as Category_Subcategory.
func MsixCategories() []string {
	values := []string{"NotSet"}
	for _, category := range msixCategoryFacts() {
		values = append(values, category.name)
		for _, subcategory := range category.subcategories {
			values = append(values, category.name+"_"+subcategory)
		}
	}
	return values
}
