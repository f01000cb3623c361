package schema

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/schema/msixtest"
)

func TestReadPackageRefusesBundles(t *testing.T) {
	plain := made(msixtest.Package{}.Bytes())(t)
	pack := func(entries ...msixtest.Entry) []byte { return made(msixtest.Zip(entries...))(t) }
	bundle := func(b msixtest.Bundle) []byte { return made(b.Bytes())(t) }
	holds := func(packages ...msixtest.Bundled) []byte { return bundle(msixtest.Bundle{Packages: packages}) }
	// listing is a bundle of one plain package with this list in its manifest.
	listing := func(list string) []byte {
		return bundle(msixtest.Bundle{
			Packages: []msixtest.Bundled{{FileName: "a.msix"}},
			Manifest: `<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle"><Identity Name="Contoso.Notes" Publisher="` + contosoPublisher + `" Version="1.0.0.0"/><Packages>` + list + `</Packages></Bundle>`,
		})
	}
	listed := func(attributes string) string { return `<Package FileName="a.msix" ` + attributes + `/>` }
	const right = `Type="application" Version="1.0.0.0" Architecture="x64"`
	if _, err := readBytes(t, "a.msixbundle", listing(listed(right))); err != nil {
		t.Fatalf("the list that the others vary is refused: %v", err)
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"missing", listing(listed(right) + `<Package FileName="b.msix" ` + right + `/>`), `entry "b.msix": the bundle's manifest lists it, but it is not in the bundle, or it is listed twice. Put every package into the bundle`},
		{"listed twice", listing(listed(right) + listed(right)), `entry "a.msix": the bundle's manifest lists it, but it is not in the bundle, or it is listed twice`},
		{"leads out", listing(`<Package FileName="..\a.msix" ` + right + `/>`), `entry "../a.msix": the bundle's manifest lists it, but it is not in the bundle`},
		{"not listed", listing(""), `entry "a.msix": it is in the bundle, but the bundle's manifest does not list it`},
		{"no name", listing(`<Package ` + right + `/>`), `entry "AppxMetadata/AppxBundleManifest.xml": it lists a package without a file name`},
		{"type", listing(listed(`Type="framework" Version="1.0.0.0" Architecture="x64"`)), `the package "a.msix" has the type "framework", neither application nor resource`},
		{"size", listing(listed(right + ` Size="7"`)), fmt.Sprintf(`entry "a.msix": it has %d bytes, but the bundle's manifest says 7`, len(plain))},
		{"size text", listing(listed(right + ` Size="-7"`)), `the size "-7" of the package "a.msix" is not a number`},
		{"version", listing(listed(`Type="application" Version="1.0.1.0" Architecture="x64"`)), `entry "a.msix": its version is "1.0.0.0", but the bundle says "1.0.1.0"`},
		{"no version", listing(listed(`Type="application" Architecture="x64"`)), `entry "AppxMetadata/AppxBundleManifest.xml": Package has no Version`},
		{"architecture", listing(listed(`Type="application" Version="1.0.0.0"`)), `entry "a.msix": its architecture is "x64", but the bundle says "neutral"`},
		{"resource", listing(listed(`Version="1.0.0.0" Architecture="x64"`)), `entry "a.msix": its type is "application", but the bundle says "resource"`},
		{"identity", holds(msixtest.Bundled{Package: msixtest.Package{Identity: "Fabrikam.Notes"}}), `its identity name is "Fabrikam.Notes", but the bundle says "Contoso.Notes"`},
		{"publisher", holds(msixtest.Bundled{Package: msixtest.Package{Publisher: "CN=Fabrikam"}}), `its publisher is "CN=Fabrikam", but the bundle says "` + contosoPublisher + `"`},
		{"empty", holds(), `the bundle holds no application package`},
		{"resources only", holds(msixtest.Bundled{Package: msixtest.Package{ResourceID: "split.language-de"}}), `the bundle holds no application package`},
		{"stubs only", holds(msixtest.Bundled{Stub: true}), `the bundle holds no application package`},
		{"bundle in bundle", holds(msixtest.Bundled{FileName: "b.msixbundle"}), `entry "b.msixbundle": a bundle holds packages, not bundles or uploads. Bundle .msix or .appx packages.`},
		{"bundle as package", bundle(msixtest.Bundle{Packages: []msixtest.Bundled{{FileName: "b.msix", Package: msixtest.Package{Manifest: "<Bundle/>"}}}}), `entry "b.msix/AppxManifest.xml": its root element is "Bundle"`},
		{"upload in bundle", holds(msixtest.Bundled{FileName: "b.appxupload"}), `entry "b.appxupload": a bundle holds packages, not bundles or uploads`},
		{"encrypted", holds(msixtest.Bundled{FileName: "b.emsix"}), `entry "b.emsix": it is an encrypted package, which the Store does not take`},
		{"root", bundle(msixtest.Bundle{Manifest: plainManifest}), `entry "AppxMetadata/AppxBundleManifest.xml": its root element is "Package" in the namespace "http://schemas.microsoft.com/appx/manifest/foundation/windows10", not Bundle in`},
		{"not XML", bundle(msixtest.Bundle{Manifest: "<"}), `entry "AppxMetadata/AppxBundleManifest.xml": it is not well-formed XML (line 1)`},
		{"identity name", bundle(msixtest.Bundle{Identity: "x"}), `entry "AppxMetadata/AppxBundleManifest.xml": the identity name "x" is not 3 to 50 letters`},
		{"too many", listing(strings.Repeat(listed(right), 1001)), `it lists more than 1000 packages`},
		{"not a ZIP", pack(
			msixtest.Entry{Name: "AppxMetadata/AppxBundleManifest.xml", Content: []byte(`<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle"><Identity Name="Contoso.Notes" Publisher="CN=C" Version="1.0.0.0"/><Packages>` + listed(right) + `</Packages></Bundle>`)},
			msixtest.Entry{Name: "a.msix", Content: []byte("hello")},
		), `entry "a.msix": it is not a ZIP, as every package is`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantRefusal(t, "a.msixbundle", test.content, test.want) })
	}
}

