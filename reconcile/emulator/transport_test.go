package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

// TestFaults: each action hits the requests it should, and only them.
func TestFaults(t *testing.T) {
	request := func(c *client, method, path, body string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header.Clone()
		return (&http.Client{Transport: c.e}).Do(r)
	}
	set := func(c *client, script string) {
		t.Helper()
		if err := c.e.SetFaults([]byte(script)); err != nil {
			t.Fatal(err)
		}
	}
	languages := func(c *client) int {
		return len(c.ok("GET", product+"/metadata/listings", "")["listings"].([]any))
	}

	t.Run("status", func(t *testing.T) {
		c := start(t, emulator.Options{}, "")
		set(c, `[{"match":"^GET .*/status$","nth":2,"times":2,"action":"status","status":429,"retryAfter":7},
			{"match":"/submit$","action":"status","status":503,"body":"busy"},{"match":"^PUT /listingassets/","times":-1,"action":"status","status":503}]`)
		for i, want := range []int{200, 429, 429, 200} {
			a := c.do("GET", product+"/status", "")
			if a.status != want {
				t.Errorf("request %d: %d", i+1, a.status)
			}
			if want == 429 {
				diff(t, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 7 seconds."}`, a.body)
				diff(t, "7", a.header.Get("Retry-After"))
			}
		}
		diff(t, "busy", c.do("POST", product+"/submit", "").body)
		if a := c.send("PUT", c.place(), http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, "x"); a.status != 503 || a.header.Get("x-ms-error-code") != "ServerBusy" {
			t.Errorf("blob: %d %s", a.status, a.body)
		}
		set(c, "")
		diff(t, 200, c.do("POST", product+"/submit", "").status)
	})

	t.Run("drop", func(t *testing.T) {
		c := start(t, emulator.Options{}, "")
		set(c, `[{"match":"^PATCH","action":"drop-before"},{"match":"^PATCH","nth":2,"action":"drop-after"}]`)
		for i, want := range []int{2, 3} {
			_, err := request(c, "PATCH", product+"/metadata", `{"listingsToAdd":["fr-fr"]}`)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("request %d: %v", i+1, err)
			}
			diff(t, want, languages(c))
		}
	})

	t.Run("expire token", func(t *testing.T) {
		c := start(t, emulator.Options{}, "")
		set(c, `[{"match":"/status$","nth":2,"action":"expire-token"}]`)
		for _, want := range []int{200, 401, 401} {
			diff(t, want, c.do("GET", product+"/status", "").status)
		}
		c.header.Set("Authorization", "Bearer "+c.e.Token())
		diff(t, 200, c.do("GET", product+"/status", "").status)
	})

	t.Run("bad script", func(t *testing.T) {
		c := start(t, emulator.Options{}, "")
		for _, test := range []struct{ script, want string }{
			{`[{"match":"(","action":"drop-after"}]`, "read faults: entry 1: match: error parsing regexp: missing closing ): `(`"},
			{`[{"match":"a","action":"explode"}]`, `read faults: entry 1: action "explode": use status, drop-before, drop-after, delay or expire-token`},
			{`[{"match":"a","action":"status"}]`, "read faults: entry 1: status 0: give an error status from 400 to 599"},
			{`[{"match":"a","action":"delay","delay":"x"}]`, `read faults: entry 1: delay "x": give a duration like 1.5s`},
			{`[] []`, "read faults: there is more after the JSON value"},
			{`[{"macht":"a"}]`, `read faults: json: unknown field "macht"`},
		} {
			if err := c.e.SetFaults([]byte(test.script)); err == nil || err.Error() != test.want {
				t.Errorf("%s: %v", test.script, err)
			}
		}
	})
}

// TestTimeInBubble: latency, delays and the pace follow a test's virtual time.
func TestTimeInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{Latency: 2 * time.Second}, `{"pace":{"certification":"3h"}}`)
		if err := c.e.SetFaults([]byte(`[{"match":"/submit$","action":"delay","delay":"1m"}]`)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		c.ok("POST", product+"/submit", "")
		diff(t, 62*time.Second, time.Since(begun))
		time.Sleep(3 * time.Hour)
		diff(t, `{"responseData":{"isReady":true},"isSuccess":true}`, c.do("GET", product+"/status", "").body)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", base+product+"/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.e.Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a request that ends early: %v", err)
		}
	})
}

