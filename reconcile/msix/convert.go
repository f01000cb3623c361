package msix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// converter collects the values of a submission, one per manifest path. The
// first field of an unexpected type ends it.
type converter struct {
	doc      *document
	kind     productKind
	spec     *schema.MsixApp
	contents map[string]string
	state    plan.State
	err      error
}

// stateOf converts a submission into a state. The manifest says what is in
// files that wait for their upload, of which a submission holds the name only,
// and gives packages their keys; the record what is in stored images. What a
// manifest cannot express stands in a state as otherFields, to be compared:
// a commit sends it, too.
func stateOf(doc *document, m *schema.Manifest, record *record.Record) (plan.State, error) {
	kind := kindOf(m)
	if kind == kindAddOn {
		return addOnState(doc, m, record.Contents())
	}
	c := &converter{doc: doc, kind: kind, spec: specOf(m), contents: record.Contents(), state: plan.State{}}
	// A flight has packages and how they are published; the rest is the app's.
	c.app()
	if kind == kindApp {
		c.pricing()
		c.listings()
		c.gamingOptions()
		c.trailers()
	}
	c.packages()
	c.delivery()
	c.others()
	if c.err != nil {
		return nil, c.err
	}
	return c.state, nil
}

// valueAt decodes the value at a pointer; it reports false when it is absent or
// null.
func valueAt[T any](c *converter, pointer string) (value T, ok bool) {
	raw, found := c.doc.get(pointer)
	if !found || string(raw) == "null" {
		return value, false
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		if c.err == nil {
			// The decoder's own words may hold the value.
			c.err = fmt.Errorf("%s of the Store's answer is not what the API page describes: %w", pointer, typeProblem(err))
		}
		var zero T
		return zero, false
	}
	return value, true
}

func (c *converter) app() {
	for _, f := range appScalars(&schema.MsixApp{}) {
		if value, ok := valueAt[string](c, pointerTo(f.name)); ok {
			v := plan.StringValue(value)
			v.Exact = f.exact
			c.state[plan.Path(f.name)] = v
		}
	}
	for _, f := range appBools(&schema.MsixApp{}) {
		c.boolean(plan.Path(f.name), pointerTo(f.name))
	}
	// A date that is left over from another mode says nothing.
	if c.state[fieldPublishMode].Text() == publishSpecificDate {
		c.date(fieldPublishDate, pointerTo(fieldPublishDate))
	}
	if notes, ok := valueAt[string](c, pointerTo(fieldNotes)); ok {
		v := plan.TextValue(unixLines(notes))
		v.Sensitive = true
		c.state[fieldNotes] = v
	}
	if items, ok := valueAt[[]string](c, pointerTo(fieldHardware)); ok {
		c.state[fieldHardware] = plan.SetValue(items)
	}
	for _, family := range c.doc.keys(pointerTo(fieldFutureFamilies)) {
		if isSegment(family) {
			c.boolean(plan.Join(fieldFutureFamilies, family), pointerTo(fieldFutureFamilies, family))
		}
	}
	for _, family := range unnamedFamilies(c.doc) {
		c.state[plan.Join(fieldFutureFamilies, family)] = plan.BoolValue(false)
	}
}

// namedFamilies are the future device families that a map must name which is sent:
// the service refuses one that lacks any of them (reported of production; the page
// says nothing). Answers name them all (observed 2026-02); where one does not, the
// family is not allowed, and is sent as that.
func namedFamilies() []string { return []string{"Desktop", "Mobile", "Holographic", "Xbox"} }

// unnamedFamilies are those that a submission's map lacks; none without a map.
func unnamedFamilies(d *document) []string {
	pointer := pointerTo(fieldFutureFamilies)
	if node := d.find(pointer); node == nil || node.members == nil {
		return nil
	}
	named := d.keys(pointer)
	return slices.DeleteFunc(namedFamilies(), func(family string) bool {
		return slices.ContainsFunc(named, func(name string) bool { return strings.EqualFold(name, family) })
	})
}

func (c *converter) boolean(path plan.Path, pointer string) {
	if value, ok := valueAt[bool](c, pointer); ok {
		c.state[path] = plan.BoolValue(value)
	}
}

// date adds a time; 1601 stands for none (the API page's samples).
func (c *converter) date(path plan.Path, pointer string) {
	if value, ok := valueAt[string](c, pointer); ok {
		if day := canonicalTime(value); day != "" {
			c.state[path] = plan.StringValue(day)
		}
	}
}

// Dates that stand for none, as the API's own samples write them.
const (
	noPublishDate   = "1601-01-01T00:00:00Z"
	noMandatoryDate = "1601-01-01T00:00:00.0000000Z"
)

// canonicalTime writes a time the one way in which it is compared and sent:
// RFC 3339 in UTC; "" for none. What is no time stays as it is.
func canonicalTime(s string) string {
	parsed, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	if parsed.Year() <= 1601 {
		return ""
	}
	return parsed.UTC().Format(time.RFC3339Nano)
}

