package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// What a fault does to the requests it hits.
const (
	actionStatus      = "status"
	actionDropBefore  = "drop-before"
	actionDropAfter   = "drop-after"
	actionDelay       = "delay"
	actionExpireToken = "expire-token"
)

// fault is one entry of a fault script.
type fault struct {
	// Match is a regular expression over "METHOD /path".
	Match string `json:"match"`
	// Nth is the first matching request that is hit, from 1; 0: the first.
	Nth int `json:"nth"`
	// Times is how many matching requests are hit from then on; 0: one, -1:
	// all.
	Times int `json:"times"`
	// Action is one of the actions above.
	Action string `json:"action"`
	// Status, RetryAfter (seconds) and Body are the answer of actionStatus.
	Status     int             `json:"status"`
	RetryAfter int             `json:"retryAfter"`
	Body       json.RawMessage `json:"body"` // a JSON string is sent as its text
	// Delay is what actionDelay waits, as Go writes durations ("1.5s").
	Delay string `json:"delay"`

	pattern *regexp.Regexp
	wait    time.Duration
	seen    int
}

type faults struct {
	mu     sync.Mutex
	script []fault
}

// SetFaults replaces the fault script with a JSON list. Each entry has "match"
// (a regular expression over "METHOD /path"), "nth" (which matching request is
// the first one hit, from 1), "times" (how many are hit; default 1, -1 all)
// and "action":
//
//   - "status": answer "status" (with a Retry-After header of "retryAfter"
//     seconds and "body", when given) and do nothing
//   - "drop-before": break the connection and do nothing
//   - "drop-after": do everything, then break the connection
//   - "delay": wait "delay" (like "1.5s") before going on
//   - "expire-token": regard the request's token as expired from now on
//
// The first entry that hits a request decides. An empty document removes all.
func (e *Emulator) SetFaults(document []byte) error {
	var script []fault
	if len(bytes.TrimSpace(document)) > 0 {
		if err := strictDecode(document, &script); err != nil {
			return fmt.Errorf("read faults: %w", err)
		}
	}
	for i := range script {
		if err := script[i].prepare(); err != nil {
			return fmt.Errorf("read faults: entry %d: %w", i+1, err)
		}
	}
	e.faults.mu.Lock()
	defer e.faults.mu.Unlock()
	e.faults.script = script
	return nil
}

func (f *fault) prepare() error {
	var err error
	if f.pattern, err = regexp.Compile(f.Match); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	f.Nth = max(f.Nth, 1)
	if f.Times == 0 {
		f.Times = 1
	}
	switch f.Action {
	case actionStatus:
		if f.Status < 400 || f.Status > 599 {
			return fmt.Errorf("status %d: give an error status from 400 to 599", f.Status)
		}
	case actionDelay:
		if f.wait, err = time.ParseDuration(f.Delay); err != nil {
			return fmt.Errorf("delay %q: give a duration like 1.5s", f.Delay)
		}
	case actionDropBefore, actionDropAfter, actionExpireToken:
	default:
		return fmt.Errorf("action %q: use status, drop-before, drop-after, delay or expire-token", f.Action)
	}
	return nil
}

// next gives the fault that hits a request; the zero fault when none does.
func (f *faults) next(r *http.Request) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := r.Method + " " + r.URL.Path
	var hit fault
	for i := range f.script {
		entry := &f.script[i]
		if !entry.pattern.MatchString(line) {
			continue
		}
		entry.seen++
		due := entry.seen >= entry.Nth && (entry.Times < 0 || entry.seen < entry.Nth+entry.Times)
		if due && hit.Action == "" {
			hit = *entry
		}
	}
	return hit
}

// reply is the answer of actionStatus; without a body it has the shape that
// the service of the kind gives.
func (f fault) reply(kind string) reply {
	message := http.StatusText(f.Status)
	if f.Status == http.StatusTooManyRequests {
		message = fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", f.RetryAfter)
	}
	out := gateway(f.Status, message)
	if kind == kindMsix && f.Status >= http.StatusInternalServerError {
		out = msixFault(f.Status)
	}
	if kind == kindBlob {
		out = blobError(f.Status, blobFaultCode(f.Status), message)
	}
	if f.Body != nil {
		out.body = f.Body
		var text string
		if json.Unmarshal(f.Body, &text) == nil {
			out.body = []byte(text)
			out.header.Set("Content-Type", "text/plain; charset=utf-8")
		}
	}
	if f.RetryAfter > 0 {
		out.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	out.header.Set(correlationHeader, newGUID())
	if kind == kindMsix {
		out.header.Set(msixCorrelationHeader, newGUID())
	}
	return out
}

// blobFaultCode is the usual error code of blob storage for a status.
func blobFaultCode(status int) string {
	switch status {
	case http.StatusForbidden:
		return "AuthenticationFailed"
	case http.StatusNotFound:
		return "BlobNotFound"
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return "ServerBusy"
	default:
		return "InternalError"
	}
}
