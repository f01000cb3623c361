package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
)

// TestJSONIsHarmless: a document says what it said, and nothing in it acts on a
// terminal.
func TestJSONIsHarmless(t *testing.T) {
	plan := hostilePlan(t)
	plan.Products[0].Notices = append(plan.Products[0].Notices, reconcile.Notice{Text: "\u009b2J\u007f\u202egnp\u2066\U000e0041 für 日本 👩\u200d💻 </script>"})
	if err := plan.Seal(); err != nil {
		t.Fatal(err)
	}
	var printed bytes.Buffer
	if err := writeJSON(&printed, plan); err != nil {
		t.Fatal(err)
	}
	wantHarmless(t, printed.String())
	for _, text := range []string{`\u009b2J\u007f\u202egnp\u2066\udb40\udc41 für 日本`, "👩\u200d💻 </script>"} {
		if !strings.Contains(printed.String(), text) {
			t.Errorf("%s is not in it", text)
		}
	}
	var read reconcile.Plan
	if err := json.Unmarshal(printed.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plan.Products[0].Notices, read.Products[0].Notices); diff != "" {
		t.Errorf("(-printed +read):\n%s", diff)
	}
	if _, err := reconcile.ReadPlan(&printed); err != nil {
		t.Errorf("what was printed is no plan any more: %v", err)
	}
}