// TestHeaderSpelling: azblob sets header names in lower case, past net/http's
// own spelling.
func TestHeaderSpelling(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	if a := c.send("PUT", c.place(), http.Header{"x-ms-blob-type": {"BlockBlob"}}, "x"); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestLengthOfUploads: a socket would not let these pass either.
func TestLengthOfUploads(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	for _, test := range []struct {
		length int64
		want   string
	}{{0, "411 MissingContentLengthHeader"}, {3, "unexpected EOF"}, {5, "201 "}} {
		body := io.MultiReader(strings.NewReader("bytes")) // of no type whose length is known
		r, err := http.NewRequestWithContext(t.Context(), "PUT", c.place(), body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("x-ms-blob-type", "BlockBlob")
		r.ContentLength = test.length
		got := "unexpected EOF"
		if response, err := c.e.Do(r); err == nil {
			got = strconv.Itoa(response.StatusCode) + " " + response.Header.Get("x-ms-error-code")
		} else if !errors.Is(err, io.ErrUnexpectedEOF) {
			got = err.Error()
		}
		diff(t, test.want, got)
	}
}

// TestServer: the same over a socket, where a dropped connection is a broken one.
func TestServer(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	server := httptest.NewServer(c.e)
	defer server.Close()
	get := func(url string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header.Clone()
		if strings.Contains(url, "listingassets") {
			r.Header.Del("Authorization")
		}
		return server.Client().Do(r)
	}
	response, err := get(server.URL + product + "/listings/assets")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(body), `"assetUrl":"`)
	link, _, _ := strings.Cut(rest, `"`)
	if !strings.HasPrefix(link, server.URL) {
		t.Fatalf("assetUrl %s is not on %s", link, server.URL)
	}
	response, err = get(link)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("read asset: %v %v", response, err)
	}
	response.Body.Close()
	if err := c.e.SetFaults([]byte(`[{"match":"/status$","times":-1,"action":"drop-after"}]`)); err != nil {
		t.Fatal(err)
	}
	if _, err := get(server.URL + product + "/status"); err == nil {
		t.Error("a dropped connection gave an answer")
	}
}

// TestRequests: the log tells methods, paths and bodies, and no secret.
func TestRequests(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	link := c.place()
	c.e.ForgetRequests()
	c.send("POST", base+"/contoso/oauth2/v2.0/token", nil, "client_secret=hush")
	c.ok("PATCH", product+"/metadata", `{"listingsToAdd":[]}`)
	c.send("PUT", link, http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, "bytes")
	c.do("GET", "/v1.0/my/applications", "")
	got := c.e.Requests()
	for i := range got {
		if strings.Contains(got[i].Query, "sig=") {
			t.Errorf("query %s", got[i].Query)
		}
		got[i].Query = ""
	}
	diff(t, []emulator.Request{
		{Method: "POST", Path: "/contoso/oauth2/v2.0/token", Status: 400, Kind: "token"},
		{Method: "PATCH", Path: product + "/metadata", Status: 200, Body: []byte(`{"listingsToAdd":[]}`), Kind: "msiexe"},
		{Method: "PUT", Path: strings.TrimPrefix(link[:strings.Index(link, "?")], base), Status: 201, Kind: "blob"},
		{Method: "GET", Path: "/v1.0/my/applications", Status: 200, Kind: "msix"},
	}, got)
}

