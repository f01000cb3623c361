package msix_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
)

// The address that files are sent to lives about a day: a draft of ours that
// outlived it cannot take files any more and is made anew, asking nobody.
func TestOurDraftWhoseUploadAddressRanOutIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, bare, "en-us", "de-de")
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1), "notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
		b.Write(t, backendtest.NotesManifest("  listings:\n    en-us: {images: {Screenshot: [1.png]}}\n"+onePackage))
		report := b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * 24 * time.Hour)
		b.Emulator.ForgetRequests()
		b.MustApply(t)
		deleted := 0
		for _, request := range b.Writes() {
			if request.Method == "DELETE" {
				deleted++
			}
		}
		if deleted != 1 {
			t.Errorf("%d drafts were deleted, want the one that ran out", deleted)
		}
		b.MustBeInSync(t)
	})
}

// A first draft is never made anew: what it cannot take any more is refused in
// the plan, before anything is written to it.
func TestAFirstDraftWhoseUploadAddressRanOutTakesNoFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewFlight(t, "[]")
		b.Write(t, backendtest.Files{"notes-x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
		b.Write(t, backendtest.FlightManifest("  groupIds: [\"1\"]\n  packages: [{file: notes-x64.msix}]\n"))
		report := b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * 24 * time.Hour)
		b.Write(t, backendtest.Files{"notes-x64.msix": backendtest.NotesPackage(t, "3.0.0.0", "x64")})
		b.Emulator.ForgetRequests()
		result := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0]
		if result.Err == nil || !strings.Contains(result.Err.Error(), "takes no files any more") || len(b.Writes()) > 0 {
			t.Errorf("%s, %v, writes %+v", result.Outcome, result.Err, b.Writes())
		}
	})
}
