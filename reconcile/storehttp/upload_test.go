package storehttp

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const sasQuery = "?sv=2021-08-06&sp=rcw&sig=SECRET+SIGNATURE%3D"

func target(address string) UploadTarget {
	return UploadTarget{
		Name: "images/logo-1080.png", URL: NewSASURL(address + "/listingassets/contoso" + sasQuery), Method: "PUT",
		Headers: map[string]string{"Content-Type": "image/png", "x-ms-blob-type": "BlockBlob", "Content-Length": "", "Host": ""},
	}
}

// planned is the target for content that was planned so.
func planned(to UploadTarget, content []byte) UploadTarget {
	sum := sha256.Sum256(content)
	to.SHA256 = hex.EncodeToString(sum[:])
	return to
}

func TestUploadFollowsTheAnswer(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(201, "")}}
	address, client := serveTLS(t, s)
	content := bytes.Repeat([]byte("contoso"), 20_000)
	var last, total int64
	err := PutBlob(t.Context(), client, planned(target(address), content), bytes.NewReader(content), int64(len(content)), func(sent, all int64) { last, total = sent, all })
	if err != nil {
		t.Fatal(err)
	}
	got, sum := s.request(0), md5.Sum(content)
	want := http.Header{
		"Content-Type": {"image/png"}, "X-Ms-Blob-Type": {"BlockBlob"}, "Content-Length": {"140000"},
		"Content-Md5": {base64.StdEncoding.EncodeToString(sum[:])},
	}
	got.Header.Del("User-Agent")
	got.Header.Del("Accept-Encoding")
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if got.Body != string(content) || got.Method != "PUT" || got.Path != "/listingassets/contoso" {
		t.Errorf("%s %s with %d bytes", got.Method, got.Path, len(got.Body))
	}
	if want := "sv=2021-08-06&sp=rcw&sig=SECRET%2BSIGNATURE%3D"; got.Query != want {
		t.Errorf("query %s, want %s", got.Query, want)
	}
	if last != 140000 || total != 140000 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

func TestUploadOtherHeadersAreSentExactly(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(201, "")}}
	address, client := serveTLS(t, s)
	to := target(address)
	to.Method = "post"
	to.Headers = map[string]string{"Content-Type": "application/x-contoso; a=b", "x-ms-meta-a": "1", "Content-MD5": "AAAA"}
	if err := PutBlob(t.Context(), client, planned(to, []byte("x")), strings.NewReader("x"), 1, nil); err != nil {
		t.Fatal(err)
	}
	got := s.request(0)
	if diff := cmp.Diff([]string{"POST", "application/x-contoso; a=b", "1", "AAAA"},
		[]string{got.Method, got.Header.Get("Content-Type"), got.Header.Get("X-Ms-Meta-A"), got.Header.Get("Content-Md5")}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUploadRetriesFromTheBeginning(t *testing.T) {
	tests := map[string]http.HandlerFunc{
		"503":     answer(503, "<html>busy</html>"),
		"dropped": hangUp,
		"429":     answer(429, "", "Retry-After: 30"),
	}
	for name, first := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []http.HandlerFunc{first, first, answer(201, "")}}
				content := strings.NewReader("the whole picture")
				if _, err := content.Seek(4, io.SeekStart); err != nil {
					t.Fatal(err)
				}
				if err := PutBlob(t.Context(), handlerTransport{s}, planned(target("https://blob.contoso.example"), []byte("the whole picture")), content, 17, nil); err != nil {
					t.Fatal(err)
				}
				for i := range 3 {
					if got := s.request(i).Body; got != "the whole picture" {
						t.Errorf("try %d sent %q", i+1, got)
					}
				}
			})
		})
	}
}

// A server may answer before it has read the body; net/http then goes on
// reading it for a while. Run with -race.
func TestUploadAnsweredEarlyDoesNotMixTries(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	var tries atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) < 3 {
			w.Header().Set("Retry-After", "0")
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		if !bytes.Equal(body, content) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	address, client := serveTLS(t, handler)
	if err := PutBlob(t.Context(), client, planned(target(address), content), bytes.NewReader(content), int64(len(content)), nil); err != nil {
		t.Fatal(err)
	}
}

