package msix

import (
	"context"
	"fmt"
	"net/http"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// create makes a draft, a copy of the published submission. The service has
// answered 503 and made it all the same (StoreBroker issue 123), so after a
// lost answer it looks: a pending draft that equals what is published is ours,
// or as good as ours.
func (b *backend) create(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	app := call.Manifest.MsixApp.AppID
	sent := false // A create may have reached the Store.
	var last error
	for range maxTries {
		created, err := b.createOnce(ctx, app)
		if err == nil {
			return createResult(created), nil
		}
		last = err
		if sent = sent || storehttp.IsUnknownOutcome(err); !sent {
			return nil, err
		}
		clone, err := b.pendingClone(ctx, app)
		switch {
		case err != nil && reconcile.ClassOf(err) == reconcile.ClassRefused:
			return nil, err
		case err != nil:
			return nil, reconcile.InDoubt(last)
		case clone != nil:
			return createResult(clone), nil
		case !storehttp.IsUnknownOutcome(last):
			return nil, last
		}
	}
	return nil, reconcile.InDoubt(last)
}

func createResult(draft *document) *reconcile.Result {
	return &reconcile.Result{Output: draft.raw(), Draft: draft.id()}
}

// createOnce asks for the short answer: with the whole submission in it, large
// ones have timed out with 500 (StoreBroker and msstore-cli ask so, too; the
// parameter is not documented). Either answer will do.
func (b *backend) createOnce(ctx context.Context, app string) (*document, error) {
	request := storehttp.Request{Op: "make a draft of app " + app, Method: http.MethodPost, Path: createPath(app)}
	body, err := b.client.call(ctx, request)
	if err != nil {
		return nil, err
	}
	return submissionOf(ctx, request, body, "")
}

// answersToBelieve is how many answers in a row must know of no draft before a
// create counts as lost on the way.
const answersToBelieve = 3

// pendingClone is the app's pending draft when it equals what is published;
// nil when no draft is pending.
func (b *backend) pendingClone(ctx context.Context, app string) (*document, error) {
	var found *application
	answers := 0
	err := storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		var err error
		found, err = b.client.application(ctx, app)
		answers++
		return err == nil && (found.Pending != nil || answers == answersToBelieve), err
	})
	if err != nil || found.Pending == nil {
		return nil, err
	}
	draft, err := b.client.submission(ctx, app, string(found.Pending.ID))
	if err != nil {
		return nil, err
	}
	if err := writable(ctx, draft); err != nil {
		return nil, err
	}
	if found.LastPublished == nil {
		return nil, foreignDraft(draft, "the app has no published submission that it could be a copy of")
	}
	published, err := b.client.submission(ctx, app, string(found.LastPublished.ID))
	if err != nil {
		return nil, err
	}
	if draft.digest() != published.digest() {
		return nil, foreignDraft(draft, "it is not a copy of what is published")
	}
	return draft, nil
}

// foreignDraft refuses a draft that turned up instead of ours.
func foreignDraft(draft *document, why string) error {
	return &reconcile.Failure{Class: reconcile.ClassRefused,
		Err:  fmt.Errorf("draft %s turned up while one was made, and storesync did not make it: %s", draft.id(), why),
		Next: "Nothing was changed. Plan again to see what is in it."}
}
