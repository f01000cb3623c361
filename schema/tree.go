package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Limits of one YAML document. They are far above any real manifest and keep
// a hostile one from using up memory.
const (
	// maxManifestBytes is the size of one manifest file.
	maxManifestBytes = 1 << 20
	// maxNodes counts the values of one document, aliases expanded.
	maxNodes = 20_000
	// maxDepth is how deep values nest; the format itself needs 8.
	maxDepth = 32
	// maxKeyLength bounds a mapping key; YAML itself stops at 1024.
	maxKeyLength = 200
)

type treeKind int

const (
	// brokenTree stands for a value that already has its diagnostic, so that
	// one mistake is reported once.
	brokenTree treeKind = iota
	scalarTree
	mappingTree
	listTree
)

// tree is one value of a YAML document: aliases expanded, keys as literal
// text, no nulls, no duplicate keys.
type tree struct {
	kind treeKind
	pos  Position
	// path is where the value is written, below spec.
	path string

	// A scalar: its text, the type that YAML gives it, and whether it stands
	// there without quotes.
	text  string
	tag   string
	plain bool

	items  []*tree
	fields []treeField
	// holed is true for a mapping of which an entry was left out, since its key
	// has its diagnostic.
	holed bool
}

type treeField struct {
	key   string
	pos   Position
	value *tree
}

// field returns a mapping's value, nil when the key is not written.
func (t *tree) field(key string) *tree {
	for _, f := range t.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// describe names the value's type for a person.
func (t *tree) describe() string {
	switch {
	case t.kind == mappingTree:
		return "a mapping"
	case t.kind == listTree:
		return "a list"
	case t.tag == "!!bool":
		return "a boolean"
	case t.tag == "!!int" || t.tag == "!!float":
		return "a number"
	case t.tag == "!!timestamp":
		return "a date"
	}
	return "a text"
}

// parseDocuments splits a file into its documents, which sigs.k8s.io/yaml
// would not: it ignores all but the first. Empty documents are left out but
// counted. With a syntax error, the documents before it are returned.
func parseDocuments(file string, content []byte) (map[int]*yaml.Node, *Diagnostic) {
	documents := map[int]*yaml.Node{}
	broken := unreadable(file, content)
	if broken != nil {
		return documents, broken
	}
	readable, in, broken := standIn(file, content)
	if broken != nil {
		return documents, broken
	}
	decoder := yaml.NewDecoder(bytes.NewReader(readable))
	for n := 0; ; n++ {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return documents, syntaxError(file, content, err)
		}
		if len(document.Content) == 1 && document.Content[0].ShortTag() != "!!null" {
			in.restore(document.Content[0])
			documents[n] = document.Content[0]
		}
	}
}

// treeBuilder turns one document's nodes into a tree, checking what holds for
// every manifest of any kind.
type treeBuilder struct {
	file        string
	diagnostics *Diagnostics
	nodes       int
	stopped     bool
}

func (b *treeBuilder) position(n *yaml.Node) Position {
	return Position{File: b.file, Line: n.Line, Col: n.Column}
}

// fail records an error and returns the broken value that stands in for it.
func (b *treeBuilder) fail(n *yaml.Node, path, summary, detail string) *tree {
	*b.diagnostics = append(*b.diagnostics, Diagnostic{
		Severity: SeverityError, Path: path, Pos: b.position(n), Summary: summary, Detail: detail,
	})
	return &tree{pos: b.position(n), path: path}
}

