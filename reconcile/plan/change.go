package plan

import "encoding/json"

// Action is what happens to one path.
type Action string

// The actions. ActionReport changes nothing: it says what cannot be known or done.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update"
	ActionDelete Action = "delete"
	ActionReport Action = "report"
)

// Guard names a change that apply refuses unless it is allowed by name.
type Guard string

// The guards.
const (
	GuardRemoveLanguage   Guard = "remove-language"
	GuardRemoveMarket     Guard = "remove-market"
	GuardRemovePackage    Guard = "remove-package"
	GuardDropArchitecture Guard = "drop-architecture"
	GuardRemoveImages     Guard = "remove-images"
	GuardPriceChange      Guard = "price-change"
	GuardVisibilityChange Guard = "visibility-change"
	GuardForeignEdits     Guard = "foreign-edits"
	GuardReplaceDraft     Guard = "replace-draft"
	GuardVersionDowngrade Guard = "version-downgrade"
	GuardMassChange       Guard = "mass-change"
	GuardDeleteAddOn      Guard = "delete-add-on"
	GuardDeleteFlight     Guard = "delete-flight"
	GuardHaltRollout      Guard = "halt-rollout"
	GuardLossyRewrite     Guard = "lossy-rewrite"
)

// Paths that the engine itself knows.
const (
	// PathDraft stands for a draft of somebody else as a whole.
	PathDraft Path = "draft"
	// PathProduct stands for the product itself, which an absent manifest deletes.
	PathProduct Path = "product"
	// PathRollout is above the steps of a gradual rollout, which act on what is
	// published without a submission: rollout.percentage, rollout.halted and
	// rollout.finalized.
	PathRollout Path = "rollout"
	// PathPercentage is the one step of a rollout that leaves it running.
	PathPercentage = PathRollout + ".percentage"
)

// Change is one difference between the live product and the target.
type Change struct {
	Path   Path   `json:"path"`
	Action Action `json:"action"`
	// Type says how Before and After are read; "" for a removed group of
	// values (a language, a package), whose Before is an object.
	Type Type `json:"type,omitempty"`
	// Before and After are canonical JSON; a sensitive value is the string
	// "(sensitive)" on both sides.
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	// Reason says why the change is there or what it sets off.
	Reason    string  `json:"reason,omitempty"`
	Sensitive bool    `json:"sensitive,omitempty"`
	Guards    []Guard `json:"guards,omitempty"`
	// Origin says which side moved, as far as the record tells; it is for
	// views, and not part of the hash.
	Origin Origin `json:"origin,omitempty"`
}

// IsRemoval reports whether a change takes a group of values away as a whole.
func (c Change) IsRemoval() bool { return c.Type == "" && c.Action == ActionDelete }

// PathsOf are the paths of changes, in their order.
func PathsOf(changes []Change) []Path {
	var paths []Path
	for _, c := range changes {
		paths = append(paths, c.Path)
	}
	return paths
}

// Origin says which side made a difference: the values that storesync last
// applied, as the record remembers them, are compared with both. "" means that
// the record does not tell.
type Origin string

// The origins.
const (
	// OriginStore: changed in the Store since the last apply; the manifest
	// says what was applied.
	OriginStore Origin = "store"
	// OriginManifest: the manifest says something that was not applied yet; the
	// Store has what was applied.
	OriginManifest Origin = "manifest"
	// OriginBoth: both differ from what was applied.
	OriginBoth Origin = "both"
)

// Label is the origin in words, as views show it.
func (o Origin) Label() string {
	switch o {
	case OriginStore:
		return "changed in the Store"
	case OriginManifest:
		return "not applied yet"
	case OriginBoth:
		return "both"
	}
	return "unknown origin"
}
