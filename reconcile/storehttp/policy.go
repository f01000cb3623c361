package storehttp

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// ReadOnlyError is a write that a read-only pipeline refused to send.
type ReadOnlyError struct{ Method, Path string }

func (e *ReadOnlyError) Error() string {
	return fmt.Sprintf("refused to send %s %s: this command only reads", e.Method, e.Path)
}

// readOnlyPolicy stands first: nothing is prepared, no token asked for.
type readOnlyPolicy struct{ on bool }

func (p readOnlyPolicy) Do(request *policy.Request) (*http.Response, error) {
	method := request.Raw().Method
	if p.on && method != http.MethodGet && method != http.MethodHead {
		return nil, refuse(&ReadOnlyError{Method: method, Path: request.Raw().URL.Path})
	}
	return request.Next()
}

// originPolicy keeps requests, and with them tokens, to the configured host.
type originPolicy struct{ endpoint *url.URL }

func (p originPolicy) Do(request *policy.Request) (*http.Response, error) {
	target := request.Raw().URL
	if !sameOrigin(p.endpoint, target) || target.User != nil || request.Raw().Host != target.Host {
		return nil, refuse(fmt.Errorf("refused to send a token to %s: it is for %s only", place(target), place(p.endpoint)))
	}
	return request.Next()
}

// requestBody travels with a request as an operation value.
type requestBody struct{ content []byte }

// bodyPolicy gives each try its own reader: net/http may still be reading the
// body of a try that was answered early when the next one starts, which a
// shared, rewound reader would not survive.
type bodyPolicy struct{}

func (bodyPolicy) Do(request *policy.Request) (*http.Response, error) {
	raw := request.Raw()
	raw.Header.Set("Content-Type", "application/json")
	var body requestBody
	if request.OperationValue(&body); body.content == nil {
		return request.Next()
	}
	raw.ContentLength = int64(len(body.content))
	raw.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body.content)), nil
	}
	raw.Body, _ = raw.GetBody()
	return request.Next()
}

// throttlePolicy gives a 429 without Retry-After the one that its text names:
// the gateway has been seen to answer {"statusCode":429,"message":"Rate limit
// is exceeded. Try again in N seconds."} (msstore-cli issue 125).
type throttlePolicy struct{}

var tryAgainIn = regexp.MustCompile(`(?i)try again in (\d{1,6}) seconds?`)

func (throttlePolicy) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "" {
		return response, err
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return response, nil
	}
	if found := tryAgainIn.FindSubmatch(body); found != nil {
		response.Header.Set("Retry-After", string(found[1]))
	}
	return response, nil
}

// forgetter is a credential that can be told that a token of its is no good.
type forgetter interface{ Forget(token string) bool }

// renewPolicy repeats a request once with a new token when the API refuses
// the one it came with: a 401 comes from the gateway, so nothing was carried
// out and even a POST may be sent again. azcore's bearer policy below has by
// then dropped the token; the credential drops it from its own cache too.
type renewPolicy struct{ credential azcore.TokenCredential }

func (p renewPolicy) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	credential, ok := p.credential.(forgetter)
	if !ok {
		return response, nil
	}
	token := strings.TrimPrefix(request.Raw().Header.Get("Authorization"), "Bearer ")
	if !credential.Forget(token) {
		return response, nil
	}
	runtime.Drain(response)
	if request.Raw().GetBody != nil {
		if request.Raw().Body, err = request.Raw().GetBody(); err != nil {
			return nil, err
		}
	}
	return request.Next()
}

// logPolicy writes one debug line per try. Nothing is shown that is not named
// here: no header but the few below, no query value that is not allowed.
type logPolicy struct {
	logger *slog.Logger
	query  []string
}

func (p logPolicy) Do(request *policy.Request) (*http.Response, error) {
	ctx, raw := request.Raw().Context(), request.Raw()
	if p.logger == nil || !p.logger.Enabled(ctx, slog.LevelDebug) {
		return request.Next()
	}
	begin := time.Now()
	response, err := request.Next()
	attributes := []slog.Attr{
		slog.String("method", raw.Method), slog.String("url", shownURL(raw.URL, p.query)),
		slog.Duration("took", time.Since(begin).Round(time.Millisecond)),
	}
	if err != nil {
		attributes = append(attributes, slog.String("error", Shown(ctx, causeText(err))))
	} else {
		attributes = append(attributes, slog.Int("status", response.StatusCode),
			slog.String("correlation", Shown(ctx, correlationID(response.Header))))
		if wait := retryAfter(response.Header, time.Now()); wait > 0 {
			attributes = append(attributes, slog.String("retryAfter", strconv.Itoa(int(wait.Seconds()))+"s"))
		}
	}
	p.logger.LogAttrs(ctx, slog.LevelDebug, "request", attributes...)
	return response, err
}

// shownURL is the URL with every query value but the allowed ones redacted.
func shownURL(u *url.URL, allowed []string) string {
	text := place(u)
	query := u.Query()
	for name := range query {
		if !slices.Contains(allowed, name) {
			query.Set(name, redacted)
		}
	}
	if len(query) > 0 {
		text += "?" + query.Encode()
	}
	return text
}
