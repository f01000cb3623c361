package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// order finds which products wait for others of the run, and says so: an
// add-on or flight follows what it refers to while that is new, or while it is
// not known whether it is.
func order(products []*planned) {
	byAddress := map[string]*planned{}
	for _, p := range products {
		byAddress[p.doc.Address] = p
	}
	for _, p := range products {
		var names, unplanned []string
		for _, address := range p.manifest.DependsOn() {
			other := byAddress[address]
			switch {
			case other == nil || other == p:
			case other.err != nil:
				p.after = append(p.after, other)
				unplanned = append(unplanned, address)
			case other.isNew():
				p.after = append(p.after, other)
				names = append(names, address)
			}
		}
		if len(unplanned) > 0 && len(p.doc.Operations) > 0 {
			p.notice("", "Depends on %s, which could not be planned: apply leaves this one out.", strings.Join(unplanned, " and "))
		}
		if len(names) > 0 && len(p.doc.Operations) > 0 {
			be := "is"
			if len(names) > 1 {
				be = "are"
			}
			p.notice("", "Waits for %s, which %s new.", strings.Join(names, " and "), be)
		}
	}
}

// isNew reports whether a product is made, or first published, by this run.
func (p *planned) isNew() bool {
	return p.compared != nil && !p.manifest.Absent() && (p.product.Missing || p.first())
}

// inOrder runs work for every product, each after those that it waits for,
// otherwise in their order and at most Parallelism at a time. Products that
// wait for each other do not hang: the first of them goes ahead.
func (e *Engine) inOrder(products []*planned, work func(i int)) {
	const (
		waiting = iota
		running
		ended
	)
	stages := map[*planned]int{}
	free := e.options.Parallelism
	done := make(chan int)
	start := func(ready func(*planned) bool) bool {
		i := slices.IndexFunc(products, func(p *planned) bool { return stages[p] == waiting && ready(p) })
		if i < 0 {
			return false
		}
		stages[products[i]] = running
		free--
		go func() {
			work(i)
			done <- i
		}()
		return true
	}
	ready := func(p *planned) bool {
		return !slices.ContainsFunc(p.after, func(other *planned) bool { return stages[other] != ended })
	}
	for range products {
		for free > 0 && start(ready) {
		}
		if free == e.options.Parallelism {
			start(func(*planned) bool { return true })
		}
		stages[products[<-done]] = ended
		free++
	}
}

// heldBy is why a product is not applied, as one that it waits for was not; nil
// when nothing holds it.
func (p *planned) heldBy(results map[*planned]ProductResult) error {
	for _, other := range p.after {
		result, ended := results[other]
		class := plan.ClassRefused
		switch {
		case !ended || result.Err == nil && result.Outcome != Skipped:
			continue
		case result.Err != nil:
			class = plan.ClassOf(result.Err)
		}
		return &plan.Failure{Class: class,
			Err:  fmt.Errorf("%s: depends on %s, which was not applied", p.doc.Address, other.doc.Address),
			Next: "Nothing was changed. Run apply again when that one is settled."}
	}
	return nil
}
