package storehttp

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// plainPipeline sends requests that carry no token: blob storage and installer
// hosts are reached by addresses from Store answers and manifests, which are
// not trusted with one. It has the retries of an API's pipeline.
func plainPipeline(transport policy.Transporter, perRetry ...policy.Policy) runtime.Pipeline {
	return runtime.NewPipeline("storesync", "", runtime.PipelineOptions{PerRetry: perRetry}, &policy.ClientOptions{
		Transport: limitedErrors{next: withoutRedirects(transport)},
		Telemetry: policy.TelemetryOptions{Disabled: true},
	})
}

// plainRequest prepares a request whose answer's body is left to be read.
func plainRequest(ctx context.Context, method, address string, tryTimeout time.Duration) (*policy.Request, error) {
	ctx = policy.WithRetryOptions(ctx, retryOptions(method, defaultMaxRetryAfter, tryTimeout))
	request, err := runtime.NewRequest(ctx, method, address)
	if err != nil {
		return nil, err
	}
	request.Raw().Header.Set("User-Agent", userAgent(""))
	runtime.SkipBodyDownload(request)
	return request, nil
}

// slowest is the rate, in bytes a second, below which a try of a transfer is
// given up.
const slowest = 32 << 10

// transferTimeout bounds one try of a transfer of that many bytes.
func transferTimeout(size int64) time.Duration {
	return defaultTryTimeout + time.Duration(size/slowest)*time.Second
}

// maxRedirects is how many a download may take.
const maxRedirects = 5

// follow sends GET or HEAD to an address that is not trusted and follows
// redirects as far as they are harmless: never to plain http, and never from
// another host to this machine. tryTimeout bounds the reading of the body too.
func follow(ctx context.Context, transport policy.Transporter, method string, target *url.URL, tryTimeout time.Duration) (*http.Response, error) {
	pipeline := plainPipeline(transport)
	for range maxRedirects + 1 {
		request, err := plainRequest(ctx, method, target.String(), tryTimeout)
		if err != nil {
			return nil, &unreadable{"the address cannot be requested"}
		}
		response, err := pipeline.Do(request)
		if err != nil {
			return nil, err
		}
		location := response.Header.Get("Location")
		if response.StatusCode < 300 || response.StatusCode > 399 || location == "" {
			return response, nil
		}
		response.Body.Close()
		next, err := target.Parse(location)
		if err != nil || checkAddress(next) != nil || IsLoopback(next) && !IsLoopback(target) {
			return nil, &unreadable{"it is redirected to an address that is not followed"}
		}
		target = next
	}
	return nil, &unreadable{"it is redirected too often"}
}

// mediaType is the Content-Type without its parameters.
func mediaType(header http.Header) string {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
