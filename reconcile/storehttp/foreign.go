package storehttp

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
)

// A refusal need not come from the Store: the proxies and firewalls of companies
// answer in its place, with a page for people. What its status means at the API
// it then does not mean.

// IsForeign reports whether a request was answered with a web page or text
// instead of an answer of the API, so that nothing follows from its status.
func IsForeign(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.foreign
}

var pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// foreignAnswer says what a refusal is that who was asked, such as "the API", cannot
// have sent; "" for one of its own. An empty body is its own: 403 has been seen with none. So is a 404:
// the MSI/EXE API answers it as a page for products that there are not (observed). That of a
// server in trouble, and of one that wants us to wait, is acted on alike whoever
// sent it.
func foreignAnswer(who string, status int, header http.Header, body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case status < 400 || status >= 500, status == http.StatusNotFound, transient(status), status == http.StatusTooManyRequests, json.Valid(body):
		return ""
	case status == http.StatusProxyAuthRequired:
		return "the answer is of a proxy, not of " + who
	case !isPage(header, body):
		if len(body) == 0 {
			return ""
		}
		return "the answer is no answer of " + who
	}
	if title := pageTitle.FindSubmatch(body); title != nil {
		if words := OneLine(html.UnescapeString(string(title[1]))); words != "" {
			return fmt.Sprintf("the answer is a web page (%q), not one of %s", words, who)
		}
	}
	return "the answer is a web page, not one of " + who
}

// isPage reports whether an answer is HTML, by its own word or its first ones.
func isPage(header http.Header, body []byte) bool {
	start := strings.ToLower(string(bytes.TrimSpace(body[:min(len(body), 512)])))
	kind := mediaType(header)
	return kind == "text/html" || kind == "application/xhtml+xml" || strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// foreignAdvice is about an answer that is not the API's.
func foreignAdvice(status int) string {
	if status == http.StatusProxyAuthRequired {
		return proxySignIn
	}
	return "A proxy or firewall between this machine and the Store may have sent it. Look at the proxy settings (HTTPS_PROXY, NO_PROXY) and the endpoint, or ask who runs the network to let the host through."
}

const proxySignIn = "The proxy wants a sign-in: put user name and password into HTTPS_PROXY (http://user:password@proxy.contoso.example:8080), or ask who runs the network."

// networkAdvice is about a request that nobody answered.
func networkAdvice(err error) string {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case unknown, unverified && strings.Contains(err.Error(), "not trusted"):
		return unknownAuthority
	case err != nil && strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)):
		return proxySignIn
	}
	return "Check the network, the proxy settings (HTTPS_PROXY) and the endpoint."
}

// unknownAuthority names how a private authority is made known. Go reads the
// variable on Unix systems other than macOS (https://pkg.go.dev/crypto/x509).
const unknownAuthority = "This machine does not know who issued the certificate; a proxy that inspects TLS issues its own. If it is your company's, get the root certificate from who runs the network " +
	"and name its PEM file in SSL_CERT_FILE (on Windows and macOS, add it to the system's trusted roots)."

// refusesAccess reports whether a status is one that proxies and firewalls block
// with.
func refusesAccess(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusProxyAuthRequired
}
