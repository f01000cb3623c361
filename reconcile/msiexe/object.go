package msiexe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
)

// object is a JSON object of the API whose fields are kept as they were read,
// so that fields this package does not know survive when it is sent back.
type object map[string]json.RawMessage

// parseObject reads one object of the named module.
func parseObject(what string, document json.RawMessage) (object, error) {
	var o object
	if err := json.Unmarshal(document, &o); err != nil {
		return nil, fmt.Errorf("read %s of the Store's answer: %w", what, err)
	}
	if o == nil {
		o = object{}
	}
	return o, nil
}

// field decodes one field; it reports false for an absent or null one.
func field[T any](o object, name string) (value T, ok bool, err error) {
	raw, found := o[name]
	if !found || string(raw) == "null" {
		return value, false, nil
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		var zero T
		return zero, false, fmt.Errorf("read %s of the Store's answer: %w", name, err)
	}
	return value, true, nil
}

// text is a string field, "" when it is absent, null or of another type. It is
// for identities that parseDocuments has already judged.
func (o object) text(name string) string {
	value, _, err := field[string](o, name)
	if err != nil {
		return ""
	}
	return value
}

// objects is a field that holds an array of objects; it is nil when absent or
// of another type, which parseDocuments has already refused.
func (o object) objects(name string) []object {
	rows, _, err := field[[]object](o, name)
	if err != nil {
		return nil
	}
	return rows
}

// with is a copy with one field set.
func (o object) with(name string, value json.RawMessage) object {
	copied := maps.Clone(o)
	if copied == nil {
		copied = object{}
	}
	copied[name] = value
	return copied
}

// encode is compact JSON with sorted keys and without HTML escaping, the form
// in which bodies stand in plans.
func encode[T any](data T) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(data); err != nil {
		// Only strings, numbers, and raw JSON that was parsed before come here.
		panic(fmt.Sprintf("msiexe: encode: %v", err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
