package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// JSONSchema is the JSON Schema (draft 2020-12) of one manifest document, for
// editors. It is made of the types and facts that Load and Validate use. It
// accepts every document that they accept, and is strict about fields, types,
// closed value sets, counts and lengths. What it cannot say is left to
// Validate: files, values that are put together from variables, and how
// documents refer to one another.
func JSONSchema() []byte {
	b := &schemaBuilder{facts: fieldFactsOf(), root: &jsonSchema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: "storesync manifest", Type: "object",
		Description: "What is wanted of one product in the Microsoft Store.", Defs: map[string]*jsonSchema{},
	}}
	b.shared()
	b.document()
	content, err := json.MarshalIndent(b.root, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("schema: write the JSON Schema: %v", err)) // it holds nothing that cannot be written
	}
	return append(content, '\n')
}

// jsonSchema is the part of JSON Schema that manifests need. Descriptions may
// stand beside $ref in this draft.
type jsonSchema struct {
	Schema               string                 `json:"$schema,omitempty"`
	Ref                  string                 `json:"$ref,omitempty"`
	Title                string                 `json:"title,omitempty"`
	Description          string                 `json:"description,omitempty"`
	Type                 string                 `json:"type,omitempty"`
	Const                json.RawMessage        `json:"const,omitempty"`
	Enum                 []string               `json:"enum,omitempty"`
	Pattern              string                 `json:"pattern,omitempty"`
	MinLength            int                    `json:"minLength,omitempty"`
	MaxLength            int                    `json:"maxLength,omitempty"`
	Minimum              *float64               `json:"minimum,omitempty"`
	ExclusiveMinimum     *float64               `json:"exclusiveMinimum,omitempty"`
	Maximum              *float64               `json:"maximum,omitempty"`
	Items                *jsonSchema            `json:"items,omitempty"`
	MinItems             int                    `json:"minItems,omitempty"`
	MaxItems             int                    `json:"maxItems,omitempty"`
	UniqueItems          bool                   `json:"uniqueItems,omitempty"`
	Properties           map[string]*jsonSchema `json:"properties,omitempty"`
	Required             []string               `json:"required,omitempty"`
	PropertyNames        *jsonSchema            `json:"propertyNames,omitempty"`
	AdditionalProperties *additional            `json:"additionalProperties,omitempty"`
	MinProperties        int                    `json:"minProperties,omitempty"`
	MaxProperties        int                    `json:"maxProperties,omitempty"`
	AnyOf                []*jsonSchema          `json:"anyOf,omitempty"`
	AllOf                []*jsonSchema          `json:"allOf,omitempty"`
	If                   *jsonSchema            `json:"if,omitempty"`
	Then                 *jsonSchema            `json:"then,omitempty"`
	Else                 *jsonSchema            `json:"else,omitempty"`
	Defs                 map[string]*jsonSchema `json:"$defs,omitempty"`
}

// additional is what a mapping may hold beside its properties.
type additional struct{ schema *jsonSchema }

// MarshalJSON writes false where nothing is allowed.
func (a *additional) MarshalJSON() ([]byte, error) {
	if a.schema == nil {
		return []byte("false"), nil
	}
	return json.Marshal(a.schema)
}

func constant(value string) *jsonSchema { return &jsonSchema{Const: json.RawMessage(value)} }

func constantText(text string) *jsonSchema {
	quoted, _ := json.Marshal(text) // a string can always be written
	return constant(string(quoted))
}

func reference(name string) *jsonSchema { return &jsonSchema{Ref: "#/$defs/" + name} }

func anyOf(schemas ...*jsonSchema) *jsonSchema { return &jsonSchema{AnyOf: schemas} }

// schemaBuilder makes the schema of a manifest from Go types.
type schemaBuilder struct {
	root  *jsonSchema
	facts map[reflect.Type]map[string]fieldFacts
}

