package reconcile

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
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
	// Status is the API's word for where it stands.
	Status string
	// Observed is the product with the draft as its state, and what customers have
	// beside it.
	Observed *Observed
	// Keep is why storesync does not delete it, a *plan.Failure of ClassRefused;
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
// storesync's own, nothing in it is somebody else's, and approve agrees to what
// it is shown. A draft that is not ours, one that runs, and the first one of
// something that was never published are refused (ClassRefused).
// With no draft pending the plan says so, and approve is not asked.
func (e *Engine) Discard(ctx context.Context, m *schema.Manifest, approve func(context.Context, *DiscardPlan) error) (*DiscardPlan, error) {
	d := &discarding{engine: e, manifest: m}
	discard, err := d.discard(ctx, approve)
	if err != nil {
		return discard, fmt.Errorf("%s: %w", m.Address(), err)
	}
	return discard, nil
}

// discarding is one Discard.
type discarding struct {
	engine   *Engine
	manifest *schema.Manifest
	backend  Backend
	key      record.Key
}

// pendingDraft is a draft with whose it is.
type pendingDraft struct {
	*DiscardableDraft
	*compared
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
	discard, err := d.plan(draft)
	if err != nil || draft == nil {
		return discard, err
	}
	if draft.Keep != nil {
		return discard, draft.Keep
	}
	if err := approve(ctx, discard); err != nil {
		return discard, err
	}
	unlock, err := d.engine.options.Records.Lock(ctx, d.key)
	if err != nil {
		return discard, err
	}
	defer unlock()
	if err := d.unchanged(ctx, discarder, draft); err != nil {
		return discard, err
	}
	return discard, d.delete(ctx, draft)
}

// look reads the record and the draft, and finds out whose it is.
func (d *discarding) look(ctx context.Context, discarder Discarder) (*pendingDraft, error) {
	loaded, err := d.engine.load(ctx, d.key)
	if err != nil {
		return nil, err
	}
	draft, err := discarder.PendingDraft(ctx, d.manifest, loaded)
	if err != nil || draft == nil {
		return nil, err
	}
	o := &observed{manifest: d.manifest, backend: d.backend, traits: d.backend.Traits(d.manifest), key: d.key, product: draft.Observed, record: loaded}
	c, err := o.compare(PlanOptions{})
	if err != nil {
		return nil, err
	}
	if c.table == nil {
		c.table = c.evidence().Table() // The manifest is wrong; whose the draft is does not depend on it.
	}
	found := &pendingDraft{draft, c}
	if draft.Keep == nil {
		draft.Keep = found.keepForeign()
	}
	return found, nil
}

// keepForeign keeps a draft of ours in which somebody else worked.
func (p *pendingDraft) keepForeign() error {
	paths := texts(p.names.allInPlan(p.table.With(provenance.Foreign)))
	if len(paths) == 0 {
		return nil
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("draft %s holds what somebody else changed in it: %s", p.ID, someOf(paths)),
		Next: "Nothing was changed. Delete it in Partner Center, or submit it with what they changed: apply with --allow " + string(plan.GuardForeignEdits) + "=" + p.address() + "."}
}

// plan is what is shown of a draft.
func (d *discarding) plan(draft *pendingDraft) (*DiscardPlan, error) {
	discard := &DiscardPlan{
		Address: d.manifest.Address(), Kind: string(d.manifest.Kind), ID: d.manifest.ProductID(), Endpoint: d.key.Endpoint,
		Changes: []plan.Change{}, Operations: []plan.Operation{},
	}
	if draft == nil {
		return discard, nil
	}
	discard.ID = cmp.Or(draft.product.ID, discard.ID)
	discard.Draft, discard.Status = draft.ID, draft.Status
	changes, err := plan.Diff(draft.published, draft.live)
	if err != nil {
		return discard, err
	}
	discard.Changes = append(discard.Changes, changes...)
	if draft.Keep == nil {
		discard.Operations = append(discard.Operations, draft.Delete)
	}
	return discard, nil
}

// unchanged makes sure that what is deleted is what was shown.
func (d *discarding) unchanged(ctx context.Context, discarder Discarder, shown *pendingDraft) error {
	now, err := d.look(ctx, discarder)
	if err != nil {
		return err
	}
	if now != nil && now.ID == shown.ID && now.Keep == nil {
		moved, err := plan.Diff(shown.live, now.live)
		if err != nil {
			return err
		}
		if len(moved) == 0 {
			return nil
		}
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("draft %s is not what was shown any more", shown.ID),
		Next: "Nothing was changed. Run discard again and look at what is in it."}
}

// delete carries out the operation with the journal around it, and forgets the
// draft.
func (d *discarding) delete(ctx context.Context, draft *pendingDraft) error {
	run := rand.Text()
	entry := record.EntryOf(draft.Delete, record.PhaseStart)
	if err := d.engine.journal(ctx, d.key, run, entry); err != nil {
		return err
	}
	_, err := d.backend.Execute(ctx, Call{Manifest: d.manifest, Operation: draft.Delete, Outputs: map[string]json.RawMessage{}})
	// The request has been sent: how it ended is noted even when the run is
	// cancelled.
	ctx = context.WithoutCancel(ctx)
	if errors.Is(err, plan.ErrOutcomeUnknown) || errors.Is(err, context.Canceled) {
		return err
	}
	entry.Phase, entry.Outcome = record.PhaseEnd, record.OutcomeDone
	if err != nil {
		entry.Outcome = strings.TrimSpace(err.Error())
		return errors.Join(err, d.engine.journal(ctx, d.key, run, entry))
	}
	if err := d.engine.journal(ctx, d.key, run, entry); err != nil {
		return err
	}
	known := draft.record.Clone()
	if known.Draft == nil || known.Draft.ID != draft.ID {
		return nil
	}
	known.Draft, known.Writes = nil, nil
	if err := d.engine.options.Records.Save(ctx, known); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}
