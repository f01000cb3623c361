package msix_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/backendtest"
)

// The property of TestApplyThenPlanIsEmpty for flights and add-ons, which may
// not be there at first: after an apply a plan is empty, and nothing that the
// manifest does not write has moved.
func TestApplyThenPlanOfFlightIsEmpty(t *testing.T) {
	files := backendtest.Files{}
	for _, version := range []string{"2.0.0.0", "2.1.0.0", "2.2.0.0"} {
		for _, architecture := range []string{"x64", "arm64"} {
			files[architecture+"_"+version+".msix"] = backendtest.NotesPackage(t, version, architecture)
		}
	}
	live := `[{"friendlyName": "Insiders", "groupIds": ["1"], "rankHigherThan": "Non-flighted submission", "unchecked": true, "submission": {"fieldOfTomorrow": {"deep": [1.50, "x"]}, "notesForCertification": "live notes"}}]`
	propertyOf(t, flightManifest, files, live, backendtest.NewFlight, backendtest.FlightManifest, "flightPackages",
		func(g *generator) string {
			return g.pick(`{}`, `{"flightsWithoutDraft": true}`, `{"rankAsGuid": true}`, `{"omitUnusedRollout": true}`, `{"cloneKeepsRolloutStatus": true}`)
		})
}

func TestApplyThenPlanOfAddOnIsEmpty(t *testing.T) {
	live := `[{"productId": "extra-storage", "productType": "Durable", "unchecked": true, "submission": {"fieldOfTomorrow": {"deep": [1.50, "x"]}, "tag": "live tag",
		"pricing": {"priceId": "Tier4", "marketSpecificPricings": {"LB": "NotAvailable", "JP": "Tier12"}}}}]`
	propertyOf(t, addOnManifest, addOnFiles(t), live, backendtest.NewAddOn, backendtest.AddOnManifest, "listings",
		func(g *generator) string {
			return g.pick(`{}`, `{"addOnsWithDraft": true}`, `{"omitEmptyTexts": true}`)
		})
}

func propertyOf(t *testing.T, write func(*generator), files backendtest.Files, live string, bench func(testing.TB, string) *backendtest.Bench,
	manifest func(string) backendtest.Files, required string, behavior func(*generator) string) {
	rounds := 30
	if testing.Short() {
		rounds = 8
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &generator{r: rand.New(rand.NewPCG(uint64(seed), 3)), version: map[string]int{}}
				seeded := g.pick("[]", live)
				b := bench(t, seeded)
				if err := b.Emulator.Seed([]byte(`{"behavior": {"msix": `+behavior(g)+`}}`), nil); err != nil {
					t.Fatal(err)
				}
				b.Write(t, files)
				before := map[string]any{}
				if seeded != "[]" {
					before = publishedProduct(t, b)
				}
				for range 3 {
					g.spec.Reset()
					g.written = map[string]bool{"id": true, "friendlyName": true, "statusDetails": true, "status": true, "fileUploadUrl": true, required: true}
					write(g)
					t.Logf("manifest:\n%s", g.spec.String())
					b.Write(t, manifest(g.spec.String()))
					b.MustApply(t)
					b.MustBeInSync(t)
					after := publishedProduct(t, b)
					for name, value := range before {
						if d := cmp.Diff(value, after[name]); d != "" && !g.written[name] {
							t.Errorf("%s was not written and moved (-before +after):\n%s", name, d)
						}
					}
					before = after
				}
			})
		})
	}
}

// field writes a member of a manifest below spec.
func (g *generator) field(name, text string) {
	fmt.Fprintf(&g.spec, "  %s\n", text)
	g.written[name] = true
}

func flightManifest(g *generator) {
	// What the flight was made with, the API never changes.
	g.field("", `groupIds: ["1"]`)
	g.field("", "rankHigherThan: Non-flighted submission")
	if g.chance(40) {
		// The other modes wait, and keep the next round waiting.
		g.field("targetPublishMode", "targetPublishMode: Immediate")
	}
	if g.chance(30) {
		g.field("notesForCertification", "notesForCertification: "+g.pick("one", "two"))
	}
	if g.chance(30) {
		g.field("packageDeliveryOptions", "packageDeliveryOptions: "+g.pick("{isMandatoryUpdate: false}", "{isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2030-01-01T00:00:00Z}"))
	}
	g.written["packageDeliveryOptions"] = true // a new set takes the rollout off
	fmt.Fprintf(&g.spec, "  packages:\n")
	for i, architecture := range []string{"x64", "arm64"} {
		if i > 0 && g.chance(50) {
			continue
		}
		if g.chance(40) && g.version[architecture] < 2 {
			g.version[architecture]++
		}
		fmt.Fprintf(&g.spec, "    - {file: %s_2.%d.0.0.msix}\n", architecture, g.version[architecture])
	}
}

func addOnManifest(g *generator) {
	g.field("contentType", "contentType: "+g.pick("OnlineDataStorage", "EMagazine"))
	g.field("lifetime", "lifetime: "+g.pick("Forever", "OneMonth"))
	g.field("visibility", "visibility: "+g.pick("Public", "Hidden"))
	g.field("pricing", "pricing: {priceId: "+g.pick("Free", "Tier2", "Tier96")+"}")
	if g.chance(40) {
		g.field("pricing", "markets: "+g.pick("{all: true, except: [CN]}", "[US, GB, DE, JP]"))
	}
	if g.chance(40) {
		g.field("keywords", "keywords: "+g.pick("[]", "[storage]", "[storage, more]"))
	}
	if g.chance(30) {
		g.field("tag", "tag: "+g.pick(`""`, "one", "two"))
	}
	fmt.Fprintf(&g.spec, "  listings:\n")
	for _, language := range []string{"en-us", "de-de"} {
		if language != "en-us" && g.chance(50) {
			continue
		}
		fmt.Fprintf(&g.spec, "    %s:\n      title: %s\n      description: %q\n", language, g.pick("Extra storage", "More"), g.pick("Ten more.", "容量 🙂"))
		if g.chance(50) {
			fmt.Fprintf(&g.spec, "      icon: %s\n", g.pick("icon.png", "icon2.png"))
		}
	}
}

// publishedProduct is the last published submission of the one flight or add-on
// as the service answers it.
func publishedProduct(t *testing.T, b *backendtest.Bench) map[string]any {
	t.Helper()
	get := func(path string, into any) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://apps.contoso.example/v1.0/my/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+b.Emulator.Token())
		response, err := b.Emulator.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	type ref struct {
		ID string `json:"id"`
	}
	var flights struct {
		Value []struct {
			FlightID string `json:"flightId"`
			Last     ref    `json:"lastPublishedFlightSubmission"`
		} `json:"value"`
	}
	var addOns struct {
		Value []struct {
			ID   string `json:"id"`
			Last ref    `json:"lastPublishedInAppProductSubmission"`
		} `json:"value"`
	}
	document := map[string]any{}
	get("applications/"+backendtest.NotesID+"/listflights", &flights)
	get("inappproducts", &addOns)
	for _, f := range flights.Value {
		get("applications/"+backendtest.NotesID+"/flights/"+f.FlightID+"/submissions/"+f.Last.ID, &document)
	}
	for _, a := range addOns.Value {
		get("inappproducts/"+a.ID+"/submissions/"+a.Last.ID, &document)
	}
	if len(document) == 0 {
		t.Fatal("nothing is published")
	}
	return document
}
