package schema

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// PackageFormat is the kind of an app package's file, which is its extension
// without the dot
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/upload-app-packages).
type PackageFormat string

// The formats that ReadPackage reads.
const (
	FormatMsix       PackageFormat = "msix"
	FormatAppx       PackageFormat = "appx"
	FormatMsixBundle PackageFormat = "msixbundle"
	FormatAppxBundle PackageFormat = "appxbundle"
	FormatMsixUpload PackageFormat = "msixupload"
	FormatAppxUpload PackageFormat = "appxupload"
)

// IsBundle reports whether the format holds packages for several
// architectures or languages.
func (f PackageFormat) IsBundle() bool { return f == FormatMsixBundle || f == FormatAppxBundle }

// IsUpload reports whether the format holds a package or bundle together with
// its symbols.
func (f PackageFormat) IsUpload() bool { return f == FormatMsixUpload || f == FormatAppxUpload }

func (f PackageFormat) isSingle() bool { return f == FormatMsix || f == FormatAppx }

// packageFormat is the format that a file's name says, "" for none.
func packageFormat(name string) PackageFormat {
	switch f := PackageFormat(extension(name)); f {
	case FormatMsix, FormatAppx, FormatMsixBundle, FormatAppxBundle, FormatMsixUpload, FormatAppxUpload:
		return f
	}
	return ""
}

// extension is a file name's extension in lower case without its dot.
func extension(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}

// isEncrypted reports whether a file's name is that of an encrypted package.
func isEncrypted(name string) bool {
	switch extension(name) {
	case "emsix", "eappx", "emsixbundle", "eappxbundle":
		return true
	}
	return false
}

// PackageFile is what an app package's file says about itself.
type PackageFile struct {
	// Name is the name that ReadPackage was given.
	Name string
	// Bytes is the size of the file.
	Bytes int64
	// SHA256 is the digest of the whole file in lower-case hexadecimal.
	SHA256 string
	// Format is the file's kind, by its extension.
	Format PackageFormat
	// Contains is the entry name of the package or bundle inside an upload;
	// "" when the file is no upload.
	Contains string
	// Identity is the package identity name, which Partner Center assigns to
	// the app (Contoso.Notes). A bundle and its packages share it.
	Identity string
	// Publisher is the publisher's distinguished name, which Partner Center
	// assigns to the account (CN=…).
	Publisher string
	// Version is the package's version; of a bundle the bundle's own, which
	// may differ from those of its packages.
	Version Version
	// Architectures are neutral, x86, x64, arm or arm64: one for a package,
	// for a bundle those of its application packages, sorted.
	Architectures []string
	// Languages are the language tags as the manifest spells them, the default
	// language first; of a bundle those of all its packages in the bundle's order.
	Languages []string
	// DeviceFamilies are the families of devices that the package is for in the
	// manifest's order; of a bundle those of all its application packages.
	DeviceFamilies []DeviceFamily
	// Capabilities are the names of the general, restricted, device and custom
	// capabilities that the app asks for, sorted.
	Capabilities []string
	// Packages are a bundle's packages in the order of its manifest; nil when
	// the file, or what the upload contains, is a single package.
	Packages []NestedPackage
}

// NestedPackage is a package inside a bundle.
type NestedPackage struct {
	// FileName is the package's name in the bundle, with forward slashes.
	FileName string
	// Bytes is its size.
	Bytes int64
	// Version is the package's own version.
	Version Version
	// Architecture is neutral, x86, x64, arm or arm64.
	Architecture string
	// Resource means that the package holds resources of a language, a scale
	// or a DirectX feature level and no code.
	Resource bool
	// ResourceID names the resources of a resource package (split.language-de).
	ResourceID string
	// Asset means that the package holds files of the app that every
	// architecture shares, and no code
	// (https://learn.microsoft.com/windows/msix/package/asset-packages).
	Asset bool
	// Stub means that the package is a small stand-in for the application
	// package of its architecture. It counts for nothing in the bundle's own fields.
	Stub bool
	// Languages are the language tags that the package has resources for.
	Languages []string
	// DeviceFamilies and Capabilities are as in PackageFile.
	DeviceFamilies []DeviceFamily
	Capabilities   []string
}

// DeviceFamily is a family of devices and the versions of Windows that a
// package is for
// (https://learn.microsoft.com/uwp/schemas/appxpackage/uapmanifestschema/element-targetdevicefamily).
type DeviceFamily struct {
	// Name is the family's name, such as Windows.Desktop or Windows.Universal.
	Name string
	// MinVersion is the lowest version that the package installs on.
	MinVersion Version
	// MaxVersionTested is the highest version that it was tested on.
	MaxVersionTested Version
}

