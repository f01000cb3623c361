package msix

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// A gradual rollout belongs to a package set: it begins with a submission that
// brings new packages, and then goes on without submissions, by steps that act
// on what is published
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
// Add-ons have no packages and no rollout.

// The paths below plan.PathRollout.
const (
	// rolloutPath is the share of customers that a package set reaches, in
	// percent: of a new one when it is published, of a published one now.
	rolloutPath = plan.PathRollout + "." + fieldPercentage
	// rolloutHalted and rolloutFinalized are the two ways in which a running
	// rollout ends. Neither is ever observed: what has ended has no rollout.
	rolloutHalted    = plan.PathRollout + ".halted"
	rolloutFinalized = plan.PathRollout + ".finalized"
)

// rolloutPointer is where a submission has its rollout.
const rolloutPointer = "/packageDeliveryOptions/packageRollout"

// The values of packageRolloutStatus
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#package-rollout-object).
const (
	rolloutNotStarted = "PackageRolloutNotStarted"
	rolloutInProgress = "PackageRolloutInProgress"
	rolloutComplete   = "PackageRolloutComplete"
	rolloutStopped    = "PackageRolloutStopped"
)

// wholeRollout is the percentage at which a rollout reaches everybody whose
// Windows knows rollouts.
const wholeRollout = 100

// rolloutOf is the rollout that a manifest writes, nil for none.
func rolloutOf(m *schema.Manifest) *schema.Rollout { return specOf(m).Rollout }

// packageRollout is the rollout of a submission, in it and as the answer of the
// rollout methods
// (https://learn.microsoft.com/windows/uwp/monetize/manage-flight-submissions#package-rollout-object).
type packageRollout struct {
	Enabled    bool    `json:"isPackageRollout"`
	Percentage float64 `json:"packageRolloutPercentage"`
	Status     string  `json:"packageRolloutStatus"`
}

// rollout is the rollout that a submission holds; what it lacks, or holds in
// another shape, is zero.
func (d *document) rollout() packageRollout {
	var r packageRollout
	for member, field := range map[string]any{"isPackageRollout": &r.Enabled, "packageRolloutPercentage": &r.Percentage, "packageRolloutStatus": &r.Status} {
		if raw, ok := d.get(rolloutPointer + "/" + member); ok {
			// One member of another shape hides no other.
			_ = json.Unmarshal(raw, field)
		}
	}
	return r
}

// isRollingOut reports whether a submission is published and its packages are
// being rolled out. A draft says nothing of it: it may be a copy of one that is.
func (d *document) isRollingOut() bool {
	return d.text("/status") == statusPublished && d.rollout().Status == rolloutInProgress
}

// takeRollout adds to the state of what is published how far its packages are
// rolled out, while they are.
func takeRollout(state plan.State, live *document) {
	if live.isRollingOut() {
		state[rolloutPath] = exactly(percentageValue(live.rollout().Percentage))
	}
}

// runningRollout is the published submission whose packages are being rolled
// out, nil when they are not: until the rollout has ended the Store takes no new
// submission.
func runningRollout(live *document) *plan.Submission {
	if !live.isRollingOut() {
		return nil
	}
	share := percentText(live.rollout().Percentage)
	return &plan.Submission{
		ID: live.id(), Status: rolloutInProgress, Rollout: true,
		Detail: []string{"its packages are rolled out to " + share + " of the customers; the Store takes a new submission once the rollout is finalized or halted"},
		Next: "Finalize or halt the rollout first: with the packages as they are live, write rollout: {finalized: true} to give them to everybody, or rollout: {halted: true} to give them to nobody else " +
			"(allowed with --allow halt-rollout), and apply; or do so in Partner Center. Then apply the rest. A rollout never ends by itself, also not at 100 %, so waiting for it brings nothing.",
	}
}

// rolloutWords say how far the packages of a published submission are rolled
// out, "" when there is nothing to say.
func rolloutWords(live *document) string {
	r := live.rollout()
	switch {
	case live.isRollingOut():
		return "running: " + percentText(r.Percentage) + " of the customers"
	case r.Status == rolloutComplete:
		return "finalized: the packages are for everybody"
	case r.Status == rolloutStopped:
		return "halted: nobody else gets the packages"
	}
	return ""
}

// draftRollout is the rollout of a package set that waits to be uploaded. That
// of a published set is no part of the next submission: a submission never
// inherits one. The status says nothing here: the service alone writes it, and a
// copy may keep that of the published packages.
func (c *converter) draftRollout() {
	enabled, _ := valueAt[bool](c, rolloutPointer+"/isPackageRollout")
	percentage, ok := valueAt[float64](c, rolloutPointer+"/packageRolloutPercentage")
	if enabled && ok && hasNewPackages(c.doc) {
		c.state[rolloutPath] = percentageValue(percentage)
	}
}

// takeInherited adds to the state of a draft that was just made and written the
// rollout that it still has from the published submission, new packages or not:
// the target has none, so the read-back stops there, before the commit.
func takeInherited(state plan.State, draft *document) {
	if r := draft.rollout(); r.Enabled && state[rolloutPath].Empty() {
		state[rolloutPath] = percentageValue(r.Percentage)
	}
}

// guardsOfRollout: what is halted is taken from everybody who waits for it, and
// cannot be taken up again.
func guardsOfRollout(change plan.Change) []plan.Guard {
	if change.Path == rolloutHalted {
		return []plan.Guard{plan.GuardHaltRollout}
	}
	return nil
}

func percentageValue(percentage float64) plan.Value {
	return plan.Value{Type: plan.Scalar, JSON: json.RawMessage(percentNumber(percentage))}
}

// percentageOf is the number of a rollout percentage; false when there is none.
func percentageOf(value plan.Value) (float64, bool) {
	var percentage float64
	if value.Empty() || json.Unmarshal(value.JSON, &percentage) != nil {
		return 0, false
	}
	return percentage, true
}

// percentNumber writes a percentage without an exponent and with no more
// digits than it has.
func percentNumber(percentage float64) string {
	return strconv.FormatFloat(percentage, 'f', -1, 64)
}

func percentText(percentage float64) string { return fmt.Sprintf("%s %%", percentNumber(percentage)) }
