package schema

import (
	"archive/zip"
	"context"
	"errors"
	"io"
)

const (
	inflateBlock  = 256 << 10
	inflateBlocks = 48
)

// inflateBudget is how many bytes may be inflated in all to read a file of
// that size. A package inside an upload is compressed already, so an honest
// file needs two or three times its size; a ZIP bomb needs a thousand times,
// at every level and every time that its entries overlap.
func inflateBudget(size int64) int64 {
	const most = 1 << 42
	return min(size, most/64)*64 + 16<<20
}

// inflated reads a compressed entry at any offset. Its errors are those of the
// entry's content, and do not name the entry. It inflates from the front
// and keeps the last 12 MiB, where packaging tools put the manifest and where
// the ZIP directory is; to go further back it starts again.
type inflated struct {
	// ctx is here because io.ReaderAt has no room for it.
	ctx    context.Context
	entry  *zip.File
	size   int64
	budget *int64
	stream io.ReadCloser
	// next is the number of the block that the stream is before.
	next   int64
	blocks [inflateBlocks]block
}

// block is one piece of the entry; block n is kept in place n modulo the number
// of places.
type block struct {
	number int64
	bytes  []byte
}

func (i *inflated) Close() error {
	if i.stream == nil {
		return nil
	}
	return i.stream.Close()
}

func (i *inflated) ReadAt(p []byte, offset int64) (int, error) {
	read := 0
	for read < len(p) {
		at := offset + int64(read)
		if at >= i.size {
			return read, io.EOF
		}
		content, err := i.block(at / inflateBlock)
		if err != nil {
			return read, err
		}
		read += copy(p[read:], content[at%inflateBlock:])
	}
	return read, nil
}

// block returns a block, inflating up to it if it is not kept.
func (i *inflated) block(number int64) ([]byte, error) {
	kept := &i.blocks[number%inflateBlocks]
	if kept.bytes != nil && kept.number == number {
		return kept.bytes, nil
	}
	if i.stream == nil || number < i.next {
		if err := i.restart(); err != nil {
			return nil, err
		}
	}
	for i.next <= number {
		if err := i.inflate(); err != nil {
			return nil, err
		}
	}
	return kept.bytes, nil
}

func (i *inflated) restart() error {
	if err := i.Close(); err != nil {
		return err
	}
	stream, err := i.entry.Open()
	if err != nil {
		return entryError("", i.entry, err)
	}
	i.stream, i.next = stream, 0
	return nil
}

// inflate reads the next block. After the last one it reads on to the end, for
// that is where archive/zip compares size and checksum.
func (i *inflated) inflate() error {
	if err := i.ctx.Err(); err != nil {
		return err
	}
	length := min(i.size-i.next*inflateBlock, inflateBlock)
	if *i.budget -= length; *i.budget < 0 {
		return errBomb("")
	}
	place := &i.blocks[i.next%inflateBlocks]
	content := place.bytes[:0]
	place.bytes = nil
	if cap(content) < int(length) {
		content = make([]byte, length)
	}
	content = content[:length]
	_, err := io.ReadFull(i.stream, content)
	if err == nil && i.next*inflateBlock+length == i.size {
		if _, err = i.stream.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return entryError("", i.entry, err)
	}
	place.number, place.bytes = i.next, content
	i.next++
	return nil
}

func errBomb(name string) error {
	return refuse(name, "Store the nested package in the ZIP without compression, or give the bundle or package itself.",
		"to read the compressed package inside it would take more than 64 times the file's size")
}

// nested opens an entry that is itself a ZIP: one that is stored is read where
// it lies, a compressed one is inflated.
func (r *packageReader) nested(file io.ReaderAt, size int64, name string, entry *zip.File) (io.ReaderAt, io.Closer, error) {
	if err := readable(name, entry); err != nil {
		return nil, nil, err
	}
	length := int64(entry.UncompressedSize64)
	if length <= 0 {
		return nil, nil, refuse(name, rebuild, "it is empty, or its size is wrong")
	}
	if entry.Method == zip.Store {
		offset, err := entry.DataOffset()
		if err != nil {
			return nil, nil, entryError(name, entry, err)
		}
		if offset < 0 || length > size || offset > size-length {
			return nil, nil, refuse(name, rebuild, "it does not have the %d bytes that the ZIP directory says", length)
		}
		return io.NewSectionReader(file, offset, length), io.NopCloser(nil), nil
	}
	if length > r.budget {
		return nil, nil, errBomb(name)
	}
	view := &inflated{ctx: r.ctx, entry: entry, size: length, budget: &r.budget}
	return view, view, nil
}
