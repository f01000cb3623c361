package msix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
)

// rolloutStep is a step of a running rollout that is about to be sent.
type rolloutStep struct {
	// what names the step, of what submission it is, both in words.
	what, of string
	// path is the operation's, submission that of the submission itself.
	path, submission string
	// done reports whether a rollout is where the step brings it.
	done func(packageRollout) bool
}

// rolloutStep carries a step out on what is published. What became of one whose
// answer was lost, or that was refused, is read from the rollout itself. A step
// that did not arrive is sent again: sent twice it does no more than once, since
// it names where the rollout is to be and not how far it moves.
func (b *backend) rolloutStep(ctx context.Context, call reconcile.Call) (*reconcile.Result, error) {
	step, err := rolloutStepOf(call)
	if err != nil {
		return nil, err
	}
	var last error
	for range maxTries {
		answer, err := b.client.send(ctx, step.what, http.MethodPost, step.path, nil)
		switch {
		case err == nil:
			return b.checkRollout(ctx, step, answer)
		case stateRefused(err):
			return b.explainRollout(ctx, step, err)
		case !storehttp.IsUnknownOutcome(err):
			return nil, err
		}
		last = err
		switch done, err := b.settleRollout(ctx, step); {
		case err != nil:
			return nil, plan.InDoubt(last)
		case done:
			return &reconcile.Result{}, nil
		}
	}
	return nil, &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%w; the rollout is where it was, so the step did not arrive", settled(last)),
		Next: "Nothing was changed. Run the same command again."}
}

// rolloutStepOf reads a step from its operation.
func rolloutStepOf(call reconcile.Call) (rolloutStep, error) {
	p, id, err := draftOf(call)
	if err != nil {
		return rolloutStep{}, err
	}
	step := rolloutStep{path: call.Operation.Path, submission: p.submissionPath(id), of: fmt.Sprintf("of submission %s of %s", id, p)}
	switch call.Operation.ID {
	case stepRolloutFinalize:
		step.what, step.done = "finalize the rollout "+step.of, func(r packageRollout) bool { return r.Status == rolloutComplete }
	case stepRolloutHalt:
		step.what, step.done = "halt the rollout "+step.of, func(r packageRollout) bool { return r.Status == rolloutStopped }
	case stepRolloutPercentage:
		share, err := shareIn(step.path)
		if err != nil {
			return rolloutStep{}, err
		}
		step.what = fmt.Sprintf("raise the rollout %s to %s", step.of, percentText(share))
		step.done = func(r packageRollout) bool { return r.Status == rolloutInProgress && r.Percentage == share }
	default:
		return rolloutStep{}, fmt.Errorf("%s is no step of a rollout", call.Operation.ID)
	}
	return step, nil
}

// shareIn is the percentage that a step's path names.
func shareIn(path string) (float64, error) {
	_, rawQuery, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return 0, fmt.Errorf("%s: the query is not one", stepRolloutPercentage)
	}
	share, err := strconv.ParseFloat(query.Get("percentage"), 64)
	if err != nil {
		return 0, fmt.Errorf("%s names no percentage", stepRolloutPercentage)
	}
	return share, nil
}

// checkRollout compares the answer to a step, or the rollout where the answer
// says nothing, with what the step is for.
func (b *backend) checkRollout(ctx context.Context, step rolloutStep, answer json.RawMessage) (*reconcile.Result, error) {
	now, err := parseRollout(answer)
	if err != nil {
		if now, err = b.readRollout(ctx, step); err != nil {
			return nil, err
		}
	}
	if !step.done(now) {
		return nil, &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s: the Store took it, and now the rollout is %s", step.what, rolloutIs(ctx, now)),
			Next: "Somebody else may be moving it. Plan again and look where it stands."}
	}
	return &reconcile.Result{}, nil
}

// settleRollout reads whether a step whose answer was lost was carried out.
func (b *backend) settleRollout(ctx context.Context, step rolloutStep) (bool, error) {
	done, answers := false, 0
	err := storehttp.Poll(ctx, b.settling(), func(ctx context.Context) (bool, error) {
		now, err := b.readRollout(ctx, step)
		if err != nil {
			return false, err
		}
		answers++
		done = step.done(now)
		return done || answers == answersToBelieve, nil
	})
	return done, err
}

// explainRollout says why a step was refused: the Store takes steps of a rollout
// only while it is in progress, and one code stands for all its reasons
// (https://learn.microsoft.com/windows/uwp/monetize/halt-the-package-rollout-for-an-app-submission#error-codes).
func (b *backend) explainRollout(ctx context.Context, step rolloutStep, refused error) (*reconcile.Result, error) {
	if isUnsupported(refused) {
		return nil, &plan.Failure{Class: plan.ClassError, Err: withoutAdvice(refused),
			Next: "Nothing was changed. The API does not move rollouts of this product: do it in Partner Center, on the product's overview page."}
	}
	now, err := b.readRollout(ctx, step)
	switch {
	case err != nil:
		return nil, refused
	case step.done(now):
		return &reconcile.Result{Warnings: []string{"the rollout was there already: " + rolloutIs(ctx, now)}}, nil
	case now.Status != rolloutInProgress:
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err:  fmt.Errorf("the rollout has ended meanwhile, it is %s: %w", rolloutIs(ctx, now), withoutAdvice(refused)),
			Next: "Nothing was changed. Plan again to see what there is to do now."}
	}
	return nil, &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("the Store refused a step of the rollout, which is %s: %w", rolloutIs(ctx, now), withoutAdvice(refused)),
		Next: "Nothing was changed. Run the same command again in some minutes; if it stays so, move the rollout in Partner Center, on the product's overview page."}
}

// withoutAdvice is the error of a request without what explain added.
func withoutAdvice(err error) error {
	if failure, ok := errors.AsType[*plan.Failure](err); ok {
		return failure.Err
	}
	return err
}

// readRollout reads how far the packages of a submission are rolled out.
func (b *backend) readRollout(ctx context.Context, step rolloutStep) (packageRollout, error) {
	request := storehttp.Request{Op: "read the rollout " + step.of, Method: http.MethodGet, Path: step.submission + methodRollout}
	body, err := b.client.call(ctx, request)
	if err != nil {
		return packageRollout{}, err
	}
	now, err := parseRollout(body)
	if err != nil {
		return packageRollout{}, strange(request, "the answer is not a rollout")
	}
	return now, nil
}

// parseRollout reads the answer of a rollout method.
func parseRollout(answer json.RawMessage) (packageRollout, error) {
	var now packageRollout
	if err := json.Unmarshal(answer, &now); err != nil {
		return now, fmt.Errorf("read the rollout: %w", typeProblem(err))
	}
	if now.Status == "" {
		return now, errors.New("read the rollout: the answer has no packageRolloutStatus")
	}
	return now, nil
}

// rolloutIs says where a rollout stands.
func rolloutIs(ctx context.Context, r packageRollout) string {
	return fmt.Sprintf("%s at %s", storehttp.Shown(ctx, r.Status), percentText(r.Percentage))
}
