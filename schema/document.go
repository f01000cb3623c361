package schema

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// loadContent decodes the documents of one file and reports whether it holds
// manifests.
func (l *loader) loadContent(ctx context.Context, file, folder string, content []byte, named bool) bool {
	documents, broken := parseDocuments(file, content)
	if !named && !looksLikeManifest(documents, content, broken != nil) {
		return false
	}
	if broken != nil {
		l.unread = true
		l.diagnostics = append(l.diagnostics, *broken)
	} else if len(documents) == 0 {
		l.fail(Position{File: file}, "the file holds no manifest", "Write apiVersion: "+APIVersion+", kind, metadata and spec.")
	}
	for _, n := range slices.Sorted(maps.Keys(documents)) {
		l.loadDocument(ctx, file, folder, n, documents[n])
	}
	return true
}

// metadataName keeps addresses usable in flags, file names and plan paths.
var metadataName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// loadDocument decodes one document. It becomes a manifest as soon as its kind
// and name are known, whatever else is wrong with it.
func (l *loader) loadDocument(ctx context.Context, file, folder string, n int, node *yaml.Node) {
	before := len(l.diagnostics)
	builder := &treeBuilder{file: file, diagnostics: &l.diagnostics}
	root := builder.build(node, "", 0)
	if root.kind != mappingTree {
		if root.kind != brokenTree {
			l.fail(root.pos, "a manifest must be a mapping, not "+root.describe(), "Write apiVersion: "+APIVersion+", kind, metadata and spec.")
		}
		return
	}
	d := &decoder{sources: l.sources, folder: folder, places: map[string]place{}, holed: map[string]bool{}, diagnostics: &l.diagnostics}
	m := &Manifest{File: file, Document: n}
	l.sources.files.used = map[string]int{}
	complete := d.header(root, m)
	addressed := m.Kind != "" && m.Metadata.Name != ""
	if kind := root.field("kind"); m.Kind == "" && kind != nil {
		m.Kind = Kind(Nearest(kind.text, kindNames()))
	}
	m.places, m.holed = d.places, d.holed
	spec := root.field("spec")
	if spec != nil && m.Kind != "" {
		decodeSpec(ctx, d, m, spec)
	}
	m.reads = l.sources.files.used
	switch {
	case complete:
		l.manifests = append(l.manifests, m)
	case spec != nil && m.Kind != "":
		// Its spec is judged all the same, so that all mistakes come at once.
		l.unusable = append(l.unusable, m)
		l.unread = true
	default:
		l.unread = true
	}
	if addressed {
		for i := before; i < len(l.diagnostics); i++ {
			l.diagnostics[i].Address = m.Address()
		}
	}
}

var headerFields = []string{"apiVersion", "kind", "metadata", "spec"}

// header reads everything but the spec and reports whether the spec can be
// read.
func (d *decoder) header(root *tree, m *Manifest) bool {
	for _, f := range root.fields {
		if !slices.Contains(headerFields, f.key) {
			d.failAt(f.pos, f.value.path, "unknown field "+quote(f.key), didYouMean(f.key, headerFields)+"Allowed here: "+strings.Join(headerFields, ", ")+".")
		}
	}
	missing := slices.DeleteFunc(slices.Clone(headerFields), func(name string) bool { return root.field(name) != nil })
	complete := len(missing) == 0
	if !complete {
		verb := " is missing"
		if len(missing) > 1 {
			verb = " are missing"
		}
		d.fail(root, strings.Join(missing, ", ")+verb, "A manifest has "+strings.Join(headerFields, ", ")+".")
	}
	if version := root.field("apiVersion"); version != nil && !d.word(version, []string{APIVersion}) {
		complete = false
	}
	if kind := root.field("kind"); kind != nil {
		if d.word(kind, kindNames()) {
			m.Kind = Kind(kind.text)
		} else {
			complete = false
		}
	}
	if metadata := root.field("metadata"); metadata != nil {
		complete = d.metadata(metadata, m) && complete
		d.mayBeAbsent(metadata, m)
	}
	return complete
}

