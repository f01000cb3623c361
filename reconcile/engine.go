package reconcile

import (
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

// load returns the record of a product, an empty one when there is none.
func (e *Engine) load(ctx context.Context, key record.Key) (*record.Record, error) {
	kept, err := e.options.Records.Load(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	if kept == nil {
		kept = record.New(key)
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
