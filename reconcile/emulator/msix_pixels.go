package emulator

import (
	"fmt"
	"slices"
	"strings"
)

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
