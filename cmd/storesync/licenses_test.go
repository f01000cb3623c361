package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// releasedFor are the systems that .ci/release builds for.
var releasedFor = []string{"linux", "darwin", "windows"}

// TestLicensesAreThoseOfTheProgram: licenses.txt has the licence of each module
// that the program is built of, on any system, as the module has it; -update
// writes the file.
func TestLicensesAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	want := licencesOf(t)
	if *update {
		if err := os.WriteFile("licenses.txt", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if licenses != string(want) {
		t.Error("licenses.txt is not that of the modules in go.mod: run go test ./cmd/storesync -run TestLicenses -update")
	}
}

func licencesOf(t *testing.T) []byte {
	t.Helper()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	folders := map[string]string{"Go standard library": strings.TrimSpace(string(goroot))}
	for _, system := range releasedFor {
		command := exec.Command("go", "list", "-deps", "-json=Module", ".")
		command.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		out, err := command.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
			var listed struct {
				Module *struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			err := decoder.Decode(&listed)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if m := listed.Module; m != nil && !m.Main {
				folders[m.Path+" "+m.Version] = m.Dir
			}
		}
	}
	var notices bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		texts := licenceFiles(t, folders[name])
		if len(texts) == 0 {
			t.Errorf("%s has no licence", name)
		}
		fmt.Fprintf(&notices, "%s\n%s\n\n", name, strings.Repeat("=", len(name)))
		for _, text := range texts {
			notices.WriteString(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n\n")
		}
	}
	return bytes.TrimRight(notices.Bytes(), "\n")
}

func licenceFiles(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "NOTICE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(content))
	}
	return texts
}
