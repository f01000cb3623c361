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

// draftOf is the id of the submission that an operation is about: the one in
// its path, or the one that create made.
func draftOf(call reconcile.Call) (string, error) {
	rest, below := strings.CutPrefix(call.Operation.Path, submissionsPath(call.Manifest.MsixApp.AppID)+"/")
	if !below {
		return "", fmt.Errorf("%s is not about a submission of app %s", call.Operation.ID, call.Manifest.MsixApp.AppID)
	}
	if strings.HasPrefix(rest, draftID) {
		return createdID(call.Outputs)
	}
	name, _, _ := strings.Cut(rest, "/")
	id, err := url.PathUnescape(name)
	if err != nil || id == "" {
		return "", fmt.Errorf("%s names no submission", call.Operation.ID)
	}
	return id, nil
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
	app := call.Manifest.MsixApp.AppID
	id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	_, fresh := call.Outputs[stepCreate]
	var draft *document
	missed := 0
	err = storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		draft, err = b.client.submission(ctx, app, id)
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
	return &reconcile.Result{Output: draft.raw(), Draft: id}, nil
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
		return &reconcile.Failure{Class: reconcile.ClassRefused,
			Err:  fmt.Errorf("submission %s is %s, so it is no draft any more", draft.id(), shownStatus(ctx, status)),
			Next: "Somebody committed it since the plan was made. Nothing was changed. Plan again."}
	}
	if draft.uploadURL().Reveal() == "" {
		return &reconcile.Failure{Class: reconcile.ClassRefused,
			Err:  fmt.Errorf("draft %s was made in Partner Center, so the API can neither change, delete nor commit it", draft.id()),
			Next: "Nothing was changed. Submit or delete it in Partner Center, then apply again."}
	}
	return nil
}

// discard deletes a pending draft. It looks first: the draft of an app that
// was never published cannot be made again by the API.
func (b *backend) discard(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	return &reconcile.Result{}, b.deleteDraft(ctx, call.Manifest.MsixApp.AppID, id)
}

func (b *backend) deleteDraft(ctx context.Context, app, id string) error {
	found, err := b.client.application(ctx, app)
	switch {
	case err != nil:
		return err
	case found.LastPublished == nil:
		return &reconcile.Failure{Class: reconcile.ClassRefused,
			Err:  fmt.Errorf("draft %s is the first submission of app %s: once deleted, the API cannot make it again", id, app),
			Next: "Nothing was changed. Finish the first submission in Partner Center, or delete it there."}
	case found.Pending == nil || string(found.Pending.ID) != id:
		return nil // It is gone already.
	}
	op := fmt.Sprintf("delete draft %s of app %s", id, app)
	_, err = b.client.send(ctx, op, http.MethodDelete, submissionPath(app, id), nil)
	if err == nil || storehttp.IsNotFound(err) {
		return nil
	}
	if !storehttp.IsUnknownOutcome(err) {
		return err
	}
	found, readErr := b.client.application(ctx, app)
	switch {
	case readErr != nil:
		return reconcile.InDoubt(err)
	case found.Pending == nil || string(found.Pending.ID) != id:
		return nil
	}
	return err
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
