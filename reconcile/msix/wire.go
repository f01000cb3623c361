package msix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/storehttp"
)

// application is an app as the API tells it. encoding/json matches names
// without regard to case, as the service does: packageFamilyName was seen with
// a capital P (observed 2026-02).
//
// https://learn.microsoft.com/windows/uwp/monetize/get-app-data
type application struct {
	ID                  flexString `json:"id"`
	PrimaryName         string     `json:"primaryName"`
	PackageFamilyName   string     `json:"packageFamilyName"`
	PackageIdentityName string     `json:"packageIdentityName"`
	PublisherName       string     `json:"publisherName"`
	// HasAdvancedListingPermission is false when gamingOptions and trailers
	// cannot be written.
	HasAdvancedListingPermission bool `json:"hasAdvancedListingPermission"`
	// LastPublished is nil for an app that was never published.
	LastPublished *submissionRef `json:"lastPublishedApplicationSubmission"`
	// Pending is nil when no draft or submission stands beside the published one.
	Pending *submissionRef `json:"pendingApplicationSubmission"`
}

// submissionRef names a submission.
type submissionRef struct {
	ID flexString `json:"id"`
}

// addOn is an add-on as the API tells it, by itself and in the account's list.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-add-ons
type addOn struct {
	ID flexString `json:"id"`
	// ProductID is the developer's own id, unique within the app.
	ProductID    string `json:"productId"`
	ProductType  string `json:"productType"`
	Applications struct {
		Value []submissionRef `json:"value"`
	} `json:"applications"`
	LastPublished *submissionRef `json:"lastPublishedInAppProductSubmission"`
	Pending       *submissionRef `json:"pendingInAppProductSubmission"`
}

// belongsTo reports whether the add-on is one of an app.
func (a *addOn) belongsTo(app string) bool {
	return slices.ContainsFunc(a.Applications.Value, func(ref submissionRef) bool { return strings.EqualFold(string(ref.ID), app) })
}

// isOther reports whether the add-on is known to be of another app.
func (a *addOn) isOther(app string) bool { return len(a.Applications.Value) > 0 && !a.belongsTo(app) }

// flight is a package flight as the API tells it, by itself and in the list of
// its app. The resourceLocation of its submissions is relative to the app, not
// to the root (observed), and is not used: ids say all.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-flights
type flight struct {
	ID           flexString `json:"flightId"`
	FriendlyName string     `json:"friendlyName"`
	GroupIDs     []string   `json:"groupIds"`
	// RankHigherThan is the friendly name or the id of the flight ranked just
	// below.
	RankHigherThan string         `json:"rankHigherThan"`
	LastPublished  *submissionRef `json:"lastPublishedFlightSubmission"`
	Pending        *submissionRef `json:"pendingFlightSubmission"`
}

// addOnCreation is what an add-on is made of
// (https://learn.microsoft.com/windows/uwp/monetize/create-an-add-on).
type addOnCreation struct {
	// ApplicationIDs is one app.
	ApplicationIDs []string `json:"applicationIds"`
	ProductID      string   `json:"productId"`
	ProductType    string   `json:"productType"`
}

// flightCreation is what a flight is made of
// (https://learn.microsoft.com/windows/uwp/monetize/create-a-flight).
type flightCreation struct {
	FriendlyName string   `json:"friendlyName"`
	GroupIDs     []string `json:"groupIds"`
	// RankHigherThan is left out for the highest rank.
	RankHigherThan *string `json:"rankHigherThan,omitempty"`
}

// tidy makes references without an id no references, and reports whether the
// product itself has one.
func (a *application) tidy() bool { return tidyRefs(a.ID, &a.LastPublished, &a.Pending) }
func (a *addOn) tidy() bool       { return tidyRefs(a.ID, &a.LastPublished, &a.Pending) }
func (f *flight) tidy() bool      { return tidyRefs(f.ID, &f.LastPublished, &f.Pending) }

func tidyRefs(id flexString, refs ...**submissionRef) bool {
	for _, ref := range refs {
		if *ref != nil && (*ref).ID == "" {
			*ref = nil
		}
	}
	return id != ""
}

// page is one page of a list.
type page[T any] struct {
	Value      []*T   `json:"value"`
	TotalCount int    `json:"totalCount"`
	NextLink   string `json:"@nextLink"`
}

