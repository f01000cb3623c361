package msiexe

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// Top-level fields of a metadata body beside the modules.
const (
	fieldToAdd    = "listingsToAdd"
	fieldToRemove = "listingsToRemove"
)

// metadataWork is what has to be written of metadata.
type metadataWork struct {
	// texts are the changed text paths of each changed language.
	texts map[string][]plan.Path
	// added and removed are languages, sorted.
	added, removed []string
}

func (l *lowering) metadataWork() metadataWork {
	work := metadataWork{texts: map[string][]plan.Path{}}
	for _, change := range l.changed(moduleListings) {
		segments := strings.Split(string(change.Path), ".")
		if len(segments) < 2 {
			continue
		}
		language := segments[1]
		if len(segments) == 2 {
			work.removed = append(work.removed, language)
			continue
		}
		if _, live := l.live.language(language); !live {
			work.added = append(work.added, language)
		}
		if change.Type != plan.Images {
			work.texts[language] = append(work.texts[language], change.Path)
		}
	}
	work.added, work.removed = sorted(work.added), sorted(work.removed)
	return work
}

// metadata adds one request per changed language. The first also carries
// availability, properties, and the languages to be added and removed; without
// a changed language, one request carries them alone.
func (l *lowering) metadata() {
	work := l.metadataWork()
	languages := slices.Sorted(maps.Keys(work.texts))
	if len(languages) == 0 {
		if len(l.changed(moduleAvailability))+len(l.changed(moduleProperties))+len(work.added)+len(work.removed) > 0 {
			l.metadataRequest("metadata", "", work, true)
		}
		return
	}
	for i, language := range languages {
		l.metadataRequest("metadata."+language, language, work, i == 0)
	}
}

// metadataRequest adds one request; first says that it carries what is not of
// one language.
func (l *lowering) metadataRequest(id, language string, work metadataWork, first bool) {
	b := &body{target: l.Target}
	fields := object{}
	operation := plan.Operation{
		ID: id, Verb: plan.VerbCall, Method: http.MethodPatch, Path: metadataPath(l.product),
		Effect: plan.EffectDraft, Owes: []string{stepSubmit},
	}
	if l.WriteMode == plan.WritePut {
		operation.Method = http.MethodPut
	}
	var summary []string
	if first {
		for module, build := range map[string]func(*body, []plan.Path) object{moduleAvailability: l.availabilityBody, moduleProperties: l.propertiesBody} {
			if paths := pathsOf(l.changed(plan.Path(module))); len(paths) > 0 {
				fields[module] = encode(build(b, paths))
				operation.Covers = append(operation.Covers, paths...)
				summary = append(summary, "updates "+module)
			}
		}
		slices.Sort(summary)
		if len(work.added) > 0 {
			fields[fieldToAdd] = encode(work.added)
			summary = append(summary, "adds "+strings.Join(work.added, ", "))
		}
		if len(work.removed) > 0 {
			fields[fieldToRemove] = encode(work.removed)
			operation.Effect = plan.EffectDestroy
			for _, removed := range work.removed {
				operation.Covers = append(operation.Covers, plan.Join(moduleListings, removed))
			}
			summary = append(summary, "removes "+strings.Join(work.removed, ", "))
		}
	}
	if language != "" {
		fields[moduleListings] = encode(l.listingBody(b, language, work.texts[language]))
		operation.Covers = append(operation.Covers, work.texts[language]...)
		summary = append(summary, "updates listing "+language)
	}
	operation.Covers = sorted(operation.Covers)
	operation.Body, operation.Fill = encode(fields), sorted(b.fill)
	operation.Summary = strings.Join(summary, ", ")
	l.wroteMetadata = append(l.wroteMetadata, operation.Covers...)
	l.add(operation)
}

// base is what a module's body starts from: nothing when only changes are sent
// (PATCH keeps an absent field, says the API page), all that was read when the
// module is replaced (PUT resets it).
func (l *lowering) base(live object) object {
	if l.WriteMode == plan.WritePut && live != nil {
		return maps.Clone(live)
	}
	return object{}
}

// whole are the changed paths and, where live values are sent along, those
// that must not stand in a plan.
func (l *lowering) whole(prefix plan.Path, changed []plan.Path) []plan.Path {
	return sorted(append(l.sensitive(prefix), changed...))
}

func (l *lowering) availabilityBody(b *body, changed []plan.Path) object {
	fields := l.base(l.live.availability)
	for _, path := range changed {
		_, name, _ := strings.Cut(string(path), ".")
		fields[name] = b.value("/availability/"+name, path, l.kind(path))
	}
	return fields
}

func (l *lowering) propertiesBody(b *body, changed []plan.Path) object {
	live := l.live.properties
	fields := l.base(live)
	paths := changed
	if l.WriteMode == plan.WritePut {
		paths = l.whole(moduleProperties, changed)
	}
	for _, path := range paths {
		if name := strings.TrimPrefix(string(path), moduleProperties+"."); !strings.Contains(name, ".") {
			fields[name] = b.value("/properties/"+name, path, l.kind(path))
		}
	}
	if prefix := at(moduleProperties, fieldDeclarations); anyUnder(paths, prefix) {
		declarations, _, _ := field[object](live, fieldDeclarations)
		for _, path := range under(paths, prefix) {
			declarations = declarations.with(strings.TrimPrefix(string(path), string(prefix)+"."), b.value("", path, plan.Scalar))
		}
		fields[fieldDeclarations] = encode(declarations)
	}
	for name, spec := range map[string]rowsOf{fieldSystemFeatures: featureRows(), fieldSystemRequirements: requirementRows()} {
		prefix := at(moduleProperties, name)
		_, echoed := fields[name]
		if !anyUnder(paths, prefix) && !echoed {
			continue
		}
		fields[name] = b.rows(spec, "/properties/"+name, prefix, live.objects(name), under(l.whole(prefix, paths), prefix), "")
	}
	return fields
}

// listingBody is one language's object: the language and what changes, or with
// PUT all that was read with the change in it.
func (l *lowering) listingBody(b *body, language string, changed []plan.Path) object {
	prefix := plan.Join(moduleListings, language)
	live := l.live.listing(language)
	fields := l.base(live)
	fields["language"] = encode(language)
	paths := changed
	if l.WriteMode == plan.WritePut {
		paths = l.whole(prefix, changed)
		if _, echoed := fields[fieldRequirements]; echoed {
			// The Store answers [{}] for none, which it need not accept.
			paths = sorted(append(paths, at(prefix, fieldRequirements)))
		}
	}
	for _, path := range paths {
		name := strings.TrimPrefix(string(path), string(prefix)+".")
		if name == fieldRequirements {
			fields[name] = requirements(l.Target[path], live.objects(fieldRequirements))
			continue
		}
		fields[name] = b.value("/listings/"+name, path, l.kind(path))
	}
	return fields
}

// kind is the type of a path's value, known even when the target has none.
func (l *lowering) kind(path plan.Path) plan.Type {
	for _, change := range l.Changes {
		if change.Path == path {
			return change.Type
		}
	}
	return l.Target[path].Type
}

func under(paths []plan.Path, prefix plan.Path) []plan.Path {
	return slices.DeleteFunc(slices.Clone(paths), func(p plan.Path) bool { return !p.Under(prefix) })
}

func anyUnder(paths []plan.Path, prefix plan.Path) bool {
	return len(under(paths, prefix)) > 0
}
