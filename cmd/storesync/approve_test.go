package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// newWorkspace makes a folder with one manifest that differs in one field from
// the product that the embedded emulator is seeded with.
func newWorkspace(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"app.yaml": `apiVersion: storesync/v1
kind: MsiExeApp
metadata: {name: contoso-reader}
spec:
  productId: 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11
  listings:
    en-us: {shortDescription: Read everything.}
    de-de: {shortDescription: Alles lesen.}
`,
		"emulator.yaml": `msiExe:
  - productId: 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11
    languages: [en-us, de-de]
`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// terminal is a host on a terminal where answer is typed.
func terminal(answer string, screen *screen) *host {
	return &host{
		streams: &streams{in: strings.NewReader(answer), out: &screen.out, err: screen, inTTY: true, errTTY: true},
		environ: []string{"NO_COLOR=1"},
	}
}

// screen is what a terminal shows of standard error, and of standard output
// apart. It calls out once for each text that it comes to show.
type screen struct {
	out  bytes.Buffer
	when map[string]func()

	mu    sync.Mutex
	shown bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	n, err := s.shown.Write(p)
	var calls []func()
	for text, call := range s.when {
		if strings.Contains(s.shown.String(), text) {
			delete(s.when, text)
			calls = append(calls, call)
		}
	}
	s.mu.Unlock()
	for _, call := range calls {
		call()
	}
	return n, err
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

func TestApprove(t *testing.T) {
	for _, tt := range []struct {
		answer string
		code   int
		text   string
	}{
		{"yes\n", 0, "Only 'yes' is accepted: "},
		{"no\n", 3, "error: not approved\n  Nothing was changed.\n"},
		{"y\n", 3, "error: not approved\n  Nothing was changed.\n"},
		{"", 3, "error: not approved\n  Nothing was changed.\n"},
	} {
		t.Run(fmt.Sprintf("%q", tt.answer), func(t *testing.T) {
			folder, w := newWorkspace(t), &screen{}
			code := run([]string{"storesync", "apply", "--emulator", folder}, terminal(tt.answer, w))
			if code != tt.code {
				t.Errorf("want exit code %d, got %d", tt.code, code)
			}
			if !strings.Contains(w.String(), tt.text) {
				t.Errorf("standard error does not hold %q:\n%s", tt.text, w)
			}
			if got, want := strings.Contains(w.out.String(), ": submitted "), tt.code == 0; got != want {
				t.Errorf("applied: want %t, got %t\n%s", want, got, &w.out)
			}
		})
	}
}
