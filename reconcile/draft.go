package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// doubtAfter is how long a submission in doubt can be settled by reading: no
// certification of the Store ends sooner
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msi/app-certification-process),
// so when none is running within this time, the request never arrived.
const doubtAfter = 15 * time.Minute

// settleSubmission finds out what became of a submission that an apply of ours
// was making when it was killed.
func (e *Engine) settleSubmission(ctx context.Context, p *proposed, again bool) error {
	last, err := e.options.Records.Last(ctx, p.key)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	if last == nil || p.record.Draft == nil {
		return nil
	}
	if last.Phase == record.PhaseStart {
		p.notice("", "The last apply was interrupted during %s (%s); what it had written was read back.", last.Operation, last.At.UTC().Format(time.RFC3339))
	}
	switch {
	case !last.Submits():
	case last.Phase == record.PhaseEnd && last.Submission != "" && !p.record.Knows(last.Submission):
		p.adopted = &plan.Submission{ID: last.Submission}
	case last.Phase == record.PhaseStart && p.observed.Running != nil && (!p.rollingOut() || p.observed.Running.ID == p.record.Draft.Submission):
		p.adopted = p.observed.Running
	case last.Phase == record.PhaseStart && e.options.Now().Sub(last.At) > doubtAfter && !again:
		p.doubtful = &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: the last apply was interrupted while it submitted, and no submission is running now; "+
				"whether that one reached the Store and has ended cannot be read any more", p.plan.Address),
			Next: "Look at the product in Partner Center. If it does not show the submission, `storesync apply --submit` makes it."}
		p.notice("", "%s", p.doubtful.(*plan.Failure).Err.Error())
	}
	if p.adopted != nil {
		p.notice("", "Submission %s was made by the interrupted apply.", p.adopted.ID)
	}
	return nil
}

func (p *proposed) notice(path plan.Path, format string, arguments ...any) {
	p.plan.Notices = append(p.plan.Notices, plan.Notice{Path: path, Text: fmt.Sprintf(format, arguments...)})
}

// base is the draft when it last was wholly ours, nil
// when storesync never wrote this product.
func (p *proposed) base() *record.Snapshot {
	switch {
	case p.adopted != nil && p.record.Draft.Written != nil:
		return p.record.Draft.Written
	case p.observed.Draft != "" && p.record.Draft != nil && p.record.Draft.Written != nil:
		return p.record.Draft.Written
	case p.record.Submitted != nil:
		return p.record.Submitted
	case p.record.Draft != nil && p.record.Draft.Written != nil:
		return p.record.Draft.Written
	case p.record.Draft != nil:
		return p.record.Draft.Before
	}
	return nil
}

// judgeDraft says whose unsubmitted work the draft holds, and says where each
// change comes from when the record knows.
func (p *proposed) judgeDraft() {
	switch {
	case p.record.Draft != nil && p.adopted == nil:
		p.plan.Draft = plan.DraftOurs
		if p.record.Submitted == nil && p.observed.SharedDraft {
			p.noticeUnknownDraft()
		}
	case !p.observed.SharedDraft:
		p.plan.Draft = plan.DraftClean
	case p.base() == nil:
		p.plan.Draft = plan.DraftUnknown
		p.noticeUnknownDraft()
	case len(p.moved(func(plan.Path) bool { return true })) > 0:
		p.plan.Draft = plan.DraftUnknown
	default:
		p.plan.Draft = plan.DraftClean
	}
	base := p.record.Submitted
	for i, change := range p.plan.Changes {
		if change.Reason == "" && change.Action == plan.ActionUpdate && base != nil && !change.Sensitive && !p.madeByUs(change.Path) &&
			base.Digests[change.Path] != plan.DigestOrNone(p.observed.State[change.Path]) {
			p.plan.Changes[i].Reason = "changed at the Store since storesync last submitted"
		}
	}
}

