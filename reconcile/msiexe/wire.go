package msiexe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/storehttp"
)

// message is one entry of an envelope's errors: errors and warnings share that
// list (the API page).
type message struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Target  string `json:"target"`
}

// codeWarning marks a message that is not fatal (the API page's samples).
const codeWarning = "warning"

// String is "code: message (target)".
func (m message) String() string { return m.detail().String() }

func (m message) detail() storehttp.Detail { return storehttp.Detail(m) }

// shown is the message fit to be shown. Words that say what it is about stay,
// whatever is secret.
func (m message) shown(ctx context.Context) message {
	word := func(text string, known ...string) string {
		if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, text) }) {
			return text
		}
		return storehttp.Shown(ctx, text)
	}
	return message{
		Code:    word(m.Code, codeWarning, codePackageUpload),
		Message: storehttp.Shown(ctx, m.Message),
		Target:  word(m.Target, modulePackages, moduleListings, moduleProperties, moduleAvailability),
	}
}

// envelope is every JSON answer of the service itself. encoding/json matches
// names without regard to case, as the service does. errors was seen missing
// and null (observed 2026-02).
type envelope struct {
	IsSuccess    *bool           `json:"isSuccess"`
	Errors       []message       `json:"errors"`
	ResponseData json.RawMessage `json:"responseData"`

	// correlation identifies the request that was answered with this.
	correlation string
}

// errNoEnvelope says that a 2xx answer is not one of this API.
var errNoEnvelope = errors.New("the answer is not one of the MSI/EXE API: check the endpoint, or a proxy in between")

// decodeEnvelope reads an answer; its messages are fit to be shown.
func decodeEnvelope(ctx context.Context, body []byte) (*envelope, error) {
	var e envelope
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if json.Unmarshal(body, &e) != nil || e.IsSuccess == nil {
		return nil, errNoEnvelope
	}
	for i, m := range e.Errors {
		e.Errors[i] = m.shown(ctx)
	}
	return &e, nil
}

// failure is the errors of an envelope that failed: the fatal ones first,
// then the warnings, which often say why.
func (e *envelope) failure() storehttp.ErrorBody {
	var body storehttp.ErrorBody
	for _, wantWarning := range []bool{false, true} {
		for _, m := range e.Errors {
			if strings.EqualFold(m.Code, codeWarning) == wantWarning {
				body.Details = append(body.Details, m.detail())
			}
		}
	}
	if len(body.Details) > 0 {
		body.Code, body.Message = body.Details[0].Code, body.Details[0].Message
	} else {
		body.Message = "the Store gave no reason"
	}
	return body
}

// warnings are what came along with a success, whatever its code.
func (e *envelope) warnings() []string {
	var texts []string
	for _, m := range e.Errors {
		if text := m.String(); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// decodeError reads the envelope of an answer that is not 2xx, its texts as
// they came. Gateway answers and HTML pages are none.
func decodeError(body []byte) (storehttp.ErrorBody, bool) {
	var e envelope
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &e) != nil || len(e.Errors) == 0 {
		return storehttp.ErrorBody{}, false
	}
	return e.failure(), true
}

// moduleStatus is where the draft's modules stand.
type moduleStatus struct {
	// IsReady is true when the draft could be submitted.
	IsReady bool
	// OngoingSubmissionID names the submission that blocks writes, "" if none.
	OngoingSubmissionID string
	// Messages are what the service says about the draft; they come with a
	// successful answer and are not failures of the request.
	Messages []message
}

// publishing is where a submission stands.
type publishing struct {
	// PublishingStatus is INPROGRESS, PUBLISHED, FAILED, UNKNOWN or a word
	// that is not documented.
	PublishingStatus string
	// HasFailed is true when publishing failed and will not be tried again.
	HasFailed bool
	Messages  []message
}

// metadataDocuments are the modules of a draft as they were read; a module
// that was not in the answer is nil.
type metadataDocuments struct {
	Availability json.RawMessage
	Properties   json.RawMessage
	// Listings is one document per language, in the order of the answers.
	Listings []json.RawMessage
}

// metadataAnswer is the responseData of the metadata reads.
type metadataAnswer struct {
	Availability     json.RawMessage   `json:"availability"`
	Properties       json.RawMessage   `json:"properties"`
	Listings         []json.RawMessage `json:"listings"`
	ListingLanguages []struct {
		Language string `json:"language"`
	} `json:"listingLanguages"`
}

// holds reports whether the answer has a module, empty or not.
func (m *metadataAnswer) holds(module string) bool {
	switch module {
	case moduleAvailability:
		return notNull(m.Availability) != nil
	case moduleProperties:
		return notNull(m.Properties) != nil
	case moduleListings:
		return m.Listings != nil
	}
	return false
}

func (m *metadataAnswer) documents() *metadataDocuments {
	return &metadataDocuments{
		Availability: notNull(m.Availability), Properties: notNull(m.Properties), Listings: withoutNulls(m.Listings),
	}
}

func (m *metadataAnswer) languages() []string {
	var languages []string
	for _, l := range m.ListingLanguages {
		if l.Language != "" {
			languages = append(languages, l.Language)
		}
	}
	return languages
}

// workAnswer is the responseData of writes: where to watch what they set off.
type workAnswer struct {
	PollingURL          string     `json:"pollingUrl"`
	OngoingSubmissionID flexString `json:"ongoingSubmissionId"`
}

type statusAnswer struct {
	IsReady             bool       `json:"isReady"`
	OngoingSubmissionID flexString `json:"ongoingSubmissionId"`
}

type publishingAnswer struct {
	PublishingStatus string `json:"publishingStatus"`
	HasFailed        bool   `json:"hasFailed"`
}

// flexString is an id that may come as a string or as a number; ids have up
// to 19 digits, more than a float holds.
type flexString string

// UnmarshalJSON keeps a number's digits as they are.
func (f *flexString) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*f = flexString(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("read an id: %w", err)
	}
	*f = flexString(n.String())
	return nil
}

// notNull turns an explicit null into an absent value.
func notNull(raw json.RawMessage) json.RawMessage {
	if string(bytes.TrimSpace(raw)) == "null" {
		return nil
	}
	return raw
}

func withoutNulls(rows []json.RawMessage) []json.RawMessage {
	var kept []json.RawMessage
	for _, row := range rows {
		if row = notNull(row); row != nil {
			kept = append(kept, row)
		}
	}
	return kept
}
