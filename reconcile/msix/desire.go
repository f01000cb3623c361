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

// Names of what Observe keeps in Observed.Raw.
const (
	// rawProduct are the productFacts, rawApplication the appFacts: of an app,
	// and of the app of a flight whose packages change.
	rawProduct     = "product"
	rawApplication = "application"
	// rawFlights are the flightNames of the app of a flight that is yet to be made.
	rawFlights    = "flights"
	rawSubmission = "submission"
	rawPending    = "pending"
	// rawPublished is the publishedSet, where what is observed is a draft.
	rawPublished = "published"
	// rawContents are the contents of stored files that the record knows: id
	// to sha256 in hex.
	rawContents = "contents"
)

// productFacts say what an observed product is.
type productFacts struct {
	Kind productKind `json:"kind"`
	// Expired is true when the draft that is observed takes no files any more.
	Expired bool `json:"expired,omitempty"`
}

// factsOf are the facts of an observed product.
func factsOf(observed *reconcile.Observed) productFacts {
	facts := productFacts{Kind: kindApp}
	// Observe encoded them: they decode. A bench may have none.
	_ = json.Unmarshal(observed.Raw[rawProduct], &facts)
	return facts
}

// observedKind is the kind of an observed product.
func observedKind(observed *reconcile.Observed) productKind { return factsOf(observed).Kind }

// desirer collects what a manifest wants of an observed product.
type desirer struct {
	manifest    *schema.Manifest
	spec        *schema.MsixApp
	live        *document
	published   publishedSet
	observed    plan.State
	contents    map[string]string
	desired     *reconcile.Desired
	diagnostics schema.Diagnostics
}

// Desire says what the manifest wants, in the live spelling of languages.
func (b *backend) Desire(m *schema.Manifest, observed *reconcile.Observed) (*reconcile.Desired, schema.Diagnostics) {
	d := &desirer{manifest: m, spec: specOf(m), observed: observed.State, desired: &reconcile.Desired{Set: plan.State{}}}
	var err error
	if d.live, err = baseOf(observed); err != nil {
		d.fail("", err.Error(), "The Store's answer is not what the API page describes; nothing was changed.")
		return d.desired, d.diagnostics
	}
	d.contents, d.published = contentsIn(observed), publishedOf(observed, d.live)
	maps.Copy(d.desired.Set, wantedIdentity(m))
	if m.AddOn != nil {
		d.addOn()
		return d.desired, d.diagnostics
	}
	// Of a flight only packages, publishing and notes are set: see specOf.
	d.app()
	d.publishing()
	d.prices()
	d.listings()
	if d.spec.Trailers != nil {
		d.trailers()
	}
	d.packages()
	return d.desired, d.diagnostics
}

// baseOf is the submission that a product was observed by; an empty one when
// nothing was observed.
func baseOf(observed *reconcile.Observed) (*document, error) {
	raw, ok := observed.Raw[rawSubmission]
	if !ok {
		raw = json.RawMessage("{}")
	}
	return parseDocument(raw)
}

// contentsIn are the contents of stored files that Observe took from the record.
func contentsIn(observed *reconcile.Observed) map[string]string {
	var contents map[string]string
	if json.Unmarshal(observed.Raw[rawContents], &contents) != nil {
		return nil
	}
	return contents
}

func (d *desirer) fail(path plan.Path, summary, detail string) {
	d.diagnostics = append(d.diagnostics, diagnostic(d.manifest, schema.SeverityError, path, summary, detail))
}

// diagnostic is a finding at a path of a state, placed where the manifest
// writes it: a language may be spelled otherwise at the Store.
func diagnostic(m *schema.Manifest, severity schema.Severity, path plan.Path, summary, detail string) schema.Diagnostic {
	segments := strings.SplitN(string(path), ".", 3)
	if segments[0] == fieldListings && len(segments) > 1 {
		if keys := listingKeys(m); !slices.Contains(keys, segments[1]) {
			for _, key := range keys {
				if strings.EqualFold(key, segments[1]) {
					segments[1] = key
				}
			}
		}
	}
	written := strings.Join(segments, ".")
	return schema.Diagnostic{
		Severity: severity, Address: m.Address(), Path: written, Pos: m.Pos(written), Summary: summary, Detail: detail,
	}
}

func (d *desirer) notice(path plan.Path, format string, arguments ...any) {
	d.desired.Notices = append(d.desired.Notices, plan.Notice{Path: path, Text: fmt.Sprintf(format, arguments...)})
}

// text sets a text; one whose environment variable is not set is unknown.
func (d *desirer) text(path plan.Path, want *schema.Text) {
	if want == nil {
		return
	}
	value := plan.TextValue(want.Value)
	value.Sensitive = want.Sensitive() || path == fieldNotes
	if want.Unset {
		value.Unknown, value.Why = true, "environment variable "+want.Env+" is not set"
	}
	d.desired.Set[path] = value
}

func (d *desirer) boolean(path plan.Path, want *bool) {
	if want != nil {
		d.desired.Set[path] = plan.BoolValue(*want)
	}
}

func (d *desirer) app() {
	for _, f := range appScalars(d.spec) {
		if f.want != nil {
			value := plan.StringValue(*f.want)
			value.Exact = f.exact
			d.desired.Set[plan.Path(f.name)] = value
		}
	}
	for _, f := range appBools(d.spec) {
		d.boolean(plan.Path(f.name), f.want)
	}
	for family, allowed := range d.spec.AllowTargetFutureDeviceFamilies {
		d.boolean(plan.Join(fieldFutureFamilies, d.spelling(pointerTo(fieldFutureFamilies), family)), &allowed)
	}
	d.text(fieldNotes, d.spec.NotesForCertification)
	if d.spec.HardwarePreferences != nil {
		d.desired.Set[fieldHardware] = plan.SetValue(d.spec.HardwarePreferences)
	}
	if d.spec.GamingOptions != nil {
		d.gamingOptions()
	}
}

