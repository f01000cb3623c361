package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// setField shows what joins and what leaves a set.
func (v *planView) setField(mark span, name string, label int, c plan.Change) {
	before, after := elements(c.Before), elements(c.After)
	joined, left := without(after, before), without(before, after)
	v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)+" "), text(setSize(before, after)), inked(setMoves(before, joined, left), faint))
	if len(joined) > 0 {
		v.hanging(blockIndent, blockIndent+2, inked("+ ", added), text(joinIsolated(joined)))
	}
	if len(left) > 0 {
		v.hanging(blockIndent, blockIndent+2, inked("- ", removed), text(joinIsolated(left)))
	}
}

// without are the elements of a list that another one does not have, or has
// fewer times.
func without(list, other []string) []string {
	times := map[string]int{}
	for _, e := range other {
		times[e]++
	}
	var own []string
	for _, e := range list {
		if times[e]--; times[e] < 0 {
			own = append(own, e)
		}
	}
	return own
}

func setSize(before, after []string) string {
	switch {
	case len(before) == 0:
		return strconv.Itoa(len(after))
	case len(after) == 0:
		return fmt.Sprintf("%d → none", len(before))
	}
	return fmt.Sprintf("%d → %d", len(before), len(after))
}

// setMoves counts what joins and leaves a set that was there before.
func setMoves(before, joined, left []string) string {
	var parts []string
	if len(joined) > 0 && len(before) > 0 {
		parts = append(parts, fmt.Sprintf("%d added", len(joined)))
	}
	if len(left) > 0 {
		parts = append(parts, fmt.Sprintf("%d removed", len(left)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  (" + strings.Join(parts, ", ") + ")"
}

// listField shows a list by element: what goes, what comes, and how many stay.
func (v *planView) listField(mark span, name string, label int, c plan.Change) {
	before, after := elements(c.Before), elements(c.After)
	v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)+" "), text(listSize(before, after)))
	edits := diffElements(before, after)
	moved := movedElements(edits)
	for i, e := range edits {
		switch {
		case e.kind == kept:
			v.hanging(blockIndent, blockIndent+2, inked("  "+isolated(sanitize(e.text)), faint))
		case e.kind == put && moved[i]:
			v.hanging(blockIndent, blockIndent+2, inked("~ ", updated), text(isolated(sanitize(e.text))), inked("  moves", faint))
		case e.kind == put:
			v.hanging(blockIndent, blockIndent+2, inked("+ ", added), text(isolated(sanitize(e.text))))
		case !moved[i]:
			v.hanging(blockIndent, blockIndent+2, inked("- ", removed), text(isolated(sanitize(e.text))))
		}
	}
}

// movedElements tells which edits are two halves of a move: an element that is
// cut in one place and put in another.
func movedElements(edits []edit) []bool {
	moved := make([]bool, len(edits))
	for i, e := range edits {
		if e.kind != cut {
			continue
		}
		for j, other := range edits {
			if other.kind == put && other.text == e.text && !moved[j] {
				moved[i], moved[j] = true, true
				break
			}
		}
	}
	return moved
}

func listSize(before, after []string) string {
	switch {
	case len(before) == 0:
		return count(len(after), "item")
	case len(after) == 0:
		return count(len(before), "item") + " → none"
	case sameElements(before, after):
		return "in another order"
	}
	return fmt.Sprintf("%d → %s", len(before), count(len(after), "item"))
}

func sameElements(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// diffElements compares lists by longest common subsequence. Lists of the
// Store have at most a few dozen elements.
func diffElements(before, after []string) []edit {
	longest := make([][]int, len(before)+1)
	for i := range longest {
		longest[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if before[i] == after[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var edits []edit
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			edits = append(edits, edit{kept, before[i]})
			i, j = i+1, j+1
		case j == len(after) || (i < len(before) && longest[i+1][j] >= longest[i][j+1]):
			edits = append(edits, edit{cut, before[i]})
			i++
		default:
			edits = append(edits, edit{put, after[j]})
			j++
		}
	}
	return edits
}

// elements are a list's elements as text, not sanitised yet; small objects show
// their fields.
func elements(raw json.RawMessage) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	all := make([]string, len(list))
	for i, e := range list {
		var s string
		if json.Unmarshal(e, &s) == nil {
			all[i] = s
			continue
		}
		all[i] = rowText(e)
	}
	return all
}

// rowText is a small object as name: value pairs, in the order of its JSON.
func rowText(raw json.RawMessage) string {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return sanitize(string(raw))
	}
	var parts []string
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return sanitize(string(raw))
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return sanitize(string(raw))
		}
		parts = append(parts, fmt.Sprintf("%s: %s", sanitize(fmt.Sprint(key)), scalarText(value)))
	}
	return strings.Join(parts, ", ")
}

