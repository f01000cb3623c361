package schema

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Limits of a ZIP's directory. Real packages stay far below them; they bound
// the time and memory that a hostile one takes.
const (
	maxZipEntries   = 1_000_000
	maxZipDirectory = 256 << 20
	// maxKeptDirectory is what is held in memory: the records of manifests and
	// nested packages.
	maxKeptDirectory = 4 << 20
	maxEntryName     = 4096
)

// Signatures and sizes of the ZIP records that are read here
// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3).
const (
	zipEndSignature       = "PK\x05\x06"
	zipEndSize            = 22
	zip64LocatorSignature = "PK\x06\x07"
	zip64LocatorSize      = 20
	zip64EndSignature     = "PK\x06\x06"
	zip64EndSize          = 56
	zipRecordSignature    = "PK\x01\x02"
	zipRecordSize         = 46
)

// openZip returns the entries of a ZIP whose decoded name keep wants, by that
// name in lower case: names of packages differ in more than case.
//
// archive/zip would hold every entry of the directory in memory. So the
// directory is walked here, every name is looked at, and archive/zip is given
// a view of the file whose directory has the wanted records alone.
func (r *packageReader) openZip(file io.ReaderAt, size int64, keep func(name string) bool) (map[string]*zip.File, error) {
	end, err := readZipEnd(file, size)
	if err != nil {
		return nil, err
	}
	if r.directories -= end.size; r.directories < 0 {
		return nil, refuse("", "Pack fewer files, or take the bundle apart.", "the ZIP directories of the bundle's packages have more than %d bytes, which is the most that are read", int64(maxZipDirectory))
	}
	kept, names, err := readZipDirectory(file, end, keep)
	if err != nil {
		return nil, err
	}
	kept = appendZipEnd(kept, len(names), end.offset)
	reader, err := readZip(&zipView{file: file, offset: end.offset, directory: kept}, end.offset+int64(len(kept)))
	if err != nil || len(reader.File) != len(names) {
		return nil, &PackageError{Problem: "its ZIP directory is damaged", Fix: rebuild, Err: err}
	}
	entries := map[string]*zip.File{}
	for i, name := range names {
		entries[strings.ToLower(name)] = reader.File[i]
	}
	return entries, nil
}

// zipView is a ZIP with another directory in place of its own.
type zipView struct {
	file      io.ReaderAt
	offset    int64
	directory []byte
}

func (v *zipView) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= v.offset {
		return bytes.NewReader(v.directory).ReadAt(p, offset-v.offset)
	}
	before := p[:min(int64(len(p)), v.offset-offset)]
	n, err := v.file.ReadAt(before, offset)
	if n < len(before) || n == len(p) {
		return n, err
	}
	m, err := v.ReadAt(p[n:], v.offset)
	return n + m, err
}

// appendZipEnd ends a directory that begins at the offset, in the ZIP64 form,
// which has room for every offset.
func appendZipEnd(directory []byte, entries int, offset int64) []byte {
	size, le := uint64(len(directory)), binary.LittleEndian
	b := append(directory, zip64EndSignature...)
	b = le.AppendUint64(b, zip64EndSize-12)
	b = append(b, make([]byte, 12)...) // versions and disk numbers
	b = le.AppendUint64(b, uint64(entries))
	b = le.AppendUint64(b, uint64(entries))
	b = le.AppendUint64(b, size)
	b = le.AppendUint64(b, uint64(offset))
	b = append(b, zip64LocatorSignature...)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, uint64(offset)+size)
	b = le.AppendUint32(b, 1)
	b = append(b, zipEndSignature...)
	b = append(b, 0, 0, 0, 0)
	b = append(b, bytes.Repeat([]byte{0xff}, 12)...) // counts, size, offset: see the ZIP64 record
	return append(b, 0, 0)
}

// zipEnd is what the records at the end of a ZIP say of its directory.
type zipEnd struct {
	entries      uint64
	size, offset int64
}

