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
		p.head(s.Address, s.ID)
		row := func(name string, value string, k ink) {
			p.hanging(2, 4, text(padded(name+":", 14)), inked(value, k))
		}
		if s.Status == nil {
			row("Status", "could not be read; the error says why", warned)
			continue
		}
		if s.Missing {
			row("Status", "does not exist in the Store", plain)
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
	}
	return p.String()
}

// head is the line that a product begins with. A product that does not exist
// yet has no id.
func (p *page) head(address, id string) {
	spans := []span{inked(sanitize(address), strong)}
	if id != "" {
		spans = append(spans, inked("  "+sanitize(id), faint))
	}
	p.hanging(0, 2, spans...)
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
		return state + "; holds changes of storesync that are not submitted: apply submits them"
	case plan.DraftUnknown:
		return state + "; whose changes it holds is not known, for there is no record of a submission"
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
