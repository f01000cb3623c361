package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The whole text of what validate says about what an MSIX app writes.
func TestValidateMsix(t *testing.T) {
	tests := map[string]struct{ spec, want string }{
		"a genre as a category": {"  applicationCategory: Games_RolePlaying\n", `app.yaml:6:24: error: applicationCategory: Games has no subcategory of that name: "Games_RolePlaying"
  Did you mean Games_Roleplaying? Allowed: Games_ and one of ActionAndAdventure, CardAndBoard, Casino, Educational, FamilyAndKids, Fighting, Music, Platformer, PuzzleAndTrivia, RacingAndFlying, Roleplaying, Shooter, Simulation, Sports, Strategy, Word.
`},
		"a category of the other API": {"  applicationCategory: Lifestyle_DYI\n", `app.yaml:6:24: error: applicationCategory: Lifestyle has no subcategory of that name: "Lifestyle_DYI"
  Did you mean Lifestyle_DIY? Allowed: Lifestyle_ and one of Automotive, DIY, HomeAndGarden, Relationships, SpecialInterest, StyleAndFashion.
`},
		"a mistyped category": {"  applicationCategory: Productivty\n", `app.yaml:6:24: error: applicationCategory: "Productivty" is not a category
  Did you mean Productivity? Write Category or Category_Subcategory, such as Games_Shooter. Categories: BooksAndReference, Business, DeveloperTools, Education, Entertainment, FoodAndDining, Games, GovernmentAndPolitics, HealthAndFitness, KidsAndFamily, Lifestyle, Medical, MultimediaDesign, Music, NavigationAndMaps, NewsAndWeather, PersonalFinance, Personalization, PhotoAndVideo, Productivity, Security, Shopping, Social, Sports, Travel, UtilitiesAndTools.
`},
		"a rare category": {"  applicationCategory: Games_Other\n", `app.yaml:6:24: warning: applicationCategory: "Games_Other" may not be a category
  Only one of Microsoft's two clients knows it; the Store may refuse it.
`},
		"a category without subcategories": {"  applicationCategory: Music_Rock\n", `app.yaml:6:24: error: applicationCategory: "Music_Rock" is not a category
  Write Category or Category_Subcategory, such as Games_Shooter. Categories: BooksAndReference, Business, DeveloperTools, Education, Entertainment, FoodAndDining, Games, GovernmentAndPolitics, HealthAndFitness, KidsAndFamily, Lifestyle, Medical, MultimediaDesign, Music, NavigationAndMaps, NewsAndWeather, PersonalFinance, Personalization, PhotoAndVideo, Productivity, Security, Shopping, Social, Sports, Travel, UtilitiesAndTools.
`},
		"enums": {`
  visibility: public
  targetPublishMode: Now
  hardwarePreferences: [Touch, NFC_HCE, Touch]
  enterpriseLicensing: Offline
  allowTargetFutureDeviceFamilies: {desktop: true, "7": true}
  pricing: {trialPeriod: SevenDay}
`, `app.yaml:6:15: error: visibility: "public" is not allowed
  Did you mean Public? Allowed: Hidden, Public, Private, NotSet.
app.yaml:7:22: error: targetPublishMode: "Now" is not allowed
  Allowed: Immediate, Manual, SpecificDate.
app.yaml:8:32: error: hardwarePreferences[1]: "NFC_HCE" is not allowed
  Did you mean NfcHce? Allowed: Touch, Keyboard, Mouse, Camera, NfcHce, Nfc, BluetoothLE, Telephony.
app.yaml:8:41: error: hardwarePreferences[2]: "Touch" is listed twice
  Keep one of the two.
app.yaml:9:24: error: enterpriseLicensing: "Offline" is not allowed
  Did you mean Online? Allowed: None, Online, OnlineAndOffline.
app.yaml:10:46: error: allowTargetFutureDeviceFamilies.desktop: unknown key "desktop"
  Did you mean Desktop? Allowed here: Desktop, Mobile, Holographic, Xbox, Team.
app.yaml:10:57: warning: allowTargetFutureDeviceFamilies.7: "7" is not a documented device family
  Live submissions had such keys. Leave it out unless the Store has it already.
app.yaml:11:26: error: pricing.trialPeriod: "SevenDay" is not allowed
  Did you mean SevenDays? Allowed: NoFreeTrial, OneDay, TrialNeverExpires, SevenDays, FifteenDays, ThirtyDays.
`},
		"base price": {"  pricing: {priceId: Base}\n", `app.yaml:6:22: error: pricing.priceId: Base is no base price and is never sent
  It means that a market has no tier of its own, and the Store refuses it here: 'Base' is not a valid PriceId for base price. Write Free or a tier such as Tier5, or leave priceId out to leave the price alone.
`},
		"prices": {`
  pricing:
    priceId: free
    marketSpecificPricings: {us: Free, XX: Free, EH: Free, LB: Base, JP: "12", DE: Tier1, FR: Tier97, GB: TierX, IT: Tier2, ES: Tier96, AT: Tier01}
`, `app.yaml:7:14: error: pricing.priceId: "free" is not a price tier
  Did you mean Free? Allowed: Free, NotAvailable, and Tier with its number, such as Tier5.
app.yaml:8:34: error: pricing.marketSpecificPricings.us: "us" is not a market of the Store
  Did you mean US? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:8:44: error: pricing.marketSpecificPricings.XX: "XX" is not a market of the Store
  Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:8:84: warning: pricing.marketSpecificPricings.DE: "Tier1" is not a documented price tier
  Documented are Tier2 to Tier96, and Tier1012 to Tier1424 for apps with advanced pricing. It is sent as it is, and the Store may refuse it.
app.yaml:8:95: warning: pricing.marketSpecificPricings.FR: "Tier97" is not a documented price tier
  Documented are Tier2 to Tier96, and Tier1012 to Tier1424 for apps with advanced pricing. It is sent as it is, and the Store may refuse it.
app.yaml:8:107: warning: pricing.marketSpecificPricings.GB: "TierX" is not a documented price tier
  Documented are Tier2 to Tier96, and Tier1012 to Tier1424 for apps with advanced pricing. It is sent as it is, and the Store may refuse it.
app.yaml:8:141: warning: pricing.marketSpecificPricings.AT: "Tier01" is not a documented price tier
  Documented are Tier2 to Tier96, and Tier1012 to Tier1424 for apps with advanced pricing. It is sent as it is, and the Store may refuse it.
`},
		"no base price": {"  pricing: {priceId: NotAvailable}\n  markets: [US]\n", `app.yaml:6:22: warning: pricing.priceId: NotAvailable switches off every market without a tier of its own
  markets then only says where marketSpecificPricings may have one. Write a price here.
`},
		"two pricing models": {"  pricing: {priceId: Tier5, marketSpecificPricings: {JP: Tier1012, US: Tier1424, DE: Tier1425}}\n", `app.yaml:6:12: warning: pricing: Tier5 and Tier1012 are tiers of two pricing models
  A product has one of the two: Tier2 to Tier96, or Tier1012 to Tier1424 when isAdvancedPricingModel is true. Correct the ones that are wrong.
app.yaml:6:86: warning: pricing.marketSpecificPricings.DE: "Tier1425" is not a documented price tier
  Documented are Tier2 to Tier96, and Tier1012 to Tier1424 for apps with advanced pricing. It is sent as it is, and the Store may refuse it.
`},
		"prices and excepted markets": {`
  pricing: {priceId: Tier5, marketSpecificPricings: {CN: Tier7, JP: Base, RU: NotAvailable, DE: NotAvailable, LB: NotAvailable}}
  markets: {all: true, except: [CN, JP, RU]}
`, `app.yaml:6:58: error: pricing.marketSpecificPricings.CN: CN is left out by markets, so it has no price
  Take CN out of marketSpecificPricings, or let markets have it.
app.yaml:6:69: error: pricing.marketSpecificPricings.JP: JP is left out by markets, so it has no price
  Take JP out of marketSpecificPricings, or let markets have it.
app.yaml:6:79: error: pricing.marketSpecificPricings.RU: RU is left out by markets, so it has no price
  Take RU out of marketSpecificPricings, or let markets have it.
app.yaml:6:97: error: pricing.marketSpecificPricings.DE: DE is NotAvailable here though markets has it
  Take it out here, and switch the market off in markets.
`},
		"prices and listed markets": {`
  pricing: {marketSpecificPricings: {US: Tier5, DE: NotAvailable, FR: Tier5, EH: Tier5, LB: NotAvailable}}
  markets: [US, DE, LB]
`, `app.yaml:6:53: error: pricing.marketSpecificPricings.DE: DE is NotAvailable here though markets has it
  Take it out here, and switch the market off in markets.
app.yaml:6:71: error: pricing.marketSpecificPricings.FR: FR is left out by markets, so it has no price
  Take FR out of marketSpecificPricings, or let markets have it.
app.yaml:6:82: error: pricing.marketSpecificPricings.EH: EH is left out by markets, so it has no price
  Take EH out of marketSpecificPricings, or let markets have it.
app.yaml:6:93: error: pricing.marketSpecificPricings.LB: LB is NotAvailable here though markets has it
  Take it out here, and switch the market off in markets.
app.yaml:7:21: warning: markets[2]: the Store may leave out LB (Lebanon)
  The page of markets of MSIX apps does not have it, and live products had it switched off by itself (observed 2026-02).
`},
		"markets": {"  markets: [us, EH]\n", `app.yaml:6:13: error: markets[0]: "us" is not a market of the Store
  Did you mean US? Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
app.yaml:6:17: error: markets[1]: "EH" is not a market of the Store
  Markets are the upper-case ISO 3166-1 alpha-2 codes of the API page, such as US; it has 241 of them.
`},
		"no markets": {"  markets: []\n", `app.yaml:6:12: error: markets: markets is empty
  Write at least one market, or leave the field out to leave the markets alone.
`},
		"no date": {"  targetPublishMode: SpecificDate\n", `app.yaml:6:22: error: targetPublishMode: SpecificDate without targetPublishDate
  Write targetPublishDate: 2027-01-31T09:00:00Z beside it, or another mode.
`},
		"a date that is none": {"  targetPublishMode: SpecificDate\n  targetPublishDate: 1601-01-01T00:00:00Z\n", `app.yaml:7:22: error: targetPublishDate: "1601-01-01T00:00:00Z" stands for no date
  The Store writes 1601 where there is none. Write the time of publication.
`},
		"a date of another mode": {"  targetPublishMode: Manual\n  targetPublishDate: \"2027-01-31T10:00:00+01:00\"\n", `app.yaml:7:22: warning: targetPublishDate: is not used without targetPublishMode: SpecificDate
  Write that mode too, or leave the date out.
`},
		"a date alone": {"  targetPublishDate: 2027-01-31T10:00:00Z\n", `app.yaml:6:22: warning: targetPublishDate: is not used without targetPublishMode: SpecificDate
  Write that mode too, or leave the date out.
`},
		"dates": {"  targetPublishMode: SpecificDate\n  targetPublishDate: 2027-01-31\n  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: soon}\n", `app.yaml:7:22: error: targetPublishDate: "2027-01-31" is not a time
  Write date, time and zone as RFC 3339 has them: 2027-01-31T09:00:00Z or 2027-01-31T10:00:00+01:00.
app.yaml:8:83: error: packageDeliveryOptions.mandatoryUpdateEffectiveDate: "soon" is not a time
  Write date, time and zone as RFC 3339 has them: 2027-01-31T09:00:00Z or 2027-01-31T10:00:00+01:00.
`},
		"mandatory without date": {"  packageDeliveryOptions: {isMandatoryUpdate: true}\n", `app.yaml:6:47: warning: packageDeliveryOptions.isMandatoryUpdate: true without mandatoryUpdateEffectiveDate
  Without it the Store's own date stays, if there is one. Write the time from which the update is mandatory.
`},
		"date without mandatory": {"  packageDeliveryOptions: {isMandatoryUpdate: false, mandatoryUpdateEffectiveDate: 2027-01-31T10:00:00Z}\n", `app.yaml:6:84: warning: packageDeliveryOptions.mandatoryUpdateEffectiveDate: is not used without isMandatoryUpdate: true
  Write that too, or leave the date out.
`},
		"games": {`
  gamingOptions:
    - genres: [Games_Roleplaying, Games_Shooter, Games_Shooter]
      isLocalMultiplayer: true
      localMultiplayerMinPlayers: 4
      localMultiplayerMaxPlayers: 2
      localCooperativeMinPlayers: 0
      kinectDataForExternal: "Off"
`, `app.yaml:7:16: error: gamingOptions[0].genres[0]: "Games_Roleplaying" is not allowed
  Did you mean Games_RolePlaying? Allowed: Games_ActionAndAdventure, Games_CardAndBoard, Games_Casino, Games_Educational, Games_FamilyAndKids, Games_Fighting, Games_Music, Games_Platformer, Games_PuzzleAndTrivia, Games_RacingAndFlying, Games_RolePlaying, Games_Shooter, Games_Simulation, Games_Sports, Games_Strategy, Games_Word.
app.yaml:7:50: error: gamingOptions[0].genres[2]: "Games_Shooter" is listed twice
  Keep one of the two.
app.yaml:9:35: error: gamingOptions[0].localMultiplayerMinPlayers: 4 is more than localMultiplayerMaxPlayers, which is 2
  Correct the one that is wrong.
app.yaml:11:35: error: gamingOptions[0].localCooperativeMinPlayers: 0 players
  Write 1 or more.
app.yaml:12:30: error: gamingOptions[0].kinectDataForExternal: "Off" is not allowed
  Allowed: NotSet, Unknown, Enabled, Disabled.
`},
		"players of a way that is not played": {"  gamingOptions: [{isLocalMultiplayer: true, isLocalCooperative: false, localCooperativeMinPlayers: 2, localCooperativeMaxPlayers: 2}]\n", `app.yaml:6:101: error: gamingOptions[0].localCooperativeMinPlayers: is written though isLocalCooperative is false
  Write isLocalCooperative: true, or leave the number out.
app.yaml:6:132: error: gamingOptions[0].localCooperativeMaxPlayers: is written though isLocalCooperative is false
  Write isLocalCooperative: true, or leave the number out.
`},
		"two games": {"  gamingOptions: [{genres: [Games_Word]}, {genres: [Games_Word]}]\n", `app.yaml:6:18: error: gamingOptions: 2 elements; at most 1 is allowed
  Join them into one element.
`},
		"no game": {"  gamingOptions: []\n  trailers: []\n", ""},
		"notes": {"  notesForCertification: \"" + repeat("n", 2001) + "\"\n", `app.yaml:6:26: warning: notesForCertification: 2001 characters
  MSI and EXE apps may have 2000; the pages of MSIX apps give no limit.
`},
		"listing texts": {`
  listings:
    en-us:
      description: "` + repeat("d", 10001) + `"
      shortDescription: "` + repeat("s", 1001) + `"
      shortTitle: "` + repeat("t", 51) + `"
      sortTitle: "` + repeat("t", 256) + `"
      voiceTitle: "` + repeat("t", 256) + `"
      devStudio: "` + repeat("t", 256) + `"
      releaseNotes: "` + repeat("ü", 1501) + `"
      copyrightAndTrademarkInfo: "` + repeat("c", 201) + `"
      licenseTerms: "` + repeat("l", 10001) + `"
    de:
      description: "` + repeat("ü", 10000) + `"
      shortDescription: "` + repeat("s", 501) + `"
    fr:
      shortDescription: "` + repeat("s", 500) + `"
      shortTitle: "` + repeat("t", 50) + `"
`, `app.yaml:8:20: error: listings.en-us.description: 10001 characters; at most 10000 are allowed
  Shorten the text by 1.
app.yaml:9:25: error: listings.en-us.shortDescription: 1001 characters; at most 1000 are allowed
  Shorten the text by 1.
app.yaml:10:19: error: listings.en-us.shortTitle: 51 characters; at most 50 are allowed
  Shorten the text by 1.
app.yaml:11:18: error: listings.en-us.sortTitle: 256 characters; at most 255 are allowed
  Shorten the text by 1.
app.yaml:12:19: error: listings.en-us.voiceTitle: 256 characters; at most 255 are allowed
  Shorten the text by 1.
app.yaml:13:18: error: listings.en-us.devStudio: 256 characters; at most 255 are allowed
  Shorten the text by 1.
app.yaml:14:21: error: listings.en-us.releaseNotes: 1501 characters; at most 1500 are allowed
  Shorten the text by 1.
app.yaml:15:34: error: listings.en-us.copyrightAndTrademarkInfo: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:16:21: error: listings.en-us.licenseTerms: 10001 characters; at most 10000 are allowed
  Shorten the text by 1.
app.yaml:19:25: warning: listings.de.shortDescription: 501 characters; 500 are sure to be taken
  The portal allows 1000, Microsoft's client StoreBroker 500.
`},
		"listing lists": {`
  listings:
    en-us:
      features: ` + list(21, func(i int) string { return fmt.Sprintf("feature %d", i) }) + `
      keywords: ` + list(8, func(i int) string { return fmt.Sprintf("k%d", i) }) + `
      recommendedHardware: ` + list(12, func(i int) string { return fmt.Sprintf("r%d", i) }) + `
      minimumHardware: ` + list(12, func(i int) string { return fmt.Sprintf("m%d", i) }) + `
    de:
      features: ["` + repeat("f", 201) + `"]
      keywords: ["` + repeat("k", 31) + `", ""]
      recommendedHardware: ["` + repeat("r", 201) + `"]
      minimumHardware: ["` + repeat("m", 201) + `"]
`, `app.yaml:8:17: error: listings.en-us.features: 21 items; at most 20 are allowed
  Take out 1.
app.yaml:9:17: error: listings.en-us.keywords: 8 items; at most 7 are allowed
  Take out 1.
app.yaml:10:28: error: listings.en-us.recommendedHardware: 12 items; at most 11 are allowed
  Take out 1.
app.yaml:11:24: error: listings.en-us.minimumHardware: 12 items; at most 11 are allowed
  Take out 1.
app.yaml:13:18: error: listings.de.features[0]: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:14:18: error: listings.de.keywords[0]: 31 characters; at most 30 are allowed
  Shorten the text by 1.
app.yaml:14:53: error: listings.de.keywords[1]: an empty item
  Take it out.
app.yaml:15:29: error: listings.de.recommendedHardware[0]: 201 characters; at most 200 are allowed
  Shorten the text by 1.
app.yaml:16:25: error: listings.de.minimumHardware[0]: 201 characters; at most 200 are allowed
  Shorten the text by 1.
`},
		"languages": {"  listings: {en_us: {}, eng-us: {}, xx-klingon: {}, ar: {}, zh-Hant: {}}\n", `app.yaml:6:21: error: listings.en_us: "en_us" is not a language of the Store
  Did you mean en-us? Languages are the 350 codes of the page of supported languages, such as en-us or de.
app.yaml:6:33: error: listings.eng-us: "eng-us" is not a language of the Store
  Did you mean en-us? Languages are the 350 codes of the page of supported languages, such as en-us or de.
app.yaml:6:49: error: listings.xx-klingon: "xx-klingon" is not a language of the Store
  Languages are the 350 codes of the page of supported languages, such as en-us or de.
`},
		"removing every language": {"  removeUnlistedLanguages: true\n", `app.yaml:6:28: error: removeUnlistedLanguages: would remove every language
  Write the languages to keep under listings or languages.
`},
		"rollout of two steps": {"  rollout: {percentage: 10, finalized: true}\n", `app.yaml:6:12: error: rollout: 2 steps are written; a rollout takes one
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}. finalized ends a rollout for all customers, whatever its percentage; percentage: 100 does not end it.
`},
		"rollout of none": {"  rollout: {}\n", `app.yaml:6:12: error: rollout: no step is written; a rollout takes one
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}.
`},
		"rollout of 0": {"  rollout: {percentage: 0}\n", `app.yaml:6:25: error: rollout.percentage: 0 is not a percentage of customers
  Write a number above 0 and at most 100; halted: true stops a rollout.
`},
		"rollout of 100.1": {"  rollout: {percentage: 100.1}\n", `app.yaml:6:25: error: rollout.percentage: 100.1 is not a percentage of customers
  Write a number above 0 and at most 100; halted: true stops a rollout.
`},
		"rollout of 100": {"  rollout: {percentage: 100}\n", ""},
		"rollout halted": {"  rollout: {halted: true}\n", ""},
		"no packages": {"  packages: []\n", `app.yaml:6:13: error: packages: packages is empty
  It is the whole package set: write at least one package, or leave the field out to leave the set alone.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, msixManifest(test.spec), nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppID(t *testing.T) {
	tests := map[string]string{
		"9nblggh4r315": "",
		"6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11": `app.yaml:5:10: error: appId: "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11" is the id of an MSI or EXE product
  That is kind: MsiExeApp with productId. An MSIX app has a Store ID of 12 letters and digits, such as 9NBLGGH4R315; Partner Center shows it under Product identity.
`,
		"9NBLGGH4R31": `app.yaml:5:10: error: appId: "9NBLGGH4R31" is not a Store ID
  It has 12 letters and digits, such as 9NBLGGH4R315; Partner Center shows it under Product identity.
`,
		"9NBLGGH4R31Ü": `app.yaml:5:10: error: appId: "9NBLGGH4R31Ü" is not a Store ID
  It has 12 letters and digits, such as 9NBLGGH4R315; Partner Center shows it under Product identity.
`,
	}
	for id, want := range tests {
		_, got := load(t, strings.Replace(msixManifest(""), "9NBLGGH4R315", id, 1), nil)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}
