package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
)

// hostilePlan is the golden plan full of texts that would do harm.
func hostilePlan(t *testing.T) *plan.Plan {
	t.Helper()
	content, err := os.ReadFile("testdata/plan/hostile/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	var plan plan.Plan
	if err := json.Unmarshal(content, &plan); err != nil {
		t.Fatal(err)
	}
	if err := plan.Seal(); err != nil {
		t.Fatal(err)
	}
	return &plan
}

// A plan file may come from anywhere: nothing in it reaches the terminal as it
// is.
func TestShowOfAHostilePlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := reconcile.SavePlan(hostilePlan(t), file); err != nil {
		t.Fatal(err)
	}
	h, out, stderr := testHost()
	if code := run([]string{"storesync", "show", file}, h); code != 0 || out.Len() == 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	wantHarmless(t, out.String()+stderr.String())
}

func TestHumanDriftOfAHostilePlan(t *testing.T) {
	planned := hostilePlan(t)
	all := []plan.Origin{plan.OriginStore, plan.OriginManifest, plan.OriginBoth, ""}
	n := 0
	for i := range planned.Products {
		planned.Products[i].Running = &plan.Submission{ID: "\x1b[2J", Status: "\u202egnp"}
		for j := range planned.Products[i].Changes {
			planned.Products[i].Changes[j].Origin = all[n%len(all)]
			n++
		}
	}
	text := humanDrift(planned, look{width: 80})
	for _, title := range []string{"Changed in the Store:", "Not applied yet:", "Changed on both sides:", "Differs, origin unknown:"} {
		if !strings.Contains(text, title) {
			t.Errorf("nothing stands under %q:\n%s", title, text)
		}
	}
	wantHarmless(t, text)
}

func wantHarmless(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && needsEscape(r) {
			t.Errorf("%q at %d: …%q", r, i, text[max(0, i-40):min(len(text), i+40)])
		}
	}
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
}

// Plans with bytes that are not storesync's show harmlessly, too: a forger can
// seal anything.
func TestViewsOfForgedPlans(t *testing.T) {
	content, err := json.Marshal(hostilePlan(t))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	shown := 0
	for range 2000 {
		forged := bytes.Clone(content)
		for range 1 + random.IntN(3) {
			forged[random.IntN(len(forged))] = byte(random.IntN(256))
		}
		var plan plan.Plan
		if json.Unmarshal(forged, &plan) != nil {
			continue
		}
		shown++
		wantHarmless(t, humanPlan(&plan, look{width: 80}))
		wantHarmless(t, humanDrift(&plan, look{width: 80}))
	}
	if shown < 500 {
		t.Errorf("only %d plans could be shown", shown)
	}
}
