package blobrecords

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// maxRecord bounds what is read of a record or journal, in bytes.
const maxRecord = 64 << 20

// Options say where records are kept.
type Options struct {
	// Address is the container and a prefix within it,
	// https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX. Plain http is
	// accepted on loopback only. It may carry a shared access signature.
	Address string
	// SignIn gives the credential where Address carries no signature; it needs
	// the role Storage Blob Data Contributor.
	SignIn func() (azcore.TokenCredential, error)
	// Transport sends the requests; nil: the default HTTP client.
	Transport policy.Transporter
}

// Records keeps records in blobs.
type Records struct {
	place     place
	container *container.Client
	lease     time.Duration
	renew     time.Duration

	mu   sync.Mutex
	held map[record.Key]*lock
}

var _ record.Store = (*Records)(nil)

// How long a lease lasts (15 to 60 s are possible) and how often it is renewed.
const (
	leaseSeconds = 60
	renewEvery   = 15 * time.Second
)

// New makes the store. No request is sent. It fails when Address is no address
// of a container, and with SignIn's error.
func New(options Options) (*Records, error) {
	place, err := parsePlace(options.Address)
	if err != nil {
		return nil, err
	}
	r := &Records{place: place, lease: leaseSeconds * time.Second, renew: renewEvery, held: map[record.Key]*lock{}}
	client := &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: transport(options.Transport), Telemetry: policy.TelemetryOptions{Disabled: true},
	}}
	if r.container, err = newContainer(place, options, client); err != nil {
		if _, said := errors.AsType[*plan.Failure](err); said {
			return nil, err
		}
		// The library's words may hold the signature.
		return nil, badPlace("it cannot be requested")
	}
	return r, nil
}

func newContainer(place place, options Options, client *container.ClientOptions) (*container.Client, error) {
	if place.signed {
		return container.NewClientWithNoCredential(place.url, client)
	}
	credential, err := options.SignIn()
	if err != nil {
		return nil, err
	}
	return container.NewClient(place.url, credential, client)
}

// transport follows no redirects: what is sent is meant for one host.
func transport(given policy.Transporter) policy.Transporter {
	if given != nil {
		return given
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (r *Records) record(key record.Key) *blockblob.Client {
	return r.container.NewBlockBlobClient(r.place.name(key, ".json"))
}

func (r *Records) journal(key record.Key) *appendblob.Client {
	return r.container.NewAppendBlobClient(r.place.name(key, ".journal.jsonl"))
}

// Load returns the record, or nil when there is none.
func (r *Records) Load(ctx context.Context, key record.Key) (*record.Record, error) {
	name := r.place.name(key, ".json")
	content, err := r.read(ctx, name)
	// A lock makes an empty record to put its lease on.
	if err != nil || len(content) == 0 {
		return nil, err
	}
	return record.Parse(content, key, "blob "+name)
}

// Others returns the other records below the prefix; what is none is left out.
func (r *Records) Others(ctx context.Context, known map[record.Key]bool) ([]*record.Record, error) {
	prefix := r.place.prefix
	names := map[string]bool{}
	for key := range known {
		names[r.place.name(key, ".json")] = true
	}
	pages := r.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Prefix: &prefix})
	var records []*record.Record
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, r.failure("list blobs", err)
		}
		for _, item := range page.Segment.BlobItems {
			if names[*item.Name] {
				continue
			}
			found, err := r.listed(ctx, *item.Name)
			if err != nil {
				return nil, err
			}
			if found != nil {
				records = append(records, found)
			}
		}
	}
	return records, nil
}

// listed is the record in a blob, nil when it is none.
func (r *Records) listed(ctx context.Context, name string) (*record.Record, error) {
	if !strings.HasSuffix(name, ".json") {
		return nil, nil
	}
	content, err := r.read(ctx, name)
	if err != nil {
		return nil, err
	}
	var head struct{ Key record.Key }
	if json.Unmarshal(content, &head) != nil || r.place.name(head.Key, ".json") != name {
		return nil, nil
	}
	found, err := record.Parse(content, head.Key, "blob "+name)
	if err != nil || found.Ignored != "" {
		return nil, nil //nolint:nilerr // one that cannot be read is none of ours to list
	}
	return found, nil
}

