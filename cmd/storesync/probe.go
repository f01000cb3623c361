package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/storesync/storesync/reconcile/msiexe"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// probePackages looks at the package URLs of all manifests, one at a time: they
// mostly lie on one host. What is found wrong is a diagnostic.
func probePackages(ctx context.Context, h *host, options commonOptions, workspace *schema.Workspace) (schema.Diagnostics, error) {
	transport := probeTransport(h, options)
	var found schema.Diagnostics
	for _, m := range workspace.Manifests {
		if m.MsiExeApp == nil {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(m.MsiExeApp.Packages)) {
			p := m.MsiExeApp.Packages[key]
			if p == nil || p.PackageURL == nil || p.PackageURL.Unset {
				continue
			}
			_, err := storehttp.ProbePackage(ctx, transport, p.PackageURL.Value, p.SHA256)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err == nil {
				continue
			}
			path := fmt.Sprintf("packages.%s.packageUrl", key)
			found = append(found, schema.Diagnostic{
				Severity: schema.SeverityError, Address: m.Address(), Path: path, Pos: m.Pos(path),
				Summary: err.Error(),
				Detail:  "The Store downloads the installer itself: the URL must answer 200 without a redirect, serve the file directly, and never change what it serves.",
			})
		}
	}
	return found, nil
}

// probeTransport reaches public addresses only (nil), for a manifest may be
// somebody else's. A Store on this machine may have its installers here, too.
func probeTransport(h *host, options commonOptions) policy.Transporter {
	endpoint, err := storehttp.ParseEndpoint(cmp.Or(strings.TrimSpace(h.env(envMsiExeEndpoint)), msiexe.DefaultEndpoint))
	if options.emulator || err == nil && storehttp.IsLoopback(endpoint) {
		return &http.Client{}
	}
	return nil
}
