package schema

import (
	"archive/zip"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxBundlePackages bounds the packages of a bundle: every architecture with
// every language and scale of Windows stays below it.
const maxBundlePackages = 1000

// isPackageName reports whether an entry has the name of a package of any kind.
func isPackageName(name string) bool { return packageFormat(name) != "" || isEncrypted(name) }

// upload reads the one package or bundle inside an upload. Beside it lie its
// symbols (.msixsym, .appxsym), which are not looked at
// (https://learn.microsoft.com/windows/msix/package/packaging-uwp-apps).
func (r *packageReader) upload(file io.ReaderAt, size int64) (*PackageFile, error) {
	entries, err := r.openZip(file, size, func(name string) bool {
		return isPackageName(name) || strings.EqualFold(name, manifestEntry) || strings.EqualFold(name, bundleManifestEntry)
	})
	if err != nil {
		return nil, err
	}
	for _, entry := range []string{manifestEntry, bundleManifestEntry} {
		if entries[strings.ToLower(entry)] != nil {
			return nil, refuse(entry, "Name the file by what it is (.msix, .msixbundle), or zip it into an upload.", "the file is a package or bundle itself, not an upload with one inside")
		}
	}
	names := slices.Sorted(maps.Keys(entries))
	if len(names) != 1 {
		found := "no package or bundle"
		if len(names) > 0 {
			found = strconv.Itoa(len(names)) + " packages or bundles (" + strings.Join(quoted(names[:min(len(names), 3)]), ", ") + ")"
		}
		return nil, refuse("", "Make one upload for each, or one bundle of them.", "an upload holds one package or bundle and its symbols; this one holds %s", found)
	}
	entry := entries[names[0]]
	name, err := entryName([]byte(entry.Name))
	if err != nil {
		return nil, err
	}
	format := packageFormat(name)
	switch {
	case isEncrypted(name):
		return nil, refuse(name, "Give the package that it was made from.", "it is an encrypted package, which the Store does not take")
	case format.IsUpload():
		return nil, refuse(name, "Give that upload itself.", "an upload cannot hold another one")
	}
	inner, closer, err := r.nested(file, size, name, entry)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	p, err := r.file(inner, int64(entry.UncompressedSize64), format)
	if err != nil {
		return nil, inEntry(name, err)
	}
	p.Contains = name
	return p, nil
}

func quoted(names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, quote(name))
	}
	return list
}

// bundle reads a bundle and every package inside it.
func (r *packageReader) bundle(file io.ReaderAt, size int64) (*PackageFile, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := r.openZip(file, size, func(name string) bool {
		return isPackageName(name) || strings.EqualFold(name, bundleManifestEntry)
	})
	if err != nil {
		return nil, err
	}
	entry := entries[strings.ToLower(bundleManifestEntry)]
	if entry == nil {
		return nil, refuse(bundleManifestEntry, rebuild, "it is missing: the file is no bundle")
	}
	delete(entries, strings.ToLower(bundleManifestEntry))
	root, err := r.manifest(bundleManifestEntry, entry)
	if err != nil {
		return nil, err
	}
	id, listed, err := readBundleManifest(root)
	if err != nil {
		return nil, inEntry(bundleManifestEntry, err)
	}
	p := &PackageFile{Identity: id.name, Publisher: id.publisher, Version: id.version}
	if err := r.bundled(p, file, size, listed, entries); err != nil {
		return nil, err
	}
	return p, p.sumUp()
}

// bundledPackage is what a bundle's manifest says of a package.
type bundledPackage struct {
	fileName, architecture string
	version                Version
	resource, stub         bool
	bytes                  uint64
}

func readBundleManifest(root *xmlElement) (identity, []bundledPackage, error) {
	var id identity
	if root.name.Space != namespaceBundle || root.name.Local != "Bundle" {
		return id, nil, refuse("", rebuild, "its root element is %s in the namespace %s, not Bundle in %s", quote(root.name.Local), quote(root.name.Space), quote(namespaceBundle))
	}
	if _, err := id.read(root); err != nil {
		return id, nil, err
	}
	var listed []bundledPackage
	for _, element := range root.below("Packages", "Package") {
		p, err := readBundledPackage(element)
		if err != nil {
			return id, nil, err
		}
		if listed = append(listed, p); len(listed) > maxBundlePackages {
			return id, nil, refuse("", "Take the bundle apart.", "it lists more than %d packages", maxBundlePackages)
		}
	}
	return id, listed, nil
}

