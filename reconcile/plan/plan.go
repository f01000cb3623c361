package plan

import (
	"time"

	"github.com/storesync/storesync/schema"
)

// FormatVersion is the version of the plan document that this package writes.
// A reader refuses an unknown major part and ignores fields of an unknown
// minor part.
const FormatVersion = "1.1"

// Plan is the plan document: what would change, by which requests, and why it
// may not be applied. Everything in it may be shown; it holds no secret.
type Plan struct {
	FormatVersion string         `json:"formatVersion"`
	Tool          string         `json:"tool"`
	CreatedAt     time.Time      `json:"createdAt"`
	Endpoints     []string       `json:"endpoints"`
	Inputs        []schema.Input `json:"inputs"`
	Products      []Product      `json:"products"`
	Summary       Summary        `json:"summary"`
	// Workspace is where the workspace lies in its repository, "." for the
	// repository's root. It is for views, and not part of the hash.
	Workspace string `json:"workspace,omitempty"`
	// Complete is true when everything managed could be read and compared.
	Complete bool `json:"complete"`
	// Applyable is true when something would be done and may be.
	Applyable bool `json:"applyable"`
	// Errored is true when a product could not be planned: look, never apply.
	Errored     bool               `json:"errored"`
	Diagnostics schema.Diagnostics `json:"diagnostics"`
	// Hash identifies what would be done. It is the same on every machine for
	// the same inputs, Store and record; the record counts where it makes guards,
	// knows stored images, or knows of an apply that was not finished.
	Hash string `json:"hash"`
	// Options are what the plan was made by, so that it can be made again.
	Options *SavedOptions `json:"options,omitempty"`
	// Digest is the SHA-256 of the document without this field, in hex: it
	// tells a saved plan that was changed afterwards.
	Digest string `json:"digest,omitempty"`
}

// Product is the part of a plan that concerns one product.
type Product struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
	// ID is the Store's id of the product, "" while it does not exist.
	ID string `json:"id"`
	// Account is whose product it is, as in record keys; not part of the hash.
	Account string `json:"account,omitempty"`
	// Revision is the digest of the product as it was observed.
	Revision string `json:"revision"`
	Hash     string `json:"hash"`
	// Verdict says where the product stands, Standing what that rests on. Neither
	// is part of the hash.
	Verdict    Verdict     `json:"verdict,omitempty"`
	Standing   *Standing   `json:"standing,omitempty"`
	Complete   bool        `json:"complete"`
	Applyable  bool        `json:"applyable"`
	Changes    []Change    `json:"changes"`
	Operations []Operation `json:"operations"`
	// Allowed are the guards that the person allowed for this product.
	Allowed []Guard `json:"allowed"`
	// Blocked are the guards that would make apply refuse.
	Blocked []Guard `json:"blocked,omitempty"`
	// Protected are the guards that refuse for this product even when they are
	// allowed, as its manifest says (metadata.protect).
	Protected []Guard  `json:"protected,omitempty"`
	Notices   []Notice `json:"notices"`
	// Running is the submission that blocks writes.
	Running *Submission `json:"running,omitempty"`
	// Draft says whose unsubmitted work the draft holds: clean, ours or unknown.
	Draft DraftState `json:"draft,omitempty"`
	// Inapplicable is true in a plan that only compares (PlanOptions.Compare),
	// when the target could not be applied; a notice says why. No document has it.
	Inapplicable bool `json:"-"`
	// Error is why the product could not be planned.
	Error string `json:"error,omitempty"`
	// Recorded is true when the record knows what was last applied, so that
	// changes have an origin; not part of the hash.
	Recorded bool `json:"recorded,omitempty"`
	// Observed are short digests of what was observed, by path, so that a
	// stale plan can say what moved. Sensitive values are left out.
	Observed map[Path]string `json:"observed,omitempty"`
	// Source is where the manifest is written. It is for views, and not part
	// of the hash.
	Source *Source `json:"source,omitempty"`
}

// DraftState says whose unsubmitted work a draft holds.
type DraftState string

// The draft states (design section 8).
const (
	DraftClean   DraftState = "clean"
	DraftOurs    DraftState = "ours"
	DraftUnknown DraftState = "unknown"
)

// Summary counts a plan.
type Summary struct {
	Create int `json:"create"`
	Update int `json:"update"`
	Delete int `json:"delete"`
	Report int `json:"report"`
	// Writes counts requests that change something at the Store, Uploads
	// those of them that send a file, Bytes what they send.
	Writes  int   `json:"writes"`
	Uploads int   `json:"uploads"`
	Bytes   int64 `json:"bytes"`
	// Submissions counts operations with which a submission begins.
	Submissions int `json:"submissions"`
	// Verdicts counts the products by verdict.
	Verdicts map[Verdict]int `json:"verdicts,omitempty"`
}

func (s *Summary) Count(p Product) {
	if p.Verdict != "" {
		if s.Verdicts == nil {
			s.Verdicts = map[Verdict]int{}
		}
		s.Verdicts[p.Verdict]++
	}
	for _, change := range p.Changes {
		switch change.Action {
		case ActionCreate:
			s.Create++
		case ActionUpdate:
			s.Update++
		case ActionDelete:
			s.Delete++
		case ActionReport:
			s.Report++
		}
	}
	for _, operation := range p.Operations {
		if operation.Writes() && operation.Effect != EffectRead {
			s.Writes++
		}
		if operation.Submits() {
			s.Submissions++
		}
		s.Uploads += len(operation.Uploads)
		for _, upload := range operation.Uploads {
			s.Bytes += upload.Bytes
		}
	}
}
