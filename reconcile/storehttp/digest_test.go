package storehttp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContentDigest(t *testing.T) {
	const limit = 1000
	content := strings.Repeat("p", limit)
	sum := sha256.Sum256([]byte(content))
	tests := []struct {
		name       string
		answers    []http.HandlerFunc
		want       string
		wantError  string
		unreadable bool
	}{
		{
			name:    "Content-MD5 by HEAD",
			answers: []http.HandlerFunc{answer(200, "", "Content-MD5: XrY7u+Ae7tCTyyK7j1rNww==")},
			want:    "md5:5eb63bbbe01eeed093cb22bb8f5acdc3",
		},
		{
			name:    "content when there is no Content-MD5",
			answers: []http.HandlerFunc{answer(200, ""), answer(200, content)},
			want:    "sha256:" + hex.EncodeToString(sum[:]),
		},
		{
			name:    "content when HEAD is refused",
			answers: []http.HandlerFunc{answer(405, ""), answer(200, content)},
			want:    "sha256:" + hex.EncodeToString(sum[:]),
		},
		{
			name:       "not public",
			answers:    []http.HandlerFunc{answer(403, ""), answer(403, "sig=SECRET")},
			wantError:  "read the stored file https://HOST/a.png: HTTP 403",
			unreadable: true,
		},
		{
			name:       "too large",
			answers:    []http.HandlerFunc{answer(200, ""), answer(200, content+"p")},
			wantError:  "read the stored file https://HOST/a.png: it is larger than 1000 bytes",
			unreadable: true,
		},
		{
			name: "too large without a length",
			answers: []http.HandlerFunc{answer(200, ""), func(w http.ResponseWriter, _ *http.Request) {
				w.(http.Flusher).Flush()
				_, _ = w.Write(bytes.Repeat([]byte("p"), limit+1))
			}},
			wantError:  "read the stored file https://HOST/a.png: it is larger than 1000 bytes",
			unreadable: true,
		},
		{
			name: "broken off",
			answers: []http.HandlerFunc{answer(200, ""), func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte("p"))
			}},
			wantError: "read the stored file https://HOST/a.png: unexpected EOF",
		},
		{
			name:    "redirect to https",
			answers: []http.HandlerFunc{answer(302, "", "Location: /other.png"), answer(200, "", "Content-MD5: XrY7u+Ae7tCTyyK7j1rNww==")},
			want:    "md5:5eb63bbbe01eeed093cb22bb8f5acdc3",
		},
		{
			name:       "redirect to plain http",
			answers:    []http.HandlerFunc{answer(302, "", "Location: http://cdn.contoso.example/a?sig=SECRET")},
			wantError:  "read the stored file https://HOST/a.png: it is redirected to an address that is not followed",
			unreadable: true,
		},
		{
			name:       "redirect to a file",
			answers:    []http.HandlerFunc{answer(302, "", "Location: file:///etc/passwd")},
			wantError:  "read the stored file https://HOST/a.png: it is redirected to an address that is not followed",
			unreadable: true,
		},
		{
			name:       "redirect for ever",
			answers:    []http.HandlerFunc{answer(302, "", "Location: /a.png")},
			wantError:  "read the stored file https://HOST/a.png: it is redirected too often",
			unreadable: true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &script{answers: test.answers}
			address, client := serveTLS(t, s)
			got, err := ContentDigest(t.Context(), client, address+"/a.png?sig=SECRET", limit)
			wantError := strings.ReplaceAll(test.wantError, "https://HOST", address)
			if diff := cmp.Diff([]string{test.want, wantError}, []string{got, errText(err)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errors.Is(err, ErrUnreadable) != test.unreadable {
				t.Errorf("unreadable: %v, want %v", !test.unreadable, test.unreadable)
			}
			for _, r := range s.requests {
				if r.Header.Get("Authorization") != "" {
					t.Error("a token went along")
				}
			}
		})
	}
}

