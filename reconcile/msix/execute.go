package msix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// maxTries bounds how often a write is sent whose lost answer reading has
// settled as "not carried out".
const maxTries = 3

// Execute carries out one operation. No sensitive value of the manifest or the
// draft is in what it says, whatever the Store repeats of what it was sent.
func (b *backend) Execute(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	ctx = b.guardedCall(ctx, call)
	result, err := b.execute(ctx, call)
	return result, b.hideError(ctx, call.Manifest, err)
}

func (b *backend) execute(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	switch call.Operation.ID {
	case stepProductCreate:
		return b.createProduct(ctx, call)
	case stepProductDelete:
		return b.deleteProduct(ctx, call)
	case stepRolloutPercentage, stepRolloutFinalize, stepRolloutHalt:
		return b.rolloutStep(ctx, call)
	case stepDiscard:
		return b.discard(ctx, call)
	case stepCreate:
		return b.create(ctx, call)
	case stepDraft:
		return b.readDraft(ctx, call)
	case stepPut:
		return b.put(ctx, call)
	case stepUpload:
		return b.upload(ctx, call)
	case stepCommit:
		return b.commit(ctx, call)
	case stepVerify, stepVerifyAgain:
		return nil, fmt.Errorf("%s is read back, not executed", call.Operation.ID)
	}
	return nil, fmt.Errorf("%s is not an operation of the MSIX API", call.Operation.ID)
}

// draftOf is the product and the submission that an operation is about: those
// in its path, or those that were made before.
func draftOf(call reconcile.Call) (product, string, error) {
	p, err := productOf(call)
	if err != nil {
		return p, "", err
	}
	// The path has the placeholder still where the product was just made.
	planned := p
	if strings.Contains(call.Operation.Path, newProduct) {
		planned = p.with(newProduct)
	}
	rest, below := strings.CutPrefix(call.Operation.Path, planned.submissionsPath()+"/")
	if !below {
		return p, "", fmt.Errorf("%s is not about a submission of %s", call.Operation.ID, p)
	}
	if strings.HasPrefix(rest, draftID) {
		id, err := createdID(call.Outputs)
		return p, id, err
	}
	name, _, _ := strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, "?")
	id, err := url.PathUnescape(name)
	if err != nil || id == "" {
		return p, "", fmt.Errorf("%s names no submission", call.Operation.ID)
	}
	return p, id, nil
}

func createdID(outputs map[string]json.RawMessage) (string, error) {
	created, err := parseDocument(outputs[stepCreate])
	if err != nil || created.id() == "" {
		return "", errors.New("no draft was made before this step")
	}
	return created.id(), nil
}

// readDraft reads the draft that is about to be written to. One just made may
// not be known everywhere yet.
func (b *backend) readDraft(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	created, fresh := call.Outputs[stepCreate]
	if made, err := parseDocument(created); err == nil && p.kind == kindAddOn && made.whole(p.kind) && made.id() == id {
		// The answer to making it was the whole draft; apps and flights were
		// asked for a short one.
		return &reconcile.Result{Output: made.raw(), Draft: id, Found: foundIn(call, made)}, writable(ctx, made)
	}
	var draft *document
	missed := 0
	err = storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		draft, err = b.client.submission(ctx, p, id)
		if missed++; fresh && storehttp.IsNotFound(err) && missed < notFoundYet {
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	if err := writable(ctx, draft); err != nil {
		return nil, err
	}
	result := &reconcile.Result{Output: draft.raw(), Draft: id}
	if fresh {
		result.Found = foundIn(call, draft)
	}
	return result, nil
}

// notFoundYet is how many times in a row a submission may be unknown to the
// service right after it was made.
const notFoundYet = 5

// settling says how often to ask what became of a request: what cannot be read
// then is in doubt, not waited for.
func (b *backend) settling() storehttp.PollOptions {
	options := b.poll
	options.Patience = 0
	return options
}

// writable refuses a submission that the API takes no changes for.
func writable(ctx context.Context, draft *document) error {
	if status := draft.status().Status; status != statusPendingCommit {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("submission %s is %s, so it is no draft any more", draft.id(), shownStatus(ctx, status)),
			Next: "Somebody committed it since the plan was made. Nothing was changed. Plan again."}
	}
	if draft.uploadURL().Reveal() == "" {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("draft %s was made in Partner Center, so the API can neither change, delete nor commit it", draft.id()),
			Next: "Nothing was changed. Submit or delete it in Partner Center, then apply again."}
	}
	return nil
}

// discard deletes a pending draft. It looks first: the first draft of a product
// is never deleted. That of an app cannot be made again by the API, and those of
// the others are known to be better reused (StoreBroker, msstore-cli).
func (b *backend) discard(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	return &reconcile.Result{}, b.deleteDraft(ctx, p, id)
}

func (b *backend) deleteDraft(ctx context.Context, p product, id string) error {
	found, err := b.client.resource(ctx, p)
	switch {
	case err != nil:
		return err
	case found.Published == nil && p.kind == kindApp:
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("draft %s is the first submission of %s: once deleted, the API cannot make it again", id, p),
			Next: "Nothing was changed. Finish the first submission in Partner Center, or delete it there."}
	case found.Published == nil:
		return firstIsKept(p, id)
	case found.Pending == nil || string(found.Pending.ID) != id:
		return nil // It is gone already.
	}
	op := fmt.Sprintf("delete draft %s of %s", id, p)
	_, err = b.client.send(ctx, op, http.MethodDelete, p.submissionPath(id), nil)
	if err == nil || storehttp.IsNotFound(err) {
		return nil
	}
	if !storehttp.IsUnknownOutcome(err) {
		return err
	}
	found, readErr := b.client.resource(ctx, p)
	switch {
	case readErr != nil:
		return plan.InDoubt(err)
	case found.Pending == nil || string(found.Pending.ID) != id:
		return nil
	}
	return err
}

// firstIsKept refuses to delete the first draft of an add-on or flight.
func firstIsKept(p product, id string) error {
	return &plan.Failure{Class: plan.ClassRefused,
		Err: fmt.Errorf("draft %s is the first submission of %s, which is kept and reused", id, p),
		Next: fmt.Sprintf("Nothing was changed. Apply writes over it and commits it; to be rid of the %s as a whole, write metadata.state: absent and apply with --allow delete-%s.",
			p.kind, p.kind)}
}

// settled is the error of a request that is known by reading not to have been
// carried out: it says so no more.
func settled(err error) error {
	if e, ok := errors.AsType[*storehttp.Error](err); ok && e.Unknown {
		known := *e
		known.Unknown = false
		return &known
	}
	return err
}
