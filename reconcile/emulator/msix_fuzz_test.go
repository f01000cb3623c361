package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile/emulator"
)

// FuzzMsixHandlers: no request to API B, and no archive, breaks the emulator,
// or is answered without the service's header.
func FuzzMsixHandlers(f *testing.F) {
	body := `{"applicationCategory":"Productivity","pricing":{"priceId":"Free"},"listings":{"en-us":{"baseListing":{"images":[{"fileName":"1.png","fileStatus":"PendingUpload","imageType":"Icon"}]},"platformOverrides":{"Windows81":{"title":"x"}}}},
		"applicationPackages":[{"id":"ID","fileName":"x","fileStatus":"PendingDelete","minimumDirectXVersion":"None","minimumSystemRam":"None"},{"fileName":"a.msixupload","fileStatus":"PendingUpload","minimumDirectXVersion":"None","minimumSystemRam":"None"}],
		"trailers":[{"videoFileName":"t.mp4","trailerAssets":{"en-us":{"title":"T","imageList":[{"fileName":"t.png"}]}}}],"gamingOptions":[{}],"x":[{"y":null}]}`
	bundle := archive(f, "AppxMetadata/AppxBundleManifest.xml", `<Bundle><Identity Name="Contoso.Notes" Publisher="CN=Contoso" Version="2.0.0.0"/><Packages><Package Type="application" FileName="a.msix"/></Packages></Bundle>`, "a.msix", msix(f, "2.0.0.0", "x64"))
	files := archive(f, "a.msixupload", archive(f, "b.msixbundle", bundle), "1.png", string(picture(f, 300, 300, 1)), "t.mp4", "", "t.png", "")
	f.Add("PUT", "", body, files)
	f.Add("PUT", "", strings.ReplaceAll(body, "null", "{}"), "PK")
	f.Add("GET", "/status", "", "")
	f.Add("POST", "/commit", "", files)
	f.Add("DELETE", "", "", "")
	f.Add("PUT", "", `{"listings":null,"pricing":[]}`, "")
	clock := newClock()
	e, err := emulator.New(emulator.Options{Now: clock.Now})
	if err != nil {
		f.Fatal(err)
	}
	seed := []byte(`{"msix":[{"appId":"` + appID + `","packageIdentityName":"Contoso.Notes"}]}`)
	f.Fuzz(func(t *testing.T, method, rest, body, content string) {
		// What an earlier input left goes: the application is made again.
		if err := e.EditMsix(appID, []byte(`{"discardPending":true,"submission":{},"unchecked":true}`)); err != nil {
			if err := e.Seed(seed, nil); err != nil {
				t.Fatal(err)
			}
		}
		e.ForgetRequests()
		c := msixClient{&client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}}}, clock}
		path, document := c.create()
		id := field(t, document, "applicationPackages.0.id").(string)
		if r, err := http.NewRequestWithContext(t.Context(), method, base+path+rest, nil); err == nil && r.URL.Host == "store.contoso.example" {
			a := c.do(method, path+rest, strings.ReplaceAll(body, "ID", id))
			if strings.HasPrefix(r.URL.Path, "/v1.0/") && a.header.Get("MS-CorrelationId") == "" || a.status == 500 {
				t.Errorf("%s %s: %d %v", method, rest, a.status, a.header)
			}
		}
		a := c.send("PUT", strings.ReplaceAll(document["fileUploadUrl"].(string), "+", "%2B"), http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}, content)
		_ = a.status // a deleted draft's URL stays good until it ends
		c.do("POST", path+"/commit", "")
		clock.advance(time.Minute)
		a = c.do("GET", app, "")
		if a.status != http.StatusOK {
			t.Errorf("the application: %d %s", a.status, a.body)
		}
		if status := c.do("GET", path, "").status; status != http.StatusOK && status != http.StatusNotFound {
			t.Errorf("the submission: %d", status)
		}
		if c.e.State() == nil {
			t.Error("the state cannot be shown")
		}
	})
}
