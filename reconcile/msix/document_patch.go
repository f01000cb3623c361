package msix

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// patchStep is one step of a JSON Patch. Of its six operations a submission
// needs three.
//
// https://www.rfc-editor.org/rfc/rfc6902
type patchStep struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// The operations of a patch.
const (
	patchAdd     = "add"
	patchReplace = "replace"
	patchRemove  = "remove"
)

// makePatch is the JSON Patch that makes one document of another; "[]" when
// they are equal. Members are compared one by one. So are the elements of a
// list of objects, between those that both begin and end with; any other list
// is one value.
func makePatch(from, to *document) (json.RawMessage, error) {
	return encode(diffNodes([]patchStep{}, "", from.root, to.root)), nil
}

func diffNodes(steps []patchStep, path string, from, to *node) []patchStep {
	switch {
	case from.equal(to):
		return steps
	case from.members != nil && to.members != nil:
		return diffMembers(steps, path, from.members, to.members)
	case from.ofObjects() && to.ofObjects():
		return diffElements(steps, path, from.elements, to.elements)
	}
	return append(steps, patchStep{Op: patchReplace, Path: path, Value: to.append(nil)})
}

// ofObjects reports whether the node is a list of nothing but objects.
func (n *node) ofObjects() bool {
	return n.array && !slices.ContainsFunc(n.elements, func(e *node) bool { return e.members == nil })
}

