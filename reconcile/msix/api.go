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
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// client speaks the operations of the API. It knows their shapes and nothing
// of what a manifest wants.
//
// https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services
type client struct {
	pipeline  *storehttp.Pipeline
	transport policy.Transporter
	uploads   storehttp.Uploads
	readOnly  bool
	seen      seen
	known     knownSecrets
}

// pageSize is how many products one page of a list is asked for, the most that
// the methods give.
const pageSize = 100

// newClient checks the options and makes the client; no request is sent.
func newClient(o Options) (*client, error) {
	pipeline, err := storehttp.NewPipeline(storehttp.Options{
		Endpoint: cmp.Or(o.Endpoint, DefaultEndpoint), Scope: Scope, Credential: o.Credential, Transport: o.Transport,
		ReadOnly: o.ReadOnly, Version: o.Version, Limiter: o.Limiter, Logger: o.Logger,
		DecodeError: decodeError,
		LogQuery:    []string{"top", "skip", "isMinimalResponse", "percentage"},
	})
	if err != nil {
		return nil, fmt.Errorf("set up the MSIX API: %w", err)
	}
	return &client{
		pipeline: pipeline, transport: o.Transport, readOnly: o.ReadOnly,
		uploads: storehttp.Uploads{Endpoint: pipeline.Endpoint(), More: o.UploadHosts},
	}, nil
}

// send sends one request and returns the body of its success. op says in words
// what it does; path is absolute below the endpoint and may carry a query.
//
// The error is a *storehttp.Error, or a *storehttp.CredentialError, inside a
// *plan.Failure when it has a class or there is advice. It names op, so
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
	scope := scopeOf(place)
	response, err := c.pipeline.Do(c.known.Guard(ctx, scope), request)
	if err != nil {
		return nil, explain(err)
	}
	if scope != "" {
		c.known.learn(scope, response.Body)
	}
	return response.Body, nil
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
	p := appProduct(app)
	return one(ctx, c, p, app, func(a *application) flexString { return a.ID })
}

// resource reads a product by itself.
func (c *client) resource(ctx context.Context, p product) (*resource, error) {
	switch p.kind {
	case kindAddOn:
		found, err := one(ctx, c, p, p.id, func(a *addOn) flexString { return a.ID })
		if err != nil {
			return nil, err
		}
		return found.resource(p.app), nil
	case kindFlight:
		found, err := one(ctx, c, p, p.id, func(f *flight) flexString { return f.ID })
		if err != nil {
			return nil, err
		}
		return found.resource(p.app), nil
	}
	found, err := c.application(ctx, p.app)
	if err != nil {
		return nil, err
	}
	return found.resource(p), nil
}

// tidied is a product of the Store's answers.
type tidied[T any] interface {
	*T
	tidy() bool
}

// one reads a product, which must be the one asked for.
func one[T any, P tidied[T]](ctx context.Context, c *client, p product, id string, idOf func(*T) flexString) (*T, error) {
	request := storehttp.Request{Op: "read " + p.String(), Path: p.path()}
	found, err := fetch[T](ctx, c, request)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(string(idOf(found)), id) {
		request.Method = http.MethodGet
		return nil, strange(request, fmt.Sprintf("the answer is about %s %q", p.kind, storehttp.Shown(ctx, string(idOf(found)))))
	}
	P(found).tidy()
	return found, nil
}

// list is a list that the API gives out in pages.
type list struct {
	// op says in words what reading it does.
	op, path string
	// query is that of the first page.
	query url.Values
}

func appList() list {
	return list{op: "read the list of apps", path: applicationsPath(), query: firstPage()}
}

// listOfFlights are the flights of an app.
//
// https://learn.microsoft.com/windows/uwp/monetize/get-flights-for-an-app
func listOfFlights(app string) list {
	return list{op: "read the list of flights of app " + app, path: flightListPath(app), query: firstPage()}
}

// listOfAddOns are the add-ons of the account. The list of one app's add-ons
// (listinappproducts) gives Store IDs only, so that each add-on would have to be
// read to learn its productId. Without top the method answers with all add-ons
// at once, which is the fewest calls there can be; a service that divides the
// list all the same says so with @nextLink.
//
// https://learn.microsoft.com/windows/uwp/monetize/get-all-add-ons
func listOfAddOns() list {
	return list{op: "read the list of add-ons", path: addOnsPath()}
}

