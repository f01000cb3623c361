package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// completeMsix reports whether a submission can be certified. What is missing
// shows in Partner Center only: the API says InvalidState and no more.
func completeMsix(a *msixApp, sub *msixSubmission, document object) bool {
	category := document.lookupText("applicationCategory")
	if sub.Blank || category == "" || category == "NotSet" || len(document.lookupList("applicationPackages")) == 0 {
		return false
	}
	if published := a.published(); published != nil {
		// A published app never moves into or out of games
		// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/categories-and-subcategories).
		before := object(published.Document).lookupText("applicationCategory")
		if isGame(before) != isGame(category) {
			return false
		}
	}
	for _, m := range document.lookupObject("listings") {
		listing, _ := m.value.(object)
		if !completeListing(a, listing.lookupObject("baseListing")) {
			return false
		}
	}
	return true
}

func isGame(category string) bool {
	return category == "Games" || strings.HasPrefix(category, "Games_")
}

func completeListing(a *msixApp, listing object) bool {
	if listing.lookupText("description") == "" {
		return false
	}
	title := listing.lookupText("title")
	if len(a.ReservedNames) > 0 && !slices.Contains(a.ReservedNames, title) {
		return false
	}
	return slices.ContainsFunc(listing.lookupList("images"), func(item any) bool {
		return strings.HasSuffix(textOf(item, "imageType"), "Screenshot")
	})
}

// checkMsixPixels has the sizes of
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/screenshots-and-images.
// Types of which no size is documented may have any.
func checkMsixPixels(kind string, width, height int) error {
	long, short := max(width, height), min(width, height)
	var low, high [2]int
	switch kind {
	case "Screenshot", "MobileScreenshot", "SurfaceHubScreenshot":
		low, high = [2]int{1366, 768}, [2]int{3840, 2160}
		if kind != "Screenshot" {
			low = [2]int{}
		}
	case "XboxScreenshot":
		low, high = [2]int{1920, 1080}, [2]int{3840, 2160}
	case "HoloLensScreenshot":
		low, high = [2]int{1268, 720}, [2]int{3840, 2160}
	default:
		sizes := msixPixels(kind)
		if sizes != nil && !slices.Contains(sizes, [2]int{width, height}) {
			return fmt.Errorf("%s must have %s pixels, not %dx%d", kind, oneOfSizes(sizes), width, height)
		}
		return nil
	}
	if long < low[0] || short < low[1] || long > high[0] || short > high[1] {
		return fmt.Errorf("%s must have %dx%d to %dx%d pixels, not %dx%d", kind, low[0], low[1], high[0], high[1], width, height)
	}
	return nil
}

// msixPixels are the sizes of pictures that have but some; nil: any size.
func msixPixels(kind string) [][2]int {
	switch kind {
	case "StoreLogo9x16":
		return [][2]int{{720, 1080}, {1440, 2160}}
	case "StoreLogoSquare":
		return [][2]int{{1080, 1080}, {2160, 2160}}
	case "Icon":
		return [][2]int{{300, 300}}
	case "PromotionalArt16x9":
		return [][2]int{{1920, 1080}, {3840, 2160}}
	case "PromotionalArtwork2400X1200":
		return [][2]int{{2400, 1200}}
	case "SquareIcon358X358":
		return [][2]int{{358, 358}}
	case "BackgroundImage1000X800":
		return [][2]int{{1000, 800}}
	case "PromotionalArtwork414X180":
		return [][2]int{{414, 180}}
	default:
		return nil
	}
}

func oneOfSizes(sizes [][2]int) string {
	texts := make([]string, 0, len(sizes))
	for _, size := range sizes {
		texts = append(texts, fmt.Sprintf("%dx%d", size[0], size[1]))
	}
	return strings.Join(texts, " or ")
}
