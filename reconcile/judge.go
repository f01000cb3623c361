package reconcile

import (
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// judge takes what was found against the target and reports whether it can be
// applied. Where only the comparison counts, what keeps it from being applied is
// shown with it.
func (p *proposed) judge(found schema.Diagnostics, options PlanOptions) bool {
	if !options.Compare || !found.HasErrors() {
		p.addDiagnostics(found)
		return !p.diagnostics.HasErrors()
	}
	for _, d := range found {
		if d.Severity == schema.SeverityError {
			p.notice(plan.Path(d.Path), "%s", strings.TrimSpace("cannot be applied: "+d.Summary+". "+d.Detail))
		} else {
			p.addDiagnostics(schema.Diagnostics{d})
		}
	}
	p.plan.Inapplicable = true
	return false
}
