package reconcile_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/storesync/storesync/reconcile/plan"
)

// node is what the test looks at in a JSON Schema.
type node struct {
	Ref                  string          `json:"$ref"`
	Type                 string          `json:"type"`
	Properties           map[string]node `json:"properties"`
	AdditionalProperties *node           `json:"additionalProperties"`
	Items                *node           `json:"items"`
	Required             []string        `json:"required"`
	Enum                 []string        `json:"enum"`
	Defs                 map[string]node `json:"$defs"`
}

func readPlanSchema(t *testing.T) node {
	t.Helper()
	var root node
	if err := json.Unmarshal(plan.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// The schema has the members that the Go types have, with their JSON types, and
// requires those that are always there.
func TestPlanSchemaIsThatOfTheTypes(t *testing.T) {
	root := readPlanSchema(t)
	walk := schemaWalk{t: t, defs: root.Defs, seen: map[string]bool{}}
	walk.object("plan", root, reflect.TypeFor[plan.Plan]())
	for name := range root.Defs {
		if !walk.seen[name] {
			t.Errorf("nothing refers to $defs/%s", name)
		}
	}
}

type schemaWalk struct {
	t    *testing.T
	defs map[string]node
	seen map[string]bool
}

// compare compares a schema with a Go type; where says which, for errors.
func (w schemaWalk) compare(where string, n node, of reflect.Type) {
	w.t.Helper()
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		if w.seen[name] {
			return
		}
		w.seen[name] = true
		where, n = "$defs/"+name, w.defs[name]
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	want := ""
	switch {
	case of == reflect.TypeFor[json.RawMessage]():
	case of == reflect.TypeFor[time.Time]():
		want = "string"
	default:
		want = map[reflect.Kind]string{
			reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer",
			reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object",
		}[of.Kind()]
	}
	if n.Type != want {
		w.t.Errorf("%s: the schema says %q, the Go type %s is %q", where, n.Type, of, want)
		return
	}
	switch {
	case want == "array":
		w.compare(where+"[]", *n.Items, of.Elem())
	case want == "object" && of.Kind() == reflect.Map:
		w.compare(where+".*", *n.AdditionalProperties, of.Elem())
	case want == "object":
		w.object(where, n, of)
	}
}

func (w schemaWalk) object(where string, n node, of reflect.Type) {
	w.t.Helper()
	members, required := map[string]reflect.Type{}, []string{}
	for field := range fieldsOf(of) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		members[name] = field.Type
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(members)), slices.Sorted(maps.Keys(n.Properties))); diff != "" {
		w.t.Errorf("%s: members (-%s +schema):\n%s", where, of, diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(required)), slices.Sorted(slices.Values(n.Required))); diff != "" && len(required)+len(n.Required) > 0 {
		w.t.Errorf("%s: required members (-%s +schema):\n%s", where, of, diff)
	}
	for name, member := range members {
		w.compare(where+"."+name, n.Properties[name], member)
	}
}

// fieldsOf are the fields as encoding/json sees them: those of an embedded
// struct stand beside the others.
func fieldsOf(of reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, field := range reflect.VisibleFields(of) {
			if !field.Anonymous && field.IsExported() && !yield(field) {
				return
			}
		}
	}
}

func TestPlanSchemaKnowsTheWords(t *testing.T) {
	defs := readPlanSchema(t).Defs
	words := func(def, member string) []string {
		n := defs[def]
		if member != "" {
			n = n.Properties[member]
		}
		return slices.Sorted(slices.Values(n.Enum))
	}
	var guards []string
	for _, guard := range plan.Guards() {
		guards = append(guards, string(guard))
	}
	var verdicts []string
	for _, verdict := range plan.Verdicts() {
		verdicts = append(verdicts, string(verdict))
	}
	tests := []struct {
		def, member string
		want        []string
	}{
		{"guard", "", guards},
		{"verdict", "", verdicts},
		{"change", "action", []string{"create", "delete", "report", "update"}},
		{"change", "type", []string{"images", "list", "scalar", "set", "text"}},
		{"change", "origin", []string{"both", "manifest", "store"}},
		{"operation", "effect", []string{"destroy", "draft", "publish", "read"}},
		{"operation", "verb", []string{"call", "submit", "upload", "verify", "wait"}},
		{"product", "draft", []string{"clean", "ours", "unknown"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(slices.Sorted(slices.Values(test.want)), words(test.def, test.member)); diff != "" {
			t.Errorf("%s.%s (-want +schema):\n%s", test.def, test.member, diff)
		}
	}
}

// A plan of the engine fits the schema, and a document that is none does not.
func TestPlanSchemaJudgesDocuments(t *testing.T) {
	var parsed jsonschema.Schema
	if err := json.Unmarshal(plan.Schema(), &parsed); err != nil {
		t.Fatal(err)
	}
	resolved, err := parsed.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(document string) error {
		var instance any
		if err := json.Unmarshal([]byte(document), &instance); err != nil {
			t.Fatal(err)
		}
		return resolved.Validate(instance)
	}
	good := string(oldPlan(t))
	if err := judge(good); err != nil {
		t.Errorf("the kept plan of format 1.0: %v", err)
	}
	for from, to := range map[string]string{
		`"action":"update"`:      `"action":"rewrite"`,
		`"formatVersion":"1.0"`:  `"formatVersion":"2.0"`,
		`"applyable":true`:       `"applyable":"yes"`,
		`"products":[`:           `"products":[7,`,
		`"effect":"publish"`:     `"effect":"maybe"`,
		`"endpoints":["`:         `"endpoint":["`,
		`"method":"PATCH"`:       `"method":null`,
		`"revision":"`:           `"revision":"z`,
		`"guards":["remove-mark`: `"guards":["remove-mart`,
	} {
		bad := strings.Replace(good, from, to, 1)
		if bad == good {
			t.Errorf("the kept plan does not hold %s", from)
		} else if judge(bad) == nil {
			t.Errorf("%s in place of %s: no error", to, from)
		}
	}
}
