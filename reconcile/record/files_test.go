package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

var contoso = Key{Endpoint: "https://api.store.microsoft.com", Account: "123456892", Product: "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"}

func TestFileRecordsKeepWhatTheyAreGiven(t *testing.T) {
	records := Files(filepath.Join(t.TempDir(), "records"))
	if got, err := records.Load(t.Context(), contoso); err != nil || got != nil {
		t.Fatalf("no record yet: got %v, %v", got, err)
	}
	want := &Record{Format: Format, Key: contoso,
		Published: &provenance.Snapshot{Marks: map[plan.Path]plan.Mark{"listings.en.description": "ab"}, Unread: []plan.Path{"packages"}},
		Draft:     &Draft{Before: &provenance.Snapshot{Marks: map[plan.Path]plan.Mark{}}}}
	if err := records.Save(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := records.Load(t.Context(), contoso)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
	other := contoso
	other.Account = "1"
	if got, err := records.Load(t.Context(), other); err != nil || got != nil {
		t.Errorf("another account's record: got %v, %v", got, err)
	}
}

func TestFileRecordsLock(t *testing.T) {
	folder := t.TempDir()
	unlock, err := Files(folder).Lock(t.Context(), contoso)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Files(folder).Lock(t.Context(), contoso); plan.ClassOf(err) != plan.ClassRefused {
		t.Errorf("a second lock: %v, want a refusal", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := Files(folder).Lock(t.Context(), contoso)
	if err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	if err := again(); err != nil {
		t.Fatal(err)
	}
}

func TestJournalOutlivesATornLine(t *testing.T) {
	folder := t.TempDir()
	records := Files(folder)
	start := Entry{At: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Run: "r", Operation: "submit", Effect: plan.EffectPublish, Phase: PhaseStart}
	if err := records.Append(t.Context(), contoso, start); err != nil {
		t.Fatal(err)
	}
	tear(t, folder, `{"at":"2026-11-20T12:00:01Z","run":"r","oper`)
	if last, err := records.Last(t.Context(), contoso); err != nil || !cmp.Equal(&start, last) {
		t.Errorf("after a torn line: %v, %v; want the last whole one", last, err)
	}
	end := start
	end.Phase, end.Outcome, end.Submission = PhaseEnd, "done", "1152921505700000001"
	if err := records.Append(t.Context(), contoso, end); err != nil {
		t.Fatal(err)
	}
	last, err := records.Last(t.Context(), contoso)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&end, last); d != "" {
		t.Errorf("the line after a torn one (-want +got):\n%s", d)
	}
}

func tear(t *testing.T, folder, text string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(names) != 1 {
		t.Fatalf("journal files: %v, %v", names, err)
	}
	file, err := os.OpenFile(names[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func TestRecordThatCannotBeReadIsAnError(t *testing.T) {
	folder := t.TempDir()
	records := Files(folder)
	if err := records.Save(t.Context(), &Record{Format: Format + 1, Key: contoso}); err != nil {
		t.Fatal(err)
	}
	if _, err := records.Load(t.Context(), contoso); err == nil || !strings.Contains(err.Error(), "record format 3; this storesync reads 1 to 2") {
		t.Errorf("a newer record: %v", err)
	}
}

// Records of products that are known already are not read again.
func TestFileRecordsOfOthers(t *testing.T) {
	folder := t.TempDir()
	records, other := Files(folder), contoso
	other.Product = "another"
	for _, key := range []Key{contoso, other} {
		if err := records.Save(t.Context(), New(key)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		reason string
		known  map[Key]bool
		want   int
	}{
		{"none is known", nil, 2},
		{"one is known", map[Key]bool{contoso: true}, 1},
		{"both are known", map[Key]bool{contoso: true, other: true}, 0},
	} {
		found, err := records.Others(t.Context(), tt.known)
		if err != nil || len(found) != tt.want {
			t.Errorf("%s: %d records, %v, want %d", tt.reason, len(found), err, tt.want)
		}
		for _, r := range found {
			if tt.known[r.Key] {
				t.Errorf("%s: %s is among the others", tt.reason, r.Key.Product)
			}
		}
	}
}
