package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// digestOf is the SHA-256 of what a value means, in hex. Empty values have the
// digest of nothing, images that of their contents, or of their ids where a
// content is not known.
func DigestOf(v Value) string {
	if v.Empty() {
		return HashOf(json.RawMessage(nil))
	}
	if v.Type != Images {
		return HashOf(v.JSON)
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
	return HashOf(Encode(parts))
}

// digests are the digests per path of everything in a state that may be kept:
// not of sensitive values.
func Digests(s State) map[Path]string {
	d := make(map[Path]string, len(s))
	for path, value := range s {
		if !value.Sensitive && !value.Empty() {
			d[path] = DigestOf(value)
		}
	}
	return d
}

// revisionOf identifies an observed product: the same for the same live values
// on every machine.
func RevisionOf(s State) string { return HashOf(Encode(Digests(s))) }

func HashOf(document json.RawMessage) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// identity identifies what a plan would do to this product. It leaves out what
// differs between runs or machines without changing what is done.
func (p Product) Identity() string {
	return HashOf(Encode(struct {
		Address, Kind, ID, Revision string
		Changes                     []Change
		Operations                  []Operation
		Allowed                     []Guard
	}{p.Address, p.Kind, p.ID, p.Revision, EssentialChanges(p.Changes), EssentialOperations(p.Operations), p.Tripped()}))
}

// identity identifies what the whole plan would do.
func (p *Plan) Identity() string {
	return p.IdentityOf(func(i int) string { return p.Products[i].Hash })
}

// identityOf is the identity of the plan whose products have the given hashes.
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

// digestOrNone is "" for an empty value, as in a map without that path.
func DigestOrNone(v Value) string {
	if v.Empty() {
		return ""
	}
	return DigestOf(v)
}
