package msix

import (
	"encoding/json"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// fileMark is what tells the files of a list apart, wanted or stored: the
// content, "" when it is not known, and the name of the file.
type fileMark struct{ digest, name string }

// placesTaken says of each wanted file which stored one's place it takes, by its
// number in the list, or -1: the one of the same content; else the one of the
// same name, which it was before it was edited; else the one at the same
// position. A stored file gives its place away once.
func placesTaken(wanted, stored []fileMark) []int {
	places, taken := make([]int, len(wanted)), make([]bool, len(stored))
	for i := range places {
		places[i] = -1
	}
	for _, same := range []func(i, j int) bool{
		func(i, j int) bool { return wanted[i].digest != "" && wanted[i].digest == stored[j].digest },
		func(i, j int) bool { return strings.EqualFold(wanted[i].name, stored[j].name) },
		func(i, j int) bool { return i == j },
	} {
		for i := range wanted {
			for j := range stored {
				if places[i] < 0 && !taken[j] && same(i, j) {
					places[i], taken[j] = j, true
				}
			}
		}
	}
	return places
}

// images are the wanted images of one type. One whose caption is not written
// keeps the caption of the stored image whose place it takes: what is not
// written is not touched. At a place that was not there it has none.
func (d *desirer) images(language, imageType string, wanted []schema.CaptionedImage) plan.Value {
	stored := storedImages(d.live, language)[imageType]
	var want, have []fileMark
	for _, w := range wanted {
		want = append(want, fileMark{"sha256:" + w.File.SHA256, lastSegment(w.File.Name)})
	}
	for _, s := range stored {
		have = append(have, fileMark{storedDigest(s.FileName, string(s.ID), d.contents), lastSegment(s.FileName)})
	}
	places := placesTaken(want, have)
	images := make([]plan.Image, len(wanted))
	for i, w := range wanted {
		images[i] = plan.Image{Digest: want[i].digest, Width: w.File.Width, Height: w.File.Height, Name: w.File.Name}
		switch {
		case w.Description != nil:
			d.refuseSecret(imagesPath(language, imageType), w.Description)
			images[i].Description = w.Description.Value
		case places[i] >= 0:
			images[i].Description = stored[places[i]].Description
		}
	}
	return plan.ImagesValue(images)
}

// refuseSecret: a caption or title inside a list cannot be kept out of a plan,
// which shows the list as one value.
func (d *desirer) refuseSecret(path plan.Path, text *schema.Text) {
	if text.Sensitive() {
		d.fail(path, "captions and trailer titles cannot come from the environment: everybody reads them in the Store, and a plan shows them",
			"Write the text itself, or {file: …}.")
	}
}

// trailers sets the whole list. A title or caption that is not written stays as
// the Store has it for the trailer whose place the wanted one takes; a thumbnail
// stays with its video, since the Store gives none out to be sent again.
func (d *desirer) trailers() {
	var stored []storedTrailer
	if raw, ok := d.live.get(pointerTo(fieldTrailers)); ok {
		_ = json.Unmarshal(raw, &stored) // Observe has read it the same way.
	}
	var want, have []fileMark
	for _, t := range d.spec.Trailers {
		want = append(want, fileMark{"sha256:" + t.Video.SHA256, lastSegment(t.Video.Name)})
	}
	for _, t := range stored {
		have = append(have, fileMark{storedDigest(t.VideoFileName, string(t.VideoFileID), d.contents), lastSegment(t.VideoFileName)})
	}
	rows := make([]trailerRow, len(want))
	for i, place := range placesTaken(want, have) {
		t, known := d.spec.Trailers[i], trailerRow{}
		if place >= 0 {
			known, _ = rowOf(stored[place], d.contents)
		}
		same := known.Video == want[i].digest
		rows[i].Video = want[i].digest
		if t.TrailerAssets == nil && same {
			rows[i].Assets = known.Assets
		}
		if t.TrailerAssets == nil {
			continue
		}
		rows[i].Assets = map[string]trailerAssetRow{}
		for language, asset := range t.TrailerAssets {
			low := strings.ToLower(language)
			rows[i].Assets[low] = d.trailerAsset(asset, known.Assets[low], same)
		}
	}
	d.desired.Set[fieldTrailers] = plan.RowsValue(rows)
}

// trailerAsset lays what is written of a language over what the Store has, of
// the same video or of the one whose place it takes.
func (d *desirer) trailerAsset(wanted schema.TrailerAsset, row trailerAssetRow, same bool) trailerAssetRow {
	if wanted.Title != nil {
		d.refuseSecret(fieldTrailers, wanted.Title)
		row.Title = wanted.Title.Value
	}
	if !same {
		row.Image = ""
	}
	if wanted.Image != nil {
		row.Image = "sha256:" + wanted.Image.File.SHA256
		if wanted.Image.Description != nil {
			d.refuseSecret(fieldTrailers, wanted.Image.Description)
			row.Description = wanted.Image.Description.Value
		}
	}
	if row.Image == "" {
		row.Description = ""
	}
	return row
}
