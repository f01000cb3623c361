package reconcile

import (
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// id is the Store's id of the product, "" while it does not exist.
func (p *proposed) id() string {
	switch {
	case p.observed.Missing:
		return ""
	case p.observed.ID != "":
		return p.observed.ID
	}
	return p.manifest.ProductID()
}

// revision identifies the observed product. One that does not exist has a
// revision, too: a plan that makes it is stale once somebody has made it.
func (o *Observed) revision() string {
	if o.Missing {
		return plan.HashOf([]byte("missing"))
	}
	return plan.RevisionOf(o.State)
}

// correctRecord brings the record in line with what the Store shows. It is
// saved with the next write.
func (p *proposed) correctRecord() {
	switch {
	case p.observed.Missing:
		// What it says is about a product that is gone, or was never made.
		p.record = &record.Record{Format: record.Format, Key: p.key, Begun: p.record.Begun}
	case p.observed.Returned:
		p.record.NoteReturned(p.observed.Draft)
	}
}

// noticeGone says that the Store lost a product that storesync knew.
func (p *proposed) noticeGone() {
	if p.observed.Missing && !p.manifest.Absent() && p.record.Submitted != nil {
		p.notice("", "The Store does not have this product any more, though storesync has submitted it before: applying makes it anew.")
	}
}

// fromNothing reports whether the draft that is written is the first one ever,
// made by this apply: nobody had anything in it.
func (p *proposed) fromNothing() bool {
	return p.observed.Missing || p.observed.Unpublished && p.observed.Draft == "" && p.observed.Pending == nil
}

// made notes that a product is about to be made, or which draft is written to;
// it reports whether that is news. What the Store fills in by itself is nobody's
// edit.
func (p *proposed) made() bool {
	draft := p.record.Draft
	switch {
	case p.fromNothing() && !draft.Made:
		draft.Made = true
		return true
	case p.observed.Pristine && p.observed.Draft != "" && draft.Before == nil:
		draft.Submission, draft.Before = p.observed.Draft, p.snapshotOf(p.observed.State)
		return true
	case p.observed.Draft != "" && draft.Submission != p.observed.Draft && !p.observed.SharedDraft:
		draft.Submission = p.observed.Draft
		return true
	}
	return false
}
