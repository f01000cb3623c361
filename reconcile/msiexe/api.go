package msiexe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// client speaks the thirteen operations of the API. It knows their shapes and
// nothing of what a manifest wants.
//
// https://learn.microsoft.com/windows/apps/publish/store-submission-api
type client struct {
	pipeline  *storehttp.Pipeline
	transport policy.Transporter
	pictures  policy.Transporter
	uploads   storehttp.Uploads
	readOnly  bool
}

// maxLanguages is how many listing languages one read brings (the API page).
const maxLanguages = 200

// newClient checks the options and makes the client; no request is sent.
func newClient(o Options) (*client, error) {
	if o.Endpoint == "" {
		o.Endpoint = DefaultEndpoint
	}
	seller := strings.TrimSpace(o.SellerID)
	if seller == "" {
		return nil, &plan.Failure{
			Class: plan.ClassCredentials,
			Err:   errors.New("the seller id is not set"),
			Next:  "Set STORESYNC_SELLER_ID to the seller id of the Partner Center account (Account settings > Organization profile > Legal info).",
		}
	}
	if strings.ContainsFunc(seller, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &plan.Failure{
			Class: plan.ClassCredentials,
			Err:   errors.New("the seller id holds spaces or characters that a header cannot carry"),
			Next:  "Set STORESYNC_SELLER_ID to the bare number from Partner Center.",
		}
	}
	pipeline, err := storehttp.NewPipeline(storehttp.Options{
		Endpoint: o.Endpoint, Scope: Scope, Credential: o.Credential, Transport: o.Transport,
		ReadOnly: o.ReadOnly, Version: o.Version,
		Headers:     http.Header{"X-Seller-Account-Id": {seller}},
		DecodeError: decodeError,
		LogQuery:    []string{"languages", "includelanguagelist"},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the MSI/EXE API: %w", err)
	}
	pictures := o.Pictures
	if pictures == nil {
		pictures = o.Transport
	}
	return &client{
		pipeline: pipeline, transport: o.Transport, pictures: pictures, readOnly: o.ReadOnly,
		uploads: storehttp.Uploads{Endpoint: pipeline.Endpoint(), More: o.UploadHosts},
	}, nil
}

// answer is what an operation brought when it succeeded.
type answer struct {
	// Data is responseData, nil when the answer had none.
	Data json.RawMessage
	// Warnings are the messages that came along with the success.
	Warnings []string
	// PollingURL says where to watch the work that the request set off, as
	// the service wrote it: see pollPath. "" when there is nothing to watch.
	PollingURL string
	// OngoingSubmissionID is the submission in progress, "" when none is named.
	OngoingSubmissionID string
}

// send sends one request. op says in words what it does, "write the listing
// of product …"; path is absolute below the endpoint and may carry a query. A
// nil body sends none.
//
// The error is a *storehttp.Error, or a *storehttp.CredentialError, inside a
// *plan.Failure when it has a class or there is advice. It names op, so
// callers need not wrap it again. storehttp.IsUnknownOutcome tells whether a
// write may have been carried out all the same.
func (c *client) send(ctx context.Context, op, method, path string, body json.RawMessage) (*answer, error) {
	e, err := c.call(ctx, op, method, path, body)
	if err != nil {
		return nil, err
	}
	a := &answer{Data: notNull(e.ResponseData), Warnings: e.warnings()}
	var work workAnswer
	// Where a write says nothing of what it set off, there is nothing to watch.
	if json.Unmarshal(a.Data, &work) == nil {
		a.PollingURL, a.OngoingSubmissionID = work.PollingURL, string(work.OngoingSubmissionID)
	}
	return a, nil
}

// call sends one request and returns the envelope of its success.
func (c *client) call(ctx context.Context, op, method, path string, body json.RawMessage) (*envelope, error) {
	place, rawQuery, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, fmt.Errorf("%s: the query is not one", op)
	}
	response, err := c.pipeline.Do(ctx, storehttp.Request{Op: op, Method: method, Path: place, Query: query, Body: body})
	if err != nil {
		return nil, classify(err)
	}
	e, err := decodeEnvelope(ctx, response.Body)
	if err != nil {
		return nil, classify(&storehttp.Error{
			Op: op, Method: method, Path: place, Status: response.Status,
			Message: err.Error(), CorrelationID: response.CorrelationID,
			Unknown: method != http.MethodGet,
		})
	}
	if !*e.IsSuccess {
		failed := e.failure()
		return nil, classify(&storehttp.Error{
			Op: op, Method: method, Path: place, Status: response.Status, Code: failed.Code,
			Message: failed.Message, Details: failed.Details, CorrelationID: response.CorrelationID,
		})
	}
	e.correlation = response.CorrelationID
	return e, nil
}

