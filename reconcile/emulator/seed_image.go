package emulator

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
)

// plainImages makes images of one color. It keeps their compressed pixels by
// size, which differ in the palette alone: a product may be seeded with
// hundreds of languages.
type plainImages map[[2]int][]byte

func (p plainImages) pixels(width, height int) ([]byte, error) {
	size := [2]int{width, height}
	if rows, ok := p[size]; ok {
		return rows, nil
	}
	var rows bytes.Buffer
	writer := zlib.NewWriter(&rows)
	// Each row is a filter byte and its pixels of one bit, all palette entry 0.
	if _, err := writer.Write(make([]byte, height*(1+(width+7)/8))); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	p[size] = rows.Bytes()
	return p[size], nil
}

// png is an image of one color, the low 24 bits of shade.
func (p plainImages) png(width, height int, shade uint32) ([]byte, error) {
	rows, err := p.pixels(width, height)
	if err != nil {
		return nil, err
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(width))    //nolint:gosec // at most 3840
	header = binary.BigEndian.AppendUint32(header, uint32(height)) //nolint:gosec // at most 3840
	header = append(header, 1, 3, 0, 0, 0)                         // bit depth, palette, compression, filter, interlace
	out := []byte("\x89PNG\r\n\x1a\n")
	out = appendChunk(out, "IHDR", header)
	out = appendChunk(out, "PLTE", binary.BigEndian.AppendUint32(nil, shade)[1:])
	out = appendChunk(out, "IDAT", rows)
	return appendChunk(out, "IEND", nil), nil
}

func appendChunk(out []byte, name string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data))) //nolint:gosec // far below 4 GiB
	body := append([]byte(name), data...)
	out = append(out, body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
}
