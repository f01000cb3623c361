package msix

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// auditor judges a target. Its rules come from
// https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions and
// the pages below
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/create-app-submission.
type auditor struct {
	manifest *schema.Manifest
	spec     *schema.MsixApp
	app      appFacts
	live     *document
	observed *reconcile.Observed
	target   plan.State
	// unset are paths whose environment variable is not there: their values
	// are not known here, which is not the same as missing.
	unset       map[plan.Path]bool
	diagnostics schema.Diagnostics
}

// appFacts are what Observe keeps of an application.
type appFacts struct {
	ID                           string `json:"id"`
	PackageIdentityName          string `json:"packageIdentityName"`
	PublisherName                string `json:"publisherName"`
	HasAdvancedListingPermission bool   `json:"hasAdvancedListingPermission"`
	// Published is false for an app that was never published.
	Published bool `json:"published"`
}

// Audit judges the whole target: is everything there that the Store requires of
// a submission, and can the API express it? What is missing in a part that the
// manifest does not manage is a warning: the manifest is not where it can be
// put right unless its author wants to manage that part.
func (b *backend) Audit(m *schema.Manifest, observed *reconcile.Observed, target plan.State) schema.Diagnostics {
	live, err := baseOf(observed)
	if err != nil {
		return nil // Desire has said so.
	}
	a := &auditor{manifest: m, spec: specOf(m), live: live, observed: observed, target: target, unset: map[plan.Path]bool{}}
	if raw, ok := observed.Raw[rawApplication]; ok {
		if err := json.Unmarshal(raw, &a.app); err != nil {
			return schema.Diagnostics{diagnostic(m, schema.SeverityError, "", "the app of the Store's answer cannot be read", "Plan again.")}
		}
	}
	if found := oddShapes(m, live); found.HasErrors() {
		return found
	}
	a.identity()
	if m.AddOn != nil {
		return append(a.diagnostics, auditAddOn(m, observed, target)...)
	}
	desired, _ := b.Desire(m, observed)
	for path, value := range desired.Set {
		a.unset[path] = value.Unknown
	}
	a.publishing()
	a.packages()
	if m.PackageFlight == nil {
		a.price()
		a.category()
		a.advanced()
		a.listings()
	} else {
		a.flight()
	}
	return append(a.diagnostics, auditRollout(m, observed, target)...)
}

func (a *auditor) add(severity schema.Severity, path plan.Path, summary, detail string) {
	a.diagnostics = append(a.diagnostics, diagnostic(a.manifest, severity, path, summary, detail))
}

func (a *auditor) fail(path plan.Path, summary, detail string) {
	a.add(schema.SeverityError, path, summary, detail)
}

// flight: a submission without packages cannot be committed.
func (a *auditor) flight() {
	if len(packageKeys(a.target)) == 0 {
		a.fail(fieldPackages, "the flight would have no package", "Write packages with at least one file.")
	}
}

// price refuses what cannot be sent back: the service takes a missing price for
// free, and refuses Base.
func (a *auditor) price() {
	path, what := plan.Join(fieldPricing, fieldPriceID), string(kindOf(a.manifest))
	write := "Write pricing.priceId with the " + what + "'s price tier (guarded by price-change), or make the change in Partner Center."
	switch tier := a.target[path].Text(); {
	case strings.EqualFold(tier, tierBase):
		a.fail(path, "the Store answers the base price as Base, which it refuses when it is sent back: any change through the API would need another price",
			write)
	case tier == "":
		a.fail(path, "the Store does not say what the "+what+" costs, and a submission without a price makes it free",
			write)
	case strings.EqualFold(tier, tierNotAvailable):
		a.fail(path, "NotAvailable is no base price", "Write the "+what+"'s price tier, for example Free; close single markets with markets.")
	}
}

// gamesCategory is the category that a published app can neither enter nor
// leave (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/categories-and-subcategories).
const gamesCategory = "Games"

