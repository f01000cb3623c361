package emulator

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ingestionContainer is the path prefix of submissions' archives in blob
// storage. Azure's clients want the account before the container when the host
// is an address
// (https://learn.microsoft.com/azure/storage/common/storage-connect-azurite).
const ingestionContainer = "/storesync/ingestion/"

// containerAlone is the same without the account: clients that take an address
// apart into container and blob leave it out.
const containerAlone = "/ingestion/"

// msixUploadLife is how long an upload URL is good, and msixKeyLife how long
// the key is that signs it (observed 2026-02).
const (
	msixUploadLife = 24 * time.Hour
	msixKeyLife    = 7 * 24 * time.Hour
)

// createConflict is what production answers where a draft cannot be made, in its
// own words (recorded); it does not say why.
const createConflict = "Create submission failed, status code Conflict, reason phrase Conflict"

// createMsixSubmission makes a draft, a copy of the last published submission
// (https://learn.microsoft.com/windows/uwp/monetize/create-an-app-submission).
func (c *call) createMsixSubmission(p msixProduct) reply {
	if p.line().pending() != nil {
		return msixError{
			http.StatusConflict, msixInvalidState,
			createConflict, "submission",
		}.reply()
	}
	if rollingOut(p) {
		return msixError{
			http.StatusConflict, msixInvalidState,
			createConflict, "submission",
		}.reply()
	}
	s := c.draftMsixSubmission(p)
	// The parameter is not documented; clients use it for all but add-ons
	// (observed).
	minimal := p.rolls() && !c.state.Behavior.Msix.WholeAnswers &&
		strings.EqualFold(foldedQuery(c.request.URL.Query(), "isMinimalResponse"), "true")
	if minimal {
		return jsonReply(http.StatusCreated, object{{"id", s.ID}, {"status", s.Status}, {"friendlyName", s.FriendlyName}})
	}
	return jsonReply(http.StatusCreated, c.msixSubmissionAnswer(p, s))
}

// draftMsixSubmission makes the next draft of a product.
func (c *call) draftMsixSubmission(p msixProduct) *msixSubmission {
	l := p.line()
	var s *msixSubmission
	if published := l.published(); published != nil {
		s = c.state.nextMsixSubmission(l, c.state.Behavior.Msix.cloned(published.Document))
	} else {
		f := &msixFit{facts: c.facts, seed: true}
		s = c.state.nextMsixSubmission(l, f.seeded(p, p.blank(), c.state.Behavior.Msix))
		s.Blank = true
	}
	c.openMsixUpload(s)
	return s
}

// openMsixUpload gives a draft the place where its archive goes.
func (c *call) openMsixUpload(s *msixSubmission) {
	s.From = c.now.UTC()
	for {
		s.Upload = ingestionContainer + newGUID()
		// About every second signature has a plus.
		if !c.state.Behavior.Msix.PlusInSignature || strings.Contains(c.msixSignature(s), "+") {
			return
		}
	}
}

func msixUploadQuery(s *msixSubmission) [][2]string {
	start := s.From.Format(time.RFC3339)
	keyEnd := s.From.Add(msixKeyLife).Format(time.RFC3339)
	end := s.From.Add(msixUploadLife).Format(time.RFC3339)
	// The order of the parameters is the live service's.
	return [][2]string{
		{"skoid", "00000000-0000-4000-8000-000000000003"}, {"sktid", "00000000-0000-4000-8000-000000000002"},
		{"skt", start}, {"ske", keyEnd}, {"sks", "b"}, {"skv", sasVersion}, {"sv", sasVersion},
		{"se", end}, {"sr", "b"}, {"sp", "rwl"},
	}
}

func (c *call) msixSignature(s *msixSubmission) string {
	values := url.Values{}
	for _, pair := range msixUploadQuery(s) {
		values.Set(pair[0], pair[1])
	}
	return c.state.signature(s.Upload, values)
}

// msixUploadURL is where the draft's archive is to be uploaded; nil for
// submissions that the API cannot change.
func (c *call) msixUploadURL(s *msixSubmission) any {
	if s.Portal || s.Upload == "" {
		return nil
	}
	var query strings.Builder
	for _, pair := range msixUploadQuery(s) {
		query.WriteString(pair[0] + "=" + url.QueryEscape(pair[1]) + "&")
	}
	signature := url.QueryEscape(c.msixSignature(s))
	if c.state.Behavior.Msix.PlusInSignature {
		signature = strings.ReplaceAll(signature, "%2B", "+")
	}
	return c.uploadBase + s.Upload + "?" + query.String() + "sig=" + signature
}

func (c *call) getMsixSubmission(p msixProduct, s *msixSubmission) reply {
	return jsonReply(http.StatusOK, c.msixSubmissionAnswer(p, s))
}

func (c *call) getMsixStatus(_ msixProduct, s *msixSubmission) reply {
	return jsonReply(http.StatusOK, object{{"status", s.Status}, {"statusDetails", s.statusDetails()}})
}

// mayWriteMsix refuses writes of submissions that were made in Partner Center
// (observed).
func mayWriteMsix(s *msixSubmission) (reply, bool) {
	if s.Portal {
		return msixError{
			http.StatusBadRequest, msixInvalidOperation,
			"Ingestion API can only update, delete, and commit submissions that are created through the API. Please delete the current in-progress submission and create one using the API", "applicationSubmission",
		}.reply(), false
	}
	return reply{}, true
}

// mayEditMsix refuses writes of submissions that are no draft any more.
func (c *call) mayEditMsix(s *msixSubmission) (reply, bool) {
	if refused, ok := mayWriteMsix(s); !ok {
		return refused, false
	}
	if s.Status != msixPendingCommit {
		status := http.StatusConflict
		if c.state.Behavior.Msix.EditRefusedAsBadRequest {
			status = http.StatusBadRequest
		}
		return msixError{
			status, msixInvalidState,
			"The submission cannot be changed or committed in its current state: " + s.Status + ".", "submission",
		}.reply(), false
	}
	return reply{}, true
}

// deleteMsixSubmission answers 204 and nothing else
// (https://learn.microsoft.com/windows/uwp/monetize/delete-an-app-submission).
// A draft of an app that was never published can be deleted, too, and with it
// all that was entered by hand.
func (c *call) deleteMsixSubmission(p msixProduct, s *msixSubmission) reply {
	if refused, ok := mayWriteMsix(s); !ok {
		return refused
	}
	if s.running() || s.Status == msixPublished {
		return msixError{
			http.StatusConflict, msixInvalidState,
			"Submission in its current state cannot be deleted", "submissionId",
		}.reply()
	}
	c.state.dropMsixSubmission(p.line(), s, c.contents)
	return reply{status: http.StatusNoContent, header: http.Header{}}
}
