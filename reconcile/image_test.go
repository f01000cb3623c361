package reconcile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

func TestImageContentsAreLearnedOnce(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png]}\n"))
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
		b.MustApply(t)
		if err := os.RemoveAll(filepath.Join(b.Folder, ".storesync")); err != nil {
			t.Fatal(err)
		}
		b.MustBeInSync(t)
		if n := blobReads(b); n != 1 {
			t.Errorf("without a record the image was read %d times, want 1", n)
		}
		b.MustBeInSync(t)
		if n := blobReads(b); n != 0 {
			t.Errorf("the second plan read it %d times, want 0", n)
		}
	})
}

func blobReads(b *backendtest.Bench) int {
	n := 0
	for _, request := range b.Emulator.Requests() {
		if request.Kind == "blob" && request.Method != "PUT" {
			n++
		}
	}
	return n
}

func TestUnknownImageContentIsReportedAndSettledByReuploading(t *testing.T) {
	scenario(t, `"behavior": {"assetUrlsUnreadable": true}`, func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png]}\n"))
		b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
		planned := b.Plan(t, reconcile.PlanOptions{})
		product := planned.Products[0]
		if len(product.Changes) > 0 || product.Verdict != plan.VerdictIncomplete || planned.Complete || !noticed(product, "1 stored image equals the files in git cannot be told") {
			t.Fatalf("%s, changes %+v, complete %t, notices %v", product.Verdict, product.Changes, planned.Complete, product.Notices)
		}
		// The rest of the manifest is applied all the same.
		b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png], whatsNew: Faster.}\n"))
		if result := apply(t, b, reconcile.PlanOptions{}); result.Err != nil || result.Outcome != reconcile.Published {
			t.Errorf("beside an unknown image: %s, %v", result.Outcome, result.Err)
		}
		result := apply(t, b, reconcile.PlanOptions{ReuploadImages: []string{"MsiExeApp/contoso-reader"}})
		if result.Err != nil || result.Verified != reconcile.VerifiedInSync {
			t.Errorf("--reupload-images: %s, %v", result.Verified, result.Err)
		}
		b.MustBeInSync(t)
	})
}

// A picture that is replaced by another of its size after planning is not sent,
// and nothing is submitted.
func TestAPictureThatChangedSincePlanningIsNotSent(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png]}\n"))
		picture := backendtest.PNG(t, 1366, 768, 1)
		b.Write(t, backendtest.Files{"1.png": picture})
		before(b, "assets.en-us.upload.screenshots.0", func() {
			other := bytes.Clone(picture)
			other[len(other)-1]++
			b.Write(t, backendtest.Files{"1.png": other})
		})
		result := apply(t, b, reconcile.PlanOptions{})
		wantError(t, result.Err, plan.ClassError, "1.png changed since planning: its content is another one; plan again")
		if n := b.Count("POST /submit"); n > 0 || blobWrites(b) > 0 {
			t.Errorf("%d submissions and %d uploads", n, blobWrites(b))
		}
	})
}

func blobWrites(b *backendtest.Bench) int {
	n := 0
	for _, request := range b.Emulator.Requests() {
		if request.Kind == "blob" && request.Method == "PUT" {
			n++
		}
	}
	return n
}
