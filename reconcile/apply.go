package reconcile

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

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
	run := &run{engine: e, options: options, open: proposal.workspace, id: rand.Text()}
	report := &Report{Products: make([]ProductResult, len(proposal.products)), Diagnostics: proposal.Plan.Diagnostics}
	var failed atomic.Bool
	e.each(len(proposal.products), func(i int) {
		p := proposal.products[i]
		result := ProductResult{Address: p.plan.Address, Outcome: Skipped}
		if !(options.FailFast && failed.Load()) && !run.stopped() {
			result = run.product(ctx, p)
		}
		if result.Err != nil {
			failed.Store(true)
		}
		report.Products[i] = result
		e.emit(ProductDone{Result: result})
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
	if err := p.refusal(); err != nil {
		return result.failed(err)
	}
	writes := slices.ContainsFunc(p.plan.Operations, Operation.Writes)
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
	return r.await(ctx, p, result)
}

// refusal is why a product is not applied at all.
func (p *proposed) refusal() error {
	switch {
	case p.err != nil:
		return p.err
	case p.diagnostics.HasErrors():
		return p.diagnostics
	case p.doubtful != nil && len(p.plan.Operations) == 0:
		return p.doubtful
	case p.hasUnset():
		return p.unsetError()
	case p.observed.Running != nil && p.wants():
		return blockedBy(p.plan.Address, *p.observed.Running, "")
	case len(p.plan.Blocked) > 0 && len(p.plan.Operations) > 0:
		return p.guarded()
	}
	return nil
}

// unsetError names the values that cannot be known on this machine.
func (p *proposed) unsetError() error {
	var lines []string
	for _, change := range p.unset() {
		lines = append(lines, fmt.Sprintf("%s: %s", change.Path, p.desired.Set[change.Path].Why))
	}
	slices.Sort(lines)
	return &Failure{Class: ClassError,
		Err:  fmt.Errorf("%s: a value is not known:\n  %s", p.plan.Address, strings.Join(lines, "\n  ")),
		Next: "Nothing was changed. Set the variable and apply again."}
}

// wants reports whether anything would be done if it could be.
func (p *proposed) wants() bool {
	return len(p.plan.Operations) > 0 || slices.ContainsFunc(p.plan.Changes, func(c Change) bool { return c.Action != ActionReport })
}

// guarded says what each tripped guard protects and how to allow it.
func (p *proposed) guarded() error {
	var lines, flags []string
	for _, guard := range p.plan.Blocked {
		var paths []string
		for _, change := range p.plan.Changes {
			if slices.Contains(change.Guards, guard) {
				paths = append(paths, string(change.Path))
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", guard, guard.Protects(), strings.Join(paths, ", ")))
		flags = append(flags, fmt.Sprintf("--allow %s=%s", guard, p.plan.Address))
	}
	return &Failure{Class: ClassRefused,
		Err:  fmt.Errorf("%s: refused:\n  %s", p.plan.Address, strings.Join(lines, "\n  ")),
		Next: "Nothing was changed. If it is meant, apply with " + strings.Join(flags, " ")}
}

// nothingToDo ends a product without a write; a running submission of ours is
// still waited for when the goal says so.
func (r *run) nothingToDo(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	result.Outcome, result.Verified = Unchanged, VerifiedInSync
	result.Remaining = p.plan.Changes
	switch {
	case p.unreadable():
		result.Verified = VerifiedUnreadable
	case len(p.plan.Changes) > 0:
		result.Verified = VerifiedDiffers
	}
	result.Submission = p.observed.Running
	if p.observed.Running != nil && r.options.Goal == GoalPublished {
		return r.await(ctx, p, result)
	}
	if p.observed.Running == nil && len(p.plan.Changes) == 0 {
		if err := r.lastFailed(ctx, p); err != nil {
			return result.failed(err)
		}
	}
	return result
}

// lastFailed is an error when our newest submission ended without being
// published: the product then equals the draft but not what customers have.
func (r *run) lastFailed(ctx context.Context, p *proposed) error {
	newest := p.record.newest()
	if newest == nil {
		return nil
	}
	if newest.Ended == "" {
		last, err := r.engine.lastOwn(ctx, p.backend, p.manifest, p.record, nil)
		if err != nil || last == nil || !last.Done {
			return err
		}
		if err := r.noteEnd(ctx, p, *last); err != nil {
			return err
		}
	}
	if !newest.Failed {
		return nil
	}
	return &Failure{Class: ClassError,
		Err: fmt.Errorf("%s: nothing differs from the draft, but submission %s of it ended with %s, so customers do not have it", p.plan.Address, newest.ID, newest.Ended),
		Next: "The certification report is in Partner Center, on the product's page. Mend what it says in the manifest and apply, " +
			"or submit the same draft again with apply --submit."}
}

// noteEnd writes into the record how a submission of ours ended. Another apply
// that holds the record will find it out by itself.
func (r *run) noteEnd(ctx context.Context, p *proposed, s Submission) error {
	unlock, err := r.engine.options.Records.Lock(ctx, p.key)
	if err != nil {
		return nil
	}
	defer unlock()
	if !p.record.ended(s) {
		return nil
	}
	return r.save(ctx, p)
}

// fresh makes sure that what is about to be written is what was planned: the
// record, the files, and when time has passed the Store.
func (r *run) fresh(ctx context.Context, p *proposed) error {
	record, err := r.engine.load(ctx, p.key)
	if err != nil {
		return err
	}
	moved := hashOf(encode(record)) != p.recordDigest
	p.record = record
	if moved || r.options.Recheck {
		observed, err := p.backend.Observe(ctx, p.manifest, record)
		if err != nil {
			return fmt.Errorf("%s: %w", p.plan.Address, err)
		}
		if err := p.stale(observed); err != nil {
			return err
		}
	}
	for _, operation := range p.plan.Operations {
		for _, upload := range operation.Uploads {
			if err := r.sameFile(p, upload); err != nil {
				return err
			}
		}
	}
	return nil
}

// stale refuses when the product is not what was planned against.
func (p *proposed) stale(observed *Observed) error {
	refuse := func(what string) error {
		return &Failure{Class: ClassRefused,
			Err:  fmt.Errorf("%s: the plan is stale: %s since it was made", p.plan.Address, what),
			Next: "Nothing was changed. Plan again and look at what is different."}
	}
	if observed.Running != nil && p.observed.Running == nil {
		return refuse("submission " + observed.Running.ID + " was started")
	}
	if revisionOf(observed.State) == p.plan.Revision {
		return nil
	}
	changes, err := diff(p.observed.State, observed.State)
	if err != nil {
		return err
	}
	var paths []string
	for _, change := range changes {
		paths = append(paths, string(change.Path))
	}
	return refuse("the Store moved at " + strings.Join(paths, ", "))
}

// adopt writes into the record that a submission was ours.
func (r *run) adopt(ctx context.Context, p *proposed) error {
	var written *Snapshot
	if p.record.Draft != nil {
		written = p.record.Draft.Written
	}
	p.record.submitted(p.adopted.ID, r.engine.options.Now(), written)
	return r.save(ctx, p)
}

// write carries out the operations in order, then waits and verifies.
func (r *run) write(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	outputs := map[string]json.RawMessage{}
	for _, operation := range p.plan.Operations {
		if r.stopped() {
			return result.interrupted(p, operation)
		}
		result.Touched = result.Touched || operation.Writes() && operation.Effect != EffectRead
		done, err := r.operation(ctx, p, operation, outputs)
		result.Warnings = append(result.Warnings, done.Warnings...)
		if err != nil {
			if ctx.Err() != nil {
				return result.interrupted(p, operation)
			}
			return result.failed(fmt.Errorf("%s: %s: %w", p.plan.Address, operation.ID, err))
		}
		result.Operations = append(result.Operations, operation.ID)
		if done.Submission != "" {
			result.Submission = &Submission{ID: done.Submission, Status: "submitted"}
		}
	}
	if result.Submission == nil {
		if err := r.written(ctx, p); err != nil {
			return result.failed(err)
		}
		result.Outcome = Drafted
		return r.verifyLive(ctx, p, result)
	}
	return r.await(ctx, p, result)
}

// operation carries out one operation with the record and journal around it.
func (r *run) operation(ctx context.Context, p *proposed, operation Operation, outputs map[string]json.RawMessage) (*Result, error) {
	address := p.plan.Address
	r.engine.emit(OperationStarted{Address: address, Operation: operation})
	result, err := r.attempt(ctx, p, operation, outputs)
	if result == nil {
		result = &Result{}
	}
	r.engine.emit(OperationDone{Address: address, Operation: operation, Warnings: result.Warnings, Err: err})
	return result, err
}

func (r *run) attempt(ctx context.Context, p *proposed, operation Operation, outputs map[string]json.RawMessage) (*Result, error) {
	call := Call{
		Manifest: p.manifest, Operation: operation, Outputs: outputs, Open: r.open.Open,
		Progress: func(progress Progress) {
			r.engine.emit(OperationProgress{Address: p.plan.Address, Operation: operation, Progress: progress})
		},
	}
	if operation.Verb == VerbVerify {
		return r.verify(ctx, p, call)
	}
	if operation.Effect == EffectPublish {
		if err := r.written(ctx, p); err != nil {
			return nil, err
		}
	}
	var err error
	if call.Operation, err = fill(operation, outputs, p.target); err != nil {
		return nil, err
	}
	writes := operation.Writes() && operation.Effect != EffectRead
	if writes {
		if err := r.begin(ctx, p, operation); err != nil {
			return nil, err
		}
	}
	result, err := p.backend.Execute(ctx, call)
	if err == nil {
		outputs[operation.ID] = result.Output
	}
	if writes {
		err = errors.Join(err, r.end(ctx, p, operation, result, err))
	}
	return result, err
}

// begin notes, durably, that a write is about to be sent and what it owes.
func (r *run) begin(ctx context.Context, p *proposed, operation Operation) error {
	if len(operation.Owes) > 0 && p.owe(operation) {
		if err := r.save(ctx, p); err != nil {
			return err
		}
	}
	return r.journal(ctx, p, JournalEntry{Operation: operation.ID, Effect: operation.Effect, Phase: PhaseStart})
}

// end notes how a write ended. It outlives the cancelling of the run, for the
// request has been sent. An unknown outcome is left without an end.
func (r *run) end(ctx context.Context, p *proposed, operation Operation, result *Result, failure error) error {
	ctx = context.WithoutCancel(ctx)
	entry := JournalEntry{Operation: operation.ID, Effect: operation.Effect, Phase: PhaseEnd, Outcome: "done"}
	if failure != nil {
		if errors.Is(failure, ErrOutcomeUnknown) || errors.Is(failure, context.Canceled) {
			return nil
		}
		entry.Outcome = failure.Error()
		return r.journal(ctx, p, entry)
	}
	entry.Submission = result.Submission
	if err := r.journal(ctx, p, entry); err != nil {
		return err
	}
	changed := p.record.paid(operation.ID)
	if len(result.Stored) > 0 {
		p.record.learn(result.Stored)
		changed = true
	}
	if operation.Effect == EffectPublish {
		p.record.submitted(result.Submission, r.engine.options.Now(), p.snapshot())
		changed = true
	}
	if !changed {
		return nil
	}
	return r.save(ctx, p)
}

// owe notes what an operation owes, what the draft was before our first write,
// and which guards the written changes trip; it reports whether that is news.
func (p *proposed) owe(operation Operation) bool {
	news := p.record.owe(operation.Owes, p.snapshotOf(p.observed.State))
	for _, change := range p.plan.Changes {
		if change.Action == ActionReport || len(change.Guards) == 0 || !underAny(change.Path, operation.Covers) {
			continue
		}
		if _, known := p.record.Draft.Guards[change.Path]; known {
			continue
		}
		if p.record.Draft.Guards == nil {
			p.record.Draft.Guards = map[Path][]Guard{}
		}
		p.record.Draft.Guards[change.Path] = change.Guards
		news = true
	}
	return news
}

// snapshot is the target as it will be remembered.
func (p *proposed) snapshot() *Snapshot { return p.snapshotOf(p.target) }

func (p *proposed) snapshotOf(state State) *Snapshot {
	return &Snapshot{Digests: digests(state), Unread: p.observed.Omitted}
}

func (r *run) save(ctx context.Context, p *proposed) error {
	if err := r.engine.options.Records.Save(ctx, p.record); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

func (r *run) journal(ctx context.Context, p *proposed, entry JournalEntry) error {
	entry.At, entry.Run = r.engine.options.Now(), r.id
	if err := r.engine.options.Records.Append(ctx, p.key, entry); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

func (result ProductResult) failed(err error) ProductResult {
	result.Err = err
	switch ClassOf(err) {
	case ClassRefused:
		result.Outcome = Refused
	case ClassPending:
		result.Outcome = Blocked
	default:
		result.Outcome = Failed
	}
	return result
}

func (result ProductResult) interrupted(p *proposed, next Operation) ProductResult {
	result.Outcome = Interrupted
	result.Err = &Failure{Class: ClassInterrupted,
		Err:  fmt.Errorf("%s: interrupted before or in %s", p.plan.Address, next.ID),
		Next: "Run apply again: it reads what was written and does the rest."}
	return result
}
