package provenance_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// equivalent are mutants that behave as the original does, with the reason.
var equivalent = map[string]string{
	"at: plan.MarkNone => plan.MarkSecret (2)":                 "what was not touched has no mark that anybody reads",
	"parent: i < 0 by <=":                                      "above a path that begins with a dot there is nothing, with and without asking",
	"parent: 0 => 0+1":                                         "above a path that begins with a dot there is nothing, with and without asking",
	"Table: if _, known := table[path]; known { continue } =>": "it only saves finding out once more what is in the table",
	"Table: continue =>":                                       "it only saves finding out once more what is in the table",
	"Canonical: case Images: =>":                               "it names a type for which nothing is done, so that every type is named",
}

// targets are the files that are mutated, by the package whose tests must notice.
var targets = []struct {
	folder string
	files  []string
}{
	{".", []string{"evidence.go", "table.go"}},
	{"../plan", []string{"mark.go"}},
}

// TestMutants changes the sources in one place at a time, and asks that the tests
// of the package notice. It takes some minutes, so it waits to be asked:
//
//	STORESYNC_MUTATE=1 go test -run TestMutants -timeout 60m -v ./reconcile/provenance
func TestMutants(t *testing.T) {
	if os.Getenv("STORESYNC_MUTATE") == "" {
		t.Skip("set STORESYNC_MUTATE=1 to run the tests against mutants of the code")
	}
	t.Setenv("STORESYNC_MUTATE", "")
	var survivors []string
	for _, target := range targets {
		for _, file := range target.files {
			survivors = append(survivors, survivorsOf(t, target.folder, file)...)
		}
	}
	for _, name := range survivors {
		if equivalent[name] == "" {
			t.Errorf("no test notices: %s", name)
		}
	}
	for name, reason := range equivalent {
		if !slices.Contains(survivors, name) {
			t.Errorf("noticed, or no mutant at all, so it needs no reason: %s: %s", name, reason)
		}
	}
}

type fate string

const (
	killed   fate = "killed"
	survived fate = "survived"
	broken   fate = "does not compile"
)

// survivorsOf are the names of a file's mutants that no test notices.
func survivorsOf(t *testing.T, folder, file string) []string {
	t.Helper()
	path := filepath.Join(folder, file)
	if got := fateOf(t, folder, mutant{file: path}); got != survived {
		t.Fatalf("%s as it is: %s, so no mutant would tell anything", path, got)
	}
	mutants := mutantsOf(t, path)
	fates := make([]fate, len(mutants))
	var group sync.WaitGroup
	for worker := range 2 {
		group.Go(func() {
			for i := worker; i < len(mutants); i += 2 {
				fates[i] = fateOf(t, folder, mutants[i])
			}
		})
	}
	group.Wait()
	count := map[fate]int{}
	var survivors []string
	for i, m := range mutants {
		count[fates[i]]++
		if fates[i] == survived {
			survivors = append(survivors, m.name)
		}
	}
	t.Logf("%s: %d mutants killed, %d survived, %d do not compile", file, count[killed], count[survived], count[broken])
	return survivors
}

// fateOf builds the package's tests with the mutant laid over its file, and runs
// them. One that never ends is noticed, too.
func fateOf(t *testing.T, folder string, m mutant) fate {
	t.Helper()
	temp := t.TempDir()
	original, err := filepath.Abs(m.file)
	if err != nil {
		t.Error(err)
	}
	source, err := os.ReadFile(original)
	if err != nil {
		t.Error(err)
	}
	changed, overlay, binary := filepath.Join(temp, "mutant.go"), filepath.Join(temp, "overlay.json"), filepath.Join(temp, "mutant.test")
	document, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Error(err)
	}
	for name, content := range map[string][]byte{changed: m.apply(source), overlay: document} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Error(err)
		}
	}
	defer os.Remove(binary)
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "-overlay", overlay, ".")
	build.Dir = folder
	if build.Run() != nil {
		return broken
	}
	run := exec.CommandContext(t.Context(), binary, "-test.short", "-test.failfast", "-test.timeout=1m")
	run.Dir = folder
	if run.Run() != nil {
		return killed
	}
	return survived
}