// classify adds the class and the advice that an error of a request has.
func classify(err error) error {
	class := plan.ClassError
	switch {
	case storehttp.IsAuth(err):
		class = plan.ClassCredentials
	case errors.Is(err, context.Canceled):
		class = plan.ClassInterrupted
	}
	next := advice(err)
	if class == plan.ClassError && next == "" {
		return err
	}
	return &plan.Failure{Class: class, Err: err, Next: next}
}

// advice knows what the statuses mean at this API, beyond what any API means by them.
func advice(err error) string {
	if e, ok := errors.AsType[*storehttp.Error](err); ok && storehttp.IsAuth(err) && e.Status == http.StatusForbidden {
		return "Check that STORESYNC_SELLER_ID is the seller id of the Partner Center account that owns the product, and that the Entra application has the Manager role there (Account settings > User management)." +
			storehttp.OtherAccount("product's")
	}
	if storehttp.IsNotFound(err) && !storehttp.IsMethodRefused(err) {
		return "Check spec.productId: it is the product's GUID in Partner Center. The product, and its first submission, are made there; the API can do neither."
	}
	return storehttp.Advice(err)
}

// read sends a GET and decodes its responseData.
func read[T any](ctx context.Context, c *client, op, path string) (*T, *envelope, error) {
	e, err := c.call(ctx, op, http.MethodGet, path, nil)
	if err != nil {
		return nil, nil, err
	}
	var data T
	if raw := notNull(e.ResponseData); raw != nil {
		if err := json.Unmarshal(raw, &data); err != nil {
			return nil, nil, strange(op, path, e, storehttp.Shown(ctx, "the answer has an unknown shape: "+err.Error()))
		}
	}
	return &data, e, nil
}

// strange is the error of a successful read that does not hold what it should.
func strange(op, path string, e *envelope, reason string) error {
	place, _, _ := strings.Cut(path, "?")
	return &storehttp.Error{
		Op: op, Method: http.MethodGet, Path: place, Status: http.StatusOK,
		Message: reason, CorrelationID: e.correlation,
	}
}

// lacking is the error of a successful read without a part that every answer
// has, empty or not (the API page; observed 2026-02). What is missing must not
// be taken for empty: what the product has would be removed unseen.
func lacking(op, part string, e *envelope) error {
	text := fmt.Sprintf("%s: the Store's answer lacks %s", op, part)
	if e.correlation != "" {
		text += " (correlation id " + e.correlation + ")"
	}
	return &plan.Failure{Class: plan.ClassError, Err: errors.New(text),
		Next: "It is not taken for empty, and nothing was changed because of it. Run the same command again; " +
			"if it stays so, look at the product in Partner Center and report it to Microsoft."}
}

// status reads where the draft's modules stand.
func (c *client) status(ctx context.Context, product string) (*moduleStatus, error) {
	data, e, err := read[statusAnswer](ctx, c, "read status of product "+product, statusPath(product))
	if err != nil {
		return nil, err
	}
	return &moduleStatus{
		IsReady: data.IsReady, Messages: e.Errors,
		OngoingSubmissionID: storehttp.OneLine(string(data.OngoingSubmissionID)),
	}, nil
}

// submissionStatus reads where a submission stands.
func (c *client) submissionStatus(ctx context.Context, product, submission string) (*publishing, error) {
	op := fmt.Sprintf("read status of submission %s of product %s", submission, product)
	data, e, err := read[publishingAnswer](ctx, c, op, submissionStatusPath(product, submission))
	if err != nil {
		return nil, err
	}
	status := storehttp.OneLine(data.PublishingStatus)
	if !slices.Contains([]string{statusInProgress, statusPublished, statusFailed, statusUnknown}, status) {
		status = storehttp.Shown(ctx, data.PublishingStatus)
	}
	return &publishing{PublishingStatus: status, HasFailed: data.HasFailed, Messages: e.Errors}, nil
}

// metadata reads all modules: one request, and one more for each further 200
// listing languages.
func (c *client) metadata(ctx context.Context, product string) (*metadataDocuments, error) {
	op := "read metadata of product " + product
	first, e, err := read[metadataAnswer](ctx, c, op, metadataPath(product)+"?includelanguagelist=true")
	if err != nil {
		return nil, err
	}
	for _, module := range []string{moduleAvailability, moduleProperties, moduleListings} {
		if !first.holds(module) {
			return nil, lacking(op, module, e)
		}
	}
	documents := first.documents()
	if languages := first.languages(); len(languages) > maxLanguages {
		missing := slices.DeleteFunc(languages, hasLanguage(documents.Listings))
		if len(missing) == 0 {
			return documents, nil
		}
		more, err := c.module(ctx, product, "listings", missing)
		if err != nil {
			return nil, err
		}
		documents.Listings = append(documents.Listings, more.Listings...)
	}
	return documents, nil
}

