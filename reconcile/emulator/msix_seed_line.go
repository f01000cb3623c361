package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// seedMsixLine is what a seed, or an edit in the portal, says of the
// submissions of an application, an add-on or a flight.
type seedMsixLine struct {
	Published      *bool            `json:"published"`
	Submission     json.RawMessage  `json:"submission"`
	Rollout        *seedMsixRollout `json:"rollout"`
	Pending        *seedMsixPending `json:"pending"`
	DiscardPending bool             `json:"discardPending"`
	Outcomes       []string         `json:"outcomes"`
	Unchecked      bool             `json:"unchecked"`
}

type seedMsixPending struct {
	MadeInPortal *bool           `json:"madeInPortal"`
	Status       string          `json:"status"`
	Submission   json.RawMessage `json:"submission"`
}

type seedMsixRollout struct {
	Percentage *float64 `json:"percentage"`
	Halted     bool     `json:"halted"`
	Finalized  bool     `json:"finalized"`
}

// start gives a new product its first submission, and then does what else the
// seed says of it.
func (s seeder) start(p msixProduct, first object, seed seedMsixLine) error {
	edit := seed.Submission
	if isNull(edit) {
		edit = json.RawMessage("{}")
	}
	document, err := s.msixDocument(p, msixDocument(first), edit, seed.Unchecked)
	if err != nil {
		return err
	}
	made := s.state.nextMsixSubmission(p.line(), document)
	if seed.Published == nil || *seed.Published {
		s.publish(p, made)
	} else {
		made.Portal = true
	}
	seed.Submission = nil
	return s.editLine(p, seed)
}

// publish publishes a submission at once. A rollout that it names the state of
// has got there already.
func (s seeder) publish(p msixProduct, made *msixSubmission) {
	if a, ok := p.(*msixApp); ok && a.FirstPublished.IsZero() {
		a.FirstPublished = s.now
	}
	made.Status, made.Portal, made.Blank = msixPublished, false, false
	if rolloutOf(object(made.Document)).lookupText("packageRolloutStatus") == rolloutNotStarted {
		made.Document = released(p, made)
	}
}

// editLine changes the submissions of a product as a person would.
func (s seeder) editLine(p msixProduct, edit seedMsixLine) error {
	l := p.line()
	for _, outcome := range edit.Outcomes {
		if _, ok := failsAfter(outcome); !ok {
			return fmt.Errorf("outcomes: %q is not Published, CommitFailed, PreProcessingFailed, CertificationFailed, ReleaseFailed, PublishFailed, Canceled, PendingCommit or CommitStarted", outcome)
		}
	}
	if edit.Outcomes != nil {
		l.Outcomes = edit.Outcomes
	}
	if !isNull(edit.Submission) {
		var base msixDocument
		if published := l.published(); published != nil {
			base = published.Document
		}
		document, err := s.msixDocument(p, base, edit.Submission, edit.Unchecked)
		if err != nil {
			return err
		}
		pending := l.pending()
		s.publish(p, s.state.nextMsixSubmission(l, document))
		if pending != nil {
			// The pending one stays the last.
			l.Submissions = append(slices.DeleteFunc(l.Submissions, func(other *msixSubmission) bool { return other == pending }), pending)
		}
	}
	if edit.Rollout != nil {
		if err := s.rollOut(p, *edit.Rollout); err != nil {
			return err
		}
	}
	if pending := l.pending(); edit.DiscardPending && pending != nil {
		s.state.dropMsixSubmission(l, pending, s.contents)
	}
	if edit.Pending == nil {
		return nil
	}
	return s.editPending(p, *edit.Pending, edit.Unchecked)
}

// rollOut starts, changes or ends the rollout of the published submission.
func (s seeder) rollOut(p msixProduct, edit seedMsixRollout) error {
	published := p.line().published()
	if published == nil || !p.rolls() {
		return fmt.Errorf("rollout: the %s has no published packages", p.noun())
	}
	document := object(published.Document)
	if rolloutOf(document).lookupText("packageRolloutStatus") != rolloutInProgress {
		published.Document = msixDocument(withRollout(document, member{"isPackageRollout", true}, member{"packageRolloutPercentage", numberText(0)}))
		document = object(released(p, published))
		if rolloutOf(document).lookupText("fallbackSubmissionId") == noFallback {
			// The submission before is so old that it is not readable any more.
			document = withRollout(document, member{"fallbackSubmissionId", s.state.newSubmissionID()})
		}
	}
	switch {
	case edit.Halted:
		document = withRollout(document, haltedRollout()...)
	case edit.Finalized:
		document = withRollout(document, finalizedRollout()...)
	case edit.Percentage != nil:
		if *edit.Percentage < 0 || *edit.Percentage > 100 {
			return fmt.Errorf("rollout.percentage: %g is not from 0 to 100", *edit.Percentage)
		}
		document = withRollout(document, member{"packageRolloutPercentage", numberText(*edit.Percentage)})
	default:
		return errors.New("rollout: give it a percentage, halted or finalized")
	}
	published.Document = msixDocument(document)
	s.state.touch()
	return nil
}

func (s seeder) editPending(p msixProduct, edit seedMsixPending, unchecked bool) error {
	l := p.line()
	var document msixDocument
	pending := l.pending()
	switch published := l.published(); {
	case pending != nil:
		document = pending.Document
	case published != nil:
		document = s.state.Behavior.Msix.cloned(published.Document)
	}
	if !isNull(edit.Submission) {
		var err error
		if document, err = s.msixDocument(p, document, edit.Submission, unchecked); err != nil {
			return fmt.Errorf("pending: %w", err)
		}
	}
	if document == nil {
		return fmt.Errorf("pending: give it a submission: the %s has none to copy", p.noun())
	}
	if pending == nil {
		pending = s.state.nextMsixSubmission(l, document)
		pending.Portal = true
	}
	pending.Document = document
	if edit.MadeInPortal != nil {
		pending.Portal = *edit.MadeInPortal
	}
	if !pending.Portal && pending.Upload == "" {
		c := &call{state: s.state, now: s.now}
		c.openMsixUpload(pending)
	}
	return s.msixStatus(p, pending, edit.Status)
}

// msixStatus brings a pending submission to a status.
func (s seeder) msixStatus(p msixProduct, pending *msixSubmission, status string) error {
	switch status {
	case "":
	case msixPreProcessing, msixCommitStarted, msixCertification, msixRelease, msixPendingPublication, msixPublishing:
		pending.Status = status
		pending.Steps = []msixStep{{Status: msixPublished, At: later(s.now, s.state.pace().Certification)}}
	case msixPendingCommit, msixPublished, msixCommitFailed, msixPreProcessingFailed, msixCertificationFailed, msixReleaseFailed, msixPublishFailed, msixCanceled:
		pending.Steps = nil
		s.state.stepMsix(p, pending, msixStep{Status: status, At: s.now}, s.contents)
	default:
		return fmt.Errorf("pending.status: %q is not a status", status)
	}
	return nil
}
