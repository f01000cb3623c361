package msix

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/storesync/storesync/schema"
)

// places are the products that manifests were found to be, by address: ids,
// which do not change.
type places struct {
	mu    sync.Mutex
	known map[string]product
}

func (p *places) get(m *schema.Manifest) (product, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[m.Address()]
	return known, ok
}

func (p *places) put(m *schema.Manifest, known product) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[string]product{}
	}
	p.known[m.Address()] = known
}

func (p *places) forget(m *schema.Manifest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, m.Address())
}

// knownApps are the facts of apps that do not change: the identity that
// packages must have.
type knownApps struct {
	mu    sync.Mutex
	known map[string]appFacts
}

// facts are those of an app, which is read once.
func (k *knownApps) facts(ctx context.Context, c *client, app string) (appFacts, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if facts, ok := k.known[strings.ToUpper(app)]; ok {
		return facts, nil
	}
	found, err := c.application(ctx, app)
	if err != nil {
		return appFacts{}, err
	}
	if k.known == nil {
		k.known = map[string]appFacts{}
	}
	k.known[strings.ToUpper(app)] = found.facts()
	return found.facts(), nil
}

// flightName is what is kept of a flight beside the one that is observed.
type flightName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ranks are the flights that another one can rank above.
func (l *flightList) ranks() []flightName {
	ranks := []flightName{}
	for _, f := range l.flights {
		ranks = append(ranks, flightName{ID: string(f.ID), Name: f.FriendlyName})
	}
	slices.SortFunc(ranks, func(a, b flightName) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return ranks
}

// knownFlights are the flights of apps by the app's id, as their lists were last
// read to the end: what a flight that is yet to be made can rank above.
type knownFlights struct {
	mu    sync.Mutex
	known map[string][]flightName
}

func (k *knownFlights) put(list *flightList) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[string][]flightName{}
	}
	k.known[strings.ToUpper(list.app)] = list.ranks()
}

func (k *knownFlights) of(app string) ([]flightName, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.known[strings.ToUpper(app)]
	return known, ok
}
