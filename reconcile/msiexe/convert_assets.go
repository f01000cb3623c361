package msiexe

import (
	"cmp"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// imageSet is one of the two image types of a listing: how a manifest, an
// answer and a create request name it.
type imageSet struct {
	field  string // in manifests
	list   string // in listingAssets
	create string // in createAssetRequest
	noun   string
}

// imageSets are the two types, in the order in which they are sent.
func imageSets() []imageSet {
	return []imageSet{
		{fieldLogos, "storeLogos", "Logo", "logo"},
		{fieldScreenshots, "screenshots", "Screenshot", "screenshot"},
	}
}

// storedImage is one image of an assets answer.
type storedImage struct {
	ID       string `json:"id"`
	AssetURL string `json:"assetUrl"`
	Size     struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	} `json:"imageSize"`
}

// stored are the images of one type, in the order of the answer.
func (s imageSet) stored(assets object) ([]storedImage, error) {
	images, _, err := field[[]storedImage](assets, s.list)
	return images, err
}

// assets converts the stored images of one language, under the spelling its
// listing has. Images of a language without a listing are no part of the
// product.
func (c *converter) assets(d *documents, o object, digests map[string]string) {
	language := o.text("language")
	if live, ok := d.language(language); ok {
		language = live
	} else if d.listings != nil {
		return
	}
	for _, set := range imageSets() {
		stored, err := set.stored(o)
		if err != nil {
			c.fail(err)
			continue
		}
		images := make([]plan.Image, 0, len(stored))
		for _, s := range stored {
			images = append(images, plan.Image{Digest: digests[s.ID], Width: s.Size.Width, Height: s.Size.Height, ID: s.ID})
		}
		c.state[plan.Join(moduleListings, language, set.field)] = set.value(images)
	}
}

// value is the images of a set as they are compared. Screenshots are in
// display order. Logos are told apart by their shape only, and nothing says
// that their order means anything, so they are brought into one order.
func (s imageSet) value(images []plan.Image) plan.Value {
	if s.field == fieldLogos {
		images = slices.Clone(images)
		slices.SortStableFunc(images, func(a, b plan.Image) int {
			return cmp.Or(cmp.Compare(logoKind(a), logoKind(b)), cmp.Compare(a.Digest, b.Digest))
		})
	}
	return plan.ImagesValue(images)
}

// Kinds of logos by shape, in the order of the portal's columns
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/import-and-export-store-listings).
const (
	kindBoxArt = iota // 1:1
	kindPoster        // 2:3
	kindOther
)

func logoKind(image plan.Image) int {
	switch {
	case image.Width == 0 || image.Height == 0:
		return kindOther
	case image.Width == image.Height:
		return kindBoxArt
	case image.Width*3 == image.Height*2:
		return kindPoster
	}
	return kindOther
}

// localImages are the images a manifest wants in a set.
func (s imageSet) local(l *schema.Listing) []schema.Image {
	if s.field == fieldLogos {
		return l.Logos
	}
	return l.Screenshots
}

// wanted is the set's value as the manifest wants it.
func (s imageSet) wanted(local []schema.Image) plan.Value {
	images := make([]plan.Image, len(local))
	for i, image := range local {
		images[i] = plan.Image{Digest: "sha256:" + image.SHA256, Width: image.Width, Height: image.Height, Name: image.Name}
	}
	return s.value(images)
}
