package msiexe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// maxTries bounds how often a write is sent that the Store was not ready for,
// or whose lost answer reading has settled as "not carried out".
const maxTries = 3

// Execute carries out one operation. No sensitive value of the manifest, or
// filled into the body, is in what it says, whatever the Store repeats of what
// it was sent.
func (b *backend) Execute(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	ctx = storehttp.WithSecrets(b.guarded(ctx, call.Manifest), filledIn(call.Operation)...)
	result, err := b.execute(ctx, call)
	return result, hideError(ctx, err)
}

func (b *backend) execute(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	id := call.Operation.ID
	switch call.Operation.Verb {
	case plan.VerbUpload:
		return b.upload(ctx, call)
	case plan.VerbWait:
		return &reconcile.Result{}, b.waitReady(ctx, call.Manifest, call.Progress)
	case plan.VerbVerify:
		return nil, fmt.Errorf("%s is read back, not executed", id)
	}
	switch {
	case id == stepSubmit:
		return b.submit(ctx, call)
	case id == stepPackageIDs:
		packages, err := b.client.packages(ctx, call.Manifest.MsiExeApp.ProductID)
		return &reconcile.Result{Output: encode(none(packages))}, err
	case call.Operation.Effect == plan.EffectRead:
		return b.readAddresses(ctx, call)
	}
	return b.write(ctx, call)
}

// write sends a request that changes the draft.
func (b *backend) write(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	body := call.Operation.Body
	result, err := b.sendWhenReady(ctx, call, body)
	if err == nil && call.Operation.Path == assetsCreatePath(call.Manifest.MsiExeApp.ProductID) {
		result.Output, err = createdAssets(result.Output, body)
	}
	if err == nil {
		return result, nil
	}
	isMetadata := call.Operation.Path == metadataPath(call.Manifest.MsiExeApp.ProductID)
	switch {
	case isMetadata && b.refusesPatch(ctx, call, err):
		return nil, patchRefused(err)
	case isMetadata && refused(err):
		if parts := split(body); len(parts) > 1 {
			return b.sendApart(ctx, call, parts)
		}
	}
	return nil, withAdvice(call.Manifest, err)
}

// sendWhenReady sends one body. A refusal that comes of a draft that is not
// ready is waited out: the Store checks that all modules are ready before it
// takes a change (the API page).
func (b *backend) sendWhenReady(ctx context.Context, call reconcile.Call, body json.RawMessage) (*reconcile.Result, error) {
	op := call.Operation
	var last error
	for range maxTries {
		a, err := b.client.send(ctx, op.Summary, op.Method, op.Path, body)
		if err == nil {
			return &reconcile.Result{Output: a.Data, Warnings: a.Warnings}, b.watch(ctx, call, a)
		}
		last = err
		again := false
		switch {
		case storehttp.IsUnknownOutcome(err):
			again, err = b.settleWrite(ctx, call, err)
			if !again && err == nil {
				return &reconcile.Result{}, nil
			}
		case refused(err):
			again, err = b.becameReady(ctx, call, err)
		}
		if !again {
			return nil, err
		}
	}
	return nil, last
}

// refused reports whether the service itself turned a request down, having
// read it: not a matter of credentials, paths, methods or load.
func refused(err error) bool {
	e, ok := errors.AsType[*storehttp.Error](err)
	if !ok || e.Unknown {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= 200 && e.Status < 300 || e.Status >= 400 && e.Status < 500
}

// becameReady finds out why a write was refused. When the draft was not ready
// it waits until it is, and the write may be sent again; a running submission
// is named; anything else is the refusal itself.
func (b *backend) becameReady(ctx context.Context, call reconcile.Call, refusal error) (again bool, err error) {
	s, err := b.client.status(ctx, call.Manifest.MsiExeApp.ProductID)
	switch {
	case err != nil || s.IsReady && s.OngoingSubmissionID == "":
		return false, refusal
	case s.OngoingSubmissionID != "":
		return false, blocked(s.OngoingSubmissionID)
	case fatal(call.Manifest, s.Messages) != nil:
		return false, refusal
	}
	if err := b.waitReady(ctx, call.Manifest, call.Progress); err != nil {
		return false, err
	}
	return true, nil
}

// watch waits for the work that a write set off where the answer says where to
// look. The packages' commit is waited for by the step after it.
func (b *backend) watch(ctx context.Context, call reconcile.Call, a *answer) error {
	if a.PollingURL == "" || call.Operation.ID == stepPackagesCommit {
		return nil
	}
	path, err := pollPath(a.PollingURL)
	if err != nil || !strings.EqualFold(path, statusPath(call.Manifest.MsiExeApp.ProductID)) {
		// An address that is not the status of this product is not followed.
		return nil
	}
	return b.waitReady(ctx, call.Manifest, call.Progress)
}

// settleWrite reads what became of a write whose answer was lost. PUT and
// PATCH hold the values to be, and were sent again by the pipeline already, so
// they stay in doubt. A create leaves at worst ids that nothing refers to, and
// a commit of committed packages changes nothing, so both may be sent again
// once the status has been read.
func (b *backend) settleWrite(ctx context.Context, call reconcile.Call, lost error) (again bool, err error) {
	if call.Operation.Method != http.MethodPost {
		return false, plan.InDoubt(lost)
	}
	s, err := b.client.status(ctx, call.Manifest.MsiExeApp.ProductID)
	if err != nil {
		return false, plan.InDoubt(lost)
	}
	if s.OngoingSubmissionID != "" {
		return false, blocked(s.OngoingSubmissionID)
	}
	if call.Operation.ID == stepPackagesCommit && !s.IsReady && aboutPackages(s.Messages) {
		return false, nil // It arrived: the Store works on the packages.
	}
	return true, nil
}

func aboutPackages(messages []message) bool {
	for _, m := range messages {
		if strings.EqualFold(m.Target, modulePackages) {
			return true
		}
	}
	return false
}

// refusesPatch reports whether the service offers no PATCH on metadata. A 404
// says so only when the product's metadata can be read.
func (b *backend) refusesPatch(ctx context.Context, call reconcile.Call, err error) bool {
	if call.Operation.Method != http.MethodPatch || !storehttp.IsMethodRefused(err) {
		return false
	}
	if !storehttp.IsNotFound(err) {
		return true
	}
	_, readErr := b.client.module(ctx, call.Manifest.MsiExeApp.ProductID, moduleAvailability, nil)
	return readErr == nil
}

func patchRefused(err error) error {
	cause := err
	if failure, ok := errors.AsType[*plan.Failure](err); ok {
		cause = failure.Err
	}
	return &plan.Failure{Class: plan.ClassError,
		Err: fmt.Errorf("the Store refuses PATCH on metadata: %w", cause),
		Next: "Run the same command with --metadata-write put: it sends the module that was read back with the change in it, and keeps every other field. " +
			"Nothing was submitted."}
}
