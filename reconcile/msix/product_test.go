package msix

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// insiders is a manifest of a flight of the test app.
func insiders(spec schema.PackageFlight) *schema.Manifest {
	spec.AppID = testApp
	return &schema.Manifest{Kind: schema.PackageFlightKind, Metadata: schema.Metadata{Name: "insiders"}, PackageFlight: &spec, File: "insiders.yaml"}
}

// storage is a manifest of an add-on of the test app.
func storage(spec schema.AddOn) *schema.Manifest {
	spec.AppID = testApp
	return &schema.Manifest{Kind: schema.AddOnKind, Metadata: schema.Metadata{Name: "extra-storage"}, AddOn: &spec, File: "storage.yaml"}
}

func TestProductNames(t *testing.T) {
	cases := []struct {
		name     string
		manifest *schema.Manifest
		key      string
		words    string
		create   string
		scope    string
	}{
		{"app", notes(schema.MsixApp{}), testApp, "app " + testApp, "/v1.0/my/applications/" + testApp + "/submissions?isMinimalResponse=true", testApp},
		{"flight by name", insiders(schema.PackageFlight{FriendlyName: "A/B ring"}), testApp + "/flights/A/B ring", "flight A/B ring of app " + testApp,
			"/v1.0/my/applications/" + testApp + "/flights/x%2Fy/submissions?isMinimalResponse=true", testApp},
		{"flight by id", insiders(schema.PackageFlight{ID: testFlight}), testApp + "/flights/" + testFlight, "flight " + testFlight + " of app " + testApp,
			"/v1.0/my/applications/" + testApp + "/flights/x%2Fy/submissions?isMinimalResponse=true", testApp},
		{"flight by both", insiders(schema.PackageFlight{FriendlyName: "Insiders", ID: testFlight}), testApp + "/flights/Insiders", "flight Insiders of app " + testApp,
			"/v1.0/my/applications/" + testApp + "/flights/x%2Fy/submissions?isMinimalResponse=true", testApp},
		{"add-on by both", storage(schema.AddOn{ProductID: "extra", ID: testAddOn}), testApp + "/inappproducts/extra", "add-on extra",
			"/v1.0/my/inappproducts/x%2Fy/submissions", "/v1.0/my/inappproducts/" + testAddOn},
		{"add-on by name", storage(schema.AddOn{ProductID: "extra"}), testApp + "/inappproducts/extra", "add-on extra", "/v1.0/my/inappproducts/x%2Fy/submissions", ""},
		{"add-on by id", storage(schema.AddOn{ID: testAddOn}), "inappproducts/" + testAddOn, "add-on " + testAddOn, "/v1.0/my/inappproducts/x%2Fy/submissions", "/v1.0/my/inappproducts/" + testAddOn},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := wantedProduct(c.manifest)
			got := []string{(&backend{}).ProductID(c.manifest), p.String(), p.with("x/y").createPath(), p.scope()}
			if d := cmp.Diff([]string{c.key, c.words, c.create, c.scope}, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestDraftOf: an operation names its product and submission in its path, or
// by the steps before it.
func TestDraftOf(t *testing.T) {
	made := map[string]json.RawMessage{
		stepProductCreate: encode(productOutput{ID: testFlight}), stepCreate: json.RawMessage(`{"id":"` + testDraft + `"}`),
	}
	flight := product{kind: kindFlight, app: testApp, name: "Insiders"}
	cases := []struct {
		name, path string
		outputs    map[string]json.RawMessage
		want       string
	}{
		{"both known", flight.with(testFlight).commitPath(testDraft), nil, testFlight + " " + testDraft},
		{"a new draft", flight.with(testFlight).commitPath(draftID), made, testFlight + " " + testDraft},
		{"a new flight", flight.with(newProduct).commitPath(draftID), made, testFlight + " " + testDraft},
		{"a new flight that was not made", flight.with(newProduct).commitPath(draftID), nil, "error: no product was made before this step"},
		{"another app's", product{kind: kindFlight, app: "9NBLGGH4R316", id: testFlight}.commitPath(testDraft), nil, "error: commit is not about flight Insiders of app " + testApp},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			call := reconcile.Call{Manifest: insiders(schema.PackageFlight{FriendlyName: "Insiders"}), Outputs: c.outputs, Operation: plan.Operation{ID: stepCommit, Path: c.path}}
			p, id, err := draftOf(call)
			got := p.id + " " + id
			if err != nil {
				got = "error: " + err.Error()
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestIsGUID(t *testing.T) {
	for text, want := range map[string]bool{
		testFlight: true, strings.ToUpper(testFlight): true, "": false, "Insiders": false, testFlight[1:]: false, testFlight + "0": false,
		"5e2c9a1f-0000-4000-8000-00000000000g": false, "5e2c9a1f00000-4000-8000-000000000001": false,
	} {
		if got := isGUID(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

func TestPristine(t *testing.T) {
	cases := []struct {
		name, document string
		kind           productKind
		want           string
	}{
		{"a flight as it is made", `{"status":"PendingCommit","flightPackages":[],"notesForCertification":"","packageDeliveryOptions":{"isMandatoryUpdate":false}}`, kindFlight, ""},
		{"a flight with nothing said", `{"status":"PendingCommit"}`, kindFlight, ""},
		{"a flight with a package", `{"status":"PendingCommit","flightPackages":[{"fileName":"a.msix"}]}`, kindFlight, "it has flightPackages"},
		{"a flight with notes", `{"status":"PendingCommit","flightPackages":[],"notesForCertification":"user: a"}`, kindFlight, "it has notesForCertification"},
		{"a mandatory flight", `{"status":"PendingCommit","packageDeliveryOptions":{"isMandatoryUpdate":true}}`, kindFlight, "it is a mandatory update"},
		{"a committed flight", `{"status":"CommitStarted","flightPackages":[]}`, kindFlight, "it is no draft"},
		{"an add-on as it is made", `{"status":"PendingCommit","listings":{},"keywords":[],"tag":null,"contentType":"NotSet","pricing":{"priceId":"Free"}}`, kindAddOn, ""},
		{"an add-on with a listing", `{"status":"PendingCommit","listings":{"en-us":{"title":"Extra"}}}`, kindAddOn, "it has listings"},
		{"an add-on with a keyword", `{"status":"PendingCommit","Keywords":["storage"]}`, kindAddOn, "it has keywords"},
		{"an add-on with a tag", `{"status":"PendingCommit","tag":"x"}`, kindAddOn, "it has tag"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, parsed(t, c.document).pristine(c.kind)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestMerge has the cases of appendix A of RFC 7396 that are about objects, and
// names in another case.
func TestMerge(t *testing.T) {
	cases := []struct{ document, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"Pricing":{"priceId":"Free"}}`, `{"pricing":{"priceid":"Tier2"}}`, `{"Pricing":{"priceId":"Tier2"}}`},
	}
	for _, c := range cases {
		before := parsed(t, c.document)
		merged, err := before.merge(json.RawMessage(c.patch))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, string(merged.raw())); d != "" {
			t.Errorf("%s with %s (-want +got):\n%s", c.document, c.patch, d)
		}
		if d := cmp.Diff(string(parsed(t, c.document).raw()), string(before.raw())); d != "" {
			t.Errorf("the original changed (-want +got):\n%s", d)
		}
	}
	for _, patch := range []string{`[]`, `null`, `{`} {
		if _, err := parsed(t, `{}`).merge(json.RawMessage(patch)); err == nil {
			t.Errorf("%s is no patch of a submission", patch)
		}
	}
}
