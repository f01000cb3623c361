package emulator

import (
	"slices"
	"strings"
)

// getStatus answers whether the draft is ready. With a running submission
// isSuccess stays true and the errors say why it is not (observed 2026-02).
func (c *call) getStatus(p *product) reply {
	if running := p.running(); running != nil {
		if c.now.Before(running.Submitted.Add(max(c.state.pace().StatusLag, 0))) {
			return c.success(object{{"isReady", true}}, nil)
		}
		return c.success(object{{"isReady", false}, {"ongoingSubmissionId", running.ID}}, problems{activeError(running)})
	}
	errs := slices.Clone(problems(p.PackageErrors))
	if p.Processing != nil {
		errs = append(errs, apiError{codeError, "Packages are being processed.", targetPackages})
	}
	ready := len(errs) == 0 && !c.now.Before(p.ModulesReady)
	return c.success(object{{"isReady", ready}}, errs)
}

func (c *call) submit(p *product) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	if errs := c.unsubmittable(p); errs.fatal() {
		return c.refuse(errs)
	}
	outcome := statusPublished
	if len(c.state.Outcomes) > 0 {
		outcome = c.state.Outcomes[0]
		c.state.Outcomes = slices.Delete(c.state.Outcomes, 0, 1)
	}
	next := submission{
		ID: c.state.newSubmissionID(), Submitted: c.now,
		Due: later(c.now, c.state.pace().Certification), Outcome: outcome, Status: statusInProgress,
	}
	p.Submissions = append(p.Submissions, next)
	c.state.touch()
	return c.success(object{
		{"pollingUrl", c.pollingURL(p, "submission/"+next.ID+"/status")}, {"submissionId", next.ID},
	}, nil)
}

// unsubmittable is why a draft cannot be submitted.
func (c *call) unsubmittable(p *product) problems {
	errs := slices.Clone(problems(p.PackageErrors))
	if p.PackagesDirty {
		errs.add(targetPackages, "The packages are not committed: POST packages/commit first.")
	}
	if len(p.Packages) == 0 {
		errs.add(targetPackages, "The product has no packages.")
	}
	a := p.Availability
	for _, field := range [][2]string{{"discoverability", a.Discoverability}, {"pricing", a.Pricing}} {
		if field[1] == "" {
			errs.add(targetAvailability, "availability.%s is required.", field[0])
		}
	}
	if len(a.Markets) == 0 {
		errs.add(targetAvailability, "availability.markets is required.")
	}
	if p.Properties.Category == "" {
		errs.add(targetProperties, "properties.category is required.")
	}
	if p.Properties.IsPrivacyPolicyRequired && p.Properties.PrivacyPolicyURL == "" {
		errs.add(targetProperties, "properties.privacyPolicyUrl is required when isPrivacyPolicyRequired is true.")
	}
	if len(p.Listings) == 0 {
		errs.add(targetListings, "The product has no listing.")
	}
	for _, l := range p.Listings {
		if lacks := missing(p, l); len(lacks) > 0 {
			errs.add(targetListings, "The listing %s is not complete: it needs %s.", l.Language, strings.Join(lacks, ", "))
		}
	}
	return errs
}

func (c *call) getSubmissionStatus(p *product, id string) reply {
	index := slices.IndexFunc(p.Submissions, func(s submission) bool { return s.ID == id })
	if index < 0 {
		return c.refusal(targetSubmission, "The product has no submission with id %q.", id)
	}
	status := p.Submissions[index].Status
	return c.success(object{{"publishingStatus", status}, {"hasFailed", status == statusFailed}}, nil)
}

// mayRead refuses reads of the draft when the behavior says so.
func (c *call) mayRead(p *product) (reply, bool) {
	if running := p.running(); running != nil && c.state.Behavior.DraftUnreadableWhileActive {
		return c.activeSubmission(running), false
	}
	return reply{}, true
}

// mayWriteDraft does the checks before every write: no active submission, and
// all modules ready to save a draft
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api#update-draft-module-metadata-api).
func (c *call) mayWriteDraft(p *product) (reply, bool) {
	if running := p.running(); running != nil {
		return c.activeSubmission(running), false
	}
	switch {
	case p.Processing != nil:
		return c.refusal(targetPackages, "The packages are not ready: they are still being processed. Poll the status until it is ready."), false
	case c.now.Before(p.ModulesReady):
		return c.refusal(targetListings, "The modules are not ready to save a draft. Poll the status until it is ready."), false
	}
	return reply{}, true
}

// activeSubmission is the answer to what must wait for the running submission.
func (c *call) activeSubmission(running *submission) reply {
	return c.envelope(object{{"ongoingSubmissionId", running.ID}}, false, problems{activeError(running)})
}

func activeError(running *submission) apiError {
	return apiError{codeError, "Product already has One Active Submission In-Progress. SubmissionId: " + running.ID, targetSubmission}
}
