package msiexe_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
)

func TestContract(t *testing.T) {
	backendtest.Contract(t, backendtest.Fixture{
		Store:       func(t testing.TB) *emulator.Emulator { return backendtest.MsiExeStore(t, "", "en-us", "de-de") },
		Backends:    backendtest.MsiExe,
		Submissions: submissions,
		Steps: []func(testing.TB) backendtest.Files{
			func(t testing.TB) backendtest.Files { return backendtest.ReaderManifest(german) },
			func(t testing.TB) backendtest.Files {
				files := backendtest.ReaderManifest("  availability: {markets: [US, DE]}\n" + package1 + strings.Replace(german, "schneller", "noch schneller", 1) +
					"    en-us: {screenshots: [1.png, 2.png]}\n    fr-fr: {description: Lit tout., additionalLicenseTerms: Licence., logos: [logo.png], screenshots: [2.png]}\n")
				files["1.png"], files["2.png"] = backendtest.PNG(t, 1366, 768, 1), backendtest.PNG(t, 1920, 1080, 2)
				files["logo.png"] = backendtest.PNG(t, 1080, 1080, 3)
				return files
			},
			func(t testing.TB) backendtest.Files {
				return backendtest.ReaderManifest(package2 + "  removeUnlistedLanguages: true\n  listings:\n    en-us: {screenshots: [2.png]}\n    fr-fr: {whatsNew: Plus vite.}\n")
			},
		},
	})
}

// submissions counts what the Store has ever taken.
func submissions(t testing.TB, store *emulator.Emulator) int {
	t.Helper()
	var state struct {
		MsiExe map[string]struct {
			Submissions []json.RawMessage `json:"submissions"`
		} `json:"msiExe"`
	}
	if err := json.Unmarshal(store.State(), &state); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, product := range state.MsiExe {
		n += len(product.Submissions)
	}
	return n
}
