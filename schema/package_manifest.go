package schema

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Entries and namespaces of package manifests
// (https://learn.microsoft.com/uwp/schemas/appxpackage/uapmanifestschema/schema-root,
// https://learn.microsoft.com/uwp/schemas/bundlemanifestschema/bundle-manifest).
const (
	manifestEntry       = "AppxManifest.xml"
	bundleManifestEntry = "AppxMetadata/AppxBundleManifest.xml"

	namespaceWindows10 = "http://schemas.microsoft.com/appx/manifest/foundation/windows10"
	namespaceWindows8  = "http://schemas.microsoft.com/appx/2010/manifest"
	namespaceWindows81 = "http://schemas.microsoft.com/appx/2013/manifest"
	namespaceBundle    = "http://schemas.microsoft.com/appx/2013/bundle"
)

// packageArchitectures are the values of ProcessorArchitecture, which the
// Store uses too.
var packageArchitectures = []string{"neutral", "x86", "x64", "arm", "arm64"}

var (
	identityName   = regexp.MustCompile(`^[A-Za-z0-9.-]{3,50}$`)
	languageTag    = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
	familyName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.-]{0,127}$`)
	capabilityName = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,255}$`)
)

// packageReader reads one file and what is nested in it.
type packageReader struct {
	// ctx is the caller's: reading goes through io.ReaderAt, which has none.
	ctx context.Context
	// What may yet be spent on the file, with all that is nested in it: entries
	// of a hostile ZIP may overlap, so that a small file has many large ones.
	// budget is the bytes to inflate to look into nested packages, directories
	// those of ZIP directories to walk, manifests those of manifests to parse.
	budget, directories, manifests int64
}

// maxManifests bounds the manifests of a bundle together.
const maxManifests = 64 << 20

func newPackageReader(ctx context.Context, size int64) *packageReader {
	return &packageReader{ctx: ctx, budget: inflateBudget(size), directories: maxZipDirectory, manifests: maxManifests}
}

// identity is the Identity element of a package or bundle.
type identity struct {
	name, publisher string
	version         Version
}

// appFacts is what a single package says about itself.
type appFacts struct {
	identity
	architecture, resourceID string
	resource, asset          bool
	languages                []string
	families                 []DeviceFamily
	capabilities             []string
}

// file reads a package, bundle or upload.
func (r *packageReader) file(file io.ReaderAt, size int64, format PackageFormat) (*PackageFile, error) {
	switch {
	case format.IsBundle():
		return r.bundle(file, size)
	case format.IsUpload():
		return r.upload(file, size)
	}
	facts, err := r.app(file, size)
	if err != nil {
		return nil, err
	}
	if facts.resource || facts.asset {
		return nil, refuse(manifestEntry, "Give the bundle that it belongs to.", "it is a package of resources or assets, which the Store takes only inside a bundle")
	}
	return &PackageFile{
		Identity: facts.name, Publisher: facts.publisher, Version: facts.version,
		Architectures: []string{facts.architecture}, Languages: facts.languages,
		DeviceFamilies: facts.families, Capabilities: facts.capabilities,
	}, nil
}

// app reads a single package.
func (r *packageReader) app(file io.ReaderAt, size int64) (*appFacts, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := r.openZip(file, size, func(name string) bool {
		return strings.EqualFold(name, manifestEntry) || strings.EqualFold(name, bundleManifestEntry)
	})
	if err != nil {
		return nil, err
	}
	entry := entries[strings.ToLower(manifestEntry)]
	if entry == nil {
		if entries[strings.ToLower(bundleManifestEntry)] != nil {
			return nil, refuse(bundleManifestEntry, "Name it .msixbundle or .appxbundle; a bundle cannot hold another one.", "it is a bundle, not a package")
		}
		return nil, refuse(manifestEntry, rebuild, "it is missing: the file is no app package")
	}
	root, err := r.manifest(manifestEntry, entry)
	if err != nil {
		return nil, err
	}
	facts, err := readManifest(root)
	if err != nil {
		return nil, inEntry(manifestEntry, err)
	}
	return facts, nil
}

// manifest reads the XML of an entry.
func (r *packageReader) manifest(name string, entry *zip.File) (*xmlElement, error) {
	if r.manifests < maxPackageManifest {
		return nil, refuse(name, "Take the bundle apart.", "the manifests of the bundle's packages before it are too large: at most %d bytes are read of all together", int64(maxManifests))
	}
	content, err := readEntry(name, entry, maxPackageManifest)
	if err != nil {
		return nil, err
	}
	r.manifests -= int64(len(content))
	root, err := parseXML(content)
	if err != nil {
		return nil, inEntry(name, err)
	}
	return root, nil
}

