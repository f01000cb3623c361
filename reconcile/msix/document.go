package msix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// document is a submission as the Store sent it: every member is kept, known
// or not, numbers with their digits as they stood. Only the order of members
// and the spelling of escapes are not kept.
//
// Places in it are named by JSON pointers (RFC 6901). Names of members match
// without regard to case where no exact one is there, as at the service.
type document struct{ root *node }

// node is one JSON value. Exactly one of its fields is set: an object, an
// array, or the text of anything else.
type node struct {
	members  map[string]*node
	elements []*node
	leaf     json.RawMessage
	array    bool
}

// errNoObject says that an answer is no submission.
var errNoObject = errors.New("the answer is not a JSON object")

// parseDocument reads a submission. A name that stands twice counts as its
// last value, as everywhere in Go.
func parseDocument(raw json.RawMessage) (*document, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	root, err := parseNode(raw)
	if err != nil {
		return nil, err
	}
	if root.members == nil {
		return nil, errNoObject
	}
	return &document{root: root}, nil
}

func parseNode(raw json.RawMessage) (*node, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	var whole json.RawMessage
	if err := decoder.Decode(&whole); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("read JSON: something follows the value")
	}
	return nodeOf(whole, maxDepth)
}

// maxDepth is how deep values may be nested; submissions come to some ten. It
// bounds the work that an answer can ask for.
const maxDepth = 100

// nodeOf takes a valid value apart.
func nodeOf(raw json.RawMessage, depth int) (*node, error) {
	if depth == 0 {
		return nil, fmt.Errorf("read JSON: it is nested more than %d deep", maxDepth)
	}
	switch raw[0] {
	case '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		n := &node{members: make(map[string]*node, len(members))}
		for name, value := range members {
			member, err := nodeOf(value, depth-1)
			if err != nil {
				return nil, err
			}
			n.members[name] = member
		}
		return n, nil
	case '[':
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return nil, fmt.Errorf("read JSON: %w", err)
		}
		n := &node{array: true, elements: make([]*node, 0, len(elements))}
		for _, value := range elements {
			element, err := nodeOf(value, depth-1)
			if err != nil {
				return nil, err
			}
			n.elements = append(n.elements, element)
		}
		return n, nil
	case '"':
		return &node{leaf: canonicalString(raw)}, nil
	}
	return &node{leaf: bytes.Clone(raw)}, nil
}

// canonicalString writes a string the one way that encode does. A half of a
// surrogate pair would be lost by that; such a string stays as it is.
func canonicalString(raw json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(raw, &text) != nil || strings.ContainsRune(text, utf8.RuneError) {
		return bytes.Clone(raw)
	}
	return encode(text)
}

// raw is the document as compact JSON with sorted members.
func (d *document) raw() json.RawMessage {
	return d.root.append(nil)
}

func (n *node) append(to []byte) []byte {
	switch {
	case n.members != nil:
		to = append(to, '{')
		for i, name := range slices.Sorted(maps.Keys(n.members)) {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(append(to, encode(name)...), ':')
			to = n.members[name].append(to)
		}
		return append(to, '}')
	case n.array:
		to = append(to, '[')
		for i, element := range n.elements {
			if i > 0 {
				to = append(to, ',')
			}
			to = element.append(to)
		}
		return append(to, ']')
	}
	return append(to, n.leaf...)
}

func (n *node) clone() *node {
	c := &node{leaf: n.leaf, array: n.array} // leaves are never changed in place
	if n.members != nil {
		c.members = make(map[string]*node, len(n.members))
		for name, member := range n.members {
			c.members[name] = member.clone()
		}
	}
	for _, element := range n.elements {
		c.elements = append(c.elements, element.clone())
	}
	return c
}

func (n *node) equal(other *node) bool {
	return n.array == other.array && (n.members == nil) == (other.members == nil) && bytes.Equal(n.leaf, other.leaf) &&
		maps.EqualFunc(n.members, other.members, (*node).equal) && slices.EqualFunc(n.elements, other.elements, (*node).equal)
}

func (n *node) isNull() bool { return string(n.leaf) == "null" }

// clone is a copy that can be changed without changing the original.
func (d *document) clone() *document { return &document{root: d.root.clone()} }

// equal reports whether both hold the same in every member.
func (d *document) equal(other *document) bool { return d.root.equal(other.root) }

// get is the value at a pointer; false when there is none. A null is there.
func (d *document) get(pointer string) (json.RawMessage, bool) {
	n := d.find(pointer)
	if n == nil {
		return nil, false
	}
	return n.append(nil), true
}