// imagesField shows images by file, with what is known of each.
func (v *planView) imagesField(mark span, name string, label int, c plan.Change) {
	before, after := imagesOf(c.Before), imagesOf(c.After)
	keys := func(images []plan.Image) []string {
		all := make([]string, len(images))
		for i, image := range images {
			all[i] = image.Digest
			if image.Digest == "" {
				all[i] = "unknown " + image.ID + image.Name
			}
		}
		return all
	}
	oldKeys, newKeys := keys(before), keys(after)
	edits := diffElements(oldKeys, newKeys)
	captions := captionEdits(edits, before, after)
	v.hanging(fieldIndent, blockIndent, mark, text(padded(name, label)+" "), text(imagesSize(oldKeys, newKeys, len(captions))))
	moved := movedElements(edits)
	i, j := 0, 0 // the next image of before and of after
	for n, e := range edits {
		switch {
		case e.kind == kept && captions[j] != "":
			v.hanging(blockIndent, blockIndent+2, inked("~ ", updated), text(v.imageText(after[j])))
			v.hanging(blockIndent+4, blockIndent+6, text("caption: "+captions[j]))
		case e.kind == kept:
			v.hanging(blockIndent, blockIndent+2, inked("  "+v.imageText(after[j])+"  stays", faint))
		case e.kind == put && moved[n]:
			v.hanging(blockIndent, blockIndent+2, inked("~ ", updated), text(v.imageText(after[j])), inked("  moves", faint))
			if captions[j] != "" {
				v.hanging(blockIndent+4, blockIndent+6, text("caption: "+captions[j]))
			}
		case e.kind == put:
			v.hanging(blockIndent, blockIndent+2, inked("+ ", added), text(v.imageText(after[j])+captionText(after[j])))
		case !moved[n]:
			v.hanging(blockIndent, blockIndent+2, inked("- ", removed), text(v.imageText(before[i])+captionText(before[i])))
		}
		if e.kind != put {
			i++
		}
		if e.kind != cut {
			j++
		}
	}
}

// captionEdits are the changed captions of images that stay or move, as before
// and after, by their place in after.
func captionEdits(edits []edit, before, after []plan.Image) map[int]string {
	stored := map[string][]plan.Image{} // by key, not yet paired
	i := 0
	for _, e := range edits {
		if e.kind != put {
			stored[e.text] = append(stored[e.text], before[i])
			i++
		}
	}
	captions := map[int]string{}
	j := 0
	for _, e := range edits {
		if e.kind == cut {
			continue
		}
		if pairs := stored[e.text]; len(pairs) > 0 {
			stored[e.text] = pairs[1:]
			if pairs[0].Description != after[j].Description {
				captions[j] = quotedCaption(pairs[0]) + " → " + quotedCaption(after[j])
			}
		}
		j++
	}
	return captions
}

func quotedCaption(i plan.Image) string {
	if i.Description == "" {
		return "(none)"
	}
	return isolated(`"` + sanitize(i.Description) + `"`)
}

// captionText is the caption behind an image that comes or goes.
func captionText(i plan.Image) string {
	if i.Description == "" {
		return ""
	}
	return "  " + quotedCaption(i)
}

func imagesSize(before, after []string, captions int) string {
	switch {
	case slices.Equal(before, after) && captions > 0:
		return count(len(after), "image") + ", " + count(captions, "caption") + " changed"
	case slices.Equal(before, after):
		return count(len(after), "image") + ", sent again"
	case sameElements(before, after):
		return "in another order"
	case len(before) == 0:
		return count(len(after), "image")
	case len(after) == 0:
		return count(len(before), "image") + " → none"
	}
	return fmt.Sprintf("%d → %s", len(before), count(len(after), "image"))
}

func imagesOf(raw json.RawMessage) []plan.Image {
	return plan.Value{Type: plan.Images, JSON: raw}.Images()
}

func pixels(i plan.Image) string {
	if i.Width == 0 || i.Height == 0 {
		return ""
	}
	return fmt.Sprintf("  %dx%d", i.Width, i.Height)
}
