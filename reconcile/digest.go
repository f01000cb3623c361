package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// digestOf is the SHA-256 of what a value means, in hex. Empty values have the
// digest of nothing, images that of their contents, or of their ids where a
// content is not known.
func digestOf(v Value) string {
	if v.Empty() {
		return hashOf(json.RawMessage(nil))
	}
	if v.Type != Images {
		return hashOf(v.JSON)
	}
	parts := make([]string, 0, len(v.Images()))
	for _, image := range v.Images() {
		part := image.Digest
		if part == "" {
			part = "id:" + image.ID
		}
		if image.Description != "" {
			part += " " + image.Description
		}
		parts = append(parts, part)
	}
	return hashOf(encode(parts))
}

// digests are the digests per path of everything in a state that may be kept:
// not of sensitive values.
func digests(s State) map[Path]string {
	d := make(map[Path]string, len(s))
	for path, value := range s {
		if !value.Sensitive && !value.Empty() {
			d[path] = digestOf(value)
		}
	}
	return d
}

// revisionOf identifies an observed product: the same for the same live values
// on every machine.
func revisionOf(s State) string { return hashOf(encode(digests(s))) }

func hashOf(document json.RawMessage) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// identity identifies what a plan would do to this product. It leaves out what
// differs between runs or machines without changing what is done.
func (p ProductPlan) identity() string {
	return hashOf(encode(struct {
		Address, Kind, ID, Revision string
		Changes                     []Change
		Operations                  []Operation
		Allowed                     []Guard
	}{p.Address, p.Kind, p.ID, p.Revision, essentialChanges(p.Changes), essentialOperations(p.Operations), p.tripped()}))
}

// identity identifies what the whole plan would do.
func (p *Plan) identity() string {
	return p.identityOf(func(i int) string { return p.Products[i].Hash })
}

// identityOf is the identity of the plan whose products have the given hashes.
func (p *Plan) identityOf(hash func(i int) string) string {
	parts := []string{p.FormatVersion}
	for _, endpoint := range p.Endpoints {
		parts = append(parts, "endpoint", endpoint)
	}
	for i, product := range p.Products {
		parts = append(parts, product.Address, hash(i))
	}
	return hashOf(encode(parts))
}
