package emulator

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxMsixManifest is what is read of a package manifest; real ones have
	// some kilobytes.
	maxMsixManifest = 8 << 20
	// maxNestedPackage is what is unpacked of a package inside a compressed
	// entry.
	maxNestedPackage = 1 << 30
	// maxMsixPackage is the Store's own limit
	// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/app-package-requirements).
	maxMsixPackage = 25 << 30
)

// msixPackage is what the service reads out of a package.
type msixPackage struct {
	Name, Publisher, Version               string
	Architectures                          []string
	Languages, Capabilities, TargetDevices []string
	// Bundle is true for a bundle, also within an upload.
	Bundle bool
}

// appxManifest is the part of AppxManifest.xml that the service answers
// (https://learn.microsoft.com/uwp/schemas/appxpackage/uapmanifestschema/schema-root).
type appxManifest struct {
	Identity  appxIdentity
	Resources struct {
		Resource []struct {
			Language string `xml:",attr"`
		}
	}
	Dependencies struct {
		TargetDeviceFamily []struct {
			Name       string `xml:",attr"`
			MinVersion string `xml:",attr"`
		}
	}
	Capabilities struct {
		Any []struct {
			Name string `xml:",attr"`
		} `xml:",any"`
	}
}

type appxIdentity struct {
	Name                  string `xml:",attr"`
	Publisher             string `xml:",attr"`
	Version               string `xml:",attr"`
	ProcessorArchitecture string `xml:",attr"`
}

// bundleManifest is the part of AppxBundleManifest.xml that the service uses.
type bundleManifest struct {
	Identity appxIdentity
	Packages struct {
		Package []struct {
			Type     string `xml:",attr"`
			FileName string `xml:",attr"`
		}
	}
}

// packageReader reads packages; what it must unpack goes to contents for a
// while.
type packageReader struct{ contents *contents }

// read reads a package of a kind that its name tells.
func (p packageReader) read(name string, from io.ReaderAt, size int64) (msixPackage, error) {
	archive, err := packageArchive(from, size)
	if err != nil {
		return msixPackage{}, errors.New("it is not a package: it cannot be read as a ZIP archive")
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".msix", ".appx":
		return readAppx(archive)
	case ".msixbundle", ".appxbundle":
		return p.bundle(archive, from)
	case ".msixupload", ".appxupload":
		return p.upload(archive, from)
	default:
		return msixPackage{}, errors.New("it is of no kind that the Store takes: use .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload")
	}
}

func readAppx(archive *zip.Reader) (msixPackage, error) {
	var manifest appxManifest
	if err := readManifest(archive, "AppxManifest.xml", &manifest); err != nil {
		return msixPackage{}, err
	}
	id := manifest.Identity
	out := msixPackage{Name: id.Name, Publisher: id.Publisher, Version: id.Version, Architectures: []string{strings.ToLower(id.ProcessorArchitecture)}}
	if id.ProcessorArchitecture == "" {
		out.Architectures = []string{"neutral"}
	}
	for _, resource := range manifest.Resources.Resource {
		out.Languages = appendNew(out.Languages, resource.Language)
	}
	for _, capability := range manifest.Capabilities.Any {
		out.Capabilities = appendNew(out.Capabilities, capability.Name)
	}
	for _, family := range manifest.Dependencies.TargetDeviceFamily {
		out.TargetDevices = appendNew(out.TargetDevices, family.Name+" min version "+family.MinVersion)
	}
	if len(out.TargetDevices) == 0 {
		return msixPackage{}, errors.New("its manifest names no TargetDeviceFamily")
	}
	return out, nil
}

