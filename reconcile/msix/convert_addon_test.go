package msix

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// stateLines are a state as "path value", sorted; "?" marks an unknown value, "!"
// an exact one.
func stateLines(state plan.State) []string {
	var lines []string
	for _, path := range slices.Sorted(maps.Keys(state)) {
		value, marks := state[path], ""
		if value.Unknown {
			marks = "?"
		}
		if value.Exact {
			marks += "!"
		}
		lines = append(lines, string(path)+" "+string(value.JSON)+marks)
	}
	return lines
}

func TestAddOnState(t *testing.T) {
	state, err := addOnState(parsed(t, oddAddOn()), themes(schema.AddOn{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`contentType "OnlineDownload"`, `keywords ["theme","dark"]`, `lifetime "Forever"`,
		`listings.En-US.description "More themes.\nDark ones."`, `listings.En-US.icon [{"digest":"sha256:` + hash("plain") + `","id":"Assets/en-us/icon/` + hash("plain") + `.png"}]`, `listings.En-US.title "Themes"`,
		`listings.de-de.description "Mehr Designs."`, `listings.de-de.icon [{"digest":"","id":"alt.png"}]?`, `listings.de-de.otherFields {"xListing":1}`, `listings.de-de.title "Designs"`,
		`listings.fr-fr.description "Des thèmes."`, `listings.fr-fr.title "Thèmes"`,
		`otherFields {"pricing":{"xPricing":1},"xTop":{"share":1.50}}`,
		`pricing.marketSpecificPricings.AQ "TierFromTheFuture"!`, `pricing.marketSpecificPricings.CN "NotAvailable"!`, `pricing.marketSpecificPricings.JP "Tier1013"!`, `pricing.marketSpecificPricings.LB "NotAvailable"!`,
		`pricing.priceId "Tier1012"!`, `tag "<levels/>"`, `targetPublishMode "Immediate"`, `visibility "Public"!`,
	}
	if diff := cmp.Diff(want, stateLines(state)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestAddOnStateOfOddAnswers(t *testing.T) {
	const path = "listings.de-de.icon"
	contents := map[string]string{"alt.png": hash("old"), "77": hash("numbered")}
	digest := func(name, id string) string { return `[{"digest":"sha256:` + hash(name) + `","id":"` + id + `"}]` }
	cases := []struct{ reason, pointer, value, path, want string }{
		{"the record knows an icon by its name", "/listings/de-de/icon/fileStatus", `"Uploaded"`, path, digest("old", "alt.png")},
		{"or by an id, if there is one", "/listings/de-de/icon/id", `77`, path, digest("numbered", "77")},
		{"no icon", "/listings/de-de/icon", `null`, path, ""},
		{"an icon without a file", "/listings/de-de/icon", `{"fileName":null,"fileStatus":"None"}`, path, ""},
		{"an icon that goes is none", "/listings/de-de/icon/fileStatus", `"PendingDelete"`, path, ""},
		{"a day is compared in one form", "/targetPublishMode", `"SpecificDate"`, "targetPublishDate", ""},
		{"no keywords", "/keywords", `null`, "keywords", ""},
		{"what an app has and an add-on has not is kept", "/xNew", `[1]`, "otherFields", `{"pricing":{"xPricing":1},"xNew":[1],"xTop":{"share":1.50}}`},
		{"sales are the service's", "/pricing/sales", `[{"name":"Sale1"}]`, "otherFields", `{"pricing":{"xPricing":1},"xTop":{"share":1.50}}`},
	}
	for _, c := range cases {
		state, err := addOnState(parsed(t, with(t, oddAddOn(), map[string]string{c.pointer: c.value})), themes(schema.AddOn{}), contents)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(state[plan.Path(c.path)].JSON); got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.reason, c.path, got, c.want)
		}
	}
	for pointer, value := range map[string]string{"/keywords": `"theme"`, "/contentType": `7`, "/listings/de-de/title": `["T"]`, "/listings/de-de/icon": `"alt.png"`} {
		_, err := addOnState(parsed(t, with(t, oddAddOn(), map[string]string{pointer: value})), themes(schema.AddOn{}), nil)
		if err == nil || !strings.Contains(err.Error(), pointer+" of the Store's answer is not what the API page describes") {
			t.Errorf("%s %s: %v", pointer, value, err)
		}
	}
}

// Every member of the documented submission is a path of its own: nothing that
// a manifest can write hides among the otherFields.
func TestAddOnStateLeavesNothingDocumentedOut(t *testing.T) {
	documented := map[string]json.RawMessage{}
	if err := json.Unmarshal(json.RawMessage(oddAddOn()), &documented); err != nil {
		t.Fatal(err)
	}
	delete(documented, "xTop")
	doc := parsed(t, string(encode(documented)))
	doc.remove("/pricing/xPricing")
	doc.remove("/listings/de-de/xListing")
	state, err := addOnState(doc, themes(schema.AddOn{}), nil)
	if err != nil {
		t.Fatal(err)
	}
	for path := range state {
		if strings.HasSuffix(string(path), fieldOther) {
			t.Errorf("%s: %s", path, state[path].JSON)
		}
	}
}
