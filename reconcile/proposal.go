package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// PlanOptions say how to plan.
type PlanOptions struct {
	WriteMode plan.WriteMode
	// Submit plans a submission though nothing differs.
	Submit bool
	// Draft plans without the submission.
	Draft bool
	// Allow are the allowed guards per address; the key "" is for all.
	Allow map[string][]plan.Guard
	// ReuploadImages are the addresses whose images are all sent anew.
	ReuploadImages []string
	// Unmanaged also lists, as reports, what no manifest writes and somebody
	// changed in the Store since the last apply.
	Unmanaged bool
	// Compare judges the comparison only: what keeps a target from being applied
	// is a notice then and no error.
	Compare bool
	// Selection says which manifests were loaded; it is kept in the plan.
	Selection plan.Selection
}

// Proposal is a plan together with what is needed to apply it right away:
// secrets and observed documents, which never leave memory.
type Proposal struct {
	Plan *plan.Plan

	workspace *schema.Workspace
	options   PlanOptions
	products  []*planned
	// approval is what of it was approved elsewhere.
	approval approval
}

// Err is why products could not be planned, one error for each with its class,
// nil when all could. What manifests are to blame for is in Plan.Diagnostics.
func (p *Proposal) Err() error {
	var all []error
	for _, product := range p.products {
		all = append(all, product.err)
	}
	return errors.Join(all...)
}

// Plan observes every product, compares and lowers. Products that cannot be
// planned are in the plan with their error; the others go on. The error is for
// what concerns the whole run (a cancelled context).
func (e *Engine) Plan(ctx context.Context, workspace *schema.Workspace, options PlanOptions) (*Proposal, error) {
	if options.WriteMode == "" {
		options.WriteMode = plan.WritePatch
	}
	e.prepare(ctx, workspace.Manifests)
	found := make([]comparison, len(workspace.Manifests))
	e.each(len(workspace.Manifests), func(i int) {
		found[i] = e.look(ctx, workspace.Manifests[i], options)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	refuseSameProduct(found)
	run := planning{options: options, mass: isMassChange(found), paths: options.Selection.Paths, root: workspace.Root, now: e.options.Now()}
	proposal := &Proposal{workspace: workspace, options: options, products: make([]*planned, len(found))}
	for i, f := range found {
		proposal.products[i] = run.plan(f)
	}
	order(proposal.products)
	for _, p := range proposal.products {
		p.finish(run)
	}
	proposal.Plan = e.document(ctx, proposal)
	return proposal, proposal.Plan.Seal()
}

// comparison is a product as far as it could be compared.
type comparison struct {
	manifest *schema.Manifest
	*compared
	err error
}

// look observes and compares one product; a failure is kept in it.
func (e *Engine) look(ctx context.Context, m *schema.Manifest, options PlanOptions) comparison {
	found := comparison{manifest: m}
	o, err := e.observe(ctx, m)
	if err == nil {
		found.compared, err = o.compare(options)
	}
	if err != nil {
		found.err = fmt.Errorf("%s: %w", m.Address(), err)
	}
	return found
}

// document puts the products together and counts them.
func (e *Engine) document(ctx context.Context, proposal *Proposal) *plan.Plan {
	document := &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: e.options.Tool, CreatedAt: e.options.Now().UTC().Truncate(time.Second),
		Inputs: proposal.workspace.Used(), Workspace: WorkspaceName(proposal.workspace.Root), Complete: true,
		Endpoints: []string{}, Products: []plan.Product{}, Diagnostics: schema.Diagnostics{},
	}
	for _, p := range proposal.products {
		if backend, err := e.backendOf(p.manifest); err == nil && !slices.Contains(document.Endpoints, backend.Endpoint()) {
			document.Endpoints = append(document.Endpoints, backend.Endpoint())
		}
		document.Products = append(document.Products, p.doc)
		document.Diagnostics = append(document.Diagnostics, p.found...)
		document.Complete = document.Complete && p.doc.Complete
		document.Applyable = document.Applyable || p.doc.Applyable
		document.Errored = document.Errored || p.err != nil
		document.Summary.Count(p.doc)
	}
	document.Diagnostics = append(document.Diagnostics, e.releasedProducts(ctx, proposal)...)
	document.Diagnostics.Sort()
	document.Errored = document.Errored || document.Diagnostics.HasErrors()
	document.Hash = document.Identity()
	document.Options = proposal.options.savedOptions()
	return document
}
