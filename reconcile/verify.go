package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// verify reads the written modules back and compares all that was read with
// the target, unmanaged values included, before anything that cannot be
// undone: an edit that somebody made meanwhile must not go live unseen. What
// the Store rewrote is remembered, so that a second apply takes it for equal
// while both sides stand.
func (r *run) verify(ctx context.Context, p *proposed, call Call) (*Result, error) {
	read, err := p.backend.ReadBack(ctx, call, p.record)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	expected, got, stored := plan.State{}, plan.State{}, plan.State{}
	for path, value := range p.target {
		if read.covers(path) {
			expected[path] = value
		}
	}
	for path, value := range read.State {
		if !p.readBefore(path) && p.FilledIn(path) {
			// It is part of the product from now on, and nobody's edit.
			p.target[path], stored[path] = value, value
		} else if read.covers(path) {
			got[path] = value
		}
	}
	p.readBacks = append(p.readBacks, read)
	differences, err := plan.Diff(expected, got)
	switch {
	case err != nil:
		return nil, err
	case len(differences) > 0:
		return r.mismatch(ctx, p, differences, got)
	}
	return nil, r.noteFilledIn(ctx, p, stored)
}

// readBefore reports whether a path has been read back in this run: what turns
// up there later is not what the Store fills in, but somebody's edit. Of a
// product that is made here all is read each time.
func (p *proposed) readBefore(path plan.Path) bool {
	return p.fromNothing() && len(p.readBacks) > 0 ||
		slices.ContainsFunc(p.readBacks, func(read *ReadBack) bool { return read.covers(path) })
}

// filledIn reports whether the Store added a value on its own to something
// that this apply creates: a new product, language or package had nobody's
// edits to lose.
func (p *proposed) FilledIn(path plan.Path) bool {
	if _, wanted := p.target[path]; wanted {
		return false
	}
	if p.fromNothing() {
		return true
	}
	segments := strings.Split(string(path), ".")
	if len(segments) < 3 {
		return false
	}
	group := plan.Join(segments[:2]...)
	for observed := range p.observed.State {
		if observed.Under(group) {
			return false
		}
	}
	return true
}

// written remembers the draft as ours once it is known to equal the target.
func (r *run) written(ctx context.Context, p *proposed) error {
	if p.record.Draft == nil {
		return nil
	}
	p.record.Draft.Written = p.snapshot()
	return r.save(ctx, p)
}

// drafted ends a plan that stops before the submission.
func (r *run) drafted(ctx context.Context, p *proposed) error {
	p.record.FinishBegun()
	if p.record.Draft == nil {
		return r.save(ctx, p)
	}
	return r.written(ctx, p)
}

// mismatch judges what came back otherwise than sent. A value that comes back
// rewritten the same way a second time is the Store's doing; anything else may
// be somebody's edit, and stops.
func (r *run) mismatch(ctx context.Context, p *proposed, differences []plan.Change, got plan.State) (*Result, error) {
	var lines []string
	ours, confirmed := true, true
	for _, d := range differences {
		sent, managed := p.desired.Set[d.Path]
		ours = ours && managed && !sent.Exact && !sent.Sensitive && sent.Type != plan.Images
		known := p.record.Rewritten[d.Path]
		confirmed = confirmed && known.Sent == plan.DigestOf(sent) && known.Returned == plan.DigestOf(got[d.Path])
		lines = append(lines, fmt.Sprintf("%s: sent %s, the Store returned %s", d.Path, shown(d.Before), shown(d.After)))
	}
	if !ours {
		return nil, &plan.Failure{Class: plan.ClassError, Err: errors.New("the draft is not what was sent:\n  " + strings.Join(lines, "\n  ")),
			Next: "Nothing was submitted. Somebody else may be editing the draft; plan again and look."}
	}
	if err := r.rewritten(ctx, p, differences, got, confirmed); err != nil {
		return nil, err
	}
	if !confirmed {
		return nil, &plan.Failure{Class: plan.ClassError, Err: errors.New("the draft is not what was sent:\n  " + strings.Join(lines, "\n  ")),
			Next: "Nothing was submitted. Either somebody edited the draft at that moment, or the Store rewrites the value. " +
				"Run apply again: it sends the value once more, and takes the two for equal only if the Store returns the same again."}
	}
	for _, d := range differences {
		p.target[d.Path] = got[d.Path]
	}
	result := &Result{}
	for _, line := range lines {
		result.Warnings = append(result.Warnings, "the Store rewrites this value, and the two now count as equal: "+line)
	}
	return result, nil
}

