package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRequestLog checks that no secret of a request is in the log: neither a
// token, nor an upload address's signature, nor a body.
func TestRequestLog(t *testing.T) {
	const secret = "hunter2"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Correlation-ID", "4f5c")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, secret)
	}))
	defer server.Close()
	var log bytes.Buffer
	l := newRequestLog(server.Client(), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for _, address := range []string{server.URL + "/upload?sig=" + secret, "http://127.0.0.1:1/refused?sig=" + secret} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(secret))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+secret)
		if response, err := l.Do(request); err == nil {
			response.Body.Close()
		}
	}
	got := log.String()
	if strings.Contains(got, secret) {
		t.Errorf("the log holds a secret:\n%s", got)
	}
	for _, want := range []string{"method=PUT", "path=/upload", "status=418", "correlation=4f5c", "path=/refused", "answered=false"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log does not hold %s:\n%s", want, got)
		}
	}
}

// TestRequestLogFollowsNoRedirect checks the client that is made when there is
// no transport: a token must not travel along a redirect.
func TestRequestLogFollowsNoRedirect(t *testing.T) {
	followed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/elsewhere"
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := newRequestLog(nil, slog.New(slog.DiscardHandler)).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusTemporaryRedirect || followed {
		t.Errorf("the redirect was followed: HTTP %d", response.StatusCode)
	}
}

func TestMakeStateFolder(t *testing.T) {
	root := t.TempDir()
	ignore := filepath.Join(root, stateFolder, ".gitignore")
	for _, want := range []string{"*\n", "kept\n"} {
		if err := makeStateFolder(root); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(ignore)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(content)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// What a person wrote there stays.
		if err := os.WriteFile(ignore, []byte("kept\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestListenWarns(t *testing.T) {
	for address, warns := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		h, _, stderr := testHost()
		listener, err := listen(t.Context(), h, address)
		if err != nil {
			t.Fatal(err)
		}
		if base := baseURL(listener); !strings.HasPrefix(base, "http://127.0.0.1:") {
			t.Errorf("%s: reached at %s", address, base)
		}
		listener.Close()
		if got := strings.HasPrefix(stderr.String(), "warning: the emulator listens on "); got != warns {
			t.Errorf("%s: warns: want %t, got %q", address, warns, stderr)
		}
	}
}

func TestVariables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vars.yaml")
	if err := os.WriteFile(file, []byte("a: file\nb: file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, _, _ := testHost("STORESYNC_VAR_a=env", "STORESYNC_VAR_b=env", "STORESYNC_VAR_c=env", "STORESYNC_VAR_=", "OTHER=x")
	got, err := variables(h, commonOptions{varFiles: []string{file}, vars: map[string]string{"a": "flag"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "flag", "b": "file", "c": "env"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeVariables(t *testing.T) {
	for document, want := range map[string]string{
		"":                 "",
		"a: \"1.10\"\n":    "",
		"{\"a\": \"x\"}":   "",
		"a: 1.10\n":        "line 1: the value of a is not a string",
		"a: x\nb: true\n":  "line 2: the value of b is not a string",
		"a: x\na: y\n":     "line 2: a is there twice",
		"- a\n":            "line 1: not a mapping",
		"a: {b: c}\n":      "line 1: the value of a is not a string",
		"a: null\n":        "line 1: the value of a is not a string",
		"a: 2026-11-20\n":  "line 1: the value of a is not a string",
		"a: &x y\nb: *x\n": "line 2: the value of b is not a string",
	} {
		_, err := decodeVariables([]byte(document))
		if got := errorText(err); got != want {
			t.Errorf("%q: want %q, got %q", document, want, got)
		}
	}
}

// TestLoadInterrupted ends loading when the context does.
func TestLoadInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h, _, _ := testHost()
	if _, _, err := loadWorkspace(ctx, h, commonOptions{paths: []string{t.TempDir()}}, false); !errors.Is(err, context.Canceled) {
		t.Errorf("want %v, got %v", context.Canceled, err)
	}
}