func TestUploadErrors(t *testing.T) {
	xml := func(code, message string) string {
		return "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code + "</Code><Message>" + message +
			"\nRequestId:r-1\nTime:2026-01-01T00:00:00Z</Message><AuthenticationErrorDetail>Signature sig=SECRET did not match</AuthenticationErrorDetail></Error>"
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		change func(*UploadTarget)
		size   int64
		want   string
		next   string
	}{
		{
			name: "expired address",
			answer: answer(403, xml("AuthenticationFailed", "Server failed to authenticate the request. Signature not valid in the specified time frame: sig=SECRET."),
				"x-ms-request-id: r-1", "x-ms-error-code: AuthenticationFailed"),
			want: "upload images/logo-1080.png to blob.contoso.example: HTTP 403 Forbidden: AuthenticationFailed: Server failed to authenticate the request. Signature not valid in the specified time frame: sig=REDACTED (correlation id r-1)",
			next: "Upload addresses live one hour. Run the same command again: it asks for new ones.",
		},
		{
			name:   "damaged on the way",
			answer: answer(400, xml("Md5Mismatch", "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")),
			want:   "upload images/logo-1080.png to blob.contoso.example: HTTP 400 Bad Request: Md5Mismatch: The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
		},
		{
			name:   "no XML",
			answer: answer(409, "<html>conflict</html>"),
			want:   "upload images/logo-1080.png to blob.contoso.example: HTTP 409 Conflict",
		},
		{
			name:   "redirect",
			answer: answer(307, "", "Location: https://evil.example/?sig=SECRET"),
			want:   "upload images/logo-1080.png to blob.contoso.example: HTTP 307 Temporary Redirect: the answer is a redirect, which is not followed",
		},
		{
			name:   "plain http",
			change: func(u *UploadTarget) { u.URL = NewSASURL("http://blob.contoso.example/a" + sasQuery) },
			want:   "upload images/logo-1080.png to blob.contoso.example: the Store's upload address is plain http, which is accepted on loopback only: use https",
		},
		{
			name:   "strange method",
			change: func(u *UploadTarget) { u.Method = "DELETE" },
			want:   "upload images/logo-1080.png to blob.contoso.example: the Store asks to send it with DELETE, which storesync does not know",
		},
		{
			name: "file changed", size: 5,
			want: "upload images/logo-1080.png to blob.contoso.example: images/logo-1080.png changed its size since planning: plan again",
		},
		{
			name: "other content of that size", change: func(u *UploadTarget) { *u = planned(*u, []byte("1235")) },
			want: "upload images/logo-1080.png to blob.contoso.example: images/logo-1080.png changed since planning: its content is another one; plan again",
		},
		{
			name: "no digest planned", change: func(u *UploadTarget) { u.SHA256 = "" },
			want: "upload images/logo-1080.png to blob.contoso.example: images/logo-1080.png was planned without its digest: plan again",
		},
		{
			name:   "wrong size asked",
			change: func(u *UploadTarget) { u.Headers["Content-Length"] = "7" },
			want:   "upload images/logo-1080.png to blob.contoso.example: the Store asks for 7 bytes, the file has 4",
		},
		{
			name:   "garbage for a URL",
			change: func(u *UploadTarget) { u.URL = NewSASURL("https://x\x7f" + sasQuery) },
			want:   "upload images/logo-1080.png to blob storage: the Store's upload address is not a URL",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &script{answers: []http.HandlerFunc{test.answer}}
			to := planned(target("https://blob.contoso.example"), []byte("1234"))
			if test.change != nil {
				test.change(&to)
			}
			if test.size == 0 {
				test.size = 4
			}
			err := PutBlob(t.Context(), handlerTransport{s}, to, strings.NewReader("1234"), test.size, nil)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff([]string{test.want, test.next}, []string{err.Error(), Advice(err)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			mustNotHold(t, fmt.Sprintf("%v %+v %#v", err, err, err), "SECRET")
			if IsAuth(err) {
				t.Error("a refused upload counts as a credential problem")
			}
			if test.answer == nil && s.count() > 0 {
				t.Error("a request was sent")
			}
		})
	}
}

// swapped is a file that is rewritten in place once it was read to its end.
type swapped struct {
	*bytes.Reader
	then  []byte
	seeks int
}

func (s *swapped) Seek(offset int64, whence int) (int64, error) {
	if s.seeks++; s.seeks == 2 {
		s.Reader = bytes.NewReader(s.then)
	}
	return s.Reader.Seek(offset, whence)
}

// What changes while it is sent never gets there whole, and is not tried again.
func TestUploadOfAFileThatChangesWhileItIsSent(t *testing.T) {
	content := bytes.Repeat([]byte("picture "), 20_000)
	other := bytes.Clone(content)
	other[len(other)/2] = '#'
	for name, test := range map[string]struct {
		then []byte
		want string
	}{
		"other content": {other, "images/logo-1080.png changed since planning: its content is another one; plan again"},
		"shorter":       {content[8:], "images/logo-1080.png changed its size since planning: plan again"},
		"longer by what is not planned, which is not sent": {append(bytes.Clone(content), 'x'), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var whole, requests atomic.Int32
			address, client := serveTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if _, err := io.Copy(io.Discard, r.Body); err == nil {
					whole.Add(1)
				}
				w.WriteHeader(http.StatusCreated)
			}))
			file := &swapped{Reader: bytes.NewReader(content), then: test.then}
			err := PutBlob(t.Context(), client, planned(target(address), content), file, int64(len(content)), nil)
			if test.want == "" {
				if err != nil || whole.Load() != 1 {
					t.Errorf("%d with a whole body, %v", whole.Load(), err)
				}
				return
			}
			if err == nil || !strings.HasSuffix(err.Error(), ": "+test.want) || IsUnknownOutcome(err) {
				t.Errorf("got %v", err)
			}
			if whole.Load() > 0 || requests.Load() > 1 {
				t.Errorf("%d requests, %d with a whole body", requests.Load(), whole.Load())
			}
		})
	}
}

