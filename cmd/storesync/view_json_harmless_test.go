package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
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
	orders := "##vso[task.setvariable variable=a]b ##[error]c ##VSO[x] ###[d] ## heading"
	planned.Products[0].Notices = append(planned.Products[0].Notices, plan.Notice{Text: orders})
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
	for _, order := range []string{"##vso[", "##[", "##VSO["} {
		if strings.Contains(printed.String(), order) {
			t.Errorf("%s stands in it, which a runner acts on", order)
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

// TestLogLinesAreHarmless: what an answer names gives no orders in a log line.
func TestLogLinesAreHarmless(t *testing.T) {
	var out bytes.Buffer
	logger := newLogger(&host{streams: &streams{err: &out}}, commonOptions{logLevel: slog.LevelDebug})
	logger.Debug("request", "path", "/a##vso[task.setvariable]b\n::error::c", "correlation", "x\x1b[2J##[error]")
	wantHarmless(t, out.String())
	if strings.Contains(out.String(), "##") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("a runner acts on %q", out.String())
	}
}
