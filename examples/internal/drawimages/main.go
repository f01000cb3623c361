// Command drawimages draws the Store images of the examples: screenshots,
// logo and poster of an app that does not exist. Everything is integer
// arithmetic, so every machine draws the same pixels.
//
// Usage: drawimages FOLDER
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

//go:generate go run . ../../contoso-reader/images

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: drawimages FOLDER")
		os.Exit(1)
	}
	if err := draw(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "drawimages:", err)
		os.Exit(1)
	}
}

// draw brings every image of the folder up to date.
func draw(folder string) error {
	for name, picture := range pictures() {
		if err := save(filepath.Join(folder, filepath.FromSlash(name)), picture); err != nil {
			return err
		}
	}
	return nil
}

// pictures are all images by their slash-separated names.
func pictures() map[string]*image.Paletted {
	all := map[string]*image.Paletted{
		"logo-1080.png":  logo().paletted(),
		"poster-720.png": poster().paletted(),
	}
	for _, l := range languages {
		for number, scene := range scenes {
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
