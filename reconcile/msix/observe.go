package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// Observe reads the app, the submission that is looked at, and a draft that
// stands beside it. What is looked at is the running submission if there is
// one, else a draft of our own, else what is published; somebody else's draft
// is never what changes are planned against.
func (b *backend) Observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	ctx = b.guarded(ctx, m)
	observed, err := b.observe(ctx, m, record)
	if err != nil {
		return nil, b.hideError(ctx, m, err)
	}
	b.hideRemembered(ctx, m, observed, record)
	return observed, nil
}

func (b *backend) observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	found, err := b.find(ctx, m)
	if err != nil {
		return nil, err
	}
	o := b.newObservation(m, record, found)
	o.observed.Complete, o.observed.Status.Draft = true, noDraft
	if contents := record.Contents(); len(contents) > 0 {
		o.observed.Raw[rawContents] = encode(contents)
	}
	if found == nil {
		o.observed.Missing, o.observed.State = true, plan.State{}
		if flight := m.PackageFlight; flight != nil {
			if flights, read := b.flights.of(flight.AppID); read {
				o.observed.Raw[rawFlights] = encode(flights)
			}
		}
		return o.observed, o.appOfPackages(ctx)
	}
	if err := o.takeProduct(ctx); err != nil {
		return nil, err
	}
	return o.observed, nil
}

// packageCollections: packages are told apart by their files' names; the Store
// finds out the rest from the files.
func packageCollections() []reconcile.Collection {
	return []reconcile.Collection{{Path: fieldPackages, By: []string{fieldFileName}, Derived: []string{fieldVersion, fieldArchitecture, fieldLanguages, fieldFamilies}}}
}

// observation is one Observe.
type observation struct {
	*backend
	manifest *schema.Manifest
	record   *record.Record
	// found is nil for a product that is yet to be made.
	found    *resource
	observed *reconcile.Observed
}

// newObservation begins one with what finding the product told; found is nil for
// a product that is yet to be made.
func (b *backend) newObservation(m *schema.Manifest, record *record.Record, found *resource) *observation {
	o := &reconcile.Observed{Drafts: provenance.FirstDraft, Collections: packageCollections(),
		Raw: map[string]json.RawMessage{rawProduct: encode(productFacts{Kind: kindOf(m)})}}
	if found != nil {
		o.ID = found.id
		if found.kind == kindApp {
			o.ID = m.MsixApp.AppID
			o.Raw[rawApplication] = encode(found.application.facts())
		}
		if found.Published != nil {
			o.Drafts = provenance.OwnDraft
		}
	}
	return &observation{backend: b, manifest: m, record: record, found: found, observed: o}
}

// takeProduct takes what the Store says of a product that there is.
func (o *observation) takeProduct(ctx context.Context) error {
	identity, err := o.identity(ctx, o.found, o.manifest)
	if err != nil {
		return err
	}
	if err := o.read(ctx); err != nil {
		return err
	}
	// It belongs to whatever submission is looked at, and is lost with none.
	maps.Copy(o.observed.State, identity)
	if o.observed.Pending != nil {
		maps.Copy(o.observed.Pending.State, identity)
	}
	if p := o.observed.Published; p != nil && p.ID != "" {
		maps.Copy(p.State, identity)
	}
	if o.observed.Filled != nil {
		o.observed.Filled = maps.Clone(o.observed.State)
	}
	return o.appOfPackages(ctx)
}

// facts are what of an app is looked at after observing.
func (a *application) facts() appFacts {
	return appFacts{
		ID: string(a.ID), PackageIdentityName: a.PackageIdentityName, PublisherName: a.PublisherName,
		HasAdvancedListingPermission: a.HasAdvancedListingPermission, Published: a.LastPublished != nil,
	}
}

// appOfPackages reads the app of a flight, whose identity and publisher new
// packages must have. Those that the flight has were looked at by the Store, so
// an unchanged flight takes no request for that. What is asked for does not
// change: one request does for all flights of an app.
func (o *observation) appOfPackages(ctx context.Context) error {
	if kindOf(o.manifest) != kindFlight || o.manifest.Absent() {
		return nil
	}
	base, err := baseOf(o.observed)
	if err != nil {
		return err
	}
	rows, err := packageEntries(base, kindFlight)
	if err != nil {
		return err
	}
	set := pairPackages(rows, o.manifest.PackageFlight.Packages, o.record.Contents())
	if !slices.ContainsFunc(set.wanted, func(w *wantedPackage) bool { return w.entry == nil && w.spec.Content != nil }) {
		return nil
	}
	facts, err := o.apps.facts(ctx, o.client, o.manifest.PackageFlight.AppID)
	if err != nil {
		return err
	}
	o.observed.Raw[rawApplication] = encode(facts)
	return nil
}

