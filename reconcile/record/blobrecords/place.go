package blobrecords

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// place is the container and prefix that records lie in.
type place struct {
	// url is the container's, with the signature where there is one.
	url    string
	prefix string
	signed bool
	// shown is the place without its signature, for messages.
	shown string
	// secret is the signature.
	secret string
}

// parsePlace takes the address apart. Errors do not repeat it, for it may hold a
// signature.
func parsePlace(address string) (place, error) {
	address = strings.TrimSpace(address)
	parsed, err := url.Parse(address)
	switch {
	case err != nil:
		return place{}, badPlace("it is not a URL")
	case parsed.User != nil:
		return place{}, badPlace("it holds a user name or password")
	case parsed.Hostname() == "", parsed.Fragment != "":
		return place{}, badPlace("it is not the address of a container")
	case parsed.Scheme == "http" && !isLoopback(parsed.Hostname()):
		return place{}, badPlace("it is plain http, which is accepted on loopback only")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return place{}, badPlace("it is neither https nor http on loopback")
	}
	parts, err := blob.ParseURL(address)
	if err != nil || parts.ContainerName == "" {
		return place{}, badPlace("it names no container")
	}
	if parts.UnparsedParams != "" || parts.Snapshot != "" || parts.VersionID != "" {
		return place{}, badPlace("its query is not a shared access signature")
	}
	p := place{prefix: strings.Trim(parts.BlobName, "/"), secret: parts.SAS.Signature()}
	p.signed = p.secret != ""
	parts.BlobName = ""
	p.url = parts.String()
	p.shown = (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: strings.TrimRight(parsed.Path, "/")}).String()
	return p, nil
}

func badPlace(why string) error {
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("STORESYNC_RECORD does not say where records are kept: %w", errors.New(why)),
		Next: "Write https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX."}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// name is a product's blob.
func (p place) name(key record.Key, ending string) string {
	name := key.FileName() + ending
	if p.prefix == "" {
		return name
	}
	return p.prefix + "/" + name
}

// hide takes the signature out of a text.
func (p place) hide(text string) string {
	if p.secret == "" {
		return text
	}
	text = strings.ReplaceAll(text, url.QueryEscape(p.secret), "(hidden)")
	return strings.ReplaceAll(text, p.secret, "(hidden)")
}
