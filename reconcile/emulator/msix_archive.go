package emulator

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
)

// packageArchive opens a package as a ZIP. The deflate streams of packages that
// tools write block by block need not say where they end: Microsoft's own reader
// takes them (test packages of https://github.com/microsoft/msix-packaging). That
// the Store does so is deduced from it.
func packageArchive(from io.ReaderAt, size int64) (*zip.Reader, error) {
	archive, err := zip.NewReader(from, size)
	if err != nil {
		return nil, err
	}
	archive.RegisterDecompressor(zip.Deflate, func(compressed io.Reader) io.ReadCloser {
		// An empty last block (RFC 1951, 3.2.6) behind the stream ends one that has
		// none.
		return flate.NewReader(io.MultiReader(compressed, bytes.NewReader([]byte{0x03, 0x00})))
	})
	return archive, nil
}
