package msix

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// commit hands the draft over to certification. It is sent once: whether it
// arrived when its answer was lost, or is refused, is read from the status.
func (b *backend) commit(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return nil, err
	}
	op := fmt.Sprintf("commit draft %s of %s", id, p)
	answer, err := b.client.send(ctx, op, http.MethodPost, p.commitPath(id), nil)
	switch {
	case err == nil:
		return &reconcile.Result{Submission: id, Output: answer}, nil
	case storehttp.IsUnknownOutcome(err):
		return b.settleCommit(ctx, p, id, err)
	case stateRefused(err):
		// A commit of ours whose answer was lost is found by observing, so
		// this one is somebody else's, of whatever the draft held then.
		if s, readErr := b.client.submissionStatus(ctx, p, id); readErr == nil && isCommitted(s.Status) {
			return nil, &plan.Failure{Class: plan.ClassRefused,
				Err:  fmt.Errorf("somebody else committed draft %s at the same time; it is %s", id, s.Status),
				Next: "What is in it may be theirs. Plan again when it has ended, and keep two jobs from applying to one product."}
		}
	}
	return nil, err
}

// stateRefused reports whether a request was refused because of the state that
// the submission is in.
func stateRefused(err error) bool {
	e, ok := errors.AsType[*storehttp.Error](err)
	return ok && (e.Status == http.StatusConflict || e.Status == http.StatusBadRequest) && !isPortalMade(err) && !storehttp.IsForeign(err)
}

// isCommitted reports whether a submission is past the draft, however it goes on.
func isCommitted(status string) bool {
	return atOrBeyond(status, statusCommitStarted) || hasFailed(status)
}

// settleCommit reads what became of a commit whose answer was lost.
func (b *backend) settleCommit(ctx context.Context, p product, id string, lost error) (*reconcile.Result, error) {
	committed, answers, missed := false, 0, 0
	err := storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		s, err := b.client.submissionStatus(ctx, p, id)
		if storehttp.IsNotFound(err) {
			// Known to be answered for a while about what is there.
			if missed++; missed < notFoundYet {
				return false, nil
			}
		}
		if err != nil {
			return false, err
		}
		answers++
		committed = isCommitted(s.Status)
		return committed || answers == answersToBelieve, nil
	})
	switch {
	case err != nil:
		return nil, plan.InDoubt(lost)
	case committed:
		return &reconcile.Result{Submission: id}, nil
	}
	return nil, &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%w; draft %s is still a draft, so the commit did not arrive", settled(lost), id),
		Next: "Nothing was submitted. Run the same command again: it commits the draft as it is."}
}
