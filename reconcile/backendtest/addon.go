package backendtest

import (
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// AddOnName is the productId of the one add-on of these benches.
const AddOnName = "extra-storage"

// AddOnManifest is the manifest of an add-on of Contoso Notes, with the given
// spec below productType, indented by two spaces.
func AddOnManifest(spec string) Files {
	return Files{"storage.yaml": []byte("apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: extra-storage}\nspec:\n  app: " + NotesID +
		"\n  productId: " + AddOnName + "\n  productType: Durable\n" + spec)}
}

// NewAddOn is a bench of a store whose app has the add-ons of a seed, a JSON
// list.
func NewAddOn(t testing.TB, addOns string) *Bench {
	t.Helper()
	return NewBench(t, AddOnStore(t, addOns), MsixProducts)
}

// AddOnStore is a Store whose app has the add-ons of a seed, a JSON list.
func AddOnStore(t testing.TB, addOns string) *emulator.Emulator {
	t.Helper()
	return MsixStore(t, `"addOns": `+addOns, "en-us")
}
