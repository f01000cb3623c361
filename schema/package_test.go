package schema

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/schema/msixtest"
)

// made returns bytes that were made without error.
func made(content []byte, err error) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
}

func readBytes(t testing.TB, name string, content []byte) (*PackageFile, error) {
	t.Helper()
	return ReadPackage(t.Context(), bytes.NewReader(content), int64(len(content)), name)
}

const contosoPublisher = "CN=2C7F1A3E-0000-4000-8000-C0FFEE000001"

func desktop(minBuild uint16) []DeviceFamily {
	return []DeviceFamily{{"Windows.Desktop", Version{10, 0, minBuild, 0}, Version{10, 0, 22621, 0}}}
}

// contosoBundle has two architectures with different lowest versions, an
// unusual package name, a resource package and a stub.
func contosoBundle(deflate bool) msixtest.Bundle {
	return msixtest.Bundle{
		Version: "2026.1120.3.0", Deflate: deflate,
		Packages: []msixtest.Bundled{
			{Package: msixtest.Package{Version: "1.4.2.0", RestrictedCapabilities: []string{"runFullTrust"}, PayloadBytes: 270_000}},
			{FileName: "Contoso Notes arm64.msix", Package: msixtest.Package{
				Version: "1.4.2.0", Architecture: "arm64", Capabilities: []string{"internetClient"}, PayloadBytes: 70_000, Seed: 1,
				Families: []msixtest.Family{{Name: "Windows.Desktop", MinVersion: "10.0.22000.0", MaxVersionTested: "10.0.22621.0"}},
			}},
			{Package: msixtest.Package{Version: "1.4.2.0", Architecture: "neutral", ResourceID: "split.language-de", Languages: []string{"de-DE"}}},
			{FileName: "AppxMetadata/Stub/stub.msix", Stub: true, Package: msixtest.Package{Version: "1.4.2.0", Architecture: "x86", Languages: []string{"fr-FR"}}},
			{FileName: "assets.msix", Package: msixtest.Package{Version: "1.4.2.0", Architecture: "neutral", Asset: true}},
		},
	}
}

func contosoBundleFile() *PackageFile {
	old, late := desktop(17763), desktop(22000)
	return &PackageFile{
		Identity: "Contoso.Notes", Publisher: contosoPublisher, Version: Version{2026, 1120, 3, 0},
		Architectures: []string{"arm64", "x64"}, Languages: []string{"en-US", "de-DE"},
		DeviceFamilies: []DeviceFamily{old[0], late[0]}, Capabilities: []string{"internetClient", "runFullTrust"},
		Packages: []NestedPackage{
			{FileName: "Contoso.Notes_1.4.2.0_x64.msix", Version: Version{1, 4, 2, 0}, Architecture: "x64", Languages: []string{"en-US"}, DeviceFamilies: old, Capabilities: []string{"runFullTrust"}},
			{FileName: "Contoso Notes arm64.msix", Version: Version{1, 4, 2, 0}, Architecture: "arm64", Languages: []string{"en-US"}, DeviceFamilies: late, Capabilities: []string{"internetClient"}},
			{FileName: "Contoso.Notes_1.4.2.0_split.language-de.msix", Version: Version{1, 4, 2, 0}, Architecture: "neutral", Resource: true, ResourceID: "split.language-de", Languages: []string{"de-DE"}, DeviceFamilies: old},
			{FileName: "AppxMetadata/Stub/stub.msix", Version: Version{1, 4, 2, 0}, Architecture: "x86", Stub: true, Languages: []string{"fr-FR"}, DeviceFamilies: old},
			{FileName: "assets.msix", Version: Version{1, 4, 2, 0}, Architecture: "neutral", Asset: true, Languages: []string{"en-US"}, DeviceFamilies: old},
		},
	}
}

