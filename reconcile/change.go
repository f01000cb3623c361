package reconcile

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
}
