//go:build linux

package reliability

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
)

// gate stands before the Store, counts requests, and lets something happen to
// some of them.
type gate struct {
	store http.Handler
	stand *stand

	mu sync.Mutex
	// seen are the requests since armed, in order.
	seen []string
	// all are the requests of all runs.
	all []string
	// hits reports whether something happens to a request, by its index.
	hits   func(index int, line string) bool
	action action
	struck int
}

// action answers a request in place of the Store, which it may ask.
type action func(w http.ResponseWriter, r *http.Request, g *gate)

// arm lets something happen from now on; the count begins anew.
func (g *gate) arm(hits func(index int, line string) bool, a action) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen, g.hits, g.action, g.struck = nil, hits, a, 0
}

// disarm lets everything pass, and reports how many requests were struck.
func (g *gate) disarm() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hits = nil
	return g.struck
}

// lines are all requests so far.
func (g *gate) lines() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.all...)
}

// since are the requests since the gate was armed.
func (g *gate) since() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.seen...)
}

// madeByStore are ids that the Store makes: they differ from run to run.
var madeByStore = regexp.MustCompile(`11529\d{14}|9NADD\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// keptIDs are not made by the Store: they stand in manifests.
var keptIDs = map[string]bool{readerID: true}

func lineOf(r *http.Request) string {
	path := madeByStore.ReplaceAllStringFunc(r.URL.Path, func(id string) string {
		if keptIDs[id] {
			return id
		}
		return "ID"
	})
	return r.Method + " " + path
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	line := lineOf(r)
	g.mu.Lock()
	index := len(g.seen)
	g.seen = append(g.seen, line)
	strikes := g.hits != nil && g.hits(index, line)
	mark := ""
	if strikes {
		g.struck++
		mark = " <- here"
	}
	g.all = append(g.all, line+mark)
	act := g.action
	g.mu.Unlock()
	if strikes {
		act(w, r, g)
		return
	}
	g.store.ServeHTTP(w, r)
}

// handle lets the Store do what is asked, and keeps its answer.
func (g *gate) handle(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	g.store.ServeHTTP(recorder, r)
	return recorder
}

// abort breaks the connection.
func abort() { panic(http.ErrAbortHandler) }

func killBefore(_ http.ResponseWriter, _ *http.Request, g *gate) {
	g.stand.kill()
	abort()
}

func killAfter(_ http.ResponseWriter, r *http.Request, g *gate) {
	g.handle(r)
	g.stand.kill()
	abort()
}

// killWithin cuts the request's body where it has one, else the answer's.
func killWithin(w http.ResponseWriter, r *http.Request, g *gate) {
	if r.ContentLength > 1 {
		half := make([]byte, r.ContentLength/2)
		_, _ = io.ReadFull(r.Body, half)
		g.stand.kill()
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(half), cut{}))
		g.handle(r)
		abort()
	}
	answer := g.handle(r)
	pass(w, answer, answer.Body.Len()/2)
	g.stand.kill()
	abort()
}

// cut is the end of a body that was not all there.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// pass hands an answer on, of its body only so many bytes.
func pass(w http.ResponseWriter, answer *httptest.ResponseRecorder, n int) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()[:n])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}