func (b *treeBuilder) build(n *yaml.Node, path string, depth int) *tree {
	if b.stopped {
		return &tree{pos: b.position(n), path: path}
	}
	b.nodes++
	if b.nodes > maxNodes || depth > maxDepth {
		b.stopped = true
		return b.fail(n, path, fmt.Sprintf("the document is too large: more than %d values, or nested deeper than %d", maxNodes, maxDepth),
			"Aliases (*name) count as what they stand for. Write the values out, or move long texts into files with {file: path}.")
	}
	if n.Kind == yaml.AliasNode {
		t := b.build(n.Alias, path, depth+1)
		t.pos = b.position(n)
		return t
	}
	if n.Style&yaml.TaggedStyle != 0 {
		return b.fail(n, path, "tags such as "+quote(n.Tag)+" are not supported", "Leave the tag out; put a text in quotes.")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return b.mapping(n, path, depth)
	case yaml.SequenceNode:
		t := &tree{kind: listTree, pos: b.position(n), path: path}
		for i, item := range n.Content {
			t.items = append(t.items, b.build(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return t
	default:
		return b.scalar(n, path)
	}
}

func (b *treeBuilder) scalar(n *yaml.Node, path string) *tree {
	if n.ShortTag() == "!!null" {
		return b.fail(n, path, "null is not a value here",
			"Leave the field out to leave it alone in the Store; write \"\" to clear a text or [] to clear a list.")
	}
	return &tree{
		kind: scalarTree, pos: b.position(n), path: path, text: n.Value, tag: n.ShortTag(),
		plain: n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0,
	}
}

func (b *treeBuilder) mapping(n *yaml.Node, path string, depth int) *tree {
	t := &tree{kind: mappingTree, pos: b.position(n), path: path}
	first := map[string]Position{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		keyNode, valueNode := n.Content[i], n.Content[i+1]
		key, ok := b.key(keyNode, path)
		if !ok {
			t.holed = true
			continue
		}
		if at, twice := first[key]; twice {
			b.fail(keyNode, childPath(path, key), quote(key)+" is written twice", fmt.Sprintf("It is already at line %d. Keep one of the two.", at.Line))
			continue
		}
		first[key] = b.position(keyNode)
		value := b.build(valueNode, childPath(path, key), depth+1)
		if value.pos.Line != keyNode.Line {
			// A block below its key: the key is the better place to point at.
			value.pos = b.position(keyNode)
		}
		t.fields = append(t.fields, treeField{key: key, pos: b.position(keyNode), value: value})
	}
	return t
}

// key reads a mapping key by its literal text, so that the language no is
// "no" and not the boolean that YAML 1.1 makes of it.
func (b *treeBuilder) key(n *yaml.Node, path string) (string, bool) {
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge":
		b.fail(n, path, "merge keys (<<) are not supported", "Write the values out. What all languages share goes into listings.\"*\".")
	case n.Kind != yaml.ScalarNode || n.Style&yaml.TaggedStyle != 0:
		b.fail(n, path, "a key must be a plain text", "Write the key without brackets, braces, anchors, aliases or tags.")
	case n.ShortTag() != "!!str":
		b.fail(n, path, fmt.Sprintf("the key %s is not a text in YAML", quote(n.Value)), fmt.Sprintf("Put it in quotes: %q.", n.Value))
	case len(n.Value) > maxKeyLength:
		b.fail(n, path, fmt.Sprintf("a key of %d bytes; at most %d are allowed", len(n.Value), maxKeyLength), "Shorten the key.")
	default:
		return n.Value, true
	}
	return "", false
}

// childPath is the path of a mapping's value. Paths start below spec, as in
// plans and in the API page. A key that could upset a terminal or a log is
// quoted; no such key is ever allowed.
func childPath(parent, key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !strconv.IsPrint(r) }) {
		key = quote(key)
	}
	if parent == "" || parent == "spec" {
		return key
	}
	return parent + "." + key
}

// quote shows untrusted text inside a message: quoted, control characters
// escaped, cut when long.
func quote(s string) string {
	const most = 120
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strconv.Quote(s)
}

// isYAML11Boolean reports whether YAML 1.1 readers take the plain word for a
// boolean (https://yaml.org/type/bool.html).
func isYAML11Boolean(word string) bool {
	switch strings.ToLower(word) {
	case "y", "yes", "n", "no", "on", "off":
		return true
	}
	return false
}
