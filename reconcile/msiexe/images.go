package msiexe

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// parallelImages bounds how many stored images are read at the same time.
const parallelImages = 8

// imageContents are the contents of stored images, as far as they are known.
type imageContents struct {
	// digests are by asset id: "sha256:…" or "md5:…".
	digests map[string]string
	// learned are those found out now: asset id to sha256 in hex.
	learned map[string]string
	// unread are the reasons why contents are not known, by image set.
	unread map[plan.Path][]string
}

// storedContent is one stored image to be looked at, and what came of it.
type storedContent struct {
	where   plan.Path
	image   storedImage
	digest  string
	failure error
}

// imageContents finds out what the stored images are: the API keeps no digest
// of an image, so the record is asked first, then the image itself. Only images
// of the managed sets (folded paths) are looked at.
func (b *backend) imageContents(ctx context.Context, m *schema.Manifest, record *record.Record, assets []json.RawMessage, managed map[plan.Path]bool) (*imageContents, error) {
	contents := &imageContents{digests: map[string]string{}, learned: map[string]string{}, unread: map[plan.Path][]string{}}
	known := record.Contents()
	var open []*storedContent
	for _, document := range assets {
		asset, err := parseObject("listing assets", document)
		if err != nil {
			return nil, err
		}
		for _, set := range imageSets() {
			stored, err := set.stored(asset)
			if err != nil {
				return nil, err
			}
			language := asset.text("language")
			path := plan.Join(moduleListings, language, set.field)
			for _, image := range stored {
				if known[image.ID] != "" {
					contents.digests[image.ID] = "sha256:" + known[image.ID]
				} else if managed[foldedSet(language, set)] {
					open = append(open, &storedContent{where: path, image: image})
				}
			}
		}
	}
	b.readImages(ctx, open)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	contents.take(open, localDigests(m.MsiExeApp))
	return contents, nil
}

// readImages reads the digests, a few at a time.
func (b *backend) readImages(ctx context.Context, open []*storedContent) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallelImages)
	for _, s := range open {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			s.digest, s.failure = b.client.imageDigest(ctx, s.image.AssetURL)
		})
	}
	wg.Wait()
}

// take settles what was read. An MD5 tells which local image a stored one is,
// or that it is none of them; it is no sha256 to be remembered otherwise.
func (c *imageContents) take(open []*storedContent, local map[string]string) {
	for _, s := range open {
		digest := s.digest
		if md5, ok := strings.CutPrefix(digest, "md5:"); ok && local[md5] != "" {
			digest = "sha256:" + local[md5]
		}
		if sha256, ok := strings.CutPrefix(digest, "sha256:"); ok {
			c.learned[s.image.ID] = sha256
		}
		if digest != "" {
			c.digests[s.image.ID] = digest
		}
		if s.failure != nil {
			c.unread[s.where] = append(c.unread[s.where], whyUnread(s.failure))
		}
	}
}

// whyUnread is the reason in a few words, for a notice.
func whyUnread(err error) string {
	if errors.Is(err, storehttp.ErrUnreadable) {
		return "the Store does not give it out"
	}
	return err.Error()
}

// localDigests are the sha256 of a manifest's images by their MD5.
func localDigests(spec *schema.MsiExeApp) map[string]string {
	digests := map[string]string{}
	for _, listing := range spec.Listings {
		for _, set := range imageSets() {
			for _, image := range set.local(listing) {
				digests[image.MD5] = image.SHA256
			}
		}
	}
	return digests
}
