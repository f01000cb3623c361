package reconcile

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// sensitiveMark stands in DraftRecord.Wrote for a sensitive value, of which no
// digest is kept.
const sensitiveMark = "sensitive"

// noteWriting notes what a write is about to send, so that after a kill what it
// sent can be told from what somebody else did; it reports whether that is news.
func (p *proposed) noteWriting(operation plan.Operation) bool {
	before, after := plan.Digests(p.observed.State), plan.Digests(p.target)
	news := false
	for path := range union(before, after) {
		if before[path] != after[path] && plan.UnderAny(path, operation.Covers) {
			news = p.record.Draft.NoteWrites(path, after[path]) || news
		}
	}
	for path, value := range p.target {
		if value.Sensitive && !value.Empty() && plan.UnderAny(path, operation.Covers) {
			news = p.record.Draft.NoteWrites(path, sensitiveMark) || news
		}
	}
	return news
}

// noteFilledIn notes, durably, what the Store gave to what this apply makes.
func (r *run) noteFilledIn(ctx context.Context, p *proposed, filled plan.State) error {
	if p.record.Draft == nil {
		return nil
	}
	news := false
	for path, digest := range plan.Digests(filled) {
		if before := p.record.Draft.Before; before == nil || before.Digests[path] != digest {
			news = p.record.Draft.NoteWrites(path, digest) || news
		}
	}
	if !news {
		return nil
	}
	return r.save(ctx, p)
}

// noteFound notes, durably and before anything is written, what the Store put
// into a first draft by itself. That of a product which is published begins as
// what is published.
func (r *run) noteFound(ctx context.Context, p *proposed, found plan.State) error {
	draft := p.record.Draft
	if found == nil || draft == nil || !p.observed.Unpublished {
		return nil
	}
	held := maps.Clone(p.observed.State)
	maps.Copy(held, found)
	before := p.snapshotOf(held)
	if draft.Before != nil && maps.Equal(draft.Before.Digests, before.Digests) {
		return nil
	}
	draft.Before = before
	return r.save(ctx, p)
}

// takeUp begins the record of the draft that this apply writes to, where what it
// knows is about another one. before is what the draft is before our first write.
func (p *proposed) takeUp(before *record.Snapshot) bool {
	if p.taken {
		return false
	}
	p.taken = true
	draft := p.record.Draft
	switch {
	case draft == nil || p.observed.SharedDraft:
		return false
	case draft.Submission != "" && draft.Submission != p.observed.Draft:
		draft.Before, draft.Wrote, draft.Guards = before, nil, nil
		return true
	case draft.Before == nil && draft.Written == nil && before != nil:
		draft.Before = before
		return true
	}
	return false
}

// before is the draft before our first write: nil for one that the Store is yet
// to make, and nothing for the first one of a product in which somebody else
// worked: nothing in it is known to be the Store's.
func (p *proposed) before() *record.Snapshot {
	switch {
	case p.fromNothing():
		return nil
	case p.strangersDraft() || p.unreadFirst():
		return &record.Snapshot{Digests: map[plan.Path]string{}}
	}
	return p.snapshotOf(p.observed.State)
}

// unreadFirst reports whether what is observed is a first draft that an apply of
// ours made without getting to read it, and in which somebody worked since.
func (p *proposed) unreadFirst() bool {
	draft := p.record.Draft
	return draft != nil && draft.Made && draft.Before == nil && draft.Written == nil &&
		draft.Submission == p.observed.Draft && p.observed.Draft != "" && !p.observed.Pristine
}

// strangersDraft reports whether what is observed is the first draft of a
// product, in which somebody else worked.
func (p *proposed) strangersDraft() bool {
	o, draft := p.observed, p.record.Draft
	return o.Unpublished && o.Draft != "" && !o.SharedDraft && !o.Pristine &&
		(draft == nil || draft.Submission != o.Draft) && !p.record.Knows(o.Draft)
}

// draftBase is what the draft that is observed was before anybody worked in it:
// what differs from it is ours or somebody else's.
func (p *proposed) draftBase() *record.Snapshot {
	draft := p.record.Draft
	switch {
	case p.observed.SharedDraft:
		return p.base()
	case p.strangersDraft() || p.unreadFirst():
		return &record.Snapshot{}
	case draft == nil || draft.Submission != p.observed.Draft:
		return p.base()
	case draft.Before != nil:
		return draft.Before
	}
	return p.base()
}

// ours reports whether an apply of ours gave that value to a path of the draft,
// or gave one that the Store is known to rewrite so.
func (p *proposed) ours(path plan.Path, digest string) bool {
	draft := p.record.Draft
	if draft == nil || p.adopted != nil || !p.observed.SharedDraft && draft.Submission != p.observed.Draft {
		return false
	}
	rewrite := p.record.Rewritten[path]
	return slices.ContainsFunc(draft.Wrote[path], func(wrote string) bool {
		return wrote == digest || rewrite.Sent == wrote && rewrite.Returned == digest
	})
}

// madeByUs reports whether the value that a path has is of our own making.
func (p *proposed) madeByUs(path plan.Path) bool {
	value := p.observed.State[path]
	if value.Sensitive {
		return p.ours(path, sensitiveMark)
	}
	return p.ours(path, plan.DigestOrNone(value)) || p.wroteItself(path)
}

// standsElsewhere reports whether a group that is on one side only, of what the
// draft was or got from us and of what it is, is on the other side under another
// key: all that is observed of the one is known of the other.
func (p *proposed) standsElsewhere(group plan.Path, base *record.Snapshot) bool {
	observed, known := p.groupsBeside(group, base)
	same := func(now, before plan.Path) bool {
		return !slices.ContainsFunc(slices.Collect(maps.Keys(p.observed.State)), func(path plan.Path) bool {
			value := p.observed.State[path]
			if !path.Under(now) || value.Empty() {
				return false
			}
			leaf := before + path[len(now):]
			return base.Digests[leaf] != plan.DigestOf(value) && !p.ours(leaf, plan.DigestOf(value))
		})
	}
	if observed[group] {
		return slices.ContainsFunc(slices.Collect(maps.Keys(known)), func(before plan.Path) bool { return !observed[before] && same(group, before) })
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(observed)), func(now plan.Path) bool { return !known[now] && same(now, group) })
}

// groupsBeside are the groups of the collection that a group is in: those that
// are observed, and those that the draft had or got from us.
func (p *proposed) groupsBeside(group plan.Path, base *record.Snapshot) (observed, known map[plan.Path]bool) {
	collection, _, _ := strings.Cut(string(group), ".")
	groups := func(paths iter.Seq[plan.Path]) map[plan.Path]bool {
		found := map[plan.Path]bool{}
		for path := range paths {
			if segments := strings.Split(string(path), "."); segments[0] == collection && len(segments) > 2 {
				found[plan.Join(segments[:2]...)] = true
			}
		}
		return found
	}
	known = groups(maps.Keys(base.Digests))
	if p.record.Draft != nil {
		maps.Copy(known, groups(maps.Keys(p.record.Draft.Wrote)))
	}
	return groups(maps.Keys(p.observed.State)), known
}

// foreign are the paths within scope that somebody else changed in the draft.
func (p *proposed) foreign(scope func(plan.Path) bool) []plan.Path {
	base := p.draftBase()
	theirs := func(path plan.Path) bool { return scope(path) && !p.madeByUs(path) }
	paths := p.movedFrom(base, theirs)
	if p.observed.SharedDraft || !p.observed.Unpublished {
		return paths
	}
	// The Store puts no sensitive value into a first draft.
	for path, value := range p.observed.State {
		if value.Sensitive && !value.Empty() && theirs(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
