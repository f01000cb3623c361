package main

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// humanStatus shows where products stand, a block for each.
func humanStatus(statuses []reconcile.ProductStatus, l look) string {
	p := &page{width: l.width, color: l.color}
	if len(statuses) == 0 {
		p.line(0, text("No manifests."))
	}
	for i, s := range statuses {
		if i > 0 {
			p.blank()
		}
		shown := statusStanding(s)
		p.head(s.Address, s.ID, s.Verdict)
		p.standing(standing{sentence: shown.sentence, paths: shown.paths})
		row := func(name string, value string, k ink) {
			p.hanging(2, 4, text(padded(name+":", 14)), inked(value, k))
		}
		if s.Status == nil {
			row("Status", "could not be read; the error says why", warned)
			continue
		}
		if s.Missing {
			if s.Standing == nil {
				row("Status", "does not exist in the Store", plain)
			}
			p.standing(standing{next: shown.next})
			continue
		}
		row("Draft", draftText(s), plain)
		row("Submission", runningText(s.Running), plain)
		if s.Status.Rollout != "" {
			row("Rollout", sanitize(s.Status.Rollout), plain)
		}
		if s.Last != nil && (s.Running == nil || s.Running.ID != s.Last.ID) {
			row("Last of ours", submissionText(*s.Last), submissionInk(*s.Last))
		}
		for _, m := range s.Status.Messages {
			if saidOfLast(s, m) {
				continue
			}
			row("The Store", sanitizeLines(m), warned)
		}
		for _, n := range s.Notices {
			row("Note", noticeText(n), warned)
		}
		for _, c := range s.NotTaken {
			row("Not taken", sanitizeLines(notTakenText(c)), removed)
		}
		p.standing(standing{next: shown.next})
	}
	var verdicts []plan.Verdict
	for _, s := range statuses {
		verdicts = append(verdicts, s.Verdict)
	}
	if len(verdicts) > 1 && !slices.Contains(verdicts, "") {
		p.blank()
		p.line(0, inked("Products: ", strong), text(verdictCounts(verdicts)+"."))
	}
	return p.String()
}

// statusStanding is the standing of a product whose submissions are shown
// beside it, with the Store's words. What to do comes after them.
func statusStanding(s reconcile.ProductStatus) standing {
	shown := standingOf(s.Verdict, s.Standing)
	shown.words, shown.evidence = nil, ""
	return shown
}

// notTakenText is a change that a submission held, and that what was published
// lacks.
func notTakenText(c plan.Change) string {
	where := string(c.Path) + ": "
	if c.Sensitive {
		return where + "the Store has another value than was sent; the values are sensitive and not shown"
	}
	return where + "sent " + briefly(c.Type, c.After) + ", the Store has " + briefly(c.Type, c.Before)
}

// saidOfLast reports whether a message is about our last submission, which is
// shown with its own.
func saidOfLast(s reconcile.ProductStatus, message string) bool {
	return s.Last != nil && (slices.Contains(s.Last.Detail, message) || strings.HasPrefix(message, "submission "+s.Last.ID+" ended with"))
}

func draftText(s reconcile.ProductStatus) string {
	if s.Status.Draft != "" {
		return ownDraftText(s)
	}
	state := "not ready to be submitted"
	switch {
	case s.Status.Ready:
		state = "ready to be submitted"
	case s.Running != nil:
		state = "locked while the submission runs"
	}
	switch s.Draft {
	case plan.DraftOurs:
		if s.Verdict == plan.VerdictSubmissionFailed {
			return state + "; holds what the failed submission held"
		}
		return state + "; holds changes of storesync that are not submitted: apply submits them"
	case plan.DraftUnknown:
		return state + "; whose changes it holds is not known"
	case plan.DraftClean:
	}
	return state
}

// ownDraftText is the draft of an API whose drafts are made and deleted.
func ownDraftText(s reconcile.ProductStatus) string {
	state := sanitize(s.Status.Draft)
	switch {
	case s.Draft != plan.DraftOurs || !s.Status.Ready:
	case s.First:
		state += "; apply goes on with what storesync wrote; a first draft is never deleted"
	default:
		state += "; apply goes on with what storesync wrote, discard deletes it"
	}
	return state
}

func runningText(running *plan.Submission) string {
	if running == nil {
		return "none is running"
	}
	if running.Rollout {
		return submissionText(*running) + ", published and being rolled out"
	}
	return submissionText(*running) + ", running"
}

func submissionText(s plan.Submission) string {
	status := s.Status
	if len(s.Detail) > 0 {
		status += ": " + strings.Join(s.Detail, "; ")
	}
	return sanitize(s.ID) + " (" + sanitizeLines(status) + ")"
}

func submissionInk(s plan.Submission) ink {
	if s.Failed {
		return removed
	}
	return plain
}
