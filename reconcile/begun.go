package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// beginning is the product's plan as the record keeps it. whole is the hash of
// the whole plan that was approved.
func (p *proposed) beginning(whole string, at time.Time) *record.Begun {
	b := &record.Begun{
		ID: p.plan.ID, Hash: p.plan.Hash, Whole: whole, At: at, Before: p.snapshotOf(p.observed.State), Target: p.snapshot(),
		Allowed: p.plan.Tripped(), Final: finalOperations(p.plan.Operations), Foreign: foreignWork(p.plan.Changes), Made: p.fromNothing(),
	}
	for _, change := range p.plan.Changes {
		if change.Action != plan.ActionReport {
			b.Changes = append(b.Changes, change.Path)
		}
	}
	b.Secret = p.secret()
	return b
}

// secret are the sensitive paths that the manifest sets, sorted.
func (p *proposed) secret() []plan.Path {
	var paths []plan.Path
	for path, value := range p.desired.Set {
		if value.Sensitive {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// finalOperations are the operations that publish or destroy something.
func finalOperations(operations []plan.Operation) []string {
	var ids []string
	for _, o := range operations {
		if o.Effect == plan.EffectPublish || o.Effect == plan.EffectDestroy {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// foreignWork are digests of what changes show of other people's work.
func foreignWork(changes []plan.Change) []string {
	var shown []string
	for _, c := range plan.EssentialChanges(changes) {
		if slices.Contains(c.Guards, plan.GuardForeignEdits) || slices.Contains(c.Guards, plan.GuardReplaceDraft) {
			shown = append(shown, plan.HashOf(plan.Encode(c)))
		}
	}
	return shown
}

// noteBegun notes in the record, once, that the plan is being carried out; it
// reports whether that is news. The rest of a plan is noted as that plan.
func (p *proposed) noteBegun(whole string, at time.Time) bool {
	if p.noted {
		return false
	}
	p.noted = true
	if known := p.record.Begun; p.resumed != nil && known != nil && known.Hash == p.resumed.Hash && !known.Done {
		return false
	}
	p.record.Begun = p.beginning(whole, at)
	return true
}

// resume finds out whether what is left to do is the rest of a plan that was
// begun, and says so.
func (p *proposed) resume() {
	if p.record == nil || p.observed == nil || p.desired == nil || !p.acts() {
		return
	}
	begun := p.record.Begun
	if begun == nil || begun.Done || begun.Hash == p.plan.Hash || p.draftIsGone() || len(p.beyond(begun)) > 0 {
		return
	}
	p.resumed = begun
	p.notice("", "An earlier apply began the plan with the hash %s and did not finish it. This is the rest of that plan, and its hash is good for it.", begun.Hash)
}

// draftIsGone reports whether the draft that was written to is not there any
// more: somebody discarded it, or it was committed and has ended since. What is
// left then is no rest of a plan.
func (p *proposed) draftIsGone() bool {
	draft := p.record.Draft
	if p.observed.SharedDraft || p.adopted != nil || draft == nil || draft.Submission == "" {
		return false
	}
	pending := p.observed.Pending
	return draft.Submission != p.observed.Draft && (pending == nil || pending.ID != draft.Submission)
}

// stands reports whether the plan with that hash is what the record says was
// begun, and the product is on its way to where that plan leads, or there.
func (p *proposed) stands(hash string) bool {
	if p.record == nil || p.observed == nil || p.desired == nil || p.err != nil || p.diagnostics.HasErrors() {
		return false
	}
	begun := p.record.Begun
	switch {
	case begun == nil || begun.Hash != hash:
		return false
	case p.acts():
		return p.resumed != nil || p.plan.Hash == hash
	}
	return len(p.beyond(begun)) == 0
}

// beyond names what keeps a plan from being the rest of the one that was begun:
// values that are neither what they were nor what they were to become, another
// target, and whatever else nobody has approved.
func (p *proposed) beyond(b *record.Begun) []string {
	switch {
	case p.adopted != nil && !p.wants(), p.unreadable() && !p.wants() && p.record.Knows(p.observed.Running.ID):
		return nil // The submission that ends it was made.
	case p.adopted != nil:
		return []string{"what was to be changed after the submission"}
	case p.unreadable():
		return []string{"the draft, which cannot be read now"}
	}
	beyond := slices.Concat(p.movedBeside(b), p.otherTarget(b))
	if b.ID != "" && p.plan.ID != "" && b.ID != p.plan.ID {
		beyond = append(beyond, "the product, which was "+b.ID)
	}
	if secret := p.secret(); !slices.Equal(secret, b.Secret) {
		beyond = append(beyond, "which sensitive values are set")
	}
	for _, change := range p.plan.Changes {
		if change.Action != plan.ActionReport && !plan.RelatedTo(change.Path, b.Changes) {
			beyond = append(beyond, string(change.Path))
		}
	}
	for _, guard := range p.plan.Tripped() {
		if !slices.Contains(b.Allowed, guard) {
			beyond = append(beyond, "guard "+string(guard))
		}
	}
	for _, digest := range foreignWork(p.plan.Changes) {
		if !slices.Contains(b.Foreign, digest) {
			beyond = append(beyond, "what others wrote")
		}
	}
	for _, operation := range p.plan.Operations {
		final := operation.Effect == plan.EffectPublish || operation.Effect == plan.EffectDestroy
		if final && !slices.Contains(b.Final, operation.ID) && !p.deletesOwnDraft(operation) {
			beyond = append(beyond, operation.ID)
		}
	}
	slices.Sort(beyond)
	return slices.Compact(beyond)
}

// movedBeside are the paths whose observed value the plan neither found nor was
// to write: somebody else moved them. Images are redone as a whole, so that a
// killed apply may have left any of them.
func (p *proposed) movedBeside(b *record.Begun) []string {
	observed := plan.Digests(p.observed.State)
	var moved []string
	for path := range union(union(observed, b.Before.Digests), b.Target.Digests) {
		now, target := observed[path], b.Target.Digests[path]
		rewrite, rewritten := p.record.Rewritten[path]
		switch {
		case now == b.Before.Digests[path] || now == target:
		case rewritten && rewrite.Sent == target && rewrite.Returned == now:
		case b.FilledIn(path) || b.Made && p.observed.Pristine:
		case plan.MatchesAny(path, p.observed.Omitted) || plan.MatchesAny(path, b.Before.Unread):
		case path.Under(plan.PathRollout) && now == "" && b.EndsRollout():
			// It has ended: the Store shows none any more.
		case p.observed.State[path].Type == plan.Images && plan.RelatedTo(path, b.Changes) && p.wroteAt(path):
		default:
			moved = append(moved, string(path))
		}
	}
	return moved
}

// wroteAt reports whether a write of ours to a path was begun.
func (p *proposed) wroteAt(path plan.Path) bool {
	return p.record.Draft != nil && len(p.record.Draft.Wrote[path]) > 0
}

// otherTarget are the paths that are to become something else than the plan that
// was begun says.
func (p *proposed) otherTarget(b *record.Begun) []string {
	wanted := plan.Digests(p.target)
	var other []string
	for path := range union(wanted, b.Target.Digests) {
		now, target := wanted[path], b.Target.Digests[path]
		_, managed := p.desired.Set[path]
		rewrite, rewritten := p.record.Rewritten[path]
		switch {
		case now == target:
		case rewritten && rewrite.Sent == target && rewrite.Returned == now:
		case b.FilledIn(path) && !managed:
		case path.Under(plan.PathRollout) && now == "" && b.EndsRollout():
		default:
			other = append(other, string(path))
		}
	}
	return other
}

// deletesOwnDraft reports whether an operation only clears away a draft that
// storesync made itself and that cannot be used any more.
func (p *proposed) deletesOwnDraft(operation plan.Operation) bool {
	pending := p.observed.Pending
	return operation.Effect == plan.EffectDestroy && !p.direct && pending != nil && pending.Ours
}

// sinceBegun says what keeps the approval of a plan that was begun from being
// good for what is left, "" when that plan was not begun or is done. The hash is
// that of the product's plan or of the whole.
func (p *proposed) sinceBegun(hash string) string {
	if p.desired == nil || p.record.Begun == nil || p.record.Begun.Done || p.record.Begun.Hash != hash && p.record.Begun.Whole != hash {
		return ""
	}
	beyond := p.beyond(p.record.Begun)
	if len(beyond) == 0 {
		return ""
	}
	return fmt.Sprintf("that plan was begun at %s, and what is left is another one: %s",
		p.record.Begun.At.UTC().Format(time.RFC3339), strings.Join(beyond, ", "))
}

// wroteItself reports whether a path has the value that the plan which was begun
// wrote there, so that it is nobody else's edit.
func (p *proposed) wroteItself(path plan.Path) bool {
	b := p.record.Begun
	return b != nil && !b.Done && plan.RelatedTo(path, b.Changes) && plan.DigestOrNone(p.observed.State[path]) == b.Target.Digests[path]
}
