package reconcile

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
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
	run := &run{engine: e, options: options, planning: proposal.options, open: proposal.workspace, id: rand.Text(),
		whole: cmp.Or(proposal.approval.whole, proposal.Plan.Hash), results: map[*planned]ProductResult{}}
	report := &Report{Products: make([]ProductResult, len(proposal.products)), Diagnostics: proposal.Plan.Diagnostics}
	e.inOrder(proposal.products, func(i int) {
		report.Products[i] = run.next(ctx, proposal.approve(proposal.products[i]))
		e.emit(ProductDone{Result: report.Products[i]})
	})
	return report, nil
}

// approved is the fourth phase of a product: its plan, and whether somebody
// approved it.
type approved struct {
	*planned
	// refused is why it is not the approved plan, nil when it is; unlisted is true
	// when only others were approved.
	refused  error
	unlisted bool
}

func (p *Proposal) approve(product *planned) *approved {
	return &approved{planned: product, refused: p.approval.refused[product.doc.Address], unlisted: p.approval.unlisted[product.doc.Address]}
}

// run is one apply.
type run struct {
	engine   *Engine
	options  ApplyOptions
	planning PlanOptions
	open     *schema.Workspace
	// id tells the journal entries of this run from those of others.
	id string
	// whole is the hash of the plan that was approved.
	whole string

	mu sync.Mutex
	// results are the products that have ended; failed is true when one of
	// them was not applied.
	results map[*planned]ProductResult
	failed  bool
}

// next applies a product whose turn it is, unless something keeps it from
// being started.
func (r *run) next(ctx context.Context, p *approved) ProductResult {
	result := ProductResult{Address: p.doc.Address, Outcome: Skipped, Verdict: p.doc.Verdict}
	r.mu.Lock()
	stopped := r.options.FailFast && r.failed || r.stopped()
	if !stopped {
		result.Err = p.heldBy(r.results)
	}
	r.mu.Unlock()
	if !stopped && result.Err == nil {
		result = r.product(ctx, p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[p.planned] = result
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
func (r *run) product(ctx context.Context, p *approved) ProductResult {
	result := ProductResult{Address: p.doc.Address, Verdict: p.doc.Verdict}
	if p.unlisted {
		result.Outcome = Skipped
		return result
	}
	if err := p.refusal(); err != nil {
		return result.failed(err)
	}
	writes := slices.ContainsFunc(p.doc.Operations, plan.Operation.Writes)
	if !writes && !p.adopts() {
		return r.nothingToDo(ctx, p, result)
	}
	unlock, err := r.engine.options.Records.Lock(ctx, p.key)
	if err != nil {
		return result.failed(fmt.Errorf("%s: %w", p.doc.Address, err))
	}
	defer unlock()
	running, err := r.begin(ctx, p)
	if err != nil {
		return result.failed(err)
	}
	if p.adopts() {
		result.Submission = p.own.submission()
		running.record.FinishBegun()
		if err := running.save(ctx); err != nil {
			return result.failed(err)
		}
	}
	if writes {
		return running.write(ctx, result)
	}
	return running.awaitOwn(ctx, result)
}

// write carries out the operations in order, then waits and verifies.
func (r *running) write(ctx context.Context, result ProductResult) ProductResult {
	for _, operation := range r.doc.Operations {
		if r.run.stopped() {
			return result.interrupted(r.doc.Address, operation)
		}
		done, err := r.operation(ctx, operation)
		// What the Store refused, it did not do. Of what it did there is an
		// output, also when noting that failed.
		_, arrived := r.outputs[operation.ID]
		arrived = arrived || errors.Is(err, plan.ErrOutcomeUnknown) || ctx.Err() != nil
		result.Touched = result.Touched || arrived && operation.Writes() && operation.Effect != plan.EffectRead
		result.Warnings = append(result.Warnings, done.Warnings...)
		if err != nil {
			if ctx.Err() != nil {
				return result.interrupted(r.doc.Address, operation)
			}
			return result.failed(fmt.Errorf("%s: %s: %w", r.doc.Address, operation.ID, err))
		}
		result.Operations = append(result.Operations, operation.ID)
		if done.Submission != "" {
			result.Submission = &plan.Submission{ID: done.Submission, Status: "submitted"}
		}
	}
	if r.direct {
		result.Outcome, result.Left = Applied, r.whatWaits()
		return r.verifyLive(ctx, result)
	}
	if result.Submission == nil {
		r.record.FinishBegun()
		if err := r.save(ctx); err != nil {
			return result.failed(err)
		}
		result.Outcome = Drafted
		result.DraftNote = draftNote(r.backend, r.outputs)
		return r.verifyLive(ctx, result)
	}
	return r.awaitOwn(ctx, result)
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

func (result ProductResult) interrupted(address string, next plan.Operation) ProductResult {
	result.Outcome = Interrupted
	result.Err = &plan.Failure{Class: plan.ClassInterrupted,
		Err:  fmt.Errorf("%s: interrupted before or in %s", address, next.ID),
		Next: "Run apply again: it reads what was written and does the rest."}
	return result
}
