package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

// running is the fifth phase of a product: its plan being carried out, under the
// lock of its record. It alone writes to the record.
type running struct {
	*approved
	run *run
	// record is the evidence as it grows; target is what the product becomes, with
	// what the Store filled in.
	record    *record.Record
	target    plan.State
	outputs   map[string]json.RawMessage
	readBacks []*ReadBack
	// begun is true once the record says which plan is carried out; unsaved is
	// true while it knows more than its store: what the journal's last line says.
	begun, unsaved bool
}

// begin makes sure that what is about to be written is what was planned, and
// takes the record up.
func (r *run) begin(ctx context.Context, p *approved) (*running, error) {
	loaded, err := r.engine.load(ctx, p.key)
	if err != nil {
		return nil, err
	}
	running := &running{approved: p, run: r, record: p.record.Clone(), target: maps.Clone(p.target), outputs: map[string]json.RawMessage{}}
	if digestOfRecord(loaded) != p.recordDigest || r.options.Recheck {
		now, err := r.again(ctx, p)
		if err != nil {
			return nil, err
		}
		if err := p.stale(now); err != nil {
			return nil, err
		}
		running.record = now.record.Clone()
	}
	return running, r.sameFiles(p)
}

// again observes a product once more and compares it.
func (r *run) again(ctx context.Context, p *approved) (*compared, error) {
	found := r.engine.look(ctx, p.manifest, r.planning)
	return found.compared, found.err
}

// operation carries out one operation with the record and journal around it.
func (r *running) operation(ctx context.Context, operation plan.Operation) (*Result, error) {
	address, engine := r.doc.Address, r.run.engine
	engine.emit(OperationStarted{Address: address, Operation: operation})
	result, err := r.attempt(ctx, operation)
	if result == nil {
		result = &Result{}
	}
	engine.emit(OperationDone{Address: address, Operation: operation, Warnings: result.Warnings, Err: err})
	return result, err
}

func (r *running) attempt(ctx context.Context, operation plan.Operation) (*Result, error) {
	call := Call{
		Manifest: r.manifest, Operation: operation, Outputs: r.outputs, Open: r.run.open.Open,
		Progress: func(progress Progress) {
			r.run.engine.emit(OperationProgress{Address: r.doc.Address, Operation: operation, Progress: progress})
		},
	}
	if operation.Verb == plan.VerbVerify {
		return r.verify(ctx, call)
	}
	var err error
	if call.Operation, err = fill(operation, r.outputs, r.target); err != nil {
		return nil, err
	}
	writes := operation.Writes() && operation.Effect != plan.EffectRead
	if writes {
		if err := r.noteStart(ctx, operation); err != nil {
			return nil, err
		}
	}
	result, err := r.backend.Execute(ctx, call)
	if err == nil {
		r.outputs[operation.ID] = result.Output
	}
	if writes {
		err = errors.Join(err, r.noteEnd(ctx, operation, result, err))
	}
	if err == nil {
		err = r.noteFound(ctx, result.Found)
	}
	return result, err
}

