package record

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
)

// RecordFormat is the version of the record files that this package writes.
const Format = 1

// Key says whose record it is.
type Key struct {
	Endpoint string `json:"endpoint"`
	Account  string `json:"account"`
	Product  string `json:"product"`
}

// Record is what the Store cannot tell (design section 8). It holds digests,
// never values; sensitive paths are not in it.
type Record struct {
	Format int `json:"format"`
	Key    Key `json:"key"`
	// Submitted is the whole draft as storesync last submitted it, unmanaged
	// paths included. Nil: never.
	Submitted *Snapshot `json:"submitted,omitempty"`
	// Submissions are the ids of our own submissions, newest last.
	Submissions []Submission `json:"submissions,omitempty"`
	// Images maps a stored image's id to its sha256 in hex.
	Images map[string]string `json:"images,omitempty"`
	// Draft is set while a draft of ours is written and not yet submitted.
	Draft *Draft `json:"draft,omitempty"`
	// Rewritten are values that the Store returned otherwise than sent.
	Rewritten map[plan.Path]Rewrite `json:"rewritten,omitempty"`
	// Begun is the plan that the newest apply which wrote set out to carry out.
	Begun *Begun `json:"begun,omitempty"`
}

// learn remembers contents of stored images.
func (r *Record) Learn(contents map[string]string) {
	if r.Images == nil && len(contents) > 0 {
		r.Images = map[string]string{}
	}
	maps.Copy(r.Images, contents)
}

// submitted notes that a submission of ours holds these values.
func (r *Record) NoteSubmitted(id string, at time.Time, values *Snapshot) {
	r.Submissions = append(r.Submissions, Submission{ID: id, At: at})
	if len(r.Submissions) > keptSubmissions {
		r.Submissions = r.Submissions[len(r.Submissions)-keptSubmissions:]
	}
	if values != nil {
		r.Submitted = values
	}
	r.Draft = nil
	r.FinishBegun()
}

// returned notes that a submission of ours is a draft again: it was not
// published, and what it holds is an unsubmitted draft of ours.
func (r *Record) NoteReturned(id string) {
	for i := range r.Submissions {
		if r.Submissions[i].ID == id && r.Submissions[i].Ended == "" {
			r.Submissions[i].Ended, r.Submissions[i].Failed = endedReturned, true
		}
	}
	if r.Draft == nil {
		r.Draft = &Draft{Submission: id, Owed: []string{}, Written: r.Submitted}
		r.Submitted = nil
	}
}

// endedReturned is how a submission ended that became a draft again.
const endedReturned = "returned to draft"

// keptSubmissions is how many of our own submission ids a record keeps.
const keptSubmissions = 20

// ended notes how a submission of ours ended; it reports whether that is news.
func (r *Record) NoteEnd(s plan.Submission) bool {
	for i, own := range r.Submissions {
		if own.ID == s.ID && s.Done && own.Ended == "" {
			r.Submissions[i].Ended, r.Submissions[i].Failed = s.Status, s.Failed
			return true
		}
	}
	return false
}

// newest is our newest submission, nil when there is none.
func (r *Record) Newest() *Submission {
	if len(r.Submissions) == 0 {
		return nil
	}
	return &r.Submissions[len(r.Submissions)-1]
}

// knows reports whether a submission is already noted as ours.
func (r *Record) Knows(submission string) bool {
	return slices.ContainsFunc(r.Submissions, func(s Submission) bool { return s.ID == submission })
}

// owe adds operations that must follow; it reports whether that is news.
func (r *Record) Owe(operations []string, before *Snapshot) bool {
	if r.Draft == nil {
		r.Draft = &Draft{Before: before}
	}
	count := len(r.Draft.Owed)
	for _, id := range operations {
		if !slices.Contains(r.Draft.Owed, id) {
			r.Draft.Owed = append(r.Draft.Owed, id)
		}
	}
	known := r.Draft.Written != nil
	r.Draft.Written = nil
	return known || len(r.Draft.Owed) > count
}

// writes notes a digest of what is sent to a path; it reports whether that is
// news.
func (d *Draft) NoteWrites(path plan.Path, digest string) bool {
	if slices.Contains(d.Wrote[path], digest) {
		return false
	}
	if d.Wrote == nil {
		d.Wrote = map[plan.Path][]string{}
	}
	d.Wrote[path] = append(d.Wrote[path], digest)
	return true
}

