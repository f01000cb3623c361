package schema

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// addOnManifest is a manifest with this spec below its app.
func addOnManifest(spec string) string {
	return "apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: themes}\nspec:\n  app: 9NBLGGH4R315\n" + strings.TrimPrefix(spec, "\n")
}

// fullAddOnManifest writes every field of the kind.
const fullAddOnManifest = `apiVersion: storesync/v1
kind: AddOn
metadata: {name: themes, labels: {team: notes}, state: present, protect: [delete-add-on, price-change]}
spec:
  app: 9nblggh4r315
  id: 9nblggh4tnmp
  productId: contoso.notes/themes-1
  productType: Durable
  contentType: OnlineDownload
  keywords: [theme, "no"]
  lifetime: OneYear
  tag: {file: tag.xml}
  visibility: Public
  pricing: {priceId: Tier3, marketSpecificPricings: {JP: Tier4, NO: Free, DE: Base}}
  markets: {all: true, except: [CN]}
  targetPublishMode: SpecificDate
  targetPublishDate: 2027-01-31T09:00:00Z
  languages: [en-us, fr-fr]
  listings:
    "*":
      title: {file: "texts/${lang}.txt", optional: true}
      icon: icons/plain.png
    en-us:
      description: More themes (${lang}).
    DE-DE:
      title: Designs
      icon: icons/de.png
  removeUnlistedLanguages: true
`

func fullAddOnFiles(t *testing.T) map[string]string {
	return map[string]string{
		"tag.xml": "<levels/>\r\n", "texts/en-us.txt": "Themes\n",
		"icons/plain.png": picture(t, 300, 300, 1), "icons/de.png": picture(t, 300, 300, 2),
	}
}

func TestAddOnIsLoadedWhole(t *testing.T) {
	w, text := load(t, fullAddOnManifest, fullAddOnFiles(t))
	if text != "" {
		t.Fatalf("diagnostics:\n%s", text)
	}
	plain, german := &Image{Name: "icons/plain.png", Width: 300, Height: 300}, &Image{Name: "icons/de.png", Width: 300, Height: 300}
	want := &Manifest{
		Kind: AddOnKind,
		Metadata: Metadata{
			Name: "themes", Labels: map[string]string{"team": "notes"}, State: StatePresent, Protect: []string{"delete-add-on", "price-change"},
		},
		AddOn: &AddOn{
			App: "9nblggh4r315", AppID: "9NBLGGH4R315", ID: "9NBLGGH4TNMP", ProductID: "contoso.notes/themes-1", ProductType: "Durable",
			ContentType: ptr("OnlineDownload"), Keywords: []string{"theme", "no"}, Lifetime: ptr("OneYear"),
			Tag: &Text{Value: "<levels/>", File: "tag.xml"}, Visibility: ptr("Public"),
			Pricing:           &AddOnPricing{PriceID: ptr("Tier3"), MarketSpecificPricings: map[string]string{"JP": "Tier4", "NO": "Free", "DE": "Base"}},
			Markets:           &Markets{All: true, Except: []string{"CN"}},
			TargetPublishMode: ptr("SpecificDate"), TargetPublishDate: ptr("2027-01-31T09:00:00Z"),
			Languages: []string{"en-us", "fr-fr"},
			Listings: map[string]*AddOnListing{
				"en-us": {Title: &Text{Value: "Themes", File: "texts/en-us.txt"}, Description: &Text{Value: "More themes (en-us)."}, Icon: plain},
				"fr-fr": {Icon: plain},
				"DE-DE": {Title: &Text{Value: "Designs"}, Icon: german},
			},
			RemoveUnlistedLanguages: true,
		},
	}
	options := cmp.Options{
		cmpopts.IgnoreFields(Image{}, "Bytes", "SHA256", "MD5"), cmpopts.IgnoreFields(Manifest{}, "File"), cmpopts.IgnoreUnexported(Manifest{}),
	}
	if diff := cmp.Diff(want, w.Manifests[0], options); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if got := w.Manifests[0].ProductID(); got != "9NBLGGH4TNMP" {
		t.Errorf("ProductID is %q", got)
	}
	file, err := w.Open("icons/de.png")
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
}

