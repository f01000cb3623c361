package reconcile

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// naming translates between the paths of plans and those of evidence. They
// differ in collections only, whose members a manifest names as it likes: in
// evidence they stand under what tells them apart at the Store.
type naming struct {
	collections []Collection
	// shown are the groups of plans by those of evidence.
	shown map[plan.Path]plan.Path
}

func newNaming(collections []Collection) *naming {
	return &naming{collections: collections, shown: map[plan.Path]plan.Path{}}
}

// collectionOf is the collection that a path lies in, with the path of the
// member and what is below it.
func (n *naming) collectionOf(path plan.Path) (c *Collection, member, below plan.Path) {
	for i := range n.collections {
		if !path.Under(n.collections[i].Path) || path == n.collections[i].Path {
			continue
		}
		c = &n.collections[i]
		rest := strings.TrimPrefix(string(path), string(c.Path)+".")
		name, under, _ := strings.Cut(rest, ".")
		return c, plan.Join(string(c.Path), name), plan.Path(under)
	}
	return nil, path, ""
}

// groups are the evidence's names of the members of a state, by the plan's.
func (n *naming) groups(s plan.State) map[plan.Path]plan.Path {
	names := map[plan.Path]plan.Path{}
	taken := map[plan.Path]bool{}
	var inside []plan.Path
	for path := range s {
		if c, _, _ := n.collectionOf(path); c != nil {
			inside = append(inside, path)
		}
	}
	slices.Sort(inside)
	for _, path := range inside {
		c, member, _ := n.collectionOf(path)
		if names[member] != "" {
			continue
		}
		name := c.nameOf(member, s)
		for i := 2; taken[name]; i++ {
			name = c.nameOf(member, s) + plan.Path(fmt.Sprintf("#%d", i))
		}
		taken[name], names[member] = true, name
	}
	return names
}

// nameOf is what tells a member apart at the Store. A file's folder is no part
// of it: the Store keeps names without.
func (c *Collection) nameOf(member plan.Path, s plan.State) plan.Path {
	parts := make([]string, len(c.By))
	for i, field := range c.By {
		value := s[plan.Join(string(member), field)]
		text := value.Text()
		if value.Type == plan.Set || value.Type == plan.List {
			text = strings.Join(value.Strings(), ",")
		}
		parts[i] = strings.ToLower(fileNameOf(text))
	}
	return plan.Join(string(c.Path), strings.ReplaceAll(url.PathEscape(strings.Join(parts, "|")), ".", "%2E"))
}

// derives reports whether the Store finds out by itself what stands below a member.
func (c *Collection) derives(below plan.Path) bool {
	field, _, _ := strings.Cut(string(below), ".")
	return slices.Contains(c.Derived, field)
}

// learn remembers how plans call the members of a state; what was learned first
// stands.
func (n *naming) learn(s plan.State) {
	for member, name := range n.groups(s) {
		if n.shown[name] == "" {
			n.shown[name] = member
		}
	}
}

// marks are the marks of a state under the evidence's paths.
func (n *naming) marks(s plan.State) map[plan.Path]plan.Mark {
	n.learn(s)
	return n.marksWithin(s, s)
}

// marksWithin are the marks of a part of a state: members are named by all of
// it. What the Store finds out by itself of a member is left out.
func (n *naming) marksWithin(whole, part plan.State) map[plan.Path]plan.Mark {
	names, marks := n.groups(whole), map[plan.Path]plan.Mark{}
	for path, mark := range plan.Marks(part) {
		c, member, below := n.collectionOf(path)
		if c == nil {
			marks[path] = mark
		} else if !c.derives(below) {
			marks[join(names[member], below)] = mark
		}
	}
	return marks
}

func join(group, below plan.Path) plan.Path {
	if below == "" {
		return group
	}
	return group + "." + below
}

// inPlan is a path of the evidence as plans show it.
func (n *naming) inPlan(path plan.Path) plan.Path {
	c, member, below := n.collectionOf(path)
	if c == nil {
		return path
	}
	if shown := n.shown[member]; shown != "" {
		return join(shown, below)
	}
	return path
}

func (n *naming) allInPlan(paths []plan.Path) []plan.Path {
	var shown []plan.Path
	for _, path := range paths {
		shown = append(shown, n.inPlan(path))
	}
	return shown
}

