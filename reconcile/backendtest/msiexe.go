package backendtest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/msiexe"
	"github.com/storesync/storesync/schema"
)

// ReaderID is the product id of the one app of these benches.
const ReaderID = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"

// MsiExe makes the backend for MSI/EXE apps.
func MsiExe(t testing.TB, store *emulator.Emulator, readOnly bool) map[schema.Kind]reconcile.Backend {
	t.Helper()
	backend, err := msiexe.New(msiexe.Options{
		Endpoint: "https://store.contoso.example", SellerID: "12345", Credential: signIn{store, "oauth2/v2.0/token", "scope"}, Transport: store, ReadOnly: readOnly,
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[schema.Kind]reconcile.Backend{schema.MsiExeAppKind: backend}
}

// MsiExeStore makes an emulated Store with the reader as its one product, live in
// the given languages; more is a member list of a seed document, or "".
func MsiExeStore(t testing.TB, more string, languages ...string) *emulator.Emulator {
	t.Helper()
	store, err := emulator.New(emulator.Options{Pace: emulator.Pace{Packages: time.Second, Certification: time.Minute}})
	if err != nil {
		t.Fatal(err)
	}
	names, err := json.Marshal(languages)
	if err != nil {
		t.Fatal(err)
	}
	if more != "" {
		more += ","
	}
	seed := fmt.Sprintf(`{%s "msiExe": [{"productId": %q, "languages": %s, "unchecked": true}]}`, more, ReaderID, names)
	if err := store.Seed([]byte(seed), nil); err != nil {
		t.Fatal(err)
	}
	return store
}

// ReaderManifest is the reader's manifest with the given spec below productId,
// indented by two spaces.
func ReaderManifest(spec string) Files {
	return Files{"reader.yaml": []byte("apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: contoso-reader}\nspec:\n  productId: " + ReaderID + "\n" + spec)}
}

// NewReader is a bench of a store whose product is live in the languages.
func NewReader(t testing.TB, more string, languages ...string) *Bench {
	t.Helper()
	return NewBench(t, MsiExeStore(t, more, languages...), MsiExe)
}
