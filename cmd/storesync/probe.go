package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// probePackages looks at the package URLs of all manifests, one at a time: they
// mostly lie on one host. What is found wrong is a diagnostic.
func probePackages(ctx context.Context, workspace *schema.Workspace) (schema.Diagnostics, error) {
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
			_, err := storehttp.ProbePackage(ctx, nil, p.PackageURL.Value, p.SHA256)
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
