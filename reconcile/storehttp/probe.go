package storehttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// maxInstaller bounds what a digest check downloads.
const maxInstaller = 16 << 30

// downloadTimeout bounds the download of one installer.
const downloadTimeout = time.Hour

// Package is what a package URL was found to serve.
type Package struct {
	// Bytes is the size; -1 when the host does not tell and no digest was wanted.
	Bytes int64
	// MediaType is the Content-Type without parameters.
	MediaType string
}

// ProbePackage looks at an installer's URL as the Store will: it must answer
// 200 itself, without a redirect, with content. With wantSHA256 (hex) the
// content is read, not kept, and compared. The URL may be https, or http on
// loopback; no token goes along. With a nil transport only addresses of the
// public internet are reached: a manifest may be somebody else's, and what it
// names must not be asked of this machine and its network. Any other transport
// goes where it goes.
//
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/app-package-requirements
func ProbePackage(ctx context.Context, transport policy.Transporter, address, wantSHA256 string) (*Package, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("check package URL: it is not a URL")
	}
	found, err := probe(ctx, transport, target, wantSHA256)
	if err != nil {
		return nil, fmt.Errorf("check package URL %s: %w", place(target), withoutURL(err))
	}
	return found, nil
}

func probe(ctx context.Context, transport policy.Transporter, target *url.URL, want string) (*Package, error) {
	if err := checkAddress(target); err != nil {
		return nil, err
	}
	if transport == nil {
		client, err := publicClient(target)
		if err != nil {
			return nil, err
		}
		defer client.CloseIdleConnections()
		transport = client
	}
	response, err := head(ctx, transport, target, want)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if err := checkPackageAnswer(target, response); err != nil {
		return nil, err
	}
	found := &Package{Bytes: response.ContentLength, MediaType: mediaType(response.Header)}
	if want == "" {
		return found, nil
	}
	sum, size, err := hashAtMost(response.Body, maxInstaller)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the download broke off after %d bytes: %w", size, err)
	case size > maxInstaller:
		return nil, fmt.Errorf("it serves more than %d bytes", int64(maxInstaller))
	case !strings.EqualFold(sum, want):
		return nil, fmt.Errorf("it serves %d bytes with sha256 %s, the manifest says %s: publish the right file under a new, versioned URL", size, sum, strings.ToLower(want))
	}
	found.Bytes = size
	return found, nil
}

// head asks with HEAD when the content is not wanted, and with GET when it is
// or when the host has no HEAD.
func head(ctx context.Context, transport policy.Transporter, target *url.URL, want string) (*http.Response, error) {
	methods := []string{http.MethodHead, http.MethodGet}
	if want != "" {
		methods = methods[1:]
	}
	var response *http.Response
	for _, method := range methods {
		request, err := plainRequest(ctx, method, target.String(), downloadTimeout)
		if err != nil {
			return nil, errors.New("it cannot be requested")
		}
		if response, err = plainPipeline(transport).Do(request); err != nil {
			return nil, err
		}
		if response.StatusCode < 400 {
			return response, nil
		}
		if method == http.MethodHead {
			response.Body.Close()
		}
	}
	return response, nil
}

func checkPackageAnswer(target *url.URL, response *http.Response) error {
	switch status := response.StatusCode; {
	case status >= 300 && status <= 399:
		where := "elsewhere"
		if next, err := target.Parse(response.Header.Get("Location")); err == nil && next.Host != "" {
			where = "to " + OneLine(place(next))
		}
		return fmt.Errorf("it redirects %s (HTTP %d), which the Store does not accept: give the address of the file itself", where, status)
	case status != http.StatusOK:
		return fmt.Errorf("it answers HTTP %d, the Store needs 200: publish the file and check the address", status)
	case response.ContentLength == 0:
		return errors.New("it answers with an empty file")
	case strings.HasPrefix(mediaType(response.Header), "text/html"):
		return errors.New("it answers with a web page, not a file: give the direct download address")
	}
	return nil
}
