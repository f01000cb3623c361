package schema

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
)

// chunk is a PNG chunk with its checksum.
func chunk(kind, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(b, kind+data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+data))))
}

// A picture that was cut or damaged on its way is refused, wherever the damage is.
func TestDamagedPicturesAreRefused(t *testing.T) {
	whole := picture(t, 1366, 768, 7)
	end := chunk("IEND", "")
	body := strings.TrimSuffix(whole, end)
	header := whole[:8+12+13]
	flip := func(i int) string {
		b := []byte(whole)
		b[i] ^= 0x40
		return string(b)
	}
	tests := map[string]struct{ content, want string }{
		"whole":                      {whole, ""},
		"text before the end":        {body + chunk("tEXt", "Title\x00x") + end, ""},
		"bytes after the end":        {whole + "more", ""},
		"cut in the pixels":          {whole[:len(whole)/2], "it is cut short: its chunk IDAT ends after "},
		"cut before the end":         {body, "it is cut short: its end (the chunk IEND) is missing"},
		"cut in the end":             {whole[:len(whole)-2], "it is cut short: its chunk IEND ends after 0 of 0 bytes"},
		"cut in the head of a chunk": {whole[:len(body)+5], "it is cut short: its end (the chunk IEND) is missing"},
		"header alone":               {header, "it is cut short: its end (the chunk IEND) is missing"},
		"no pixels":                  {header + end, "it holds no pixels (no chunk IDAT)"},
		"checksum of the pixels":     {flip(len(body) - 3), "its chunk IDAT has a wrong checksum"},
		"a byte of the pixels":       {flip(len(body) / 2), "its chunk IDAT has a wrong checksum"},
		"checksum of the end":        {flip(len(whole) - 1), "its chunk IEND has a wrong checksum"},
		"checksum of a text":         {body + strings.Replace(chunk("tEXt", "Title\x00x"), "x", "y", 1) + end, "its chunk tEXt has a wrong checksum"},
		"checksum of the header":     {flip(8 + 8 + 13), `is not a PNG image: its PNG header is damaged`},
		"garbage between chunks":     {body + "\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00" + end, `it is damaged: "\x01\x02\x03\x04" is no type of a chunk`},
		"a length beyond the file":   {header + "\xff\xff\xff\xffIDATxx", "its chunk IDAT ends after 2 of 4294967295 bytes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, text := load(t, manifest("  listings: {en: {screenshots: [a.png]}}\n"), map[string]string{"a.png": test.content})
			if test.want == "" && strings.Contains(text, "error") || !strings.Contains(text, test.want) {
				t.Errorf("got:\n%s\nwant it to hold: %s", text, test.want)
			}
		})
	}
}
