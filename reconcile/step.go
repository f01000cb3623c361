package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// operation carries out one operation with the record and journal around it.
func (r *run) operation(ctx context.Context, p *proposed, operation plan.Operation, outputs map[string]json.RawMessage) (*Result, error) {
	address := p.plan.Address
	r.engine.emit(OperationStarted{Address: address, Operation: operation})
	result, err := r.attempt(ctx, p, operation, outputs)
	if result == nil {
		result = &Result{}
	}
	r.engine.emit(OperationDone{Address: address, Operation: operation, Warnings: result.Warnings, Err: err})
	return result, err
}

func (r *run) attempt(ctx context.Context, p *proposed, operation plan.Operation, outputs map[string]json.RawMessage) (*Result, error) {
	call := Call{
		Manifest: p.manifest, Operation: operation, Outputs: outputs, Open: r.open.Open,
		Progress: func(progress Progress) {
			r.engine.emit(OperationProgress{Address: p.plan.Address, Operation: operation, Progress: progress})
		},
	}
	if operation.Verb == plan.VerbVerify {
		return r.verify(ctx, p, call)
	}
	if operation.Submits() {
		if err := r.written(ctx, p); err != nil {
			return nil, err
		}
	}
	var err error
	if call.Operation, err = fill(operation, outputs, p.target); err != nil {
		return nil, err
	}
	writes := operation.Writes() && operation.Effect != plan.EffectRead
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
	if err == nil {
		err = r.noteFound(ctx, p, result.Found)
	}
	return result, err
}

// begin notes, durably, that a write is about to be sent and what it owes.
func (r *run) begin(ctx context.Context, p *proposed, operation plan.Operation) error {
	news := p.noteBegun(r.whole, r.engine.options.Now())
	if len(operation.Owes) > 0 || p.observed.Missing && !p.direct {
		news = p.Owe(operation) || news
	}
	if news {
		if err := r.save(ctx, p); err != nil {
			return err
		}
	}
	return r.journal(ctx, p, record.EntryOf(operation, record.PhaseStart))
}

// end notes how a write ended. It outlives the cancelling of the run, for the
// request has been sent. An unknown outcome is left without an end.
func (r *run) end(ctx context.Context, p *proposed, operation plan.Operation, result *Result, failure error) error {
	ctx = context.WithoutCancel(ctx)
	entry := record.EntryOf(operation, record.PhaseEnd)
	entry.Outcome = "done"
	if failure != nil {
		if errors.Is(failure, plan.ErrOutcomeUnknown) || errors.Is(failure, context.Canceled) {
			return nil
		}
		entry.Outcome = failure.Error()
		return r.journal(ctx, p, entry)
	}
	entry.Submission = result.Submission
	if err := r.journal(ctx, p, entry); err != nil {
		return err
	}
	changed := p.record.Paid(operation.ID)
	if result.Draft != "" && p.record.Draft != nil && p.record.Draft.Submission != result.Draft {
		p.record.Draft.Submission = result.Draft
		changed = true
	}
	if len(result.Stored) > 0 {
		p.record.Learn(result.Stored)
		changed = true
	}
	if operation.Submits() {
		p.record.NoteSubmitted(result.Submission, r.engine.options.Now(), p.snapshot())
		changed = true
	}
	if p.direct && p.done(operation) {
		changed = true
	}
	if p.direct && operation.ID == p.plan.Operations[len(p.plan.Operations)-1].ID {
		p.record.FinishBegun()
		changed = true
	}
	if !changed {
		return nil
	}
	return r.save(ctx, p)
}

// done notes what an operation did that acts on the product at once; it
// reports whether that is news.
func (p *proposed) done(operation plan.Operation) bool {
	if p.manifest.Absent() {
		p.record = &record.Record{Format: record.Format, Key: p.key, Begun: p.record.Begun}
		return true
	}
	return p.stepped(operation)
}

// owe notes what an operation owes, what the draft was before our first write,
// and which guards the written changes trip; it reports whether that is news.
func (p *proposed) Owe(operation plan.Operation) bool {
	before := p.before()
	news := p.takeUp(before)
	news = p.record.Owe(operation.Owes, before) || news
	news = p.made() || news
	news = p.noteWriting(operation) || news
	for _, change := range p.plan.Changes {
		if change.Action == plan.ActionReport || len(change.Guards) == 0 || !plan.UnderAny(change.Path, operation.Covers) {
			continue
		}
		if _, known := p.record.Draft.Guards[change.Path]; known {
			continue
		}
		if p.record.Draft.Guards == nil {
			p.record.Draft.Guards = map[plan.Path][]plan.Guard{}
		}
		p.record.Draft.Guards[change.Path] = change.Guards
		news = true
	}
	return news
}

// snapshot is the target as it will be remembered.
func (p *proposed) snapshot() *record.Snapshot { return p.snapshotOf(p.target) }

func (p *proposed) snapshotOf(state plan.State) *record.Snapshot {
	return &record.Snapshot{Digests: plan.Digests(state), Unread: p.observed.Omitted}
}

func (r *run) save(ctx context.Context, p *proposed) error {
	if err := r.engine.options.Records.Save(ctx, p.record); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

func (r *run) journal(ctx context.Context, p *proposed, entry record.Entry) error {
	entry.At, entry.Run = r.engine.options.Now(), r.id
	if err := r.engine.options.Records.Append(ctx, p.key, entry); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}