// read looks at the pending submission if there is one, and at the published
// one unless the pending one is what counts.
func (o *observation) read(ctx context.Context) error {
	if o.found.Pending == nil {
		return o.published(ctx)
	}
	pending, err := o.client.submission(ctx, o.found.product, string(o.found.Pending.ID))
	if err != nil {
		return err
	}
	o.sayPending(ctx, pending)
	submission := o.submission(ctx, pending)
	if newest := o.record.Newest(); newest != nil && newest.ID == submission.ID && submission.Status != statusPendingCommit {
		o.observed.Newest = &submission
	}
	switch {
	case isRunning(pending.status().Status):
		o.observed.Running = &submission
		return o.take(pending)
	case pending.status().Status == statusPublished:
		// It went live between the two reads.
		o.observed.Drafts = provenance.OwnDraft
		return o.takePublished(pending)
	case o.isOurDraft(pending), o.isFirstDraft(pending):
		return o.takeDraft(ctx, pending)
	case o.found.Published == nil:
		return o.firstSubmission(ctx, pending)
	}
	if err := o.published(ctx); err != nil {
		return err
	}
	return o.beside(ctx, pending)
}

// submission is where a submission stands, as it can be told.
func (o *observation) submission(ctx context.Context, d *document) plan.Submission {
	ctx = o.shown(ctx)
	status := d.status()
	s := submissionOfStatus(ctx, d.id(), status)
	s.Status = shownStatus(ctx, s.Status)
	s.Waiting = waitsForItsDay(status.Status, d.text("/targetPublishMode"))
	return s
}

// isFirstDraft reports whether the pending submission is the product's first
// and the API can go on with it. That of an add-on or flight is gone on with
// though its upload address has run out: it is never deleted, and a change
// without files needs none.
func (o *observation) isFirstDraft(pending *document) bool {
	if o.found.Published != nil {
		return false
	}
	return pending.editable(o.now()) ||
		o.found.kind.madeByAPI() && pending.status().Status == statusPendingCommit && pending.uploadURL().Reveal() != ""
}

// takeDraft makes a draft what is observed. What customers have is read beside
// it: what is in a draft is told from that, and guards are judged by it.
func (o *observation) takeDraft(ctx context.Context, draft *document) error {
	o.observed.Draft = draft.id()
	if !draft.editable(o.now()) {
		o.notice("", fmt.Sprintf("The upload address of draft %s has run out, so it takes no files any more; changes without files can be made.", draft.id()))
		o.observed.Raw[rawProduct] = encode(productFacts{Kind: o.found.kind, Expired: true})
	}
	if err := o.take(draft); err != nil {
		return err
	}
	if o.found.Published == nil {
		if draft.pristine(o.found.kind) == "" {
			o.observed.Filled = o.observed.State
		}
		return nil
	}
	live, err := o.client.submission(ctx, o.found.product, string(o.found.Published.ID))
	if err != nil {
		return err
	}
	if err := o.setPublished(live); err != nil || o.found.kind == kindAddOn {
		return err
	}
	set, err := publishedSetOf(live, o.manifest, o.record)
	if err != nil {
		return fmt.Errorf("submission %s of %s: %w", live.id(), o.found, err)
	}
	o.observed.Raw[rawPublished] = encode(set)
	return nil
}

// setPublished notes what customers have. Of packages whose rollout was halted
// it cannot be told who has them.
func (o *observation) setPublished(live *document) error {
	state, err := stateOf(live, o.manifest, o.record)
	if err != nil {
		return fmt.Errorf("submission %s of %s: %w", live.id(), o.found, err)
	}
	takeRollout(state, live)
	o.observed.Published = &reconcile.Publication{ID: live.id(), State: state}
	if live.rollout().Status == rolloutStopped && len(live.keys(packagesPointer(o.found.kind))) > 0 {
		o.observed.Published.Unsure = []plan.Path{fieldPackages}
	}
	if o.found.kind != kindAddOn {
		o.observed.Status.Rollout = rolloutWords(live)
	}
	return nil
}

// isOurDraft reports whether the pending submission is the draft that the
// record knows as ours and that can still be finished.
func (o *observation) isOurDraft(pending *document) bool {
	return o.isOurs(pending) && pending.editable(o.now())
}

func (o *observation) isOurs(pending *document) bool { return o.record.OwnsDraft(pending.id()) }

// published takes what customers have. An add-on or flight that was made
// without a submission has nothing yet; its first one is made by the API.
func (o *observation) published(ctx context.Context) error {
	if o.found.Published == nil && o.found.kind.madeByAPI() {
		o.observed.State = plan.State{}
		return nil
	}
	if o.found.Published == nil {
		return &plan.Failure{Class: plan.ClassError,
			Err:  fmt.Errorf("%s has no submission", o.found),
			Next: "The API cannot make an app's first submission. Make it in Partner Center, age ratings included; it need not be published yet."}
	}
	live, err := o.client.submission(ctx, o.found.product, string(o.found.Published.ID))
	if err != nil {
		return err
	}
	return o.takePublished(live)
}