func (r *run) rewritten(ctx context.Context, p *proposed, differences []plan.Change, got plan.State, confirmed bool) error {
	if p.record.Rewritten == nil {
		p.record.Rewritten = map[plan.Path]record.Rewrite{}
	}
	for _, d := range differences {
		p.record.Rewritten[d.Path] = record.Rewrite{Sent: plan.DigestOf(p.desired.Set[d.Path]), Returned: plan.DigestOf(got[d.Path]), Confirmed: confirmed}
	}
	return r.save(ctx, p)
}

// shown is a value in an error: short, and nothing for an absent one.
func shown(document []byte) string {
	const most = 200
	if len(document) == 0 {
		return "nothing"
	}
	text := []rune(string(document))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// awaitOwn waits for the submission that this apply made or took over, and
// notes how it ended; the product's lock is held.
func (r *run) awaitOwn(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	result = r.await(ctx, p, result)
	if !p.record.NoteEnd(*result.Submission) {
		return result
	}
	if err := r.save(context.WithoutCancel(ctx), p); err != nil && result.Err == nil {
		return result.failed(err)
	}
	return result
}

// await waits for the submission as far as asked, then verifies what is live.
func (r *run) await(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	if result.Outcome == "" {
		result.Outcome, result.Verified = Submitted, VerifiedUnreadable
		if p.target != nil {
			// The read-back before the submission equalled the target.
			result.Verified = VerifiedInSync
		}
	}
	if r.options.Goal == GoalNone {
		return result
	}
	bounded := ctx
	if r.options.Timeout > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, r.options.Timeout)
		defer cancel()
	}
	last, err := p.backend.Await(bounded, p.manifest, result.Submission.ID, r.options.Goal, func(s plan.Submission) {
		r.engine.emit(SubmissionPolled{Address: p.plan.Address, Submission: s})
	})
	if last.ID != "" {
		result.Submission = &last
	}
	switch {
	case last.Failed:
		return result.failed(certificationFailed(p, last))
	case ctx.Err() != nil:
		result.Outcome = Interrupted
		result.Err = &plan.Failure{Class: plan.ClassInterrupted,
			Err:  fmt.Errorf("%s: interrupted while submission %s is %s", p.plan.Address, result.Submission.ID, result.Submission.Status),
			Next: "The submission goes on at the Store; `storesync status` shows where it is."}
		return result
	case bounded.Err() != nil:
		return result.failed(&plan.Failure{Class: plan.ClassPending,
			Err:  fmt.Errorf("%s: submission %s is %s at the time limit of %s", p.plan.Address, result.Submission.ID, result.Submission.Status, r.options.Timeout),
			Next: "It goes on at the Store; `storesync status` shows where it is."})
	case err != nil:
		return result.failed(fmt.Errorf("%s: submission %s: %w", p.plan.Address, result.Submission.ID, err))
	}
	if !last.Done {
		return result
	}
	result.Outcome = Published
	return r.verifyLive(ctx, p, result)
}

