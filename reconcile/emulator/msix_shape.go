package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// msixShape says what a value of a submission may be, and how the service
// keeps and answers it.
type msixShape interface {
	// fit gives the value as it is kept; nil stands for null and for a value
	// that was not sent. What breaks a rule goes to the fit.
	fit(f *msixFit, at string, value any) any
}

// msixFit is one reading of a submission: a PUT, or a seed.
type msixFit struct {
	facts   *facts
	problem *msixError // the first rule that is broken
	seed    bool       // values that the API gives, not takes, are taken too
	old     object     // the submission that is written
	before  object     // the published one that it was cloned from; may be nil
	// badLanguages: the problem is a language code.
	badLanguages bool
}

// refuse notes a broken rule. The target is the first part of a path.
func (f *msixFit) refuse(at, format string, args ...any) {
	if f.problem != nil {
		return
	}
	target, _, _ := strings.Cut(at, ".")
	target, _, _ = strings.Cut(target, "[")
	f.problem = &msixError{http.StatusBadRequest, msixInvalidParameterValue, fmt.Sprintf(format, args...), target}
}

func (f *msixFit) wrongType(at, want string) {
	f.refuse(at, "The value of %s is not valid: it must be %s.", at, want)
}

// msixUnset is what fit gives for a member that answers lack (observed 2026-02
// of optional strings).
type msixUnset struct{}

// textShape is an optional string.
type textShape struct{ limit int }

func (s textShape) fit(f *msixFit, at string, value any) any {
	if value == nil {
		return msixUnset{}
	}
	text, ok := value.(string)
	if !ok {
		f.wrongType(at, "a string")
		return msixUnset{}
	}
	if n := utf8.RuneCountInString(text); s.limit > 0 && n > s.limit {
		f.refuse(at, "The value of %s has %d characters; at most %d are allowed.", at, n, s.limit)
	}
	return text
}

// obsoleteShape is a string that is ignored on input and comes back empty.
type obsoleteShape struct{}

func (obsoleteShape) fit(*msixFit, string, any) any { return "" }

// givenShape is a member that the service gives: ignored on input, kept of a
// seed.
type givenShape struct{ shape msixShape }

func (s givenShape) fit(f *msixFit, at string, value any) any {
	if !f.seed {
		value = nil
	}
	return s.shape.fit(f, at, value)
}

// optionalShape is a member that answers lack when it is not set.
type optionalShape struct{ shape msixShape }

func (s optionalShape) fit(f *msixFit, at string, value any) any {
	if value == nil {
		return msixUnset{}
	}
	return s.shape.fit(f, at, value)
}

// choiceShape is one of a closed set, with regard to case; fallback is what
// null means ("" for required).
type choiceShape struct {
	values   func(*msixFacts) []string
	fallback string
}

func (s choiceShape) fit(f *msixFit, at string, value any) any {
	if value == nil && s.fallback != "" {
		return s.fallback
	}
	text, ok := value.(string)
	if allowed := s.values(f.facts.msix); !ok || !slices.Contains(allowed, text) {
		if value == nil {
			f.refuse(at, "The value of %s is required.", at)
		} else {
			f.refuse(at, "The value of %s is not valid; it must be %s.", at, oneOf(allowed))
		}
	}
	return text
}

// flagShape is a boolean: not sent is false, null is refused.
type flagShape struct{}

func (flagShape) fit(f *msixFit, at string, value any) any {
	if value == nil {
		return false
	}
	flag, ok := value.(bool)
	if !ok {
		f.wrongType(at, "true or false")
	}
	return flag
}

// numberShape is a number between two bounds.
type numberShape struct {
	low, high float64
	whole     bool
	optional  bool // absent when unset, not 0
}

func (s numberShape) fit(f *msixFit, at string, value any) any {
	if value == nil {
		if s.optional {
			return msixUnset{}
		}
		return json.Number("0")
	}
	number, ok := value.(json.Number)
	n, err := number.Float64()
	if !ok || err != nil || s.whole && n != float64(int64(n)) {
		f.wrongType(at, "a number")
		return msixUnset{}
	}
	if n < s.low || n > s.high {
		f.refuse(at, "The value of %s must be from %g to %g.", at, s.low, s.high)
	}
	return number
}

