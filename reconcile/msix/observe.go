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
	"github.com/storesync/storesync/schema"
)

// Observe reads the app, the submission that is looked at, and a draft that
// stands beside it. What is looked at is the running submission if there is
// one, else a draft of our own, else what is published; somebody else's draft
// is never what changes are planned against.
func (b *backend) Observe(ctx context.Context, m *schema.Manifest, record *reconcile.Record) (*reconcile.Observed, error) {
	ctx = b.guarded(ctx, m)
	observed, err := b.observe(ctx, m, record)
	if err != nil {
		return nil, b.hideError(ctx, m, err)
	}
	return observed, nil
}

func (b *backend) observe(ctx context.Context, m *schema.Manifest, record *reconcile.Record) (*reconcile.Observed, error) {
	app, err := b.application(ctx, m.MsixApp.AppID)
	if err != nil {
		return nil, err
	}
	o := &observation{backend: b, manifest: m, record: record, app: app,
		observed: &reconcile.Observed{Complete: true, Raw: map[string]json.RawMessage{}}}
	o.observed.Raw[rawApplication] = encode(appFacts{
		ID: string(app.ID), PackageIdentityName: app.PackageIdentityName, PublisherName: app.PublisherName,
		HasAdvancedListingPermission: app.HasAdvancedListingPermission, Published: app.LastPublished != nil,
	})
	if contents := contentsOf(record); len(contents) > 0 {
		o.observed.Raw[rawContents] = encode(contents)
	}
	if err := o.read(ctx); err != nil {
		return nil, err
	}
	o.noticeUnknownContents()
	return o.observed, nil
}

// observation is one Observe.
type observation struct {
	*backend
	manifest *schema.Manifest
	record   *reconcile.Record
	app      *application
	observed *reconcile.Observed
}

// read looks at the pending submission if there is one, and at the published
// one unless the pending one is what counts.
func (o *observation) read(ctx context.Context) error {
	if o.app.Pending == nil {
		return o.published(ctx)
	}
	pending, err := o.client.submission(ctx, o.manifest.MsixApp.AppID, string(o.app.Pending.ID))
	if err != nil {
		return err
	}
	status := pending.status()
	switch {
	case isRunning(status.Status):
		o.observed.Running = &reconcile.Submission{ID: pending.id(), Status: shownStatus(o.shown(ctx), status.Status), Detail: status.words(o.shown(ctx))}
		return o.take(pending)
	case status.Status == statusPublished:
		// It went live between the two reads.
		return o.takePublished(pending)
	case o.isOurDraft(pending), o.app.LastPublished == nil && pending.editable(o.now()):
		return o.takeDraft(ctx, pending)
	case o.app.LastPublished == nil:
		return o.firstSubmission(ctx, pending)
	}
	if err := o.published(ctx); err != nil {
		return err
	}
	return o.beside(ctx, pending)
}

// takeDraft makes a draft what is observed. What customers have is read beside
// it: guards are judged by that.
func (o *observation) takeDraft(ctx context.Context, draft *document) error {
	o.observed.Draft = draft.id()
	if o.observed.Returned = o.returned(draft); o.observed.Returned {
		o.notice("", fmt.Sprintf("submission %s was committed and is a draft again: the Store gave the commit up without saying why; applying commits it once more", draft.id()))
	}
	if err := o.take(draft); err != nil || o.app.LastPublished == nil {
		return err
	}
	published, err := o.client.submission(ctx, o.manifest.MsixApp.AppID, string(o.app.LastPublished.ID))
	if err != nil {
		return err
	}
	live, err := liveOf(published, o.manifest, o.record)
	if err != nil {
		return fmt.Errorf("submission %s of app %s: %w", published.id(), o.manifest.MsixApp.AppID, err)
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
		o.record != nil && slices.ContainsFunc(o.record.Submissions, func(s reconcile.SubmissionRecord) bool { return s.ID == pending.id() })
}

// published takes what customers have.
func (o *observation) published(ctx context.Context) error {
	id := o.manifest.MsixApp.AppID
	if o.app.LastPublished == nil {
		return &reconcile.Failure{Class: reconcile.ClassError,
			Err:  fmt.Errorf("app %s has no submission", id),
			Next: "The API cannot make an app's first submission. Make it in Partner Center, age ratings included; it need not be published yet."}
	}
	live, err := o.client.submission(ctx, id, string(o.app.LastPublished.ID))
	if err != nil {
		return err
	}
	return o.takePublished(live)
}

// takePublished also looks at the rollout: while one is running the Store takes
// no new submission
// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
func (o *observation) takePublished(live *document) error {
	if live.text(rolloutPointer+"/packageRolloutStatus") == rolloutInProgress {
		o.observed.Running = &reconcile.Submission{ID: live.id(), Status: rolloutInProgress, Detail: []string{
			"its packages are being rolled out; the Store takes a new submission once the rollout is finalized or halted in Partner Center"},
			Next: "Finalize or halt the rollout in Partner Center, then run apply again. It never ends by itself, also not at 100 %, so waiting for it brings nothing."}
	}
	return o.take(live)
}

// take makes a submission what is observed.
func (o *observation) take(d *document) error {
	var err error
	if o.observed.State, err = stateOf(d, o.manifest, o.record); err != nil {
		return fmt.Errorf("submission %s of app %s: %w", d.id(), o.manifest.MsixApp.AppID, err)
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
		return fmt.Errorf("submission %s of app %s: %w", pending.id(), o.manifest.MsixApp.AppID, err)
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
	if o.observed.Pending.Untouchable == "" {
		o.observed.Pending.Untouchable = fmt.Sprintf("it is %s and the app's first submission, which the API can neither go on with nor make again", shownStatus(o.shown(ctx), pending.status().Status))
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
	return o.client.known.guard(ctx, o.manifest.MsixApp.AppID)
}

func (o *observation) notice(path reconcile.Path, text string) {
	o.observed.Notices = append(o.observed.Notices, reconcile.Notice{Path: path, Text: text})
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
func (o *observation) manages(path reconcile.Path) bool {
	if path == fieldTrailers {
		return o.manifest.MsixApp.Trailers != nil
	}
	segments := strings.Split(string(path), ".")
	for language, listing := range o.manifest.MsixApp.Listings {
		if len(segments) == 4 && strings.EqualFold(language, segments[1]) && listing.Images[segments[3]] != nil {
			return true
		}
	}
	return false
}
