package msix

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// fieldOther is storesync's own field: what a submission, a listing or a
// package holds and no path of a state names. A commit sends it with the rest,
// so it is compared with the rest, though nothing can be written there.
const fieldOther = "otherFields"

// others adds what the other values leave out: of each language, and of the
// submission. What the service is known to rewrite is no part of it, see
// serverOwned.
func (c *converter) others() {
	rest := c.doc.clone()
	for _, pointer := range serverOwned() {
		for rest.remove(pointer) {
			continue // under every spelling: some of it is secret
		}
	}
	listings := rest.find(pointerTo(fieldListings))
	for _, language := range rest.keys(pointerTo(fieldListings)) {
		if isSegment(language) {
			c.other(plan.Join(fieldListings, language), otherOfListing(listings.members[language]))
			delete(listings.members, language)
		}
	}
	for _, named := range []string{pointerTo(fieldPricing, fieldMarkets), pointerTo(fieldFutureFamilies)} {
		for _, name := range rest.keys(named) {
			if isSegment(name) {
				delete(rest.find(named).members, name)
			}
		}
	}
	rest.find(pointerTo(fieldPricing)).drop(fieldPriceID, fieldTrialPeriod)
	rest.find(pointerTo(fieldDelivery)).drop(fieldMandatory, fieldMandatoryDate)
	for _, f := range appScalars(&schema.MsixApp{}) {
		rest.root.drop(f.name)
	}
	for _, f := range appBools(&schema.MsixApp{}) {
		rest.root.drop(f.name)
	}
	rest.root.drop(fieldPublishDate, fieldHardware, c.kind.packageList(), fieldFlightID)
	c.otherOfRows(rest.root, fieldGamingOptions, c.spec.GamingOptions == nil || len(c.spec.GamingOptions) == c.doc.length(pointerTo(fieldGamingOptions)), dropGaming)
	c.otherOfRows(rest.root, fieldTrailers, c.spec.Trailers == nil, dropTrailer)
	c.other("", rest.root)
}

// other adds what is left of a group, unless it is nothing.
func (c *converter) other(group plan.Path, rest *node) {
	path := plan.Path(fieldOther)
	if group != "" {
		path = at(group, fieldOther)
	}
	if value := otherValue(rest); !value.Empty() {
		c.state[path] = value
	}
}

// otherValue is what is left as one value: members in order, numbers with
// their digits.
func otherValue(rest *node) plan.Value {
	if rest == nil || rest.prune() {
		return unset()
	}
	raw := json.RawMessage(rest.append(nil))
	value := plan.Value{Type: plan.Scalar, JSON: raw}
	// An upload address under a name that nobody knows is a secret all the same.
	value.Sensitive = bytes.Contains(bytes.ToLower(raw), []byte("sig="))
	return value
}

// otherOfRows leaves of a list of objects what no value names, or nothing of a
// list that the manifest makes anew.
func (c *converter) otherOfRows(parent *node, name string, stays bool, known func(row *node)) {
	rows := parent.child(name)
	if rows == nil {
		return
	}
	left := false
	for _, row := range rows.elements {
		known(row)
		left = !row.prune() || left
	}
	if !stays || !left {
		parent.drop(name)
	}
}

func dropGaming(row *node) {
	fields, err := parseNode(encode(schema.GamingOptions{}))
	if err != nil {
		return // plain data always parses
	}
	for name := range fields.members {
		row.drop(name)
	}
}

func dropTrailer(row *node) {
	if assets := row.child("trailerAssets"); assets != nil {
		for _, asset := range assets.members {
			images := asset.child("imageList")
			asset.drop(fieldTitle)
			if images == nil || len(images.elements) == 0 {
				continue
			}
			images.elements[0].drop("fileName", "id", "description")
			if len(images.elements) == 1 && images.elements[0].prune() {
				asset.drop("imageList")
			}
		}
	}
	row.drop("id", "videoFileName", "videoFileId")
}

// otherOfListing leaves of a listing the overrides for old platforms and what
// is not known. The ids of images are the service's.
func otherOfListing(listing *node) *node {
	base := listing.child("baseListing")
	for _, f := range listingTexts(&schema.MsixListing{}) {
		base.drop(f.name)
	}
	for _, f := range listingLists(&schema.MsixListing{}) {
		base.drop(f.name)
	}
	texts := []*node{base}
	if overrides := listing.child("platformOverrides"); overrides != nil {
		for _, override := range overrides.members {
			texts = append(texts, override)
		}
	}
	for _, text := range texts {
		if text == nil {
			continue
		}
		text.drop(obsoleteTexts()...)
		if images := text.child(fieldImages); images != nil {
			for _, image := range images.elements {
				image.drop("id")
			}
		}
	}
	if base == nil {
		return listing
	}
	if images := base.child(fieldImages); images != nil {
		images.elements = slices.DeleteFunc(images.elements, func(image *node) bool {
			row := &document{root: image}
			return row.text("/fileStatus") == filePendingDelete || isSegment(row.text("/imageType"))
		})
	}
	return listing
}

// otherOfPackage is what a client can have set of a package and no other value
// names: what the service found in the file is left out.
//
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#application-package-object
func otherOfPackage(d *document, kind productKind, place int) plan.Value {
	found := d.find(packagePointer(kind, place))
	if found == nil {
		return unset()
	}
	rest := found.clone()
	rest.drop("id", fieldFileName, "fileStatus", fieldVersion, fieldArchitecture, fieldLanguages, fieldFamilies, "capabilities", "targetPlatform")
	for _, name := range []string{"minimumDirectXVersion", "minimumSystemRam"} {
		// None is what every new package is sent with.
		if value := rest.child(name); value != nil && string(value.leaf) == `"None"` {
			rest.drop(name)
		}
	}
	return exactly(otherValue(rest))
}

// drop takes members away; of anything but an object it takes nothing.
func (n *node) drop(names ...string) {
	if n == nil {
		return
	}
	for _, name := range names {
		delete(n.members, n.spelling(name))
	}
}

// prune takes members away that say nothing and reports whether nothing is
// left: null, "", [] and {} stand for absent ones and come and go with them.
// The elements of a list stay, since the place of one is part of what it says.
func (n *node) prune() bool {
	for name, member := range n.members {
		if member.prune() {
			delete(n.members, name)
		}
	}
	for _, element := range n.elements {
		element.prune()
	}
	return n.isNothing()
}
