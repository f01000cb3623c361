package main

import (
	"slices"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// fate says that a product will be made. What becomes of one that is to be gone
// is its change.
func (v *planView) fate(p plan.Product) {
	if !isNew(p) {
		return
	}
	v.blank()
	v.line(2, inked("+ ", added), inked(kindNoun(p.Kind)+" will be created", added))
}

// isNew reports whether applying makes the product: it has no id yet, and there
// are requests to give it one.
func isNew(p plan.Product) bool {
	return p.ID == "" && slices.ContainsFunc(p.Operations, plan.Operation.Writes)
}

// isDeletion reports whether applying deletes the product.
func isDeletion(p plan.Product) bool {
	return slices.ContainsFunc(p.Changes, func(c plan.Change) bool {
		return c.Path == plan.PathProduct && c.Action == plan.ActionDelete
	})
}

// kindNoun is what a product of a kind is called in a sentence.
func kindNoun(kind string) string {
	switch schema.Kind(kind) {
	case schema.AddOnKind:
		return "the add-on"
	case schema.PackageFlightKind:
		return "the package flight"
	case schema.MsiExeAppKind, schema.MsixAppKind:
		return "the app"
	}
	return "the product"
}
