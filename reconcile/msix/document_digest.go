package msix

import (
	"crypto/sha256"
	"encoding/hex"
)

// serverOwned are the members of a submission that the service sets by itself,
// so that a draft just made differs in them from what it was made of; and what
// must not stand in a plan, not even as a digest.
func serverOwned() []string {
	return []string{
		"/id",                             // its own
		"/status",                         // Published, PendingCommit
		"/statusDetails",                  // comes and goes with the status
		"/fileUploadUrl",                  // only drafts have one, and it is a secret
		"/friendlyName",                   // generated, "Submission 19"
		"/pricing/sales",                  // deprecated: empty, ignored
		"/pricing/isAdvancedPricingModel", // observed to flip on a verbatim echo
		// Says how the rollout of the published packages goes; no new
		// submission keeps one (withoutInheritedRollout).
		"/packageDeliveryOptions/packageRollout",
		// Sensitive whether managed or not: a short one could be guessed from
		// a digest. The read-back compares it.
		"/notesForCertification",
	}
}

// normalised is the document without what the service owns and without what is
// idle: equal for a published submission and a draft just made of it.
func (d *document) normalised() *document {
	n := d.clone()
	for _, pointer := range serverOwned() {
		n.remove(pointer)
	}
	n.dropIdle()
	return n
}

// digest is the sha256 of the normalised document, in hex.
func (d *document) digest() string { return d.normalised().sum() }

// sum is the sha256 of the document as it is.
func (d *document) sum() string {
	sum := sha256.Sum256(d.raw())
	return hex.EncodeToString(sum[:])
}
