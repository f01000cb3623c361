package msix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// blocked is what a plan asks permission for.
func blocked(t *testing.T, b *backendtest.Bench) []plan.Guard {
	t.Helper()
	plan := b.Plan(t, reconcile.PlanOptions{})
	if plan.Errored {
		t.Fatalf("plan: %v, %s", plan.Diagnostics, plan.Products[0].Error)
	}
	return plan.Products[0].Blocked
}

// TestGuardsOfOurDraftAreJudgedByWhatIsLive: what waits in a draft is nobody's,
// and what the draft dropped already is still what customers have.
func TestGuardsOfOurDraftAreJudgedByWhatIsLive(t *testing.T) {
	const x64, both = "  packages: [{file: x64.msix}]\n", "  packages: [{file: x64.msix}, {file: arm64.msix}]\n"
	cases := []struct {
		name, reason string
		draft, after string // the version of x64 in the draft, and what is asked for then
		spec         string
		want         []plan.Guard
	}{
		{"next build", "a build that was never published is replaced freely", "1.5.0.0", "1.6.0.0", both, nil},
		{"older build", "as long as it is newer than what is live", "1.5.0.0", "1.4.2.0", both, nil},
		{"downgrade", "older than what is live", "1.5.0.0", "1.3.0.0", both, []plan.Guard{plan.GuardVersionDowngrade}},
		{"dropped", "an architecture that is live goes", "1.5.0.0", "1.6.0.0", x64, []plan.Guard{plan.GuardDropArchitecture, plan.GuardRemovePackage}},
		{"both", "each on its own", "1.5.0.0", "1.3.0.0", x64,
			[]plan.Guard{plan.GuardDropArchitecture, plan.GuardRemovePackage, plan.GuardVersionDowngrade}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewNotes(t, "", "en-us")
				build := func(version string, spec string) {
					b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, version, "x64")})
					b.Write(t, backendtest.NotesManifest(spec))
				}
				b.Write(t, backendtest.Files{"arm64.msix": backendtest.NotesPackage(t, "1.4.1.0", "arm64")})
				build("1.4.1.0", both)
				b.MustApply(t)
				build(c.draft, both)
				report := b.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{})
				if err := report.Products[0].Err; err != nil {
					t.Fatal(err)
				}
				build(c.after, c.spec)
				if diff := cmp.Diff(c.want, blocked(t, b)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.reason, diff)
				}
				b.MustApply(t)
				b.MustBeInSync(t)
			})
		})
	}
}

// rolledOut is a live submission whose rollout is over; the copy that a draft
// begins as says so, too.
const rolledOut = `"submission": {"packageDeliveryOptions": {"packageRollout": {
	"isPackageRollout": true, "packageRolloutPercentage": %s, "packageRolloutStatus": "%s", "fallbackSubmissionId": "7"}}}`

func newBuild(t *testing.T, b *backendtest.Bench, spec string) {
	b.Write(t, backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")})
	b.Write(t, backendtest.NotesManifest("  packages: [{file: x64.msix}]\n"+spec))
}

// TestRolloutOnTopOfOneThatIsOver: the status is the service's own, so the one
// of the live packages says nothing of ours.
func TestRolloutOnTopOfOneThatIsOver(t *testing.T) {
	for share, status := range map[string]string{"100": "PackageRolloutComplete", "0": "PackageRolloutStopped"} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewNotes(t, fmt.Sprintf(rolledOut, share, status), "en-us")
				newBuild(t, b, "  rollout: {percentage: 10}\n")
				for range 2 { // a draft, which is gone on with
					if err := b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
						t.Fatal(err)
					}
					newBuild(t, b, "  rollout: {percentage: 10}\n  visibility: Hidden\n")
				}
				plan := b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()})
				for _, operation := range plan.Products[0].Operations {
					if operation.ID == "put" {
						t.Errorf("the draft still lacks %s", operation.Body)
					}
				}
				if err := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// pendingRollouts are isPackageRollout of the drafts that the Store has.