func appendNew(list []string, value string) []string {
	if value == "" || slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

func (p packageReader) bundle(archive *zip.Reader, from io.ReaderAt) (msixPackage, error) {
	var manifest bundleManifest
	if err := readManifest(archive, "AppxMetadata/AppxBundleManifest.xml", &manifest); err != nil {
		return msixPackage{}, err
	}
	id := manifest.Identity
	out := msixPackage{Name: id.Name, Publisher: id.Publisher, Version: id.Version, Bundle: true}
	seen := map[string]bool{}
	for _, entry := range manifest.Packages.Package {
		if !strings.EqualFold(entry.Type, "application") {
			continue
		}
		if seen[entry.FileName] {
			return msixPackage{}, fmt.Errorf("it names the package %s twice", entry.FileName)
		}
		seen[entry.FileName] = true
		nested, err := p.nested(archive, from, entry.FileName, func(_ string, inner *zip.Reader, _ io.ReaderAt) (msixPackage, error) {
			return readAppx(inner)
		})
		if err != nil {
			return msixPackage{}, err
		}
		if nested.Name != id.Name || nested.Publisher != id.Publisher {
			return msixPackage{}, fmt.Errorf("the package %s in it has another identity", entry.FileName)
		}
		for _, architecture := range nested.Architectures {
			out.Architectures = appendNew(out.Architectures, architecture)
		}
		for _, language := range nested.Languages {
			out.Languages = appendNew(out.Languages, language)
		}
		for _, capability := range nested.Capabilities {
			out.Capabilities = appendNew(out.Capabilities, capability)
		}
		for _, family := range nested.TargetDevices {
			out.TargetDevices = appendNew(out.TargetDevices, family)
		}
	}
	if len(out.Architectures) == 0 {
		return msixPackage{}, errors.New("the bundle has no application package")
	}
	return out, nil
}

// upload reads the one package or bundle of an upload file.
func (p packageReader) upload(archive *zip.Reader, from io.ReaderAt) (msixPackage, error) {
	name := ""
	for _, file := range archive.File {
		switch strings.ToLower(path.Ext(file.Name)) {
		case ".msix", ".appx", ".msixbundle", ".appxbundle":
			if name != "" {
				return msixPackage{}, errors.New("it holds more than one package")
			}
			name = file.Name
		}
	}
	if name == "" {
		return msixPackage{}, errors.New("it holds no package")
	}
	return p.nested(archive, from, partName(name), func(name string, inner *zip.Reader, at io.ReaderAt) (msixPackage, error) {
		if strings.HasSuffix(strings.ToLower(name), "bundle") {
			return p.bundle(inner, at)
		}
		return readAppx(inner)
	})
}

// nested opens an archive in an archive.
func (p packageReader) nested(archive *zip.Reader, from io.ReaderAt, name string, use func(string, *zip.Reader, io.ReaderAt) (msixPackage, error)) (msixPackage, error) {
	at := slices.IndexFunc(archive.File, func(f *zip.File) bool { return partName(f.Name) == entryName(name) })
	if at < 0 {
		return msixPackage{}, fmt.Errorf("it lacks the package %s that it names", name)
	}
	var out msixPackage
	err := p.open(archive.File[at], from, func(inside io.ReaderAt, size int64) error {
		inner, err := packageArchive(inside, size)
		if err != nil {
			return fmt.Errorf("the package %s in it cannot be read as a ZIP archive", name)
		}
		out, err = use(name, inner, inside)
		return err
	})
	return out, err
}

// partName is the file name of a part: packages escape it like a URL's path
// (Open Packaging Conventions).
func partName(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// open gives an entry for reading anywhere: in place when it is stored,
// unpacked when it is compressed.
func (p packageReader) open(file *zip.File, from io.ReaderAt, use func(io.ReaderAt, int64) error) error {
	if file.Method == zip.Store && file.CompressedSize64 <= maxMsixPackage {
		offset, err := file.DataOffset()
		if err != nil {
			return fmt.Errorf("the entry %s cannot be read", file.Name)
		}
		size := int64(file.CompressedSize64) //nolint:gosec // below the limit above
		return use(io.NewSectionReader(from, offset, size), size)
	}
	reader, err := file.Open()
	if err != nil {
		return fmt.Errorf("the entry %s cannot be read", file.Name)
	}
	defer reader.Close()
	unpacked, err := p.contents.write(io.LimitReader(reader, maxNestedPackage))
	if err != nil {
		return fmt.Errorf("the entry %s cannot be unpacked", file.Name)
	}
	defer p.contents.remove(unpacked.ID)
	content, err := p.contents.open(unpacked.ID)
	if err != nil {
		return fmt.Errorf("the entry %s cannot be unpacked", file.Name)
	}
	defer content.Close()
	at, ok := content.(io.ReaderAt)
	if !ok {
		return fmt.Errorf("the entry %s cannot be unpacked", file.Name)
	}
	return use(at, unpacked.Size)
}

func readManifest(archive *zip.Reader, name string, into any) error {
	at := slices.IndexFunc(archive.File, func(f *zip.File) bool { return strings.EqualFold(f.Name, name) })
	if at < 0 {
		return fmt.Errorf("it has no %s", path.Base(name))
	}
	file, err := archive.File[at].Open()
	if err != nil {
		return fmt.Errorf("its %s cannot be read", path.Base(name))
	}
	defer file.Close()
	if err := xml.NewDecoder(io.LimitReader(file, maxMsixManifest)).Decode(into); err != nil {
		return fmt.Errorf("its %s is not valid", path.Base(name))
	}
	return nil
}

// checkMsixVersion refuses versions that the Store does not take: four numbers,
// the last 0, which is the Store's own. A first part of 0, which a page forbids, is
// live in five products that were found in 2026.
func checkMsixVersion(version string) error {
	parts := strings.Split(version, ".")
	ok := len(parts) == 4
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		ok = ok && err == nil && part == strconv.FormatUint(n, 10)
	}
	switch {
	case !ok:
		return fmt.Errorf("its version %q is not four numbers", version)
	case parts[3] != "0":
		return fmt.Errorf("the fourth part of its version %s is not 0", version)
	}
	return nil
}
