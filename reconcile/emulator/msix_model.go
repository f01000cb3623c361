package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// msixApp is one application with its submissions.
type msixApp struct {
	ID                string            `json:"id"`
	PrimaryName       string            `json:"primaryName"`
	PackageFamilyName string            `json:"packageFamilyName"`
	IdentityName      string            `json:"packageIdentityName"`
	Publisher         string            `json:"publisherName"`
	ReservedNames     []string          `json:"reservedNames,omitempty"` // empty: any title is fine
	FirstPublished    time.Time         `json:"firstPublished,omitzero"`
	AdvancedListing   bool              `json:"hasAdvancedListingPermission"`
	Unsupported       bool              `json:"unsupported,omitempty"`
	Forbidden         bool              `json:"forbidden,omitempty"`
	Outcomes          []string          `json:"outcomes,omitempty"` // of the next commits
	Submissions       []*msixSubmission `json:"submissions,omitempty"`
	Count             int               `json:"count"` // of submissions ever made
}

// maxMsixHistory is how many published submissions of an app stay readable.
const maxMsixHistory = 10

// msixSubmission is one submission: a draft, a running or a published one.
type msixSubmission struct {
	ID           string `json:"id"`
	FriendlyName string `json:"friendlyName"`
	// Portal: made or touched in Partner Center, so that the API may only read
	// it.
	Portal bool `json:"portal,omitempty"`
	// Blank: made by the API for an app that has never been published, so that
	// it lacks what only the portal can give (age ratings).
	Blank    bool         `json:"blank,omitempty"`
	Status   string       `json:"status"`
	Document msixDocument `json:"document"`
	Errors   []msixDetail `json:"errors,omitempty"`
	Warnings []msixDetail `json:"warnings,omitempty"`
	Reports  []msixReport `json:"certificationReports,omitempty"`
	// Upload is the blob that takes the archive, and From when its URL starts.
	Upload string    `json:"upload,omitempty"`
	From   time.Time `json:"from,omitzero"`
	// Steps are the statuses that are still to come.
	Steps []msixStep `json:"steps,omitempty"`
}

// msixDetail is one of the errors or warnings of statusDetails.
type msixDetail struct {
	Code    string `json:"code"`
	Details string `json:"details"`
}

type msixReport struct {
	Date      string `json:"date"`
	ReportURL string `json:"reportUrl"`
}

// The statuses of a submission.
const (
	msixPendingCommit       = "PendingCommit"
	msixCommitStarted       = "CommitStarted"
	msixCommitFailed        = "CommitFailed"
	msixPreProcessing       = "PreProcessing"
	msixPreProcessingFailed = "PreProcessingFailed"
	msixCertification       = "Certification"
	msixCertificationFailed = "CertificationFailed"
	msixRelease             = "Release"
	msixReleaseFailed       = "ReleaseFailed"
	msixPendingPublication  = "PendingPublication"
	msixPublishing          = "Publishing"
	msixPublishFailed       = "PublishFailed"
	msixPublished           = "Published"
	msixCanceled            = "Canceled"
)

// running reports whether the service works on the submission.
func (s *msixSubmission) running() bool {
	switch s.Status {
	case msixCommitStarted, msixPreProcessing, msixCertification, msixRelease, msixPendingPublication, msixPublishing:
		return true
	default:
		return false
	}
}

func (s *state) msixApp(id string) *msixApp {
	for _, a := range s.Msix {
		if strings.EqualFold(a.ID, id) {
			return a
		}
	}
	return nil
}

