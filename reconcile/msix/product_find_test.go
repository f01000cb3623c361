package msix_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// findings are all that a plan says is wrong or worth knowing.
func findings(plan *plan.Plan) string {
	var lines []string
	for _, p := range plan.Products {
		lines = append(lines, p.Error)
		for _, notice := range p.Notices {
			lines = append(lines, notice.Text)
		}
	}
	for _, d := range plan.Diagnostics {
		lines = append(lines, d.Path+": "+d.Summary+" "+d.Detail)
	}
	return strings.Join(lines, "\n")
}

func TestWhatCannotBePlanned(t *testing.T) {
	const packages = "  packages:\n    - {file: notes-x64.msix}\n"
	flight, addOn := backendtest.FlightManifest, backendtest.AddOnManifest
	pinned := func(id string) func(string) backendtest.Files {
		return func(string) backendtest.Files {
			return backendtest.Files{"p.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders}\nspec: {app: " + backendtest.NotesID + ", id: " + id + ", targetPublishMode: Manual}\n")}
		}
	}
	cases := []struct {
		name, reason, seed string
		manifest           func(string) backendtest.Files
		spec               string
		want               []string
	}{
		{"two flights of one name", "which is meant is not guessed", `"flights": [{"flightId": "5e2c9a1f-0000-4000-8000-000000000001", "friendlyName": "Insiders", "groupIds": ["1"]},
			{"flightId": "5e2c9a1f-0000-4000-8000-000000000002", "friendlyName": "Insiders", "groupIds": ["1"]}]`, flight, packages,
			[]string{"flight Insiders of app " + backendtest.NotesID, "2 of that name", "000000000001, 5e2c9a1f-0000-4000-8000-000000000002"}},
		{"two flights of one name but for case", "which is meant is not guessed", `"flights": [{"flightId": "5e2c9a1f-0000-4000-8000-000000000001", "friendlyName": "Insiders", "groupIds": ["1"]},
			{"flightId": "5e2c9a1f-0000-4000-8000-000000000002", "friendlyName": "INSIDERS", "groupIds": ["1"]}]`, flight, packages,
			[]string{"2 of that name, without regard to case", "000000000001, 5e2c9a1f-0000-4000-8000-000000000002 (\"INSIDERS\")", "Write spec.id"}},
		{"a flight that is spelled otherwise", "it is not made twice", `"flights": [{"friendlyName": "INSIDERS", "groupIds": ["1"]}]`, flight, packages,
			[]string{`friendlyName: "Insiders" is spelled "INSIDERS" at the Store`, "Write it so"}},
		{"an add-on that is spelled otherwise", "the Store would refuse another one", `"addOns": [{"productId": "Extra-Storage", "productType": "Durable", "languages": ["en-us"]}]`, addOn, firstAddOn,
			[]string{`productId: "extra-storage" is spelled "Extra-Storage" at the Store`, "Write it so"}},
		{"a rank above none", "the Store would refuse it", `"flights": [{"friendlyName": "Beta", "groupIds": ["1"]}, {"friendlyName": "Alpha", "groupIds": ["1"]}]`, flight, "  groupIds: [\"1\"]\n  rankHigherThan: Gamma\n" + packages,
			[]string{`rankHigherThan: the app has no flight "Gamma"`, `Its flights are Alpha, Beta. Write one of them or "Non-flighted submission"`}},
		{"a rank above none of none", "the Store would refuse it", `"flights": []`, flight, "  groupIds: [\"1\"]\n  rankHigherThan: Gamma\n" + packages,
			[]string{`rankHigherThan: the app has no flight "Gamma", and no other`}},
		{"a rank above a GUID that is none", "the Store would refuse it", `"flights": [{"friendlyName": "Beta", "groupIds": ["1"]}]`, flight, "  groupIds: [\"1\"]\n  rankHigherThan: 5e2c9a1f-0000-4000-8000-000000000009\n" + packages,
			[]string{`rankHigherThan: the app has no flight "5e2c9a1f-0000-4000-8000-000000000009"`}},
		{"a rank above two", "which is meant is not guessed", `"flights": [{"flightId": "5e2c9a1f-0000-4000-8000-000000000001", "friendlyName": "Beta", "groupIds": ["1"]},
			{"flightId": "5e2c9a1f-0000-4000-8000-000000000002", "friendlyName": "Beta", "groupIds": ["2"]}]`, flight, "  groupIds: [\"1\"]\n  rankHigherThan: Beta\n" + packages,
			[]string{`rankHigherThan: the app has 2 flights named "Beta"`}},
		{"a rank that is spelled otherwise", "the API takes the name", `"flights": [{"friendlyName": "Beta", "groupIds": ["1"]}]`, flight, "  groupIds: [\"1\"]\n  rankHigherThan: beta\n" + packages,
			[]string{`rankHigherThan: "beta" is spelled "Beta" at the Store`}},
		{"the rank of a flight that is there, spelled otherwise", "it is no other rank", `"flights": [{"friendlyName": "Beta", "groupIds": ["2"]}, {"friendlyName": "Insiders", "groupIds": ["1"], "rankHigherThan": "Beta"}]`,
			flight, "  rankHigherThan: beta\n" + packages, []string{`rankHigherThan: "beta" is spelled "Beta" at the Store`}},
		{"absent and spelled otherwise", "what is deleted is named exactly", `"flights": [{"friendlyName": "INSIDERS", "groupIds": ["1"]}]`, func(string) backendtest.Files {
			return backendtest.Files{"p.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders, state: absent}\nspec: {app: " + backendtest.NotesID + ", friendlyName: Insiders}\n")}
		}, "", []string{`friendlyName: "Insiders" is spelled "INSIDERS" at the Store`}},
		{"pinned and not there", "what is pinned is never made", `"flights": []`, pinned("5e2c9a1f-0000-4000-8000-000000000009"), "",
			[]string{"flight 5e2c9a1f-0000-4000-8000-000000000009 of app", "is not there"}},
		{"other groups", "the API cannot change them", `"flights": [{"friendlyName": "Insiders", "groupIds": ["1"]}]`, flight, "  groupIds: [\"2\"]\n" + packages,
			[]string{"groupIds: the API cannot change it", "Modify"}},
		{"another rank", "the API cannot change it", `"flights": [{"friendlyName": "Beta", "groupIds": ["2"]}, {"friendlyName": "Insiders", "groupIds": ["1"], "rankHigherThan": "Non-flighted submission"}]`,
			flight, "  rankHigherThan: Beta\n" + packages, []string{"rankHigherThan: the API cannot change it", "Non-flighted submission", "Beta"}},
		{"another type", "the API cannot change it", `"addOns": [{"productId": "extra-storage", "productType": "Consumable"}]`, addOn, firstAddOn,
			[]string{"productType: the API cannot change it", "Consumable", "Durable"}},
		{"another app's package", "the Store would refuse it after the upload", `"packageIdentityName": "Contoso.Board", "flights": []`, flight, "  groupIds: [\"1\"]\n" + packages,
			[]string{"the identity name of notes-x64.msix is \"Contoso.Notes\"", "Contoso.Board"}},
		{"no package", "it could not be committed", `"flights": []`, flight, "  groupIds: [\"1\"]\n  targetPublishMode: Manual\n", []string{"the flight would have no package"}},
		{"a flight made in the portal", "its first draft is the portal's (msstore-cli issue 61)", `"flights": [{"friendlyName": "Insiders", "groupIds": ["1"], "published": false}]`, flight, packages,
			[]string{"made in Partner Center", "delete the flight there and let apply make it"}},
		{"an add-on of features unknown to the API", "409 says so", `"addOns": [{"productId": "extra-storage", "productType": "Durable", "unsupported": true}]`, addOn, firstAddOn,
			[]string{"not supported"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewBench(t, backendtest.MsixStore(t, c.seed, "en-us"), backendtest.MsixProducts)
				b.Write(t, flightFiles(t))
				b.Write(t, addOnFiles(t))
				b.Write(t, c.manifest(c.spec))
				plan := b.Plan(t, reconcile.PlanOptions{})
				got := findings(plan)
				for _, phrase := range c.want {
					if !strings.Contains(got, phrase) {
						t.Errorf("%s: found %q, want %q", c.reason, got, phrase)
					}
				}
				if plan.Applyable {
					t.Errorf("%s: it can be applied", c.reason)
				}
				report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
				if report.Products[0].Err == nil && !report.Diagnostics.HasErrors() {
					t.Errorf("apply: %+v", report.Products[0])
				}
				if writes := b.Writes(); len(writes) > 0 {
					t.Errorf("it wrote %+v", writes)
				}
			})
		})
	}
}

