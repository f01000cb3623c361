package storehttp

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const testToken = "contoso-token-1"

// tokens is a credential whose tokens are numbered: contoso-token-1, -2, …
type tokens struct {
	mu   sync.Mutex
	made int
	life time.Duration
}

func (c *tokens) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	life := c.life
	if life == 0 {
		life = time.Hour
	}
	return azcore.AccessToken{Token: "contoso-token-" + string(rune('0'+c.made)), ExpiresOn: time.Now().Add(life)}, nil
}

func (c *tokens) Forget(string) bool { return true }

// seen is what a test server was asked.
type seen struct {
	Method, Path, Query, Body string
	Header                    http.Header
}

// script is a server that answers each request with the next handler, and
// goes on with the last one.
type script struct {
	mu       sync.Mutex
	requests []seen
	answers  []http.HandlerFunc
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	answer := s.answers[min(len(s.requests), len(s.answers)-1)]
	s.requests = append(s.requests, seen{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header.Clone()})
	s.mu.Unlock()
	answer(w, r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func (s *script) request(i int) seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[i]
}

// answer writes a status, headers ("Name: value") and a body.
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp breaks the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// handlerTransport hands requests to a handler in memory: tests in a synctest
// bubble have virtual time and no sockets. A handler that panics with
// http.ErrAbortHandler breaks the connection.
type handlerTransport struct{ handler http.Handler }

func (t handlerTransport) Do(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	defer func() {
		if recover() == http.ErrAbortHandler {
			response, err = nil, io.ErrUnexpectedEOF
		}
	}()
	recorder := httptest.NewRecorder()
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	t.handler.ServeHTTP(recorder, in)
	response = recorder.Result()
	response.Request = r
	return response, nil
}

// newTestPipeline talks to a handler in memory.
func newTestPipeline(t *testing.T, handler http.Handler, change func(*Options)) *Pipeline {
	t.Helper()
	options := Options{
		Endpoint: "https://api.contoso.example", Scope: "https://api.contoso.example/.default",
		Credential: &tokens{}, Transport: handlerTransport{handler}, Version: "1.2.3",
	}
	if change != nil {
		change(&options)
	}
	p, err := NewPipeline(options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serveTLS starts an https server on loopback and a client that trusts it.
func serveTLS(t *testing.T, handler http.Handler) (address string, client *http.Client) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, server.Client()
}

// trustAll reaches several TLS test servers, whatever name they are called by.
func trustAll(hosts map[string]string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // test servers
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if to, ok := hosts[address]; ok {
				address = to
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
}

func env(pairs ...string) func(string) (string, bool) {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func mustNotHold(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("text holds %q:\n%s", secret, text)
		}
	}
}
