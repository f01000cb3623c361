package msiexe

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// reading is what the reads of one observation brought, each with its error.
type reading struct {
	status *moduleStatus
	// newest is where our newest submission stands, nil when nobody has to know.
	newest   *publishing
	metadata *metadataDocuments
	packages []json.RawMessage
	assets   []json.RawMessage

	statusErr, metadataErr, packagesErr, assetsErr error
}

// Observe reads the status and the metadata, and packages and images where the
// manifest manages them, at the same time.
func (b *backend) Observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	ctx = b.guarded(ctx, m)
	observed, err := b.observe(ctx, m, record)
	if err != nil {
		return nil, hideError(ctx, err)
	}
	b.hideObserved(ctx, m, observed, record)
	return observed, nil
}

func (b *backend) observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*reconcile.Observed, error) {
	r := b.read(ctx, m.MsiExeApp, unended(record))
	if r.statusErr != nil {
		return nil, r.statusErr
	}
	observed := &reconcile.Observed{Complete: true, State: plan.State{}, Raw: map[string]json.RawMessage{}, Omitted: omitted(m.MsiExeApp), Drafts: provenance.SharedDraft,
		Collections: []reconcile.Collection{{Path: modulePackages, By: []string{fieldArchitecture, fieldPackageType, fieldLanguages}}},
		Shared:      []plan.Path{moduleAvailability},
		Status:      reconcile.Status{Ready: r.status.IsReady && r.status.OngoingSubmissionID == "", Messages: texts(r.status.Messages)},
	}
	if own := unended(record); r.newest != nil {
		newest := submissionOf(own, r.newest)
		observed.Newest = &newest
	}
	switch id := r.status.OngoingSubmissionID; {
	case id == "":
	case observed.Newest != nil && observed.Newest.ID == id:
		observed.Running = observed.Newest
	default:
		running := b.runningSubmission(ctx, m.MsiExeApp.ProductID, id)
		observed.Running = &running
	}
	if err := r.draftErr(); err != nil {
		if observed.Running == nil || ctx.Err() != nil || plan.ClassOf(err) == plan.ClassCredentials {
			return nil, err
		}
		observed.Complete = false
		observed.Notices = append(observed.Notices, plan.Notice{
			Text: fmt.Sprintf("the draft cannot be read while submission %s runs: %v", observed.Running.ID, err)})
		return observed, nil
	}
	return observed, b.convert(ctx, m, record, r, observed)
}

// draftErr is the first error of the reads of the draft; credentials come
// first, since they explain the others.
func (r *reading) draftErr() error {
	var first error
	for _, err := range []error{r.metadataErr, r.packagesErr, r.assetsErr} {
		if err != nil && (first == nil || plan.ClassOf(err) == plan.ClassCredentials) {
			first = err
		}
	}
	return first
}

// unended is the id of our newest submission while it is not known how that
// ended, "" otherwise. The API lists none, so it has to be asked for by its id.
func unended(record *record.Record) string {
	if newest := record.Newest(); newest != nil && newest.Ended == "" {
		return newest.ID
	}
	return ""
}

func (b *backend) read(ctx context.Context, spec *schema.MsiExeApp, newest string) *reading {
	r := &reading{}
	var wg sync.WaitGroup
	if newest != "" {
		wg.Go(func() {
			if p, err := b.client.submissionStatus(ctx, spec.ProductID, newest); err == nil {
				r.newest = p // What cannot be read is not known.
			}
		})
	}
	wg.Go(func() { r.status, r.statusErr = b.client.status(ctx, spec.ProductID) })
	wg.Go(func() { r.metadata, r.metadataErr = b.client.metadata(ctx, spec.ProductID) })
	if spec.Packages != nil {
		wg.Go(func() {
			r.packages, r.packagesErr = b.client.packages(ctx, spec.ProductID)
			r.packages = none(r.packages)
		})
	}
	if managesImages(spec) {
		wg.Go(func() {
			r.assets, r.assetsErr = b.client.assets(ctx, spec.ProductID, nil)
			r.assets = none(r.assets)
		})
	}
	wg.Wait()
	return r
}

// none makes a module that was read and is empty differ from one that was not
// read.
func none(documents []json.RawMessage) []json.RawMessage {
	if documents == nil {
		return []json.RawMessage{}
	}
	return documents
}

