package msiexe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// submit turns the draft into a submission. It comes after a status that named
// no running one, and a product has at most one: one that runs after an answer
// was lost is ours.
func (b *backend) submit(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	product := call.Manifest.MsiExeApp.ProductID
	sent := false // A submit may have reached the Store.
	var last error
	for range maxTries {
		a, err := b.client.send(ctx, call.Operation.Summary, call.Operation.Method, call.Operation.Path, nil)
		if err == nil {
			return b.submitted(ctx, product, a)
		}
		last = err
		if storehttp.IsUnknownOutcome(err) {
			sent = true
			id, settled := b.runningNow(ctx, product)
			if !settled {
				return nil, plan.InDoubt(err)
			}
			if id != "" {
				return &reconcile.Result{Submission: id}, nil
			}
			continue // Two answers in a row knew of none: it did not arrive.
		}
		if !refused(err) {
			return nil, withAdvice(call.Manifest, err)
		}
		again, err := b.becameReady(ctx, call, err)
		if sent {
			if id, settled := b.runningNow(ctx, product); settled && id != "" {
				return &reconcile.Result{Submission: id}, nil
			}
		}
		if !again {
			return nil, withAdvice(call.Manifest, err)
		}
	}
	if sent {
		return nil, plan.InDoubt(last)
	}
	return nil, withAdvice(call.Manifest, last)
}

// submitted is the result of a submit that was answered with success.
func (b *backend) submitted(ctx context.Context, product string, a *answer) (*reconcile.Result, error) {
	var data struct {
		SubmissionID flexString `json:"submissionId"`
	}
	if len(a.Data) > 0 {
		if err := json.Unmarshal(a.Data, &data); err != nil {
			return nil, plan.InDoubt(fmt.Errorf("read the answer to submit: %w", err))
		}
	}
	id := string(data.SubmissionID)
	if id == "" {
		id = a.OngoingSubmissionID
	}
	if id == "" {
		id, _ = b.runningNow(ctx, product)
	}
	if id == "" {
		return nil, plan.InDoubt(errors.New("the Store accepted the submission but did not say its id"))
	}
	return &reconcile.Result{Submission: id, Output: a.Data, Warnings: a.Warnings}, nil
}

// answersToBelieve is how many answers in a row must know of no submission:
// just after a submit the status may briefly say that the draft is ready
// (observed 2026-02).
const answersToBelieve = 2

// runningNow reads which submission runs; settled is false when that could not
// be read.
func (b *backend) runningNow(ctx context.Context, product string) (id string, settled bool) {
	answers := 0
	err := storehttp.Poll(ctx, b.poll, func(ctx context.Context) (bool, error) {
		s, err := b.client.status(ctx, product)
		if err != nil {
			return false, err
		}
		answers++
		id = s.OngoingSubmissionID
		return id != "" || answers == answersToBelieve, nil
	})
	return id, err == nil
}
