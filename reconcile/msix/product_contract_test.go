package msix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
)

// The contract of add-ons and flights begins with nothing, so that making the
// product is stopped, killed and hit by faults, too; in both ways in which a
// product is made.

func TestFlightContract(t *testing.T) {
	files := flightFiles(t)
	for _, c := range []struct{ name, behavior string }{
		{"made with a draft", `{}`}, {"made without a draft", `{"flightsWithoutDraft": true, "rankAsGuid": true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			step := func(spec string) func(testing.TB) backendtest.Files {
				return func(testing.TB) backendtest.Files { return with(backendtest.FlightManifest(spec), files) }
			}
			const groups = "  groupIds: [\"1\"]\n  rankHigherThan: Beta\n"
			backendtest.Contract(t, backendtest.Fixture{
				Store: behaving(c.behavior, func(t testing.TB) *emulator.Emulator {
					return backendtest.FlightStore(t, `[{"friendlyName": "Beta", "groupIds": ["2"]}]`)
				}),
				Backends: backendtest.MsixProducts, Submissions: productSubmissions, Resends: true, FromNothing: true,
				Steps: []func(testing.TB) backendtest.Files{
					step(groups + "  packages:\n    - {file: notes-x64.msix}\n  notesForCertification: first\n"),
					step(groups + "  packages:\n    - {file: notes-x64-21.msix}\n    - {file: notes-arm64.msix}\n  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2030-01-01T00:00:00Z}\n"),
				},
			})
		})
	}
}

func TestAddOnContract(t *testing.T) {
	files := addOnFiles(t)
	for _, c := range []struct{ name, behavior string }{
		{"made without a draft", `{}`}, {"made with a draft", `{"addOnsWithDraft": true}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			step := func(spec string) func(testing.TB) backendtest.Files {
				return func(testing.TB) backendtest.Files { return with(backendtest.AddOnManifest(spec), files) }
			}
			backendtest.Contract(t, backendtest.Fixture{
				Store:    behaving(c.behavior, func(t testing.TB) *emulator.Emulator { return backendtest.AddOnStore(t, "[]") }),
				Backends: backendtest.MsixProducts, Submissions: productSubmissions, Resends: true, FromNothing: true,
				Steps: []func(testing.TB) backendtest.Files{
					step(firstAddOn),
					step(strings.NewReplacer("Tier2", "Tier3", "icon.png", "icon2.png").Replace(firstAddOn) + "    de-de: {title: Mehr Platz, description: Zehn Bücher mehr.}\n  keywords: [storage]\n"),
				},
			})
		})
	}
}

func with(manifest, files backendtest.Files) backendtest.Files {
	for name, content := range files {
		manifest[name] = content
	}
	return manifest
}

// behaving is a Store that behaves in a way of its own.
func behaving(behavior string, store func(testing.TB) *emulator.Emulator) func(testing.TB) *emulator.Emulator {
	return func(t testing.TB) *emulator.Emulator {
		t.Helper()
		made := store(t)
		if err := made.Seed([]byte(`{"behavior": {"msix": `+behavior+`}}`), nil); err != nil {
			t.Fatal(err)
		}
		return made
	}
}

// productSubmissions counts, over all products, the submissions that were ever
// made and are not drafts any more: a second draft, or a second product, for the
// same change is as bad as a second commit.
func productSubmissions(t testing.TB, store *emulator.Emulator) int {
	t.Helper()
	type line struct {
		Count       int `json:"count"`
		Submissions []struct {
			Status string `json:"status"`
		} `json:"submissions"`
	}
	var state struct {
		Msix []struct {
			line
			Flights []line `json:"flights"`
		} `json:"msix"`
		AddOns []line `json:"msixAddOns"`
	}
	if err := json.Unmarshal(store.State(), &state); err != nil {
		t.Fatal(err)
	}
	lines := state.AddOns
	for _, app := range state.Msix {
		lines = append(append(lines, app.line), app.Flights...)
	}
	n := 0
	for _, l := range lines {
		n += l.Count
		for _, submission := range l.Submissions {
			if submission.Status == "PendingCommit" {
				n--
			}
		}
	}
	return n
}