// inEvidence are the evidence's paths of a path, or of a group, of a plan.
func (n *naming) inEvidence(path plan.Path, s plan.State) plan.Path {
	c, member, below := n.collectionOf(path)
	if c == nil {
		return path
	}
	if name := n.groups(s)[member]; name != "" {
		return join(name, below)
	}
	return path
}

// evidence is all that is known of the product, but for what git wants.
func (c *compared) evidence() *provenance.Evidence {
	o, n := c.observed, c.names
	e := &provenance.Evidence{
		Draft:         o.product.Drafts,
		Observed:      provenance.Snapshot{Marks: n.marks(c.live), Unread: o.product.Omitted},
		LastPublished: o.record.Published,
		Known:         map[plan.Path][]provenance.Rewriting{},
	}
	for path, known := range o.record.Rewritings {
		for _, r := range known {
			if r.Accepted {
				e.Known[path] = append(e.Known[path], provenance.Rewriting{Sent: r.Sent, Returned: r.Returned})
			}
		}
	}
	if o.product.Running != nil && !o.product.Running.Rollout && o.own.standing == onItsWay {
		e.ObservesSubmission = !o.shared() || o.unreadable()
	}
	switch {
	case !o.unreadable():
	case e.ObservesSubmission && o.own.held != nil:
		e.Observed = *o.own.held
	default:
		e.Observed = provenance.Snapshot{Unread: []plan.Path{"*"}}
	}
	if o.shared() && (o.own.standing == onItsWay || o.own.standing == published) {
		e.Submitted = o.own.held
	}
	if o.product.Published != nil {
		e.Published = &provenance.Snapshot{Marks: n.marks(c.published), Unread: o.product.Published.Unsure}
		e.EqualSecrets = equalSecrets(c.live, c.published)
	} else if o.first() {
		e.Published = &provenance.Snapshot{}
	}
	c.evidenceOfDraft(e)
	return e
}

// evidenceOfDraft adds what is known of the draft that is observed.
func (c *compared) evidenceOfDraft(e *provenance.Evidence) {
	o := c.observed
	if o.product.Filled != nil {
		e.Filled = c.names.marks(o.product.Filled)
	}
	if !o.shared() && o.product.Draft == "" {
		return // Nothing of a draft is observed.
	}
	for _, w := range o.record.WritesTo(o.product.Draft) {
		e.Writes = append(e.Writes, provenance.Write{Sent: w.Sent, Outcome: w.Outcome})
	}
	if draft := o.record.Draft; draft != nil && draft.ID == o.product.Draft {
		e.Before = draft.Before
		if e.Filled == nil {
			e.Filled = draft.Filled
		}
	}
}

// equalSecrets are the sensitive paths that have one value in both states.
func equalSecrets(a, b plan.State) map[plan.Path]bool {
	equal := map[plan.Path]bool{}
	for path, value := range a {
		other, ok := b[path]
		if ok && value.Sensitive && string(plan.Canonical(value).JSON) == string(plan.Canonical(other).JSON) {
			equal[path] = true
		}
	}
	return equal
}

// snapshotOf is a state as the record keeps it.
func (c *compared) snapshotOf(s plan.State) *provenance.Snapshot {
	return &provenance.Snapshot{Marks: c.names.marks(s), Unread: slices.Clone(c.product.Omitted)}
}

// sentBy are the marks of what an operation sends: what the target has other
// than the observed state below what the operation covers, and what is sensitive
// there. What it takes away as a group is noted as the group, too.
func (c *compared) sentBy(operation plan.Operation, target plan.State) map[plan.Path]plan.Mark {
	n, sent := c.names, map[plan.Path]plan.Mark{}
	covered := func(s plan.State) map[plan.Path]plan.Mark {
		within := plan.State{}
		for path, value := range s {
			if plan.UnderAny(path, operation.Covers) {
				within[path] = value
			}
		}
		return n.marksWithin(s, within)
	}
	before, after := covered(c.live), covered(target)
	for path := range union(before, after) {
		if before[path] != after[path] || after[path] == plan.MarkSecret {
			sent[path] = after[path]
		}
	}
	for _, group := range c.desired.Remove {
		if plan.UnderAny(group, operation.Covers) || slices.ContainsFunc(operation.Covers, func(covered plan.Path) bool { return covered.Under(group) }) {
			sent[n.inEvidence(group, c.live)] = plan.MarkNone
		}
	}
	return sent
}

func union[K comparable, V any](a, b map[K]V) map[K]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[K]V{}
	}
	maps.Copy(all, b)
	return all
}
