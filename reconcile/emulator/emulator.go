// Package emulator is both Microsoft Stores, the token endpoints and blob
// storage as one http.Handler.
package emulator

import (
	"errors"
	"io/fs"
	"net/http"
	"time"
)

// Options configure an Emulator; the zero value works and keeps everything in
// memory.
type Options struct {
	// Folder keeps the state between runs when not "".
	Folder string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Latency is slept before each answer.
	Latency time.Duration
	// SellerID is the one seller account; "" means any non-empty one is fine.
	SellerID string
}

// Emulator is an http.Handler for API A, the token endpoints and blob storage.
type Emulator struct{}

// New makes an emulator, loading the state of Options.Folder if there is one.
func New(options Options) (*Emulator, error) { return nil, errors.New("emulator: not built yet") }

// ServeHTTP answers like the services.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Do answers a request without a socket, for use as an HTTP client's transport
// (azcore's policy.Transporter).
func (e *Emulator) Do(r *http.Request) (*http.Response, error) { return nil, nil }

// Token is a bearer token that the emulator accepts without having issued it
// through a token endpoint.
func (e *Emulator) Token() string { return "" }

// Seed adds what a JSON seed document describes; files it names (images) are
// read from files. Products that exist already are left alone.
func (e *Emulator) Seed(document []byte, files fs.FS) error { return nil }

// SeedMsiExeProduct makes a product as if its first submission had been made
// by hand in Partner Center. It reports false when it exists already.
func (e *Emulator) SeedMsiExeProduct(productID string, languages []string) bool { return false }

// Settle lets everything that is under way (package processing,
// certification) finish at once, as if enough time had passed.
func (e *Emulator) Settle() {}

// Request is one request the emulator has answered.
type Request struct {
	Method string
	Path   string // without query
	Query  string // without signatures
	Status int
	Body   []byte // as it came, nil for uploads
	// Kind is "token", "msiexe", "msix" or "blob".
	Kind string
}

// Requests are all answered requests in order; ForgetRequests empties the list.
func (e *Emulator) Requests() []Request { return nil }

// ForgetRequests empties the list of Requests.
func (e *Emulator) ForgetRequests() {}
