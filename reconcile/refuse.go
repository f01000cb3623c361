package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// refusal is why a product is not applied at all.
func (p *proposed) refusal() error {
	switch {
	case p.err != nil:
		return p.err
	case p.diagnostics.HasErrors():
		return p.diagnostics
	case p.unexpected != nil:
		return p.unexpected
	case p.untouchable != nil:
		return p.untouchable
	case p.doubtful != nil && len(p.plan.Operations) == 0:
		return p.doubtful
	case p.hasUnset():
		return p.unsetError()
	case p.blocking() != nil && p.wants():
		return blockedBy(p.plan.Address, *p.blocking(), "")
	case len(p.plan.Blocked) > 0 && len(p.plan.Operations) > 0:
		return p.guarded()
	}
	return nil
}

// unsetError names the values that cannot be known on this machine.
func (p *proposed) unsetError() error {
	var lines []string
	for _, change := range p.unset() {
		lines = append(lines, fmt.Sprintf("%s: %s", change.Path, p.desired.Set[change.Path].Why))
	}
	slices.Sort(lines)
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s: a value is not known:\n  %s", p.plan.Address, strings.Join(lines, "\n  ")),
		Next: "Nothing was changed. Set the variable and apply again."}
}

// blocking is the submission that keeps the product from being written, nil
// when none does. Steps of a rollout are not kept by it.
func (p *proposed) blocking() *plan.Submission {
	if len(p.steps) > 0 {
		return nil
	}
	return p.observed.Running
}

// wants reports whether anything would be done if it could be.
func (p *proposed) wants() bool {
	return len(p.plan.Operations) > 0 || slices.ContainsFunc(p.plan.Changes, func(c plan.Change) bool { return c.Action != plan.ActionReport })
}

// guarded says what each tripped guard protects and how to allow it.
func (p *proposed) guarded() error {
	var lines, flags, protected []string
	for _, guard := range p.plan.Blocked {
		var paths []string
		for _, change := range p.plan.Changes {
			if slices.Contains(change.Guards, guard) {
				paths = append(paths, string(change.Path))
			}
		}
		line := fmt.Sprintf("%s: %s (%s)", guard, guard.Protects(), someOf(paths))
		if slices.Contains(p.plan.Protected, guard) {
			protected = append(protected, string(guard))
			line += "; metadata.protect forbids it whatever is allowed"
		}
		lines = append(lines, line)
		if !slices.Contains(p.plan.Allowed, guard) {
			flags = append(flags, fmt.Sprintf("--allow %s=%s", guard, p.plan.Address))
		}
	}
	var advice []string
	if len(protected) > 0 {
		advice = append(advice, fmt.Sprintf("take %s out of metadata.protect at %s", strings.Join(protected, ", "), p.protectAt()))
	}
	if len(flags) > 0 {
		advice = append(advice, "apply with "+strings.Join(flags, " "))
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  fmt.Errorf("%s: refused:\n  %s", p.plan.Address, strings.Join(lines, "\n  ")),
		Next: "Nothing was changed. If it is meant, " + strings.Join(advice, ", and ")}
}

// maxNamed bounds how many paths one line of an error names.
const maxNamed = 10

// someOf names paths, the first ones of many.
func someOf(paths []string) string {
	if more := len(paths) - maxNamed; more > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(paths[:maxNamed], ", "), more)
	}
	return strings.Join(paths, ", ")
}

// protectAt is where the manifest lists what it protects.
func (p *proposed) protectAt() string {
	at := p.manifest.Pos("metadata.protect")
	if at.Line == 0 {
		return cmp.Or(at.File, "the manifest")
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}
