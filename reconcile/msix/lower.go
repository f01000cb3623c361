package msix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// lowering turns the changes of one product into operations.
type lowering struct {
	reconcile.LowerRequest
	product
	// base is the submission that is changed: the draft at hand, or what is
	// published, of which a fresh draft is a copy.
	base *document
	// first is true when the product has no submission yet: base is empty, and
	// the fresh draft is as the Store makes the first one.
	first bool
	// target is base with the changes in it; sensitive values are placeholders.
	target *document
	// fill are the places in target that hold placeholders.
	fill []string
	// place is the path of the change that is being put into target.
	place       plan.Path
	contents    map[string]string
	operations  []plan.Operation
	diagnostics schema.Diagnostics
}

// Lower turns changes into the fewest operations: a product is made where there
// is none, a draft is made or taken, changed with one PUT, read back, given its
// new files in one ZIP, and committed. Steps of a running rollout are one
// request each and need no draft.
func (b *backend) Lower(request reconcile.LowerRequest) ([]plan.Operation, schema.Diagnostics) {
	l := &lowering{LowerRequest: request, product: loweredProduct(request), contents: contentsIn(request.Observed)}
	switch {
	case request.Delete:
		if l.diagnostics = misspelled(request.Manifest, request.Observed); l.diagnostics.HasErrors() {
			return nil, l.diagnostics
		}
		return l.deletion(), nil
	case len(l.Changes) == 0 && !l.Submit:
		return nil, nil
	case l.onlyRollout():
		return l.rolloutSteps(), nil
	}
	if err := l.documents(); err != nil {
		l.fail("", err.Error(), "The Store's answer is not what the API page describes; nothing was changed.")
		return nil, l.diagnostics
	}
	// Audit has judged what is observed; a pending draft that is taken up is
	// another document.
	if l.diagnostics = oddShapes(l.Manifest, l.base); l.diagnostics.HasErrors() {
		return nil, l.diagnostics
	}
	if err := l.apply(); err != nil {
		l.fail(l.place, "the change cannot be put into the submission: "+err.Error(), strangeForm)
		return nil, l.diagnostics
	}
	l.plan()
	if l.diagnostics.HasErrors() {
		return nil, l.diagnostics
	}
	return l.operations, l.diagnostics
}

// loweredProduct is the product that the operations are about, under its id or
// the placeholder for the one that it will get.
func loweredProduct(request reconcile.LowerRequest) product {
	p := wantedProduct(request.Manifest)
	switch {
	case p.kind == kindApp:
		return p
	case request.Observed.Missing:
		return p.with(newProduct)
	}
	return p.with(request.Observed.ID)
}

// onlyRollout reports whether all that changes is the rollout of what is
// published.
func (l *lowering) onlyRollout() bool {
	running := l.Observed.Running
	return running != nil && running.Rollout && len(l.Changes) > 0 &&
		!slices.ContainsFunc(l.Changes, func(c plan.Change) bool { return !c.Path.Under(plan.PathRollout) })
}

func (l *lowering) fail(path plan.Path, summary, detail string) {
	l.diagnostics = append(l.diagnostics, diagnostic(l.Manifest, schema.SeverityError, path, summary, detail))
}

// documents takes the submission that is changed.
func (l *lowering) documents() error {
	name := rawSubmission
	if l.Use == reconcile.UsePending {
		name = rawPending
	}
	raw, ok := l.Observed.Raw[name]
	switch {
	case !ok && name == rawSubmission && l.kind.madeByAPI():
		raw, l.first = json.RawMessage("{}"), true
	case !ok:
		return fmt.Errorf("no submission was read as %s", name)
	}
	base, err := parseDocument(raw)
	if err != nil {
		return err
	}
	l.base, l.target = base, base.clone()
	return nil
}

// plan adds the operations.
func (l *lowering) plan() {
	body, fill := l.body()
	draft := l.draft()
	covers := l.covered()
	uploads := l.uploads()
	following := []string{stepCommit}
	if len(uploads) > 0 {
		following = []string{stepUpload, stepCommit}
	}
	l.add(plan.Operation{
		ID: stepDraft, Verb: plan.VerbCall, Method: http.MethodGet, Path: l.submissionPath(draft),
		Effect: plan.EffectRead, Summary: "reads the draft and its upload address",
	})
	if body != nil {
		l.refusePrice()
		l.add(plan.Operation{
			ID: stepPut, Verb: plan.VerbCall, Method: http.MethodPut, Path: l.submissionPath(draft),
			Body: body, Fill: fill, Covers: covers, Effect: plan.EffectDraft, Owes: following,
			Summary: "sends the draft back whole with " + l.inIt() + " in it",
		})
	}
	l.add(plan.Operation{
		ID: stepVerify, Verb: plan.VerbVerify, Method: http.MethodGet, Path: l.submissionPath(draft),
		Covers: covers, Effect: plan.EffectRead, Summary: l.compares() + " with the target",
	})
	if len(uploads) > 0 {
		l.add(plan.Operation{
			ID: stepUpload, Verb: plan.VerbUpload, Method: http.MethodPut, Path: uploadAddress, Uploads: uploads,
			Covers: fileChanges(covers), Effect: plan.EffectDraft, Owes: []string{stepCommit},
			Summary: "sends " + count(len(uploads), "file") + " in one ZIP",
		})
		// Sending gigabytes takes long enough for somebody else to write to
		// the draft, and a commit sends all of it.
		l.add(plan.Operation{
			ID: stepVerifyAgain, Verb: plan.VerbVerify, Method: http.MethodGet, Path: l.submissionPath(draft),
			Covers: covers, Effect: plan.EffectRead, Summary: l.compares() + " once more",
		})
	}
	if !l.Draft {
		l.add(plan.Operation{
			ID: stepCommit, Verb: plan.VerbSubmit, Method: http.MethodPost, Path: l.commitPath(draft),
			Effect: plan.EffectPublish, Summary: l.commitSummary(),
		})
	}
}

