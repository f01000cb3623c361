package emulator

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"testing"
)

// A package is read though its deflate streams lack their last blocks.
func TestPackageWithoutLastBlocks(t *testing.T) {
	manifest := []byte(`<Package><Identity Name="Contoso.Notes" Publisher="CN=C" Version="1.2.3.0" ProcessorArchitecture="x64"/><Dependencies><TargetDeviceFamily Name="Windows.Desktop" MinVersion="10.0.17763.0"/></Dependencies></Package>`)
	var stream, file bytes.Buffer
	deflate, err := flate.NewWriter(&stream, flate.DefaultCompression)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(&file)
	if _, err := deflate.Write(manifest); err != nil {
		t.Fatal(err)
	}
	if err := deflate.Flush(); err != nil {
		t.Fatal(err)
	}
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name: "AppxManifest.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(manifest),
		CompressedSize64: uint64(stream.Len()), UncompressedSize64: uint64(len(manifest)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(stream.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := packageReader{}.read("a.msix", bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || read.Name != "Contoso.Notes" || read.Version != "1.2.3.0" {
		t.Errorf("%+v, %v", read, err)
	}
}

// An app that has bundles alone is updated with bundles.
func TestBundlesOnly(t *testing.T) {
	entry := func(name, status string) any { return object{{"fileName", name}, {"fileStatus", status}} }
	for _, test := range []struct {
		list []any
		want bool
	}{
		{[]any{entry("a.msixbundle", fileUploaded), entry("b.msix", filePendingUpload)}, true},
		{[]any{entry("a.AppxBundle", filePendingDelete), entry("b.msix", filePendingUpload)}, true},
		{[]any{entry("a.msixbundle", fileUploaded), entry("c.appx", fileUploaded), entry("b.msix", filePendingUpload)}, false},
		{[]any{entry("a.xap", fileUploaded), entry("b.msix", filePendingUpload)}, false},
		{[]any{entry("a.msixbundle", filePendingUpload), entry("b.msix", filePendingUpload)}, false},
	} {
		if got := hasBundlesOnly(test.list); got != test.want {
			t.Errorf("%v: %v", test.list, got)
		}
	}
}
