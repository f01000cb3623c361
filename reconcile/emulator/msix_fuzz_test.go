package emulator_test

import (
	"encoding/json"
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

// FuzzMsixProducts: no request to add-ons, flights and rollouts, whatever was
// there before, breaks the emulator or the order of ranks.
func FuzzMsixProducts(f *testing.F) {
	f.Add("POST", "inappproducts", `{"applicationIds":["`+appID+`"],"productId":"b","productType":"Durable"}`, "POST", "inappproducts/"+addOnID+"/submissions", "")
	f.Add("POST", "applications/"+appID+"/flights", `{"friendlyName":"New","groupIds":["1"],"rankHigherThan":"Beta"}`, "DELETE", "applications/"+appID+"/flights/"+flightID, "")
	f.Add("POST", "applications/"+appID+"/flights/"+flightID+"/submissions", "", "PUT", "applications/"+appID+"/flights/"+flightID+"/submissions/PENDING", `{"flightPackages":[{"fileName":"a.msix","fileStatus":"PendingUpload","minimumDirectXVersion":"None","minimumSystemRam":"None"}],"packageDeliveryOptions":{"packageRollout":{"isPackageRollout":true,"packageRolloutPercentage":1e1}}}`)
	f.Add("POST", "inappproducts/"+addOnID+"/submissions", "", "PUT", "inappproducts/"+addOnID+"/submissions/PENDING", `{"listings":{"en-us":{"title":"T","icon":{"fileName":"i.png","fileStatus":"PendingUpload"}}},"pricing":{"priceId":"Free"},"contentType":"Asp"}`)
	f.Add("POST", "applications/"+appID+"/submissions/LIVE/updatepackagerolloutpercentage?percentage=1e1", "", "POST", "applications/"+appID+"/submissions/LIVE/haltpackagerollout", "")
	f.Add("POST", "applications/"+appID+"/submissions/LIVE/finalizepackagerollout", "", "POST", "applications/"+appID+"/submissions", "")
	f.Add("GET", "applications/"+appID+"/listflights?top=1&skip=-", "[]", "GET", "inappproducts?skip=99999999999999999999", "{")
	f.Fuzz(func(t *testing.T, method1, path1, body1, method2, path2, body2 string) {
		c := startMsix(t, "", `,"rollout":{"percentage":5},"addOns":[{"id":"`+addOnID+`","productId":"extra-storage"}],
			"flights":[{"flightId":"`+flightID+`","friendlyName":"Beta"}]`)
		live := field(t, c.get(app), "lastPublishedApplicationSubmission.id").(string)
		for _, request := range [][3]string{{method1, path1, body1}, {method2, path2, body2}} {
			path := "/v1.0/my/" + strings.NewReplacer("PENDING", c.pending(), "LIVE", live).Replace(request[1])
			if r, err := http.NewRequestWithContext(t.Context(), request[0], base+path, nil); err != nil || r.URL.Host != "store.contoso.example" {
				return
			}
			if a := c.do(request[0], path, request[2]); a.status >= 500 || a.header.Get("MS-CorrelationId") == "" && strings.HasPrefix(path, "/v1.0/") {
				t.Errorf("%s %s: %d %s", request[0], path, a.status, a.body)
			}
		}
		for _, product := range []string{addOn, flight} {
			c.do("POST", product+"/submissions/"+c.pending()+"/commit", "")
		}
		c.clock.advance(time.Minute)
		rank := "Non-flighted submission"
		for _, entry := range c.get(app + "/listflights?top=100000")["value"].([]any) {
			if got := field(t, entry, "rankHigherThan"); got != rank {
				t.Errorf("rank higher than %q, want %q", got, rank)
			}
			rank = field(t, entry, "friendlyName").(string)
		}
		if c.e.State() == nil {
			t.Error("the state cannot be shown")
		}
	})
}

// pending is a pending submission of the add-on or of the flight; "0" when
// there is none.
func (c msixClient) pending() string {
	for _, product := range []string{addOn, flight} {
		var links struct{ PendingInAppProductSubmission, PendingFlightSubmission struct{ ID string } }
		if json.Unmarshal([]byte(c.do("GET", product, "").body), &links) != nil {
			continue
		}
		if id := links.PendingInAppProductSubmission.ID + links.PendingFlightSubmission.ID; id != "" {
			return id
		}
	}
	return "0"
}
