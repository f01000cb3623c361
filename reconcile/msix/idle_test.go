package msix_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/emulator"
	"github.com/storesync/storesync/reconcile/plan"
)

// idleProduct is a product whose idle values move.
type idleProduct struct {
	name  string
	store func(testing.TB) *emulator.Emulator
	// before and after are manifests; before is applied first.
	before, after backendtest.Files
	// edit makes the submission of an edit of the app one of the product.
	edit string
}

func idleProducts(t *testing.T) []idleProduct {
	packages := backendtest.Files{"x64.msix": backendtest.NotesPackage(t, "2.0.0.0", "x64")}
	const flight = "  groupIds: ['1']\n  packages: [{file: x64.msix}]\n"
	return []idleProduct{
		{"app", func(t testing.TB) *emulator.Emulator { return backendtest.MsixStore(t, "", "en-us") },
			backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Fast.}}\n"), backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Faster.}}\n"),
			`{"submission": %}`},
		{"add-on", func(t testing.TB) *emulator.Emulator {
			return backendtest.AddOnStore(t, strings.Replace(soldAddOn, `["storage"]`, `[]`, 1))
		},
			backendtest.AddOnManifest("  tag: old\n"), backendtest.AddOnManifest("  tag: new\n"),
			`{"addOns": [{"productId": "extra-storage", "submission": %}]}`},
		{"flight", func(t testing.TB) *emulator.Emulator { return backendtest.FlightStore(t, "[]") },
			with(backendtest.FlightManifest(flight), packages), with(backendtest.FlightManifest(flight+"  targetPublishMode: Manual\n"), packages),
			`{"flights": [{"friendlyName": "Insiders", "submission": %}]}`},
	}
}

// idleEdit moves what means nothing, by hand.
func idleEdit(product string) string {
	edit := `{"targetPublishDate": "2031-02-03T04:05:06Z"`
	if product != "add-on" {
		edit += `, "packageDeliveryOptions": {"mandatoryUpdateEffectiveDate": "2032-02-03T04:05:06Z", "packageRollout": {"packageRolloutPercentage": 30}}`
	}
	if product == "app" {
		edit += `, "listings": {"en-us": {"baseListing": {"sortTitle": "", "voiceTitle": ""}}}, "gamingOptions": [{"genres": [], "isBroadcastingPrivilegeGranted": true, "kinectDataForExternal": "Disabled"}]`
	}
	return edit + "}"
}

// TestIdleValuesThatMovedLeaveAPlanAsItWas: an approved plan is carried out
// though a date moved that counts for nothing.
func TestIdleValuesThatMovedLeaveAPlanAsItWas(t *testing.T) {
	for _, p := range idleProducts(t) {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewBench(t, p.store(t), backendtest.MsixProducts)
				b.Write(t, p.before)
				b.MustApply(t)
				b.Write(t, p.after)
				options := reconcile.PlanOptions{Allow: backendtest.AllowAll()}
				approved := b.Plan(t, options)
				if !approved.Applyable {
					t.Fatalf("nothing to apply: %v", approved.Diagnostics)
				}
				if err := b.Emulator.EditMsix(backendtest.NotesID, []byte(strings.Replace(p.edit, "%", idleEdit(p.name), 1))); err != nil {
					t.Fatal(err)
				}
				engine := b.Engine(t)
				proposal, err := engine.Plan(t.Context(), b.Load(t), options)
				if err != nil {
					t.Fatal(err)
				}
				if before, now := approved.Products[0].Revision, proposal.Plan.Products[0].Revision; before != now {
					t.Errorf("the revision was %s and is %s", before, now)
				}
				if err := proposal.CheckSaved(approved); err != nil {
					t.Fatalf("the plan is stale: %v", err)
				}
				report, err := engine.Apply(t.Context(), proposal, reconcile.ApplyOptions{Goal: reconcile.GoalSubmitted})
				if err != nil || report.Products[0].Err != nil {
					t.Fatalf("apply: %v, %v", err, report.Products[0].Err)
				}
			})
		})
	}
}

