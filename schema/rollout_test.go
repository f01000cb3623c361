package schema

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRolloutIsRefusedOnce: validate judges what load has refused, too, and one
// mistake is told once.
func TestRolloutIsRefusedOnce(t *testing.T) {
	for rollout, want := range map[string]string{
		"{}":                 "no step is written; a rollout takes one",
		"{{}}":               "a key must be a plain text",
		"{percentage: abc}":  "must be a number, not a text",
		"{percentage: 1e1}":  `"1e1" is not a number`,
		"{halted: \"true\"}": "must be true or false, not a text",
		"{halted: false}":    "halted: false says nothing",
		"{steps: 1}":         `unknown field "steps"`,
		"10":                 "must be a mapping, not a number",
		"{percentage: 10.5}": "",
	} {
		for kind, head := range map[string]string{"app": "kind: MsixApp\nmetadata: {name: a}\nspec:\n  appId: 9NBLGGH4R315\n", "flight": "kind: PackageFlight\nmetadata: {name: a}\nspec:\n  app: 9NBLGGH4R315\n  friendlyName: Beta\n"} {
			root := t.TempDir()
			write(t, filepath.Join(root, "app.yaml"), "apiVersion: storesync/v1\n"+head+"  rollout: "+rollout+"\n")
			w, found := Load(t.Context(), LoadOptions{Paths: []string{filepath.Join(root, "app.yaml")}})
			got := ""
			for _, d := range append(found, Validate(w)...) {
				got += d.Summary
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", kind, rollout, diff)
			}
		}
	}
}