// What add-ons share with apps is tested there; these are the rules of their own.
func TestValidateAddOn(t *testing.T) {
	files := map[string]string{"a.png": picture(t, 300, 300, 1), "small.png": picture(t, 299, 300, 2)}
	tests := map[string]struct{ spec, want string }{
		"the longest": {"  productId: " + repeat("p", 100) + "\n  tag: " + repeat("t", 3000) + "\n  keywords: " +
			list(10, func(i int) string { return repeat(string(rune('a'+i)), 30) }) + "\n" +
			"  listings: {fr: {icon: \"\"}, de: {title: " + repeat("ü", 100) + ", description: " + repeat("d", 200) + ", icon: a.png}}\n", ""},
		"nothing that finds it": {"  productType: Durable\n", `app.yaml:4:1: error: spec: neither productId nor id is written
  Write productId, by which the add-on is found within its app and made when it is missing; or id, its Store ID, to pin one that exists.
`},
		"ids": {"  id: themes\n  productId: a<b\n", `app.yaml:6:7: error: id: "themes" is not a Store ID
  It has 12 letters and digits, such as 9NBLGGH4TNMP. The id of your own choice is productId.
app.yaml:7:14: error: productId: "a<b" holds the character <
  A product id holds none of < > * % & : \ ? + and comma.
`},
		"empty": {"  id: \"\"\n  productId: \"\"\n  productType: \"\"\n", `app.yaml:4:1: error: spec: neither productId nor id is written
  Write productId, by which the add-on is found within its app and made when it is missing; or id, its Store ID, to pin one that exists.
app.yaml:6:7: error: id: is empty
  Write it, or leave the field out.
app.yaml:7:14: error: productId: is empty
  Write it, or leave the field out.
app.yaml:8:16: error: productType: is empty
  Write it, or leave the field out.
`},
		"the app's own id": {"  id: 9nblggh4r315\n", `app.yaml:6:7: error: id: "9NBLGGH4R315" is the Store ID of the app itself
  Write that of the add-on, or leave id out: it is found by its productId.
`},
		"a long product id": {"  productId: " + repeat("p", 101) + "\n", `app.yaml:6:14: error: productId: 101 characters; at most 100 are allowed
  Shorten the text by 1.
`},
		"a product id with space around": {"  productId: \"a \"\n", `app.yaml:6:14: error: productId: "a " begins or ends with a space, or holds a line end
  Take it out: the id stands in the app's code.
`},
		"value sets": {"  productId: a\n  productType: Subscription\n  contentType: ASP\n  lifetime: OneDecade\n  visibility: public\n  targetPublishMode: Later\n",
			`app.yaml:7:16: error: productType: "Subscription" is not allowed
  Allowed: Durable, Consumable. Subscriptions and Store-managed consumables are made in Partner Center; the API answers 409 for them.
app.yaml:8:16: error: contentType: "ASP" is not allowed
  Did you mean Asp? Allowed: NotSet, BookDownload, EMagazine, ENewspaper, MusicDownload, MusicStream, OnlineDataStorage, VideoDownload, VideoStream, Asp, OnlineDownload.
app.yaml:9:13: error: lifetime: "OneDecade" is not allowed
  Allowed: Forever, OneDay, ThreeDays, FiveDays, OneWeek, TwoWeeks, OneMonth, TwoMonths, ThreeMonths, SixMonths, OneYear.
app.yaml:10:15: error: visibility: "public" is not allowed
  Did you mean Public? Allowed: Hidden, Public, Private, NotSet.
app.yaml:11:22: error: targetPublishMode: "Later" is not allowed
  Allowed: Immediate, Manual, SpecificDate.
`},
		"a consumable that expires": {"  productId: a\n  productType: Consumable\n  lifetime: OneYear\n", `app.yaml:8:13: error: lifetime: a Consumable has no lifetime
  It is used up, not outlasted: only a Durable expires. Leave lifetime out, or write productType: Durable.
`},
		"a consumable as the Store answers it": {"  productId: a\n  productType: Consumable\n  lifetime: Forever\n", ""},
		"a lifetime of an unknown type":        {"  productId: a\n  lifetime: OneYear\n", ""},
		"keywords": {"  productId: a\n  keywords: " + list(11, func(i int) string { return repeat(string(rune('a'+i)), 31-i) }) + "\n",
			`app.yaml:7:13: error: keywords: 11 items; at most 10 are allowed
  Take out 1.
app.yaml:7:14: error: keywords[0]: 31 characters; at most 30 are allowed
  Shorten the text by 1.
`},
		"a long tag": {"  productId: a\n  tag: " + repeat("t", 3001) + "\n", `app.yaml:7:8: error: tag: 3001 characters; at most 3000 are allowed
  Shorten the text by 1.
`},
		"listings": {"  productId: a\n  listings: {en_us: {}, de: {title: " + repeat("t", 101) + ", description: " + repeat("d", 201) + ", icon: small.png}, fr: {title: \" \", description: \"\"}}\n",
			`app.yaml:7:21: error: listings.en_us: "en_us" is not a language of the Store
  Did you mean en-us? Languages are the 350 codes of the page of supported languages, such as en-us or de.
app.yaml:7:37: error: listings.de.title: 101 characters; at most 100 are allowed
  Shorten the text by 1.
app.yaml:7:153: error: listings.de.description: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:7:362: error: listings.de.icon: the icon "small.png" has 299 x 300 pixels
  It must have 300 x 300 pixels.
app.yaml:7:386: error: listings.fr.title: is empty
  A listing of an add-on needs one. Write it, or leave the field out to leave the Store's alone.
app.yaml:7:404: error: listings.fr.description: is empty
  A listing of an add-on needs one. Write it, or leave the field out to leave the Store's alone.
`},
		"no listing": {"  productId: a\n  listings: {}\n  removeUnlistedLanguages: true\n", `app.yaml:7:13: error: listings: listings is empty
  Write at least one language, or leave the field out to leave all listings alone.
app.yaml:8:28: error: removeUnlistedLanguages: would remove every language
  Write the languages to keep under listings or languages.
`},
		"removing every language": {"  productId: a\n  removeUnlistedLanguages: true\n", `app.yaml:7:28: error: removeUnlistedLanguages: would remove every language
  Write the languages to keep under listings or languages.
`},
		"prices and markets": {"  productId: a\n  pricing: {priceId: Base, marketSpecificPricings: {UK: Free, CN: Free}}\n  markets: {all: true, except: [CN, uk]}\n",
			`app.yaml:7:22: error: pricing.priceId: Base is no base price and is never sent
  It means that a market has no tier of its own, and the Store refuses it here: 'Base' is not a valid PriceId for base price. Write Free or a tier such as Tier5, or leave priceId out to leave the price alone.
app.yaml:7:57: error: pricing.marketSpecificPricings.UK: "UK" is not a market of the Store
  Did you mean GB? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:7:67: error: pricing.marketSpecificPricings.CN: CN is left out by markets, so it has no price
  Take CN out of marketSpecificPricings, or let markets have it.
app.yaml:8:37: error: markets.except[1]: "uk" is not a market of the Store
  Did you mean GB? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
`},
		"a date without its mode": {"  productId: a\n  targetPublishDate: 2027-01-31T09:00:00Z\n", `app.yaml:7:22: warning: targetPublishDate: is not used without targetPublishMode: SpecificDate
  Write that mode too, or leave the date out.
`},
		"fields of the API": {`
  applicationIds: [9NBLGGH4R315]
  appId: 9NBLGGH4R315
  productId: a
  status: Published
  quantity: 10
  packages: []
  title: A
  customDeveloperData: x
  pricing: {trialPeriod: OneDay, sales: [], isAdvancedPricingModel: true}
  listings:
    de: {icon: {fileName: a.png, fileStatus: PendingUpload}, images: {}, fileStatus: None, keywords: []}
`, `app.yaml:6:3: error: applicationIds: unknown field "applicationIds"
  Write app: the name of the app's manifest, or its Store ID.
app.yaml:7:3: error: appId: unknown field "appId"
  Write app: the name of the app's manifest, or its Store ID.
app.yaml:9:3: error: status: unknown field "status"
  The Store assigns it.
app.yaml:10:3: error: quantity: unknown field "quantity"
  The API does not have it: it is kept in Partner Center.
app.yaml:11:3: error: packages: unknown field "packages"
  An add-on has no packages; what it unlocks is in those of its app.
app.yaml:12:3: error: title: unknown field "title"
  Write it below each language: listings: {en-us: {title: …}}.
app.yaml:13:3: error: customDeveloperData: unknown field "customDeveloperData"
  Here it is tag.
app.yaml:14:13: error: pricing.trialPeriod: unknown field "trialPeriod"
  Add-ons have no trial: the trial of a subscription is kept in Partner Center.
app.yaml:14:34: error: pricing.sales: unknown field "sales"
  The API ignores it (deprecated): sales are made in Partner Center only.
app.yaml:14:45: error: pricing.isAdvancedPricingModel: unknown field "isAdvancedPricingModel"
  The Store assigns it.
app.yaml:16:16: error: listings.de.icon: must be the path of an image, not a mapping
  Write the path alone, such as images/icon.png. The Store's fileName and fileStatus are made of it.
app.yaml:16:62: error: listings.de.images: unknown field "images"
  An add-on shows one image: icon.
app.yaml:16:74: error: listings.de.fileStatus: unknown field "fileStatus"
  The Store assigns it.
app.yaml:16:92: error: listings.de.keywords: unknown field "keywords"
  It is the same for all languages: write it directly below spec.
`},
		"icons": {"  productId: a\n  listings: {de: {icon: [a.png]}, fr: {icon: \"*.png\"}, it: {icon: none.png}, es: {icon: ../a.png}}\n",
			`app.yaml:7:25: error: listings.de.icon: must be a text, not a list
  Write one text, in quotes if it holds special characters.
app.yaml:7:46: error: listings.fr.icon: "*.png" is a pattern; one file is wanted here
  Write the path of one file, without *, ? and [. Only lists of images and logos take patterns, as plain texts.
app.yaml:7:67: error: listings.it.icon: the file "none.png" does not exist
  Tried none.png.
app.yaml:7:89: error: listings.es.icon: "../a.png" lies outside the workspace
  A manifest may only name files below ROOT (the nearest folder with .git or storesync.yaml, else the given path). Move the file there, or give --allow-outside if you trust every manifest.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, addOnManifest(test.spec), files)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

// Of a product that is to be deleted, only what finds it is looked at: its
// files may be gone, and its environment is not needed.
func TestAnAbsentAddOnIsOnlyFound(t *testing.T) {
	content := strings.Replace(fullAddOnManifest, "state: present, protect: [delete-add-on, ", "state: absent, protect: [", 1)
	root := folder(t, map[string]string{"app.yaml": content})
	w, text := loadIn(t, root, LoadOptions{})
	if text != "" {
		t.Fatal(text)
	}
	want := &AddOn{App: "9nblggh4r315", AppID: "9NBLGGH4R315", ID: "9NBLGGH4TNMP", ProductID: "contoso.notes/themes-1", ProductType: "Durable"}
	if diff := cmp.Diff(want, w.Manifests[0].AddOn); diff != "" {
		t.Errorf("add-on (-want +got):\n%s", diff)
	}
	if !w.Manifests[0].Absent() {
		t.Error("the manifest is not absent")
	}
	write(t, filepath.Join(root, "app.yaml"), strings.Replace(strings.Replace(content, "  app: 9nblggh4r315\n", "", 1), "lifetime", "lifetme", 1))
	_, text = loadIn(t, root, LoadOptions{})
	wantText := `app.yaml:4:1: error: spec: app is missing
  Write it: it cannot be left out.
app.yaml:10:3: error: lifetme: unknown field "lifetme"
  Did you mean lifetime? Allowed here: app, id, productId, productType, contentType, keywords, lifetime, tag, visibility, pricing, markets, targetPublishMode, targetPublishDate, languages, listings, removeUnlistedLanguages.
`
	if diff := cmp.Diff(wantText, text); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