func pendingRollouts(t *testing.T, b *backendtest.Bench) []bool {
	t.Helper()
	var state struct {
		Msix []struct {
			Submissions []struct {
				Status   string `json:"status"`
				Document struct {
					Delivery struct {
						Rollout struct {
							On bool `json:"isPackageRollout"`
						} `json:"packageRollout"`
					} `json:"packageDeliveryOptions"`
				} `json:"document"`
			} `json:"submissions"`
		} `json:"msix"`
	}
	if err := json.Unmarshal(b.Emulator.State(), &state); err != nil {
		t.Fatal(err)
	}
	var on []bool
	for _, submission := range state.Msix[0].Submissions {
		if submission.Status == "PendingCommit" {
			on = append(on, submission.Document.Delivery.Rollout.On)
		}
	}
	return on
}

// TestInterruptedDraftInheritsNoRollout: a draft that was made and never
// written is still the copy that it began as.
func TestInterruptedDraftInheritsNoRollout(t *testing.T) {
	for name, more := range map[string]string{"packages": "", "text": "  listings: {en-us: {releaseNotes: Faster.}}\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewNotes(t, fmt.Sprintf(rolledOut, "100", "PackageRolloutComplete"), "en-us")
				if more == "" {
					newBuild(t, b, "")
				} else {
					b.Write(t, backendtest.NotesManifest(more))
				}
				stop := make(chan struct{})
				b.OnEvent = func(event reconcile.Event) {
					if done, ok := event.(reconcile.OperationDone); ok && done.Operation.ID == "create" {
						close(stop)
					}
				}
				report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Stop: stop})
				if report.Products[0].Outcome != reconcile.Interrupted {
					t.Fatalf("%s: %v", report.Products[0].Outcome, report.Products[0].Err)
				}
				b.OnEvent = nil
				report = b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
				if err := report.Products[0].Err; err != nil {
					t.Fatal(err)
				}
				if on := pendingRollouts(t, b); !slices.Equal(on, []bool{false}) {
					t.Errorf("isPackageRollout of the drafts: %t", on)
				}
			})
		})
	}
}

// TestCommitThatFellBackIsOwed: after a fault of the Store a committed
// submission is a draft again.
func TestCommitThatFellBackIsOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, `"outcomes": ["PendingCommit"]`, "en-us")
		newBuild(t, b, "")
		report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalPublished})
		if err := report.Products[0].Err; err == nil || !strings.Contains(err.Error(), "is a draft again") {
			t.Fatalf("%s: %v", report.Products[0].Outcome, err)
		}
		product := b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}).Products[0]
		ids := []string{}
		for _, operation := range product.Operations {
			ids = append(ids, operation.ID)
		}
		if diff := cmp.Diff([]string{"draft", "verify", "upload", "verify.sent", "commit"}, ids); diff != "" || !product.Applyable || product.Draft != plan.DraftOurs {
			t.Errorf("applyable %t, draft %s, operations (-want +got):\n%s", product.Applyable, product.Draft, diff)
		}
		// An apply that does not commit forgets nothing.
		b.Apply(t, reconcile.PlanOptions{Draft: true, Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
		b.MustApply(t)
		b.MustBeInSync(t)
	})
}

// TestRunningRolloutSaysWhatEndsIt: nothing but a person ends a rollout.
func TestRunningRolloutSaysWhatEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, fmt.Sprintf(rolledOut, "100", "PackageRolloutInProgress"), "en-us")
		newBuild(t, b, "")
		err := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{}).Products[0].Err
		failure, ok := errors.AsType[*plan.Failure](err)
		if !ok || failure.Class != plan.ClassPending || !strings.HasPrefix(failure.Next, "Finalize or halt the rollout") {
			t.Errorf("%#v", err)
		}
	})
}

func TestRolloutWithNothingToRollOutIsANotice(t *testing.T) {
	b := backendtest.NewNotes(t, "", "en-us")
	b.Write(t, backendtest.NotesManifest("  rollout: {percentage: 10}\n"))
	product := b.Plan(t, reconcile.PlanOptions{}).Products[0]
	want := []plan.Notice{{Path: "rollout", Text: "no rollout is running and there are no new packages; rollout applies to the next new package set"}}
	if diff := cmp.Diff(want, product.Notices); diff != "" || len(product.Operations) > 0 {
		t.Errorf("operations %v, notices (-want +got):\n%s", product.Operations, diff)
	}
}
