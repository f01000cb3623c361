package msix

import (
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// storedTrailer is one trailer of a submission. Its files have no fileStatus:
// those without an id wait for their upload
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#trailer-object).
type storedTrailer struct {
	VideoFileName string                        `json:"videoFileName"`
	VideoFileID   flexString                    `json:"videoFileId"`
	Assets        map[string]storedTrailerAsset `json:"trailerAssets"`
}

// storedTrailerAsset is what one language shows of a trailer.
type storedTrailerAsset struct {
	Title  string        `json:"title"`
	Images []storedImage `json:"imageList"`
}

// trailerRow is a trailer as it is compared. Files are their digests, or their
// ids where the content is not known.
type trailerRow struct {
	Video  string                     `json:"videoFile"`
	Assets map[string]trailerAssetRow `json:"trailerAssets,omitempty"`
}

type trailerAssetRow struct {
	Title       string `json:"title,omitempty"`
	Image       string `json:"image,omitempty"`
	Description string `json:"description,omitempty"`
}

// trailers adds the list of trailers as one value.
func (c *converter) trailers() {
	rows, ok := valueAt[[]storedTrailer](c, pointerTo(fieldTrailers))
	if !ok {
		return
	}
	compared := make([]trailerRow, len(rows))
	known := true
	for i, row := range rows {
		var all bool
		compared[i], all = rowOf(row, c.contents)
		known = known && all
	}
	value := plan.RowsValue(compared)
	if !known {
		value.Unknown, value.Why = true, "the content of a stored trailer is not known"
	}
	c.state[fieldTrailers] = value
}

// rowOf is a stored trailer as it is compared; known is false when the content
// of one of its files is not known.
func rowOf(t storedTrailer, contents map[string]string) (row trailerRow, known bool) {
	known = true
	digest := func(fileName string, id flexString) string {
		found := storedDigest(fileName, string(id), contents)
		if found == "" {
			known = false
			found = "id:" + string(id)
		}
		return found
	}
	row.Video = digest(t.VideoFileName, t.VideoFileID)
	for language, asset := range t.Assets {
		if row.Assets == nil {
			row.Assets = map[string]trailerAssetRow{}
		}
		shown := trailerAssetRow{Title: asset.Title}
		if len(asset.Images) > 0 {
			shown.Image, shown.Description = digest(asset.Images[0].FileName, asset.Images[0].ID), asset.Images[0].Description
		}
		row.Assets[strings.ToLower(language)] = shown
	}
	return row, known
}
