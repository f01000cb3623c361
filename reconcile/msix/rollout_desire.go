package msix

import (
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

// rollout sets what the manifest wants of the rollout. newSet is true when the
// manifest brings packages that are not published, and the rollout is theirs.
func (d *desirer) rollout(newSet bool) {
	r := rolloutOf(d.manifest)
	switch {
	case newSet && r != nil && r.Halted:
		d.fail(rolloutHalted, "a new package set cannot start halted",
			"Write percentage to start it. To halt the rollout that is running, write the packages that are live.")
	case newSet && d.live.isRollingOut():
		d.noticeNextSet(r)
	case newSet:
		d.newRollout(r)
	case d.live.isRollingOut():
		d.rolloutStep(r)
	default:
		// A draft whose new packages go has nothing to roll out.
		if !d.observed[rolloutPath].Empty() {
			d.desired.Set[rolloutPath] = unset()
		}
		d.noticeEndedRollout(r)
	}
}

// newRollout starts the rollout of a new package set; finalized is everybody at
// once, which is no rollout. So is none written: what an earlier apply left in
// our draft is taken off it.
func (d *desirer) newRollout(r *schema.Rollout) {
	switch {
	case r == nil, r.Finalized:
		if !d.observed[rolloutPath].Empty() {
			d.desired.Set[rolloutPath] = unset()
		}
	case r.Percentage != nil:
		d.desired.Set[rolloutPath] = exactly(percentageValue(*r.Percentage))
		d.noticeWhole(*r.Percentage)
	}
}

// noticeNextSet: while a rollout runs, what the manifest writes is that of the
// packages that come next. It must not be taken for a step of the running one.
func (d *desirer) noticeNextSet(r *schema.Rollout) {
	if r != nil && r.Percentage != nil {
		d.notice(plan.PathRollout, "%s is for the new packages, which have to wait; the rollout that is running stays at %s",
			percentText(*r.Percentage), percentText(d.live.rollout().Percentage))
	}
}

// rolloutStep moves the rollout that is running, or ends it.
func (d *desirer) rolloutStep(r *schema.Rollout) {
	switch {
	case r == nil:
	case r.Finalized:
		d.desired.Set[rolloutFinalized] = plan.BoolValue(true)
	case r.Halted:
		d.desired.Set[rolloutHalted] = plan.BoolValue(true)
		d.notice(rolloutHalted, "halting is final: who has the packages keeps them, nobody else gets them, and %s", clonedFromHalted)
	case r.Percentage != nil:
		d.desired.Set[rolloutPath] = exactly(percentageValue(*r.Percentage))
		d.noticeWhole(*r.Percentage)
	}
}

// clonedFromHalted is what the API page says of the submission after a halt
// (https://learn.microsoft.com/windows/uwp/monetize/halt-the-package-rollout-for-an-app-submission).
const clonedFromHalted = "the next submission is a copy of the halted one, its packages included: bring others with it"

// noticeWhole: older versions of Windows know no rollouts and wait for the
// finalizing.
func (d *desirer) noticeWhole(percentage float64) {
	if percentage == wholeRollout {
		d.notice(rolloutPath, "100 %% is not finalized: customers on a Windows that knows no rollouts wait, and so does every new submission; write rollout: {finalized: true} to end the rollout")
	}
}

// noticeEndedRollout says where the rollout of the live set stands when it is
// not where the manifest has it, so that a percentage left in git is no riddle.
// Nothing is done: the rollout is over, and the next one begins with packages.
func (d *desirer) noticeEndedRollout(r *schema.Rollout) {
	if r == nil {
		return
	}
	const next = "rollout applies to the next new package set"
	switch status := d.published.Rollout.Status; {
	case status == rolloutStopped && r.Halted:
		d.notice(plan.PathRollout, "the rollout of the live packages is halted, and %s", clonedFromHalted)
	case status == rolloutStopped:
		d.notice(plan.PathRollout, "the rollout of the live packages was halted, which is final; %s, and %s", next, clonedFromHalted)
	case r.Finalized:
		// Everybody has the packages, whether there ever was a rollout or not.
	case status == rolloutComplete:
		d.notice(plan.PathRollout, "the rollout of the live packages is complete; %s", next)
	default:
		d.notice(plan.PathRollout, "no rollout is running and there are no new packages; %s", next)
	}
}

// auditRollout judges the rollout of a target.
func auditRollout(m *schema.Manifest, observed *reconcile.Observed, target plan.State) schema.Diagnostics {
	live, err := baseOf(observed)
	if err != nil {
		return nil // Desire has said so.
	}
	_, starts := percentageOf(target[rolloutPath])
	switch {
	case live.isRollingOut():
		return auditRunning(m, observed, target)
	case starts && observed.Drafts == provenance.FirstDraft:
		return schema.Diagnostics{diagnostic(m, schema.SeverityWarning, rolloutPath, "nothing is published yet, and a gradual rollout is for updates: there are no earlier packages for those who wait",
			"The Store may refuse it, or give the packages to everybody. Leave rollout out of the first submission.")}
	case publishedOf(observed, live).Rollout.Status == rolloutStopped:
		return auditHalted(m, publishedOf(observed, live), target)
	}
	return nil
}

// auditRunning: the share of customers only rises. Who has the packages keeps
// them, so that there is nothing to lower
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
func auditRunning(m *schema.Manifest, observed *reconcile.Observed, target plan.State) schema.Diagnostics {
	at, known := percentageOf(observed.State[rolloutPath])
	wanted, written := percentageOf(target[rolloutPath])
	if !known || !written || wanted >= at {
		return nil
	}
	return schema.Diagnostics{diagnostic(m, schema.SeverityError, rolloutPath,
		fmt.Sprintf("the rollout is at %s and cannot go back to %s: customers who have the packages keep them", percentText(at), percentText(wanted)),
		fmt.Sprintf("Write percentage: %s or more, or end the rollout with rollout: {halted: true} or {finalized: true}.", percentNumber(at)))}
}

// auditHalted refuses a submission that would give packages to everybody whose
// rollout was halted: none inherits a rollout, so what it keeps is for all. No
// word of the manifest lifts that, since one that was written before the halt
// would be taken for consent to it.
func auditHalted(m *schema.Manifest, published publishedSet, target plan.State) schema.Diagnostics {
	kept := published.newestIn(target)
	if len(kept) == 0 {
		return nil
	}
	return schema.Diagnostics{diagnostic(m, schema.SeverityError, plan.PathRollout,
		"the rollout of the live packages was halted, and a new submission that keeps them gives them to all customers",
		fmt.Sprintf("It would keep %s. Write packages of another version. If customers shall have the halted ones after all, submit them in Partner Center.", strings.Join(kept, ", ")))}
}
