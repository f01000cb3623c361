package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The committed images are those that this program draws, and no two of them
// show the same.
func TestCommittedImages(t *testing.T) {
	seen := map[[32]byte]string{}
	for _, a := range apps {
		for name, picture := range a.pictures() {
			name = filepath.Join(a.folder("../.."), filepath.FromSlash(name))
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !same(content, picture) {
				t.Errorf("%s differs from what is drawn: run go generate ./examples/...", name)
			}
			if len(content) > 20_000 {
				t.Errorf("%s has %d bytes, want at most 20000: examples stay small", name, len(content))
			}
			digest := sha256.Sum256(picture.Pix)
			if twin, ok := seen[digest]; ok {
				t.Errorf("%s and %s show the same", name, twin)
			}
			seen[digest] = name
		}
	}
}

// A second run leaves the files as they are, and a damaged one is drawn anew.
func TestSave(t *testing.T) {
	kept, damaged := filepath.Join(t.TempDir(), "new", "logo.png"), filepath.Join(t.TempDir(), "poster.png")
	c := newCanvas(72, 108)
	c.rect(0, 0, 72, 108, white)
	c.disc(36, 54, 30, hex(0xe07a5f))
	picture := c.paletted()
	if err := save(kept, picture); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, []byte("no image"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(save(kept, picture), save(damaged, picture)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(kept)
	if err != nil {
		t.Fatal(err)
	}
	if !after.ModTime().Equal(before.ModTime()) {
		t.Error("an image that was right already was written again")
	}
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("the damaged image was not drawn again: %v", err)
	}
	if got := decoded.Bounds().Size(); got.X != 72 || got.Y != 108 {
		t.Errorf("image is %v, want (72,108)", got)
	}
}
