package msiexe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

type lowerCase struct {
	name   string
	reason string
	spec   schema.MsiExeApp
	draft  map[string]string // over liveDraft
	adjust func(*reconcile.LowerRequest)
}

func newLanguage() *schema.Listing {
	return &schema.Listing{
		Description: text("Lit tout."), AdditionalLicenseTerms: text("Licence"), Requirements: []schema.Requirement{{MinimumHardware: "2 GB RAM"}},
		Logos: []schema.Image{localImage("logo-1x1", 1080, 1080)}, Screenshots: []schema.Image{screenshot("fr")},
	}
}

func newPackage() *schema.Package {
	silent := false
	return &schema.Package{
		PackageURL: text("https://dl.contoso.example/2.0/reader-arm64.exe"), PackageType: "exe", Architecture: "Arm64", Languages: []string{"en"},
		IsSilentInstall: &silent, InstallerParameters: text("/quiet"),
		ErrorDetails: map[string][]schema.ErrorDetail{"rebootRequired": {{ErrorValue: "3010", ErrorURL: "https://contoso.example/3010"}}},
	}
}

func livePackage() *schema.Package {
	return &schema.Package{PackageURL: text("https://dl.contoso.example/1.0/reader-x64.exe"), PackageType: "exe", Architecture: "X64", Languages: []string{"EN"}}
}

func lowerCases() []lowerCase {
	yes := true
	put := func(r *reconcile.LowerRequest) { r.WriteMode = plan.WritePut }
	changedPackage := livePackage()
	changedPackage.PackageURL = text("https://dl.contoso.example/2.0/reader-x64.exe")
	changedPackage.ErrorDetails = map[string][]schema.ErrorDetail{"rebootRequired": {{ErrorValue: "3010", ErrorURL: "https://contoso.example/3010"}}}
	return []lowerCase{
		{name: "nothing", reason: "no change is no request", spec: listingsOf(map[string]*schema.Listing{
			"DE-de": {Description: text("Liest alles."), Requirements: []schema.Requirement{}}})},
		{name: "one-word", reason: "one field of one language is one PATCH with that field", spec: listingsOf(map[string]*schema.Listing{
			"DE-de": {Description: text("Liest fast alles.")}})},
		{name: "languages-and-modules", reason: "the first language carries availability and properties", spec: schema.MsiExeApp{
			Availability: &schema.Availability{Markets: &schema.Markets{List: []string{"CA", "US"}}},
			Properties: &schema.Properties{
				ProductDeclarations:      &schema.ProductDeclarations{AccessibilitySupport: &yes},
				IsSystemFeatureRequired:  map[string]*schema.SystemFeature{"Touch": {IsRecommended: &yes}, "Camera": {IsRequired: &yes}},
				SystemRequirementDetails: map[string]*schema.SystemRequirement{"Memory": {RecommendedRequirement: text("4GB")}},
			},
			Listings: map[string]*schema.Listing{
				"en-us": {WhatsNew: text(""), ProductFeatures: []string{"Fast", "Offline"}},
				"de-de": {ProductFeatures: []string{}},
			},
		}},
		{name: "secret", reason: "a sensitive value is a placeholder, also inside an array that is sent whole", spec: schema.MsiExeApp{
			Properties: &schema.Properties{
				CertificationNotes: text("new notes"),
				SystemRequirementDetails: map[string]*schema.SystemRequirement{
					"Graphics":  {MinimumRequirement: secret("a hidden card")},
					"Processor": {MinimumRequirement: text("2 GHz")},
				},
			},
		}},
		{name: "new-language", reason: "a language is added, filled and given its images before the submission; another goes", spec: schema.MsiExeApp{
			RemoveUnlistedLanguages: true,
			Listings:                map[string]*schema.Listing{"en-us": {Description: text("Reads anything.\nFast.")}, "FR-fr": newLanguage()},
		}},
		{name: "one-screenshot", reason: "only the new image is sent, kept ones are listed again, the other type stays", spec: listingsOf(map[string]*schema.Listing{
			"en-us": {Screenshots: []schema.Image{screenshot("shot-2"), screenshot("shot-3")}}})},
		{name: "reorder", reason: "another order needs no upload", spec: listingsOf(map[string]*schema.Listing{
			"en-us": {Screenshots: []schema.Image{screenshot("shot-2"), screenshot("shot-1")}}})},
		{name: "signed-addresses", reason: "an address that carries a signature is read while applying and never in a plan",
			draft: map[string]string{rawAssets: signedAssets()},
			spec:  listingsOf(map[string]*schema.Listing{"en-us": {Screenshots: []schema.Image{screenshot("shot-2")}}})},
		{name: "reupload", reason: "--reupload-images sends images that equal the stored ones", spec: listingsOf(map[string]*schema.Listing{
			"en-us": {Screenshots: []schema.Image{screenshot("shot-1")}}}),
			adjust: func(r *reconcile.LowerRequest) { r.ReuploadImages = true }},
		{name: "one-package", reason: "a changed package is one PATCH; error details are sent whole", spec: schema.MsiExeApp{
			Packages: map[string]*schema.Package{"x64": changedPackage}}},
		{name: "package-set", reason: "a new package makes it a PUT of the whole set with all that was read", spec: schema.MsiExeApp{
			Packages: map[string]*schema.Package{"x64": livePackage(), "arm64": newPackage()}}},
		{name: "package-removed", reason: "a live package that is not written goes, since the set is whole", spec: schema.MsiExeApp{
			Packages: map[string]*schema.Package{"arm64": newPackage()}}},
		{name: "owed", reason: "steps of an apply that was killed come back although nothing differs",
			spec:   listingsOf(map[string]*schema.Listing{"de-de": {Description: text("Liest alles.")}}),
			adjust: func(r *reconcile.LowerRequest) { r.Unfinished, r.Submit = []string{"packages.commit"}, true }},
		{name: "draft", reason: "--draft stops before the submission", spec: listingsOf(map[string]*schema.Listing{
			"de-de": {Description: text("Liest fast alles.")}}),
			adjust: func(r *reconcile.LowerRequest) { r.Draft = true }},
		{name: "submit", reason: "--submit submits though nothing differs", spec: listingsOf(map[string]*schema.Listing{
			"de-de": {Description: text("Liest alles.")}}),
			adjust: func(r *reconcile.LowerRequest) { r.Submit = true }},
		{name: "put", reason: "--metadata-write put sends what was read with the change in it; unmanaged certification notes stay unseen", adjust: put, spec: schema.MsiExeApp{
			Properties: &schema.Properties{Category: new("Shopping")},
			Listings:   map[string]*schema.Listing{"de-de": {Description: text("Liest fast alles."), ContactInfo: secret("someone")}},
		}},
	}
}