func (a *auditor) category() {
	before, after := a.observed.State[fieldCategory].Text(), a.target[fieldCategory].Text()
	isGame := func(category string) bool { main, _, _ := strings.Cut(category, "_"); return main == gamesCategory }
	if a.app.Published && before != "" && before != "NotSet" && isGame(before) != isGame(after) {
		a.fail(fieldCategory, fmt.Sprintf("a published app cannot move from %s to %s: nothing moves into or out of Games", before, orNone(after)),
			"Keep the category's kind, or publish the app anew under another name.")
	}
}

func (a *auditor) publishing() {
	if a.target[fieldPublishMode].Text() == publishSpecificDate && a.target[fieldPublishDate].Empty() {
		a.fail(fieldPublishDate, "targetPublishMode SpecificDate needs a date, and neither the manifest nor the Store has one", "Write targetPublishDate.")
	}
	mandatory, date := plan.Join(fieldDelivery, fieldMandatory), plan.Join(fieldDelivery, fieldMandatoryDate)
	if string(a.target[mandatory].JSON) == "true" && a.target[date].Empty() {
		a.add(severityOf(a.spec.PackageDeliveryOptions != nil), date, "a mandatory update needs the date from which it is mandatory", "Write mandatoryUpdateEffectiveDate.")
	}
}

// severityOf is an error for a part that the manifest manages.
func severityOf(managed bool) schema.Severity {
	if managed {
		return schema.SeverityError
	}
	return schema.SeverityWarning
}

// advanced: trailers and gaming options belong to accounts that may use them.
func (a *auditor) advanced() {
	if a.app.HasAdvancedListingPermission || a.observed.Raw[rawApplication] == nil {
		return
	}
	for path, written := range map[plan.Path]bool{fieldGamingOptions: a.spec.GamingOptions != nil, fieldTrailers: a.spec.Trailers != nil} {
		if written && !sameValue(a.observed.State[path], a.target[path]) {
			a.fail(path, "the app has no permission for "+string(path)+" (hasAdvancedListingPermission is false)",
				"Take it out of the manifest, or ask Microsoft for the permission in Partner Center.")
		}
	}
}

// languages are the languages of the target, and whether the manifest manages
// them.
func (a *auditor) languages() map[string]bool {
	languages := map[string]bool{}
	for path := range a.target {
		if segments := strings.Split(string(path), "."); segments[0] == fieldListings && len(segments) > 2 {
			languages[segments[1]] = false
		}
	}
	for key := range a.spec.Listings {
		languages[spellLanguage(a.live, key)] = true
	}
	return languages
}

func (a *auditor) listings() {
	languages := a.languages()
	shown := a.languagesWithScreenshots()
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		a.listing(language, languages[language], shown[language])
	}
	if len(languages) == 0 {
		a.fail(fieldListings, "the app would have no listing", "Write at least one language.")
	}
}

// languagesWithScreenshots are those of the target's languages that have a
// screenshot of any device family.
func (a *auditor) languagesWithScreenshots() map[string]bool {
	languages := map[string]bool{}
	for path, value := range a.target {
		segments := strings.Split(string(path), ".")
		if len(segments) > 3 && segments[0] == fieldListings && segments[2] == fieldImages && isScreenshot(path) && !value.Empty() {
			languages[segments[1]] = true
		}
	}
	return languages
}

func (a *auditor) listing(language string, managed, shown bool) {
	_, live := liveLanguage(a.live, language)
	rule := "the Store requires it of every language"
	if !live {
		rule = "the Store requires it of a new language"
	}
	prefix := plan.Join(fieldListings, language)
	for _, name := range []string{fieldTitle, fieldDescription} {
		path := at(prefix, name)
		if a.target[path].Empty() && !a.unset[path] {
			a.add(severityOf(managed), path, rule+", and neither the manifest nor the Store has it", "Write it in the manifest.")
		}
	}
	if shown {
		return
	}
	a.add(severityOf(managed), at(prefix, fieldImages, "Screenshot"), rule+": at least one screenshot, and it would have none",
		"Write images.Screenshot with at least one PNG of 1366x768 or more.")
}

// isScreenshot reports whether a path is that of screenshots of any family.
func isScreenshot(path plan.Path) bool {
	return strings.HasSuffix(string(path), "Screenshot")
}
