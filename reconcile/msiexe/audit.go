package msiexe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// auditor judges a target. Its rules are the "required" columns of the API page
// (https://learn.microsoft.com/windows/apps/publish/store-submission-api) and,
// for images, of
// https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/screenshots-and-images.
type auditor struct {
	manifest *schema.Manifest
	live     *documents
	target   plan.State
	// unset are paths whose environment variable is not there: their values
	// are not known here, which is not the same as missing.
	unset       map[plan.Path]bool
	diagnostics schema.Diagnostics
}

// Audit judges the whole target: is everything there that the Store requires of
// a submission? Only modules that were read are judged. What is missing in a
// part that the manifest does not manage is a warning: the manifest is not
// where it can be put right unless its author wants to manage that part.
func (b *backend) Audit(m *schema.Manifest, observed *reconcile.Observed, target plan.State) schema.Diagnostics {
	live, err := documentsOf(observed)
	if err != nil {
		return nil // Desire has said so.
	}
	a := &auditor{manifest: m, live: live, target: target, unset: map[plan.Path]bool{}}
	desired, _ := b.Desire(m, observed)
	for path, value := range desired.Set {
		a.unset[path] = value.Unknown
	}
	if live.availability != nil {
		a.availability()
	}
	if live.properties != nil {
		a.properties()
	}
	if live.listings != nil {
		a.listings()
	}
	if live.packages != nil {
		for _, key := range slices.Sorted(maps.Keys(m.MsiExeApp.Packages)) {
			a.installer(key)
		}
	}
	return a.diagnostics
}

func (a *auditor) add(severity schema.Severity, path plan.Path, summary, detail string) {
	written := manifestPath(a.manifest, path)
	a.diagnostics = append(a.diagnostics, schema.Diagnostic{
		Severity: severity, Address: a.manifest.Address(), Path: written, Pos: a.manifest.Pos(written),
		Summary: summary, Detail: detail,
	})
}

// severityOf is an error for a part that the manifest manages.
func severityOf(managed bool) schema.Severity {
	if managed {
		return schema.SeverityError
	}
	return schema.SeverityWarning
}

// missing reports a required value that the target does not have.
func (a *auditor) missing(managed bool, path plan.Path, rule string) bool {
	if !a.target[path].Empty() || a.unset[path] {
		return false
	}
	a.add(severityOf(managed), path, rule+", and neither the manifest nor the Store has it", "Write it in the manifest.")
	return true
}

func (a *auditor) availability() {
	const prefix plan.Path = moduleAvailability
	managed := a.manifest.MsiExeApp.Availability != nil
	for _, name := range []string{fieldMarkets, fieldDiscoverability, fieldFutureMarkets, fieldPricing} {
		a.missing(managed, at(prefix, name), "the Store requires it")
	}
	switch pricing := a.target[at(prefix, fieldPricing)].Text(); pricing {
	case "PAID", "SUBSCRIPTION":
		a.missing(managed, at(prefix, fieldFreeTrial), "the Store requires it when pricing is "+pricing)
	}
}

func (a *auditor) properties() {
	const prefix plan.Path = moduleProperties
	managed := a.manifest.MsiExeApp.Properties != nil
	required := at(prefix, fieldPrivacyRequired)
	a.missing(managed, required, "the Store requires it")
	if string(a.target[required].JSON) == "true" {
		a.missing(managed, at(prefix, fieldPrivacyURL), "the Store requires it when isPrivacyPolicyRequired is true")
	}
	for _, f := range declarationBools(&schema.ProductDeclarations{}) {
		a.missing(managed, at(prefix, fieldDeclarations, f.name), "the Store requires it")
	}
	if !a.missing(managed, at(prefix, fieldCategory), "the Store requires it") {
		a.subcategory(managed)
	}
}

