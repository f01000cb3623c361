package reconcile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

// TestARefusedWriteThatGitTakesBackSubmitsNothing: what storesync meant to do is
// no reason to do anything once git means something else.
func TestARefusedWriteThatGitTakesBackSubmitsNothing(t *testing.T) {
	ways := map[string]func(t *testing.T, b *backendtest.Bench, p product){
		"refused": func(t *testing.T, b *backendtest.Bench, p product) {
			refuse(t, b, p.write)
			if result := applied(t, b, reconcile.GoalPublished); result.Err == nil {
				t.Fatal("the write should have been refused")
			}
		},
		"killed before it arrived": func(t *testing.T, b *backendtest.Bench, p product) {
			whole := b.Records
			b.Records = &mortal{Store: whole, left: 2}
			if p.shared {
				b.Records = &mortal{Store: whole, left: 1}
			}
			applied(t, b, reconcile.GoalPublished)
			b.Records = whole
		},
		"never answered": func(t *testing.T, b *backendtest.Bench, p product) {
			if err := b.Emulator.SetFaults([]byte(`[{"match": "` + p.write + `", "times": 100, "action": "drop-before"}]`)); err != nil {
				t.Fatal(err)
			}
			applied(t, b, reconcile.GoalPublished)
			if err := b.Emulator.SetFaults([]byte(`[]`)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			forEveryKind(t, nil, func(t *testing.T, b *backendtest.Bench, p product) {
				b.Write(t, p.files(t, 2))
				way(t, b, p)
				b.Write(t, p.files(t, 1))
				wantNothing(t, b, plan.VerdictInSync)
			})
		})
	}
}

// TestADraftThatGitTakesBackIsNotSubmitted: a draft of our own is left, and said
// to be left; a shared draft is written back.
func TestADraftThatGitTakesBackIsNotSubmitted(t *testing.T) {
	forEveryKind(t, nil, func(t *testing.T, b *backendtest.Bench, p product) {
		b.Write(t, p.files(t, 2))
		if result := b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0]; result.Err != nil {
			t.Fatal(result.Err)
		}
		if got := planOf(t, b); got.Verdict != plan.VerdictUnsubmitted {
			t.Errorf("a draft that was written: %s", got.Verdict)
		}
		b.Write(t, p.files(t, 1))
		if p.shared {
			b.MustApply(t)
			b.MustBeInSync(t)
			return
		}
		if got := planOf(t, b); !noticed(got, "holds nothing that git wants") {
			t.Errorf("the leftover draft is not named: %v", got.Notices)
		}
		wantNothing(t, b, plan.VerdictInSync)
	})
}

// TestAGuardedValueThatWasRefusedLeavesNothingStuck: the draft holds what is
// live, so nothing asks for a guard.
func TestAGuardedValueThatWasRefusedLeavesNothingStuck(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		const free = "  pricing: {priceId: Free}\n"
		b.Write(t, backendtest.NotesManifest(free))
		allowed := map[string][]plan.Guard{"": {plan.GuardPriceChange}}
		if result := apply(t, b, reconcile.PlanOptions{Allow: allowed}); result.Err != nil {
			t.Fatal(result.Err)
		}
		b.Write(t, backendtest.NotesManifest(strings.Replace(free, "Free", "Tier3", 1)))
		refuse(t, b, "^PUT .*/submissions/")
		if result := apply(t, b, reconcile.PlanOptions{Allow: allowed}); result.Err == nil {
			t.Fatal("the tier should have been refused")
		}
		b.Write(t, backendtest.NotesManifest(free))
		wantNothing(t, b, plan.VerdictInSync)
	})
}

// TestAnInventedRecordPublishesNobodysDraft: a record that claims somebody's
// draft makes none of what is in it ours.
func TestAnInventedRecordPublishesNobodysDraft(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Ours.}}\n"))
		editNotes(t, b, `{"pending": {"madeInPortal": false, "submission": {"visibility": "Hidden", "listings": {"en-us": {"baseListing": {"description": "Theirs."}}}}}}`)
		before := planOf(t, b)
		id := draftIn(t, before)
		key := record.Key{Endpoint: "https://apps.contoso.example", Account: "contoso", Product: backendtest.NotesID}
		for name, invented := range map[string]*record.Record{
			"draft only":        {Format: record.Format, Key: key, Draft: &record.Draft{ID: id}},
			"with a base":       {Format: record.Format, Key: key, Draft: &record.Draft{ID: id, Before: snapshot()}},
			"with a write":      {Format: record.Format, Key: key, Draft: &record.Draft{ID: id, Before: snapshot()}, Writes: []record.Write{{Operation: "put", Draft: id, Sent: map[plan.Path]plan.Mark{"visibility": plan.MarkOf(plan.StringValue("Private"))}}}},
			"of the old format": nil,
		} {
			if invented == nil {
				writeRecord(t, b, key, `{"format": 1, "key": {"endpoint": "https://apps.contoso.example", "account": "contoso", "product": "`+backendtest.NotesID+`"}, "draft": {"submission": "`+id+`", "owed": ["commit"]}}`)
			} else if err := b.Records.Save(t.Context(), invented); err != nil {
				t.Fatal(err)
			}
			b.Emulator.ForgetRequests()
			result := applied(t, b, reconcile.GoalPublished)
			if plan.ClassOf(result.Err) != plan.ClassRefused || len(b.Writes()) > 0 {
				t.Errorf("%s: %s, %v, writes %+v", name, result.Outcome, result.Err, b.Writes())
			}
		}
	})
}

// draftIn is the id of the draft that a plan names.
func draftIn(t *testing.T, p plan.Product) string {
	t.Helper()
	for _, notice := range p.Notices {
		if rest, found := strings.CutPrefix(notice.Text, "Draft "); found {
			id, _, _ := strings.Cut(rest, ",")
			return id
		}
	}
	t.Fatalf("no draft is named: %v", p.Notices)
	return ""
}

func snapshot() *provenance.Snapshot {
	return &provenance.Snapshot{Marks: map[plan.Path]plan.Mark{}}
}

// writeRecord puts a document where a bench keeps a record.
func writeRecord(t *testing.T, b *backendtest.Bench, key record.Key, document string) {
	t.Helper()
	folder := filepath.Join(b.Folder, ".storesync", "records")
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, key.FileName()+".json"), []byte(document), 0o600)); err != nil {
		t.Fatal(err)
	}
}
