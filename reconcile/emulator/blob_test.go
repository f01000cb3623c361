package emulator_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

func md5Of(text string) string {
	sum := md5.Sum([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// place creates one asset and gives its upload URL.
func (c *client) place() string {
	c.t.Helper()
	data := c.ok("POST", product+"/listings/assets/create", `{"language":"en-us","createAssetRequest":{"Screenshot":1}}`)
	return field(c.t, data, "listingAssets.screenshots.0.primaryAssetUploadUrl").(string)
}

func without(t *testing.T, link, parameter, value string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Del(parameter)
	if value != "" {
		query.Set(parameter, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// TestPutBlob uploads in one request, well and badly.
func TestPutBlob(t *testing.T) {
	block := http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}
	with := func(name, value string) http.Header {
		h := block.Clone()
		h.Set(name, value)
		return h
	}
	for _, test := range []struct {
		name   string
		header http.Header
		url    func(string) string
		late   time.Duration
		status int
		code   string
	}{
		{name: "plain", header: block, status: 201},
		{name: "checksum", header: with("Content-MD5", md5Of("content")), status: 201},
		{name: "wrong checksum", header: with("Content-MD5", md5Of("other")), status: 400, code: "Md5Mismatch"},
		{name: "no checksum", header: with("Content-MD5", "abc"), status: 400, code: "InvalidMd5"},
		{name: "wrong stored checksum", header: with("x-ms-blob-content-md5", md5Of("other")), status: 400, code: "Md5Mismatch"},
		{name: "no type", header: http.Header{}, status: 400, code: "MissingRequiredHeader"},
		{name: "page blob", header: http.Header{"X-Ms-Blob-Type": {"PageBlob"}}, status: 400, code: "InvalidHeaderValue"},
		{name: "new only", header: with("If-None-Match", "*"), status: 201},
		{name: "bearer token", header: with("Authorization", "Bearer x"), status: 400, code: "InvalidAuthenticationInfo"},
		{name: "just in time", header: block, late: time.Hour, status: 201},
		{name: "expired", header: block, late: time.Hour + time.Second, status: 403, code: "AuthenticationFailed"},
		{name: "no signature", header: block, url: func(u string) string { return without(t, u, "sig", "") }, status: 401, code: "NoAuthenticationInformation"},
		{name: "wrong signature", header: block, url: func(u string) string { return without(t, u, "sig", "abc") }, status: 403, code: "AuthenticationFailed"},
		{name: "longer life", header: block, url: func(u string) string { return without(t, u, "se", "2030-01-01T00:00:00Z") }, status: 403, code: "AuthenticationFailed"},
		{name: "other blob", header: block, url: func(u string) string { return strings.Replace(u, "/listingassets/", "/listingassets/x", 1) }, status: 403, code: "AuthenticationFailed"},
		{name: "unknown comp", header: block, url: func(u string) string { return u + "&comp=page" }, status: 400, code: "InvalidQueryParameterValue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := newClock()
			c := start(t, emulator.Options{Now: clock.Now}, "")
			link := c.place()
			if test.url != nil {
				link = test.url(link)
			}
			clock.advance(test.late)
			a := c.send("PUT", link, test.header, "content")
			if a.status != test.status || a.header.Get("x-ms-error-code") != test.code {
				t.Fatalf("want %d %s, got %d %s", test.status, test.code, a.status, a.body)
			}
			if a.header.Get("x-ms-request-id") == "" {
				t.Error("no x-ms-request-id")
			}
			if test.status != 201 {
				if !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="utf-8"?><Error><Code>`+test.code+`</Code>`) {
					t.Errorf("body %s", a.body)
				}
				return
			}
			if a.header.Get("ETag") == "" || a.header.Get("Last-Modified") == "" || a.header.Get("Content-MD5") != md5Of("content") {
				t.Errorf("header %v", a.header)
			}
			if a := c.send("PUT", link, with("If-None-Match", "*"), "again"); test.late == 0 && a.status != 409 {
				t.Errorf("If-None-Match: %d %s", a.status, a.body)
			}
		})
	}
}

// TestBlocks uploads in blocks and reads ranges.
func TestBlocks(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	link := c.place()
	id := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, content := range map[string]string{"0001": "Hello, ", "0002": "Contoso", "0003": "unused"} {
		a := c.send("PUT", link+"&comp=block&blockid="+url.QueryEscape(id(name)), http.Header{"Content-Md5": {md5Of(content)}}, content)
		if a.status != 201 {
			t.Fatalf("Put Block: %d %s", a.status, a.body)
		}
	}
	if a := c.send("PUT", link+"&comp=block&blockid=%21", nil, "x"); a.status != 400 {
		t.Errorf("bad block id: %d", a.status)
	}
	if a := c.send("GET", link, nil, ""); a.status != 404 {
		t.Errorf("uncommitted blocks are readable: %d", a.status)
	}
	list := `<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>` + id("0001") + `</Latest><Uncommitted>` + id("0002") + `</Uncommitted></BlockList>`
	if a := c.send("PUT", link+"&comp=blocklist", nil, strings.Replace(list, id("0001"), id("0009"), 1)); a.header.Get("x-ms-error-code") != "InvalidBlockList" {
		t.Errorf("unknown block: %d %s", a.status, a.body)
	}
	if a := c.send("PUT", link+"&comp=blocklist", nil, "<BlockList>"); a.header.Get("x-ms-error-code") != "InvalidXmlDocument" {
		t.Errorf("broken list: %d %s", a.status, a.body)
	}
	if a := c.send("PUT", link+"&comp=blocklist", http.Header{"X-Ms-Blob-Content-Type": {"image/png"}}, list); a.status != 201 {
		t.Fatalf("Put Block List: %d %s", a.status, a.body)
	}
	a := c.send("GET", link, nil, "")
	diff(t, "Hello, Contoso", a.body)
	diff(t, "image/png", a.header.Get("Content-Type"))
	if a := c.send("GET", link, http.Header{"X-Ms-Range": {"bytes=7-9"}}, ""); a.status != 206 || a.body != "Con" {
		t.Errorf("range: %d %q", a.status, a.body)
	}
}

// TestAssetURL: committed assets are public, with their checksum, unless the
// behavior says otherwise.
func TestAssetURL(t *testing.T) {
	shot := func(c *client) string {
		return field(c.t, c.ok("GET", product+"/listings/assets", ""), "listingAssets.0.screenshots.0.assetUrl").(string)
	}
	c := start(t, emulator.Options{}, "")
	get, head := c.send("GET", shot(c), nil, ""), c.send("HEAD", shot(c), nil, "")
	if get.status != 200 || get.header.Get("Content-MD5") != md5Of(get.body) || get.header.Get("Content-Type") != "image/png" {
		t.Errorf("GET: %d %v", get.status, get.header)
	}
	if head.status != 200 || head.body != "" || head.header.Get("Content-MD5") != md5Of(get.body) || head.header.Get("Content-Length") == "" {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	if a := c.send("PUT", shot(c), http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, "x"); a.status != 401 {
		t.Errorf("PUT without signature: %d", a.status)
	}
	_, uncommitted := c.upload("en-us", "Screenshot", picture(t, 1366, 768, 5))
	if a := c.send("GET", uncommitted, nil, ""); a.status != 200 {
		t.Errorf("GET of an upload with its signature: %d", a.status)
	}
	if a := c.send("GET", without(t, uncommitted, "sig", ""), nil, ""); a.header.Get("x-ms-error-code") != "ResourceNotFound" {
		t.Errorf("GET of an upload without signature: %d", a.status)
	}
	// The upload URL stays good for its hour; writing again replaces the bytes.
	id, upload := c.upload("en-us", "Screenshot", picture(t, 1366, 768, 6))
	c.ok("PUT", product+"/listings/assets/commit", `{"listingAssets":{"language":"en-us","screenshots":[{"id":"`+id+`","assetUrl":"`+upload+`"}]}}`)
	c.send("PUT", upload, http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, "other bytes")
	diff(t, "other bytes", c.send("GET", strings.Split(upload, "?")[0], nil, "").body)
	c = start(t, emulator.Options{}, `{"behavior":{"noContentMD5":true}}`)
	if a := c.send("GET", shot(c), nil, ""); a.status != 200 || a.header.Get("Content-MD5") != "" {
		t.Errorf("noContentMD5: %d %v", a.status, a.header)
	}
	c = start(t, emulator.Options{}, `{"behavior":{"assetUrlsUnreadable":true}}`)
	if a := c.send("GET", shot(c), nil, ""); a.status != 404 {
		t.Errorf("assetUrlsUnreadable: %d", a.status)
	}
}

// TestBlobsAreForgotten: what no draft names any more takes no room, and an
// upload that nobody commits neither.
func TestBlobsAreForgotten(t *testing.T) {
	clock := newClock()
	c := start(t, emulator.Options{Now: clock.Now}, "")
	blobs := func() int {
		var state struct{ Blobs map[string]any }
		if err := json.Unmarshal(c.e.State(), &state); err != nil {
			t.Fatal(err)
		}
		return len(state.Blobs)
	}
	diff(t, 4, blobs())
	c.upload("en-us", "Logo", picture(t, 1080, 1080, 0))
	c.upload("de-de", "Logo", picture(t, 1080, 1080, 0))
	diff(t, 6, blobs())
	c.ok("PATCH", product+"/metadata", `{"listingsToRemove":["de-de"]}`)
	diff(t, 3, blobs())
	clock.advance(2 * time.Hour)
	diff(t, 2, blobs())
}
