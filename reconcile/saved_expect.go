package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Expect holds the proposal to hashes that were approved elsewhere, by address;
// the hash of the key "" is the whole plan's. Apply then refuses a product
// whose hash is another one, and goes on with the others. When there are hashes
// of single products, Apply leaves alone what has none: those addresses are
// returned, as far as there is something to do for them. A product for which
// nothing is to be done any more fits every hash.
//
// Another hash of the whole plan is an error (ClassRefused): nothing of it is
// to be applied. Addresses that the plan does not have are not looked at.
func (p *Proposal) Expect(hashes map[string]string) (left []string, err error) {
	if whole, ok := hashes[""]; ok && whole != p.Plan.Hash && slices.ContainsFunc(p.products, (*proposed).acts) {
		return nil, unexpected("the plan", p.Plan.Hash, whole)
	}
	single := slices.ContainsFunc(slices.Collect(maps.Keys(hashes)), func(address string) bool { return address != "" })
	_, whole := hashes[""]
	for _, product := range p.products {
		hash, given := hashes[product.plan.Address]
		switch {
		case !product.acts():
		case given && hash != product.plan.Hash:
			product.unexpected = unexpected("the plan of "+product.plan.Address, product.plan.Hash, hash)
		case !given && single && !whole:
			product.unlisted = true
			left = append(left, product.plan.Address)
		}
	}
	return left, nil
}

func unexpected(what, hash, expected string) error {
	return &Failure{Class: ClassRefused,
		Err: fmt.Errorf("%s has the hash %s, expected was %s", what, cmp.Or(hash, "none"), cmp.Or(expected, "none")),
		Next: "Nothing was changed. The manifests, the Store or what is allowed moved since that plan was made: " +
			"look at the plan above and approve it anew. apply --plan also says what moved."}
}

// acts reports whether apply would do or refuse anything.
func (p *proposed) acts() bool {
	return p.err == nil && !p.diagnostics.HasErrors() && (p.adopted != nil || p.wants())
}