func (r *Records) read(ctx context.Context, name string) ([]byte, error) {
	answer, err := r.container.NewBlobClient(name).DownloadStream(ctx, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, r.failure("read blob "+name, err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxRecord+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read blob %s: the connection broke: %w", name, err)
	case len(content) > maxRecord:
		return nil, fmt.Errorf("read blob %s: it is larger than %d MiB, so it is none of storesync's", name, maxRecord>>20)
	}
	return content, nil
}

// Save replaces the record as a whole. The lock must be held.
func (r *Records) Save(ctx context.Context, record *record.Record) error {
	content, err := record.Document()
	if err != nil {
		return err
	}
	held, err := r.holds(record.Key)
	if err != nil {
		return err
	}
	_, err = r.record(record.Key).Upload(ctx, streaming.NopCloser(bytes.NewReader(content)), &blockblob.UploadOptions{
		AccessConditions: &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: &held.id}},
	})
	return r.failure("write blob "+r.place.name(record.Key, ".json"), err)
}

// Append adds a line to the journal. The lock must be held.
func (r *Records) Append(ctx context.Context, key record.Key, entry record.Entry) error {
	if _, err := r.holds(key); err != nil {
		return err
	}
	name := "write blob " + r.place.name(key, ".journal.jsonl")
	err := r.append(ctx, key, entry)
	switch {
	case bloberror.HasCode(err, bloberror.BlobNotFound):
		err = r.begin(ctx, key, entry, true)
	case bloberror.HasCode(err, bloberror.BlockCountExceedsLimit):
		// 50,000 lines are full. What counts is the last one.
		err = r.begin(ctx, key, entry, false)
	}
	return r.failure(name, err)
}

func (r *Records) append(ctx context.Context, key record.Key, entry record.Entry) error {
	_, err := r.journal(key).AppendBlock(ctx, streaming.NopCloser(bytes.NewReader(entry.Line())), nil)
	return err
}

// begin makes a journal that holds one line.
func (r *Records) begin(ctx context.Context, key record.Key, entry record.Entry, isNew bool) error {
	var options *appendblob.CreateOptions
	if isNew {
		any := azcore.ETagAny
		options = &appendblob.CreateOptions{AccessConditions: &blob.AccessConditions{
			ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &any}}}
	}
	if _, err := r.journal(key).Create(ctx, options); err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists) {
		return err
	}
	return r.append(ctx, key, entry)
}

// Last returns the journal's last entry, nil when there is none.
func (r *Records) Last(ctx context.Context, key record.Key) (*record.Entry, error) {
	content, err := r.read(ctx, r.place.name(key, ".journal.jsonl"))
	if err != nil {
		return nil, err
	}
	return record.LastEntry(content), nil
}

// failure says what became of a request to blob storage; nil stays nil. The
// library's own words are left out: they hold the address.
func (r *Records) failure(what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	if request, isURL := errors.AsType[*url.Error](err); isURL {
		err = request.Err // without the address
	}
	if !ok {
		return &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s in %s: no answer: %s", what, r.place.shown, r.place.hide(err.Error())),
			Next: "Nothing is sent to the Store without its record. Run the command again when the storage account can be reached."}
	}
	failure := &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s in %s: %d %s", what, r.place.shown, answer.StatusCode, answer.ErrorCode),
		Next: "Check that STORESYNC_RECORD names a container and a prefix in it."}
	switch {
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		failure.Class = plan.ClassCredentials
		failure.Next = "Who is signed in needs the role Storage Blob Data Contributor on the container (the role Contributor is not enough), or STORESYNC_RECORD a signature that has not run out."
	case bloberror.HasCode(err, bloberror.ContainerNotFound):
		failure.Next = "Make the container first, private and with soft delete for blobs; storesync makes none."
	case answer.StatusCode == http.StatusPreconditionFailed, answer.StatusCode == http.StatusConflict && strings.HasPrefix(answer.ErrorCode, "Lease"):
		failure.Class, failure.Next = plan.ClassRefused, lockLost
	}
	return failure
}
