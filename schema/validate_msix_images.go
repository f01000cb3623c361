package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The counts of images
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/screenshots-and-images).
const (
	maxOtherScreenshots = 8
	maxCaption          = 200
)

// imageRule is what the page says of an imageType's images.
type imageRule struct {
	// most is how many there may be.
	most int
	// sizes are the allowed widths and heights in pixels; none means that any
	// will do.
	sizes [][2]int
	// bounds are the least and greatest long and short side of a screenshot,
	// upright or across; zero means no bound.
	least, greatest [2]int
	// doubtful means that the page no longer has the type, so that what is
	// known is in its name only.
	doubtful bool
}

// imageRules are the rules by imageType. A type without one is not judged.
func imageRules() map[string]imageRule {
	wide := [2]int{3840, 2160}
	one := func(sizes ...[2]int) imageRule { return imageRule{most: 1, sizes: sizes} }
	named := func(width, height int) imageRule {
		return imageRule{most: 1, sizes: [][2]int{{width, height}}, doubtful: true}
	}
	return map[string]imageRule{
		"Screenshot":           {most: maxScreenshots, least: [2]int{1366, 768}, greatest: wide},
		"XboxScreenshot":       {most: maxOtherScreenshots, least: [2]int{1920, 1080}, greatest: wide},
		"HoloLensScreenshot":   {most: maxOtherScreenshots, least: [2]int{1268, 720}, greatest: wide},
		"MobileScreenshot":     {most: maxOtherScreenshots},
		"SurfaceHubScreenshot": {most: maxOtherScreenshots},

		"StoreLogo9x16":               one([2]int{720, 1080}, [2]int{1440, 2160}),
		"StoreLogoSquare":             one([2]int{1080, 1080}, [2]int{2160, 2160}),
		"Icon":                        one([2]int{300, 300}),
		"PromotionalArt16x9":          one([2]int{1920, 1080}, [2]int{3840, 2160}),
		"PromotionalArtwork2400X1200": one([2]int{2400, 1200}),
		"XboxBrandedKeyArt":           one([2]int{584, 800}),
		"XboxTitledHeroArt":           one([2]int{1920, 1080}),
		"XboxFeaturedPromotionalArt":  one([2]int{1080, 1080}),

		"SquareIcon358X358":         named(358, 358),
		"BackgroundImage1000X800":   named(1000, 800),
		"PromotionalArtwork414X180": named(414, 180),
		"PromotionalArtwork846X468": named(846, 468),
		"PromotionalArtwork558X756": named(558, 756),
		"PromotionalArtwork414X468": named(414, 468),
		"PromotionalArtwork558X558": named(558, 558),
		"WideIcon358X173":           named(358, 173),
	}
}

func isScreenshotType(imageType string) bool { return strings.HasSuffix(imageType, "Screenshot") }

// msixImages judges a listing's images by type.
func (v *validator) msixImages(path string, images map[string][]CaptionedImage) {
	kept, rules := false, imageRules()
	for imageType, list := range images {
		kept = kept || isScreenshotType(imageType) && len(list) > 0
	}
	for _, imageType := range slices.Sorted(maps.Keys(images)) {
		at, list := path+"."+imageType, images[imageType]
		if !v.imageType(at, imageType) {
			continue
		}
		if len(list) == 0 && isScreenshotType(imageType) && !kept {
			v.fail(at, "the list is empty", "A listing needs a screenshot of one device family. Write the screenshots to keep, or leave the field out to leave the Store's alone.")
		}
		v.captionedImages(at, list, rules[imageType])
	}
}

func (v *validator) imageType(path, imageType string) bool {
	if slices.Contains(EnumImageTypeRetired.Values(), imageType) {
		v.warn(path, imageType+" is retired", "The Store still knows it, but listings no longer show such images.")
		return true
	}
	return v.key(path, imageType, EnumImageType)
}

