package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The committed packages are those that this program makes, and no others lie
// beside them.
func TestCommittedPackages(t *testing.T) {
	wanted := packages()
	for name, p := range wanted {
		want, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs from what is made: run go generate ./examples/...", name)
		}
		if len(got) > 40_000 {
			t.Errorf("%s has %d bytes, want at most 40000: examples stay small", name, len(got))
		}
	}
	there, err := filepath.Glob("../../*/packages/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(there) != len(wanted) {
		t.Errorf("%d packages lie there, %d are made: %v", len(there), len(wanted), there)
	}
}

// Packages are made where they are missing or damaged, and else left alone.
func TestMakeAll(t *testing.T) {
	examples := t.TempDir()
	if err := makeAll(examples); err != nil {
		t.Fatal(err)
	}
	var damaged string
	for name, p := range packages() {
		want, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		damaged = filepath.Join(examples, filepath.FromSlash(name))
		if err := os.WriteFile(damaged, []byte("no package"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := makeAll(examples); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(damaged)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("%s was not made again", name)
		}
	}
	before, err := os.Stat(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeAll(examples); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if !after.ModTime().Equal(before.ModTime()) {
		t.Error("a package that was right already was written again")
	}
}
