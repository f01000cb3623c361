package reconcile_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
)

// oldPlan is a saved plan of format 1.0, as a release wrote it. It is never
// written anew: what could be read once stays readable.
func oldPlan(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/saved/plan-1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestPlanOfFormat10IsRead(t *testing.T) {
	planned, err := plan.Read(bytes.NewReader(oldPlan(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := reconcile.PlanOptions{
		WriteMode: plan.WritePatch, Selection: plan.Selection{Folder: "store", Paths: []string{"."}},
		Allow: map[string][]plan.Guard{"MsiExeApp/contoso-reader": {plan.GuardRemoveLanguage, plan.GuardRemoveMarket}},
	}
	if diff := cmp.Diff(want, reconcile.PlanOptionsOf(planned)); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if n := len(planned.Products[0].Operations); n != 4 || !planned.Applyable {
		t.Errorf("%d operations, applyable %t", n, planned.Applyable)
	}
}

// resealed changes the kept plan's members and seals it anew, as somebody with
// another version, or with bad intent, could.
func resealed(t *testing.T, change func(members map[string]any)) []byte {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(oldPlan(t), &members); err != nil {
		t.Fatal(err)
	}
	change(members)
	delete(members, "digest")
	// Members are sorted and nothing is between them; no text has <, > or &.
	content, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	members["digest"] = hex.EncodeToString(sum[:])
	if content, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return content
}

func TestReadPlanRefuses(t *testing.T) {
	product := func(members map[string]any) map[string]any { return members["products"].([]any)[0].(map[string]any) }
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	tests := []struct {
		name    string
		content []byte
		class   plan.Class
		text    string
	}{
		{"nothing", nil, plan.ClassError, "not a plan of storesync"},
		{"no JSON", []byte("kind: MsiExeApp\n"), plan.ClassError, "not a plan of storesync"},
		{"another document", []byte(`{"name": "x"}`), plan.ClassError, "no format version"},
		{"a stream", append(oldPlan(t), oldPlan(t)...), plan.ClassError, "not a plan of storesync"},
		{"cut short", oldPlan(t)[:2000], plan.ClassError, "not a plan of storesync"},
		{"too large", bytes.Repeat([]byte(" "), 64<<20+1), plan.ClassError, "more than 67108864 bytes"},
		{"edited", bytes.Replace(oldPlan(t), []byte(`["US"]`), []byte(`["CN"]`), 1), plan.ClassRefused, "changed afterwards"},
		{"allowed by hand", bytes.Replace(oldPlan(t), []byte(`"remove-market"],"notices"`), []byte(`"remove-market","price-change"],"notices"`), 1), plan.ClassRefused, "changed afterwards"},
		{"without a digest", bytes.Replace(oldPlan(t), []byte(`"digest"`), []byte(`"digests"`), 1), plan.ClassRefused, "changed afterwards"},
		{"a newer major format", resealed(t, set("formatVersion", "2.0")), plan.ClassRefused, "it has format 2.0; this storesync reads 1.x"},
		{"no version", resealed(t, set("formatVersion", "new")), plan.ClassError, "no format version"},
		{"another shape", resealed(t, set("products", "none")), plan.ClassError, "not a plan of storesync"},
		{"a guard that is none", resealed(t, func(m map[string]any) { product(m)["blocked"] = []any{"\x1b[2Jx"} }), plan.ClassError, "blocked[0] is not a word"},
		{"a hash that is none", resealed(t, func(m map[string]any) { product(m)["hash"] = "\u202e" }), plan.ClassError, "hash is not a SHA-256"},
		{"no address", resealed(t, func(m map[string]any) { delete(product(m), "address") }), plan.ClassError, "address is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := plan.Read(bytes.NewReader(test.content))
			wantError(t, err, test.class, test.text)
		})
	}
}

func TestReadPlanIgnoresWhatANewerMinorFormatAdds(t *testing.T) {
	content := resealed(t, func(m map[string]any) {
		m["formatVersion"] = "1.7"
		m["weather"] = "fine"
		m["products"].([]any)[0].(map[string]any)["operations"].([]any)[0].(map[string]any)["verb"] = "ponder"
	})
	plan, err := plan.Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if verb := plan.Products[0].Operations[0].Verb; verb != "ponder" {
		t.Errorf("verb is %q", verb)
	}
}

// Spacing and the order of members are nobody's edit.
func TestReadPlanTakesAPrettyDocument(t *testing.T) {
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, oldPlan(t), "", "\t"); err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Read(&pretty); err != nil {
		t.Error(err)
	}
}

func savedOf(t *testing.T, planned *plan.Plan) *plan.Plan {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := reconcile.SavePlan(planned, file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := plan.Read(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestSavedPlanIsReadAsItWas(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		plan := b.Plan(t, reconcile.PlanOptions{Submit: true, ReuploadImages: []string{"MsiExeApp/contoso-reader"}})
		if diff := cmp.Diff(plan, savedOf(t, plan)); diff != "" {
			t.Errorf("(-made +read):\n%s", diff)
		}
	})
}

func TestSaveReplacesAWholeFile(t *testing.T) {
	folder := t.TempDir()
	plan, err := plan.Read(bytes.NewReader(oldPlan(t)))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "-")
	if err := os.WriteFile(file, []byte(strings.Repeat("old ", 1e5)), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := reconcile.SavePlan(plan, file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(bytes.TrimSpace(content), bytes.TrimSpace(oldPlan(t))) {
		t.Errorf("the file is not the plan: %v\n%.200s", err, content)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := reconcile.SavePlan(plan, folder); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("saving over a folder: %v", err)
	}
	if err := reconcile.SavePlan(plan, filepath.Join(folder, "none", "plan.json")); err == nil {
		t.Error("saved into a folder that is not there")
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The same files and the same Store have the same hash in another folder, at
// another time, by another version, with another record.
func TestHashIsTheSameOnEveryMachine(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		manifest := backendtest.ReaderManifest(german + "    en-us: {screenshots: [images/1.png]}\n")
		manifest["images/1.png"] = backendtest.PNG(t, 1366, 768, 1)
		b.Write(t, manifest)
		other := *b
		repository := *b
		repository.Folder = t.TempDir()
		repository.Write(t, backendtest.Files{"storesync.yaml": nil}) // its root lies higher up
		other.Folder = filepath.Join(repository.Folder, "deeper", "elsewhere")
		other.Records = record.Files(filepath.Join(t.TempDir(), "records"))
		other.Write(t, manifest)
		first := b.Plan(t, reconcile.PlanOptions{})
		time.Sleep(26 * time.Hour)
		proposal, err := reconcile.New(reconcile.Options{
			Backends: backendtest.MsiExe(t, b.Emulator, true), Records: other.Records, Tool: "storesync v9",
		}).Plan(t.Context(), other.Load(t), reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		again := proposal.Plan
		if first.CreatedAt.Equal(again.CreatedAt) || first.Tool == again.Tool || first.Digest == again.Digest {
			t.Error("nothing is another on the other machine")
		}
		if first.Hash != again.Hash || first.Products[0].Hash != again.Products[0].Hash || first.Hash == "" {
			t.Errorf("hashes %s and %s", first.Hash, again.Hash)
		}
		allow := map[string][]plan.Guard{"": {plan.GuardRemoveMarket}}
		if allowed := b.Plan(t, reconcile.PlanOptions{Allow: allow}); allowed.Hash != first.Hash {
			t.Error("an allowance that nothing needs is part of the hash")
		}
		b.Write(t, backendtest.ReaderManifest(german+"    en-us: {screenshots: [images/1.png]}\n  availability: {markets: [DE]}\n"))
		if b.Plan(t, reconcile.PlanOptions{Allow: allow}).Hash == b.Plan(t, reconcile.PlanOptions{}).Hash {
			t.Error("an allowance that is needed is not part of the hash")
		}
		other.Write(t, backendtest.Files{"images/1.png": backendtest.PNG(t, 1366, 768, 2)})
		if moved := other.Plan(t, reconcile.PlanOptions{}); moved.Hash == first.Hash {
			t.Error("the content of an image is not part of the hash")
		}
	})
}

func TestExpect(t *testing.T) {
	one, two := "MsiExeApp/app-0", "MsiExeApp/app-1"
	good, bad := func(p *plan.Plan, address string) string {
		i := slices.IndexFunc(p.Products, func(p plan.Product) bool { return p.Address == address })
		return p.Products[i].Hash
	}, strings.Repeat("0", 64)
	tests := []struct {
		name     string
		expected func(p *plan.Plan) map[string]string
		left     []string
		whole    bool
		want     []reconcile.Outcome
	}{
		{"both fit", func(p *plan.Plan) map[string]string {
			return map[string]string{one: good(p, one), two: good(p, two)}
		}, nil, false, []reconcile.Outcome{reconcile.Submitted, reconcile.Submitted}},
		{"one moved", func(p *plan.Plan) map[string]string { return map[string]string{one: bad, two: good(p, two)} },
			nil, false, []reconcile.Outcome{reconcile.Refused, reconcile.Submitted}},
		{"one alone", func(p *plan.Plan) map[string]string { return map[string]string{one: good(p, one)} },
			[]string{two}, false, []reconcile.Outcome{reconcile.Submitted, reconcile.Skipped}},
		{"the whole", func(p *plan.Plan) map[string]string { return map[string]string{"": p.Hash} },
			nil, false, []reconcile.Outcome{reconcile.Submitted, reconcile.Submitted}},
		{"another whole", func(*plan.Plan) map[string]string { return map[string]string{"": bad} }, nil, true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := products(t, 2, func(int) string { return german })
				engine := b.Engine(t)
				proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptions{})
				if err != nil {
					t.Fatal(err)
				}
				left, err := proposal.Expect(test.expected(proposal.Plan))
				if test.whole {
					wantError(t, err, plan.ClassRefused, "the plan has the hash "+proposal.Plan.Hash+", expected was "+bad)
					return
				}
				if diff := cmp.Diff(test.left, left); diff != "" || err != nil {
					t.Errorf("left alone (-want +got): %v\n%s", err, diff)
				}
				report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{})
				if err != nil {
					t.Fatal(err)
				}
				var outcomes []reconcile.Outcome
				for _, result := range report.Products {
					outcomes = append(outcomes, result.Outcome)
					if result.Outcome == reconcile.Refused {
						wantError(t, result.Err, plan.ClassRefused, "the plan of MsiExeApp/app-0 has the hash")
					}
				}
				if diff := cmp.Diff(test.want, outcomes); diff != "" {
					t.Errorf("outcomes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What only one machine's record tells is not part of the hash.
func TestHashLeavesOutWhatTheRecordTells(t *testing.T) {
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.ReaderManifest(german))
		b.MustApply(t)
		edit(t, b, `{"listings": [{"language": "de-de", "whatsNew": "Neu."}]}`)
		knowing := b.Plan(t, reconcile.PlanOptions{})
		other := *b
		other.Records = record.Files(t.TempDir())
		unknowing := other.Plan(t, reconcile.PlanOptions{})
		if knowing.Products[0].Changes[0].Origin != plan.OriginStore || unknowing.Products[0].Changes[0].Origin != "" {
			t.Fatalf("origins %v and %v", knowing.Products[0].Changes, unknowing.Products[0].Changes)
		}
		if knowing.Hash != unknowing.Hash {
			t.Error("the hashes differ")
		}
	})
}

// Whatever a plan file holds, reading it never panics, and what is read can be
// saved and read again.
func FuzzReadPlan(f *testing.F) {
	old, err := os.ReadFile("testdata/saved/plan-1.0.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(old)
	f.Add([]byte(`{"formatVersion":"1.0","products":[null,{"changes":[null]}],"digest":""}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		planned, err := plan.Read(bytes.NewReader(content))
		if err != nil {
			return
		}
		if err := planned.Seal(); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(planned)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Read(bytes.NewReader(again)); err != nil {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}