// pricing adds the price tiers, known or not. A market without a tier of its
// own is Base or absent: both are no value.
func (c *converter) pricing() {
	for _, name := range []string{fieldPriceID, fieldTrialPeriod} {
		if value, ok := valueAt[string](c, pointerTo(fieldPricing, name)); ok {
			c.state[plan.Join(fieldPricing, name)] = exactly(plan.StringValue(value))
		}
	}
	for _, market := range c.doc.keys(pointerTo(fieldPricing, fieldMarkets)) {
		tier, ok := valueAt[string](c, pointerTo(fieldPricing, fieldMarkets, market))
		if ok && isSegment(market) && !strings.EqualFold(tier, tierBase) {
			c.state[marketPath(market)] = exactly(plan.StringValue(tier))
		}
	}
}

func marketPath(market string) plan.Path {
	return plan.Join(fieldPricing, fieldMarkets, strings.ToUpper(market))
}

func (c *converter) listings() {
	for _, language := range c.doc.keys(pointerTo(fieldListings)) {
		if !isSegment(language) {
			continue
		}
		prefix := plan.Join(fieldListings, language)
		for _, f := range listingTexts(&schema.MsixListing{}) {
			if value, ok := valueAt[string](c, listingPointer(language, f.name)); ok {
				c.state[at(prefix, f.name)] = plan.TextValue(unixLines(value))
			}
		}
		for _, f := range listingLists(&schema.MsixListing{}) {
			if items, ok := valueAt[[]string](c, listingPointer(language, f.name)); ok {
				c.state[at(prefix, f.name)] = plan.ListValue(items)
			}
		}
		c.images(language)
	}
}

// images adds the images of each type, in the order of the answer.
func (c *converter) images(language string) {
	if _, ok := valueAt[[]storedImage](c, listingPointer(language, fieldImages)); !ok {
		return
	}
	for imageType, rows := range storedImages(c.doc, language) {
		images := make([]plan.Image, len(rows))
		for i, row := range rows {
			images[i] = plan.Image{Digest: storedDigest(row.FileName, string(row.ID), c.contents), Description: row.Description, ID: string(row.ID)}
		}
		c.state[imagesPath(language, imageType)] = plan.ImagesValue(images)
	}
}

// storedImages are a language's images that will be there, by type: not those
// that are marked to go. What cannot be decoded is none, see converter.images.
func storedImages(d *document, language string) map[string][]storedImage {
	var rows []storedImage
	if raw, ok := d.get(listingPointer(language, fieldImages)); !ok || json.Unmarshal(raw, &rows) != nil {
		return nil
	}
	sets := map[string][]storedImage{}
	for _, row := range rows {
		if row.FileStatus != filePendingDelete && isSegment(row.ImageType) {
			sets[row.ImageType] = append(sets[row.ImageType], row)
		}
	}
	return sets
}

func imagesPath(language, imageType string) plan.Path {
	return plan.Join(fieldListings, language, fieldImages, imageType)
}

// gamingOptions adds the one row that the list may have. Fields that a manifest
// cannot write are among the otherFields.
func (c *converter) gamingOptions() {
	if rows, ok := valueAt[[]schema.GamingOptions](c, pointerTo(fieldGamingOptions)); ok {
		c.state[fieldGamingOptions] = gamingValue(rows)
	}
}

func gamingValue(rows []schema.GamingOptions) plan.Value {
	written := make([]map[string]json.RawMessage, len(rows))
	for i, row := range rows {
		written[i] = gamingFields(row)
	}
	return plan.RowsValue(written)
}

// gamingFields are the fields of a row that say something.
func gamingFields(row schema.GamingOptions) map[string]json.RawMessage {
	row.Genres = slices.Sorted(slices.Values(row.Genres))
	fields := map[string]json.RawMessage{}
	// A row is plain data: it always decodes as it was encoded.
	_ = json.Unmarshal(encode(row), &fields)
	for name, value := range fields {
		if string(value) == "null" || string(value) == "[]" {
			delete(fields, name)
		}
	}
	return fields
}

// delivery adds the mandatory update, and the rollout of new packages.
func (c *converter) delivery() {
	mandatory := plan.Join(fieldDelivery, fieldMandatory)
	c.boolean(mandatory, pointerTo(fieldDelivery, fieldMandatory))
	// A date says nothing where no update is mandatory.
	if string(c.state[mandatory].JSON) == "true" {
		c.date(plan.Join(fieldDelivery, fieldMandatoryDate), pointerTo(fieldDelivery, fieldMandatoryDate))
	}
	c.draftRollout()
}

// hasNewPackages reports whether a package of the submission waits for its
// upload.
func hasNewPackages(d *document) bool {
	for _, kind := range []productKind{kindApp, kindFlight} {
		for i := range d.length(packagesPointer(kind)) {
			if d.text(packagePointer(kind, i, "fileStatus")) == statusPendingUpload {
				return true
			}
		}
	}
	return false
}

// unixLines: the portal keeps the line ends of the browser that typed them.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// sameValue reports whether two values mean the same.
func sameValue(a, b plan.Value) bool {
	return a.Empty() && b.Empty() || bytes.Equal(a.JSON, b.JSON)
}
