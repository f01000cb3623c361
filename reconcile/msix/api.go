package msix

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// client speaks the operations of the API. It knows their shapes and nothing
// of what a manifest wants.
//
// https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services
type client struct {
	pipeline  *storehttp.Pipeline
	transport policy.Transporter
	readOnly  bool
	seen      seen
	known     knownSecrets
}

// pageSize is how many apps one page of the list brings at most.
const pageSize = 100

// newClient checks the options and makes the client; no request is sent.
func newClient(o Options) (*client, error) {
	pipeline, err := storehttp.NewPipeline(storehttp.Options{
		Endpoint: cmp.Or(o.Endpoint, DefaultEndpoint), Scope: Scope, Credential: o.Credential, Transport: o.Transport,
		ReadOnly: o.ReadOnly, Version: o.Version, Limiter: o.Limiter, Logger: o.Logger,
		DecodeError: decodeError,
		LogQuery:    []string{"top", "skip", "isMinimalResponse"},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the MSIX API: %w", err)
	}
	return &client{pipeline: pipeline, transport: o.Transport, readOnly: o.ReadOnly}, nil
}

// send sends one request and returns the body of its success. op says in words
// what it does; path is absolute below the endpoint and may carry a query.
//
// The error is a *storehttp.Error, or a *storehttp.CredentialError, inside a
// *reconcile.Failure when it has a class or there is advice. It names op, so
// callers need not wrap it again. storehttp.IsUnknownOutcome tells whether a
// write may have been carried out all the same.
func (c *client) send(ctx context.Context, op, method, path string, body json.RawMessage) (json.RawMessage, error) {
	return c.call(ctx, storehttp.Request{Op: op, Method: method, Path: path, Body: body})
}

func (c *client) call(ctx context.Context, request storehttp.Request) (json.RawMessage, error) {
	place, rawQuery, _ := strings.Cut(request.Path, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, fmt.Errorf("%s: the query is not one", request.Op)
	}
	request.Path, request.Query = place, query
	app := appOf(place)
	response, err := c.pipeline.Do(c.known.guard(ctx, app), request)
	if err != nil {
		return nil, explain(err)
	}
	if app != "" {
		c.known.learn(app, response.Body)
	}
	return response.Body, nil
}

// appOf is the app that a path is about, "" for the list of apps.
func appOf(path string) string {
	below, _ := strings.CutPrefix(path, applicationsPath()+"/")
	if below == path {
		return ""
	}
	name, _, _ := strings.Cut(below, "/")
	app, err := url.PathUnescape(name)
	if err != nil {
		return name
	}
	return app
}

// fetch sends a GET and decodes its answer.
func fetch[T any](ctx context.Context, c *client, request storehttp.Request) (*T, error) {
	request.Method = http.MethodGet
	body, err := c.call(ctx, request)
	if err != nil {
		return nil, err
	}
	var data T
	if err := json.Unmarshal(body, &data); err != nil {
		return nil, strange(request, "the answer is not one of the MSIX API: check the endpoint, or a proxy in between")
	}
	return &data, nil
}

// strange is the error of a successful read that does not hold what it should.
func strange(request storehttp.Request, reason string) error {
	place, _, _ := strings.Cut(request.Path, "?")
	return &storehttp.Error{Op: request.Op, Method: request.Method, Path: place, Status: http.StatusOK, Message: reason,
		Unknown: request.Method != http.MethodGet}
}

// application reads an app.
func (c *client) application(ctx context.Context, app string) (*application, error) {
	request := storehttp.Request{Op: "read app " + app, Path: applicationPath(app)}
	found, err := fetch[application](ctx, c, request)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(string(found.ID), app) {
		request.Method = http.MethodGet
		return nil, strange(request, fmt.Sprintf("the answer is about app %q", storehttp.Shown(ctx, string(found.ID))))
	}
	found.tidy()
	return found, nil
}

// applications reads the account's apps, page by page.
func (c *client) applications(ctx context.Context) iter.Seq2[*application, error] {
	return func(yield func(*application, error) bool) {
		for page, err := range c.applicationPages(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, app := range page.Value {
				if !yield(app, nil) {
					return
				}
			}
		}
	}
}

// applicationPages reads the pages of the app list.
func (c *client) applicationPages(ctx context.Context) iter.Seq2[*applicationsPage, error] {
	return func(yield func(*applicationsPage, error) bool) {
		query := url.Values{"top": {strconv.Itoa(pageSize)}, "skip": {"0"}}
		for {
			page, err := c.applicationsPage(ctx, query)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page, nil) || page.NextLink == "" || len(page.Value) == 0 {
				return
			}
			next, err := nextPage(page.NextLink, query)
			if err != nil {
				yield(nil, fmt.Errorf("read the list of apps: %w", err))
				return
			}
			query = next
		}
	}
}

