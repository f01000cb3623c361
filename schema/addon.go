package schema

import (
	"reflect"
	"slices"
)

// decodeAddOn decodes the spec of kind AddOn.
func decodeAddOn(d *decoder, spec *tree, absent bool) *AddOn {
	if absent {
		spec = identityOnly[AddOn](spec, addOnIdentityFields())
	}
	addOn := decodeInto[AddOn](d, d.mergeListings(spec))
	addOn.ID = storeSpelling(addOn.ID)
	return addOn
}

// addOnIdentityFields are the fields that find an add-on: its app, its id or its
// name within the app, and what else is fixed once it is made.
func addOnIdentityFields() []string { return []string{"app", "id", "productId", "productType"} }

// identityOnly is the spec of a product that is to be deleted, with what finds
// the product. The rest may stay in the manifest and is not looked at: its
// files may be gone. Fields that there are not stay, to be reported.
func identityOnly[T any](spec *tree, names []string) *tree {
	found := *spec
	found.fields = slices.DeleteFunc(slices.Clone(spec.fields), func(f treeField) bool {
		_, known := fieldByName(reflect.TypeFor[T](), f.key)
		return known && !slices.Contains(names, f.key)
	})
	return &found
}
