package msix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// putBody is the body of the put operation as it stands in a plan: what
// changes, and what it was planned against. The whole submission is sent.
type putBody struct {
	// Base is the digest of the document that Patch was made for, or baseNew.
	Base string `json:"base"`
	// Patch is a JSON Patch, see makePatch.
	Patch json.RawMessage `json:"patch,omitempty"`
	// Merge is a JSON Merge Patch for a first draft, see document.merge.
	Merge json.RawMessage `json:"merge,omitempty"`
}

// baseNew is the base of a change to a first draft, of which only the Store
// knows what it will hold: it must be pristine.
const baseNew = "new"

// put changes the draft and sends it back whole. Nothing is sent unless the
// draft is what was planned against and the body keeps every price.
func (b *backend) put(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, draft, err := b.draftToWrite(ctx, call)
	if err != nil {
		return nil, err
	}
	_, fresh := call.Outputs[stepCreate]
	target, steps, err := b.patched(ctx, p, draft, call.Operation.Body, fresh)
	if err != nil {
		return nil, err
	}
	// A flight has no price of its own.
	if wrong := priceInvariants(target); wrong != nil && p.kind != kindFlight {
		return nil, b.afterPrice(ctx, call, draft, steps, &plan.Failure{Class: plan.ClassError,
			Err: fmt.Errorf("not sent, because it "+riskyPrice+"%w", wrong), Next: wrong.next})
	}
	answer, err := b.sendDraft(ctx, p, draft, target)
	if err != nil {
		if e, ok := errors.AsType[*storehttp.Error](err); ok && isAboutPrice(e) {
			return nil, b.afterPrice(ctx, call, draft, steps, err)
		}
		return nil, err
	}
	result := &reconcile.Result{Draft: draft.id()}
	if answer != nil {
		result.Warnings = answer.status().words(b.client.known.Guard(ctx, p.scope()))
		if answer.whole(p.kind) {
			result.Output = answer.raw()
		}
	}
	return result, nil
}

// draftToWrite is the draft as the step before read it.
func (b *backend) draftToWrite(ctx context.Context, call reconcile.Call) (product, *document, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return p, nil, err
	}
	for _, step := range []string{stepDraft, stepCreate} {
		draft, err := parseDocument(call.Outputs[step])
		if err == nil && draft.id() == id && draft.whole(p.kind) {
			return p, draft, writable(ctx, draft)
		}
	}
	draft, err := b.client.submission(ctx, p, id)
	if err != nil {
		return p, nil, err
	}
	return p, draft, writable(ctx, draft)
}

// patched is the draft with the change in it.
func (b *backend) patched(ctx context.Context, p product, draft *document, body json.RawMessage, fresh bool) (*document, []patchStep, error) {
	var planned putBody
	if err := json.Unmarshal(body, &planned); err != nil {
		return nil, nil, fmt.Errorf("read the body of %s: %w", stepPut, err)
	}
	if planned.Base == baseNew {
		return mergedFirst(draft, p.kind, planned.Merge)
	}
	if draft.digest() != planned.Base {
		return nil, nil, b.movedSince(ctx, p, draft, planned.Base)
	}
	steps, err := parsePatch(planned.Patch)
	if err != nil {
		return nil, nil, err
	}
	target, err := fitPatch(draft, steps)
	if err != nil {
		return nil, nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the change does not fit draft %s: %w", draft.id(), err),
			Next: "Nothing was sent. Plan again."}
	}
	return target, steps, withoutInheritedRollout(target, steps, fresh)
}

// mergedFirst is a first draft with the change in it, and the place of the
// rollout where the change sets one.
func mergedFirst(draft *document, kind productKind, merge json.RawMessage) (*document, []patchStep, error) {
	if worked := draft.pristine(kind); worked != "" {
		return nil, nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("draft %s is not as the Store makes a first one: %s", draft.id(), worked),
			Next: "Nothing was sent. Plan again and look at what is in it."}
	}
	target, err := draft.merge(merge)
	if err != nil {
		return nil, nil, err
	}
	var steps []patchStep
	if change, err := parseDocument(merge); err == nil {
		for _, place := range change.keys("") {
			steps = append(steps, patchStep{Op: patchAdd, Path: pointerTo(place)})
		}
		if change.find(rolloutPointer) == nil {
			steps = slices.DeleteFunc(steps, func(s patchStep) bool { return strings.HasPrefix(rolloutPointer, s.Path+"/") })
		}
	}
	return target, steps, withoutInheritedRollout(target, steps, true)
}

// sendDraft sends the changed draft. The answer is nil when it does not show
// what is stored; the read-back reads it then.
func (b *backend) sendDraft(ctx context.Context, p product, draft, target *document) (*document, error) {
	op := fmt.Sprintf("write draft %s of %s", draft.id(), p)
	var last error
	for range maxTries {
		body, err := b.client.send(ctx, op, http.MethodPut, p.submissionPath(draft.id()), target.raw())
		if err == nil {
			answer, err := parseDocument(body)
			if err != nil || answer.id() != draft.id() {
				return nil, nil
			}
			return answer, nil
		}
		if !storehttp.IsUnknownOutcome(err) {
			return nil, err
		}
		// It was sent several times already, which does no more than once.
		// What matters is whether any of them arrived.
		last = err
		stored, readErr := b.client.submission(ctx, p, draft.id())
		switch {
		case readErr != nil:
			return nil, plan.InDoubt(err)
		case !sameDraft(stored, draft):
			return stored, nil
		}
	}
	return nil, settled(last)
}

// sameDraft reports whether a draft means what it did when it was read before,
// whatever the service says about it and wherever its files go now.
func sameDraft(a, b *document) bool {
	a, b = a.clone(), b.clone()
	for _, pointer := range []string{"/statusDetails", "/fileUploadUrl"} {
		a.remove(pointer)
		b.remove(pointer)
	}
	return a.withoutIdle().equal(b.withoutIdle())
}

// afterPrice ends a put that was refused because of a price, by the Store or
// before it was sent. Where the manifest asked for none, a draft can never be
// written: the one that was made for it is deleted again, so that it is in
// nobody's way.
func (b *backend) afterPrice(ctx context.Context, call reconcile.Call, draft *document, steps []patchStep, err error) error {
	failure := &plan.Failure{Class: plan.ClassError, Err: err}
	if given, ok := errors.AsType[*plan.Failure](err); ok {
		*failure = *given
	}
	created, createErr := createdID(call.Outputs)
	p, productErr := productOf(call)
	if errors.Join(createErr, productErr) != nil || created != draft.id() || touches(steps, "/pricing") {
		return failure
	}
	if isFirst(call.Operation.Body) {
		failure.Next += " The first draft of the " + string(p.kind) + " is kept, and the next apply goes on with it."
		return failure
	}
	if deleteErr := b.deleteDraft(ctx, p, draft.id()); deleteErr != nil {
		failure.Err = fmt.Errorf("%w; its draft %s is still there: %w", failure.Err, draft.id(), deleteErr)
		return failure
	}
	failure.Next += " The draft that was made for this was deleted again."
	return failure
}

// isFirst reports whether the body of a put is for a first draft.
func isFirst(body json.RawMessage) bool {
	var planned putBody
	return json.Unmarshal(body, &planned) == nil && planned.Base == baseNew
}
