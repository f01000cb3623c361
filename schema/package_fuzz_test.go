package schema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/schema/msixtest"
)

// plainBundleManifest is that of a bundle of one package with plainManifest.
const plainBundleManifest = `<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle"><Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="1.0.0.0"/>
<Packages><Package Type="application" Version="1.0.0.0" FileName="x.msix"/></Packages></Bundle>`

// FuzzReadPackage feeds any bytes as a package: reading neither panics nor
// hangs, every error has a file, a problem and one line, and what is read
// keeps the promises of PackageFile.
func FuzzReadPackage(f *testing.F) {
	zipped := func(entries ...msixtest.Entry) []byte { return made(msixtest.Zip(entries...))(f) }
	plain := msixtest.Entry{Name: manifestEntry, Content: []byte(plainManifest), Deflate: true}
	small := zipped(plain)
	bundle := func(deflate bool) []byte {
		return zipped(msixtest.Entry{Name: "x.msix", Content: small, Deflate: deflate}, msixtest.Entry{Name: bundleManifestEntry, Content: []byte(plainBundleManifest)})
	}
	f.Add("a.msix", small)
	f.Add("a.appx", zip64(zipped(msixtest.Entry{Name: "App.exe", Content: []byte{0}}, plain)))
	f.Add("a.msixbundle", bundle(false))
	f.Add("a.appxbundle", bundle(true))
	f.Add("a.msixupload", zipped(msixtest.Entry{Name: "a.msix", Content: small}, msixtest.Entry{Name: "a.msixsym"}))
	f.Add("a.appxupload", zipped(msixtest.Entry{Name: "b.msixbundle", Content: bundle(false), Deflate: true}))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		p, err := ReadPackage(t.Context(), bytes.NewReader(content), int64(len(content)), name)
		if err != nil {
			problem, ok := errors.AsType[*PackageError](err)
			if !ok || problem.File != name || problem.Problem == "" || strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("no place, no problem or no line: %q", err)
			}
			return
		}
		if p.Name != name || p.Bytes != int64(len(content)) || len(p.SHA256) != 64 || p.Format == "" || p.Identity == "" || p.Publisher == "" {
			t.Errorf("not whole: %+v", p)
		}
		if len(p.Architectures) == 0 || !slices.IsSorted(p.Architectures) || !slices.IsSorted(p.Capabilities) {
			t.Errorf("not sorted: %+v", p)
		}
		for _, architecture := range p.Architectures {
			if !slices.Contains(packageArchitectures, architecture) {
				t.Errorf("architecture %q", architecture)
			}
		}
		for _, text := range p.MatchStoreFamilies() {
			if _, err := ParseStoreFamily(text); err != nil {
				t.Error(err)
			}
		}
		if len(p.Slots()) == 0 || len(SharedSlots(p, p)) != len(p.Slots()) {
			t.Errorf("slots %v", p.Slots())
		}
		p.ValidateStore()
	})
}

// FuzzPackageManifest feeds any text as the manifests of packages and bundles,
// which FuzzReadPackage meets only behind a checksum.
func FuzzPackageManifest(f *testing.F) {
	f.Add([]byte(plainManifest))
	f.Add([]byte(utf16With(binary.LittleEndian, "\xff\xfe", `<?xml version="1.0" encoding="utf-16"?>`+plainManifest)))
	f.Add([]byte(plainBundleManifest))
	f.Add([]byte(`<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"><Properties><ResourcePackage>true</ResourcePackage></Properties><Capabilities><DeviceCapability Name="a"/></Capabilities></Package>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		root, err := parseXML(content)
		if err == nil {
			_, err = readManifest(root)
			if _, _, bundle := readBundleManifest(root); err == nil && bundle == nil {
				t.Error("it is a package and a bundle")
			}
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r\x1b") {
			t.Errorf("more than a line: %q", err)
		}
	})
}
