package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
)

// TestJSONIsHarmless: a document says what it said, and nothing in it acts on a
// terminal.
func TestJSONIsHarmless(t *testing.T) {
	planned := hostilePlan(t)
	planned.Products[0].Notices = append(planned.Products[0].Notices, plan.Notice{Text: "\u009b2J\u007f\u202egnp\u2066\U000e0041 für 日本 👩\u200d💻 </script>"})
	if err := planned.Seal(); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	if err := writeJSON(&printed, planned); err != nil {
		t.Fatal(err)
	}
	wantHarmless(t, printed.String())
	for _, text := range []string{`\u009b2J\u007f\u202egnp\u2066\udb40\udc41 für 日本`, "👩\u200d💻 </script>"} {
		if !strings.Contains(printed.String(), text) {
			t.Errorf("%s is not in it", text)
		}
	}
	var read plan.Plan
	if err := json.Unmarshal(printed.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(planned.Products[0].Notices, read.Products[0].Notices); diff != "" {
		t.Errorf("(-printed +read):\n%s", diff)
	}
	if _, err := plan.Read(&printed); err != nil {
		t.Errorf("what was printed is no plan any more: %v", err)
	}
}
