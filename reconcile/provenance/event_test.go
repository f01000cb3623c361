package provenance_test

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// event is one thing that happens to a product. One that cannot happen where it
// stands does not, so every part of a history is a history, too.
type event struct {
	kind kind
	path plan.Path
	// text is a value that nobody has had yet; git says where a manifest takes
	// its value from.
	text, git string
	end       ending
	// style is how the Store rewrites what it is sent.
	style string
	// all: a write sends all that differs, not one group. killed: a kill comes
	// before what the Store filled in is noted. unread: packages could not be
	// read back. returned: the draft of a failed submission can go on.
	all, killed, unread, returned bool
}

type kind string

// The kinds of events.
const (
	gitMoves    kind = "git"
	weWrite     kind = "write"
	weMake      kind = "make draft"
	weSubmit    kind = "submit"
	weDiscard   kind = "discard"
	theyEdit    kind = "edit by others"
	theyRemove  kind = "removal by others"
	theyDrop    kind = "language dropped by others"
	theyUndo    kind = "edit taken back"
	theyMake    kind = "draft by others"
	theyDiscard kind = "discard by others"
	published   kind = "published"
	failed      kind = "failed"
	halted      kind = "rollout halted"
)

// ending is how a request of ours ends. After a kill or a lost answer it is in
// doubt, whether it arrived, in part or not at all.
type ending string

// The endings.
const (
	confirms ending = "confirmed"
	refuses  ending = "refused"
	arrives  ending = "in doubt, arrived"
	partly   ending = "in doubt, arrived in part"
	lost     ending = "in doubt, lost"
)

func (e event) String() string {
	parts := []string{string(e.kind)}
	for _, part := range []string{string(e.path), e.text, e.git, string(e.end), e.style} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	for name, is := range map[string]bool{"all of it": e.all, "killed before it was noted": e.killed, "packages unread": e.unread, "returned": e.returned} {
		if is {
			parts = append(parts, name)
		}
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, ", ")
}

func (w *world) happen(e event) {
	switch e.kind {
	case gitMoves:
		w.moveGit(e)
	case weWrite:
		w.write(e)
	case weMake:
		w.make(e)
	case weSubmit:
		w.submit(e)
	case weDiscard:
		if w.model == provenance.OwnDraft && w.editable() {
			w.dropDraft()
		}
	case theyEdit, theyRemove, theyDrop, theyUndo:
		w.edit(e)
	case theyMake:
		if w.draft == nil && w.running == nil {
			w.makeDraft()
			w.edit(event{kind: theyEdit, path: e.path, text: e.text})
		}
	case theyDiscard:
		if w.model == provenance.OwnDraft && w.running == nil {
			w.dropDraft()
		}
	case published:
		if w.running != nil {
			w.publish()
		}
	case failed:
		if w.running != nil {
			w.fail(e.returned)
		}
	case halted:
		w.halted = w.model == provenance.OwnDraft && w.running == nil
	}
}

// rewrite is what a service makes of a text. All but "cut" is harmless.
func rewrite(style, text string) string {
	switch style {
	case "blanks":
		return "  " + strings.TrimSpace(text) + "\n"
	case "escaped":
		return strings.ReplaceAll(text, "&", "&amp;")
	case "unescaped":
		return strings.ReplaceAll(text, "&amp;", "&")
	case "windows":
		return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	case "decomposed":
		return norm.NFD.String(text)
	}
	return text
}

var styles = []string{"", "", "blanks", "escaped", "unescaped", "windows", "decomposed", "cut"}

// lines is a text with the line ends that do not count.
func lines(text string) string {
	return strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}

func prose(path plan.Path) bool { return path != price && path != packages && path != notes }

func (w *world) moveGit(e event) {
	language := groupOf(e.path)
	delete(w.git, language)
	switch e.git {
	case "fresh":
		w.git[e.path] = cell{text: e.text, root: e.text}
	case "none":
		w.git[e.path] = cell{}
	case "as live":
		w.git[e.path] = w.live[e.path]
	case "as in the draft":
		w.git[e.path] = w.draft[e.path]
	case "as live, mended":
		c := w.live[e.path]
		if prose(e.path) && c.text != "" {
			c.text = rewrite(e.style, c.text)
		}
		w.git[e.path] = c
	case "no language":
		for _, path := range fields {
			if path.Under(language) {
				delete(w.git, path)
			}
		}
		if language != e.path {
			w.git[language] = cell{}
		}
	case "not managed":
		delete(w.git, e.path)
	}
}

var gitMovesTo = []string{"fresh", "fresh", "fresh", "none", "as live", "as in the draft", "as live, mended", "no language", "not managed"}

// wanted is what git wants otherwise than the draft has it, in a group or at all.
func (w *world) wanted(group plan.Path) content {
	wanted := content{}
	for path, c := range w.git {
		if group != "" && !path.Under(group) {
			continue
		}
		if slices.Contains(languages, path) {
			if w.draft.holdsIn(path) {
				wanted[path] = cell{}
			}
		} else if lines(w.draft[path].text) != lines(c.text) {
			wanted[path] = c
		}
	}
	return wanted
}

