package msixtest

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
)

// Bundle describes a bundle (.msixbundle, .appxbundle).
type Bundle struct {
	// Identity and Publisher are the bundle's; "" means those of Package. They
	// are given to the packages that have none of their own.
	Identity, Publisher string
	// Version is the bundle's own version; "" means 1.0.0.0.
	Version string
	// Packages are what it holds, by file name.
	Packages []Bundled
	// Manifest replaces the whole AppxBundleManifest.xml, when it is not "".
	Manifest string
	// Deflate compresses the packages inside, as no packaging tool does.
	Deflate bool
}

// Bundled is a package of a bundle.
type Bundled struct {
	// FileName is its entry; "" makes one of identity, version and architecture.
	FileName string
	Package  Package
	// Stub marks it as a stand-in.
	Stub bool
}

// Write writes the bundle. Its packages are made in memory, one at a time.
func (b Bundle) Write(w io.Writer) error {
	own := Package{Identity: b.Identity, Publisher: b.Publisher, Version: b.Version}.withDefaults()
	a := newArchive(w, b.Deflate)
	counted := &counter{}
	var list strings.Builder
	for _, bundled := range b.Packages {
		p := bundled.Package
		p.Identity, p.Publisher = cmp.Or(p.Identity, own.Identity), cmp.Or(p.Publisher, own.Publisher)
		p = p.withDefaults()
		content, err := p.Bytes()
		if err != nil {
			return err
		}
		name := cmp.Or(bundled.FileName, fmt.Sprintf("%s_%s_%s.msix", p.Identity, p.Version, cmp.Or(p.ResourceID, p.Architecture)))
		counted.entry(name, len(content))
		a.add(strings.ReplaceAll(name, " ", "%20"), bytes.NewReader(content))
		if err := writeBundled(&list, p, name, bundled.Stub, counted.offset-int64(len(content)), len(content)); err != nil {
			return err
		}
	}
	manifest := b.Manifest
	if manifest == "" {
		identity, err := escape(own.Publisher)
		if err != nil {
			return err
		}
		manifest = fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<Bundle xmlns="http://schemas.microsoft.com/appx/2013/bundle" xmlns:b5="http://schemas.microsoft.com/appx/2019/bundle" IgnorableNamespaces="b5" SchemaVersion="5.0">
  <Identity Name="%s" Publisher="%s" Version="%s"/>
  <Packages>
%s  </Packages>
</Bundle>
`, own.Identity, identity, own.Version, list.String())
	}
	a.add("AppxMetadata/AppxBundleManifest.xml", strings.NewReader(manifest))
	return a.finish()
}

// counter knows where the content of stored entries begins: after a local
// header, and with a data descriptor behind it.
type counter struct{ offset, descriptor int64 }

func (c *counter) entry(name string, size int) {
	c.offset += c.descriptor + 30 + int64(len(strings.ReplaceAll(name, " ", "%20"))) + int64(size)
	c.descriptor = 16
}

func writeBundled(list *strings.Builder, p Package, name string, stub bool, offset int64, size int) error {
	escaped, err := escape(strings.ReplaceAll(name, "/", `\`))
	if err != nil {
		return err
	}
	kind, extra := "application", fmt.Sprintf(` Architecture="%s"`, p.Architecture)
	if p.ResourceID != "" {
		kind, extra = "resource", fmt.Sprintf(` Architecture="%s" ResourceId="%s"`, p.Architecture, p.ResourceID)
	}
	if stub {
		extra += ` b5:IsStub="true"`
	}
	fmt.Fprintf(list, `    <Package Type="%s" Version="%s"%s FileName="%s" Offset="%d" Size="%d"><Resources>`, kind, p.Version, extra, escaped, offset, size)
	for _, language := range p.Languages {
		fmt.Fprintf(list, `<Resource Language="%s"/>`, language)
	}
	list.WriteString("</Resources></Package>\n")
	return nil
}

// Bytes is the whole bundle in memory.
func (b Bundle) Bytes() ([]byte, error) {
	var buffer bytes.Buffer
	err := b.Write(&buffer)
	return buffer.Bytes(), err
}

// Upload is an upload (.msixupload, .appxupload) of a package or bundle with
// an empty set of symbols beside it.
func Upload(name string, content []byte) ([]byte, error) {
	symbols, err := Zip()
	if err != nil {
		return nil, err
	}
	stem, _, _ := strings.Cut(name, ".msix")
	return Zip(Entry{Name: name, Content: content}, Entry{Name: stem + ".msixsym", Content: symbols})
}
