package storehttp

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// notPublic are ranges beside those that netip knows of: those that carry other
// addresses within, that stand for nobody, or that only machines of a network or
// a cloud reach
// (https://www.iana.org/assignments/iana-ipv4-special-registry and
// iana-ipv6-special-registry).
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),
		netip.MustParsePrefix("100.64.0.0/10"), // shared by carriers and clouds
		// Azure's own services for its virtual machines
		// (https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16).
		netip.MustParsePrefix("168.63.129.16/32"),
		netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"),
		netip.MustParsePrefix("240.0.0.0/4"),
		netip.MustParsePrefix("::/96"),        // IPv4 in an old form
		netip.MustParsePrefix("64:ff9b::/96"), // IPv4, perhaps a private one
		netip.MustParsePrefix("64:ff9b:1::/48"),
		netip.MustParsePrefix("100::/64"),
		netip.MustParsePrefix("2001::/32"), // Teredo: IPv4 within
		netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("fec0::/10"),
	}
}

// checkPublic refuses addresses of this machine, of its network and of no
// single machine.
func checkPublic(address netip.Addr) error {
	address = address.Unmap()
	public := address.IsGlobalUnicast() && !address.IsPrivate()
	for _, prefix := range notPublic() {
		public = public && !prefix.Contains(address.WithZone(""))
	}
	if !public {
		return refuse(fmt.Errorf("refused to connect to %s: it is no address of the public internet, so the Store could not reach it either", address))
	}
	return nil
}

// dialPublic is a net.Dialer's Control: it sees the address after names were
// looked up, so that no name leads elsewhere.
func dialPublic(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse(errors.New("refused to connect: the address is no IP address"))
	}
	return checkPublic(to.Addr())
}

// publicClient reaches one untrusted address, on the public internet only. A
// proxy from the environment is the user's own and may be anywhere; it looks
// names up itself.
func publicClient(target *url.URL) (*http.Client, error) {
	if IsLoopback(target) {
		return nil, checkPublic(netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	if ip, err := netip.ParseAddr(target.Hostname()); err == nil {
		if err := checkPublic(ip); err != nil {
			return nil, err
		}
	}
	const timeout, keepAlive = 30 * time.Second, 30 * time.Second // those of net/http
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: target})
	if err != nil {
		return nil, errors.New("the proxy settings (HTTPS_PROXY) cannot be read")
	}
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: keepAlive}
	if proxy == nil {
		dialer.Control = dialPublic
	}
	return &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyURL(proxy),
		DialContext:       dialer.DialContext,
		ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, ExpectContinueTimeout: time.Second,
	}}, nil
}
