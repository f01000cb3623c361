package examples_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// action.yml installs the release that is pinned, and nothing that was
// exchanged for it.
func TestActionInstalls(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the release that this test makes is for linux/amd64")
	}
	for _, needed := range []string{"bash", "curl", "tar", "sha256sum"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("the script of the action needs " + needed)
		}
	}
	const archive = "storesync_0.1.0_linux_amd64.tar.gz"
	release := packed(t, program)
	list := fmt.Sprintf("%x  storesync_0.1.0_darwin_arm64.tar.gz\n%x  %s\n", sha256.Sum256(nil), sha256.Sum256(release), archive)
	files := map[string][]byte{"/v0.1.0/checksums.txt": []byte(list), "/v0.1.0/" + archive: release}
	pin := fmt.Sprintf("%x", sha256.Sum256([]byte(list)))
	tests := []struct {
		name, version, pin, os string
		exchanged              string
		problem                string
	}{
		{name: "as pinned", version: "v0.1.0", pin: pin, os: "Linux"},
		{name: "another list", version: "v0.1.0", pin: strings.Repeat("0", 64), os: "Linux", problem: "is not the one that is pinned"},
		{name: "another archive", version: "v0.1.0", pin: pin, os: "Linux", exchanged: "/v0.1.0/" + archive, problem: "is not what checksums.txt says"},
		{name: "no such release", version: "v0.2.0", pin: pin, os: "Linux", problem: "cannot be downloaded"},
		{name: "no release", version: "main", pin: pin, os: "Linux", problem: "is not a release"},
		{name: "no digest", version: "v0.1.0", pin: "latest", os: "Linux", problem: "is not a SHA-256"},
		{name: "no archive", version: "v0.1.0", pin: pin, os: "Windows", problem: "does not name"},
		{name: "no platform", version: "v0.1.0", pin: pin, os: "BeOS", problem: "no storesync for this operating system"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				content, ok := files[r.URL.Path]
				if !ok {
					http.NotFound(w, r)
					return
				}
				if r.URL.Path == test.exchanged {
					content = packed(t, "action_test.go")
				}
				_, _ = w.Write(content)
			}))
			defer server.Close()
			folder := t.TempDir()
			command := exec.CommandContext(t.Context(), "bash", "-c", actionScript(t))
			command.Env = append(os.Environ(), "VERSION="+test.version, "CHECKSUMS_SHA256="+test.pin, "SOURCE="+server.URL, "OS="+test.os, "ARCH=X64",
				"TEMP_FOLDER="+folder, "GITHUB_PATH="+filepath.Join(folder, "path"), "GITHUB_OUTPUT="+filepath.Join(folder, "output"))
			out, err := command.CombinedOutput()
			path, _ := os.ReadFile(filepath.Join(folder, "path"))
			switch {
			case test.problem == "" && (err != nil || !strings.Contains(string(out), "storesync ") || len(path) == 0):
				t.Errorf("%v, PATH %q\n%s", err, path, out)
			case test.problem != "" && (err == nil || !strings.Contains(string(out), test.problem) || len(path) > 0):
				t.Errorf("%v, PATH %q, want it to end with %q\n%s", err, path, test.problem, out)
			}
		})
	}
}

// actionScript is the one script of action.yml.
func actionScript(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(content, &action); err != nil {
		t.Fatal(err)
	}
	if len(action.Runs.Steps) != 1 || strings.Contains(action.Runs.Steps[0].Run, "${{") {
		t.Fatalf("action.yml has %d steps, want one script without expressions", len(action.Runs.Steps))
	}
	return action.Runs.Steps[0].Run
}

// packed is an archive that holds a file as the program.
func packed(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	archive := tar.NewWriter(zipped)
	if err := archive.WriteHeader(&tar.Header{Name: "./storesync", Mode: 0o755, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