// TestIdleValuesOfAFreshDraft: a draft is a copy of what is published also where
// the Store writes another nothing into it, and changes arrive at its places.
func TestIdleValuesOfAFreshDraft(t *testing.T) {
	busy := map[string]string{
		"app": "  targetPublishMode: SpecificDate\n  targetPublishDate: 2031-01-31T09:00:00Z\n  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2031-02-28T09:00:00Z}\n" +
			"  hardwarePreferences: [Touch]\n  listings: {en-us: {sortTitle: Notes, features: [Sync]}}\n",
		"add-on": "  targetPublishMode: SpecificDate\n  targetPublishDate: 2031-01-31T09:00:00Z\n  keywords: [notes]\n",
		"flight": "  groupIds: ['1']\n  packages: [{file: x64.msix}]\n  targetPublishMode: SpecificDate\n  targetPublishDate: 2031-01-31T09:00:00Z\n" +
			"  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2031-02-28T09:00:00Z}\n",
	}
	manifests := map[string]func(string) backendtest.Files{"app": backendtest.NotesManifest, "add-on": backendtest.AddOnManifest, "flight": backendtest.FlightManifest}
	for _, p := range idleProducts(t) {
		for name, after := range map[string]backendtest.Files{"elsewhere": p.after, "there": manifests[p.name](busy[p.name])} {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b, odd := oddBench(t, p.store(t))
					b.Write(t, p.before)
					b.MustApply(t)
					fresh := true
					odd.answer = func(s map[string]any) {
						if fresh && s["status"] == "PendingCommit" && s["targetPublishMode"] != nil {
							idle(s)
						}
					}
					b.OnEvent = func(event reconcile.Event) {
						if started, ok := event.(reconcile.OperationStarted); ok && started.Operation.ID == "put" {
							fresh = false
						}
					}
					b.Write(t, after)
					report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{Goal: reconcile.GoalSubmitted})
					if err := report.Products[0].Err; err != nil {
						t.Fatal(err)
					}
				})
			})
		}
	}
}

// idle writes other nothings into a draft.
func idle(s map[string]any) {
	s["targetPublishDate"] = "2030-02-03T04:05:06Z"
	delete(s, "hardwarePreferences")
	s["keywords"], s["trailers"] = nil, nil
	if delivery := part(s, "packageDeliveryOptions"); delivery != nil {
		delivery["mandatoryUpdateEffectiveDate"] = ""
		delete(delivery, "packageRollout")
	}
	if base := part(s, "listings", "en-us", "baseListing"); base != nil {
		base["sortTitle"], base["features"], base["websiteUrl"] = nil, nil, "https://contoso.example"
		delete(base, "licenseTerms")
	}
}

// TestRefusedPutNamesWhereTheDraftDiffers, and shows no value.
func TestRefusedPutNamesWhereTheDraftDiffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, odd := oddBench(t, backendtest.MsixStore(t, "", "en-us"))
		b.Write(t, backendtest.NotesManifest("  listings: {en-us: {releaseNotes: Faster.}}\n"))
		odd.answer = func(s map[string]any) {
			if s["status"] == "PendingCommit" && s["pricing"] != nil {
				s["notesForCertification"], s["futureSecret"] = "password: hunter22", "hunter23"
				part(s, "listings", "en-us", "baseListing")["description"] = "Somebody else's."
			}
		}
		got := b.Apply(t, reconcile.PlanOptions{}, reconcile.ApplyOptions{}).Products[0]
		if got.Outcome != reconcile.Refused || plan.ClassOf(got.Err) != plan.ClassRefused {
			t.Fatalf("%s: %v", got.Outcome, got.Err)
		}
		text := got.Err.Error()
		if !strings.Contains(text, "it differs at /futureSecret, /listings/en-us/baseListing/description") {
			t.Errorf("the places are not named: %s", text)
		}
		for _, value := range []string{"hunter", "Somebody"} {
			if strings.Contains(text, value) {
				t.Errorf("a value is shown: %s", text)
			}
		}
	})
}

// TestMandatoryDateBelongsToAMandatoryUpdate: with another it means nothing, so
// that it is neither compared nor sent, and goes with the mandatory update.
func TestMandatoryDateBelongsToAMandatoryUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewNotes(t, "", "en-us")
		b.Write(t, backendtest.NotesManifest("  packageDeliveryOptions: {isMandatoryUpdate: false, mandatoryUpdateEffectiveDate: 2031-02-28T09:00:00Z}\n"))
		b.MustBeInSync(t)
		b.Write(t, backendtest.NotesManifest("  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2031-02-28T09:00:00Z}\n"))
		b.MustApply(t)
		// The date alone changes what is mandatory already.
		b.Write(t, backendtest.NotesManifest("  packageDeliveryOptions: {mandatoryUpdateEffectiveDate: 2031-03-28T09:00:00Z}\n"))
		b.MustApply(t)
		b.Write(t, backendtest.NotesManifest("  packageDeliveryOptions: {isMandatoryUpdate: false}\n"))
		var paths []string
		for _, change := range b.Plan(t, reconcile.PlanOptions{}).Products[0].Changes {
			paths = append(paths, string(change.Path))
		}
		if got := strings.Join(paths, " "); got != "packageDeliveryOptions.isMandatoryUpdate packageDeliveryOptions.mandatoryUpdateEffectiveDate" {
			t.Errorf("changes: %s", got)
		}
		b.MustApply(t)
		b.MustBeInSync(t)
	})
}
