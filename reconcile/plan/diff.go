package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// SensitiveJSON stands for both sides of a sensitive value.
var SensitiveJSON = json.RawMessage(`"(sensitive)"`)

// Diff lists the differences between two states, sorted by path. An internal
// panic of the comparison becomes an error, so that no plan is half made.
func Diff(observed, target State) (changes []Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("compare states: internal error: %v", p)
		}
	}()
	collector := &pathCollector{}
	cmp.Equal(withoutEmpty(observed), withoutEmpty(target), equalities(), cmp.Reporter(collector))
	for _, path := range slices.Sorted(slices.Values(collector.paths)) {
		changes = append(changes, ChangeOf(path, observed[path], target[path]))
	}
	return changes, nil
}

// equalities are the rules by which two values of one path are the same. A
// sensitive value cannot be looked at and mended, so that a harmless rewriting
// of it is no difference.
func equalities() cmp.Option {
	return cmp.Comparer(func(a, b Value) bool {
		if a.Sensitive || b.Sensitive {
			a, b = Canonical(a), Canonical(b)
		}
		return DigestOf(a) == DigestOf(b)
	})
}

// foldLines makes texts alike that differ in their line ends only: the Store may
// answer CRLF and drop a final line break.
func foldLines(s string) string {
	return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// withoutEmpty drops empty values: the Store answers an unset text as absent,
// an unset list as [], and a manifest clears both with an empty value.
func withoutEmpty(s State) State {
	kept := maps.Clone(s)
	maps.DeleteFunc(kept, func(_ Path, v Value) bool { return v.Empty() })
	return kept
}

// pathCollector is a cmp reporter that keeps the keys of unequal map entries.
type pathCollector struct {
	steps cmp.Path
	paths []Path
}

func (c *pathCollector) PushStep(step cmp.PathStep) { c.steps = append(c.steps, step) }
func (c *pathCollector) PopStep()                   { c.steps = c.steps[:len(c.steps)-1] }

func (c *pathCollector) Report(result cmp.Result) {
	if result.Equal() {
		return
	}
	for _, step := range c.steps {
		if entry, ok := step.(cmp.MapIndex); ok {
			c.paths = append(c.paths, Path(entry.Key().String()))
			return
		}
	}
}

func ChangeOf(path Path, before, after Value) Change {
	change := Change{Path: path, Action: ActionUpdate, Type: after.Type, Before: before.JSON, After: after.JSON}
	if change.Type == "" {
		change.Type = before.Type
	}
	if before.Empty() {
		change.Action, change.Before = ActionCreate, nil
	}
	if before.Sensitive || after.Sensitive {
		change = masked(change)
	}
	return change
}

func masked(change Change) Change {
	change.Sensitive = true
	if change.Before != nil {
		change.Before = SensitiveJSON
	}
	if change.After != nil {
		change.After = SensitiveJSON
	}
	return change
}

// Removals is one change for each removed group that is live, with everything
// in it as one object.
func Removals(observed State, remove []Path) []Change {
	var changes []Change
	for _, group := range remove {
		if before := ValuesUnder(observed, group); len(before) > 0 {
			changes = append(changes, Change{Path: group, Action: ActionDelete, Before: Encode(before)})
		}
	}
	return changes
}

// ValuesUnder is what is shown of a group of values that goes as a whole: the
// values by what their paths have below the group, which is "" for everything.
func ValuesUnder(s State, group Path) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for path, value := range s {
		if value.Empty() || group != "" && !path.Under(group) {
			continue
		}
		name := string(path)
		if group != "" {
			name = strings.TrimPrefix(name, string(group)+".")
		}
		values[name] = value.JSON
		if value.Sensitive {
			values[name] = SensitiveJSON
		}
	}
	return values
}
