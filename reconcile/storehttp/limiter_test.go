package storehttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journey is what a limited server saw, with virtual times.
type journey struct {
	mu    sync.Mutex
	begin time.Time
	names []string
	at    []time.Duration
}

func (j *journey) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.names = append(j.names, strings.TrimPrefix(r.URL.Path, "/"))
	j.at = append(j.at, time.Since(j.begin))
	w.WriteHeader(http.StatusOK)
}

// mostInAMinute is the largest number of requests in any 60 seconds, ends
// included, of those whose name begins with prefix.
func (j *journey) mostInAMinute(prefix string) int {
	most := 0
	for i, from := range j.at {
		n := 0
		for k, at := range j.at[i:] {
			if at-from <= time.Minute && strings.HasPrefix(j.names[i+k], prefix) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func limited20(t *testing.T, handler http.Handler, limiter *Limiter) *Pipeline {
	return newTestPipeline(t, handler, func(o *Options) { o.Limiter = limiter })
}

func TestLimiterNeverExceedsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter, server := NewLimiter(endpointURL(t, "https://manage.devcenter.microsoft.com"), 0), &journey{begin: time.Now()}
		var all sync.WaitGroup
		// Two products of one tenant, each with a pipeline of its own.
		for product := range 2 {
			p := limited20(t, server, limiter)
			for i := range 60 {
				all.Go(func() {
					time.Sleep(time.Duration(i*i) * 37 * time.Millisecond)
					r := Request{Op: "x", Method: "GET", Path: fmt.Sprintf("/read%d-%d", product, i)}
					if i%3 == 0 {
						r.Path, r.Poll = fmt.Sprintf("/poll%d-%d", product, i), true
					}
					if _, err := p.Do(t.Context(), r); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if len(server.at) != 120 {
			t.Errorf("%d requests arrived", len(server.at))
		}
		if got := server.mostInAMinute(""); got != 20 {
			t.Errorf("%d requests in one minute, want 20", got)
		}
		if got := server.mostInAMinute("poll"); got > 10 || got == 0 {
			t.Errorf("%d polls in one minute, want 1 to 10", got)
		}
		// 80 reads take four minutes, 40 polls after them four more; longer would
		// be lost time.
		if last := server.at[len(server.at)-1]; last > 8*limiterWindow {
			t.Errorf("the last request came after %v", last)
		}
	})
}

func endpointURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestLimiterLetsWritesOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &journey{begin: time.Now()}
		p := limited20(t, server, NewLimiter(endpointURL(t, "https://api.contoso.example"), 1))
		var all sync.WaitGroup
		for _, r := range []Request{
			{Method: "GET", Path: "/first"},
			{Method: "GET", Path: "/poll1", Poll: true}, {Method: "GET", Path: "/read1"}, {Method: "PUT", Path: "/write1"},
			{Method: "GET", Path: "/poll2", Poll: true}, {Method: "GET", Path: "/read2"}, {Method: "POST", Path: "/write2"},
		} {
			all.Go(func() {
				if _, err := p.Do(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if diff := cmp.Diff([]string{"first", "write1", "write2", "read1", "read2", "poll1", "poll2"}, server.names); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
	})
}

// Polls leave half of the budget free, however many there are.
func TestLimiterKeepsHalfForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &journey{begin: time.Now()}
		p := limited20(t, server, NewLimiter(endpointURL(t, "https://api.contoso.example"), 20))
		var all sync.WaitGroup
		for i := range 15 {
			all.Go(func() { _, _ = p.Do(t.Context(), Request{Method: "GET", Path: fmt.Sprintf("/poll%d", i), Poll: true}) })
		}
		synctest.Wait()
		if len(server.names) != 10 {
			t.Errorf("%d polls went at once, want 10", len(server.names))
		}
		for range 10 {
			if _, err := p.Do(t.Context(), Request{Method: "PUT", Path: "/write"}); err != nil {
				t.Error(err)
			}
		}
		if waited := time.Since(server.begin); waited != 0 {
			t.Errorf("the writes waited %v", waited)
		}
		all.Wait()
	})
}

func TestLimiterCancelLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &journey{begin: time.Now()}
		p := limited20(t, server, NewLimiter(endpointURL(t, "https://api.contoso.example"), 1))
		if _, err := p.Do(t.Context(), Request{Method: "GET", Path: "/first"}); err != nil {
			t.Fatal(err)
		}
		signal := errors.New("stopped by a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			_, err := p.Do(ctx, Request{Op: "commit the submission", Method: "POST", Path: "/gone"})
			// A write that waited for its turn was not sent: nothing is in doubt.
			if diff := cmp.Diff("commit the submission: stopped by a signal", errText(err)); diff != "" || !errors.Is(err, signal) || IsUnknownOutcome(err) {
				t.Errorf("unknown %v (-want +got):\n%s", IsUnknownOutcome(err), diff)
			}
			if waited := time.Since(server.begin); waited != time.Second {
				t.Errorf("it left after %v", waited)
			}
		})
		all.Go(func() { _, _ = p.Do(t.Context(), Request{Method: "GET", Path: "/second"}) })
		time.Sleep(time.Second)
		cancel(signal)
		all.Wait()
		if diff := cmp.Diff([]string{"first", "second"}, server.names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if server.at[1] != limiterWindow {
			t.Errorf("the next one went after %v: the place was not given up", server.at[1])
		}
	})
}

