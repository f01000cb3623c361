package emulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// assetSet is the images of one listing.
type assetSet struct {
	Language    string  `json:"language"`
	Folder      string  `json:"folder"` // first half of the blobs' names
	Logos       []asset `json:"storeLogos"`
	Screenshots []asset `json:"screenshots"`
}

type asset struct {
	ID     string `json:"id"`
	Path   string `json:"path"` // in blob storage
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// createdAsset is a place for an upload that is not committed yet.
type createdAsset struct {
	ID       string    `json:"id"`
	Language string    `json:"language"`
	Kind     assetKind `json:"kind"`
	Path     string    `json:"path"`
	Expires  time.Time `json:"expires"`
}

type assetKind string

const (
	kindLogo       assetKind = "Logo"
	kindScreenshot assetKind = "Screenshot"
)

// The most assets of a kind:
// https://learn.microsoft.com/windows/apps/publish/store-submission-api#create-listing-assets-api.
const (
	maxScreenshots = 10
	maxLogos       = 2
)

func (k assetKind) limit() int {
	if k == kindLogo {
		return maxLogos
	}
	return maxScreenshots
}

// field is the kind's name in lists of assets.
func (k assetKind) field() string {
	if k == kindLogo {
		return "storeLogos"
	}
	return "screenshots"
}

func (s *assetSet) list(kind assetKind) *[]asset {
	if kind == kindLogo {
		return &s.Logos
	}
	return &s.Screenshots
}

func (s assetSet) paths() []string {
	var out []string
	for _, a := range slices.Concat(s.Logos, s.Screenshots) {
		out = append(out, a.Path)
	}
	return out
}

// paths are the blobs that the product names.
func (p *product) paths() []string {
	var out []string
	for _, set := range p.Assets {
		out = append(out, set.paths()...)
	}
	for _, a := range p.Created {
		out = append(out, a.Path)
	}
	return out
}

func (p *product) uses(path string) bool { return slices.Contains(p.paths(), path) }

func (c *call) dropBlob(path string) { c.state.dropBlob(path, c.contents) }

func (s *state) dropBlob(path string, contents *contents) {
	if stored := s.Blobs[path]; stored != nil {
		dropContents(stored, contents)
		delete(s.Blobs, path)
		s.touch()
	}
}

// forgetExpiredAssets drops places for uploads that were never committed.
func (s *state) forgetExpiredAssets(p *product, now time.Time, contents *contents) {
	p.Created = slices.DeleteFunc(p.Created, func(a createdAsset) bool {
		// Kept a while longer than the URL, so that a late commit is told why.
		if now.Before(a.Expires.Add(uploadLife)) {
			return false
		}
		s.dropBlob(a.Path, contents)
		s.touch()
		return true
	})
}

func (c *call) getAssets(p *product) reply {
	if refused, ok := c.mayRead(p); !ok {
		return refused
	}
	languages, refused, ok := c.languagesQuery()
	if !ok {
		return refused
	}
	out := []object{}
	for i, set := range p.Assets {
		if wanted(set.Language, i, languages) {
			out = append(out, object{
				{"language", set.Language},
				{"storeLogos", c.assetAnswers(set.Logos)},
				{"screenshots", c.assetAnswers(set.Screenshots)},
			})
		}
	}
	return c.success(object{{"listingAssets", out}}, nil)
}

func (c *call) assetAnswers(list []asset) []object {
	out := make([]object, 0, len(list))
	for _, a := range list {
		out = append(out, object{
			{"id", a.ID}, {"assetUrl", c.base + a.Path},
			{"imageSize", object{{"width", a.Width}, {"height", a.Height}}},
		})
	}
	return out
}

func (c *call) createAssets(p *product) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	var in struct {
		Language           string `json:"language"`
		CreateAssetRequest *struct {
			Screenshot int
			Logo       int
		} `json:"createAssetRequest"`
	}
	if refused, ok := c.decode(&in, targetListings); !ok {
		return refused
	}
	set := p.assets(in.Language)
	var errs problems
	switch {
	case in.Language == "":
		errs.add(targetListings, "language is required.")
	case set == nil:
		errs.add(targetListings, "The product has no listing for language %q: add it with listingsToAdd.", in.Language)
	case in.CreateAssetRequest == nil:
		errs.add(targetListings, "createAssetRequest is required.")
	case in.CreateAssetRequest.Screenshot == 0 && in.CreateAssetRequest.Logo == 0:
		errs.add(targetListings, "createAssetRequest asks for no asset: give Screenshot or Logo a count.")
	default:
		for _, ask := range []struct {
			kind  assetKind
			count int
		}{{kindScreenshot, in.CreateAssetRequest.Screenshot}, {kindLogo, in.CreateAssetRequest.Logo}} {
			if ask.count < 0 || ask.count > ask.kind.limit() {
				errs.add(targetListings, "createAssetRequest.%s is %d; 1 to %d are allowed.", ask.kind, ask.count, ask.kind.limit())
			}
		}
	}
	if errs.fatal() {
		return c.refuse(errs)
	}
	data := object{{"language", set.Language}}
	if n := in.CreateAssetRequest.Logo; n > 0 {
		data = append(data, member{"storeLogos", c.newAssets(p, set, kindLogo, n)})
	}
	if n := in.CreateAssetRequest.Screenshot; n > 0 {
		data = append(data, member{"screenshots", c.newAssets(p, set, kindScreenshot, n)})
	}
	c.state.touch()
	return c.success(object{{"listingAssets", data}}, nil)
}

