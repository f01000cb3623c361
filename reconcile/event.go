package reconcile

import (
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// Event is something that happened while applying. The types below are all
// there are.
type Event interface{ event() }

// OperationStarted says that a request is about to be sent.
type OperationStarted struct {
	Address   string
	Operation plan.Operation
}

// OperationProgress says how far an operation has come.
type OperationProgress struct {
	Address   string
	Operation plan.Operation
	Progress  Progress
}

// OperationDone says that an operation ended; Err is nil when it worked.
type OperationDone struct {
	Address   string
	Operation plan.Operation
	Warnings  []string
	Err       error
}

// SubmissionPolled says where a submission stands.
type SubmissionPolled struct {
	Address    string
	Submission plan.Submission
}

// ProductDone says how a product ended.
type ProductDone struct{ Result ProductResult }

func (OperationStarted) event()  {}
func (OperationProgress) event() {}
func (OperationDone) event()     {}
func (SubmissionPolled) event()  {}
func (ProductDone) event()       {}

// Outcome is how a product ended, in the past tense.
type Outcome string

// The outcomes.
const (
	Unchanged Outcome = "unchanged"
	Drafted   Outcome = "drafted"
	Submitted Outcome = "submitted"
	Published Outcome = "published"
	// Applied products were changed at once, without a submission: deleted, or
	// a step of their rollout was taken.
	Applied     Outcome = "applied"
	Refused     Outcome = "refused"
	Blocked     Outcome = "blocked"
	Failed      Outcome = "failed"
	Interrupted Outcome = "interrupted"
	// Skipped products were not started, because of --fail-fast or a signal.
	Skipped Outcome = "skipped"
)

// ProductResult is how one product ended.
type ProductResult struct {
	Address    string
	Outcome    Outcome
	Submission *plan.Submission
	// Operations are the ids that were carried out, in order.
	Operations []string
	// Touched is true when a request that changes something was sent, whether
	// or not it is known to have worked.
	Touched bool
	// Verified says what the last observation showed: InSync when the live
	// product equals the target.
	Verified Verification
	// Remaining are the changes that a fresh observation still shows.
	Remaining []plan.Change
	Warnings  []string
	// Left is what a step of a rollout left for later, "" for nothing.
	Left string
	// Verdict is the plan's.
	Verdict plan.Verdict
	// DraftNote is what to know of a draft that was left unsubmitted, "" when
	// there is nothing to say.
	DraftNote string
	Err       error
}

// Verification is what could be said after applying.
type Verification string

// The verifications.
const (
	// VerifiedInSync: a fresh observation equals the target.
	VerifiedInSync Verification = "in sync"
	// VerifiedReadBack: what was written was read back before the submission and
	// equalled the target; customers do not have it yet.
	VerifiedReadBack Verification = "read back"
	// VerifiedDiffers: a fresh observation still shows changes.
	VerifiedDiffers Verification = "differs"
	// VerifiedUnreadable: the live values cannot be read yet; the read-back
	// before the submission equalled the target.
	VerifiedUnreadable Verification = "not readable yet"
)

// Report is how an apply ended, products in plan order.
type Report struct {
	Products    []ProductResult
	Diagnostics schema.Diagnostics
}
