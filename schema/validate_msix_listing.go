package schema

import (
	"fmt"
	"unicode/utf8"
)

// The limits of listings of MSIX apps where they are not those of MSI/EXE apps,
// in characters and items
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/create-app-store-listing).
const (
	maxReleaseNotes = 1500
	maxShortTitle   = 50
	maxTitleText    = 255
	maxKeywords     = 7
	maxKeyword      = 30
	maxHardware     = 11
	maxHardwareText = 200
	// suggestedShortDescription is the limit of StoreBroker, Microsoft's own
	// client; the portal takes 1000.
	suggestedShortDescription = 500
)

func (v *validator) msixListing(language string, l *MsixListing) {
	path := "listings." + language
	v.msixLanguage(path, language)
	if l == nil {
		return
	}
	v.required(path+".title", l.Title)
	v.required(path+".description", l.Description)
	v.length(path+".description", l.Description, maxDescription)
	v.length(path+".shortDescription", l.ShortDescription, maxShortDescription)
	if known(l.ShortDescription) {
		if n := utf8.RuneCountInString(l.ShortDescription.Value); n > suggestedShortDescription && n <= maxShortDescription {
			v.warn(path+".shortDescription", fmt.Sprintf("%d characters; %d are sure to be taken", n, suggestedShortDescription),
				fmt.Sprintf("The portal allows %d, Microsoft's client StoreBroker %d.", maxShortDescription, suggestedShortDescription))
		}
	}
	v.length(path+".shortTitle", l.ShortTitle, maxShortTitle)
	v.length(path+".sortTitle", l.SortTitle, maxTitleText)
	v.length(path+".voiceTitle", l.VoiceTitle, maxTitleText)
	v.length(path+".devStudio", l.DevStudio, maxTitleText)
	v.length(path+".releaseNotes", l.ReleaseNotes, maxReleaseNotes)
	v.texts(path+".features", l.Features, maxFeatures, maxFeature)
	v.texts(path+".keywords", l.Keywords, maxKeywords, maxKeyword)
	v.length(path+".copyrightAndTrademarkInfo", l.CopyrightAndTrademarkInfo, maxCopyright)
	v.length(path+".licenseTerms", l.LicenseTerms, maxLicenseTerms)
	v.texts(path+".recommendedHardware", l.RecommendedHardware, maxHardware, maxHardwareText)
	v.texts(path+".minimumHardware", l.MinimumHardware, maxHardware, maxHardwareText)
	v.msixImages(path+".images", l.Images)
}

// msixLanguage judges a listing language.
func (v *validator) msixLanguage(path, language string) {
	if _, ok := MsixLanguage(language); ok {
		return
	}
	v.fail(path, quote(language)+" is not a language of the Store", suggestLanguage(language, MsixLanguage)+"Languages are the 350 codes of the page of supported languages, such as en-us or de.")
}
