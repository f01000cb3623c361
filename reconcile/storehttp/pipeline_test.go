package storehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const path = "/submission/v1/product/contoso/status"

func request(method string) Request {
	return Request{Op: "read status of product contoso", Method: method, Path: path}
}

func TestRequestCarriesTokenHeadersAndBody(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`, "X-Correlation-ID: c-1")}}
	p := newTestPipeline(t, s, func(o *Options) { o.Headers = http.Header{"X-Seller-Account-Id": {"42"}} })
	response, err := p.Do(t.Context(), Request{
		Op: "write", Method: "PUT", Path: "/a/b%2Fc", Query: url.Values{"languages": {"de-de,en-us"}}, Body: []byte(`{"a":1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.request(0)
	want := map[string]string{
		"Authorization": "Bearer " + testToken, "Content-Type": "application/json", "X-Seller-Account-Id": "42",
		"Accept": "application/json",
	}
	for name, value := range want {
		if diff := cmp.Diff(value, got.Header.Get(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if agent := got.Header.Get("User-Agent"); !strings.HasPrefix(agent, "storesync/1.2.3 (go1.") {
		t.Errorf("User-Agent %q", agent)
	}
	if diff := cmp.Diff([]string{"/a/b/c", "languages=de-de%2Cen-us", `{"a":1}`, "c-1"},
		[]string{got.Path, got.Query, got.Body, response.CorrelationID}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is sent how often, by method and by what happens to the first try.
func TestRetriesByMethod(t *testing.T) {
	first := map[string]http.HandlerFunc{
		"500": answer(500, ""), "502": answer(502, ""), "503": answer(503, ""), "504": answer(504, ""),
		"429": answer(429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 7 seconds."}`),
		"400": answer(400, ""), "409": answer(409, ""), "dropped": hangUp,
	}
	repeated := map[string][]string{
		"GET":    {"429", "500", "502", "503", "504", "dropped"},
		"HEAD":   {"429", "500", "502", "503", "504", "dropped"},
		"PUT":    {"429", "500", "502", "503", "504", "dropped"},
		"PATCH":  {"429", "500", "502", "503", "504", "dropped"},
		"DELETE": {"429", "500", "502", "503", "504", "dropped"},
		"POST":   {"429"},
	}
	for method, again := range repeated {
		for name, handler := range first {
			t.Run(method+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{answers: []http.HandlerFunc{handler, answer(200, `{}`)}}
					_, err := newTestPipeline(t, s, nil).Do(t.Context(), Request{Op: "x", Method: method, Path: path, Body: []byte(`{"a":1}`)})
					want := 1
					if strings.Contains(strings.Join(again, " "), name) {
						want = 2
					}
					if s.count() != want || (err == nil) != (want == 2) {
						t.Fatalf("%d requests, want %d; error %v", s.count(), want, err)
					}
					if want == 2 && s.request(1).Body != `{"a":1}` {
						t.Errorf("second try sent %q", s.request(1).Body)
					}
					unknown := method == "POST" && strings.Contains("500 502 503 504 dropped", name)
					if err != nil && IsUnknownOutcome(err) != unknown {
						t.Errorf("unknown outcome: %v, want %v: %v", !unknown, unknown, err)
					}
				})
			})
		}
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := []struct {
		name    string
		answer  func() http.HandlerFunc
		atLeast time.Duration
		atMost  time.Duration
	}{
		{"seconds", func() http.HandlerFunc { return answer(429, "", "Retry-After: 90") }, 90 * time.Second, 91 * time.Second},
		{"HTTP date", func() http.HandlerFunc {
			return answer(503, "", "Retry-After: "+time.Now().Add(2*time.Minute).UTC().Format(http.TimeFormat))
		}, 119 * time.Second, 121 * time.Second},
		{"named in the text only", func() http.HandlerFunc {
			return answer(429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 33 seconds."}`)
		}, 33 * time.Second, 34 * time.Second},
		{"absent: exponential with jitter", func() http.HandlerFunc { return answer(503, "") }, 600 * time.Millisecond, 1100 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s := &script{answers: []http.HandlerFunc{test.answer(), answer(200, `{}`)}}
				if _, err := newTestPipeline(t, s, nil).Do(t.Context(), request("GET")); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took < test.atLeast || took > test.atMost {
					t.Errorf("waited %v, want %v to %v", took, test.atLeast, test.atMost)
				}
			})
		})
	}
}

func TestRetryAfterBeyondTheCapIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := &script{answers: []http.HandlerFunc{answer(429, `{"statusCode":429,"message":"Rate limit is exceeded."}`,
			"Retry-After: 3600", "X-Correlation-ID: c-9")}}
		_, err := newTestPipeline(t, s, nil).Do(t.Context(), request("GET"))
		want := "read status of product contoso: HTTP 429 Too Many Requests: Rate limit is exceeded. (correlation id c-9)\n" +
			"The Store limits how many requests an account may send. Wait 1h0m0s and run the same command again: it goes on where it stopped. Other jobs of the same account count too."
		if diff := cmp.Diff(want, err.Error()+"\n"+Advice(err)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !IsThrottled(err) || s.count() != 1 || time.Since(begin) != 0 {
			t.Errorf("throttled %v, %d requests, %v", IsThrottled(err), s.count(), time.Since(begin))
		}
	})
}

func TestThrottledForEverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{answer(429, "", "Retry-After: 60")}}
		begin := time.Now()
		_, err := newTestPipeline(t, s, nil).Do(t.Context(), request("POST"))
		if !IsThrottled(err) || IsUnknownOutcome(err) || s.count() != 5 || time.Since(begin) != 4*time.Minute {
			t.Errorf("%d requests in %v: %v", s.count(), time.Since(begin), err)
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		s := &script{answers: []http.HandlerFunc{answer(429, "", "Retry-After: 300")}}
		p := newTestPipeline(t, s, nil)
		time.AfterFunc(10*time.Second, func() { cancel(stop) })
		begin := time.Now()
		_, err := p.Do(ctx, request("GET"))
		if !errors.Is(err, stop) || time.Since(begin) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestHTMLBodyGivesACleanError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{answer(503, "<html><h1>Down</h1>"+strings.Repeat("x", 1<<20), "Content-Type: text/html", "X-Correlation-ID: c-2")}}
		_, err := newTestPipeline(t, s, nil).Do(t.Context(), Request{Op: "submit product contoso", Method: "POST", Path: path})
		want := "submit product contoso: HTTP 503 Service Unavailable; it may have been carried out all the same (correlation id c-2)"
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestReadOnlyRefusesBeforeSending(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
		credential := &tokens{}
		p := newTestPipeline(t, s, func(o *Options) { o.ReadOnly, o.Credential = true, credential })
		_, err := p.Do(t.Context(), request(method))
		if _, ok := errors.AsType[*ReadOnlyError](err); !ok || s.count() != 0 || credential.made != 0 {
			t.Errorf("%s: %d requests, %d tokens, error %v", method, s.count(), credential.made, err)
		}
		if IsUnknownOutcome(err) {
			t.Errorf("%s: outcome unknown though nothing was sent", method)
		}
	}
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	if _, err := newTestPipeline(t, s, func(o *Options) { o.ReadOnly = true }).Do(t.Context(), request("GET")); err != nil {
		t.Error(err)
	}
}

