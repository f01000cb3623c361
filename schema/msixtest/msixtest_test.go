package msixtest_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema/msixtest"
)

func open(t *testing.T, content []byte, err error) *zip.Reader {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func content(t *testing.T, file *zip.File) []byte {
	t.Helper()
	stream, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	b, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bundle() msixtest.Bundle {
	return msixtest.Bundle{Packages: []msixtest.Bundled{
		{Package: msixtest.Package{PayloadBytes: 200_000}},
		{FileName: "With space.msix", Package: msixtest.Package{Architecture: "arm64", PayloadBytes: 1}},
		{Package: msixtest.Package{ResourceID: "split.language-de", Languages: []string{"de"}}},
	}}
}

func TestEntriesAreThoseOfPackagingTools(t *testing.T) {
	content, err := msixtest.Package{PayloadBytes: 7}.Bytes()
	var names []string
	for _, file := range open(t, content, err).File {
		names = append(names, file.Name)
	}
	want := []string{"Assets/StoreLogo.png", "Assets/Square150x150Logo.png", "Assets/Square44x44Logo.png", "App.exe", "AppxManifest.xml", "AppxBlockMap.xml", "[Content_Types].xml"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The block map has the digest of every block of every entry but those that
// no package's has.
func TestBlockMapCoversTheContent(t *testing.T) {
	whole, err := bundle().Bytes()
	reader := open(t, whole, err)
	first := content(t, reader.File[0])
	for _, reader := range []*zip.Reader{reader, open(t, first, nil)} {
		blockMaps(t, reader)
	}
}

func blockMaps(t *testing.T, reader *zip.Reader) {
	t.Helper()
	type block struct {
		Hash string `xml:",attr"`
	}
	var blockMap struct {
		File []struct {
			Name    string `xml:",attr"`
			Size    int    `xml:",attr"`
			LfhSize int64  `xml:",attr"`
			Block   []block
		}
	}
	files := map[string]*zip.File{}
	for _, file := range reader.File {
		files[file.Name] = file
	}
	if err := xml.Unmarshal(content(t, files["AppxBlockMap.xml"]), &blockMap); err != nil {
		t.Fatal(err)
	}
	if len(blockMap.File) != len(files)-2 {
		t.Errorf("%d files in the block map, %d in the ZIP", len(blockMap.File), len(files))
	}
	for _, listed := range blockMap.File {
		file := files[strings.ReplaceAll(listed.Name, `\`, "/")]
		if file == nil {
			t.Fatalf("no entry %s", listed.Name)
		}
		b := content(t, file)
		if len(b) != listed.Size {
			t.Errorf("%s has %d bytes, the block map says %d", listed.Name, len(b), listed.Size)
		}
		var want []block
		for len(b) > 0 {
			n := min(len(b), 64<<10)
			digest := sha256.Sum256(b[:n])
			want = append(want, block{base64.StdEncoding.EncodeToString(digest[:])})
			b = b[n:]
		}
		if diff := cmp.Diff(want, listed.Block); diff != "" {
			t.Errorf("%s (-want +got):\n%s", listed.Name, diff)
		}
	}
}

// Windows reads the packages of a bundle where its manifest says they are.
func TestBundleManifestSaysWhereThePackagesAre(t *testing.T) {
	whole, err := bundle().Bytes()
	reader := open(t, whole, err)
	var manifest struct {
		Packages struct {
			Package []struct {
				FileName     string `xml:",attr"`
				Offset, Size int64  `xml:",attr"`
			}
		}
	}
	for _, file := range reader.File {
		if path.Base(file.Name) == "AppxBundleManifest.xml" {
			if err := xml.Unmarshal(content(t, file), &manifest); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(manifest.Packages.Package) != 3 {
		t.Fatalf("%d packages", len(manifest.Packages.Package))
	}
	for i, listed := range manifest.Packages.Package {
		if got := whole[listed.Offset:][:listed.Size]; !bytes.Equal(got, content(t, reader.File[i])) {
			t.Errorf("%s is not at %d", listed.FileName, listed.Offset)
		}
	}
}

// A package can be larger than memory: nothing but the block map is kept.
func TestPayloadIsStreamed(t *testing.T) {
	written, largest := int64(0), 0
	err := msixtest.Package{PayloadBytes: 64 << 20}.Write(writerFunc(func(p []byte) (int, error) {
		written += int64(len(p))
		largest = max(largest, len(p))
		return len(p), nil
	}))
	if err != nil || written < 64<<20 || largest > 1<<20 {
		t.Errorf("%d bytes in pieces of up to %d, error %v", written, largest, err)
	}
}

func TestSeedsDiffer(t *testing.T) {
	one, err := msixtest.Package{PayloadBytes: 9}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	two, err := msixtest.Package{PayloadBytes: 9, Seed: 1}.Bytes()
	if err != nil || bytes.Equal(one, two) || len(one) != len(two) {
		t.Errorf("%d and %d bytes, error %v", len(one), len(two), err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
