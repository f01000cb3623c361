package msix

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// uploads are the files that the draft will wait for, with the names that it
// gives them. That is more than what changes when a draft is taken up whose
// files were not committed: whether they had arrived cannot be read. Only the
// record can say that they have.
func (l *lowering) uploads() []plan.Upload {
	if l.alreadySent() {
		return nil
	}
	files := l.localFiles()
	var uploads []plan.Upload
	send := func(fileName string) {
		name := entryName(fileName)
		file, ok := files[digestOrName(name)]
		if !ok {
			l.fail("", fmt.Sprintf("the draft waits for the file %s, which the manifest does not have", name),
				"Delete the draft with `storesync discard "+l.Manifest.Address()+"` and apply again.")
			return
		}
		file.As = name
		if !slices.ContainsFunc(uploads, func(u plan.Upload) bool { return u.As == file.As }) {
			uploads = append(uploads, file)
		}
	}
	for _, name := range l.waiting(l.target) {
		send(name)
	}
	if len(uploads) > 0 && l.Use == reconcile.UseObserved && factsOf(l.Observed).Expired {
		l.fail("", fmt.Sprintf("draft %s takes no files any more: its upload address has run out", l.Observed.Draft),
			"It is the first one of the "+string(l.kind)+", which the API never makes twice. Finish it in Partner Center, or delete the "+string(l.kind)+" there and apply again.")
	}
	slices.SortFunc(uploads, func(a, b plan.Upload) int { return cmp.Compare(a.As, b.As) })
	return uploads
}

// waiting are the names of the files that a draft waits for.
func (l *lowering) waiting(d *document) []string {
	var names []string
	for _, file := range pendingFiles(d) {
		names = append(names, file.name)
	}
	return append(names, l.pendingTrailers(d)...)
}

// alreadySent reports whether the ZIP of our own draft is known to have
// arrived, and holds all that the draft will wait for: its commit is owed, its
// upload is not any more. Names hold digests, so a file that was built anew is
// another file.
func (l *lowering) alreadySent() bool {
	if l.Use != reconcile.UseObserved || !slices.Contains(l.Unfinished, stepCommit) || slices.Contains(l.Unfinished, stepUpload) {
		return false
	}
	sent := l.waiting(l.base)
	return !slices.ContainsFunc(l.waiting(l.target), func(name string) bool { return !slices.Contains(sent, name) })
}

// digestOrName is what tells a file that waits: the digest in an image's name,
// or a package's whole name.
func digestOrName(name string) string {
	if digest := nameDigest(name); digest != "" {
		return digest
	}
	return lastSegment(name)
}

// pendingTrailers are the names of the trailers' files that are not at the
// Store: those without an id. When an upload is owed, those with one are sent
// again, too, since nothing tells whether they arrived.
func (l *lowering) pendingTrailers(d *document) []string {
	owed := slices.Contains(l.Unfinished, stepUpload)
	var names []string
	for i := range d.length(pointerTo(fieldTrailers)) {
		place := pointerTo(fieldTrailers, strconv.Itoa(i))
		add := func(file, id string) {
			name := d.text(file)
			if name != "" && (idAt(d, id) == "" || owed && l.isLocal(name)) {
				names = append(names, name)
			}
		}
		add(place+"/videoFileName", place+"/videoFileId")
		for _, language := range d.keys(place + "/trailerAssets") {
			image := place + pointerTo("trailerAssets", language, "imageList", "0")
			add(image+"/fileName", image+"/id")
		}
	}
	return names
}

func (l *lowering) isLocal(name string) bool {
	_, ok := l.localFiles()[digestOrName(entryName(name))]
	return ok
}

// localFiles are the manifest's files by digest, packages by the name they get.
func (l *lowering) localFiles() map[string]plan.Upload {
	files := map[string]plan.Upload{}
	add := func(key, name string, bytes int64, sha256 string) {
		if known, twice := files[key]; !twice || name < known.Name {
			files[key] = plan.Upload{Name: name, Bytes: bytes, SHA256: sha256}
		}
	}
	if l.kind == kindAddOn {
		for _, icon := range localIcons(l.Manifest.AddOn) {
			add(icon.SHA256, icon.Name, icon.Bytes, icon.SHA256)
		}
	}
	spec := specOf(l.Manifest)
	for _, listing := range spec.Listings {
		for _, images := range listing.Images {
			for _, image := range images {
				add(image.File.SHA256, image.File.Name, image.File.Bytes, image.File.SHA256)
			}
		}
	}
	for _, trailer := range spec.Trailers {
		add(trailer.Video.SHA256, trailer.Video.Name, trailer.Video.Bytes, trailer.Video.SHA256)
		for _, asset := range trailer.TrailerAssets {
			if asset.Image != nil {
				image := asset.Image.File
				add(image.SHA256, image.Name, image.Bytes, image.SHA256)
			}
		}
	}
	for _, p := range spec.Packages {
		if p.Content != nil {
			add(packageName(p.Content), p.File, p.Content.Bytes, p.Content.SHA256)
		}
	}
	return files
}