// readZipEnd reads the end record of a ZIP, with its ZIP64 form if it has one.
// Unlike other readers it takes nothing before, between or behind the parts:
// what one program finds in such a file another does not.
func readZipEnd(file io.ReaderAt, size int64) (zipEnd, error) {
	tail := make([]byte, min(size, zipEndSize+0xffff+zip64LocatorSize))
	start := size - int64(len(tail))
	if n, err := file.ReadAt(tail, start); n < len(tail) {
		return zipEnd{}, fmt.Errorf("read its last bytes: %w", err)
	}
	at := bytes.LastIndex(tail, []byte(zipEndSignature))
	if at < 0 || len(tail)-at < zipEndSize {
		return zipEnd{}, notZip(file, size)
	}
	record, le := tail[at:], binary.LittleEndian
	if comment := int(le.Uint16(record[20:])); len(record) != zipEndSize+comment {
		return zipEnd{}, refuse("", rebuild, "its ZIP has other bytes behind its end: it was cut off, or something was appended")
	}
	entries, length, offset := uint64(le.Uint16(record[10:])), uint64(le.Uint32(record[12:])), uint64(le.Uint32(record[16:]))
	directoryEnd := start + int64(at)
	if at >= zip64LocatorSize && string(tail[at-zip64LocatorSize:][:4]) == zip64LocatorSignature {
		wide, position, err := readZip64End(file, directoryEnd-zip64LocatorSize, le.Uint64(tail[at-zip64LocatorSize+8:]))
		if err != nil {
			return zipEnd{}, err
		}
		if !wider(entries, le.Uint64(wide[32:]), 0xffff) || !wider(length, le.Uint64(wide[40:]), 0xffffffff) || !wider(offset, le.Uint64(wide[48:]), 0xffffffff) {
			return zipEnd{}, refuse("", rebuild, "its two ZIP end records differ")
		}
		directoryEnd = position
		entries, length, offset = le.Uint64(wide[32:]), le.Uint64(wide[40:]), le.Uint64(wide[48:])
	}
	switch {
	case offset > uint64(directoryEnd) || length != uint64(directoryEnd)-offset:
		return zipEnd{}, refuse("", rebuild, "its ZIP directory is not where its end record says: the file was cut off, or something was put before it")
	case length > maxZipDirectory:
		return zipEnd{}, refuse("", "Pack fewer files, or take the package apart.", "its ZIP directory has %d bytes; at most %d are read", length, maxZipDirectory)
	case entries > maxZipEntries:
		return zipEnd{}, refuse("", "Pack fewer files, or take the package apart.", "its ZIP has %d entries; at most %d are read", entries, maxZipEntries)
	}
	return zipEnd{entries: entries, size: int64(length), offset: int64(offset)}, nil
}

// wider reports whether a value of the ZIP64 end record stands for one of the
// end record, which is the same or the mark for "too large".
func wider(narrow, wide, mark uint64) bool { return narrow == wide || narrow == mark }

// readZip64End reads the ZIP64 end record, which lies before its locator.
func readZip64End(file io.ReaderAt, locator int64, position uint64) ([]byte, int64, error) {
	record := make([]byte, zip64EndSize)
	if locator < zip64EndSize || position > uint64(locator-zip64EndSize) {
		return nil, 0, refuse("", rebuild, "its ZIP64 end record is not where its locator says")
	}
	if n, err := file.ReadAt(record, int64(position)); n < len(record) {
		return nil, 0, fmt.Errorf("read its ZIP64 end record: %w", err)
	}
	if string(record[:4]) != zip64EndSignature {
		return nil, 0, refuse("", rebuild, "its ZIP64 end record is not where its locator says")
	}
	return record, int64(position), nil
}

// notZip says what a file without a ZIP's end is.
func notZip(file io.ReaderAt, size int64) error {
	start := make([]byte, min(size, 16))
	if n, err := file.ReadAt(start, 0); n < len(start) {
		return fmt.Errorf("read its first bytes: %w", err)
	}
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return refuse("", "Copy or build it again.", "the end of its ZIP is missing: the file was cut off at %d bytes", size)
	}
	if bytes.HasPrefix(start, []byte("version https")) {
		return refuse("", "Run git lfs pull.", "it is a Git LFS pointer, not the package")
	}
	return refuse("", rebuild, "it is not a ZIP, as every package is")
}

// readZipDirectory walks a ZIP's directory and returns the records of the
// wanted entries as they are, with their decoded names.
func readZipDirectory(file io.ReaderAt, end zipEnd, keep func(name string) bool) (kept []byte, names []string, err error) {
	directory := bufio.NewReaderSize(io.NewSectionReader(file, end.offset, end.size), 64<<10)
	var record []byte
	seen, entries := map[string]bool{}, uint64(0)
	for rest := end.size; rest > 0; rest -= int64(len(record)) {
		if record, err = readZipRecord(directory, record); err != nil {
			return nil, nil, err
		}
		if entries++; entries > end.entries {
			break
		}
		written := record[zipRecordSize:][:binary.LittleEndian.Uint16(record[28:])]
		name, err := entryName(written)
		if err != nil {
			return nil, nil, err
		}
		if !keep(name) {
			continue
		}
		if seen[strings.ToLower(name)] {
			return nil, nil, refuse(name, rebuild, "it is there twice")
		}
		seen[strings.ToLower(name)] = true
		kept, names = append(kept, record...), append(names, name)
		if len(kept) > maxKeptDirectory {
			return nil, nil, refuse("", "Take the package apart.", "it holds more than %d nested packages", len(names))
		}
	}
	if entries != end.entries {
		return nil, nil, refuse("", rebuild, "its ZIP directory does not have the %d entries that its end record says", end.entries)
	}
	return kept, names, nil
}

