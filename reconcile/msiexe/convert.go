package msiexe

import (
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// converter collects the values of a product, one per manifest path. The first
// field of an unexpected type ends it.
type converter struct {
	state plan.State
	err   error
}

// stateOf converts documents into a state. packageKeys are the manifest keys of
// the live packages, by position; digests are the contents of stored images,
// by asset id. Only what a manifest can express is in a state: everything else
// lives on in the documents.
func stateOf(d *documents, packageKeys []string, digests map[string]string) (plan.State, error) {
	c := &converter{state: plan.State{}}
	if d.availability != nil {
		c.availability(d.availability)
	}
	if d.properties != nil {
		c.properties(d.properties)
	}
	for _, listing := range d.listings {
		c.listing(listing)
	}
	for i, row := range d.packages {
		c.installer(packageKeys[i], row)
	}
	for _, assets := range d.assets {
		c.assets(d, assets, digests)
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.state, nil
}

func (c *converter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// get reads one field of a document; it reports false when the field is absent.
func get[T any](c *converter, o object, name string) (T, bool) {
	value, ok, err := field[T](o, name)
	if err != nil {
		c.fail(err)
	}
	return value, ok
}

func (c *converter) text(prefix plan.Path, o object, f textField) {
	value, ok := get[string](c, o, f.name)
	if !ok {
		return
	}
	// The portal keeps the line ends of the browser that typed them.
	value = strings.ReplaceAll(value, "\r\n", "\n")
	c.state[at(prefix, f.name)] = typedText(f.kind, value)
}

func (c *converter) boolean(prefix plan.Path, o object, name string) {
	if value, ok := get[bool](c, o, name); ok {
		c.state[at(prefix, name)] = plan.BoolValue(value)
	}
}

func (c *converter) availability(o object) {
	const prefix plan.Path = moduleAvailability
	if markets, ok := get[[]string](c, o, fieldMarkets); ok {
		c.state[at(prefix, fieldMarkets)] = plan.SetValue(markets)
	}
	for _, f := range availabilityTexts(&schema.Availability{}) {
		c.text(prefix, o, f)
	}
	c.boolean(prefix, o, fieldFutureMarkets)
}

func (c *converter) properties(o object) {
	const prefix plan.Path = moduleProperties
	c.boolean(prefix, o, fieldPrivacyRequired)
	for _, f := range propertyTexts(&schema.Properties{}) {
		c.text(prefix, o, f)
	}
	notes := at(prefix, fieldCertificationNotes)
	if value, ok := c.state[notes]; ok {
		value.Sensitive = true
		c.state[notes] = value
	}
	if declarations, ok := get[object](c, o, fieldDeclarations); ok {
		for _, f := range declarationBools(&schema.ProductDeclarations{}) {
			c.boolean(at(prefix, fieldDeclarations), declarations, f.name)
		}
	}
	for _, row := range c.rows(o, fieldSystemFeatures, fieldHardwareType) {
		for _, f := range featureBools(&schema.SystemFeature{}) {
			c.boolean(at(prefix, fieldSystemFeatures, row.text(fieldHardwareType)), row, f.name)
		}
	}
	for _, row := range c.rows(o, fieldSystemRequirements, fieldHardwareType) {
		for _, f := range requirementTexts(&schema.SystemRequirement{}) {
			c.text(at(prefix, fieldSystemRequirements, row.text(fieldHardwareType)), row, f)
		}
	}
}

// rows are the rows of an array that are told apart by one field, duplicates
// collapsed. Rows without a usable identity are left out of what is compared:
// no path could address them.
func (c *converter) rows(o object, name, identity string) []object {
	rows, _ := get[[]object](c, o, name)
	return slices.DeleteFunc(collapseRows(rows, identity), func(row object) bool { return !isSegment(row.text(identity)) })
}

// collapseRows merges rows of the same identity into the first of them: one
// live product answered Memory and DirectX twice (observed 2025-06). A value
// that says something wins over an empty one.
func collapseRows(rows []object, identity string) []object {
	var collapsed []object
	index := map[string]int{}
	for _, row := range rows {
		key := row.text(identity)
		i, seen := index[key]
		if !seen || key == "" {
			index[key] = len(collapsed)
			collapsed = append(collapsed, row)
			continue
		}
		for name, value := range row {
			if isBlank(collapsed[i][name]) && !isBlank(value) {
				collapsed[i] = collapsed[i].with(name, value)
			}
		}
	}
	return collapsed
}

// isBlank reports whether a raw value says nothing.
func isBlank(raw []byte) bool {
	switch string(raw) {
	case "", "null", `""`, "[]", "false":
		return true
	}
	return false
}

func (c *converter) listing(o object) {
	prefix := plan.Join(moduleListings, o.text("language"))
	for _, f := range listingTexts(&schema.Listing{}) {
		c.text(prefix, o, f)
	}
	for _, f := range listingLists(&schema.Listing{}) {
		if items, ok := get[[]string](c, o, f.name); ok {
			c.state[at(prefix, f.name)] = plan.ListValue(items)
		}
	}
	if rows, ok := get[[]schema.Requirement](c, o, fieldRequirements); ok {
		c.state[at(prefix, fieldRequirements)] = plan.RowsValue(writtenRequirements(rows))
	}
}

// writtenRequirements leaves out rows that say nothing: the Store answers unset
// requirements as [] or as [{}] (observed 2026-02).
func writtenRequirements(rows []schema.Requirement) []schema.Requirement {
	var written []schema.Requirement
	for _, row := range rows {
		if row != (schema.Requirement{}) {
			written = append(written, row)
		}
	}
	return written
}

// typedText is a value of a string field.
func typedText(kind plan.Type, s string) plan.Value {
	if kind == plan.Text {
		return plan.TextValue(s)
	}
	return plan.StringValue(s)
}

// at is a path below another.
func at(prefix plan.Path, segments ...string) plan.Path {
	return plan.Join(append([]string{string(prefix)}, segments...)...)
}
