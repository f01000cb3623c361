// Package examples_test runs what the project shows: every folder here, every
// command of README.md and docs/, and every YAML block in them, with the real
// program.
package examples_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/storesync/storesync/reconcile/emulator"
)

// program is the built storesync, alone in its folder.
var program string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "storesync-examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "make folder for the program:", err)
		os.Exit(1)
	}
	program = filepath.Join(folder, "storesync")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	code := 1
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../cmd/storesync").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build storesync: %v\n%s", err, out)
	} else {
		code = m.Run()
	}
	os.RemoveAll(folder)
	os.Exit(code)
}

// lookAtSources looks at every source file of the program. Go takes a passed
// test for passed while the files that it looked at stay the same, and does
// not see what the build in TestMain looked at.
var lookAtSources = sync.OnceValue(func() error {
	return filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != ".." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		_, err = os.Stat(name)
		return err
	})
})

// workspace is a copy of examples/ in a folder of its own that looks like a
// clone, with an environment that names no Store.
type workspace struct {
	folder string
	env    map[string]string
}

func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	if err := lookAtSources(); err != nil {
		t.Fatal(err)
	}
	w := &workspace{folder: t.TempDir(), env: map[string]string{}}
	for _, name := range []string{"SYSTEMROOT", "TMPDIR", "TEMP", "TMP"} {
		if value, ok := os.LookupEnv(name); ok {
			w.env[name] = value
		}
	}
	w.env["PATH"] = filepath.Dir(program) + string(os.PathListSeparator) + os.Getenv("PATH")
	w.env["HOME"] = w.folder
	if err := os.Mkdir(filepath.Join(w.folder, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, example := range exampleFolders(t) {
		if err := os.CopyFS(filepath.Join(w.folder, "examples", example), os.DirFS(example)); err != nil {
			t.Fatal(err)
		}
	}
	// The pages about pipelines call the folder of manifests "store".
	if err := os.CopyFS(filepath.Join(w.folder, "store"), os.DirFS("contoso-reader")); err != nil {
		t.Fatal(err)
	}
	return w
}

// exampleFolders are the folders that hold manifests.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), "contoso-") {
			folders = append(folders, entry.Name())
		}
	}
	return folders
}

// connect starts an emulator for the workspace and points its environment at it.
func (w *workspace) connect(t *testing.T) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	w.env["STORESYNC_MSIEXE_ENDPOINT"] = server.URL
	w.env["STORESYNC_MSIX_ENDPOINT"] = server.URL
	w.env["STORESYNC_ACCESS_TOKEN"] = e.Token()
	w.env["STORESYNC_SELLER_ID"] = "12345678"
	return e
}

// result is what a program left behind.
type result struct {
	stdout, stderr string
	exit           int
}

// storesync runs the program in the workspace.
func (w *workspace) storesync(t *testing.T, arguments ...string) result {
	t.Helper()
	return w.run(t, program, arguments...)
}

func (w *workspace) run(t *testing.T, name string, arguments ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = w.folder
	for _, key := range slices.Sorted(maps.Keys(w.env)) {
		command.Env = append(command.Env, key+"="+w.env[key])
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatalf("run %s: %v", name, err)
	}
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// want fails the test unless the program ended with the exit code.
func (r result) want(t *testing.T, exit int) result {
	t.Helper()
	if r.exit != exit {
		t.Fatalf("exit %d, want %d\n%s", r.exit, exit, r)
	}
	return r
}

// says fails the test unless a text is among what was written; how lines are
// broken does not count.
func (r result) says(t *testing.T, text string) {
	t.Helper()
	if missingText(text, r.stdout+r.stderr) != "" {
		t.Errorf("output lacks %q\n%s", text, r)
	}
}

func (r result) String() string {
	return fmt.Sprintf("-- stdout\n%s\n-- stderr\n%s", r.stdout, r.stderr)
}