// PackageError says what is wrong with a package's file.
type PackageError struct {
	// File is the name that ReadPackage was given.
	File string
	// Entry is the entry of the ZIP that is wrong, with the names of the
	// packages around it before it; "" when it is the file as a whole.
	Entry string
	// Problem says what is wrong, and Fix what to do about it.
	Problem, Fix string
	// Err is the error below, such as one of reading the disk; or nil.
	Err error
}

// Error is the whole message in one line.
func (e *PackageError) Error() string {
	text := "package " + quote(e.File) + ": "
	if e.Entry != "" {
		text += "entry " + quote(e.Entry) + ": "
	}
	text += e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Fix != "" {
		text += ". " + e.Fix
	}
	return text
}

// Unwrap returns the error below.
func (e *PackageError) Unwrap() error { return e.Err }

// rebuild is the advice for packages that no packaging tool makes.
const rebuild = "Build the package again with MakeAppx or Visual Studio."

// refuse is a PackageError whose file is filled in by ReadPackage.
func refuse(entry, fix, problem string, args ...any) error {
	return &PackageError{Entry: entry, Problem: fmt.Sprintf(problem, args...), Fix: fix}
}

// inEntry puts the name of the entry around an error before its own.
func inEntry(entry string, err error) error {
	if problem, ok := errors.AsType[*PackageError](err); ok {
		inner := *problem
		if inner.Entry != "" && entry != "" {
			entry += "/"
		}
		inner.Entry = entry + inner.Entry
		return &inner
	}
	return &PackageError{Entry: entry, Problem: "it cannot be read", Err: err}
}

// ReadPackage reads what an app package says about itself: a package (.msix,
// .appx), a bundle (.msixbundle, .appxbundle), or an upload with one of them
// inside (.msixupload, .appxupload). The format is that of name's extension.
//
// The file is not trusted. Nothing but ZIP directories and manifests is
// decompressed and held in memory, within limits; the content of the app is
// only read once, in a stream, for the digest. Packages nested in a compressed
// entry are inflated in a stream too, as often as needed but to no more than
// 64 times the file's size.
//
// Whether the Store takes the package is not asked here; see ValidateStore.
// Errors are of the type *PackageError, around the context's error when that
// is done.
func ReadPackage(ctx context.Context, file io.ReaderAt, size int64, name string) (*PackageFile, error) {
	p, err := readPackage(ctx, file, size, name)
	if err == nil {
		return p, nil
	}
	problem := &PackageError{Problem: "it cannot be read", Fix: "See that the file is there whole and that nothing stops reading it.", Err: err}
	if ctx.Err() != nil {
		problem.Problem, problem.Fix = "reading it was stopped", ""
	}
	if found, ok := errors.AsType[*PackageError](err); ok {
		copied := *found
		problem = &copied
	}
	problem.File = name
	return nil, problem
}

func readPackage(ctx context.Context, file io.ReaderAt, size int64, name string) (*PackageFile, error) {
	format := packageFormat(name)
	switch {
	case isEncrypted(name):
		return nil, refuse("", "Give the package that it was made from.", "it is an encrypted package, which cannot be read and which the Store does not take")
	case format == "":
		return nil, refuse("", "Give a .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload file.", "its name has no extension of an app package")
	case size <= 0:
		return nil, refuse("", rebuild, "the file is empty")
	}
	reader := newPackageReader(ctx, size)
	p, err := reader.file(file, size, format)
	if err != nil {
		return nil, err
	}
	p.Name, p.Bytes, p.Format = name, size, format
	p.SHA256, err = digest(ctx, file, size)
	return p, err
}

// digest is the SHA-256 of a file, read in pieces of 1 MiB.
func digest(ctx context.Context, file io.ReaderAt, size int64) (string, error) {
	hash, piece := sha256.New(), make([]byte, min(size, 1<<20))
	for offset := int64(0); offset < size; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := file.ReadAt(piece[:min(size-offset, int64(len(piece)))], offset)
		hash.Write(piece[:n])
		offset += int64(n)
		if offset < size && (err != nil || n == 0) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", &PackageError{Problem: fmt.Sprintf("its content ends or cannot be read at byte %d of %d", offset, size), Fix: "Try again when nothing else writes to the file.", Err: err}
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