// captionedImages judges the images of one type.
func (v *validator) captionedImages(path string, images []CaptionedImage, rule imageRule) {
	report := v.fail
	if rule.doubtful {
		report = v.warn
	}
	if rule.most > 0 && len(images) > rule.most {
		report(path, fmt.Sprintf("%s; at most %d %s allowed", count(len(images), "image"), rule.most, isOrAre(rule.most)), fmt.Sprintf("Take out %d.", len(images)-rule.most))
	}
	for i, image := range images {
		at := fmt.Sprintf("%s[%d]", path, i)
		other := slices.IndexFunc(images, func(x CaptionedImage) bool { return x.File.SHA256 == image.File.SHA256 })
		if other < i {
			v.fail(at, fmt.Sprintf("%s is the same image as %s", quote(image.File.Name), quote(images[other].File.Name)), "Keep one of the two.")
		}
		if want := rule.wrongSize(image.File); want != "" {
			report(at, fmt.Sprintf("the image %s has %d x %d pixels", quote(image.File.Name), image.File.Width, image.File.Height), want)
		}
		v.length(at+".description", image.Description, maxCaption)
	}
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// wrongSize says which pixel sizes are allowed, "" when the image has one.
func (r imageRule) wrongSize(image Image) string {
	if len(r.sizes) > 0 && !slices.Contains(r.sizes, [2]int{image.Width, image.Height}) {
		var sizes []string
		for _, size := range r.sizes {
			sizes = append(sizes, fmt.Sprintf("%d x %d", size[0], size[1]))
		}
		return "It must have " + strings.Join(sizes, " or ") + " pixels."
	}
	long, short := max(image.Width, image.Height), min(image.Width, image.Height)
	if r.least != [2]int{} && (long < r.least[0] || short < r.least[1] || long > r.greatest[0] || short > r.greatest[1]) {
		return fmt.Sprintf("Such a screenshot has at least %d x %d and at most %d x %d pixels, upright or across.", r.least[0], r.least[1], r.greatest[0], r.greatest[1])
	}
	return ""
}

// The limits of trailers, on the same page.
const (
	maxTrailers     = 15
	maxTrailerTitle = 255
)

// trailers judges the whole set of trailers. What is not written of a trailer
// stays as it is for a video that the Store has, so that what is missing is for
// plan to say.
func (v *validator) trailers(trailers []Trailer) {
	if len(trailers) > maxTrailers {
		v.fail("trailers", fmt.Sprintf("%d trailers; at most %d are allowed", len(trailers), maxTrailers), fmt.Sprintf("Take out %d.", len(trailers)-maxTrailers))
	}
	for i, trailer := range trailers {
		at := fmt.Sprintf("trailers[%d]", i)
		other := slices.IndexFunc(trailers, func(x Trailer) bool { return x.Video.SHA256 == trailer.Video.SHA256 })
		if other < i && trailer.Video.SHA256 != "" {
			v.fail(at+".videoFile", fmt.Sprintf("%s is the same video as %s", quote(trailer.Video.Name), quote(trailers[other].Video.Name)), "Keep one trailer, with the languages of both.")
		}
		for _, language := range slices.Sorted(maps.Keys(trailer.TrailerAssets)) {
			path := at + ".trailerAssets." + language
			v.msixLanguage(path, language)
			v.trailerAsset(path, trailer.TrailerAssets[language])
		}
	}
}

func (v *validator) trailerAsset(path string, asset TrailerAsset) {
	if known(asset.Title) && asset.Title.Value == "" {
		v.fail(path+".title", "is empty", "Write the trailer's title.")
	}
	v.length(path+".title", asset.Title, maxTrailerTitle)
	if asset.Image == nil {
		return
	}
	if i := asset.Image.File; i.Width != 1920 || i.Height != 1080 {
		v.fail(path+".image", fmt.Sprintf("the thumbnail %s has %d x %d pixels", quote(i.Name), i.Width, i.Height), "It must have 1920 x 1080 pixels.")
	}
	v.length(path+".image.description", asset.Image.Description, maxCaption)
}
