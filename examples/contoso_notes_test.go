package examples_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/schema/msixtest"
)

// notesInSync is a workspace whose contoso-notes equals the Store.
func notesInSync(t *testing.T) (*workspace, *emulator.Emulator) {
	t.Helper()
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	w.storesync(t, "apply", "--auto-approve", "--wait", "published", "examples/contoso-notes").want(t, 0)
	e.ForgetRequests()
	return w, e
}

// edit changes a file of contoso-notes.
func (w *workspace) edit(t *testing.T, name, old, by string) {
	t.Helper()
	w.replace(t, "contoso-notes/"+name, old, by)
}

// plannedUploads are the files that apply would send.
func (w *workspace) plannedUploads(t *testing.T) []string {
	t.Helper()
	var plan struct {
		Products []struct {
			Operations []struct{ Uploads []struct{ Name, As string } }
		}
	}
	out := w.storesync(t, "plan", "--output", "json", "examples/contoso-notes").want(t, 0)
	if err := json.Unmarshal([]byte(out.stdout), &plan); err != nil {
		t.Fatal(err)
	}
	files := []string{}
	for _, product := range plan.Products {
		for _, operation := range product.Operations {
			for _, upload := range operation.Uploads {
				files = append(files, strings.TrimPrefix(upload.Name, "examples/contoso-notes/"))
			}
		}
	}
	slices.Sort(files)
	return files
}

var submissionID = regexp.MustCompile(`/\d{19}\b|/[0-9a-f-]{36}$`)

// calls are the writes with the ids taken out, and with how many uploads of
// blocks there were in a row as one.
func calls(e *emulator.Emulator) []string {
	var all []string
	for _, write := range writes(e) {
		all = append(all, submissionID.ReplaceAllString(write, "/ID"))
	}
	return slices.Compact(all)
}

const notesApp = "/v1.0/my/applications/9NC0NT0S0N01/submissions"

// The first plan sends what the Store does not have: the new language's
// screenshots, its logo, and the new build. The digests of the live images, in
// emulator.yaml, are those of the files.
func TestNotesFirstUpload(t *testing.T) {
	w := newWorkspace(t)
	seedExamples(t, w.connect(t))
	want := []string{"images/ja-jp/1-board.png", "images/ja-jp/2-editor.png", "images/logo-1080.png", "packages/ContosoNotes_1.4.2.0_x64.msix"}
	if diff := cmp.Diff(want, w.plannedUploads(t)); diff != "" {
		t.Errorf("files of the first plan (-want +got):\n%s", diff)
	}
}

// One edited caption: the draft is made, written once and committed; no file is
// sent.
func TestOneCaption(t *testing.T) {
	w, e := notesInSync(t)
	w.edit(t, "contoso-notes.yaml", "All notes on one board", "All your notes on one board")
	w.storesync(t, "plan", "--no-color", "examples/contoso-notes").want(t, 0).
		says(t, `caption: "All notes on one board" → "All your notes on one board"`)
	e.ForgetRequests()
	w.storesync(t, "apply", "--auto-approve", "examples/contoso-notes").want(t, 0).says(t, "read back")
	want := []string{"POST " + notesApp, "PUT " + notesApp + "/ID", "POST " + notesApp + "/ID/commit"}
	if diff := cmp.Diff(want, calls(e)); diff != "" {
		t.Errorf("writes of one caption (-want +got):\n%s", diff)
	}
}

// One new build: a ZIP with that file only.
func TestOneNewBuild(t *testing.T) {
	w, e := notesInSync(t)
	build, err := msixtest.Package{Identity: "Contoso.Notes", Version: "1.4.3.0", PayloadBytes: 500, Languages: []string{"en-US"}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.folder, "examples", "contoso-notes", "packages", "ContosoNotes_1.4.3.0_x64.msix"), build, 0o644); err != nil {
		t.Fatal(err)
	}
	w.edit(t, "contoso-notes.yaml", "packages/ContosoNotes_1.4.2.0_x64.msix", "packages/ContosoNotes_1.4.3.0_x64.msix")
	if diff := cmp.Diff([]string{"packages/ContosoNotes_1.4.3.0_x64.msix"}, w.plannedUploads(t)); diff != "" {
		t.Errorf("files of one new build (-want +got):\n%s", diff)
	}
	e.ForgetRequests()
	w.storesync(t, "apply", "--auto-approve", "--wait", "published", "examples/contoso-notes").want(t, 0).says(t, "In sync.")
	want := []string{"POST " + notesApp, "PUT " + notesApp + "/ID", "PUT /storesync/ingestion/ID", "POST " + notesApp + "/ID/commit"}
	if diff := cmp.Diff(want, calls(e)); diff != "" {
		t.Errorf("writes of one new build (-want +got):\n%s", diff)
	}
	for _, r := range e.Requests() {
		if r.Kind == "blob" && r.Method == http.MethodPut && r.Status != http.StatusCreated {
			t.Errorf("a block was answered with %d", r.Status)
		}
	}
}

// A package that is live may be absent where it is pinned.
func TestPinnedPackageMayBeAbsent(t *testing.T) {
	w, e := notesInSync(t)
	if err := os.Remove(filepath.Join(w.folder, "examples", "contoso-notes", "packages", "ContosoNotes_1.4.2.0_arm64.msix")); err != nil {
		t.Fatal(err)
	}
	w.storesync(t, "apply", "--auto-approve", "examples/contoso-notes").want(t, 0).says(t, "No changes.")
	if got := writes(e); len(got) > 0 {
		t.Errorf("sent:\n%s", strings.Join(got, "\n"))
	}
}
