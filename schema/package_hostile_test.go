package schema

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/storesync/storesync/schema/msixtest"
)

// rawZip is a ZIP whose headers say what they like.
func rawZip(t testing.TB, entries ...rawEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, entry := range entries {
		content := entry.content
		if entry.header.Method == zip.Deflate {
			content = deflate(t, content, entry.level)
			if entry.open {
				content = openDeflate(t, entry.content)
			}
		}
		entry.header.CRC32 = crc32.ChecksumIEEE(entry.content)
		if entry.header.CompressedSize64 == 0 {
			entry.header.CompressedSize64 = uint64(len(content))
		}
		if entry.header.UncompressedSize64 == 0 {
			entry.header.UncompressedSize64 = uint64(len(entry.content))
		}
		if entry.damage != nil {
			entry.damage(&entry.header)
		}
		raw, err := w.CreateRaw(&entry.header)
		if err == nil {
			_, err = raw.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type rawEntry struct {
	// open leaves out the last block of the deflate stream.
	open    bool
	header  zip.FileHeader
	content []byte
	damage  func(*zip.FileHeader)
	// level is that of compression; 0 is deflate's form without any, which is
	// quick to make.
	level int
}

func deflate(t testing.TB, content []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const plainManifest = `<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10">
<Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="1.0.0.0"/>
<Resources><Resource Language="en-US"/></Resources>
<Dependencies><TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.17763.0" MaxVersionTested="10.0.22621.0"/></Dependencies>
</Package>`

// utf16With encodes a text as UTF-16 behind a byte order mark, or none.
func utf16With(order binary.AppendByteOrder, mark, text string) string {
	b := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// Every ZIP that is not what it should be is refused with a reason that names
// the entry and with advice.
func TestReadPackageRefusesBrokenFiles(t *testing.T) {
	plain := made(msixtest.Package{PayloadBytes: 10_000}.Bytes())(t)
	manifest := func(text string) []byte { return []byte(text) }
	entry := func(name string, content []byte) msixtest.Entry {
		return msixtest.Entry{Name: name, Content: content}
	}
	pack := func(entries ...msixtest.Entry) []byte { return made(msixtest.Zip(entries...))(t) }
	lie := func(method uint16, damage func(*zip.FileHeader)) []byte {
		return rawZip(t, rawEntry{header: zip.FileHeader{Name: "AppxManifest.xml", Method: method}, content: manifest(plainManifest), damage: damage})
	}
	end := len(plain) - zipEndSize
	patched := func(at int, content ...byte) []byte {
		b := slices.Clone(plain)
		copy(b[at:], content)
		return b
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"notes.zip", plain, `its name has no extension of an app package. Give a .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload file.`},
		{"notes.xap", plain, `its name has no extension`},
		{"notes", plain, `its name has no extension`},
		{"notes.eMSIX", plain, `it is an encrypted package, which cannot be read and which the Store does not take. Give the package that it was made from.`},
		{"notes.eappxbundle", plain, `it is an encrypted package`},
		{"empty.msix", nil, `the file is empty`},
		{"text.msix", []byte("hello"), `it is not a ZIP, as every package is`},
		{"lfs.msix", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), `it is a Git LFS pointer, not the package. Run git lfs pull.`},
		{"truncated.msix", plain[:len(plain)/2], `the end of its ZIP is missing: the file was cut off at`},
		{"truncated-end.msix", plain[:len(plain)-1], `the end of its ZIP is missing`},
		{"front-missing.msix", plain[100:], `its ZIP directory is not where its end record says: the file was cut off, or something was put before it`},
		{"prefixed.msix", append([]byte("MZ"), plain...), `something was put before it`},
		{"appended.msix", append(slices.Clone(plain), 'x'), `its ZIP has other bytes behind its end`},
		{"end-only.msix", plain[end:], `its ZIP directory is not where its end record says`},
		{"no-entries.msix", pack(), `entry "AppxManifest.xml": it is missing: the file is no app package`},
		{"count.msix", patched(end+10, 3, 0), `its ZIP directory does not have the 3 entries that its end record says`},
		{"count-high.msix", patched(end+10, 0xfe, 0xff), `its ZIP directory does not have the 65534 entries`},
		{"directory.msix", patched(int(binary.LittleEndian.Uint32(plain[end+16:])), 'X'), `its ZIP directory is damaged`},
		{"directory-short.msix", patched(int(binary.LittleEndian.Uint32(plain[end+16:]))+28, 0xff, 0xff), `its ZIP directory is damaged`},
		{"twice.msix", pack(entry("AppxManifest.xml", manifest(plainManifest)), entry("appxmanifest.XML", manifest(plainManifest))), `entry "appxmanifest.XML": it is there twice`},
		{"twice-encoded.msix", pack(entry("AppxManifest.xml", manifest(plainManifest)), entry("AppxManifest%2exml", nil)), `entry "AppxManifest.xml": it is there twice`},
		{"dots.msix", pack(entry("a/../../x", nil)), `entry "a/../../x": its name leads out of the package (..)`},
		{"dots-encoded.msix", pack(entry("%2e%2e/x", nil)), `entry "../x": its name leads out of the package (..)`},
		{"root.msix", pack(entry("/etc/passwd", nil)), `entry "/etc/passwd": its name is absolute`},
		{"drive.msix", pack(entry("C:x", nil)), `entry "C:x": its name is absolute`},
		{"backslash.msix", pack(entry(`AppxMetadata\x`, nil)), `entry "AppxMetadata\\x": its name has a backslash`},
		{"control.msix", pack(entry("a\x1b[2Jb", nil)), `entry "a\x1b[2Jb": its name has control characters`},
		{"nameless.msix", pack(entry("", nil)), `its name has no characters`},
		{"long.msix", pack(entry(strings.Repeat("a", 5000), nil)), `its name has 5000 bytes; at most 4096 are read`},
		{"huge.msix", pack(msixtest.Entry{Name: "AppxManifest.xml", Content: make([]byte, 5<<20), Deflate: true}), `entry "AppxManifest.xml": it has 5242880 bytes; at most 4194304 are read`},
		{"lies-small.msix", lie(zip.Deflate, func(h *zip.FileHeader) { h.UncompressedSize64 = 10 }), `entry "AppxManifest.xml": it does not have the 10 bytes that the ZIP directory says`},
		{"lies-large.msix", lie(zip.Deflate, func(h *zip.FileHeader) { h.UncompressedSize64 = 100_000 }), `entry "AppxManifest.xml": it does not have the 100000 bytes`},
		{"lies-stored.msix", lie(zip.Store, func(h *zip.FileHeader) { h.UncompressedSize64 = 10 }), `entry "AppxManifest.xml": it is not compressed, but its two sizes differ`},
		{"lies-compressed.msix", lie(zip.Deflate, func(h *zip.FileHeader) { h.CompressedSize64 = 10 }), `entry "AppxManifest.xml": it does not have the`},
		{"checksum.msix", lie(zip.Deflate, func(h *zip.FileHeader) { h.CRC32++ }), `entry "AppxManifest.xml": its content is damaged`},
		{"method.msix", lie(12, nil), `entry "AppxManifest.xml": it is compressed with method 12; packages use deflate (8) or none (0)`},
		{"password.msix", lie(zip.Deflate, func(h *zip.FileHeader) { h.Flags |= 1 }), `entry "AppxManifest.xml": it is encrypted`},
		{"not-flate.msix", rawZip(t, rawEntry{header: zip.FileHeader{Name: "AppxManifest.xml", Method: zip.Store}, content: manifest(plainManifest), damage: func(h *zip.FileHeader) { h.Method = zip.Deflate }}), `entry "AppxManifest.xml": its content is damaged: flate: corrupt input`},
		{"bundle.msix", made(contosoBundle(false).Bytes())(t), `entry "AppxMetadata/AppxBundleManifest.xml": it is a bundle, not a package. Name it .msixbundle or .appxbundle`},
		{"package.msixbundle", plain, `entry "AppxMetadata/AppxBundleManifest.xml": it is missing: the file is no bundle`},
		{"package.msixupload", plain, `entry "AppxManifest.xml": the file is a package or bundle itself, not an upload with one inside. Name the file by what it is (.msix, .msixbundle), or zip it into an upload.`},
		{"resource.msix", made(msixtest.Package{ResourceID: "split.scale-200"}.Bytes())(t), `it is a package of resources or assets, which the Store takes only inside a bundle. Give the bundle that it belongs to.`},
		{"asset.msix", made(msixtest.Package{Asset: true}.Bytes())(t), `it is a package of resources or assets`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantRefusal(t, test.name, test.content, test.want) })
	}
}

func wantRefusal(t *testing.T, name string, content []byte, want string) {
	t.Helper()
	_, err := readBytes(t, name, content)
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	text := err.Error()
	if !strings.HasPrefix(text, fmt.Sprintf("package %q: ", name)) || !strings.Contains(text, want) || strings.ContainsAny(text, "\n\x1b") {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// Manifests are UTF-8 or UTF-16, with or without a byte order mark.
func TestReadPackageEncodings(t *testing.T) {
	declared := func(charset string) string { return `<?xml version="1.0" encoding="` + charset + `"?>` + plainManifest }
	for name, text := range map[string]string{
		"none":        plainManifest,
		"utf-8":       declared("UTF-8"),
		"ascii":       declared("us-ascii"),
		"utf-8 mark":  "\xef\xbb\xbf" + declared("utf-8"),
		"utf-16le":    utf16With(binary.LittleEndian, "\xff\xfe", declared("utf-16")),
		"utf-16be":    utf16With(binary.BigEndian, "\xfe\xff", declared("UTF-16")),
		"no mark, le": utf16With(binary.LittleEndian, "", declared("utf-16")),
		"no mark, be": utf16With(binary.BigEndian, "", declared("utf-16")),
	} {
		p, err := readBytes(t, "a.msix", made(msixtest.Package{Manifest: text}.Bytes())(t))
		if err != nil || p.Identity != "Contoso.Notes" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestReadPackageRefusesManifests(t *testing.T) {
	with := func(old, new string) string {
		if !strings.Contains(plainManifest, old) {
			t.Fatalf("the manifest has no %s", old)
		}
		return strings.Replace(plainManifest, old, new, 1)
	}
	attribute := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ` a%d=""`, i)
		}
		return b.String()
	}
	tests := []struct{ name, manifest, want string }{
		{"empty", " ", `it holds no XML element`},
		{"cut off", plainManifest[:200], `it is not well-formed XML (line 3): XML syntax error on line 3: unexpected EOF`},
		{"doctype", `<!DOCTYPE x [<!ENTITY a "b">]>` + plainManifest, `it declares a document type or entities, which no package manifest does`},
		{"entity", with("CN=Contoso", "&xxe;"), `invalid character entity &xxe;`},
		{"two roots", plainManifest + "<x/>", `it has two root elements`},
		{"text outside", plainManifest + "x", `it has text outside its root element`},
		{"depth", strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70), `its elements are more than 64 deep`},
		{"elements", "<a>" + strings.Repeat("<b/>", 100_001) + "</a>", `it has more than 100000 elements`},
		{"attributes", "<a" + attribute(300) + "/>", `the element "a" has more than 256 attributes`},
		{"attribute twice", with(`Version="1.0.0.0"`, `Version="1.0.0.0" Version="2.0.0.0"`), `the element "Identity" has the attribute "Version" twice`},
		{"charset", `<?xml version="1.0" encoding="windows-1252"?>` + plainManifest, `the encoding "windows-1252" is not read here: save the manifest as UTF-8`},
		{"latin-1", with("CN=Contoso", "CN=Cont\xf6so"), `it is neither UTF-8 nor UTF-16`},
		{"half", utf16With(binary.LittleEndian, "\xff\xfe", plainManifest) + "x", `it is UTF-16 with half a character at its end`},
		{"namespace", with("foundation/windows10", "foundation/windows11"), `its root element is "Package" in the namespace "http://schemas.microsoft.com/appx/manifest/foundation/windows11", not Package in`},
		{"no namespace", with(` xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"`, ""), `in the namespace ""`},
		{"windows 8", with("http://schemas.microsoft.com/appx/manifest/foundation/windows10", "http://schemas.microsoft.com/appx/2010/manifest"), `it is the manifest of a package for Windows 8, which is not read here. Build the package for Windows 10 or later.`},
		{"other root", strings.ReplaceAll(plainManifest, "Package", "Bundle"), `its root element is "Bundle"`},
		{"no identity", with("<Identity", "<Identite"), `it has 0 Identity elements, not one`},
		{"identity of another namespace", with("<Identity", `<Identity xmlns="urn:x"`), `it has 0 Identity elements, not one`},
		{"two identities", with("<Resources>", `<Identity Name="Fabrikam.Notes" Publisher="CN=F" Version="1.0.0.0"/><Resources>`), `it has 2 Identity elements, not one`},
		{"identity name", with("Contoso.Notes", "Contoso Notes"), `the identity name "Contoso Notes" is not 3 to 50 letters, digits, dots and dashes. Copy it from Partner Center`},
		{"publisher", with("CN=Contoso", "CN=&#10;"), `the publisher "CN=\n" is not a distinguished name such as CN=…`},
		{"no version", with(` Version="1.0.0.0"`, ""), `Identity has no Version`},
		{"version", with("1.0.0.0", "1.0.0"), `Version of Identity is wrong: "1.0.0" is not a version: write four numbers joined by dots, such as 1.4.2.0`},
		{"architecture", with(`Version="1.0.0.0"`, `Version="1.0.0.0" ProcessorArchitecture="ia64"`), `the architecture "ia64" is none of neutral, x86, x64, arm, arm64`},
		{"language", with("en-US", "en_US"), `the resource language "en_US" is not a language tag`},
		{"no family", with("<TargetDeviceFamily", "<PackageDependency"), `it names no TargetDeviceFamily`},
		{"family", with("Windows.Desktop", "Windows Desktop"), `the device family "Windows Desktop" is not a name such as Windows.Desktop`},
		{"family twice", with("<TargetDeviceFamily", `<TargetDeviceFamily Name="windows.desktop" MinVersion="10.0.0.0" MaxVersionTested="10.0.0.0"/><TargetDeviceFamily`), `the device family "Windows.Desktop" is named twice`},
		{"no minimum", with(` MinVersion="10.0.17763.0"`, ""), `TargetDeviceFamily has no MinVersion`},
		{"maximum", with(`MaxVersionTested="10.0.22621.0"`, `MaxVersionTested="10"`), `MaxVersionTested of TargetDeviceFamily is wrong: "10" is not a version`},
		{"capability", with("<Resources>", `<Capabilities><Capability Name="a b"/></Capabilities><Resources>`), `the Capability "a b" is not the name of a capability`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			content := made(msixtest.Package{Manifest: test.manifest, Deflate: true}.Bytes())(t)
			wantRefusal(t, "a.msix", content, `entry "AppxManifest.xml": `)
			wantRefusal(t, "a.msix", content, test.want)
		})
	}
}
