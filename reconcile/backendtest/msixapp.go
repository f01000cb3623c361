package backendtest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/msix"
	"github.com/storesync/storesync/schema"
	"github.com/storesync/storesync/schema/msixtest"
)

// The one app of these benches, and what its packages must say.
const (
	NotesID        = "9NC0NT0S0N01"
	NotesIdentity  = "Contoso.Notes"
	NotesPublisher = "CN=Contoso"
)

// MsixApps makes the backend for MSIX apps.
func MsixApps(t testing.TB, store *emulator.Emulator, readOnly bool) map[schema.Kind]reconcile.Backend {
	t.Helper()
	backend, err := msix.New(msix.Options{
		Endpoint: "https://apps.contoso.example", Account: "contoso", Credential: signIn{store, "oauth2/token", "resource"}, Transport: store, ReadOnly: readOnly,
	})
	if err != nil {
		t.Fatal(err)
	}
	return map[schema.Kind]reconcile.Backend{schema.MsixAppKind: backend}
}

// MsixStore makes an emulated Store with Contoso Notes as its one app, live in
// the given languages; more is a member list of the app's seed, or "".
func MsixStore(t testing.TB, more string, languages ...string) *emulator.Emulator {
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
		more = ", " + more
	}
	seed := fmt.Sprintf(`{"msix": [{"appId": %q, "packageIdentityName": %q, "publisherName": %q, "languages": %s, "unchecked": true%s}]}`,
		NotesID, NotesIdentity, NotesPublisher, names, more)
	if err := store.Seed([]byte(seed), nil); err != nil {
		t.Fatal(err)
	}
	return store
}

// NotesManifest is the manifest of Contoso Notes with the given spec below
// appId, indented by two spaces.
func NotesManifest(spec string) Files {
	return Files{"notes.yaml": []byte("apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: contoso-notes}\nspec:\n  appId: " + NotesID + "\n" + spec)}
}

// NewNotes is a bench of a store whose app is live in the languages.
func NewNotes(t testing.TB, more string, languages ...string) *Bench {
	t.Helper()
	return NewBench(t, MsixStore(t, more, languages...), MsixApps)
}

// NotesPackage is a real package of Contoso Notes.
func NotesPackage(t testing.TB, version, architecture string) []byte {
	t.Helper()
	content, err := msixtest.Package{Identity: NotesIdentity, Publisher: NotesPublisher, Version: version, Architecture: architecture}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return content
}
