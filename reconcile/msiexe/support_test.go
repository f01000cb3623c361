package msiexe

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

const testProduct = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"

// liveDraft is a draft as the service answers it: padded, with duplicates and
// with fields that the API page does not name.
func liveDraft() map[string]string {
	return map[string]string{
		rawAvailability: `{"markets":["US","DE","CA"],"discoverability":"DISCOVERABLE","enableInFutureMarkets":true,"pricing":"FREE","freeTrial":"NO_FREE_TRIAL"}`,
		rawProperties: `{"isPrivacyPolicyRequired":true,"privacyPolicyUrl":"https://contoso.example/privacy","certificationNotes":"user: a, password: b",
			"category":"Productivity","genres":[],
			"productDeclarations":{"dependsOnDriversOrNT":false,"accessibilitySupport":false,"penAndInkSupport":false,"usesGenerativeAI":true},
			"isSystemFeatureRequired":[{"isRequired":false,"isRecommended":false,"hardwareItemType":"Touch","note":"kept"},{"isRequired":false,"isRecommended":false,"hardwareItemType":"Mouse"}],
			"systemRequirementDetails":[{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Memory"},
				{"minimumRequirement":"","recommendedRequirement":"","hardwareItemType":"Graphics"},
				{"minimumRequirement":"2GB","recommendedRequirement":"","hardwareItemType":"Memory"}]}`,
		rawListings: `[{"language":"de-de","description":"Liest alles.","additionalLicenseTerms":"Lizenz","productFeatures":["Schnell"],"searchTerms":[],"requirements":[{}],"heroArts":[],"trailers":[]},
			{"language":"en-us","description":"Reads anything.\r\nFast.","whatsNew":"Fixes.","additionalLicenseTerms":"Licence","productFeatures":[],"searchTerms":[],"requirements":[],"heroArts":[],"trailers":[]}]`,
		rawPackages: `[{"packageUrl":"https://dl.contoso.example/1.0/reader-x64.exe","languages":["en"],"architectures":["X64"],"installerParameters":"/quiet","isSilentInstall":false,
			"errorDetails":[{"errorScenarioDetails":[],"errorScenario":"rebootRequired"},{"errorScenarioDetails":[{"errorValue":"5","errorUrl":"https://contoso.example/5"}],"errorScenario":"miscellaneous","extra":1}],
			"packageType":"exe","packageId":"72541436"}]`,
		rawAssets: `[{"language":"en-us","storeLogos":[{"id":"logo-2x3","assetUrl":"https://img.contoso.example/logo-2x3","imageSize":{"width":720,"height":1080}},
				{"id":"logo-1x1","assetUrl":"https://img.contoso.example/logo-1x1","imageSize":{"width":1080,"height":1080}}],
			"screenshots":[{"id":"shot-1","assetUrl":"https://img.contoso.example/shot-1","imageSize":{"width":1366,"height":768}},
				{"id":"shot-2","assetUrl":"https://img.contoso.example/shot-2","imageSize":{"width":1366,"height":768}}]}]`,
	}
}

// liveDigests are the contents of the images of liveDraft.
func liveDigests() map[string]string {
	return map[string]string{
		"logo-1x1": "sha256:" + hash("logo-1x1"), "logo-2x3": "sha256:" + hash("logo-2x3"),
		"shot-1": "sha256:" + hash("shot-1"), "shot-2": "sha256:" + hash("shot-2"),
	}
}

// hash is a readable stand-in for a digest.
func hash(name string) string { return name + "-content" }

func localImage(name string, width, height int) schema.Image {
	return schema.Image{Name: "images/" + name + ".png", Bytes: 1000, Width: width, Height: height, SHA256: hash(name), MD5: "md5-of-" + name}
}

func screenshot(name string) schema.Image { return localImage(name, 1366, 768) }

func text(s string) *schema.Text { return &schema.Text{Value: s} }

func secret(s string) *schema.Text { return &schema.Text{Value: s, Env: "STORE_SECRET"} }

// reader is a manifest of the test product.
func reader(spec schema.MsiExeApp) *schema.Manifest {
	spec.ProductID = testProduct
	return &schema.Manifest{Kind: schema.MsiExeAppKind, Metadata: schema.Metadata{Name: "contoso-reader"}, MsiExeApp: &spec, File: "reader.yaml"}
}

// listingsOf is a manifest that writes listings only.
func listingsOf(listings map[string]*schema.Listing) schema.MsiExeApp {
	return schema.MsiExeApp{Listings: listings}
}

// observe converts documents as Observe does. Modules that the manifest does
// not manage are left out.
func observe(t *testing.T, m *schema.Manifest, draft map[string]string) *reconcile.Observed {
	t.Helper()
	o := &reconcile.Observed{Complete: true, Raw: map[string]json.RawMessage{}}
	for name, document := range draft {
		if name == rawPackages && m.MsiExeApp.Packages == nil || name == rawAssets && !managesImages(m.MsiExeApp) {
			continue
		}
		o.Raw[name] = json.RawMessage(document)
	}
	live, err := parseDocuments(o.Raw)
	if err != nil {
		t.Fatal(err)
	}
	o.State, err = stateOf(live, matchPackages(live.packages, m.MsiExeApp.Packages).keys, liveDigests())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// targetOf lays the manifest over what is observed and lists the changes, in
// the way of the engine.
func targetOf(t *testing.T, m *schema.Manifest, o *reconcile.Observed) (plan.State, []plan.Change) {
	t.Helper()
	desired, found := (&backend{}).Desire(m, o)
	if len(found) > 0 {
		t.Fatalf("desire: %v", found)
	}
	target := maps.Clone(o.State)
	var changes []plan.Change
	for _, group := range desired.Remove {
		before := map[string]json.RawMessage{}
		for path, value := range o.State {
			if path.Under(group) {
				before[strings.TrimPrefix(string(path), string(group)+".")] = value.JSON
				delete(target, path)
			}
		}
		changes = append(changes, plan.Change{Path: group, Action: plan.ActionDelete, Before: encode(before)})
	}
	for path, value := range desired.Set {
		before := o.State[path]
		target[path] = value
		if same(before, value) {
			continue
		}
		action := plan.ActionUpdate
		if before.Empty() {
			action = plan.ActionCreate
		}
		changes = append(changes, plan.Change{Path: path, Action: action, Type: value.Type, Before: before.JSON, After: value.JSON})
	}
	slices.SortFunc(changes, func(a, b plan.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return target, changes
}

func same(a, b plan.Value) bool {
	if b.Type != plan.Images {
		return a.Empty() && b.Empty() || bytes.Equal(a.JSON, b.JSON)
	}
	content := func(v plan.Value) (digests []string) {
		for _, image := range v.Images() {
			digests = append(digests, image.Digest)
		}
		return digests
	}
	return slices.Equal(content(a), content(b))
}

// lower plans a manifest against a draft.
func lower(t *testing.T, m *schema.Manifest, draft map[string]string, adjust func(*reconcile.LowerRequest)) ([]plan.Change, []plan.Operation) {
	t.Helper()
	o := observe(t, m, draft)
	target, changes := targetOf(t, m, o)
	request := reconcile.LowerRequest{Manifest: m, Observed: o, Target: target, Changes: changes, WriteMode: plan.WritePatch}
	if adjust != nil {
		adjust(&request)
	}
	operations, found := (&backend{}).Lower(request)
	if len(found) > 0 {
		t.Fatalf("lower: %v", found)
	}
	return request.Changes, operations
}

var update = flag.Bool("update", false, "write the golden files of testdata")

// golden compares with a file of testdata; -update writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
