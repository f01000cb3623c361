package storehttp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

const (
	// maxAnswer bounds a successful answer. The largest known ones are
	// listings of 200 languages of some 30 KB each.
	maxAnswer = 64 << 20
	// maxErrorBody bounds what is kept of the body of a failed request.
	maxErrorBody = 64 << 10
)

// errAnswerTooLarge is final: asking again brings the same answer.
var errAnswerTooLarge = errors.New("the answer is larger than 64 MiB")

// withoutRedirects makes an http.Client hand 3xx answers back. Any other
// transport is taken as one that sends a single request, as azcore defines it.
func withoutRedirects(transport policy.Transporter) policy.Transporter {
	var client http.Client
	switch t := transport.(type) {
	case nil:
	case *http.Client:
		client = *t
	default:
		return transport
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	return &client
}

// limited reads the whole answer, within limits, before handing it on: a
// connection that breaks in the middle of an answer is then an error of the
// try, which the retry policy sees, and no answer can fill the memory.
type limited struct{ next policy.Transporter }

func (l limited) Do(request *http.Request) (*http.Response, error) {
	response, err := l.next.Do(request)
	if err != nil {
		return nil, err
	}
	if response.Body == nil {
		response.Body = http.NoBody
	}
	defer response.Body.Close()
	limit := int64(maxAnswer)
	if response.StatusCode >= 300 {
		limit = maxErrorBody
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case response.StatusCode >= 300:
		// What is there of an error's text is enough, even when it breaks off.
		body = body[:min(int64(len(body)), limit)]
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case int64(len(body)) > limit:
		return nil, final{errAnswerTooLarge}
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// limitedErrors bounds the bodies of failed requests, which azcore reads whole.
type limitedErrors struct{ next policy.Transporter }

func (l limitedErrors) Do(request *http.Request) (*http.Response, error) {
	response, err := l.next.Do(request)
	if err == nil && response.StatusCode >= 300 && response.Body != nil {
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(response.Body, maxErrorBody), response.Body}
	}
	return response, err
}

// final marks an error that trying again cannot mend; azcore's retry policy
// stops at it.
type final struct{ error }

// NonRetriable is azcore's marker.
func (final) NonRetriable() {}

// Unwrap returns the cause.
func (f final) Unwrap() error { return f.error }
