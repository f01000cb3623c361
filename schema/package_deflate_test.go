package schema

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"strings"
	"testing"
)

// openDeflate is a deflate stream without its last block.
func openDeflate(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Packages whose streams do not say that they end are read: all bytes are there.
func TestPackageStreamsWithoutALastBlock(t *testing.T) {
	entry := func(damage func(*zip.FileHeader)) rawEntry {
		return rawEntry{header: zip.FileHeader{Name: "AppxManifest.xml", Method: zip.Deflate}, content: []byte(plainManifest), open: true, damage: damage}
	}
	whole := rawZip(t, entry(nil))
	read := func(name string, content []byte) (*PackageFile, error) {
		return ReadPackage(t.Context(), bytes.NewReader(content), int64(len(content)), name)
	}
	if p, err := read("a.msix", whole); err != nil || p.Identity == "" {
		t.Fatalf("%+v, %v", p, err)
	}
	// Within an upload the same holds, of the upload's own streams and the package's.
	upload := rawZip(t, rawEntry{header: zip.FileHeader{Name: "a.msix", Method: zip.Deflate}, content: whole, open: true})
	if p, err := read("a.msixupload", upload); err != nil || p.Identity == "" {
		t.Errorf("upload: %+v, %v", p, err)
	}
	// What is missing or damaged is still told, and truly.
	for want, damage := range map[string]func(*zip.FileHeader){
		"it does not have the 100000 bytes that the ZIP directory says": func(h *zip.FileHeader) { h.UncompressedSize64 = 100_000 },
		"its content is damaged": func(h *zip.FileHeader) { h.CRC32++ },
		"it does not have the ":  func(h *zip.FileHeader) { h.CompressedSize64 -= 20 },
	} {
		if _, err := read("a.msix", rawZip(t, entry(damage))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
