package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// verify reads the written modules back and compares all that was read with
// the target, unmanaged values included, before anything that cannot be
// undone: an edit that somebody made meanwhile must not go live unseen.
func (r *running) verify(ctx context.Context, call Call) (*Result, error) {
	read, err := r.backend.ReadBack(ctx, call, r.record)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	expected, got, filled := plan.State{}, plan.State{}, plan.State{}
	for path, value := range r.target {
		if read.covers(path) {
			expected[path] = value
		}
	}
	for path, value := range read.State {
		if before, known := r.live[path]; known && before.Sensitive {
			value.Sensitive = true
		}
		if !r.readBefore(path) && r.fillsIn(path) {
			// It is part of the product from now on, and nobody's edit.
			r.target[path], filled[path] = value, value
		} else if read.covers(path) {
			got[path] = value
		}
	}
	r.readBacks = append(r.readBacks, read)
	differences, err := plan.Diff(expected, got)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	if len(differences) > 0 {
		if result, err = r.mismatch(ctx, differences, got); err != nil {
			return result, err
		}
	}
	return result, r.noteFilled(ctx, filled)
}

// readBefore reports whether a path has been read back in this run: what turns
// up there later is not what the Store fills in, but somebody's edit. Of a
// product that is made here all is read each time.
func (r *running) readBefore(path plan.Path) bool {
	return r.fromNothing() && len(r.readBacks) > 0 ||
		slices.ContainsFunc(r.readBacks, func(read *ReadBack) bool { return read.covers(path) })
}

// fillsIn reports whether the Store added a value on its own to something
// that this apply creates: a new product, language or package had nobody's
// edits to lose.
func (r *running) fillsIn(path plan.Path) bool {
	if _, wanted := r.target[path]; wanted {
		return false
	}
	if r.fromNothing() {
		return true
	}
	member, below := path.Member()
	return below && !plan.AnyUnder(r.live, member)
}

// noteFilled notes, durably, what the Store gave to what this apply makes.
func (r *running) noteFilled(ctx context.Context, filled plan.State) error {
	if r.record.Draft == nil || len(filled) == 0 {
		return nil
	}
	marks := maps.Clone(r.record.Draft.Filled)
	if marks == nil {
		marks = map[plan.Path]plan.Mark{}
	}
	maps.Copy(marks, r.names.marksWithin(r.target, filled))
	if maps.Equal(marks, r.record.Draft.Filled) {
		return nil
	}
	r.record.Draft.Filled = marks
	return r.save(ctx)
}

// readBackKind is what became of a value that came back otherwise than sent.
type readBackKind int

const (
	// differs: it may be somebody's edit.
	differs readBackKind = iota
	// notTaken: it is what it was before.
	notTaken
	// lossy: it is another text; the Store rewrites it, or somebody edited it.
	lossy
	// accepted: the difference is harmless, or was allowed by name.
	accepted
)

