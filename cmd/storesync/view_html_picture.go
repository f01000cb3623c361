package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"

	"github.com/storesync/storesync/reconcile/plan"
)

const (
	// pictureBox is how many pixels wide and high a picture in the page is at
	// most: sharp at twice the size that it is shown at on a wide screen.
	pictureBox = 600
	// pictureBudget is how many bytes the pictures of a page have together.
	pictureBudget = 2_000_000
	// pixelBudget bounds the pixels that are decoded for a page, which is what
	// takes time, and imagePixels those of one file.
	pixelBudget = 400_000_000
	imagePixels = 40_000_000
	// imageBytes is the Store's limit of one image.
	imageBytes = 50_000_000
	// jpegQuality keeps text in screenshots readable.
	jpegQuality = 82
)

// picture is an image that is in the page once, however often it is shown.
type picture struct {
	// ID is the element that holds it, "" when it is not in the page.
	ID            string
	Width, Height int
	// Data is a data: URI made here.
	Data template.URL
}

// pictures collects the pictures of a page.
type pictures struct {
	open  imageOpener
	names map[string]string // a file by its digest
	made  map[string]picture
	why   map[string]string
	list  []picture
	bytes int
	// pixels are those decoded so far, left what was left out for lack of room.
	pixels, left int
	// named is set once a picture of a local file is asked for and there is
	// nowhere to find files.
	named bool
}

func newPictures(open imageOpener) *pictures {
	return &pictures{open: open, names: map[string]string{}, made: map[string]picture{}, why: map[string]string{}}
}

// know remembers which local file has which content, so that a stored image of
// the same content can be shown.
func (s *pictures) know(images []plan.Image) {
	for _, i := range images {
		if i.Name != "" && i.Digest != "" && s.names[i.Digest] == "" {
			s.names[i.Digest] = i.Name
		}
	}
}

// of is the picture of an image, or why there is none.
func (s *pictures) of(i plan.Image) (picture, string) {
	name := s.names[i.Digest]
	switch {
	case i.Digest == "" && i.Name == "":
		return picture{}, "Content not known"
	case i.Name == "" && name == "":
		return picture{}, "At the Store"
	case s.open == nil || name == "":
		s.named = s.named || s.open == nil
		return picture{}, "Local file"
	}
	if made, known := s.made[i.Digest]; known {
		return made, s.why[i.Digest]
	}
	made, why := s.make(name, i.Digest)
	s.made[i.Digest], s.why[i.Digest] = made, why
	return made, why
}

// make reads a file and scales it down.
func (s *pictures) make(name, digest string) (picture, string) {
	if s.bytes >= pictureBudget || s.pixels >= pixelBudget {
		s.left++
		return picture{}, "Left out to keep the page small"
	}
	content, err := readImage(s.open, name)
	if err != nil {
		return picture{}, "The file could not be read"
	}
	sum := sha256.Sum256(content)
	if "sha256:"+hex.EncodeToString(sum[:]) != digest {
		return picture{}, "The file has changed since the plan was made"
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil || config.Width <= 0 || config.Height <= 0 || config.Width > imagePixels/config.Height {
		return picture{}, "The file cannot be shown"
	}
	s.pixels += config.Width * config.Height
	full, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return picture{}, "The file cannot be shown"
	}
	small := scaleDown(full)
	data, err := pictureData(small)
	if err != nil {
		return picture{}, "The file cannot be shown"
	}
	s.bytes += len(data)
	made := picture{ID: fmt.Sprintf("picture-%d", len(s.list)+1), Width: small.Bounds().Dx(), Height: small.Bounds().Dy(), Data: data}
	s.list = append(s.list, made)
	return made, ""
}

func readImage(open imageOpener, name string) ([]byte, error) {
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, imageBytes+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	if len(content) > imageBytes {
		return nil, fmt.Errorf("%s is larger than %s", name, humanBytes(imageBytes))
	}
	return content, nil
}

// scaleDown fits an image into the box; a smaller one keeps its size.
func scaleDown(full image.Image) *image.NRGBA {
	size := full.Bounds().Size()
	width, height := size.X, size.Y
	if longer := max(width, height); longer > pictureBox {
		width, height = max(1, width*pictureBox/longer), max(1, height*pictureBox/longer)
	}
	small := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	return small
}

// pictureData is a picture as a data: URI, in the format that takes less where
// both can hold it: drawings are smaller as PNG, photographs as JPEG.
func pictureData(small *image.NRGBA) (template.URL, error) {
	var asPNG, asJPEG bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&asPNG, small); err != nil {
		return "", err
	}
	kind, content := "image/png", &asPNG
	if small.Opaque() {
		if err := jpeg.Encode(&asJPEG, small, &jpeg.Options{Quality: jpegQuality}); err != nil {
			return "", err
		}
		if asJPEG.Len() < asPNG.Len() {
			kind, content = "image/jpeg", &asJPEG
		}
	}
	// Nothing of a file's own bytes or name is in it: the picture is encoded anew.
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(content.Bytes())), nil
}