// readZipRecord reads one record of a directory into the buffer of the last.
func readZipRecord(directory io.Reader, buffer []byte) ([]byte, error) {
	const damaged = "its ZIP directory is damaged"
	header := append(buffer[:0], make([]byte, zipRecordSize)...)
	if _, err := io.ReadFull(directory, header); err != nil {
		return nil, &PackageError{Problem: damaged, Fix: rebuild, Err: err}
	}
	if string(header[:4]) != zipRecordSignature {
		return nil, refuse("", rebuild, damaged)
	}
	le := binary.LittleEndian
	more := int(le.Uint16(header[28:])) + int(le.Uint16(header[30:])) + int(le.Uint16(header[32:]))
	record := append(header, make([]byte, more)...)
	if _, err := io.ReadFull(directory, record[zipRecordSize:]); err != nil {
		return nil, &PackageError{Problem: damaged, Fix: rebuild, Err: err}
	}
	return record, nil
}

// entryName decodes and judges the name of an entry. Names are percent-encoded,
// as part names of the Open Packaging Conventions are. No entry is ever
// written to disk here, but who installs the package may.
func entryName(written []byte) (string, error) {
	name := string(written)
	if len(name) > maxEntryName {
		return "", refuse(name, rebuild, "its name has %d bytes; at most %d are read", len(name), maxEntryName)
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	name = strings.ToValidUTF8(name, "\uFFFD")
	why := ""
	switch {
	case name == "":
		why = "has no characters"
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		why = "has control characters"
	case strings.Contains(name, `\`):
		why = "has a backslash"
	case strings.HasPrefix(name, "/") || windowsDrive.MatchString(name):
		why = "is absolute"
	case strings.Contains("/"+name+"/", "/../"):
		why = "leads out of the package (..)"
	}
	if why != "" {
		return "", refuse(name, rebuild, "its name %s", why)
	}
	return name, nil
}

// readEntry reads an entry of at most limit bytes.
func readEntry(name string, entry *zip.File, limit int64) ([]byte, error) {
	if err := readable(name, entry); err != nil {
		return nil, err
	}
	if entry.UncompressedSize64 > uint64(limit) {
		return nil, refuse(name, rebuild, "it has %d bytes; at most %d are read", entry.UncompressedSize64, limit)
	}
	stream, err := entry.Open()
	if err != nil {
		return nil, entryError(name, entry, err)
	}
	defer stream.Close()
	content, err := io.ReadAll(io.LimitReader(stream, limit+1))
	if err != nil {
		return nil, entryError(name, entry, err)
	}
	return content, nil
}

// readable refuses entries that are encrypted or compressed with a method that
// packages do not use.
func readable(name string, entry *zip.File) error {
	const encrypted = 1 | 1<<6 | 1<<13
	switch {
	case entry.Flags&encrypted != 0:
		return refuse(name, "Build the package without a password.", "it is encrypted")
	case entry.Method != zip.Store && entry.Method != zip.Deflate:
		return refuse(name, rebuild, "it is compressed with method %d; packages use deflate (8) or none (0)", entry.Method)
	case entry.Method == zip.Store && entry.CompressedSize64 != entry.UncompressedSize64:
		return refuse(name, rebuild, "it is not compressed, but its two sizes differ")
	}
	return nil
}

// entryError says why the content of an entry cannot be had.
func entryError(name string, entry *zip.File, err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	switch {
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF):
		return &PackageError{Entry: name, Problem: fmt.Sprintf("it does not have the %d bytes that the ZIP directory says", entry.UncompressedSize64), Fix: rebuild, Err: err}
	case errors.Is(err, io.EOF):
		return &PackageError{Entry: name, Problem: "it is not where the ZIP directory says", Fix: rebuild, Err: err}
	case corrupt, errors.Is(err, zip.ErrChecksum):
		return &PackageError{Entry: name, Problem: "its content is damaged", Fix: "Copy or build the package again.", Err: err}
	}
	return inEntry(name, err)
}
