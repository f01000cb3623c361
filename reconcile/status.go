package reconcile

import (
	"context"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// ProductStatus is where one product stands.
type ProductStatus struct {
	Address string
	// ID is the Store's id of the product, "" while it does not exist.
	ID       string
	Verdict  plan.Verdict
	Standing *plan.Standing
	// Missing is true when the product does not exist.
	Missing bool
	// Status is nil when the product could not be read.
	Status *Status
	// Running is the submission in progress, nil when there is none.
	Running *plan.Submission
	// Last is our own newest submission, when the record knows one.
	Last *plan.Submission
	// Draft says whose unsubmitted work the draft holds.
	Draft plan.DraftState
	// First is true when the draft is the first one of a product, which is reused
	// and never deleted.
	First bool
	// Differences are where it differs from its manifest.
	Differences []plan.Change
	// NotTaken are those of them that a submission of ours held and that what was
	// published lacks.
	NotTaken []plan.Change
	// Notices are about drafts that nobody asked for, and a record that is not used.
	Notices []plan.Notice
	Err     error
}

// Status reads where the products stand. It compares them with their manifests
// as a plan does, and makes the same requests.
func (e *Engine) Status(ctx context.Context, workspace *schema.Workspace) ([]ProductStatus, error) {
	proposal, err := e.Plan(ctx, workspace, PlanOptions{Compare: true})
	if err != nil {
		return nil, err
	}
	statuses := make([]ProductStatus, len(proposal.products))
	for i, p := range proposal.products {
		statuses[i] = p.status()
	}
	return statuses, nil
}

func (p *planned) status() ProductStatus {
	s := ProductStatus{Address: p.doc.Address, ID: p.doc.ID, Verdict: p.doc.Verdict, Standing: p.doc.Standing, Notices: p.drafts}
	switch {
	case p.err != nil:
		s.Err = p.err
	case p.found.HasErrors():
		s.Err = p.found
	}
	if p.compared == nil {
		return s
	}
	if p.record.Ignored != "" {
		s.Notices = append(s.Notices, p.ignored())
	}
	s.Missing, s.Status, s.Running, s.Draft = p.product.Missing, &p.product.Status, p.product.Running, p.doc.Draft
	s.First = p.first()
	if p.own.standing != standsNowhere {
		s.Last = p.own.submission()
	}
	s.Differences = p.changed()
	for _, change := range s.Differences {
		if p.notTaken(change.Path) {
			s.NotTaken = append(s.NotTaken, change)
		}
	}
	return s
}