func (l *lowering) add(operation plan.Operation) { l.operations = append(l.operations, operation) }

// compares says what a read-back compares: all of a draft that is a copy of
// what is published, or was written before; of a first one, which the Store
// fills in as it likes, what was written.
func (l *lowering) compares() string {
	if l.first {
		return "compares what was written"
	}
	return "compares the whole draft"
}

// inIt says what a put brings. What the product itself is made with is not in it.
func (l *lowering) inIt() string {
	n := 0
	for _, change := range l.Changes {
		if !slices.Contains(identityPaths(), change.Path) {
			n++
		}
	}
	if n == 0 {
		return "what it lacks of the target"
	}
	return count(n, "change")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// draft adds what brings the draft about and says its id, a placeholder for
// one that is yet to be made.
func (l *lowering) draft() string {
	switch l.Use {
	case reconcile.UseObserved:
		return l.Observed.Draft
	case reconcile.UsePending:
		return l.Observed.Pending.ID
	case reconcile.UseReplace:
		l.add(plan.Operation{
			ID: stepDiscard, Verb: plan.VerbCall, Method: http.MethodDelete, Path: l.submissionPath(l.Observed.Pending.ID),
			Effect: plan.EffectDestroy, Summary: "deletes draft " + l.Observed.Pending.ID,
		})
	}
	summary := "makes a draft, a copy of what is published"
	switch {
	case l.Observed.Missing:
		l.add(l.creation())
		summary = "makes its first draft; not sent when the " + string(l.kind) + " came with one"
	case l.first:
		summary = "makes its first draft"
	}
	l.add(plan.Operation{
		ID: stepCreate, Verb: plan.VerbCall, Method: http.MethodPost, Path: l.createPath(),
		Effect: plan.EffectDraft, Owes: []string{stepPut}, Summary: summary,
	})
	return draftID
}

// covered are the changed paths of the submission, sorted.
func (l *lowering) covered() []plan.Path {
	var paths []plan.Path
	for _, change := range l.Changes {
		if !slices.Contains(identityPaths(), change.Path) {
			paths = append(paths, change.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// fileChanges are the paths whose values are files.
func fileChanges(paths []plan.Path) []plan.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p plan.Path) bool {
		return !p.Under(fieldPackages) && !p.Under(fieldTrailers) && !strings.Contains(string(p), "."+fieldImages+".") &&
			!strings.HasSuffix(string(p), "."+fieldIcon)
	})
}

// commitSummary says what the commit sets off.
func (l *lowering) commitSummary() string {
	const start = "commits the draft: starts certification; "
	switch mode := l.Target[fieldPublishMode].Text(); mode {
	case publishManual:
		return start + "then waits in Partner Center for a person"
	case publishSpecificDate:
		return start + "then publishes by itself on " + l.Target[fieldPublishDate].Text()
	default:
		return start + "then publishes by itself"
	}
}

// refusePrice makes the last check of a put before a draft is made for it. A
// first draft is filled in by the Store, a price included where the manifest
// writes none, so that only the put itself can judge it; a flight has no price.
func (l *lowering) refusePrice() {
	if l.first || l.kind == kindFlight {
		return
	}
	if wrong := priceInvariants(l.target); wrong != nil {
		l.fail(wrong.path, "sending the submission back "+riskyPrice+wrong.Error(), wrong.next)
	}
}

// body is what the put sends, as it stands in a plan, and the places in it that
// hold placeholders; nil when there is nothing to send.
func (l *lowering) body() (json.RawMessage, []string) {
	if l.first {
		return l.firstBody()
	}
	patch := l.patch()
	if string(patch) == "[]" {
		return nil, nil
	}
	return encode(putBody{Base: l.base.digest(), Patch: patch}), l.fillPointers(patch)
}

// patch is the JSON Patch from base to target.
func (l *lowering) patch() json.RawMessage {
	patch, err := makePatch(idleless(l.base, l.target))
	if err != nil {
		l.fail("", err.Error(), "Nothing was changed.")
		return json.RawMessage("[]")
	}
	steps, err := parsePatch(patch)
	if err != nil {
		l.fail("", err.Error(), "Nothing was changed.")
		return json.RawMessage("[]")
	}
	return encode(append(steps, l.rollout()...))
}

// fresh reports whether a draft is made for this change.
func (l *lowering) fresh() bool {
	return l.Use != reconcile.UseObserved && l.Use != reconcile.UsePending
}

// unwritten reports whether the draft is one of ours that an apply made and
// then wrote nothing to, as far as is known: it still is the copy that it began
// as, rollout included.
func (l *lowering) unwritten() bool {
	return l.Use == reconcile.UseObserved && slices.Contains(l.Unfinished, stepPut)
}

// fillPointers are the places of the body that hold placeholders: those of the
// target, found in the steps that carry them.
func (l *lowering) fillPointers(patch json.RawMessage) []string {
	steps, err := parsePatch(patch)
	if err != nil {
		return nil
	}
	var pointers []string
	for _, place := range l.fill {
		for i, step := range steps {
			rest, below := strings.CutPrefix(place, step.Path)
			if step.Op != patchRemove && below && (rest == "" || rest[0] == '/') {
				pointers = append(pointers, fmt.Sprintf("/patch/%d/value%s", i, rest))
			}
		}
	}
	slices.Sort(pointers)
	return pointers
}
