package storehttp

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const redacted = "REDACTED"

// maxPutBlob is the largest blob that one Put Blob request may carry, 5000 MiB.
//
// https://learn.microsoft.com/rest/api/storageservices/put-blob
const maxPutBlob = 5000 << 20

// UploadTarget says where and how a Store wants a file.
type UploadTarget struct {
	// Name says what is sent, for errors; "a file" when "".
	Name string
	// URL is the signed address.
	URL SASURL
	// SHA256 (hex) is what was planned; other content is an error.
	SHA256 string
	// Method is the HTTP method to send with; PUT when "".
	Method string
	// Headers are the headers to send: a non-empty value exactly as it is, an
	// empty one is computed by the sender.
	Headers map[string]string
}

// PutBlob sends a file of size bytes to blob storage in one request (Put
// Blob), as the target says, with a Content-MD5 that the service checks. It
// carries no token and follows no redirect. Tries start from the beginning of
// the content. progress, which may be nil, is told the bytes of the current
// try, so it can fall. Content that is not what the target's SHA256 says is
// never sent to its end, whether it changed before or while it was sent. Errors are *Error, without the address's query.
//
// azblob's client is not used for it: it always sends PUT with a Content-Type
// and x-ms-version of its own, while the Store's answer names the method and
// the headers, to be sent exactly.
//
// https://learn.microsoft.com/rest/api/storageservices/put-blob
func PutBlob(ctx context.Context, transport policy.Transporter, target UploadTarget, content io.ReadSeeker, size int64, progress func(sent, total int64)) error {
	method := cmp.Or(strings.ToUpper(target.Method), http.MethodPut)
	failure := &Error{
		Op:     "upload " + cmp.Or(OneLine(target.Name), "a file") + " to " + target.URL.host(),
		Method: method, anonymous: true, secrets: secretsIn(ctx),
	}
	address, err := uploadAddress(target.URL, method)
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	failure.Path = address.EscapedPath()
	name := cmp.Or(OneLine(target.Name), "the file")
	planned, err := hex.DecodeString(target.SHA256)
	if err != nil || len(planned) != sha256.Size {
		failure.err = refuse(fmt.Errorf("%s was planned without its digest: plan again", name))
		return failure
	}
	source := &rewinder{content: content, name: name, size: size, planned: planned, progress: progress}
	sum, err := source.contentMD5()
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	defer source.stop()
	headers, err := uploadHeaders(target.Headers, address.Host, size, sum)
	if err != nil {
		failure.err = refuse(err)
		return failure
	}
	response, err := sendUpload(ctx, transport, method, address, headers, source)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && !refusedHere(err) {
			err = cause
		} else if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("it took longer than %s", transferTimeout(size))
		}
		failure.err, failure.Unknown = err, outcomeUnknown(method, 0, err)
		return failure
	}
	return uploadAnswer(failure, response)
}

// host is the host alone, for messages.
func (u SASURL) host() string {
	parsed, err := url.Parse(u.raw)
	if err != nil || parsed.Host == "" {
		return "blob storage"
	}
	return OneLine(parsed.Host)
}

func uploadAddress(target SASURL, method string) (*url.URL, error) {
	if method != http.MethodPut && method != http.MethodPost {
		return nil, fmt.Errorf("the Store asks to send it with %s, which storesync does not know", OneLine(method))
	}
	address, err := url.Parse(target.raw)
	if err != nil {
		return nil, errors.New("the Store's upload address is not a URL")
	}
	if err := checkAddress(address); err != nil {
		return nil, fmt.Errorf("the Store's upload address %w", err)
	}
	// A signature may hold a bare +, which a query reads as a space.
	address.RawQuery = strings.ReplaceAll(address.RawQuery, "+", "%2B")
	return address, nil
}

// uploadHeaders are those that the Store asked for, with the empty ones
// computed, and Content-MD5.
func uploadHeaders(asked map[string]string, host string, size int64, sum string) (http.Header, error) {
	headers := http.Header{"Content-Md5": {sum}, "X-Ms-Blob-Type": {"BlockBlob"}}
	for name, value := range asked {
		switch key := http.CanonicalHeaderKey(name); {
		case key == "Content-Length":
			if value != "" && value != strconv.FormatInt(size, 10) {
				return nil, fmt.Errorf("the Store asks for %s bytes, the file has %d", OneLine(value), size)
			}
		case key == "Host":
			if value != "" && !strings.EqualFold(value, host) {
				return nil, fmt.Errorf("the Store asks for host %s at %s", OneLine(value), host)
			}
		case value != "":
			headers.Set(key, value)
		}
	}
	return headers, nil
}

func sendUpload(ctx context.Context, transport policy.Transporter, method string, address *url.URL, headers http.Header, source *rewinder) (*http.Response, error) {
	if err := started(ctx); err != nil {
		return nil, err
	}
	request, err := plainRequest(ctx, method, address.String(), transferTimeout(source.size))
	if err != nil {
		return nil, refuse(errors.New("the Store's upload address cannot be requested"))
	}
	for name, values := range headers {
		request.Raw().Header[name] = values
	}
	return plainPipeline(transport, uploadBodyPolicy{source: source}).Do(request)
}

// uploadBodyPolicy gives each try the content from its beginning.
type uploadBodyPolicy struct{ source *rewinder }

func (p uploadBodyPolicy) Do(request *policy.Request) (*http.Response, error) {
	body, err := p.source.rewind()
	if err != nil {
		return nil, refuse(err)
	}
	request.Raw().Body = body
	request.Raw().ContentLength = p.source.size
	response, err := request.Next()
	if changed := p.source.changed(); changed != nil {
		// Whatever the other side says to half a file, it has not got the whole.
		if err == nil {
			response.Body.Close()
		}
		return nil, refuse(changed)
	}
	if err != nil {
		return nil, err
	}
	// The body of a success is empty; that of a failure was read by azcore.
	if response.StatusCode < 300 {
		runtime.Drain(response)
	}
	return response, nil
}

// blobError is the XML body of a failed blob request.
//
// https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2
type blobError struct {
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
}

// uploadAnswer is nil for a 2xx, else the failure filled in.
func uploadAnswer(failure *Error, response *http.Response) error {
	defer response.Body.Close()
	if response.StatusCode >= 200 && response.StatusCode <= 299 {
		return nil
	}
	failure.Status = response.StatusCode
	failure.CorrelationID = failure.secrets.OneLine(correlationID(response.Header))
	failure.RetryAfter = retryAfter(response.Header, time.Now())
	failure.Unknown = outcomeUnknown(failure.Method, response.StatusCode, nil)
	if response.StatusCode < 400 {
		failure.Message = "the answer is a redirect, which is not followed"
		return failure
	}
	failure.Code = failure.secrets.OneLine(response.Header.Get("X-Ms-Error-Code"))
	var body blobError
	content, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	if err == nil && xml.Unmarshal([]byte(strings.TrimPrefix(string(content), "\ufeff")), &body) == nil {
		failure.Code = cmp.Or(failure.Code, failure.secrets.OneLine(body.Code))
		// The lines after the first are request id and time, sent as headers too.
		message, _, _ := strings.Cut(body.Message, "\n")
		failure.Message = failure.secrets.OneLine(message)
	}
	if page := foreignAnswer("blob storage", response.StatusCode, response.Header, content); page != "" && failure.Code == "" && refusesAccess(response.StatusCode) {
		failure.foreign, failure.Message = true, page
	}
	return failure
}
