package msix

import (
	"context"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/storehttp"
	"github.com/storesync/storesync/schema"
)

// readAhead keeps what Prepare found, by address, each for one look: whoever
// looks again wants to see what has changed since.
type readAhead struct {
	mu   sync.Mutex
	hits map[string]hit
}

// hit is what a list says of one manifest's product: it, nil where there is
// none yet, or why the list could not be read.
type hit struct {
	resource *resource
	err      error
}

func (r *readAhead) put(m *schema.Manifest, found *resource, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hits == nil {
		r.hits = map[string]hit{}
	}
	r.hits[m.Address()] = hit{found, err}
}

// take is what was read ahead of a product; false when nothing was (any more).
func (r *readAhead) take(address string) (hit, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.hits[address]
	delete(r.hits, address)
	return found, ok
}

// Prepare reads the products of several manifests from lists when that takes
// fewer requests than one for each: apps and add-ons from those of the account,
// flights from that of their app. It is called before observing; without it each
// product is looked up by itself. A list that cannot be read is no error: what
// is wrong shows when the products are observed.
func (b *backend) Prepare(ctx context.Context, manifests []*schema.Manifest) error {
	var apps, addOns []*schema.Manifest
	flights := map[string][]*schema.Manifest{}
	var secrets []string
	for _, m := range manifests {
		secrets = append(secrets, b.wantedSecrets(m)...)
		switch kindOf(m) {
		case kindAddOn:
			addOns = append(addOns, m)
		case kindFlight:
			app := strings.ToUpper(m.PackageFlight.AppID)
			flights[app] = append(flights[app], m)
		default:
			apps = append(apps, m)
		}
	}
	ctx = storehttp.WithSecrets(ctx, secrets...)
	if err := b.prepareApps(ctx, apps); err != nil {
		return err
	}
	if err := b.prepareAddOns(ctx, addOns); err != nil {
		return err
	}
	for _, ofApp := range flights {
		if err := b.prepareFlights(ctx, ofApp); err != nil {
			return err
		}
	}
	return nil
}

// prepareApps stops where the pages that are left cost more than the apps that
// are not found yet.
func (b *backend) prepareApps(ctx context.Context, manifests []*schema.Manifest) error {
	wanted := map[string][]*schema.Manifest{}
	for _, m := range manifests {
		id := strings.ToUpper(m.MsixApp.AppID)
		wanted[id] = append(wanted[id], m)
	}
	if len(wanted) < 2 {
		return nil
	}
	err := readPages(ctx, b.client, appList(), func(page []*application, left left) bool {
		for _, app := range page {
			id := strings.ToUpper(string(app.ID))
			for _, m := range wanted[id] {
				b.ahead.put(m, app.resource(wantedProduct(m)), nil)
			}
			delete(wanted, id)
		}
		return len(wanted) == 0 || int(left) >= len(wanted)
	})
	return unlessInterrupted(err)
}

// prepareAddOns reads the account's list, which is one request however many
// add-ons there are (see listOfAddOns).
func (b *backend) prepareAddOns(ctx context.Context, manifests []*schema.Manifest) error {
	if len(manifests) < 2 {
		return nil
	}
	pinned := pinnedIn(manifests)
	list, err := b.client.addOnList(ctx, func(list *addOnList, left left) bool {
		return len(pinned) == len(manifests) && worthLess(left, pinned, func(p product) bool { found, _ := list.pick(p); return found != nil })
	})
	return b.keep(manifests, err, list.pick)
}

// prepareFlights reads the list of the flights of one app.
func (b *backend) prepareFlights(ctx context.Context, manifests []*schema.Manifest) error {
	if len(manifests) < 2 {
		return nil
	}
	pinned := pinnedIn(manifests)
	list, err := b.client.flightList(ctx, manifests[0].PackageFlight.AppID, func(list *flightList, left left) bool {
		return len(pinned) == len(manifests) && worthLess(left, pinned, func(p product) bool { found, _ := list.pick(p); return found != nil })
	})
	if err == nil && len(pinned) < len(manifests) {
		b.flights.put(list)
	}
	return b.keep(manifests, err, list.pick)
}

// pinnedIn are the products that manifests pin by id. A list is read to its end
// for the others: only then is it known that a name stands there once, or not
// at all.
func pinnedIn(manifests []*schema.Manifest) []product {
	var pinned []product
	for _, m := range manifests {
		if p := wantedProduct(m); p.id != "" {
			pinned = append(pinned, p)
		}
	}
	return pinned
}

// worthLess reports whether the pages that are left cost at least as much as
// reading the products that were not found yet.
func worthLess(left left, wanted []product, found func(product) bool) bool {
	open := 0
	for _, p := range wanted {
		if !found(p) {
			open++
		}
	}
	return int(left) >= open
}

// keep keeps what a list says of each manifest. A list that cannot be read
// stands for each product that needs it, so that it is not asked for again by
// each; pinned products are read by themselves then, and so are those that the
// list does not have.
func (b *backend) keep(manifests []*schema.Manifest, failure error, pick func(product) (*resource, error)) error {
	for _, m := range manifests {
		wanted := wantedProduct(m)
		found, err := (*resource)(nil), failure
		if failure == nil {
			found, err = pick(wanted)
		}
		if wanted.id != "" && found == nil {
			continue
		}
		if found != nil && found.addOn != nil && found.addOn.isOther(wanted.app) {
			continue // Reading it by itself says so.
		}
		if found != nil {
			b.places.put(m, found.product)
		}
		b.ahead.put(m, found, err)
	}
	return unlessInterrupted(failure)
}

// unlessInterrupted keeps only the errors after which nothing else can be done
// either.
func unlessInterrupted(err error) error {
	switch plan.ClassOf(err) {
	case plan.ClassInterrupted, plan.ClassCredentials:
		return err
	}
	return nil
}
