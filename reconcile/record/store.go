package record

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
)

// Store keeps records and journals. Save and Append are durable when
// they return.
type Store interface {
	// Lock keeps other applies from the same product until the returned
	// function is called. It fails with ClassRefused when another holds it.
	Lock(ctx context.Context, key Key) (unlock func() error, err error)
	// Load returns the record, or nil when there is none. One that cannot be
	// trusted has nothing in it but why it is ignored.
	Load(ctx context.Context, key Key) (*Record, error)
	Save(ctx context.Context, record *Record) error
	// Append adds a line to the product's journal.
	Append(ctx context.Context, key Key, entry Entry) error
	// Last returns the journal's last entry, nil when there is none. A last
	// entry of phase "start" is an operation whose outcome is not known.
	Last(ctx context.Context, key Key) (*Entry, error)
	// Others returns the records that the store keeps of other products than the
	// given ones, as far as they can be read.
	Others(ctx context.Context, known map[Key]bool) ([]*Record, error)
}

// Entry is one line of a journal: written before and after each write.
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

// Submits reports whether a submission begins with the entry's operation. When
// entries had no verb yet, submissions alone had the effect publish.
func (e *Entry) Submits() bool {
	return e.Verb == plan.VerbSubmit || e.Verb == "" && e.Effect == plan.EffectPublish
}

// EntryOf is a journal entry of an operation.
func EntryOf(operation plan.Operation, phase string) Entry {
	return Entry{Operation: operation.ID, Verb: operation.Verb, Effect: operation.Effect, Phase: phase}
}

// OutcomeDone is the outcome of what the Store took.
const OutcomeDone = "done"

// The phases of journal entries.
const (
	PhaseStart = "start"
	PhaseEnd   = "end"
)

// Line is the entry as it stands in a journal.
func (e Entry) Line() []byte { return append(plan.Encode(e), '\n') }

// LastEntry is the last whole entry of a journal, nil when it has none.
func LastEntry(journal []byte) *Entry {
	var last *Entry
	for line := range bytes.Lines(journal) {
		var entry Entry
		if json.Unmarshal(line, &entry) == nil && entry.Operation != "" {
			last = &entry
		}
	}
	return last
}
