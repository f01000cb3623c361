package schema

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of listings, in characters and items
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
const (
	maxDescription      = 10000
	maxWhatsNew         = 1500
	maxShortDescription = 1000
	maxLicenseTerms     = 10000
	maxCopyright        = 200
	maxDevelopedBy      = 255
	maxContactInfo      = 200
	maxFeatures         = 20
	maxFeature          = 200
	maxSearchTerms      = 7
	maxSearchTerm       = 30
	maxSearchWords      = 21
	maxRequirements     = 11
	maxRequirement      = 200
	// suggestedSortTitle is the portal's limit for MSIX apps; the API page
	// gives none.
	suggestedSortTitle = 255
)

func (v *validator) listing(language string, l *Listing) {
	path := "listings." + language
	v.language(path, language)
	if l == nil {
		return
	}
	v.required(path+".description", l.Description)
	v.required(path+".additionalLicenseTerms", l.AdditionalLicenseTerms)
	v.length(path+".description", l.Description, maxDescription)
	v.length(path+".shortDescription", l.ShortDescription, maxShortDescription)
	v.length(path+".whatsNew", l.WhatsNew, maxWhatsNew)
	v.length(path+".additionalLicenseTerms", l.AdditionalLicenseTerms, maxLicenseTerms)
	v.length(path+".copyright", l.Copyright, maxCopyright)
	v.length(path+".developedBy", l.DevelopedBy, maxDevelopedBy)
	v.length(path+".contactInfo", l.ContactInfo, maxContactInfo)
	if known(l.SortTitle) && len([]rune(l.SortTitle.Value)) > suggestedSortTitle {
		v.warn(path+".sortTitle", fmt.Sprintf("more than %d characters", suggestedSortTitle), "The portal takes no more for MSIX apps; the API page gives no limit.")
	}
	v.texts(path+".productFeatures", l.ProductFeatures, maxFeatures, maxFeature)
	v.searchTerms(path+".searchTerms", l.SearchTerms)
	v.requirements(path+".requirements", l.Requirements)
	v.logos(path+".logos", l.Logos)
	v.screenshots(path+".screenshots", l.Screenshots)
}

// language judges a listing language.
func (v *validator) language(path, language string) {
	if _, ok := MsiExeLanguage(language); ok {
		return
	}
	if primary, _, _ := strings.Cut(strings.ToLower(language), "-"); primary == "ar" {
		v.warn(path, "Arabic is not in the API page's table of languages", "It is in that of MSIX apps, so it may be an omission; the Store may refuse it.")
		return
	}
	v.fail(path, quote(language)+" is not a language of the Store", suggestLanguage(language, MsiExeLanguage)+"Languages are the 320 codes of the API page, such as en-us or de.")
}

// texts judges a list of texts by its count and the length of each.
func (v *validator) texts(path string, items []string, most, longest int) {
	if len(items) > most {
		v.fail(path, fmt.Sprintf("%d items; at most %d are allowed", len(items), most), fmt.Sprintf("Take out %d.", len(items)-most))
	}
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isBlank(item) {
			v.fail(at, "an empty item", "Take it out.")
		}
		v.stringLength(at, item, longest)
	}
}

func (v *validator) searchTerms(path string, terms []string) {
	v.texts(path, terms, maxSearchTerms, maxSearchTerm)
	words := map[string]bool{}
	for _, term := range terms {
		for _, word := range strings.Fields(strings.ToLower(term)) {
			words[word] = true
		}
	}
	if len(words) > maxSearchWords {
		v.fail(path, fmt.Sprintf("%d different words; at most %d are allowed over all terms", len(words), maxSearchWords), "Use shorter terms, or the same words again.")
	}
}

