package emulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// rows reads a list to its end and gives what identifies each row, and the
// number of requests.
func (c msixClient) rows(link, name string, total int) (ids []string, requests int) {
	c.t.Helper()
	seen := map[string]bool{}
	for link != "" {
		if requests++; requests > total {
			c.t.Fatalf("%s: pages without end", link)
		}
		page := c.get("/v1.0/my/" + link)
		diff(c.t, any(float64(total)), page["totalCount"])
		for _, entry := range page["value"].([]any) {
			id := field(c.t, entry, name).(string)
			if seen[id] {
				c.t.Errorf("%s: %s twice", link, id)
			}
			seen[id] = true
			ids = append(ids, id)
		}
		link, _ = page["@nextLink"].(string)
	}
	return ids, requests
}

// TestProductPages: 150 applications, 150 flights of one and 450 add-ons, page
// by page.
func TestProductPages(t *testing.T) {
	c := startMsix(t, "", "")
	var seed strings.Builder
	for i := range 150 {
		fmt.Fprintf(&seed, `,{"friendlyName":"Flight %d","groupIds":["1"]}`, i)
	}
	document := `{"flights":[` + seed.String()[1:] + `],"addOns":[`
	seed.Reset()
	for i := range 300 {
		fmt.Fprintf(&seed, `,{"productId":"add-on-%d"}`, i)
	}
	if err := c.e.EditMsix(appID, []byte(document+seed.String()[1:]+`]}`)); err != nil {
		t.Fatal(err)
	}
	for i := range 149 {
		more := fmt.Sprintf(`{"msix":[{"appId":"9NBLGGH%05d","addOns":[{"productId":"add-on"}]}]}`, i)
		if err := c.e.Seed([]byte(more), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.e.EditMsix("9NBLGGH00000", []byte(`{"addOns":[{"productId":"second"}]}`)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		list, name string
		total      int
		page       int // without top; 0: all
	}{
		{"applications", "id", 150, 10},
		{"applications/" + appID + "/listflights", "flightId", 150, 10},
		{"applications/" + appID + "/listinappproducts", "inAppProductId", 300, 10},
		{"inappproducts", "id", 450, 0},
	} {
		for _, top := range []int{0, 7, 100, 149, 1000} {
			link, size := test.list, top
			switch {
			case top > 0:
				link = fmt.Sprintf("%s?top=%d", test.list, top)
			case test.page > 0:
				size = test.page
			default:
				size = test.total
			}
			ids, requests := c.rows(link, test.name, test.total)
			diff(t, test.total, len(ids))
			diff(t, (test.total+size-1)/size, requests)
		}
		diff(t, `{"value":[],"totalCount":`+fmt.Sprint(test.total)+`}`, c.do("GET", "/v1.0/my/"+test.list+"?skip=900&top=3", "").body)
		page := c.get("/v1.0/my/" + test.list + "?skip=3&top=2")
		diff(t, any(test.list+"?skip=5&top=2"), page["@nextLink"])
		for _, query := range []string{"top=0", "top=x", "skip=-1", "top=-5", "skip=1.5"} {
			diff(t, "400 InvalidParameterValue top: The values of top and skip must be positive numbers.", c.refused("GET", "/v1.0/my/"+test.list+"?"+query, ""))
		}
	}
	diff(t, 447, len(c.get(addOns + "?skip=3")["value"].([]any)))
}

// TestProductsFolder: a later emulator has the add-ons, flights and rollouts of
// an earlier one.
func TestProductsFolder(t *testing.T) {
	clock := newClock()
	options := emulator.Options{Folder: t.TempDir(), Now: clock.Now}
	open := func() msixClient {
		e, err := emulator.New(options)
		if err != nil {
			t.Fatal(err)
		}
		return msixClient{&client{t: t, e: e, header: http.Header{"Authorization": {"Bearer " + e.Token()}}}, clock}
	}
	one := open()
	seed := `{"behavior":{"msix":{"rankAsGuid":true}},"account":{"flightGroups":["1"]},"msix":[{"appId":"` + appID + `","packageIdentityName":"Contoso.Notes","rollout":{"percentage":25},
		"addOns":[{"id":"` + addOnID + `","productId":"a","outcomes":["PublishFailed"]}],"flights":[{"flightId":"` + flightID + `","friendlyName":"Beta"},{"friendlyName":"Top"}]}]}`
	if err := one.e.Seed([]byte(seed), nil); err != nil {
		t.Fatal(err)
	}
	path, _ := one.draft(addOn)
	flightPath, _ := one.draft(flight)
	links := []string{addOn, path, flightPath, flights + "/x", app + "/listflights", app + "/listinappproducts", addOns}
	var before []string
	for _, link := range links {
		before = append(before, one.do("GET", link, "").body)
	}
	two := open()
	for i, link := range links {
		diff(t, before[i], two.do("GET", link, "").body)
	}
	diff(t, "Published", two.commit(flightPath))
	diff(t, "PublishFailed\nServiceError: The submission could not be published.", two.commit(path))
	diff(t, 409, two.do("POST", app+"/submissions", "").status)
	diff(t, 400, two.do("POST", flights, `{"groupIds":["2"]}`).status)
	if state := string(two.e.State()); !strings.Contains(state, `"msixAddOns":[{"id":"`+addOnID+`"`) || !strings.Contains(state, `"flights":[{"flightId":"`+flightID+`"`) {
		t.Errorf("the state lacks them: %s", state)
	}
}

// TestProductsSeed: what a seed, or a person, makes and takes away.
func TestProductsSeed(t *testing.T) {
	c := startFlight(t, "", "")
	edit := func(document string) error { return c.e.EditMsix(appID, []byte(document)) }
	if err := edit(`{"flights":[{"friendlyName":"Low","rankHigherThan":"Non-flighted submission"},{"friendlyName":"Top","groupIds":["2"],"submission":{"notesForCertification":"N"}}],
		"addOns":[{"productId":"a","productType":"Subscription","languages":["fr-fr"],"submission":{"tag":"T","listings":{"en":{"title":"E","icon":{"fileName":"i.png"}}},"pricing":{"priceId":"Tier9"}}}]}`); err != nil {
		t.Fatal(err)
	}
	diff(t, "Low > Non-flighted submission, Beta > Low, Top > Beta", c.ranks())
	list := c.get(addOns)
	diff(t, any("Subscription"), field(t, list, "value.0.productType"))
	live := c.get("/v1.0/my/" + field(t, list, "value.0.lastPublishedInAppProductSubmission.resourceLocation").(string))
	diff(t, `T Tier9 {"en":{"icon":{"fileName":"i.png","fileStatus":"Uploaded"},"title":"E"},"fr-fr":{"description":"Contoso add-on, as it was first submitted by hand.","title":"a"}}`,
		strings.Replace(fmt.Sprint(live["tag"], " ", field(t, live, "pricing.priceId"), " ", text(t, live["listings"])), `"description":"Contoso add-on, as it was first submitted by hand.","icon"`, `"icon"`, 1))

	// The same again changes them, and nothing is made twice.
	if err := edit(`{"flights":[{"flightId":"` + flightID + `","friendlyName":"Gamma","groupIds":["3"],"rankHigherThan":"Top"}],"addOns":[{"productId":"A","submission":{"visibility":"Hidden"}}]}`); err != nil {
		t.Fatal(err)
	}
	diff(t, "Low > Non-flighted submission, Top > Low, Gamma > Top", c.ranks())
	diff(t, any([]any{"3"}), c.get(flight)["groupIds"])
	list = c.get(addOns)
	diff(t, any(1.0), list["totalCount"])
	live = c.get("/v1.0/my/" + field(t, list, "value.0.lastPublishedInAppProductSubmission.resourceLocation").(string))
	diff(t, "Hidden T", fmt.Sprint(live["visibility"], " ", live["tag"]))

	// A seed leaves alone what is there.
	if err := c.e.Seed([]byte(`{"msix":[{"appId":"`+appID+`","name":"x","addOns":[{"productId":"a","submission":{"tag":"x"}},{"id":"`+addOnID+`","productId":"b"}],"flights":[{"friendlyName":"Gamma","groupIds":["9"]},{"friendlyName":"More"}]}]}`), nil); err != nil {
		t.Fatal(err)
	}
	diff(t, any("Contoso Notes"), c.get(app)["primaryName"])
	diff(t, "Low > Non-flighted submission, Top > Low, Gamma > Top, More > Gamma", c.ranks())
	diff(t, any([]any{"3"}), c.get(flight)["groupIds"])
	diff(t, any("b"), c.get(addOn)["productId"])

	if err := edit(`{"flights":[{"friendlyName":"Low","remove":true}],"addOns":[{"id":"` + addOnID + `","remove":true}]}`); err != nil {
		t.Fatal(err)
	}
	diff(t, "Top > Non-flighted submission, Gamma > Top, More > Gamma", c.ranks())
	diff(t, 404, c.do("GET", addOn, "").status)

	if err := c.e.EditMsix(appID, []byte(`{"flights":[{"flightId":"00000000-0000-4000-8000-000000000001","friendlyName":"Top"}]}`)); err != nil {
		t.Fatal(err) // two with one name
	}
	before := c.ranks()
	for document, want := range map[string]string{
		`{"addOns":[{"productId":"a?"}]}`:                                           `add-on a?: The value of productId is not valid: it must not have any of <>*%&:\?+,.`,
		`{"addOns":[{"productId":"c","submission":{"lifetime":"x"}}]}`:              `add-on c: The value of lifetime is not valid; it must be one of Forever, `,
		`{"addOns":[{"productId":"c","outcomes":["FAILED"]}]}`:                      `add-on c: outcomes: "FAILED" is not Published, `,
		`{"addOns":[{"productId":"c","pending":{"status":"x"}}]}`:                   `add-on c: pending.status: "x" is not a status`,
		`{"addOns":[{"productId":"c","remove":true}]}`:                              `add-on c: there is no such add-on`,
		`{"flights":[{"friendlyName":"c","remove":true}]}`:                          `flight c: there is no such flight`,
		`{"flights":[{"friendlyName":"Top"}]}`:                                      `flight Top: several have that name: give its flightId`,
		`{"flights":[{"friendlyName":"c","rankHigherThan":"Low"}]}`:                 `flight c: rankHigherThan: there is no flight "Low"`,
		`{"flights":[{"friendlyName":"Gamma","rankHigherThan":"Top"}]}`:             `flight Gamma: rankHigherThan: 2 flights have the friendly name "Top"`,
		`{"flights":[{"friendlyName":"c","submission":{"targetPublishMode":"x"}}]}`: `flight c: The value of targetPublishMode is not valid; it must be one of Immediate, `,
		`{"flights":[{"friendlyName":"c","languages":["en"]}]}`:                     `json: unknown field "languages"`,
	} {
		if err := edit(document); err == nil || !strings.HasPrefix(err.Error(), "edit application "+appID+": "+want) {
			t.Errorf("%s\nwant %s\ngot  %v", document, want, err)
		}
	}
	diff(t, before, c.ranks())
	diff(t, any(1.0), c.get(addOns)["totalCount"])
	if err := edit(`{"addOns":[{"productId":"c?","submission":{"lifetime":"x"},"unchecked":true}]}`); err != nil {
		t.Error(err)
	}
	c.e.SeedMsixApp("9NC0NT0S0N09", nil)
	if err := c.e.EditMsix("9NC0NT0S0N09", []byte(`{"addOns":[{"id":"`+c.get(addOns)["value"].([]any)[0].(map[string]any)["id"].(string)+`"}]}`)); err == nil || !strings.HasSuffix(err.Error(), "it belongs to application "+appID) {
		t.Errorf("an add-on of two applications: %v", err)
	}
	if err := edit(`{"addOns":[{"id":"9NC0NT0S0N11"}]}`); err != nil {
		t.Error(err)
	}
	diff(t, any("9NC0NT0S0N11"), c.get(addOns + "/9NC0NT0S0N11")["productId"])
	// A seed that fails leaves no application behind.
	if err := c.e.Seed([]byte(`{"msix":[{"appId":"9NC0NT0S0N10","addOns":[{"productId":"ok"},{"productId":""}]}]}`), nil); err == nil {
		t.Error("an add-on without productId")
	}
	diff(t, 404, c.do("GET", "/v1.0/my/applications/9NC0NT0S0N10", "").status)
}

// TestProductsDeleted: what was uploaded for a product goes with it.
func TestProductsDeleted(t *testing.T) {
	c := startMsix(t, "", `,"flights":[{"flightId":"`+flightID+`","friendlyName":"Beta"}],"addOns":[{"id":"`+addOnID+`","productId":"a"}]`)
	for _, product := range []string{addOn, flight} {
		_, document := c.draft(product)
		c.uploadArchive(document, "archive")
		if !strings.Contains(string(c.e.State()), `"/storesync/ingestion/`) {
			t.Error("no upload to lose")
		}
		diff(t, 204, c.do("DELETE", product, "").status)
		if strings.Contains(string(c.e.State()), `"/storesync/ingestion/`) {
			t.Errorf("%s: the upload stays", product)
		}
	}
}

// TestProductsFaults: faults and the request log know the new paths.
func TestProductsFaults(t *testing.T) {
	c := startFlight(t, "", "")
	if err := c.e.SetFaults([]byte(`[{"match":"POST .*/flights$","action":"drop-after"},{"match":"POST .*/inappproducts$","action":"status","status":503},{"match":"POST .*/haltpackagerollout$","action":"drop-before"}]`)); err != nil {
		t.Fatal(err)
	}
	send := func(path, body string) error {
		r, err := http.NewRequestWithContext(t.Context(), "POST", base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header.Clone()
		response, err := c.e.Do(r)
		if err == nil {
			response.Body.Close()
		}
		return err
	}
	if send(flights, `{"friendlyName":"New"}`) == nil {
		t.Error("the answer came")
	}
	diff(t, "Beta > Non-flighted submission, New > Beta", c.ranks())
	diff(t, "503 UnknownInternalFailure : The service cannot answer now. Try again later.", c.refused("POST", addOns, `{}`))
	path := c.rolledOut(app)
	if send(path+"/haltpackagerollout", "") == nil {
		t.Error("the answer came")
	}
	diff(t, "true 25 InProgress", c.rollout(c.get(path+"/packagerollout")))
	diff(t, 200, c.do("POST", path+"/haltpackagerollout", "").status)
	last := c.e.Requests()[len(c.e.Requests())-1]
	diff(t, "POST "+path+"/haltpackagerollout 200 msix", fmt.Sprint(last.Method, " ", last.Path, " ", last.Status, " ", last.Kind))
}