// TestFolder: a later emulator goes on where an earlier one stopped, and two on
// one folder see each other's changes.
func TestFolder(t *testing.T) {
	clock := newClock()
	options := emulator.Options{Folder: t.TempDir(), Now: clock.Now}
	one := start(t, options, `{"pace":{"certification":"1h"},"behavior":{"refusePackageUrls":["bad"]}}`)
	two := start(t, options, "")
	one.ok("POST", product+"/submit", "")
	if got := two.fails("POST", product+"/submit", ""); !strings.Contains(got, "One Active Submission") {
		t.Errorf("the other emulator: %s", got)
	}
	clock.advance(time.Hour)
	three := start(t, options, "")
	diff(t, `{"responseData":{"isReady":true},"isSuccess":true}`, three.do("GET", product+"/status", "").body)
	three.header.Set("Authorization", one.header.Get("Authorization"))
	diff(t, 200, three.do("GET", product+"/status", "").status)
	link := field(t, three.ok("GET", product+"/listings/assets", ""), "listingAssets.0.screenshots.0.assetUrl").(string)
	diff(t, 200, two.send("GET", link, nil, "").status)

	for _, broken := range []string{"{", `{"version":99}`} {
		if err := os.WriteFile(options.Folder+"/state.json", []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := emulator.New(options); err == nil || !strings.Contains(err.Error(), "remove the folder to start afresh") {
			t.Errorf("state %s: %v", broken, err)
		}
	}
}

// TestConcurrent: many clients of two emulators on one folder lose nothing.
func TestConcurrent(t *testing.T) {
	options := emulator.Options{Folder: t.TempDir()}
	clients := []*client{start(t, options, ""), start(t, options, "")}
	tags := []string{"fr-fr", "ja-jp", "it-it", "es-es", "sv-se", "pl-pl", "cs-cz", "el-gr"}
	var group sync.WaitGroup
	for i, tag := range tags {
		group.Go(func() {
			body := strings.NewReader(`{"listingsToAdd":["` + tag + `"]}`)
			r, err := http.NewRequestWithContext(t.Context(), "PATCH", base+product+"/metadata", body)
			if err != nil {
				t.Error(err)
				return
			}
			c := clients[i%2]
			r.Header = c.header.Clone()
			response, err := c.e.Do(r)
			if err != nil || response.StatusCode != 200 {
				t.Errorf("%v %v", response, err)
			}
		})
	}
	group.Wait()
	diff(t, 2+len(tags), len(clients[0].ok("GET", product+"/metadata/listings", "")["listings"].([]any)))
}

// TestSeedFiles: images come from files, and what is wrong is said.
func TestSeedFiles(t *testing.T) {
	shot := picture(t, 1920, 1080, 9)
	files := fstest.MapFS{"images/1.png": {Data: shot}, "images/text.png": {Data: []byte("text")}}
	seed := func(fields string) error {
		e, err := emulator.New(emulator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return e.Seed([]byte(`{"msiExe":[{"productId":"`+productID+`",`+fields+`}]}`), files)
	}
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	document := []byte(`{"msiExe":[{"productId":"` + productID + `","listings":[{"language":"en-us","logos":[],"screenshots":["images/1.png"]}]}]}`)
	for range 2 { // the second time the product is there already
		if err := e.Seed(document, files); err != nil {
			t.Fatal(err)
		}
	}
	diff(t, false, e.SeedMsiExeProduct(strings.ToUpper(productID), nil))
	c := &client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}, "X-Seller-Account-Id": {"1"}}}
	data := c.ok("GET", product+"/listings/assets", "")
	diff(t, any(1920.0), field(t, data, "listingAssets.0.screenshots.0.imageSize.width"))
	diff(t, any([]any{}), field(t, data, "listingAssets.0.storeLogos"))
	link := field(t, data, "listingAssets.0.screenshots.0.assetUrl").(string)
	if !bytes.Equal(shot, []byte(c.send("GET", link, nil, "").body)) {
		t.Error("the image is not the file's")
	}

	for _, test := range []struct{ fields, want string }{
		{`"listings":[{"language":"en-us","logos":["images/none.png"]}]`, "read seed: product " + productID + ": listing en-us: read image: open images/none.png: file does not exist"},
		{`"listings":[{"language":"en-us","screenshots":["images/text.png"]}]`, "read seed: product " + productID + ": listing en-us: image images/text.png: the image is not a PNG file"},
		{`"listings":[{}]`, "read seed: product " + productID + ": listings[0]: language is required, and fields have the API's types"},
		{`"languages":["tlh"]`, "read seed: product " + productID + `: listings: "tlh" is not a supported listing language`},
		{`"availability":{"pricing":"GRATIS"}`, "read seed: product " + productID + `: availability.pricing: "GRATIS" is not allowed; use one of FREE, FREEMIUM, SUBSCRIPTION, PAID.`},
		{`"submission":"DONE"`, "read seed: product " + productID + `: submission: "DONE" is not PUBLISHED, INPROGRESS, FAILED or NONE`},
		{`"lisitngs":[]`, `read seed: json: unknown field "lisitngs"`},
	} {
		if err := seed(test.fields); err == nil || err.Error() != test.want {
			t.Errorf("%s\nwant %s\ngot  %v", test.fields, test.want, err)
		}
	}
}

// TestEditMsiExe: what a person does in the portal shows in the API.
func TestEditMsiExe(t *testing.T) {
	c := start(t, emulator.Options{}, "")
	edit := `{"availability":{"markets":["DE"]},"properties":{"productDeclarations":{"penAndInkSupport":true,"newFlag":true}},
		"listings":[{"language":"en-us","whatsNew":"By hand."},{"language":"fr-fr"}],"removeListings":["de-de"],
		"packages":[{"packageUrl":"https://dl.contoso.example/9/a.msi","languages":["en"],"architectures":["X86"],"isSilentInstall":true,"packageType":"msi"}],"submission":"INPROGRESS"}`
	if err := c.e.EditMsiExe(productID, []byte(edit), nil); err != nil {
		t.Fatal(err)
	}
	data := c.ok("GET", product+"/metadata?includelanguagelist=true", "")
	diff(t, any([]any{"DE"}), field(t, data, "availability.markets"))
	diff(t, any("DISCOVERABLE"), field(t, data, "availability.discoverability"))
	diff(t, any(true), field(t, data, "properties.productDeclarations.newFlag"))
	diff(t, any(false), field(t, data, "properties.productDeclarations.usesGenerativeAI"))
	diff(t, any("By hand."), field(t, data, "listings.0.whatsNew"))
	diff(t, any("fr-fr"), field(t, data, "listingLanguages.1.language"))
	diff(t, any("X86"), field(t, c.ok("GET", product+"/packages", ""), "packages.0.architectures.0"))
	if status := c.do("GET", product+"/status", "").body; !strings.Contains(status, "One Active Submission") {
		t.Errorf("status %s", status)
	}
	if err := c.e.EditMsiExe(productID, []byte(`{"submission":"PUBLISHED"}`), nil); err != nil {
		t.Fatal(err)
	}
	diff(t, `{"responseData":{"isReady":true},"isSuccess":true}`, c.do("GET", product+"/status", "").body)
	if err := c.e.EditMsiExe("x", []byte(`{}`), nil); err == nil || err.Error() != "edit product x: there is no such product" {
		t.Errorf("unknown product: %v", err)
	}
}
