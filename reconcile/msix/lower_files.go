package msix

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// writeImages makes the images of a language. Of each type given: images that
// stay keep their entry, new ones are added to be uploaded, and those that go
// are listed as PendingDelete, since one that is left out stays (observed by
// StoreBroker). The other types are not touched, and as much as the order
// allows stays where it stood.
func (l *lowering) writeImages(language string, types []string) error {
	if err := l.openListing(language); err != nil {
		return err
	}
	pointer := listingPointer(language, fieldImages)
	var written []*document
	for i := range l.target.length(pointer) {
		raw, _ := l.target.get(pointer + "/" + strconv.Itoa(i))
		row, err := parseDocument(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", pointer, err)
		}
		written = append(written, row)
	}
	for _, imageType := range types {
		var err error
		if written, err = l.writeImageType(language, imageType, written); err != nil {
			return err
		}
	}
	raws := make([]json.RawMessage, len(written))
	for i, row := range written {
		raws[i] = row.raw()
	}
	return l.target.set(pointer, encode(raws))
}

// writeImageType brings the entries of one type to the target.
func (l *lowering) writeImageType(language, imageType string, rows []*document) ([]*document, error) {
	var stored []int // places of the type's entries
	names := map[string]bool{}
	for i, row := range rows {
		names[strings.ToLower(entryName(row.text("/fileName")))] = true
		if row.text("/imageType") == imageType {
			stored = append(stored, i)
		}
	}
	// Entries marked to go come last: they are brought back only when no
	// other has the content.
	slices.SortStableFunc(stored, func(a, b int) int { return cmp.Compare(btoi(isDeleted(rows[a])), btoi(isDeleted(rows[b]))) })
	var wanted []*document
	var places []int
	for _, image := range l.Target[imagesPath(language, imageType)].Images() {
		i := slices.IndexFunc(stored, func(place int) bool { return l.isImage(rows[place], image) })
		if i < 0 {
			row, err := newImage(names, language, imageType, image)
			if err != nil {
				return nil, err
			}
			wanted = append(wanted, row)
			continue
		}
		row := rows[stored[i]].clone()
		if err := keepImage(row, image); err != nil {
			return nil, err
		}
		wanted, places = append(wanted, row), append(places, stored[i])
		stored = slices.Delete(stored, i, i+1)
	}
	for _, place := range stored {
		if err := rows[place].set("/fileStatus", encode(filePendingDelete)); err != nil {
			return nil, err
		}
	}
	// The images of the target in its order, on the places of those that stay
	// and then at the end.
	slices.Sort(places)
	for i, place := range places {
		rows[place] = wanted[i]
	}
	return append(rows, wanted[len(places):]...), nil
}

// newImage is the entry of an image that is not at the Store.
func newImage(names map[string]bool, language, imageType string, image plan.Image) (*document, error) {
	digest, ok := strings.CutPrefix(image.Digest, "sha256:")
	if !ok || image.Name == "" {
		return nil, fmt.Errorf("image %q of %s is neither at the Store nor in the manifest", image.Name, imagesPath(language, imageType))
	}
	entry := map[string]string{
		"fileName": freeName(names, imageName(language, imageType, digest)), "fileStatus": statusPendingUpload, "imageType": imageType,
	}
	if image.Description != "" {
		entry["description"] = image.Description
	}
	return parseDocument(encode(entry))
}

func isDeleted(row *document) bool { return row.text("/fileStatus") == filePendingDelete }

// isImage reports whether an entry is an image of the target. None is when all
// are to be sent anew.
func (l *lowering) isImage(row *document, image plan.Image) bool {
	if l.ReuploadImages && image.Name != "" {
		return false
	}
	digest := storedDigest(row.text("/fileName"), row.id(), l.contents)
	if digest == "" || image.Digest == "" {
		return image.ID != "" && image.ID == row.id()
	}
	return digest == image.Digest
}

// keepImage brings an entry's caption to the target, and takes off the mark of
// one that was to go.
func keepImage(row *document, image plan.Image) error {
	if isDeleted(row) {
		if err := row.set("/fileStatus", encode(fileUploaded)); err != nil {
			return err
		}
	}
	if row.text("/description") == image.Description {
		return nil
	}
	return row.set("/description", encode(image.Description))
}

// freeName is a name that no other file has: a folder is put before its last
// segment, which holds the digest, where the name is taken.
func freeName(taken map[string]bool, name string) string {
	free := name
	for n := 2; taken[strings.ToLower(free)]; n++ {
		free = path.Join(path.Dir(name), strconv.Itoa(n), path.Base(name))
	}
	taken[strings.ToLower(free)] = true
	return free
}

