package msix

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// resource is a product as the Store shows it beside its submissions.
type resource struct {
	product
	// Published and Pending are nil where there is no such submission.
	Published, Pending *submissionRef
	// application is what the Store tells of an app, nil for the others.
	application *application
	// addOn and flight are what it tells of these, else nil.
	addOn  *addOn
	flight *flight
	// names are the friendly names of the app's flights by id in lower case,
	// nil when they were not read.
	names map[string]string
}

func (a *application) resource(p product) *resource {
	return &resource{product: p, Published: a.LastPublished, Pending: a.Pending, application: a}
}

func (a *addOn) resource(app string) *resource {
	p := product{kind: kindAddOn, app: app, id: string(a.ID), name: a.ProductID}
	return &resource{product: p, Published: a.LastPublished, Pending: a.Pending, addOn: a}
}

func (f *flight) resource(app string) *resource {
	p := product{kind: kindFlight, app: app, id: string(f.ID), name: f.FriendlyName}
	return &resource{product: p, Published: f.LastPublished, Pending: f.Pending, flight: f}
}

// is reports whether the resource is what the manifest calls the product. Case
// and blanks do not count: no page says that the Store tells names by them, and
// it refuses a productId that is taken in another spelling. A name that differs
// in them is refused once the product is found.
func (r *resource) is(p product) bool {
	return p.name == "" || schema.SameName(r.name, p.name)
}

// find looks up a manifest's product. It is nil when there is none yet; one
// that the manifest pins must be there.
//
// A product that the manifest does not pin is looked for in a list. Its id does
// not change afterwards, so whoever looks again in this process reads it by
// itself, and goes back to the list when it is gone or is called otherwise.
func (b *backend) find(ctx context.Context, m *schema.Manifest) (*resource, error) {
	if hit, ok := b.ahead.take(m.Address()); ok {
		return hit.resource, hit.err
	}
	wanted := wantedProduct(m)
	if wanted.kind == kindApp || wanted.id != "" {
		return b.findByID(ctx, m, wanted)
	}
	if known, ok := b.places.get(m); ok {
		found, err := b.client.resource(ctx, known)
		switch {
		case err == nil && found.is(wanted):
			return found, nil
		case err != nil && !storehttp.IsNotFound(err):
			return nil, err
		}
		b.places.forget(m)
	}
	found, err := b.lookUp(ctx, wanted)
	if err == nil && found != nil {
		b.places.put(m, found.product)
	}
	return found, err
}

// findByID reads a product by the id that its manifest names.
func (b *backend) findByID(ctx context.Context, m *schema.Manifest, wanted product) (*resource, error) {
	found, err := b.client.resource(ctx, wanted)
	switch {
	case storehttp.IsNotFound(err) && m.Absent():
		return nil, nil
	case storehttp.IsNotFound(err) && wanted.kind != kindApp:
		return nil, notThere(wanted, err)
	case err == nil && found.addOn != nil && found.addOn.isOther(wanted.app):
		return nil, &plan.Failure{Class: plan.ClassError, Err: fmt.Errorf("%s is not of app %s", wanted.pinned(), wanted.app),
			Next: "Check spec.id and spec.app."}
	}
	return found, err
}

// notThere: a pinned product is never made.
func notThere(p product, err error) error {
	return &plan.Failure{Class: plan.ClassOf(err), Err: fmt.Errorf("%s is not there: %w", p.pinned(), err),
		Next: "What spec.id pins is never made. Check spec.id and spec.app in Partner Center, or take spec.id away: then it is found by its name, and made where there is none."}
}

// pinned is the product as its id names it.
func (p product) pinned() product {
	p.name = ""
	return p
}

// lookUp reads the list that a product stands in, and picks it.
func (b *backend) lookUp(ctx context.Context, wanted product) (*resource, error) {
	if wanted.kind == kindFlight {
		list, err := b.client.flightList(ctx, wanted.app, nil)
		if err != nil {
			return nil, err
		}
		b.flights.put(list)
		return list.pick(wanted)
	}
	list, err := b.client.addOnList(ctx, nil)
	if err != nil {
		return nil, err
	}
	return list.pick(wanted)
}

// flightList are flights of an app, as many as were read.
type flightList struct {
	app     string
	flights []*flight
}

// pick is the one flight of a name, nil for none.
func (l *flightList) pick(wanted product) (*resource, error) {
	var hits []*resource
	names := l.names()
	for _, f := range l.flights {
		if hit := f.resource(l.app); wanted.id == "" && hit.is(wanted) || wanted.id != "" && strings.EqualFold(hit.id, wanted.id) {
			hit.names = names
			hits = append(hits, hit)
		}
	}
	return onlyHit(wanted, hits)
}

func (l *flightList) names() map[string]string {
	names := map[string]string{}
	for _, f := range l.flights {
		names[strings.ToLower(string(f.ID))] = f.FriendlyName
	}
	return names
}

// addOnList are add-ons of the account, as many as were read.
type addOnList struct{ addOns []*addOn }

// pick is the one add-on of a productId in its app, nil for none.
func (l *addOnList) pick(wanted product) (*resource, error) {
	var hits []*resource
	for _, a := range l.addOns {
		hit := a.resource(wanted.app)
		if wanted.id == "" && hit.is(wanted) && a.belongsTo(wanted.app) || wanted.id != "" && strings.EqualFold(hit.id, wanted.id) {
			hits = append(hits, hit)
		}
	}
	return onlyHit(wanted, hits)
}

// onlyHit refuses a name that several products have.
func onlyHit(wanted product, hits []*resource) (*resource, error) {
	exact := slices.DeleteFunc(slices.Clone(hits), func(hit *resource) bool { return hit.name != wanted.name })
	apart := !slices.ContainsFunc(hits, func(hit *resource) bool { return hit.name != wanted.name && strings.EqualFold(hit.name, wanted.name) })
	if len(exact) == 1 && apart {
		// Others differ in blanks, which Partner Center shows to be there.
		hits = exact
	}
	switch len(hits) {
	case 0:
		return nil, nil
	case 1:
		return hits[0], nil
	}
	var ids []string
	for _, hit := range hits {
		id := hit.id
		if hit.name != wanted.name {
			id += fmt.Sprintf(" (%q)", hit.name)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return nil, &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s: there are %d of that name, without regard to case and blanks: %s", wanted, len(ids), strings.Join(ids, ", ")),
		Next: "Write spec.id with the one that is meant."}
}

// place is a manifest's product with its id: as it was found or made in this
// process, else as the list has it.
func (b *backend) place(ctx context.Context, m *schema.Manifest) (product, error) {
	wanted := wantedProduct(m)
	if wanted.kind == kindApp || wanted.id != "" {
		return wanted, nil
	}
	if known, ok := b.places.get(m); ok {
		return known, nil
	}
	found, err := b.find(ctx, m)
	switch {
	case err != nil:
		return wanted, err
	case found == nil:
		return wanted, &plan.Failure{Class: plan.ClassError, Err: fmt.Errorf("%s is not there", wanted), Next: "Apply makes it."}
	}
	return found.product, nil
}
