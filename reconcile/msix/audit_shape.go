package msix

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// oddShapes finds what of a submission is no object though the API page says
// so: what lies in it cannot be read, so a plan would take it for missing and
// blame the manifest, and what is written into it has no place to go. Null is no
// such thing: it stands for an empty one, as in dumps of submissions (msstore-cli
// issue 50), and goes back as it came.
func oddShapes(m *schema.Manifest, d *document) schema.Diagnostics {
	var found schema.Diagnostics
	look := func(path plan.Path, tokens ...string) {
		n := d.find(pointerTo(tokens...))
		if n == nil || n.members != nil || n.isNull() {
			return
		}
		found = append(found, diagnostic(m, schema.SeverityError, path, "what the Store answers there "+notObject(n)+", so nothing in it can be read or sent back", strangeForm))
	}
	kind := kindOf(m)
	if kind != kindAddOn {
		look(fieldDelivery, fieldDelivery)
		look(plan.PathRollout, fieldDelivery, "packageRollout")
	}
	if kind == kindFlight {
		return found
	}
	look(fieldFutureFamilies, fieldFutureFamilies)
	look(fieldPricing, fieldPricing)
	look(plan.Join(fieldPricing, fieldMarkets), fieldPricing, fieldMarkets)
	look(fieldListings, fieldListings)
	for _, language := range d.keys(pointerTo(fieldListings)) {
		path := plan.Path(fieldListings)
		if isSegment(language) {
			path = plan.Join(fieldListings, language)
		}
		look(path, fieldListings, language)
		look(path, fieldListings, language, "baseListing")
	}
	return found
}

// notObject says what stands where an object belongs.
func notObject(n *node) string {
	what := "a number"
	switch {
	case n.array:
		what = "a list"
	case n.isNull():
		what = "null"
	case strings.HasPrefix(string(n.leaf), `"`):
		what = "a text"
	case slices.Contains([]string{"true", "false"}, string(n.leaf)):
		what = "a yes or no"
	}
	return "is not an object but " + what
}