// flexString is an id that may come as a string or as a number; ids have 19
// digits, more than a float holds.
type flexString string

// UnmarshalJSON accepts null, a string or a number.
func (s *flexString) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(s))
	}
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return errors.New("an id is neither text nor number")
	}
	*s = flexString(number)
	return nil
}

// submissionStatus is where a submission stands.
type submissionStatus struct {
	Status  string        `json:"status"`
	Details statusDetails `json:"statusDetails"`
}

// statusDetails are the service's words about a submission.
type statusDetails struct {
	Errors               []statusDetail        `json:"errors"`
	Warnings             []statusDetail        `json:"warnings"`
	CertificationReports []certificationReport `json:"certificationReports"`
}

// statusDetail is one of them. Codes: see explainCode.
type statusDetail struct {
	Code    string `json:"code"`
	Details string `json:"details"`
}

// certificationReport is where a person can read what the certification found.
type certificationReport struct {
	Date      string `json:"date"`
	ReportURL string `json:"reportUrl"`
}

// status is what a submission says of itself. Its words are the Store's, to be
// shown as words and shownStatus do.
func (d *document) status() submissionStatus {
	var s submissionStatus
	if raw, ok := d.get("/statusDetails"); ok {
		// Words of an unknown shape are none.
		_ = json.Unmarshal(raw, &s.Details)
	}
	s.Status = d.text("/status")
	return s
}

// whole reports whether the answer is a submission with its content, not only
// an acknowledgement.
func (d *document) whole(kind productKind) bool {
	return !slices.ContainsFunc(kind.content(), func(member string) bool { return d.find(pointerTo(member)) == nil })
}

// id is the submission's own, whatever its JSON type; "" when there is none.
func (d *document) id() string {
	raw, _ := d.get("/id")
	var id flexString
	if len(raw) == 0 || json.Unmarshal(raw, &id) != nil {
		return ""
	}
	return string(id)
}

// uploadURL is where the draft's ZIP goes; empty for a draft made in the portal.
func (d *document) uploadURL() storehttp.SASURL {
	return storehttp.NewSASURL(d.text("/fileUploadUrl"))
}

// uploadExpiry is when an upload address stops working: the parameter se of
// its signature. Some 24 hours after the draft was made (observed 2026-02).
//
// https://learn.microsoft.com/rest/api/storageservices/create-service-sas
func uploadExpiry(address storehttp.SASURL) (time.Time, bool) {
	parsed, err := url.Parse(address.Reveal())
	if err != nil {
		return time.Time{}, false
	}
	expires := parsed.Query().Get("se")
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if at, err := time.Parse(layout, expires); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// editable reports whether the API takes changes and files for a submission: it
// is a draft, the API made it, and its upload address has not run out.
func (d *document) editable(now time.Time) bool {
	address := d.uploadURL()
	if d.status().Status != statusPendingCommit || address.Reveal() == "" {
		return false
	}
	expires, known := uploadExpiry(address)
	return !known || now.Before(expires)
}

// errorBody is the service's shape of a failed answer (observed 2026-02; no
// page shows it). Lists are kept raw: their elements have had several shapes.
type errorBody struct {
	Code       string            `json:"code"`
	Message    string            `json:"message"`
	Target     string            `json:"target"`
	Source     string            `json:"source"`
	Data       []json.RawMessage `json:"data"`
	Details    []json.RawMessage `json:"details"`
	InnerError json.RawMessage   `json:"innererror"`
}

// decodeError reads an errorBody. Gateway answers have none of its names but
// message, and HTML pages are none.
func decodeError(body []byte) (storehttp.ErrorBody, bool) {
	var e errorBody
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if json.Unmarshal(body, &e) != nil || e.Code == "" || e.Source == "" && e.Target == "" && e.Details == nil && e.Data == nil {
		return storehttp.ErrorBody{}, false
	}
	found := storehttp.ErrorBody{Code: e.Code, Message: e.Message}
	add := func(d storehttp.Detail) {
		if d.Code != "" || d.Message != "" {
			found.Details = append(found.Details, d)
		}
	}
	add(storehttp.Detail{Code: e.Code, Message: e.Message, Target: e.Target})
	for _, raw := range append(e.Details, e.Data...) {
		add(detailOf(raw))
	}
	if inner := detailOf(e.InnerError); inner.Message != e.Message {
		add(inner)
	}
	return found, true
}

// detailOf reads one element of details or data: a text, or an object that
// calls its text message or details.
func detailOf(raw json.RawMessage) storehttp.Detail {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return storehttp.Detail{Message: text}
	}
	var object struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Details string `json:"details"`
		Target  string `json:"target"`
	}
	if json.Unmarshal(raw, &object) != nil {
		return storehttp.Detail{}
	}
	if object.Message == "" {
		object.Message = object.Details
	}
	return storehttp.Detail{Code: object.Code, Message: object.Message, Target: object.Target}
}