// readManifest reads the manifest of a single package.
func readManifest(root *xmlElement) (*appFacts, error) {
	switch space := root.name.Space; {
	case space == namespaceWindows8 || space == namespaceWindows81:
		return nil, refuse("", "Build the package for Windows 10 or later.", "it is the manifest of a package for Windows 8, which is not read here")
	case space != namespaceWindows10 || root.name.Local != "Package":
		return nil, refuse("", rebuild, "its root element is %s in the namespace %s, not Package in %s", quote(root.name.Local), quote(space), quote(namespaceWindows10))
	}
	facts := &appFacts{}
	for _, properties := range root.all("Properties") {
		for _, property := range properties.children {
			switch {
			case property.name.Local == "ResourcePackage" && isTrue(property.text):
				facts.resource = true
			case property.name.Local == "AllowExecution" && (property.text == "false" || property.text == "0"):
				facts.asset = true
			}
		}
	}
	element, err := facts.identity.read(root)
	if err != nil {
		return nil, err
	}
	if facts.architecture, err = architecture(element, "ProcessorArchitecture"); err != nil {
		return nil, err
	}
	facts.resourceID, _ = element.attr("ResourceId")
	if facts.languages, err = packageLanguages(root); err != nil {
		return nil, err
	}
	if facts.families, err = deviceFamilies(root); err != nil {
		return nil, err
	}
	if len(facts.families) == 0 && !facts.resource && !facts.asset {
		return nil, refuse("", rebuild, "it names no TargetDeviceFamily")
	}
	facts.capabilities, err = capabilities(root)
	return facts, err
}

// read reads the one Identity below a root, and returns its element.
func (i *identity) read(root *xmlElement) (*xmlElement, error) {
	elements := root.all("Identity")
	if len(elements) != 1 {
		return nil, refuse("", rebuild, "it has %d Identity elements, not one", len(elements))
	}
	element := elements[0]
	i.name, _ = element.attr("Name")
	i.publisher, _ = element.attr("Publisher")
	const assigned = "Copy it from Partner Center (Product identity) and build the package again."
	if !identityName.MatchString(i.name) {
		return nil, refuse("", assigned, "the identity name %s is not 3 to 50 letters, digits, dots and dashes", quote(i.name))
	}
	if i.publisher == "" || len(i.publisher) > 8192 || strings.ContainsFunc(i.publisher, func(r rune) bool { return r < ' ' }) {
		return nil, refuse("", assigned, "the publisher %s is not a distinguished name such as CN=…", quote(i.publisher))
	}
	var err error
	i.version, err = versionOf(element, "Version")
	return element, err
}

// versionOf reads an attribute that is a version.
func versionOf(element *xmlElement, name string) (Version, error) {
	text, ok := element.attr(name)
	if !ok {
		return Version{}, refuse("", rebuild, "%s has no %s", element.name.Local, name)
	}
	v, err := ParseVersion(text)
	if err != nil {
		return Version{}, &PackageError{Problem: fmt.Sprintf("%s of %s is wrong", name, element.name.Local), Fix: "Correct the manifest and build the package again.", Err: err}
	}
	return v, nil
}

// architecture reads an attribute that is an architecture; none is neutral.
func architecture(element *xmlElement, name string) (string, error) {
	text, ok := element.attr(name)
	if !ok {
		return "neutral", nil
	}
	if !slices.Contains(packageArchitectures, strings.ToLower(text)) {
		return "", refuse("", rebuild, "the architecture %s is none of %s", quote(text), strings.Join(packageArchitectures, ", "))
	}
	return strings.ToLower(text), nil
}

// packageLanguages are the languages of Resources in their order.
func packageLanguages(root *xmlElement) ([]string, error) {
	var languages []string
	for _, resource := range root.below("Resources", "Resource") {
		language, ok := resource.attr("Language")
		if !ok {
			continue // of a scale or a DirectX feature level
		}
		if !languageTag.MatchString(language) {
			return nil, refuse("", rebuild, "the resource language %s is not a language tag", quote(language))
		}
		languages = append(languages, language)
	}
	return union(languages, strings.ToLower), nil
}

// deviceFamilies are the families that the package is for in their order.
func deviceFamilies(root *xmlElement) ([]DeviceFamily, error) {
	var families []DeviceFamily
	for _, element := range root.below("Dependencies", "TargetDeviceFamily") {
		name, _ := element.attr("Name")
		if !familyName.MatchString(name) {
			return nil, refuse("", rebuild, "the device family %s is not a name such as Windows.Desktop", quote(name))
		}
		if slices.ContainsFunc(families, func(f DeviceFamily) bool { return strings.EqualFold(f.Name, name) }) {
			return nil, refuse("", rebuild, "the device family %s is named twice", quote(name))
		}
		family := DeviceFamily{Name: name}
		var err error
		if family.MinVersion, err = versionOf(element, "MinVersion"); err != nil {
			return nil, err
		}
		if family.MaxVersionTested, err = versionOf(element, "MaxVersionTested"); err != nil {
			return nil, err
		}
		families = append(families, family)
	}
	return families, nil
}

// capabilities are the names of what the app asks for. General, restricted and
// device capabilities differ by namespace and element; the Store lists them
// all by name alone (observed 2026-02).
func capabilities(root *xmlElement) ([]string, error) {
	var names []string
	for _, group := range root.all("Capabilities") {
		for _, element := range group.children {
			switch element.name.Local {
			case "Capability", "DeviceCapability", "CustomCapability":
			default:
				continue
			}
			name, _ := element.attr("Name")
			if !capabilityName.MatchString(name) {
				return nil, refuse("", rebuild, "the %s %s is not the name of a capability", element.name.Local, quote(name))
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// isTrue reports whether a text is one of XML's two words for true.
func isTrue(text string) bool { return text == "true" || text == "1" }

// union takes out of a list what is there before, by key.
func union[T any, K comparable](list []T, key func(T) K) []T {
	seen := map[K]bool{}
	var kept []T
	for _, item := range list {
		if k := key(item); !seen[k] {
			seen[k] = true
			kept = append(kept, item)
		}
	}
	return kept
}
