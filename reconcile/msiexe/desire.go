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

// autoOmittedMarket is in the API page's table but neither on the portal's
// market pages nor in a live product that has every market (observed 2025-06):
// `all` neither adds it nor takes it away.
const autoOmittedMarket = "LB"

// desirer collects what a manifest wants of an observed product.
type desirer struct {
	manifest    *schema.Manifest
	live        *documents
	observed    plan.State
	desired     *reconcile.Desired
	diagnostics schema.Diagnostics
}

// Desire says what the manifest wants, in the live spelling of languages.
func (b *backend) Desire(m *schema.Manifest, observed *reconcile.Observed) (*reconcile.Desired, schema.Diagnostics) {
	d := &desirer{manifest: m, observed: observed.State, desired: &reconcile.Desired{Set: plan.State{}}}
	live, err := documentsOf(observed)
	if err != nil {
		d.fail("", err.Error(), "The Store's answer is not what the API page describes; nothing was changed.")
		return d.desired, d.diagnostics
	}
	d.live = live
	spec := m.MsiExeApp
	if spec.Availability != nil {
		d.availability(spec.Availability)
	}
	if spec.Properties != nil {
		d.properties(spec.Properties)
	}
	d.listings(spec)
	if spec.Packages != nil {
		d.packages(spec.Packages)
	}
	return d.desired, d.diagnostics
}

func (d *desirer) fail(path, summary, detail string) {
	d.diagnostics = append(d.diagnostics, schema.Diagnostic{
		Severity: schema.SeverityError, Address: d.manifest.Address(), Path: path, Pos: d.manifest.Pos(path),
		Summary: summary, Detail: detail,
	})
}

// text sets a string field; a text whose environment variable is not set is
// unknown.
func (d *desirer) text(prefix plan.Path, f textField) {
	if f.want == nil {
		return
	}
	value := typedText(f.kind, f.want.Value)
	value.Sensitive = f.want.Sensitive() || f.name == fieldCertificationNotes
	if f.want.Unset {
		value.Unknown, value.Why = true, "environment variable "+f.want.Env+" is not set"
	}
	d.desired.Set[at(prefix, f.name)] = value
}

func (d *desirer) boolean(prefix plan.Path, f boolField) {
	if f.want != nil {
		d.desired.Set[at(prefix, f.name)] = plan.BoolValue(*f.want)
	}
}

// exact marks everything below a prefix as what the Store must return as sent.
func (d *desirer) exact(prefix plan.Path) {
	for path, value := range d.desired.Set {
		if path.Under(prefix) {
			value.Exact = true
			d.desired.Set[path] = value
		}
	}
}

func (d *desirer) availability(a *schema.Availability) {
	const prefix plan.Path = moduleAvailability
	if a.Markets != nil {
		path := at(prefix, fieldMarkets)
		d.desired.Set[path] = plan.SetValue(wantedMarkets(a.Markets, d.observed[path].Strings()))
	}
	for _, f := range availabilityTexts(a) {
		d.text(prefix, f)
	}
	d.boolean(prefix, boolField{fieldFutureMarkets, a.EnableInFutureMarkets})
	d.exact(prefix)
}

// wantedMarkets resolves `all` against the live markets: those outside the
// table are kept, since the Store may know more markets than the table.
func wantedMarkets(wanted *schema.Markets, live []string) []string {
	if !wanted.All {
		return wanted.List
	}
	table := schema.MarketCodes()
	var markets []string
	for _, code := range table {
		if code != autoOmittedMarket || slices.Contains(live, code) {
			markets = append(markets, code)
		}
	}
	for _, code := range live {
		if !slices.Contains(table, code) {
			markets = append(markets, code)
		}
	}
	return slices.DeleteFunc(markets, func(code string) bool { return slices.Contains(wanted.Except, code) })
}

func (d *desirer) properties(p *schema.Properties) {
	const prefix plan.Path = moduleProperties
	d.boolean(prefix, boolField{fieldPrivacyRequired, p.IsPrivacyPolicyRequired})
	for _, f := range propertyTexts(p) {
		d.text(prefix, f)
	}
	if p.ProductDeclarations != nil {
		for _, f := range declarationBools(p.ProductDeclarations) {
			d.boolean(at(prefix, fieldDeclarations), f)
		}
	}
	for kind, feature := range p.IsSystemFeatureRequired {
		for _, f := range featureBools(feature) {
			d.boolean(at(prefix, fieldSystemFeatures, kind), f)
		}
	}
	for kind, requirement := range p.SystemRequirementDetails {
		for _, f := range requirementTexts(requirement) {
			d.text(at(prefix, fieldSystemRequirements, kind), f)
		}
	}
}

