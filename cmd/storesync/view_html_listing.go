package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// htmlListing is one language's listing as customers will see it, or that of
// several languages that change alike.
type htmlListing struct {
	ID        string
	Languages []htmlLanguage
	Action    htmlAction
	// OldTitle and NewTitle are the app's title, or the product's name where the
	// title does not change; the icons are an app's square logo.
	OldTitle, NewTitle []htmlMark
	OldIcon, NewIcon   htmlIcon
	TitleLang          string
	TitleDir           string
	// SameHead: the title and the icon stay.
	SameHead bool
	// Changed names the fields, for the folded card.
	Changed []string
	// OnlyNew and OnlyOld: the other side has nothing, so it is not drawn.
	OnlyNew, OnlyOld bool
	Rows             []htmlRow
	Remarks          []htmlRemark
	// Open cards show their rows at once.
	Open bool
	// Lang and Dir are the attributes of its text.
	Lang, Dir string
}

// htmlIcon is a picture in the page, or a letter in its place.
type htmlIcon struct {
	Picture       string
	Width, Height int
	Letter        string
}

// htmlLanguage is a language tag. The page's script adds its name.
type htmlLanguage struct{ Tag, Lang string }

// openListings is up to how many cards of a product are open from the start.
const openListings = 6

// listings are the cards of a product, languages in the order of the plan.
func (b *htmlBuilder) listings(p *plan.Product, prefix string) []htmlListing {
	type byLanguage struct {
		tag     string
		changes []plan.Change
	}
	var languages []*byLanguage
	index := map[string]*byLanguage{}
	for _, c := range p.Changes {
		tag := listingLanguage(c.Path)
		if tag == "" {
			continue
		}
		if index[tag] == nil {
			index[tag] = &byLanguage{tag: tag}
			languages = append(languages, index[tag])
		}
		index[tag].changes = append(index[tag].changes, c)
	}
	alike := map[string][]string{}
	for _, l := range languages {
		key := listingSameness(l.changes)
		alike[key] = append(alike[key], l.tag)
	}
	var cards []htmlListing
	for _, l := range languages {
		key := listingSameness(l.changes)
		tags := alike[key]
		if len(tags) < alikeAtLeast {
			tags = []string{l.tag}
		} else if tags[0] != l.tag {
			continue
		}
		card := b.listing(p, tags, l.changes)
		card.ID = fmt.Sprintf("%s-%d", prefix, len(cards)+1)
		cards = append(cards, card)
	}
	for i := range cards {
		cards[i].Open = len(cards) <= openListings
	}
	return cards
}

// listingLanguage is the language that a path is of, "" for none.
func listingLanguage(p plan.Path) string {
	segments := strings.SplitN(string(p), ".", 3)
	if len(segments) < 2 || segments[0] != "listings" {
		return ""
	}
	return segments[1]
}

// listingSameness is equal for languages whose listings change alike.
func listingSameness(changes []plan.Change) string {
	var b strings.Builder
	for _, c := range changes {
		_, rest := splitListing(c.Path)
		b.WriteString(sameness(rest, c) + "\x01")
	}
	return b.String()
}

func (b *htmlBuilder) listing(p *plan.Product, tags []string, changes []plan.Change) htmlListing {
	card := htmlListing{Action: actionOf(plan.ActionUpdate)}
	for _, tag := range tags {
		card.Languages = append(card.Languages, languageOf(tag))
	}
	card.Lang, card.Dir = card.Languages[0].Lang, directionOf(tags[0])
	if len(tags) > 1 {
		card.Lang, card.Dir = "", "auto"
	}
	for _, c := range changes {
		_, rest := splitListing(c.Path)
		if rest == "" {
			// The language as a whole, whose values stand in an object.
			card.Remarks = append(card.Remarks, remarksOf(p, c)...)
			card.Rows = append(card.Rows, b.memberRows(p, c)...)
			card.Action = actionOf(c.Action)
			continue
		}
		card.Rows = append(card.Rows, b.listingRow(p, c, rest))
	}
	slices.SortStableFunc(card.Rows, func(x, y htmlRow) int { return storeOrder(x.Path) - storeOrder(y.Path) })
	for _, r := range card.Rows {
		if !slices.Contains(card.Changed, r.Label) {
			card.Changed = append(card.Changed, r.Label)
		}
	}
	card.OnlyNew = everyRow(card.Rows, func(r htmlRow) bool { return r.Action.Class == "add" })
	card.OnlyOld = everyRow(card.Rows, func(r htmlRow) bool { return r.Action.Class == "remove" })
	card.head(p)
	card.SameHead = card.sameHead()
	if card.OnlyNew {
		card.Action = actionOf(plan.ActionCreate)
	}
	return card
}

