package emulator

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// assetContainer is the path prefix of listing assets in blob storage.
const assetContainer = "/listingassets/"

// blob is one block blob: committed content, uncommitted blocks, or both.
type blob struct {
	Content     content            `json:"content,omitzero"`
	ContentType string             `json:"contentType,omitempty"`
	ContentMD5  string             `json:"contentMd5,omitempty"`
	ETag        string             `json:"etag,omitempty"`
	Modified    time.Time          `json:"modified,omitzero"`
	Blocks      map[string]content `json:"blocks,omitempty"`
	// Public is set when a commit has made the blob a listing asset: it can be
	// read without signature.
	Public bool `json:"public,omitempty"`
}

func (b *blob) exists() bool { return b != nil && b.Content.ID != "" }

// blob answers the operations of Azure Blob Storage that uploads use
// (https://learn.microsoft.com/rest/api/storageservices/put-blob).
func (c *call) blob() reply {
	kept := false
	defer func() {
		if !kept {
			c.contents.remove(c.upload.ID)
		}
	}()
	out := func() reply {
		path := c.request.URL.Path
		if rest, ok := strings.CutPrefix(path, containerAlone); ok {
			path = ingestionContainer + rest
		}
		switch comp := c.request.URL.Query().Get("comp"); {
		case c.request.Header.Get("Authorization") != "":
			return blobError(http.StatusBadRequest, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Send no Authorization header beside a signature.")
		case c.request.Method == http.MethodGet || c.request.Method == http.MethodHead:
			return c.getBlob(path)
		case c.request.Method != http.MethodPut:
			return blobError(http.StatusMethodNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support specified Http Verb.")
		case comp == "":
			return c.putBlob(path, &kept)
		case comp == "block":
			return c.putBlock(path, &kept)
		case comp == "blocklist":
			return c.putBlockList(path)
		default:
			return blobError(http.StatusBadRequest, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid: comp.")
		}
	}()
	out.header.Set("x-ms-request-id", newGUID())
	out.header.Set("x-ms-version", sasVersion)
	if id := c.request.Header.Get("x-ms-client-request-id"); id != "" {
		out.header.Set("x-ms-client-request-id", id)
	}
	return out
}

func (c *call) getBlob(path string) reply {
	stored := c.state.Blobs[path]
	open := stored.exists() && stored.Public && !c.state.Behavior.AssetURLsUnreadable
	if !open {
		code, message := c.checkSignature(path, "r")
		if code == "NoAuthenticationInformation" {
			// Without signature Azure does not tell a private blob from none.
			return blobError(http.StatusNotFound, "ResourceNotFound", "The specified resource does not exist.")
		}
		if code != "" {
			return blobError(http.StatusForbidden, code, message)
		}
	}
	if !stored.exists() {
		return blobError(http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	}
	if ranges := c.request.Header.Get("x-ms-range"); ranges != "" {
		c.request.Header.Set("Range", ranges)
	}
	header := http.Header{
		"Content-Type": {stored.ContentType}, "Etag": {stored.ETag}, "X-Ms-Blob-Type": {"BlockBlob"},
		"Last-Modified": {stored.Modified.UTC().Format(http.TimeFormat)},
	}
	if stored.ContentMD5 != "" && !c.state.Behavior.NoContentMD5 {
		header.Set("Content-MD5", stored.ContentMD5)
	}
	id := stored.Content.ID
	return reply{
		status: http.StatusOK, header: header, changed: stored.Modified,
		content: func() (io.ReadSeekCloser, error) { return c.contents.open(id) },
	}
}

// mayWrite checks what all writes share.
func (c *call) mayWrite(path string) (reply, bool) {
	if code, message := c.checkSignature(path, "cw"); code != "" {
		status := http.StatusForbidden
		if code == "NoAuthenticationInformation" {
			status = http.StatusUnauthorized
		}
		return blobError(status, code, message), false
	}
	if c.request.ContentLength < 0 {
		return blobError(http.StatusLengthRequired, "MissingContentLengthHeader", "Content-Length HTTP header was not specified."), false
	}
	stored := c.state.Blobs[path]
	if c.request.Header.Get("If-None-Match") == "*" && stored.exists() {
		return blobError(http.StatusConflict, "BlobAlreadyExists", "The specified blob already exists."), false
	}
	if match := c.request.Header.Get("If-Match"); match != "" && (!stored.exists() || match != "*" && match != stored.ETag) {
		return blobError(http.StatusPreconditionFailed, "ConditionNotMet", "The condition specified using HTTP conditional header(s) is not met."), false
	}
	return reply{}, true
}

// checkMD5 compares the Content-MD5 header, when there is one.
func (c *call) checkMD5(sum []byte) (reply, bool) {
	given := c.request.Header.Get("Content-MD5")
	if given == "" {
		return reply{}, true
	}
	decoded, err := base64.StdEncoding.DecodeString(given)
	if err != nil || len(decoded) != len(sum) {
		return blobError(http.StatusBadRequest, "InvalidMd5", "The MD5 value specified in the request is invalid. The MD5 value must be 128 bits and Base64-encoded."), false
	}
	if string(decoded) != string(sum) {
		return blobError(http.StatusBadRequest, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server."), false
	}
	return reply{}, true
}

func (c *call) putBlob(path string, kept *bool) reply {
	if refused, ok := c.mayWrite(path); !ok {
		return refused
	}
	switch kind := c.request.Header.Get("x-ms-blob-type"); kind {
	case "BlockBlob":
	case "":
		return blobError(http.StatusBadRequest, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified: x-ms-blob-type.")
	default:
		return blobError(http.StatusBadRequest, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format: x-ms-blob-type must be BlockBlob.")
	}
	if refused, ok := c.checkMD5(c.upload.MD5); !ok {
		return refused
	}
	sum := contentMD5(c.upload)
	if given := c.request.Header.Get("x-ms-blob-content-md5"); given != "" {
		if given != sum {
			return blobError(http.StatusBadRequest, "Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")
		}
	}
	*kept = true
	return c.keepBlob(path, c.upload, sum)
}

// keepBlob makes content the committed content of a blob.
func (c *call) keepBlob(path string, bytes content, sum string) reply {
	old := c.state.Blobs[path]
	if old != nil {
		dropContents(old, c.contents)
	}
	kind := c.request.Header.Get("x-ms-blob-content-type")
	if kind == "" && c.request.URL.Query().Get("comp") == "" {
		kind = c.request.Header.Get("Content-Type")
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	stored := c.storeBlob(path, bytes, kind, sum)
	stored.Public = old != nil && old.Public
	header := http.Header{
		"Etag": {stored.ETag}, "Last-Modified": {stored.Modified.UTC().Format(http.TimeFormat)},
		"X-Ms-Request-Server-Encrypted": {"true"},
	}
	if sum != "" {
		header.Set("Content-MD5", sum)
	}
	return reply{status: http.StatusCreated, header: header}
}

func (c *call) storeBlob(path string, bytes content, kind, sum string) *blob {
	stored := &blob{
		Content: bytes, ContentType: kind, ContentMD5: sum, Modified: c.now,
		ETag: fmt.Sprintf("%q", "0x"+strings.ToUpper(strconv.FormatInt(0x8D0000000000000+c.state.number(), 16))),
	}
	c.state.Blobs[path] = stored
	c.state.touch()
	return stored
}

// contentMD5 is the Content-MD5 header of content.
func contentMD5(c content) string { return base64.StdEncoding.EncodeToString(c.MD5) }

func (c *call) putBlock(path string, kept *bool) reply {
	if refused, ok := c.mayWrite(path); !ok {
		return refused
	}
	id := c.request.URL.Query().Get("blockid")
	if raw, err := base64.StdEncoding.DecodeString(id); err != nil || len(raw) == 0 || len(raw) > 64 {
		return blobError(http.StatusBadRequest, "InvalidQueryParameterValue", "Value for one of the query parameters specified in the request URI is invalid: blockid.")
	}
	if refused, ok := c.checkMD5(c.upload.MD5); !ok {
		return refused
	}
	stored := c.state.Blobs[path]
	if stored == nil {
		stored = &blob{}
		c.state.Blobs[path] = stored
	}
	if stored.Blocks == nil {
		stored.Blocks = map[string]content{}
	}
	c.contents.remove(stored.Blocks[id].ID)
	stored.Blocks[id] = c.upload
	c.state.touch()
	*kept = true
	header := http.Header{"X-Ms-Request-Server-Encrypted": {"true"}}
	header.Set("Content-MD5", contentMD5(c.upload))
	return reply{status: http.StatusCreated, header: header}
}

// putBlockList makes a blob of uncommitted blocks.
func (c *call) putBlockList(path string) reply {
	if refused, ok := c.mayWrite(path); !ok {
		return refused
	}
	var list struct {
		Blocks []struct {
			XMLName xml.Name
			ID      string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(c.body, &list); err != nil {
		return blobError(http.StatusBadRequest, "InvalidXmlDocument", "XML specified is not syntactically valid.")
	}
	stored := c.state.Blobs[path]
	var parts []content
	for _, entry := range list.Blocks {
		var part content
		if stored != nil && entry.XMLName.Local != "Committed" {
			part = stored.Blocks[strings.TrimSpace(entry.ID)]
		}
		if part.ID == "" {
			return blobError(http.StatusBadRequest, "InvalidBlockList", "The specified block list is invalid.")
		}
		parts = append(parts, part)
	}
	whole, err := c.contents.join(parts)
	if err != nil {
		return blobError(http.StatusInternalServerError, "InternalError", "The server encountered an internal error. Please retry the request.")
	}
	// Azure does not compute the MD5 of a list of blocks: it keeps what it is told.
	return c.keepBlob(path, whole, c.request.Header.Get("x-ms-blob-content-md5"))
}

// dropContents forgets the bytes of a blob and of its blocks.
func dropContents(b *blob, contents *contents) {
	contents.remove(b.Content.ID)
	for _, block := range b.Blocks {
		contents.remove(block.ID)
	}
}

// blobError has the shape of
// https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2.
func blobError(status int, code, message string) reply {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(message)) // a strings.Builder cannot fail
	body := `<?xml version="1.0" encoding="utf-8"?><Error><Code>` + code + `</Code><Message>` + text.String() + `</Message></Error>`
	header := http.Header{"Content-Type": {"application/xml"}}
	header.Set("x-ms-error-code", code)
	return reply{status: status, header: header, body: []byte(body)}
}
