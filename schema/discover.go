package schema

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// A folder search meets YAML of other tools: workflows, compose files, objects
// of Kubernetes. Those are passed over in silence. A file that somebody meant
// for storesync must not be: its team would see a green job and nothing
// published. So a file is ours as soon as one part of its header says so, and
// strict loading then says what is wrong with the rest.

// outline is what tells whose a document is: its header as far as it could be
// read, and the fields of its spec.
type outline struct {
	// version is the value of a key that is or was meant to be apiVersion.
	version string
	kind    string
	// fields are the scalars of the spec, or of the document itself where
	// there is no spec: "" stands for a value that is no scalar.
	fields map[string]string
	// hasSpec says that the fields stand below a key spec.
	hasSpec bool
}

// ours reports whether the document was meant for storesync.
func (o outline) ours() bool {
	group, _, _ := strings.Cut(fold(o.version), "/")
	switch {
	case editDistance(group, "storesync") <= 2:
		return true
	case o.version != "":
		// Another tool's object, unless nobody else has such a kind. Others do
		// have a kind AddOn: Kubernetes distributions.
		return isOneOf(o.kind, 0, MsiExeAppKind, MsixAppKind, PackageFlightKind)
	case isOneOf(o.kind, 2, MsiExeAppKind, MsixAppKind, PackageFlightKind):
		return true
	}
	return o.namesProduct()
}

// namesProduct reports whether the fields are those of a product of the Store.
func (o outline) namesProduct() bool {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, ok := o.fields[name]; return ok })
	}
	switch {
	case storeID.MatchString(o.fields["appId"]):
		return o.hasSpec || has("listings", "packages", "pricing", "markets", "visibility", "applicationCategory")
	case guid.MatchString(o.fields["productId"]):
		return has("availability", "properties", "listings", "packages")
	case o.fields["app"] != "" && o.fields["productId"] != "":
		return isOneOf(o.kind, 1, AddOnKind)
	}
	return false
}

// isOneOf reports whether a word is one of the kinds, as somebody may type it.
func isOneOf(word string, mistakes int, kinds ...Kind) bool {
	return slices.ContainsFunc(kinds, func(kind Kind) bool {
		return editDistance(fold(word), fold(string(kind))) <= mistakes
	})
}

// fold takes out what people vary in a key: case, dashes, underscores, blanks.
func fold(word string) string {
	if len(word) > maxKeyLength {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, word)
}

// isKey reports whether a key was meant to be the named one.
func isKey(written, name string) bool {
	limit := 2
	if len(name) < 6 {
		limit = 1
	}
	return editDistance(fold(written), fold(name)) <= limit
}

// note takes up one entry of a document's top level.
func (o *outline) note(key, value string) {
	switch {
	case strings.HasPrefix(strings.ToLower(value), "storesync/v"), o.version == "" && isKey(key, "apiVersion"):
		o.version = value
	case fold(key) == "kind", o.kind == "" && isKey(key, "kind"):
		o.kind = value
	}
}

// looksLikeManifest reports whether a file was meant to hold manifests.
func looksLikeManifest(documents map[int]*yaml.Node, content []byte, broken bool) bool {
	for _, document := range documents {
		if outlineOf(document).ours() {
			return true
		}
		for _, item := range document.Content {
			if document.Kind == yaml.SequenceNode && outlineOf(item).ours() {
				return true
			}
		}
	}
	return broken && textOutline(content).ours()
}

// outlineOf reads a document that is whole YAML.
func outlineOf(node *yaml.Node) outline {
	o := outline{fields: map[string]string{}}
	spec := node
	for key, value := range entries(node) {
		if value.Kind == yaml.ScalarNode {
			o.note(key, value.Value)
		} else if value.Kind == yaml.MappingNode && isKey(key, "spec") {
			spec, o.hasSpec = value, true
		}
	}
	for key, value := range entries(spec) {
		o.fields[key] = value.Value
	}
	return o
}

// entries are the keys and values of a mapping, none of anything else.
func entries(node *yaml.Node) func(func(string, *yaml.Node) bool) {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

// maxOutlineBytes is how much of a file is searched for a header: one stands at
// the top, and a lock file of another tool may have many megabytes.
const maxOutlineBytes = 64 << 10

// headerEntry is a key at the left margin or of a JSON object, with its value.
// The colon may be what the author forgot.
var headerEntry = regexp.MustCompile(`(?m)(?:^|[{,])[ ]?["']?([A-Za-z][A-Za-z_ -]{1,20}?)["']?(?:[ \t]*[:=][ \t]*|[ \t]+)["']?([A-Za-z0-9][A-Za-z0-9/._-]*)`)

// firstMargin is the indentation of the first line that holds anything.
var firstMargin = regexp.MustCompile(`^(?:[ \t]*(?:#.*|---[ \t]*)?\n)*([ \t]+)[^ \t\n#]`)

// textOutline reads what it can of a document that is not YAML.
func textOutline(content []byte) outline {
	o := outline{}
	content = content[:min(len(content), maxOutlineBytes)]
	// UTF-16 without its mark reads as letters with NULs between them.
	content = bytes.ReplaceAll(content, []byte{0}, nil)
	content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	if margin := firstMargin.FindSubmatch(content); margin != nil {
		content = bytes.ReplaceAll(append([]byte("\n"), content...), append([]byte("\n"), margin[1]...), []byte("\n"))
	}
	for _, m := range headerEntry.FindAllSubmatch(content, -1) {
		o.note(string(m[1]), string(m[2]))
	}
	return o
}

// isStrayName reports whether a folder search passes over a name that a
// manifest may have got by mistake: of JSON, or of an editor that adds .txt.
func isStrayName(name string) bool {
	name = strings.ToLower(name)
	return !strings.HasPrefix(name, ".") &&
		(strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".yaml.txt") || strings.HasSuffix(name, ".yml.txt"))
}

// holdsManifest reports whether a file of a stray name holds a whole manifest.
func holdsManifest(file string, content []byte) bool {
	if !bytes.Contains(content, []byte("storesync/v")) {
		return false
	}
	var object struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if json.Unmarshal(content, &object) == nil {
		return object.APIVersion == APIVersion && object.Kind != ""
	}
	if strings.HasSuffix(strings.ToLower(file), ".json") {
		return false
	}
	documents, _ := parseDocuments(file, content)
	return looksLikeManifest(documents, nil, false)
}
