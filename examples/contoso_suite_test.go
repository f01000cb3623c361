package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/emulator"
)

// suiteInSync is a workspace whose contoso-suite equals the Store, published.
func suiteInSync(t *testing.T) (*workspace, *emulator.Emulator) {
	t.Helper()
	w := newWorkspace(t)
	e := w.connect(t)
	seedExamples(t, e)
	w.storesync(t, "apply", "--auto-approve", "--wait", "published", "examples/contoso-suite").want(t, 0)
	return w, e
}

// replace changes a file of an example.
func (w *workspace) replace(t *testing.T, name, old, by string) {
	t.Helper()
	name = filepath.Join(w.folder, "examples", filepath.FromSlash(name))
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.ReplaceAll(string(content), old, by)
	if edited == string(content) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(name, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
}

// From an account with two apps and nothing else: both apps, the add-ons and
// the flights, the lower ranked one first, then nothing more to do.
func TestSuiteFromEmptyAccount(t *testing.T) {
	w, e := suiteInSync(t)
	var made []string
	for _, request := range e.Requests() {
		if request.Method == "POST" && (strings.HasSuffix(request.Path, "/inappproducts") || strings.HasSuffix(request.Path, "/flights")) {
			made = append(made, string(request.Body))
		}
	}
	insiders := slices.IndexFunc(made, func(s string) bool { return strings.Contains(s, `"friendlyName":"Insiders"`) })
	canary := slices.IndexFunc(made, func(s string) bool { return strings.Contains(s, `"friendlyName":"Canary"`) })
	if len(made) != 4 || insiders < 0 || canary < insiders {
		t.Errorf("made, in order:\n%s\nwant two add-ons and two flights, Insiders before Canary, which ranks above it", strings.Join(made, "\n"))
	}
	e.ForgetRequests()
	w.storesync(t, "apply", "--auto-approve", "examples/contoso-suite").want(t, 0).says(t, "No changes.")
	if got := writes(e); len(got) > 0 {
		t.Errorf("an apply without changes sent:\n%s", strings.Join(got, "\n"))
	}
}

const sketch = "applications/9NC0NT0S0N02"

// Each edit takes the calls of its floor: what is read to plan, what is written,
// and no more. Polls are left out, and blocks of one ZIP count as one.
func TestSuiteFloors(t *testing.T) {
	draft := func(x string, uploads bool) []string {
		create := "POST " + x + "/submissions?isMinimalResponse=true"
		calls := []string{create, "GET " + x + "/submissions/ID", "PUT " + x + "/submissions/ID"}
		if strings.HasPrefix(x, "inappproducts/") { // the answer to the POST is whole
			calls = []string{"POST " + x + "/submissions", "PUT " + x + "/submissions/ID"}
		}
		if uploads {
			calls = append(calls, "PUT blob", "GET "+x+"/submissions/ID")
		}
		return append(calls, "POST "+x+"/submissions/ID/commit")
	}
	tests := []struct {
		name, target string
		edit         func(t *testing.T, w *workspace)
		flags        []string
		// refused is the guard without which nothing is sent.
		refused string
		// reads are those of the plan.
		reads []string
		want  []string
	}{
		{
			name: "percentage raised", target: "MsixApp/contoso-sketch",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch.yaml", "percentage: 10}", "percentage: 25}")
			},
			reads: []string{"GET " + sketch, "GET " + sketch + "/submissions/ID"},
			want:  []string{"POST " + sketch + "/submissions/ID/updatepackagerolloutpercentage?percentage=25"},
		},
		{
			name: "finalized", target: "MsixApp/contoso-sketch",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch.yaml", "percentage: 10}", "finalized: true}")
			},
			reads: []string{"GET " + sketch, "GET " + sketch + "/submissions/ID"},
			want:  []string{"POST " + sketch + "/submissions/ID/finalizepackagerollout"},
		},
		{
			name: "halted", target: "MsixApp/contoso-sketch", refused: "halt-rollout",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch.yaml", "percentage: 10}", "halted: true}")
			},
			reads: []string{"GET " + sketch, "GET " + sketch + "/submissions/ID"},
			want:  []string{"POST " + sketch + "/submissions/ID/haltpackagerollout"},
		},
		{
			name: "icon changed", target: "AddOn/sketch-brushes",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch-addons.yaml", "icon: images/brushes.png", "icon: images/stickers.png")
			},
			reads: []string{"GET inappproducts", "GET inappproducts/ID/submissions/ID"},
			want:  draft("inappproducts/ID", true),
		},
		{
			name: "add-on price changed", target: "AddOn/sketch-stickers", refused: "price-change",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch-addons.yaml", "{priceId: Tier2}", "{priceId: Tier4}")
			},
			reads: []string{"GET inappproducts", "GET inappproducts/ID/submissions/ID"},
			want:  draft("inappproducts/ID", false),
		},
		{
			name: "flight package bumped", target: "PackageFlight/sketch-insiders",
			edit: func(t *testing.T, w *workspace) {
				w.replace(t, "contoso-suite/sketch-flights.yaml", "ContosoSketch_2.2.0.0_x64.msix", "ContosoSketch_2.3.0.0_x64.msix")
			},
			reads: []string{"GET " + sketch, "GET " + sketch + "/listflights?skip=0&top=100", "GET " + sketch + "/flights/ID/submissions/ID"},
			want:  draft(sketch+"/flights/ID", true),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, e := suiteInSync(t)
			test.edit(t, w)
			arguments := []string{"apply", "--auto-approve", "--target", test.target, "examples/contoso-suite"}
			if test.refused != "" {
				e.ForgetRequests()
				w.storesync(t, arguments...).want(t, 3).says(t, "--allow "+test.refused+"="+test.target)
				if got := writes(e); len(got) > 0 {
					t.Errorf("a refused apply sent:\n%s", strings.Join(got, "\n"))
				}
				arguments = slices.Insert(arguments, 1, "--allow", test.refused)
			}
			e.ForgetRequests()
			end := "In sync."
			if slices.ContainsFunc(test.want, func(call string) bool { return strings.HasSuffix(call, "/commit") }) {
				end = "read back" // Customers do not have it yet.
			}
			w.storesync(t, arguments...).want(t, 0).says(t, end)
			reads, sent := suiteCalls(e)
			slices.Sort(test.reads)
			slices.Sort(reads)
			if diff := cmp.Diff(test.reads, reads); diff != "" {
				t.Errorf("reads of the plan (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, sent); diff != "" {
				t.Errorf("calls of apply (-want +got):\n%s", diff)
			}
			e.Settle()
			e.ForgetRequests()
			w.storesync(t, "apply", "--auto-approve", "examples/contoso-suite").want(t, 0).says(t, "No changes.")
			if got := writes(e); len(got) > 0 {
				t.Errorf("a second apply sent:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

var storeIDs = []struct {
	id *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`\b\d{19}\b`), "ID"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "ID"},
	{regexp.MustCompile(`inappproducts/[0-9A-Z]{12}\b`), "inappproducts/ID"},
}

// suiteCalls are the requests with the ids taken out: those before the first
// write, and those from it to the last one.
func suiteCalls(e *emulator.Emulator) (reads, sent []string) {
	last := 0
	var all []string
	for _, r := range e.Requests() {
		line := r.Method + " " + strings.TrimPrefix(r.Path, "/v1.0/my/")
		switch {
		case r.Kind == "token", strings.HasSuffix(r.Path, "/status"):
			continue
		case r.Kind == "blob":
			line = r.Method + " blob"
		case r.Query != "":
			line += "?" + r.Query
		}
		for _, known := range storeIDs {
			line = known.id.ReplaceAllString(line, known.by)
		}
		if len(all) == 0 || line != "PUT blob" || all[len(all)-1] != line {
			all = append(all, line)
		}
		if r.Method != "GET" {
			last = len(all)
		}
	}
	first := slices.IndexFunc(all, func(line string) bool { return !strings.HasPrefix(line, "GET ") })
	if first < 0 {
		return all, nil
	}
	return all[:first], all[first:last]
}
