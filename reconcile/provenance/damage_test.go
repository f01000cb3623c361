package provenance_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// damage does something to the part of evidence that comes from a record.
type damage struct {
	*rand.Rand
	e *evidence
}

var madeUp = []plan.Mark{text("made up"), text("made up, too"), text("and this")}

// anyMark is a mark that is not the observed value's, nor its canonical form's.
func (d damage) anyMark(path plan.Path) plan.Mark {
	made := madeUp[d.IntN(len(madeUp))]
	marks := []plan.Mark{made, made + "~" + madeUp[0], made[:d.IntN(len(made)-1)+1], made + "~", "~" + made, secret, "?"}
	if d.e.Observed.Marks[path] == secret {
		marks = slices.DeleteFunc(marks, func(mark plan.Mark) bool { return mark == secret })
	}
	if d.e.Observed.Marks[path] == none {
		// A mark without a digest says that there is nothing, which is so.
		marks = slices.DeleteFunc(marks, func(mark plan.Mark) bool { return mark.Digest() == "" })
	}
	return marks[d.IntN(len(marks))]
}

// cut shortens or spoils marks of a record.
func (d damage) cut(marks sent) sent {
	marks = maps.Clone(marks)
	for _, path := range slices.Sorted(maps.Keys(marks)) {
		switch mark := marks[path]; d.IntN(6) {
		case 0:
			delete(marks, path)
		case 1:
			marks[path] = d.anyMark(path)
		case 2:
			digest, _, _ := strings.Cut(string(mark), "~")
			marks[path] = plan.Mark(digest)
		case 3:
			if len(mark) > 1 {
				marks[path] = mark[:1+d.IntN(len(mark)-1)]
			}
		}
	}
	return marks
}

func (d damage) snapshot(s *snapshot) *snapshot {
	switch d.IntN(5) {
	case 0:
		return nil
	case 1:
		return &snapshot{}
	case 2:
		made := &snapshot{Marks: sent{}}
		for _, path := range fields {
			made.Marks[path] = d.anyMark(path)
		}
		return made
	case 3:
		if s != nil {
			return &snapshot{Marks: d.cut(s.Marks), Unread: []plan.Path{fields[d.IntN(len(fields))]}}
		}
	}
	return s
}

func (d damage) spoilWrites(writes []write) []write {
	writes = slices.Clone(writes)
	for i := range writes {
		if d.IntN(3) == 0 {
			writes[i].Sent = d.cut(writes[i].Sent)
		}
		if d.IntN(4) == 0 {
			writes[i].Outcome = []provenance.Outcome{provenance.Confirmed, provenance.InDoubt, provenance.Refused, "?"}[d.IntN(4)]
		}
	}
	writes = slices.DeleteFunc(writes, func(write) bool { return d.IntN(4) == 0 })
	if d.IntN(3) == 0 {
		d.Shuffle(len(writes), func(i, j int) { writes[i], writes[j] = writes[j], writes[i] })
	}
	for range d.IntN(4) {
		path := fields[d.IntN(len(fields))]
		writes = slices.Insert(writes, d.IntN(len(writes)+1), write{Sent: sent{path: d.anyMark(path)}, Outcome: []provenance.Outcome{provenance.Confirmed, provenance.InDoubt}[d.IntN(2)]})
	}
	return writes
}

// record damages everything that a record keeps; what the Store told in this run
// cannot be damaged.
func (d damage) record() {
	e := d.e
	e.Submitted, e.LastPublished, e.Before = d.snapshot(e.Submitted), d.snapshot(e.LastPublished), d.snapshot(e.Before)
	e.Writes = d.spoilWrites(e.Writes)
	if d.IntN(3) == 0 {
		e.Filled = d.cut(e.Filled)
	}
	if d.IntN(3) == 0 {
		e.Known = nil
	}
	if path := fields[d.IntN(len(fields))]; d.IntN(3) == 0 {
		e.Known = maps.Clone(e.Known)
		if e.Known == nil {
			e.Known = map[plan.Path][]provenance.Rewriting{}
		}
		e.Known[path] = append(slices.Clone(e.Known[path]), provenance.Rewriting{Sent: d.anyMark(path), Returned: d.anyMark(path)})
	}
}

// Invariant 5: a damaged, shortened or invented record never makes a foreign value
// ours: that takes a write of that very value, and something to measure it by.
func TestInvariant5ADamagedRecordMakesNothingOurs(t *testing.T) {
	t.Parallel()
	foreign := 0
	forHistories(t, 150, false, func(h history) error {
		seed := uint64(0)
		return everyView(h, func(w *world, v *view) error {
			if v.ObservesSubmission {
				return nil
			}
			for range 3 {
				seed++
				damaged := v.evidence
				damage{rand.New(rand.NewPCG(seed, 5)), &damaged}.record()
				for _, path := range fields {
					value := v.observed[path]
					theirs := value.by == others && !v.wasSentHere(path, value)
					if theirs {
						foreign++
					}
					got := damaged.Of(path)
					if got == provenance.Ours && theirs {
						return fmt.Errorf("%s is ours by a damaged record:\n%+v", path, damaged)
					}
					if _, based := damaged.Base(path); got == provenance.Ours && !based && damaged.Before == nil {
						return fmt.Errorf("%s is ours, and there is nothing to measure it by:\n%+v", path, damaged)
					}
				}
			}
			return nil
		})
	})
	if foreign == 0 {
		t.Error("nothing of others was ever there")
	}
}

// wasSentHere reports whether a write sent a value, or of a secret whether one was
// sent. Damage may make a refused write a confirmed one, so the outcome plays no
// part.
func (v *view) wasSentHere(path plan.Path, value cell) bool {
	return slices.ContainsFunc(v.writes, func(w written) bool {
		c, touched := w.at(path)
		return touched && (v.isRewriting(path, c, value) || path == notes && (c.text != "") == (value.text != ""))
	})
}

// What was sent once and overwritten by us since can be put back by others. With
// the later write cut off, no evidence is left that it was not ours.
func TestInvariant5ALostLaterWriteIsBeyondEvidence(t *testing.T) {
	t.Parallel()
	base := holds(text("a"))
	whole := draftOf(provenance.SharedDraft, text("v"), base, nil, confirmed(text("v")), confirmed(text("w")))
	short := draftOf(provenance.SharedDraft, text("v"), base, nil, confirmed(text("v")))
	if got := whole.Of(title); got != provenance.Foreign {
		t.Errorf("with both writes it is %s", got)
	}
	if got := short.Of(title); got != provenance.Ours {
		t.Errorf("without the later one it is %s", got)
	}
}
