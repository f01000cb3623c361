package storehttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// blobHosts are the hosts of blob storage in the public and the sovereign
// clouds. The part before is an account, and in accounts with DNS zone endpoints
// the account and its zone.
//
// https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints
// https://learn.microsoft.com/azure/storage/common/storage-powershell-independent-clouds
var blobHosts = regexp.MustCompile(`^[a-z0-9]{3,24}(-secondary)?\.(blob\.core\.(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)|z[0-9]{1,3}\.blob\.storage\.azure\.net)$`)

// Uploads says where files may be sent: an answer names the address, and whoever
// could change the answer would get the files.
type Uploads struct {
	// Endpoint is the API's own address. When it is on loopback (an emulator),
	// files may be sent to loopback; its own host is always taken.
	Endpoint *url.URL
	// More are further hosts, exact or "*.suffix", with any port.
	More []string
}

// UploadHostError is an address of an answer that files are not sent to.
type UploadHostError struct{ Host string }

func (e *UploadHostError) Error() string {
	return fmt.Sprintf("the Store named %s to send files to, which is no blob storage of Azure; nothing was sent", e.Host)
}

// Next is what to do about it.
func (e *UploadHostError) Next() string {
	return "If you know that host, for example an emulator or a gateway of yours, add it to STORESYNC_UPLOAD_HOSTS. Otherwise find out who answers for the Store here: a proxy may."
}

// Check refuses an address that files may not be sent to. Errors are without the
// address's query.
func (u Uploads) Check(address SASURL) error {
	target, err := url.Parse(address.Reveal())
	if err != nil || target.Host == "" {
		return errors.New("the Store's upload address is not a URL")
	}
	if err := checkAddress(target); err != nil {
		return fmt.Errorf("the Store's upload address %w", err)
	}
	host := strings.ToLower(target.Hostname())
	switch {
	case u.Endpoint != nil && (sameOrigin(u.Endpoint, target) || IsLoopback(u.Endpoint) && IsLoopback(target)):
		return nil
	case blobHosts.MatchString(host) && port(target) == "443":
		return nil
	}
	for _, more := range u.More {
		if hostMatches(host, more) {
			return nil
		}
	}
	return &UploadHostError{Host: OneLine(target.Host)}
}

// hostMatches reports whether a host is the pattern, or lies below its suffix.
func hostMatches(host, pattern string) bool {
	if suffix, ok := strings.CutPrefix(pattern, "*."); ok {
		return strings.HasSuffix(host, "."+strings.ToLower(suffix))
	}
	return strings.EqualFold(host, pattern)
}

// ParseUploadHosts reads a list of hosts, separated by commas or blanks, each
// exact or "*.suffix". A suffix has two parts at least: "*.net" would be anybody.
func ParseUploadHosts(list string) ([]string, error) {
	var hosts []string
	for host := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		suffix, wild := strings.CutPrefix(host, "*.")
		if !hostName.MatchString(suffix) || wild && !strings.Contains(suffix, ".") {
			return nil, fmt.Errorf("%q is no host: write hosts such as files.contoso.example or *.files.contoso.example, without scheme, port and path", OneLine(host))
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// Public sends single requests to addresses that are not trusted: to the public
// internet only, whatever a name resolves to. It follows no redirect.
type Public struct{}

var _ policy.Transporter = Public{}

// Do sends a request over a connection of its own, so that none which was made
// for another purpose is used.
func (Public) Do(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != "https" {
		return nil, refuse(errors.New("refused to read it: its address is not https"))
	}
	client, err := publicClient(request.URL)
	if err != nil {
		return nil, err
	}
	client.Transport.(*http.Transport).DisableKeepAlives = true
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client.Do(request)
}
