package emulator

import (
	"archive/zip"
	"fmt"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"
)

// ingestion reads the archive of a committed submission.
type ingestion struct {
	state    *state
	contents *contents
	files    map[string]*zip.File // of the archive
	from     io.ReaderAt
	problems []msixDetail
	missing  []string
}

// ingest gives the document that a commit leaves, or why there is none.
func (s *state) ingest(p msixProduct, sub *msixSubmission, contents *contents) (msixDocument, []msixDetail) {
	in := &ingestion{state: s, contents: contents}
	document := object(sub.Document)
	if in.wants(document) {
		closeArchive, problem := in.open(sub.Upload)
		defer closeArchive()
		if problem != nil {
			return nil, []msixDetail{*problem}
		}
		document = p.ingest(in, document)
		if len(in.missing) > 0 {
			return nil, []msixDetail{{msixMissingFiles, "The following files are missing from the archive: " + strings.Join(in.missing, ", ")}}
		}
		if len(in.problems) > 0 {
			return nil, in.problems
		}
	} else {
		document = p.ingest(in, document)
	}
	if !p.complete(sub, document) {
		return nil, []msixDetail{invalidState()}
	}
	return msixDocument(document), nil
}

// wants reports whether a document names a file that is to be in the archive.
func (in *ingestion) wants(value any) bool {
	switch v := value.(type) {
	case object:
		if v.lookup("fileStatus") == filePendingUpload {
			return true
		}
		for _, m := range v {
			if m.name == "trailers" && slices.ContainsFunc(v.lookupList("trailers"), newTrailer) || in.wants(m.value) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, in.wants)
	}
	return false
}

// newTrailer reports whether a trailer, or its picture in some language, is to
// be in the archive.
func newTrailer(value any) bool {
	trailer, _ := value.(object)
	if trailer.lookupText("videoFileId") == "" {
		return true
	}
	for _, m := range trailer.lookupObject("trailerAssets") {
		asset, _ := m.value.(object)
		for _, image := range asset.lookupList("imageList") {
			if textOf(image, "id") == "" {
				return true
			}
		}
	}
	return false
}

// open opens the archive; the function it gives closes it again.
func (in *ingestion) open(upload string) (func(), *msixDetail) {
	nothing := func() {}
	stored := in.state.Blobs[upload]
	if !stored.exists() {
		return nothing, &msixDetail{msixMissingFiles, "The archive was not uploaded."}
	}
	content, err := in.contents.open(stored.Content.ID)
	if err != nil {
		return nothing, &msixDetail{msixMissingFiles, "The archive was not uploaded."}
	}
	unreadable := &msixDetail{msixInvalidArchive, "The archive cannot be read as a ZIP file."}
	closeArchive := func() { content.Close() }
	from, ok := content.(io.ReaderAt)
	if !ok {
		return closeArchive, unreadable
	}
	archive, err := zip.NewReader(from, stored.Content.Size)
	if err != nil {
		return closeArchive, unreadable
	}
	in.files, in.from = map[string]*zip.File{}, from
	for _, file := range archive.File {
		in.files[file.Name] = file
	}
	return closeArchive, nil
}

// entry finds a file of the archive by its name there, with regard to case.
func (in *ingestion) entry(fileName string) *zip.File {
	name := entryName(fileName)
	file := in.files[name]
	if file == nil && !slices.Contains(in.missing, name) {
		in.missing = append(in.missing, name)
	}
	return file
}

func (in *ingestion) failed(code, format string, args ...any) {
	in.problems = append(in.problems, msixDetail{code, fmt.Sprintf(format, args...)})
}

func (in *ingestion) newPackageID() string {
	return fmt.Sprint(2_000_000_000_090_000_000 + in.state.number())
}

func (in *ingestion) newFileID() string {
	return fmt.Sprint(1_152_922_700_000_000_000 + in.state.number())
}

// packages reads the new packages of an application or of a flight of it.
func (in *ingestion) packages(a *msixApp, list []any) []any {
	out := make([]any, 0, len(list))
	var known []string
	for _, item := range list {
		if entry, _ := item.(object); entry.lookupText("fileStatus") != filePendingUpload {
			known = append(known, entry.lookupText("version")+" "+strings.ToLower(entry.lookupText("architecture")))
		}
	}
	bundlesOnly := hasBundlesOnly(list)
	for _, item := range list {
		entry, _ := item.(object)
		switch entry.lookupText("fileStatus") {
		case filePendingDelete:
			continue
		case filePendingUpload:
			read, ok := in.readPackage(a, entry)
			if !ok {
				continue
			}
			if bundlesOnly && !read.Bundle {
				in.failed(msixPackageFailed, "The package %s is not a bundle. An app that has a bundle must be updated with bundles.", entry.lookupText("fileName"))
				continue
			}
			slot := read.Version + " " + read.architecture()
			if slices.Contains(known, slot) {
				in.failed(msixPackageFailed, "The package %s has the version and architecture (%s) of another package.", entry.lookupText("fileName"), slot)
				continue
			}
			known = append(known, slot)
			entry = in.uploadedPackage(entry, read)
		}
		out = append(out, entry)
	}
	return out
}

// hasBundlesOnly reports whether the packages that the Store has are bundles: then
// Partner Center refuses others (publishers reported it, microsoft/WinUI-Gallery#2222
// and two more; that the API does it at commit, and in which words, is deduced).
func hasBundlesOnly(list []any) bool {
	bundles := false
	for _, item := range list {
		entry, _ := item.(object)
		if entry.lookupText("fileStatus") == filePendingUpload {
			continue
		}
		switch strings.ToLower(path.Ext(entry.lookupText("fileName"))) {
		case ".msixbundle", ".appxbundle":
			bundles = true
		case ".msix", ".appx":
			return false
		}
	}
	return bundles
}

