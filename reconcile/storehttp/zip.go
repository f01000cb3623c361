package storehttp

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	slashpath "path"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// ZipEntry is one file of the ZIP that a submission's new files are sent in.
type ZipEntry struct {
	// Name is the file's name as the submission says it, a relative path.
	// Backslashes become forward slashes: those are a ZIP's only separators.
	Name string
	// Bytes and SHA256 (hex) are what was planned; other content is an error.
	Bytes  int64
	SHA256 string
	// Open opens the file from its beginning. It is called once or twice: a
	// file that is stored needs its checksum before its first byte is sent.
	Open func() (io.ReadCloser, error)
	// Compressed says that deflating would not make it smaller (PNG, MSIX,
	// MP4): it is stored as it is.
	Compressed bool
}

// UploadZip makes a ZIP of the entries, in their order, and sends it to blob
// storage while it is made: there is no temporary file, and memory stays at
// three blocks of 8 MiB whatever the size. A ZIP of one block is one Put Blob;
// a larger one goes in blocks with a Content-MD5 each, of which a failed one is
// sent again alone, and becomes the blob's content by one Put Block List at the
// end. After an error nothing of it is in the blob, unless IsUnknownOutcome
// says that the last request is in doubt. Uploading again is always possible.
//
// The same entries make the same bytes. A block has no time limit as long as
// the connection takes bytes; two minutes without any end a try.
//
// progress, which may be nil, is told the bytes of file content sent so far, of
// the entries' total; it never falls and is not called concurrently.
//
// Errors are *Error without the address's query; IsUploadRefused when the
// signature has run out (about a day after the submission was made) or does
// not allow writing.
//
// https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services
// https://learn.microsoft.com/rest/api/storageservices/put-block-list
func UploadZip(ctx context.Context, transport policy.Transporter, target SASURL, entries []ZipEntry, progress func(sent, total int64)) error {
	failure := &Error{Op: "upload the ZIP to " + target.host(), Method: http.MethodPut, anonymous: true, secrets: secretsIn(ctx)}
	names, err := zipNames(entries)
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	client, err := newBlobClient(transport, target)
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	failure.Path = client.path
	size, err := blockSize(zipBound(entries))
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	if err := started(ctx); err != nil {
		failure.err = err
		return failure
	}
	blocks := newBlockWriter(ctx, client, size, newContentProgress(entries, progress))
	err = writeZip(blocks, entries, names)
	if err == nil {
		err = blocks.finish()
	}
	if err = blocks.close(err); err == nil {
		return nil
	}
	if sent, ok := errors.AsType[*Error](err); ok {
		return sent
	}
	failure.err = refuse(err)
	return failure
}

// zipNames are the entries' names in the ZIP, checked: one that reached out of
// the archive, or that two entries share, would be refused by the Store only
// after the whole upload.
func zipNames(entries []ZipEntry) ([]string, error) {
	if len(entries) == 0 {
		return nil, errors.New("there is no file to send")
	}
	names, seen := make([]string, 0, len(entries)), map[string]bool{}
	for _, entry := range entries {
		name := strings.ReplaceAll(entry.Name, `\`, "/")
		switch {
		case !utf8.ValidString(name), len(name) > 1<<15, strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
			return nil, fmt.Errorf("the file name %q cannot be in a ZIP: rename the file", OneLine(entry.Name))
		case name == "", name == ".", slashpath.Clean(name) != name, slashpath.IsAbs(name), name == "..", strings.HasPrefix(name, "../"), strings.Contains(name, ":"):
			return nil, fmt.Errorf("the file name %q is not a plain relative path: rename the file", OneLine(entry.Name))
		case seen[strings.ToLower(name)]:
			return nil, fmt.Errorf("two files are called %s: rename one", OneLine(name))
		case entry.Bytes < 0, entry.Open == nil:
			return nil, fmt.Errorf("%s has no content to send", OneLine(name))
		}
		if sum, err := hex.DecodeString(entry.SHA256); err != nil || len(sum) != 32 {
			return nil, fmt.Errorf("%s was planned without its digest: plan again", OneLine(name))
		}
		seen[strings.ToLower(name)] = true
		names = append(names, name)
	}
	return names, nil
}

// zipBound is a size that the ZIP does not exceed: headers, descriptors and
// ZIP64 fields take less than 256 bytes and twice the name; deflate adds at
// most 5 bytes to each 64 KiB that it cannot make smaller.
func zipBound(entries []ZipEntry) int64 {
	bound := int64(256)
	for _, entry := range entries {
		bound += entry.Bytes + entry.Bytes>>12 + 2*int64(len(entry.Name)) + 256
	}
	return bound
}
