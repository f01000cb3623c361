package main

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// refusals says which guards stop apply, what they protect, and how to allow
// each of them.
func (v *planView) refusals(p plan.Product) {
	if len(p.Blocked) == 0 {
		return
	}
	v.blank()
	v.hanging(2, 2, inked("Apply refuses this plan:", warned))
	for _, g := range p.Blocked {
		v.hanging(4, 6, inked("! "+sanitize(string(g)), warned), text(": "+g.Protects()))
		if slices.Contains(p.Protected, g) {
			v.hanging(6, 8, text("the manifest protects it: take it out of metadata.protect, and then "), inked(allowFlag(g, p.Address), strong))
			continue
		}
		if !strings.Contains(planStanding(p).next, allowFlag(g, p.Address)) {
			v.line(6, text("to allow it: "), inked(allowFlag(g, p.Address), strong))
		}
	}
	v.blank()
}

// remarks are a change's reason, who made it and its guards.
func (v *planView) remarks(p plan.Product, c plan.Change) {
	if reason := reasonOf(p, c); reason != "" {
		v.hanging(6, 8, inked("# "+sanitizeLines(reason), faint))
	}
	if !originTold(p, c) && sharedOrigin(p) == "" {
		v.hanging(6, 8, inked("# "+c.Origin.Label(), faint))
	}
	if waits(p, c) {
		v.hanging(6, 8, inked("# waits until the rollout has ended", faint))
	}
	for _, g := range c.Guards {
		v.hanging(6, 8, inked("! "+sanitize(string(g)), warned), text(guardState(p, g)))
	}
}

func guardState(p plan.Product, g plan.Guard) string {
	switch {
	case slices.Contains(p.Protected, g):
		return ": refused; the manifest protects it"
	case slices.Contains(p.Allowed, g):
		return ": allowed"
	}
	return ": refused unless allowed"
}

// waits reports whether a change is left for later: while packages are rolled
// out only the steps of the rollout are possible. Where all of them wait, the
// verdict says so.
func waits(p plan.Product, c plan.Change) bool {
	return p.Verdict != plan.VerdictBlocked && p.Running != nil && p.Running.Rollout && c.Action != plan.ActionReport && !c.Path.Under(plan.PathRollout)
}

// origins says who moved where it was the same side everywhere.
func (v *planView) origins(p plan.Product) {
	if shared := sharedOrigin(p); shared != "" {
		v.line(2, inked("Every change: "+shared.Label()+".", faint))
	}
}

// onlyOurs reports whether nothing was changed in the Store, as far as it is
// known: what is not applied yet is what plans are for and needs no word.
func onlyOurs(changes []plan.Change) bool {
	return !slices.ContainsFunc(changes, func(c plan.Change) bool {
		return c.Origin == plan.OriginStore || c.Origin == plan.OriginBoth
	})
}

// sharedOrigin is the origin that several changes have in common and that is to
// be told, "" when there is none.
func sharedOrigin(p plan.Product) plan.Origin {
	if len(p.Changes) < 2 {
		return ""
	}
	for _, c := range p.Changes {
		if c.Origin != p.Changes[0].Origin || originTold(p, c) {
			return ""
		}
	}
	return p.Changes[0].Origin
}
