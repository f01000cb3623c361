package msiexe

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// Ids of the steps that follow the writes.
const (
	stepPackages       = "packages"
	stepPackageIDs     = "packages.ids"
	stepPackagesCommit = "packages.commit"
	stepReady          = "ready"
	stepVerifyMetadata = "verify.metadata"
	stepVerifyPackages = "verify.packages"
	stepVerifyAssets   = "verify.assets"
	stepSubmit         = "submit"
)

// lowering turns the changes of one product into operations.
type lowering struct {
	reconcile.LowerRequest
	product     string
	live        *documents
	match       packageMatch
	operations  []plan.Operation
	diagnostics schema.Diagnostics

	// What was written, to be read back: paths or prefixes.
	wroteMetadata, wroteAssets, wrotePackages []plan.Path
}

// Lower turns changes into the fewest operations, in the order of the API
// page: metadata, images and packages are written to the draft, the packages
// are committed, the draft is waited for and read back, and submitted.
func (b *backend) Lower(request reconcile.LowerRequest) ([]plan.Operation, schema.Diagnostics) {
	spec := request.Manifest.MsiExeApp
	l := &lowering{LowerRequest: request, product: spec.ProductID}
	live, err := documentsOf(request.Observed)
	if err != nil {
		l.fail("", err.Error(), "The Store's answer is not what the API page describes; nothing was changed.")
		return nil, l.diagnostics
	}
	l.live = live
	l.match = matchPackages(live.packages, spec.Packages)
	l.metadata()
	l.assets()
	l.packages()
	l.finish()
	if l.diagnostics.HasErrors() {
		return nil, l.diagnostics
	}
	return l.operations, l.diagnostics
}

func (l *lowering) fail(path plan.Path, summary, detail string) {
	written := manifestPath(l.Manifest, path)
	l.diagnostics = append(l.diagnostics, schema.Diagnostic{
		Severity: schema.SeverityError, Address: l.Manifest.Address(), Path: written, Pos: l.Manifest.Pos(written),
		Summary: summary, Detail: detail,
	})
}

func (l *lowering) add(operation plan.Operation) { l.operations = append(l.operations, operation) }

// changed are the changes at or below a path, sorted.
func (l *lowering) changed(prefix plan.Path) []plan.Change {
	var changes []plan.Change
	for _, change := range l.Changes {
		if change.Path.Under(prefix) {
			changes = append(changes, change)
		}
	}
	slices.SortFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return changes
}

// sensitive are the paths below a prefix whose values must not stand in a
// plan, sorted.
func (l *lowering) sensitive(prefix plan.Path) []plan.Path {
	var paths []plan.Path
	for path, value := range l.Target {
		if path.Under(prefix) && value.Sensitive && !value.Empty() {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// finish adds what follows the writes: the packages' commit, waiting, reading
// back and the submission.
func (l *lowering) finish() {
	if len(l.wrotePackages) > 0 || slices.Contains(l.Unfinished, stepPackagesCommit) {
		l.add(plan.Operation{
			ID: stepPackagesCommit, Verb: plan.VerbCall, Method: http.MethodPost, Path: packagesCommitPath(l.product),
			Covers: l.wrotePackages, Effect: plan.EffectDraft, Owes: []string{stepSubmit},
			Summary: "has the Store download and check the installers",
		})
	}
	submit := !l.Draft && (len(l.operations) > 0 || l.Submit)
	if len(l.operations) == 0 && !submit {
		return
	}
	l.add(plan.Operation{
		ID: stepReady, Verb: plan.VerbWait, Method: http.MethodGet, Path: statusPath(l.product),
		Effect: plan.EffectRead, Summary: "waits until the draft is ready",
	})
	l.readBack()
	if submit {
		l.add(plan.Operation{
			ID: stepSubmit, Verb: plan.VerbSubmit, Method: http.MethodPost, Path: submitPath(l.product),
			Effect: plan.EffectPublish, Summary: "submits the draft: starts certification",
		})
	}
}

// readBack adds one GET for each group of modules that was written.
func (l *lowering) readBack() {
	verify := func(id, path, what string, covers []plan.Path) {
		if len(covers) > 0 {
			l.add(plan.Operation{
				ID: id, Verb: plan.VerbVerify, Method: http.MethodGet, Path: path, Covers: sorted(covers),
				Effect: plan.EffectRead, Summary: "reads " + what + " back and compares",
			})
		}
	}
	module, languages := metadataScope(l.wroteMetadata)
	path := metadataPath(l.product) + "?includelanguagelist=true"
	if module != "" {
		path = modulePath(l.product, module)
	}
	verify(stepVerifyMetadata, path+languageQuery(languages), "metadata", l.wroteMetadata)
	verify(stepVerifyAssets, assetsPath(l.product)+languageQuery(languagesOf(l.wroteAssets)), "images", l.wroteAssets)
	verify(stepVerifyPackages, packagesPath(l.product), "packages", l.wrotePackages)
}

// metadataScope is what has to be read to see the given paths: one module, or
// "" for all of them, and the languages where the module is listings. That a
// language is gone shows only where all are read, which the whole metadata
// are, in pages where there are more than 200 languages.
func metadataScope(paths []plan.Path) (module string, languages []string) {
	for _, path := range paths {
		name, _, _ := strings.Cut(string(path), ".")
		if module != "" && module != name {
			return "", nil
		}
		module = name
	}
	if module != moduleListings {
		return module, nil
	}
	if slices.ContainsFunc(paths, func(p plan.Path) bool { return strings.Count(string(p), ".") < 2 }) {
		return "", nil
	}
	return module, languagesOf(paths)
}

// languagesOf are the languages of paths below listings, sorted.
func languagesOf(paths []plan.Path) []string {
	var languages []string
	for _, path := range paths {
		if segments := strings.Split(string(path), "."); segments[0] == moduleListings && len(segments) > 1 {
			languages = append(languages, segments[1])
		}
	}
	return sorted(languages)
}

// languageQuery limits a read to languages; at most 200 are allowed, so more
// are read in pages of all of them.
func languageQuery(languages []string) string {
	if len(languages) == 0 || len(languages) > maxLanguages {
		return ""
	}
	return "?languages=" + url.QueryEscape(strings.Join(languages, ","))
}

func sorted[T ~string](items []T) []T {
	s := slices.Clone(items)
	slices.Sort(s)
	return slices.Compact(s)
}

func pathsOf(changes []plan.Change) []plan.Path {
	paths := make([]plan.Path, len(changes))
	for i, change := range changes {
		paths[i] = change.Path
	}
	return paths
}
