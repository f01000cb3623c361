package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
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
	products  []*proposed
	// approved is the hash of the whole plan that this is the rest of, "" when it
	// is a plan of its own.
	approved string
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

// proposed is one product on its way into a plan.
type proposed struct {
	manifest *schema.Manifest
	backend  Backend
	key      record.Key
	record   *record.Record
	// recordDigest tells whether another apply wrote the record meanwhile.
	recordDigest string
	observed     *Observed
	desired      *Desired
	target       plan.State
	// adopted is the submission that an interrupted apply of ours made.
	adopted *plan.Submission
	// untouchable is why a pending draft keeps the product from being written.
	untouchable error
	// direct is true when the operations act on the product at once, without a
	// draft and a submission: they delete it, or take a step of its rollout.
	direct bool
	// steps are the changes of a running rollout that are made by themselves,
	// left what has to wait for its end; nil when nothing does.
	steps []plan.Change
	left  *leftOver
	// waits are the products that have to be applied before this one.
	waits []*proposed
	// gone is true when the Store does not have any more what storesync submitted.
	gone bool
	// unexpected refuses a plan that is not the approved one; unlisted is true
	// when only others were approved.
	unexpected error
	unlisted   bool
	// resumed is the plan of an earlier apply that this is the rest of; noted is
	// true when the record says which plan is being carried out.
	resumed *record.Begun
	noted   bool
	// taken is true when the record is about the draft that is written to.
	taken bool
	// readBacks are those of this run, in order.
	readBacks []*ReadBack
	// doubtful is why an interrupted submission is not repeated by itself.
	doubtful    error
	plan        plan.Product
	diagnostics schema.Diagnostics
	err         error
}

// Plan observes every product, compares and lowers. Products that cannot be
// planned are in the plan with their error; the others go on. The error is for
// what concerns the whole run (a cancelled context).
func (e *Engine) Plan(ctx context.Context, workspace *schema.Workspace, options PlanOptions) (*Proposal, error) {
	if options.WriteMode == "" {
		options.WriteMode = plan.WritePatch
	}
	proposal := &Proposal{workspace: workspace, options: options, products: make([]*proposed, len(workspace.Manifests))}
	e.prepare(ctx, workspace.Manifests)
	e.each(len(workspace.Manifests), func(i int) {
		proposal.products[i] = e.propose(ctx, workspace.Manifests[i], options)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	refuseSameProduct(proposal.products)
	guardMassChange(proposal.products)
	order(proposal.products)
	proposal.Plan = e.document(proposal)
	return proposal, proposal.Plan.Seal()
}

// propose plans one product; a failure is kept in it.
func (e *Engine) propose(ctx context.Context, m *schema.Manifest, options PlanOptions) *proposed {
	p := &proposed{manifest: m}
	p.plan = plan.Product{Address: m.Address(), Kind: string(m.Kind), Allowed: allowedFor(m.Address(), options.Allow)}
	if err := e.observe(ctx, p); err != nil {
		p.err = fmt.Errorf("%s: %w", m.Address(), err)
		p.plan.Error = p.err.Error()
		return p
	}
	if err := e.compare(ctx, p, options); err != nil {
		p.err = fmt.Errorf("%s: %w", m.Address(), err)
		p.plan.Error = p.err.Error()
	}
	return p
}

// observe reads the record, then the Store.
func (e *Engine) observe(ctx context.Context, p *proposed) (err error) {
	if p.backend, err = e.backendOf(p.manifest); err != nil {
		return err
	}
	p.key = keyOf(p.backend, p.manifest)
	p.plan.ID = p.manifest.ProductID()
	if p.record, err = e.load(ctx, p.key); err != nil {
		return err
	}
	p.recordDigest = plan.HashOf(plan.Encode(p.record))
	if p.observed, err = p.backend.Observe(ctx, p.manifest, p.record); err != nil {
		return err
	}
	e.remember(ctx, p)
	p.noticeGone()
	p.gone = p.observed.Missing && p.record.Submitted != nil
	p.correctRecord()
	p.plan.ID, p.plan.Revision = p.id(), p.observed.revision()
	p.plan.Account, p.plan.Observed = p.key.Account, plan.ShortDigests(p.observed.State)
	p.plan.Running = p.observed.Running
	p.plan.Notices = append(p.plan.Notices, p.observed.Notices...)
	return nil
}

// remember keeps image contents that were just found out, so that they are
// read once. A record that another apply holds, or a folder that cannot be
// written, only costs reading them again.
func (e *Engine) remember(ctx context.Context, p *proposed) {
	if len(p.observed.Learned) == 0 {
		return
	}
	before := p.recordDigest
	updated, err := e.amend(ctx, p.key, func(record *record.Record) bool {
		// What another apply noted since it was read makes the plan stale.
		if plan.HashOf(plan.Encode(record)) != before {
			return false
		}
		record.Learn(p.observed.Learned)
		return true
	})
	if err == nil && updated != nil {
		p.record, p.recordDigest = updated, plan.HashOf(plan.Encode(updated))
	}
}

// compare makes changes and operations of what was observed.
func (e *Engine) compare(ctx context.Context, p *proposed, options PlanOptions) error {
	if p.manifest.Absent() {
		return p.proposeDeletion(options)
	}
	var found schema.Diagnostics
	p.desired, found = p.backend.Desire(p.manifest, p.observed)
	p.addDiagnostics(found)
	if p.diagnostics.HasErrors() {
		return nil
	}
	p.plan.Notices = append(p.plan.Notices, p.desired.Notices...)
	if err := e.settleSubmission(ctx, p, options.Submit); err != nil {
		return err
	}
	if p.unreadable() {
		p.compareWithLastSubmit()
		return nil
	}
	p.target = acceptRewrites(p.observed.State, overlay(p.observed.State, p.desired), p.record.Rewritten)
	changes, err := p.changes(slices.Contains(options.ReuploadImages, p.plan.Address))
	if err != nil {
		return err
	}
	p.plan.Changes = changes
	p.judgeDraft()
	return e.lower(p, options)
}

// unreadable reports whether a running submission hides the draft.
func (p *proposed) unreadable() bool { return p.observed.Running != nil && len(p.observed.State) == 0 }

// lower audits the target and makes the operations.
func (e *Engine) lower(p *proposed, options PlanOptions) error {
	request := LowerRequest{
		Manifest: p.manifest, Observed: p.observed, Target: p.target,
		Changes:   slices.DeleteFunc(slices.Clone(p.plan.Changes), func(c plan.Change) bool { return c.Action == plan.ActionReport }),
		WriteMode: options.WriteMode, Submit: options.Submit, Draft: options.Draft,
		ReuploadImages: slices.Contains(options.ReuploadImages, p.plan.Address),
	}
	if p.record.Draft != nil && p.adopted == nil && p.doubtful == nil {
		request.Owed = p.record.Draft.Owed
	}
	if len(request.Changes) == 0 && len(request.Owed) == 0 && !request.Submit && !p.observed.Returned {
		if p.neverPublished(&request); !request.Submit {
			return nil
		}
	}
	if !p.judge(p.backend.Audit(p.manifest, p.observed, p.target), options) {
		return nil
	}
	if !p.takeSteps(&request) {
		if err := p.usePending(&request); err != nil {
			return err
		}
	}
	if p.untouchable != nil {
		return nil
	}
	if p.direct && options.Draft {
		p.notice(plan.PathRollout, "A step of a rollout is no draft: apply without --draft takes it.")
		return nil
	}
	operations, found := p.backend.Lower(request)
	if !p.judge(found, options) {
		return nil
	}
	p.plan.Operations = operations
	if note := draftNote(p.backend, nil); options.Draft && note != "" && slices.ContainsFunc(operations, plan.Operation.Writes) {
		p.notice("", "%s", note)
	}
	if slices.ContainsFunc(operations, plan.Operation.Submits) {
		p.reportUnsubmitted()
		p.guardDraft()
	}
	return nil
}

// guardDraft guards and names what a submission would send that is not ours.
// A fresh draft of an API that makes one for each submission holds nothing
// else.
func (p *proposed) guardDraft() {
	if p.observed.Pristine {
		return
	}
	if id := p.observed.Draft; id != "" && (p.record.Draft == nil || p.record.Draft.Submission != id) && !p.record.Knows(id) {
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: "draft", Action: plan.ActionReport, Guards: []plan.Guard{plan.GuardForeignEdits},
			Reason: "draft " + id + " was not made by storesync and is the only one there can be; submitting sends all of it"})
	}
	if p.observed.SharedDraft || p.observed.Draft != "" {
		p.guardForeignEdits()
	}
	if p.observed.SharedDraft {
		p.noticeUnread()
	}
}

