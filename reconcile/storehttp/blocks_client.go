package storehttp

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // Azure checks uploads by Content-MD5.
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
)

const (
	// blockTries is more than for other requests: their waits come to some
	// three minutes, which an upload of hours should bear.
	blockTries = 8
	// noProgress is how long a try may go without the connection taking a byte.
	noProgress = 2 * time.Minute
)

// errNoProgress ends a try; the next one may do better.
var errNoProgress = fmt.Errorf("the connection took no data for %s", noProgress)

// blobClient writes one block blob through azblob, by a signed address.
type blobClient struct {
	client *blockblob.Client
	host   string
	path   string
}

func newBlobClient(transport policy.Transporter, target SASURL) (*blobClient, error) {
	address, err := uploadAddress(target, http.MethodPut)
	if err != nil {
		return nil, err
	}
	// azblob takes the query apart and drops without a word what it cannot read.
	if _, err := url.ParseQuery(address.RawQuery); err != nil {
		return nil, errors.New("the Store's upload address has a broken query")
	}
	client, err := blockblob.NewClientWithNoCredential(address.String(), &blockblob.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Transport:        limited{next: withoutRedirects(transport)},
			Telemetry:        policy.TelemetryOptions{Disabled: true},
			PerRetryPolicies: []policy.Policy{transferPolicy{}},
		},
	})
	if err != nil {
		return nil, errors.New("the Store's upload address cannot be requested")
	}
	return &blobClient{client: client, host: target.host(), path: address.EscapedPath()}, nil
}

// stage sends one block (Put Block); it is part of the blob only after commit.
func (c *blobClient) stage(ctx context.Context, number int, id string, block []byte, progress func(sent, size int64)) error {
	transfer, stop := newTransfer(ctx, block, progress)
	defer stop()
	_, err := c.client.StageBlock(transfer, id, streaming.NopCloser(bytes.NewReader(block)), &blockblob.StageBlockOptions{
		TransactionalValidation: transferMD5(block),
	})
	return c.failure(ctx, fmt.Sprintf("upload block %d of the ZIP to %s", number, c.host), err, false)
}

// put sends the whole blob (Put Blob).
func (c *blobClient) put(ctx context.Context, content []byte, progress func(sent, size int64)) error {
	if err := started(ctx); err != nil {
		return err
	}
	transfer, stop := newTransfer(ctx, content, progress)
	defer stop()
	_, err := c.client.Upload(transfer, streaming.NopCloser(bytes.NewReader(content)), &blockblob.UploadOptions{
		TransactionalValidation: transferMD5(content),
	})
	return c.failure(ctx, "upload the ZIP to "+c.host, err, true)
}

// commit makes a blob of the staged blocks (Put Block List). Doing it twice
// does no more than once: committed blocks can be named again.
func (c *blobClient) commit(ctx context.Context, ids []string) error {
	if err := started(ctx); err != nil {
		return err
	}
	tries := policy.WithRetryOptions(ctx, retryOptions(http.MethodPut, defaultMaxRetryAfter, defaultTryTimeout))
	_, err := c.client.CommitBlockList(tries, ids, nil)
	return c.failure(ctx, "put the blocks of the ZIP together at "+c.host, err, true)
}

func transferMD5(content []byte) blob.TransferValidationType {
	sum := md5.Sum(content) //nolint:gosec // see the import
	return blob.TransferValidationTypeMD5(sum[:])
}