func TestContentDigestRefusesAddresses(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(200, "x")}}
	for _, address := range []string{
		"http://cdn.contoso.example/a", "ftp://cdn.contoso.example/a", "file:///etc/passwd", "https://u:p@cdn.contoso.example/a", "", "%",
	} {
		_, err := ContentDigest(t.Context(), handlerTransport{s}, address, 0)
		if !errors.Is(err, ErrUnreadable) || s.count() > 0 {
			t.Errorf("%q: %v", address, err)
		}
		mustNotHold(t, errText(err), "u:p")
	}
	// From elsewhere into this machine.
	s = &script{answers: []http.HandlerFunc{answer(302, "", "Location: https://127.0.0.1/secret"), answer(200, "x")}}
	_, err := ContentDigest(t.Context(), handlerTransport{s}, "https://cdn.contoso.example/a", 0)
	if !errors.Is(err, ErrUnreadable) || s.count() != 1 {
		t.Errorf("%d requests: %v", s.count(), err)
	}
}

func TestProbePackage(t *testing.T) {
	sum := sha256.Sum256([]byte("installer"))
	good, bad := hex.EncodeToString(sum[:]), strings.Repeat("0", 64)
	tests := []struct {
		name    string
		answers []http.HandlerFunc
		sha     string
		methods string
		want    int64
		wantErr string
	}{
		{name: "answers", answers: []http.HandlerFunc{answer(200, "installer", "Content-Length: 9")}, methods: "HEAD", want: 9},
		{name: "no HEAD", answers: []http.HandlerFunc{answer(405, ""), answer(200, "installer")}, methods: "HEAD GET", want: 9},
		{name: "digest equal", answers: []http.HandlerFunc{answer(200, "installer")}, sha: strings.ToUpper(good), methods: "GET", want: 9},
		{
			name: "digest differs", answers: []http.HandlerFunc{answer(200, "installer")}, sha: bad, methods: "GET",
			wantErr: "it serves 9 bytes with sha256 " + good + ", the manifest says " + bad + ": publish the right file under a new, versioned URL",
		},
		{
			name: "redirect", answers: []http.HandlerFunc{answer(302, "", "Location: https://cdn.contoso.example/x?sig=SECRET")}, methods: "HEAD",
			wantErr: "it redirects to https://cdn.contoso.example/x (HTTP 302), which the Store does not accept: give the address of the file itself",
		},
		{
			name: "gone", answers: []http.HandlerFunc{answer(404, "")}, methods: "HEAD GET",
			wantErr: "it answers HTTP 404, the Store needs 200: publish the file and check the address",
		},
		{
			name: "empty", answers: []http.HandlerFunc{answer(200, "")}, sha: good, methods: "GET",
			wantErr: "it answers with an empty file",
		},
		{
			name: "web page", answers: []http.HandlerFunc{answer(200, "<html>", "Content-Type: text/html; charset=utf-8")}, sha: good, methods: "GET",
			wantErr: "it answers with a web page, not a file: give the direct download address",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &script{answers: test.answers}
			address, client := serveTLS(t, s)
			found, err := ProbePackage(t.Context(), client, address+"/1.2.3/setup.exe?sig=SECRET", test.sha)
			if test.wantErr != "" {
				test.wantErr = "check package URL " + address + "/1.2.3/setup.exe: " + test.wantErr
			}
			if diff := cmp.Diff(test.wantErr, errText(err)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			var methods []string
			for _, r := range s.requests {
				methods = append(methods, r.Method)
			}
			if diff := cmp.Diff(test.methods, strings.Join(methods, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err == nil && found.Bytes != test.want {
				t.Errorf("%d bytes, want %d", found.Bytes, test.want)
			}
		})
	}
	for _, address := range []string{"http://dl.contoso.example/a.exe", "https://u:p@dl.contoso.example/a.exe", "dl.contoso.example/a.exe"} {
		if _, err := ProbePackage(t.Context(), nil, address, ""); err == nil {
			t.Errorf("%s was accepted", address)
		}
	}
}
