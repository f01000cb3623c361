package schema

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/storesync/storesync/schema/msixtest"
)

// hollow is a file that keeps no long runs of zeros.
type hollow struct {
	size   int64
	pieces []piece
}

type piece struct {
	offset int64
	bytes  []byte
}

// zeros is what a hollow file knows by its address.
var zeros = make([]byte, 1<<20)

func (h *hollow) Write(p []byte) (int, error) {
	if &p[0] != &zeros[0] {
		h.pieces = append(h.pieces, piece{h.size, bytes.Clone(p)})
	}
	h.size += int64(len(p))
	return len(p), nil
}

func (h *hollow) ReadAt(p []byte, offset int64) (int, error) {
	n := int(max(0, min(int64(len(p)), h.size-offset)))
	clear(p[:n])
	for _, piece := range h.pieces {
		if from := piece.offset - offset; from >= 0 && from < int64(n) {
			copy(p[from:n], piece.bytes)
		} else if from < 0 && -from < int64(len(piece.bytes)) {
			copy(p[:n], piece.bytes[-from:])
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// largePackage has a payload of zeros of that many MiB before its manifest.
func largePackage(t testing.TB, payload int) *hollow {
	t.Helper()
	h := &hollow{}
	w := zip.NewWriter(h)
	size := uint64(payload) << 20
	entry, err := w.CreateRaw(&zip.FileHeader{Name: "App.exe", Method: zip.Store, CompressedSize64: size, UncompressedSize64: size})
	for i := 0; err == nil && i < payload; i++ {
		if err = w.Flush(); err == nil {
			_, err = entry.Write(zeros)
		}
	}
	var manifest io.Writer
	if err == nil {
		manifest, err = w.Create("AppxManifest.xml")
	}
	if err == nil {
		_, err = io.WriteString(manifest, plainManifest)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// allocated is what f allocates in all, freed again or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A large package takes no more memory than a small one, and its payload is
// read once.
func TestReadPackageOfManyGigabytes(t *testing.T) {
	file := largePackage(t, 6<<10)
	if file.size < 6<<30 || len(file.pieces) > 100 {
		t.Fatalf("the package has %d bytes in %d pieces", file.size, len(file.pieces))
	}
	reader := newPackageReader(t.Context(), file.size)
	var p *PackageFile
	var err error
	if used := allocated(func() { p, err = reader.file(file, file.size, FormatMsix) }); used > 1<<20 {
		t.Errorf("%d bytes of memory", used)
	}
	if err != nil || p.Identity != "Contoso.Notes" {
		t.Errorf("got %+v, %v", p, err)
	}

	file = largePackage(t, 256)
	read := int64(0)
	counted := readerAtFunc(func(b []byte, offset int64) (int, error) {
		read += int64(len(b))
		return file.ReadAt(b, offset)
	})
	if used := allocated(func() { _, err = ReadPackage(t.Context(), counted, file.size, "a.msix") }); err != nil || used > 2<<20 {
		t.Errorf("%d bytes of memory, error %v", used, err)
	}
	if read > file.size+200<<10 {
		t.Errorf("read %d bytes of a file of %d", read, file.size)
	}
}

// A package inside a compressed upload takes the memory of the blocks that are
// kept, whatever its size.
func TestReadCompressedUploadInFlatMemory(t *testing.T) {
	inner := made(msixtest.Package{PayloadBytes: 32 << 20}.Bytes())(t)
	content := rawZip(t, rawEntry{header: zip.FileHeader{Name: "a.msix", Method: zip.Deflate}, content: inner})
	var err error
	if used := allocated(func() { _, err = readBytes(t, "a.msixupload", content) }); err != nil || used > 20<<20 {
		t.Errorf("%d bytes of memory, error %v", used, err)
	}
}

// Entries that are not looked at cost no memory, however many there are; so
// many need a ZIP64 end record.
func TestReadPackageOfManyEntries(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range 70_000 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("Assets/%06d.png", i)}); err != nil {
			t.Fatal(err)
		}
	}
	manifest, err := w.Create("AppxManifest.xml")
	if err == nil {
		_, err = io.WriteString(manifest, plainManifest)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	// Names are made and dropped; an entry kept would be some 400 bytes.
	if used := allocated(func() { _, err = readBytes(t, "a.msix", b.Bytes()) }); err != nil || used > 14<<20 {
		t.Errorf("%d bytes of memory, error %v", used, err)
	}
}

// zip64 replaces a ZIP's end record by those of ZIP64, as packaging tools
// write them for every package.
func zip64(content []byte) []byte {
	end := content[len(content)-zipEndSize:]
	offset := binary.LittleEndian.Uint32(end[16:])
	directory := slices.Clone(content[offset : len(content)-zipEndSize])
	whole := appendZipEnd(directory, int(binary.LittleEndian.Uint16(end[10:])), int64(offset))
	return append(slices.Clone(content[:offset]), whole...)
}

func TestReadPackageZip64(t *testing.T) {
	content := zip64(made(msixtest.Package{}.Bytes())(t))
	if _, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	if p, err := readBytes(t, "a.msix", content); err != nil || p.Identity != "Contoso.Notes" {
		t.Errorf("got %+v, %v", p, err)
	}
	le := binary.LittleEndian
	locator := len(content) - zipEndSize - zip64LocatorSize
	record := locator - zip64EndSize
	damaged := func(damage func(b []byte)) []byte {
		b := slices.Clone(content)
		damage(b)
		return b
	}
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"locator leads away", damaged(func(b []byte) { le.PutUint64(b[locator+8:], 5) }), "its ZIP64 end record is not where its locator says"},
		{"locator leads over the end", damaged(func(b []byte) { le.PutUint64(b[locator+8:], 1<<63) }), "its ZIP64 end record is not where its locator says"},
		{"no record", damaged(func(b []byte) { b[record] = 'X' }), "its ZIP64 end record is not where its locator says"},
		{"records differ", damaged(func(b []byte) { le.PutUint16(b[locator+zip64LocatorSize+10:], 3) }), "its two ZIP end records differ"},
		{"entries", damaged(func(b []byte) { le.PutUint64(b[record+32:], 2_000_000) }), "its ZIP has 2000000 entries; at most 1000000 are read. Pack fewer files"},
		{"offset", damaged(func(b []byte) { le.PutUint64(b[record+48:], 1<<63) }), "its ZIP directory is not where its end record says"},
		{"size", damaged(func(b []byte) { le.PutUint64(b[record+40:], 1<<63) }), "its ZIP directory is not where its end record says"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantRefusal(t, "a.msix", test.content, test.want) })
	}

	// A directory as large as this needs a file as large, which holes make.
	h := largePackage(t, 1)
	h.size = 0
	h.pieces = nil
	for range 300 {
		if _, err := h.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	tail := appendZipEnd(nil, 1, 0)
	le.PutUint64(tail[40:], uint64(h.size))
	le.PutUint64(tail[zip64EndSize+8:], uint64(h.size))
	if _, err := h.Write(tail); err != nil {
		t.Fatal(err)
	}
	_, err := ReadPackage(t.Context(), h, h.size, "a.msix")
	if want := `package "a.msix": its ZIP directory has 314572800 bytes; at most 268435456 are read. Pack fewer files, or take the package apart.`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// More package names than a directory in memory has room for.
func TestReadPackageOfManyNestedPackages(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range 1500 {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("%04000d.msix", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, "a.msixbundle", b.Bytes(), "nested packages. Take the package apart.")
}

// The time is that of SHA-256 over the file.
func BenchmarkReadPackage(b *testing.B) {
	file := largePackage(b, 1<<10)
	b.SetBytes(file.size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadPackage(b.Context(), file, file.size, "a.msix"); err != nil {
			b.Fatal(err)
		}
	}
}