// subcategory judges the pair: a category with subcategories needs one of
// them, and one without takes none.
func (a *auditor) subcategory(managed bool) {
	categoryPath, path := at(moduleProperties, fieldCategory), at(moduleProperties, fieldSubcategory)
	category, subcategory := a.target[categoryPath].Text(), a.target[path].Text()
	allowed, known := schema.MsiExeSubcategories(category)
	if !known || slices.Contains(allowed, subcategory) {
		return
	}
	// The value to blame is the one that is written.
	p := a.manifest.MsiExeApp.Properties
	blamed := path
	if p != nil && p.Subcategory == nil && p.Category != nil {
		blamed = categoryPath
	}
	list := strings.Join(allowed, ", ")
	switch {
	case subcategory == "" && len(allowed) == 0:
	case subcategory == "":
		a.add(severityOf(managed), blamed, fmt.Sprintf("category %s requires a subcategory", category), "Write subcategory: one of "+list+".")
	case len(allowed) == 0:
		a.add(severityOf(managed), blamed, fmt.Sprintf("category %s has no subcategories, and the Store still has subcategory %s", category, subcategory),
			`Write subcategory: "" to clear it.`)
	default:
		a.add(severityOf(managed), blamed, fmt.Sprintf("subcategory %s does not belong to category %s", subcategory, category),
			"Write subcategory: one of "+list+".")
	}
}

func (a *auditor) listings() {
	languages := map[string]bool{} // language to whether it is managed
	for path := range a.target {
		if segments := strings.Split(string(path), "."); segments[0] == moduleListings && len(segments) > 2 {
			languages[segments[1]] = false
		}
	}
	for key := range a.manifest.MsiExeApp.Listings {
		languages[spellLanguage(a.live, key)] = true
	}
	for _, language := range slices.Sorted(maps.Keys(languages)) {
		a.listing(language, languages[language])
	}
	if len(languages) == 0 {
		a.add(schema.SeverityError, moduleListings, "the product would have no listing", "Write at least one language.")
	}
}

func (a *auditor) listing(language string, managed bool) {
	prefix := plan.Join(moduleListings, language)
	_, live := a.live.language(language)
	rule := "the Store requires it of every language"
	if !live {
		rule = "the Store requires it of a new language"
	}
	a.missing(managed, at(prefix, "description"), rule)
	a.missing(managed, at(prefix, "additionalLicenseTerms"), rule)
	if a.live.assets == nil && live {
		return // Its images were not read.
	}
	if a.target[at(prefix, fieldScreenshots)].Empty() {
		a.add(severityOf(managed), at(prefix, fieldScreenshots), rule+": at least one screenshot, and it would have none", "Write screenshots with at least one PNG of 1366x768 or more.")
	}
	boxArt := func(image plan.Image) bool { return image.Width == 0 || logoKind(image) == kindBoxArt }
	if !slices.ContainsFunc(a.target[at(prefix, fieldLogos)].Images(), boxArt) {
		a.add(severityOf(managed), at(prefix, fieldLogos), rule+": a 1:1 logo, and it would have none", "Write logos with a PNG of 1080x1080 or 2160x2160.")
	}
}

func (a *auditor) installer(key string) {
	prefix := plan.Join(modulePackages, key)
	for _, name := range []string{fieldPackageURL, fieldLanguages, fieldInstallerSilent} {
		a.missing(true, at(prefix, name), "the Store requires it of every package")
	}
	if string(a.target[at(prefix, fieldInstallerSilent)].JSON) == "false" {
		a.missing(true, at(prefix, fieldInstallerSwitches), "the Store requires it when isSilentInstall is false")
	}
	documented := !a.target[at(prefix, fieldGenericDocURL)].Empty()
	if a.target[at(prefix, fieldPackageType)].Text() == "exe" && !documented {
		// The API page says required; the live service accepted packages
		// without it (observed 2026-02).
		a.add(schema.SeverityWarning, at(prefix, fieldGenericDocURL), "the API page requires it of exe packages, and neither the manifest nor the Store has it",
			"Write the address of a page that describes the installer's return codes.")
	}
}
