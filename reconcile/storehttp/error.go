package storehttp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Error is a request that failed: refused by the Store, not answered, or
// answered with something that is not an answer.
type Error struct {
	// Op says in words what was tried, "read metadata of product …".
	Op     string
	Method string
	// Path is the request's path without its query.
	Path string
	// Status is the HTTP status; 0 when there was no answer. A status below
	// 300 means that the answer itself says that it failed.
	Status int
	// Code and Message are the Store's own; Message is one line.
	Code    string
	Message string
	// Details are all the messages of an answer that had several.
	Details []Detail
	// CorrelationID identifies the request towards Microsoft's support
	// (X-Correlation-ID, MS-CorrelationId, x-ms-request-id); "" when the answer
	// had none.
	CorrelationID string
	// RetryAfter is how long the Store asked to wait; 0 when it did not.
	RetryAfter time.Duration
	// Unknown is true when the request may have been carried out although it
	// failed: settle it by reading before sending it again.
	Unknown bool

	// anonymous is true for requests without credentials, whose 401 and 403
	// say nothing about the person's rights.
	anonymous bool
	// foreign is true for an answer that is not the API's.
	foreign bool
	// advice replaces what Advice would say.
	advice string
	err    error
	// secrets are hidden in the cause's text, which may quote an answer; the
	// other texts are free of them already.
	secrets *Secrets
	// said looks for a phrase in the answer's words as they came; nil where
	// none did. It is a function so that no printing of the error shows them.
	said func(phrase string) bool
}

// Says reports whether the Store's words hold one of the phrases, which are in
// lower case. It looks at them as they came: what they mean does not depend on
// what of them is hidden.
func (e *Error) Says(phrases ...string) bool {
	said := e.said
	if said == nil {
		said = saying(append([]Detail{{Code: e.Code, Message: e.Message}}, e.Details...))
	}
	return slices.ContainsFunc(phrases, said)
}

func saying(details []Detail) func(phrase string) bool {
	var words strings.Builder
	for _, d := range details {
		words.WriteString(strings.ToLower(d.Code + " " + d.Message + " " + d.Target + "\n"))
	}
	return func(phrase string) bool { return strings.Contains(words.String(), phrase) }
}

// Refused reports whether the Store answered that it did not do what was asked:
// with a client error, or with a success that says in itself that it is none.
func (e *Error) Refused() bool {
	switch {
	case e.Unknown, e.Status == 0, e.Status == http.StatusRequestTimeout, e.Status == http.StatusTooManyRequests:
		return false
	}
	return e.Status < 300 || e.Status >= 400 && e.Status < 500
}

// Detail is one message of an answer.
type Detail struct{ Code, Message, Target string }

// String is "code: message (target)".
func (d Detail) String() string {
	text := OneLine(d.Message)
	if code := OneLine(d.Code); code != "" {
		text = strings.TrimSuffix(code+": "+text, ": ")
	}
	if target := OneLine(d.Target); target != "" {
		text += " (" + target + ")"
	}
	return text
}

// maxShownDetails bounds one line of error text.
const maxShownDetails = 5

// Error is one line: what was tried, how it ended, the Store's words, the
// correlation id. It holds no query string and no token.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(cmp.Or(e.Op, strings.ToLower(e.Method)+" "+e.Path))
	switch {
	case e.Status == 0 && refusedHere(e.err):
		// Nothing was asked; the cause that follows says it all.
	case e.Status == 0:
		b.WriteString(": no answer")
	case e.Status < 300:
		b.WriteString(": the Store answered with a failure")
	default:
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
		if text := http.StatusText(e.Status); text != "" {
			b.WriteString(" " + text)
		}
	}
	for i, detail := range e.words() {
		if i == maxShownDetails {
			fmt.Fprintf(&b, "; and %d more", len(e.Details)-i)
			break
		}
		if i == 0 {
			b.WriteString(": " + detail.String())
		} else {
			b.WriteString("; " + detail.String())
		}
	}
	if e.Unknown {
		b.WriteString("; it may have been carried out all the same")
	}
	if e.CorrelationID != "" {
		b.WriteString(" (correlation id " + OneLine(e.CorrelationID) + ")")
	}
	return b.String()
}

// words are the details, or else code and message, or else the cause.
func (e *Error) words() []Detail {
	switch {
	case len(e.Details) > 0:
		return e.Details
	case e.Code != "" || e.Message != "":
		return []Detail{{Code: e.Code, Message: e.Message}}
	case e.err != nil:
		return []Detail{{Message: e.secrets.OneLine(causeText(e.err))}}
	}
	return nil
}

// Unwrap returns the cause: the transport's error, or the context's.
func (e *Error) Unwrap() error { return e.err }

// causeText is an error's text without the URL that net/http puts before it.
func causeText(err error) string {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return causeText(wrapped.Err)
	}
	return err.Error()
}

// ErrorBody is what the body of a failed request says.
type ErrorBody struct {
	Code    string
	Message string
	Details []Detail
}

// gatewayBody reads the gateway's shape, {"statusCode":429,"message":"..."},
// and the plain {"code":"...","message":"..."}. Anything else, an HTML page
// for example, says nothing that is worth showing.
func gatewayBody(body []byte) ErrorBody {
	var shape struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &shape) != nil {
		return ErrorBody{}
	}
	return ErrorBody{Code: shape.Code, Message: shape.Message}
}

// correlationID is the first of the headers that identify a request.
func correlationID(header http.Header) string {
	return cmp.Or(header.Get("X-Correlation-ID"), header.Get("MS-CorrelationId"), header.Get("X-Ms-Correlation-Id"),
		header.Get("X-Ms-Request-Id"), header.Get("Request-Id"))
}

var (
	signature = regexp.MustCompile(`(?i)\b(sig|signature|access_token|client_secret|client_assertion)(["']?\s*[=:]\s*["']?)[^&\s"'<>,;]+`)
	bearer    = regexp.MustCompile(`(?i)\bbearer\s+[A-Za-z0-9._~+/=-]{8,}`)
)

// maxMessage is the longest text taken over from an answer, in runes.
const maxMessage = 600

// OneLine makes a text from an answer fit for a terminal and a log: one line,
// no control or direction-changing characters, no signature, not endless.
// Shown does so where an answer may repeat a secret of the manifest.
func OneLine(text string) string { return shorten(redact(fold(text))) }

// fold makes one line of a text, of visible characters.
func fold(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case invisible(r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// invisible reports whether a character acts on the terminal or shows nothing.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}

func redact(text string) string {
	text = signature.ReplaceAllString(text, "${1}${2}"+redacted)
	return bearer.ReplaceAllString(text, "Bearer "+redacted)
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "…"
	}
	return text
}