// noticeUnknownDraft says that somebody's unfinished edits may be in the
// draft, and shows what matters most of what a submission would send.
func (p *proposed) noticeUnknownDraft() {
	p.notice("", "No record of an earlier submission by storesync: whether the draft holds edits that somebody made in Partner Center "+
		"and has not submitted cannot be known. A submission sends the whole draft.")
	var shared []string
	for _, path := range plan.SortedPaths(p.observed.State) {
		value := p.observed.State[path]
		if plan.UnderAny(path, p.observed.Shared) && !value.Empty() && !value.Sensitive {
			shared = append(shared, fmt.Sprintf("%s: %s", path, value.JSON))
		}
	}
	if len(shared) > 0 {
		p.notice("", "The draft has %s", strings.Join(shared, ", "))
	}
}

// moved are the paths within scope that differ from the base, sorted.
func (p *proposed) moved(scope func(plan.Path) bool) []plan.Path { return p.movedFrom(p.base(), scope) }

// movedFrom are the paths within scope that differ from what a snapshot holds.
func (p *proposed) movedFrom(base *record.Snapshot, scope func(plan.Path) bool) []plan.Path {
	if base == nil {
		return nil
	}
	current := plan.Digests(p.observed.State)
	var paths []plan.Path
	for path, digest := range current {
		if scope(path) && base.Digests[path] != digest && !plan.MatchesAny(path, base.Unread) && !p.rekeyed(path, base) {
			paths = append(paths, path)
		}
	}
	for path := range base.Digests {
		if _, ok := current[path]; !ok && scope(path) && !plan.MatchesAny(path, p.observed.Omitted) && !p.rekeyed(path, base) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// rekeyed reports whether a path is or lies in a group that stands under another
// key on the other side: the keys of such collections are the manifest's own, so
// a renamed or removed one is no edit at the Store.
func (p *proposed) rekeyed(path plan.Path, base *record.Snapshot) bool {
	if !plan.UnderAny(path, p.observed.Keyed) {
		return false
	}
	segments := strings.Split(string(path), ".")
	if len(segments) < 2 {
		return false
	}
	group := plan.Join(segments[:2]...)
	before, now := false, false
	for known := range base.Digests {
		before = before || known.Under(group)
	}
	for known := range p.observed.State {
		now = now || known.Under(group)
	}
	return before != now && (p.observed.SharedDraft || p.standsElsewhere(group, base))
}

// reportUnsubmitted lists what an earlier apply of ours wrote and did not
// submit, so that a reviewer sees what goes live, and asks again for the
// guards that it tripped.
func (p *proposed) reportUnsubmitted() {
	if p.record.Draft == nil || p.adopted != nil || !p.observed.SharedDraft && p.record.Draft.Submission != p.observed.Draft {
		return
	}
	base := p.unsubmittedSince()
	if base == nil {
		return
	}
	changed := func(path plan.Path) bool {
		return slices.ContainsFunc(p.plan.Changes, func(c plan.Change) bool { return path.Under(c.Path) || c.Path.Under(path) })
	}
	for _, path := range plan.SortedPaths(p.desired.Set) {
		value := p.observed.State[path]
		if changed(path) || value.Sensitive || plan.MatchesAny(path, base.Unread) || base.Digests[path] == plan.DigestOrNone(value) {
			continue
		}
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: path, Action: plan.ActionReport, Type: value.Type, After: value.JSON,
			Guards: p.record.Draft.Guards[path], Reason: "an earlier apply wrote this; submitting makes it live"})
	}
	for _, path := range p.dropped(base) {
		if !changed(path) {
			p.plan.Changes = append(p.plan.Changes, p.leftBehind(path, base))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(p.record.Draft.Guards)) {
		if !changed(path) {
			p.plan.Changes = append(p.plan.Changes, plan.Change{Path: path, Action: plan.ActionReport, Guards: p.record.Draft.Guards[path],
				Reason: "an earlier apply changed this; submitting makes it live"})
		}
	}
}

// unsubmittedSince is what an unsubmitted draft of ours is compared with, nil
// when that is not known.
func (p *proposed) unsubmittedSince() *record.Snapshot {
	draft := p.record.Draft
	switch {
	case !p.observed.SharedDraft && draft.Before != nil:
		return draft.Before
	case p.record.Submitted != nil:
		return p.record.Submitted
	case draft.Before == nil && draft.Made:
		return &record.Snapshot{}
	}
	return draft.Before
}

// dropped are the paths that an earlier apply wrote to the draft and that the
// manifest does not say any more, sorted. What it took away with a guard is
// known by that guard.
func (p *proposed) dropped(base *record.Snapshot) []plan.Path {
	guarded := slices.Collect(maps.Keys(p.record.Draft.Guards))
	var paths []plan.Path
	for path := range p.record.Draft.Wrote {
		value := p.observed.State[path]
		_, managed := p.desired.Set[path]
		switch {
		case managed || plan.UnderAny(path, p.desired.Remove) || !p.madeByUs(path):
		case !value.Sensitive && base.Digests[path] == plan.DigestOrNone(value):
		case value.Empty() && plan.UnderAny(path, guarded):
		default:
			paths = append(paths, path)
		}
	}
	for path, value := range p.observed.State {
		// What a group got from us is in none of its old paths.
		_, managed := p.desired.Set[path]
		if !managed && !value.Empty() && !p.observed.SharedDraft && p.rekeyed(path, base) && !slices.Contains(slices.Collect(maps.Values(base.Digests)), plan.DigestOf(value)) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// leftBehind reports a path that an earlier apply wrote and the manifest does not
// say any more, with the guards that it trips. What was there before is not known.
func (p *proposed) leftBehind(path plan.Path, base *record.Snapshot) plan.Change {
	before := *p.observed
	before.State = maps.Clone(before.State)
	delete(before.State, path)
	change := plan.ChangeOf(path, plan.Value{}, p.observed.State[path])
	if base.Digests[path] != "" {
		change.Action = plan.ActionUpdate
	}
	change.Guards = slices.Concat(p.record.Draft.Guards[path], p.backend.Guards(change, &before, p.target))
	slices.Sort(change.Guards)
	change.Guards = slices.Compact(change.Guards)
	change.Action = plan.ActionReport
	change.Reason = "an earlier apply wrote this, and the manifest does not say it any more; submitting makes it live"
	return change
}

// noticeUnread names what a submission sends without storesync having read it.
func (p *proposed) noticeUnread() {
	if len(p.observed.Omitted) == 0 {
		return
	}
	var names []string
	for _, path := range p.observed.Omitted {
		names = append(names, string(path))
	}
	p.notice("", "Not in the manifest and so not read: %s. A submission sends them as the draft has them.", strings.Join(names, ", "))
}

// guardForeignEdits lists what somebody else changed in the draft and a
// submission of ours would send with it.
func (p *proposed) guardForeignEdits() {
	unmanaged := func(path plan.Path) bool {
		_, managed := p.desired.Set[path]
		return !managed && !plan.UnderAny(path, p.desired.Remove)
	}
	for _, path := range p.foreign(unmanaged) {
		change := plan.ChangeOf(path, plan.Value{}, p.observed.State[path])
		change.Action, change.Guards, change.Reason = plan.ActionReport, []plan.Guard{plan.GuardForeignEdits}, p.foreignReason()
		p.plan.Changes = append(p.plan.Changes, change)
	}
}

// foreignReason says what is known of an edit that is not ours.
func (p *proposed) foreignReason() string {
	switch {
	case p.strangersDraft():
		return "is in the draft, which storesync did not make; it is not in the manifest, and submitting sends it"
	case !p.observed.SharedDraft:
		return "somebody changed this in the draft; it is not in the manifest, and submitting sends it"
	}
	return "somebody changed this at the Store since the last submission; it is not in the manifest, and submitting sends it"
}

// compareWithLastSubmit stands in while a running submission hides the draft:
// the record's digests tell which managed values differ from what was sent.
func (p *proposed) compareWithLastSubmit() {
	base := p.base()
	if base == nil {
		p.notice("", "The draft cannot be read while submission %s runs, and there is no record of what was submitted: nothing can be compared.", p.observed.Running.ID)
		return
	}
	p.notice("", "The draft cannot be read while submission %s runs: compared with what storesync last submitted.", p.observed.Running.ID)
	for _, path := range plan.SortedPaths(p.desired.Set) {
		value := p.desired.Set[path]
		if value.Sensitive || value.Unknown || base.Digests[path] == plan.DigestOrNone(value) {
			continue
		}
		p.plan.Changes = append(p.plan.Changes, plan.Change{Path: path, Action: plan.ActionUpdate, Type: value.Type, After: value.JSON,
			Reason: "differs from what was last submitted"})
	}
}
