package msix

import (
	"context"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/storehttp"
)

// The statuses of a submission, in the order in which it passes through them.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#submission-status-code
const (
	statusNone               = "None"
	statusPendingCommit      = "PendingCommit"
	statusCommitStarted      = "CommitStarted"
	statusPreProcessing      = "PreProcessing"
	statusCertification      = "Certification"
	statusRelease            = "Release"
	statusPendingPublication = "PendingPublication"
	statusPublishing         = "Publishing"
	statusPublished          = "Published"

	statusCommitFailed = "CommitFailed"
	statusCanceled     = "Canceled"
)

// course is the order of the statuses. Some are skipped between two polls, so
// what counts is whether a submission is at or beyond one.
func course() []string {
	return []string{
		statusPendingCommit, statusCommitStarted, statusPreProcessing, statusCertification,
		statusRelease, statusPendingPublication, statusPublishing, statusPublished,
	}
}

// atOrBeyond reports whether a submission has come as far as a status of the
// course. A word that is not documented is beyond the commit: before it there
// are only the two known ones.
func atOrBeyond(status, goal string) bool {
	at, want := slices.Index(course(), status), slices.Index(course(), goal)
	if at >= 0 {
		return at >= want
	}
	return status != "" && status != statusNone && want <= slices.Index(course(), statusPreProcessing)
}

// hasFailed reports whether a submission ended without being published.
func hasFailed(status string) bool {
	return status == statusCanceled || strings.HasSuffix(status, failedSuffix)
}

// hasEnded reports whether nothing more will happen to a submission.
func hasEnded(status string) bool { return status == statusPublished || hasFailed(status) }

// isRunning reports whether a submission was committed and has not ended.
func isRunning(status string) bool {
	return atOrBeyond(status, statusCommitStarted) && !hasEnded(status)
}

// shownStatus is a status fit to be shown. What it means stays, whatever is
// secret: the known ones as they are, and of others that they end in Failed.
func shownStatus(ctx context.Context, status string) string {
	if isKnownStatus(status) {
		return status
	}
	what, failed := strings.CutSuffix(status, failedSuffix)
	if what = storehttp.Shown(ctx, what); failed {
		return what + failedSuffix
	}
	return what
}

// isKnownStatus reports whether a status is a documented one.
func isKnownStatus(status string) bool {
	what, failed := strings.CutSuffix(status, failedSuffix)
	return failed && slices.Contains(failures(), what) || status == statusNone || status == statusCanceled || slices.Contains(course(), status)
}

// failedSuffix ends the statuses of submissions that failed; failures are what
// stands before it in the documented ones.
const failedSuffix = "Failed"

func failures() []string {
	return []string{"Commit", statusPreProcessing, statusCertification, statusRelease, "Publish"}
}

// Modes of publishing in which a certified submission waits for a person, or a
// date.
const (
	publishManual       = "Manual"
	publishSpecificDate = "SpecificDate"
)

// waitsForItsDay reports whether a status is the last one that a submission
// reaches by itself in a publish mode.
func waitsForItsDay(status, mode string) bool {
	return (mode == publishManual || mode == publishSpecificDate) && (status == statusRelease || status == statusPendingPublication)
}

// Codes of status details that mean something for storesync.
const (
	codeInvalidState     = "InvalidState"
	codeSalesUnsupported = "SalesUnsupportedWarning"
)

// shownCode is a status detail code fit to be shown; the documented ones stay
// as they are, whatever is secret.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#submission-status-code
func shownCode(ctx context.Context, code string) string {
	if isKnownCode(code) {
		return code
	}
	return storehttp.Shown(ctx, code)
}

func isKnownCode(code string) bool {
	switch code {
	case codeInvalidState, codeSalesUnsupported, "None", "InvalidParameterValue", "InvalidOperation", "ResourceNotFound", "Other", "PackageValidationWarning":
		return true
	}
	return explainCode(code) != ""
}

// explainCode says what a status detail code means, "" for one whose text says
// it.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#submission-status-details-object
func explainCode(code string) string {
	switch code {
	case "InvalidArchive":
		return "the ZIP cannot be read; apply again to send it anew"
	case "MissingFiles":
		return "the ZIP lacks files that the submission names; apply again to send it anew"
	case "PackageValidationFailed":
		return "a package was refused; build it anew with what is named mended"
	case "ServiceError":
		return "the Store had trouble; apply again later"
	case "ListingOptOutWarning":
		return "a language was removed"
	case "ListingOptInWarning":
		return "a language was added"
	case "UpdateOnlyWarning":
		return "something can only be changed, not added"
	case "InvalidMicrosoftAgeRating":
		return "fill in the age ratings questionnaire in Partner Center"
	}
	return ""
}
