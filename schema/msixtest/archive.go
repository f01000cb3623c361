package msixtest

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// blockBytes is the size of the blocks that a block map has digests of
// (https://learn.microsoft.com/uwp/schemas/blockmapschema/app-package-block-map).
const blockBytes = 64 << 10

// archive writes a package's ZIP and notes what its block map says.
type archive struct {
	zip        *zip.Writer
	method     uint16
	blockMap   strings.Builder
	extensions []string
	err        error
}

func newArchive(w io.Writer, deflate bool) *archive {
	a := &archive{zip: zip.NewWriter(w), method: zip.Store}
	if deflate {
		a.method = zip.Deflate
	}
	a.blockMap.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n" +
		`<BlockMap xmlns="http://schemas.microsoft.com/appx/2010/blockmap" HashMethod="http://www.w3.org/2001/04/xmlenc#sha256">`)
	return a
}

// add writes an entry that the block map covers.
func (a *archive) add(name string, content io.Reader) {
	entry := a.create(name, a.method)
	if a.err != nil {
		return
	}
	extension := strings.TrimPrefix(path.Ext(name), ".")
	if !slices.Contains(a.extensions, extension) {
		a.extensions = append(a.extensions, extension)
	}
	var blocks strings.Builder
	size, block := int64(0), make([]byte, blockBytes)
	for {
		n, err := io.ReadFull(content, block)
		if n > 0 {
			digest := sha256.Sum256(block[:n])
			fmt.Fprintf(&blocks, `<Block Hash="%s"/>`, base64.StdEncoding.EncodeToString(digest[:]))
			if _, a.err = entry.Write(block[:n]); a.err != nil {
				return
			}
			size += int64(n)
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			a.err = err
			return
		}
	}
	fmt.Fprintf(&a.blockMap, "\n"+`<File Name="%s" Size="%d" LfhSize="%d">%s</File>`, strings.ReplaceAll(name, "/", `\`), size, 30+len(name), blocks.String())
}

// create begins an entry; a.err says whether it could.
func (a *archive) create(name string, method uint16) io.Writer {
	if a.err != nil {
		return nil
	}
	var entry io.Writer
	entry, a.err = a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	return entry
}

// raw writes an entry that the block map does not cover.
func (a *archive) raw(name string, method uint16, content []byte) {
	if entry := a.create(name, method); a.err == nil {
		_, a.err = entry.Write(content)
	}
}

// finish writes the block map and the content types, and ends the ZIP.
func (a *archive) finish() error {
	a.raw("AppxBlockMap.xml", a.method, []byte(a.blockMap.String()+"\n</BlockMap>\n"))
	var types bytes.Buffer
	types.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`)
	slices.Sort(a.extensions)
	for _, extension := range a.extensions {
		fmt.Fprintf(&types, `<Default Extension="%s" ContentType="%s"/>`, extension, contentType(extension))
	}
	types.WriteString(`<Override PartName="/AppxBlockMap.xml" ContentType="application/vnd.ms-appx.blockmap+xml"/></Types>` + "\n")
	a.raw("[Content_Types].xml", a.method, types.Bytes())
	if a.err != nil {
		return a.err
	}
	return a.zip.Close()
}

func contentType(extension string) string {
	switch extension {
	case "png":
		return "image/png"
	case "exe":
		return "application/x-msdownload"
	case "xml":
		return "application/vnd.ms-appx.manifest+xml"
	case "msix", "appx":
		return "application/vnd.ms-appx"
	}
	return "application/octet-stream"
}

// Entry is an entry of a ZIP that is no package, or a broken one.
type Entry struct {
	Name    string
	Content []byte
	// Deflate compresses the entry.
	Deflate bool
}

// Zip is a plain ZIP of these entries in this order.
func Zip(entries ...Entry) ([]byte, error) {
	var b bytes.Buffer
	a := &archive{zip: zip.NewWriter(&b)}
	for _, entry := range entries {
		method := zip.Store
		if entry.Deflate {
			method = zip.Deflate
		}
		a.raw(entry.Name, method, entry.Content)
	}
	if a.err != nil {
		return nil, a.err
	}
	err := a.zip.Close()
	return b.Bytes(), err
}
