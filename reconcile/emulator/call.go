package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxBody is what a request may hold that is not an upload: far more than the
// largest listing, far less than what would harm the process.
const maxBody = 8 << 20

var errTooLarge = errors.New("the request body is larger than 8 MiB")

// call is one request with all that its handler works on. The state is locked
// while a handler runs.
type call struct {
	request *http.Request
	base    string // scheme and host the client used, for URLs in answers
	// uploadBase is that of upload addresses.
	uploadBase string
	sellerID   string
	facts      *facts
	contents   *contents
	state      *state
	now        time.Time

	body   []byte  // of everything but uploads
	upload content // of an upload
}

func (c *call) readBody(entry *Request) error {
	r := c.request
	if entry.Kind == kindBlob && r.URL.Query().Get("comp") != "blocklist" {
		if r.Method != http.MethodPut {
			return nil
		}
		upload, err := c.contents.write(r.Body)
		if err == nil && r.ContentLength >= 0 && upload.Size != r.ContentLength {
			c.contents.remove(upload.ID)
			return fmt.Errorf("%w: %d bytes came of the %d announced", io.ErrUnexpectedEOF, upload.Size, r.ContentLength)
		}
		c.upload = upload
		return err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return err
	}
	if len(body) > maxBody {
		return errTooLarge
	}
	c.body = body
	if entry.Kind != kindToken && entry.Kind != kindBlob && len(body) > 0 {
		entry.Body = bytes.Clone(body)
	}
	return nil
}

func (c *call) route(kind string) reply {
	switch kind {
	case kindToken:
		return c.token()
	case kindMsiExe:
		return c.msiExe()
	case kindMsix:
		return c.msix()
	case kindBlob:
		return c.blob()
	default:
		return notFoundPage()
	}
}

// reply is an answer, made while the state is locked and sent when it is not.
type reply struct {
	status int
	header http.Header
	body   []byte
	// content is served with ranges and conditions when set.
	content func() (io.ReadSeekCloser, error)
	changed time.Time
}

func (a reply) write(w http.ResponseWriter, r *http.Request) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.content != nil {
		content, err := a.content()
		if err != nil {
			http.Error(w, "emulator: "+err.Error(), http.StatusInternalServerError)
			return
		}
		defer content.Close()
		http.ServeContent(w, r, "", a.changed, content)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // a client that has gone needs no answer
	}
}

func jsonReply(status int, value any) reply {
	body, err := encode(value)
	if err != nil {
		return plainReply(http.StatusInternalServerError, "emulator: "+err.Error())
	}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	return reply{status: status, header: header, body: body}
}

func plainReply(status int, text string) reply {
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	return reply{status: status, header: header, body: []byte(text + "\n")}
}

// notFoundPage is the web server's answer, not the API's: no JSON, as observed.
func notFoundPage() reply {
	header := http.Header{"Content-Type": {"text/html"}}
	body := "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>\n"
	return reply{status: http.StatusNotFound, header: header, body: []byte(body)}
}

// withoutLength reports whether a POST came over the network with neither a body
// nor a Content-Length.
func withoutLength(r *http.Request) bool {
	served := r.Context().Value(http.ServerContextKey) != nil
	return served && r.Method == http.MethodPost && r.ContentLength == 0 && r.Header.Get("Content-Length") == "" && len(r.TransferEncoding) == 0
}

// lengthRequired is the web server's answer to it (the status is recorded, the
// page is that of Windows' web server).
func lengthRequired() reply {
	body := "<html><head><title>Length Required</title></head><body><h2>Length Required</h2><hr><p>HTTP Error 411. The request must be chunked or have a content length.</p></body></html>\n"
	return reply{status: http.StatusLengthRequired, header: http.Header{"Content-Type": {"text/html; charset=us-ascii"}}, body: []byte(body)}
}

// gateway is an answer of the API gateway in front of the service: it has no
// envelope (observed for 401 and 429).
func gateway(status int, message string) reply {
	return jsonReply(status, object{{"statusCode", status}, {"message", message}})
}

// baseURL is how the client reached the emulator, so that the URLs in answers
// come back to it.
func baseURL(r *http.Request) string {
	scheme, host := r.URL.Scheme, r.Host
	if scheme == "" {
		scheme = "http"
		if r.TLS != nil {
			scheme = "https"
		}
	}
	if host == "" {
		host = r.URL.Host
	}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && serviceHost(host) {
		host = at.String()
	}
	return scheme + "://" + host
}

// serviceHost reports whether a client believes it talks to the real service,
// as one does that was sent here by force: URLs in answers must not lead it
// there.
func serviceHost(host string) bool {
	return host == strings.TrimPrefix(audienceMsiExe, "https://") || host == strings.TrimPrefix(audienceMsix, "https://")
}

// pause sleeps, or ends early with the context's error.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