// TestRankAboveAFlightOfTheRun: a flight that is made in the same run is no
// flight of the list yet.
func TestRankAboveAFlightOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewFlight(t, "[]")
		b.Write(t, flightFiles(t))
		const spec = "  groupIds: [\"1\"]\n  packages:\n    - {file: notes-x64.msix}\n"
		b.Write(t, backendtest.FlightManifest(spec+"  rankHigherThan: Beta\n"))
		b.Write(t, backendtest.Files{"z.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: z}\nspec:\n  app: " + backendtest.NotesID + "\n  friendlyName: Beta\n" + spec)})
		b.MustApply(t)
		b.MustBeInSync(t)
	})
}

// TestPinningKeepsTheRecord: the draft that was written by name is still ours
// once the manifest has the id, too.
func TestPinningKeepsTheRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const id = "5e2c9a1f-0000-4000-8000-000000000001"
		b := backendtest.NewFlight(t, `[{"flightId": "`+id+`", "friendlyName": "Insiders", "groupIds": ["1"]}]`)
		const spec = "  notesForCertification: Hello.\n"
		b.Write(t, backendtest.FlightManifest(spec))
		if err := b.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{}).Products[0].Err; err != nil {
			t.Fatal(err)
		}
		b.Write(t, backendtest.FlightManifest(spec+"  id: "+id+"\n"))
		if draft := b.Plan(t, reconcile.PlanOptions{}).Products[0].Draft; draft != plan.DraftOurs {
			t.Errorf("the draft is %s", draft)
		}
		b.MustApply(t)
	})
}

