package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// refuseSameProduct refuses products that turn out to be one and the same at
// the Store, under two manifests: each apply would undo the other.
func refuseSameProduct(products []*proposed) {
	byProduct := map[string][]*proposed{}
	for _, p := range products {
		if p.observed == nil {
			continue
		}
		// One that does not exist yet has its name alone.
		byProduct[plan.HashOf(plan.Encode(p.key))] = append(byProduct[plan.HashOf(plan.Encode(p.key))], p)
		if id := p.id(); id != "" {
			known := p.key.Endpoint + " " + strings.ToLower(id)
			byProduct[known] = append(byProduct[known], p)
		}
	}
	for _, same := range byProduct {
		for _, p := range same {
			if len(same) > 1 && p.err == nil {
				p.refuseSame(same)
			}
		}
	}
}

// refuseSame makes an error of a product that others are, too.
func (p *proposed) refuseSame(same []*proposed) {
	var others []string
	for _, other := range same {
		if other != p {
			others = append(others, other.plan.Address)
		}
	}
	slices.Sort(others)
	which := p.id()
	if which == "" {
		which = p.key.Product
	}
	p.err = fmt.Errorf("%s: %w", p.plan.Address, &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("it is the same product of the Store as %s (%s)", strings.Join(others, ", "), which),
		Next: "Nothing was changed. Keep one manifest for each product."})
	p.plan.Error, p.plan.Operations = p.err.Error(), nil
}
