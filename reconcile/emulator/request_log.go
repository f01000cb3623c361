package emulator

import (
	"net/http"
	"slices"
	"sync"
)

// maxRequests is how many requests the log keeps: an emulator that runs for
// weeks must not fill the memory.
const maxRequests = 100_000

// Request is one request the emulator has answered.
type Request struct {
	Method string
	Path   string // without query
	Query  string // without signatures
	// Status is what was answered; 0 when a fault broke the connection.
	Status int
	// Body is as it came; nil for uploads and for token requests, which hold
	// credentials.
	Body []byte
	// Kind is "token", "msiexe", "msix" or "blob"; "" for paths of neither.
	Kind string
}

func newRequest(r *http.Request) Request {
	query := r.URL.Query()
	query.Del("sig")
	return Request{Method: r.Method, Path: r.URL.Path, Query: query.Encode(), Kind: kindOf(r.URL.Path)}
}

type requestLog struct {
	mu   sync.Mutex
	list []Request
}

func (l *requestLog) add(entry Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= maxRequests {
		l.list = slices.Delete(l.list, 0, maxRequests/10)
	}
	l.list = append(l.list, entry)
}

// Requests are all answered requests in order (the last 90,000 at least);
// ForgetRequests empties the list.
func (e *Emulator) Requests() []Request {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	return slices.Clone(e.log.list)
}

// ForgetRequests empties the list of Requests.
func (e *Emulator) ForgetRequests() {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	e.log.list = nil
}
