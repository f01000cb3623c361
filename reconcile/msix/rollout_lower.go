package msix

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// The steps of a rollout that is running, by id. Execute takes the submission
// from their Path.
const (
	stepRolloutPercentage = "rollout.percentage"
	stepRolloutFinalize   = "rollout.finalize"
	stepRolloutHalt       = "rollout.halt"
)

// The last segments of the rollout methods' addresses
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#manage-gradual-package-rollout).
const (
	methodRollout           = "/packagerollout"
	methodRolloutPercentage = "/updatepackagerolloutpercentage"
	methodRolloutFinalize   = "/finalizepackagerollout"
	methodRolloutHalt       = "/haltpackagerollout"
)

// rolloutSteps are the operations that move the rollout that is running, or end
// it: one call on what is published, and no submission. There are none while no
// rollout runs: what changes below rollout then belongs to a new submission.
func (l *lowering) rolloutSteps() []plan.Operation {
	if l.Observed.Running == nil || !l.Observed.Running.Rollout {
		return nil
	}
	var steps []plan.Operation
	for _, change := range l.Changes {
		step := plan.Operation{
			Verb: plan.VerbCall, Method: http.MethodPost, Path: l.rolloutPath(change),
			Covers: []plan.Path{change.Path}, Effect: plan.EffectPublish,
		}
		switch change.Path {
		case rolloutPath:
			share, _ := percentageOf(l.Target[rolloutPath])
			step.ID, step.Summary = stepRolloutPercentage, "rolls the published packages out to "+percentText(share)+" of the customers, at once"
		case rolloutFinalized:
			step.ID, step.Summary = stepRolloutFinalize, "ends the rollout: gives the published packages to all customers, at once"
		case rolloutHalted:
			step.ID, step.Effect = stepRolloutHalt, plan.EffectDestroy
			step.Summary = "ends the rollout for good: nobody else gets the published packages; who has them keeps them"
		default:
			continue
		}
		steps = append(steps, step)
	}
	return steps
}

// rolloutPath is where the step of a change goes.
func (l *lowering) rolloutPath(change plan.Change) string {
	submission := l.submissionPath(l.Observed.Running.ID)
	switch change.Path {
	case rolloutFinalized:
		return submission + methodRolloutFinalize
	case rolloutHalted:
		return submission + methodRolloutHalt
	}
	share, _ := percentageOf(l.Target[rolloutPath])
	return submission + methodRolloutPercentage + "?percentage=" + percentNumber(share)
}

// newSetRollout is the rollout of the target that a new submission starts with,
// an empty value for none. While a rollout runs, the target's is the running
// one, which no submission takes over.
func (l *lowering) newSetRollout() plan.Value {
	if !l.base.isRollingOut() {
		return l.Target[rolloutPath]
	}
	if r := rolloutOf(l.Manifest); r != nil && r.Percentage != nil && hasNewPackages(l.target) {
		return percentageValue(*r.Percentage)
	}
	return unset()
}

// rollout are the steps of the patch that set the rollout of a new package set,
// or take it off a draft that has one. They stand beside the patch of the rest:
// a fresh draft may hold other rollout values than what is published, so that
// only adding is sure to fit.
func (l *lowering) rollout() []patchStep {
	wanted, has := l.newSetRollout(), l.base.rollout()
	switch {
	case !wanted.Empty():
		if has.is(wanted) && !l.fresh() && !l.unwritten() {
			return nil
		}
		return append(l.openDelivery(), patchStep{Op: patchAdd, Path: rolloutPointer, Value: startOf(wanted)})
	case !has.Enabled || l.fresh():
		// Execute takes an inherited rollout off a fresh draft.
		return nil
	case l.Use == reconcile.UsePending, l.unwritten(), hasNewPackages(l.target):
		return []patchStep{
			{Op: patchReplace, Path: rolloutPointer + "/isPackageRollout", Value: encode(false)},
			{Op: patchAdd, Path: rolloutPointer + "/packageRolloutPercentage", Value: json.RawMessage("0")},
		}
	}
	return nil
}

// startOf is the whole object, as the API page shows one that has not begun:
// a draft may have been made without one, and the Store drops what is set inside
// of nothing.
func startOf(percentage plan.Value) json.RawMessage {
	return encode(map[string]json.RawMessage{
		"isPackageRollout": encode(true), "packageRolloutPercentage": percentage.JSON,
		"packageRolloutStatus": encode(rolloutNotStarted), "fallbackSubmissionId": encode("0"),
	})
}

// openDelivery makes the object that the rollout lies in where the target has
// none. A draft that is a copy of the base then has none either.
func (l *lowering) openDelivery() []patchStep {
	if there := l.target.find(pointerTo(fieldDelivery)); there != nil && there.members != nil {
		return nil
	}
	return []patchStep{{Op: patchAdd, Path: pointerTo(fieldDelivery), Value: json.RawMessage("{}")}}
}

// is reports whether the rollout is the wanted one already.
func (r packageRollout) is(wanted plan.Value) bool {
	return r.Enabled && sameValue(percentageValue(r.Percentage), wanted)
}

// withoutInheritedRollout takes the rollout of the published packages off a
// draft: the copy comes with it (msstore-cli issue 110), and packages that
// nobody meant to hold back would reach a share of the customers only. A
// rollout that the patch sets stays, and so does one on a draft that is gone on
// with: its status, which the service alone writes, may be the one of the
// published packages though the rollout is ours. Lowering takes it off there
// where it has to go.
func withoutInheritedRollout(target *document, steps []patchStep, fresh bool) error {
	if !fresh || touches(steps, rolloutPointer) || !target.rollout().Enabled {
		return nil
	}
	return errors.Join(target.set(rolloutPointer+"/isPackageRollout", json.RawMessage("false")),
		target.set(rolloutPointer+"/packageRolloutPercentage", json.RawMessage("0")))
}