// word checks a text of a closed set, without placeholders.
func (d *decoder) word(v *tree, allowed []string) bool {
	switch {
	case v.kind == brokenTree:
		return false
	case v.kind != scalarTree:
		d.fail(v, "must be a text, not "+v.describe(), "Allowed: "+strings.Join(allowed, ", ")+".")
		return false
	case !slices.Contains(allowed, v.text):
		d.fail(v, quote(v.text)+" is not supported", didYouMean(v.text, allowed)+"Allowed: "+strings.Join(allowed, ", ")+".")
		return false
	}
	return true
}

func (d *decoder) metadata(v *tree, m *Manifest) bool {
	const nameRule = "A name begins with a letter or digit and has up to 64 letters, digits, ., _ and -."
	if v.kind == brokenTree {
		return false
	}
	labels, state, protect := v.field("labels"), v.field("state"), v.field("protect")
	plain := *v
	plain.fields = slices.DeleteFunc(slices.Clone(v.fields), func(f treeField) bool {
		return f.value == labels || f.value == state || f.value == protect
	})
	value, ok := d.value(reflect.TypeFor[Metadata](), fieldRules{}, &plain, "metadata")
	if !ok {
		return false
	}
	if state != nil && d.word(state, []string{StatePresent, StateAbsent}) {
		m.Metadata.State = state.text
		d.places["metadata.state"] = place{state.pos, state.path}
	}
	if protect != nil && protect.kind != brokenTree {
		m.Metadata.Protect = d.guards(protect)
	}
	if labels != nil && labels.kind != brokenTree {
		m.Metadata.Labels = d.labels(labels)
	}
	name, ok := value.(map[string]any)["name"].(string)
	if !ok {
		return false
	}
	if !metadataName.MatchString(name) {
		d.fail(v.field("name"), quote(name)+" is not a name", nameRule)
		return false
	}
	m.Metadata.Name = name
	return true
}

// mayBeAbsent refuses the deletion of a product that the API cannot delete.
func (d *decoder) mayBeAbsent(metadata *tree, m *Manifest) {
	if m.Absent() && m.Kind != "" && !m.Kind.mayBeAbsent() {
		d.fail(metadata.field("state"), "the API cannot delete apps",
			"Only add-ons and package flights may be absent. To take an app out of the Store, make it unavailable in Partner Center; to stop managing it, delete the manifest.")
	}
}

// guards reads the names of guards, which stand there without placeholders:
// what protects a product must be seen in review.
func (d *decoder) guards(v *tree) []string {
	if v.kind != listTree {
		d.fail(v, "must be a list of guards, not "+v.describe(), "Write protect: [price-change].")
		return nil
	}
	names := []string{}
	d.places["metadata.protect"] = place{v.pos, v.path}
	for i, item := range v.items {
		d.places[fmt.Sprintf("metadata.protect[%d]", i)] = place{item.pos, item.path}
		switch {
		case !d.word(item, EnumGuard.Values()):
		case slices.Contains(names, item.text):
			d.fail(item, quote(item.text)+" is listed twice", "Keep one of the two.")
		default:
			names = append(names, item.text)
		}
	}
	return names
}

var (
	labelKey   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$`)
)

// labels reads key: value pairs; keys may hold dots and slashes, as those of
// Kubernetes do.
func (d *decoder) labels(v *tree) map[string]string {
	const rule = "Keys and values have up to 63 letters, digits, ., _ and -, keys also /, and begin and end with a letter or digit."
	if v.kind != mappingTree {
		d.fail(v, "must be a mapping, not "+v.describe(), "Write labels: {team: reader}.")
		return nil
	}
	labels := map[string]string{}
	for _, f := range v.fields {
		text, ok := d.checked(f.value, func(v *tree) (any, bool) { return d.plainText(v, false) })
		if !ok {
			continue
		}
		if value := text.(string); labelKey.MatchString(f.key) && labelValue.MatchString(value) {
			labels[f.key] = value
		} else {
			d.failAt(f.pos, f.value.path, fmt.Sprintf("%s: %s is not a label", quote(f.key), quote(value)), rule)
		}
	}
	return labels
}
