package schema

import (
	"fmt"
	"slices"
)

// maxPackageBytes is the size of one package's file
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/app-package-requirements).
const maxPackageBytes = 25 << 30

// ValidateStoreVersion judges a version by the Store's rules for packages of
// Windows 10 and later: the first part is not 0, and the fourth, which the
// Store keeps for itself, is 0
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/package-version-numbering).
func ValidateStoreVersion(v Version) error {
	if v.Major == 0 {
		return fmt.Errorf("version %s begins with 0, which the Store does not take; begin with 1 or more", v)
	}
	if v.Revision != 0 {
		return fmt.Errorf("version %s ends in %d: the Store keeps the fourth part for its own use and takes packages that leave it 0; count up another part instead", v, v.Revision)
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
