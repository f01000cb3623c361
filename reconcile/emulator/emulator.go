package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options configure an Emulator; the zero value works and keeps everything in
// memory.
type Options struct {
	// Folder keeps the state between runs when not "". Several emulators, of
	// one or several processes, may share a folder.
	Folder string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Latency is slept before each answer.
	Latency time.Duration
	// SellerID is the one seller account; "" means any non-empty one is fine,
	// unless a seed names the account.
	SellerID string
	// PublicURL is the base of the upload addresses in answers, for emulators that
	// are reached through another name or port; "": as the client reached it.
	PublicURL string
	// Pace is how long the service takes for what it does by itself; a seed's
	// pace goes before it.
	Pace Pace
}

// Emulator is an http.Handler for both APIs, the token endpoints and blob storage.
// It is safe for concurrent use.
type Emulator struct {
	options  Options
	facts    *facts
	contents *contents
	faults   faults
	log      requestLog

	mu    sync.Mutex // guards store
	store *store
}

// New makes an emulator, loading the state of Options.Folder if there is one.
func New(options Options) (*Emulator, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	facts, err := loadFacts()
	if err != nil {
		return nil, err
	}
	contents, err := newContents(options.Folder)
	if err != nil {
		return nil, err
	}
	store, err := openStore(options.Folder)
	if err != nil {
		return nil, err
	}
	return &Emulator{options: options, facts: facts, contents: contents, store: store}, nil
}

// ServeHTTP answers like the services.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := e.answer(w, r); err != nil {
		// The one way to break a connection of net/http's server.
		panic(http.ErrAbortHandler)
	}
}

// errDropped is a connection broken by a fault.
var errDropped = errors.New("connection broken by a fault")

// The kinds of request, as Request.Kind has them.
const (
	kindToken  = "token"
	kindMsiExe = "msiexe"
	kindMsix   = "msix"
	kindBlob   = "blob"
)

func kindOf(path string) string {
	lower := strings.ToLower(path)
	switch {
	case strings.HasPrefix(lower, "/submission/"):
		return kindMsiExe
	case strings.HasPrefix(lower, "/v1.0/"):
		return kindMsix
	case strings.HasPrefix(lower, assetContainer), strings.HasPrefix(lower, ingestionContainer), strings.HasPrefix(lower, containerAlone):
		return kindBlob
	case strings.Contains(lower, "/oauth2/"), strings.HasSuffix(lower, "/discovery/instance"),
		strings.HasSuffix(lower, "/.well-known/openid-configuration"):
		return kindToken
	default:
		return ""
	}
}

// answer handles one request; its error says that the connection breaks
// instead of an answer.
func (e *Emulator) answer(w http.ResponseWriter, r *http.Request) error {
	entry := newRequest(r)
	if err := pause(r.Context(), e.options.Latency); err != nil {
		return err
	}
	fault := e.faults.next(r)
	switch fault.Action {
	case actionDropBefore:
		e.log.add(entry)
		return errDropped
	case actionStatus:
		reply := fault.reply(entry.Kind)
		entry.Status = reply.status
		e.log.add(entry)
		reply.write(w, r)
		return nil
	case actionDelay:
		if err := pause(r.Context(), fault.wait); err != nil {
			return err
		}
	case actionExpireToken, actionDropAfter, "":
	}

	reply, err := e.handle(r, &entry, fault.Action == actionExpireToken)
	if err != nil {
		return err
	}
	if fault.Action == actionDropAfter {
		e.log.add(entry)
		return errDropped
	}
	entry.Status = reply.status
	e.log.add(entry)
	reply.write(w, r)
	return nil
}

// handle reads the body, then works on the state alone until it is saved.
func (e *Emulator) handle(r *http.Request, entry *Request, expireToken bool) (reply, error) {
	c := &call{request: r, facts: e.facts, contents: e.contents, base: baseURL(r), sellerID: e.options.SellerID}
	c.uploadBase = cmp.Or(strings.TrimRight(e.options.PublicURL, "/"), c.base)
	if entry.Kind == kindMsix && withoutLength(r) {
		return lengthRequired(), nil
	}
	if err := c.readBody(entry); err != nil {
		if errors.Is(err, errTooLarge) {
			return plainReply(http.StatusRequestEntityTooLarge, err.Error()), nil
		}
		return reply{}, fmt.Errorf("read request body: %w", err)
	}
	var out reply
	err := e.update(func(s *state, now time.Time) {
		c.state, c.now = s, now
		if expireToken {
			c.revokeToken()
		}
		out = c.route(entry.Kind)
	})
	if err != nil {
		e.contents.remove(c.upload.ID)
		return plainReply(http.StatusInternalServerError, "emulator: "+err.Error()), nil
	}
	return out, nil
}

// update runs a change of the state: no other one runs at the same time, here
// or in another process, and what it leaves is saved.
func (e *Emulator) update(change func(s *state, now time.Time)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.store.update(func(s *state) {
		now := e.options.Now()
		s.advance(now, e.contents)
		s.fallback = e.options.Pace
		change(s, now)
	})
}

// Settle lets everything that is under way (package processing,
// certification) finish at once, as if enough time had passed.
func (e *Emulator) Settle() {
	// A state that cannot be saved shows itself at the next request.
	_ = e.update(func(s *state, now time.Time) { s.settle(now, e.contents) })
}

// State is a JSON snapshot of everything but secrets and the bytes of blobs,
// for assertions of tests; its form may change with any version.
func (e *Emulator) State() []byte {
	var out []byte
	err := e.update(func(s *state, _ time.Time) { out = s.snapshot() })
	if err != nil {
		return nil
	}
	return out
}
