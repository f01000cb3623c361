package plan

import (
	"encoding/json"
	"slices"
)

// EssentialChanges are changes as they count in a hash: without explanations,
// without what only the machine's own record tells, and without the names of
// files, which depend on where the workspace begins.
func EssentialChanges(changes []Change) []Change {
	essential := slices.Clone(changes)
	for i := range essential {
		c := &essential[i]
		c.Reason, c.Origin = "", ""
		if c.Type == Images && !c.Sensitive {
			c.Before, c.After = withoutNames(c.Before), withoutNames(c.After)
		}
	}
	return essential
}

// withoutNames are images without the names of their files.
func withoutNames(document json.RawMessage) json.RawMessage {
	if document == nil {
		return nil
	}
	images := Value{Type: Images, JSON: document}.Images()
	for i := range images {
		images[i].Name = ""
	}
	return Encode(images)
}

// EssentialOperations are operations as they count in a hash: what is sent,
// without words about it and without the names of local files.
func EssentialOperations(operations []Operation) []Operation {
	essential := slices.Clone(operations)
	for i := range essential {
		o := &essential[i]
		o.Summary = ""
		o.Uploads = slices.Clone(o.Uploads)
		for j := range o.Uploads {
			o.Uploads[j].Name = ""
		}
	}
	return essential
}

// shortDigest is how many hex digits of a digest a plan keeps for each observed
// path: enough to tell values apart by accident; the revision does it for sure.
const shortDigest = 16

// ShortDigests are the short digests of an observed state.
func ShortDigests(s State) map[Path]string {
	short := Digests(s)
	for path, digest := range short {
		short[path] = digest[:shortDigest]
	}
	return short
}

// Identity identifies what a plan would do to this product. It leaves out what
// differs between runs or machines without changing what is done.
func (p Product) Identity() string {
	return HashOf(Encode(struct {
		Address, Kind, ID, Revision string
		Changes                     []Change
		Operations                  []Operation
		Allowed                     []Guard
	}{p.Address, p.Kind, p.ID, p.Revision, EssentialChanges(p.Changes), EssentialOperations(p.Operations), p.Tripped()}))
}

// Identity identifies what the whole plan would do.
func (p *Plan) Identity() string {
	return p.IdentityOf(func(i int) string { return p.Products[i].Hash })
}

// IdentityOf is the identity of the plan whose products have the given hashes.
func (p *Plan) IdentityOf(hash func(i int) string) string {
	parts := []string{p.FormatVersion}
	for _, endpoint := range p.Endpoints {
		parts = append(parts, "endpoint", endpoint)
	}
	for i, product := range p.Products {
		parts = append(parts, product.Address, hash(i))
	}
	return HashOf(Encode(parts))
}
