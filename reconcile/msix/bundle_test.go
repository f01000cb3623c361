package msix_test

import (
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/schema/msixtest"
)

// Bundles and uploads go the whole way: read, sent, taken in, and then nothing
// is left to do, also when the next build replaces them.
func TestBundlesAndUploadsAreAppliedOnce(t *testing.T) {
	bundle := func(version string) []byte {
		t.Helper()
		part := func(architecture string) msixtest.Package {
			return msixtest.Package{Identity: backendtest.NotesIdentity, Publisher: backendtest.NotesPublisher, Version: version, Architecture: architecture}
		}
		content, err := msixtest.Bundle{Identity: backendtest.NotesIdentity, Publisher: backendtest.NotesPublisher, Version: version,
			Packages: []msixtest.Bundled{{Package: part("x64")}, {Package: part("arm64")}}}.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	upload, err := msixtest.Upload("notes.msixbundle", bundle("3.0.0.0"))
	if err != nil {
		t.Fatal(err)
	}
	files := backendtest.Files{"one.msixbundle": bundle("2.0.0.0"), "two.msixbundle": bundle("2.1.0.0"), "three.msixupload": upload,
		"1.png": backendtest.PNG(t, 1366, 768, 1)}
	const listings = "  listings:\n    en-us: {images: {Screenshot: [1.png]}}\n"
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, bare, "en-us", "de-de")
		b.Write(t, files)
		for _, name := range []string{"one.msixbundle", "two.msixbundle", "three.msixupload"} {
			b.Write(t, backendtest.NotesManifest(listings+"  packages: [{file: "+name+"}]\n"))
			b.MustApply(t)
			b.MustBeInSync(t)
		}
	})
}