// words are the details in words, errors first, then warnings, then where the
// certification reports are, without the context's secrets.
func (s submissionStatus) words(ctx context.Context) []string {
	var words []string
	for _, e := range s.Details.Errors {
		words = append(words, e.words(ctx))
	}
	for _, w := range s.Details.Warnings {
		// Comes with every answer, whatever was sent (observed 2026-02).
		if w.Code != codeSalesUnsupported {
			words = append(words, "warning: "+w.words(ctx))
		}
	}
	for _, r := range s.Details.CertificationReports {
		if text := r.words(ctx); text != "" {
			words = append(words, text)
		}
	}
	if s.portalOnly() {
		words = append(words, "the Store does not tell the API what is wrong: open the submission in Partner Center, it shows what must be mended there")
	}
	return words
}

// repeats reports whether there are words in which the Store may repeat what it
// was sent.
func (s submissionStatus) repeats() bool {
	return s.Status != "" && !isKnownStatus(s.Status) || len(s.Details.Errors) > 0 || len(s.Details.CertificationReports) > 0 ||
		slices.ContainsFunc(s.Details.Warnings, func(w statusDetail) bool { return w.Code != codeSalesUnsupported })
}

// codes is the status without the Store's free words.
func (s submissionStatus) codes() submissionStatus {
	bare := func(details []statusDetail) []statusDetail {
		var kept []statusDetail
		for _, d := range details {
			without := statusDetail{Details: "the Store's words are not shown, since the submission and what is secret in it cannot be read"}
			if isKnownCode(d.Code) {
				without.Code = d.Code
			}
			kept = append(kept, without)
		}
		return kept
	}
	status := s.Status
	if !isKnownStatus(status) {
		if status = "Unknown"; hasFailed(s.Status) {
			status += failedSuffix
		}
	}
	return submissionStatus{Status: status, Details: statusDetails{Errors: bare(s.Details.Errors), Warnings: bare(s.Details.Warnings)}}
}

// portalOnly: a failed commit with nothing but one InvalidState means that the
// submission has errors that only the portal shows (observed by both of
// Microsoft's clients).
func (s submissionStatus) portalOnly() bool {
	return s.Status == statusCommitFailed && len(s.Details.Errors) == 1 && s.Details.Errors[0].Code == codeInvalidState
}

// words are the code, the service's text and what the code means.
func (d statusDetail) words(ctx context.Context) string {
	code, text := shownCode(ctx, d.Code), storehttp.Shown(ctx, d.Details)
	words := strings.TrimSuffix(strings.TrimPrefix(code+": "+text, ": "), ": ")
	if meaning := explainCode(code); meaning != "" {
		words = fmt.Sprintf("%s (%s)", words, meaning)
	}
	return words
}

// words name the day and the address of a report, which is a page for people
// and only shown when it is a plain web address.
func (r certificationReport) words(ctx context.Context) string {
	address, err := url.Parse(strings.TrimSpace(r.ReportURL))
	if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Host == "" || address.User != nil {
		return ""
	}
	day := storehttp.Shown(ctx, r.Date)
	// A time is no secret, though an upload address has one in it, too.
	if at, err := time.Parse(time.RFC3339, strings.TrimSpace(r.Date)); err == nil {
		day = at.UTC().Format(time.DateOnly)
	}
	if day == "" {
		return "certification report: " + storehttp.Shown(ctx, address.String())
	}
	return fmt.Sprintf("certification report of %s: %s", day, storehttp.Shown(ctx, address.String()))
}
