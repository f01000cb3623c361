package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// Whose draft it is, and what is said of drafts.

// shared reports whether people edit the draft that is observed, too.
func (o *observed) shared() bool { return o.product.Drafts == provenance.SharedDraft }

// first reports whether nothing of the product was ever published.
func (o *observed) first() bool { return o.product.Drafts == provenance.FirstDraft }

// fromNothing reports whether the draft that is written is the first one ever,
// made by this apply: nobody had anything in it.
func (o *observed) fromNothing() bool {
	return o.product.Missing || o.first() && o.product.Draft == "" && o.product.Pending == nil && o.product.Running == nil
}

// ownsDraft reports whether the draft that is observed was made or written by
// storesync.
func (o *observed) ownsDraft() bool { return o.record.OwnsDraft(o.product.Draft) }

// strangersDraft reports whether what is observed is the first draft of a
// product, in which somebody else may have worked.
func (o *observed) strangersDraft() bool {
	return o.first() && o.product.Draft != "" && o.product.Filled == nil && !o.ownsDraft()
}

// draftState says whose unsubmitted work the draft holds.
func (p *planned) draftState() plan.DraftState {
	switch {
	case len(p.table.With(provenance.Ours)) > 0, p.product.Draft != "" && p.ownsDraft():
		return plan.DraftOurs
	case !p.shared():
		return plan.DraftClean
	case p.anyToSee(provenance.Foreign, provenance.Unknown):
		return plan.DraftUnknown
	}
	return plan.DraftClean
}

// anyToSee reports whether a path has one of the provenances, sensitive ones
// aside: of these nothing tells whose they are.
func (p *planned) anyToSee(wanted ...provenance.Provenance) bool {
	return slices.ContainsFunc(p.table.With(wanted...), func(path plan.Path) bool { return p.table[path].Value != plan.MarkSecret })
}

// noticeUnknownDraft says what cannot be known of a shared draft, and shows what matters
// most of what a submission would send.
func (p *planned) noticeUnknownDraft() {
	if !p.shared() || p.record.Published != nil || p.own.standing != standsNowhere || !p.anyToSee(provenance.Unknown) {
		return
	}
	p.notice("", "No record of an earlier submission by storesync: whether the draft holds edits that somebody made in Partner Center "+
		"and has not submitted cannot be known. A submission sends the whole draft.")
	var shared []string
	for _, path := range plan.SortedPaths(p.live) {
		value := p.live[path]
		if plan.UnderAny(path, p.product.Shared) && !value.Empty() && !value.Sensitive {
			shared = append(shared, fmt.Sprintf("%s: %s", path, value.JSON))
		}
	}
	if len(shared) > 0 {
		p.notice("", "The draft has %s", strings.Join(shared, ", "))
	}
}

// noteStrangers names a draft of somebody else beside what is observed, in every
// plan: what it holds is not lost and not submitted unseen.
func (p *planned) noteStrangers() {
	pending := p.product.Pending
	if pending == nil || pending.Ours || p.first() {
		p.noteLeftover()
		return
	}
	differing, err := plan.Diff(p.live, p.pending)
	if err != nil {
		return
	}
	holds := "it holds what is published"
	if len(differing) > 0 {
		holds = "it differs from what is published in " + someOf(texts(plan.PathsOf(differing)))
	}
	p.sayOfDraft("Draft %s, which is not in this record, is pending: %s.", pending.ID, holds)
}

// sayOfDraft notes what status says, too.
func (p *planned) sayOfDraft(format string, arguments ...any) {
	p.drafts = append(p.drafts, plan.Notice{Text: fmt.Sprintf(format, arguments...)})
	p.doc.Notices = append(p.doc.Notices, p.drafts[len(p.drafts)-1])
}

// noteLeftover says what becomes of a draft of our own that nothing needs.
func (p *planned) noteLeftover() {
	if p.shared() || p.product.Draft == "" || p.first() || !p.ownsDraft() || len(p.doc.Operations) > 0 || len(p.changed()) > 0 || p.waits || p.held {
		return
	}
	p.sayOfDraft("Draft %s of an earlier apply holds nothing that git wants: the next change uses it, and storesync discard %s deletes it.", p.product.Draft, p.doc.Address)
}