// noteStart notes, durably, that a write is about to be sent and what it sends.
func (r *running) noteStart(ctx context.Context, operation plan.Operation) error {
	now := r.run.engine.options.Now()
	news := r.noteBegun()
	switch {
	case r.direct:
	case operation.Submits():
		r.record.Submitting = &record.Submission{ID: r.draftID(), At: now, Held: r.snapshotOf(r.target)}
		news = true
	default:
		w := record.Write{Operation: operation.ID, At: now, Run: r.run.id, Plan: r.doc.Hash, Draft: r.draftID(),
			Sent: r.sentBy(operation, r.target), Guards: r.guardsOf(operation), Follow: operation.Owes}
		if len(w.Sent) == 0 && len(w.Follow) == 0 {
			break // It leaves nothing in a draft.
		}
		if r.rest {
			// What is left of a plan is that plan.
			w.Plan = r.record.Begun.Hash
		}
		r.noteDraft()
		r.record.Begin(w)
		news = true
	}
	if news || r.unsaved {
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	return r.journal(ctx, record.EntryOf(operation, record.PhaseStart))
}

// noteBegun notes, once, which plan is being carried out and by which manifest;
// it reports whether that is news. The rest of a plan is noted as that plan.
func (r *running) noteBegun() bool {
	if r.begun {
		return false
	}
	r.begun = true
	r.noteSource()
	for _, path := range r.lossy {
		// Allowed by name, or there were no request.
		r.record.NoteRewriting(path, plan.MarkOf(r.desired.Set[path]), plan.MarkOf(r.live[path]), true)
	}
	if known := r.record.Begun; r.rest && known != nil && !known.Done {
		return true
	}
	r.record.Begun = r.begin(r.run.whole, r.run.engine.options.Now())
	return true
}

// noteSource notes what the manifest manages and where it lies.
func (r *running) noteSource() {
	r.record.Source = &record.Source{Address: r.doc.Address, File: WorkspaceFile(r.run.open.Root, r.manifest.File), Paths: r.run.planning.Selection.Paths}
	r.record.Managed = r.managed()
	r.record.Secrets = r.secrets()
}

// draftID is the id of the draft that is written to, "" for a shared one, and
// for one that is yet to be made.
func (r *running) draftID() string {
	switch {
	case r.shared():
		return ""
	case r.record.Draft != nil && r.record.Draft.ID != "" && r.madeHere():
		return r.record.Draft.ID
	case r.usesPending():
		return r.product.Pending.ID
	}
	return r.product.Draft
}

// madeHere reports whether this apply has made, or written to, a draft.
func (r *running) madeHere() bool {
	return slices.ContainsFunc(r.record.Writes, func(w record.Write) bool { return w.Run == r.run.id && w.Draft == r.record.Draft.ID })
}

// usesPending reports whether the draft beside what is observed is written to.
func (r *running) usesPending() bool {
	pending := r.product.Pending
	return pending != nil && !slices.ContainsFunc(r.doc.Operations, func(o plan.Operation) bool { return o.Effect == plan.EffectDestroy })
}

// noteDraft begins the evidence of a draft, where what is known is about another
// one or nothing is known.
func (r *running) noteDraft() {
	id := r.draftID()
	if draft := r.record.Draft; draft == nil || draft.ID != id || draft.Before == nil {
		before := r.snapshotOf(r.live)
		if r.fromNothing() {
			before = &provenance.Snapshot{Marks: map[plan.Path]plan.Mark{}}
		}
		r.record.Draft = &record.Draft{ID: id, Before: before}
		r.record.Writes = r.record.WritesTo(id)
	}
	if r.product.Filled != nil && r.record.Draft.Filled == nil {
		r.record.Draft.Filled = r.names.marks(r.product.Filled)
	}
}

// guardsOf are the guards that what an operation sends trips.
func (r *running) guardsOf(operation plan.Operation) map[plan.Path][]plan.Guard {
	var guards map[plan.Path][]plan.Guard
	for _, change := range r.doc.Changes {
		if change.Action == plan.ActionReport || len(change.Guards) == 0 || !plan.UnderAny(change.Path, operation.Covers) {
			continue
		}
		if guards == nil {
			guards = map[plan.Path][]plan.Guard{}
		}
		guards[change.Path] = slices.DeleteFunc(slices.Clone(change.Guards), func(g plan.Guard) bool { return g == plan.GuardMassChange })
	}
	return guards
}

// noteEnd notes how a write ended. It outlives the cancelling of the run, for
// the request has been sent. An unknown outcome is left in doubt.
func (r *running) noteEnd(ctx context.Context, operation plan.Operation, result *Result, failure error) error {
	ctx = context.WithoutCancel(ctx)
	entry := record.EntryOf(operation, record.PhaseEnd)
	entry.Outcome = record.OutcomeDone
	if failure != nil {
		if errors.Is(failure, plan.ErrOutcomeUnknown) || errors.Is(failure, context.Canceled) {
			return nil
		}
		entry.Outcome = failure.Error()
		return errors.Join(r.journal(ctx, entry), r.noteRefused(ctx, operation, failure))
	}
	entry.Submission = result.Submission
	if err := r.journal(ctx, entry); err != nil {
		return err
	}
	switch {
	case operation.Submits():
		submitting := r.record.Submitting
		r.record.NoteSubmitted(result.Submission, submitting.At, submitting.Held)
		r.record.FinishBegun()
	case r.direct:
		r.noteDirect(operation)
	default:
		for _, upload := range operation.Uploads {
			r.record.Learn(map[string]record.Image{contentKey(upload.SHA256): {SHA256: upload.SHA256, Name: upload.Name}})
		}
		draft := r.record.Draft
		known := result.Draft == "" || draft != nil && draft.ID == result.Draft
		r.record.End(operation.ID, provenance.Confirmed, result.Draft)
		if known && len(result.Stored) == 0 {
			r.unsaved = true
			return nil
		}
		r.record.Learn(r.imagesOf(result.Stored))
	}
	return r.save(ctx)
}

// noteRefused notes a write that the Store answered without taking it. Only an
// answer that refuses it as a whole makes it as if it had never been sent.
func (r *running) noteRefused(ctx context.Context, operation plan.Operation, failure error) error {
	if !plan.IsRefusal(failure) || !r.traits.WholeWrites && !isOnePart(operation.Covers) {
		return nil
	}
	if operation.Submits() {
		r.record.Submitting = nil
	} else {
		r.record.End(operation.ID, provenance.Refused, "")
	}
	return r.save(ctx)
}

// isOnePart reports whether an operation writes one module, or one language, and
// no more: an answer that refuses it has taken none of it.
func isOnePart(covers []plan.Path) bool {
	part := func(path plan.Path) string {
		segments := strings.Split(string(path), ".")
		return strings.Join(segments[:min(2, len(segments))], ".")
	}
	for _, path := range covers {
		if part(path) != part(covers[0]) {
			return false
		}
	}
	return true
}

// noteDirect notes what an operation did that acts on the product at once.
func (r *running) noteDirect(operation plan.Operation) {
	if r.manifest.Absent() {
		r.record = r.record.WithoutProduct()
	} else {
		r.noteStep(operation)
	}
	if operation.ID == r.doc.Operations[len(r.doc.Operations)-1].ID {
		r.record.FinishBegun()
	}
}

// noteFound notes, durably and before anything is written, what the Store put
// into a first draft by itself.
func (r *running) noteFound(ctx context.Context, found plan.State) error {
	if found == nil || r.record.Draft == nil || !r.first() {
		return nil
	}
	held := maps.Clone(r.live)
	maps.Copy(held, found)
	r.record.Draft.Filled = r.names.marks(held)
	return r.save(ctx)
}

// imagesOf are the contents of stored images with the names of their files.
func (r *running) imagesOf(stored map[string]string) map[string]record.Image {
	names := map[string]string{}
	for _, other := range r.doc.Operations {
		for _, upload := range other.Uploads {
			names[upload.SHA256] = upload.Name
		}
	}
	images := map[string]record.Image{}
	for id, sum := range stored {
		images[id] = record.Image{SHA256: sum, Name: names[sum]}
	}
	return images
}

func (r *running) save(ctx context.Context) error {
	if err := r.run.engine.options.Records.Save(ctx, r.record); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	r.unsaved = false
	return nil
}

func (r *running) journal(ctx context.Context, entry record.Entry) error {
	return r.run.engine.journal(ctx, r.key, r.run.id, entry)
}

func (e *Engine) journal(ctx context.Context, key record.Key, run string, entry record.Entry) error {
	entry.At, entry.Run = e.options.Now(), run
	if err := e.options.Records.Append(ctx, key, entry); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}
