package msix

import (
	"context"
	"fmt"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// ReadBack takes what is stored from the answer to the write, or reads the
// draft when that answered with less, and converts it the way observing does.
// All of the submission counts: a commit sends all of it. Of a first draft that
// was made in this apply the first read-back compares only what was written:
// what the Store fills in by itself is not known before it.
func (b *backend) ReadBack(ctx context.Context, call reconcile.Call, record *record.Record) (*reconcile.ReadBack, error) {
	if call.Operation.ID != stepVerify && call.Operation.ID != stepVerifyAgain {
		return nil, fmt.Errorf("%s is not a read-back of the MSIX API", call.Operation.ID)
	}
	ctx = b.guardedCall(ctx, call)
	stored, err := b.readBack(ctx, call, record)
	return stored, b.hideError(ctx, call.Manifest, err)
}

func (b *backend) readBack(ctx context.Context, call reconcile.Call, record *record.Record) (*reconcile.ReadBack, error) {
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
	if _, fresh := call.Outputs[stepCreate]; fresh {
		takeInherited(state, draft)
	}
	read := &reconcile.ReadBack{State: state, Scope: []plan.Path{"*"}, Except: identityPaths()}
	if fillsIn(call) {
		read.Scope = call.Operation.Covers
	}
	return read, nil
}

// fillsIn reports whether the draft is a first one, just made, that is read back
// for the first time: as it was read before anything was written to it, nobody
// had worked in it.
func fillsIn(call reconcile.Call) bool {
	if call.Operation.ID != stepVerify {
		return false
	}
	if _, fresh := call.Outputs[stepCreate]; !fresh || !kindOf(call.Manifest).madeByAPI() {
		return false
	}
	draft, err := parseDocument(call.Outputs[stepDraft])
	return err == nil && draft.pristine(kindOf(call.Manifest)) == ""
}

// storedDraft is the draft as the Store has it now.
func (b *backend) storedDraft(ctx context.Context, call reconcile.Call) (*document, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	if call.Operation.ID == stepVerifyAgain {
		return b.client.submission(ctx, p, id)
	}
	step := stepPut
	if _, written := call.Outputs[stepPut]; !written {
		step = stepDraft // Nothing was written since it was read.
	}
	if answer, err := parseDocument(call.Outputs[step]); err == nil && answer.whole(p.kind) && answer.id() == id {
		return answer, nil
	}
	return b.client.submission(ctx, p, id)
}
