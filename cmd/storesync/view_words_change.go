package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// A change in words, for views that have one line for it.

const (
	// briefColumns is how much of a value is shown in a sentence.
	briefColumns = 60
	// changedColumns is how much is shown of one stretch of changed words.
	changedColumns = 120
	// namedElements is how many elements of a list are named.
	namedElements = 10
)

// changeSentence is one change in words.
func changeSentence(c plan.Change) string {
	s := valuesSentence(c)
	if c.Reason != "" {
		s = strings.TrimPrefix(s+"\n"+c.Reason, "\n")
	}
	if s == "" {
		s = "Cannot be compared."
	}
	return s
}

// valuesSentence is what both sides have, "" where neither is known.
func valuesSentence(c plan.Change) string {
	switch {
	case c.Sensitive:
		return "The values are sensitive and not shown."
	case rolloutWords(c) != "":
		return capitalised(rolloutWords(c)) + "."
	case c.Action == plan.ActionReport && !hasBothTexts(c):
		return reportSentence(c)
	case c.Action == plan.ActionCreate:
		return "The Store has nothing here; the manifest has " + briefly(c.Type, c.After) + "."
	case c.Action == plan.ActionDelete:
		return "The Store has " + briefly(c.Type, c.Before) + "; the manifest has nothing here."
	case isNothing(c.Before):
		// The Store's value is hidden while a submission runs.
		return "The manifest has " + briefly(c.Type, c.After) + "."
	}
	switch c.Type {
	case plan.List, plan.Set:
		return listSentence(elements(c.Before), elements(c.After), "item")
	case plan.Images:
		return imagesSentence(imagesOf(c.Before), imagesOf(c.After))
	case plan.Text:
		return proseSentence(c, textOf(c.Before), textOf(c.After))
	}
	return proseSentence(c, withoutIsolates(scalarText(c.Before)), withoutIsolates(scalarText(c.After)))
}

// reportSentence is what the Store has where nothing is to change.
func reportSentence(c plan.Change) string {
	switch {
	case c.Type == plan.Images && !isNothing(c.Before):
		return "Cannot be compared: the content of " + count(len(imagesOf(c.Before)), "stored image") + " is not known."
	case !isNothing(c.Before):
		return "The Store has " + briefly(c.Type, c.Before) + "."
	case !isNothing(c.After):
		return "The Store has " + briefly(c.Type, c.After) + "."
	}
	return ""
}

// proseSentence shows short values whole, and of long ones the words that
// differ: their beginnings are mostly the same.
func proseSentence(c plan.Change, before, after string) string {
	if columns(before) <= briefColumns && columns(after) <= briefColumns {
		return "The Store has " + briefly(c.Type, c.Before) + "; the manifest has " + briefly(c.Type, c.After) + "."
	}
	return "The Store has [-this-], the manifest {+this+}: " + changedWords(diffWords(before, after))
}

// changedWords are the words that differ, marked as `git diff --word-diff` does,
// with some of those around them.
func changedWords(edits []edit) string {
	var b strings.Builder
	for i, e := range edits {
		switch e.kind {
		case cut:
			b.WriteString("[-" + sanitize(ends(e.text)) + "-]")
		case put:
			b.WriteString("{+" + sanitize(ends(e.text)) + "+}")
		case kept:
			b.WriteString(sanitize(contextOf(e.text, i > 0, i < len(edits)-1)))
		}
	}
	return b.String()
}

// ends are the beginning and the end of a stretch of text, or all of it.
func ends(s string) string {
	if columns(s) <= changedColumns {
		return s
	}
	return headLines(s, changedColumns*2/3) + " … " + tailOf(s, changedColumns/3)
}

// listSentence says how many elements both sides have, and which of them only
// one side has.
func listSentence(before, after []string, noun string) string {
	s := "The Store has " + count(len(before), noun) + "; the manifest has " + count(len(after), noun) + "."
	joined, left := without(after, before), without(before, after)
	if len(joined) > 0 {
		s += " Only in the manifest: " + namesOf(joined) + "."
	}
	if len(left) > 0 {
		s += " Only in the Store: " + namesOf(left) + "."
	}
	if len(joined) == 0 && len(left) == 0 {
		s = fmt.Sprintf("The same %s in another order.", count(len(after), noun))
	}
	return s
}

func namesOf(elements []string) string {
	names := make([]string, len(elements))
	for i, e := range elements {
		names[i] = shorten(withoutIsolates(e), briefColumns)
	}
	return someOf(names, namedElements)
}

// imagesSentence is listSentence of images, which are named by their files.
func imagesSentence(before, after []plan.Image) string {
	named := map[string]string{} // by digest
	for _, i := range after {
		named[i.Digest] = i.Name
	}
	names := func(images []plan.Image) []string {
		all := make([]string, len(images))
		for i, image := range images {
			switch {
			case image.Name != "":
				all[i] = image.Name
			case image.Digest != "" && named[image.Digest] != "":
				all[i] = named[image.Digest]
			default:
				all[i] = storedImageText(image)
			}
		}
		return all
	}
	had, wants := names(before), names(after)
	if strings.Join(had, "\x00") == strings.Join(wants, "\x00") {
		return "The same " + count(len(after), "image") + " with other captions."
	}
	return listSentence(had, wants, "image")
}

// briefly is a value in a few words.
func briefly(t plan.Type, raw json.RawMessage) string {
	switch {
	case isNothing(raw):
		return "nothing"
	case t == plan.Images:
		return count(len(imagesOf(raw)), "image")
	case t == plan.List, t == plan.Set:
		return count(len(elements(raw)), "item")
	case t == "":
		return "a group of values"
	case t == plan.Text:
		return `"` + shorten(textOf(raw), briefColumns) + `"`
	}
	return shorten(withoutIsolates(scalarText(raw)), briefColumns)
}

func isNothing(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// withoutIsolates takes out what keeps the direction of text apart on a
// terminal: in a finding, which is made safe as a whole, it would be shown.
func withoutIsolates(s string) string {
	return strings.NewReplacer(isolateStart, "", isolateEnd, "").Replace(s)
}
