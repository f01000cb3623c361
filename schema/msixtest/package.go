package msixtest

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"text/template"
)

// Package describes a single package (.msix, .appx). The zero value is the
// package of an imaginary Contoso app.
type Package struct {
	// Identity is the identity name; "" means Contoso.Notes.
	Identity string
	// Publisher is the publisher's distinguished name; "" means
	// CN=2C7F1A3E-0000-4000-8000-C0FFEE000001.
	Publisher string
	// Version has four parts; "" means 1.0.0.0.
	Version string
	// Architecture is neutral, x86, x64, arm or arm64; "" means x64.
	Architecture string
	// Languages are those of the resources, the default first; nil means en-US.
	Languages []string
	// Families are the target device families; nil means Windows.Desktop from
	// 10.0.17763.0, tested to 10.0.22621.0.
	Families []Family
	// Capabilities, RestrictedCapabilities, DeviceCapabilities and
	// CustomCapabilities are the names of what the app asks for.
	Capabilities, RestrictedCapabilities, DeviceCapabilities, CustomCapabilities []string
	// ResourceID makes a resource package of it, as bundles hold them.
	ResourceID string
	// Asset makes an asset package of it: files for every architecture, and no
	// application.
	Asset bool
	// PayloadBytes is the size of the executable; its bytes look random, and
	// are the same for the same Seed.
	PayloadBytes int64
	Seed         uint64
	// Manifest replaces the whole AppxManifest.xml, when it is not "".
	Manifest string
	// Deflate compresses the package's entries, to bytes that may differ from
	// one Go release to the next.
	Deflate bool
}

// Family is a target device family.
type Family struct {
	Name, MinVersion, MaxVersionTested string
}

func (p Package) withDefaults() Package {
	p.Identity = cmp.Or(p.Identity, "Contoso.Notes")
	p.Publisher = cmp.Or(p.Publisher, "CN=2C7F1A3E-0000-4000-8000-C0FFEE000001")
	p.Version = cmp.Or(p.Version, "1.0.0.0")
	p.Architecture = cmp.Or(p.Architecture, "x64")
	if p.Languages == nil {
		p.Languages = []string{"en-US"}
	}
	if p.Families == nil {
		p.Families = []Family{{"Windows.Desktop", "10.0.17763.0", "10.0.22621.0"}}
	}
	return p
}

// Write writes the package.
func (p Package) Write(w io.Writer) error {
	p = p.withDefaults()
	manifest := p.Manifest
	if manifest == "" {
		var err error
		if manifest, err = p.manifest(); err != nil {
			return err
		}
	}
	logo, err := drawLogo()
	if err != nil {
		return err
	}
	a := newArchive(w, p.Deflate)
	for _, size := range []string{"StoreLogo", "Square150x150Logo", "Square44x44Logo"} {
		a.add("Assets/"+size+".png", bytes.NewReader(logo))
	}
	if p.ResourceID == "" {
		a.add("App.exe", io.LimitReader(rand.NewChaCha8(seed(p.Seed)), p.PayloadBytes))
	}
	a.add("AppxManifest.xml", strings.NewReader(manifest))
	return a.finish()
}

// Bytes is the whole package in memory.
func (p Package) Bytes() ([]byte, error) {
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

func seed(n uint64) [32]byte {
	var s [32]byte
	copy(s[:], fmt.Sprintf("msixtest %d", n))
	return s
}

// drawLogo is a square in one colour.
func drawLogo() ([]byte, error) {
	img := image.NewPaletted(image.Rect(0, 0, 50, 50), color.Palette{color.Gray{0x80}})
	var b bytes.Buffer
	// Compressed bytes may differ from one Go release to the next.
	err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img)
	return b.Bytes(), err
}

var manifestTemplate = template.Must(template.New("AppxManifest.xml").Funcs(template.FuncMap{"xml": escape}).Parse(
	`<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"
  xmlns:uap="http://schemas.microsoft.com/appx/manifest/uap/windows10"
  xmlns:uap4="http://schemas.microsoft.com/appx/manifest/uap/windows10/4"
  xmlns:rescap="http://schemas.microsoft.com/appx/manifest/foundation/windows10/restrictedcapabilities"
  IgnorableNamespaces="uap uap4 rescap">
  <Identity Name="{{xml .Identity}}" Publisher="{{xml .Publisher}}" Version="{{xml .Version}}" ProcessorArchitecture="{{xml .Architecture}}"{{if .ResourceID}} ResourceId="{{xml .ResourceID}}"{{end}} />
  <Properties>
    <DisplayName>Contoso Notes</DisplayName>
    <PublisherDisplayName>Contoso</PublisherDisplayName>
    <Logo>Assets\StoreLogo.png</Logo>{{if .ResourceID}}
    <ResourcePackage>true</ResourcePackage>{{end}}{{if .Asset}}
    <uap6:AllowExecution xmlns:uap6="http://schemas.microsoft.com/appx/manifest/uap/windows10/6">false</uap6:AllowExecution>{{end}}
  </Properties>
  <Dependencies>{{range .Families}}
    <TargetDeviceFamily Name="{{xml .Name}}" MinVersion="{{xml .MinVersion}}" MaxVersionTested="{{xml .MaxVersionTested}}" />{{end}}
  </Dependencies>
  <Resources>{{range .Languages}}
    <Resource Language="{{xml .}}" />{{end}}
  </Resources>{{if not (or .Asset .ResourceID)}}
  <Applications>
    <Application Id="App" Executable="App.exe" EntryPoint="Windows.FullTrustApplication">
      <uap:VisualElements DisplayName="Contoso Notes" Description="Contoso Notes" BackgroundColor="transparent" Square150x150Logo="Assets\Square150x150Logo.png" Square44x44Logo="Assets\Square44x44Logo.png" />
    </Application>
  </Applications>
  <Capabilities>{{range .Capabilities}}
    <Capability Name="{{xml .}}" />{{end}}{{range .RestrictedCapabilities}}
    <rescap:Capability Name="{{xml .}}" />{{end}}{{range .CustomCapabilities}}
    <uap4:CustomCapability Name="{{xml .}}" />{{end}}{{range .DeviceCapabilities}}
    <DeviceCapability Name="{{xml .}}" />{{end}}
  </Capabilities>{{end}}
</Package>
`))

func (p Package) manifest() (string, error) {
	var b strings.Builder
	err := manifestTemplate.Execute(&b, p)
	return b.String(), err
}

func escape(text string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(text))
	return b.String(), err
}
