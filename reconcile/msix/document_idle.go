package msix

import (
	"slices"
	"strings"
)

// Some values of a submission mean nothing, and move all the same: a date that
// waits for a mode which is not chosen, what stands for none (null, "", [], {},
// the year 1601), and texts that the service ignores. None of them may make one
// submission another.

// obsoleteTexts are ignored when sent and come back empty; they are kept in
// Partner Center alone.
func obsoleteTexts() []string { return []string{"privacyPolicy", "supportContact", "websiteUrl"} }

// withoutIdle is a copy of the document without what means nothing.
func (d *document) withoutIdle() *document {
	n := d.clone()
	n.dropIdle()
	return n
}

// dropIdle takes away what means nothing, and writes dates in one way. A language
// stays also when its listing is empty.
func (d *document) dropIdle() {
	for _, pointer := range d.idleDates() {
		d.remove(pointer)
	}
	for _, date := range dates() {
		if text := d.text(date.pointer); text != "" {
			// The place is there, so it can be set.
			_ = d.set(date.pointer, encode(canonicalTime(text)))
		}
	}
	listings := d.find(pointerTo(fieldListings))
	d.remove(pointerTo(fieldListings))
	d.root.prune()
	if listings == nil || len(listings.members) == 0 {
		return
	}
	for language, listing := range listings.members {
		dropObsolete(listing)
		if listing.prune() {
			listings.members[language] = &node{members: map[string]*node{}}
		}
	}
	d.root.members[fieldListings] = listings
}

// dropObsolete takes the obsolete texts off a listing.
func dropObsolete(listing *node) {
	listing.child("baseListing").drop(obsoleteTexts()...)
	if overrides := listing.child("platformOverrides"); overrides != nil {
		for _, override := range overrides.members {
			override.drop(obsoleteTexts()...)
		}
	}
}

// date is a date and what makes it count.
type date struct {
	pointer, condition, value string
}

func dates() []date {
	return []date{
		{pointerTo(fieldPublishDate), pointerTo(fieldPublishMode), `"` + publishSpecificDate + `"`},
		{pointerTo(fieldDelivery, fieldMandatoryDate), pointerTo(fieldDelivery, fieldMandatory), "true"},
	}
}

// idleDates are the places of dates that mean nothing: the other field is not
// set so that they count, or they stand for none.
func (d *document) idleDates() []string {
	var idle []string
	for _, date := range dates() {
		condition, _ := d.get(date.condition)
		if !strings.EqualFold(string(condition), date.value) || canonicalTime(d.text(date.pointer)) == "" {
			idle = append(idle, date.pointer)
		}
	}
	return idle
}

// idleless are two versions of a document for a patch that leads from the one to
// the other and does not rest on idle dates: these may have moved until it is
// applied. One that is idle in both and the same is in neither.
func idleless(from, to *document) (*document, *document) {
	from, to = from.clone(), to.clone()
	still := to.idleDates()
	for _, pointer := range from.idleDates() {
		before, _ := from.get(pointer)
		if after, _ := to.get(pointer); slices.Contains(still, pointer) && string(after) == string(before) {
			to.remove(pointer)
		}
		from.remove(pointer)
	}
	return from, to
}

// isNothing reports whether a value stands for none.
func (n *node) isNothing() bool {
	switch {
	case n.members != nil:
		return len(n.members) == 0
	case n.array:
		return len(n.elements) == 0
	}
	return n.isNull() || string(n.leaf) == `""`
}
