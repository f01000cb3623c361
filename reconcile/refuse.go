package reconcile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// refusal is why a product is not applied at all.
func (p *approved) refusal() error {
	switch {
	case p.err != nil:
		return p.err
	case p.found.HasErrors():
		return p.found
	case p.refused != nil:
		return p.refused
	case p.untouchable != nil:
		return p.untouchable
	case p.own.doubtful != nil && len(p.doc.Operations) == 0 && len(p.work()) > 0:
		return p.own.doubtful
	case len(p.unset()) > 0:
		return p.unsetError()
	case p.product.Running != nil && len(p.steps) == 0 && (p.wants() || p.waits) && !p.direct:
		return blockedBy(p.doc.Address, *p.product.Running)
	case len(p.doc.Blocked) > 0 && len(p.doc.Operations) > 0:
		return p.guarded()
	}
	return nil
}

// unsetError names the values that cannot be known on this machine.
func (p *planned) unsetError() error {
	var lines []string
	for _, change := range p.unset() {
		lines = append(lines, fmt.Sprintf("%s: %s", change.Path, p.desired.Set[change.Path].Why))
	}
	slices.Sort(lines)
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s: a value is not known:\n  %s", p.doc.Address, strings.Join(lines, "\n  ")),
		Next: "Nothing was changed. Set the variable and apply again."}
}

// guarded says what each tripped guard protects and how to allow it.
func (p *planned) guarded() error {
	var lines, flags, protected []string
	for _, guard := range p.doc.Blocked {
		var paths []string
		for _, change := range p.doc.Changes {
			if slices.Contains(change.Guards, guard) {
				paths = append(paths, string(change.Path))
			}
		}
		line := fmt.Sprintf("%s: %s (%s)", guard, guard.Protects(), someOf(paths))
		if slices.Contains(p.doc.Protected, guard) {
			protected = append(protected, string(guard))
			line += "; metadata.protect forbids it whatever is allowed"
		}
		lines = append(lines, line)
		if !slices.Contains(p.doc.Allowed, guard) {
			flags = append(flags, fmt.Sprintf("--allow %s=%s", guard, p.doc.Address))
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
		Err:  fmt.Errorf("%s: refused:\n  %s", p.doc.Address, strings.Join(lines, "\n  ")),
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
func (p *planned) protectAt() string {
	at := p.manifest.Pos("metadata.protect")
	if at.Line == 0 {
		return cmp.Or(at.File, "the manifest")
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}
