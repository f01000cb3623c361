package msiexe

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// assets adds, per language whose images change: a create for the new images,
// an upload of each, and a commit that lists the kept ones again, since the
// commit replaces the whole set of a type (the API page).
func (l *lowering) assets() {
	changed := map[string][]plan.Path{}
	var languages []string
	for _, change := range l.changed(moduleListings) {
		segments := strings.Split(string(change.Path), ".")
		if len(segments) == 3 && change.Type == plan.Images {
			changed[segments[1]] = append(changed[segments[1]], change.Path)
			languages = append(languages, segments[1])
		}
	}
	for _, language := range sorted(languages) {
		if err := l.languageAssets(language, changed[language]); err != nil {
			l.fail(changed[language][0], err.Error(), "Read the images again with `storesync plan`.")
		}
		l.wroteAssets = append(l.wroteAssets, changed[language]...)
	}
}

// slot is one place of an image set: a stored image that stays, or a local one
// that is uploaded.
type slot struct {
	kept *storedImage
	// created counts the new images of its type from 0; it holds when kept is nil.
	created int
	local   schema.Image
}

// assetsUnit names the operations of one language's images; they are redone
// together.
func assetsUnit(language string) string { return "assets." + language }

func createID(language string) string { return assetsUnit(language) + ".create" }

func (l *lowering) languageAssets(language string, changed []plan.Path) error {
	slots := map[string][]slot{}
	counts := map[string]int{}
	for _, set := range imageSets() {
		path := plan.Join(moduleListings, language, set.field)
		placed, err := l.slots(set, language, slices.Contains(changed, path))
		if err != nil {
			return err
		}
		slots[set.field] = placed
		counts[set.create] = len(newSlots(placed))
	}
	if counts["Logo"]+counts["Screenshot"] > 0 {
		l.add(plan.Operation{
			ID: createID(language), Verb: plan.VerbCall, Method: http.MethodPost, Path: assetsCreatePath(l.product),
			Body: encode(struct {
				Language string         `json:"language"`
				Request  map[string]int `json:"createAssetRequest"`
			}{language, counts}),
			Covers: changed, Effect: plan.EffectDraft, Unit: assetsUnit(language),
			Summary: fmt.Sprintf("asks for %s of %s", countImages(counts), language),
		})
	}
	for _, set := range imageSets() {
		for _, s := range newSlots(slots[set.field]) {
			l.add(l.upload(set, language, s))
		}
	}
	l.commitAssets(language, slots, changed)
	return nil
}

// countImages says how many upload addresses are asked for.
func countImages(counts map[string]int) string {
	var parts []string
	for _, set := range imageSets() {
		switch n := counts[set.create]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+set.noun)
		default:
			parts = append(parts, strconv.Itoa(n)+" "+set.noun+"s")
		}
	}
	return "upload addresses for " + strings.Join(parts, " and ")
}

func newSlots(slots []slot) []slot {
	return slices.DeleteFunc(slices.Clone(slots), func(s slot) bool { return s.kept != nil })
}

// slots are the images of a type as they will be: those that stay as they are
// when the type does not change.
func (l *lowering) slots(set imageSet, language string, changed bool) ([]slot, error) {
	stored, err := set.stored(l.live.assetsOf(language))
	if err != nil {
		return nil, err
	}
	if !changed {
		kept := make([]slot, len(stored))
		for i := range stored {
			kept[i] = slot{kept: &stored[i]}
		}
		return kept, nil
	}
	path := plan.Join(moduleListings, language, set.field)
	byDigest := l.reusable(path, stored)
	var placed []slot
	created := 0
	for _, image := range l.Target[path].Images() {
		if same := byDigest[image.Digest]; len(same) > 0 {
			placed = append(placed, slot{kept: same[0]})
			byDigest[image.Digest] = same[1:]
			continue
		}
		local, ok := l.localImage(set, language, image.Name)
		if !ok {
			return nil, fmt.Errorf("image %s is not in the manifest", image.Name)
		}
		placed = append(placed, slot{created: created, local: local})
		created++
	}
	return placed, nil
}

// reusable are the stored images that need not be sent again, by content; none
// when all are to be sent anew.
func (l *lowering) reusable(path plan.Path, stored []storedImage) map[string][]*storedImage {
	reusable := map[string][]*storedImage{}
	if l.ReuploadImages {
		return reusable
	}
	digests := map[string]string{}
	for _, image := range l.Observed.State[path].Images() {
		digests[image.ID] = image.Digest
	}
	for i, s := range stored {
		if digest := digests[s.ID]; strings.HasPrefix(digest, "sha256:") {
			reusable[digest] = append(reusable[digest], &stored[i])
		}
	}
	return reusable
}

// localImage is the manifest's image of a name.
func (l *lowering) localImage(set imageSet, language, name string) (schema.Image, bool) {
	for key, listing := range l.Manifest.MsiExeApp.Listings {
		if !strings.EqualFold(key, language) {
			continue
		}
		for _, image := range set.local(listing) {
			if image.Name == name {
				return image, true
			}
		}
	}
	return schema.Image{}, false
}