// document is the schema of one whole manifest.
func (b *schemaBuilder) document() {
	b.root.Properties = map[string]*jsonSchema{
		"apiVersion": {Description: "The version of the format.", Enum: []string{APIVersion}},
		"kind":       {Description: "What the manifest describes, and thereby which fields spec has.", Enum: kindNames()},
		"metadata":   b.metadata(),
		"spec":       {Type: "object", Description: "What is wanted. What is not written is left alone in the Store."},
	}
	b.root.Required = headerFields
	b.root.AdditionalProperties = &additional{}
	absent := &jsonSchema{
		Properties: map[string]*jsonSchema{"metadata": {Properties: map[string]*jsonSchema{"state": constantText(StateAbsent)}, Required: []string{"state"}}},
	}
	for _, kind := range []struct {
		kind     Kind
		spec     reflect.Type
		identity []string
	}{
		{MsiExeAppKind, reflect.TypeFor[MsiExeApp](), nil},
		{MsixAppKind, reflect.TypeFor[MsixApp](), nil},
		{AddOnKind, reflect.TypeFor[AddOn](), addOnIdentityFields()},
		{PackageFlightKind, reflect.TypeFor[PackageFlight](), flightIdentityFields()},
	} {
		b.structure(kind.spec)
		then := specIs(reference(kind.spec.Name()))
		if kind.kind.mayBeAbsent() {
			b.root.Defs[kind.spec.Name()].AnyOf = findable(kind.identity)
			b.root.Defs["Absent"+kind.spec.Name()] = b.absent(kind.spec, kind.identity)
			then = &jsonSchema{If: absent, Then: specIs(reference("Absent" + kind.spec.Name())), Else: then}
		} else {
			then.Properties["metadata"] = &jsonSchema{Properties: map[string]*jsonSchema{"state": constantText(StatePresent)}}
		}
		b.root.AllOf = append(b.root.AllOf, &jsonSchema{
			If:   &jsonSchema{Properties: map[string]*jsonSchema{"kind": constantText(string(kind.kind))}, Required: []string{"kind"}},
			Then: then,
		})
	}
}

func specIs(s *jsonSchema) *jsonSchema {
	return &jsonSchema{Properties: map[string]*jsonSchema{"spec": s}}
}

// findable demands the id or the name, the second and third field of what finds
// a product.
func findable(identity []string) []*jsonSchema {
	return []*jsonSchema{{Required: []string{identity[1]}}, {Required: []string{identity[2]}}}
}

// absent is the spec of a product that is to be deleted: of what does not find
// it, only the names are looked at.
func (b *schemaBuilder) absent(spec reflect.Type, identity []string) *jsonSchema {
	whole := b.root.Defs[spec.Name()]
	s := &jsonSchema{
		Type: "object", Description: "A product that is to be deleted.", Properties: map[string]*jsonSchema{},
		Required: whole.Required, AdditionalProperties: &additional{}, AnyOf: whole.AnyOf,
	}
	for name, field := range whole.Properties {
		s.Properties[name] = &jsonSchema{Description: field.Description}
		if slices.Contains(identity, name) {
			s.Properties[name] = field
		}
	}
	return s
}

func (b *schemaBuilder) metadata() *jsonSchema {
	s := b.structure(reflect.TypeFor[Metadata]())
	properties := b.root.Defs["Metadata"].Properties
	// These three are read as they stand there, without placeholders.
	properties["state"] = &jsonSchema{Description: properties["state"].Description, Enum: []string{StatePresent, StateAbsent}}
	properties["protect"].Items = &jsonSchema{Enum: EnumGuard.Values()}
	properties["labels"].PropertyNames = &jsonSchema{Pattern: labelKey.String()}
	return s
}

// structure is a reference to the schema of a struct, which is made once.
func (b *schemaBuilder) structure(t reflect.Type) *jsonSchema {
	if _, done := b.root.Defs[t.Name()]; done {
		return reference(t.Name())
	}
	s := &jsonSchema{Type: "object", Properties: map[string]*jsonSchema{}, AdditionalProperties: &additional{}}
	b.root.Defs[t.Name()] = s
	for _, name := range fieldNames(t) {
		field, _ := fieldByName(t, name)
		facts, tags := b.facts[t][name], rulesOf(field)
		property := b.value(field.Type, facts, tags)
		property.Description = facts.about
		s.Properties[name] = property
		if tags.required {
			s.Required = append(s.Required, name)
		}
	}
	if t == reflect.TypeFor[Rollout]() {
		s.MinProperties, s.MaxProperties = 1, 1
	}
	return reference(t.Name())
}

