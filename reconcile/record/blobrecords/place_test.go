package blobrecords

import (
	"strings"
	"testing"
)

func TestParsePlace(t *testing.T) {
	tests := []struct{ address, url, prefix, problem string }{
		{address: "https://contoso.blob.core.windows.net/records/team/reader", url: "https://contoso.blob.core.windows.net/records", prefix: "team/reader"},
		{address: "https://contoso.blob.core.windows.net/records", url: "https://contoso.blob.core.windows.net/records"},
		{address: " https://contoso.blob.core.windows.net/records/a/ ", url: "https://contoso.blob.core.windows.net/records", prefix: "a"},
		{address: "http://127.0.0.1:10000/account/records/a", url: "http://127.0.0.1:10000/account/records", prefix: "a"},
		{address: "http://contoso.blob.core.windows.net/records", problem: "loopback only"},
		{address: "https://contoso.blob.core.windows.net/", problem: "no container"},
		{address: "https://me:secret@contoso.blob.core.windows.net/records", problem: "password"},
		{address: "https://contoso.blob.core.windows.net/records?token=secret", problem: "query"},
		{address: "ftp://contoso.example/records", problem: "neither https"},
		{address: "records", problem: "not the address"},
		{address: "https://%zz/?sig=secret", problem: "not a URL"},
	}
	for _, test := range tests {
		p, err := parsePlace(test.address)
		switch {
		case test.problem == "" && (err != nil || strings.TrimRight(p.url, "/") != test.url || p.prefix != test.prefix):
			t.Errorf("%s: %q %q %v, want %q %q", test.address, p.url, p.prefix, err, test.url, test.prefix)
		case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
			t.Errorf("%s: %v, want an error about %q", test.address, err, test.problem)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: the error shows a secret: %v", test.address, err)
		}
	}
}
