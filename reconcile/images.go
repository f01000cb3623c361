package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// contentKey is under which a record keeps the file of a content, for an API
// whose images have no id when they are sent.
func contentKey(sum string) string { return "sha256:" + sum }

// imageNames are the files that stored images were made of, as far as the record
// knows, by the Store's id and by content.
func imageNames(r *record.Record) map[string]string {
	names := map[string]string{}
	for id, image := range r.Images {
		if image.Name != "" {
			names[id], names[contentKey(image.SHA256)] = image.Name, image.Name
		}
	}
	return names
}

// named gives stored images the names of the files that they were made of, so
// that a person recognises them.
func named(value plan.Value, names map[string]string) plan.Value {
	images := value.Images()
	found := false
	for i, image := range images {
		if image.Name == "" {
			images[i].Name = cmp.Or(names[image.ID], names[image.Digest])
			found = found || images[i].Name != ""
		}
	}
	if found {
		value.JSON = plan.Encode(images)
	}
	return value
}

// mayBeEqual reports whether two lists of images may be the same though the
// content of some is not known: nothing that is known of them differs.
func mayBeEqual(stored, wanted plan.Value) bool {
	a, b := stored.Images(), wanted.Images()
	if len(a) != len(b) || len(a) == 0 {
		return false
	}
	for i := range a {
		if a[i].Digest != "" && b[i].Digest != "" && a[i].Digest != b[i].Digest || a[i].Description != b[i].Description {
			return false
		}
	}
	return true
}

// noticeUnknownImages says in one line which images could not be compared.
func (c *compared) noticeUnknownImages() {
	if len(c.unknownImages) == 0 {
		return
	}
	n, why := 0, "their content is in no record"
	names := make([]string, len(c.unknownImages))
	for i, path := range c.unknownImages {
		why = cmp.Or(c.live[path].Why, why)
		n += len(c.live[path].Images())
		names[i] = string(path)
	}
	c.notice(c.unknownImages[0], "Whether %s the files in git cannot be told: %s, and nothing else that is known of them differs (%s). --reupload-images %s sends all images anew.",
		counted(n, "stored image equals", "stored images equal"), why, someOf(names), c.address())
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// addReuploads adds the managed image sets that equal what is stored.
func (c *compared) addReuploads() {
	for path, value := range c.desired.Set {
		if value.Type != plan.Images || slices.ContainsFunc(c.changes, func(change plan.Change) bool { return change.Path == path }) {
			continue
		}
		change := plan.ChangeOf(path, c.live[path], value)
		change.Reason = "--reupload-images"
		c.changes = append(c.changes, change)
	}
}