// write sends what differs in the event's group, or all of it.
func (w *world) write(e event) {
	w.learn()
	if !w.editable() {
		return
	}
	group := groupOf(e.path)
	if e.all {
		group = ""
	}
	wanted := w.wanted(group)
	if len(wanted) == 0 {
		return
	}
	w.noteBefore(e.unread)
	outcome := provenance.InDoubt
	switch e.end {
	case refuses:
		w.writes = append(w.writes, written{wanted, provenance.Refused})
		return
	case confirms:
		outcome = provenance.Confirmed
	}
	w.counted = true
	w.writes = append(w.writes, written{wanted, outcome})
	arrived := w.arriving(wanted, e.end)
	made := w.makes(arrived)
	for path, c := range arrived {
		w.store(path, c, e.style)
	}
	for language, madeBy := range made {
		path := plan.Join(string(language), "text")
		if _, ours := wanted[path]; !ours {
			// Where others had taken away what we wrote, the writes alone do
			// not tell that the Store filled it in anew.
			w.fillIn(path, e.end == confirms && !e.killed)
			w.spoiled[path] = w.spoiled[path] || madeBy == others
		}
	}
}

// arriving is the part of a request that the Store carries out.
func (w *world) arriving(wanted content, end ending) content {
	arrived := content{}
	for path, c := range wanted {
		if end == confirms || end == arrives || end == partly && len(path)%2 == 0 {
			arrived[path] = c
		}
	}
	return arrived
}

// makes are the languages that a request makes, with who had left nothing there.
func (w *world) makes(arrived content) map[plan.Path]author {
	made := map[plan.Path]author{}
	for path, c := range arrived {
		if group := groupOf(path); group != path && c.text != "" && !w.draft.holdsIn(group) {
			made[group] = w.draft[plan.Join(string(group), "text")].by
		}
	}
	return made
}

func (w *world) store(path plan.Path, c cell, style string) {
	c.by, c.sent = us, lines(c.text)
	switch {
	case slices.Contains(languages, path):
		for _, below := range fields {
			if below.Under(path) {
				w.put(below, c)
			}
		}
		return
	case !prose(path) || c.text == "":
	case style == "cut":
		short := "cut " + c.root
		if w.known == nil {
			w.known = map[plan.Path][][2]string{}
		}
		w.known[path] = append(slices.Clone(w.known[path]), [2]string{lines(c.text), short})
		c.text, c.root = short, short
	default:
		c.text = rewrite(style, c.text)
	}
	w.put(path, c)
}

// make makes a draft, or the product; or takes a draft for ours that a kill has
// kept us from noting, if there is nothing in it to lose.
func (w *world) make(e event) {
	w.learn()
	if w.running != nil || w.model == provenance.SharedDraft || w.draft != nil && (w.model == provenance.FirstDraft || w.ours == w.draftID) {
		return
	}
	if w.draft != nil {
		if e.end == confirms && same(w.draft, w.live) {
			w.begin(w.draftID)
			w.before, w.counted = &kept{holds: w.draft.clone()}, true
		}
		return
	}
	if e.end == refuses || e.end == lost {
		return
	}
	w.makeDraft()
	noted := e.end == confirms
	if noted {
		w.begin(w.draftID)
	}
	if w.draft[options].text == "" {
		if w.filled == nil {
			w.filled = map[plan.Path]string{}
		}
		w.fillIn(options, noted && !e.killed)
	}
	if noted {
		w.before, w.counted = &kept{holds: w.draft.clone()}, true
	}
}

func same(a, b content) bool {
	return !slices.ContainsFunc(fields, func(path plan.Path) bool { return a[path].text != b[path].text })
}

func (w *world) submit(e event) {
	w.learn()
	if !w.editable() || e.end == refuses {
		return
	}
	w.submitted, w.of, w.newest = &kept{holds: w.draft.clone()}, nil, false
	if e.unread {
		w.submitted.unread = []plan.Path{"packages"}
	}
	if e.end == lost {
		return
	}
	w.of = &submission{holds: w.draft.clone()}
	w.running = w.of
}

func (w *world) edit(e event) {
	if w.draft == nil || w.running != nil && w.model != provenance.SharedDraft {
		return
	}
	switch e.kind {
	case theyEdit:
		w.putByOthers(e.path, e.text)
	case theyRemove:
		w.putByOthers(e.path, "")
	case theyDrop:
		for _, path := range fields {
			if language := groupOf(e.path); path != language && path.Under(language) {
				w.putByOthers(path, "")
			}
		}
	case theyUndo:
		if c, ok := w.was[e.path]; ok {
			w.put(e.path, c)
		}
	}
}

func (w *world) putByOthers(path plan.Path, text string) {
	if c := w.draft[path]; c.by != others && c.text != text {
		w.was[path] = c
	}
	if w.draft[path].text != text {
		w.draft[path] = cell{text: text, root: text, by: others}
	}
}
