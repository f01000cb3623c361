package record

import (
	"maps"
	"slices"
	"time"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/provenance"
)

// Format is the version of the record documents that this package writes. It
// reads format 1, too.
const Format = 2

// Key says whose record it is.
type Key struct {
	Endpoint string `json:"endpoint"`
	Account  string `json:"account"`
	Product  string `json:"product"`
}

// Record is the evidence of what storesync did to one product: what each write
// sent, what stood before, how it ended, and what was submitted. It never says
// what is still to be done: that follows from the Store and the evidence.
//
// Paths are those of plans, but for packages: these stand under what tells them
// apart at the Store, so that a manifest can name them as it likes.
type Record struct {
	Format int `json:"format"`
	Key    Key `json:"key"`
	// Source is the manifest that was applied last.
	Source *Source `json:"source,omitempty"`
	// Managed are the paths that it wrote, Secrets those that were ever sensitive.
	Managed []plan.Path `json:"managed,omitempty"`
	Secrets []plan.Path `json:"secrets,omitempty"`
	// Published is what our last submission that is known to be published held,
	// brought up to date by each step of its rollout.
	Published *provenance.Snapshot `json:"published,omitempty"`
	// Adopted is when a person last said that what is live is right; Published
	// is that, then. The zero time: never.
	Adopted time.Time `json:"adopted,omitzero"`
	// Submissions are ours, newest last.
	Submissions []Submission `json:"submissions,omitempty"`
	// Submitting is a submission that was about to be made: whether it was is not
	// known yet.
	Submitting *Submission `json:"submitting,omitempty"`
	// Draft is what is known of the draft that Writes are about.
	Draft *Draft `json:"draft,omitempty"`
	// Writes are ours since the last publication, in order; those that were
	// refused are left out after the next one.
	Writes []Write `json:"writes,omitempty"`
	// Images are the files that were sent, by the Store's id of the image.
	Images map[string]Image `json:"images,omitempty"`
	// Rewritings are values that the Store returned otherwise than sent.
	Rewritings map[plan.Path][]Rewriting `json:"rewritings,omitempty"`
	// Begun is the plan that the newest apply which wrote set out to carry out.
	Begun *Begun `json:"begun,omitempty"`
	// Ignored says why a record that was found counts for nothing, "" for one
	// that counts.
	Ignored string `json:"-"`
}

// Source is a manifest as it was given.
type Source struct {
	Address string `json:"address"`
	// File is relative to the workspace root, as are Paths: the files and folders
	// that the run was given.
	File  string   `json:"file"`
	Paths []string `json:"paths,omitempty"`
}

// Draft is what is known of a draft that was written to.
type Draft struct {
	// ID is the draft's, "" for a shared one, and for one that is yet to be made.
	ID string `json:"id,omitempty"`
	// Before is the draft before our first write to it.
	Before *provenance.Snapshot `json:"before,omitempty"`
	// Filled is what the Store put by itself into what our writes made.
	Filled map[plan.Path]plan.Mark `json:"filled,omitempty"`
}

// Write is one request that changes a draft, or may have.
type Write struct {
	Operation string    `json:"operation"`
	At        time.Time `json:"at"`
	// Run tells it from the same operation of another apply.
	Run string `json:"run,omitempty"`
	// Plan is the hash of the product's plan that it belongs to.
	Plan string `json:"plan,omitempty"`
	// Draft is the id of the draft, "" for a shared one.
	Draft string `json:"draft,omitempty"`
	// Sent are the marks of what it sent, by path; MarkNone where it took
	// something away.
	Sent map[plan.Path]plan.Mark `json:"sent,omitempty"`
	// Guards are those that what it sent tripped, by path or by the group that
	// it took away: values before it are not kept, so they cannot be judged again.
	Guards map[plan.Path][]plan.Guard `json:"guards,omitempty"`
	// Follow are the operations without which what it did is not whole.
	Follow  []string           `json:"follow,omitempty"`
	Outcome provenance.Outcome `json:"outcome,omitempty"`
}

// Submission is one submission made by storesync.
type Submission struct {
	ID string    `json:"id,omitempty"`
	At time.Time `json:"at"`
	// Held is what it holds, as it was read back before. Only the newest has it,
	// and only until it is known to be published.
	Held *provenance.Snapshot `json:"held,omitempty"`
	// Ended is the status with which it is known to have ended, "" before.
	Ended string `json:"ended,omitempty"`
	// Failed is true when it ended without being published.
	Failed bool `json:"failed,omitempty"`
	// Repeatable is true when it ended before anybody judged what it holds, so
	// that it may be submitted again as it is.
	Repeatable bool `json:"repeatable,omitempty"`
	// Report are the Store's words about how it failed.
	Report []string `json:"report,omitempty"`
}

// Shown is the submission as far as the record remembers it.
func (s *Submission) Shown() plan.Submission {
	return plan.Submission{ID: s.ID, Status: s.Ended, Done: s.Ended != "", Failed: s.Failed, Detail: s.Report, Repeatable: s.Repeatable}
}

