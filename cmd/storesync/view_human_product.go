package main

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// fate says that a product will be made. What becomes of one that is to be gone
// is its change.
func (v *planView) fate(p plan.Product) {
	if !isNew(p) {
		return
	}
	v.blank()
	v.line(2, inked("+ ", added), inked(kindNoun(p.Kind)+" will be created", added))
}

// isNew reports whether applying makes the product: it has no id yet, and there
// are requests to give it one.
func isNew(p plan.Product) bool {
	return p.ID == "" && slices.ContainsFunc(p.Operations, plan.Operation.Writes)
}

// isDeletion reports whether applying deletes the product.
func isDeletion(p plan.Product) bool {
	return slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
		return c.Path == plan.PathProduct && c.Action == plan.ActionDelete
	})
}

// kindNoun is what a product of a kind is called in a sentence.
func kindNoun(kind string) string {
	switch schema.Kind(kind) {
	case schema.AddOnKind:
		return "the add-on"
	case schema.PackageFlightKind:
		return "the package flight"
	case schema.MsiExeAppKind, schema.MsixAppKind:
		return "the app"
	}
	return "the product"
}

// settledProduct is a product in one line, with what else is to be known of it.
func (v *planView) settledProduct(p plan.Product) {
	address := sanitize(p.Address)
	switch {
	case p.Verdict != "":
		v.line(0, text("No changes. "), inked(address, strong), text(" is in sync."))
	case p.Complete:
		v.line(0, text("No changes: "), inked(address, strong))
	default:
		v.line(0, text("No changes seen. "), inked(address, strong), text(" could not be compared completely."))
	}
	v.standing(planStanding(p))
	v.runningBriefly(p)
	v.notices(p)
}

// withoutChanges says why there are requests though no field differs, "" where
// there are none, or where the verdict says it.
func withoutChanges(p plan.Product) string {
	switch {
	case len(p.Changes) > 0 || len(p.Operations) == 0 || p.Verdict == plan.VerdictUnsubmitted:
		return ""
	case p.Verdict == "" && p.Draft == plan.DraftOurs:
		return "No field differs, but an earlier apply left work to finish:"
	case !slices.ContainsFunc(p.Operations, plan.Operation.Submits):
		return "No field differs; what is there is read back."
	}
	return "No field differs; the draft is submitted as it is."
}

// running says what a running submission keeps from happening, unless the
// standing does.
func (v *planView) running(p plan.Product) {
	if p.Running == nil || saysRunning(p) {
		return
	}
	v.hanging(2, 4, inked("! ", warned), text(sanitize(runningSentence(*p.Running))))
}

// runningBriefly says that a submission is running, unless the standing does.
func (v *planView) runningBriefly(p plan.Product) {
	if p.Running == nil || saysRunning(p) {
		return
	}
	v.hanging(2, 4, text(sanitize(runningBriefly(*p.Running))))
}

func (v *planView) notices(p plan.Product) {
	for _, n := range noticesOf(p) {
		v.hanging(2, 4, inked("! ", warned), text(noticeText(n)))
	}
}

// noticeText is a notice with what it is about.
func noticeText(n plan.Notice) string {
	if n.Path == "" {
		return sanitizeLines(n.Text)
	}
	return sanitizeLines(string(n.Path) + ": " + n.Text)
}
