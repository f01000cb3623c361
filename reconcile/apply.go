package reconcile

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// ApplyOptions say how to apply.
type ApplyOptions struct {
	// Goal is how far to wait; GoalSubmitted when "".
	Goal Goal
	// Timeout bounds the waiting for a submission, per product; 0: no limit.
	Timeout time.Duration
	// FailFast starts no further product after one that failed or was refused.
	FailFast bool
	// Recheck observes again before the first write and refuses when the
	// product moved; for a plan that a person took time to look at.
	Recheck bool
	// Stop, when closed, lets operations in flight finish and starts no more.
	Stop <-chan struct{}
}

// Apply does what the proposal says and no more. Failures are per product and
// stand in the report; the error is for a report that could not be made.
func (e *Engine) Apply(ctx context.Context, proposal *Proposal, options ApplyOptions) (*Report, error) {
	if options.Goal == "" {
		options.Goal = GoalSubmitted
	}
	run := &run{engine: e, options: options, open: proposal.workspace, id: rand.Text(), whole: cmp.Or(proposal.approved, proposal.Plan.Hash), results: map[*proposed]ProductResult{}}
	report := &Report{Products: make([]ProductResult, len(proposal.products)), Diagnostics: proposal.Plan.Diagnostics}
	e.inOrder(proposal.products, func(i int) {
		report.Products[i] = run.next(ctx, proposal.products[i])
		e.emit(ProductDone{Result: report.Products[i]})
	})
	return report, nil
}

// run is one apply.
type run struct {
	engine  *Engine
	options ApplyOptions
	open    *schema.Workspace
	// id tells the journal entries of this run from those of others.
	id string
	// whole is the hash of the plan that was approved.
	whole string

	mu sync.Mutex
	// results are the products that have ended; failed is true when one of
	// them was not applied.
	results map[*proposed]ProductResult
	failed  bool
}

// next applies a product whose turn it is, unless something keeps it from
// being started.
func (r *run) next(ctx context.Context, p *proposed) ProductResult {
	result := ProductResult{Address: p.plan.Address, Outcome: Skipped}
	r.mu.Lock()
	stopped := r.options.FailFast && r.failed || r.stopped()
	if !stopped {
		result.Err = p.held(r.results)
	}
	r.mu.Unlock()
	if !stopped && result.Err == nil {
		result = r.product(ctx, p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[p] = result
	r.failed = r.failed || result.Err != nil
	return result
}

func (r *run) stopped() bool {
	select {
	case <-r.options.Stop:
		return true
	default:
		return false
	}
}

// product applies one product under its lock.
func (r *run) product(ctx context.Context, p *proposed) ProductResult {
	result := ProductResult{Address: p.plan.Address}
	if p.unlisted {
		result.Outcome = Skipped
		return result
	}
	if err := p.refusal(); err != nil {
		return result.failed(err)
	}
	writes := slices.ContainsFunc(p.plan.Operations, plan.Operation.Writes)
	if !writes && p.adopted == nil {
		return r.nothingToDo(ctx, p, result)
	}
	unlock, err := r.engine.options.Records.Lock(ctx, p.key)
	if err != nil {
		return result.failed(fmt.Errorf("%s: %w", p.plan.Address, err))
	}
	defer unlock()
	if err := r.fresh(ctx, p); err != nil {
		return result.failed(err)
	}
	if p.adopted != nil {
		if err := r.adopt(ctx, p); err != nil {
			return result.failed(err)
		}
	}
	if writes {
		return r.write(ctx, p, result)
	}
	result.Submission = p.adopted
	return r.awaitOwn(ctx, p, result)
}

// adopt writes into the record that a submission was ours.
func (r *run) adopt(ctx context.Context, p *proposed) error {
	var written *record.Snapshot
	if p.record.Draft != nil {
		written = p.record.Draft.Written
	}
	p.record.NoteSubmitted(p.adopted.ID, r.engine.options.Now(), written)
	return r.save(ctx, p)
}

// write carries out the operations in order, then waits and verifies.
func (r *run) write(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	outputs := map[string]json.RawMessage{}
	for _, operation := range p.plan.Operations {
		if r.stopped() {
			return result.interrupted(p, operation)
		}
		done, err := r.operation(ctx, p, operation, outputs)
		// What the Store refused, it did not do. Of what it did there is an
		// output, also when noting that failed.
		_, arrived := outputs[operation.ID]
		arrived = arrived || errors.Is(err, plan.ErrOutcomeUnknown) || ctx.Err() != nil
		result.Touched = result.Touched || arrived && operation.Writes() && operation.Effect != plan.EffectRead
		result.Warnings = append(result.Warnings, done.Warnings...)
		if err != nil {
			if ctx.Err() != nil {
				return result.interrupted(p, operation)
			}
			return result.failed(fmt.Errorf("%s: %s: %w", p.plan.Address, operation.ID, err))
		}
		result.Operations = append(result.Operations, operation.ID)
		if done.Submission != "" {
			result.Submission = &plan.Submission{ID: done.Submission, Status: "submitted"}
		}
	}
	if p.direct {
		return r.applied(ctx, p, result)
	}
	if result.Submission == nil {
		if err := r.drafted(ctx, p); err != nil {
			return result.failed(err)
		}
		result.Outcome = Drafted
		result.DraftNote = draftNote(p.backend, outputs)
		return r.verifyLive(ctx, p, result)
	}
	return r.awaitOwn(ctx, p, result)
}

// applied ends a product that was changed at once: what the Store shows now is
// looked at, and what had to wait is said.
func (r *run) applied(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	result.Outcome = Applied
	result = r.verifyLive(ctx, p, result)
	if err := p.unfinished(); err != nil && result.Err == nil {
		return result.failed(err)
	}
	return result
}

func (result ProductResult) failed(err error) ProductResult {
	result.Err = err
	switch plan.ClassOf(err) {
	case plan.ClassRefused:
		result.Outcome = Refused
	case plan.ClassPending:
		result.Outcome = Blocked
	default:
		result.Outcome = Failed
	}
	return result
}

func (result ProductResult) interrupted(p *proposed, next plan.Operation) ProductResult {
	result.Outcome = Interrupted
	result.Err = &plan.Failure{Class: plan.ClassInterrupted,
		Err:  fmt.Errorf("%s: interrupted before or in %s", p.plan.Address, next.ID),
		Next: "Run apply again: it reads what was written and does the rest."}
	return result
}
