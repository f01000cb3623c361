package msiexe_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// TestBehaviors applies every field under each way in which the service may
// behave where its page is silent or disagrees with what was observed.
func TestBehaviors(t *testing.T) {
	for _, c := range []struct {
		name, seed string
		mode       plan.WriteMode
	}{
		{"parts refused together", `"behavior": {"refuseCombined": true}`, plan.WritePatch},
		{"parts refused together, written by PUT", `"behavior": {"refuseCombined": true}`, plan.WritePut},
		{"PATCH refused, written by PUT", `"behavior": {"refusePatch": true}`, plan.WritePut},
		{"duplicate requirement rows", `"behavior": {"duplicateRequirements": true}`, plan.WritePatch},
		{"duplicate requirement rows, written by PUT", `"behavior": {"duplicateRequirements": true}`, plan.WritePut},
		{"unset requirements as [{}]", `"behavior": {"emptyRequirementsAsObject": true}`, plan.WritePut},
		{"errors as null", `"behavior": {"emptyErrorsAsNull": true}`, plan.WritePatch},
		{"PUT resets what it does not name", `"behavior": {"putResetsForeign": true}`, plan.WritePut},
		{"PUT makes new package ids", `"behavior": {"putKeepsPackageIds": false}`, plan.WritePatch},
		{"pollingUrl with a slash", `"behavior": {"pollingUrlLeadingSlash": true}`, plan.WritePatch},
		{"no Content-MD5", `"behavior": {"noContentMD5": true}`, plan.WritePatch},
		{"draft unreadable while a submission runs", `"behavior": {"draftUnreadableWhileActive": true}`, plan.WritePatch},
		{"slow modules and a status that lags", `"pace": {"packages": "90s", "modules": "7s", "certification": "3h", "statusLag": "9s"}`, plan.WritePatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewReader(t, c.seed, "en-us", "de-de")
				b.WriteMode = c.mode
				b.Env = map[string]string{"STORE_NOTES": "notes", "STORE_CPU": "cpu", "STORE_SWITCH": "/quiet"}
				b.Write(t, backendtest.ReaderManifest(wholeSpec))
				b.Write(t, wholeImages(t))
				b.MustApply(t)
				b.MustBeInSync(t)
				b.Write(t, backendtest.ReaderManifest(strings.NewReplacer("Faster.", `""`, "2 GB RAM", "3 GB RAM", "[Fast, Offline]", "[]", "[1.png, 2.png]", "[2.png]").Replace(wholeSpec)))
				b.MustApply(t)
				b.MustBeInSync(t)
			})
		})
	}
}

// TestImagesThatCannotBeRead: their sets are reported and left alone, until
// all are sent anew by name; from then on the record knows them.
func TestImagesThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewReader(t, `"behavior": {"assetUrlsUnreadable": true}`, "en-us")
		b.Write(t, backendtest.ReaderManifest("  listings: {en-us: {screenshots: [1.png], whatsNew: Faster.}}\n"))
		b.Write(t, wholeImages(t))
		planned := b.Plan(t, reconcile.PlanOptions{}).Products[0]
		if planned.Complete || len(planned.Changes) != 1 || !slices.ContainsFunc(planned.Notices, func(n plan.Notice) bool {
			return strings.Contains(n.Text, "listings.en-us.screenshots") && strings.Contains(n.Text, "--reupload-images MsiExeApp/contoso-reader")
		}) {
			t.Fatalf("complete %t, changes %+v, notices %v", planned.Complete, planned.Changes, planned.Notices)
		}
		report := b.Apply(t, reconcile.PlanOptions{ReuploadImages: []string{planned.Address}}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		uploads := 0
		for _, request := range b.Writes() {
			if request.Kind == "blob" {
				uploads++
			}
		}
		if uploads != 1 {
			t.Errorf("%d uploads, want 1", uploads)
		}
		b.MustBeInSync(t)
		if !b.Plan(t, reconcile.PlanOptions{}).Complete {
			t.Error("the images are known now, so the plan must be complete")
		}
	})
}
