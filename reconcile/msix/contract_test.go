package msix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
)

const (
	// bare is a live listing without images: what others uploaded is of unknown
	// content, and the contract is about what can be compared.
	bare = `"submission": {"listings": {"en-us": {"baseListing": {"images": []}}}}`

	german     = "  listings:\n    de-de: {releaseNotes: \"Jetzt schneller.\"}\n"
	onePackage = "  packages:\n    - {file: notes-x64.msix}\n"
)

func TestContract(t *testing.T) {
	files := backendtest.Files{
		"1.png": backendtest.PNG(t, 1366, 768, 1), "2.png": backendtest.PNG(t, 1920, 1080, 2),
		"notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64"), "notes-arm64.msix": backendtest.NotesPackage(t, "2.0.0.0", "arm64"),
	}
	with := func(spec string) backendtest.Files {
		all := backendtest.NotesManifest(spec)
		for name, content := range files {
			all[name] = content
		}
		return all
	}
	backendtest.Contract(t, backendtest.Fixture{
		Store:       func(t testing.TB) *emulator.Emulator { return backendtest.MsixStore(t, bare, "en-us", "de-de") },
		Backends:    backendtest.MsixApps,
		Submissions: submissions,
		// Files that were sent for a draft are sent again with its commit.
		Resends: true,
		Steps: []func(testing.TB) backendtest.Files{
			func(testing.TB) backendtest.Files {
				return with(german + "    en-us: {images: {Screenshot: [{file: 1.png, description: Notes}]}}\n")
			},
			func(testing.TB) backendtest.Files {
				return with("  markets: {all: true, except: [CN]}\n" + onePackage + strings.Replace(german, "schneller", "noch schneller", 1) +
					"    en-us: {images: {Screenshot: [{file: 1.png, description: The editor}, 2.png]}}\n" +
					"    fr-fr: {title: Contoso Notes, description: Note tout., images: {Screenshot: [2.png]}}\n")
			},
			func(testing.TB) backendtest.Files {
				return with(onePackage + "    - {file: notes-arm64.msix}\n" +
					"  removeUnlistedLanguages: true\n  listings:\n    en-us: {images: {Screenshot: [2.png]}}\n    fr-fr: {releaseNotes: Plus vite.}\n")
			},
		},
	})
}

// submissions counts the drafts that were ever made and are not drafts any
// more: a second draft for the same change is as bad as a second commit.
func submissions(t testing.TB, store *emulator.Emulator) int {
	t.Helper()
	var state struct {
		Msix []struct {
			Count       int `json:"count"`
			Submissions []struct {
				Status string `json:"status"`
			} `json:"submissions"`
		} `json:"msix"`
	}
	if err := json.Unmarshal(store.State(), &state); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, app := range state.Msix {
		n += app.Count
		for _, submission := range app.Submissions {
			if submission.Status == "PendingCommit" {
				n--
			}
		}
	}
	return n
}