// dateShape is a date, answered with seven decimals of a second in UTC
// (observed 2026-02).
type dateShape struct{}

const (
	msixDate   = "2006-01-02T15:04:05.0000000Z"
	msixNoDate = "1601-01-01T00:00:00.0000000Z"
)

func (dateShape) fit(f *msixFit, at string, value any) any {
	if value == nil || value == "" {
		return msixNoDate
	}
	text, ok := value.(string)
	if !ok {
		f.wrongType(at, "a date")
		return msixNoDate
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC().Format(msixDate)
		}
	}
	f.wrongType(at, "a date like 2026-03-01T08:00:00Z")
	return msixNoDate
}

// listShape is a list; null is an empty one, or stays null.
type listShape struct {
	item     msixShape
	most     int // 0: any number
	nullable bool
}

func (s listShape) fit(f *msixFit, at string, value any) any {
	if value == nil && s.nullable {
		return nil
	}
	list, ok := value.([]any)
	if value != nil && !ok {
		f.wrongType(at, "a list")
	}
	if s.most > 0 && len(list) > s.most {
		f.refuse(at, "%s has %d items; at most %d are allowed.", at, len(list), s.most)
		list = list[:s.most]
	}
	out := make([]any, 0, len(list))
	for i, item := range list {
		item = s.item.fit(f, fmt.Sprintf("%s[%d]", at, i), item)
		if _, unset := item.(msixUnset); unset {
			f.wrongType(fmt.Sprintf("%s[%d]", at, i), "set")
			continue
		}
		out = append(out, item)
	}
	return out
}

// msixField is a member of an objectShape.
type msixField struct {
	name  string
	shape msixShape
}

// objectShape is an object with known members, answered in their order, all of
// them. Members that it does not know are kept as they came and answered last.
type objectShape struct {
	fields   []msixField
	sparse   bool // known members that were not sent are not answered
	required bool // null and absent are refused
}

func (s objectShape) fit(f *msixFit, at string, value any) any {
	sent, ok := value.(object)
	if value == nil && s.required || value != nil && !ok {
		f.wrongType(at, "an object")
	}
	out := make(object, 0, len(s.fields))
	for _, field := range s.fields {
		path := field.name
		if at != "" {
			path = at + "." + field.name
		}
		raw, named := foldedMember(sent, field.name)
		if s.sparse && !named {
			continue
		}
		if _, flag := field.shape.(flagShape); flag && named && raw == nil {
			f.wrongType(path, "true or false")
		}
		fitted := field.shape.fit(f, path, raw)
		if _, unset := fitted.(msixUnset); !unset {
			out = append(out, member{field.name, fitted})
		}
	}
	for _, m := range sent {
		if !s.knows(m.name) {
			out = append(out, m)
		}
	}
	return out
}

func (s objectShape) knows(name string) bool {
	return slices.ContainsFunc(s.fields, func(f msixField) bool { return strings.EqualFold(f.name, name) })
}

// foldedMember finds a member without regard to case (observed: a client of
// Microsoft's sends PascalCase names); the last one wins.
func foldedMember(o object, name string) (value any, named bool) {
	for _, m := range slices.Backward(o) {
		if strings.EqualFold(m.name, name) {
			return m.value, true
		}
	}
	return nil, false
}

// mapShape is an object whose names are data, like language codes.
type mapShape struct {
	item msixShape
	// check judges the names, all at once; nil: any name.
	check func(f *msixFit, at string, names []string)
}

func (s mapShape) fit(f *msixFit, at string, value any) any {
	sent, ok := value.(object)
	if value != nil && !ok {
		f.wrongType(at, "an object")
	}
	var names []string
	out := object{}
	for _, m := range sent {
		if m.value == nil {
			continue
		}
		names = append(names, m.name)
		value := s.item.fit(f, at+"."+m.name, m.value)
		if _, unset := value.(msixUnset); !unset {
			out = append(out, member{m.name, value})
		}
	}
	if s.check != nil {
		s.check(f, at, names)
	}
	return out
}
