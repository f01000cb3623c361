package reconcile

import (
	"context"
	"time"
)

// RecordFormat is the version of the record files that this package writes.
const RecordFormat = 1

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
	// Submitted are the digests per path of the whole draft as it was last
	// submitted by storesync, unmanaged paths included. Nil: never.
	Submitted map[Path]string `json:"submitted,omitempty"`
	// Submissions are the ids of our own submissions, newest last.
	Submissions []SubmissionRecord `json:"submissions,omitempty"`
	// Images maps a stored image's id to its sha256 in hex.
	Images map[string]string `json:"images,omitempty"`
	// Draft is set while a draft of ours is written and not yet submitted.
	Draft *DraftRecord `json:"draft,omitempty"`
	// Rewritten are values that the Store returned otherwise than sent.
	Rewritten map[Path]Rewrite `json:"rewritten,omitempty"`
}

// SubmissionRecord is one submission made by storesync.
type SubmissionRecord struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}

// DraftRecord remembers an unsubmitted draft of ours.
type DraftRecord struct {
	// Owed are the operations that must follow before the product is whole.
	Owed []string `json:"owed"`
	// Digests are those of the draft after our last write, per path; nil
	// while it is not known how far the writing came.
	Digests map[Path]string `json:"digests,omitempty"`
}

// Rewrite is a pair of digests that count as equal while both stand.
type Rewrite struct {
	Sent     string `json:"sent"`
	Returned string `json:"returned"`
}

// RecordStore keeps records and journals. Save and Append are durable when
// they return.
type RecordStore interface {
	// Lock keeps other applies from the same product until the returned
	// function is called. It fails with ClassRefused when another holds it.
	Lock(ctx context.Context, key Key) (unlock func() error, err error)
	// Load returns the record, or nil when there is none.
	Load(ctx context.Context, key Key) (*Record, error)
	Save(ctx context.Context, record *Record) error
	// Append adds a line to the product's journal.
	Append(ctx context.Context, key Key, entry JournalEntry) error
	// Unfinished returns the last journal entry when it is a start without an
	// end, else nil.
	Unfinished(ctx context.Context, key Key) (*JournalEntry, error)
}

// JournalEntry is one line of a journal: written before and after each write.
type JournalEntry struct {
	At        time.Time `json:"at"`
	Run       string    `json:"run"`
	Operation string    `json:"operation"`
	// Phase is "start" before the request and "end" after its outcome is known.
	Phase string `json:"phase"`
	// Outcome is "done" or the error's text, at the end only.
	Outcome string `json:"outcome,omitempty"`
	// Submission is the id when the operation made one.
	Submission string `json:"submission,omitempty"`
}
