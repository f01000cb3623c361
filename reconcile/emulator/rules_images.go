package emulator

import (
	"errors"
	"fmt"
	"image/png"
	"slices"
)

// maxImageBytes and the pixel sizes are those of
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/screenshots-and-images.
const maxImageBytes = 50 << 20

// imageSize reads the header of an uploaded image and checks the rules of its
// kind.
func (c *contents) imageSize(stored content, kind assetKind) (width, height int, err error) {
	if stored.Size > maxImageBytes {
		return 0, 0, fmt.Errorf("the image has %d bytes; at most %d are allowed", stored.Size, maxImageBytes)
	}
	file, err := c.open(stored.ID)
	if err != nil {
		return 0, 0, errors.New("the upload cannot be read")
	}
	defer file.Close()
	config, err := png.DecodeConfig(file)
	if err != nil {
		return 0, 0, errors.New("the image is not a PNG file")
	}
	return config.Width, config.Height, checkPixels(kind, config.Width, config.Height)
}

func checkPixels(kind assetKind, width, height int) error {
	if kind == kindLogo {
		// 1:1 box art and 2:3 poster art.
		sizes := [][2]int{{1080, 1080}, {2160, 2160}, {720, 1080}, {1440, 2160}}
		if !slices.Contains(sizes, [2]int{width, height}) {
			return fmt.Errorf("a logo must have 1080x1080, 2160x2160, 720x1080 or 1440x2160 pixels, not %dx%d", width, height)
		}
		return nil
	}
	long, short := max(width, height), min(width, height)
	if long < 1366 || short < 768 || long > 3840 || short > 2160 {
		return fmt.Errorf("a screenshot must have 1366x768 to 3840x2160 pixels in either orientation, not %dx%d", width, height)
	}
	return nil
}
