package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

var _ reconcile.Discarder = (*backend)(nil)

// PendingDraft reads the product's pending submission beside what is published. A
// failed one counts: the Store keeps it until it is deleted.
func (b *backend) PendingDraft(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.DiscardableDraft, error) {
	ctx = b.guarded(ctx, m)
	draft, err := b.pendingDraft(ctx, m, record)
	if err != nil {
		return nil, b.hideError(ctx, m, err)
	}
	if draft != nil {
		draft.Keep = b.hideError(ctx, m, draft.Keep)
	}
	return draft, nil
}

func (b *backend) pendingDraft(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.DiscardableDraft, error) {
	found, err := b.find(ctx, m)
	if err != nil {
		return nil, err
	}
	if found == nil || found.Pending == nil {
		return nil, nil
	}
	pending, err := b.client.submission(ctx, found.product, string(found.Pending.ID))
	if err != nil {
		return nil, err
	}
	o := b.newObservation(m, record, found)
	draft := &reconcile.DiscardableDraft{
		ID: pending.id(), Status: shownStatus(o.shown(ctx), pending.status().Status), Observed: o.observed, Keep: o.keep(ctx, pending),
		Delete: plan.Operation{
			ID: stepDiscard, Verb: plan.VerbCall, Method: http.MethodDelete, Path: found.submissionPath(pending.id()),
			Effect: plan.EffectDestroy, Summary: "deletes draft " + pending.id() + " with everything in it",
		},
	}
	return draft, o.takeDraft(ctx, pending)
}

// keep is why a pending submission is not deleted, nil when it may be.
func (o *observation) keep(ctx context.Context, pending *document) error {
	id, status := pending.id(), pending.status().Status
	refuse := func(next, format string, arguments ...any) error {
		return &plan.Failure{Class: plan.ClassRefused, Err: fmt.Errorf(format, arguments...), Next: "Nothing was changed. " + next}
	}
	switch {
	case isRunning(status):
		return refuse("It can only be cancelled in Partner Center.", "submission %s is %s, so it is no draft any more", id, shownStatus(o.shown(ctx), status))
	case status == statusPublished:
		return refuse("There is nothing to discard.", "submission %s went live meanwhile", id)
	case o.found.Published == nil && o.found.kind == kindApp:
		return refuse("Finish it in Partner Center, or delete it there.",
			"draft %s is the first submission of %s, and the API cannot make another one", id, o.found)
	case status == statusPendingCommit && pending.uploadURL().Reveal() == "":
		return refuse("Submit or delete it in Partner Center.",
			"draft %s was made in Partner Center, and the API changes, deletes and commits only what it made itself", id)
	case o.found.Published == nil:
		return firstIsKept(o.found.product, id)
	case !o.isOurs(pending):
		return refuse("Delete it in Partner Center or where it was made. To write over it, apply with --allow replace-draft="+o.manifest.Address()+", which shows what would be lost.",
			"draft %s is not known as storesync's own: somebody else made it, or the record of it is lost", id)
	}
	return nil
}

var _ reconcile.DraftKeeper = (*backend)(nil)

// DraftNote says what becomes of a draft that is left uncommitted: one that the
// API made and somebody touches in the portal can be neither changed nor
// committed by the API any more
// (https://learn.microsoft.com/windows/uwp/monetize/create-and-manage-submissions-using-windows-store-services).
func (b *backend) DraftNote(outputs map[string]json.RawMessage) string {
	const portal = "Partner Center cannot finish a draft that the API made, and one that is touched there may be stuck. Apply without --draft commits it"
	if outputs == nil {
		return portal + ", within about a day: then the address for its files runs out, and apply makes the draft anew."
	}
	for _, step := range []string{stepDraft, stepCreate} {
		d, err := parseDocument(outputs[step])
		if err != nil {
			continue
		}
		if expires, known := uploadExpiry(d.uploadURL()); known {
			return portal + ". The address for its files runs out at " + minuteOf(expires) + "; after that, apply makes the draft anew."
		}
	}
	return portal + "."
}

// minuteOf is a time as people read it, the same on every machine.
func minuteOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// noDraft is what status says of a product without one.
const noDraft = "none"

// draftWords say which draft is pending and what can be done with it.
func (o *observation) draftWords(ctx context.Context, pending *document) string {
	id, status := pending.id(), pending.status().Status
	switch {
	case isRunning(status):
		return noDraft + " beside the submission"
	case status == statusPublished:
		return noDraft
	case status != statusPendingCommit:
		return fmt.Sprintf("%s (%s); no draft any more, but the Store keeps it until the next one is made", id, shownStatus(ctx, status))
	case pending.uploadURL().Reveal() == "":
		return id + "; made in Partner Center, where it has to be submitted or deleted: the API cannot touch it"
	}
	expires, known := uploadExpiry(pending.uploadURL())
	switch {
	case !known:
		return id + "; made by the API, not committed"
	case !o.now().Before(expires):
		return id + "; made by the API, not committed; the address for its files ran out at " + minuteOf(expires)
	}
	return id + "; made by the API, not committed; takes files until " + minuteOf(expires)
}