func TestReadPackageRefusesUploads(t *testing.T) {
	plain := made(msixtest.Package{}.Bytes())(t)
	upload := func(entries ...msixtest.Entry) []byte { return made(msixtest.Zip(entries...))(t) }
	broken := func(header zip.FileHeader, content []byte, damage func(*zip.FileHeader)) []byte {
		header.Name = "a.msix"
		return rawZip(t, rawEntry{header: header, content: content, damage: damage})
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", upload(), `an upload holds one package or bundle and its symbols; this one holds no package or bundle`},
		{"symbols only", upload(msixtest.Entry{Name: "a.msixsym"}, msixtest.Entry{Name: "a.appxsym"}), `this one holds no package or bundle`},
		{"two", upload(msixtest.Entry{Name: "a.msix", Content: plain}, msixtest.Entry{Name: "b.appx", Content: plain}), `this one holds 2 packages or bundles ("a.msix", "b.appx"). Make one upload for each, or one bundle of them.`},
		{"upload", upload(msixtest.Entry{Name: "a.msixupload", Content: plain}), `entry "a.msixupload": an upload cannot hold another one`},
		{"encrypted", upload(msixtest.Entry{Name: "a.eappx", Content: plain}), `entry "a.eappx": it is an encrypted package, which the Store does not take`},
		{"no file", upload(msixtest.Entry{Name: "a.msix"}), `entry "a.msix": it is empty, or its size is wrong`},
		{"not a ZIP", upload(msixtest.Entry{Name: "a.msix", Content: []byte("hello")}), `entry "a.msix": it is not a ZIP`},
		{"inside", upload(msixtest.Entry{Name: "a.msix", Content: made(msixtest.Package{Manifest: "<"}.Bytes())(t)}), `entry "a.msix/AppxManifest.xml": it is not well-formed XML`},
		{"deep inside", upload(msixtest.Entry{Name: "a.msixbundle", Content: made(msixtest.Bundle{Packages: []msixtest.Bundled{{FileName: "b.msix", Package: msixtest.Package{Manifest: "<"}}}}.Bytes())(t), Deflate: true}), `entry "a.msixbundle/b.msix/AppxManifest.xml": it is not well-formed XML`},
		{"stored beyond the end", broken(zip.FileHeader{Method: zip.Store}, plain, func(h *zip.FileHeader) { h.CompressedSize64, h.UncompressedSize64 = 1<<40, 1<<40 }), `entry "a.msix": it does not have the 1099511627776 bytes that the ZIP directory says`},
		{"negative size", broken(zip.FileHeader{Method: zip.Deflate}, plain, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 63 }), `entry "a.msix": it is empty, or its size is wrong`},
		{"encrypted entry", broken(zip.FileHeader{Method: zip.Store, Flags: 1}, plain, nil), `entry "a.msix": it is encrypted`},
		{"method", broken(zip.FileHeader{Method: 9}, plain, nil), `entry "a.msix": it is compressed with method 9`},
		{"larger than it says", broken(zip.FileHeader{Method: zip.Deflate}, plain, func(h *zip.FileHeader) { h.UncompressedSize64 = uint64(len(plain)) - 1 }), `entry "a.msix": it does not have the`},
		{"smaller than it says", broken(zip.FileHeader{Method: zip.Deflate}, plain, func(h *zip.FileHeader) { h.UncompressedSize64 = uint64(len(plain)) + 1 }), `entry "a.msix": it does not have the`},
		{"checksum", broken(zip.FileHeader{Method: zip.Deflate}, plain, func(h *zip.FileHeader) { h.CRC32++ }), `entry "a.msix": its content is damaged`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantRefusal(t, "a.msixupload", test.content, test.want) })
	}
}