// takePublished also looks at the rollout: while one is running the Store takes
// no new submission
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
func (o *observation) takePublished(live *document) error {
	if err := o.take(live); err != nil {
		return err
	}
	o.observed.Running = runningRollout(live)
	takeRollout(o.observed.State, live)
	return o.setPublished(live)
}

// take makes a submission what is observed.
func (o *observation) take(d *document) error {
	var err error
	if o.observed.State, err = stateOf(d, o.manifest, o.record); err != nil {
		return fmt.Errorf("submission %s of %s: %w", d.id(), o.found, err)
	}
	o.observed.Raw[rawSubmission] = withoutAddress(d)
	return nil
}

// withoutAddress is the submission without its upload address, which is a
// secret.
func withoutAddress(d *document) json.RawMessage {
	kept := d.clone()
	kept.remove("/fileUploadUrl")
	return kept.raw()
}

// beside notes a pending submission that is not what is observed.
func (o *observation) beside(ctx context.Context, pending *document) error {
	state, err := stateOf(pending, o.manifest, o.record)
	if err != nil {
		return fmt.Errorf("submission %s of %s: %w", pending.id(), o.found, err)
	}
	o.observed.Raw[rawPending] = withoutAddress(pending)
	o.observed.Pending = &reconcile.PendingDraft{
		ID: pending.id(), State: state, Ours: o.isOurs(pending), Editable: pending.editable(o.now()),
	}
	o.noticePending(ctx, pending)
	// Only what Partner Center made has no upload address, ended or not.
	status := pending.status().Status
	if pending.uploadURL().Reveal() == "" && (status == statusPendingCommit || hasFailed(status) && !o.isOurs(pending)) {
		o.observed.Pending.Untouchable = "it was made in Partner Center, and the API changes, deletes and commits only what it made itself"
	}
	return nil
}

// firstSubmission is one that the API can neither write to nor make again: it
// is all that there is to look at.
func (o *observation) firstSubmission(ctx context.Context, pending *document) error {
	if err := o.take(pending); err != nil {
		return err
	}
	if err := o.beside(ctx, pending); err != nil {
		return err
	}
	status := shownStatus(o.shown(ctx), pending.status().Status)
	switch kind := o.found.kind; {
	case kind.madeByAPI() && o.observed.Pending.Untouchable != "":
		// msstore-cli issue 61.
		o.observed.Pending.Untouchable += fmt.Sprintf("; a %s that is made there brings a first submission that the API can neither send files for, change nor delete. "+
			"Finish and publish that one in Partner Center, or delete the %s there and let apply make it", kind, kind)
	case kind.madeByAPI():
		o.observed.Pending.Untouchable = fmt.Sprintf("it is %s, so the API takes no changes for it, and it is the first submission of the %s, which storesync never deletes. "+
			"Mend and submit it in Partner Center. Or, since nobody has the %s yet, make it anew: apply metadata.state: absent with --allow delete-%s, then take that out again and apply",
			status, kind, kind, kind)
	case o.observed.Pending.Untouchable == "":
		o.observed.Pending.Untouchable = fmt.Sprintf("it is %s and the app's first submission, which the API can neither go on with nor make again", status)
	}
	return nil
}

// sayPending says which draft is pending, and what became of a submission that
// ended badly.
func (o *observation) sayPending(ctx context.Context, pending *document) {
	status, shown := pending.status(), o.shown(ctx)
	o.observed.Status.Draft = o.draftWords(shown, pending)
	o.observed.Status.Ready = status.Status == statusPendingCommit
	o.observed.Status.Messages = status.words(shown)
	if hasFailed(status.Status) {
		o.observed.Status.Messages = append([]string{fmt.Sprintf("submission %s ended with %s", pending.id(), shownStatus(shown, status.Status))}, o.observed.Status.Messages...)
	}
}

// noticePending says what became of a submission that ended badly, or of a
// draft that cannot be finished any more.
func (o *observation) noticePending(ctx context.Context, pending *document) {
	status := pending.status()
	switch {
	case o.observed.Newest != nil:
		// It is our newest submission: the verdict tells how it ended.
	case hasFailed(status.Status):
		text := fmt.Sprintf("Submission %s ended with %s", pending.id(), shownStatus(o.shown(ctx), status.Status))
		if words := status.words(o.shown(ctx)); len(words) > 0 {
			text += ": " + strings.Join(words, "; ")
		}
		o.notice("", text)
	case status.Status == statusPendingCommit && pending.uploadURL().Reveal() != "" && !pending.editable(o.now()):
		o.notice("", fmt.Sprintf("The upload address of draft %s has run out, so it takes no files any more.", pending.id()))
	}
}

// shown is the context for what is said, with the secrets of what was read.
func (o *observation) shown(ctx context.Context) context.Context {
	return o.client.known.Guard(ctx, o.found.scope())
}

func (o *observation) notice(path plan.Path, text string) {
	o.observed.Notices = append(o.observed.Notices, plan.Notice{Path: path, Text: text})
}
