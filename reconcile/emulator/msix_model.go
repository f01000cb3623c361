package emulator

import (
	"fmt"
	"slices"
	"time"
)

// maxMsixHistory is how many published submissions of a product stay readable.
const maxMsixHistory = 10

// msixSubmission is one submission: a draft, a running or a published one.
type msixSubmission struct {
	ID           string `json:"id"`
	FriendlyName string `json:"friendlyName"`
	// Portal: made or touched in Partner Center, so that the API may only read
	// it.
	Portal bool `json:"portal,omitempty"`
	// Blank: made by the API for a product that has never been published, so
	// that an app lacks what only the portal can give (age ratings).
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

// msixLine is the submissions of a product, in the order of their publication;
// the pending one is the last.
type msixLine struct {
	Outcomes    []string          `json:"outcomes,omitempty"` // of the next commits
	Submissions []*msixSubmission `json:"submissions,omitempty"`
	Count       int               `json:"count"` // of submissions ever made
}

func (l *msixLine) line() *msixLine { return l }

func (l *msixLine) submission(id string) *msixSubmission {
	for _, s := range l.Submissions {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// published is the last published submission; nil when there is none.
func (l *msixLine) published() *msixSubmission { return l.publishedBefore(nil) }

// publishedBefore is the last published submission but one.
func (l *msixLine) publishedBefore(but *msixSubmission) *msixSubmission {
	for _, s := range slices.Backward(l.Submissions) {
		if s.Status == msixPublished && s != but {
			return s
		}
	}
	return nil
}

// pending is the one submission that is not published; nil when there is none.
func (l *msixLine) pending() *msixSubmission {
	for _, s := range l.Submissions {
		if s.Status != msixPublished {
			return s
		}
	}
	return nil
}

// links are the members of a product that name its submissions.
func (l *msixLine) links(out object, kind, location string) object {
	link := func(name string, s *msixSubmission) {
		if s != nil {
			out = append(out, member{name, object{{"id", s.ID}, {"resourceLocation", location + "/submissions/" + s.ID}}})
		}
	}
	link("lastPublished"+kind+"Submission", l.published())
	link("pending"+kind+"Submission", l.pending())
	return out
}

// nextMsixSubmission adds a submission in the status PendingCommit.
func (s *state) nextMsixSubmission(l *msixLine, document msixDocument) *msixSubmission {
	l.Count++
	out := &msixSubmission{
		ID: s.newSubmissionID(), FriendlyName: fmt.Sprintf("Submission %d", l.Count),
		Status: msixPendingCommit, Document: document,
	}
	l.Submissions = append(l.Submissions, out)
	s.touch()
	return out
}

// dropMsixSubmission removes a submission and the archive that was uploaded
// for it.
func (s *state) dropMsixSubmission(l *msixLine, gone *msixSubmission, contents *contents) {
	l.Submissions = slices.DeleteFunc(l.Submissions, func(other *msixSubmission) bool { return other == gone })
	s.dropBlob(gone.Upload, contents)
	s.touch()
}

// salesWarning is on every submission with prices (observed 2026-02 of apps).
func salesWarning() msixDetail {
	return msixDetail{msixSalesUnsupported, "The sales resource is no longer supported. To view or edit the sales data for this submission, use the Dev Center dashboard."}
}

func (s *msixSubmission) statusDetails() object {
	warnings := listOf(s.Warnings)
	if object(s.Document).lookup("pricing") != nil {
		warnings = append([]msixDetail{salesWarning()}, s.Warnings...)
	}
	return object{
		{"errors", listOf(s.Errors)},
		{"warnings", warnings},
		{"certificationReports", listOf(s.Reports)},
	}
}

// msixSubmissionAnswer is the submission resource.
func (c *call) msixSubmissionAnswer(p msixProduct, s *msixSubmission) object {
	document := c.state.Behavior.Msix.shown(object(s.Document))
	shape := p.shape()
	given := p.given().extend(object{
		{"id", s.ID}, {"status", s.Status}, {"statusDetails", s.statusDetails()},
		{"fileUploadUrl", c.msixUploadURL(s)}, {"friendlyName", s.FriendlyName},
	})
	var out object
	for _, field := range shape.fields {
		source := document
		if serverOwned(field.name) {
			source = given
		}
		if i := slices.IndexFunc(source, func(m member) bool { return m.name == field.name }); i >= 0 && !p.hides(field.name) {
			out = append(out, source[i])
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
	if c.state.Behavior.Msix.NullCollections {
		out, _ = nullCollections(out).(object)
	}
	return out
}

// nullCollections puts null for lists and objects that are empty.
func nullCollections(value any) any {
	switch v := value.(type) {
	case object:
		if len(v) == 0 {
			return nil
		}
		out := make(object, len(v))
		for i, m := range v {
			out[i] = member{m.name, nullCollections(m.value)}
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = nullCollections(item)
		}
		return out
	default:
		return value
	}
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
