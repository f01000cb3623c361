package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// observed is the first phase of a product: its record, and what the Store shows.
type observed struct {
	manifest *schema.Manifest
	backend  Backend
	traits   Traits
	key      record.Key
	product  *Observed
	// record is the evidence, with what the Store shows now noted in it;
	// recordDigest is that of the record as it was loaded.
	record       *record.Record
	recordDigest string
	// own is where our newest submission stands.
	own ownSubmission
	// gone is true when the Store does not have any more what storesync submitted.
	gone    bool
	notices []plan.Notice
}

func (o *observed) address() string { return o.manifest.Address() }

func (o *observed) notice(path plan.Path, format string, arguments ...any) {
	o.notices = append(o.notices, plan.Notice{Path: path, Text: fmt.Sprintf(format, arguments...)})
}

// observe reads the record, then the Store.
func (e *Engine) observe(ctx context.Context, m *schema.Manifest) (*observed, error) {
	backend, err := e.backendOf(m)
	if err != nil {
		return nil, err
	}
	o := &observed{manifest: m, backend: backend, traits: backend.Traits(m), key: keyOf(backend, m)}
	loaded, err := e.load(ctx, o.key)
	if err != nil {
		return nil, err
	}
	if o.product, err = backend.Observe(ctx, m, loaded); err != nil {
		return nil, err
	}
	loaded = e.remember(ctx, loaded, o.product.Learned)
	last, err := e.options.Records.Last(ctx, o.key)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	o.take(loaded, last, e.options.Now())
	e.noteEnd(ctx, o, loaded)
	return o, nil
}

// take makes a record the evidence: what the Store shows of our drafts and
// submissions is noted in a copy of it.
func (o *observed) take(loaded *record.Record, last *record.Entry, now time.Time) {
	o.recordDigest = digestOfRecord(loaded)
	o.record = loaded.Clone()
	if loaded.Ignored != "" {
		o.notices = append(o.notices, o.ignored())
	}
	if o.product.Missing {
		// What the record says is about a product that is gone, or was never made.
		o.gone = o.record.KnowsProduct()
		o.record = o.record.WithoutProduct()
		return
	}
	o.settle(last, now)
}

// ignored says why the record counts for nothing.
func (o *observed) ignored() plan.Notice {
	return plan.Notice{Text: fmt.Sprintf("The record of this product is not used: %s. What storesync did before is not known.", o.record.Ignored)}
}

func digestOfRecord(r *record.Record) string { return plan.HashOf(plan.Encode(r)) }

// remember keeps image contents that were just found out, so that they are
// read once. A record that another apply holds, or a folder that cannot be
// written, only costs reading them again.
func (e *Engine) remember(ctx context.Context, loaded *record.Record, learned map[string]string) *record.Record {
	if len(learned) == 0 {
		return loaded
	}
	images := map[string]record.Image{}
	for id, sum := range learned {
		images[id] = record.Image{SHA256: sum}
	}
	return e.amendAsRead(ctx, loaded, func(r *record.Record) bool {
		r.Learn(images)
		return true
	})
}

// noteEnd writes into the record how our newest submission ended, so that it is
// asked for once.
func (e *Engine) noteEnd(ctx context.Context, o *observed, loaded *record.Record) {
	before, now := loaded.Newest(), o.record.Newest()
	if before == nil || now == nil || before.ID != now.ID || before.Ended == now.Ended {
		return
	}
	ended := now.Shown()
	saved := e.amendAsRead(ctx, loaded, func(r *record.Record) bool { return r.NoteEnd(ended) })
	if saved != loaded {
		o.recordDigest = digestOfRecord(saved)
	}
}

// amendAsRead changes the record if it still is as it was read: what another
// apply noted since then makes a plan stale. It returns what was saved, or the
// record as it was read where nothing was.
func (e *Engine) amendAsRead(ctx context.Context, loaded *record.Record, change func(*record.Record) bool) *record.Record {
	if loaded.Ignored != "" {
		return loaded
	}
	before := digestOfRecord(loaded)
	saved, err := e.amend(ctx, loaded.Key, func(r *record.Record) bool { return digestOfRecord(r) == before && change(r) })
	if err != nil || saved == nil {
		return loaded
	}
	return saved
}

// id is the Store's id of the product, "" while it does not exist.
func (o *observed) id() string {
	switch {
	case o.product.Missing:
		return ""
	case o.product.ID != "":
		return o.product.ID
	}
	return o.manifest.ProductID()
}

// revision identifies the observed product. One that does not exist has a
// revision, too: a plan that makes it is stale once somebody has made it.
func (o *Observed) revision() string {
	if o.Missing {
		return plan.HashOf([]byte("missing"))
	}
	return plan.RevisionOf(o.State)
}

// unreadable reports whether a running submission hides the draft.
func (o *observed) unreadable() bool { return o.product.Running != nil && len(o.product.State) == 0 }

// rollingOut reports whether what is published is being rolled out: the Store
// takes no submission then, but the steps of the rollout.
func (o *observed) rollingOut() bool {
	return o.product.Running != nil && o.product.Running.Rollout
}