// mismatch judges what came back otherwise than sent.
func (r *running) mismatch(ctx context.Context, differences []plan.Change, got plan.State) (*Result, error) {
	byKind := map[readBackKind][]string{}
	for _, d := range differences {
		kind := r.kindOf(d, got)
		line := fmt.Sprintf("%s: sent %s, the Store returned %s", d.Path, shown(d.Before), shown(d.After))
		if kind == notTaken {
			line = fmt.Sprintf("%s: sent %s, the Store still has %s", d.Path, shown(d.Before), shown(d.After))
		}
		byKind[kind] = append(byKind[kind], line)
		if sent := r.desired.Set[d.Path]; (kind == lossy || kind == accepted) && !sent.Sensitive {
			r.record.NoteRewriting(d.Path, plan.MarkOf(sent), plan.MarkOf(got[d.Path]), kind == accepted)
		}
	}
	if len(byKind[lossy])+len(byKind[accepted]) > 0 {
		if err := r.save(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case len(byKind[differs]) > 0:
		lines := slices.Concat(byKind[differs], byKind[notTaken], byKind[lossy])
		return nil, &plan.Failure{Class: plan.ClassError, Err: errors.New("the draft is not what was sent:\n  " + strings.Join(lines, "\n  ")),
			Next: "Nothing was submitted. Somebody else may be editing the draft; plan again and look."}
	case len(byKind[notTaken]) > 0:
		return nil, &plan.Failure{Class: plan.ClassError,
			Err:  errors.New("the Store did not take what was sent:\n  " + strings.Join(slices.Concat(byKind[notTaken], byKind[lossy]), "\n  ")),
			Next: "Nothing was submitted. The Store answered without an error and kept the old value; look at the value in Partner Center, and apply again."}
	case len(byKind[lossy]) > 0:
		return nil, &plan.Failure{Class: plan.ClassRefused,
			Err: fmt.Errorf("%s: %s\n  %s", plan.GuardLossyRewrite, plan.GuardLossyRewrite.Protects(), strings.Join(byKind[lossy], "\n  ")),
			Next: "Nothing was submitted. Either the Store rewrites the text, or somebody edited the draft at that moment. Write what the Store can keep into the manifest; " +
				"or, if its text is right, apply with --allow " + string(plan.GuardLossyRewrite) + "=" + r.doc.Address + "."}
	}
	result := &Result{}
	for _, d := range differences {
		r.target[d.Path] = got[d.Path]
	}
	for _, line := range byKind[accepted] {
		result.Warnings = append(result.Warnings, "the Store writes this value another way, which changes nothing: "+line)
	}
	return result, nil
}

// kindOf is what became of one value that came back otherwise than sent.
func (r *running) kindOf(d plan.Change, got plan.State) readBackKind {
	sent, managed := r.desired.Set[d.Path]
	returned, before := got[d.Path], r.live[d.Path]
	changed := plan.UnderAny(d.Path, plan.PathsOf(r.changed()))
	switch {
	case !managed && !changed:
		return differs
	case changed && same(returned, before) && !same(returned, r.target[d.Path]):
		return notTaken
	case !managed || sent.Exact || sent.Type == plan.Images:
		return differs
	case plan.DigestOf(plan.Canonical(sent)) == plan.DigestOf(plan.Canonical(returned)):
		return accepted
	case sent.Sensitive:
		return differs
	case r.rewritten(d.Path, sent, plan.MarkOf(returned)):
		return accepted
	case returned.Empty():
		return differs
	}
	return lossy
}

func same(a, b plan.Value) bool { return plan.DigestOf(a) == plan.DigestOf(b) }

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

// verifyLive observes again and lists what still differs.
func (r *running) verifyLive(ctx context.Context, result ProductResult) ProductResult {
	now, err := r.run.lookAgain(ctx, r.approved, r.record)
	if err != nil {
		result.Verified = VerifiedUnreadable
		result.Warnings = append(result.Warnings, fmt.Sprintf("the live values could not be read again: %v", err))
		return result
	}
	if now.unreadable() {
		result.Verified = VerifiedUnreadable
		return result
	}
	result.Remaining = now.changes
	result.Verified = VerifiedInSync
	if now.diagnostics.HasErrors() || len(result.Remaining) > 0 {
		result.Verified = VerifiedDiffers
	}
	var kept, other []string
	for _, c := range result.Remaining {
		switch {
		case c.Action == plan.ActionReport || r.leaves(c.Path):
		case r.acted(c):
			result.Warnings = append(result.Warnings, fmt.Sprintf("%s: the Store took this and does not show it yet; plan again in a while", c.Path))
		case same(now.live[c.Path], r.live[c.Path]) && c.Type != "":
			kept = append(kept, fmt.Sprintf("%s: sent %s, the Store still has %s", c.Path, shown(c.After), shown(c.Before)))
		default:
			other = append(other, fmt.Sprintf("%s: sent %s, the Store has %s", c.Path, shown(c.After), shown(c.Before)))
		}
	}
	result.Err = r.notAsSent(kept, other)
	return result
}

// notAsSent is the error of what was published and is not what was sent. No more
// is said of the cause than what was read tells.
func (r *running) notAsSent(kept, other []string) error {
	switch {
	case len(kept) > 0:
		return &plan.Failure{Class: plan.ClassError,
			Err: fmt.Errorf("%s: the Store did not take what was sent:\n  %s", r.doc.Address, strings.Join(slices.Concat(kept, other), "\n  ")),
			Next: "It ended without an error and shows what was there before. Look at the submission and its report in Partner Center: " +
				"a package that fails its checks, for example, is dropped there."}
	case len(other) > 0:
		return &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s: the product is not what was applied:\n  %s", r.doc.Address, strings.Join(other, "\n  ")),
			Next: "The Store has neither what was sent nor what was there before. Plan again and look at what is different."}
	}
	return nil
}

// lookAgain observes and compares once more with the record as it is now.
func (r *run) lookAgain(ctx context.Context, p *approved, known *record.Record) (*compared, error) {
	product, err := p.backend.Observe(ctx, p.manifest, known)
	if err != nil {
		return nil, err
	}
	o := &observed{manifest: p.manifest, backend: p.backend, traits: p.traits, key: p.key, product: product}
	o.take(known, nil, r.engine.options.Now())
	return o.compare(PlanOptions{})
}

// acted reports whether a change was made at once, without a draft.
func (r *running) acted(c plan.Change) bool {
	return r.direct && (c.Path == plan.PathProduct || c.Path.Under(plan.PathRollout))
}
