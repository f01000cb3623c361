package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// humanDrift is a comparison as a person reads it: per product, what was changed
// in the Store, what is not applied yet, and what both sides changed.
func humanDrift(plan *plan.Plan, l look) string {
	v := &planView{page: page{width: l.width, color: l.color}, plan: plan, files: filesOf(plan)}
	for _, p := range plan.Products {
		v.driftOf(p)
	}
	if len(plan.Products) != 1 || len(originCounts(plan.Products...)) > 0 {
		v.blank()
		v.line(0, inked("Drift: ", strong), text(driftSummary(plan)))
	}
	return v.String()
}

func (v *planView) driftOf(p plan.Product) {
	drift := p.Drift()
	address := sanitize(p.Address)
	shown := p
	shown.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(c plan.Change) bool { return c.Origin != "" || c.Action != plan.ActionReport })
	switch {
	case p.Error != "" || v.hasErrors(p.Address):
		v.blank()
		v.head(p.Address, p.ID, p.Verdict)
		v.line(2, inked("! ", warned), text("could not be compared; the error says why"))
		return
	case p.Verdict == plan.VerdictInSync:
		v.line(0, text("In sync: "), inked(address, strong), text("."))
	default:
		v.blank()
		v.head(p.Address, p.ID, p.Verdict)
	}
	v.standing(standingOf(p.Verdict, p.Standing))
	v.runningBriefly(p)
	for _, part := range driftParts(p) {
		v.blank()
		v.line(2, inked(part.title+":", updated))
		for _, g := range groupChanges(part.changes) {
			v.group(shown, g)
		}
	}
	if unrecorded(drift) {
		v.blank()
		v.hanging(2, 4, inked("! ", warned), text(unrecordedText))
	}
	v.notices(p)
	v.blank()
}

// unrecordedText is what a comparison says beside differences of which nobody
// knows who made them.
const unrecordedText = "There is no record of what storesync last applied to this product, so that it is not known which side moved."

// unrecorded reports whether the origin of differences is unknown because
// nothing is known of an earlier apply, and the verdict does not say so.
func unrecorded(d plan.DriftOfProduct) bool {
	return len(d.Differences) > 0 && !d.Recorded && d.Verdict != plan.VerdictDiffers
}

// driftPart are the changes of a product that have one origin.
type driftPart struct {
	title   string
	changes []plan.Change
}

func driftParts(p plan.Product) []driftPart {
	pick := func(keep func(plan.Change) bool) []plan.Change {
		var picked []plan.Change
		for _, c := range p.Changes {
			if !keep(c) {
				continue
			}
			// The heading says who moved; guards are for apply.
			c.Guards = nil
			c.Reason = reasonOf(p, c)
			if c.Origin != "" && c.Action == plan.ActionReport {
				c.Reason = "" // It says the same.
			}
			c.Origin = ""
			picked = append(picked, c)
		}
		return picked
	}
	var parts []driftPart
	add := func(title string, keep func(plan.Change) bool) {
		if changes := pick(keep); len(changes) > 0 {
			parts = append(parts, driftPart{title, changes})
		}
	}
	is := func(origin plan.Origin) func(plan.Change) bool {
		return func(c plan.Change) bool {
			return c.Action != plan.ActionReport && c.Origin == origin && !notTaken(p, c)
		}
	}
	add("Not taken by the Store", func(c plan.Change) bool { return notTaken(p, c) })
	add("Changed in the Store", is(plan.OriginStore))
	add("Not applied yet", is(plan.OriginManifest))
	add("Changed on both sides", is(plan.OriginBoth))
	add("Differs, origin unknown", is(""))
	add("Changed in the Store, in no manifest", func(c plan.Change) bool {
		return c.Action == plan.ActionReport && c.Origin == plan.OriginStore
	})
	add("To look at", func(c plan.Change) bool { return c.Action == plan.ActionReport && c.Origin == "" })
	return parts
}

// driftSummary is a comparison in one line: where the products stand, and who
// made the differences.
func driftSummary(planned *plan.Plan) string {
	s := "no products"
	if verdicts := verdictsOf(planned.Products); len(verdicts) > 0 {
		s = verdictCounts(verdicts)
	}
	if counts := originCounts(planned.Products...); len(counts) > 0 {
		s += "; " + strings.Join(counts, ", ")
	}
	return s + "."
}

// originCounts count differences by who made them, and what else there is.
func originCounts(products ...plan.Product) []string {
	s := (&plan.Plan{Products: products}).Drift().Summary
	dropped := 0
	for _, p := range products {
		for _, c := range differencesOf(p) {
			if notTaken(p, c) {
				dropped++
			}
		}
	}
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{dropped, "not taken by the Store"}, {s.Store - dropped, "changed in the Store"}, {s.Manifest, "not applied yet"}, {s.Both, "changed on both sides"},
		{s.Unknown, "of unknown origin"}, {s.Unmanaged, "changed in the Store and in no manifest"}, {s.Reports, "to look at"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return parts
}
