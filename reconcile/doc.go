// Package reconcile is the engine: it compares what manifests say with what
// the Store shows, plans the fewest requests that make them equal, and carries
// them out so that nothing is lost when it is stopped at any point.
//
// It knows no HTTP, no API and no kind of product. A Backend turns a product of
// one Store API into a State and turns changes into operations, and its Traits
// say what differs between kinds; the engine does the rest the same way for all.
//
// A product goes through five phases. Each is a type that holds the one before
// and never changes it, so that what a phase does not have cannot be read too
// early:
//
//	observed   the record, what the Store shows, where our submission stands  (observed.go, history.go)
//	compared   what git wants beside it, and whose each value is              (compared.go, evidence.go, origin.go)
//	planned    the requests, what a submission makes live, the verdict        (planned.go, draft.go, unsubmitted.go, live.go, pending.go, rollout.go, verdict.go)
//	approved   that somebody agreed to this very plan                         (approval.go, approval_saved.go, approval_expected.go, refuse.go)
//	running    the requests, one after the other, with evidence of each       (running.go, verify.go, await.go)
//
// Evidence, not memory. The Store is asked first. The record (package record)
// holds what each write sent, what stood before, and how it ended; whose a value
// is follows from both (package provenance), and what is left to do follows from
// that. Nothing is done because a run once meant to do it.
//
// Vocabulary, beside that of package plan:
//
//   - A manifest is what a team keeps in git for one product.
//   - Desired is what a manifest writes; what it does not write is unmanaged.
//   - Observed is the product as the Store shows it now.
//   - The target is observed with desired laid over it: what the product will be.
//   - A draft is what a submission would send; a submission is what customers get
//     once the Store has certified it.
//   - The verdict says where a product stands. It is made in verdict.go alone, and
//     views, exit codes, status and drift go by it.
//   - The journal says how far a run came.
//   - A revision identifies an observed product.
//   - A step moves or ends a gradual rollout of what is published.
//
// What protects a live product:
//
//   - Unmanaged values are part of the target, so a write that replaces a whole
//     object sends them back as they were.
//   - Which paths are sensitive is decided once, in compared.go: from there on no
//     value leaves that a view, a record or a plan could show.
//   - Before anything that cannot be undone, what was written is read back and
//     compared with the target (verify.go).
//   - A write is noted durably before it is sent, with what it sends (running.go),
//     so that a killed apply is finished by the next one.
//   - A submission whose answer was lost is never repeated blindly (history.go).
//   - What somebody else changed in the draft is listed and guarded, because a
//     submission sends the whole draft (live.go).
//   - A deletion is asked for by a manifest that says so, is never without a
//     guard, and is nothing but the deletion (absent.go).
//   - While packages are being rolled out only the steps of the rollout are taken;
//     everything else waits for its end (rollout.go).
//   - Products that depend on new ones of the same run come after them, and are
//     left out when those fail (order.go).
package reconcile
