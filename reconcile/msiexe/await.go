package msiexe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// Values of publishingStatus
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api).
const (
	statusInProgress = "INPROGRESS"
	statusPublished  = "PUBLISHED"
	statusFailed     = "FAILED"
	statusUnknown    = "UNKNOWN"
)

// submissionOf says where a submission stands. hasFailed is final whatever the
// status says; UNKNOWN and words that are not documented say nothing.
func submissionOf(id string, p *publishing) plan.Submission {
	s := plan.Submission{ID: id, Status: p.PublishingStatus, Failed: p.HasFailed || p.PublishingStatus == statusFailed}
	if s.Status == "" {
		s.Status = statusUnknown
	}
	s.Done = s.Failed || s.Status == statusPublished
	s.Detail = texts(p.Messages)
	return s
}

func texts(messages []message) []string {
	var words []string
	for _, m := range messages {
		if text := m.String(); text != "" {
			words = append(words, text)
		}
	}
	return words
}

// notFoundYet is how many times in a row a submission may be unknown to the
// service right after it was made.
const notFoundYet = 5

// awaitPatience is how long the service may be away while a submission is
// waited for. Certification takes days; an outage of minutes says nothing about
// it, and the wait cannot be had back.
const awaitPatience = 10 * time.Minute

// Await polls a submission. GoalSubmitted asks once, to see that it is there.
func (b *backend) Await(ctx context.Context, m *schema.Manifest, submission string, goal reconcile.Goal, watch func(plan.Submission)) (plan.Submission, error) {
	last := plan.Submission{ID: submission, Status: statusUnknown}
	if goal == reconcile.GoalNone {
		return last, nil
	}
	ctx = b.guarded(ctx, m)
	options := b.poll
	options.Patience = cmp.Or(options.Patience, awaitPatience)
	missed := 0
	err := storehttp.Poll(ctx, options, func(ctx context.Context) (bool, error) {
		p, err := b.client.submissionStatus(ctx, m.MsiExeApp.ProductID, submission)
		if err != nil {
			if missed++; storehttp.IsNotFound(err) && missed < notFoundYet {
				return false, nil
			}
			return false, err
		}
		missed = 0
		last = submissionOf(submission, p)
		if watch != nil {
			watch(last)
		}
		return last.Done || goal == reconcile.GoalSubmitted, nil
	})
	return last, hideError(ctx, err)
}

// codePackageUpload says that the Store could not fetch or process an
// installer; the only code that the API page's samples take for fatal.
const codePackageUpload = "packageuploaderror"

// waitReady polls the draft until it is ready. Words about packages are
// progress while the Store downloads them; words about anything else are not,
// as in both of Microsoft's clients.
func (b *backend) waitReady(ctx context.Context, m *schema.Manifest, progress func(reconcile.Progress)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyLimit, errNotReady)
	defer cancel()
	last := waitingFor(nil)
	err := storehttp.Poll(ctx, b.poll, func(ctx context.Context) (bool, error) {
		s, err := b.client.status(ctx, m.MsiExeApp.ProductID)
		if err != nil {
			return false, err
		}
		if s.OngoingSubmissionID != "" {
			return false, blocked(s.OngoingSubmissionID)
		}
		if s.IsReady {
			return true, nil
		}
		if err := fatal(m, s.Messages); err != nil {
			return false, err
		}
		last = waitingFor(s.Messages)
		if progress != nil {
			progress(reconcile.Progress{Waiting: last})
		}
		return false, nil
	})
	if errors.Is(err, errNotReady) {
		return &plan.Failure{Class: plan.ClassPending,
			Err:  fmt.Errorf("the draft is not ready after %s: %s", readyLimit, last),
			Next: "Nothing was submitted. Run apply again later: it goes on from here."}
	}
	return err
}

// readyLimit is how long a draft is waited for. Installers of gigabytes take a
// while to be fetched and scanned; hours mean that something is stuck.
const readyLimit = 4 * time.Hour

var errNotReady = errors.New("the draft is not ready")

func waitingFor(messages []message) string {
	if words := texts(messages); len(words) > 0 {
		return strings.Join(words, "; ")
	}
	return "the Store takes in what was written"
}

// blocked says that a submission keeps the draft from being written.
func blocked(submission string) error {
	return &plan.Failure{Class: plan.ClassPending,
		Err:  fmt.Errorf("submission %s is running, and the Store takes no changes meanwhile", submission),
		Next: "Wait for it (--wait-running 24h), or cancel the review in Partner Center if it is not wanted; the API cannot cancel it."}
}

// fatal is the error that messages of a draft that is not ready amount to, nil
// when they are progress.
func fatal(m *schema.Manifest, messages []message) error {
	for _, word := range messages {
		switch {
		case strings.EqualFold(word.Code, codePackageUpload):
			return installerRefused(m, errors.New(word.String()))
		case strings.EqualFold(word.Code, codeWarning), word.Target == "", strings.EqualFold(word.Target, modulePackages):
		default:
			return &plan.Failure{Class: plan.ClassError,
				Err:  fmt.Errorf("the draft cannot be submitted: %s", word.String()),
				Next: "Nothing was submitted. Mend what the Store names, in the manifest or in Partner Center, and apply again."}
		}
	}
	return nil
}