func TestUploadConnectionErrorHoldsNoSignature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{hangUp}}
		err := PutBlob(t.Context(), handlerTransport{s}, planned(target("https://blob.contoso.example"), []byte("1234")), strings.NewReader("1234"), 4, nil)
		want := "upload images/logo-1080.png to blob.contoso.example: no answer: unexpected EOF; it may have been carried out all the same"
		if diff := cmp.Diff(want, errText(err)); diff != "" || s.count() != 5 {
			t.Errorf("%d tries (-want +got):\n%s", s.count(), diff)
		}
	})
	// net/http puts the whole URL into its errors.
	ctx, cancel := context.WithCancel(t.Context())
	address, client := serveTLS(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	err := PutBlob(ctx, client, planned(target(address), []byte("1234")), strings.NewReader("1234"), 4, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	mustNotHold(t, fmt.Sprint(err), "SECRET")
}

func TestSASURLIsRedactedEverywhere(t *testing.T) {
	u := NewSASURL("https://blob.contoso.example/a/b" + sasQuery)
	to := UploadTarget{URL: u}
	encoded, err := json.Marshal(struct {
		URL  SASURL
		Keys map[SASURL]int
	}{u, map[SASURL]int{u: 1}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "url", u, "target", to)
	texts := []string{string(encoded), log.String(), u.String(), u.GoString(), u.LogValue().String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		texts = append(texts, fmt.Sprintf(verb, u), fmt.Sprintf(verb, &u), fmt.Sprintf(verb, to))
	}
	for _, text := range texts {
		mustNotHold(t, text, "SECRET", "5345435245")
	}
	if diff := cmp.Diff("https://blob.contoso.example/a/b?REDACTED", u.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var read struct{ URL SASURL }
	if err := json.Unmarshal([]byte(`{"url":"https://blob.contoso.example/a?sig=SECRET"}`), &read); err != nil || read.URL.Reveal() != "https://blob.contoso.example/a?sig=SECRET" {
		t.Errorf("%v %v", err, read.URL)
	}
}