// module reads listings, properties or availability alone. Without languages
// the service brings its first 200; more than 200 are read in groups.
func (c *client) module(ctx context.Context, product, name string, languages []string) (*metadataDocuments, error) {
	op := fmt.Sprintf("read %s of product %s", name, product)
	all := &metadataDocuments{}
	for _, query := range languageQueries(languages) {
		data, e, err := read[metadataAnswer](ctx, c, op, modulePath(product, name)+query)
		if err != nil {
			return nil, err
		}
		if !data.holds(name) {
			return nil, lacking(op, name, e)
		}
		documents := data.documents()
		all.Availability, all.Properties = documents.Availability, documents.Properties
		all.Listings = append(all.Listings, documents.Listings...)
	}
	return all, nil
}

// packages reads the whole package set.
func (c *client) packages(ctx context.Context, product string) ([]json.RawMessage, error) {
	found, _, err := c.readPackages(ctx, "read packages of product "+product, packagesPath(product))
	return found, err
}

// packageByID reads one package.
func (c *client) packageByID(ctx context.Context, product, id string) (json.RawMessage, error) {
	op := fmt.Sprintf("read package %s of product %s", id, product)
	path := packagePath(product, id)
	found, e, err := c.readPackages(ctx, op, path)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, strange(op, path, e, fmt.Sprintf("the answer holds %d packages instead of one", len(found)))
	}
	return found[0], nil
}

func (c *client) readPackages(ctx context.Context, op, path string) ([]json.RawMessage, *envelope, error) {
	type packagesAnswer struct {
		Packages []json.RawMessage `json:"packages"`
	}
	data, e, err := read[packagesAnswer](ctx, c, op, path)
	if err != nil {
		return nil, nil, err
	}
	if data.Packages == nil {
		return nil, nil, lacking(op, "packages", e)
	}
	return withoutNulls(data.Packages), e, nil
}

// assets reads the listing images, one document per language. Without
// languages the service brings its first 200; more than 200 are read in groups.
func (c *client) assets(ctx context.Context, product string, languages []string) ([]json.RawMessage, error) {
	type assetsAnswer struct {
		ListingAssets []json.RawMessage `json:"listingAssets"`
	}
	op := "read images of product " + product
	var all []json.RawMessage
	for _, query := range languageQueries(languages) {
		data, e, err := read[assetsAnswer](ctx, c, op, assetsPath(product)+query)
		if err != nil {
			return nil, err
		}
		if data.ListingAssets == nil {
			return nil, lacking(op, "listingAssets", e)
		}
		all = append(all, withoutNulls(data.ListingAssets)...)
	}
	return all, nil
}

// upload sends one image to the address that assets/create answered with.
func (c *client) upload(ctx context.Context, target storehttp.UploadTarget, content io.ReadSeeker, size int64, progress func(sent, total int64)) error {
	if c.readOnly {
		return classify(&storehttp.ReadOnlyError{Method: target.Method, Path: target.URL.String()})
	}
	if err := c.uploads.Check(target.URL); err != nil {
		return classify(err)
	}
	if err := storehttp.PutBlob(ctx, c.transport, target, content, size, progress); err != nil {
		return classify(err)
	}
	return nil
}

// imageDigest is "md5:" or "sha256:" and hex of a stored image; errors.Is(err,
// storehttp.ErrUnreadable) when its content cannot be had.
func (c *client) imageDigest(ctx context.Context, assetURL string) (string, error) {
	if err := c.reachable(assetURL); err != nil {
		return "", fmt.Errorf("read a stored image: %w: %w", err, storehttp.ErrUnreadable)
	}
	return storehttp.ContentDigest(ctx, c.pictures, assetURL, storehttp.MaxImageBytes)
}

// reachable refuses addresses from answers that point into this machine,
// unless the API itself is here: a service elsewhere has no business with them.
func (c *client) reachable(address string) error {
	target, err := url.Parse(address)
	if err != nil {
		return errors.New("its address is not a URL")
	}
	if storehttp.IsLoopback(target) && !storehttp.IsLoopback(c.pipeline.Endpoint()) {
		return fmt.Errorf("the Store named an address on this machine (%s), which is not followed", target.Host)
	}
	return nil
}
