package storehttp

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// SASURL is an address whose query holds an upload signature: who has it may
// write. However it is printed, encoded or logged, the query is left out;
// only Reveal gives the whole of it.
//
// https://learn.microsoft.com/azure/storage/common/storage-sas-overview
type SASURL struct{ raw string }

// NewSASURL keeps a signed address. It is not checked here; what sends to it does.
func NewSASURL(raw string) SASURL { return SASURL{raw: raw} }

// Reveal returns the address with its signature, for the request that needs
// it. The result must not reach an output, a log, an error or a file.
func (u SASURL) Reveal() string { return u.raw }

// String is the address with its query replaced by REDACTED.
func (u SASURL) String() string {
	if u.raw == "" {
		return ""
	}
	parsed, err := url.Parse(u.raw)
	if err != nil || parsed.Host == "" {
		return redacted
	}
	place := parsed.Scheme + "://" + parsed.Host + parsed.EscapedPath()
	if parsed.RawQuery != "" {
		place += "?" + redacted
	}
	return place
}

// GoString is what %#v prints: no signature.
func (u SASURL) GoString() string { return "storehttp.SASURL(" + u.String() + ")" }

// Format prints String for every verb, so that no verb reaches the field.
func (u SASURL) Format(state fmt.State, verb rune) {
	text := u.String()
	if verb == 'v' && state.Flag('#') {
		text = u.GoString()
	}
	if verb == 'q' {
		text = fmt.Sprintf("%q", text)
	}
	_, _ = io.WriteString(state, text)
}

// MarshalText makes encoders write the redacted form, map keys included.
func (u SASURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// MarshalJSON writes the redacted form.
func (u SASURL) MarshalJSON() ([]byte, error) { return json.Marshal(u.String()) }

// UnmarshalText keeps a signed address from a Store answer, signature included.
func (u *SASURL) UnmarshalText(text []byte) error {
	u.raw = string(text)
	return nil
}

// LogValue is what slog writes: no signature.
func (u SASURL) LogValue() slog.Value { return slog.StringValue(u.String()) }
