package storehttp

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestFilesGoToBlobStorageOnly(t *testing.T) {
	t.Parallel()
	const store, local = "https://api.store.microsoft.com", "http://127.0.0.1:4711"
	for _, test := range []struct {
		endpoint, address string
		more              []string
		want              bool
	}{
		{store, "https://ingestionpackages1.blob.core.windows.net/ingestion/guid?sig=SECRET", nil, true},
		{store, "https://INGESTION1.Blob.Core.Windows.Net:443/a?sig=SECRET", nil, true},
		{store, "https://ingestion1-secondary.blob.core.windows.net/a", nil, true},
		{store, "https://contoso.blob.core.usgovcloudapi.net/a", nil, true},
		{store, "https://contoso.blob.core.chinacloudapi.cn/a", nil, true},
		{store, "https://contoso.z01.blob.storage.azure.net/a", nil, true},
		{store, "https://contoso.z53.blob.storage.azure.net/a", nil, true},
		{store, "https://contoso.blob.storage.azure.net/a", nil, false},
		{store, "https://blob.core.windows.net/a", nil, false},
		{store, "https://evil.example/a.blob.core.windows.net?sig=SECRET", nil, false},
		{store, "https://contoso.blob.core.windows.net.evil.example/a", nil, false},
		{store, "https://evilblob.core.windows.net/a", nil, false},
		{store, "https://a.b.blob.core.windows.net/a", nil, false},
		{store, "https://contoso.file.core.windows.net/a", nil, false},
		{store, "https://contoso.blob.core.windows.net:8443/a", nil, false},
		{store, "http://contoso.blob.core.windows.net/a", nil, false},
		{store, "https://me@contoso.blob.core.windows.net/a", nil, false},
		{store, "https://contoso.blob.core.windows.net./a", nil, false},
		{store, "http://127.0.0.1:4711/a", nil, false},
		{store, "https://localhost/a", nil, false},
		{store, "https://10.0.0.1/a", nil, false},
		{store, "https://[::1]/a", nil, false},
		{store, "https://api.store.microsoft.com/upload", nil, true},
		{store, "https://api.store.microsoft.com:444/upload", nil, false},
		{store, "https://files.contoso.example:8443/a", []string{"files.contoso.example"}, true},
		{store, "https://a.files.contoso.example/a", []string{"other.example", "*.files.contoso.example"}, true},
		{store, "https://files.contoso.example/a", []string{"*.files.contoso.example"}, false},
		{store, "https://evilfiles.contoso.example/a", []string{"*.files.contoso.example"}, false},
		{local, "http://localhost:9/a", nil, true},
		{local, "https://contoso.blob.core.windows.net/a", nil, true},
		{local, "https://evil.example/a", nil, false},
	} {
		endpoint, err := url.Parse(test.endpoint)
		if err != nil {
			t.Fatal(err)
		}
		err = Uploads{Endpoint: endpoint, More: test.more}.Check(NewSASURL(test.address))
		if (err == nil) != test.want {
			t.Errorf("%s from %s: %v, want allowed: %t", test.address, test.endpoint, err, test.want)
		}
		mustNotHold(t, errText(err), "SECRET")
		if _, other := errors.AsType[*UploadHostError](err); other && !strings.Contains(Advice(err), "STORESYNC_UPLOAD_HOSTS") {
			t.Errorf("%s: advice %q", test.address, Advice(err))
		}
	}
}

func TestParseUploadHosts(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"": "", " a.example, *.b.example\tlocalhost ": "a.example *.b.example localhost",
		"https://a.example": "error", "a.example:8443": "error", "a.example/b": "error", "*": "error", "*.net": "error", "a.*.example": "error", "**.a.example": "error",
	} {
		hosts, err := ParseUploadHosts(list)
		got := strings.Join(hosts, " ")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %q, %v", list, got, err)
		}
	}
}

// Pictures are read from the public internet only, whatever their name says.
func TestPicturesAreReadFromPublicAddressesOnly(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "")
	}
	for _, address := range []string{
		"https://127.0.0.1/a.png", "https://localhost/a.png", "https://[::1]/a.png", "https://10.1.2.3/a.png", "https://172.16.0.1/a.png",
		"https://192.168.0.1/a.png", "https://169.254.169.254/metadata", "https://[fe80::1]/a.png", "https://100.64.0.1/a.png", "https://[fd00::1]/a.png",
		"https://[::ffff:10.0.0.1]/a.png", "https://[::10.0.0.1]/a.png", "https://[2001:0:a00:1::]/a.png", "https://168.63.129.16/a.png", "https://0.0.0.0/a.png",
		"http://127.0.0.1/a.png",
	} {
		_, err := ContentDigest(t.Context(), Public{}, address, 0)
		if !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", address, err)
		}
	}
	// The name is public, what it resolves to is not.
	if err := dialPublic("tcp", "169.254.169.254:443", nil); err == nil {
		t.Error("a name that resolves to a link-local address is dialled")
	}
	for _, ip := range []string{"13.107.4.50", "2620:1ec::1"} {
		if err := checkPublic(netip.MustParseAddr(ip)); err != nil {
			t.Errorf("%s: %v", ip, err)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://contoso.example/a.png", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := (Public{}).Do(request); err == nil || !strings.Contains(err.Error(), "not https") {
		t.Errorf("plain http: %v, %v", response, err)
	}
}
