package storehttp

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ParseEndpoint checks the base URL of a Store API: https, or http on
// loopback, without user, query or fragment. A trailing slash is dropped.
func ParseEndpoint(raw string) (*url.URL, error) {
	endpoint, err := url.Parse(raw)
	if err != nil {
		// url's own error repeats the text, which may hold a password.
		return nil, errors.New("endpoint is not a URL: give it as https://host")
	}
	if err := checkAddress(endpoint); err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", place(endpoint), err)
	}
	if endpoint.RawQuery != "" || endpoint.ForceQuery || endpoint.Fragment != "" {
		return nil, fmt.Errorf("endpoint %s: has a query or fragment: give scheme, host and path only", place(endpoint))
	}
	endpoint.Path = strings.TrimRight(endpoint.Path, "/")
	endpoint.RawPath = strings.TrimRight(endpoint.RawPath, "/")
	return endpoint, nil
}

// IsLoopback reports whether the URL's host is this machine by its name:
// localhost, 127.0.0.0/8 or ::1. Nothing is looked up, so a public name that
// points to this machine does not count.
func IsLoopback(u *url.URL) bool {
	host := u.Hostname()
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// checkAddress refuses what no request may be sent to.
func checkAddress(u *url.URL) error {
	switch {
	case u.User != nil:
		return errors.New("holds a user name or password: leave it out")
	case u.Hostname() == "":
		return errors.New("has no host: give it as https://host")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && IsLoopback(u):
		return nil
	case u.Scheme == "http":
		return errors.New("is plain http, which is accepted on loopback only: use https")
	}
	return errors.New("is neither https nor http on loopback")
}

// sameOrigin reports whether scheme, host and port are equal, default ports
// filled in.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) &&
		strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	switch strings.ToLower(u.Scheme) {
	case "https":
		return "443"
	case "http":
		return "80"
	}
	return ""
}

// place is the URL without user, query and fragment, for messages.
func place(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
