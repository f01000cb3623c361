package plan

import "encoding/json"

// Effect is what an operation does to the product, in rising order of weight.
type Effect string

// The effects.
const (
	// EffectRead changes nothing.
	EffectRead Effect = "read"
	// EffectDraft changes the draft only; customers see nothing.
	EffectDraft Effect = "draft"
	// EffectPublish starts, or changes at once, what customers will see: a
	// submission, a step of a rollout.
	EffectPublish Effect = "publish"
	// EffectDestroy removes something that cannot be brought back.
	EffectDestroy Effect = "destroy"
)

// Verb is what the engine does with an operation. The engine knows verbs; it
// never knows which API is behind them.
type Verb string

// The verbs.
const (
	// VerbCall sends the request once.
	VerbCall Verb = "call"
	// VerbSubmit sends the request once, and a submission begins with it.
	VerbSubmit Verb = "submit"
	// VerbUpload sends one file to an address that an earlier call gave.
	VerbUpload Verb = "upload"
	// VerbWait polls until the draft is ready.
	VerbWait Verb = "wait"
	// VerbVerify reads back and compares with the target before anything
	// that cannot be undone.
	VerbVerify Verb = "verify"
)

// Operation is one HTTP request that apply will make, as data. Path (of an
// upload) and the strings of Body that Fill names may be placeholders, which
// are filled in while applying:
//
//	${op:ID/json/pointer}   from the output of an earlier operation
//	${value:PATH}           a sensitive value of the target state
//
// A placeholder is always the whole string and is replaced by the JSON value.
// A "${" anywhere else is somebody's text and stays as it is.
type Operation struct {
	// ID is deterministic and unique in its product, for example
	// metadata.de-de or assets.en-us.create.
	ID     string          `json:"id"`
	Verb   Verb            `json:"verb"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body,omitempty"`
	// Fill are the JSON pointers into Body whose strings are placeholders.
	Fill []string `json:"fill,omitempty"`
	// Uploads are the files whose bytes this operation sends.
	Uploads []Upload `json:"uploads,omitempty"`
	// Covers are the paths, or prefixes of them, that this operation writes
	// or reads back.
	Covers []Path `json:"covers,omitempty"`
	Effect Effect `json:"effect"`
	// Summary says in a few words what the request does and sets off, for
	// example "starts certification".
	Summary string `json:"summary"`
	// Unit groups operations that depend on each other's outputs and are redone
	// together after a crash, for example one language's images.
	Unit string `json:"unit,omitempty"`
	// Owes names operations that must follow before the product is whole
	// again: once this one was sent, a killed apply owes them, and the next
	// apply includes them even when nothing differs any more.
	Owes []string `json:"owes,omitempty"`
}

// Writes reports whether the operation changes anything at the Store.
func (o Operation) Writes() bool {
	return o.Verb == VerbCall || o.Verb == VerbSubmit || o.Verb == VerbUpload
}

// Submits reports whether a submission begins with the operation.
func (o Operation) Submits() bool { return o.Verb == VerbSubmit }

// Upload is one file that an operation sends.
type Upload struct {
	// Name is the workspace-relative file.
	Name string `json:"name"`
	// As is the file's name in the archive that it is sent in, for an API that
	// takes one archive; "" when the file is sent by itself.
	As     string `json:"as,omitempty"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}