// writePackages makes the package list. Every entry of the draft stays in it,
// untouched or marked PendingDelete: one that is left out is refused ("keep all
// file entries for existing packages", observed 2026-02). Only an entry that
// was never sent and has no id yet is taken out.
func (l *lowering) writePackages() error {
	d := &desirer{manifest: l.Manifest, spec: specOf(l.Manifest), contents: l.contents}
	pointer := packagesPointer(l.kind)
	if d.spec.Packages == nil {
		return fmt.Errorf("%s changes, and the manifest does not write it", fieldPackages)
	}
	set, err := packagesOf(l.base, d)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(set.entries) {
		status := e.FileStatus
		switch {
		case e.same && status == filePendingDelete:
			status = fileUploaded
		case e.same:
		case status == statusPendingUpload && e.ID == "":
			l.target.remove(packagePointer(l.kind, e.index))
			continue
		default:
			status = filePendingDelete
		}
		if status == e.FileStatus {
			continue
		}
		if err := l.target.set(packagePointer(l.kind, e.index, "fileStatus"), encode(status)); err != nil {
			return err
		}
	}
	for _, w := range set.wanted {
		if w.entry != nil || w.spec.Content == nil {
			continue
		}
		entry := map[string]string{
			"fileName": packageName(w.spec.Content), "fileStatus": statusPendingUpload,
			"minimumDirectXVersion": "None", "minimumSystemRam": "None",
		}
		if list := l.target.find(pointer); list == nil || list.isNull() {
			if err := l.target.set(pointer, json.RawMessage("[]")); err != nil {
				return err
			}
		}
		if err := l.target.set(pointer+"/-", encode(entry)); err != nil {
			return err
		}
	}
	return nil
}

// writeTrailers makes the list of trailers. One whose video is at the Store
// keeps its entry, unknown members included; the others are new and named to be
// uploaded.
func (l *lowering) writeTrailers(value plan.Value) error {
	var rows []trailerRow
	if !value.Empty() {
		if err := json.Unmarshal(value.JSON, &rows); err != nil {
			return fmt.Errorf("%s: %w", fieldTrailers, err)
		}
	}
	files := l.localTrailers()
	var raws []json.RawMessage
	for _, row := range rows {
		entry := l.storedTrailer(row.Video)
		if entry == nil {
			name, ok := files[row.Video]
			if !ok {
				return fmt.Errorf("the video %s is neither at the Store nor in the manifest", row.Video)
			}
			entry = &document{root: &node{members: map[string]*node{}}}
			if err := entry.set("/videoFileName", encode(name)); err != nil {
				return err
			}
		}
		if err := l.writeTrailerAssets(entry, row); err != nil {
			return err
		}
		raws = append(raws, entry.raw())
	}
	return l.target.set(pointerTo(fieldTrailers), encode(none(raws)))
}

// storedTrailer is the draft's trailer of a video, nil when there is none.
func (l *lowering) storedTrailer(video string) *document {
	if l.ReuploadImages {
		return nil
	}
	for i := range l.base.length(pointerTo(fieldTrailers)) {
		raw, _ := l.base.get(pointerTo(fieldTrailers, strconv.Itoa(i)))
		entry, err := parseDocument(raw)
		if err != nil {
			continue
		}
		if digest := storedDigest(entry.text("/videoFileName"), idAt(entry, "/videoFileId"), l.contents); digest == video {
			return entry
		}
	}
	return nil
}

// idAt is an id whatever its JSON type.
func idAt(d *document, pointer string) string {
	var id flexString
	if raw, ok := d.get(pointer); ok && json.Unmarshal(raw, &id) == nil {
		return string(id)
	}
	return ""
}

// writeTrailerAssets brings a trailer's languages to the target.
func (l *lowering) writeTrailerAssets(entry *document, row trailerRow) error {
	if err := l.dropLanguages(entry, row); err != nil {
		return err
	}
	for _, language := range slices.Sorted(maps.Keys(row.Assets)) {
		asset := row.Assets[language]
		place := pointerTo("trailerAssets", language)
		if entry.text(place+"/title") != asset.Title {
			if err := entry.set(place+"/title", encode(asset.Title)); err != nil {
				return err
			}
		}
		if err := l.writeThumbnail(entry, place+"/imageList", language, asset); err != nil {
			return err
		}
	}
	return nil
}

func (l *lowering) dropLanguages(entry *document, row trailerRow) error {
	for _, language := range entry.keys("/trailerAssets") {
		if _, stays := row.Assets[strings.ToLower(language)]; !stays {
			entry.remove(pointerTo("trailerAssets", language))
		}
	}
	return nil
}

// writeThumbnail keeps the stored thumbnail of the same content, with its
// caption brought to the target, or names a new one.
func (l *lowering) writeThumbnail(entry *document, pointer, language string, asset trailerAssetRow) error {
	if asset.Image == "" {
		return nil
	}
	first := pointer + "/0"
	stored := storedDigest(entry.text(first+"/fileName"), idAt(entry, first+"/id"), l.contents)
	if stored != "" && stored == asset.Image && !l.ReuploadImages {
		if entry.text(first+"/description") == asset.Description {
			return nil
		}
		return entry.set(first+"/description", encode(asset.Description))
	}
	digest, ok := strings.CutPrefix(asset.Image, "sha256:")
	if !ok {
		return fmt.Errorf("the thumbnail %s of %s is not in the manifest", asset.Image, language)
	}
	return entry.set(pointer, encode([]map[string]string{{
		"fileName": thumbnailName(language, digest), "description": asset.Description}}))
}

// localTrailers are the names that the manifest's videos get, by digest.
func (l *lowering) localTrailers() map[string]string {
	names := map[string]string{}
	for _, t := range specOf(l.Manifest).Trailers {
		names["sha256:"+t.Video.SHA256] = trailerName(t.Video)
	}
	return names
}
