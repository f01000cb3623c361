package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/storesync/storesync/schema"
)

// Options configure an Engine.
type Options struct {
	// Backends serve the kinds of manifests.
	Backends map[schema.Kind]Backend
	// Records keeps records and journals.
	Records RecordStore
	// Parallelism is how many products are worked on at a time; 0 means 4.
	Parallelism int
	// Tool is the name and version that plans carry, "storesync v1.2.3".
	Tool string
	// Now is the clock for createdAt, records and journals; nil: time.Now.
	Now func() time.Time
	// Events is told what happens while applying, one call at a time; nil: nobody.
	Events func(Event)
}

// Engine plans and applies.
type Engine struct{ options Options }

// New makes an engine.
func New(options Options) *Engine { return &Engine{options: options} }

// PlanOptions say how to plan.
type PlanOptions struct {
	WriteMode WriteMode
	// Submit plans a submission though nothing differs.
	Submit bool
	// Draft plans without the submission.
	Draft bool
	// Allow are the allowed guards per address; the key "" is for all.
	Allow map[string][]Guard
	// ReuploadImages are the addresses whose images are all sent anew.
	ReuploadImages []string
}

// Proposal is a plan together with what is needed to apply it right away:
// secrets and observed documents, which never leave memory.
type Proposal struct {
	Plan *Plan

	products []*proposed
}

type proposed struct{}

// Plan observes every product, compares and lowers. Products that cannot be
// planned are in the plan with their error; the others go on. The error is for
// what concerns the whole run (a cancelled context).
func (e *Engine) Plan(ctx context.Context, workspace *schema.Workspace, options PlanOptions) (*Proposal, error) {
	return nil, errors.New("plan: not built yet")
}

// ApplyOptions say how to apply.
type ApplyOptions struct {
	// Goal is how far to wait; GoalSubmitted when "".
	Goal Goal
	// Timeout bounds the waiting for a submission, per product; 0: no limit.
	Timeout time.Duration
	// FailFast starts no further product after one that failed or was refused.
	FailFast bool
	// Stop, when closed, lets operations in flight finish and starts no more.
	Stop <-chan struct{}
}

// Apply does what the proposal says and no more.
func (e *Engine) Apply(ctx context.Context, proposal *Proposal, options ApplyOptions) (*Report, error) {
	return nil, errors.New("apply: not built yet")
}

// AwaitIdle waits until no product of the workspace has a running submission,
// at most d. It fails with ClassPending when one is still running then.
func (e *Engine) AwaitIdle(ctx context.Context, workspace *schema.Workspace, d time.Duration) error {
	return errors.New("await: not built yet")
}

// ProductStatus is where one product stands.
type ProductStatus struct {
	Address string
	ID      string
	Status  *Status
	// Last is our own newest submission, when the record knows one.
	Last *Submission
	// Draft says whether an unsubmitted draft of ours is remembered.
	Draft DraftState
	Err   error
}

// Status reads where the products stand.
func (e *Engine) Status(ctx context.Context, workspace *schema.Workspace) ([]ProductStatus, error) {
	return nil, errors.New("status: not built yet")
}