// created is a placeholder for something the create call answered.
func created(set imageSet, language string, s slot, name string) string {
	return fmt.Sprintf("${op:%s/%s/%d/%s}", createID(language), set.list, s.created, name)
}

// uploadURL is the field of a created image that holds its signed address.
const uploadURL = "primaryAssetUploadUrl"

func (l *lowering) upload(set imageSet, language string, s slot) plan.Operation {
	return plan.Operation{
		ID:   uploadID(language, set.field, s.created),
		Verb: plan.VerbUpload, Method: http.MethodPut, Path: created(set, language, s, uploadURL),
		Uploads: []plan.Upload{{Name: s.local.Name, Bytes: s.local.Bytes, SHA256: s.local.SHA256}},
		Covers:  []plan.Path{plan.Join(moduleListings, language, set.field)},
		Effect:  plan.EffectDraft, Unit: assetsUnit(language),
		Summary: fmt.Sprintf("uploads a %s of %s", set.noun, language),
	}
}

func uploadID(language, set string, index int) string {
	return fmt.Sprintf("%s.upload.%s.%d", assetsUnit(language), set, index)
}

// commitAssets lists both types whole, kept images with the id and address
// they have: what a left-out type means is not documented.
func (l *lowering) commitAssets(language string, slots map[string][]slot, changed []plan.Path) {
	b := &body{target: l.Target}
	fields := object{"language": encode(language)}
	signed := false
	for _, set := range imageSets() {
		items := []object{}
		for i, s := range slots[set.field] {
			pointer := fmt.Sprintf("/listingAssets/%s/%d/", set.list, i)
			switch {
			case s.kept == nil:
				items = append(items, object{
					"id":       b.placeholder(pointer+"id", created(set, language, s, "id")),
					"assetUrl": b.placeholder(pointer+"assetUrl", created(set, language, s, uploadURL)),
				})
			case isUnsigned(s.kept.AssetURL):
				signed = true
				address := fmt.Sprintf("${op:%s/%s/assetUrl}", readID(language), pointerToken(s.kept.ID))
				items = append(items, object{"id": encode(s.kept.ID), "assetUrl": b.placeholder(pointer+"assetUrl", address)})
			default:
				items = append(items, object{"id": encode(s.kept.ID), "assetUrl": encode(s.kept.AssetURL)})
			}
		}
		fields[set.list] = encode(items)
	}
	if signed {
		l.add(plan.Operation{
			ID: readID(language), Verb: plan.VerbCall, Method: http.MethodGet,
			Path: assetsPath(l.product) + languageQuery([]string{language}), Covers: changed,
			Effect: plan.EffectRead, Unit: assetsUnit(language),
			Summary: "reads the signed addresses of the images of " + language + " that stay",
		})
	}
	l.add(plan.Operation{
		ID: assetsUnit(language) + ".commit", Verb: plan.VerbCall, Method: http.MethodPut, Path: assetsCommitPath(l.product),
		Body: encode(map[string]object{"listingAssets": fields}), Fill: sorted(b.fill),
		Covers: changed, Effect: plan.EffectDraft, Unit: assetsUnit(language), Owes: []string{stepSubmit},
		Summary: "puts the images of " + language + " into the draft",
	})
}

// readID names the read of signed addresses; its output is an object by id.
func readID(language string) string { return assetsUnit(language) + ".read" }

// pointerToken escapes a token of a JSON pointer (RFC 6901).
func pointerToken(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

// unsignedQuery stands in the place of a query that may be a signature.
const unsignedQuery = "signature=removed"

// unsigned is an asset as it may be kept: a query of its address, which may be
// an upload signature, is cut off and marked as such.
func unsigned(asset object) object {
	for _, set := range imageSets() {
		rows, _, err := field[[]object](asset, set.list)
		if err != nil || len(rows) == 0 {
			continue
		}
		for i, row := range rows {
			if address := row.text("assetUrl"); strings.ContainsAny(address, "?#") {
				rows[i] = row.with("assetUrl", encode(withoutQuery(address)+"?"+unsignedQuery))
			}
		}
		asset = asset.with(set.list, encode(rows))
	}
	return asset
}

func isUnsigned(address string) bool { return strings.HasSuffix(address, "?"+unsignedQuery) }

// withoutQuery is an address that may be shown.
func withoutQuery(address string) string {
	cut, _, _ := strings.Cut(address, "?")
	cut, _, _ = strings.Cut(cut, "#")
	if u, err := url.Parse(cut); err == nil {
		u.User = nil
		return u.String()
	}
	return cut
}

// addressesByID is the output of a read of signed addresses.
func addressesByID(assets []json.RawMessage) (json.RawMessage, error) {
	byID := map[string]object{}
	for _, document := range assets {
		asset, err := parseObject("listing assets", document)
		if err != nil {
			return nil, err
		}
		for _, set := range imageSets() {
			for _, row := range asset.objects(set.list) {
				byID[row.text("id")] = row
			}
		}
	}
	return encode(byID), nil
}