func (p *proposed) addDiagnostics(found schema.Diagnostics) {
	for _, d := range found {
		d.Address = p.plan.Address
		p.diagnostics = append(p.diagnostics, d)
	}
}

// document puts the products together and counts them.
func (e *Engine) document(proposal *Proposal) *plan.Plan {
	plan := &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: e.options.Tool, CreatedAt: e.options.Now().UTC().Truncate(time.Second),
		Inputs: proposal.workspace.Used(), Workspace: WorkspaceName(proposal.workspace.Root), Complete: true,
		Endpoints: []string{}, Products: []plan.Product{}, Diagnostics: schema.Diagnostics{},
	}
	for _, p := range proposal.products {
		p.attribute(proposal.options.Unmanaged)
		p.finish()
		p.plan.Source = sourceOf(proposal.workspace.Root, p.manifest, p.plan)
		addProduct(plan, p)
	}
	plan.Diagnostics.Sort()
	plan.Errored = plan.Errored || plan.Diagnostics.HasErrors()
	plan.Hash = plan.Identity()
	plan.Options = proposal.options.savedOptions()
	return plan
}

func addProduct(plan *plan.Plan, p *proposed) {
	if p.backend != nil && !slices.Contains(plan.Endpoints, p.backend.Endpoint()) {
		plan.Endpoints = append(plan.Endpoints, p.backend.Endpoint())
	}
	plan.Products = append(plan.Products, p.plan)
	plan.Diagnostics = append(plan.Diagnostics, p.diagnostics...)
	plan.Complete = plan.Complete && p.plan.Complete
	plan.Applyable = plan.Applyable || p.plan.Applyable
	plan.Errored = plan.Errored || p.err != nil
	plan.Summary.Count(p.plan)
}

// finish settles the flags and the hash once everything about the product is
// known.
func (p *proposed) finish() {
	product := &p.plan
	product.Protected = protectedBy(p.manifest)
	product.Blocked = p.blockedGuards()
	failed := p.err != nil || p.diagnostics.HasErrors()
	product.Complete = !failed && p.observed.Complete && !p.hasUnset() && !p.unreadable()
	product.Applyable = !failed && len(product.Operations) > 0 && p.blocking() == nil && len(product.Blocked) == 0 && !p.hasUnset() && p.untouchable == nil
	if product.Allowed == nil {
		product.Allowed = []plan.Guard{}
	}
	if product.Changes == nil {
		product.Changes = []plan.Change{}
	}
	if product.Operations == nil {
		product.Operations = []plan.Operation{}
	}
	if product.Notices == nil {
		product.Notices = []plan.Notice{}
	}
	product.Hash = product.Identity()
	p.resume()
}