// architecture is the one of a package, or Neutral of a bundle for several.
func (p msixPackage) architecture() string {
	if len(p.Architectures) == 1 {
		return p.Architectures[0]
	}
	return "neutral"
}

func (in *ingestion) readPackage(a *msixApp, entry object) (msixPackage, bool) {
	name := entry.lookupText("fileName")
	file := in.entry(name)
	if file == nil {
		return msixPackage{}, false
	}
	var read msixPackage
	reader := packageReader{in.contents}
	err := reader.open(file, in.from, func(from io.ReaderAt, size int64) error {
		var err error
		read, err = reader.read(name, from, size)
		return err
	})
	if err == nil {
		err = checkMsixVersion(read.Version)
	}
	switch {
	case err != nil:
		in.failed(msixPackageFailed, "The package %s is not valid: %s.", name, err)
	case read.Name != a.IdentityName:
		in.failed(msixPackageFailed, "The package %s has the identity name %q, not the application's %q.", name, read.Name, a.IdentityName)
	case read.Publisher != a.Publisher:
		in.failed(msixPackageFailed, "The package %s has the publisher %q, not the application's %q.", name, read.Publisher, a.Publisher)
	default:
		return read, true
	}
	return msixPackage{}, false
}

// uploadedPackage is a package entry with what was read of the file.
func (in *ingestion) uploadedPackage(entry object, read msixPackage) object {
	out := object{
		{"fileName", entry.lookup("fileName")}, {"fileStatus", fileUploaded}, {"id", in.newPackageID()},
		{"version", read.Version}, {"architecture", read.architecture()}, {"targetPlatform", "Windows10"},
		{"languages", texts(read.Languages)}, {"capabilities", texts(read.Capabilities)},
		{"minimumDirectXVersion", entry.lookup("minimumDirectXVersion")}, {"minimumSystemRam", entry.lookup("minimumSystemRam")},
		{"targetDeviceFamilies", texts(read.TargetDevices)},
	}
	for _, m := range entry {
		if !packageShapeKnows(m.name) {
			out = append(out, m)
		}
	}
	return out
}

// texts is a list of strings as documents have it.
func texts(values []string) []any {
	out := make([]any, 0, len(values))
	for _, value := range values {
		out = append(out, value)
	}
	return out
}

func (in *ingestion) images(listing object) object {
	list, ok := listing.lookup("images").([]any)
	if !ok {
		return listing
	}
	out := make([]any, 0, len(list))
	for _, item := range list {
		entry, _ := item.(object)
		switch entry.lookupText("fileStatus") {
		case filePendingDelete:
			continue
		case filePendingUpload:
			if !in.readImage(entry.lookupText("imageType"), entry) {
				continue
			}
			uploaded := object{{"fileName", entry.lookup("fileName")}, {"fileStatus", fileUploaded}, {"id", in.newFileID()}}
			entry = uploaded.extend(entry)
		}
		out = append(out, entry)
	}
	return listing.with("images", out)
}

func (in *ingestion) readImage(kind string, entry object) bool {
	name := entry.lookupText("fileName")
	file := in.entry(name)
	if file == nil {
		return false
	}
	if file.UncompressedSize64 > maxImageBytes {
		in.failed(msixInvalidParameterValue, "The image %s has more than %d bytes.", name, maxImageBytes)
		return false
	}
	reader, err := file.Open()
	if err != nil {
		in.failed(msixInvalidArchive, "The entry %s of the archive cannot be read.", name)
		return false
	}
	defer reader.Close()
	config, err := png.DecodeConfig(io.LimitReader(reader, maxImageBytes))
	if err != nil {
		in.failed(msixInvalidParameterValue, "The image %s is not a PNG file.", name)
		return false
	}
	if in.state.Behavior.Msix.IgnoreImageSizes {
		return true
	}
	if err := checkMsixPixels(kind, config.Width, config.Height); err != nil {
		in.failed(msixInvalidParameterValue, "The image %s is not valid: %s.", name, err)
		return false
	}
	return true
}

// trailers gives ids to new trailers and their pictures.
func (in *ingestion) trailers(list []any) []any {
	out := make([]any, 0, len(list))
	for _, item := range list {
		trailer, _ := item.(object)
		if trailer.lookupText("videoFileId") == "" {
			name := trailer.lookupText("videoFileName")
			in.entry(name)
			if lower := strings.ToLower(name); !strings.HasSuffix(lower, ".mp4") && !strings.HasSuffix(lower, ".mov") {
				in.failed(msixInvalidParameterValue, "The trailer %s is neither an MP4 nor a MOV file.", name)
			}
			fresh := object{{"id", in.newFileID()}, {"videoFileName", name}, {"videoFileId", in.newFileID()}}
			trailer = fresh.extend(trailer)
		}
		out = append(out, trailer.with("trailerAssets", in.trailerAssets(trailer.lookupObject("trailerAssets"))))
	}
	return out
}

func (in *ingestion) trailerAssets(assets object) object {
	out := object{}
	for _, m := range assets {
		asset, _ := m.value.(object)
		pictures := []any{}
		for _, item := range asset.lookupList("imageList") {
			picture, _ := item.(object)
			if picture.lookupText("id") == "" {
				in.entry(picture.lookupText("fileName"))
				picture = picture.with("id", in.newFileID())
			}
			pictures = append(pictures, picture)
		}
		out = append(out, member{m.name, asset.with("imageList", pictures)})
	}
	return out
}
