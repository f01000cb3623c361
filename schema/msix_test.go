package schema

import (
	"io"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storesync/storesync/schema/msixtest"
)

// msixManifest is a manifest with this spec below its app id.
func msixManifest(spec string) string {
	return "apiVersion: storesync/v1\nkind: MsixApp\nmetadata: {name: notes}\nspec:\n  appId: 9NBLGGH4R315\n" + strings.TrimPrefix(spec, "\n")
}

// msix is the one app of a workspace.
func msix(t *testing.T, w *Workspace) *MsixApp {
	t.Helper()
	if len(w.Manifests) != 1 || w.Manifests[0].MsixApp == nil {
		t.Fatalf("workspace has %d manifests, want one MSIX app", len(w.Manifests))
	}
	return w.Manifests[0].MsixApp
}

// appPackage is the file of a package.
func appPackage(t *testing.T, p msixtest.Package) string {
	t.Helper()
	content, err := p.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// mp4 is the start of an MP4 file, and a byte that tells it from others.
func mp4(last byte) string { return "\x00\x00\x00\x20ftypisom" + string(last) }

const fullMsixManifest = `apiVersion: storesync/v1
kind: MsixApp
metadata: {name: notes}
spec:
  appId: 9nblggh4r315
  applicationCategory: Games_Roleplaying
  visibility: Public
  targetPublishMode: SpecificDate
  targetPublishDate: 2027-01-31T09:00:00Z
  pricing: {priceId: Tier5, trialPeriod: SevenDays, marketSpecificPricings: {JP: Tier12, NO: Free, DE: Base, EH: NotAvailable, LB: NotAvailable}}
  markets: {all: true, except: [CN]}
  hardwarePreferences: [Touch, NfcHce]
  automaticBackupEnabled: true
  canInstallOnRemovableMedia: false
  isGameDvrEnabled: true
  hasExternalInAppProducts: false
  meetAccessibilityGuidelines: true
  gamingOptions:
    - genres: [Games_RolePlaying]
      isLocalMultiplayer: true
      localMultiplayerMinPlayers: 2
      localMultiplayerMaxPlayers: 4
      isOnlineMultiplayer: false
      kinectDataForExternal: Disabled
  notesForCertification: {env: STORE_CERT_NOTES}
  enterpriseLicensing: Online
  allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies: false
  allowTargetFutureDeviceFamilies: {Desktop: true, Xbox: false}
  languages: [en-us, fr-fr]
  listings:
    "*":
      devStudio: Contoso
      description: {file: "texts/${lang}.txt", optional: true}
      images:
        Screenshot: ["images/*.png"]
        StoreLogoSquare: [logo.png]
    en-us:
      title: Contoso Notes
      keywords: [notes]
      features: []
    DE-DE:
      title: Contoso Notizen
      images:
        Screenshot:
          - {file: images/2.png, description: "Der Editor (${lang})"}
          - file: images/10.png
  removeUnlistedLanguages: true
  packages:
    - {file: "dist/notes_${var:version}_x64.msix"}
    - {file: dist/notes_arm64.msix, version: 2.1.0.0, architecture: arm64}
  trailers:
    - videoFile: trailer.mp4
      trailerAssets:
        en-us: {title: "Trailer ${lang}", image: thumb.png}
  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: "2027-02-01T00:00:00Z"}
  rollout: {percentage: 12.5}
  isSeekEnabled: true
`

func fullMsixFiles(t *testing.T) map[string]string {
	return map[string]string{
		"texts/en-us.txt": "A \u2028 text\r\n", "images/2.png": picture(t, 1366, 768, 2), "images/10.png": picture(t, 768, 1366, 10),
		"logo.png": picture(t, 1080, 1080, 3), "thumb.png": picture(t, 1920, 1080, 4), "trailer.mp4": mp4('1'),
		"dist/notes_2.1.0_x64.msix": appPackage(t, msixtest.Package{Version: "2.1.0.0"}),
	}
}

func ptr[T any](v T) *T { return &v }

func TestMsixManifestIsLoadedWhole(t *testing.T) {
	root := folder(t, fullMsixFiles(t))
	write(t, filepath.Join(root, "app.yaml"), fullMsixManifest)
	w, diagnostics := loadIn(t, root, LoadOptions{
		Vars:      map[string]string{"version": "2.1.0"},
		LookupEnv: func(name string) (string, bool) { return "the password is " + name, name == "STORE_CERT_NOTES" },
	})
	if diagnostics != "" {
		t.Fatalf("diagnostics:\n%s", diagnostics)
	}
	image := func(name string, width, height int) CaptionedImage {
		return CaptionedImage{File: Image{Name: name, Width: width, Height: height}}
	}
	logo := []CaptionedImage{image("logo.png", 1080, 1080)}
	shots := []CaptionedImage{image("images/2.png", 1366, 768), image("images/10.png", 768, 1366)}
	german := []CaptionedImage{image("images/2.png", 1366, 768), image("images/10.png", 768, 1366)}
	german[0].Description = &Text{Value: "Der Editor (DE-DE)"}
	thumb := image("thumb.png", 1920, 1080)
	want := &MsixApp{
		AppID: "9NBLGGH4R315", ApplicationCategory: ptr("Games_Roleplaying"), Visibility: ptr("Public"),
		TargetPublishMode: ptr("SpecificDate"), TargetPublishDate: ptr("2027-01-31T09:00:00Z"),
		Pricing: &MsixPricing{PriceID: ptr("Tier5"), TrialPeriod: ptr("SevenDays"), MarketSpecificPricings: map[string]string{
			"JP": "Tier12", "NO": "Free", "DE": "Base", "EH": "NotAvailable", "LB": "NotAvailable",
		}},
		Markets: &Markets{All: true, Except: []string{"CN"}}, HardwarePreferences: []string{"Touch", "NfcHce"},
		AutomaticBackupEnabled: ptr(true), CanInstallOnRemovableMedia: ptr(false), IsGameDvrEnabled: ptr(true),
		HasExternalInAppProducts: ptr(false), MeetAccessibilityGuidelines: ptr(true),
		GamingOptions: []GamingOptions{{
			Genres: []string{"Games_RolePlaying"}, IsLocalMultiplayer: ptr(true), LocalMultiplayerMinPlayers: ptr(2), LocalMultiplayerMaxPlayers: ptr(4),
			IsOnlineMultiplayer: ptr(false), KinectDataForExternal: ptr("Disabled"),
		}},
		NotesForCertification: &Text{Value: "the password is STORE_CERT_NOTES", Env: "STORE_CERT_NOTES"}, EnterpriseLicensing: ptr("Online"),
		AllowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies: ptr(false),
		AllowTargetFutureDeviceFamilies:                           map[string]bool{"Desktop": true, "Xbox": false},
		Languages:                                                 []string{"en-us", "fr-fr"}, RemoveUnlistedLanguages: true,
		Listings: map[string]*MsixListing{
			"en-us": {
				Title: &Text{Value: "Contoso Notes"}, DevStudio: &Text{Value: "Contoso"}, Description: &Text{Value: "A \u2028 text", File: "texts/en-us.txt"},
				Keywords: []string{"notes"}, Features: []string{}, Images: map[string][]CaptionedImage{"Screenshot": shots, "StoreLogoSquare": logo},
			},
			"fr-fr": {DevStudio: &Text{Value: "Contoso"}, Images: map[string][]CaptionedImage{"Screenshot": shots, "StoreLogoSquare": logo}},
			"DE-DE": {
				Title: &Text{Value: "Contoso Notizen"}, DevStudio: &Text{Value: "Contoso"},
				Images: map[string][]CaptionedImage{"Screenshot": german, "StoreLogoSquare": logo},
			},
		},
		Packages: []MsixPackage{
			{File: "dist/notes_2.1.0_x64.msix", Content: &PackageFile{
				Name: "dist/notes_2.1.0_x64.msix", Format: FormatMsix, Identity: "Contoso.Notes", Version: Version{2, 1, 0, 0}, Architectures: []string{"x64"},
			}},
			{File: "dist/notes_arm64.msix", Version: "2.1.0.0", Architecture: "arm64"},
		},
		Trailers: []Trailer{{
			Video:         MediaFile{Name: "trailer.mp4", Bytes: 13},
			TrailerAssets: map[string]TrailerAsset{"en-us": {Title: &Text{Value: "Trailer en-us"}, Image: &thumb}},
		}},
		PackageDeliveryOptions: &PackageDeliveryOptions{IsMandatoryUpdate: ptr(true), MandatoryUpdateEffectiveDate: ptr("2027-02-01T00:00:00Z")},
		Rollout:                &Rollout{Percentage: ptr(12.5)}, IsSeekEnabled: ptr(true),
	}
	measured := cmp.Options{
		cmpopts.IgnoreFields(Image{}, "Bytes", "SHA256", "MD5"), cmpopts.IgnoreFields(MediaFile{}, "SHA256"),
		cmpopts.IgnoreFields(PackageFile{}, "Bytes", "SHA256", "Publisher", "Languages", "DeviceFamilies", "Capabilities"),
	}
	if diff := cmp.Diff(want, msix(t, w), measured); diff != "" {
		t.Errorf("app (-want +got):\n%s", diff)
	}
}

// Every file that took part is an input, and can be opened for upload; the
// absent package is neither.
func TestMsixFilesAreInputs(t *testing.T) {
	files := fullMsixFiles(t)
	root := folder(t, files)
	write(t, filepath.Join(root, "app.yaml"), fullMsixManifest)
	w, _ := loadIn(t, root, LoadOptions{Vars: map[string]string{"version": "2.1.0"}})
	app, got := msix(t, w), map[string]string{}
	for _, input := range w.Inputs {
		got[input.Name] = input.SHA256
	}
	if len(got) != len(files)+1 {
		t.Errorf("inputs are %v, want app.yaml and %d files", slicesOf(maps.Keys(got)), len(files))
	}
	want := map[string]string{
		"dist/notes_2.1.0_x64.msix": app.Packages[0].Content.SHA256, "trailer.mp4": app.Trailers[0].Video.SHA256,
		"images/2.png": app.Listings["en-us"].Images["Screenshot"][0].File.SHA256,
	}
	for name, digest := range want {
		if digest == "" || got[name] != digest {
			t.Errorf("the input %s has the digest %q, want %q", name, got[name], digest)
		}
		file, err := w.Open(name)
		if err != nil {
			t.Errorf("open %s: %v", name, err)
			continue
		}
		content, err := io.ReadAll(file)
		file.Close()
		if err != nil || string(content) != files[name] {
			t.Errorf("%s has other content (%v)", name, err)
		}
	}
	if _, err := w.Open("dist/notes_arm64.msix"); err == nil {
		t.Error("an absent package was opened")
	}
}

func slicesOf(seq func(func(string) bool)) []string {
	var all []string
	for s := range seq {
		all = append(all, s)
	}
	return all
}

// Positions of values that only this kind has.
func TestMsixPositions(t *testing.T) {
	root := folder(t, fullMsixFiles(t))
	write(t, filepath.Join(root, "app.yaml"), fullMsixManifest)
	w, _ := loadIn(t, root, LoadOptions{Vars: map[string]string{"version": "2.1.0"}})
	for path, want := range map[string]string{
		"appId":                                         "5:10",
		"pricing.marketSpecificPricings.NO":             "10:94",
		"listings.de-de.images.Screenshot[0]":           "45:13",
		"listings.DE-DE.images.Screenshot[0].file":      "45:20",
		"listings.en-us.images.Screenshot[1]":           "35:22",
		"listings.fr-fr.images.StoreLogoSquare[0].file": "36:27",
		"packages[1].version":                           "50:46",
		"trailers[0].trailerAssets.en-us.image":         "54:50",
		"rollout.percentage":                            "56:25",
	} {
		if got := strings.TrimPrefix(w.Manifests[0].Pos(path).String(), w.Manifests[0].File+":"); got != want {
			t.Errorf("%s is at %s, want %s", path, got, want)
		}
	}
}

func TestOneAppHasOneManifest(t *testing.T) {
	second := strings.NewReplacer("name: notes", "name: other", "9NBLGGH4R315", "9nblggh4r315").Replace(msixManifest(""))
	_, got := load(t, msixManifest("")+"---\n"+second, nil)
	want := `app.yaml:11:10: error: appId: "9NBLGGH4R315" is already the product of MsixApp/notes at app.yaml:5:10
  One product has one manifest. Join the two, or correct one id.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