func (c *call) newAssets(p *product, set *assetSet, kind assetKind, count int) []object {
	out := make([]object, 0, count)
	for range count {
		a := createdAsset{ID: newGUID(), Language: set.Language, Kind: kind, Expires: c.now.Add(uploadLife)}
		a.Path = assetContainer + set.Folder + "_" + a.ID
		p.Created = append(p.Created, a)
		upload := c.uploadURL(a.Path)
		out = append(out, object{
			{"id", a.ID}, {"primaryAssetUploadUrl", upload}, {"secondaryAssetUploadUrl", upload},
			{"httpMethod", http.MethodPut},
			{"httpHeaders", object{{"Content-Type", "image/png"}, {"Content-Length", ""}, {"Host", ""}, {"x-ms-blob-type", "BlockBlob"}}},
		})
	}
	return out
}

type assetInput struct {
	ID       string `json:"id"`
	AssetURL string `json:"assetUrl"`
}

func (c *call) commitAssets(p *product) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	var in struct {
		ListingAssets *struct {
			Language    string        `json:"language"`
			StoreLogos  *[]assetInput `json:"storeLogos"`
			Screenshots *[]assetInput `json:"screenshots"`
		} `json:"listingAssets"`
	}
	if refused, ok := c.decode(&in, targetListings); !ok {
		return refused
	}
	switch {
	case in.ListingAssets == nil:
		return c.refusal(targetListings, "listingAssets is required.")
	case in.ListingAssets.Language == "":
		return c.refusal(targetListings, "listingAssets.language is required.")
	case p.assets(in.ListingAssets.Language) == nil:
		return c.refusal(targetListings, "The product has no listing for language %q: add it with listingsToAdd.", in.ListingAssets.Language)
	case in.ListingAssets.StoreLogos == nil && in.ListingAssets.Screenshots == nil:
		return c.refusal(targetListings, "listingAssets names neither storeLogos nor screenshots.")
	}
	draft, err := p.clone()
	if err != nil {
		return plainReply(http.StatusInternalServerError, fmt.Sprintf("emulator: copy product: %v", err))
	}
	var errs problems
	// A type that is not sent stays; one that is sent is replaced as a whole.
	for _, sent := range []struct {
		kind assetKind
		list *[]assetInput
	}{{kindLogo, in.ListingAssets.StoreLogos}, {kindScreenshot, in.ListingAssets.Screenshots}} {
		if sent.list != nil {
			c.replaceAssets(draft, in.ListingAssets.Language, sent.kind, *sent.list, &errs)
		}
	}
	if errs.fatal() {
		return c.refuse(errs)
	}
	c.keepDraft(p, draft)
	for _, path := range p.assets(in.ListingAssets.Language).paths() {
		if stored := c.state.Blobs[path]; stored != nil {
			stored.Public = true
		}
	}
	return c.success(c.afterWrite(p), errs)
}

func (c *call) replaceAssets(p *product, language string, kind assetKind, list []assetInput, errs *problems) {
	if n := len(list); n < 1 || n > kind.limit() {
		errs.add(targetListings, "listingAssets.%s has %d items; 1 to %d are allowed.", kind.field(), n, kind.limit())
		return
	}
	set := p.assets(language)
	old := *set.list(kind)
	var next []asset
	for i, item := range list {
		at := fmt.Sprintf("listingAssets.%s[%d]", kind.field(), i)
		if slices.ContainsFunc(next, func(a asset) bool { return strings.EqualFold(a.ID, item.ID) }) {
			errs.add(targetListings, "%s: the id %q is there twice.", at, item.ID)
			continue
		}
		var found asset
		if index := slices.IndexFunc(old, func(a asset) bool { return strings.EqualFold(a.ID, item.ID) }); index >= 0 {
			found = old[index]
		} else if fresh, ok := c.committed(p, set.Language, kind, item, at, errs); ok {
			found = fresh
		} else {
			continue
		}
		if !samePath(item.AssetURL, found.Path) {
			errs.add(targetListings, "%s: the assetUrl is not the one of id %q.", at, item.ID)
			continue
		}
		next = append(next, found)
	}
	*set.list(kind) = next
	p.Created = slices.DeleteFunc(p.Created, func(a createdAsset) bool {
		return slices.ContainsFunc(next, func(kept asset) bool { return kept.ID == a.ID })
	})
}

// samePath compares an asset's URL, with or without signature, to its path.
func samePath(assetURL, path string) bool {
	u, err := url.Parse(assetURL)
	return err == nil && u.Path == path
}

// committed turns a created and uploaded place into an asset.
func (c *call) committed(p *product, language string, kind assetKind, item assetInput, at string, errs *problems) (asset, bool) {
	index := slices.IndexFunc(p.Created, func(a createdAsset) bool {
		return strings.EqualFold(a.ID, item.ID) && a.Language == language && a.Kind == kind
	})
	if index < 0 {
		errs.add(targetListings, "%s: the listing has no %s with id %q, and none was created.", at, strings.ToLower(string(kind)), item.ID)
		return asset{}, false
	}
	created := p.Created[index]
	stored := c.state.Blobs[created.Path]
	if !stored.exists() {
		errs.add(targetListings, "%s: nothing was uploaded for id %q.", at, item.ID)
		return asset{}, false
	}
	width, height, err := c.contents.imageSize(stored.Content, kind)
	if err != nil {
		errs.add(targetListings, "%s: %s.", at, err)
		return asset{}, false
	}
	return asset{ID: created.ID, Path: created.Path, Width: width, Height: height}, true
}
