package main

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/storehttp"
)

// requestLog writes one debug line per request, retries included. It shows
// method, host, path, status, correlation id and time: no header that carries
// a token, no query that carries a signature, and no body.
type requestLog struct {
	next   policy.Transporter
	logger *slog.Logger
}

// newRequestLog puts the log before a transport; nil: the default HTTP client,
// which here follows no redirect.
func newRequestLog(next policy.Transporter, logger *slog.Logger) requestLog {
	if next == nil {
		next = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return requestLog{next: next, logger: logger}
}

// Do sends a request and logs it.
func (l requestLog) Do(r *http.Request) (*http.Response, error) {
	start := time.Now()
	response, err := l.next.Do(r)
	attributes := []slog.Attr{
		slog.String("method", r.Method), slog.String("host", r.URL.Host), slog.String("path", r.URL.Path),
		slog.Duration("took", time.Since(start).Round(time.Millisecond)),
	}
	if err != nil {
		// The error's text may repeat the address with its query.
		attributes = append(attributes, slog.Bool("answered", false))
	} else {
		attributes = append(attributes, slog.Int("status", response.StatusCode),
			slog.String("correlation", sanitize(storehttp.Hide(r.Context(), correlationOf(response.Header)))))
	}
	l.logger.LogAttrs(r.Context(), slog.LevelDebug, "request", attributes...)
	return response, err
}

// correlationOf is the id by which Microsoft's support finds a request; each of
// the Store's APIs has a header of its own.
func correlationOf(header http.Header) string {
	return cmp.Or(header.Get("X-Correlation-ID"), header.Get("MS-CorrelationId"))
}