// head makes the top of the card: a changed title is shown there instead of in
// a row of its own, unless there is more to say about it.
func (card *htmlListing) head(p *plan.Product) {
	name := []htmlMark{{"", sanitize(productName(p))}}
	card.OldTitle, card.NewTitle, card.TitleDir = name, name, "auto"
	letter := initialOf(productName(p))
	card.OldIcon, card.NewIcon = htmlIcon{Letter: letter}, htmlIcon{Letter: letter}
	for i, r := range card.Rows {
		switch {
		case r.Shape == "title" && len(r.Remarks) == 0 && (len(r.Old.Marks) > 0 || card.OnlyNew) && (len(r.New.Marks) > 0 || card.OnlyOld):
			card.OldTitle, card.NewTitle, card.TitleLang, card.TitleDir = r.Old.Marks, r.New.Marks, card.Lang, card.Dir
			card.Rows = slices.Delete(slices.Clone(card.Rows), i, i+1)
		case isIcon(r.Path):
			card.OldIcon, card.NewIcon = iconOf(r.Old.Images, card.OldIcon), iconOf(r.New.Images, card.NewIcon)
		default:
			continue
		}
	}
}

// sameHead reports whether the top of the card is the same on both sides.
func (card *htmlListing) sameHead() bool {
	return card.OldIcon == card.NewIcon && slices.Equal(card.OldTitle, card.NewTitle)
}

// isIcon reports whether a path holds images of the app's logo.
func isIcon(path string) bool {
	_, rest := splitListing(plan.Path(path))
	return slices.Contains([]string{"logos", "icon", "images.StoreLogoSquare", "images.Icon"}, rest)
}

// iconOf is the first square picture, or what stands there already.
func iconOf(images []htmlImage, instead htmlIcon) htmlIcon {
	for _, i := range images {
		if i.Picture != "" && i.Width == i.Height {
			return htmlIcon{Picture: i.Picture, Width: i.Width, Height: i.Height}
		}
	}
	return instead
}

func everyRow(rows []htmlRow, holds func(htmlRow) bool) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r htmlRow) bool { return !holds(r) })
}

// memberRows are the values of a removed language, one row each.
func (b *htmlBuilder) memberRows(p *plan.Product, whole plan.Change) []htmlRow {
	var rows []htmlRow
	for _, member := range membersOf(whole) {
		_, rest := splitListing(member.Path)
		rows = append(rows, b.listingRow(p, member, rest))
	}
	return rows
}

// membersOf are the values of a group that comes or goes as a whole, as changes
// of their own. Their types are not in the plan and are seen from their shape.
func membersOf(whole plan.Change) []plan.Change {
	raw := whole.Before
	if whole.Action == plan.ActionCreate {
		raw = whole.After
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	var changes []plan.Change
	for _, key := range slices.Sorted(maps.Keys(members)) {
		value := members[key]
		if (plan.Value{JSON: value}).Empty() {
			continue
		}
		c := plan.Change{Path: plan.Join(string(whole.Path), key), Action: whole.Action, Type: guessType(value)}
		if whole.Action == plan.ActionCreate {
			c.After = value
		} else {
			c.Before = value
		}
		changes = append(changes, c)
	}
	return changes
}

// guessType guesses a type from a value.
func guessType(raw json.RawMessage) plan.Type {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		var image struct {
			Digest *string `json:"digest"`
		}
		if len(list) > 0 && json.Unmarshal(list[0], &image) == nil && image.Digest != nil {
			return plan.Images
		}
		return plan.List
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return plan.Text
	}
	return plan.Scalar
}

