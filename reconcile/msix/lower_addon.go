package msix

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// applyAddOn puts the changes of an add-on into the target document. What an
// add-on has in common with an app is written as an app's; its listings hold
// their texts and the icon directly.
func (l *lowering) applyAddOn(changes []plan.Change) error {
	for _, change := range changes {
		l.place = change.Path
		segments := strings.Split(string(change.Path), ".")
		var err error
		switch {
		case segments[0] == fieldListings && len(segments) == 3:
			err = l.writeAddOnListing(change.Path, segments[1], segments[2])
		default:
			err = l.write(change, segments)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAddOnListing puts a text or the icon into a language's listing; a new
// language's is made.
func (l *lowering) writeAddOnListing(path plan.Path, language, field string) error {
	if listing := pointerTo(fieldListings, language); l.target.find(listing) == nil {
		if err := l.target.set(listing, json.RawMessage("{}")); err != nil {
			return err
		}
	}
	if field == fieldIcon {
		return l.writeIcon(language, l.Target[path].Images())
	}
	return l.set(addOnListingPointer(language, field), path, l.Target[path])
}

// writeIcon brings a language's icon to the target. A new one takes the place of
// the stored one in its object; one that goes without another is named as
// PendingDelete, since one that is left out stays (both as in StoreBroker's
// StoreIngestionIapApi.ps1).
func (l *lowering) writeIcon(language string, wanted []plan.Image) error {
	pointer := addOnListingPointer(language, fieldIcon)
	stored := &document{root: &node{members: map[string]*node{}}}
	if found := l.target.find(pointer); found != nil && found.members != nil {
		stored.root = found
	}
	there := stored.text("/fileName") != ""
	switch {
	case len(wanted) == 0 && there:
		return stored.set("/fileStatus", encode(filePendingDelete))
	case len(wanted) == 0:
		return nil
	case there && l.isIcon(stored, wanted[0]):
		return keepImage(stored, wanted[0])
	}
	digest, ok := strings.CutPrefix(wanted[0].Digest, "sha256:")
	if !ok || wanted[0].Name == "" {
		return fmt.Errorf("icon %q of %s is neither at the Store nor in the manifest", wanted[0].Name, language)
	}
	// A stored file is never sent anew under its own name: the Store takes that
	// for no change, or for a missing file.
	taken := map[string]bool{strings.ToLower(entryName(stored.text("/fileName"))): true}
	name := freeName(taken, imageName(language, fieldIcon, digest))
	return l.target.set(pointer, encode(map[string]string{"fileName": name, "fileStatus": statusPendingUpload}))
}

// isIcon reports whether a stored icon is one of the target. None is when all
// are to be sent anew.
func (l *lowering) isIcon(stored *document, icon plan.Image) bool {
	if l.ReuploadImages && icon.Name != "" {
		return false
	}
	id := iconID(storedImage{ID: flexString(stored.id()), FileName: stored.text("/fileName")})
	digest := storedDigest(stored.text("/fileName"), id, l.contents)
	if digest == "" || icon.Digest == "" {
		return icon.ID == id
	}
	return digest == icon.Digest
}

// localIcons are the icons that a manifest writes.
func localIcons(a *schema.AddOn) []schema.Image {
	var icons []schema.Image
	for _, listing := range a.Listings {
		if listing.Icon != nil && listing.Icon.SHA256 != "" {
			icons = append(icons, *listing.Icon)
		}
	}
	return icons
}
