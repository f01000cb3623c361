package msix

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/reconcile/record"
	"github.com/storesync/storesync/schema"
)

// othersOf are the otherFields of a state.
func othersOf(s plan.State) map[string]string {
	found := map[string]string{}
	for path, value := range s {
		if strings.HasSuffix(string(path), fieldOther) {
			found[string(path)] = string(value.JSON)
		}
	}
	return found
}

func TestOtherFields(t *testing.T) {
	d := parsed(t, oddSubmission())
	got, err := stateOf(d, notes(bareApp()), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"otherFields": `{"gamingOptions":[{"xGame":true}],"packageDeliveryOptions":{"xDelivery":1},"pricing":{"xPricing":1},` +
			`"trailers":[{"trailerAssets":{"en-us":{"imageList":[{"xThumb":1}],"xAsset":1}},"xTrailer":1}],"xTop":{"big":12345678901234567890,"share":1.50}}`,
		"listings.En-US.otherFields":               `{"baseListing":{"xBase":"kept"},"platformOverrides":{"Windows81":{"description":"Old.","xOverride":[1,2]}}}`,
		"listings.de-de.otherFields":               `{"xListing":1}`,
		"packages.arm64-desktop.otherFields":       `{"xPackage":3}`,
		"packages.x64-desktop.otherFields":         `{"xPackage":2}`,
		"packages.x64-desktop-1-0-0-0.otherFields": `{"xPackage":1}`,
	}
	if diff := cmp.Diff(want, othersOf(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if string(d.raw()) != string(parsed(t, oddSubmission()).raw()) {
		t.Error("the submission was changed")
	}
}

// TestOtherFieldsByPlace sets one place of a submission at a time.
func TestOtherFieldsByPlace(t *testing.T) {
	const top, english, x64 = "otherFields", "listings.en-us.otherFields", "packages.x64-desktop.otherFields"
	const knownTop, knownEnglish = `"somethingNew":{"count":12345678901234567890,"share":1.50}`, `{"baseListing":{"futureText":"kept"},"platformOverrides":{"Windows81":{"description":"Old."}}}`
	same := map[string]string{top: "{" + knownTop + "}", english: knownEnglish}
	with := func(path, value string) map[string]string {
		all := maps.Clone(same)
		all[path] = value
		return all
	}
	without := func(path string) map[string]string {
		all := maps.Clone(same)
		delete(all, path)
		return all
	}
	for _, c := range []struct {
		name, pointer, value string
		want                 map[string]string
	}{
		{"an unknown member", "/aNew", `[1e2,{"b":1.50,"a":null}]`, with(top, `{"aNew":[1e2,{"b":1.50}],`+knownTop+"}")},
		{"nothing of an unknown member", "/aNew", `{"a":[],"b":{},"c":"","d":null}`, same},
		{"false and 0 say something", "/aNew", `[false,0]`, with(top, `{"aNew":[false,0],`+knownTop+"}")},
		{"nothing remains", "/somethingNew", "null", without(top)},
		{"an unknown price member", "/pricing/aNew", `1.0`, with(top, `{"pricing":{"aNew":1.0},`+knownTop+"}")},
		{"a name that no path can hold", "/allowTargetFutureDeviceFamilies/a.b", `true`, with(top, `{"allowTargetFutureDeviceFamilies":{"a.b":true},`+knownTop+"}")},
		{"a language that no path can hold", "/listings/a.b", `{"baseListing":{"title":"x"}}`, with(top, `{"listings":{"a.b":{"baseListing":{"title":"x"}}},`+knownTop+"}")},
		{"an override", "/listings/en-us/platformOverrides/Windows81/description", `"New."`, with(english, strings.Replace(knownEnglish, "Old.", "New.", 1))},
		{"the obsolete texts", "/listings/en-us/baseListing/supportContact", `"a@contoso.example"`, same},
		{"an image of no known type", "/listings/en-us/baseListing/images/0/imageType", `""`,
			with(english, `{"baseListing":{"futureText":"kept","images":[{"description":"The editor","fileName":"editor.png","fileStatus":"Uploaded"}]},"platformOverrides":{"Windows81":{"description":"Old."}}}`)},
		{"DirectX", "/applicationPackages/0/minimumDirectXVersion", `"DirectX93"`, with(x64, `{"minimumDirectXVersion":"DirectX93"}`)},
		{"what the service finds in a package", "/applicationPackages/0/capabilities", `["other"]`, same},
		{"a package that goes", "/applicationPackages/0", `{"id":"1","fileName":"x.msix","fileStatus":"PendingDelete","x":1}`, same},
		{"id", "/id", `"7"`, same}, {"status", "/status", `"PendingCommit"`, same}, {"name", "/friendlyName", `"x"`, same}, {"sales", "/pricing/sales", `[{"x":1}]`, same},
		{"tiers", "/pricing/isAdvancedPricingModel", `false`, same}, {"address", "/fileUploadUrl", `"https://x.example/?sig=NEVER"`, same}, {"notes", "/NotesForCertification", `"NEVER"`, same},
		{"rollout", "/packageDeliveryOptions/packageRollout", `{"isPackageRollout":true,"x":1}`, same},
		{"a left-over date", "/targetPublishDate", `"2027-01-01T00:00:00Z"`, same},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := parsed(t, liveSubmission)
			if err := d.set(c.pointer, []byte(c.value)); err != nil {
				t.Fatal(err)
			}
			state, err := stateOf(d, notes(bareApp()), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, othersOf(state)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherFieldsHideAnUploadAddress(t *testing.T) {
	state, err := stateOf(parsed(t, `{"uploadUrl2":"https://x.example/f?se=1&Sig=NEVER"}`), notes(bareApp()), nil)
	if err != nil || !state[fieldOther].Sensitive {
		t.Errorf("%+v, %v", state[fieldOther], err)
	}
}

// The places that a manifest cannot write, with what they are set to.
var unwritable = map[string]struct {
	path  plan.Path
	value string
}{
	"/listings/en-us/platformOverrides/Windows81/description": {"listings.en-us.otherFields", `"Theirs."`},
	"/listings/en-us/baseListing/futureText":                  {"listings.en-us.otherFields", `"theirs"`},
	"/pricing/futurePrice":                                    {"otherFields", "7"},
	"/somethingNew/share":                                     {"otherFields", "1.5"},
	"/applicationPackages/0/minimumSystemRam":                 {"packages.x64-desktop.otherFields", `"Memory2GB"`},
}

// TestForeignDraftOfOtherFieldsIsNotAdopted: nothing that a manifest can write
// differs in it, and yet it holds somebody's work.
func TestForeignDraftOfOtherFieldsIsNotAdopted(t *testing.T) {
	planned := func(draft string) plan.Product {
		b, _ := against(t, theStore(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyDraft: {ok(draft)}}))
		engine := reconcile.New(reconcile.Options{
			Backends: map[schema.Kind]reconcile.Backend{schema.MsixAppKind: b}, Records: record.Files(t.TempDir()), Tool: "test", Now: time.Now,
		})
		m := notes(schema.MsixApp{Listings: map[string]*schema.MsixListing{"en-us": {Title: text("Contoso Notes 2")}}})
		proposal, err := engine.Plan(context.Background(), &schema.Workspace{Manifests: []*schema.Manifest{m}}, reconcile.PlanOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return proposal.Plan.Products[0]
	}
	if untouched := planned(draftWith(t, nil)); !untouched.Applyable {
		t.Fatalf("an untouched draft is not used: %+v", untouched.Blocked)
	}
	for pointer, edit := range unwritable {
		t.Run(pointer, func(t *testing.T) {
			got := planned(draftWith(t, map[string]string{pointer: edit.value}))
			found := slices.ContainsFunc(got.Changes, func(c plan.Change) bool {
				return c.Path == edit.path && slices.Contains(c.Guards, plan.GuardReplaceDraft)
			})
			if got.Applyable || !found {
				t.Errorf("applyable is %t, changes %+v", got.Applyable, got.Changes)
			}
		})
	}
}

// TestOwnDraftWithForeignOtherFieldsIsGuarded: somebody edits our draft between
// two applies.
func TestOwnDraftWithForeignOtherFieldsIsGuarded(t *testing.T) {
	const title = "/listings/en-us/baseListing/title"
	for pointer, edit := range unwritable {
		t.Run(pointer, func(t *testing.T) {
			folder := t.TempDir()
			applied(t, folder, theStore(t, map[string][]reply{keyCommit: {lost()}, statusKey: statuses("PendingCommit")}))
			edited := ok(draftWith(t, map[string]string{title: newTitle, pointer: edit.value}))
			result, store := applied(t, folder, theStore(t, map[string][]reply{"GET app": {ok(appWith(testPublished, testDraft))}, keyDraft: {edited}}))
			checkError(t, result.Err, plan.ClassRefused, "foreign-edits", string(edit.path))
			if slices.ContainsFunc(store.requests(), func(r string) bool { return !strings.HasPrefix(r, "GET ") }) {
				t.Errorf("it was written all the same: %v", store.requests())
			}
		})
	}
}

func TestPutThatMovesOtherFieldsIsNotCommitted(t *testing.T) {
	const title = "/listings/en-us/baseListing/title"
	for pointer, edit := range unwritable {
		t.Run(pointer, func(t *testing.T) {
			result, store := applied(t, t.TempDir(), theStore(t, map[string][]reply{keyPut: {ok(draftWith(t, map[string]string{title: newTitle, pointer: edit.value}))}}))
			checkError(t, result.Err, plan.ClassError, "the draft is not what was sent", string(edit.path))
			if slices.Contains(store.requests(), keyCommit) {
				t.Errorf("it was committed all the same: %v", store.requests())
			}
		})
	}
}

// TestReplacedPackageLeavesItsOtherFields: what somebody set for a package is
// not expected of the one that takes its place.
func TestReplacedPackageLeavesItsOtherFields(t *testing.T) {
	m := notes(schema.MsixApp{Packages: []schema.MsixPackage{built("notes.msix", "2.0.0.0", "x64")}})
	live := parsed(t, liveSubmission)
	if err := live.set("/applicationPackages/0/minimumSystemRam", []byte(`"Memory2GB"`)); err != nil {
		t.Fatal(err)
	}
	observed := look(t, m, string(live.raw()), nil)
	const path = "packages.x64-desktop.otherFields"
	if observed.State[path].Empty() {
		t.Fatal("not observed")
	}
	if target, _ := targetOf(t, m, observed); !target[path].Empty() {
		t.Errorf("expected of the new package: %s", target[path].JSON)
	}
}
