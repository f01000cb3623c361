package schema

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"io"
)

// openEnded inflates streams that end without a last block, too: tools that write
// a package block by block leave it out, and Microsoft's own reader takes both
// forms (https://github.com/microsoft/msix-packaging, whose test packages
// Extra_file_in_blockmap.msix and others are so). Ordinary ZIP tools do not. That
// nothing is missing is still checked: archive/zip compares size and checksum.
func openEnded(compressed io.Reader) io.ReadCloser {
	return endedStream{flate.NewReader(compressed)}
}

type endedStream struct{ io.ReadCloser }

func (s endedStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// readZip is zip.NewReader for packages.
func readZip(file io.ReaderAt, size int64) (*zip.Reader, error) {
	reader, err := zip.NewReader(file, size)
	if err == nil {
		reader.RegisterDecompressor(zip.Deflate, openEnded)
	}
	return reader, err
}
