package emulator

import (
	"net/http"
	"slices"
	"time"
)

// msixStep is a status that a submission comes to.
type msixStep struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
	// Fixed: it waits for a date that somebody has chosen, so that Settle
	// does not bring it forward.
	Fixed bool `json:"fixed,omitempty"`
}

// msixStages are the statuses after a commit, with the part of the
// certification time after which each begins, in hundredths.
func msixStages(behavior MsixBehavior) []struct {
	status string
	after  time.Duration
} {
	type stage = struct {
		status string
		after  time.Duration
	}
	stages := []stage{{msixPreProcessing, 0}, {msixCertification, 20}, {msixRelease, 70}}
	if behavior.PendingPublication {
		stages = append(stages, stage{msixPendingPublication, 80})
	}
	return append(stages, stage{msixPublishing, 90}, stage{msixPublished, 100})
}

// failsAfter is the status that a failed outcome takes the place of the next
// one of.
func failsAfter(outcome string) (status string, ok bool) {
	switch outcome {
	case msixCommitFailed, msixPendingCommit, msixCommitStarted:
		return msixCommitStarted, true
	case msixPreProcessingFailed:
		return msixPreProcessing, true
	case msixCertificationFailed, msixCanceled:
		return msixCertification, true
	case msixReleaseFailed:
		return msixRelease, true
	case msixPublishFailed:
		return msixPublishing, true
	case msixPublished:
		return "", true
	default:
		return "", false
	}
}

// commitMsixSubmission hands a draft over to the service, which reads the
// archive later
// (https://learn.microsoft.com/windows/uwp/monetize/commit-an-app-submission).
func (c *call) commitMsixSubmission(p msixProduct, s *msixSubmission) reply {
	if refused, ok := c.mayEditMsix(s); !ok {
		return refused
	}
	outcome := msixPublished
	if l := p.line(); len(l.Outcomes) > 0 {
		outcome = l.Outcomes[0]
		l.Outcomes = slices.Delete(l.Outcomes, 0, 1)
	}
	s.Status = msixCommitStarted
	s.Errors, s.Reports = nil, nil
	s.Steps = c.msixSteps(s, outcome)
	c.state.touch()
	return jsonReply(http.StatusAccepted, object{{"status", s.Status}})
}

// msixSteps plans what becomes of a committed submission.
func (c *call) msixSteps(s *msixSubmission, outcome string) []msixStep {
	if outcome == msixCommitStarted {
		return nil // for ever (observed)
	}
	pace := c.state.pace()
	begin := later(c.now, pace.Packages)
	certification := max(pace.Certification, 0)
	last, _ := failsAfter(outcome)
	if last == msixCommitStarted {
		return []msixStep{{Status: outcome, At: begin}}
	}
	wait := msixRelease
	if c.state.Behavior.Msix.PendingPublication {
		wait = msixPendingPublication
	}
	document := object(s.Document)
	var steps []msixStep
	var held time.Duration // how long the publishing date holds the rest up
	failed := false
	for _, stage := range msixStages(c.state.Behavior.Msix) {
		status := stage.status
		if failed {
			status = outcome
		}
		at, fixed := begin.Add(certification*stage.after/100).Add(held), false
		if stage.status == msixPublishing && !failed {
			if date, err := time.Parse(msixDate, document.lookupText("targetPublishDate")); err == nil && at.Before(date) &&
				document.lookupText("targetPublishMode") == "SpecificDate" {
				held, at, fixed = date.Sub(at), date, true
			}
		}
		steps = append(steps, msixStep{Status: status, At: at, Fixed: fixed})
		if failed || status == wait && document.lookupText("targetPublishMode") == "Manual" && last != msixRelease {
			break
		}
		failed = status == last
	}
	return steps
}

// advanceMsix lets everything happen that was due by now.
func (s *state) advanceMsix(now time.Time, contents *contents) {
	for p := range s.msixProducts() {
		pending := p.line().pending()
		if pending == nil {
			continue
		}
		for len(pending.Steps) > 0 && !now.Before(pending.Steps[0].At) {
			step := pending.Steps[0]
			pending.Steps = pending.Steps[1:]
			s.stepMsix(p, pending, step, contents)
			s.touch()
		}
	}
}

// stepMsix brings a submission to its next status.
func (s *state) stepMsix(p msixProduct, sub *msixSubmission, step msixStep, contents *contents) {
	sub.Status = step.Status
	switch step.Status {
	case msixPreProcessing:
		document, problems := s.ingest(p, sub, contents)
		if len(problems) > 0 {
			sub.Status, sub.Errors, sub.Steps = msixCommitFailed, problems, nil
			return
		}
		sub.Document = document
		if live := p.line().published(); s.Behavior.Msix.DropPackages && live != nil {
			sub.Document = withPackagesOf(document, live.Document)
		}
		s.dropBlob(sub.Upload, contents)
	case msixCommitFailed:
		sub.Errors = []msixDetail{invalidState()}
	case msixPreProcessingFailed:
		sub.Errors = []msixDetail{{msixPackageFailed, "The packages could not be processed."}}
	case msixCertificationFailed:
		// The service tells why in a report, not in the errors.
		sub.Reports = []msixReport{{step.At.UTC().Format(msixDate), "https://reports.contoso.example/certification/" + sub.ID}}
	case msixReleaseFailed, msixPublishFailed:
		sub.Errors = []msixDetail{{"ServiceError", "The submission could not be published."}}
	case msixPublished:
		sub.Portal, sub.Blank, sub.Upload = false, false, ""
		sub.Document = released(p, sub)
		if a, ok := p.(*msixApp); ok && a.FirstPublished.IsZero() {
			a.FirstPublished = step.At
		}
		l := p.line()
		if excess := len(l.Submissions) - maxMsixHistory; excess > 0 {
			l.Submissions = slices.Delete(l.Submissions, 0, excess)
		}
	}
}

// withPackagesOf is a submission with the packages of another one.
func withPackagesOf(document, other msixDocument) msixDocument {
	for _, list := range []string{"applicationPackages", "flightPackages"} {
		if packages := object(other).lookupList(list); packages != nil {
			document = msixDocument(object(document).with(list, packages))
		}
	}
	return document
}

// invalidState is the one error of a submission that breaks rules that only
// Partner Center shows (observed by several clients).
func invalidState() msixDetail {
	return msixDetail{msixInvalidState, "The submission has validation errors. Look at it in Partner Center."}
}

// settleMsix makes everything due that waits for nobody.
func (s *state) settleMsix(now time.Time) {
	for p := range s.msixProducts() {
		pending := p.line().pending()
		if pending == nil {
			continue
		}
		for i := range pending.Steps {
			step := &pending.Steps[i]
			if step.Fixed && step.At.After(now) {
				break
			}
			if step.At.After(now) {
				step.At = now
				s.touch()
			}
		}
	}
}
