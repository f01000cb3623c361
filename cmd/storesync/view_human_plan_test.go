package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
)

var update = flag.Bool("update", false, "write the golden files of testdata/plan")

// goldens are the looks that a plan is rendered in. Every case has plan.txt;
// the others are checked where the file is there.
func goldens() map[string]look {
	return map[string]look{
		"plan.txt":       {width: 80},
		"plan.40.txt":    {width: 40},
		"plan.200.txt":   {width: 200},
		"plan.color.txt": {width: 80, color: true},
	}
}

// TestHumanPlan renders plan documents made by hand. Each case is a folder with
// plan.json, reason.txt and the expected texts; -update writes the latter.
func TestHumanPlan(t *testing.T) {
	folders, err := filepath.Glob("testdata/plan/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			reason := strings.TrimSpace(string(readFile(t, folder, "reason.txt")))
			if reason == "" {
				t.Fatal("reason.txt is empty: every case says what it is there for")
			}
			var plan reconcile.Plan
			if err := json.Unmarshal(readFile(t, folder, "plan.json"), &plan); err != nil {
				t.Fatal(err)
			}
			for name, l := range goldens() {
				checkGolden(t, filepath.Join(folder, name), humanPlan(&plan, l), reason)
			}
		})
	}
}

func checkGolden(t *testing.T, file, got, reason string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if os.IsNotExist(err) && filepath.Base(file) != "plan.txt" {
		return
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s\nreason: %s", file, diff, reason)
	}
}

func readFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
