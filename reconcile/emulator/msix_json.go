package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxDepth is how deep the JSON of a submission may nest: the deepest member
// that is documented has nine levels.
const maxDepth = 64

var errTooDeep = fmt.Errorf("it nests deeper than %d levels", maxDepth)

// parseJSON decodes JSON into object, []any, string, json.Number, bool and nil.
// Objects keep the order of their members; of two with one name the last wins.
func parseJSON(raw []byte) (any, error) {
	if !json.Valid(raw) {
		return nil, errors.New("it is not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return parseValue(decoder, 0)
}

func parseValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return token, nil
	}
	if delim == '[' {
		list := []any{}
		for decoder.More() {
			value, err := parseValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, err
	}
	out, index := object{}, map[string]int{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string) // the decoder lets nothing else through
		value, err := parseValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		if at, ok := index[key]; ok {
			out[at].value = value
			continue
		}
		index[key] = len(out)
		out = append(out, member{key, value})
	}
	_, err = decoder.Token()
	return out, err
}

// msixDocument is a submission's JSON object as it is kept: values are never
// changed in place, so that documents may share them.
type msixDocument object

// MarshalJSON writes the members in their order.
func (d msixDocument) MarshalJSON() ([]byte, error) { return object(d).MarshalJSON() }

// UnmarshalJSON reads the members in their order.
func (d *msixDocument) UnmarshalJSON(raw []byte) error {
	value, err := parseJSON(raw)
	if err != nil {
		return err
	}
	o, ok := value.(object)
	if !ok && value != nil {
		return errors.New("it is not a JSON object")
	}
	*d = msixDocument(o)
	return nil
}

// lookup gives a member's value; nil when there is none.
func (o object) lookup(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// lookupText gives a member that is a string; "" when there is none.
func (o object) lookupText(name string) string {
	text, _ := o.lookup(name).(string)
	return text
}

// lookupObject gives a member that is an object; nil when there is none.
func (o object) lookupObject(name string) object {
	nested, _ := o.lookup(name).(object)
	return nested
}

// lookupList gives a member that is a list; nil when there is none.
func (o object) lookupList(name string) []any {
	list, _ := o.lookup(name).([]any)
	return list
}

// with is a copy of the object in which a member has the value.
func (o object) with(name string, value any) object {
	out := slices.Clone(o)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
			return out
		}
	}
	return append(out, member{name, value})
}

// without is a copy of the object that lacks a member.
func (o object) without(name string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return m.name == name })
}

// extend is the object with the members of another one that it lacks.
func (o object) extend(other object) object {
	out := slices.Clone(o)
	for _, m := range other {
		if !slices.ContainsFunc(o, func(own member) bool { return own.name == m.name }) {
			out = append(out, m)
		}
	}
	return out
}

// merge lays edit over a value: objects by member, everything else whole; a
// null takes a member away. Names match without regard to case.
func merge(old, edit any) any {
	changes, ok := edit.(object)
	if !ok {
		return edit
	}
	out, _ := old.(object)
	for _, m := range changes {
		name := m.name
		for _, known := range out {
			if strings.EqualFold(known.name, name) {
				name = known.name
			}
		}
		if m.value == nil {
			out = out.without(name)
			continue
		}
		out = out.with(name, merge(out.lookup(name), m.value))
	}
	if out == nil {
		out = object{}
	}
	return out
}