const bombText = "to read the compressed package inside it would take more than 64 times the file's size. Store the nested package in the ZIP without compression, or give the bundle or package itself."

// An entry that would inflate to much more than the file is not inflated at
// all when it says so, and not to the end when it does not.
func TestReadPackageRefusesBombs(t *testing.T) {
	compressed := deflate(t, make([]byte, 64<<20), flate.BestSpeed)
	for says, want := range map[uint64]string{64 << 20: `entry "a.msix": ` + bombText, 10 << 20: `entry "a.msix": it does not have the 10485760 bytes`} {
		content := rawZip(t, rawEntry{header: zip.FileHeader{Name: "a.msix", Method: zip.Store}, content: compressed, damage: func(h *zip.FileHeader) {
			h.Method, h.UncompressedSize64 = zip.Deflate, says
		}})
		wantRefusal(t, "a.msixupload", content, want)
	}
}

// Packages that are small bombs each add up, be they one after the other or
// the same bytes again and again.
func TestReadPackageAddsUpBombs(t *testing.T) {
	payload := msixtest.Entry{Name: "App.exe", Content: make([]byte, 7<<20)}
	content := made(msixtest.Zip(msixtest.Entry{Name: "AppxManifest.xml", Content: []byte(plainManifest)}, payload))(t)
	var list strings.Builder
	entries := []rawEntry{}
	for i := range 6 {
		name := fmt.Sprintf("a%d.msix", i)
		fmt.Fprintf(&list, `<Package Type="application" Version="1.0.0.0" FileName="%s"/>`, name)
		entries = append(entries, rawEntry{header: zip.FileHeader{Name: name, Method: zip.Deflate}, content: content, level: flate.BestSpeed})
	}
	manifest := `<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle"><Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="1.0.0.0"/><Packages>` + list.String() + `</Packages></Bundle>`
	entries = append(entries, rawEntry{header: zip.FileHeader{Name: bundleManifestEntry, Method: zip.Deflate}, content: []byte(manifest)})
	// One of them passes.
	one := slices.Clone(entries)
	one[6].content = []byte(strings.Replace(manifest, list.String(), `<Package Type="application" Version="1.0.0.0" FileName="a0.msix"/>`, 1))
	if _, err := readBytes(t, "a.msixbundle", rawZip(t, one[0], one[6])); err != nil {
		t.Errorf("one package: %v", err)
	}
	wantRefusal(t, "a.msixbundle", rawZip(t, entries...), bombText)
}

// A package behind a compressed entry can be read at any offset and in any
// order.
func TestInflatedReadsAnywhere(t *testing.T) {
	want := made(msixtest.Package{PayloadBytes: 20 << 20}.Bytes())(t)
	archive := rawZip(t, rawEntry{header: zip.FileHeader{Name: "a", Method: zip.Deflate}, content: want})
	reader := newPackageReader(t.Context(), int64(len(archive)))
	entries, err := reader.openZip(bytes.NewReader(archive), int64(len(archive)), func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	before := reader.budget
	view := &inflated{ctx: t.Context(), entry: entries["a"], size: int64(len(want)), budget: &reader.budget}
	defer view.Close()
	size := int64(len(want))
	for _, offset := range []int64{size - 10, 0, size - 5<<20, inflateBlock - 1, inflateBlock * 3, size - 1, 17 << 20, 1} {
		got := make([]byte, min(700_000, size-offset))
		if n, err := view.ReadAt(got, offset); n != len(got) || err != nil || !bytes.Equal(got, want[offset:][:n]) {
			t.Errorf("at %d: %d bytes, error %v", offset, n, err)
		}
	}
	if n, err := view.ReadAt(make([]byte, 20), size-10); n != 10 || err == nil {
		t.Errorf("over the end: %d bytes, error %v", n, err)
	}
	// Once to the end, back to the front, and on to the end again.
	if used := before - reader.budget; used > 5*size {
		t.Errorf("inflated %d bytes to read some of %d", used, size)
	}
}

// The packages of a bundle may overlap: what is spent on each adds up.
func TestReadPackageAddsUpDirectoriesAndManifests(t *testing.T) {
	content := made(contosoBundle(false).Bytes())(t)
	file := bytes.NewReader(content)
	const size = "at most 67108864 bytes are read of all together"
	for want, spend := range map[string]func(*packageReader){
		"the ZIP directories of the bundle's packages have more than 268435456 bytes, which is the most that are read": func(r *packageReader) { r.directories = 1000 },
		"the manifests of the bundle's packages before it are too large: " + size:                                      func(r *packageReader) { r.manifests = maxPackageManifest + 3000 },
	} {
		reader := newPackageReader(t.Context(), file.Size())
		if _, err := reader.file(file, file.Size(), FormatMsixBundle); err != nil {
			t.Fatal(err)
		}
		spend(reader)
		if _, err := reader.file(file, file.Size(), FormatMsixBundle); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
