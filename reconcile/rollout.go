package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// takeSteps keeps to the steps of a running rollout where there are any: they
// act on what is published, and everything else has to wait for its end. It
// reports whether the request is for steps.
func (p *planned) takeSteps(request *LowerRequest) bool {
	if !p.rollingOut() {
		return false
	}
	var steps, left []plan.Change
	for _, change := range request.Changes {
		if change.Path.Under(plan.PathRollout) {
			steps = append(steps, change)
		} else {
			left = append(left, change)
		}
	}
	waits := len(left) > 0 || request.Submit
	if len(steps) == 0 || request.Draft && waits {
		return false
	}
	p.direct, p.steps, p.waits, p.waiting = true, steps, waits, left
	if waits {
		p.notice(plan.PathRollout, "Submission %s is being rolled out: only the step of the rollout is done now. The rest waits until the rollout has ended.", p.product.Running.ID)
	}
	request.Changes, request.Submit, request.Unfinished = steps, false, nil
	return true
}

// leaves reports whether a path is known to stay as it is, as it has to wait.
func (p *planned) leaves(path plan.Path) bool {
	return plan.RelatedTo(path, plan.PathsOf(p.waiting))
}

// whatWaits says what a step of a rollout left for later, "" for nothing.
func (p *planned) whatWaits() string {
	switch {
	case !p.direct || !p.waits:
		return ""
	case p.endsRollout():
		return fmt.Sprintf("The rollout of submission %s was ended. What else the manifest says is not applied yet: run apply again, and it submits the rest.", p.product.Running.ID)
	}
	return fmt.Sprintf("What else the manifest says waits until the rollout of submission %s has ended: write `rollout: {finalized: true}` or `rollout: {halted: true}` into the manifest, or end it in Partner Center.", p.product.Running.ID)
}

// endsRollout reports whether a step is more than a new percentage.
func (p *planned) endsRollout() bool {
	return slices.ContainsFunc(p.steps, func(c plan.Change) bool { return c.Path != plan.PathPercentage })
}

// blockedBy says that a running submission is in the way.
func blockedBy(address string, running plan.Submission) error {
	if running.Rollout {
		return blockedByRollout(address, running)
	}
	if running.Done && !running.Failed {
		return &plan.Failure{Class: plan.ClassPending,
			Err:  fmt.Errorf("%s: submission %s is published (%s), and the Store does not take changes yet", address, running.ID, running.Status),
			Next: "Run apply again in a few minutes."}
	}
	return &plan.Failure{Class: plan.ClassPending,
		Err: fmt.Errorf("%s: submission %s is still running (%s); the Store takes no changes until it has ended", address, running.ID, running.Status),
		Next: cmp.Or(running.Next, "Run apply again when it has ended, or let apply wait for it with --wait-running 24h. "+
			"A submission can only be cancelled in Partner Center.")}
}

// blockedByRollout says that a running rollout is in the way, and what can be
// done about it.
func blockedByRollout(address string, running plan.Submission) error {
	next := cmp.Or(running.Next, "Write `rollout: {finalized: true}` into the manifest, and everybody gets these packages; or `rollout: {halted: true}`, and nobody more gets them "+
		"(--allow "+string(plan.GuardHaltRollout)+"="+address+"); or end it in Partner Center. Then run apply again. "+
		"A rollout never ends by itself, also not at 100 %, so waiting for it brings nothing.")
	return &plan.Failure{Class: plan.ClassPending,
		Err: fmt.Errorf("%s: the packages of submission %s are being rolled out (%s); the Store takes no other changes until the rollout is finalized or halted",
			address, running.ID, running.Status),
		Next: next}
}

// noteStep brings what was last published in line with a step that was taken, so
// that it is not taken for somebody's edit; it reports whether that is news.
func (r *running) noteStep(operation plan.Operation) bool {
	known := r.record.Published
	if known == nil || len(r.steps) == 0 {
		return false
	}
	marks := maps.Clone(known.Marks)
	for _, step := range r.steps {
		switch {
		case !plan.UnderAny(step.Path, operation.Covers):
		case step.Path == plan.PathPercentage:
			marks[plan.PathPercentage] = plan.MarkOf(r.target[plan.PathPercentage])
		default:
			// It has ended: the Store shows none any more.
			maps.DeleteFunc(marks, func(path plan.Path, _ plan.Mark) bool { return path.Under(plan.PathRollout) })
		}
	}
	if maps.Equal(marks, known.Marks) {
		return false
	}
	r.record.Published = &provenance.Snapshot{Marks: marks, Unread: known.Unread}
	return true
}
