package msiexe_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
)

// wholeSpec writes every field there is, with secrets in flat fields, in rows
// and in packages.
const wholeSpec = `  availability: {markets: {all: true, except: [CN]}, discoverability: DISCOVERABLE, enableInFutureMarkets: true, pricing: PAID, freeTrial: FREE_TRIAL}
  properties:
    isPrivacyPolicyRequired: true
    privacyPolicyUrl: https://contoso.example/privacy
    website: https://contoso.example
    supportContactInfo: support@contoso.example
    certificationNotes: {env: STORE_NOTES}
    category: Security
    subcategory: PCProtection
    productDeclarations: {dependsOnDriversOrNT: true, accessibilitySupport: true, penAndInkSupport: false}
    isSystemFeatureRequired:
      Touch: {isRequired: false, isRecommended: true}
    systemRequirementDetails:
      Memory: {minimumRequirement: 2GB, recommendedRequirement: 4GB}
      Processor: {minimumRequirement: {env: STORE_CPU}, recommendedRequirement: 2 GHz}
  removeUnlistedLanguages: true
  listings:
    en-us:
      description: Reads anything.
      whatsNew: Faster.
      shortDescription: A reader.
      productFeatures: [Fast, Offline]
      searchTerms: [reader]
      requirements: [{minimumHardware: 2 GB RAM, recommendedHardware: 4 GB RAM}]
      contactInfo: support@contoso.example
      sortTitle: Reader
      developedBy: Contoso
      copyright: © Contoso
      screenshots: [1.png, 2.png]
      logos: [poster.png, box.png]
    zh-HANS: {description: Text., additionalLicenseTerms: Terms., screenshots: [1.png], logos: [box.png]}
  packages:
    x64:
      packageUrl: https://dl.contoso.example/2.0.0/setup-x64.exe
      packageType: exe
      architecture: X64
      languages: [en]
      isSilentInstall: false
      installerParameters: {env: STORE_SWITCH}
      genericDocUrl: https://contoso.example/codes
      errorDetails: {rebootRequired: [{errorValue: "3010", errorUrl: "https://contoso.example/3010"}]}
    arm:
      packageUrl: https://dl.contoso.example/2.0.0/setup-arm.msi
      packageType: msi
      architecture: Arm64
      languages: [EN, de]
      isSilentInstall: true
`

// wholeImages are the files that wholeSpec names.
func wholeImages(t *testing.T) backendtest.Files {
	return backendtest.Files{
		"1.png": backendtest.PNG(t, 1366, 768, 1), "2.png": backendtest.PNG(t, 1366, 768, 2),
		"box.png": backendtest.PNG(t, 1080, 1080, 3), "poster.png": backendtest.PNG(t, 720, 1080, 4),
	}
}

// TestWholeManifest applies every field at once, then changes one secret of a
// row and one of a package, in both write modes.
func TestWholeManifest(t *testing.T) {
	for _, mode := range []plan.WriteMode{plan.WritePatch, plan.WritePut} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := backendtest.NewReader(t, "", "en-us", "de-de")
				b.WriteMode = mode
				b.Env = map[string]string{"STORE_NOTES": "SECRET-notes", "STORE_CPU": "SECRET-cpu", "STORE_SWITCH": "/key=SECRET"}
				b.Write(t, backendtest.ReaderManifest(wholeSpec))
				b.Write(t, wholeImages(t))
				withoutSecrets(t, b, mode)
				b.MustApply(t)
				b.MustBeInSync(t)

				b.Env["STORE_CPU"], b.Env["STORE_SWITCH"] = "SECRET-new cpu", "/key=SECRET-new"
				withoutSecrets(t, b, mode)
				b.MustApply(t)
				b.MustBeInSync(t)
			})
		})
	}
}

// withoutSecrets plans and looks for secrets in the plan and in every file of
// the workspace.
func withoutSecrets(t *testing.T, b *backendtest.Bench, mode plan.WriteMode) {
	t.Helper()
	plan, err := json.Marshal(b.Plan(t, reconcile.PlanOptions{Allow: backendtest.AllowAll(), WriteMode: mode}))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plan), "SECRET") || strings.Contains(string(plan), "sig=") {
		t.Errorf("a secret is in the plan: %s", plan)
	}
	folder := os.DirFS(b.Folder)
	err = fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(folder, name)
		if strings.Contains(string(content), "SECRET") || strings.Contains(string(content), "sig=") {
			t.Errorf("a secret is in %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