// value is the schema of a value of a type, by the same rules as the decoder's.
func (b *schemaBuilder) value(t reflect.Type, facts fieldFacts, tags fieldRules) *jsonSchema {
	switch t {
	case reflect.TypeFor[Text]():
		return anyOf(append(facts.text(true), reference("textSource"))...)
	case reflect.TypeFor[Markets]():
		return reference("markets")
	case reflect.TypeFor[CaptionedImage]():
		return anyOf(reference("path"), b.structure(t))
	case reflect.TypeFor[Image](), reflect.TypeFor[MediaFile]():
		if tags.clearable {
			return anyOf(reference("path"), &jsonSchema{Const: json.RawMessage(`""`)})
		}
		return reference("path")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.value(t.Elem(), facts, tags)
	case reflect.Struct:
		return b.structure(t)
	case reflect.Map:
		names := facts.keys
		if names == nil {
			names = &jsonSchema{Pattern: mapKey.String()}
		}
		return &jsonSchema{Type: "object", PropertyNames: names, AdditionalProperties: &additional{b.value(t.Elem(), facts, tags)}, MinProperties: facts.least}
	case reflect.Slice:
		facts.inList = true
		return &jsonSchema{Type: "array", Items: b.value(t.Elem(), facts, tags), MinItems: facts.least, MaxItems: facts.most, UniqueItems: facts.unique}
	case reflect.Bool:
		if facts.onlyTrue {
			return constant("true")
		}
		return &jsonSchema{Type: "boolean"}
	case reflect.Int:
		return &jsonSchema{Type: "integer", Minimum: new(float64(1))}
	case reflect.Float64:
		return &jsonSchema{Type: "number", ExclusiveMinimum: new(float64(0)), Maximum: new(float64(100))}
	case reflect.String:
		if facts.ref != "" {
			return reference(facts.ref)
		}
		if alternatives := facts.text(false); len(alternatives) > 1 {
			return anyOf(alternatives...)
		}
		return facts.text(false)[0]
	}
	panic("schema: no JSON Schema for the type " + t.String())
}

// shared are the definitions that no Go type stands for.
func (b *schemaBuilder) shared() {
	b.root.Defs["placeholder"] = &jsonSchema{Type: "string", Description: "A text with ${var:name} or ${lang} in it.", Pattern: `\$\{`}
	b.root.Defs["path"] = &jsonSchema{Type: "string", Description: "A path relative to the manifest's file, with forward slashes.", MinLength: 1}
	b.root.Defs["name"] = &jsonSchema{Type: "string", MinLength: 1}
	b.root.Defs["textSource"] = anyOf(
		&jsonSchema{Type: "object", Required: []string{"file"}, AdditionalProperties: &additional{}, Properties: map[string]*jsonSchema{
			"file":     {Ref: "#/$defs/path", Description: "The text is the content of this file."},
			"optional": {Type: "boolean", Description: "While the file is missing, the field counts as not written."},
		}},
		&jsonSchema{Type: "object", Required: []string{"env"}, AdditionalProperties: &additional{}, Properties: map[string]*jsonSchema{
			"env": {Type: "string", Description: "The text is this environment variable: STORE_*, or a name given by --env-allow. It is never shown.", MinLength: 1},
		}},
	)
	b.root.Defs["market"] = anyOf(&jsonSchema{Enum: MarketCodes()}, reference("placeholder"))
	list := &jsonSchema{Type: "array", Items: reference("market"), UniqueItems: true}
	some := *list
	some.MinItems = 1
	b.root.Defs["markets"] = anyOf(&some, &jsonSchema{
		Type: "object", Required: []string{"all"}, AdditionalProperties: &additional{},
		Properties: map[string]*jsonSchema{"all": constant("true"), "except": list},
	})
	b.root.Defs["msiExeLanguage"] = languageNames(MsiExeLanguages(), `|[Aa][Rr](-[A-Za-z0-9_-]*)?`)
	b.root.Defs["msixLanguage"] = languageNames(MsixLanguages(), "")
	b.root.Defs["listingOfMsiExe"] = anyOf(constantText(baseLanguage), reference("msiExeLanguage"))
	b.root.Defs["listingOfMsix"] = anyOf(constantText(baseLanguage), reference("msixLanguage"))
}

// languageNames offers the codes as the Store spells them, and takes them in any
// other letters too.
func languageNames(codes []string, more string) *jsonSchema {
	var pattern strings.Builder
	for i, code := range codes {
		if i > 0 {
			pattern.WriteString("|")
		}
		for _, r := range code {
			upper, lower := strings.ToUpper(string(r)), strings.ToLower(string(r))
			if upper == lower {
				pattern.WriteString(upper)
			} else {
				pattern.WriteString("[" + upper + lower + "]")
			}
		}
	}
	return anyOf(&jsonSchema{Enum: codes}, &jsonSchema{Pattern: "^(" + pattern.String() + more + ")$"})
}
