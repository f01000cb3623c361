package emulator

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object that keeps the order of its members: answers have
// the same key order as the live service's, which a map cannot give.
type object []member

type member struct {
	name  string
	value any
}

// text adds a member unless its value is empty: the live service omits unset
// strings (observed 2025-06 and 2026-02).
func (o object) text(name, value string) object {
	if value == "" {
		return o
	}
	return append(o, member{name, value})
}

// foreign adds the members that the emulator keeps but does not understand.
func (o object) foreign(values foreign) object {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		o = append(o, member{name, values[name]})
	}
	return o
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := encode(m.name)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// encode is json.Marshal without the escaping of &, < and >, which the live
// service does not do either.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// foreign are members of an answer that no documentation mentions.
type foreign map[string]json.RawMessage

// members decodes a JSON object into its members; nil when it is none.
func members(raw json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(raw, &out) != nil {
		return nil
	}
	return out
}

// sent finds a member without regard to case, as the live service does
// (observed: a client of Microsoft's sends PascalCase names).
func sent(all map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if raw, ok := all[name]; ok {
		return raw, !isNull(raw)
	}
	for key, raw := range all {
		if strings.EqualFold(key, name) {
			return raw, !isNull(raw)
		}
	}
	return nil, false
}

func isNull(raw json.RawMessage) bool {
	text := bytes.TrimSpace(raw)
	return len(text) == 0 || bytes.Equal(text, []byte("null"))
}

// update gives the foreign members that a write leaves: those it names take
// the sent value, the others stay, or go when reset.
func (f foreign) update(all map[string]json.RawMessage, reset bool) foreign {
	out := foreign{}
	for name, value := range f {
		raw, named := sent(all, name)
		switch text := string(bytes.TrimSpace(value)); {
		case named:
			out[name] = raw
		case !reset:
			out[name] = value
		case strings.HasPrefix(text, "["):
			out[name] = json.RawMessage("[]")
		case text == "true" || text == "false":
			out[name] = json.RawMessage("false")
		}
	}
	return out
}