func (a *msixApp) submission(id string) *msixSubmission {
	for _, s := range a.Submissions {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// published is the last published submission; nil when there is none.
func (a *msixApp) published() *msixSubmission {
	for _, s := range slices.Backward(a.Submissions) {
		if s.Status == msixPublished {
			return s
		}
	}
	return nil
}

// pending is the one submission that is not published; nil when there is none.
func (a *msixApp) pending() *msixSubmission {
	for _, s := range a.Submissions {
		if s.Status != msixPublished {
			return s
		}
	}
	return nil
}

// next adds a submission in the status PendingCommit.
func (s *state) nextMsixSubmission(a *msixApp, document msixDocument) *msixSubmission {
	a.Count++
	out := &msixSubmission{
		ID: s.newSubmissionID(), FriendlyName: fmt.Sprintf("Submission %d", a.Count),
		Status: msixPendingCommit, Document: document,
	}
	a.Submissions = append(a.Submissions, out)
	s.touch()
	return out
}

// drop removes a submission and the archive that was uploaded for it.
func (s *state) dropMsixSubmission(a *msixApp, gone *msixSubmission, contents *contents) {
	a.Submissions = slices.DeleteFunc(a.Submissions, func(other *msixSubmission) bool { return other == gone })
	s.dropBlob(gone.Upload, contents)
	s.touch()
}

// answer is the application resource. PackageFamilyName has its capital in the
// answer to one application (observed 2026-02), not in a list.
func (a *msixApp) answer(single bool) object {
	family := "packageFamilyName"
	if single {
		family = "PackageFamilyName"
	}
	first := msixNoDate
	if !a.FirstPublished.IsZero() {
		first = a.FirstPublished.UTC().Format(msixDate)
	}
	out := object{
		{"id", a.ID}, {"primaryName", a.PrimaryName}, {family, a.PackageFamilyName},
		{"packageIdentityName", a.IdentityName}, {"publisherName", a.Publisher}, {"firstPublishedDate", first},
	}
	link := func(name string, s *msixSubmission) {
		if s != nil {
			out = append(out, member{name, object{
				{"id", s.ID}, {"resourceLocation", "applications/" + a.ID + "/submissions/" + s.ID},
			}})
		}
	}
	link("lastPublishedApplicationSubmission", a.published())
	link("pendingApplicationSubmission", a.pending())
	return append(out, member{"hasAdvancedListingPermission", a.AdvancedListing})
}

// salesWarning is on every submission (observed 2026-02).
func salesWarning() msixDetail {
	return msixDetail{msixSalesUnsupported, "The sales resource is no longer supported. To view or edit the sales data for this submission, use the Dev Center dashboard."}
}

func (s *msixSubmission) statusDetails() object {
	return object{
		{"errors", listOf(s.Errors)},
		{"warnings", append([]msixDetail{salesWarning()}, s.Warnings...)},
		{"certificationReports", listOf(s.Reports)},
	}
}

// msixAnswer is the submission resource.
func (c *call) msixSubmissionAnswer(a *msixApp, s *msixSubmission) object {
	document := object(s.Document)
	shape := submissionShape()
	var out object
	for _, field := range shape.fields {
		switch field.name {
		case "id":
			out = append(out, member{"id", s.ID})
		case "status":
			out = append(out, member{"status", s.Status})
		case "statusDetails":
			out = append(out, member{"statusDetails", s.statusDetails()})
		case "fileUploadUrl":
			out = append(out, member{"fileUploadUrl", c.msixUploadURL(s)})
		case "friendlyName":
			out = append(out, member{"friendlyName", s.FriendlyName})
		case "gamingOptions", "trailers":
			// Without the permission neither is to be had.
			if a.AdvancedListing {
				out = append(out, member{field.name, document.lookup(field.name)})
			}
		default:
			if i := slices.IndexFunc(document, func(m member) bool { return m.name == field.name }); i >= 0 {
				out = append(out, document[i])
			}
		}
	}
	for _, m := range document {
		if !shape.knows(m.name) {
			out = append(out, m)
		}
	}
	if c.state.Behavior.Msix.OmitEmptyTexts {
		out, _ = omitEmptyTexts(out).(object)
	}
	return out
}

// omitEmptyTexts leaves empty strings out of listings.
func omitEmptyTexts(value any) any {
	switch v := value.(type) {
	case object:
		out := object{}
		for _, m := range v {
			if m.value != "" {
				out = append(out, member{m.name, omitEmptyTexts(m.value)})
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			out = append(out, omitEmptyTexts(item))
		}
		return out
	default:
		return value
	}
}