// managesImages reports whether any listing writes an image set.
func managesImages(spec *schema.MsiExeApp) bool {
	for _, listing := range spec.Listings {
		if listing.Logos != nil || listing.Screenshots != nil {
			return true
		}
	}
	return false
}

// omitted are the paths that are not read.
func omitted(spec *schema.MsiExeApp) []plan.Path {
	var paths []plan.Path
	if !managesImages(spec) {
		for _, set := range imageSets() {
			paths = append(paths, plan.Join(moduleListings, "*", set.field))
		}
	}
	if spec.Packages == nil {
		paths = append(paths, modulePackages)
	}
	return paths
}

// convert fills in what was read of the draft.
func (b *backend) convert(ctx context.Context, m *schema.Manifest, record *record.Record, r *reading, observed *reconcile.Observed) error {
	if err := b.readMoreAssets(ctx, m.MsiExeApp.ProductID, r); err != nil {
		return err
	}
	images, err := b.imageContents(ctx, m, record, r.assets, managedSets(m.MsiExeApp))
	if err != nil {
		return err
	}
	if observed.Raw, err = rawOf(r); err != nil {
		return err
	}
	live, err := parseDocuments(observed.Raw)
	if err != nil {
		return err
	}
	match := matchPackages(live.packages, m.MsiExeApp.Packages)
	if observed.State, err = stateOf(live, match.keys, images.digests); err != nil {
		return err
	}
	observed.Learned = images.learned
	for path, value := range observed.State {
		if why := images.unread[path]; len(why) > 0 {
			value.Why = why[0]
			observed.State[path] = value
		}
	}
	return nil
}

// readMoreAssets reads the images of the languages beyond the first 200, which
// is all that one read brings (the API page).
func (b *backend) readMoreAssets(ctx context.Context, product string, r *reading) error {
	if r.assets == nil || len(r.metadata.Listings) <= maxLanguages {
		return nil
	}
	have := hasLanguage(r.assets)
	var missing []string
	for _, document := range r.metadata.Listings {
		listing, err := parseObject(rawListings, document)
		if err != nil {
			return err
		}
		if language := listing.text("language"); !have(language) {
			missing = append(missing, language)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	more, err := b.client.assets(ctx, product, missing)
	r.assets = append(r.assets, more...)
	return err
}

// rawOf are the documents that observing keeps. Addresses of images lose their
// query: it may be a signature.
func rawOf(r *reading) (map[string]json.RawMessage, error) {
	raw := map[string]json.RawMessage{}
	if r.metadata != nil {
		raw[rawListings] = encode(none(r.metadata.Listings))
		if r.metadata.Availability != nil {
			raw[rawAvailability] = r.metadata.Availability
		}
		if r.metadata.Properties != nil {
			raw[rawProperties] = r.metadata.Properties
		}
	}
	if r.packages != nil {
		raw[rawPackages] = encode(r.packages)
	}
	if r.assets != nil {
		assets := make([]object, len(r.assets))
		for i, document := range r.assets {
			asset, err := parseObject("listing assets", document)
			if err != nil {
				return nil, err
			}
			assets[i] = unsigned(asset)
		}
		raw[rawAssets] = encode(assets)
	}
	return raw, nil
}

// runningSubmission reads where a running submission stands. Its id is what
// matters: a status that cannot be read does not hide it.
func (b *backend) runningSubmission(ctx context.Context, product, id string) plan.Submission {
	p, err := b.client.submissionStatus(ctx, product, id)
	if err != nil {
		return plan.Submission{ID: id, Status: statusUnknown, Detail: []string{fmt.Sprintf("its status could not be read: %v", err)}}
	}
	return submissionOf(id, p)
}

// managedSets are the paths of the image sets that a manifest writes, in the
// manifest's spelling with folded languages.
func managedSets(spec *schema.MsiExeApp) map[plan.Path]bool {
	managed := map[plan.Path]bool{}
	for language, listing := range spec.Listings {
		for _, set := range imageSets() {
			if set.local(listing) != nil {
				managed[foldedSet(language, set)] = true
			}
		}
	}
	return managed
}

func foldedSet(language string, set imageSet) plan.Path {
	return plan.Join(moduleListings, strings.ToLower(language), set.field)
}