func readBundledPackage(element *xmlElement) (bundledPackage, error) {
	name, _ := element.attr("FileName")
	// Files in folders are listed with backslashes.
	p := bundledPackage{fileName: strings.ReplaceAll(name, `\`, "/")}
	if name == "" || len(name) > maxEntryName {
		return p, refuse("", rebuild, "it lists a package without a file name")
	}
	switch kind, ok := element.attr("Type"); {
	case !ok || kind == "resource":
		p.resource = true
	case kind != "application":
		return p, refuse("", rebuild, "the package %s has the type %s, neither application nor resource", quote(name), quote(kind))
	}
	p.stub = isTrue(element.anyAttr("IsStub"))
	var err error
	if p.version, err = versionOf(element, "Version"); err != nil {
		return p, err
	}
	if p.architecture, err = architecture(element, "Architecture"); err != nil {
		return p, err
	}
	if text, ok := element.attr("Size"); ok {
		if p.bytes, err = strconv.ParseUint(text, 10, 63); err != nil {
			return p, refuse("", rebuild, "the size %s of the package %s is not a number", quote(text), quote(name))
		}
	}
	return p, nil
}

// bundled reads the packages that a bundle's manifest lists, which must be all
// that the bundle holds.
func (r *packageReader) bundled(p *PackageFile, file io.ReaderAt, size int64, listed []bundledPackage, entries map[string]*zip.File) error {
	for _, says := range listed {
		key := strings.ToLower(says.fileName)
		entry := entries[key]
		if entry == nil {
			return refuse(says.fileName, "Put every package into the bundle, and list it once; the Store takes no flat bundles.", "the bundle's manifest lists it, but it is not in the bundle, or it is listed twice")
		}
		delete(entries, key)
		nested, err := r.bundledPackage(p, file, size, says, entry)
		if err != nil {
			return err
		}
		p.Packages = append(p.Packages, *nested)
	}
	if rest := slices.Sorted(maps.Keys(entries)); len(rest) > 0 {
		return refuse(rest[0], rebuild, "it is in the bundle, but the bundle's manifest does not list it")
	}
	return nil
}

func (r *packageReader) bundledPackage(p *PackageFile, file io.ReaderAt, size int64, says bundledPackage, entry *zip.File) (*NestedPackage, error) {
	name := says.fileName
	switch {
	case isEncrypted(name):
		return nil, refuse(name, "Bundle the package that it was made from.", "it is an encrypted package, which the Store does not take")
	case !packageFormat(name).isSingle():
		return nil, refuse(name, "Bundle .msix or .appx packages.", "a bundle holds packages, not bundles or uploads")
	case says.bytes != 0 && says.bytes != entry.UncompressedSize64:
		return nil, refuse(name, rebuild, "it has %d bytes, but the bundle's manifest says %d", entry.UncompressedSize64, says.bytes)
	}
	inner, closer, err := r.nested(file, size, name, entry)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	facts, err := r.app(inner, int64(entry.UncompressedSize64))
	if err == nil {
		err = says.agrees(p, facts)
	}
	if err != nil {
		return nil, inEntry(name, err)
	}
	return &NestedPackage{
		FileName: name, Bytes: int64(entry.UncompressedSize64), Version: facts.version, Architecture: facts.architecture,
		Resource: facts.resource, ResourceID: facts.resourceID, Asset: facts.asset, Stub: says.stub,
		Languages: facts.languages, DeviceFamilies: facts.families, Capabilities: facts.capabilities,
	}, nil
}

// agrees compares a package with what its bundle says of it: a package that
// was swapped after bundling would not install.
func (says bundledPackage) agrees(p *PackageFile, facts *appFacts) error {
	differs := func(what, bundle, own string) error {
		return refuse("", rebuild, "its %s is %s, but the bundle says %s", what, quote(own), quote(bundle))
	}
	kind := map[bool]string{true: "resource", false: "application"}
	switch {
	case facts.name != p.Identity:
		return differs("identity name", p.Identity, facts.name)
	case facts.publisher != p.Publisher:
		return differs("publisher", p.Publisher, facts.publisher)
	case facts.version != says.version:
		return differs("version", says.version.String(), facts.version.String())
	case facts.architecture != says.architecture && !facts.resource:
		return differs("architecture", says.architecture, facts.architecture)
	case facts.resource != says.resource && !facts.asset:
		return differs("type", kind[says.resource], kind[facts.resource])
	}
	return nil
}

// isApplication reports whether the package is one that a device runs.
func (n *NestedPackage) isApplication() bool { return !n.Resource && !n.Asset && !n.Stub }

// sumUp fills in what a bundle is from its packages.
func (p *PackageFile) sumUp() error {
	for _, nested := range p.Packages {
		if nested.Stub {
			continue
		}
		p.Languages = append(p.Languages, nested.Languages...)
		if !nested.isApplication() {
			continue
		}
		p.Architectures = append(p.Architectures, nested.Architecture)
		p.DeviceFamilies = append(p.DeviceFamilies, nested.DeviceFamilies...)
		p.Capabilities = append(p.Capabilities, nested.Capabilities...)
	}
	if len(p.Architectures) == 0 {
		return refuse(bundleManifestEntry, rebuild, "the bundle holds no application package")
	}
	p.Languages = union(p.Languages, strings.ToLower)
	p.DeviceFamilies = union(p.DeviceFamilies, func(f DeviceFamily) DeviceFamily { return f })
	slices.Sort(p.Architectures)
	p.Architectures = slices.Compact(p.Architectures)
	slices.Sort(p.Capabilities)
	p.Capabilities = slices.Compact(p.Capabilities)
	return nil
}
