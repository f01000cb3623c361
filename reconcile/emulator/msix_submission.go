package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ingestionContainer is the path prefix of submissions' archives in blob
// storage. Azure's clients want the account before the container when the host
// is an address
// (https://learn.microsoft.com/azure/storage/common/storage-connect-azurite).
const ingestionContainer = "/storesync/ingestion/"

// msixUploadLife is how long an upload URL is good, and msixKeyLife how long
// the key is that signs it (observed 2026-02).
const (
	msixUploadLife = 24 * time.Hour
	msixKeyLife    = 7 * 24 * time.Hour
)

// msixPageSize is how many applications a page has unless top says otherwise
// (https://learn.microsoft.com/windows/uwp/monetize/get-all-apps).
const msixPageSize = 10

func (c *call) listMsixApps() reply {
	query := c.request.URL.Query()
	number := func(name string, fallback, low int) (int, bool) {
		text := foldedQuery(query, name)
		if text == "" {
			return fallback, true
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= low
	}
	top, topOK := number("top", msixPageSize, 1)
	skip, skipOK := number("skip", 0, 0)
	if !topOK || !skipOK {
		return msixError{http.StatusBadRequest, msixInvalidParameterValue, "The values of top and skip must be positive numbers.", "top"}.reply()
	}
	total := len(c.state.Msix)
	from := min(skip, total)
	to := from + min(top, total-from)
	var out object
	if to < total {
		out = object{{"@nextLink", fmt.Sprintf("applications?skip=%d&top=%d", to, top)}}
	}
	page := make([]object, 0, to-from)
	for _, a := range c.state.Msix[from:to] {
		page = append(page, a.answer(false))
	}
	return jsonReply(http.StatusOK, append(out, member{"value", page}, member{"totalCount", total}))
}

func foldedQuery(query url.Values, name string) string {
	for key, values := range query {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// createMsixSubmission makes a draft, a copy of the last published submission
// (https://learn.microsoft.com/windows/uwp/monetize/create-an-app-submission).
func (c *call) createMsixSubmission(a *msixApp) reply {
	if a.pending() != nil {
		return msixError{
			http.StatusConflict, msixInvalidState,
			"Create submission failed, Conflict: the application has a pending submission.", "submission",
		}.reply()
	}
	published := a.published()
	var s *msixSubmission
	if published != nil {
		s = c.state.nextMsixSubmission(a, published.Document)
	} else {
		f := &msixFit{facts: c.facts, seed: true}
		blank := f.seeded(object{{"pricing", object{}}}, c.state.Behavior.Msix)
		s = c.state.nextMsixSubmission(a, blank)
		s.Blank = true
	}
	c.openMsixUpload(s)
	if strings.EqualFold(foldedQuery(c.request.URL.Query(), "isMinimalResponse"), "true") {
		return jsonReply(http.StatusCreated, object{{"id", s.ID}, {"status", s.Status}, {"friendlyName", s.FriendlyName}})
	}
	return jsonReply(http.StatusCreated, c.msixSubmissionAnswer(a, s))
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
	return c.base + s.Upload + "?" + query.String() + "sig=" + signature
}

func (c *call) getMsixSubmission(a *msixApp, s *msixSubmission) reply {
	return jsonReply(http.StatusOK, c.msixSubmissionAnswer(a, s))
}

func (c *call) getMsixStatus(_ *msixApp, s *msixSubmission) reply {
	return jsonReply(http.StatusOK, object{{"status", s.Status}, {"statusDetails", s.statusDetails()}})
}

// mayWriteMsix refuses writes of submissions that were made in Partner Center
// (observed).
func mayWriteMsix(s *msixSubmission) (reply, bool) {
	if s.Portal {
		return msixError{
			http.StatusBadRequest, msixInvalidOperation,
			"You can only update, delete and commit submissions created through the API.", "applicationSubmission",
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
func (c *call) deleteMsixSubmission(a *msixApp, s *msixSubmission) reply {
	if refused, ok := mayWriteMsix(s); !ok {
		return refused
	}
	if s.running() || s.Status == msixPublished {
		return msixError{
			http.StatusConflict, msixInvalidState,
			"The submission in its current state cannot be deleted.", "submissionId",
		}.reply()
	}
	c.state.dropMsixSubmission(a, s, c.contents)
	return reply{status: http.StatusNoContent, header: http.Header{}}
}
