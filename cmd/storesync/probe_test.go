package main

import "testing"

// A Store on this machine may have its installers here; any other manifest
// sends nobody to this machine and its network.
func TestProbeTransport(t *testing.T) {
	for _, c := range []struct {
		endpoint string
		emulator bool
		local    bool
	}{
		{"", false, false},
		{"https://api.contoso.example", false, false},
		{"not a URL", false, false},
		{"http://127.0.0.1:8080", false, true},
		{"http://localhost:8080", false, true},
		{"", true, true},
	} {
		h := &host{environ: []string{envMsiExeEndpoint + "=" + c.endpoint}}
		if got := probeTransport(h, commonOptions{emulator: c.emulator}) != nil; got != c.local {
			t.Errorf("endpoint %q, emulator %t: local addresses are reached: %t", c.endpoint, c.emulator, got)
		}
	}
}
