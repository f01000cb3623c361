package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// planning is what a plan of several products has in common.
type planning struct {
	options PlanOptions
	// mass is true when more than half of the products lose something.
	mass  bool
	root  string
	paths []string
	now   time.Time
}

// planned is the third phase of a product: the requests that make what git
// wants, and what is said of them. compared is nil where the product could not
// be compared.
type planned struct {
	*compared
	manifest *schema.Manifest
	doc      plan.Product
	// found are the diagnostics of all phases.
	found schema.Diagnostics
	err   error
	// direct is true when the operations act on the product at once, without a
	// draft and a submission: they delete it, or take a step of its rollout.
	direct bool
	// steps are the changes of a running rollout that are made by themselves.
	steps []plan.Change
	// waiting is what has to wait for something; nil when nothing does.
	waiting []plan.Change
	// waits is true when something has to wait, be it a submission alone.
	waits bool
	// untouchable is why a pending draft keeps the product from being written;
	// held is a submission of ours that is not repeated by itself.
	untouchable error
	held        bool
	// inapplicable is true in a plan that only compares, when the target could
	// not be applied.
	inapplicable bool
	// drafts are what is said of drafts that nobody asked for: status says it, too.
	drafts []plan.Notice
	// after are the products that have to be applied before this one.
	after []*planned
	// rest is the plan of an earlier apply that this is the rest of.
	rest bool
}

// plan plans one product of a run.
func (run planning) plan(c comparison) *planned {
	p := &planned{compared: c.compared, manifest: c.manifest, err: c.err}
	p.doc = plan.Product{Address: c.manifest.Address(), Kind: string(c.manifest.Kind), ID: c.manifest.ProductID(), Allowed: allowedFor(c.manifest.Address(), run.options.Allow)}
	if p.err != nil || c.compared == nil {
		p.fail(p.err)
		return p
	}
	p.found = append(p.found, c.diagnostics...)
	p.doc.ID, p.doc.Revision, p.doc.Account = p.id(), p.product.revision(), p.key.Account
	p.doc.Observed, p.doc.Running = plan.ShortDigests(p.live), p.product.Running
	p.doc.Notices = append(p.doc.Notices, p.compared.notices...)
	if p.diagnostics.HasErrors() {
		return p
	}
	p.doc.Changes = p.explain()
	if run.mass {
		p.guardMassChange()
	}
	p.doc.Draft = p.draftState()
	p.doc.Recorded = p.recorded()
	if err := p.lower(run.options); err != nil {
		p.fail(fmt.Errorf("%s: %w", p.doc.Address, err))
	}
	return p
}

func (p *planned) fail(err error) {
	if err != nil {
		p.err, p.doc.Error, p.doc.Operations = err, err.Error(), nil
	}
}

func (p *planned) notice(path plan.Path, format string, arguments ...any) {
	p.doc.Notices = append(p.doc.Notices, plan.Notice{Path: path, Text: fmt.Sprintf(format, arguments...)})
}

// judge takes what was found against the target and reports whether it can be
// applied. Where only the comparison counts, what keeps it from being applied is
// shown with it.
func (p *planned) judge(found schema.Diagnostics, options PlanOptions) bool {
	for i := range found {
		found[i].Address = p.doc.Address
	}
	if !options.Compare || !found.HasErrors() {
		p.found = append(p.found, found...)
		return !p.found.HasErrors()
	}
	for _, d := range found {
		if d.Severity == schema.SeverityError {
			p.notice(plan.Path(d.Path), "%s", strings.TrimSpace("cannot be applied: "+d.Summary+". "+d.Detail))
		} else {
			p.found = append(p.found, d)
		}
	}
	p.inapplicable = true
	return false
}

// lower audits the target and makes the operations.
func (p *planned) lower(options PlanOptions) error {
	switch {
	case p.manifest.Absent():
		return p.planDeletion(options)
	case p.unreadable():
		p.waits = len(p.changed()) > 0
		return nil
	}
	p.noticeUnknownDraft()
	request := LowerRequest{
		Manifest: p.manifest, Observed: p.product, Target: p.target, Changes: p.changed(),
		WriteMode: options.WriteMode, Submit: options.Submit, Draft: options.Draft, Unfinished: p.unfinished(),
		ReuploadImages: slices.Contains(options.ReuploadImages, p.doc.Address),
	}
	p.submitWork(&request)
	if len(request.Changes) == 0 && !request.Submit {
		return nil
	}
	if !p.judge(p.backend.Audit(p.manifest, p.product, p.target), options) {
		return nil
	}
	if !p.takeSteps(&request) {
		if p.product.Running != nil {
			// The plan lists what apply will send, and it sends nothing now.
			p.waits, p.waiting = true, request.Changes
			return nil
		}
		if err := p.usePending(&request); err != nil {
			return err
		}
	}
	switch {
	case p.untouchable != nil:
		return nil
	case p.direct && options.Draft:
		p.notice(plan.PathRollout, "A step of a rollout is no draft: apply without --draft takes it.")
		return nil
	}
	operations, found := p.backend.Lower(request)
	if !p.judge(found, options) {
		return nil
	}
	p.doc.Operations = operations
	if note := draftNote(p.backend, nil); options.Draft && note != "" && slices.ContainsFunc(operations, plan.Operation.Writes) {
		p.notice("", "%s", note)
	}
	if slices.ContainsFunc(operations, plan.Operation.Submits) {
		p.listWhatGoesLive()
	}
	return nil
}

// changed are the changes that are made: reports are left out.
func (p *planned) changed() []plan.Change {
	return slices.DeleteFunc(slices.Clone(p.doc.Changes), func(c plan.Change) bool { return c.Action == plan.ActionReport })
}

// finish settles verdict, flags and hash once everything about the product and
// those that it depends on is known.
func (p *planned) finish(run planning) {
	if p.compared != nil {
		p.noteReleased()
		p.noteStrangers()
		if run.options.Unmanaged && p.err == nil && !p.found.HasErrors() {
			p.reportUnmanaged()
		}
	}
	doc := &p.doc
	doc.Protected = protectedBy(p.manifest)
	doc.Blocked = p.blockedGuards()
	failed := p.err != nil || p.found.HasErrors()
	doc.Complete = !failed && p.product.Complete && len(p.unknownImages) == 0 && len(p.unset()) == 0 && !p.unreadable()
	doc.Applyable = !failed && len(doc.Operations) > 0 && len(doc.Blocked) == 0 && len(p.unset()) == 0 && p.untouchable == nil
	doc.Changes, doc.Operations = plan.OrEmpty(doc.Changes), plan.OrEmpty(doc.Operations)
	doc.Allowed, doc.Notices = plan.OrEmpty(doc.Allowed), plan.OrEmpty(doc.Notices)
	doc.Hash = doc.Identity()
	p.noteRest()
	doc.Verdict, doc.Standing = p.verdict()
	doc.Source = sourceOf(run.root, p.manifest, *doc)
}
