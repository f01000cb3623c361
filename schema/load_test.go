package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullManifest writes every field of the kind.
const fullManifest = `apiVersion: storesync/v1
kind: MsiExeApp
metadata:
  name: contoso-reader
  labels: {team: reader, contoso.example/tier: "1"}
spec:
  productId: 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11
  availability:
    markets: [US, NO, GB, DE]
    discoverability: DISCOVERABLE
    enableInFutureMarkets: true
    pricing: FREE
    freeTrial: NO_FREE_TRIAL
  properties:
    isPrivacyPolicyRequired: true
    privacyPolicyUrl: https://contoso.example/privacy
    website: https://contoso.example
    supportContactInfo: support@contoso.example
    certificationNotes: {env: STORE_CERT_NOTES}
    category: Productivity
    productDeclarations: {dependsOnDriversOrNT: false, accessibilitySupport: true, penAndInkSupport: false}
    isSystemFeatureRequired:
      Touch: {isRequired: false, isRecommended: true}
    systemRequirementDetails:
      Memory: {minimumRequirement: 2GB, recommendedRequirement: 4GB}
  languages: [en-us, de-de, no]
  listings:
    "*":
      copyright: © Contoso
      developedBy: Contoso
      description: {file: "listings/${lang}/description.txt"}
      whatsNew: {file: "listings/${lang}/whats-new.txt", optional: true}
      additionalLicenseTerms: {file: LICENSE.txt}
      logos: [images/logo-1080.png, images/poster-720.png]
      screenshots: ["images/${lang}/*.png"]
    en-us:
      shortDescription: Read anything.
      productFeatures: [Fast, Offline]
      searchTerms: [reader, ebook]
      requirements: [{minimumHardware: 2 GB RAM, recommendedHardware: 4 GB RAM}]
      contactInfo: support@contoso.example
  removeUnlistedLanguages: false
  packages:
    x64:
      packageUrl: https://dl.contoso.example/${var:version}/reader-x64.exe
      sha256: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08
      packageType: exe
      architecture: X64
      languages: [en, no]
      isSilentInstall: false
      installerParameters: /quiet
      genericDocUrl: https://contoso.example/install-codes
      errorDetails:
        rebootRequired: [{errorValue: "3010", errorUrl: https://contoso.example/3010}]
`

func fullFiles(t *testing.T) map[string]string {
	files := map[string]string{
		"app.yaml":             fullManifest,
		"LICENSE.txt":          "\ufeffLine one.\r\nLine two.\r\n",
		"images/logo-1080.png": picture(t, 1080, 1080, 1), "images/poster-720.png": picture(t, 720, 1080, 2),
		"listings/de-de/whats-new.txt": "Neu.",
	}
	for i, language := range []string{"en-us", "de-de", "no"} {
		files["listings/"+language+"/description.txt"] = "Reader " + language + "\n"
		for j, name := range []string{"1.png", "2.png", "3.png", "10.png"} {
			files["images/"+language+"/"+name] = picture(t, 1366, 768, uint8(10*i+j+3))
		}
	}
	return files
}

func TestWholeManifestIsResolved(t *testing.T) {
	root := folder(t, fullFiles(t))
	w, text := loadIn(t, root, LoadOptions{
		Vars:      map[string]string{"version": "2.1.0"},
		LookupEnv: func(name string) (string, bool) { return "Account: tester", name == "STORE_CERT_NOTES" },
	})
	if text != "" {
		t.Fatalf("diagnostics: %s", text)
	}
	a := app(t, w)
	yes, no := true, false
	text1 := func(s string) *Text { return &Text{Value: s} }
	str := func(s string) *string { return &s }
	for language, l := range a.Listings {
		for _, images := range [][]Image{l.Logos, l.Screenshots} {
			for i := range images {
				if len(images[i].SHA256) != 64 || len(images[i].MD5) != 32 || images[i].Bytes == 0 {
					t.Errorf("%s: %+v is not measured", language, images[i])
				}
				images[i].SHA256, images[i].MD5, images[i].Bytes = "", "", 0
			}
		}
	}
	listing := func(language string) *Listing {
		l := &Listing{
			Copyright: text1("© Contoso"), DevelopedBy: text1("Contoso"),
			Description:            &Text{Value: "Reader " + language, File: "listings/" + language + "/description.txt"},
			AdditionalLicenseTerms: &Text{Value: "Line one.\nLine two.", File: "LICENSE.txt"},
			Logos:                  []Image{{Name: "images/logo-1080.png", Width: 1080, Height: 1080}, {Name: "images/poster-720.png", Width: 720, Height: 1080}},
		}
		for _, name := range []string{"1.png", "2.png", "3.png", "10.png"} {
			l.Screenshots = append(l.Screenshots, Image{Name: "images/" + language + "/" + name, Width: 1366, Height: 768})
		}
		return l
	}
	english, german := listing("en-us"), listing("de-de")
	german.WhatsNew = &Text{Value: "Neu.", File: "listings/de-de/whats-new.txt"}
	english.ShortDescription = text1("Read anything.")
	english.ProductFeatures = []string{"Fast", "Offline"}
	english.SearchTerms = []string{"reader", "ebook"}
	english.Requirements = []Requirement{{"2 GB RAM", "4 GB RAM"}}
	english.ContactInfo = text1("support@contoso.example")
	want := &MsiExeApp{
		ProductID: "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11",
		Availability: &Availability{
			Markets: &Markets{List: []string{"DE", "GB", "NO", "US"}}, Discoverability: str("DISCOVERABLE"),
			EnableInFutureMarkets: &yes, Pricing: str("FREE"), FreeTrial: str("NO_FREE_TRIAL"),
		},
		Properties: &Properties{
			IsPrivacyPolicyRequired: &yes, PrivacyPolicyURL: text1("https://contoso.example/privacy"),
			Website: text1("https://contoso.example"), SupportContactInfo: text1("support@contoso.example"),
			CertificationNotes:       &Text{Value: "Account: tester", Env: "STORE_CERT_NOTES"},
			Category:                 str("Productivity"),
			ProductDeclarations:      &ProductDeclarations{DependsOnDriversOrNT: &no, AccessibilitySupport: &yes, PenAndInkSupport: &no},
			IsSystemFeatureRequired:  map[string]*SystemFeature{"Touch": {IsRequired: &no, IsRecommended: &yes}},
			SystemRequirementDetails: map[string]*SystemRequirement{"Memory": {MinimumRequirement: text1("2GB"), RecommendedRequirement: text1("4GB")}},
		},
		Languages: []string{"en-us", "de-de", "no"},
		Listings:  map[string]*Listing{"en-us": english, "de-de": german, "no": listing("no")},
		Packages: map[string]*Package{"x64": {
			PackageURL: text1("https://dl.contoso.example/2.1.0/reader-x64.exe"),
			SHA256:     "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", PackageType: "exe", Architecture: "X64",
			Languages: []string{"en", "no"}, IsSilentInstall: &no, InstallerParameters: text1("/quiet"),
			GenericDocURL: text1("https://contoso.example/install-codes"),
			ErrorDetails:  map[string][]ErrorDetail{"rebootRequired": {{ErrorValue: "3010", ErrorURL: "https://contoso.example/3010"}}},
		}},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("app (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"team": "reader", "contoso.example/tier": "1"}, w.Manifests[0].Metadata.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}
