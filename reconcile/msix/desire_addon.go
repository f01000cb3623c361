package msix

import (
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// addOn sets what an AddOn manifest writes of a submission.
func (d *desirer) addOn() {
	a := d.manifest.AddOn
	d.spec = addOnForm(a)
	d.app()
	d.publishing()
	d.prices()
	d.listings()
	for _, f := range addOnScalars(a) {
		if f.want != nil {
			d.desired.Set[plan.Path(f.name)] = plan.StringValue(*f.want)
		}
	}
	// One value, in the order as written: an app's code may show the first.
	if a.Keywords != nil {
		d.desired.Set[fieldKeywords] = plan.ListValue(a.Keywords)
	}
	d.text(fieldTag, a.Tag)
	for _, key := range slices.Sorted(maps.Keys(a.Listings)) {
		if icon := a.Listings[key].Icon; icon != nil {
			d.desired.Set[iconPath(spellLanguage(d.live, key))] = iconValue(icon)
		}
	}
}

// iconValue is a wanted icon. One without a file is none: it takes the stored
// one away.
func iconValue(icon *schema.Image) plan.Value {
	if icon.SHA256 == "" {
		return plan.ImagesValue(nil)
	}
	return plan.ImagesValue([]plan.Image{{Digest: "sha256:" + icon.SHA256, Width: icon.Width, Height: icon.Height, Name: icon.Name}})
}

// managesIcon reports whether a manifest writes the icon at a path.
func managesIcon(a *schema.AddOn, path plan.Path) bool {
	for key, listing := range a.Listings {
		if listing.Icon != nil && strings.EqualFold(string(iconPath(key)), string(path)) {
			return true
		}
	}
	return false
}
