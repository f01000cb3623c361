package reconcile

import (
	"fmt"

	"github.com/storesync/storesync/reconcile/internal/atomicfile"
	"github.com/storesync/storesync/reconcile/plan"
)

// SavePlan writes the document to a file that only its owner may read. A file that
// is there already is replaced as a whole or left as it is, whatever happens in
// between.
func SavePlan(p *plan.Plan, file string) error {
	content := append(plan.Encode(p), '\n')
	if len(content) > plan.MaxBytes {
		return fmt.Errorf("save plan %s: it has %d bytes, and at most %d can be read again; plan fewer products at a time with --target", file, len(content), plan.MaxBytes)
	}
	if err := atomicfile.Replace(file, content); err != nil {
		return &plan.Failure{Class: plan.ClassError, Err: fmt.Errorf("save plan %s: %w", file, err),
			Next: "Give --out the name of a file in a folder that can be written."}
	}
	return nil
}

// savedOptions are the options as a plan keeps them.
func (o PlanOptions) savedOptions() *plan.SavedOptions {
	return &plan.SavedOptions{Selection: o.Selection, Draft: o.Draft, Submit: o.Submit, ReuploadImages: o.ReuploadImages, WriteMode: o.WriteMode}
}

// PlanOptionsOf are the options by which the plan was made, allowances included.
func PlanOptionsOf(p *plan.Plan) PlanOptions {
	options := PlanOptions{Allow: map[string][]plan.Guard{}}
	if saved := p.Options; saved != nil {
		options.Selection, options.Draft, options.Submit = saved.Selection, saved.Draft, saved.Submit
		options.ReuploadImages, options.WriteMode = saved.ReuploadImages, saved.WriteMode
	}
	for _, product := range p.Products {
		if len(product.Allowed) > 0 {
			options.Allow[product.Address] = product.Allowed
		}
	}
	return options
}