// Image is a stored image.
type Image struct {
	// SHA256 is that of its content, in hex; Name the file that was sent, relative
	// to the workspace root, "" when it is not known.
	SHA256 string `json:"sha256"`
	Name   string `json:"name,omitempty"`
}

// Rewriting is a value as it was sent and as the Store returned it.
type Rewriting struct {
	Sent     plan.Mark `json:"sent"`
	Returned plan.Mark `json:"returned"`
	// Accepted is true when the two count as equal: the difference is harmless,
	// or it was allowed by name.
	Accepted bool `json:"accepted,omitempty"`
}

// Begun is the plan that the newest apply of a product set out to carry out. It
// is noted before the first write, so that who approved the plan has approved
// what is left of it after a kill, too: the same target, reached from what the
// apply itself had written by then. Its paths are the plan's.
type Begun struct {
	// ID is the Store's id of the product, "" when the plan made it.
	ID string `json:"id,omitempty"`
	// Hash is the product's in the plan, Whole that of the whole plan.
	Hash  string    `json:"hash"`
	Whole string    `json:"whole"`
	At    time.Time `json:"at"`
	// Observed are short digests of what was observed, Target of what it was to
	// become.
	Observed map[plan.Path]string `json:"observed"`
	Target   map[plan.Path]string `json:"target"`
	// Unread are patterns of paths that were not read then.
	Unread []plan.Path `json:"unread,omitempty"`
	// Changes are the paths that the plan changes; it is all that is known of
	// sensitive ones.
	Changes []plan.Path `json:"changes,omitempty"`
	// Secret are the sensitive paths that the manifest set.
	Secret []plan.Path `json:"secret,omitempty"`
	// Allowed are the guards that the changes tripped and that were allowed.
	Allowed []plan.Guard `json:"allowed,omitempty"`
	// Final are the operations that publish or destroy something.
	Final []string `json:"final,omitempty"`
	// Foreign are digests of what the plan showed of other people's work that
	// it would send or lose.
	Foreign []string `json:"foreign,omitempty"`
	// Made is true when the plan makes the product: what the Store fills in
	// then is part of neither Observed nor Target.
	Made bool `json:"made,omitempty"`
	// Done is true when all of it was carried out.
	Done bool `json:"done,omitempty"`
}

// New is the record of a product of which nothing is known.
func New(key Key) *Record { return &Record{Format: Format, Key: key} }

// WithoutProduct is the record of a product that the Store does not have any more:
// which plan was begun, and what is secret, is still to be known.
func (r *Record) WithoutProduct() *Record {
	kept := New(r.Key)
	kept.Begun, kept.Secrets = r.Begun, r.Secrets
	return kept
}

// Clone is a copy that can be changed without changing the record.
func (r *Record) Clone() *Record {
	c := *r
	c.Submissions, c.Writes = slices.Clone(r.Submissions), slices.Clone(r.Writes)
	c.Images, c.Rewritings = maps.Clone(r.Images), maps.Clone(r.Rewritings)
	for path, known := range c.Rewritings {
		c.Rewritings[path] = slices.Clone(known)
	}
	if r.Draft != nil {
		draft := *r.Draft
		draft.Filled = maps.Clone(r.Draft.Filled)
		c.Draft = &draft
	}
	if r.Begun != nil {
		begun := *r.Begun
		c.Begun = &begun
	}
	return &c
}

// Contents are the contents of stored images: id to SHA-256 in hex.
func (r *Record) Contents() map[string]string {
	if r == nil || r.Images == nil {
		return nil
	}
	contents := make(map[string]string, len(r.Images))
	for id, image := range r.Images {
		contents[id] = image.SHA256
	}
	return contents
}

// Learn remembers stored images.
func (r *Record) Learn(images map[string]Image) {
	if r.Images == nil && len(images) > 0 {
		r.Images = map[string]Image{}
	}
	for id, image := range images {
		if image.Name == "" && r.Images[id].SHA256 == image.SHA256 {
			image.Name = r.Images[id].Name
		}
		r.Images[id] = image
	}
}

// OwnsDraft reports whether a draft or submission is known to have been made or
// written by storesync.
func (r *Record) OwnsDraft(id string) bool {
	if r == nil || id == "" {
		return false
	}
	return r.Draft != nil && r.Draft.ID == id || r.Knows(id) ||
		slices.ContainsFunc(r.Writes, func(w Write) bool { return w.Draft == id && w.Outcome != provenance.Refused })
}

// Knows reports whether a submission is known as ours.
func (r *Record) Knows(submission string) bool {
	return slices.ContainsFunc(r.Submissions, func(s Submission) bool { return s.ID == submission })
}

// Newest is our newest submission, nil when there is none.
func (r *Record) Newest() *Submission {
	if r == nil || len(r.Submissions) == 0 {
		return nil
	}
	return &r.Submissions[len(r.Submissions)-1]
}

// KnowsProduct reports whether storesync ever submitted the product.
func (r *Record) KnowsProduct() bool { return r.Published != nil || len(r.Submissions) > 0 }