// spelling is how a name is spelled in the live object at a pointer, else as
// it is given.
func (d *desirer) spelling(pointer, name string) string {
	for _, live := range d.live.keys(pointer) {
		if strings.EqualFold(live, name) {
			return live
		}
	}
	return name
}

// gamingOptions lays the written fields over the live row: a field of the row
// that is not written stays as it is, as everywhere.
func (d *desirer) gamingOptions() {
	var live []schema.GamingOptions
	raw, _ := d.live.get(pointerTo(fieldGamingOptions))
	if len(raw) > 0 {
		// Observe has read it the same way.
		_ = json.Unmarshal(raw, &live)
	}
	rows := make([]map[string]json.RawMessage, len(d.spec.GamingOptions))
	for i, wanted := range d.spec.GamingOptions {
		rows[i] = map[string]json.RawMessage{}
		if i < len(live) {
			rows[i] = gamingFields(live[i])
		}
		maps.Copy(rows[i], gamingFields(wanted))
		if wanted.Genres != nil && len(wanted.Genres) == 0 {
			delete(rows[i], "genres")
		}
	}
	d.desired.Set[fieldGamingOptions] = plan.RowsValue(rows)
}

// publishing sets when the submission goes live. The date belongs to
// SpecificDate: with another mode it is cleared.
func (d *desirer) publishing() {
	mode := d.observed[fieldPublishMode].Text()
	if d.spec.TargetPublishMode != nil {
		mode = *d.spec.TargetPublishMode
	}
	switch date := d.spec.TargetPublishDate; {
	case date != nil && mode != publishSpecificDate:
		d.fail(fieldPublishDate, "the date has no meaning: targetPublishMode is "+orNone(mode),
			"Write targetPublishMode: SpecificDate, or take the date away.")
	case date != nil:
		d.desired.Set[fieldPublishDate] = plan.StringValue(canonicalTime(*date))
	case mode != publishSpecificDate && !d.observed[fieldPublishDate].Empty():
		d.desired.Set[fieldPublishDate] = unset()
	}
	d.mandatoryUpdate()
}

// mandatoryUpdate sets whether the update is mandatory. The date belongs to one
// that is: else it is cleared, and one that is written counts for nothing, which
// schema.Validate says.
func (d *desirer) mandatoryUpdate() {
	options := d.spec.PackageDeliveryOptions
	if options == nil {
		return
	}
	path, date := plan.Join(fieldDelivery, fieldMandatory), plan.Join(fieldDelivery, fieldMandatoryDate)
	d.boolean(path, options.IsMandatoryUpdate)
	mandatory := string(d.observed[path].JSON) == "true"
	if options.IsMandatoryUpdate != nil {
		mandatory = *options.IsMandatoryUpdate
	}
	switch wanted := options.MandatoryUpdateEffectiveDate; {
	case mandatory && wanted != nil:
		d.desired.Set[date] = plan.StringValue(canonicalTime(*wanted))
	case !mandatory && !d.observed[date].Empty():
		d.desired.Set[date] = unset()
	}
}

func orNone(s string) string {
	if s == "" {
		return "not set"
	}
	return s
}

// listings sets what is written of each language, and removes live languages
// that are not written where that is asked for.
func (d *desirer) listings() {
	written := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(d.spec.Listings)) {
		language := spellLanguage(d.live, key)
		if other, twice := written[strings.ToLower(key)]; twice {
			d.fail(plan.Join(fieldListings, key), "is the same language as "+other, "Languages match without regard to case: keep one of the two keys.")
			continue
		}
		written[strings.ToLower(key)] = key
		d.listing(language, d.spec.Listings[key])
	}
	if len(written) == 0 {
		return
	}
	d.noticeNearTwins(written)
	if !d.spec.RemoveUnlistedLanguages {
		return
	}
	for _, language := range d.live.keys(pointerTo(fieldListings)) {
		if _, kept := written[strings.ToLower(language)]; !kept && isSegment(language) {
			d.desired.Remove = append(d.desired.Remove, plan.Join(fieldListings, language))
		}
	}
}

func (d *desirer) listing(language string, l *schema.MsixListing) {
	prefix := plan.Join(fieldListings, language)
	for _, f := range listingTexts(l) {
		d.text(at(prefix, f.name), f.want)
	}
	for _, f := range listingLists(l) {
		if f.want != nil {
			d.desired.Set[at(prefix, f.name)] = plan.ListValue(f.want)
		}
	}
	for _, imageType := range slices.Sorted(maps.Keys(l.Images)) {
		d.desired.Set[imagesPath(language, imageType)] = d.images(language, imageType, l.Images[imageType])
	}
}

// noticeNearTwins points out a new language beside one that differs from it by
// the region only: the Store knows no alias, so both stay.
func (d *desirer) noticeNearTwins(written map[string]string) {
	for _, folded := range slices.Sorted(maps.Keys(written)) {
		if _, live := liveLanguage(d.live, folded); live {
			continue
		}
		for _, other := range d.live.keys(pointerTo(fieldListings)) {
			if low := strings.ToLower(other); strings.HasPrefix(folded, low+"-") || strings.HasPrefix(low, folded+"-") {
				d.notice(plan.Join(fieldListings, folded),
					"adds %s beside the live %s: the Store keeps them as two languages; write %s to change the live one", folded, other, other)
			}
		}
	}
}
