package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// DigestOf is the SHA-256 of what a value means, in hex. Empty values have the
// digest of nothing, texts that of their lines whatever ends them, images that of
// their contents, or of their ids where a content is not known.
func DigestOf(v Value) string {
	if v.Empty() {
		return HashOf(json.RawMessage(nil))
	}
	switch v.Type {
	case Text:
		return HashOf(Encode(foldLines(v.Text())))
	case Images:
	default:
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

// Digests are the digests per path of everything in a state that may be kept:
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

// RevisionOf identifies an observed product: the same for the same live values
// on every machine.
func RevisionOf(s State) string { return HashOf(Encode(Digests(s))) }

func HashOf(document json.RawMessage) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
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

// DigestOrNone is "" for an empty value, as in a map without that path.
func DigestOrNone(v Value) string {
	if v.Empty() {
		return ""
	}
	return DigestOf(v)
}
