package plan

import (
	_ "embed"
	"slices"
)

//go:embed plan_schema.json
var planSchema []byte

// Schema is the JSON Schema (draft 2020-12) of the plan document. It says
// what is in a document of this version's format; members that a newer minor
// version adds are allowed by it.
func Schema() []byte { return slices.Clone(planSchema) }
