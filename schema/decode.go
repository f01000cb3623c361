package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// The Go types of manifest.go say what a manifest may hold: json tags name
// the fields, and schema tags add what Go cannot say:
//
//	required   the field must be written
//	codes      a list of codes, where NO and no stand for Norway and Norwegian
//	languages  a map whose key is what ${lang} stands for below it
//	time       a time, which YAML takes for its own type when it is not quoted
//	tier       a price tier, which people write as an amount
//	one of     a word of the closed set that follows
const schemaTag = "schema"

// place is where a value is written and by which path: that of "*" for what a
// language took from there.
type place struct {
	pos     Position
	written string
}

// decoder turns one document's tree into its Go types. Every mistake becomes
// a diagnostic at its position; what is right is kept.
type decoder struct {
	sources *sources
	// folder is the manifest's own folder, absolute, links resolved.
	folder   string
	language string
	places   map[string]place
	// holed are the paths of lists of which an item was left out with its
	// diagnostic. The others are judged; what is said of the whole list is not.
	holed       map[string]bool
	diagnostics *Diagnostics
}

func (d *decoder) fail(v *tree, summary, detail string) {
	d.failAt(v.pos, v.path, summary, detail)
}

func (d *decoder) failAt(pos Position, path, summary, detail string) {
	*d.diagnostics = append(*d.diagnostics, Diagnostic{Severity: SeverityError, Path: path, Pos: pos, Summary: summary, Detail: detail})
}

// decodeInto decodes a tree into T. The tree has been checked against T by
// then, so the last step, a strict decode by sigs.k8s.io/yaml, sees quoted
// keys and texts only: its YAML 1.1 reading of words cannot bite.
func decodeInto[T any](d *decoder, v *tree) *T {
	result := new(T)
	data, ok := d.value(reflect.TypeFor[T](), fieldRules{}, v, "")
	if !ok {
		return result
	}
	document, err := json.Marshal(data)
	if err == nil {
		err = yaml.UnmarshalStrict(escapeForYAML(document), result)
	}
	if err != nil {
		d.fail(v, "this document is not understood: "+err.Error(), "This is a fault of storesync; please report it with the document.")
	}
	return result
}

// escapeForYAML escapes the characters that JSON may hold as they are but
// YAML may not, or takes for a line end.
func escapeForYAML(document []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(document) {
		if r >= 0x7f && r <= 0xffff {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.Bytes()
}

// fieldRules are the schema tags of a struct field.
type fieldRules struct {
	required, codes, languages, time, clearable, tier bool
	// oneOf is the closed set that a word is of, "" for none.
	oneOf Enum
}

func rulesOf(field reflect.StructField) fieldRules {
	words := strings.Split(field.Tag.Get(schemaTag), ",")
	return fieldRules{
		required: slices.Contains(words, "required"), codes: slices.Contains(words, "codes"),
		languages: slices.Contains(words, "languages"), time: slices.Contains(words, "time"),
		clearable: slices.Contains(words, "clearable"), tier: slices.Contains(words, "tier"), oneOf: setOf(words),
	}
}

func setOf(words []string) Enum {
	for _, word := range words {
		if set, ok := strings.CutPrefix(word, "one of "); ok {
			return Enum(set)
		}
	}
	return ""
}

// value checks a tree against a type and returns what encodes to the type's
// JSON. The bool is false when the value is left out, with or without fault.
func (d *decoder) value(t reflect.Type, rules fieldRules, v *tree, path string) (any, bool) {
	d.places[strings.ToLower(path)] = place{v.pos, v.path}
	if v.kind == brokenTree {
		return nil, false
	}
	switch t {
	case reflect.TypeFor[Text]():
		return d.text(v)
	case reflect.TypeFor[Markets]():
		return d.markets(v, path)
	case reflect.TypeFor[[]Image]():
		return d.images(v, path)
	case reflect.TypeFor[Image]():
		if rules.clearable && v.kind == scalarTree && v.tag == "!!str" && v.text == "" {
			return Image{}, true
		}
		return d.image(v)
	case reflect.TypeFor[CaptionedImage]():
		return d.captionedImage(v, path)
	case reflect.TypeFor[[]CaptionedImage]():
		return d.captionedImages(v, path)
	case reflect.TypeFor[MediaFile]():
		return d.video(v)
	case reflect.TypeFor[MsixPackage]():
		return d.msixPackage(v, path)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.value(t.Elem(), rules, v, path)
	case reflect.Struct:
		return d.structure(t, v, path)
	case reflect.Map:
		return d.mapping(t, rules, v, path)
	case reflect.Slice:
		return d.list(t, rules, v, path)
	case reflect.Bool:
		return d.boolean(v)
	case reflect.Int, reflect.Float64:
		return d.number(t.Kind(), v)
	case reflect.String:
		if rules.time && v.kind == scalarTree && v.tag == "!!timestamp" {
			return v.text, true
		}
		// To quote a value that would then be refused helps nobody.
		switch scalar := v.kind == scalarTree && v.tag != "!!str"; {
		case scalar && rules.tier && (v.tag == "!!int" || v.tag == "!!float"):
			d.fail(v, v.text+" is an amount, and the API takes price tiers", tierForms)
			return nil, false
		case scalar && rules.oneOf != "" && !slices.Contains(rules.oneOf.Values(), v.text):
			d.fail(v, quote(v.text)+" is not allowed", "Allowed: "+strings.Join(rules.oneOf.Values(), ", ")+".")
			return nil, false
		}
		text, ok := d.plainText(v, rules.codes)
		if ok {
			d.printable(v, text.(string))
		}
		return text, ok
	}
	panic("schema: no rule for the type " + t.String())
}

func (d *decoder) structure(t reflect.Type, v *tree, path string) (any, bool) {
	if v.kind != mappingTree {
		d.fail(v, "must be a mapping, not "+v.describe(), "Allowed fields: "+strings.Join(fieldNames(t), ", ")+".")
		return nil, false
	}
	result := map[string]any{}
	for _, f := range v.fields {
		field, known := fieldByName(t, f.key)
		if !known {
			d.unknownField(t, f)
			continue
		}
		if value, ok := d.value(field.Type, rulesOf(field), f.value, childPath(path, f.key)); ok {
			result[f.key] = value
		}
	}
	for field := range t.Fields() {
		name := field.Tag.Get("json")
		if !rulesOf(field).required {
			continue
		}
		if written := v.field(name); written == nil {
			d.fail(v, name+" is missing", "Write it: it cannot be left out.")
		} else if result[name] == "" {
			d.fail(written, name+" is empty", "Write it: it cannot be left out.")
			delete(result, name)
		}
	}
	return result, true
}

func (d *decoder) unknownField(t reflect.Type, f treeField) {
	allowed := fieldNames(t)
	if advice := fieldAdvice(t, f.key); advice != "" {
		d.failAt(f.pos, f.value.path, "unknown field "+quote(f.key), advice)
		return
	}
	d.failAt(f.pos, f.value.path, "unknown field "+quote(f.key), didYouMean(f.key, allowed)+"Allowed here: "+strings.Join(allowed, ", ")+".")
}

// notWritten is the json tag of a field that no manifest writes.
const notWritten = "-"

// fieldNames are the manifest's names of a struct's fields, in their order.
func fieldNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		if name := field.Tag.Get("json"); name != notWritten {
			names = append(names, name)
		}
	}
	return names
}

