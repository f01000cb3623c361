package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole text of what validate says about what is written.
func TestValidate(t *testing.T) {
	tests := map[string]struct{ spec, want string }{
		"nothing wrong": {`
  availability: {markets: {all: true}, pricing: PAID, freeTrial: FREE_TRIAL}
  properties: {category: Lifestyle, subcategory: DYI, website: "", supportContactInfo: "https://contoso.example"}
  listings:
    zh-hans: {productFeatures: [], searchTerms: []}
    de: {whatsNew: "` + repeat("ü", 1500) + `"}
`, ""},
		"enums": {`
  availability: {discoverability: PUBLIC, pricing: free, freeTrial: NO_TRIAL}
`, `app.yaml:6:35: error: availability.discoverability: "PUBLIC" is not allowed
  Allowed: DISCOVERABLE, DEEPLINK_ONLY.
app.yaml:6:52: error: availability.pricing: "free" is not allowed
  Did you mean FREE? Allowed: FREE, FREEMIUM, SUBSCRIPTION, PAID.
app.yaml:6:69: error: availability.freeTrial: "NO_TRIAL" is not allowed
  Allowed: NO_FREE_TRIAL, FREE_TRIAL.
`},
		"a free app with a trial": {"  availability: {pricing: FREE, freeTrial: FREE_TRIAL}\n",
			`app.yaml:6:44: warning: availability.freeTrial: a FREE app has no free trial
  The Store answers NO_FREE_TRIAL for it (observed 2026-02). Write NO_FREE_TRIAL, or another pricing.
`},
		"markets": {"  availability: {markets: [us, UK, LB, XX]}\n",
			`app.yaml:6:28: error: availability.markets[0]: "us" is not a market of the Store
  Did you mean US? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:6:32: error: availability.markets[1]: "UK" is not a market of the Store
  Did you mean GB? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:6:36: warning: availability.markets[2]: the Store may leave out LB (Lebanon)
  A live product with every market selected had all but this one (observed 2025-06).
app.yaml:6:40: error: availability.markets[3]: "XX" is not a market of the Store
  Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
`},
		"no markets": {"  availability: {markets: []}\n", `app.yaml:6:27: error: availability.markets: markets is empty
  Write at least one market, or leave the field out to leave the markets alone.
`},
		"every market excepted": {"  availability: {markets: {all: true, except: [" + strings.Join(MarketCodes(), ", ") + "]}}\n",
			`app.yaml:6:27: error: availability.markets: every market is excepted
  Leave at least one market.
`},
		"properties": {`
  properties:
    isPrivacyPolicyRequired: true
    privacyPolicyUrl: ""
    website: contoso.example
    supportContactInfo: call us
    certificationNotes: "` + repeat("n", 2001) + `"
    isSystemFeatureRequired: {NFC: {isRequired: true}}
    systemRequirementDetails:
      Memory: {minimumRequirement: 2 GB, recommendedRequirement: ""}
      Processor: {minimumRequirement: ` + repeat("p", 201) + `}
      RAM: {minimumRequirement: 1GB}
`, `app.yaml:8:23: error: properties.privacyPolicyUrl: is empty though isPrivacyPolicyRequired is true
  Write the address of the privacy policy.
app.yaml:9:14: error: properties.website: "contoso.example" is not a web address: it does not begin with https:// or http://
  Write a whole address such as https://contoso.example/page.
app.yaml:10:25: error: properties.supportContactInfo: "call us" is neither a web address nor an e-mail address
  Write https://contoso.example/support or support@contoso.example.
app.yaml:11:25: error: properties.certificationNotes: 2001 characters; at most 2000 are allowed
  Shorten the text by 1.
app.yaml:12:36: error: properties.isSystemFeatureRequired.NFC: unknown key "NFC"
  Allowed here: Touch, Keyboard, Mouse, Camera, NFC_HCE, NFC_Proximity, Bluetooth_LE, Telephony, Microphone.
app.yaml:14:36: error: properties.systemRequirementDetails.Memory.minimumRequirement: "2 GB" is not allowed
  Did you mean 2GB? Allowed: 300MB, 750MB, 1GB, 2GB, 4GB, 6GB, 8GB, 12GB, 16GB, 20GB, or "" for not set.
app.yaml:15:39: error: properties.systemRequirementDetails.Processor.minimumRequirement: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:16:12: error: properties.systemRequirementDetails.RAM: unknown key "RAM"
  Allowed here: Processor, Graphics, Memory, DirectX, Video_Memory.
`},
		"a subcategory of the other API": {"  properties: {category: Personalization, subcategory: Themes}\n",
			`app.yaml:6:56: error: properties.subcategory: "Themes" is not a subcategory of Personalization
  Did you mean themes? Allowed: RingtonesAndSounds, themes, WallpaperAndLockScreens. The spelling is that of the MSI/EXE API.
`},
		"a category of the other API": {"  properties: {category: Business_CRM}\n", `app.yaml:6:26: error: properties.category: "Business_CRM" is not a category
  That is the spelling of MSIX apps; here it is category: Business with subcategory: CRM. Allowed: ` + strings.Join(MsiExeCategories(), ", ") + `.
`},
		"a category without subcategories": {"  properties: {category: Music, subcategory: Rock}\n",
			`app.yaml:6:46: error: properties.subcategory: the category Music has no subcategories
  Leave subcategory out.
`},
		"a subcategory alone": {"  properties: {subcategory: DIY}\n", `app.yaml:6:29: error: properties.subcategory: "DIY" is not a subcategory of any category
  Did you mean DYI? The spelling is that of the MSI/EXE API.
`},
		"listing texts": {`
  listings:
    en:
      description: "` + repeat("d", 10001) + `"
      shortDescription: "` + repeat("s", 1001) + `"
      whatsNew: "` + repeat("ü", 1501) + `"
      additionalLicenseTerms: "` + repeat("l", 10001) + `"
      copyright: "` + repeat("c", 201) + `"
      developedBy: "` + repeat("d", 256) + `"
      contactInfo: "` + repeat("c", 201) + `"
      sortTitle: "` + repeat("t", 256) + `"
`, `app.yaml:8:20: error: listings.en.description: 10001 characters; at most 10000 are allowed
  Shorten the text by 1.
app.yaml:9:25: error: listings.en.shortDescription: 1001 characters; at most 1000 are allowed
  Shorten the text by 1.
app.yaml:10:17: error: listings.en.whatsNew: 1501 characters; at most 1500 are allowed
  Shorten the text by 1.
app.yaml:11:31: error: listings.en.additionalLicenseTerms: 10001 characters; at most 10000 are allowed
  Shorten the text by 1.
app.yaml:12:18: error: listings.en.copyright: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:13:20: error: listings.en.developedBy: 256 characters; at most 255 are allowed
  Shorten the text by 1.
app.yaml:14:20: error: listings.en.contactInfo: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:15:18: warning: listings.en.sortTitle: more than 255 characters
  The portal takes no more for MSIX apps; the API page gives no limit.
`},
		"listing lists": {`
  listings:
    en:
      productFeatures: ` + list(21, func(i int) string { return fmt.Sprintf("feature %d", i) }) + `
      searchTerms: ` + list(8, func(i int) string { return fmt.Sprintf("a%d b%d c%d", i, i, i) }) + `
      requirements: ` + list(12, func(i int) string { return fmt.Sprintf("{minimumHardware: m%d}", i) }) + `
    de:
      productFeatures: ["` + repeat("f", 201) + `", " "]
      searchTerms: ["` + repeat("t", 31) + `"]
      requirements: [{}, {recommendedHardware: ` + repeat("r", 201) + `}]
    fr:
      requirements: ` + list(6, func(i int) string { return fmt.Sprintf("{minimumHardware: m%d, recommendedHardware: r}", i) }) + `
`, `app.yaml:8:24: error: listings.en.productFeatures: 21 items; at most 20 are allowed
  Take out 1.
app.yaml:9:20: error: listings.en.searchTerms: 24 different words; at most 21 are allowed over all terms
  Use shorter terms, or the same words again.
app.yaml:9:20: error: listings.en.searchTerms: 8 items; at most 7 are allowed
  Take out 1.
app.yaml:10:21: error: listings.en.requirements: 12 items; at most 11 are allowed
  Take out 1.
app.yaml:12:25: error: listings.de.productFeatures[0]: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:12:230: error: listings.de.productFeatures[1]: an empty item
  Take it out.
app.yaml:13:21: error: listings.de.searchTerms[0]: 31 characters; at most 30 are allowed
  Shorten the text by 1.
app.yaml:14:22: error: listings.de.requirements[0]: an empty item
  Write minimumHardware or recommendedHardware, or take the item out.
app.yaml:14:48: error: listings.de.requirements[1].recommendedHardware: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:16:21: warning: listings.fr.requirements: 12 requirements, minimum and recommended together
  The API page allows 11 in total, the portal 11 of each; the Store may refuse more than 11.
`},
		"languages": {`
  listings: {en_us: {}, eng-us: {}, xx-klingon: {}, ar: {}}
`, `app.yaml:6:21: error: listings.en_us: "en_us" is not a language of the Store
  Did you mean en-us? Languages are the 320 codes of the API page, such as en-us or de.
app.yaml:6:33: error: listings.eng-us: "eng-us" is not a language of the Store
  Did you mean en-us? Languages are the 320 codes of the API page, such as en-us or de.
app.yaml:6:49: error: listings.xx-klingon: "xx-klingon" is not a language of the Store
  Languages are the 320 codes of the API page, such as en-us or de.
app.yaml:6:57: warning: listings.ar: Arabic is not in the API page's table of languages
  It is in that of MSIX apps, so it may be an omission; the Store may refuse it.
`},
		"removing every language": {"  removeUnlistedLanguages: true\n", `app.yaml:6:28: error: removeUnlistedLanguages: would remove every language
  Write the languages to keep under listings or languages.
`},
		"empty sets": {"  packages: {}\n  listings: {en: {logos: [], screenshots: []}}\n", `app.yaml:6:13: error: packages: packages is empty
  It is the whole package set: write at least one package, or leave the field out to leave the set alone.
app.yaml:7:26: error: listings.en.logos: the list is empty
  Write 1 to 2 images, or leave the field out to leave the Store's images alone.
app.yaml:7:43: error: listings.en.screenshots: the list is empty
  Write 1 to 10 images, or leave the field out to leave the Store's images alone.
`},
		"package": {`
  packages:
    x64:
      packageUrl: https://dl.contoso.example/1.0/setup.msi
      sha256: abc
      packageType: zip
      architecture: x64
      languages: [en, EN, klingon]
      isSilentInstall: false
      installerParameters: ""
      genericDocUrl: ftp://contoso.example
      errorDetails:
        rebootRequred: []
        networkFailure: [{errorValue: "1", errorUrl: x}, {errorValue: "1"}, {errorUrl: "https://contoso.example"}]
`, `app.yaml:9:15: error: packages.x64.sha256: "abc" is not a SHA-256 digest
  It has 64 hexadecimal digits; sha256sum FILE prints it.
app.yaml:10:20: error: packages.x64.packageType: "zip" is not allowed
  Allowed: exe, msi.
app.yaml:11:21: error: packages.x64.architecture: "x64" is not allowed
  Did you mean X64? Allowed: Neutral, X86, X64, Arm, Arm64.
app.yaml:12:23: error: packages.x64.languages[1]: "EN" is listed twice
  Keep one of the two.
app.yaml:12:27: error: packages.x64.languages[2]: "klingon" is not a language of the Store
  Languages are the 320 codes of the API page, such as en-us or de.
app.yaml:14:28: error: packages.x64.installerParameters: is empty though isSilentInstall is false
  Write the switches that make the installer silent, such as /quiet; or isSilentInstall: true if it needs none.
app.yaml:15:22: error: packages.x64.genericDocUrl: "ftp://contoso.example" is not a web address: it does not begin with https:// or http://
  Write a whole address such as https://contoso.example/page.
app.yaml:17:24: error: packages.x64.errorDetails.rebootRequred: unknown key "rebootRequred"
  Did you mean rebootRequired? Allowed here: installationCancelledByUser, applicationAlreadyExists, installationAlreadyInProgress, diskSpaceIsFull, rebootRequired, networkFailure, packageRejectedDuringInstallation, installationSuccessful, miscellaneous.
app.yaml:18:54: error: packages.x64.errorDetails.networkFailure[0].errorUrl: "x" is not a web address: it does not begin with https:// or http://
  Write a whole address such as https://contoso.example/page.
app.yaml:18:71: error: packages.x64.errorDetails.networkFailure[1].errorValue: "1" is listed twice
  Keep one of the two.
app.yaml:18:77: error: packages.x64.errorDetails.networkFailure[2]: errorValue is missing
  Write the installer's return code, such as "3010".
`},
		"two packages alike": {`
  packages:
    a: {packageType: exe, architecture: X64, languages: [en, de]}
    b: {packageType: exe, architecture: X64, languages: [de, en]}
    c: {packageType: exe, architecture: X64, languages: []}
`, `app.yaml:8:8: error: packages.b: "a" and "b" cannot be told apart
  Packages of one set differ in architecture, packageType or languages. Take one out, or correct it.
app.yaml:9:57: error: packages.c.languages: languages is empty
  Name the languages of the installer, such as [en].
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, manifest(test.spec), nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProductID(t *testing.T) {
	tests := map[string]string{
		"6F1C0B1E-4F5C-4A57-9B0A-1C6C8F6F0A11": "",
		"9NBLGGH4R315": `app.yaml:5:14: error: productId: "9NBLGGH4R315" is the Store id of an MSIX product
  MSI and EXE products have a GUID; it stands in the product's address in Partner Center.
`,
		"reader": `app.yaml:5:14: error: productId: "reader" is not a GUID
  Write the product's id from its address in Partner Center, such as 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11.
`,
	}
	for id, want := range tests {
		_, got := load(t, strings.Replace(manifest(""), "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11", id, 1), nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func TestPackageURL(t *testing.T) {
	const not = "is not the address of an installer: "
	tests := map[string]string{
		"https://dl.contoso.example/v2.1/reader.exe":          "",
		"https://dl.contoso.example/reader-2.1.0-x64.exe?a=b": "",
		"https://dl.contoso.example/latest/reader-x64.exe":    "holds no version",
		"https://dl.contoso.example/x86_64/win32/reader.exe":  "holds no version",
		"https://dl.contoso.example/2.1/reader.zip":           "does not end in .msi or .exe",
		"https://dl.contoso.example/2.1/reader.msi":           "ends in .msi but packageType is exe",
		"http://dl.contoso.example/2.1/reader.exe":            not + "it is not https",
		"https://dl.contoso.example/2.1/reader.exe#x":         not + "it has a fragment (#)",
		"https://dl.contoso.example/2.1/":                     not + "it names no file",
		"https://me:pw@dl.contoso.example/2.1/reader.exe":     not + "it holds a user name or password",
		"https:///2.1/reader.exe":                             not + "it has no host",
		"https://dl.contoso.example/2.1/a reader.exe":         not + "it holds a space or line end",
		"https://dl.contoso.example/%zz/2.1/reader.exe":       not + "it is malformed",
		"": not + "it is empty",
	}
	for address, want := range tests {
		_, got := load(t, manifest(`  packages: {a: {packageType: exe, architecture: X64, packageUrl: "`+address+`"}}`+"\n"), nil)
		switch lines := strings.Count(got, "\n"); {
		case want == "" && got != "":
			t.Errorf("%s: %s", address, got)
		case want != "" && (!strings.Contains(got, want) || lines != 2):
			t.Errorf("%s: %swant %q alone", address, got, want)
		case want != "" && strings.HasPrefix(want, not) != strings.Contains(got, "error: "):
			t.Errorf("%s: %shas the wrong severity", address, got)
		}
	}
}

func TestImages(t *testing.T) {
	files := map[string]string{
		"box.png": picture(t, 1080, 1080, 1), "bigbox.png": picture(t, 2160, 2160, 1),
		"poster.png": picture(t, 720, 1080, 1), "bigposter.png": picture(t, 1440, 2160, 1), "odd.png": picture(t, 300, 300, 1),
		"jpeg.png": "\xff\xd8\xff\xe0 not a png", "damaged.png": "\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxxxxxxxxx", "empty.png": "",
		"lfs.png": "version https://git-lfs.github.com/spec/v1\n", "gif.png": "GIF89a", "webp.png": "RIFF\x00\x00\x00\x00WEBP",
		"small.png": picture(t, 1366, 767, 1), "upright.png": picture(t, 768, 1366, 1), "wide.png": picture(t, 3841, 800, 1),
		"copy.png": picture(t, 768, 1366, 1), ".hidden.png": "",
	}
	for i := range 12 {
		files[fmt.Sprintf("many/%d.png", i)] = picture(t, 1366, 768, uint8(i))
	}
	tests := map[string]struct{ field, want string }{
		"box and poster":   {"logos: [box.png, poster.png]", ""},
		"the larger sizes": {"logos: [bigposter.png, bigbox.png]", ""},
		"box alone": {"logos: [box.png]", `warning: listings.en.logos: no 2:3 poster art
  The Store recommends one of 720 x 1080 or 1440 x 2160 pixels.
`},
		"poster alone": {"logos: [poster.png]", `error: listings.en.logos: the 1:1 box art is missing
  logos is the whole set: add a square logo of 1080 x 1080 or 2160 x 2160 pixels.
`},
		"two boxes": {"logos: [box.png, bigbox.png]", `error: listings.en.logos[1]: "box.png" and "bigbox.png" are both 1:1 box art
  Keep one of each kind.
`},
		"three logos": {"logos: [box.png, poster.png, odd.png]", `error: listings.en.logos: 3 images; at most 2 are allowed
  Take out 1.
error: listings.en.logos[2]: the logo "odd.png" has 300 x 300 pixels
  A logo is 1:1 box art of 1080 x 1080 or 2160 x 2160 pixels, or 2:3 poster art of 720 x 1080 or 1440 x 2160.
`},
		"natural order, ten at most": {"screenshots: ['many/*.png']", `error: listings.en.screenshots: 12 images; at most 10 are allowed
  Take out 2.
`},
		"sizes": {"screenshots: [small.png, upright.png, wide.png, copy.png]", `error: listings.en.screenshots[0]: the screenshot "small.png" has 1366 x 767 pixels
  A screenshot has at least 1366 x 768 and at most 3840 x 2160 pixels, upright or across.
error: listings.en.screenshots[2]: the screenshot "wide.png" has 3841 x 800 pixels
  A screenshot has at least 1366 x 768 and at most 3840 x 2160 pixels, upright or across.
error: listings.en.screenshots[3]: "copy.png" is the same image as "upright.png"
  Keep one of the two.
`},
		"few": {"screenshots: [upright.png]", `warning: listings.en.screenshots: 1 screenshot; the Store recommends 4 or more
  Add more if you have them.
`},
		"not PNG": {"screenshots: [jpeg.png, damaged.png, empty.png, lfs.png, gif.png, webp.png]", `error: listings.en.screenshots[0]: "jpeg.png" is not a PNG image: it is a JPEG
  The Store takes PNG only. Convert the image; renaming the file is not enough.
error: listings.en.screenshots[1]: "damaged.png" is not a PNG image: its PNG header is damaged
  The Store takes PNG only. Convert the image; renaming the file is not enough.
error: listings.en.screenshots[2]: "empty.png" is not a PNG image: the file is empty
  The Store takes PNG only. Convert the image; renaming the file is not enough.
error: listings.en.screenshots[3]: "lfs.png" is not a PNG image: it is a Git LFS pointer; run git lfs pull
  The Store takes PNG only. Convert the image; renaming the file is not enough.
error: listings.en.screenshots[4]: "gif.png" is not a PNG image: it is a GIF
  The Store takes PNG only. Convert the image; renaming the file is not enough.
error: listings.en.screenshots[5]: "webp.png" is not a PNG image: it is a WebP
  The Store takes PNG only. Convert the image; renaming the file is not enough.
`},
		"missing": {"screenshots: [uprigt.png]", `error: listings.en.screenshots[0]: the file "uprigt.png" does not exist
  Tried uprigt.png. Near names in that folder: upright.png.
`},
		"no match": {"screenshots: ['shots/*.png']", `error: listings.en.screenshots[0]: the file "shots" does not exist
  Tried shots.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, got := load(t, manifest("  listings:\n    en:\n      "+test.field+"\n"), files)
			lines := strings.SplitAfter(got, "\n")
			for i, line := range lines {
				if _, rest, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(line, "app.yaml:8:") {
					lines[i] = rest
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(lines, "")); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
			if name != "natural order, ten at most" {
				return
			}
			var names []string
			for _, image := range app(t, w).Listings["en"].Screenshots {
				names = append(names, strings.TrimSuffix(strings.TrimPrefix(image.Name, "many/"), ".png"))
			}
			if diff := cmp.Diff("0 1 2 3 4 5 6 7 8 9 10 11", strings.Join(names, " ")); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHugeImagesAreNotRead(t *testing.T) {
	root := folder(t, map[string]string{"app.yaml": manifest("  listings: {en: {screenshots: [huge.png]}}\n"), "huge.png": picture(t, 1366, 768, 1)})
	truncate(t, root, "huge.png", maxImageBytes+1)
	_, got := loadIn(t, root, LoadOptions{})
	want := `app.yaml:6:33: error: listings.en.screenshots[0]: the image "huge.png" has 52428801 bytes; at most 52428800 (50 MB) are allowed
  Save it with stronger compression or fewer pixels.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
