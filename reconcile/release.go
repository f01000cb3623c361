package reconcile

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// managed are the paths that the manifest writes, as they hold whatever it calls
// the members of collections, sorted.
func (c *compared) managed() []plan.Path {
	var paths []plan.Path
	for path := range c.desired.Set {
		paths = append(paths, c.pattern(path))
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// released are the paths that the manifest wrote when it was last applied, and
// writes no more.
func (c *compared) released() []plan.Path {
	now := c.managed()
	var released []plan.Path
	for _, path := range c.record.Managed {
		switch {
		case slices.Contains(now, path), path.Under(plan.PathRollout):
		case slices.ContainsFunc(c.desired.Remove, func(group plan.Path) bool { return path.Under(group) }):
		default:
			released = append(released, path)
		}
	}
	return released
}

// managesOther reports whether the manifest manages other paths than the record
// says, of a product that storesync has a record of.
func (p *planned) managesOther() bool {
	return p.record.Source != nil && !p.manifest.Absent() && !slices.Equal(p.record.Managed, p.managed())
}

// noteReleased says in one line what git does not say any more.
func (p *planned) noteReleased() {
	if p.manifest.Absent() || p.diagnostics.HasErrors() {
		return
	}
	if released := p.released(); len(released) > 0 {
		p.notice("", "No longer in the manifest, so no longer managed; the Store keeps what it has: %s", someOf(texts(released)))
	}
}

// releasedProducts says of each product that the record knows, and that no
// manifest of the run describes any more, that it is left alone. Only what this
// run would have loaded counts: a manifest elsewhere is not gone.
func (e *Engine) releasedProducts(ctx context.Context, proposal *Proposal) schema.Diagnostics {
	if len(proposal.options.Selection.Targets) > 0 || len(proposal.options.Selection.Selectors) > 0 || len(proposal.options.Selection.Paths) == 0 {
		return nil
	}
	addresses, keys := map[string]bool{}, map[record.Key]bool{}
	for _, p := range proposal.products {
		addresses[p.doc.Address] = true
		if p.compared != nil {
			keys[p.key] = true
		}
	}
	others, err := e.options.Records.Others(ctx, keys)
	if err != nil {
		return nil // It is a help only; the records themselves are read where they count.
	}
	var found schema.Diagnostics
	for _, r := range others {
		if r.Source == nil || !r.KnowsProduct() || addresses[r.Source.Address] || !e.serves(r.Key) || !wasLoaded(r.Source, proposal.options.Selection.Paths) {
			continue
		}
		found = append(found, schema.Diagnostic{Severity: schema.SeverityWarning, Address: r.Source.Address,
			Summary: fmt.Sprintf("%s is no longer described by a manifest", r.Source.Address),
			Detail:  fmt.Sprintf("It was in %s when it was last applied. The Store keeps it as it is, and storesync leaves it alone.", r.Source.File)})
	}
	return found
}

// serves reports whether a record is of an account that this run acts for.
func (e *Engine) serves(key record.Key) bool {
	for _, backend := range e.options.Backends {
		if backend.Endpoint() == key.Endpoint && backend.Account() == key.Account {
			return true
		}
	}
	return false
}

// wasLoaded reports whether a run with the given paths would have loaded a
// manifest: one of them was given when it was applied, and the file lies at or
// below it.
func wasLoaded(source *record.Source, paths []string) bool {
	return slices.ContainsFunc(paths, func(given string) bool {
		given = path.Clean(given)
		below := given == "." || source.File == given || strings.HasPrefix(source.File, given+"/")
		return below && slices.ContainsFunc(source.Paths, func(p string) bool { return path.Clean(p) == given })
	})
}
