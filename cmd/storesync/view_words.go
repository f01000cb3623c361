package main

import (
	"fmt"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
)

// driftRule is the rule of a difference by who made it.
func driftRule(o plan.Origin) string {
	switch o {
	case plan.OriginStore:
		return ruleDriftStore
	case plan.OriginManifest:
		return ruleDriftManifest
	case plan.OriginBoth:
		return ruleDriftBoth
	}
	return ruleDriftUnknown
}

// rolloutWords say in words what a step of a gradual rollout does, "" for other
// changes.
func rolloutWords(c plan.Change) string {
	on := string(c.After) == "true"
	switch c.Path {
	case plan.Join(string(plan.PathRollout), "percentage"):
		return percentageWords(scalarText(c.Before), scalarText(c.After))
	case plan.Join(string(plan.PathRollout), "halted"):
		if on {
			return "nobody else gets the new packages; the rollout ends"
		}
	case plan.Join(string(plan.PathRollout), "finalized"):
		if on {
			return "everybody gets the new packages; the rollout ends"
		}
	}
	return ""
}

func percentageWords(before, after string) string {
	switch {
	case after == "":
		return ""
	case before == "":
		before = after + " %"
	default:
		before += " % → " + after + " %"
	}
	s := before + " of the customers get the new packages"
	if after == "100" {
		s += "; 100 % is not finalized"
	}
	return s
}

// runningBriefly says that a submission is running, or what of it.
func runningBriefly(s plan.Submission) string {
	if s.Rollout {
		return fmt.Sprintf("The packages of submission %s are being rolled out (%s).", s.ID, s.Status)
	}
	return fmt.Sprintf("Submission %s is running (%s).", s.ID, s.Status)
}

// runningSentence says what a running submission keeps from happening.
func runningSentence(s plan.Submission) string {
	if s.Rollout {
		return runningBriefly(s) + " Until that has ended the Store takes no other changes: rollout: {finalized: true} in the manifest ends it with everybody, {halted: true} with nobody else."
	}
	return runningBriefly(s) + " Until it ends the Store takes no changes: apply stops, or queues behind it with --wait-running 4h."
}

// effectWords say what apply sets off for a product: the heaviest of what its
// requests do.
func effectWords(p plan.Product) string {
	has := func(e plan.Effect) bool {
		return slices.ContainsFunc(p.Operations, func(o plan.Operation) bool { return o.Effect == e })
	}
	submits := slices.ContainsFunc(p.Operations, func(o plan.Operation) bool { return o.Verb == plan.VerbSubmit })
	switch {
	case isDeletion(p):
		return "DELETES " + kindNoun(p.Kind)
	case isNew(p) && submits:
		return "creates " + kindNoun(p.Kind) + " and submits it to certification"
	case isNew(p):
		return "creates " + kindNoun(p.Kind)
	case has(plan.EffectDestroy) && submits:
		return "removes what cannot be brought back, and submits"
	case has(plan.EffectDestroy):
		return "removes what cannot be brought back"
	case submits:
		return "submits to certification"
	case has(plan.EffectPublish):
		return "changes what customers get"
	case has(plan.EffectDraft):
		return "writes the draft only"
	case has(plan.EffectRead):
		return "only reads"
	}
	return "does nothing"
}

// productSummary is what a plan does to a product, in a line.
func productSummary(p plan.Product) string {
	s := changeCounts(p)
	if s == "none" {
		s = "no field differs"
	}
	return s + "; apply " + effectWords(p) + "."
}

// allowanceMarkdown says in Markdown how a guard is allowed.
func allowanceMarkdown(p plan.Product, g plan.Guard) string {
	flag := codeSpan(shorten(allowFlag(g, p.Address), 2*spanColumns))
	if slices.Contains(p.Protected, g) {
		return "The manifest protects it: take it out of `metadata.protect`, and then " + flag
	}
	return "To allow it: " + flag
}