// text is the string at a pointer, "" when there is none or another type.
func (d *document) text(pointer string) string {
	n := d.find(pointer)
	var text string
	if n == nil || n.leaf == nil || json.Unmarshal(n.leaf, &text) != nil {
		return ""
	}
	return text
}

// keys are the names of the object at a pointer, sorted.
func (d *document) keys(pointer string) []string {
	n := d.find(pointer)
	if n == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(n.members))
}

// length is how many elements the array at a pointer has, 0 when there is none.
func (d *document) length(pointer string) int {
	n := d.find(pointer)
	if n == nil {
		return 0
	}
	return len(n.elements)
}

// set puts a value at a pointer. Objects on the way that are missing or null
// are made; the element "-" of an array is the one after its last.
func (d *document) set(pointer string, value json.RawMessage) error {
	n, err := parseNode(value)
	if err != nil {
		return fmt.Errorf("set %s: %w", pointer, err)
	}
	tokens, err := splitPointer(pointer)
	if err != nil || len(tokens) == 0 {
		return fmt.Errorf("set %q: not the pointer of a member", pointer)
	}
	parent := d.root
	for _, token := range tokens[:len(tokens)-1] {
		next := parent.child(token)
		if parent.members != nil && (next == nil || next.isNull()) {
			next = &node{members: map[string]*node{}}
			parent.members[parent.spelling(token)] = next
		}
		if next == nil {
			return fmt.Errorf("set %s: there is no %s on the way", pointer, token)
		}
		parent = next
	}
	return parent.put(tokens[len(tokens)-1], n, pointer)
}

// put replaces or adds a child.
func (n *node) put(token string, value *node, pointer string) error {
	switch {
	case n.members != nil:
		n.members[n.spelling(token)] = value
	case n.array && (token == "-" || token == strconv.Itoa(len(n.elements))):
		n.elements = append(n.elements, value)
	case n.array:
		i, err := index(token, len(n.elements))
		if err != nil {
			return fmt.Errorf("set %s: %w", pointer, err)
		}
		n.elements[i] = value
	default:
		return fmt.Errorf("set %s: what it lies in is no object", pointer)
	}
	return nil
}

// remove takes the value at a pointer away; it reports whether there was one.
func (d *document) remove(pointer string) bool {
	tokens, err := splitPointer(pointer)
	if err != nil || len(tokens) == 0 {
		return false
	}
	last := tokens[len(tokens)-1]
	parent := d.root.descend(tokens[:len(tokens)-1])
	if parent == nil || parent.child(last) == nil {
		return false
	}
	if parent.array {
		i, _ := index(last, len(parent.elements))
		parent.elements = slices.Delete(parent.elements, i, i+1)
		return true
	}
	delete(parent.members, parent.spelling(last))
	return true
}

func (d *document) find(pointer string) *node {
	tokens, err := splitPointer(pointer)
	if err != nil {
		return nil
	}
	return d.root.descend(tokens)
}

func (n *node) descend(tokens []string) *node {
	for _, token := range tokens {
		if n = n.child(token); n == nil {
			return nil
		}
	}
	return n
}

// child is a member or element, nil when there is none.
func (n *node) child(token string) *node {
	if n.array {
		i, err := index(token, len(n.elements))
		if err != nil {
			return nil
		}
		return n.elements[i]
	}
	return n.members[n.spelling(token)]
}

// spelling is how a name is spelled among the members: itself when it is
// there, else the first that differs in case only, else itself.
func (n *node) spelling(name string) string {
	if _, exact := n.members[name]; exact {
		return name
	}
	found := name
	for member := range n.members {
		if strings.EqualFold(member, name) && (found == name || member < found) {
			found = member
		}
	}
	return found
}

// index reads a token as the place of an element.
func index(token string, length int) (int, error) {
	i, err := strconv.Atoi(token)
	if err != nil || i < 0 || i >= length || strconv.Itoa(i) != token {
		return 0, fmt.Errorf("the list has no element %q", token)
	}
	return i, nil
}

// pointerTo makes a JSON pointer of names and places.
func pointerTo(tokens ...string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteString("/" + strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// splitPointer takes a JSON pointer apart; "" is the whole document.
func splitPointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, fmt.Errorf("%q is not a JSON pointer", pointer)
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, nil
}

// encode is compact JSON with sorted keys and without HTML escaping, the form
// in which bodies stand in plans.
func encode[T any](data T) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		// Only strings, numbers, and raw JSON that was parsed before come here.
		panic(fmt.Sprintf("msix: encode: %v", err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
