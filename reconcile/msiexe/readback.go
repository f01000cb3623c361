package msiexe

import (
	"context"
	"fmt"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// ReadBack reads what a verify step covers, with one request, and converts it
// the way observing does.
func (b *backend) ReadBack(ctx context.Context, call reconcile.Call, record *record.Record) (*reconcile.ReadBack, error) {
	ctx = b.guarded(ctx, call.Manifest)
	read, err := b.readBack(ctx, call, record)
	return read, hideError(ctx, err)
}

func (b *backend) readBack(ctx context.Context, call reconcile.Call, record *record.Record) (*reconcile.ReadBack, error) {
	m, operation := call.Manifest, call.Operation
	r, err := b.readCovered(ctx, m.MsiExeApp.ProductID, operation)
	if err != nil {
		return nil, err
	}
	covered := map[plan.Path]bool{}
	for _, language := range languagesOf(operation.Covers) {
		for _, set := range imageSets() {
			path := plan.Join(moduleListings, language, set.field)
			covered[foldedSet(language, set)] = anyUnder(operation.Covers, path)
		}
	}
	images, err := b.imageContents(ctx, m, record, r.assets, covered)
	if err != nil {
		return nil, err
	}
	raw, err := rawOf(r)
	if err != nil {
		return nil, err
	}
	live, err := parseDocuments(raw)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(live, matchPackages(live.packages, m.MsiExeApp.Packages).keys, images.digests)
	if err != nil {
		return nil, err
	}
	read := &reconcile.ReadBack{State: inSpellingOf(state, operation.Covers)}
	read.Scope, read.Except = readScope(operation)
	return read, nil
}

// readScope are the paths that readCovered reads: modules and languages as a
// whole, with what nobody wrote in them.
func readScope(operation plan.Operation) (scope, except []plan.Path) {
	switch operation.ID {
	case stepVerifyPackages:
		return []plan.Path{modulePackages}, nil
	case stepVerifyAssets:
		for _, language := range languagesOf(operation.Covers) {
			for _, set := range imageSets() {
				scope = append(scope, plan.Join(moduleListings, language, set.field))
			}
		}
		return scope, nil
	}
	for _, set := range imageSets() {
		except = append(except, plan.Join(moduleListings, "*", set.field))
	}
	module, languages := metadataScope(operation.Covers)
	switch {
	case module == "":
		return []plan.Path{moduleAvailability, moduleProperties, moduleListings}, except
	case len(languages) == 0:
		return []plan.Path{plan.Path(module)}, except
	}
	for _, language := range languages {
		scope = append(scope, plan.Join(moduleListings, language))
	}
	return scope, except
}

// readCovered reads the modules of a verify step.
func (b *backend) readCovered(ctx context.Context, product string, operation plan.Operation) (*reading, error) {
	r := &reading{}
	var err error
	switch operation.ID {
	case stepVerifyMetadata:
		if module, languages := metadataScope(operation.Covers); module != "" {
			r.metadata, err = b.client.module(ctx, product, module, languages)
		} else {
			r.metadata, err = b.client.metadata(ctx, product)
		}
	case stepVerifyAssets:
		r.assets, err = b.client.assets(ctx, product, languagesOf(operation.Covers))
	case stepVerifyPackages:
		r.packages, err = b.client.packages(ctx, product)
	default:
		err = fmt.Errorf("%s is not a read-back of this API", operation.ID)
	}
	return r, err
}

// inSpellingOf spells languages as the covered paths do: a new language may
// come back in other case than it was sent.
func inSpellingOf(state plan.State, covers []plan.Path) plan.State {
	spelled := plan.State{}
	for path, value := range state {
		for _, language := range languagesOf(covers) {
			path = respell(path, language)
		}
		spelled[path] = value
	}
	return spelled
}
