package storehttp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// Options configure a Pipeline. Endpoint, Scope and Credential are required.
type Options struct {
	// Endpoint is the API's base URL, see ParseEndpoint.
	Endpoint string
	// Scope is what tokens are asked for, "https://host/.default".
	Scope string
	// Credential gets the tokens. When it has a method Forget(token string),
	// that is called with a token that the API refused.
	Credential azcore.TokenCredential
	// Transport sends single requests; nil: the default HTTP client.
	Transport policy.Transporter
	// ReadOnly refuses everything but GET and HEAD before it is sent.
	ReadOnly bool
	// Headers go with every request.
	Headers http.Header
	// Version is storesync's, for the User-Agent.
	Version string
	// MaxRetryAfter is the longest Retry-After that is waited for; a longer
	// one ends the request with its 429 or 503. 0 means 10 minutes.
	MaxRetryAfter time.Duration
	// TryTimeout bounds one try, answer included; waiting for the limiter does
	// not count. 0 means 2 minutes.
	TryTimeout time.Duration
	// Limiter is the pace of every request, tries included, shared with the
	// other pipelines of the tenant; nil: as fast as it goes.
	Limiter *Limiter
	// DecodeError reads the API's own shape of a failed answer's body, texts
	// as they came (secrets are hidden in them later); ok is false when the
	// body has another shape. Nil: the gateway's shapes only.
	DecodeError func(body []byte) (decoded ErrorBody, ok bool)
	// LogQuery are the query parameters that logs show; others are REDACTED.
	LogQuery []string
	// Logger is told every try at debug level; nil: nobody.
	Logger *slog.Logger
}

// Pipeline sends requests to one API.
type Pipeline struct {
	options  Options
	endpoint *url.URL
	pipeline runtime.Pipeline
}

// Request is one API call.
type Request struct {
	// Op says in words what is tried, for errors.
	Op     string
	Method string
	// Path is absolute, below the endpoint, escaped, without a query.
	Path  string
	Query url.Values
	// Body is sent as JSON; nil sends no body.
	Body []byte
	// Poll says that this read only asks whether something is done: the limiter
	// lets other requests go first and keeps half of its budget for them.
	Poll bool
}

// Response is a successful answer (2xx), its body read.
type Response struct {
	Status        int
	Header        http.Header
	Body          []byte
	CorrelationID string
}

// NewPipeline checks the options and builds the pipeline.
func NewPipeline(options Options) (*Pipeline, error) {
	endpoint, err := ParseEndpoint(options.Endpoint)
	if err != nil {
		return nil, err
	}
	if options.Credential == nil {
		return nil, errors.New("no credential to reach " + place(endpoint))
	}
	if options.Scope == "" {
		return nil, errors.New("no scope to ask tokens for " + place(endpoint))
	}
	options.MaxRetryAfter = cmp.Or(options.MaxRetryAfter, defaultMaxRetryAfter)
	options.TryTimeout = cmp.Or(options.TryTimeout, defaultTryTimeout)
	p := &Pipeline{options: options, endpoint: endpoint}
	p.pipeline = runtime.NewPipeline("storesync", options.Version, runtime.PipelineOptions{
		PerCall: []policy.Policy{
			readOnlyPolicy{on: options.ReadOnly},
			headerPolicy{headers: options.Headers, userAgent: userAgent(options.Version)},
		},
		// Each try of a request passes these in this order: the host is
		// checked before a token is even asked for.
		PerRetry: []policy.Policy{
			originPolicy{endpoint: endpoint},
			bodyPolicy{},
			renewPolicy{credential: options.Credential},
			limiterPolicy{limiter: options.Limiter, patience: options.MaxRetryAfter, tryTimeout: options.TryTimeout},
			throttlePolicy{},
			runtime.NewBearerTokenPolicy(options.Credential, []string{options.Scope}, &policy.BearerTokenOptions{
				// ParseEndpoint lets plain http pass on loopback only.
				InsecureAllowCredentialWithHTTP: endpoint.Scheme == "http",
			}),
			logPolicy{logger: options.Logger, query: options.LogQuery},
		},
	}, &policy.ClientOptions{
		Transport: limited{next: withoutRedirects(options.Transport)},
		// Our User-Agent names storesync first; azcore's would name the SDK.
		Telemetry: policy.TelemetryOptions{Disabled: true},
	})
	return p, nil
}

// Endpoint is the base URL in its checked form, without a trailing slash.
func (p *Pipeline) Endpoint() *url.URL {
	endpoint := *p.endpoint
	return &endpoint
}

// Do sends a request, with tries as its method allows. An answer that is not
// 2xx is an error; every error is an *Error, except a credential's, which is
// a *CredentialError, and a context's cause when nothing was sent.
func (p *Pipeline) Do(ctx context.Context, request Request) (*Response, error) {
	var came atomic.Bool
	response, err := p.send(ctx, request, &came)
	if err != nil {
		return nil, p.transportError(ctx, request, err, came.Load())
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return nil, p.transportError(ctx, request, err, came.Load())
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, p.statusError(ctx, request, response, body)
	}
	return &Response{
		Status: response.StatusCode, Header: response.Header, Body: body,
		CorrelationID: Shown(ctx, correlationID(response.Header)),
	}, nil
}

// send sends a request; came is set when a try of it was let pass.
func (p *Pipeline) send(ctx context.Context, request Request, came *atomic.Bool) (*http.Response, error) {
	if err := started(ctx); err != nil {
		return nil, err
	}
	// limiterPolicy bounds the tries.
	ctx = policy.WithRetryOptions(ctx, retryOptions(request.Method, p.options.MaxRetryAfter, 0))
	target, err := p.target(request)
	if err != nil {
		return nil, refuse(err)
	}
	r, err := runtime.NewRequest(ctx, request.Method, target.String())
	if err != nil {
		return nil, refuse(err)
	}
	r.SetOperationValue(requestBody{content: request.Body})
	r.SetOperationValue(requestTurn{pace: paceOf(request), came: came})
	return p.pipeline.Do(r)
}

