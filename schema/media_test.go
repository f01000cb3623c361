package schema

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole text of what is said about images and videos.
func TestMsixMedia(t *testing.T) {
	files := map[string]string{
		"small.png": picture(t, 1267, 719, 1), "desktop.png": picture(t, 1366, 768, 2), "icon.png": picture(t, 300, 300, 3),
		"box.png": picture(t, 1080, 1080, 4), "box2.png": picture(t, 2160, 2160, 5), "thumb.png": picture(t, 1920, 1080, 6),
		"a.mp4": mp4('a'), "a2.mp4": mp4('a'), "b.mov": "\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "lfs.mp4": "version https://git-lfs.github.com/spec/v1\n", "big.mp4": mp4('b'),
	}
	tests := map[string]struct{ spec, want string }{
		"images": {`
  listings:
    en-us:
      images:
        Screenshot: [small.png, small.png]
        XboxScreenshot: [desktop.png]
        HoloLensScreenshot: [small.png]
        MobileScreenshot: [small.png]
        StoreLogo9x16: [icon.png]
        StoreLogoSquare: [box.png, box2.png]
        Icon: [box.png]
        PromotionalArt16x9: [desktop.png]
        XboxBrandedKeyArt: [icon.png]
        SquareIcon358X358: [icon.png]
        WideIcon358X173: [icon.png]
        mobilescreenshots: [desktop.png]
        Hero: [desktop.png]
    de:
      images: {Screenshot: [{file: desktop.png, description: "` + repeat("c", 201) + `"}]}
    fr:
      images: {Screenshot: [], StoreLogoSquare: []}
    it:
      images: {Screenshot: [], MobileScreenshot: [small.png]}
`, `app.yaml:9:22: error: listings.en-us.images.Screenshot[0]: the image "small.png" has 1267 x 719 pixels
  Such a screenshot has at least 1366 x 768 and at most 3840 x 2160 pixels, upright or across.
app.yaml:9:33: error: listings.en-us.images.Screenshot[1]: "small.png" is the same image as "small.png"
  Keep one of the two.
app.yaml:9:33: error: listings.en-us.images.Screenshot[1]: the image "small.png" has 1267 x 719 pixels
  Such a screenshot has at least 1366 x 768 and at most 3840 x 2160 pixels, upright or across.
app.yaml:10:26: error: listings.en-us.images.XboxScreenshot[0]: the image "desktop.png" has 1366 x 768 pixels
  Such a screenshot has at least 1920 x 1080 and at most 3840 x 2160 pixels, upright or across.
app.yaml:11:30: error: listings.en-us.images.HoloLensScreenshot[0]: the image "small.png" has 1267 x 719 pixels
  Such a screenshot has at least 1268 x 720 and at most 3840 x 2160 pixels, upright or across.
app.yaml:13:25: error: listings.en-us.images.StoreLogo9x16[0]: the image "icon.png" has 300 x 300 pixels
  It must have 720 x 1080 or 1440 x 2160 pixels.
app.yaml:14:26: error: listings.en-us.images.StoreLogoSquare: 2 images; at most 1 is allowed
  Take out 1.
app.yaml:15:16: error: listings.en-us.images.Icon[0]: the image "box.png" has 1080 x 1080 pixels
  It must have 300 x 300 pixels.
app.yaml:16:30: error: listings.en-us.images.PromotionalArt16x9[0]: the image "desktop.png" has 1366 x 768 pixels
  It must have 1920 x 1080 or 3840 x 2160 pixels.
app.yaml:17:29: error: listings.en-us.images.XboxBrandedKeyArt[0]: the image "icon.png" has 300 x 300 pixels
  It must have 584 x 800 pixels.
app.yaml:18:29: warning: listings.en-us.images.SquareIcon358X358[0]: the image "icon.png" has 300 x 300 pixels
  It must have 358 x 358 pixels.
app.yaml:19:26: warning: listings.en-us.images.WideIcon358X173: WideIcon358X173 is retired
  The Store still knows it, but listings no longer show such images.
app.yaml:19:27: warning: listings.en-us.images.WideIcon358X173[0]: the image "icon.png" has 300 x 300 pixels
  It must have 358 x 173 pixels.
app.yaml:20:28: error: listings.en-us.images.mobilescreenshots: unknown key "mobilescreenshots"
  Did you mean MobileScreenshot? Allowed here: Screenshot, MobileScreenshot, XboxScreenshot, SurfaceHubScreenshot, HoloLensScreenshot, StoreLogo9x16, StoreLogoSquare, Icon, PromotionalArt16x9, PromotionalArtwork2400X1200, XboxBrandedKeyArt, XboxTitledHeroArt, XboxFeaturedPromotionalArt, SquareIcon358X358, BackgroundImage1000X800, PromotionalArtwork414X180.
app.yaml:21:15: error: listings.en-us.images.Hero: unknown key "Hero"
  Allowed here: Screenshot, MobileScreenshot, XboxScreenshot, SurfaceHubScreenshot, HoloLensScreenshot, StoreLogo9x16, StoreLogoSquare, Icon, PromotionalArt16x9, PromotionalArtwork2400X1200, XboxBrandedKeyArt, XboxTitledHeroArt, XboxFeaturedPromotionalArt, SquareIcon358X358, BackgroundImage1000X800, PromotionalArtwork414X180.
app.yaml:23:62: error: listings.de.images.Screenshot[0].description: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:25:28: error: listings.fr.images.Screenshot: the list is empty
  A listing needs a screenshot of one device family. Write the screenshots to keep, or leave the field out to leave the Store's alone.
`},
		"trailers": {`
  trailers:
    - {videoFile: a.mp4, trailerAssets: {en-us: {title: "` + repeat("t", 256) + `", image: desktop.png}, de: {title: "", image: thumb.png}}}
    - {videoFile: b.mov, trailerAssets: {klingon: {}}}
    - {videoFile: a2.mp4}
`, `app.yaml:7:57: error: trailers[0].trailerAssets.en-us.title: 256 characters; at most 255 are allowed
  Shorten the text by 1.
app.yaml:7:324: error: trailers[0].trailerAssets.en-us.image: the thumbnail "desktop.png" has 1366 x 768 pixels
  It must have 1920 x 1080 pixels.
app.yaml:7:350: error: trailers[0].trailerAssets.de.title: is empty
  Write the trailer's title.
app.yaml:8:51: error: trailers[1].trailerAssets.klingon: "klingon" is not a language of the Store
  Languages are the 350 codes of the page of supported languages, such as en-us or de.
app.yaml:9:19: error: trailers[2].videoFile: "a2.mp4" is the same video as "a.mp4"
  Keep one trailer, with the languages of both.
`},
		"no video": {`
  trailers:
    - {videoFile: lfs.mp4}
    - {videoFile: missing.mov}
    - {videoFile: icon.png}
    - {videoFile: big.mp4}
`, `app.yaml:7:19: error: trailers[0].videoFile: "lfs.mp4" is not an MP4 or MOV video: it is a Git LFS pointer; run git lfs pull
  A trailer is an MP4 (.mp4) or MOV (.mov) video of 1920 x 1080 pixels. Convert the file; renaming it is not enough.
app.yaml:8:19: error: trailers[1].videoFile: the file "missing.mov" does not exist
  Tried missing.mov.
app.yaml:9:19: error: trailers[2].videoFile: the name "icon.png" does not end in .mp4 or .mov
  A trailer is an MP4 (.mp4) or MOV (.mov) video of 1920 x 1080 pixels.
app.yaml:10:19: error: trailers[3].videoFile: the video "big.mp4" has 2147483648 bytes; it must have less than 2147483648 (2 GB)
  Save it with stronger compression; the Store recommends 60 seconds or less.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := folder(t, files)
			truncate(t, root, "big.mp4", maxVideoBytes)
			write(t, filepath.Join(root, "app.yaml"), msixManifest(test.spec))
			_, got := loadIn(t, root, LoadOptions{})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMostTrailers(t *testing.T) {
	files := map[string]string{"thumb.png": picture(t, 1920, 1080, 6)}
	for i := range maxTrailers + 1 {
		files[fmt.Sprintf("%d.mp4", i)] = mp4(byte('a' + i))
	}
	for n, want := range map[int]string{
		maxTrailers: "",
		maxTrailers + 1: `app.yaml:6:13: error: trailers: 16 trailers; at most 15 are allowed
  Take out 1.
`,
	} {
		spec := "  trailers: " + list(n, func(i int) string {
			return fmt.Sprintf("{videoFile: %d.mp4, trailerAssets: {de: {title: t, image: thumb.png}}}", i)
		}) + "\n"
		_, got := load(t, msixManifest(spec), files)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d trailers (-want +got):\n%s", n, diff)
		}
	}
}
