package emulator

import (
	"crypto/hmac"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// uploadLife is how long an upload URL is good (observed 2026-02).
const uploadLife = time.Hour

// sasVersion is the storage version that upload URLs name.
const sasVersion = "2021-08-06"

// uploadURL is where a new asset is to be uploaded: a URL with a signature
// that allows reading, creating and writing this one blob.
func (c *call) uploadURL(path string) string {
	start := c.now.UTC().Format(time.RFC3339)
	end := c.now.Add(uploadLife).UTC().Format(time.RFC3339)
	// The order of the parameters is the live service's.
	pairs := [][2]string{
		{"skoid", "00000000-0000-4000-8000-000000000001"}, {"sktid", "00000000-0000-4000-8000-000000000002"},
		{"skt", start}, {"ske", end}, {"sks", "b"}, {"skv", sasVersion}, {"sv", sasVersion},
		{"st", start}, {"se", end}, {"sr", "b"}, {"sp", "rcw"},
	}
	values := url.Values{}
	var query strings.Builder
	for _, pair := range pairs {
		values.Set(pair[0], pair[1])
		query.WriteString(pair[0] + "=" + url.QueryEscape(pair[1]) + "&")
	}
	return c.uploadBase + path + "?" + query.String() + "sig=" + url.QueryEscape(c.state.signature(path, values))
}

func (s *state) signature(path string, values url.Values) string {
	text := []string{"sas", path}
	for _, name := range []string{"sv", "st", "se", "sr", "sp"} {
		text = append(text, values.Get(name))
	}
	return base64.StdEncoding.EncodeToString(s.mac(strings.Join(text, "\n")))
}

// checkSignature says why the request's signature does not allow one of the
// permissions (r, c, w); an empty code means that it does.
func (c *call) checkSignature(path, permissions string) (code, message string) {
	query := c.request.URL.Query()
	if query.Get("sig") == "" {
		return "NoAuthenticationInformation", "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
	}
	if !hmac.Equal([]byte(query.Get("sig")), []byte(c.state.signature(path, query))) {
		return "AuthenticationFailed", "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature. Signature did not match."
	}
	start, startErr := time.Parse(time.RFC3339, query.Get("st"))
	if query.Get("st") == "" {
		start, startErr = c.now, nil // a URL of API B has none
	}
	end, endErr := time.Parse(time.RFC3339, query.Get("se"))
	// Clients' clocks may be behind: Azure allows some minutes at the start.
	if startErr != nil || endErr != nil || c.now.Before(start.Add(-15*time.Minute)) || c.now.After(end) {
		return "AuthenticationFailed", "Server failed to authenticate the request. Signature not valid in the specified time frame: Start [" +
			query.Get("st") + "] - Expiry [" + query.Get("se") + "] - Current [" + c.now.UTC().Format(time.RFC3339) + "]"
	}
	if !strings.ContainsAny(query.Get("sp"), permissions) {
		return "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission."
	}
	return "", ""
}
