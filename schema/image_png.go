package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// pngSignature begins every PNG (https://www.w3.org/TR/png-3/#5PNG-file-signature).
const pngSignature = "\x89PNG\r\n\x1a\n"

// errPNG says what is wrong with a picture, in words for a person.
type errPNG string

func (e errPNG) Error() string { return string(e) }

// readPNG reads a PNG to its end and checks that all of it is there and as it
// was written: every chunk is whole and has its checksum, there are pixels, and
// the end is marked. A download or a commit that was cut short fails here instead
// of in the Store. The pixels are not decoded. The error is an errPNG, or that of
// the reader.
func readPNG(r io.Reader) error {
	signature := make([]byte, len(pngSignature))
	if _, err := io.ReadFull(r, signature); err != nil || string(signature) != pngSignature {
		return errPNG("its PNG header is damaged")
	}
	for pixels := false; ; {
		kind, err := readChunk(r)
		switch {
		case errors.Is(err, io.EOF):
			return errPNG("it is cut short: its end (the chunk IEND) is missing")
		case err != nil:
			return err
		case kind == "IEND" && !pixels:
			return errPNG("it holds no pixels (no chunk IDAT)")
		case kind == "IEND":
			_, err := io.Copy(io.Discard, r)
			return err
		}
		pixels = pixels || kind == "IDAT"
	}
}

// readChunk reads one chunk and returns its type; io.EOF if there is none.
func readChunk(r io.Reader) (string, error) {
	header := make([]byte, 8)
	if _, err := io.ReadFull(r, header); errors.Is(err, io.ErrUnexpectedEOF) {
		return "", io.EOF
	} else if err != nil {
		return "", err
	}
	kind := string(header[4:])
	for _, letter := range header[4:] {
		if lower := letter | 0x20; lower < 'a' || lower > 'z' {
			return "", errPNG("it is damaged: " + quote(kind) + " is no type of a chunk")
		}
	}
	sum := crc32.NewIEEE()
	sum.Write(header[4:])
	length := int64(binary.BigEndian.Uint32(header))
	n, err := io.CopyN(sum, r, length)
	if err == nil {
		_, err = io.ReadFull(r, header[:4])
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "", errPNG(fmt.Sprintf("it is cut short: its chunk %s ends after %d of %d bytes", kind, n, length))
	case err != nil:
		return "", err
	case binary.BigEndian.Uint32(header) != sum.Sum32():
		return "", errPNG("it is damaged: its chunk " + kind + " has a wrong checksum")
	}
	return kind, nil
}