// listings sets what is written of each language, and removes live languages
// that are not written where that is asked for.
func (d *desirer) listings(spec *schema.MsiExeApp) {
	written := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(spec.Listings)) {
		language := spellLanguage(d.live, key)
		if other, twice := written[strings.ToLower(language)]; twice {
			d.fail(string(plan.Join(moduleListings, key)), fmt.Sprintf("is the same language as %s", other),
				"Languages match without regard to case: keep one of the two keys.")
			continue
		}
		written[strings.ToLower(language)] = key
		d.listing(language, spec.Listings[key])
	}
	if len(written) == 0 {
		return
	}
	d.noticeNearTwins(written)
	if !spec.RemoveUnlistedLanguages {
		return
	}
	for _, listing := range d.live.listings {
		language := listing.text("language")
		if _, kept := written[strings.ToLower(language)]; !kept {
			d.desired.Remove = append(d.desired.Remove, plan.Join(moduleListings, language))
		}
	}
	slices.Sort(d.desired.Remove)
}

// spellLanguage is the spelling a language has, or will have, at the Store.
func spellLanguage(live *documents, key string) string {
	if language, ok := live.language(key); ok {
		return language
	}
	if language, ok := schema.MsiExeLanguage(key); ok {
		return language
	}
	return key
}

func (d *desirer) listing(language string, l *schema.Listing) {
	prefix := plan.Join(moduleListings, language)
	for _, f := range listingTexts(l) {
		d.text(prefix, f)
	}
	for _, f := range listingLists(l) {
		if f.want != nil {
			d.desired.Set[at(prefix, f.name)] = plan.ListValue(f.want)
		}
	}
	if l.Requirements != nil {
		d.desired.Set[at(prefix, fieldRequirements)] = plan.RowsValue(writtenRequirements(l.Requirements))
	}
	for _, set := range imageSets() {
		if local := set.local(l); local != nil {
			d.desired.Set[at(prefix, set.field)] = set.wanted(local)
		}
	}
}

// noticeNearTwins points out a new language beside one that differs from it by
// the region only: the Store knows no alias, so both stay.
func (d *desirer) noticeNearTwins(written map[string]string) {
	for _, folded := range slices.Sorted(maps.Keys(written)) {
		if _, live := d.live.language(folded); live {
			continue
		}
		added := spellLanguage(d.live, written[folded])
		for _, listing := range d.live.listings {
			other := listing.text("language")
			if nearTwins(folded, strings.ToLower(other)) {
				d.desired.Notices = append(d.desired.Notices, plan.Notice{Path: plan.Join(moduleListings, added), Text: fmt.Sprintf(
					"adds %s beside the live %s: the Store keeps them as two languages; write %s to change the live one", added, other, other)})
			}
		}
	}
}

// nearTwins reports whether one of two tags is the other with something added.
func nearTwins(a, b string) bool {
	return strings.HasPrefix(a, b+"-") || strings.HasPrefix(b, a+"-")
}

// packages sets the written packages and removes the live ones beside them: a
// written set is whole.
func (d *desirer) packages(wanted map[string]*schema.Package) {
	match := matchPackages(d.live.packages, wanted)
	for _, key := range match.ambiguous {
		p := wanted[key]
		d.fail(string(plan.Join(modulePackages, key)),
			fmt.Sprintf("cannot tell which %s %s package of the Store this is", p.Architecture, p.PackageType),
			"Packages are matched by architecture, packageType and languages. Write the languages of the live package, change one package at a time, or remove the other one in Partner Center.")
	}
	for key, p := range wanted {
		d.installer(key, p)
	}
	for _, key := range match.unlisted {
		d.desired.Remove = append(d.desired.Remove, plan.Join(modulePackages, key))
	}
	d.exact(modulePackages)
}

func (d *desirer) installer(key string, p *schema.Package) {
	prefix := plan.Join(modulePackages, key)
	for _, f := range packageTexts(p) {
		d.text(prefix, f)
	}
	d.boolean(prefix, boolField{fieldInstallerSilent, p.IsSilentInstall})
	d.desired.Set[at(prefix, fieldArchitecture)] = plan.StringValue(p.Architecture)
	if p.Languages != nil {
		d.desired.Set[at(prefix, fieldLanguages)] = plan.SetValue(spellPackageLanguages(p.Languages))
	}
	for scenario, details := range p.ErrorDetails {
		d.desired.Set[at(prefix, fieldErrorDetails, scenario)] = plan.RowsValue(details)
	}
}

// manifestPath is a path of a state in the manifest's own spelling, for
// positions: a language may be spelled otherwise at the Store.
func manifestPath(m *schema.Manifest, path plan.Path) string {
	for key := range m.MsiExeApp.Listings {
		path = respell(path, key)
	}
	return string(path)
}

// respell writes the language of a path below listings as given, where it is
// that language in other case.
func respell(path plan.Path, language string) plan.Path {
	segments := strings.SplitN(string(path), ".", 3)
	if segments[0] == moduleListings && len(segments) > 1 && strings.EqualFold(segments[1], language) {
		segments[1] = language
	}
	return plan.Path(strings.Join(segments, "."))
}
