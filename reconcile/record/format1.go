package record

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// format1 is the record that storesync wrote first. It noted what was still to
// be done; what it knew of the writes themselves is evidence.
type format1 struct {
	Key         Key
	Submitted   *snapshot1
	Submissions []Submission
	Images      map[string]string
	Draft       *struct {
		Submission string
		Owed       []string
		Before     *snapshot1
		Written    *snapshot1
		Wrote      map[plan.Path][]plan.Mark
		Made       bool
	}
	Rewritten map[plan.Path]struct {
		Sent, Returned plan.Mark
		Confirmed      bool
	}
}

// snapshot1 is what a draft held.
type snapshot1 struct {
	Digests map[plan.Path]plan.Mark
	Unread  []plan.Path
}

func (s *snapshot1) snapshot() *provenance.Snapshot {
	if s == nil {
		return nil
	}
	return &provenance.Snapshot{Marks: s.Digests, Unread: s.Unread}
}

// parseFormat1 reads a record of format 1 as evidence. A plan that was begun with
// it has to be approved anew.
func parseFormat1(content []byte) (*Record, error) {
	var old format1
	if err := json.Unmarshal(content, &old); err != nil {
		return nil, err
	}
	record := New(old.Key)
	record.Submissions = old.Submissions
	for id, sum := range old.Images {
		record.Learn(map[string]Image{id: {SHA256: sum}})
	}
	for path, r := range old.Rewritten {
		record.NoteRewriting(path, r.Sent, r.Returned, r.Confirmed)
	}
	// Its snapshot was of the newest submission, however that ended.
	switch newest := record.Newest(); {
	case newest == nil || newest.Ended != "" && !newest.Failed:
		record.Published = old.Submitted.snapshot()
	default:
		newest.Held = old.Submitted.snapshot()
	}
	old.evidence(record)
	return record, nil
}

// evidence takes over what is known of the draft. How its writes ended was not
// noted: they are in doubt, and count where the Store shows them.
func (old *format1) evidence(record *Record) {
	d := old.Draft
	if d == nil {
		return
	}
	record.Draft = &Draft{ID: d.Submission, Before: d.Before.snapshot()}
	if d.Made && d.Before == nil {
		record.Draft.Before = &provenance.Snapshot{}
	}
	for n := 0; ; n++ {
		sent := map[plan.Path]plan.Mark{}
		for path, marks := range d.Wrote {
			if n < len(marks) {
				sent[path] = known1(marks[n])
			}
		}
		if len(sent) == 0 {
			break
		}
		record.Writes = append(record.Writes, Write{Operation: "unknown", At: time.Time{}, Draft: d.Submission, Sent: sent})
	}
	if follow := slices.DeleteFunc(slices.Clone(d.Owed), func(id string) bool { return id == "submit" }); len(follow) > 0 {
		record.Writes = append(record.Writes, Write{Operation: "unknown", Draft: d.Submission, Follow: follow})
	}
	// The last submission failed and is a draft again: its snapshot stood there.
	if d.Written != nil && record.Newest() != nil && record.Newest().ID == d.Submission && record.Newest().Held == nil {
		record.Newest().Held = d.Written.snapshot()
	}
}

// known1 is a mark of format 1, which had another word for a secret.
func known1(mark plan.Mark) plan.Mark {
	if mark == "sensitive" {
		return plan.MarkSecret
	}
	return mark
}
