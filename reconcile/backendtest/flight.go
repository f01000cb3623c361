package backendtest

import (
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/schema"
)

// MsixProducts makes the backend for MSIX apps, their flights and add-ons: one
// for all three, as the command does.
func MsixProducts(t testing.TB, store *emulator.Emulator, readOnly bool) map[schema.Kind]reconcile.Backend {
	t.Helper()
	backend := MsixApps(t, store, readOnly)[schema.MsixAppKind]
	return map[schema.Kind]reconcile.Backend{schema.MsixAppKind: backend, schema.PackageFlightKind: backend, schema.AddOnKind: backend}
}

// FlightName is the friendly name of the one flight of these benches.
const FlightName = "Insiders"

// FlightManifest is the manifest of a flight of Contoso Notes, with the given
// spec below friendlyName, indented by two spaces.
func FlightManifest(spec string) Files {
	return Files{"insiders.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders}\nspec:\n  app: " + NotesID +
		"\n  friendlyName: " + FlightName + "\n" + spec)}
}

// NewFlight is a bench of a store whose app has the flights of a seed, a JSON
// list.
func NewFlight(t testing.TB, flights string) *Bench {
	t.Helper()
	return NewBench(t, FlightStore(t, flights), MsixProducts)
}

// FlightStore is a Store whose app has the flights of a seed, a JSON list.
func FlightStore(t testing.TB, flights string) *emulator.Emulator {
	t.Helper()
	return MsixStore(t, `"flights": `+flights, "en-us")
}