func firstPage() url.Values {
	return url.Values{"top": {strconv.Itoa(pageSize)}, "skip": {"0"}}
}

// listPages reads a list page by page. Entries without an id are left out.
func listPages[T any, P tidied[T]](ctx context.Context, c *client, l list) iter.Seq2[*page[T], error] {
	return func(yield func(*page[T], error) bool) {
		query := l.query
		for {
			path := l.path
			if len(query) > 0 {
				path += "?" + query.Encode()
			}
			read, err := fetch[page[T]](ctx, c, storehttp.Request{Op: l.op, Path: path})
			if err != nil {
				yield(nil, err)
				return
			}
			entries := len(read.Value)
			read.Value = slices.DeleteFunc(read.Value, func(entry *T) bool { return entry == nil || !P(entry).tidy() })
			if !yield(read, nil) || read.NextLink == "" || entries == 0 {
				return
			}
			if query, err = nextPage(read.NextLink, query); err != nil {
				yield(nil, fmt.Errorf("%s: %w", l.op, err))
				return
			}
		}
	}
}

// flightList reads the flights of an app; enough, when not nil, says after each
// page whether the others are not needed.
func (c *client) flightList(ctx context.Context, app string, enough func(*flightList, left) bool) (*flightList, error) {
	list := &flightList{app: app}
	err := readPages(ctx, c, listOfFlights(app), func(page []*flight, left left) bool {
		list.flights = append(list.flights, page...)
		return enough != nil && enough(list, left)
	})
	return list, err
}

// addOnList reads the add-ons of the account, as flightList does flights.
func (c *client) addOnList(ctx context.Context, enough func(*addOnList, left) bool) (*addOnList, error) {
	list := &addOnList{}
	err := readPages(ctx, c, listOfAddOns(), func(page []*addOn, left left) bool {
		list.addOns = append(list.addOns, page...)
		return enough != nil && enough(list, left)
	})
	return list, err
}

// left is how many pages of a list are still to be read, as far as can be told.
type left int

// readPages hands the pages of a list on until take has enough of them.
func readPages[T any, P tidied[T]](ctx context.Context, c *client, l list, take func([]*T, left) bool) error {
	read, size := 0, 0
	for page, err := range listPages[T, P](ctx, c, l) {
		if err != nil {
			return err
		}
		// All pages but the last are as long as the first.
		if read++; size == 0 {
			size = max(len(page.Value), 1)
		}
		if take(page.Value, left((page.TotalCount+size-1)/size-read)) {
			return nil
		}
	}
	return nil
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
func (c *client) submission(ctx context.Context, p product, id string) (*document, error) {
	op := fmt.Sprintf("read submission %s of %s", id, p)
	body, err := c.send(ctx, op, http.MethodGet, p.submissionPath(id), nil)
	if err != nil {
		return nil, err
	}
	request := storehttp.Request{Op: op, Method: http.MethodGet, Path: p.submissionPath(id)}
	d, err := submissionOf(ctx, request, body, id)
	if err != nil {
		return nil, err
	}
	if !d.whole(p.kind) {
		return nil, strange(request, "the answer lacks the submission's content ("+strings.Join(p.kind.content(), ", ")+")")
	}
	c.seen.add(d)
	c.known.markRead(p.scope(), id)
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
func (c *client) submissionStatus(ctx context.Context, p product, id string) (*submissionStatus, error) {
	op := fmt.Sprintf("read status of submission %s of %s", id, p)
	return fetch[submissionStatus](ctx, c, storehttp.Request{Op: op, Path: p.submissionStatusPath(id), Poll: true})
}

// upload sends the new files of a draft as one ZIP.
func (c *client) upload(ctx context.Context, address storehttp.SASURL, entries []storehttp.ZipEntry, progress func(sent, total int64)) error {
	if c.readOnly {
		return explain(&storehttp.ReadOnlyError{Method: http.MethodPut, Path: address.String()})
	}
	if err := c.uploads.Check(address); err != nil {
		return explain(err)
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
	s.documents[n.sum()] = n
}

// find is the normalised document of a digest, nil when it was not read here.
func (s *seen) find(digest string) *document {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.documents[digest]
}

// classOf is what an error of a request means for the exit code.
func classOf(err error) plan.Class {
	switch {
	case storehttp.IsAuth(err):
		return plan.ClassCredentials
	case errors.Is(err, context.Canceled):
		return plan.ClassInterrupted
	}
	return plan.ClassError
}
