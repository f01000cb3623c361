package storehttp

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckPublic(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07::1": true, "::ffff:93.184.215.14": true,
		"127.0.0.1": false, "127.8.9.10": false, "::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "::": false,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "fd00::1": false, "::ffff:10.0.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "100.100.100.200": false, "192.0.0.192": false,
		"198.18.0.1": false, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if err := checkPublic(netip.MustParseAddr(address)); (err == nil) != public {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// What a manifest names must not be asked of this machine and its network, and
// is not tried again.
func TestProbePackageReachesPublicAddressesOnly(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
		t.Setenv(name, "")
	}
	s := &script{answers: []http.HandlerFunc{answer(200, "installer")}}
	address, _ := serveTLS(t, s)
	for target, ip := range map[string]string{
		address + "/a.exe":                     "127.0.0.1",
		"http://localhost:1/a.exe":             "127.0.0.1",
		"https://169.254.169.254/metadata":     "169.254.169.254",
		"https://[::ffff:10.0.0.1]/a.exe":      "10.0.0.1",
		"https://[fe80::1%25eth0]/a.exe?sig=N": "fe80::1%eth0",
	} {
		begin := time.Now()
		_, err := ProbePackage(t.Context(), nil, target, "")
		want := "refused to connect to " + ip + ": it is no address of the public internet, so the Store could not reach it either"
		if !strings.HasSuffix(errText(err), want) || strings.Contains(errText(err), "sig=") {
			t.Errorf("%s: %v", target, err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", target, took)
		}
	}
	if s.count() != 0 {
		t.Errorf("%d requests arrived", s.count())
	}
}

// A name is judged by what it is looked up to, once.
func TestDialingStopsAtTheAddress(t *testing.T) {
	var asked atomic.Int64
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		asked.Add(1)
		// The name is looked up to this machine.
		return (&net.Dialer{Control: dialPublic}).DialContext(ctx, network, "127.0.0.1:1")
	}}}
	_, err := ProbePackage(t.Context(), client, "https://dl.contoso.example/a.exe", "")
	if !strings.Contains(errText(err), "refused to connect to 127.0.0.1: it is no address of the public internet") || asked.Load() != 1 {
		t.Errorf("asked %d times: %v", asked.Load(), err)
	}
}

// A port that does not speak TLS will not speak it the next time either, and
// nothing was sent to it.
func TestNoTLSIsNotTriedAgain(t *testing.T) {
	for name, greeting := range map[string]string{"SSH": "SSH-2.0-OpenSSH_9.6\r\n", "HTTP": "HTTP/1.1 400 Bad Request\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			var connections atomic.Int64
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					connections.Add(1)
					_, _ = conn.Write([]byte(greeting))
					defer conn.Close()
				}
			}()
			p := newTestPipeline(t, nil, func(o *Options) {
				o.Endpoint = "https://" + listener.Addr().String()
				o.Transport = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{}}}
			})
			_, err = p.Do(t.Context(), request("POST"))
			if err == nil || IsUnknownOutcome(err) {
				t.Errorf("error %v, unknown outcome %t", err, IsUnknownOutcome(err))
			}
			if diff := cmp.Diff(int64(1), connections.Load()); diff != "" {
				t.Errorf("connections (-want +got):\n%s", diff)
			}
		})
	}
}
