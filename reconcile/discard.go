package reconcile

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// Discarder is a Backend of an API whose drafts can be deleted.
type Discarder interface {
	// PendingDraft reads the product's pending draft beside what is published;
	// nil when none is pending.
	PendingDraft(ctx context.Context, m *schema.Manifest, record *record.Record) (*DiscardableDraft, error)
}

// DraftKeeper is a Backend of an API whose drafts live apart from the portal,
// and not for ever.
type DraftKeeper interface {
	// DraftNote says in words what a person should know of a draft that is left
	// unsubmitted. outputs are the results of the operations that made it, nil
	// while planning.
	DraftNote(outputs map[string]json.RawMessage) string
}

// draftNote is what a backend says of an unsubmitted draft, "" for nothing.
func draftNote(backend Backend, outputs map[string]json.RawMessage) string {
	if keeper, ok := backend.(DraftKeeper); ok {
		return keeper.DraftNote(outputs)
	}
	return ""
}

// DiscardableDraft is a pending draft of an API whose drafts can be deleted.
type DiscardableDraft struct {
	ID string
	// Product is the Store's id of the product, "" where the manifest holds it.
	Product string
	// Status is the API's word for where it stands.
	Status string
	// Published and Held are what customers have and what the draft holds.
	Published, Held plan.State
	// Keep is why storesync does not delete it, a *Failure of ClassRefused;
	// nil when it may.
	Keep error
	// Delete is the operation that deletes it.
	Delete plan.Operation
}

// DiscardPlan is what Discard is about to delete. Everything in it may be shown.
type DiscardPlan struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
	// ID is the Store's id of the product, "" when it is not known.
	ID       string `json:"id"`
	Endpoint string `json:"endpoint"`
	// Draft is the id of the draft, "" when none is pending; Status is the
	// API's word for where it stands.
	Draft  string `json:"draft,omitempty"`
	Status string `json:"status,omitempty"`
	// Changes are what the draft holds beside what is published: what is lost.
	Changes    []plan.Change    `json:"changes"`
	Operations []plan.Operation `json:"operations"`
}

// Discard deletes the product's pending draft when the record knows it as
// storesync's own and approve agrees to what it is shown. A draft that is not
// ours, one that runs, and the first one of something that was never published
// are refused (ClassRefused).
// With no draft pending the plan says so, and approve is not asked.
func (e *Engine) Discard(ctx context.Context, m *schema.Manifest, approve func(context.Context, *DiscardPlan) error) (*DiscardPlan, error) {
	d := &discarding{engine: e, manifest: m}
	plan, err := d.discard(ctx, approve)
	if err != nil {
		return plan, fmt.Errorf("%s: %w", m.Address(), err)
	}
	return plan, nil
}

// discarding is one Discard.
type discarding struct {
	engine   *Engine
	manifest *schema.Manifest
	backend  Backend
	key      record.Key
	record   *record.Record
}

func (d *discarding) discard(ctx context.Context, approve func(context.Context, *DiscardPlan) error) (*DiscardPlan, error) {
	var err error
	if d.backend, err = d.engine.backendOf(d.manifest); err != nil {
		return nil, err
	}
	discarder, ok := d.backend.(Discarder)
	if !ok {
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("products of kind %s have one draft for good, shared with the portal, which nothing can delete", d.manifest.Kind),
			Next: "Nothing was changed. To undo what is in it, write the old values into the manifest and apply, or edit it in Partner Center."}
	}
	d.key = keyOf(d.backend, d.manifest)
	draft, err := d.look(ctx, discarder)
	if err != nil {
		return nil, err
	}
	plan, err := d.plan(draft)
	if err != nil || draft == nil {
		return plan, err
	}
	if draft.Keep != nil {
		return plan, draft.Keep
	}
	if err := approve(ctx, plan); err != nil {
		return plan, err
	}
	unlock, err := d.engine.options.Records.Lock(ctx, d.key)
	if err != nil {
		return plan, err
	}
	defer unlock()
	if err := d.unchanged(ctx, discarder, draft); err != nil {
		return plan, err
	}
	return plan, d.delete(ctx, draft)
}

// look reads the record and the draft.
func (d *discarding) look(ctx context.Context, discarder Discarder) (*DiscardableDraft, error) {
	var err error
	if d.record, err = d.engine.load(ctx, d.key); err != nil {
		return nil, err
	}
	return discarder.PendingDraft(ctx, d.manifest, d.record)
}

// plan is what is shown of a draft.
func (d *discarding) plan(draft *DiscardableDraft) (*DiscardPlan, error) {
	planned := &DiscardPlan{
		Address: d.manifest.Address(), Kind: string(d.manifest.Kind), ID: d.manifest.ProductID(), Endpoint: d.key.Endpoint,
		Changes: []plan.Change{}, Operations: []plan.Operation{},
	}
	if draft == nil {
		return planned, nil
	}
	planned.ID = cmp.Or(draft.Product, planned.ID)
	planned.Draft, planned.Status = draft.ID, draft.Status
	changes, err := plan.Diff(draft.Published, draft.Held)
	if err != nil {
		return planned, err
	}
	planned.Changes = append(planned.Changes, changes...)
	if draft.Keep == nil {
		planned.Operations = append(planned.Operations, draft.Delete)
	}
	return planned, nil
}

// unchanged makes sure that what is deleted is what was shown.
func (d *discarding) unchanged(ctx context.Context, discarder Discarder, shown *DiscardableDraft) error {
	now, err := d.look(ctx, discarder)
	if err != nil {
		return err
	}
	if now != nil && now.ID == shown.ID && now.Keep == nil && plan.RevisionOf(now.Held) == plan.RevisionOf(shown.Held) {
		return nil
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("draft %s is not what was shown any more", shown.ID),
		Next: "Nothing was changed. Run discard again and look at what is in it."}
}

// delete carries out the operation with the journal around it, and forgets the
// draft.
func (d *discarding) delete(ctx context.Context, draft *DiscardableDraft) error {
	run := &run{engine: d.engine, id: rand.Text()}
	p := &proposed{manifest: d.manifest, backend: d.backend, key: d.key, record: d.record, plan: plan.Product{Address: d.manifest.Address()}}
	entry := record.EntryOf(draft.Delete, record.PhaseStart)
	if err := run.journal(ctx, p, entry); err != nil {
		return err
	}
	_, err := d.backend.Execute(ctx, Call{Manifest: d.manifest, Operation: draft.Delete, Outputs: map[string]json.RawMessage{}})
	// The request has been sent: how it ended is noted even when the run is
	// cancelled.
	ctx = context.WithoutCancel(ctx)
	if errors.Is(err, plan.ErrOutcomeUnknown) || errors.Is(err, context.Canceled) {
		return err
	}
	entry.Phase, entry.Outcome = record.PhaseEnd, "done"
	if err != nil {
		entry.Outcome = err.Error()
		return errors.Join(err, run.journal(ctx, p, entry))
	}
	if err := run.journal(ctx, p, entry); err != nil {
		return err
	}
	if d.record.Draft == nil || d.record.Draft.Submission != draft.ID {
		return nil
	}
	d.record.Draft = nil
	return run.save(ctx, p)
}
