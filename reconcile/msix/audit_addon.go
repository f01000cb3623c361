package msix

import (
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/schema"
)

// auditAddOn judges the target of an add-on by what its page of Partner Center
// calls required
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/add-on/create-app-submission):
// a base price, a content type, and a listing with a title. Lifetime is
// required, too, and Forever unless it is set.
func auditAddOn(m *schema.Manifest, observed *reconcile.Observed, target plan.State) schema.Diagnostics {
	live, err := baseOf(observed)
	if err != nil {
		return nil // Desire has said so.
	}
	a := &auditor{manifest: m, spec: addOnForm(m.AddOn), live: live, observed: observed, target: target, unset: map[plan.Path]bool{}}
	desired, _ := (&backend{}).Desire(m, observed)
	for path, value := range desired.Set {
		a.unset[path] = value.Unknown
	}
	if neverSold(observed) {
		a.newAddOn()
	} else {
		a.price()
	}
	a.publishing()
	a.addOnListings()
	return a.diagnostics
}

// neverSold reports whether nobody can have bought an add-on.
func neverSold(observed *reconcile.Observed) bool {
	return observed.Missing || observed.Drafts == provenance.FirstDraft
}

// newAddOn requires what the Store has no value for, or one that is none.
func (a *auditor) newAddOn() {
	price := plan.Join(fieldPricing, fieldPriceID)
	if tier := a.target[price].Text(); tier == "" || strings.EqualFold(tier, tierBase) || strings.EqualFold(tier, tierNotAvailable) {
		a.fail(price, "a new add-on has no price, and the Store requires one", "Write pricing.priceId, for example Free or Tier12.")
	}
	if content := a.target[fieldContentType].Text(); content == "" || content == "NotSet" {
		a.fail(fieldContentType, "a new add-on has no content type, and the Store requires one",
			"Write contentType. For most add-ons it is OnlineDownload, in Partner Center Electronic software download.")
	}
}

// addOnListings requires a title of every language that the manifest manages. A
// description is required on one of Microsoft's pages and optional on another
// (create-app-submission and create-app-store-listing), so that only a new
// listing must have one.
func (a *auditor) addOnListings() {
	languages := a.languages()
	if len(languages) == 0 {
		a.fail(fieldListings, "the add-on would have no listing, and the Store requires one", "Write at least one language, with a title and a description.")
	}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		managed := languages[language]
		_, live := liveLanguage(a.live, language)
		for name, severity := range map[string]schema.Severity{
			fieldTitle: severityOf(managed), fieldDescription: severityOf(managed && !live),
		} {
			path := plan.Join(fieldListings, language, name)
			if a.target[path].Empty() && !a.unset[path] {
				a.add(severity, path, "the Store requires it of a listing, and neither the manifest nor the Store has it", "Write it in the manifest.")
			}
		}
	}
}
