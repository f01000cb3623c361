// Package reconcile is the engine: it compares what manifests say with what
// the Store shows, plans the fewest requests that make them equal, and carries
// them out so that nothing is lost when it is stopped at any point.
//
// It knows no HTTP and no API. A Backend turns a product of one Store API into
// a State and turns changes into operations; the engine does the rest the same
// way for every kind.
//
//	manifest ── Backend.Desire ──► desired ─┐
//	Store ───── Backend.Observe ─► observed ┤ overlay ─► target ─► diff ─► changes
//	                                        ▼
//	             Backend.Audit, Guards, Lower ─► operations ─► Plan
//	                                        ▼
//	   Apply: lock, stale check, journal, Execute in order, read back, submit, await
//
// Vocabulary:
//
//   - A manifest is what a team keeps in git for one product.
//   - Desired is what a manifest writes; what it does not write is unmanaged.
//   - Observed is the product as the Store shows it now.
//   - The target is observed with desired laid over it: what the product will be.
//   - A change is one path at which observed and target differ.
//   - An operation is one request, as data: it can be shown, counted and saved.
//   - A plan is all changes and operations of a run; to apply is to carry them out.
//   - A draft is what a submission would send; a submission is what customers get
//     once the Store has certified it.
//   - A guard names a change that is refused unless it is allowed by name.
//   - The record is the little that the Store cannot tell, kept between runs; the
//     journal says how far a run came.
//   - A revision identifies an observed product.
//   - A step moves or ends a gradual rollout of what is published.
//
// What protects a live product:
//
//   - Unmanaged values are part of the target, so a write that replaces a whole
//     object sends them back as they were.
//   - Before anything that cannot be undone, what was written is read back and
//     compared with the target (verify.go).
//   - A write is noted durably before it is sent, together with what it owes
//     (a package commit, a submission), so that a killed apply is finished by the
//     next one even when nothing differs any more (record.go, draft.go).
//   - A submission whose answer was lost is never repeated blindly (draft.go).
//   - What somebody else changed in the draft is listed and guarded, because a
//     submission sends the whole draft (draft.go).
//   - A deletion is asked for by a manifest that says so, is never without a
//     guard, and is nothing but the deletion (absent.go).
//   - While packages are being rolled out only the steps of the rollout are taken;
//     everything else waits for its end (rollout.go).
//   - Products that depend on new ones of the same run come after them, and are
//     left out when those fail (order.go).
package reconcile
