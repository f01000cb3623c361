// Command drawimages draws the Store images of the examples: screenshots,
// logos and posters of apps that do not exist. Everything is integer
// arithmetic, so every machine draws the same pixels.
//
// Usage: drawimages EXAMPLES
//
// EXAMPLES is the folder of the examples, each of which keeps its images in a
// folder of that name.
//
// A file whose pixels are right already is left alone, so that a newer PNG
// encoder does not rewrite what is committed.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

//go:generate go run . ../..

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: drawimages EXAMPLES")
		os.Exit(1)
	}
	if err := draw(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "drawimages:", err)
		os.Exit(1)
	}
}

// draw brings every image of the examples up to date.
func draw(examples string) error {
	for _, a := range apps {
		for name, picture := range a.pictures() {
			if err := save(filepath.Join(a.folder(examples), filepath.FromSlash(name)), picture); err != nil {
				return err
			}
		}
	}
	return nil
}

// app is an example's app: what is drawn for it.
type app struct {
	name string
	// art are the images without language, by file name.
	art map[string]func() *canvas
	// codes are the languages of the screenshots.
	codes  []string
	scenes []scene
}

var apps = []app{
	{
		name:   "contoso-reader",
		art:    map[string]func() *canvas{"logo-1080.png": logo, "poster-720.png": poster},
		codes:  []string{"en-us", "de-de", "fr-fr", "ja-jp"},
		scenes: scenes,
	},
	{
		name:   "contoso-notes",
		art:    map[string]func() *canvas{"logo-1080.png": notesLogo},
		codes:  []string{"en-us", "de-de", "ja-jp"},
		scenes: notesScenes,
	},
	{
		name:   "contoso-suite",
		art:    map[string]func() *canvas{"logo-1080.png": sketchLogo, "brushes.png": brushIcon, "stickers.png": stickerIcon},
		codes:  []string{"en-us", "de-de"},
		scenes: sketchScenes,
	},
}

// folder is where the app's images lie.
func (a app) folder(examples string) string { return filepath.Join(examples, a.name, "images") }

// pictures are all images of the app by their slash-separated names.
func (a app) pictures() map[string]*image.Paletted {
	all := map[string]*image.Paletted{}
	for name, draw := range a.art {
		all[name] = draw().paletted()
	}
	for _, l := range languages {
		if !slices.Contains(a.codes, l.code) {
			continue
		}
		for number, scene := range a.scenes {
			c := newCanvas(screenWidth, screenHeight)
			scene.draw(c, l)
			all[fmt.Sprintf("%s/%d-%s.png", l.code, number+1, scene.name)] = c.paletted()
		}
	}
	return all
}

// save writes a picture unless the file shows it already.
func save(name string, picture *image.Paletted) error {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read old image: %w", err)
	}
	if same(old, picture) {
		return nil
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, picture); err != nil {
		return fmt.Errorf("encode image %s: %w", name, err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make folder of image: %w", err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write image: %w", err)
	}
	return nil
}

// same reports whether a PNG file shows exactly the picture, in the same
// palette.
func same(file []byte, picture *image.Paletted) bool {
	decoded, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return false
	}
	old, ok := decoded.(*image.Paletted)
	return ok && old.Rect == picture.Rect && slices.Equal(old.Palette, picture.Palette) && bytes.Equal(old.Pix, picture.Pix)
}
