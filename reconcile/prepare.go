package reconcile

import (
	"context"

	"github.com/storesync/storesync/schema"
)

// Preparer is a Backend that can read what several products need in fewer
// requests than each by itself.
type Preparer interface {
	// Prepare is called once, before the products are observed. It is a help
	// only: what it could not read is read by Observe, and so is what is wrong.
	Prepare(ctx context.Context, manifests []*schema.Manifest) error
}

// prepare lets each backend read ahead for its manifests.
func (e *Engine) prepare(ctx context.Context, manifests []*schema.Manifest) {
	byKind := map[schema.Kind][]*schema.Manifest{}
	for _, m := range manifests {
		byKind[m.Kind] = append(byKind[m.Kind], m)
	}
	for kind, own := range byKind {
		if preparer, ok := e.options.Backends[kind].(Preparer); ok {
			// Failures are per product: each says for itself what is wrong.
			_ = preparer.Prepare(ctx, own)
		}
	}
}
