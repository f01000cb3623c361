package storehttp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// What may be sent again, and when:
//
//   - GET, HEAD, PUT and DELETE are idempotent by HTTP's own rules.
//   - PATCH is not in general, but of these APIs it is: a body holds the
//     values to be, never steps from what is there.
//   - POST (create, commit, submit) is not. After a 5xx, a time-out or a broken
//     connection it may have been carried out, so it is not sent again; the
//     caller settles the outcome by reading. (StoreBroker issue 123: a create
//     that answered 503 had created.)
//   - Whatever the method: a 429 comes from the gateway before the service,
//     and a connection that could not be made carried nothing, so both are
//     sent again.

const (
	defaultTries         = 5
	defaultRetryDelay    = 800 * time.Millisecond
	defaultMaxRetryAfter = 10 * time.Minute
	defaultTryTimeout    = 2 * time.Minute
)

// repeatable reports whether sending the method twice does no more than once.
func repeatable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodPatch:
		return true
	}
	return false
}

// retryOptions say how a request with this method is retried. azcore counts
// the tries, waits (Retry-After in seconds or as a date, else exponentially
// with jitter) and minds the context. A Retry-After longer than maxRetryAfter
// is not waited for at all: the answer is handed back.
func retryOptions(method string, maxRetryAfter, tryTimeout time.Duration) policy.RetryOptions {
	return policy.RetryOptions{
		MaxRetries:    defaultTries - 1,
		RetryDelay:    defaultRetryDelay,
		MaxRetryDelay: maxRetryAfter,
		TryTimeout:    tryTimeout,
		ShouldRetry: func(response *http.Response, err error) bool {
			if err != nil {
				return !hopeless(err) && (notSent(err) || repeatable(method))
			}
			return response.StatusCode == http.StatusTooManyRequests ||
				transient(response.StatusCode) && repeatable(method)
		},
	}
}

// transient reports whether a status says that the next try may do better.
func transient(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// notSent reports whether the error came before any byte of the request was
// sent: no address, no connection, no proxy, or no TLS or no trust in the
// other side.
func notSent(err error) bool {
	if operation, ok := errors.AsType[*net.OpError](err); ok && (operation.Op == "dial" || operation.Op == "proxyconnect") {
		return true
	}
	_, unnamed := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return unnamed || untrusted || notTLS(err)
}

// notTLS reports whether something else than TLS answered at the port.
func notTLS(err error) bool {
	_, strange := errors.AsType[tls.RecordHeaderError](err)
	return strange || errors.Is(err, http.ErrSchemeMismatch)
}

// hopeless reports whether the next try would fail in the same way: there is
// no such host, it does not speak TLS, or its certificate is not trusted.
func hopeless(err error) bool {
	unnamed, ok := errors.AsType[*net.DNSError](err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return untrusted || notTLS(err) || ok && unnamed.IsNotFound
}

// outcomeUnknown reports whether a request that ended like this may have been
// carried out. Reads have no outcome to be unsure of.
func outcomeUnknown(method string, status int, err error) bool {
	if method == http.MethodGet || method == http.MethodHead {
		return false
	}
	if status == 0 {
		return !notSent(err) && !refusedHere(err)
	}
	return transient(status)
}

// refusedHere reports whether the request was stopped by a policy of ours, or
// before it started because its context had ended.
func refusedHere(err error) bool {
	_, local := errors.AsType[*unsent](err)
	return local
}

// unsent is an error of a request that was never handed to the transport.
type unsent struct{ err error }

func (u *unsent) Error() string { return u.err.Error() }
func (u *unsent) Unwrap() error { return u.err }

// NonRetriable is azcore's marker.
func (u *unsent) NonRetriable() {}

// refuse stops a request before it is sent.
func refuse(err error) error { return &unsent{err: err} }

// started fails when the context has already ended, as a refusal: a request
// that was never sent has no unknown outcome.
func started(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return refuse(err)
	}
	return nil
}
