package reconcile_test

import (
	"context"
	"testing"
	"time"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
)

// overtaken is a record store in which another apply notes something between
// the moment a record is read and the moment it is locked.
type overtaken struct {
	record.Store
	note func(*record.Record)
}

func (o *overtaken) Lock(ctx context.Context, key record.Key) (func() error, error) {
	unlock, err := o.Store.Lock(ctx, key)
	if err != nil || o.note == nil {
		return unlock, err
	}
	record, err := o.Load(ctx, key)
	if err == nil && record != nil {
		o.note(record)
		err = o.Save(ctx, record)
	}
	o.note = nil
	return unlock, err
}

func TestWhatAnotherApplyNotesIsNotOverwritten(t *testing.T) {
	key := record.Key{Endpoint: "https://store.contoso.example", Account: "12345", Product: backendtest.ReaderID}
	theirs := func(r *record.Record) {
		r.Draft = &record.Draft{ID: "theirs", Before: &provenance.Snapshot{}}
		r.Writes = []record.Write{{Operation: "put", At: time.Now().Add(time.Hour), Draft: "theirs"}}
	}
	kept := func(t *testing.T, b *backendtest.Bench) *record.Record {
		t.Helper()
		record, err := b.Records.Load(t.Context(), key)
		if err != nil || record == nil {
			t.Fatalf("%v, %v", record, err)
		}
		if record.Draft == nil || record.Draft.ID != "theirs" {
			t.Errorf("the other apply's draft is forgotten: %+v", record.Draft)
		}
		return record
	}
	t.Run("while learning images", func(t *testing.T) {
		scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest(german))
			b.MustApply(t)
			edit(t, b, `{"listings": [{"language": "en-us", "description": "Reads."}]}`)
			b.Write(t, backendtest.ReaderManifest("  listings:\n    en-us: {screenshots: [1.png]}\n"))
			b.Write(t, backendtest.Files{"1.png": backendtest.PNG(t, 1366, 768, 1)})
			b.MustApply(t)
			forgetImages(t, b, key)
			b.Records = &overtaken{b.Records, theirs}
			b.Plan(t, reconcile.PlanOptions{})
			kept(t, b)
		})
	})
	t.Run("while noting how a submission ended", func(t *testing.T) {
		scenario(t, "", func(t *testing.T, b *backendtest.Bench) {
			b.Write(t, backendtest.ReaderManifest(german))
			b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{})
			b.Records = &overtaken{b.Records, theirs}
			// It waits for the running submission and notes that it is published.
			if result := apply(t, b, reconcile.PlanOptions{}); result.Err != nil {
				t.Fatal(result.Err)
			}
			if record := kept(t, b); record.Submissions[0].Ended != "PUBLISHED" {
				t.Errorf("the end is not noted: %+v", record.Submissions)
			}
		})
	})
}

// forgetImages takes the contents of stored images out of the record, so that
// the next plan learns them again.
func forgetImages(t *testing.T, b *backendtest.Bench, key record.Key) {
	t.Helper()
	record, err := b.Records.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	record.Images = nil
	if err := b.Records.Save(t.Context(), record); err != nil {
		t.Fatal(err)
	}
}