func certificationFailed(p *proposed, last plan.Submission) error {
	next := "The certification report is in Partner Center, on the product's page. Mend what it says in the manifest and apply, or submit the same draft again with apply --submit."
	if !p.observed.SharedDraft {
		next = "What is wrong stands above, or with the submission in Partner Center. Mend it in the manifest, or in Partner Center what the API cannot write, and apply: " +
			"a new submission takes the place of the failed one. If nothing was wrong with what was sent, apply as it is."
	}
	if p.observed.Unpublished && !p.observed.SharedDraft {
		next = adviceForFirst(p)
	}
	detail := ""
	if len(last.Detail) > 0 {
		detail = ": " + strings.Join(last.Detail, "; ")
	}
	return &plan.Failure{Class: plan.ClassError,
		Err:  fmt.Errorf("%s: submission %s ended with %s%s", p.plan.Address, last.ID, last.Status, detail),
		Next: next}
}

// adviceForFirst is what can be done when the first submission of a product ended
// badly: it is never deleted, and no other can take its place.
func adviceForFirst(p *proposed) string {
	next := "What is wrong stands above, or with the submission in Partner Center. It is the first one of the product, in whose place the API can put no other: mend and submit it in Partner Center."
	deletion := plan.GuardDeleteAddOn
	switch {
	case p.manifest.PackageFlight != nil:
		deletion = plan.GuardDeleteFlight
	case p.manifest.AddOn == nil:
		return next
	}
	return next + " Or, since nobody has the product yet, make it anew: apply metadata.state: absent with --allow " + string(deletion) +
		", then take that out, mend the manifest, and apply."
}

// differences are what is left to change of a product that was observed again.
func (p *proposed) differences() ([]plan.Change, error) {
	if p.manifest.Absent() {
		return p.deletion(), nil
	}
	p.desired, p.diagnostics = p.backend.Desire(p.manifest, p.observed)
	if p.diagnostics.HasErrors() {
		return nil, nil
	}
	p.target = acceptRewrites(p.observed.State, overlay(p.observed.State, p.desired), p.record.Rewritten)
	return p.changes(false)
}

// surprising reports whether a change that remains after applying can only be
// somebody's doing. What had to wait remains, and what acts at once may take
// the Store a moment to show.
func (p *proposed) surprising(c plan.Change) bool {
	return c.Action != plan.ActionReport && !p.leaves(c.Path) && !p.acted(c)
}

// acted reports whether a change was made at once, without a draft.
func (p *proposed) acted(c plan.Change) bool {
	return p.direct && (c.Path == plan.PathProduct || c.Path.Under(plan.PathRollout))
}

// verifyLive observes again and lists what still differs.
func (r *run) verifyLive(ctx context.Context, p *proposed, result ProductResult) ProductResult {
	observed, err := p.backend.Observe(ctx, p.manifest, p.record)
	if err != nil {
		result.Verified = VerifiedUnreadable
		result.Warnings = append(result.Warnings, fmt.Sprintf("the live values could not be read again: %v", err))
		return result
	}
	again := &proposed{manifest: p.manifest, backend: p.backend, record: p.record, observed: observed, plan: plan.Product{Address: p.plan.Address}}
	if again.unreadable() {
		result.Verified = VerifiedUnreadable
		return result
	}
	result.Remaining, err = again.differences()
	result.Verified = VerifiedInSync
	if err != nil || again.diagnostics.HasErrors() || len(result.Remaining) > 0 {
		result.Verified = VerifiedDiffers
	}
	for _, c := range result.Remaining {
		if p.acted(c) && !p.leaves(c.Path) {
			result.Warnings = append(result.Warnings, fmt.Sprintf("%s: the Store took this and does not show it yet; plan again in a while", c.Path))
		}
	}
	if slices.ContainsFunc(result.Remaining, p.surprising) {
		// Somebody wrote to the product at the same time; an exit code of 0
		// would hide it.
		result.Err = &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s: the product is not what was applied: somebody changed it at the same time", p.plan.Address),
			Next: "The report lists what differs. Plan again and look who else writes to it."}
	}
	return result
}
