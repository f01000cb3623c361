package reconcile

import (
	"github.com/storesync/storesync/reconcile/plan"
)

// overlay lays what is desired over what is observed. Paths the manifest does
// not write are copied into the target, so that they are part of what is
// compared and sent instead of being filtered out of a difference later. A
// value that is not known yet (an unset environment variable) leaves what is
// observed.
func overlay(observed plan.State, desired *Desired) plan.State {
	target := plan.State{}
	for path, value := range observed {
		if !plan.UnderAny(path, desired.Remove) {
			target[path] = value
		}
	}
	for path, value := range desired.Set {
		if !value.Unknown {
			target[path] = value
		}
	}
	return target
}
