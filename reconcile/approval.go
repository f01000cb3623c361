package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

// approval is what was approved elsewhere of a proposal.
type approval struct {
	// whole is the hash of the whole plan that this is, or is the rest of; "" when
	// the proposal is a plan of its own.
	whole string
	// refused are the products whose plan is not the approved one, by address;
	// unlisted those that nobody approved while others were.
	refused  map[string]error
	unlisted map[string]bool
}

// begin is the product's plan as the record keeps it. whole is the hash of the
// whole plan that was approved.
func (p *planned) begin(whole string, at time.Time) *record.Begun {
	b := &record.Begun{
		ID: p.doc.ID, Hash: p.doc.Hash, Whole: whole, At: at, Observed: p.doc.Observed, Target: plan.ShortDigests(p.target), Unread: p.product.Omitted,
		Allowed: p.doc.Tripped(), Final: finalOperations(p.doc.Operations), Foreign: foreignWork(p.doc.Changes), Made: p.fromNothing(), Secret: p.secretsSet(),
		Changes: plan.PathsOf(p.changed()),
	}
	return b
}

// secretsSet are the sensitive paths that the manifest sets, sorted.
func (p *planned) secretsSet() []plan.Path {
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
		if isFinal(o) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func isFinal(o plan.Operation) bool {
	return o.Effect == plan.EffectPublish || o.Effect == plan.EffectDestroy
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

// begun is the plan that an earlier apply began and did not finish, nil when
// there is none.
func (p *planned) begun() *record.Begun {
	if p.compared == nil || p.record.Begun == nil || p.record.Begun.Done {
		return nil
	}
	return p.record.Begun
}

// noteRest finds out whether what is left to do is the rest of a plan that was
// begun, and says so.
func (p *planned) noteRest() {
	b := p.begun()
	if b == nil || !p.acts() || b.Hash == p.doc.Hash || p.draftIsGone() || len(p.beyond(b)) > 0 {
		return
	}
	p.rest = true
	p.notice("", "An earlier apply began the plan with the hash %s and did not finish it. This is the rest of that plan, and its hash is good for it.", b.Hash)
}

// draftIsGone reports whether the draft that was written to is not there any
// more: somebody discarded it, or it was committed and has ended since. What is
// left then is no rest of a plan.
func (p *planned) draftIsGone() bool {
	draft := p.record.Draft
	if p.shared() || p.own.adopted || draft == nil || draft.ID == "" {
		return false
	}
	pending := p.product.Pending
	return draft.ID != p.product.Draft && (pending == nil || pending.ID != draft.ID)
}

// stands reports whether the plan with that hash is what the record says was
// begun, and the product is on its way to where that plan leads, or there.
func (p *planned) stands(hash string) bool {
	if p.compared == nil || p.err != nil || p.found.HasErrors() {
		return false
	}
	b := p.record.Begun
	switch {
	case b == nil || b.Hash != hash:
		return false
	case p.acts():
		return p.rest || p.doc.Hash == hash
	}
	return len(p.beyond(b)) == 0
}

// acts reports whether apply would do or refuse anything.
func (p *planned) acts() bool {
	if p.err != nil || p.compared == nil || p.found.HasErrors() {
		return false
	}
	return p.adopts() || p.wants()
}

// wants reports whether something is to be done, be it possible or not.
func (p *planned) wants() bool { return len(p.doc.Operations) > 0 || len(p.changed()) > 0 }

// adopts reports whether an interrupted apply made a submission that is taken
// over.
func (p *planned) adopts() bool { return p.own.adopted && p.own.standing == onItsWay }

// isWaiting reports whether all that is to be done waits for what runs.
func (p *planned) isWaiting() bool {
	return p.compared != nil && p.err == nil && p.product.Running != nil && p.waits && len(p.steps) == 0
}

// beyond names what keeps a plan from being the rest of the one that was begun:
// values that are neither what they were nor what they were to become, another
// target, and whatever else nobody has approved.
func (p *planned) beyond(b *record.Begun) []string {
	switch wants := p.wants(); {
	case p.adopts() && !wants, p.unreadable() && !wants && p.record.Knows(p.product.Running.ID):
		return nil // The submission that ends it was made.
	case p.adopts():
		return []string{"what was to be changed after the submission"}
	case p.unreadable():
		return []string{"the draft, which cannot be read now"}
	}
	beyond := texts(slices.Concat(p.moved(b.Observed, b), p.otherTarget(b)))
	if b.ID != "" && p.doc.ID != "" && b.ID != p.doc.ID {
		beyond = append(beyond, "the product, which was "+b.ID)
	}
	if !slices.Equal(p.secretsSet(), b.Secret) {
		beyond = append(beyond, "which sensitive values are set")
	}
	for _, change := range p.changed() {
		if !plan.RelatedTo(change.Path, b.Changes) {
			beyond = append(beyond, string(change.Path))
		}
	}
	for _, guard := range p.doc.Tripped() {
		if !slices.Contains(b.Allowed, guard) {
			beyond = append(beyond, "guard "+string(guard))
		}
	}
	for _, digest := range foreignWork(p.doc.Changes) {
		if !slices.Contains(b.Foreign, digest) {
			beyond = append(beyond, "what others wrote")
		}
	}
	for _, operation := range p.doc.Operations {
		if isFinal(operation) && !slices.Contains(b.Final, operation.ID) && !p.deletesOwnDraft(operation) {
			beyond = append(beyond, operation.ID)
		}
	}
	slices.Sort(beyond)
	return slices.Compact(beyond)
}

// moved are the paths whose observed value is another one than an approved plan
// saw, sorted. What that very plan wrote is none of them, as far as the record
// says which plan it was: b is nil for a plan that was not begun. It is the one
// comparison behind saved plans, expected hashes and plans that were begun.
func (p *planned) moved(before map[plan.Path]string, b *record.Begun) []plan.Path {
	now := plan.ShortDigests(p.live)
	all := union(now, before)
	if b != nil {
		all = union(all, b.Target)
	}
	var moved []plan.Path
	for path := range all {
		if now[path] != before[path] && (b == nil || !p.movedBy(b, path, now[path])) {
			moved = append(moved, path)
		}
	}
	slices.Sort(moved)
	return moved
}

// movedBy reports whether a plan that was begun explains the value of a path.
func (p *planned) movedBy(b *record.Begun, path plan.Path, now string) bool {
	value := p.live[path]
	switch {
	case now == b.Target[path], value.Sensitive:
		return true
	case plan.MatchesAny(path, p.product.Omitted), plan.MatchesAny(path, b.Unread):
		return true
	case p.isFilled(b, path), b.Made && p.product.Filled != nil:
		return true
	case path.Under(plan.PathRollout) && now == "" && endsRollout(b):
		return true // It has ended: the Store shows none any more.
	}
	return plan.RelatedTo(path, b.Changes) && p.wrote(b, path, value.Type == plan.Images)
}

// wrote reports whether a write of a plan put there what a path has. Images are
// redone as a whole, so that a killed apply may have left any of them.
func (p *planned) wrote(b *record.Begun, path plan.Path, anything bool) bool {
	in := p.names.inEvidence(path, p.live)
	if !anything && p.table[in].Provenance != provenance.Ours {
		return false
	}
	return slices.ContainsFunc(p.record.WritesTo(p.product.Draft), func(w record.Write) bool {
		_, sent := w.Sent[in]
		return sent && w.Plan == b.Hash && w.Outcome != provenance.Refused
	})
}

// otherTarget are the paths that are to become something else than the plan that
// was begun says.
func (p *planned) otherTarget(b *record.Begun) []plan.Path {
	wanted := plan.ShortDigests(p.target)
	var other []plan.Path
	for path := range union(wanted, b.Target) {
		switch {
		case wanted[path] == b.Target[path]:
		case p.isFilled(b, path) && !p.manages(path):
		case path.Under(plan.PathRollout) && wanted[path] == "" && endsRollout(b):
		case slices.Contains(p.lossy, path), !p.manages(path) && p.movedBy(b, path, wanted[path]), p.rewrittenTo(path):
		default:
			other = append(other, path)
		}
	}
	return other
}

// rewrittenTo reports whether the target of a managed path is what the Store
// makes of what git says.
func (p *planned) rewrittenTo(path plan.Path) bool {
	wanted, managed := p.desired.Set[path]
	return managed && p.rewritten(path, wanted, plan.MarkOf(p.target[path]))
}

// isFilled reports whether the Store itself may have given a value to the path:
// in a product, or a group of values, that the plan makes.
func (p *planned) isFilled(b *record.Begun, path plan.Path) bool {
	if b.Target[path] != "" || b.Observed[path] != "" {
		return false
	}
	if b.Made {
		return true
	}
	member, below := path.Member()
	return below && plan.AnyUnder(b.Target, member) && !plan.AnyUnder(b.Observed, member)
}

// endsRollout reports whether a plan finalizes or halts a rollout.
func endsRollout(b *record.Begun) bool {
	return slices.ContainsFunc(b.Changes, func(path plan.Path) bool { return path.Under(plan.PathRollout) && path != plan.PathPercentage })
}

// deletesOwnDraft reports whether an operation only clears away a draft that
// storesync made itself and that cannot be used any more.
func (p *planned) deletesOwnDraft(operation plan.Operation) bool {
	pending := p.product.Pending
	return operation.Effect == plan.EffectDestroy && !p.direct && pending != nil && pending.Ours
}

// sinceBegun says what keeps the approval of a plan that was begun from being
// good for what is left, "" when that plan was not begun or is done. The hash is
// that of the product's plan or of the whole.
func (p *planned) sinceBegun(hash string) string {
	b := p.begun()
	if b == nil || b.Hash != hash && b.Whole != hash {
		return ""
	}
	beyond := p.beyond(b)
	if len(beyond) == 0 {
		return ""
	}
	return fmt.Sprintf("that plan was begun at %s, and what is left is another one: %s",
		b.At.UTC().Format(time.RFC3339), strings.Join(beyond, ", "))
}
