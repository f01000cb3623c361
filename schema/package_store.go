package schema

import (
	"fmt"
	"slices"
)

// maxPackageBytes is the size of one package's file
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/app-package-requirements).
const maxPackageBytes = 25 << 30

// ValidateStoreVersion judges a version by the Store's rule for packages of
// Windows 10 and later: the fourth part, which the Store keeps for itself, is 0
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/package-version-numbering).
// For the first part see Version0.
func ValidateStoreVersion(v Version) error {
	if v.Revision != 0 {
		return fmt.Errorf("version %s ends in %d: the Store keeps the fourth part for its own use and takes packages that leave it 0; count up another part instead", v, v.Revision)
	}
	return nil
}

// Version0 warns of a version that begins with 0: the page of version numbering
// says that the first part must not be 0, yet apps are live in the Store with such
// versions. It returns "" for other versions.
func (p *PackageFile) Version0() (summary, detail string) {
	versions := []Version{p.Version}
	for _, nested := range p.Packages {
		versions = append(versions, nested.Version)
	}
	i := slices.IndexFunc(versions, func(v Version) bool { return v.Major == 0 })
	if i < 0 {
		return "", ""
	}
	return fmt.Sprintf("the package %s has the version %s, which begins with 0", quote(p.Name), versions[i]),
		"Microsoft's page of version numbering says \"the first section cannot be 0\", but apps are live in the Store with such versions. It is sent as it is, and the Store may refuse it."
}

// WarnVersions warns of what only the Store can settle: versions that a page
// forbids and live products have. Plan knows what is live; without it, as in
// validate, this is what can be said.
func WarnVersions(w *Workspace) Diagnostics {
	var diagnostics Diagnostics
	for _, m := range w.Manifests {
		v := &validator{manifest: m, address: m.Address(), diagnostics: &diagnostics}
		for i, p := range m.msixPackages() {
			if p.Content == nil {
				continue
			}
			if summary, detail := p.Content.Version0(); summary != "" {
				v.warn(fmt.Sprintf("packages[%d].file", i), summary, detail)
			}
		}
	}
	return diagnostics
}

// msixPackages are the package files of an app or a flight.
func (m *Manifest) msixPackages() []MsixPackage {
	switch {
	case m.MsixApp != nil:
		return m.MsixApp.Packages
	case m.PackageFlight != nil:
		return m.PackageFlight.Packages
	}
	return nil
}

// ValidateStore judges a package by what the Store asks of every one: its
// versions and its size. The problems are in the order of the file; none means that nothing is known against it. Whether identity and
// publisher are those of the app is for the caller to compare. The errors are
// of the type *PackageError.
func (p *PackageFile) ValidateStore() []error {
	var found []error
	problem := func(entry, problem, fix string, err error) {
		found = append(found, &PackageError{File: p.Name, Entry: entry, Problem: problem, Fix: fix, Err: err})
	}
	if p.Bytes > maxPackageBytes {
		problem("", fmt.Sprintf("it has %d bytes; the Store takes at most %d (25 GB)", p.Bytes, int64(maxPackageBytes)), "Take content out of the package, and let the app download it.", nil)
	}
	if err := ValidateStoreVersion(p.Version); err != nil {
		problem("", "its version is refused", "Build it again with such a version.", err)
	}
	for i, nested := range p.Packages {
		before := slices.ContainsFunc(p.Packages[:i], func(n NestedPackage) bool { return n.Version == nested.Version })
		if err := ValidateStoreVersion(nested.Version); err != nil && !before {
			problem(nested.FileName, "its version is refused", "Build it again with such a version.", err)
		}
	}
	return found
}
