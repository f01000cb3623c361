package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// CheckSaved refuses a proposal (ClassRefused) that is neither what a saved plan
// says nor what is left of it, and names what moved since it was made: the
// account, the files, the Store, or what would be done. A saved plan is one
// decision: it is refused as a whole, before any write. A plan of which nothing
// is left to do fits. A product that cannot be planned any more fails with its
// own error, unless the Store moved, which is then the reason.
func (p *Proposal) CheckSaved(saved *plan.Plan) error {
	if saved.Errored {
		return &plan.Failure{Class: plan.ClassRefused, Err: errors.New("the saved plan has errors; it is for looking at only"),
			Next: "Nothing was changed. Mend what it says and plan again."}
	}
	if err := p.checkScope(saved); err != nil {
		return err
	}
	moved := movedInputs(saved.Inputs, p.Plan.Inputs)
	failed := p.Err() != nil || p.Plan.Diagnostics.HasErrors()
	if len(moved) == 0 && !failed && !slices.ContainsFunc(p.products, (*planned).acts) {
		return nil
	}
	savedProducts := byAddress(saved)
	hashes := make([]string, len(p.products))
	for i, product := range p.products {
		before := savedProducts[product.doc.Address]
		hashes[i] = product.doc.Hash
		if product.stands(before.Hash) {
			hashes[i] = before.Hash
			continue
		}
		moved = append(moved, product.movedSince(before, len(moved) == 0)...)
	}
	hash := p.Plan.IdentityOf(func(i int) string { return hashes[i] })
	switch {
	case len(moved) > 0:
		return staleSaved(moved)
	case failed:
		return nil // Each product says for itself why it cannot be planned.
	case hash != saved.Hash:
		return staleSaved([]string{fmt.Sprintf("the hash of what would be done is %s and was %s; the plan was made by %s", hash, saved.Hash, saved.Tool)})
	}
	p.approval.whole = saved.Hash
	return nil
}

// movedSince says how a product is not what it was when it was planned, as far
// as it could be observed. What would be done is looked at when nothing else is
// known to have moved.
func (p *planned) movedSince(before plan.Product, otherwise bool) []string {
	if p.compared == nil {
		return nil
	}
	moved := p.movedInStore(before)
	if len(moved) == 0 && otherwise && p.err == nil && !p.found.HasErrors() {
		moved = movedOtherwise(before, p.doc)
	}
	if since := p.sinceBegun(before.Hash); since != "" {
		moved = []string{p.doc.Address + ": " + since}
	}
	return moved
}

func staleSaved(moved []string) error {
	return &plan.Failure{Class: plan.ClassRefused,
		Err:  errors.New("the saved plan is stale:\n  " + strings.Join(moved, "\n  ")),
		Next: "Nothing was changed. Plan again and look at what is different."}
}

// checkScope refuses a plan that is for another Store, other products or
// another account.
func (p *Proposal) checkScope(saved *plan.Plan) error {
	var wrong []string
	if !slices.Equal(saved.Endpoints, p.Plan.Endpoints) {
		wrong = append(wrong, fmt.Sprintf("it was made for %s, and this run asks %s", orNone(saved.Endpoints), orNone(p.Plan.Endpoints)))
	}
	before, now := byAddress(saved), byAddress(p.Plan)
	for _, address := range slices.Sorted(maps.Keys(before)) {
		product, known := now[address]
		switch {
		case !known:
			wrong = append(wrong, address+" is in the plan and in no manifest any more")
		case product.Account != "" && before[address].Account != product.Account:
			wrong = append(wrong, fmt.Sprintf("%s: it was made for account %s, and this run acts for %s", address, before[address].Account, product.Account))
		}
	}
	for _, address := range slices.Sorted(maps.Keys(now)) {
		if _, known := before[address]; !known {
			wrong = append(wrong, address+" is in a manifest and not in the plan")
		}
	}
	if len(wrong) == 0 && len(saved.Products) != len(p.Plan.Products) {
		wrong = append(wrong, "it names a product twice")
	}
	if len(wrong) > 0 {
		return &plan.Failure{Class: plan.ClassRefused,
			Err:  errors.New("the saved plan is for something else:\n  " + strings.Join(wrong, "\n  ")),
			Next: "Nothing was changed. Apply it with the manifests, the account and the Store that it was made for, or plan again."}
	}
	return nil
}

