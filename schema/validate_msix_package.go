package schema

import (
	"fmt"
	"slices"
	"strings"
)

// suggestedPackages is how many packages Microsoft's extension for Azure DevOps
// keeps for one flight group; everybody outside of all groups counts as one.
const suggestedPackages = 25

// msixPackages judges the package set: each file by itself, and all together
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/app-package-requirements).
func (v *validator) msixPackages(packages []MsixPackage) {
	if packages != nil && len(packages) == 0 {
		v.fail("packages", "packages is empty", "It is the whole package set: write at least one package, or leave the field out to leave the set alone.")
	}
	if len(packages) > suggestedPackages {
		v.warn("packages", fmt.Sprintf("%d packages", len(packages)), fmt.Sprintf("Microsoft's own clients keep at most %d for one flight group; no page gives a limit, and the Store may refuse more.", suggestedPackages))
	}
	for i, p := range packages {
		at := fmt.Sprintf("packages[%d]", i)
		v.pins(at, p)
		// A pinned package may be live, and what is live is not judged: plan knows.
		if p.Content != nil && !p.pinned() {
			for _, err := range p.Content.ValidateStore() {
				v.packageError(at+".file", p.File, err)
			}
		}
		if !v.onePackageAmong(at, p, packages[:i]) {
			continue
		}
		v.sameIdentity(at+".file", p, packages[:i])
	}
}

// pinned reports whether the manifest says all by which a package that is live is
// found.
func (p MsixPackage) pinned() bool { return p.Version != "" && p.Architecture != "" }

// packageError reports what is wrong with a package's content.
func (v *validator) packageError(path, name string, err error) {
	problem := packageProblem(name, err)
	v.fail(path, problem.summary, problem.detail)
}

// pins judges version and architecture as they are written, and against the
// file when it is there.
func (v *validator) pins(at string, p MsixPackage) {
	if p.Version != "" {
		v.versionPin(at+".version", p)
	}
	if p.Architecture == "" {
		return
	}
	written, problem := p.PinnedArchitectures()
	switch {
	case problem != nil:
		v.fail(at+".architecture", problem.Error(), "Allowed: "+strings.Join(packageArchitectures, ", ")+"; those of a bundle joined by _, such as x64_arm64.")
	case p.Content != nil && !slices.Equal(written, p.Content.Architectures):
		v.fail(at+".architecture", fmt.Sprintf("the file %s is for %s, not for %s", quote(p.File), strings.Join(p.Content.Architectures, "_"), quote(p.Architecture)),
			"A pin equals what is in the file. Correct it, or name the right file.")
	}
}

// PinnedArchitectures are the architectures that the manifest pins, sorted; nil
// when it pins none. The error says which of them there is not.
func (p MsixPackage) PinnedArchitectures() ([]string, error) {
	if p.Architecture == "" {
		return nil, nil
	}
	architectures := strings.Split(p.Architecture, "_")
	for _, a := range architectures {
		if !slices.Contains(packageArchitectures, a) {
			return nil, fmt.Errorf("%s is not an architecture", quote(a))
		}
	}
	slices.Sort(architectures)
	return slices.Compact(architectures), nil
}

func (v *validator) versionPin(path string, p MsixPackage) {
	version, err := ParseVersion(p.Version)
	switch {
	case err != nil:
		v.fail(path, err.Error(), "It is the version of the package's own manifest.")
	case p.Content == nil:
	case p.Content.Version != version:
		v.fail(path, fmt.Sprintf("the file %s has the version %s, not %s", quote(p.File), p.Content.Version, version),
			"A pin equals what is in the file. Correct it, or name the right file.")
	}
}

// onePackageAmong refuses a package that the ones before it leave no place for,
// and reports whether it has one.
func (v *validator) onePackageAmong(at string, p MsixPackage, before []MsixPackage) bool {
	for _, other := range before {
		summary, detail := rivals(p, other)
		if summary != "" {
			v.fail(at, summary, detail)
			return false
		}
	}
	return true
}

// rivals says why two packages cannot be in one set, "" when they can.
func rivals(p, other MsixPackage) (summary, detail string) {
	var shared []Slot
	if p.Content != nil && other.Content != nil {
		shared = SharedSlots(other.Content, p.Content)
	}
	switch {
	case p.File == other.File:
		return fmt.Sprintf("%s is named twice", quote(p.File)), "Keep one of the two."
	case len(shared) > 0:
		return fmt.Sprintf("%s and %s are both for %s", quote(other.File), quote(p.File), shared[0]),
			"Devices get the one with the higher version, so the other reaches nobody. packages is the whole set: keep one package for each architecture, device family and lowest Windows version."
	case isOnePackage(p, other):
		return fmt.Sprintf("%s and %s have one version and one architecture", quote(other.File), quote(p.File)),
			"That is one package to the Store. Take one out, or correct its pins."
	}
	return "", ""
}

// isOnePackage reports whether two packages have the same version and
// architectures, as far as that is known. Identity is the app's.
func isOnePackage(p, other MsixPackage) bool {
	version, architectures := p.label()
	otherVersion, otherArchitectures := other.label()
	return version != "" && version == otherVersion && architectures != nil && slices.Equal(architectures, otherArchitectures)
}

// label is the package's version and architectures by its file, else by its
// pins.
func (p MsixPackage) label() (string, []string) {
	if p.Content != nil {
		return p.Content.Version.String(), p.Content.Architectures
	}
	pinned, err := p.PinnedArchitectures()
	if err != nil {
		return "", nil // reported by pins
	}
	return p.Version, pinned
}

// sameIdentity compares identity and publisher with those of the first package
// that could be read: one app has one of each.
func (v *validator) sameIdentity(path string, p MsixPackage, before []MsixPackage) {
	first := slices.IndexFunc(before, func(x MsixPackage) bool { return x.Content != nil && !x.pinned() })
	if p.Content == nil || first < 0 || p.pinned() {
		return
	}
	other := before[first]
	const detail = "Packages of one app share identity name and publisher, which Partner Center shows under Product identity. Build it again with the right ones, or name the right file."
	if p.Content.Identity != other.Content.Identity {
		v.fail(path, fmt.Sprintf("%s is of %s, but %s is of %s", quote(p.File), quote(p.Content.Identity), quote(other.File), quote(other.Content.Identity)), detail)
	}
	if p.Content.Publisher != other.Content.Publisher {
		v.fail(path, fmt.Sprintf("%s has the publisher %s, but %s has %s", quote(p.File), quote(p.Content.Publisher), quote(other.File), quote(other.Content.Publisher)), detail)
	}
}
