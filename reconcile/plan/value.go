package plan

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Type says how values of a path are compared and shown.
type Type string

// The types of values.
const (
	// Text is prose; views show a word diff.
	Text Type = "text"
	// Scalar is a string, number or boolean shown as it is.
	Scalar Type = "scalar"
	// List is an ordered list of strings or small objects: one value.
	List Type = "list"
	// Set is a list whose order means nothing.
	Set Type = "set"
	// Images is an ordered list of Image.
	Images Type = "images"
)

// Value is one managed or observed value. Two values are equal when their
// canonical JSON is; an empty text or list equals an absent one.
type Value struct {
	Type Type
	// JSON is canonical: compact, sets sorted.
	JSON json.RawMessage
	// Sensitive values are compared but never shown, logged or kept.
	Sensitive bool
	// Exact values must come back from the Store as they were sent (price,
	// markets, packages, visibility): a rewritten one is never accepted.
	Exact bool
	// Unknown values cannot be compared: an environment variable that is not
	// set, or stored images whose content could not be read.
	Unknown bool
	// Why says why the value is unknown, in words.
	Why string
}

// State is what a product is (observed), what a manifest writes (desired), or
// what it will be (target): one value per path. A path that is not a key is
// unset.
type State map[Path]Value

// Image is one element of an Images value.
type Image struct {
	// Digest is "sha256:" and lower-case hex, "md5:" and hex when only that
	// is known (it then equals no local file), or "" when unknown.
	Digest string `json:"digest"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	// Description is the caption, for an API that keeps captions.
	Description string `json:"description,omitempty"`
	// Name is the workspace-relative file of a desired image.
	Name string `json:"name,omitempty"`
	// ID is the Store's id of an observed image.
	ID string `json:"id,omitempty"`
}

// TextValue makes a Text value.
func TextValue(s string) Value { return Value{Type: Text, JSON: Encode(s)} }

// StringValue makes a Scalar of a string.
func StringValue(s string) Value { return Value{Type: Scalar, JSON: Encode(s)} }

// BoolValue makes a Scalar of a boolean.
func BoolValue(b bool) Value { return Value{Type: Scalar, JSON: Encode(b)} }

// ListValue makes a List of strings.
func ListValue(items []string) Value { return RowsValue(items) }

// RowsValue makes a List of strings or of small objects.
func RowsValue[T any](rows []T) Value {
	if rows == nil {
		rows = []T{}
	}
	return Value{Type: List, JSON: Encode(rows)}
}

// SetValue makes a Set of strings; it sorts a copy.
func SetValue(items []string) Value {
	sorted := slices.Compact(slices.Sorted(slices.Values(items)))
	if sorted == nil {
		sorted = []string{}
	}
	return Value{Type: Set, JSON: Encode(sorted)}
}

// ImagesValue makes an Images value; it is unknown when an element's content is.
func ImagesValue(images []Image) Value {
	unknown := slices.ContainsFunc(images, func(i Image) bool { return i.Digest == "" })
	if images == nil {
		images = []Image{}
	}
	return Value{Type: Images, JSON: Encode(images), Unknown: unknown}
}

// Text returns the string of a Text or string Scalar, "" when absent.
func (v Value) Text() string {
	var s string
	if json.Unmarshal(v.JSON, &s) != nil {
		return ""
	}
	return s
}

// Strings returns the elements of a List or Set of strings.
func (v Value) Strings() []string {
	var s []string
	if json.Unmarshal(v.JSON, &s) != nil {
		return nil
	}
	return s
}

// Images returns the elements of an Images value.
func (v Value) Images() []Image {
	var images []Image
	if json.Unmarshal(v.JSON, &images) != nil {
		return nil
	}
	return images
}

// Empty reports whether the value is absent, an empty text or an empty list.
func (v Value) Empty() bool {
	switch string(v.JSON) {
	case "", `""`, "[]":
		return true
	}
	return false
}

// SensitiveTexts are the texts in the values of a state that are sensitive: by
// themselves, or because they stand at a path that matches a pattern.
func SensitiveTexts(s State, patterns ...Path) []string {
	var texts []string
	for path, value := range s {
		if !value.Unknown && (value.Sensitive || MatchesAny(path, patterns)) {
			texts = append(append(texts, value.Text()), value.Strings()...)
		}
	}
	return texts
}

// Encode is the canonical JSON of plain data, without HTML escaping.
func Encode[T any](data T) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		// Only plain strings, booleans and structs of them come here.
		panic(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