func byAddress(planned *plan.Plan) map[string]plan.Product {
	products := map[string]plan.Product{}
	for _, product := range planned.Products {
		products[product.Address] = product
	}
	return products
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "no Store"
	}
	return strings.Join(list, ", ")
}

// movedInputs names the local files that are not what they were.
func movedInputs(before, now []schema.Input) []string {
	sums := map[string]string{}
	for _, input := range now {
		sums[input.Name] = input.SHA256
	}
	var moved []string
	for _, input := range before {
		sum, known := sums[input.Name]
		delete(sums, input.Name)
		switch {
		case !known:
			moved = append(moved, input.Name+" took part in the plan and is not read any more")
		case sum != input.SHA256:
			moved = append(moved, input.Name+" changed since the plan was made")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		moved = append(moved, name+" was added since the plan was made")
	}
	return moved
}

// movedInStore says how the product is another one than when it was planned.
func (p *planned) movedInStore(before plan.Product) []string {
	var moved []string
	now := p.doc
	switch {
	case before.ID == "" && now.ID != "":
		moved = append(moved, fmt.Sprintf("%s: was made in the Store since the plan was made; its id is %s", now.Address, now.ID))
	case before.ID != now.ID:
		moved = append(moved, fmt.Sprintf("%s: is not product %s any more since the plan was made", now.Address, before.ID))
	}
	if now.Running != nil && (before.Running == nil || before.Running.ID != now.Running.ID) {
		moved = append(moved, fmt.Sprintf("%s: submission %s was started since the plan was made", now.Address, now.Running.ID))
	}
	if now.Running == nil && before.Running != nil {
		moved = append(moved, fmt.Sprintf("%s: submission %s has ended since the plan was made", now.Address, before.Running.ID))
	}
	if before.Revision == now.Revision {
		return moved
	}
	where := strings.Join(texts(p.moved(before.Observed, nil)), ", ")
	if where == "" {
		where = "which paths is not known"
	}
	return append(moved, fmt.Sprintf("%s: changed in the Store since the plan was made: %s", now.Address, where))
}

// movedOtherwise says what would be done differently though neither files nor
// the Store moved: by another value of a variable, another record, or another
// version of storesync.
func movedOtherwise(before, now plan.Product) []string {
	if before.Hash == now.Hash {
		return nil
	}
	var parts []string
	if paths := differing(before.Changes, now.Changes, plan.EssentialChanges, func(c plan.Change) string { return string(c.Path) }); len(paths) > 0 {
		parts = append(parts, "other changes at "+strings.Join(paths, ", "))
	}
	if ids := differing(before.Operations, now.Operations, plan.EssentialOperations, func(o plan.Operation) string { return o.ID }); len(ids) > 0 {
		parts = append(parts, "other requests: "+strings.Join(ids, ", "))
	}
	if len(parts) == 0 {
		parts = append(parts, "another hash")
	}
	return []string{fmt.Sprintf("%s: the same files and the same Store now make %s; a variable, the record or the version of storesync is another", now.Address, strings.Join(parts, "; "))}
}

// differing are the names of elements that are not the same on both sides.
func differing[T any](before, now []T, essence func([]T) []T, name func(T) string) []string {
	group := func(list []T) map[string]string {
		groups := map[string]string{}
		for _, element := range essence(list) {
			groups[name(element)] += string(json.RawMessage(plan.Encode(element)))
		}
		return groups
	}
	a, b := group(before), group(now)
	var names []string
	for n := range union(a, b) {
		if a[n] != b[n] {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}