func TestTokenIsRenewedWhenTheAPIRefusesIt(t *testing.T) {
	for _, method := range []string{"GET", "PUT", "POST"} {
		s := &script{answers: []http.HandlerFunc{answer(401, `{"statusCode":401,"message":"Unauthorized."}`), answer(200, `{}`)}}
		if _, err := newTestPipeline(t, s, nil).Do(t.Context(), Request{Op: "x", Method: method, Path: path, Body: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
		got := []string{s.request(0).Header.Get("Authorization"), s.request(1).Header.Get("Authorization"), s.request(1).Body}
		if diff := cmp.Diff([]string{"Bearer contoso-token-1", "Bearer contoso-token-2", "{}"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
}

func TestRefusedTwiceIsAnError(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(401, `{"statusCode":401,"message":"Unauthorized. Access token is missing or invalid."}`, "X-Correlation-ID: c-3")}}
	_, err := newTestPipeline(t, s, nil).Do(t.Context(), request("GET"))
	want := "read status of product contoso: HTTP 401 Unauthorized: Unauthorized. Access token is missing or invalid. (correlation id c-3)"
	if diff := cmp.Diff(want, err.Error()); diff != "" || s.count() != 2 || !IsAuth(err) {
		t.Errorf("%d requests (-want +got):\n%s", s.count(), diff)
	}
}

func TestTokenThatRunsOutWhileWorkingIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
		p := newTestPipeline(t, s, nil)
		for range 3 {
			if _, err := p.Do(t.Context(), request("GET")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(58 * time.Minute)
		}
		if got := s.request(2).Header.Get("Authorization"); got != "Bearer contoso-token-3" {
			t.Errorf("third hour used %s", got)
		}
	})
}

func TestRedirectIsNotFollowedAndTokenStays(t *testing.T) {
	evil := &script{answers: []http.HandlerFunc{answer(200, `{"isSuccess":true}`)}}
	evilURL, _ := serveTLS(t, evil)
	for _, status := range []int{301, 302, 307, 308} {
		s := &script{answers: []http.HandlerFunc{answer(status, "", "Location: "+evilURL+"/x?sig=SECRET", "X-Correlation-ID: c-4")}}
		address, client := serveTLS(t, s)
		p := newTestPipeline(t, s, func(o *Options) { o.Endpoint, o.Transport = address, client })
		_, err := p.Do(t.Context(), request("GET"))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status != status || !strings.Contains(err.Error(), "redirect to "+evilURL+", which is not followed") {
			t.Errorf("HTTP %d: %v", status, err)
		}
		mustNotHold(t, err.Error(), "SECRET", testToken)
	}
	if evil.count() != 0 {
		t.Errorf("the other host got %d requests: %v", evil.count(), evil.requests)
	}
}

func TestTokenGoesToTheConfiguredHostOnly(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	credential := &tokens{}
	p := newTestPipeline(t, s, func(o *Options) { o.Credential = credential })
	for _, bad := range []string{"@evil.example/x", "//evil.example/x", "https://evil.example/", "x", "", "/%zz"} {
		_, err := p.Do(t.Context(), Request{Op: "x", Method: "GET", Path: bad})
		if err == nil {
			t.Errorf("path %q was sent", bad)
		}
	}
	if s.count() != 0 || credential.made != 0 {
		t.Errorf("%d requests, %d tokens", s.count(), credential.made)
	}
	endpoint, _ := url.Parse("https://api.contoso.example")
	for address, same := range map[string]bool{
		"https://api.contoso.example/x": true, "https://API.contoso.example:443/x": true,
		"http://api.contoso.example/x": false, "https://api.contoso.example:444/x": false, "https://contoso.example/x": false,
	} {
		target, _ := url.Parse(address)
		if sameOrigin(endpoint, target) != same {
			t.Errorf("%s: same origin is %v", address, !same)
		}
	}
}

func TestPlainHTTPOnLoopbackOnly(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	server := httptest.NewServer(s)
	defer server.Close()
	p := newTestPipeline(t, s, func(o *Options) { o.Endpoint, o.Transport = server.URL, nil })
	if _, err := p.Do(t.Context(), request("GET")); err != nil {
		t.Fatal(err)
	}
	if got := s.request(0).Header.Get("Authorization"); got != "Bearer "+testToken {
		t.Errorf("Authorization %q", got)
	}
	for raw, want := range map[string]string{
		"http://api.contoso.example":        "endpoint http://api.contoso.example: is plain http, which is accepted on loopback only: use https",
		"https://u:secret@contoso.example":  "endpoint https://contoso.example: holds a user name or password: leave it out",
		"https://contoso.example?sig=s3":    "endpoint https://contoso.example: has a query or fragment: give scheme, host and path only",
		"ftp://contoso.example":             "endpoint ftp://contoso.example: is neither https nor http on loopback",
		"https://u:secret@contoso.exa\x7fe": "endpoint is not a URL: give it as https://host",
		"contoso":                           "endpoint contoso: has no host: give it as https://host",
	} {
		_, err := ParseEndpoint(raw)
		if err == nil || err.Error() != want {
			t.Errorf("(-want +got):\n%s", cmp.Diff(want, errText(err)))
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestLogsShowNoSecret(t *testing.T) {
	var log bytes.Buffer
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`, "X-Correlation-ID: c-5")}}
	p := newTestPipeline(t, s, func(o *Options) {
		o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.LogQuery = []string{"languages"}
	})
	_, err := p.Do(t.Context(), Request{Op: "x", Method: "GET", Path: path, Query: url.Values{"languages": {"en"}, "sig": {"SECRET"}}})
	if err != nil {
		t.Fatal(err)
	}
	mustNotHold(t, log.String(), "SECRET", testToken)
	for _, part := range []string{"languages=en", "sig=REDACTED", "c-5", "status=200"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("log misses %s: %s", part, log.String())
		}
	}
}

func TestConnectionErrors(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there now
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("the time is over"))
	defer cancel()
	p := newTestPipeline(t, nil, func(o *Options) { o.Endpoint, o.Transport = server.URL, nil })
	_, err := p.Do(ctx, request("GET"))
	if err == nil || err.Error() != "read status of product contoso: no answer: the time is over" {
		t.Errorf("got %v", err)
	}
}

func TestOversizedAnswerIsRefused(t *testing.T) {
	endless := &endlessTransport{}
	p := newTestPipeline(t, nil, func(o *Options) { o.Transport = endless })
	_, err := p.Do(t.Context(), request("GET"))
	if !errors.Is(err, errAnswerTooLarge) || endless.requests != 1 {
		t.Errorf("%d requests: %v", endless.requests, err)
	}
}

// endlessTransport answers with a body that does not end.
type endlessTransport struct{ requests int }

func (e *endlessTransport) Do(r *http.Request) (*http.Response, error) {
	e.requests++
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(spaces{}), Request: r}, nil
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestSlowServiceIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		}}}
		slow := slowTransport{handlerTransport{s}}
		p := newTestPipeline(t, s, func(o *Options) { o.Transport = slow })
		begin := time.Now()
		_, err := p.Do(t.Context(), Request{Op: "submit product contoso", Method: "POST", Path: path})
		want := "submit product contoso: no answer: the service took longer than 2m0s; it may have been carried out all the same"
		if diff := cmp.Diff(want, errText(err)); diff != "" || time.Since(begin) != 2*time.Minute {
			t.Errorf("after %v (-want +got):\n%s", time.Since(begin), diff)
		}
	})
}

// slowTransport reports the context's end as net/http does.
type slowTransport struct{ next handlerTransport }

func (s slowTransport) Do(r *http.Request) (*http.Response, error) {
	response, err := s.next.Do(r)
	if err != nil && r.Context().Err() != nil {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: r.Context().Err()}
	}
	return response, err
}

func TestUntrustedCertificateIsNotTriedAgain(t *testing.T) {
	s := &script{answers: []http.HandlerFunc{answer(200, `{}`)}}
	address, _ := serveTLS(t, s)
	p := newTestPipeline(t, s, func(o *Options) { o.Endpoint, o.Transport = address, nil })
	begin := time.Now()
	_, err := p.Do(t.Context(), request("POST"))
	if err == nil || !strings.Contains(err.Error(), "no answer: tls: failed to verify certificate") || IsUnknownOutcome(err) || time.Since(begin) > 3*time.Second {
		t.Errorf("after %v: %v", time.Since(begin), err)
	}
	if diff := cmp.Diff(unknownAuthority, Advice(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