func (v *validator) requirements(path string, rows []Requirement) {
	if len(rows) > maxRequirements {
		v.fail(path, fmt.Sprintf("%d items; at most %d are allowed", len(rows), maxRequirements), fmt.Sprintf("Take out %d.", len(rows)-maxRequirements))
	}
	texts := 0
	for i, row := range rows {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isBlank(row.MinimumHardware + row.RecommendedHardware) {
			v.fail(at, "an empty item", "Write minimumHardware or recommendedHardware, or take the item out.")
		}
		for name, text := range map[string]string{"minimumHardware": row.MinimumHardware, "recommendedHardware": row.RecommendedHardware} {
			v.stringLength(at+"."+name, text, maxRequirement)
			if text != "" {
				texts++
			}
		}
	}
	if len(rows) <= maxRequirements && texts > maxRequirements {
		v.warn(path, fmt.Sprintf("%d requirements, minimum and recommended together", texts),
			fmt.Sprintf("The API page allows %d in total, the portal %[1]d of each; the Store may refuse more than %[1]d.", maxRequirements))
	}
}

// The counts and pixel sizes of images
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/screenshots-and-images;
// the pixel sizes are printed on the page of MSIX apps).
const (
	maxScreenshots       = 10
	suggestedScreenshots = 4
	maxLogos             = 2
)

func (v *validator) screenshots(path string, images []Image) {
	if !v.imageList(path, images, maxScreenshots) {
		return
	}
	if len(images) < suggestedScreenshots && !v.holed(path) {
		v.warn(path, fmt.Sprintf("%s; the Store recommends %d or more", count(len(images), "screenshot"), suggestedScreenshots), "Add more if you have them.")
	}
	for i, image := range images {
		long, short := max(image.Width, image.Height), min(image.Width, image.Height)
		if long < 1366 || short < 768 || long > 3840 || short > 2160 {
			v.fail(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("the screenshot %s has %d x %d pixels", quote(image.Name), image.Width, image.Height),
				"A screenshot has at least 1366 x 768 and at most 3840 x 2160 pixels, upright or across.")
		}
	}
}

// Logos are told apart by their size alone.
const (
	boxArt    = "1:1 box art"
	posterArt = "2:3 poster art"
)

func logoKind(image Image) string {
	switch [2]int{image.Width, image.Height} {
	case [2]int{1080, 1080}, [2]int{2160, 2160}:
		return boxArt
	case [2]int{720, 1080}, [2]int{1440, 2160}:
		return posterArt
	}
	return ""
}

func (v *validator) logos(path string, images []Image) {
	if !v.imageList(path, images, maxLogos) {
		return
	}
	first := map[string]Image{}
	for i, image := range images {
		at, kind := fmt.Sprintf("%s[%d]", path, i), logoKind(image)
		switch other, twice := first[kind]; {
		case kind == "":
			v.fail(at, fmt.Sprintf("the logo %s has %d x %d pixels", quote(image.Name), image.Width, image.Height),
				"A logo is 1:1 box art of 1080 x 1080 or 2160 x 2160 pixels, or 2:3 poster art of 720 x 1080 or 1440 x 2160.")
			return
		case twice:
			v.fail(at, fmt.Sprintf("%s and %s are both %s", quote(other.Name), quote(image.Name), kind), "Keep one of each kind.")
			return
		}
		first[kind] = image
	}
	if v.holed(path) {
		return
	}
	if _, ok := first[boxArt]; !ok {
		v.fail(path, "the 1:1 box art is missing", "logos is the whole set: add a square logo of 1080 x 1080 or 2160 x 2160 pixels.")
	}
	if _, ok := first[posterArt]; !ok {
		v.warn(path, "no 2:3 poster art", "The Store recommends one of 720 x 1080 or 1440 x 2160 pixels.")
	}
}

// imageList judges what screenshots and logos share and reports whether there
// are images to look at.
func (v *validator) imageList(path string, images []Image, most int) bool {
	if images != nil && len(images) == 0 {
		v.fail(path, "the list is empty", fmt.Sprintf("Write 1 to %d images, or leave the field out to leave the Store's images alone.", most))
	}
	if len(images) > most {
		v.fail(path, fmt.Sprintf("%d images; at most %d are allowed", len(images), most), fmt.Sprintf("Take out %d.", len(images)-most))
	}
	for i, image := range images {
		other := slices.IndexFunc(images, func(x Image) bool { return x.SHA256 == image.SHA256 })
		if other < i {
			v.fail(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("%s is the same image as %s", quote(image.Name), quote(images[other].Name)), "Keep one of the two.")
		}
	}
	return len(images) > 0
}

// count is "1 screenshot" or "3 screenshots".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
