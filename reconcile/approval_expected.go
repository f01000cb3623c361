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
	if whole && !p.isWhole(expected) && slices.ContainsFunc(p.products, (*planned).acts) {
		// While something runs the plan of its product has no requests, so that
		// its hash cannot be the approved one.
		if i := slices.IndexFunc(p.products, (*planned).isWaiting); i >= 0 {
			return nil, blockedBy(p.products[i].doc.Address, *p.products[i].product.Running)
		}
		return nil, unexpected("the plan", p.Plan.Hash, expected, p.knownMoves(expected))
	}
	p.approval = approval{refused: map[string]error{}, unlisted: map[string]bool{}}
	if whole {
		p.approval.whole = expected
	}
	single := slices.ContainsFunc(slices.Collect(maps.Keys(hashes)), func(address string) bool { return address != "" })
	for _, product := range p.products {
		hash, given := hashes[product.doc.Address]
		switch {
		case !product.acts(), given && product.isWaiting():
		case given && hash != product.doc.Hash && !product.stands(hash):
			p.approval.refused[product.doc.Address] = unexpected("the plan of "+product.doc.Address, product.doc.Hash, hash, product.knownMoves(hash))
		case !given && single && !whole:
			p.approval.unlisted[product.doc.Address] = true
			left = append(left, product.doc.Address)
		}
	}
	return left, nil
}

// isWhole reports whether the plan is the one with the given hash, or what is
// left of it: a product that was begun counts as it was then.
func (p *Proposal) isWhole(hash string) bool {
	return hash == p.Plan.Hash || hash == p.Plan.IdentityOf(func(i int) string {
		product := p.products[i]
		if product.compared != nil && product.record.Begun != nil && product.record.Begun.Whole == hash && product.stands(product.record.Begun.Hash) {
			return product.record.Begun.Hash
		}
		return product.doc.Hash
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
func (p *planned) knownMoves(hash string) []string {
	var moves, paths []string
	if since := p.sinceBegun(hash); since != "" {
		moves = append(moves, p.doc.Address+": "+since)
	}
	for _, change := range p.doc.Changes {
		if change.Origin == plan.OriginStore || change.Origin == plan.OriginBoth {
			paths = append(paths, string(change.Path))
		}
	}
	if len(paths) > 0 {
		moves = append(moves, fmt.Sprintf("%s: changed in the Store since the last apply: %s", p.doc.Address, strings.Join(slices.Compact(paths), ", ")))
	}
	return moves
}
