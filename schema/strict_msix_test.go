package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole text of what Load says about the forms that only MSIX apps have.
func TestStrictMsixLoading(t *testing.T) {
	files := map[string]string{"a.png": picture(t, 300, 300, 1), "a.avi": "x"}
	tests := map[string]struct{ spec, want string }{
		"a quoted number": {"  rollout: {percentage: \"10\"}\n", `app.yaml:6:25: error: rollout.percentage: must be a number, not a text
  Write it in digits, without quotes, such as 12.5.
`},
		"a number with an exponent": {"  rollout: {percentage: 1e1}\n", `app.yaml:6:25: error: rollout.percentage: "1e1" is not a number
  Write it in decimal digits, such as 12.5.
`},
		"infinity": {"  rollout: {percentage: .inf}\n", `app.yaml:6:25: error: rollout.percentage: ".inf" is not a number
  Write it in decimal digits, such as 12.5.
`},
		"whole numbers": {"  gamingOptions: [{localMultiplayerMinPlayers: 010, localMultiplayerMaxPlayers: 2.5, localCooperativeMinPlayers: many, localCooperativeMaxPlayers: 0x2}]\n", `app.yaml:6:48: error: gamingOptions[0].localMultiplayerMinPlayers: "010" is not a whole number
  Write it in decimal digits, such as 12.
app.yaml:6:81: error: gamingOptions[0].localMultiplayerMaxPlayers: "2.5" is not a whole number
  Write it in decimal digits, such as 12.
app.yaml:6:114: error: gamingOptions[0].localCooperativeMinPlayers: must be a whole number, not a text
  Write it in digits, without quotes, such as 12.
app.yaml:6:148: error: gamingOptions[0].localCooperativeMaxPlayers: "0x2" is not a whole number
  Write it in decimal digits, such as 12.
`},
		"no step": {"  rollout: {}\n", `app.yaml:6:12: error: rollout: no step is written; a rollout takes one
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}.
`},
		"a step without a key": {"  rollout: {{}}\n", `app.yaml:6:13: error: rollout: a key must be a plain text
  Write the key without brackets, braces, anchors, aliases or tags.
`},
		"steps denied": {"  rollout: {percentage: 10, halted: false, finalized: FALSE}\n", `app.yaml:6:37: error: rollout.halted: halted: false says nothing
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}.
app.yaml:6:55: error: rollout.finalized: finalized: false says nothing
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}.
`},
		"fields of the API": {`
  status: Published
  productId: 9NBLGGH4R315
  applicationPackages: []
  pricing: {sales: [], isAdvancedPricingModel: true, priceID: Free}
  packageDeliveryOptions: {packageRollout: {}}
  rollout: {packageRolloutPercentage: 10}
  listings:
    en-us: {privacyPolicy: a, supportContact: b, websiteUrl: c, whatsNew: d, platformOverrides: {}, titel: e}
  packages: [{fileName: a.msix, minimumSystemRam: None}]
`, `app.yaml:6:3: error: status: unknown field "status"
  The Store assigns it.
app.yaml:7:3: error: productId: unknown field "productId"
  An MSIX app has an appId, its 12-character Store ID.
app.yaml:8:3: error: applicationPackages: unknown field "applicationPackages"
  Write packages: the API's list is made of it.
app.yaml:9:13: error: pricing.sales: unknown field "sales"
  The API ignores it (deprecated): sales are made in Partner Center only.
app.yaml:9:24: error: pricing.isAdvancedPricingModel: unknown field "isAdvancedPricingModel"
  The Store assigns it.
app.yaml:9:54: error: pricing.priceID: unknown field "priceID"
  Did you mean priceId? Allowed here: priceId, trialPeriod, marketSpecificPricings.
app.yaml:10:28: error: packageDeliveryOptions.packageRollout: unknown field "packageRollout"
  Write spec.rollout: {percentage: 10}.
app.yaml:11:13: error: rollout.packageRolloutPercentage: unknown field "packageRolloutPercentage"
  Write percentage.
app.yaml:13:13: error: listings.en-us.privacyPolicy: unknown field "privacyPolicy"
  The API ignores it (obsolete): it can be changed in Partner Center only.
app.yaml:13:31: error: listings.en-us.supportContact: unknown field "supportContact"
  The API ignores it (obsolete): it can be changed in Partner Center only.
app.yaml:13:50: error: listings.en-us.websiteUrl: unknown field "websiteUrl"
  The API ignores it (obsolete): it can be changed in Partner Center only.
app.yaml:13:65: error: listings.en-us.whatsNew: unknown field "whatsNew"
  Here it is releaseNotes.
app.yaml:13:78: error: listings.en-us.platformOverrides: unknown field "platformOverrides"
  What the Store has is sent back as it is; it cannot be written.
app.yaml:13:101: error: listings.en-us.titel: unknown field "titel"
  Did you mean title? Allowed here: title, description, shortDescription, shortTitle, sortTitle, voiceTitle, devStudio, releaseNotes, features, keywords, copyrightAndTrademarkInfo, licenseTerms, recommendedHardware, minimumHardware, images.
app.yaml:14:14: error: packages[0]: file is missing
  Write it: it cannot be left out.
app.yaml:14:15: error: packages[0].fileName: unknown field "fileName"
  Write file: the path of the package.
app.yaml:14:33: error: packages[0].minimumSystemRam: unknown field "minimumSystemRam"
  It counts for Windows 8.x only: a new package is sent with None, and a live one keeps what it has.
`},
		"hidden field": {"  packages: [{file: a.msix, \"-\": x}]\n", `app.yaml:6:21: error: packages[0].file: the file "a.msix" does not exist
  Tried a.msix. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
app.yaml:6:29: error: packages[0].-: unknown field "-"
  Allowed here: file, version, architecture.
`},
		"package forms": {"  packages: [dist/a.msix, {file: \"dist/*.msix\"}, {version: 1.0.0.0}, {file: {file: a.msix}}, {file: a.msix, version: 1.0}]\n", `app.yaml:6:14: error: packages[0]: must be a mapping, not a text
  Write {file: path}.
app.yaml:6:34: error: packages[1].file: "dist/*.msix" is a pattern; one file is wanted here
  Write the path of one file, without *, ? and [. Only lists of images and logos take patterns, as plain texts.
app.yaml:6:50: error: packages[2]: file is missing
  Write it: it cannot be left out.
app.yaml:6:77: error: packages[3].file: must be a text, not a mapping
  Write one text, in quotes if it holds special characters.
app.yaml:6:101: error: packages[4].file: the file "a.msix" does not exist
  Tried a.msix. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
app.yaml:6:118: error: packages[4].version: must be a text, not a number
  Put it in quotes: "1.0".
`},
		"a package of no name": {"  packages: [{file: \"\"}]\n", `app.yaml:6:21: error: packages[0].file: file is empty
  Write it: it cannot be left out.
`},
		"package paths": {"  packages: [{file: ../a.msix}, {file: /a.msix}, {file: \"${lang}.msix\"}, {file: \"${var:none}.msix\"}]\n", `app.yaml:6:21: error: packages[0].file: "../a.msix" lies outside the workspace
  A manifest may only name files below ROOT (the nearest folder with .git or storesync.yaml, else the given path). Move the file there, or give --allow-outside if you trust every manifest.
app.yaml:6:40: error: packages[1].file: the path "/a.msix" is absolute
  Write the path relative to the manifest's own file, with forward slashes.
app.yaml:6:57: error: packages[2].file: ${lang} stands outside a listing
  It is the language of a listing, so it has a value only below listings.
app.yaml:6:81: error: packages[3].file: the variable "none" is not defined
  Give --var none=VALUE, a --var-file with it, or STORESYNC_VAR_none in the environment.
`},
		"package names": {"  packages: [{file: a.zip}, {file: a.xap, version: 1.0.0.0, architecture: x64}, {file: a.emsix}]\n", `app.yaml:6:21: error: packages[0].file: the name "a.zip" is not that of an app package
  A package is a .msix, .msixbundle, .msixupload, .appx, .appxbundle or .appxupload file.
app.yaml:6:88: error: packages[2].file: "a.emsix" is an encrypted package
  The Store does not take it, and it cannot be read. Name the package that it was made from.
`},
		"a trailer's language twice": {"  trailers: [{videoFile: a.mp4, trailerAssets: {en-us: {title: a}, EN-US: {title: b}}}]\n", `app.yaml:6:26: error: trailers[0].videoFile: the file "a.mp4" does not exist
  Tried a.mp4.
app.yaml:6:68: error: trailers[0].trailerAssets.EN-US: "EN-US" is the same language as "en-us" at app.yaml:6:49
  Languages match without regard to case. Write it once, in one spelling.
`},
		"image forms": {"  listings: {de: {images: {Screenshot: a.png, Icon: [[a.png], {file: \"*.png\"}, {description: c}, {file: a.png, caption: c}, \"b*.png\"], StoreLogoSquare: [{file: a.png, description: [x]}]}}}\n", `app.yaml:6:40: error: listings.de.images.Screenshot: must be a list of images, not a text
  Write [{file: images/1.png, description: The editor}], [images/1.png] or ["images/*.png"].
app.yaml:6:54: error: listings.de.images.Icon[0]: must be an image file, not a list
  Write a path or {file: path, description: text}.
app.yaml:6:70: error: listings.de.images.Icon[1].file: "*.png" is a pattern; one file is wanted here
  Write the path of one file, without *, ? and [. Only lists of images and logos take patterns, as plain texts.
app.yaml:6:80: error: listings.de.images.Icon[2]: file is missing
  Write it: it cannot be left out.
app.yaml:6:112: error: listings.de.images.Icon[3].caption: unknown field "caption"
  Allowed here: file, description.
app.yaml:6:125: error: listings.de.images.Icon[4]: no file matches "b*.png"
  Looked in ROOT. Add the files, or leave the field out to leave the Store's images alone.
app.yaml:6:154: error: listings.de.images.StoreLogoSquare[0]: the image "a.png" has 300 x 300 pixels
  It must have 1080 x 1080 or 2160 x 2160 pixels.
app.yaml:6:181: error: listings.de.images.StoreLogoSquare[0].description: must be a text, not a list
  Write a text, {file: path}, {file: path, optional: true} or {env: NAME}.
`},
		"trailer forms": {"  trailers: [{videoFile: a.avi, trailerAssets: {de: {title: t, image: [a.png], imageList: []}}}, {trailerAssets: {\"*\": {}}}]\n", `app.yaml:6:26: error: trailers[0].videoFile: the name "a.avi" does not end in .mp4 or .mov
  A trailer is an MP4 (.mp4) or MOV (.mov) video of 1920 x 1080 pixels.
app.yaml:6:71: error: trailers[0].trailerAssets.de.image: must be an image file, not a list
  Write a path or {file: path, description: text}.
app.yaml:6:80: error: trailers[0].trailerAssets.de.imageList: unknown field "imageList"
  Write image: the path of the one thumbnail.
app.yaml:6:98: error: trailers[1]: videoFile is missing
  Write it: it cannot be left out.
app.yaml:6:115: error: trailers[1].trailerAssets.*: bad key "*"
  A key has 1 to 64 letters A-Z a-z, digits, _ and -.
`},
		"merged types": {"  listings: {\"*\": {images: [a.png]}, de: {images: {Icon: []}}}\n", `app.yaml:6:28: error: listings.*.images: must be a mapping, not a list
  Write one "key: value" line for each entry.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, msixManifest(test.spec), files)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}
