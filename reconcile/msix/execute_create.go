package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// create makes a draft, a copy of the published submission, or the first one of
// an add-on or flight. The service has answered 503 and made it all the same
// (StoreBroker issue 123), so after a lost answer it looks: a pending draft that
// equals what is published, or is as the Store makes a first one, is ours, or as
// good as ours.
func (b *backend) create(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, err := productOf(call)
	if err != nil {
		return nil, err
	}
	var made productOutput
	if json.Unmarshal(call.Outputs[stepProductCreate], &made) == nil && made.Draft != "" {
		return &reconcile.Result{Output: encode(map[string]string{"id": made.Draft}), Draft: made.Draft}, nil
	}
	sent := false // A create may have reached the Store.
	var last error
	for range maxTries {
		created, err := b.createOnce(ctx, p)
		if err == nil {
			return createResult(call, created), nil
		}
		last = err
		// A product that was just made may have come with a draft of which its
		// creation's answer did not tell.
		_, justMade := call.Outputs[stepProductCreate]
		sent = sent || storehttp.IsUnknownOutcome(err) || justMade && isAlreadyPending(err)
		if !sent {
			return nil, err
		}
		clone, err := b.pendingClone(ctx, p)
		switch {
		case err != nil && plan.ClassOf(err) == plan.ClassRefused:
			return nil, err
		case err != nil:
			return nil, plan.InDoubt(last)
		case clone != nil:
			return createResult(call, clone), nil
		case !storehttp.IsUnknownOutcome(last):
			return nil, last
		}
	}
	return nil, plan.InDoubt(last)
}

func createResult(call reconcile.Call, draft *document) *reconcile.Result {
	return &reconcile.Result{Output: draft.raw(), Draft: draft.id(), Found: foundIn(call, draft)}
}

// foundIn is what a draft holds that was just made, nil where that is not known:
// the answer was a short one, or cannot be read, which the read-back says.
func foundIn(call reconcile.Call, draft *document) plan.State {
	if !draft.whole(kindOf(call.Manifest)) {
		return nil
	}
	state, err := stateOf(draft, call.Manifest, nil)
	if err != nil {
		return nil
	}
	return state
}

// createOnce takes the short answer or the whole one, see createPath.
func (b *backend) createOnce(ctx context.Context, p product) (*document, error) {
	request := storehttp.Request{Op: "make a draft of " + p.String(), Method: http.MethodPost, Path: p.createPath()}
	body, err := b.client.call(ctx, request)
	if err != nil {
		return nil, err
	}
	return submissionOf(ctx, request, body, "")
}

// answersToBelieve is how many answers in a row must know of no draft before a
// create counts as lost on the way.
const answersToBelieve = 3

// pendingClone is the product's pending draft when it equals what is published,
// or is a pristine first one; nil when no draft is pending.
func (b *backend) pendingClone(ctx context.Context, p product) (*document, error) {
	var found *resource
	answers := 0
	err := storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		var err error
		found, err = b.client.resource(ctx, p)
		answers++
		return err == nil && (found.Pending != nil || answers == answersToBelieve), err
	})
	if err != nil || found.Pending == nil {
		return nil, err
	}
	draft, err := b.client.submission(ctx, p, string(found.Pending.ID))
	if err != nil {
		return nil, err
	}
	if err := writable(ctx, draft); err != nil {
		return nil, err
	}
	if found.Published == nil {
		return firstClone(draft, p.kind)
	}
	published, err := b.client.submission(ctx, p, string(found.Published.ID))
	if err != nil {
		return nil, err
	}
	if draft.digest() != published.digest() {
		return nil, foreignDraft(draft, "it is not a copy of what is published, and differs from it at "+differences(ctx, published, draft))
	}
	return draft, nil
}

func firstClone(draft *document, kind productKind) (*document, error) {
	if !kind.madeByAPI() {
		return nil, foreignDraft(draft, "the app has no published submission that it could be a copy of")
	}
	if worked := draft.pristine(kind); worked != "" {
		return nil, foreignDraft(draft, worked)
	}
	return draft, nil
}

// foreignDraft refuses a draft that turned up instead of ours.
func foreignDraft(draft *document, why string) error {
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("draft %s turned up while one was made, and storesync did not make it: %s", draft.id(), why),
		Next: "Nothing was changed. Plan again to see what is in it."}
}
