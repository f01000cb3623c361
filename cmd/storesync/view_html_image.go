package main

import (
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// htmlImage is one image on one side.
type htmlImage struct {
	// Kind is "", "cut", "put" or "move".
	Kind string
	// Word says the same in words.
	Word string
	// Picture is the id of the picture in the page, "" when it is not there;
	// Why then says why.
	Picture, Why string
	// Width and Height are of the box that is drawn, in proportion.
	Width, Height int
	// Name is the file, or what the Store calls it; Facts are its size and
	// digest.
	Name, Facts string
	// Caption is what customers read under it, changed words marked.
	Caption []htmlMark
	// Label says for people who do not see it what it is.
	Label string
}

// imageSides shows images by content on both sides: what goes, what comes, what
// moves, with captions beside them.
func (b *htmlBuilder) imageSides(before, after []plan.Image) (old, new []htmlImage) {
	edits := diffElements(imageKeys(before), imageKeys(after))
	moved := movedElements(edits)
	partner := imagePartners(edits)
	for i, image := range before {
		shown := b.image(image)
		if partner.ofOld[i] < 0 {
			shown.Kind, shown.Word = markCut, "removed"
			shown.Caption = wholeText(image.Description, b.limit)
		} else {
			shown.Caption, _, _ = compareTexts(image.Description, after[partner.ofOld[i]].Description, b.limit)
		}
		old = append(old, shown)
	}
	movedNew := map[int]bool{}
	j := 0
	for i, e := range edits {
		if e.kind == cut {
			continue
		}
		movedNew[j] = e.kind == put && moved[i]
		j++
	}
	for j, image := range after {
		shown := b.image(image)
		switch i := partner.ofNew[j]; {
		case i < 0:
			shown.Kind, shown.Word = markPut, "added"
			shown.Caption = wholeText(image.Description, b.limit)
		default:
			_, shown.Caption, _ = compareTexts(before[i].Description, image.Description, b.limit)
			if movedNew[j] {
				shown.Kind, shown.Word = markMove, "moved"
			}
		}
		new = append(new, shown)
	}
	return old, new
}

// imageKeys tell images apart by content; one whose content is not known is
// equal to none of another name.
func imageKeys(images []plan.Image) []string {
	keys := make([]string, len(images))
	for i, image := range images {
		keys[i] = image.Digest
		if image.Digest == "" {
			keys[i] = "unknown " + image.ID + image.Name
		}
	}
	return keys
}

// imagePairs tells for each image which one of the other side it is, -1 for none.
type imagePairs struct{ ofOld, ofNew []int }

func imagePartners(edits []edit) imagePairs {
	var pairs imagePairs
	var oldKeys []string
	free := map[string][]int{} // places in before by content, not yet paired
	for _, e := range edits {
		if e.kind != put {
			free[e.text] = append(free[e.text], len(oldKeys))
			oldKeys = append(oldKeys, e.text)
			pairs.ofOld = append(pairs.ofOld, -1)
		}
	}
	for _, e := range edits {
		if e.kind == cut {
			continue
		}
		i := -1
		if places := free[e.text]; len(places) > 0 {
			i, free[e.text] = places[0], places[1:]
			pairs.ofOld[i] = len(pairs.ofNew)
		}
		pairs.ofNew = append(pairs.ofNew, i)
	}
	return pairs
}

// image is an image with its picture, where the page can have it: the content
// of a stored image is at hand when a local file has the same digest.
func (b *htmlBuilder) image(i plan.Image) htmlImage {
	shown := htmlImage{Width: i.Width, Height: i.Height, Name: sanitize(b.files.imageName(i)), Facts: b.imageFacts(i)}
	if shown.Name == "" {
		shown.Name = "Stored image"
		if i.ID != "" {
			shown.Name += " " + sanitize(i.ID)
		}
	}
	picture, why := b.pictures.of(i)
	shown.Picture, shown.Why = picture.ID, why
	if picture.ID != "" {
		shown.Width, shown.Height = picture.Width, picture.Height
	}
	const most = 20_000
	if shown.Width <= 0 || shown.Height <= 0 || shown.Width > most || shown.Height > most {
		shown.Width, shown.Height = 16, 10
	}
	shown.Label = shown.Name
	if i.Description != "" {
		shown.Label += ": " + sanitize(i.Description)
	}
	return shown
}

func (b *htmlBuilder) imageFacts(i plan.Image) string {
	var facts []string
	if i.Width > 0 && i.Height > 0 {
		facts = append(facts, fmt.Sprintf("%d×%d", i.Width, i.Height))
	}
	if bytes, known := b.files.sizes[i.Name]; known && i.Name != "" {
		facts = append(facts, humanBytes(bytes))
	}
	if i.Digest != "" {
		facts = append(facts, shortDigest(i.Digest))
	}
	return strings.Join(facts, " · ")
}

// shortDigest is as much of a digest as tells it apart.
func shortDigest(digest string) string {
	const enough = len("sha256:") + 12
	return sanitize(runeHead(digest, enough))
}
