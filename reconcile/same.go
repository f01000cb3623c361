package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// refuseSameProduct refuses products that turn out to be one and the same at
// the Store, under two manifests: each apply would undo the other.
func refuseSameProduct(products []comparison) {
	byProduct := map[string][]int{}
	for i, p := range products {
		if p.compared == nil {
			continue
		}
		// One that does not exist yet has its name alone.
		name := plan.HashOf(plan.Encode(p.key))
		byProduct[name] = append(byProduct[name], i)
		if id := p.id(); id != "" {
			known := p.key.Endpoint + " " + strings.ToLower(id)
			byProduct[known] = append(byProduct[known], i)
		}
	}
	for _, same := range byProduct {
		if len(same) < 2 {
			continue
		}
		for _, i := range same {
			if products[i].err == nil {
				products[i].err = sameProduct(products, i, same)
			}
		}
	}
}

// sameProduct is the error of a product that others are, too.
func sameProduct(products []comparison, i int, same []int) error {
	p := products[i]
	var others []string
	for _, other := range same {
		if other != i {
			others = append(others, products[other].manifest.Address())
		}
	}
	slices.Sort(others)
	which := p.id()
	if which == "" {
		which = p.key.Product
	}
	return fmt.Errorf("%s: %w", p.manifest.Address(), &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("it is the same product of the Store as %s (%s)", strings.Join(others, ", "), which),
		Next: "Nothing was changed. Keep one manifest for each product."})
}
