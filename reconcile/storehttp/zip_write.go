package storehttp

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	// zipDate is 1 January 1980 in a ZIP's own form, its first date. Dates of
	// files would make other bytes of the same content.
	zipDate = 1<<5 | 1
	// zipVersion is the version of the format that reading takes: 2.0, deflate.
	zipVersion = 20
	// zipUTF8 is the flag of a name in UTF-8.
	zipUTF8 = 0x800
)

// writeZip writes the archive, entry by entry, and checks each file on the way.
func writeZip(blocks *blockWriter, entries []ZipEntry, names []string) error {
	archive := zip.NewWriter(blocks)
	buffer := make([]byte, 256<<10)
	for i, entry := range entries {
		if err := writeEntry(archive, blocks, entry, names[i], buffer); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeEntry(archive *zip.Writer, blocks *blockWriter, entry ZipEntry, name string, buffer []byte) error {
	out, sum, err := createEntry(archive, entry, name, buffer)
	if err != nil {
		return err
	}
	content, err := entry.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", OneLine(name), err)
	}
	defer content.Close()
	source := &entrySource{content: content, name: name, left: entry.Bytes, sum: sha256.New()}
	checksum := crc32.NewIEEE()
	for !source.done {
		n, err := source.next(buffer)
		if err != nil {
			return err
		}
		checksum.Write(buffer[:n])
		if _, err := out.Write(buffer[:n]); err != nil {
			return err
		}
		blocks.counted += int64(n)
	}
	if !strings.EqualFold(hex.EncodeToString(source.sum.Sum(nil)), entry.SHA256) || sum != nil && *sum != checksum.Sum32() {
		return changedContent(OneLine(name))
	}
	return nil
}

// createEntry writes an entry's header. A stored entry gets its checksum and
// size there, as in a ZIP made on disk: readers that go through an archive from
// its beginning cannot tell where a stored entry ends otherwise. Sizes beyond
// 4 GiB do not fit there; they follow the content, in ZIP64, and stand in the
// directory. Deflated entries end by themselves. sum is nil without a checksum.
func createEntry(archive *zip.Writer, entry ZipEntry, name string, buffer []byte) (out io.Writer, sum *uint32, err error) {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	//lint:ignore SA1019 CreateRaw knows the date by this field only, and Modified would add a second one.
	header.ModifiedDate = zipDate
	if entry.Compressed {
		header.Method = zip.Store
	}
	if !entry.Compressed || entry.Bytes >= math.MaxUint32 {
		out, err = archive.CreateHeader(header)
		return out, nil, err
	}
	checksum, err := entryCRC32(entry, name, buffer)
	if err != nil {
		return nil, nil, err
	}
	header.CRC32, header.CompressedSize64, header.UncompressedSize64 = checksum, uint64(entry.Bytes), uint64(entry.Bytes)
	header.CreatorVersion, header.ReaderVersion = zipVersion, zipVersion
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		header.Flags |= zipUTF8
	}
	out, err = archive.CreateRaw(header)
	return out, &checksum, err
}

// entryCRC32 reads the file once for its checksum, which also shows a file of
// another size before anything of it is sent.
func entryCRC32(entry ZipEntry, name string, buffer []byte) (uint32, error) {
	content, err := entry.Open()
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", OneLine(name), err)
	}
	defer content.Close()
	source := &entrySource{content: content, name: name, left: entry.Bytes}
	checksum := crc32.NewIEEE()
	for !source.done {
		n, err := source.next(buffer)
		if err != nil {
			return 0, err
		}
		checksum.Write(buffer[:n])
	}
	return checksum.Sum32(), nil
}

// entrySource reads a file that must have exactly the planned size.
type entrySource struct {
	content io.Reader
	name    string
	left    int64
	done    bool
	sum     hash.Hash // may be nil
}

// next fills the buffer; done is set after the last byte.
func (s *entrySource) next(buffer []byte) (int, error) {
	n, err := io.ReadFull(s.content, buffer)
	s.left -= int64(n)
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		s.done = true
	case err != nil:
		return n, fmt.Errorf("read %s: %w", OneLine(s.name), err)
	}
	if s.left < 0 || s.done && s.left > 0 {
		return n, changedSize(OneLine(s.name))
	}
	if s.sum != nil {
		s.sum.Write(buffer[:n])
	}
	return n, nil
}