func signedAssets() string {
	asset, err := parseObject("assets", []byte(`{"language":"en-us","storeLogos":[],"screenshots":[
		{"id":"shot-1","assetUrl":"https://img.contoso.example/shot-1?sig=NEVER","imageSize":{"width":1366,"height":768}},
		{"id":"shot-2","assetUrl":"https://img.contoso.example/shot-2?sig=NEVER","imageSize":{"width":1366,"height":768}}]}`))
	if err != nil {
		panic(err)
	}
	return string(encode([]object{unsigned(asset)}))
}

func TestLower(t *testing.T) {
	for _, c := range lowerCases() {
		t.Run(c.name, func(t *testing.T) {
			draft := liveDraft()
			for name, document := range c.draft {
				draft[name] = document
			}
			changes, operations := lower(t, reader(c.spec), draft, c.adjust)
			golden(t, "testdata/lower/"+c.name+".txt", render(c.reason, changes, operations))
			checkCovered(t, changes, operations)
			checkIDs(t, operations)
			if all := string(encode(operations)); strings.Contains(all, "NEVER") || strings.Contains(all, "password") || strings.Contains(all, "hidden") || strings.Contains(all, "someone") {
				t.Errorf("a secret is in the operations: %s", all)
			}
			_, again := lower(t, reader(c.spec), draft, c.adjust)
			if diff := cmp.Diff(operations, again); diff != "" {
				t.Errorf("lowering twice differs (-first +second):\n%s", diff)
			}
		})
	}
}

// render writes operations the way a reviewer reads them.
func render(reason string, changes []plan.Change, operations []plan.Operation) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n", reason)
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s\n", c.Action, c.Path)
	}
	for _, o := range operations {
		fmt.Fprintf(&b, "\n%s: %s %s %s\n  %s (%s)\n", o.ID, o.Verb, o.Method, strings.ReplaceAll(o.Path, testProduct, "P"), o.Summary, o.Effect)
		for _, path := range o.Covers {
			fmt.Fprintf(&b, "  covers %s\n", path)
		}
		if len(o.Owes) > 0 {
			fmt.Fprintf(&b, "  owes %s\n", strings.Join(o.Owes, ", "))
		}
		for _, u := range o.Uploads {
			fmt.Fprintf(&b, "  sends %s, %d bytes, %s\n", u.Name, u.Bytes, u.SHA256)
		}
		if len(o.Fill) > 0 {
			fmt.Fprintf(&b, "  fills %s\n", strings.Join(o.Fill, " "))
		}
		if o.Body != nil {
			b.WriteString("  ")
			if err := json.Indent(&b, o.Body, "  ", "  "); err != nil {
				panic(err)
			}
			b.WriteString("\n")
		}
	}
	return b.Bytes()
}

// checkCovered holds lowering to the contract: every change is written by an
// operation and read back by another.
func checkCovered(t *testing.T, changes []plan.Change, operations []plan.Operation) {
	t.Helper()
	for _, change := range changes {
		covers := func(o plan.Operation) bool {
			return slices.ContainsFunc(o.Covers, func(p plan.Path) bool { return change.Path.Under(p) })
		}
		written := slices.ContainsFunc(operations, func(o plan.Operation) bool {
			return covers(o) && o.Effect != plan.EffectRead
		})
		verified := slices.ContainsFunc(operations, func(o plan.Operation) bool { return covers(o) && o.Verb == plan.VerbVerify })
		if !written || !verified {
			t.Errorf("%s: written %t, read back %t", change.Path, written, verified)
		}
	}
}

func checkIDs(t *testing.T, operations []plan.Operation) {
	t.Helper()
	seen := map[string]bool{}
	for _, o := range operations {
		if seen[o.ID] {
			t.Errorf("id %s comes twice", o.ID)
		}
		seen[o.ID] = true
	}
}
