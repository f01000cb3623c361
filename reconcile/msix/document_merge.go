package msix

import (
	"encoding/json"
	"fmt"
)

// pristine says why a first draft is not as the Store makes it with a product,
// "" when it is: nobody has worked in it, so there is nothing to lose. What the
// Store fills in by itself (a content type, a price, where the add-on is
// offered) is documented nowhere and counts for nothing.
func (d *document) pristine(kind productKind) string {
	if status := d.status().Status; status != statusPendingCommit {
		return "it is no draft"
	}
	worked := []string{"/" + fieldKeywords, "/" + fieldTag, "/" + fieldListings}
	if kind == kindFlight {
		worked = []string{packagesPointer(kind), "/" + fieldNotes}
	}
	for _, pointer := range worked {
		if n := d.find(pointer); n != nil && !n.clone().prune() {
			return "it has " + pointer[1:]
		}
	}
	if kind != kindFlight {
		return ""
	}
	if raw, _ := d.get(pointerTo(fieldDelivery, fieldMandatory)); string(raw) == "true" {
		return "it is a mandatory update"
	}
	return ""
}

// merge lays a JSON Merge Patch over a copy of the document. Names match
// without regard to case, as at the service.
//
// https://www.rfc-editor.org/rfc/rfc7396
func (d *document) merge(patch json.RawMessage) (*document, error) {
	n, err := parseNode(patch)
	if err != nil {
		return nil, fmt.Errorf("read the merge patch: %w", err)
	}
	if n.members == nil {
		return nil, fmt.Errorf("read the merge patch: %w", errNoObject)
	}
	return &document{root: d.root.clone().merged(n)}, nil
}

// merged is the node with a patch laid over it. It changes the node.
func (n *node) merged(patch *node) *node {
	if patch.members == nil {
		return patch.clone()
	}
	if n == nil || n.members == nil {
		n = &node{members: map[string]*node{}}
	}
	for name, value := range patch.members {
		spelled := n.spelling(name)
		if value.isNull() {
			delete(n.members, spelled)
			continue
		}
		n.members[spelled] = n.members[spelled].merged(value)
	}
	return n
}
