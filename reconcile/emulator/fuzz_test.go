package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// FuzzHandler: no request makes the emulator panic, answer broken JSON where
// JSON is promised, or leave a draft that cannot be read.
func FuzzHandler(f *testing.F) {
	for _, seed := range [][3]string{
		{"PATCH", product + "/metadata", `{"listings":{"language":"en-us","whatsNew":"W"},"listingsToAdd":["fr-fr"]}`},
		{"PUT", product + "/metadata", `{"properties":{"systemRequirementDetails":[{}],"productDeclarations":[]},"availability":{"markets":null}}`},
		{"PUT", product + "/packages", `{"packages":[{"packageUrl":"https://a/b","errorDetails":[{}]},null,1]}`},
		{"PATCH", product + "/packages/1", `{}`},
		{"POST", product + "/packages/commit", ``},
		{"POST", product + "/listings/assets/create", `{"language":"en-us","createAssetRequest":{"Screenshot":1,"Logo":2}}`},
		{"PUT", product + "/listings/assets/commit", `{"listingAssets":{"language":"en-us","screenshots":[{"id":"a","assetUrl":"%"}]}}`},
		{"GET", product + "/metadata/listings?languages=,,en&includelanguagelist=x", ``},
		{"POST", product + "/submit", ``},
		{"POST", "/t/oauth2/v2.0/token", `grant_type=client_credentials&client_id=a&client_secret=b&scope=+`},
		{"PUT", "/listingassets/a?comp=blocklist&sig=a", `<BlockList><Latest/></BlockList>`},
		{"GET", "//", ``},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		f.Fatal(err)
	}
	e.SeedMsiExeProduct(productID, nil)
	header := http.Header{"Authorization": {"Bearer " + e.Token()}, "X-Seller-Account-Id": {"1"}}
	send := func(t *testing.T, method, path, body string, header http.Header) (int, string, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
		if err != nil {
			t.Skip("no request")
		}
		r.Header = header.Clone()
		response, err := e.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header.Get("Content-Type"), string(raw)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		status, kind, answer := send(t, method, path, body, header)
		if method != http.MethodHead && strings.HasPrefix(kind, "application/json") && !json.Valid([]byte(answer)) {
			t.Errorf("%s %s answered no JSON: %s", method, path, answer)
		}
		if status >= 500 {
			t.Errorf("%s %s %s: %d %s", method, path, body, status, answer)
		}
		e.Settle()
		e.ForgetRequests()
		if status, _, answer := send(t, "GET", product+"/metadata", "", header); status != 200 || !json.Valid([]byte(answer)) {
			t.Errorf("the draft after %s %s %s: %d %s", method, path, body, status, answer)
		}
	})
}
