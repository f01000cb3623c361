package msix

import (
	"context"
	"fmt"

	"github.com/storesync/storesync/reconcile"
)

// ReadBack takes what is stored from the answer to the write, or reads the
// draft when that answered with less, and converts it the way observing does.
// All of the submission counts: a commit sends all of it.
func (b *backend) ReadBack(ctx context.Context, call reconcile.Call, record *reconcile.Record) (*reconcile.ReadBack, error) {
	if call.Operation.ID != stepVerify && call.Operation.ID != stepVerifyAgain {
		return nil, fmt.Errorf("%s is not a read-back of the MSIX API", call.Operation.ID)
	}
	ctx = b.guardedCall(ctx, call)
	stored, err := b.readBack(ctx, call, record)
	return stored, b.hideError(ctx, call.Manifest, err)
}

func (b *backend) readBack(ctx context.Context, call reconcile.Call, record *reconcile.Record) (*reconcile.ReadBack, error) {
	draft, err := b.storedDraft(ctx, call)
	if err != nil {
		return nil, err
	}
	if status := draft.status().Status; status != "" && status != statusPendingCommit {
		return nil, writable(ctx, draft)
	}
	state, err := stateOf(draft, call.Manifest, record)
	if err != nil {
		return nil, err
	}
	return &reconcile.ReadBack{State: state, Scope: []reconcile.Path{"*"}}, nil
}

// storedDraft is the draft as the Store has it now.
func (b *backend) storedDraft(ctx context.Context, call reconcile.Call) (*document, error) {
	id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	if call.Operation.ID == stepVerifyAgain {
		return b.client.submission(ctx, call.Manifest.MsixApp.AppID, id)
	}
	step := stepPut
	if _, written := call.Outputs[stepPut]; !written {
		step = stepDraft // Nothing was written since it was read.
	}
	if answer, err := parseDocument(call.Outputs[step]); err == nil && answer.whole() && answer.id() == id {
		return answer, nil
	}
	return b.client.submission(ctx, call.Manifest.MsixApp.AppID, id)
}
