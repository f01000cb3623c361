package examples_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/storesync/storesync/reconcile/emulator"
)

// The first three minutes with a fresh clone: the README's command plans,
// applies, reads back and submits; the same command does nothing; an edited word is one
// changed word.
func TestExamplesOnEmbeddedEmulator(t *testing.T) {
	for _, example := range exampleFolders(t) {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			arguments := []string{"apply", "--emulator", "--auto-approve", "examples/" + example}
			w.storesync(t, arguments...).want(t, 0).says(t, "read back")
			again := w.storesync(t, arguments...).want(t, 0)
			if !strings.HasPrefix(again.stdout, "No changes. ") || strings.Contains(again.stdout, "Requests, in order") {
				t.Errorf("the second run says\n%s\nwant that nothing changes", again.stdout)
			}
		})
	}
}

// Every example can be applied to a Store, and is in sync then: the second
// apply sends no write.
func TestExamplesConverge(t *testing.T) {
	for _, example := range exampleFolders(t) {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			e := w.connect(t)
			seedExamples(t, e)
			w.storesync(t, "apply", "--auto-approve", "--wait", "published", "examples/"+example).want(t, 0).says(t, "In sync.")
			e.ForgetRequests()
			w.storesync(t, "apply", "--auto-approve", "examples/"+example).want(t, 0).says(t, "No changes.")
			if got := writes(e); len(got) > 0 {
				t.Errorf("an apply without changes sent:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// One edited German word: the plan shows that word, and apply sends one PATCH
// and one submit.
func TestOneGermanWord(t *testing.T) {
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	w.storesync(t, "apply", "--auto-approve", "--wait", "published", "examples/contoso-reader").want(t, 0)

	name := filepath.Join(w.folder, "examples", "contoso-reader", "listings", "de-de", "description.txt")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "ruhigen", "stillen", 1)
	if edited == string(text) {
		t.Fatal("the German description does not hold the word that this test edits")
	}
	if err := os.WriteFile(name, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}

	w.storesync(t, "plan", "--no-color", "examples/contoso-reader").want(t, 0).says(t, "[-ruhigen-]{+stillen+}")

	var plan struct {
		Products []struct {
			Changes []struct{ Path, Action, Before, After string }
		}
		Applyable bool
	}
	out := w.storesync(t, "plan", "--output", "json", "examples/contoso-reader").want(t, 0)
	if err := json.Unmarshal([]byte(out.stdout), &plan); err != nil {
		t.Fatalf("read the plan document: %v\n%s", err, out.stdout)
	}
	if len(plan.Products) != 1 || len(plan.Products[0].Changes) != 1 || !plan.Applyable {
		t.Fatalf("want one applyable change of one product, got:\n%s", out.stdout)
	}
	change := plan.Products[0].Changes[0]
	if change.Path != "listings.de-de.description" || change.Action != "update" ||
		strings.Replace(change.Before, "ruhigen", "stillen", 1) != change.After {
		t.Errorf("the change is not that one word: %+v", change)
	}

	e.ForgetRequests()
	w.storesync(t, "apply", "--auto-approve", "examples/contoso-reader").want(t, 0)
	product := "/submission/v1/product/6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"
	want := []string{"PATCH " + product + "/metadata", "POST " + product + "/submit"}
	if diff := cmp.Diff(want, writes(e)); diff != "" {
		t.Errorf("writes of one changed word (-want +got):\n%s", diff)
	}
}

// seedExamples makes the products of the examples, as their emulator.yaml says.
func seedExamples(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	for _, example := range exampleFolders(t) {
		document, err := os.ReadFile(filepath.Join(example, "emulator.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		seedEmulator(t, e, document, os.DirFS(example))
	}
}

// writes are the requests that changed something at the Store.
func writes(e *emulator.Emulator) []string {
	var all []string
	for _, r := range e.Requests() {
		if r.Kind != "token" && r.Method != http.MethodGet && r.Method != http.MethodHead {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}

// seedEmulator makes what a seed document in YAML describes.
func seedEmulator(t *testing.T, e *emulator.Emulator, document []byte, files fs.FS) {
	t.Helper()
	converted, err := yaml.YAMLToJSON(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Seed(converted, files); err != nil {
		t.Fatal(err)
	}
}

// No file of an example lies there unused: a plan read each of them.
func TestExampleFilesAreUsed(t *testing.T) {
	for _, example := range exampleFolders(t) {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t)
			seedExamples(t, w.connect(t))
			out := w.storesync(t, "plan", "--output", "json", "examples/"+example).want(t, 0)
			var plan struct{ Inputs []struct{ Name string } }
			if err := json.Unmarshal([]byte(out.stdout), &plan); err != nil {
				t.Fatalf("read the plan document: %v\n%s", err, out.stdout)
			}
			used := []string{"emulator.yaml"}
			for _, input := range plan.Inputs {
				used = append(used, strings.TrimPrefix(input.Name, "examples/"+example+"/"))
			}
			var there []string
			err := fs.WalkDir(os.DirFS(example), ".", func(name string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() {
					there = append(there, name)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(used)
			slices.Sort(there)
			if diff := cmp.Diff(there, used); diff != "" {
				t.Errorf("files of the example (-there +used):\n%s", diff)
			}
		})
	}
}
