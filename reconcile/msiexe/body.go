package msiexe

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// body is a request body in the making, with the places whose values are
// filled in while applying.
type body struct {
	target plan.State
	fill   []string
}

// value is what stands in the body for a path of the target: the value, or a
// placeholder when it is sensitive. pointer is its place in the body.
func (b *body) value(pointer string, path plan.Path, kind plan.Type) json.RawMessage {
	value, ok := b.target[path]
	switch {
	case ok && value.Sensitive:
		return b.placeholder(pointer, "${value:"+string(path)+"}")
	case ok:
		return value.JSON
	case kind == plan.List || kind == plan.Set:
		return json.RawMessage("[]")
	}
	return json.RawMessage(`""`)
}

// placeholder stands for a value that is known while applying only.
func (b *body) placeholder(pointer, text string) json.RawMessage {
	if !slices.Contains(b.fill, pointer) {
		b.fill = append(b.fill, pointer)
	}
	return encode(text)
}

// rowsOf says how an array of objects is addressed by paths.
type rowsOf struct {
	identity string
	// defaults are the fields of a row that the Store does not have yet.
	defaults object
}

func featureRows() rowsOf {
	return rowsOf{fieldHardwareType, object{"isRequired": []byte("false"), "isRecommended": []byte("false")}}
}

func requirementRows() rowsOf {
	return rowsOf{fieldHardwareType, object{"minimumRequirement": []byte(`""`), "recommendedRequirement": []byte(`""`)}}
}

func scenarioRows() rowsOf { return rowsOf{"errorScenario", object{}} }

// rows is a whole array: the live rows, unknown fields included and duplicates
// collapsed, with the values at paths in them. A path is prefix.identity.field,
// or prefix.identity where a row has one field, named by only.
func (b *body) rows(spec rowsOf, pointer string, prefix plan.Path, live []object, paths []plan.Path, only string) json.RawMessage {
	rows := collapseRows(live, spec.identity)
	for _, path := range sorted(paths) {
		rest := strings.TrimPrefix(string(path), string(prefix)+".")
		identity, name, _ := strings.Cut(rest, ".")
		kind := plan.Scalar
		if only != "" {
			name, kind = only, plan.List
		}
		i := slices.IndexFunc(rows, func(row object) bool { return row.text(spec.identity) == identity })
		if i < 0 {
			i = len(rows)
			rows = append(rows, spec.defaults.with(spec.identity, encode(identity)))
		}
		rows[i] = rows[i].with(name, b.value(pointer+"/"+strconv.Itoa(i)+"/"+name, path, kind))
	}
	if rows == nil {
		rows = []object{}
	}
	return encode(rows)
}

// requirements is the whole array of a listing's hardware requirements. A row
// that the Store has keeps the fields this package does not know.
func requirements(wanted plan.Value, live []object) json.RawMessage {
	var rows []schema.Requirement
	if err := json.Unmarshal(wanted.JSON, &rows); err != nil || len(rows) == 0 {
		return json.RawMessage("[]")
	}
	sent := make([]object, len(rows))
	for i, row := range rows {
		sent[i] = object{"minimumHardware": encode(row.MinimumHardware), "recommendedHardware": encode(row.RecommendedHardware)}
		for _, other := range live {
			if other.text("minimumHardware") == row.MinimumHardware && other.text("recommendedHardware") == row.RecommendedHardware {
				sent[i] = other
				break
			}
		}
	}
	return encode(sent)
}
