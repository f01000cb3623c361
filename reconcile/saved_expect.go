package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// Expect holds the proposal to hashes that were approved elsewhere, by address;
// the hash of the key "" is the whole plan's. Apply then refuses a product
// whose hash is another one, and goes on with the others. When there are hashes
// of single products, Apply leaves alone what has none: those addresses are
// returned, as far as there is something to do for them. A product for which
// nothing is to be done any more fits every hash, and the rest of a plan that an
// earlier apply began fits that plan's.
//
// Another hash of the whole plan is an error (ClassRefused): nothing of it is
// to be applied. Addresses that the plan does not have are not looked at.
func (p *Proposal) Expect(hashes map[string]string) (left []string, err error) {
	expected, whole := hashes[""]
	if whole && !p.isWhole(expected) && slices.ContainsFunc(p.products, (*proposed).acts) {
		return nil, unexpected("the plan", p.Plan.Hash, expected, p.knownMoves(expected))
	}
	if whole {
		p.approved = expected
	}
	single := slices.ContainsFunc(slices.Collect(maps.Keys(hashes)), func(address string) bool { return address != "" })
	for _, product := range p.products {
		hash, given := hashes[product.plan.Address]
		switch {
		case !product.acts():
		case given && hash != product.plan.Hash && !product.stands(hash):
			product.unexpected = unexpected("the plan of "+product.plan.Address, product.plan.Hash, hash, product.knownMoves(hash))
		case !given && single && !whole:
			product.unlisted = true
			left = append(left, product.plan.Address)
		}
	}
	return left, nil
}

// isWhole reports whether the plan is the one with the given hash, or what is
// left of it: a product that was begun counts as it was then.
func (p *Proposal) isWhole(hash string) bool {
	return hash == p.Plan.Hash || hash == p.Plan.IdentityOf(func(i int) string {
		product := p.products[i]
		if product.record != nil && product.record.Begun != nil && product.record.Begun.Whole == hash && product.stands(product.record.Begun.Hash) {
			return product.record.Begun.Hash
		}
		return product.plan.Hash
	})
}

func unexpected(what, hash, expected string, moves []string) error {
	known := ""
	if len(moves) > 0 {
		known = "; what is known to have moved:\n  " + strings.Join(moves, "\n  ")
	}
	return &plan.Failure{Class: plan.ClassRefused,
		Err: fmt.Errorf("%s has the hash %s, expected was %s%s", what, cmp.Or(hash, "none"), cmp.Or(expected, "none"), known),
		Next: "Nothing was changed. The manifests, the Store or what is allowed moved since that plan was made: " +
			"look at the plan above and approve it anew. apply --plan also says what moved."}
}

// knownMoves says of all products what the records tell.
func (p *Proposal) knownMoves(hash string) []string {
	var moves []string
	for _, product := range p.products {
		moves = append(moves, product.knownMoves(hash)...)
	}
	return moves
}

// knownMoves says what the record tells of why the plan is not the one with that
// hash: that one was begun, or somebody changed the Store since the last apply.
func (p *proposed) knownMoves(hash string) []string {
	var moves, paths []string
	if since := p.sinceBegun(hash); since != "" {
		moves = append(moves, p.plan.Address+": "+since)
	}
	for _, change := range p.plan.Changes {
		if change.Origin == plan.OriginStore || change.Origin == plan.OriginBoth {
			paths = append(paths, string(change.Path))
		}
	}
	if len(paths) > 0 {
		moves = append(moves, fmt.Sprintf("%s: changed in the Store since the last apply: %s", p.plan.Address, strings.Join(slices.Compact(paths), ", ")))
	}
	return moves
}

// acts reports whether apply would do or refuse anything.
func (p *proposed) acts() bool {
	return p.err == nil && !p.diagnostics.HasErrors() && (p.adopted != nil || p.wants())
}