// paid takes an operation off what is owed; it reports whether it was owed.
func (r *Record) Paid(operation string) bool {
	if r.Draft == nil || !slices.Contains(r.Draft.Owed, operation) {
		return false
	}
	r.Draft.Owed = slices.DeleteFunc(slices.Clone(r.Draft.Owed), func(id string) bool { return id == operation })
	return true
}

// SubmissionRecord is one submission made by storesync.
type Submission struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Ended is the status with which it is known to have ended, "" before.
	Ended string `json:"ended,omitempty"`
	// Failed is true when it ended without being published.
	Failed bool `json:"failed,omitempty"`
}

// Snapshot is what a draft held, as digests.
type Snapshot struct {
	Digests map[plan.Path]string `json:"digests"`
	// Unread are the patterns of paths that were not read then; nothing is
	// known of them.
	Unread []plan.Path `json:"unread,omitempty"`
}

// DraftRecord remembers an unsubmitted draft of ours.
type Draft struct {
	// Submission is the id of the draft for an API whose drafts have one.
	Submission string `json:"submission,omitempty"`
	// Owed are the operations that must follow before the product is whole.
	Owed []string `json:"owed"`
	// Before is the draft as it was before our first write; what differs from
	// it and is not ours was changed by somebody else since.
	Before *Snapshot `json:"before,omitempty"`
	// Written is the draft after our last write; nil while it is not known
	// how far the writing came.
	Written *Snapshot `json:"written,omitempty"`
	// Wrote are digests of what our writes sent, per path, "" where they took
	// something away: in the draft, it is nobody else's edit.
	Wrote map[plan.Path][]string `json:"wrote,omitempty"`
	// Made is true when storesync makes the product itself: there was nothing
	// before, and Before is what the Store filled in by itself.
	Made bool `json:"made,omitempty"`
	// Guards are those that the written changes tripped, per path: they are
	// asked for again when an unfinished apply is finished by another.
	Guards map[plan.Path][]plan.Guard `json:"guards,omitempty"`
}

// Rewrite is a pair of digests of a value as it was sent and as the Store
// returned it.
type Rewrite struct {
	Sent     string `json:"sent"`
	Returned string `json:"returned"`
	// Confirmed is set when sending the same value again brought the same
	// answer: then it is the Store's doing and no edit of somebody else, and
	// the two count as equal while both stand.
	Confirmed bool `json:"confirmed,omitempty"`
}

// RecordStore keeps records and journals. Save and Append are durable when
// they return.
type Store interface {
	// Lock keeps other applies from the same product until the returned
	// function is called. It fails with ClassRefused when another holds it.
	Lock(ctx context.Context, key Key) (unlock func() error, err error)
	// Load returns the record, or nil when there is none.
	Load(ctx context.Context, key Key) (*Record, error)
	Save(ctx context.Context, record *Record) error
	// Append adds a line to the product's journal.
	Append(ctx context.Context, key Key, entry Entry) error
	// Last returns the journal's last entry, nil when there is none. A last
	// entry of phase "start" is an operation whose outcome is not known.
	Last(ctx context.Context, key Key) (*Entry, error)
}

// JournalEntry is one line of a journal: written before and after each write.
type Entry struct {
	At        time.Time `json:"at"`
	Run       string    `json:"run"`
	Operation string    `json:"operation"`
	// Verb and Effect are the operation's; a submission in doubt is settled with
	// care. Entries of old journals have no verb.
	Verb   plan.Verb   `json:"verb,omitempty"`
	Effect plan.Effect `json:"effect,omitempty"`
	// Phase is "start" before the request and "end" after its outcome is known.
	Phase string `json:"phase"`
	// Outcome is "done" or the error's text, at the end only.
	Outcome string `json:"outcome,omitempty"`
	// Submission is the id when the operation made one.
	Submission string `json:"submission,omitempty"`
}

// submits reports whether a submission begins with the entry's operation. When
// entries had no verb yet, submissions alone had the effect publish.
func (e *Entry) Submits() bool {
	return e.Verb == plan.VerbSubmit || e.Verb == "" && e.Effect == plan.EffectPublish
}

// entryOf is a journal entry of an operation.
func EntryOf(operation plan.Operation, phase string) Entry {
	return Entry{Operation: operation.ID, Verb: operation.Verb, Effect: operation.Effect, Phase: phase}
}

// The phases of journal entries.
const (
	PhaseStart = "start"
	PhaseEnd   = "end"
)
