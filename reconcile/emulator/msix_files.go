package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// The values of fileStatus.
const (
	filePendingUpload = "PendingUpload"
	fileUploaded      = "Uploaded"
	filePendingDelete = "PendingDelete"
)

// The most screenshots of a device family
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/screenshots-and-images).
const (
	maxDesktopScreenshots = 10
	maxFamilyScreenshots  = 8
)

// packages applies the rules of packages: all that are there must stay in the
// list, and cannot be uploaded again (observed 2026-02).
func (f *msixFit) packages(name string, sent []any) []any {
	old := f.old.lookupList(name)
	var missing []string
	for _, item := range old {
		kept, _ := item.(object)
		id := kept.lookupText("id")
		if id == "" {
			continue // new in an earlier PUT of this draft, and not uploaded yet
		}
		at := slices.IndexFunc(sent, func(item any) bool { return textOf(item, "id") == id })
		if at < 0 || textOf(sent[at], "fileStatus") == filePendingUpload {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		f.refuse("packages", "Please keep all file entries for existing packages. If you wish to remove a package, mark it as PendingDelete. The following packages are missing in your update: %s", strings.Join(missing, ", "))
	}
	out := make([]any, 0, len(sent))
	for i, item := range sent {
		entry, _ := item.(object)
		at := fmt.Sprintf("%s[%d]", name, i)
		id := entry.lookupText("id")
		f.fileName(at, entry)
		f.unrepeated(at, sent[:i], entry)
		if id == "" {
			f.newFile(at, entry)
			out = append(out, entry.without("id"))
			continue
		}
		index := slices.IndexFunc(old, func(item any) bool { return textOf(item, "id") == id })
		if index < 0 {
			f.refuse("packages", "The value of %s.id is not valid: there is no package %s.", at, id)
			continue
		}
		stored, _ := old[index].(object)
		out = append(out, editedPackage(stored, entry))
	}
	return out
}

// editedPackage is a stored package with what may be changed of it.
func editedPackage(stored, sent object) object {
	var out object
	for _, m := range stored {
		switch m.name {
		case "fileStatus":
			if status := sent.lookupText("fileStatus"); status != "None" {
				m.value = status
			}
		case "minimumDirectXVersion", "minimumSystemRam":
			m.value = sent.lookup(m.name)
		}
		if known := packageShapeKnows(m.name); known {
			out = append(out, m)
		}
	}
	for _, m := range sent {
		if !packageShapeKnows(m.name) {
			out = append(out, m)
		}
	}
	return out
}

func packageShapeKnows(name string) bool {
	shape, _ := packageShape().(objectShape)
	return shape.knows(name)
}

func textOf(item any, name string) string {
	entry, _ := item.(object)
	return entry.lookupText(name)
}

// fileName refuses names that cannot be those of an archive's entry.
func (f *msixFit) fileName(at string, entry object) {
	name := entry.lookupText("fileName")
	if name == "" {
		f.refuse(at, "The value of %s.fileName is required.", at)
		return
	}
	clean := entryName(name)
	if strings.HasPrefix(clean, "/") || slices.Contains(strings.Split(clean, "/"), "..") {
		f.refuse(at, "The value of %s.fileName is not valid: it must be a path inside the archive.", at)
	}
}

// entryName is the name in the archive of a file name, which may have
// backslashes (the API page's samples do).
func entryName(fileName string) string { return strings.ReplaceAll(fileName, `\`, "/") }

// unrepeated refuses an entry that names the id, or the new file, of an
// earlier one.
func (f *msixFit) unrepeated(at string, earlier []any, entry object) {
	for _, item := range earlier {
		other, _ := item.(object)
		if id := entry.lookupText("id"); id != "" && id == other.lookupText("id") {
			f.refuse(at, "The value of %s.id is not valid: %s is listed twice.", at, id)
		}
		pending := entry.lookupText("fileStatus") == filePendingUpload && other.lookupText("fileStatus") == filePendingUpload
		if name := entryName(entry.lookupText("fileName")); pending && strings.EqualFold(name, entryName(other.lookupText("fileName"))) {
			f.refuse(at, "The value of %s.fileName is not valid: %s is listed twice.", at, name)
		}
	}
}

// newFile refuses an entry without id that is not to be uploaded.
func (f *msixFit) newFile(at string, entry object) {
	if entry.lookupText("fileStatus") != filePendingUpload {
		f.refuse(at, "The value of %s.fileStatus is not valid: a new file must be PendingUpload.", at)
	}
}

// listings applies the rules of images to every listing: those that are not
// listed stay (observed).
func (f *msixFit) listings(sent object) object {
	var out object
	for _, m := range sent {
		at := "listings." + m.name
		listing, _ := m.value.(object)
		old := f.listingBefore(m.name)
		listing = listing.with("baseListing", f.images(at+".baseListing", old.lookupObject("baseListing"), listing.lookupObject("baseListing")))
		var overrides object
		for _, o := range listing.lookupObject("platformOverrides") {
			before := old.lookupObject("platformOverrides").lookupObject(o.name)
			override, _ := o.value.(object)
			overrides = append(overrides, member{o.name, f.images(at+".platformOverrides."+o.name, before, override)})
		}
		if overrides == nil {
			overrides = object{}
		}
		out = append(out, member{m.name, listing.with("platformOverrides", overrides)})
	}
	if out == nil {
		out = object{}
	}
	return out
}

// listingBefore is a language's listing of the draft, or that of the published
// submission when an earlier PUT took the language away.
func (f *msixFit) listingBefore(language string) object {
	if old := f.old.lookupObject("listings").lookupObject(language); old != nil {
		return old
	}
	return f.before.lookupObject("listings").lookupObject(language)
}

func (f *msixFit) images(at string, old, listing object) object {
	stored, sent := old.lookupList("images"), listing.lookupList("images")
	if len(stored) == 0 && listing.lookup("images") == nil {
		return listing // an override that has none
	}
	out := make([]any, 0, len(sent))
	for i, item := range sent {
		entry, _ := item.(object)
		path := fmt.Sprintf("%s.images[%d]", at, i)
		f.fileName(path, entry)
		f.unrepeated(path, sent[:i], entry)
		id := entry.lookupText("id")
		if id == "" {
			if entry.lookupText("fileStatus") != filePendingUpload {
				// Recorded of an image of the submission that is sent without its id.
				f.refuse(path, "Existing Image (%s) should contain Id", entry.lookupText("fileName"))
			}
			out = append(out, entry.without("id"))
			continue
		}
		index := slices.IndexFunc(stored, func(item any) bool { return textOf(item, "id") == id })
		if index < 0 {
			f.refuse(path, "The value of %s.id is not valid: there is no image %s.", path, id)
			continue
		}
		kept, _ := stored[index].(object)
		switch entry.lookupText("fileStatus") {
		case filePendingUpload:
			f.refuse(path, "The value of %s.fileStatus is not valid: image %s is uploaded already.", path, id)
		case "None":
			entry = entry.with("fileStatus", kept.lookup("fileStatus"))
		}
		// Only the caption can be changed of an image that is there.
		entry = entry.with("fileName", kept.lookup("fileName")).with("imageType", kept.lookup("imageType"))
		out = append(out, entry)
	}
	for _, item := range stored {
		id := textOf(item, "id")
		if id != "" && !slices.ContainsFunc(sent, func(item any) bool { return textOf(item, "id") == id }) {
			out = append(out, item)
		}
	}
	f.screenshots(at, out)
	return listing.with("images", out)
}

// screenshots refuses more of a device family than the Store shows.
func (f *msixFit) screenshots(at string, images []any) {
	count := map[string]int{}
	for _, item := range images {
		kind := textOf(item, "imageType")
		if !strings.HasSuffix(kind, "Screenshot") || textOf(item, "fileStatus") == filePendingDelete {
			continue
		}
		count[kind]++
		most := maxFamilyScreenshots
		if kind == "Screenshot" {
			most = maxDesktopScreenshots
		}
		if count[kind] > most {
			f.refuse(at, "%s has more than %d images of type %s.", at, most, kind)
		}
	}
}

// trailers keeps the ids of trailers that are there already.
func (f *msixFit) trailers(sent []any) []any {
	old := f.old.lookupList("trailers")
	out := make([]any, 0, len(sent))
	for i, item := range sent {
		entry, _ := item.(object)
		at := fmt.Sprintf("trailers[%d]", i)
		id := entry.lookupText("id")
		index := slices.IndexFunc(old, func(item any) bool { return id != "" && textOf(item, "id") == id })
		if index < 0 {
			if entry.lookupText("videoFileName") == "" {
				f.refuse(at, "The value of %s.videoFileName is required.", at)
			}
			out = append(out, entry.without("id"))
			continue
		}
		stored, _ := old[index].(object)
		out = append(out, entry.with("videoFileName", stored.lookup("videoFileName")).with("videoFileId", stored.lookup("videoFileId")))
	}
	return out
}
