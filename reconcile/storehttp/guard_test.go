package storehttp

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/google/go-cmp/cmp"
)

// However a request came to point elsewhere, it is stopped before a token is
// asked for.
func TestOriginPolicyStopsForeignRequests(t *testing.T) {
	endpoint, _ := url.Parse("https://api.contoso.example")
	s := &script{answers: []http.HandlerFunc{answer(200, "")}}
	pipeline := runtime.NewPipeline("x", "", runtime.PipelineOptions{PerRetry: []policy.Policy{originPolicy{endpoint: endpoint}}},
		&policy.ClientOptions{Transport: handlerTransport{s}})
	for address, allowed := range map[string]bool{
		"https://api.contoso.example/x": true, "https://evil.example/x": false, "http://api.contoso.example/x": false,
		"https://api.contoso.example:8443/x": false, "https://user@api.contoso.example/x": false,
	} {
		before := s.count()
		request, err := runtime.NewRequest(t.Context(), "GET", address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pipeline.Do(request)
		if (err == nil) != allowed || (s.count() > before) != allowed {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestRewinderCutsOffOldTries(t *testing.T) {
	sum := sha256.Sum256([]byte("0123456789"))
	r := &rewinder{content: strings.NewReader("0123456789"), size: 10, planned: sum[:]}
	first, err := r.rewind()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(first, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	second, err := r.rewind()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := first.Read(make([]byte, 4)); n != 0 || !errors.Is(err, errCutOff) {
		t.Errorf("the old try read %d bytes: %v", n, err)
	}
	_ = first.Close() // must not end the second
	got, err := io.ReadAll(second)
	if diff := cmp.Diff("0123456789", string(got)); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	third, _ := r.rewind()
	r.stop()
	if n, err := third.Read(make([]byte, 4)); n != 0 || !errors.Is(err, errCutOff) {
		t.Errorf("read %d bytes after the end: %v", n, err)
	}
}

func TestNothingIsSentAfterTheEnd(t *testing.T) {
	signal := errors.New("stopped by a signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(signal)
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	_, err := newTestPipeline(t, s, nil).Do(ctx, request("POST"))
	if diff := cmp.Diff("read status of product contoso: stopped by a signal", errText(err)); diff != "" || s.count() != 0 || IsUnknownOutcome(err) || !errors.Is(err, signal) {
		t.Errorf("%d requests (-want +got):\n%s", s.count(), diff)
	}
	err = PutBlob(ctx, handlerTransport{s}, planned(target("https://blob.contoso.example"), []byte("x")), strings.NewReader("x"), 1, nil)
	if s.count() != 0 || IsUnknownOutcome(err) || !errors.Is(err, signal) {
		t.Errorf("%d requests: %v", s.count(), err)
	}
}

func TestErrorBodiesAreLimited(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(503, strings.Repeat("x", 1<<20))}}
	for name, transport := range map[string]policy.Transporter{
		"API": limited{next: handlerTransport{s}}, "blob": limitedErrors{next: handlerTransport{s}},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://api.contoso.example", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || len(body) != maxErrorBody {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\n b\tc ":                        "a b c",
		"\x1b[31mred\x07":                    "[31mred",
		"right\u202eleft\u200b":              "rightleft",
		"https://x/a?sv=1&sig=AbC%2F&se=2":   "https://x/a?sv=1&sig=REDACTED&se=2",
		`{"client_secret":"s3cret","a":1}`:   `{"client_secret":"REDACTED","a":1}`,
		"Authorization: Bearer abcdef.12345": "Authorization: Bearer REDACTED",
		"the signature did not match":        "the signature did not match",
		strings.Repeat("ä", 700):             strings.Repeat("ä", 600) + "…",
	} {
		if diff := cmp.Diff(want, OneLine(in)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
