package plan

// Verdict says where one product stands: whether what customers get is what git
// says, and if not, why. Every product has exactly one. Views, exit codes, drift
// and status all go by it.
type Verdict string

// The verdicts, the weightiest first: of several products, the first of this
// order decides.
const (
	// VerdictError: it could not be judged.
	VerdictError Verdict = "error"
	// VerdictMissing: storesync knew the product, and the Store has it no more.
	VerdictMissing Verdict = "missing"
	// VerdictNotCreated: git wants an add-on or flight that the Store does not
	// have yet.
	VerdictNotCreated Verdict = "not_created"
	// VerdictSubmissionFailed: the last submission of storesync ended without
	// being published, and git wants what it held.
	VerdictSubmissionFailed Verdict = "submission_failed"
	// VerdictBlocked: something is to be done, and nothing of it can be now.
	VerdictBlocked Verdict = "blocked"
	// VerdictDrifted: the Store moved.
	VerdictDrifted Verdict = "drifted"
	// VerdictNotApplied: git moved.
	VerdictNotApplied Verdict = "not_applied"
	// VerdictDiverged: both moved.
	VerdictDiverged Verdict = "diverged"
	// VerdictDiffers: who moved is not known.
	VerdictDiffers Verdict = "differs"
	// VerdictUnsubmitted: the draft holds what git says, and customers do not
	// have it.
	VerdictUnsubmitted Verdict = "unsubmitted"
	// VerdictSubmitted: a submission of storesync with what git says is on its way.
	VerdictSubmitted Verdict = "submitted"
	// VerdictPendingRelease: it is certified and waits for its day, or for a person.
	VerdictPendingRelease Verdict = "pending_release"
	// VerdictIncomplete: all that could be compared is equal; something could
	// not, or whether customers have it cannot be told.
	VerdictIncomplete Verdict = "incomplete"
	// VerdictInSync: customers get what git says.
	VerdictInSync Verdict = "in_sync"
)

// Verdicts are all verdicts in the order of their weight.
func Verdicts() []Verdict {
	return []Verdict{
		VerdictError, VerdictMissing, VerdictNotCreated, VerdictSubmissionFailed, VerdictBlocked, VerdictDrifted,
		VerdictNotApplied, VerdictDiverged, VerdictDiffers, VerdictUnsubmitted, VerdictSubmitted, VerdictPendingRelease,
		VerdictIncomplete, VerdictInSync,
	}
}

// Label is the verdict in words, as views show it.
func (v Verdict) Label() string {
	switch v {
	case VerdictError:
		return "error"
	case VerdictMissing:
		return "missing"
	case VerdictNotCreated:
		return "not created"
	case VerdictSubmissionFailed:
		return "submission failed"
	case VerdictBlocked:
		return "blocked"
	case VerdictDrifted:
		return "drifted"
	case VerdictNotApplied:
		return "not applied"
	case VerdictDiverged:
		return "diverged"
	case VerdictDiffers:
		return "differs"
	case VerdictUnsubmitted:
		return "unsubmitted"
	case VerdictSubmitted:
		return "submitted"
	case VerdictPendingRelease:
		return "pending release"
	case VerdictIncomplete:
		return "incomplete"
	case VerdictInSync:
		return "in sync"
	}
	return string(v)
}

// Standing is a verdict with what it rests on. Everything in it may be shown.
type Standing struct {
	// Sentence says what is the case, Next what to do about it; Next is "" when
	// there is nothing to do.
	Sentence string `json:"sentence"`
	Next     string `json:"next,omitempty"`
	// Submission is our submission that it is about, with the Store's own words.
	Submission *Submission `json:"submission,omitempty"`
	// Paths are those that it is about, as far as that is known.
	Paths []Path `json:"paths,omitempty"`
}

// Worst is the verdict that decides over several products, VerdictInSync for none.
func Worst(verdicts []Verdict) Verdict {
	has := map[Verdict]bool{}
	for _, v := range verdicts {
		has[v] = true
	}
	for _, v := range Verdicts() {
		if has[v] {
			return v
		}
	}
	return VerdictInSync
}
