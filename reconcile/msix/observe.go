package msix

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
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
	return observed, nil
}

func (b *backend) observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	found, err := b.find(ctx, m)
	if err != nil {
		return nil, err
	}
	o := &observation{backend: b, manifest: m, record: record, found: found,
		observed: &reconcile.Observed{Complete: true, Raw: map[string]json.RawMessage{}, Keyed: []plan.Path{fieldPackages}}}
	o.observed.Raw[rawProduct] = encode(productFacts{Kind: kindOf(m)})
	if contents := contentsOf(record); len(contents) > 0 {
		o.observed.Raw[rawContents] = encode(contents)
	}
	if found == nil {
		o.observed.Missing, o.observed.Unpublished, o.observed.State = true, true, plan.State{}
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
	o.noticeUnknownContents()
	return o.observed, nil
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

// takeProduct takes what the Store says of a product that there is.
func (o *observation) takeProduct(ctx context.Context) error {
	o.observed.ID = o.found.id
	if o.found.kind == kindApp {
		o.observed.ID = o.manifest.MsixApp.AppID
		o.observed.Raw[rawApplication] = encode(o.found.application.facts())
	}
	o.observed.Unpublished = o.found.Published == nil
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
	set := pairPackages(rows, o.manifest.PackageFlight.Packages, contentsOf(o.record))
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
	status := pending.status()
	switch {
	case isRunning(status.Status):
		o.observed.Running = &plan.Submission{ID: pending.id(), Status: shownStatus(o.shown(ctx), status.Status), Detail: status.words(o.shown(ctx))}
		return o.take(pending)
	case status.Status == statusPublished:
		// It went live between the two reads.
		o.observed.Unpublished = false
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
// it: guards are judged by that.
func (o *observation) takeDraft(ctx context.Context, draft *document) error {
	o.observed.Draft = draft.id()
	o.observed.Pristine = o.found.Published == nil && draft.pristine(o.found.kind) == ""
	if o.observed.Returned = o.returned(draft); o.observed.Returned {
		o.notice("", fmt.Sprintf("submission %s was committed and is a draft again: the Store gave the commit up without saying why; applying commits it once more", draft.id()))
	}
	if !draft.editable(o.now()) {
		o.notice("", fmt.Sprintf("the upload address of draft %s has run out, so it takes no files any more; changes without files can be made", draft.id()))
	}
	if err := o.take(draft); err != nil || o.found.Published == nil || o.found.kind == kindAddOn {
		return err
	}
	published, err := o.client.submission(ctx, o.found.product, string(o.found.Published.ID))
	if err != nil {
		return err
	}
	live, err := publishedSetOf(published, o.manifest, o.record)
	if err != nil {
		return fmt.Errorf("submission %s of %s: %w", published.id(), o.found, err)
	}
	o.observed.Raw[rawPublished] = encode(live)
	return nil
}

// returned reports whether a draft is a submission of ours that was committed
// and fell back, which is known to happen after a fault on the Store's side
// (StoreBroker issue 280). Right after a commit an answer may come from before
// it.
func (o *observation) returned(draft *document) bool {
	if o.record == nil || draft.status().Status != statusPendingCommit {
		return false
	}
	committed, known := time.Time{}, false
	for _, s := range o.record.Submissions {
		if s.ID == draft.id() {
			committed, known = s.At, true
		}
	}
	return known && o.now().Sub(committed) >= backToDraftLimit
}

// isOurDraft reports whether the pending submission is the draft that the
// record knows as ours and that can still be finished.
func (o *observation) isOurDraft(pending *document) bool {
	return o.isOurs(pending) && pending.editable(o.now())
}

func (o *observation) isOurs(pending *document) bool {
	return o.record != nil && o.record.Draft != nil && o.record.Draft.Submission == pending.id() ||
		o.record != nil && slices.ContainsFunc(o.record.Submissions, func(s record.Submission) bool { return s.ID == pending.id() })
}

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
	return nil
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

// noticePending says what became of a submission that ended badly, or of a
// draft that cannot be finished any more.
func (o *observation) noticePending(ctx context.Context, pending *document) {
	status := pending.status()
	switch {
	case hasFailed(status.Status):
		text := fmt.Sprintf("submission %s ended with %s", pending.id(), shownStatus(o.shown(ctx), status.Status))
		if words := status.words(o.shown(ctx)); len(words) > 0 {
			text += ": " + strings.Join(words, "; ")
		}
		o.notice("", text)
	case status.Status == statusPendingCommit && pending.uploadURL().Reveal() != "" && !pending.editable(o.now()):
		o.notice("", fmt.Sprintf("the upload address of draft %s has run out, so it takes no files any more", pending.id()))
	}
}

// shown is the context for what is said, with the secrets of what was read.
func (o *observation) shown(ctx context.Context) context.Context {
	return o.client.known.guard(ctx, o.found.scope())
}

func (o *observation) notice(path plan.Path, text string) {
	o.observed.Notices = append(o.observed.Notices, plan.Notice{Path: path, Text: text})
}

// noticeUnknownContents says which managed images cannot be compared: their
// names hold no digest, since storesync did not send them, and the record does
// not know them. The API gives stored images out to nobody.
func (o *observation) noticeUnknownContents() {
	for _, path := range slices.Sorted(maps.Keys(o.observed.State)) {
		value := o.observed.State[path]
		if !value.Unknown || !o.manages(path) {
			continue
		}
		o.observed.Complete = false
		o.notice(path, fmt.Sprintf("storesync did not send what the Store has here, so whether it equals the local files is not known; --reupload-images %s sends them all", o.manifest.Address()))
	}
}

// manages reports whether the manifest writes the files of a path.
func (o *observation) manages(path plan.Path) bool {
	spec, segments := specOf(o.manifest), strings.Split(string(path), ".")
	if path == fieldTrailers {
		return spec.Trailers != nil
	}
	for language, listing := range spec.Listings {
		if len(segments) == 4 && strings.EqualFold(language, segments[1]) && listing.Images[segments[3]] != nil {
			return true
		}
	}
	return o.manifest.AddOn != nil && managesIcon(o.manifest.AddOn, path)
}