func (b *htmlBuilder) listingRow(p *plan.Product, c plan.Change, rest string) htmlRow {
	label, shape := listingField(rest)
	r := b.row(p, c, label)
	if shape != "" && (r.Shape == "text" || r.Shape == "list" || r.Shape == "value") {
		r.Shape = shape
	}
	if r.Shape == "images" && isIcon(r.Path) {
		r.Shape = "images icons"
	}
	return r
}

// storeFields are the fields of a listing in the order of a Store page, with
// what they are called there and how they look. Names are those of both APIs.
var storeFields = []struct{ name, label, shape string }{
	{"images.StoreLogo9x16", "Poster", ""},
	{"images.StoreLogoSquare", "Box art", ""},
	{"images.Icon", "App icon", ""},
	{"logos", "Logos", ""},
	{"icon", "Icon", ""},
	{"title", "Title", "title"},
	{"shortTitle", "Short title", ""},
	{"devStudio", "Developed by", ""},
	{"developedBy", "Developed by", ""},
	{"shortDescription", "Short description", "lede"},
	{"images.Screenshot", "Screenshots", ""},
	{"screenshots", "Screenshots", ""},
	{"images", "Images", ""},
	{"trailers", "Trailers", ""},
	{"description", "Description", ""},
	{"features", "Features", ""},
	{"productFeatures", "Features", ""},
	{"releaseNotes", "What’s new in this version", ""},
	{"whatsNew", "What’s new in this version", ""},
	{"keywords", "Search terms", "words"},
	{"searchTerms", "Search terms", "words"},
	{"minimumHardware", "Minimum hardware", ""},
	{"recommendedHardware", "Recommended hardware", ""},
	{"requirements", "System requirements", ""},
	{"contactInfo", "Support contact", ""},
	{"copyrightAndTrademarkInfo", "Copyright", ""},
	{"copyright", "Copyright", ""},
	{"licenseTerms", "Licence terms", "terms"},
	{"additionalLicenseTerms", "Licence terms", "terms"},
}

// listingField is what a listing field is called and how it looks.
func listingField(rest string) (label, shape string) {
	for _, f := range storeFields {
		if f.name == rest {
			return f.label, f.shape
		}
	}
	if name, ok := strings.CutPrefix(rest, "images."); ok {
		return fieldWords(name), ""
	}
	return fieldWords(rest), ""
}

// storeOrder is where a listing's path stands on a Store page.
func storeOrder(path string) int {
	_, rest := splitListing(plan.Path(path))
	for i, f := range storeFields {
		if f.name == rest || strings.HasPrefix(rest, f.name+".") {
			return i
		}
	}
	return len(storeFields)
}

// languageOf is a language as the page names it; a tag that is not one gets no
// lang attribute, which would make a reader guess.
func languageOf(tag string) htmlLanguage {
	l := htmlLanguage{Tag: sanitize(tag)}
	if isLanguageTag(tag) {
		l.Lang = tag
	}
	return l
}

// isLanguageTag reports whether a text is made like a language tag (RFC 5646).
func isLanguageTag(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if len(part) == 0 || len(part) > 8 || (i == 0 && (len(part) < 2 || len(part) > 3)) {
			return false
		}
		for _, r := range part {
			if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}

// directionOf is the dir attribute of a language's text.
func directionOf(tag string) string {
	parts := strings.Split(strings.ToLower(tag), "-")
	if len(parts) > 1 && len(parts[1]) == 4 {
		if slices.Contains([]string{"arab", "hebr", "syrc", "thaa", "nkoo", "adlm", "rohg"}, parts[1]) {
			return "rtl"
		}
		return "ltr"
	}
	if slices.Contains([]string{"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "prs", "ps", "sd", "syr", "ug", "ur", "yi"}, parts[0]) {
		return "rtl"
	}
	return "ltr"
}