func fieldByName(t reflect.Type, name string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		if field.Tag.Get("json") == name && name != notWritten {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

var mapKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (d *decoder) mapping(t reflect.Type, rules fieldRules, v *tree, path string) (any, bool) {
	if v.kind != mappingTree {
		d.fail(v, "must be a mapping, not "+v.describe(), "Write one \"key: value\" line for each entry.")
		return nil, false
	}
	if rules.languages {
		v = d.uniqueLanguages(v)
	}
	result := map[string]any{}
	d.holed[strings.ToLower(path)] = v.holed
	for _, f := range v.fields {
		if !mapKey.MatchString(f.key) {
			d.failAt(f.pos, f.value.path, "bad key "+quote(f.key), "A key has 1 to 64 letters A-Z a-z, digits, _ and -.")
			continue
		}
		if rules.languages {
			d.language = f.key
			d.sources.perLanguage.languages[strings.ToLower(f.key)] = f.key
		}
		if value, ok := d.value(t.Elem(), rules, f.value, childPath(path, f.key)); ok {
			result[f.key] = value
		}
		if rules.languages {
			d.language = ""
		}
	}
	return result, true
}

func (d *decoder) list(t reflect.Type, rules fieldRules, v *tree, path string) (any, bool) {
	if v.kind != listTree {
		d.fail(v, "must be a list, not "+v.describe(), "Write [a, b], or one \"- a\" line for each element.")
		return nil, false
	}
	result := []any{}
	for _, item := range v.items {
		if value, ok := d.value(t.Elem(), rules, item, fmt.Sprintf("%s[%d]", path, len(result))); ok {
			result = append(result, value)
		}
	}
	return result, d.kept(path, len(result), len(result) == len(v.items))
}

// kept reports whether a list is to be judged. One of which an item was left out
// is, for the sake of the others; no command goes on with it.
func (d *decoder) kept(path string, items int, complete bool) bool {
	if !complete {
		d.holed[strings.ToLower(path)] = true
	}
	return complete || items > 0
}

func (d *decoder) boolean(v *tree) (any, bool) {
	if v.kind == scalarTree && v.tag == "!!bool" {
		return strings.EqualFold(v.text, "true"), true
	}
	d.fail(v, "must be true or false, not "+v.describe(), "Write true or false, without quotes.")
	return nil, false
}
