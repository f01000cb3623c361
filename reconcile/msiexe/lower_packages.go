package msiexe

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// packages adds one PATCH for each changed package, or one PUT of the whole set
// when packages come or go: a PUT makes new ids (the API page), which are read
// at once, so that nothing works with the old ones.
func (l *lowering) packages() {
	changes := l.changed(modulePackages)
	if len(changes) == 0 {
		return
	}
	keys := map[string][]plan.Path{}
	whole := false
	for _, change := range changes {
		segments := strings.Split(string(change.Path), ".")
		if len(segments) < 3 {
			whole = true
			continue
		}
		keys[segments[1]] = append(keys[segments[1]], change.Path)
		if l.packageID(segments[1]) == "" {
			whole = true
		}
	}
	if whole {
		l.putPackages(pathsOf(changes))
		l.wrotePackages = []plan.Path{modulePackages}
		return
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		l.patchPackage(key, keys[key])
	}
	l.wrotePackages = pathsOf(changes)
}

// packageID is the live id of a package, "" when it is not live.
func (l *lowering) packageID(key string) string {
	i, ok := l.match.live(key)
	if !ok {
		return ""
	}
	return strings.Trim(string(l.live.packages[i]["packageId"]), `"`)
}

func (l *lowering) patchPackage(key string, paths []plan.Path) {
	i, _ := l.match.live(key)
	b := &body{target: l.Target}
	document := l.packageBody(b, "", key, object{}, l.live.packages[i], paths)
	l.add(plan.Operation{
		ID: packageStep(key), Verb: plan.VerbCall, Method: http.MethodPatch, Path: packagePath(l.product, l.packageID(key)),
		Body: encode(document), Fill: sorted(b.fill), Covers: paths,
		Effect: plan.EffectDraft, Owes: []string{stepPackagesCommit, stepSubmit}, Summary: "updates package " + key,
	})
}

// putPackages sends the whole set: live ones in their order with all that was
// read of them, new ones after them.
func (l *lowering) putPackages(covers []plan.Path) {
	wanted := l.Manifest.MsiExeApp.Packages
	var order []string
	for _, key := range l.match.keys {
		if wanted[key] != nil {
			order = append(order, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(wanted)) {
		if !slices.Contains(order, key) {
			order = append(order, key)
		}
	}
	b := &body{target: l.Target}
	documents := make([]object, len(order))
	for n, key := range order {
		var live object
		if i, ok := l.match.live(key); ok {
			live = l.live.packages[i]
		}
		base := maps.Clone(live)
		delete(base, "packageId")
		if base == nil {
			base = object{}
		}
		prefix := plan.Join(modulePackages, key)
		paths := l.sensitive(prefix)
		for path := range l.Target {
			if path.Under(prefix) {
				paths = append(paths, path)
			}
		}
		documents[n] = l.packageBody(b, "/packages/"+strconv.Itoa(n), key, base, live, sorted(paths))
	}
	l.add(plan.Operation{
		ID: stepPackages, Verb: plan.VerbCall, Method: http.MethodPut, Path: packagesPath(l.product),
		Body: encode(map[string][]object{modulePackages: documents}), Fill: sorted(b.fill), Covers: covers,
		Effect: plan.EffectDraft, Owes: []string{stepPackagesCommit, stepSubmit},
		Summary: "replaces the package set: " + strings.Join(order, ", "),
	})
	l.add(plan.Operation{
		ID: stepPackageIDs, Verb: plan.VerbCall, Method: http.MethodGet, Path: packagesPath(l.product), Covers: covers,
		Effect: plan.EffectRead, Summary: "reads the new package ids",
	})
}

// packageBody puts the values at paths into a package's document.
func (l *lowering) packageBody(b *body, pointer, key string, fields, live object, paths []plan.Path) object {
	prefix := plan.Join(modulePackages, key)
	details := at(prefix, fieldErrorDetails)
	for _, path := range paths {
		switch name := strings.TrimPrefix(string(path), string(prefix)+"."); {
		case path.Under(details):
		case name == fieldArchitecture:
			fields[fieldArchitectures] = encode([]string{l.Target[path].Text()})
		default:
			fields[name] = b.value(pointer+"/"+name, path, l.kind(path))
		}
	}
	if anyUnder(paths, details) {
		fields[fieldErrorDetails] = b.rows(scenarioRows(), pointer+"/"+fieldErrorDetails, details, live.objects(fieldErrorDetails), under(paths, details), "errorScenarioDetails")
	}
	return fields
}

// packageStep is the id of a package's request. A key may be the name of a
// step that follows.
func packageStep(key string) string {
	id := stepPackages + "." + key
	if id == stepPackagesCommit {
		id += ".update"
	}
	return id
}
