package reconcile

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

// What is left to do for a product beside the changes that git asks for: what the
// draft holds of ours and customers do not have.

// work are the paths of the evidence where the draft holds something of ours
// that customers do not have.
func (p *planned) work() []plan.Path {
	work := p.table.Unsubmitted()
	for _, path := range p.lossy {
		if finding, ok := p.table[path]; ok && finding.Provenance != provenance.Same {
			work = append(work, path)
		}
	}
	if p.product.Drafts != provenance.OwnDraft || len(p.changed()) > 0 {
		return work
	}
	// What git took back is of no interest any more, where customers have what
	// git says.
	return slices.DeleteFunc(work, func(path plan.Path) bool {
		shown := p.names.inPlan(path)
		return p.manages(shown) && p.hasWhatGitSays(shown)
	})
}

// hasWhatGitSays reports whether customers have what git says of a managed path.
func (p *planned) hasWhatGitSays(path plan.Path) bool {
	return plan.MarkOf(p.desired.Set[path]).Same(plan.MarkOf(p.published[path]))
}

// unfinished are the steps without which earlier writes to the observed draft
// are not whole.
func (p *planned) unfinished() []string {
	switch {
	case !p.shared() && p.product.Draft == "":
		return nil
	case p.own.standing == unpublished && p.own.shown.ID == p.product.Draft:
		return nil // It was committed: nothing tells whether its files are still there.
	}
	return record.Unfinished(p.record.WritesTo(p.product.Draft))
}

// submitWork asks for a submission when the draft holds work of ours, and says
// why there is none where nobody but a person can decide that.
func (p *planned) submitWork(request *LowerRequest) {
	if request.Submit || p.own.standing == onItsWay && !p.rollingOut() {
		return
	}
	switch {
	case len(p.work()) > 0 && p.own.doubtful != nil && len(request.Changes) == 0:
		// The verdict says so, and a person decides.
	case !p.own.shown.Repeatable && p.isHeld(request.Changes):
		// It was judged, or cancelled: it is not sent again by itself.
		p.held = true
		request.Changes = nil
		if pending := p.product.Pending; p.first() && pending != nil && pending.Untouchable != "" {
			p.refusePending(pending)
		}
	case len(p.work()) > 0:
		request.Submit = true
	case len(request.Changes) == 0:
		p.submitFirst(request)
	}
}

// isHeld reports whether all that is to be done was in a submission of ours that
// ended without being published, and nothing was published or adopted since.
func (p *planned) isHeld(changes []plan.Change) bool {
	if p.own.standing != unpublished || p.own.held == nil || p.record.Adopted.After(p.own.at) || p.publishedSince() {
		return false
	}
	if len(changes) == 0 && len(p.work()) == 0 {
		// The first submission of a product stays what is observed.
		return p.first() && p.product.Pending != nil && p.product.Pending.ID == p.own.shown.ID
	}
	for _, change := range changes {
		if !p.heldAlready(change) {
			return false
		}
	}
	for _, path := range p.work() {
		held, known := p.own.held.At(path)
		if !known || !held.Same(p.table[path].Value) && !p.table[path].Value.IsRewritingOf(held) {
			return false
		}
	}
	return true
}

// publishedSince reports whether a submission of somebody else was published after
// ours had ended.
func (p *planned) publishedSince() bool {
	live := p.product.Published
	if live == nil || live.ID == "" || p.record.Published == nil || p.record.Knows(live.ID) {
		return false
	}
	marks := p.names.marks(p.published)
	for path := range union(marks, p.record.Published.Marks) {
		if before, known := p.record.Published.At(path); known && before != marks[path] {
			return true
		}
	}
	return false
}

// heldAlready reports whether a change is what the submission held.
func (p *planned) heldAlready(change plan.Change) bool {
	if change.Sensitive {
		return true // It cannot be told; a change of it alone is no reason to submit again.
	}
	if change.IsRemoval() {
		return !plan.AnyUnder(p.own.held.Marks, p.names.inEvidence(change.Path, p.live))
	}
	path := p.witness(change.Path)
	held, known := p.own.held.At(p.names.inEvidence(path, p.target))
	target := plan.MarkOf(p.target[path])
	return known && (held.Same(target) || held.IsRewritingOf(target) && held != plan.MarkNone)
}

// submitFirst decides what becomes of a product of which nothing differs and
// nothing was ever published: what equals the manifest is a draft then.
func (p *planned) submitFirst(request *LowerRequest) {
	if !p.first() || p.product.Missing || p.product.Running != nil || p.own.doubtful != nil {
		return
	}
	switch pending := p.product.Pending; {
	case pending != nil && pending.Untouchable != "":
		p.refusePending(pending)
	case p.product.Draft != "" && !request.Draft:
		request.Submit = true
		p.notice("", "Not published yet: draft %s equals the manifest, and applying submits it.", p.product.Draft)
	}
}
