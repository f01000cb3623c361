package reconcile_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

const notesSpec = "  visibility: Public\n  listings:\n    en-us: {description: Takes notes., releaseNotes: Faster.}\n"

// notes runs a test in virtual time on Contoso Notes.
func notes(t *testing.T, more string, run func(t *testing.T, b *backendtest.Bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { run(t, backendtest.NewNotes(t, more, "en-us")) })
}

func editNotes(t *testing.T, b *backendtest.Bench, document string) {
	t.Helper()
	if err := b.Emulator.EditMsix(backendtest.NotesID, []byte(document)); err != nil {
		t.Fatal(err)
	}
}

func wantOrigins(t *testing.T, b *backendtest.Bench, want map[string]string) {
	t.Helper()
	drift := b.Plan(t, reconcile.PlanOptions{}).Drift().Products[0]
	if diff := cmp.Diff(want, origins(drift.Differences)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const descriptionPath, notesPath = "listings.en-us.description", "listings.en-us.releaseNotes"

func TestDriftOfAnMsixApp(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.NotesManifest(notesSpec))
		b.MustApply(t)
		b.MustBeInSync(t)
		editNotes(t, b, `{"submission": {"listings": {"en-us": {"baseListing": {"description": "Somebody else's."}}}}}`)
		b.Write(t, backendtest.NotesManifest(strings.Replace(notesSpec, "Faster", "Fastest", 1)))
		wantOrigins(t, b, map[string]string{descriptionPath: "changed in the Store", notesPath: "not applied yet"})
	})
}

// A submission of ours that is running is what counts; one that failed is not
// the Store's doing.
func TestDriftOfASubmissionThatIsNotPublished(t *testing.T) {
	for _, outcome := range []string{"CertificationFailed", "PublishFailed"} {
		t.Run(outcome, func(t *testing.T) {
			notes(t, `"outcomes": ["Published", "`+outcome+`"]`, func(t *testing.T, b *backendtest.Bench) {
				b.Write(t, backendtest.NotesManifest(notesSpec))
				b.MustApply(t)
				b.Write(t, backendtest.NotesManifest(strings.Replace(notesSpec, "Faster", "Fastest", 1)))
				report := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalNone})
				if err := report.Products[0].Err; err != nil {
					t.Fatal(err)
				}
				wantOrigins(t, b, map[string]string{})
				time.Sleep(24 * time.Hour)
				wantOrigins(t, b, map[string]string{notesPath: "not applied yet"})
			})
		})
	}
}

// Our submission failed and is not there any more: what is published is as it was
// before, so git alone moved.
func TestDriftAfterAFailedSubmissionWasDeleted(t *testing.T) {
	notes(t, `"outcomes": ["CertificationFailed"]`, func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.NotesManifest(notesSpec))
		result := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished}).Products[0]
		wantError(t, result.Err, plan.ClassError, "CertificationFailed")
		editNotes(t, b, `{"discardPending": true}`)
		for path, label := range origins(b.Plan(t, reconcile.PlanOptions{}).Drift().Products[0].Differences) {
			if label != "not applied yet" {
				t.Errorf("%s: %s", path, label)
			}
		}
	})
}

// Somebody deleted what storesync had made.
func TestDriftOfAProductThatIsGone(t *testing.T) {
	b := newShelf(t, &memory{}, addOn("pro", "", hidden))
	b.mustApply(t, reconcile.Published)
	delete(b.store.products, "pro")
	drift := b.one(t, reconcile.PlanOptions{}).Drift()
	if len(drift.Differences) != 1 || drift.Differences[0].Origin != plan.OriginStore || !drift.Recorded {
		t.Errorf("%+v", drift)
	}
}

// A saved plan that sends files is applied as it was made.
func TestSavedPlanOfAnMsixAppIsApplied(t *testing.T) {
	notes(t, "", func(t *testing.T, b *backendtest.Bench) {
		b.Write(t, backendtest.Files{
			"x64.msix": backendtest.NotesPackage(t, "1.4.2.0", "x64"), "1.png": backendtest.PNG(t, 1366, 768, 1),
		})
		b.Write(t, backendtest.NotesManifest("  listings: {en-us: {images: {Screenshot: [{file: 1.png}]}}}\n  packages: [{file: x64.msix}]\n"))
		saved := savedOf(t, b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll(), ReuploadImages: []string{"MsixApp/contoso-notes"}}))
		apply := func() error {
			engine := b.Engine(t)
			proposal, err := engine.Plan(t.Context(), b.Load(t), reconcile.PlanOptionsOf(saved))
			if err != nil {
				t.Fatal(err)
			}
			if err := proposal.CheckSaved(saved); err != nil {
				return err
			}
			report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
			if err != nil {
				t.Fatal(err)
			}
			return report.Products[0].Err
		}
		b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "1.4.3.0", "x64")})
		wantError(t, apply(), plan.ClassRefused, "x64.msix changed since the plan was made")
		b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "1.4.2.0", "x64")})
		if err := apply(); err != nil {
			t.Fatal(err)
		}
		b.MustBeInSync(t)
		wantError(t, apply(), plan.ClassRefused, "changed in the Store since the plan was made: listings.en-us.images.Screenshot, packages")
	})
}
