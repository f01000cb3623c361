package schema

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of a package's manifest. Those of real apps have some tens of
// kilobytes.
const (
	maxPackageManifest      = 4 << 20
	maxPackageManifestDepth = 64
	maxPackageElements      = 100_000
)

// xmlElement is an element of a package's manifest.
type xmlElement struct {
	name     xml.Name
	attrs    []xml.Attr
	children []*xmlElement
	text     string
}

// attr is an attribute without a namespace, and whether it is there.
func (e *xmlElement) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// anyAttr is an attribute in whatever namespace, "" when it is not there.
func (e *xmlElement) anyAttr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// all are the children of that name in the element's own namespace.
func (e *xmlElement) all(name string) []*xmlElement {
	var found []*xmlElement
	for _, child := range e.children {
		if child.name == (xml.Name{Space: e.name.Space, Local: name}) {
			found = append(found, child)
		}
	}
	return found
}

// below are the children of that name of the one child of another name.
func (e *xmlElement) below(parent, name string) []*xmlElement {
	var found []*xmlElement
	for _, child := range e.all(parent) {
		found = append(found, child.all(name)...)
	}
	return found
}

// parseXML reads a manifest. It takes UTF-8 and UTF-16, and none of what
// makes XML dangerous: no document type, no entities but the five of XML, no
// depth.
func parseXML(content []byte) (*xmlElement, error) {
	text, err := decodeXML(content)
	if err != nil {
		return nil, err
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "utf-8", "utf8", "utf-16", "us-ascii":
			return input, nil // decodeXML has made UTF-8 of it
		}
		return nil, fmt.Errorf("the encoding %s is not read here: save the manifest as UTF-8", quote(charset))
	}
	tree := xmlTree{decoder: decoder}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = tree.add(token)
		}
		if err != nil {
			return nil, &PackageError{Problem: fmt.Sprintf("it is not well-formed XML (line %d)", tree.line()), Fix: rebuild, Err: err}
		}
	}
	if tree.root == nil {
		return nil, refuse("", rebuild, "it holds no XML element")
	}
	return tree.root, nil
}

// xmlTree builds the tree from tokens.
type xmlTree struct {
	decoder  *xml.Decoder
	root     *xmlElement
	open     []*xmlElement
	elements int
}

func (t *xmlTree) line() int {
	line, _ := t.decoder.InputPos()
	return line
}

func (t *xmlTree) add(token xml.Token) error {
	switch token := token.(type) {
	case xml.Directive:
		return errors.New("it declares a document type or entities, which no package manifest does")
	case xml.StartElement:
		return t.start(token.Copy())
	case xml.EndElement:
		t.open = t.open[:len(t.open)-1]
	case xml.CharData:
		if len(t.open) > 0 {
			// Only short texts are looked at; a long one in a thousand pieces
			// would be copied a thousand times.
			if parent := t.open[len(t.open)-1]; len(parent.text) < 64 {
				parent.text += strings.TrimSpace(string(token))
			}
		} else if len(bytes.TrimSpace(token)) > 0 {
			return errors.New("it has text outside its root element")
		}
	}
	return nil
}

func (t *xmlTree) start(token xml.StartElement) error {
	if t.elements++; t.elements > maxPackageElements {
		return fmt.Errorf("it has more than %d elements", maxPackageElements)
	}
	if len(t.open) >= maxPackageManifestDepth {
		return fmt.Errorf("its elements are more than %d deep", maxPackageManifestDepth)
	}
	// encoding/xml takes repeated attributes; readers would differ in which
	// one counts.
	for i, a := range token.Attr {
		for _, b := range token.Attr[:i] {
			if a.Name == b.Name {
				return fmt.Errorf("the element %s has the attribute %s twice", quote(token.Name.Local), quote(a.Name.Local))
			}
		}
		if i >= 256 {
			return fmt.Errorf("the element %s has more than 256 attributes", quote(token.Name.Local))
		}
	}
	element := &xmlElement{name: token.Name, attrs: token.Attr}
	switch {
	case len(t.open) > 0:
		parent := t.open[len(t.open)-1]
		parent.children = append(parent.children, element)
	case t.root != nil:
		return errors.New("it has two root elements")
	default:
		t.root = element
	}
	t.open = append(t.open, element)
	return nil
}

// decodeXML makes UTF-8 without a byte order mark of a manifest, which may
// begin with one or be UTF-16.
func decodeXML(content []byte) ([]byte, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		content = content[3:]
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		order, content = binary.LittleEndian, content[2:]
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		order, content = binary.BigEndian, content[2:]
	case bytes.HasPrefix(content, []byte("<\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte("\x00<")):
		order = binary.BigEndian
	}
	if order == nil {
		if !utf8.Valid(content) {
			return nil, refuse("", "Save the manifest as UTF-8.", "it is neither UTF-8 nor UTF-16")
		}
		return content, nil
	}
	if len(content)%2 != 0 {
		return nil, refuse("", "Save the manifest as UTF-8.", "it is UTF-16 with half a character at its end")
	}
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}