// target is built from parts rather than by joining texts, so that no path
// can turn into another host.
func (p *Pipeline) target(request Request) (*url.URL, error) {
	if !strings.HasPrefix(request.Path, "/") || strings.HasPrefix(request.Path, "//") {
		return nil, fmt.Errorf("path %q is not absolute", OneLine(request.Path))
	}
	path, err := url.PathUnescape(request.Path)
	if err != nil {
		return nil, fmt.Errorf("path %q is not escaped properly", OneLine(request.Path))
	}
	target := *p.endpoint
	target.RawPath = p.endpoint.EscapedPath() + request.Path
	target.Path = p.endpoint.Path + path
	target.RawQuery = request.Query.Encode()
	return &target, nil
}

// transportError is the error of a request without an answer; came says
// whether a try of it was let pass.
func (p *Pipeline) transportError(ctx context.Context, request Request, err error, came bool) error {
	if credential, ok := errors.AsType[*CredentialError](err); ok {
		return fmt.Errorf("%s: %w", request.Op, credential)
	}
	if cause := context.Cause(ctx); cause != nil {
		// azcore reports ctx.Err(); the cause says more (a signal, a time limit).
		if refusedHere(err) || !came {
			return fmt.Errorf("%s: %w", request.Op, cause)
		}
		err = cause
	} else if paused, ok := errors.AsType[*pausedError](err); ok {
		return &Error{
			Op: request.Op, Method: request.Method, Path: request.Path,
			Status: http.StatusTooManyRequests, RetryAfter: paused.left.Round(time.Second),
			Unknown: came && outcomeUnknown(request.Method, 0, nil), err: err,
		}
	} else if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("the service took longer than %s", p.options.TryTimeout)
	}
	return &Error{
		Op: request.Op, Method: request.Method, Path: request.Path,
		Unknown: outcomeUnknown(request.Method, 0, err), err: err, secrets: secretsIn(ctx),
	}
}

// statusError is the error of an answer that is not 2xx.
func (p *Pipeline) statusError(ctx context.Context, request Request, response *http.Response, body []byte) *Error {
	if sent := response.Request; sent != nil {
		// A gateway may repeat what it was sent, headers included.
		ctx = WithSecrets(ctx, strings.TrimPrefix(sent.Header.Get("Authorization"), "Bearer "))
	}
	e := &Error{
		Op: request.Op, Method: request.Method, Path: request.Path,
		Status: response.StatusCode, CorrelationID: Shown(ctx, correlationID(response.Header)),
		RetryAfter: retryAfter(response.Header, time.Now()),
		Unknown:    outcomeUnknown(request.Method, response.StatusCode, nil),
	}
	if location := response.Header.Get("Location"); response.StatusCode < 400 {
		e.Message = Shown(ctx, redirectText(p.endpoint, location))
		return e
	}
	decoded, ok := ErrorBody{}, false
	if p.options.DecodeError != nil {
		decoded, ok = p.options.DecodeError(body)
	}
	if !ok {
		decoded = gatewayBody(body)
	}
	if page := foreignAnswer("the API", response.StatusCode, response.Header, body); !ok && page != "" {
		// Who refused may have done so to the answer, after the Store did it. The
		// page of an unknown method is the web server's own (observed).
		e.foreign, e.Unknown = true, response.StatusCode != http.StatusMethodNotAllowed && request.Method != http.MethodGet && request.Method != http.MethodHead
		decoded = ErrorBody{Message: page}
	}
	e.said = saying(append([]Detail{{Code: decoded.Code, Message: decoded.Message}}, decoded.Details...))
	e.Code, e.Message = Shown(ctx, decoded.Code), Shown(ctx, decoded.Message)
	for _, d := range decoded.Details {
		e.Details = append(e.Details, Detail{Shown(ctx, d.Code), Shown(ctx, d.Message), Shown(ctx, d.Target)})
	}
	if advisor, ok := p.options.Credential.(interface{ Advice() string }); ok && e.Status == http.StatusUnauthorized && !e.foreign {
		e.advice = advisor.Advice()
	}
	return e
}

// redirectText names where an API call was sent on to, host only: the rest of
// the address comes from whoever answered.
func redirectText(endpoint *url.URL, location string) string {
	target, err := endpoint.Parse(location)
	if err != nil || location == "" {
		return "the answer is a redirect, which is not followed"
	}
	return fmt.Sprintf("the answer is a redirect to %s://%s, which is not followed: the token is for %s only",
		OneLine(target.Scheme), OneLine(target.Host), endpoint.Host)
}

// retryAfter reads Retry-After in seconds or as an HTTP date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(at.Sub(now), 0).Round(time.Second)
}

func userAgent(version string) string {
	name := "storesync"
	if version != "" {
		name += "/" + version
	}
	return fmt.Sprintf("%s (%s; %s/%s)", name, goruntime.Version(), goruntime.GOOS, goruntime.GOARCH)
}

// headerPolicy sets the headers that every request carries.
type headerPolicy struct {
	headers   http.Header
	userAgent string
}

func (h headerPolicy) Do(request *policy.Request) (*http.Response, error) {
	header := request.Raw().Header
	maps.Copy(header, h.headers)
	header.Set("Accept", "application/json")
	header.Set("User-Agent", h.userAgent)
	return request.Next()
}
