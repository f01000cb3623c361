package msiexe

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// installerRefused says that the Store could not take in an installer, with
// the addresses it was told. Their queries may be credentials and are left out.
func installerRefused(m *schema.Manifest, cause error) error {
	return &plan.Failure{Class: plan.ClassError,
		Err: fmt.Errorf("the Store could not take in an installer (%s): %w", strings.Join(installers(m), ", "), cause),
		Next: "Nothing was submitted. Each packageUrl must answer 200 over https without a redirect, with the .exe or .msi itself, from an address that holds the version; " +
			"`storesync validate --online` looks at them. Mend the address or the file and apply again."}
}

// installers names the packages and where the Store was told to get them.
func installers(m *schema.Manifest) []string {
	var names []string
	for _, key := range slices.Sorted(maps.Keys(m.MsiExeApp.Packages)) {
		address := m.MsiExeApp.Packages[key].PackageURL
		switch {
		case address == nil:
			names = append(names, key)
		case address.Sensitive():
			names = append(names, key+": the address in $"+address.Env)
		default:
			names = append(names, key+": "+withoutQuery(address.Value))
		}
	}
	if names == nil {
		names = []string{"the packages are not in the manifest"}
	}
	return names
}

// withAdvice adds what an error of the Store means where that can be said.
func withAdvice(m *schema.Manifest, err error) error {
	failure, ok := errors.AsType[*storehttp.Error](err)
	if !ok {
		return err
	}
	for _, detail := range failure.Details {
		if strings.EqualFold(detail.Code, codePackageUpload) {
			return installerRefused(m, err)
		}
	}
	return err
}
