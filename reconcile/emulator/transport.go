package emulator

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Do answers a request without a socket, for use as an HTTP client's transport
// (azcore's policy.Transporter). A connection that a fault breaks is an error
// that wraps io.ErrUnexpectedEOF.
func (e *Emulator) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		closeBody(r)
		return nil, err
	}
	incoming := r.Clone(r.Context())
	// azblob writes header names in lower case, which a socket would mend.
	incoming.Header = http.Header{}
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name)
		incoming.Header[name] = append(incoming.Header[name], values...)
	}
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
	if incoming.ContentLength == 0 && incoming.Body != http.NoBody {
		incoming.ContentLength = -1 // of a client's request: unknown
	}
	defer incoming.Body.Close()
	if incoming.URL.Path == "" {
		incoming.URL.Path = "/"
	}
	if incoming.Host == "" {
		incoming.Host = incoming.URL.Host
	}
	recorder := &recorder{header: http.Header{}}
	if err := e.answer(recorder, incoming); err != nil {
		if r.Context().Err() != nil {
			return nil, r.Context().Err()
		}
		return nil, fmt.Errorf("emulator: %w: %w", err, io.ErrUnexpectedEOF)
	}
	return recorder.response(r, e.options.Now()), nil
}

// RoundTrip is Do, for use as http.Client's Transport.
func (e *Emulator) RoundTrip(r *http.Request) (*http.Response, error) { return e.Do(r) }

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// recorder is the http.ResponseWriter behind Do.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.sent = status, w.header.Clone()
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *recorder) response(r *http.Request, now time.Time) *http.Response {
	w.WriteHeader(http.StatusOK)
	w.sent.Set("Date", now.UTC().Format(http.TimeFormat))
	response := &http.Response{
		Status:     fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Request: r, ContentLength: int64(w.body.Len()),
		Body: io.NopCloser(bytes.NewReader(w.body.Bytes())),
	}
	if r.Method == http.MethodHead {
		response.ContentLength = -1
		if _, err := fmt.Sscan(w.sent.Get("Content-Length"), &response.ContentLength); err != nil {
			response.ContentLength = -1
		}
	}
	return response
}
