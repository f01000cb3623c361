package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

// memoryFiles opens files that are held in memory.
func memoryFiles(files map[string][]byte) imageOpener {
	return func(name string) (io.ReadSeekCloser, error) {
		content, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return memoryFile{bytes.NewReader(content)}, nil
	}
}

type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error { return nil }

// drawing is a PNG of a size whose content is its own.
func drawing(t *testing.T, width, height int, hue uint8) []byte {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			drawn.SetNRGBA(x, y, color.NRGBA{hue, uint8(x * 255 / width), uint8(y * 255 / height), 255})
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, drawn); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func digestText(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// picturePlan is a plan in which images stay, come, go and move, with the files.
func picturePlan(t *testing.T) (*plan.Plan, imageOpener) {
	t.Helper()
	files := map[string][]byte{
		"1.png": drawing(t, 1366, 768, 40), "2.png": drawing(t, 1366, 768, 120), "3.png": drawing(t, 1080, 1920, 200), "logo.png": drawing(t, 300, 300, 80),
	}
	local := func(name, caption string) plan.Image {
		config, err := png.DecodeConfig(bytes.NewReader(files[name]))
		if err != nil {
			t.Fatal(err)
		}
		return plan.Image{Digest: digestText(files[name]), Name: name, Description: caption, Width: config.Width, Height: config.Height}
	}
	stored := func(i plan.Image, id, caption string) plan.Image {
		return plan.Image{Digest: i.Digest, ID: id, Description: caption, Width: i.Width, Height: i.Height}
	}
	one, two, three := local("1.png", "The library"), local("2.png", "The page"), local("3.png", "On a phone")
	gone := plan.Image{Digest: "sha256:" + strings.Repeat("9", 64), ID: "4009", Description: "Last year", Width: 1366, Height: 768}
	change := func(language, field string, before, after []plan.Image) plan.Change {
		return plan.Change{Path: plan.Join("listings", language, "images", field), Action: plan.ActionUpdate, Type: plan.Images,
			Before: plan.ImagesValue(before).JSON, After: plan.ImagesValue(after).JSON}
	}
	changed := local("2.png", "")
	changed.Digest = "sha256:" + strings.Repeat("5", 64)
	return &plan.Plan{Applyable: true, Complete: true, Products: []plan.Product{{Address: "MsixApp/contoso-notes", Kind: "MsixApp", Applyable: true, Complete: true, Changes: []plan.Change{
		change("en-us", "Screenshot", []plan.Image{stored(one, "4001", "The books"), stored(two, "4002", "The page"), gone}, []plan.Image{two, one, three}),
		change("en-us", "StoreLogoSquare", nil, []plan.Image{local("logo.png", "")}),
		change("de-de", "Screenshot", nil, []plan.Image{one, changed, {Name: "missing.png", Digest: gone.Digest + "0"}}),
	}}}}, memoryFiles(files)
}

// TestHTMLPictures checks that each local image is in the page once, scaled
// down, also where it stands for the stored image of the same content, and that
// every other image says why it is not shown.
func TestHTMLPictures(t *testing.T) {
	plan, open := picturePlan(t)
	page := must(t)(htmlPlan(plan, open))
	root := checkPage(t, "pictures", page)
	var got []string
	for node := range root.Descendants() {
		if node.Data != "image" {
			continue
		}
		_, data, _ := strings.Cut(attribute(node, "href"), "base64,")
		content, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%dx%d as %sx%s", config.Width, config.Height, attribute(node, "width"), attribute(node, "height")))
	}
	want := []string{"600x337 as 600x337", "600x337 as 600x337", "337x600 as 337x600", "300x300 as 300x300"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	whys := []string{"At the Store", "The file has changed since the plan was made", "The file could not be read"}
	if diff := cmp.Diff(whys, textsOf(root, "place")); diff != "" {
		t.Errorf("places without a picture (-want +got):\n%s", diff)
	}
	flags := []string{"added", "removed", "moved", "added", "added", "added", "added"}
	if diff := cmp.Diff(flags, textsOf(root, "flag")); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

// TestHTMLPicturesWithoutWorkspace checks that a plan made elsewhere is shown
// without its files.
func TestHTMLPicturesWithoutWorkspace(t *testing.T) {
	plan, _ := picturePlan(t)
	root := checkPage(t, "pictures", must(t)(htmlPlan(plan, nil)))
	if n := len(textsOf(root, "place")); n != 10 {
		t.Errorf("%d images have no picture, want 10", n)
	}
}

// TestHTMLPictureBudget checks that pictures are left out when there are too
// many, and that the page says how many.
func TestHTMLPictureBudget(t *testing.T) {
	files := map[string][]byte{}
	var images []plan.Image
	for i := range 4 {
		name := fmt.Sprintf("%d.png", i)
		files[name] = drawing(t, 16, 16, uint8(i))
		images = append(images, plan.Image{Name: name, Digest: digestText(files[name])})
	}
	s := newPictures(memoryFiles(files))
	s.know(images)
	if picture, _ := s.of(images[0]); picture.ID == "" {
		t.Fatal("the first picture is not made")
	}
	s.bytes = pictureBudget
	if picture, _ := s.of(images[0]); picture.ID == "" {
		t.Error("a picture that is there already is left out")
	}
	if picture, why := s.of(images[1]); picture.ID != "" || why != "Left out to keep the page small" {
		t.Errorf("got %q, %q over the budget of bytes", picture.ID, why)
	}
	s.bytes, s.pixels = 0, pixelBudget
	if picture, _ := s.of(images[2]); picture.ID != "" {
		t.Error("a picture is made over the budget of pixels")
	}
	if s.left != 2 {
		t.Errorf("%d are counted as left out, want 2", s.left)
	}
}

// TestHTMLHostilePictures checks that files that are no images, or claim to be
// enormous, are named and not decoded.
func TestHTMLHostilePictures(t *testing.T) {
	huge := drawing(t, 8, 8, 1)
	copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // IHDR: 65536 x 65536
	cutShort := drawing(t, 64, 64, 2)
	cutShort = cutShort[:len(cutShort)/2]
	files := map[string][]byte{"huge.png": huge, "cut.png": cutShort, "text.png": []byte("<svg onload=alert(1)>"), "empty.png": nil}
	s := newPictures(memoryFiles(files))
	for name, content := range files {
		i := plan.Image{Name: name, Digest: digestText(content)}
		s.know([]plan.Image{i})
		if picture, why := s.of(i); picture.ID != "" || why != "The file cannot be shown" {
			t.Errorf("%s: got %q, %q", name, picture.ID, why)
		}
	}
	broken := newPictures(func(string) (io.ReadSeekCloser, error) { return nil, errors.New("outside of the workspace") })
	i := plan.Image{Name: "../x.png", Digest: digestText(nil)}
	broken.know([]plan.Image{i})
	if _, why := broken.of(i); why != "The file could not be read" {
		t.Errorf("a file that cannot be opened: %q", why)
	}
}
