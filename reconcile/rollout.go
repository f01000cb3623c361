package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// rollingOut reports whether what is published is being rolled out: the Store
// takes no submission then, but the steps of the rollout.
func (p *proposed) rollingOut() bool { return p.observed.Running != nil && p.observed.Running.Rollout }

// takeSteps keeps to the steps of a running rollout where there are any: they
// act on what is published, and everything else has to wait for its end. It
// reports whether the request is for steps.
func (p *proposed) takeSteps(request *LowerRequest) bool {
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
	waiting := len(left) > 0 || request.Submit || len(request.Owed) > 0
	if len(steps) == 0 || request.Draft && waiting {
		return false
	}
	p.direct, p.steps = true, steps
	if waiting {
		p.left = &leftOver{changes: left}
		p.notice(plan.PathRollout, "Submission %s is being rolled out: only the step of the rollout is done now. The rest waits until the rollout has ended.", p.observed.Running.ID)
	}
	request.Changes, request.Submit, request.Owed = steps, false, nil
	return true
}

// leftOver is what a plan leaves undone, as it has to wait for something.
type leftOver struct{ changes []plan.Change }

// leaves reports whether a path is known to stay as it is.
func (p *proposed) leaves(path plan.Path) bool {
	return p.left != nil && slices.ContainsFunc(p.left.changes, func(c plan.Change) bool { return path.Under(c.Path) || c.Path.Under(path) })
}

// unfinished is why the product is not whole yet after the steps were taken, nil
// when it is.
func (p *proposed) unfinished() error {
	if p.left == nil {
		return nil
	}
	running := *p.observed.Running
	if !p.EndsRollout() {
		return blockedBy(p.plan.Address, running, "")
	}
	return &plan.Failure{Class: plan.ClassPending,
		Err:  fmt.Errorf("%s: the rollout of submission %s was ended; what else the manifest says was not applied yet", p.plan.Address, running.ID),
		Next: "Run apply again: it submits the rest."}
}

// endsRollout reports whether a step is more than a new percentage.
func (p *proposed) EndsRollout() bool {
	return slices.ContainsFunc(p.steps, func(c plan.Change) bool { return c.Path != plan.PathPercentage })
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

// stepped brings what was last submitted in line with a step that was taken,
// so that it is not taken for somebody's edit; it reports whether that is news.
func (p *proposed) stepped(operation plan.Operation) bool {
	if p.record.Submitted == nil || len(p.steps) == 0 {
		return false
	}
	known := maps.Clone(p.record.Submitted.Digests)
	for _, step := range p.steps {
		switch {
		case !plan.UnderAny(step.Path, operation.Covers):
		case step.Path == plan.PathPercentage:
			known[plan.PathPercentage] = plan.DigestOf(p.target[plan.PathPercentage])
		default:
			// It has ended: the Store shows none any more.
			maps.DeleteFunc(known, func(path plan.Path, _ string) bool { return path.Under(plan.PathRollout) })
		}
	}
	if maps.Equal(known, p.record.Submitted.Digests) {
		return false
	}
	p.record.Submitted = &record.Snapshot{Digests: known, Unread: p.record.Submitted.Unread}
	return true
}