// TestAbsentAndPinnedIsInSync: to be gone is what is wanted, by id as by name.
func TestAbsentAndPinnedIsInSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewFlight(t, "[]")
		b.Write(t, backendtest.Files{"p.yaml": []byte("apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: insiders, state: absent}\nspec: {app: " +
			backendtest.NotesID + ", id: 5e2c9a1f-0000-4000-8000-000000000009}\n")})
		b.MustBeInSync(t)
	})
}

// TestDeletionWhoseAnswerIsLost: whether it arrived is read from the product.
func TestDeletionWhoseAnswerIsLost(t *testing.T) {
	for _, action := range []string{"drop-after", "drop-before"} {
		synctest.Test(t, func(t *testing.T) {
			b := backendtest.NewAddOn(t, liveAddOn)
			b.Write(t, backendtest.Files{"storage.yaml": []byte("apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: extra-storage, state: absent}\nspec: {app: " +
				backendtest.NotesID + ", productId: extra-storage}\n")})
			if err := b.Emulator.SetFaults([]byte(`[{"match": "^DELETE ", "action": "` + action + `"}]`)); err != nil {
				t.Fatal(err)
			}
			report := b.Apply(t, reconcile.PlanOptions{Allow: backendtest.AllowAll()}, reconcile.ApplyOptions{})
			if err := report.Products[0].Err; err != nil {
				t.Errorf("%s: %v", action, err)
			}
			b.MustBeInSync(t)
		})
	}
}

// TestCreationIsNotSentTwice: a creation whose answer was lost is looked for
// before it is sent again, in a Store that takes a name twice.
func TestCreationIsNotSentTwice(t *testing.T) {
	for _, c := range []struct {
		action string
		posts  int
	}{{"drop-after", 1}, {"drop-before", 2}} {
		t.Run(c.action, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewFlight(t, "[]")
				b.Write(t, flightFiles(t))
				b.Write(t, backendtest.FlightManifest("  groupIds: [\"1\"]\n  packages:\n    - {file: notes-x64.msix}\n"))
				if err := b.Emulator.SetFaults([]byte(`[{"match": "^POST .*/flights$", "action": "` + c.action + `"}]`)); err != nil {
					t.Fatal(err)
				}
				b.MustApply(t)
				posts := slices.DeleteFunc(strings.Split(productLines(b), "\n"), func(line string) bool { return line != "POST (app)/flights" })
				if len(posts) != c.posts {
					t.Errorf("%d creations were sent, want %d", len(posts), c.posts)
				}
				b.MustBeInSync(t)
			})
		})
	}
}

// TestFirstDraftIsKeptByDiscard: the first draft of a flight is reused, never
// deleted.
func TestFirstDraftIsKeptByDiscard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := backendtest.NewFlight(t, "[]")
		b.Write(t, flightFiles(t))
		b.Write(t, backendtest.FlightManifest("  groupIds: [\"1\"]\n  packages:\n    - {file: notes-x64.msix}\n"))
		report := b.Apply(t, reconcile.PlanOptions{Draft: true}, reconcile.ApplyOptions{})
		if err := report.Products[0].Err; err != nil {
			t.Fatal(err)
		}
		b.Emulator.ForgetRequests()
		_, err := b.Engine(t).Discard(t.Context(), b.Load(t).Manifests[0], func(context.Context, *reconcile.DiscardPlan) error { return nil })
		if err == nil || !strings.Contains(err.Error(), "is the first submission of flight Insiders of app "+backendtest.NotesID+", which is kept and reused") {
			t.Errorf("discard: %v", err)
		}
		if writes := b.Writes(); len(writes) > 0 {
			t.Errorf("it wrote %+v", writes)
		}
	})
}
