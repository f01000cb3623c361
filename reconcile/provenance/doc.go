// Package provenance answers one question about every value of a product: whose
// is it? The answer follows from what the Store shows and from the evidence of a
// record, and from nothing else: what git wants plays no part. It does no input
// or output and knows no kind of product.
//
// Vocabulary:
//
//   - Observed is what the Store shows now: a draft, a running submission, or what
//     is published.
//   - Published is what customers have, where the Store tells.
//   - The base of a path is what customers have or are about to get.
//   - A write is one request of ours, with what it sent and how it ended.
//   - Before is the draft as it was before our first write to it. It is no base:
//     it tells what others did since we began.
//
// Evidence.Of is the whole model. Guards, unsubmitted work, the origin of a
// change, approvals, discarding and notices are queries over its answers.
package provenance