// failure is the *Error of a request, or the cause of the context's end; nil
// for no error. final says that the request makes the blob's content: when it
// is not known how that ended, the outcome is unknown.
func (c *blobClient) failure(ctx context.Context, op string, err error, final bool) error {
	if err == nil {
		return nil
	}
	e := &Error{Op: op, Method: http.MethodPut, Path: c.path, anonymous: true, secrets: secretsIn(ctx)}
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok && refused.RawResponse != nil {
		if uploadAnswer(e, refused.RawResponse) == nil {
			e.Status = refused.StatusCode
			e.Message = fmt.Sprintf("the answer has status %d, which is not blob storage's", refused.StatusCode)
		}
		e.Unknown = e.Unknown && final
		if IsUploadRefused(e) {
			e.advice = "The upload address of a submission lives about a day. Run the same command again: it makes the draft anew, with a new address."
		}
		return e
	}
	if cause := context.Cause(ctx); cause != nil {
		if earlier, ok := errors.AsType[*Error](cause); ok {
			return earlier
		}
		if !final {
			return cause
		}
		err = cause
	} else if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("it took longer than %s", defaultTryTimeout)
	}
	e.err, e.Unknown = err, final && outcomeUnknown(http.MethodPut, 0, err)
	return e
}

// transferKey is where a context holds the content that its requests send.
type transferKey struct{}

// newTransfer prepares the tries of sending content: each gets it from its
// beginning. After stop no try reads it any more, so it can be overwritten.
func newTransfer(ctx context.Context, content []byte, progress func(sent, size int64)) (_ context.Context, stop func()) {
	source := &rewinder{content: bytes.NewReader(content), size: int64(len(content)), progress: progress}
	options := retryOptions(http.MethodPut, defaultMaxRetryAfter, 0)
	options.MaxRetries = blockTries - 1
	again := options.ShouldRetry
	options.ShouldRetry = func(response *http.Response, err error) bool {
		// Content that was damaged on the way arrives whole next time.
		return again(response, err) || err == nil && response.Header.Get("X-Ms-Error-Code") == string(bloberror.MD5Mismatch)
	}
	ctx = context.WithValue(policy.WithRetryOptions(ctx, options), transferKey{}, source)
	return ctx, source.stop
}

// transferPolicy gives each try a body of its own, because net/http may still
// be reading that of a try that was answered early, and ends a try of a
// transfer that the connection does not take bytes of.
type transferPolicy struct{}

func (transferPolicy) Do(request *policy.Request) (*http.Response, error) {
	request.Raw().Header.Set("User-Agent", userAgent(""))
	source, ok := request.Raw().Context().Value(transferKey{}).(*rewinder)
	if ok {
		return sendWatched(request, source)
	}
	content, err := io.ReadAll(request.Raw().Body)
	if err != nil {
		return nil, refuse(err)
	}
	request.Raw().GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	request.Raw().Body, _ = request.Raw().GetBody()
	return request.Next()
}

// sendWatched is one try of a transfer.
func sendWatched(request *policy.Request, source *rewinder) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Raw().Context())
	defer cancel(nil) // the answer has been read by then
	watch := time.AfterFunc(noProgress, func() { cancel(errNoProgress) })
	defer watch.Stop()
	try := request.Clone(ctx)
	try.Raw().GetBody = func() (io.ReadCloser, error) {
		body, err := source.rewind()
		if err != nil {
			return nil, refuse(err)
		}
		return &watchedBody{ReadCloser: body, watch: watch, left: source.size, size: source.size}, nil
	}
	var err error
	if try.Raw().Body, err = try.Raw().GetBody(); err != nil {
		return nil, err
	}
	response, err := try.Next()
	if err != nil && errors.Is(context.Cause(ctx), errNoProgress) {
		err = errNoProgress
	}
	return response, err
}

// watchedBody puts the end of a try off with each read.
type watchedBody struct {
	io.ReadCloser
	watch      *time.Timer
	left, size int64
}

func (b *watchedBody) Read(buffer []byte) (int, error) {
	n, err := b.ReadCloser.Read(buffer)
	if n == 0 {
		return n, err
	}
	b.left -= int64(n)
	patience := noProgress
	if b.left <= 0 {
		// The last bytes may still be in buffers below, on a slow line for long.
		patience = transferTimeout(b.size)
	}
	b.watch.Reset(patience)
	return n, err
}