func TestLimiterStopsEverybodyOn429(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		want   time.Duration
	}{
		"named":   {answer(429, "", "Retry-After: 45"), 45 * time.Second},
		"in text": {answer(429, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 33 seconds."}`), 33 * time.Second},
		"unnamed": {answer(429, ""), time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				throttled := false
				var others []time.Duration
				server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/other" {
						others = append(others, time.Since(begin))
					} else if !throttled {
						throttled = true
						test.answer(w, r)
						return
					}
					w.WriteHeader(http.StatusOK)
				})
				limiter := NewLimiter(endpointURL(t, "https://api.contoso.example"), 20)
				one, two := limited20(t, server, limiter), limited20(t, server, limiter)
				var all sync.WaitGroup
				all.Go(func() {
					if _, err := one.Do(t.Context(), Request{Method: "POST", Path: "/x"}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
				if _, err := two.Do(t.Context(), Request{Method: "GET", Path: "/other"}); err != nil {
					t.Error(err)
				}
				all.Wait()
				if diff := cmp.Diff([]time.Duration{test.want}, others); diff != "" {
					t.Errorf("the other pipeline went after (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A daily limit must not hang the others for hours.
func TestLimiterSendsAwayOnALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{answer(200, `{}`), answer(429, "", "Retry-After: 10800")}}
		p := limited20(t, s, NewLimiter(endpointURL(t, "https://api.contoso.example"), 2))
		if _, err := p.Do(t.Context(), Request{Method: "GET", Path: "/x"}); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				_, err := p.Do(t.Context(), Request{Op: "commit the submission", Method: "POST", Path: "/x"})
				if !IsThrottled(err) || IsUnknownOutcome(err) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if s.count() != 2 {
			t.Errorf("%d requests were sent, want 2", s.count())
		}
		_, err := p.Do(t.Context(), Request{Op: "read app contoso", Method: "GET", Path: "/x"})
		want := []string{
			"read app contoso: HTTP 429 Too Many Requests: not sent: the Store asked for a pause of another 3h0m0s",
			"The Store limits how many requests an account may send. Wait 3h0m0s and run the same command again: it goes on where it stopped. Other jobs of the same account count too.",
		}
		if diff := cmp.Diff(want, []string{errText(err), Advice(err)}); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Tries count, and waiting for the limiter is no part of a try's time limit.
func TestLimiterCountsTriesNotWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []http.HandlerFunc{answer(503, ""), answer(503, ""), answer(200, `{}`)}}
		p := newTestPipeline(t, s, func(o *Options) {
			o.Limiter = NewLimiter(endpointURL(t, "https://api.contoso.example"), 1)
			o.TryTimeout = 5 * time.Second
		})
		begin := time.Now()
		if _, err := p.Do(t.Context(), Request{Method: "GET", Path: "/x"}); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 2*limiterWindow || s.count() != 3 {
			t.Errorf("%d tries took %v, want 3 in %v", s.count(), took, 2*limiterWindow)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); hangUp(nil, nil) })
		p := newTestPipeline(t, slow, func(o *Options) { o.TryTimeout = 5 * time.Second })
		_, err := p.Do(t.Context(), Request{Op: "submit", Method: "POST", Path: "/x"})
		if want := "submit: no answer"; !strings.HasPrefix(errText(err), want) || !IsUnknownOutcome(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNewLimiterDefaults(t *testing.T) {
	for _, test := range []struct {
		endpoint  string
		perMinute int
		want      int // 0: none
	}{
		{"https://manage.devcenter.microsoft.com", 0, 20},
		{"https://manage.devcenter.microsoft.com", 5, 5},
		{"https://manage.devcenter.microsoft.com", -1, 0},
		{"http://127.0.0.1:8080", 0, 0},
		{"http://localhost:8080", 7, 7},
	} {
		got := 0
		if limiter := NewLimiter(endpointURL(t, test.endpoint), test.perMinute); limiter != nil {
			got = limiter.limit
		}
		if got != test.want {
			t.Errorf("%s with %d: %d a minute, want %d", test.endpoint, test.perMinute, got, test.want)
		}
	}
}