func diffMembers(steps []patchStep, path string, from, to map[string]*node) []patchStep {
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if _, kept := to[name]; !kept {
			steps = append(steps, patchStep{Op: patchRemove, Path: path + pointerTo(name)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(to)) {
		before, there := from[name]
		switch {
		case there && before.equal(to[name]):
		case there && !before.isNothing():
			steps = diffNodes(steps, path+pointerTo(name), before, to[name])
		default:
			// Where the document at hand says null or has an empty list, another
			// may say nothing, and only what is there can be replaced or changed.
			steps = append(steps, patchStep{Op: patchAdd, Path: path + pointerTo(name), Value: to[name].append(nil)})
		}
	}
	return steps
}

// diffElements leaves alone what both lists begin and end with. Between that,
// as many elements are compared one by one as both have; the rest is removed
// or added behind them.
func diffElements(steps []patchStep, path string, from, to []*node) []patchStep {
	begin, shorter := 0, min(len(from), len(to))
	for begin < shorter && from[begin].equal(to[begin]) {
		begin++
	}
	end := 0
	for end < shorter-begin && from[len(from)-1-end].equal(to[len(to)-1-end]) {
		end++
	}
	place := func(i int) string { return path + pointerTo(strconv.Itoa(i)) }
	for i := begin; i < shorter-end; i++ {
		steps = diffNodes(steps, place(i), from[i], to[i])
	}
	for i := len(from) - end - 1; i >= shorter-end; i-- {
		steps = append(steps, patchStep{Op: patchRemove, Path: place(i)})
	}
	for i := shorter - end; i < len(to)-end; i++ {
		steps = append(steps, patchStep{Op: patchAdd, Path: place(i), Value: to[i].append(nil)})
	}
	return steps
}

// parsePatch reads a JSON Patch.
func parsePatch(patch json.RawMessage) ([]patchStep, error) {
	var steps []patchStep
	if err := json.Unmarshal(patch, &steps); err != nil {
		return nil, fmt.Errorf("read the patch: %w", err)
	}
	return steps, nil
}

// applyPatch is a copy of the document with the patch applied, or an error when
// a step does not fit it. Names are taken exactly.
func applyPatch(d *document, patch json.RawMessage) (*document, error) {
	steps, err := parsePatch(patch)
	if err != nil {
		return nil, err
	}
	patched := d.clone()
	for _, step := range steps {
		if err := patched.apply(step); err != nil {
			return nil, fmt.Errorf("%s %s: %w", step.Op, step.Path, err)
		}
	}
	return patched, nil
}

// fitPatch is applyPatch for a document that was found to mean the same as the
// one that the patch was made for (see document.digest): what means nothing may
// be in either and not in the other.
func fitPatch(d *document, steps []patchStep) (*document, error) {
	patched := d.clone()
	for _, step := range steps {
		step, needed := patched.fitting(step)
		if !needed {
			continue
		}
		if err := patched.apply(step); err != nil {
			return nil, fmt.Errorf("%s %s: %w", step.Op, step.Path, err)
		}
	}
	return patched, nil
}

// fitting makes the objects that a step lies in, and the step one that fits: a
// member that is not there is added instead of replaced, and need not be
// removed.
func (d *document) fitting(step patchStep) (_ patchStep, needed bool) {
	tokens, err := splitPointer(step.Path)
	if err != nil || len(tokens) == 0 {
		return step, true // apply says so
	}
	parent := d.root
	for _, token := range tokens[:len(tokens)-1] {
		next := parent.exactChild(token)
		if parent.members != nil && (next == nil || next.isNull()) {
			if step.Op == patchRemove {
				return step, false
			}
			next = &node{members: map[string]*node{}}
			parent.members[token] = next
		}
		if next == nil {
			return step, true // apply says so
		}
		parent = next
	}
	_, there := parent.members[tokens[len(tokens)-1]]
	switch {
	case parent.members == nil || there:
	case step.Op == patchRemove:
		return step, false
	case step.Op == patchReplace:
		step.Op = patchAdd
	}
	return step, true
}

func (d *document) apply(step patchStep) error {
	tokens, err := splitPointer(step.Path)
	if err != nil {
		return err
	}
	if len(tokens) == 0 {
		return fmt.Errorf("a patch changes parts of a submission, not the whole")
	}
	parent := d.root
	for _, token := range tokens[:len(tokens)-1] {
		if parent = parent.exactChild(token); parent == nil {
			return fmt.Errorf("there is no %s on the way", token)
		}
	}
	last := tokens[len(tokens)-1]
	var value *node
	if step.Op != patchRemove {
		if value, err = parseNode(step.Value); err != nil {
			return err
		}
	}
	if parent.array {
		return parent.applyToElements(step.Op, last, value)
	}
	return parent.applyToMembers(step.Op, last, value)
}

// exactChild is a child by its exact name.
func (n *node) exactChild(token string) *node {
	if n.array {
		return n.child(token)
	}
	return n.members[token]
}

func (n *node) applyToMembers(op, name string, value *node) error {
	_, there := n.members[name]
	switch {
	case n.members == nil:
		return fmt.Errorf("what it lies in is no object")
	case op == patchAdd, op == patchReplace && there:
		n.members[name] = value
	case op == patchRemove && there:
		delete(n.members, name)
	case op == patchReplace, op == patchRemove:
		return fmt.Errorf("it is not there")
	default:
		return fmt.Errorf("%q is no operation of storesync's patches", op)
	}
	return nil
}

func (n *node) applyToElements(op, token string, value *node) error {
	if op == patchAdd && (token == "-" || token == strconv.Itoa(len(n.elements))) {
		n.elements = append(n.elements, value)
		return nil
	}
	i, err := index(token, len(n.elements))
	if err != nil {
		return err
	}
	switch op {
	case patchAdd:
		n.elements = slices.Insert(n.elements, i, value)
	case patchReplace:
		n.elements[i] = value
	case patchRemove:
		n.elements = slices.Delete(n.elements, i, i+1)
	default:
		return fmt.Errorf("%q is no operation of storesync's patches", op)
	}
	return nil
}

// touches reports whether a patch changes anything at, below or around a place.
func touches(steps []patchStep, pointer string) bool {
	return slices.ContainsFunc(steps, func(s patchStep) bool {
		return s.Path == pointer || strings.HasPrefix(s.Path, pointer+"/") || strings.HasPrefix(pointer, s.Path+"/")
	})
}
