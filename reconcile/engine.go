package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// Options configure an Engine.
type Options struct {
	// Backends serve the kinds of manifests.
	Backends map[schema.Kind]Backend
	// Records keeps records and journals.
	Records record.Store
	// Parallelism is how many products are worked on at a time; 0 means 4.
	Parallelism int
	// Tool is the name and version that plans carry, "storesync v1.2.3".
	Tool string
	// Now is the clock for createdAt, records and journals; nil: time.Now.
	Now func() time.Time
	// Events is told what happens while applying, one call at a time; nil: nobody.
	Events func(Event)
}

// Engine plans and applies.
type Engine struct {
	options Options
	events  sync.Mutex
}

// New makes an engine.
func New(options Options) *Engine {
	if options.Parallelism <= 0 {
		options.Parallelism = 4
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Events == nil {
		options.Events = func(Event) {}
	}
	return &Engine{options: options}
}

// emit hands on one event at a time, for products are worked on in parallel.
func (e *Engine) emit(event Event) {
	e.events.Lock()
	defer e.events.Unlock()
	e.options.Events(event)
}

func (e *Engine) backendOf(m *schema.Manifest) (Backend, error) {
	backend, ok := e.options.Backends[m.Kind]
	if !ok {
		return nil, &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s: kind %s has no backend", m.Address(), m.Kind),
			Next: "This build of storesync does not manage that kind."}
	}
	return backend, nil
}

func keyOf(backend Backend, m *schema.Manifest) record.Key {
	return record.Key{Endpoint: backend.Endpoint(), Account: backend.Account(), Product: backend.ProductID(m)}
}

// each runs work for the indices 0 to n-1, at most Parallelism at a time.
func (e *Engine) each(n int, work func(i int)) {
	tokens := make(chan struct{}, e.options.Parallelism)
	var group sync.WaitGroup
	for i := range n {
		tokens <- struct{}{}
		group.Go(func() {
			defer func() { <-tokens }()
			work(i)
		})
	}
	group.Wait()
}

