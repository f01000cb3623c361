package reconcile

import (
	"context"
	"encoding/json"
	"io"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// Backend serves the manifests of one Store API. Everything but Observe,
// Execute, ReadBack and Await is pure: no I/O, the same answer for the
// same arguments.
//
// Errors are *Failure where the class matters (credentials, pending, refused);
// any other error is a plain failure.
type Backend interface {
	// Endpoint is the API's base URL as it stands in plans and record keys.
	Endpoint() string
	// Account is the account that the credentials act for, as it stands in
	// record keys: the seller id for MSI/EXE apps.
	Account() string
	// ProductID identifies the manifest's product in record keys: the Store's
	// id where the manifest has it, else the name by which it is found.
	ProductID(m *schema.Manifest) string

	// Traits are what differs between the kinds of products.
	Traits(m *schema.Manifest) Traits

	// Observe reads what the manifest manages, with the fewest calls. The record
	// says which drafts and submissions are ours.
	Observe(ctx context.Context, m *schema.Manifest, record *record.Record) (*Observed, error)
	// Desire says what the manifest wants, in the observed spelling of
	// identities (languages, packages).
	Desire(m *schema.Manifest, observed *Observed) (*Desired, schema.Diagnostics)
	// Audit judges the whole target: what the Store requires and what the
	// API cannot express. Positions come from the manifest.
	Audit(m *schema.Manifest, observed *Observed, target plan.State) schema.Diagnostics
	// Guards names the guards that a change trips.
	Guards(change plan.Change, observed *Observed, target plan.State) []plan.Guard
	// Lower turns changes into the fewest operations, in order.
	Lower(request LowerRequest) ([]plan.Operation, schema.Diagnostics)

	// Execute carries out one operation whose placeholders are filled in. It
	// returns when the outcome is known: a write whose answer was lost is
	// settled by reading, never by sending it again blindly.
	Execute(ctx context.Context, call Call) (*Result, error)
	// ReadBack reads, for a VerbVerify operation, the modules that were
	// written. It may take them from the output of the write when that
	// answered with what is stored.
	ReadBack(ctx context.Context, call Call, record *record.Record) (*ReadBack, error)
	// Await polls a submission until it has reached the goal, failed, or the
	// context ends; the last status is returned in any case.
	Await(ctx context.Context, m *schema.Manifest, submission string, goal Goal, watch func(plan.Submission)) (plan.Submission, error)
}

// Traits are what differs between kinds, as the engine needs it. It knows no
// kind by its name.
type Traits struct {
	// Noun is what people call such a product: "app", "add-on", "flight".
	Noun string
	// Delete is the guard before a deletion, "" where the API cannot delete one.
	Delete plan.Guard
	// WholeWrites is true when the API takes a write as a whole or not at all,
	// whatever parts of the product it is about.
	WholeWrites bool
	// Report says where the report of a failed certification is, in a sentence.
	Report string
}

// Observed is a product as the Store shows it.
type Observed struct {
	State plan.State
	// ID is the Store's id of the product, "" while it does not exist, or where
	// the manifest holds it.
	ID string
	// Missing is true when the product does not exist. State is empty then,
	// and operations begin with making it.
	Missing bool
	// Drafts is how the API keeps drafts of the product: shared with people, made
	// for each submission, or the one first draft of what was never published.
	Drafts provenance.Draft
	// Published is what customers have, nil where it was not read or the API does
	// not tell.
	Published *Publication
	// Filled is what the Store put into the observed draft by itself, as far as
	// its values are known to be the Store's own; nil where nothing tells.
	Filled plan.State
	// Raw holds the documents as they were read, by the backend's own module
	// names, without upload signatures. Lower sends nested objects whole from
	// here, so that unknown fields survive.
	Raw map[string]json.RawMessage
	// Omitted are the paths that were not read because nothing there is
	// managed; a segment "*" stands for any. They are not taken for deleted.
	Omitted []plan.Path
	// Collections are groups of values whose keys are the manifest's own and mean
	// nothing to the Store.
	Collections []Collection
	// Shared are paths that a submission sends whatever was changed and that
	// matter most; they are shown when nothing is known of a shared draft.
	Shared []plan.Path
	// Draft is the id of the editable draft that State is read from, "" when
	// State is what is published or running, and for a shared draft.
	Draft string
	// Pending is a draft that is not what State is read from, nil when there
	// is none.
	Pending *PendingDraft
	// Running is the submission that blocks writes, nil when there is none.
	Running *plan.Submission
	// Newest is where the newest submission that the record has stands now, nil
	// where the Store does not tell.
	Newest *plan.Submission
	// Complete is false when a managed part could not be read, for example
	// the draft while a submission runs, or the content of stored images.
	Complete bool
	// Learned are image contents that were found out while observing (asset
	// id to sha256 in hex), to be remembered.
	Learned map[string]string
	Notices []plan.Notice
	// Status says in words where drafts and rollouts stand.
	Status Status
}

// Publication is what customers have.
type Publication struct {
	// ID is the submission's; State is empty when nothing was ever published.
	ID    string
	State plan.State
	// Unsure are patterns of paths of which the Store does not tell what
	// customers get, such as packages whose rollout was halted.
	Unsure []plan.Path
}

// Collection is a group of values whose keys are the manifest's own.
type Collection struct {
	Path plan.Path
	// By are the fields that tell its members apart at the Store.
	By []string
	// Derived are fields that the Store finds out from the others: they say
	// nothing about who wrote a member.
	Derived []string
}

// PendingDraft is a draft that stands beside the observed state: somebody
// else's, or one of ours that cannot be used any more.
type PendingDraft struct {
	ID string
	// State is what it holds.
	State plan.State
	// Ours is true when the record knows it as made by storesync.
	Ours bool
	// Editable is true when the API takes changes and files for it.
	Editable bool
	// Untouchable says why the API can neither change nor delete it; "" when
	// it can.
	Untouchable string
}

// DraftUse says what becomes of drafts when a change is written, for an API
// whose drafts are made and deleted.
type DraftUse string

// The uses of drafts.
const (
	// UseFresh: there is no draft, one is made.
	UseFresh DraftUse = "fresh"
	// UseObserved: the observed state is an editable draft of ours.
	UseObserved DraftUse = "observed"
	// UsePending: the pending draft has nothing to lose and is written to.
	UsePending DraftUse = "pending"
	// UseReplace: the pending draft is deleted and a new one is made.
	UseReplace DraftUse = "replace"
)

// Desired is what a manifest wants of an observed product.
type Desired struct {
	// Set are the values to be; paths not in it keep what is observed.
	Set plan.State
	// Remove are groups of values to be gone as a whole: a language
	// (listings.fr-fr) or a package (packages.x86).
	Remove  []plan.Path
	Notices []plan.Notice
}

// LowerRequest is everything that lowering may look at.
type LowerRequest struct {
	Manifest *schema.Manifest
	Observed *Observed
	Target   plan.State
	// Changes are those to be made; reports are left out.
	Changes []plan.Change
	// Use says what becomes of drafts.
	Use DraftUse
	// Unfinished are operations without which what earlier writes did to the
	// draft is not whole. They join a submission and are no reason for one.
	Unfinished []string
	// WriteMode is WritePatch unless --metadata-write says otherwise.
	WriteMode plan.WriteMode
	// ReuploadImages asks for all managed images to be sent anew, whatever is
	// stored.
	ReuploadImages bool
	// Submit asks for a submission though nothing differs: the draft holds what
	// customers do not have, or --submit was given.
	Submit bool
	// Draft asks to stop before the submission (--draft).
	Draft bool
	// Delete asks for the product itself to be deleted, and nothing else.
	Delete bool
}

// Call is one operation about to be sent, placeholders filled in.
type Call struct {
	Manifest  *schema.Manifest
	Operation plan.Operation
	// Outputs are the results of earlier operations of this product, by id.
	Outputs map[string]json.RawMessage
	// Open opens the file of an upload.
	Open func(name string) (io.ReadSeekCloser, error)
	// Progress is told the bytes sent so far, or what is being waited for.
	Progress func(Progress)
}

// Progress is how far an operation has come.
type Progress struct {
	// Sent and Total are bytes; Total is 0 for a wait.
	Sent, Total int64
	// Waiting says what a wait waits for, in words.
	Waiting string
}

// Result is what an operation brought.
type Result struct {
	// Output feeds the placeholders of later operations. It may hold upload
	// signatures: it stays in memory.
	Output json.RawMessage
	// Submission is the submission's id when the operation made one.
	Submission string
	// Draft is the id of the draft that the operation made or wrote to, for an
	// API whose drafts have one.
	Draft string
	// Found is what the Store put into a first draft that was just made, before
	// anything was written to it; nil where none was made, where what it holds was
	// not read, and for a copy of what is published.
	Found plan.State
	// Stored are images whose content is now known: asset id to sha256.
	Stored map[string]string
	// Warnings are what the Store said beside its success.
	Warnings []string
}

// ReadBack is what a verify operation read.
type ReadBack struct {
	State plan.State
	// Scope are the patterns of all paths that were read, whether the Store
	// has a value there or not; a segment "*" stands for any. Except are
	// patterns within Scope that were not read.
	Scope, Except []plan.Path
}

// covers reports whether a path was read.
func (r *ReadBack) covers(path plan.Path) bool {
	return plan.MatchesAny(path, r.Scope) && !plan.MatchesAny(path, r.Except)
}

// Goal is how far apply waits.
type Goal string

// The goals of --wait.
const (
	GoalNone      Goal = "none"
	GoalSubmitted Goal = "submitted"
	GoalPublished Goal = "published"
)

// Status says where the drafts and the rollout of a product stand, in words.
type Status struct {
	// Ready is true when the draft could be submitted.
	Ready bool `json:"ready"`
	// Draft says which draft is pending, "none" for none; "" for an API whose
	// products have a draft for good.
	Draft string `json:"draft,omitempty"`
	// Rollout says how far the packages are rolled out, "" when there is no
	// rollout.
	Rollout string `json:"rollout,omitempty"`
	// Messages are the Store's words about the draft.
	Messages []string `json:"messages,omitempty"`
}