func TestReadPackage(t *testing.T) {
	whole := msixtest.Package{
		Version: "1.4.2.0", Architecture: "arm64", Languages: []string{"en-US", "de-DE", "EN-us", "zh-Hant-TW"},
		Families: []msixtest.Family{
			{Name: "Windows.Universal", MinVersion: "10.0.17763.0", MaxVersionTested: "10.0.22621.0"},
			{Name: "Windows.Desktop", MinVersion: "10.0.19041.0", MaxVersionTested: "10.0.22621.0"},
		},
		Capabilities: []string{"internetClient"}, RestrictedCapabilities: []string{"runFullTrust"}, DeviceCapabilities: []string{"microphone"},
		CustomCapabilities: []string{"contoso.special_8wekyb3d8bbwe"}, PayloadBytes: 70_000,
	}
	wholeFile := &PackageFile{
		Identity: "Contoso.Notes", Publisher: contosoPublisher, Version: Version{1, 4, 2, 0},
		Architectures: []string{"arm64"}, Languages: []string{"en-US", "de-DE", "zh-Hant-TW"},
		DeviceFamilies: []DeviceFamily{
			{"Windows.Universal", Version{10, 0, 17763, 0}, Version{10, 0, 22621, 0}},
			{"Windows.Desktop", Version{10, 0, 19041, 0}, Version{10, 0, 22621, 0}},
		},
		Capabilities: []string{"contoso.special_8wekyb3d8bbwe", "internetClient", "microphone", "runFullTrust"},
	}
	plainFile := func() *PackageFile {
		return &PackageFile{
			Identity: "Contoso.Notes", Publisher: contosoPublisher, Version: Version{1, 0, 0, 0},
			Architectures: []string{"x64"}, Languages: []string{"en-US"}, DeviceFamilies: desktop(17763),
		}
	}
	inside := func(p *PackageFile, name string) *PackageFile {
		p.Contains = name
		return p
	}
	plain := made(msixtest.Package{}.Bytes())(t)
	stored, deflated := made(contosoBundle(false).Bytes())(t), made(contosoBundle(true).Bytes())(t)
	tests := []struct {
		name    string
		content []byte
		want    *PackageFile
	}{
		{"plain.msix", plain, plainFile()},
		{"old.APPX", plain, plainFile()},
		{"whole.msix", made(whole.Bytes())(t), wholeFile},
		{"deflated.msix", made(msixtest.Package{Deflate: true}.Bytes())(t), plainFile()},
		{"stored.msixbundle", stored, contosoBundleFile()},
		{"deflated.appxbundle", deflated, contosoBundleFile()},
		{"package.msixupload", made(msixtest.Upload("notes.msix", plain))(t), inside(plainFile(), "notes.msix")},
		{"bundle.appxupload", made(msixtest.Upload("notes.msixbundle", stored))(t), inside(contosoBundleFile(), "notes.msixbundle")},
		{"deflated.msixupload", made(msixtest.Zip(msixtest.Entry{Name: "out/Notes.msixbundle", Content: deflated, Deflate: true}))(t), inside(contosoBundleFile(), "out/Notes.msixbundle")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readBytes(t, test.name, test.content)
			if err != nil {
				t.Fatal(err)
			}
			digest := sha256.Sum256(test.content)
			want := *test.want
			want.Name, want.Bytes, want.SHA256, want.Format = test.name, int64(len(test.content)), hex.EncodeToString(digest[:]), packageFormat(test.name)
			for i := range got.Packages {
				if got.Packages[i].Bytes < 1000 {
					t.Errorf("%s has %d bytes", got.Packages[i].FileName, got.Packages[i].Bytes)
				}
				got.Packages[i].Bytes = 0
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The bytes of a package do not depend on when or where it is made.
func TestMadePackagesAreTheSameEachTime(t *testing.T) {
	for range 2 {
		digest := sha256.Sum256(made(contosoBundle(false).Bytes())(t))
		const want = "693a6f7e7b104276686687894a1a590755fed9a7732d365d57710cb35edc7498"
		if got := hex.EncodeToString(digest[:]); got != want {
			t.Errorf("the bundle has the digest %s, want %s", got, want)
		}
	}
}

func TestReadPackageStopsWithTheContext(t *testing.T) {
	bundle := made(contosoBundle(true).Bytes())(t)
	for name, content := range map[string][]byte{
		"a.msix":       made(msixtest.Package{PayloadBytes: 1 << 20}.Bytes())(t),
		"a.msixbundle": bundle,
		"a.msixupload": rawZip(t, rawEntry{header: zip.FileHeader{Name: "n.msixbundle", Method: zip.Deflate}, content: bundle}),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		// The first byte that is read ends it.
		_, err := ReadPackage(ctx, readerAtFunc(func(p []byte, offset int64) (int, error) {
			cancel()
			return bytes.NewReader(content).ReadAt(p, offset)
		}), int64(len(content)), name)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want one of the context", name, err)
		}
	}
}

// Between the packages of a bundle, and between the blocks of a compressed one.
func TestNestedPackagesStopWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	content := made(msixtest.Package{}.Bytes())(t)
	if _, err := newPackageReader(ctx, 1).app(bytes.NewReader(content), int64(len(content))); !errors.Is(err, context.Canceled) {
		t.Errorf("package: error %v", err)
	}
	archive := rawZip(t, rawEntry{header: zip.FileHeader{Name: "a", Method: zip.Deflate}, content: content})
	reader := newPackageReader(ctx, int64(len(archive)))
	entries, err := reader.openZip(bytes.NewReader(archive), int64(len(archive)), func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	view, closer, err := reader.nested(bytes.NewReader(archive), int64(len(archive)), "a", entries["a"])
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	if _, err := view.ReadAt(make([]byte, 1), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("block: error %v", err)
	}
}

type readerAtFunc func(p []byte, offset int64) (int, error)

func (f readerAtFunc) ReadAt(p []byte, offset int64) (int, error) { return f(p, offset) }

// An error of the disk is passed on, wherever it comes.
func TestReadPackagePassesOnReadErrors(t *testing.T) {
	broken := errors.New("the disk is broken")
	content := rawZip(t, rawEntry{header: zip.FileHeader{Name: "n.msixbundle", Method: zip.Deflate}, content: made(contosoBundle(true).Bytes())(t)})
	for failing := 0; ; failing++ {
		reads := 0
		_, err := ReadPackage(t.Context(), readerAtFunc(func(p []byte, offset int64) (int, error) {
			if reads++; reads > failing {
				return 0, broken
			}
			return bytes.NewReader(content).ReadAt(p, offset)
		}), int64(len(content)), "n.msixupload")
		if err == nil {
			if failing < 5 {
				t.Errorf("only %d reads", failing)
			}
			return
		}
		if !errors.Is(err, broken) {
			t.Errorf("read %d fails: error %v", failing, err)
		}
	}
}

// A file that shrinks while it is read.
func TestReadPackageOfAShrinkingFile(t *testing.T) {
	content := made(msixtest.Package{PayloadBytes: 5 << 20}.Bytes())(t)
	_, err := ReadPackage(t.Context(), readerAtFunc(func(p []byte, offset int64) (int, error) {
		if len(p) == 1<<20 {
			return bytes.NewReader(content[:2_000_000]).ReadAt(p, offset)
		}
		return bytes.NewReader(content).ReadAt(p, offset)
	}), int64(len(content)), "a.msix")
	const want = `package "a.msix": its content ends or cannot be read at byte 2000000 of 5252560: unexpected EOF. Try again when nothing else writes to the file.`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
