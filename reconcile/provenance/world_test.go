package provenance_test

import (
	"maps"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// author is who put a value where it is.
type author int

const (
	nobody author = iota // it was published
	us
	theStore // it filled it in
	others
)

// cell is a value of the simulated Store. Texts that are harmless rewritings of
// each other have one root; "" is no value.
type cell struct {
	text, root string
	by         author
	// sent is what we sent, where we put the value there.
	sent string
}

type content map[plan.Path]cell

func (c content) clone() content { return maps.Clone(c) }

// holdsIn reports whether a group holds anything.
func (c content) holdsIn(group plan.Path) bool {
	for path, cell := range c {
		if path.Under(group) && cell.text != "" {
			return true
		}
	}
	return false
}

// The fields of the simulated product. The Store puts fill into the second field
// of a language and into options when it makes them, unless something was sent.
const (
	price    = plan.Path("price")
	packages = plan.Path("packages.x64")
	notes    = plan.Path("notes")
	options  = plan.Path("options")
	fill     = "the Store's own"
)

var (
	languages = []plan.Path{"listings.de", "listings.en"}
	fields    = []plan.Path{"listings.de.text", "listings.de.title", "listings.en.text", "listings.en.title", notes, options, packages, price}
)

// markIn is the mark of a text at a path: notes are sensitive, price and packages
// exact. Making marks takes most of the time of these tests, so they are kept.
func markIn(path plan.Path, text string) plan.Mark {
	v := plan.TextValue(text)
	v.Sensitive, v.Exact = path == notes, !prose(path)
	key := markKey{v.Sensitive, v.Exact, text}
	if mark, ok := markCache.Load(key); ok {
		return mark.(plan.Mark)
	}
	mark := plan.MarkOf(v)
	markCache.Store(key, mark)
	return mark
}

type markKey struct {
	sensitive, exact bool
	text             string
}

var markCache sync.Map

// groupOf is what a path belongs to: its language, or itself.
func groupOf(path plan.Path) plan.Path {
	if path.Under("listings") {
		return path[:strings.LastIndexByte(string(path), '.')]
	}
	return path
}

// submission is one of ours, with its end.
type submission struct {
	holds content
	end   string // "", "published", "failed"
}

// kept is what a record keeps of something it saw, in clear.
type kept struct {
	holds  content
	unread []plan.Path
}

// world is a Store with one product, and what a record knows of it.
type world struct {
	model provenance.Draft
	draft content
	// draftID tells one draft from the next, 0 for none; ids counts them.
	draftID, ids int
	// was is what stood where others have put something, until somebody else
	// puts something there.
	was content
	// live is what customers have, halted is true where nobody can tell of its
	// packages.
	live    content
	halted  bool
	running *submission
	// git is what the manifest wants of the paths that it manages.
	git map[plan.Path]cell
	record
	// spoiled are paths that the Store filled in while nobody could note it.
	spoiled map[plan.Path]bool
}

// newWorld is a product of a draft model. With begun, there was a submission of
// ours before (of a shared draft), or a stranger has made the product (of a first
// draft).
func newWorld(model provenance.Draft, begun bool) *world {
	w := &world{model: model, was: content{}, live: content{}, git: map[plan.Path]cell{}, spoiled: map[plan.Path]bool{}}
	first := content{}
	for _, path := range fields {
		if path != "listings.de.title" && path != "listings.de.text" && path != options {
			first[path] = cell{text: "first é & " + string(path), root: "first " + string(path)}
		}
	}
	switch model {
	case provenance.SharedDraft:
		w.draft, w.live, w.draftID, w.ids = first.clone(), first, 1, 1
		if begun {
			w.lastPublished = &kept{holds: first.clone()}
		}
	case provenance.OwnDraft:
		w.live = first
	case provenance.FirstDraft:
		if begun {
			for path, c := range first {
				c.by = others
				first[path] = c
			}
			w.draft, w.draftID, w.ids = first, 1, 1
		}
	}
	return w
}

// customers is what they have or are about to get.
func (w *world) customers() content {
	if w.running != nil {
		return w.running.holds
	}
	return w.live
}

// editable reports whether the draft can be written by us.
func (w *world) editable() bool {
	return w.draft != nil && w.running == nil && (w.model != provenance.OwnDraft || w.ours == w.draftID)
}

// put stores a value, and forgets what others had put there.
func (w *world) put(path plan.Path, c cell) {
	w.draft[path] = c
	delete(w.was, path)
}

// fillIn lets the Store fill in what was made and nothing was sent for. Noted, the
// record has it; otherwise nobody can tell any more.
func (w *world) fillIn(path plan.Path, noted bool) {
	w.put(path, cell{text: fill, root: fill, by: theStore})
	w.spoiled[path] = !noted
	if noted {
		w.filled[path] = fill
	}
}

// newDraftOf makes a draft from what is published, or a product's first.
func (w *world) makeDraft() {
	w.ids++
	w.draft, w.draftID = w.live.clone(), w.ids
	w.was, w.spoiled = content{}, map[plan.Path]bool{}
}

func (w *world) dropDraft() {
	w.draft, w.draftID = nil, 0
	w.was, w.spoiled = content{}, map[plan.Path]bool{}
}

// publish ends the running submission well.
func (w *world) publish() {
	w.running.end = "published"
	w.live, w.halted = w.running.holds.clone(), false
	for path, c := range w.live {
		c.by = nobody
		w.live[path] = c
	}
	w.running = nil
	w.was = content{}
	if w.model != provenance.SharedDraft {
		w.model = provenance.OwnDraft
		w.dropDraft()
		return
	}
	for path, c := range w.draft {
		if c.text == w.live[path].text {
			c.by = nobody
			w.draft[path] = c
		}
	}
}

// fail ends the running submission without publishing it. An own draft is gone by
// it, unless it is returned.
func (w *world) fail(returned bool) {
	w.running.end = "failed"
	w.running = nil
	if w.model == provenance.OwnDraft && !returned {
		w.dropDraft()
	}
}
