package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"reflect"
	"strings"
)

// listing adds or edits the listing of one language; raw may be nil.
func (s seeder) listing(w *metadataWrite, language string, raw json.RawMessage) error {
	p := w.product
	fresh := p.listing(language) == nil
	if fresh {
		spelled, ok := s.facts.language(language)
		if !ok {
			if !w.unchecked {
				return fmt.Errorf("listings: %q is not a supported listing language", language)
			}
			spelled = language
		}
		p.addListing(spelled)
		l := p.listing(language)
		l.Description = "Contoso app, as it was first submitted by hand."
		l.AdditionalLicenseTerms = "Contoso licence terms."
	}
	var images seedImages
	if raw != nil {
		if err := json.Unmarshal(raw, &images); err != nil {
			return fmt.Errorf("listing %s: logos and screenshots are lists of file names", language)
		}
		l := p.listing(language)
		l.Foreign = addForeign[listingInput](l.Foreign, raw, "logos", "screenshots")
		w.listing(raw, nil)
	}
	if err := s.imagesOf(p.assets(language), images, fresh, w.unchecked); err != nil {
		return fmt.Errorf("listing %s: %w", language, err)
	}
	return nil
}

// imagesOf replaces the images that a seed names; a fresh listing gets
// generated ones for those that it does not name.
func (s seeder) imagesOf(set *assetSet, images seedImages, fresh, unchecked bool) error {
	for _, want := range []struct {
		kind          assetKind
		names         *[]string
		width, height int
	}{{kindLogo, images.Logos, 1080, 1080}, {kindScreenshot, images.Screenshots, 1366, 768}} {
		var list []asset
		var err error
		switch {
		case want.names != nil:
			list, err = s.filed(set, want.kind, *want.names, unchecked)
		case fresh:
			list, err = s.generated(set, want.kind, want.width, want.height)
		default:
			continue
		}
		if err != nil {
			return err
		}
		for _, old := range *set.list(want.kind) {
			s.state.dropBlob(old.Path, s.contents)
		}
		*set.list(want.kind) = list
	}
	return nil
}

// filed keeps images of files as assets.
func (s seeder) filed(set *assetSet, kind assetKind, names []string, unchecked bool) ([]asset, error) {
	var out []asset
	for _, name := range names {
		if s.files == nil {
			return nil, fmt.Errorf("image %s: there is no folder to read it from", name)
		}
		file, err := s.files.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read image: %w", err)
		}
		a, err := s.keep(set, kind, file, unchecked)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", name, err)
		}
		out = append(out, a)
	}
	return out, nil
}

// generated makes an image of one color that differs by language and kind.
func (s seeder) generated(set *assetSet, kind assetKind, width, height int) ([]asset, error) {
	h := fnv.New32a()
	h.Write([]byte(set.Language + string(kind))) // never fails
	picture, err := s.images.png(width, height, h.Sum32())
	if err != nil {
		return nil, err
	}
	a, err := s.keep(set, kind, bytes.NewReader(picture), false)
	return []asset{a}, err
}

// keep stores an image as a committed asset.
func (s seeder) keep(set *assetSet, kind assetKind, from io.Reader, unchecked bool) (asset, error) {
	stored, err := s.contents.write(from)
	if err != nil {
		return asset{}, err
	}
	width, height, err := s.contents.imageSize(stored, kind)
	if err != nil && (!unchecked || width == 0) {
		s.contents.remove(stored.ID)
		return asset{}, err
	}
	a := asset{ID: newGUID(), Width: width, Height: height}
	a.Path = assetContainer + set.Folder + "_" + a.ID
	c := &call{state: s.state, contents: s.contents, now: s.now}
	c.storeBlob(a.Path, stored, "image/png", contentMD5(stored)).Public = true
	return a, nil
}

// addForeign adds the members of raw that T does not have.
func addForeign[T any](old foreign, raw json.RawMessage, except ...string) foreign {
	out := maps.Clone(old)
	known := reflect.TypeFor[T]()
	for name, value := range members(raw) {
		_, isField := known.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
		for _, other := range except {
			isField = isField || strings.EqualFold(other, name)
		}
		if isField {
			continue
		}
		if out == nil {
			out = foreign{}
		}
		out[name] = value
	}
	return out
}