func (c *client) applicationsPage(ctx context.Context, query url.Values) (*applicationsPage, error) {
	page, err := fetch[applicationsPage](ctx, c, storehttp.Request{Op: "read the list of apps", Path: applicationsPath() + "?" + query.Encode()})
	if err != nil {
		return nil, err
	}
	kept := page.Value[:0]
	for _, app := range page.Value {
		if app != nil && app.ID != "" {
			app.tidy()
			kept = append(kept, app)
		}
	}
	page.Value = kept
	return page, nil
}

// nextPage reads the query of an @nextLink, "applications?skip=10&top=10". It
// comes from an answer: only its numbers are taken, and they must lead on.
func nextPage(link string, last url.Values) (url.Values, error) {
	_, rawQuery, _ := strings.Cut(link, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, errors.New("the Store's @nextLink has no query")
	}
	top, topErr := strconv.Atoi(query.Get("top"))
	skip, skipErr := strconv.Atoi(query.Get("skip"))
	before, _ := strconv.Atoi(last.Get("skip"))
	if skipErr != nil || topErr != nil || top <= 0 || skip <= before {
		return nil, errors.New("the Store's @nextLink does not lead to a next page")
	}
	return url.Values{"top": {strconv.Itoa(top)}, "skip": {strconv.Itoa(skip)}}, nil
}

// submission reads a submission.
func (c *client) submission(ctx context.Context, app, id string) (*document, error) {
	op := fmt.Sprintf("read submission %s of app %s", id, app)
	body, err := c.send(ctx, op, http.MethodGet, submissionPath(app, id), nil)
	if err != nil {
		return nil, err
	}
	request := storehttp.Request{Op: op, Method: http.MethodGet, Path: submissionPath(app, id)}
	d, err := submissionOf(ctx, request, body, id)
	if err != nil {
		return nil, err
	}
	if !d.whole() {
		return nil, strange(request, "the answer lacks the submission's content (listings, pricing, packages)")
	}
	c.seen.add(d)
	c.known.markRead(app, id)
	return d, nil
}

// submissionOf reads the submission that an answer holds, which must be the
// one asked for; an id of "" takes any.
func submissionOf(ctx context.Context, request storehttp.Request, body json.RawMessage, id string) (*document, error) {
	d, err := parseDocument(body)
	switch {
	case err != nil:
		return nil, strange(request, "the answer is not a submission: check the endpoint, or a proxy in between")
	case d.id() == "":
		return nil, strange(request, "the answer names no submission")
	case id != "" && d.id() != id:
		return nil, strange(request, fmt.Sprintf("the answer is about submission %q", storehttp.Shown(ctx, d.id())))
	}
	return d, nil
}

// submissionStatus reads where a submission stands, in the Store's words, which
// may hold secrets. It counts as a poll, which other requests go before.
func (c *client) submissionStatus(ctx context.Context, app, id string) (*submissionStatus, error) {
	op := fmt.Sprintf("read status of submission %s of app %s", id, app)
	return fetch[submissionStatus](ctx, c, storehttp.Request{Op: op, Path: submissionStatusPath(app, id), Poll: true})
}

// upload sends the new files of a draft as one ZIP.
func (c *client) upload(ctx context.Context, address storehttp.SASURL, entries []storehttp.ZipEntry, progress func(sent, total int64)) error {
	if c.readOnly {
		return explain(&storehttp.ReadOnlyError{Method: http.MethodPut, Path: address.String()})
	}
	target, err := url.Parse(address.Reveal())
	if err != nil || target.Host == "" {
		return errors.New("the draft's upload address is not a URL")
	}
	// A service elsewhere has no business with this machine.
	if storehttp.IsLoopback(target) && !storehttp.IsLoopback(c.pipeline.Endpoint()) {
		return fmt.Errorf("the Store named an upload address on this machine (%s), which is not followed", target.Host)
	}
	if err := storehttp.UploadZip(ctx, c.transport, address, entries, progress); err != nil {
		return explain(err)
	}
	return nil
}

// seen keeps the submissions that were read, so that a draft that is not what
// was planned against can be compared with that.
type seen struct {
	mu        sync.Mutex
	documents map[string]*document
}

// maxSeen bounds the memory: submissions of a hundred languages have some MB.
const maxSeen = 256

func (s *seen) add(d *document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.documents == nil || len(s.documents) >= maxSeen {
		s.documents = map[string]*document{}
	}
	n := d.normalised()
	s.documents[n.digest()] = n
}

// find is the normalised document of a digest, nil when it was not read here.
func (s *seen) find(digest string) *document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.documents[digest]
}

// classOf is what an error of a request means for the exit code.
func classOf(err error) reconcile.Class {
	switch {
	case storehttp.IsAuth(err):
		return reconcile.ClassCredentials
	case errors.Is(err, context.Canceled):
		return reconcile.ClassInterrupted
	}
	return reconcile.ClassError
}
