package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/emulator"
)

const (
	base      = "https://store.contoso.example"
	productID = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"
	product   = "/submission/v1/product/" + productID
)

// clock is a clock that only moves when told to.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 2, 9, 7, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// client sends requests to an emulator as a service's client would.
type client struct {
	t      *testing.T
	e      *emulator.Emulator
	header http.Header
}

// start makes an emulator with one product, whose listings are en-us and de-de.
func start(t *testing.T, options emulator.Options, seed string) *client {
	t.Helper()
	e, err := emulator.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if seed != "" {
		if err := e.Seed([]byte(seed), nil); err != nil {
			t.Fatal(err)
		}
	}
	e.SeedMsiExeProduct(productID, []string{"en-us", "de-de"})
	return &client{t: t, e: e, header: http.Header{
		"Authorization":       {"Bearer " + e.Token()},
		"X-Seller-Account-Id": {"12345"},
		"Content-Type":        {"application/json"},
	}}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (c *client) do(method, path, body string) answer {
	c.t.Helper()
	return c.send(method, base+path, c.header, body)
}

func (c *client) send(method, url string, header http.Header, body string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = header.Clone()
	response, err := c.e.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, url, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(raw)}
}

// ok sends a request that must succeed and gives its responseData.
func (c *client) ok(method, path, body string) map[string]any {
	c.t.Helper()
	a := c.do(method, path, body)
	var envelope struct {
		IsSuccess    bool
		ResponseData map[string]any
	}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || a.status != 200 || !envelope.IsSuccess {
		c.t.Fatalf("%s %s %s: %d %s", method, path, body, a.status, a.body)
	}
	return envelope.ResponseData
}

// fails sends a request that must be refused with HTTP status 200 and gives
// the errors as lines "code target: message".
func (c *client) fails(method, path, body string) string {
	c.t.Helper()
	a := c.do(method, path, body)
	var envelope struct {
		IsSuccess bool
		Errors    []struct{ Code, Message, Target string }
	}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || a.status != 200 || envelope.IsSuccess {
		c.t.Fatalf("%s %s %s: want isSuccess false, got %d %s", method, path, body, a.status, a.body)
	}
	var lines []string
	for _, e := range envelope.Errors {
		lines = append(lines, e.Code+" "+e.Target+": "+e.Message)
	}
	return strings.Join(lines, "\n")
}

// upload creates one asset, uploads content and gives its id and URL.
func (c *client) upload(language, kind string, content []byte) (id, url string) {
	c.t.Helper()
	data := c.ok("POST", product+"/listings/assets/create", fmt.Sprintf(`{"language":%q,"createAssetRequest":{%q:1}}`, language, kind))
	list := "screenshots"
	if kind == "Logo" {
		list = "storeLogos"
	}
	item := data["listingAssets"].(map[string]any)[list].([]any)[0].(map[string]any)
	id, url = item["id"].(string), item["primaryAssetUploadUrl"].(string)
	a := c.send("PUT", url, http.Header{"Content-Type": {"image/png"}, "X-Ms-Blob-Type": {"BlockBlob"}}, string(content))
	if a.status != http.StatusCreated {
		c.t.Fatalf("upload: %d %s", a.status, a.body)
	}
	return id, url
}

// picture is a PNG of one color.
func picture(t testing.TB, width, height int, shade uint8) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Gray{shade}})); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// field digs a value out of decoded JSON: names and indexes apart by dots.
func field(t *testing.T, value any, path string) any {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(v) {
				t.Fatalf("no %s of %s in %v", name, path, value)
			}
			value = v[i]
		default:
			t.Fatalf("no %s of %s in %v", name, path, value)
		}
	}
	return value
}
