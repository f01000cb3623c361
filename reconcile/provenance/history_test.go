package provenance_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/provenance"
)

// history is how a product came to where it is.
type history struct {
	model  provenance.Draft
	begun  bool
	events []event
}

func (h history) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s draft, begun: %t", h.model, h.begun)
	for i, e := range h.events {
		fmt.Fprintf(&b, "\n  %2d %s", i+1, e)
	}
	return b.String()
}

// play is the world after a history; visit sees it after each event.
func (h history) play(visit func(*world) error) (*world, error) {
	w := newWorld(h.model, h.begun)
	if err := visit(w); err != nil {
		return w, err
	}
	for _, e := range h.events {
		w.happen(e)
		if err := visit(w); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (h history) end() *world {
	w, _ := h.play(func(*world) error { return nil })
	return w
}

// generator makes random histories. The same seed makes the same history.
type generator struct {
	*rand.Rand
	// alone: nobody but us touches the product.
	alone bool
}

// weights say how often what happens.
var weights = []struct {
	kind   kind
	weight int
	others bool
}{
	{gitMoves, 10, false}, {weWrite, 9, false}, {weMake, 3, false}, {weSubmit, 3, false}, {weDiscard, 1, false},
	{published, 2, false}, {failed, 2, false}, {halted, 1, false},
	{theyEdit, 4, true}, {theyRemove, 1, true}, {theyDrop, 1, true}, {theyUndo, 2, true}, {theyMake, 1, true}, {theyDiscard, 1, true},
}

func pick[T any](g *generator, items ...T) T { return items[g.IntN(len(items))] }

func (g *generator) kind() kind {
	sum := 0
	for _, w := range weights {
		if !w.others || !g.alone {
			sum += w.weight
		}
	}
	at := g.IntN(sum)
	for _, w := range weights {
		if w.others && g.alone {
			continue
		}
		if at -= w.weight; at < 0 {
			return w.kind
		}
	}
	panic("weights do not add up")
}

// event is a random one; serial makes its value one that nobody has had yet.
func (g *generator) event(serial int) event {
	e := event{kind: g.kind(), path: pick(g, fields...)}
	if g.IntN(5) == 0 {
		// A language has to be made more often than chance would have it.
		e.path = "listings.de.title"
	}
	switch e.kind {
	case gitMoves:
		e.text, e.git, e.style = fmt.Sprintf("é & git %d\nx", serial), pick(g, gitMovesTo...), pick(g, styles...)
	case weWrite:
		e.end, e.style = pick(g, confirms, confirms, confirms, refuses, arrives, partly, lost), pick(g, styles...)
		e.all, e.killed, e.unread = g.IntN(2) == 0, g.IntN(6) == 0, g.IntN(6) == 0
	case weMake:
		e.end, e.killed = pick(g, confirms, confirms, confirms, refuses, arrives, lost), g.IntN(6) == 0
	case weSubmit:
		e.end, e.unread = pick(g, confirms, confirms, refuses, arrives, lost), g.IntN(4) == 0
	case failed:
		e.returned = g.IntN(2) == 0
	case theyEdit, theyMake:
		e.text = fmt.Sprintf("others %d", serial)
	}
	return e
}

func (g *generator) history() history {
	h := history{model: pick(g, models...), begun: g.IntN(2) == 0}
	for serial := range 4 + g.IntN(18) {
		h.events = append(h.events, g.event(serial))
	}
	return h
}

// forHistories checks random histories, and shows the shortest one found of what
// fails.
func forHistories(t *testing.T, rounds int, alone bool, check func(history) error) {
	t.Helper()
	if testing.Short() {
		rounds = (rounds + 3) / 4
	}
	for seed := range uint64(rounds) {
		g := &generator{rand.New(rand.NewPCG(seed, 1)), alone}
		h := g.history()
		if err := check(h); err != nil {
			h, err = shrink(h, err, check)
			t.Fatalf("seed %d: %v\nafter %s", seed, err, h)
		}
	}
}

// shrink drops events one at a time, as long as the check still fails.
func shrink(h history, err error, check func(history) error) (history, error) {
	for again := true; again; {
		again = false
		for i := len(h.events) - 1; i >= 0; i-- {
			shorter := h
			shorter.events = slices.Delete(slices.Clone(h.events), i, i+1)
			if shorterErr := check(shorter); shorterErr != nil {
				h, err, again = shorter, shorterErr, true
			}
		}
	}
	return h, err
}