// AwaitIdle waits until no product of the workspace has a running submission,
// at most d. It fails with ClassPending when one is still running then.
func (e *Engine) AwaitIdle(ctx context.Context, workspace *schema.Workspace, d time.Duration) error {
	bounded, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	failures := make([]error, len(workspace.Manifests))
	e.each(len(workspace.Manifests), func(i int) {
		failures[i] = e.awaitIdle(bounded, workspace.Manifests[i])
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) awaitIdle(ctx context.Context, m *schema.Manifest) error {
	backend, err := e.backendOf(m)
	if err != nil {
		return err
	}
	running, err := e.running(ctx, backend, m)
	if err != nil {
		return fmt.Errorf("%s: %w", m.Address(), err)
	}
	if running == nil || running.Rollout {
		// A rollout never ends by itself. Applying tells whether it is in the way.
		return nil
	}
	last, err := backend.Await(ctx, m, running.ID, GoalPublished, func(s plan.Submission) {
		e.emit(SubmissionPolled{Address: m.Address(), Submission: s})
	})
	switch {
	case ctx.Err() != nil:
		return blockedBy(m.Address(), *running, last.Status)
	case err != nil && !last.Done:
		return fmt.Errorf("%s: wait for submission %s: %w", m.Address(), running.ID, err)
	}
	return nil
}

// running is the submission in progress. Right after a submit a service may
// say for a while that there is none, so our own newest one is asked for, too.
func (e *Engine) running(ctx context.Context, backend Backend, m *schema.Manifest) (*plan.Submission, error) {
	status, err := backend.Status(ctx, m)
	if err != nil || status.Running != nil || status.Missing {
		return status.running(), err
	}
	record, err := e.load(ctx, keyOf(backend, m))
	if err != nil || len(record.Submissions) == 0 {
		return nil, err
	}
	newest := record.Submissions[len(record.Submissions)-1]
	if e.options.Now().Sub(newest.At) > doubtAfter {
		return nil, nil
	}
	last, err := e.lastOwn(ctx, backend, m, record, nil)
	if err != nil || last == nil || last.Done {
		return nil, err
	}
	return last, nil
}

// blockedBy says that a running submission is in the way.
func blockedBy(address string, running plan.Submission, status string) error {
	if running.Rollout {
		return blockedByRollout(address, running)
	}
	if status == "" {
		status = running.Status
	}
	return &plan.Failure{Class: plan.ClassPending,
		Err: fmt.Errorf("%s: submission %s is still running (%s); the Store takes no changes until it has ended", address, running.ID, status),
		Next: cmp.Or(running.Next, "Run apply again when it has ended, or let apply wait for it with --wait-running 24h. "+
			"A submission can only be cancelled in Partner Center.")}
}

// ProductStatus is where one product stands.
type ProductStatus struct {
	Address string
	// ID is the Store's id of the product, "" while it does not exist.
	ID     string
	Status *Status
	// Last is our own newest submission, when the record knows one.
	Last *plan.Submission
	// Draft says whether an unsubmitted draft of ours is remembered.
	Draft plan.DraftState
	Err   error
}

// Status reads where the products stand.
func (e *Engine) Status(ctx context.Context, workspace *schema.Workspace) ([]ProductStatus, error) {
	statuses := make([]ProductStatus, len(workspace.Manifests))
	e.each(len(workspace.Manifests), func(i int) {
		statuses[i] = e.status(ctx, workspace.Manifests[i])
	})
	return statuses, ctx.Err()
}

func (e *Engine) status(ctx context.Context, m *schema.Manifest) ProductStatus {
	found := ProductStatus{Address: m.Address(), ID: m.ProductID()}
	backend, err := e.backendOf(m)
	if err != nil {
		found.Err = err
		return found
	}
	key := keyOf(backend, m)
	record, err := e.load(ctx, key)
	if err != nil {
		found.Err = fmt.Errorf("%s: %w", m.Address(), err)
		return found
	}
	switch {
	case record.Draft != nil:
		found.Draft = plan.DraftOurs
	case record.Submitted == nil:
		found.Draft = plan.DraftUnknown
	}
	if found.Status, err = backend.Status(ctx, m); err != nil {
		found.Err = fmt.Errorf("%s: %w", m.Address(), err)
		return found
	}
	switch {
	case found.Status.Missing:
		// What the record says is about a product that is gone.
		found.ID, found.Draft = "", ""
		return found
	case found.Status.ID != "":
		found.ID = found.Status.ID
	}
	if found.Draft == plan.DraftUnknown && found.Status.Draft != "" {
		found.Draft = plan.DraftClean
	}
	found.Last, found.Err = e.lastOwn(ctx, backend, m, record, found.Status.Running)
	return found
}

// lastOwn reads our newest submission; the running one has been read already.
func (e *Engine) lastOwn(ctx context.Context, backend Backend, m *schema.Manifest, record *record.Record, running *plan.Submission) (*plan.Submission, error) {
	if len(record.Submissions) == 0 {
		return nil, nil
	}
	id := record.Submissions[len(record.Submissions)-1].ID
	if running != nil && running.ID == id {
		return running, nil
	}
	last, err := backend.Await(ctx, m, id, GoalSubmitted, func(plan.Submission) {})
	if err != nil && last.ID == "" {
		return nil, fmt.Errorf("%s: read submission %s: %w", m.Address(), id, err)
	}
	return &last, nil
}

// load returns the record of a product, an empty one when there is none.
func (e *Engine) load(ctx context.Context, key record.Key) (*record.Record, error) {
	kept, err := e.options.Records.Load(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	if kept == nil {
		kept = &record.Record{Format: record.Format, Key: key}
	}
	return kept, nil
}

// amend changes a record under its lock, as it is then and not as it was read
// before: another apply may have written it meanwhile. It returns the record
// that was saved, nil when change said that there is nothing to save.
func (e *Engine) amend(ctx context.Context, key record.Key, change func(*record.Record) bool) (*record.Record, error) {
	unlock, err := e.options.Records.Lock(ctx, key)
	if err != nil {
		return nil, err
	}
	defer unlock()
	record, err := e.load(ctx, key)
	if err != nil || !change(record) {
		return nil, err
	}
	if err := e.options.Records.Save(ctx, record); err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	return record, nil
}
