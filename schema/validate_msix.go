package schema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxMsixCertificationNotes is the limit of MSI/EXE apps; the pages of MSIX
// apps give none.
const maxMsixCertificationNotes = 2000

func (v *validator) msixApp(app *MsixApp) {
	v.appID(app.AppID)
	v.applicationCategory(app.ApplicationCategory)
	if app.Pricing != nil {
		v.optionalOneOf("pricing.trialPeriod", app.Pricing.TrialPeriod, EnumTrialPeriod)
		v.prices(app.Pricing.PriceID, app.Pricing.MarketSpecificPricings, app.Markets)
	}
	v.msixMarkets(app.Markets)
	v.optionalOneOf("visibility", app.Visibility, EnumVisibility)
	v.publishing(app.TargetPublishMode, app.TargetPublishDate)
	for _, language := range slices.Sorted(maps.Keys(app.Listings)) {
		v.msixListing(language, app.Listings[language])
	}
	v.keepsALanguage(app.RemoveUnlistedLanguages, len(app.Listings))
	v.enumList("hardwarePreferences", app.HardwarePreferences, EnumHardwarePreferences)
	v.gamingOptions(app.GamingOptions)
	v.msixCertificationNotes(app.NotesForCertification)
	v.optionalOneOf("enterpriseLicensing", app.EnterpriseLicensing, EnumEnterpriseLicensing)
	for _, family := range slices.Sorted(maps.Keys(app.AllowTargetFutureDeviceFamilies)) {
		v.futureFamily("allowTargetFutureDeviceFamilies."+family, family)
	}
	v.msixPackages(app.Packages)
	v.trailers(app.Trailers)
	v.delivery(app.PackageDeliveryOptions)
	v.rollout(app.Rollout)
}

func (v *validator) msixMarkets(markets *Markets) {
	if markets != nil {
		v.markets("markets", markets, "The page of markets of MSIX apps does not have it, and live products had it switched off by itself (observed 2026-02).")
	}
}

// keepsALanguage refuses to remove all languages of a product.
func (v *validator) keepsALanguage(removeUnlisted bool, written int) {
	if removeUnlisted && written == 0 {
		v.fail("removeUnlistedLanguages", "would remove every language", "Write the languages to keep under listings or languages.")
	}
}

func (v *validator) appID(id string) {
	switch {
	case id == "" || storeID.MatchString(id):
		// A missing id has been reported by Load.
	case guid.MatchString(id):
		v.fail("appId", quote(id)+" is the id of an MSI or EXE product", "That is kind: MsiExeApp with productId. An MSIX app has a Store ID of 12 letters and digits, such as 9NBLGGH4R315; Partner Center shows it under Product identity.")
	default:
		v.fail("appId", quote(id)+" is not a Store ID", "It has 12 letters and digits, such as 9NBLGGH4R315; Partner Center shows it under Product identity.")
	}
}

// futureFamily judges a device family. Live submissions also had a number as a
// key ("7", observed 2026-02), which an imported manifest repeats.
func (v *validator) futureFamily(path, family string) {
	if _, err := strconv.Atoi(family); err == nil {
		v.warn(path, quote(family)+" is not a documented device family", "Live submissions had such keys. Leave it out unless the Store has it already.")
		return
	}
	v.key(path, family, EnumFutureDeviceFamily)
}

// applicationCategory judges a category, whose values are closed but many.
func (v *validator) applicationCategory(value *string) {
	if value == nil || slices.Contains(MsixCategories(), *value) {
		return
	}
	const path = "applicationCategory"
	if slices.Contains(enumCategoryRare.Values(), *value) {
		v.warn(path, quote(*value)+" may not be a category", "Only one of Microsoft's two clients knows it; the Store may refuse it.")
		return
	}
	parent, _, joined := strings.Cut(*value, "_")
	var names []string
	for _, category := range msixCategoryFacts() {
		names = append(names, category.name)
		if joined && category.name == parent && len(category.subcategories) > 0 {
			v.fail(path, fmt.Sprintf("%s has no subcategory of that name: %s", parent, quote(*value)), didYouMean(*value, MsixCategories())+
				"Allowed: "+parent+"_ and one of "+strings.Join(category.subcategories, ", ")+".")
			return
		}
	}
	v.fail(path, quote(*value)+" is not a category", didYouMean(*value, MsixCategories())+
		"Write Category or Category_Subcategory, such as Games_Shooter. Categories: "+strings.Join(names, ", ")+".")
}

// publishing judges when the submission is published.
func (v *validator) publishing(mode, date *string) {
	v.optionalOneOf("targetPublishMode", mode, EnumTargetPublishMode)
	at, ok := v.time("targetPublishDate", date)
	specific := mode != nil && *mode == "SpecificDate"
	switch {
	case specific && date == nil:
		v.fail("targetPublishMode", "SpecificDate without targetPublishDate", "Write targetPublishDate: 2027-01-31T09:00:00Z beside it, or another mode.")
	case specific && ok && isNoDate(at):
		v.fail("targetPublishDate", quote(*date)+" stands for no date", "The Store writes 1601 where there is none. Write the time of publication.")
	case date != nil && !specific:
		v.warn("targetPublishDate", "is not used without targetPublishMode: SpecificDate", "Write that mode too, or leave the date out.")
	}
}

// isNoDate reports whether a time is the one that the Store answers for none.
func isNoDate(t time.Time) bool { return t.UTC().Year() == 1601 }

// time judges an RFC 3339 time and returns it if it is one.
func (v *validator) time(path string, value *string) (time.Time, bool) {
	if value == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, *value)
	if err != nil {
		v.fail(path, quote(*value)+" is not a time", "Write date, time and zone as RFC 3339 has them: 2027-01-31T09:00:00Z or 2027-01-31T10:00:00+01:00.")
	}
	return t, err == nil
}

// enumList judges a list whose elements are of a closed set.
func (v *validator) enumList(path string, values []string, enum Enum) {
	seen := map[string]bool{}
	for i, value := range values {
		at, twice := fmt.Sprintf("%s[%d]", path, i), seen[value]
		seen[value] = true
		if twice {
			v.fail(at, quote(value)+" is listed twice", "Keep one of the two.")
			continue
		}
		v.oneOf(at, value, enum)
	}
}

func (v *validator) msixCertificationNotes(notes *Text) {
	if known(notes) && len([]rune(notes.Value)) > maxMsixCertificationNotes {
		v.warn("notesForCertification", fmt.Sprintf("%d characters", len([]rune(notes.Value))),
			fmt.Sprintf("MSI and EXE apps may have %d; the pages of MSIX apps give no limit.", maxMsixCertificationNotes))
	}
}

// gamingOptions judges no element or one
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#gaming-options-object).
// Fields of it that are not written stay as they are in the Store, so that what
// is missing is for plan to say.
func (v *validator) gamingOptions(options []GamingOptions) {
	if len(options) > 1 {
		v.fail("gamingOptions", fmt.Sprintf("%d elements; at most 1 is allowed", len(options)), "Join them into one element.")
		return
	}
	for _, game := range options {
		const at = "gamingOptions[0]"
		v.enumList(at+".genres", game.Genres, EnumGenre)
		v.players(at, "localMultiplayer", "isLocalMultiplayer", game.IsLocalMultiplayer, game.LocalMultiplayerMinPlayers, game.LocalMultiplayerMaxPlayers)
		v.players(at, "localCooperative", "isLocalCooperative", game.IsLocalCooperative, game.LocalCooperativeMinPlayers, game.LocalCooperativeMaxPlayers)
		v.optionalOneOf(at+".kinectDataForExternal", game.KinectDataForExternal, EnumKinectData)
	}
}

// players judges the least and greatest number of players of a way to play.
func (v *validator) players(at, prefix, flag string, on *bool, least, most *int) {
	minPath, maxPath := at+"."+prefix+"MinPlayers", at+"."+prefix+"MaxPlayers"
	for path, n := range map[string]*int{minPath: least, maxPath: most} {
		switch {
		case n == nil:
		case *n < 1:
			v.fail(path, fmt.Sprintf("%d players", *n), "Write 1 or more.")
		case on != nil && !*on:
			v.fail(path, "is written though "+flag+" is false", "Write "+flag+": true, or leave the number out.")
		}
	}
	if least != nil && most != nil && *least > *most {
		v.fail(minPath, fmt.Sprintf("%d is more than %sMaxPlayers, which is %d", *least, prefix, *most), "Correct the one that is wrong.")
	}
}

// delivery judges when customers must have the update.
func (v *validator) delivery(o *PackageDeliveryOptions) {
	if o == nil {
		return
	}
	const path = "packageDeliveryOptions.mandatoryUpdateEffectiveDate"
	_, ok := v.time(path, o.MandatoryUpdateEffectiveDate)
	mandatory := o.IsMandatoryUpdate != nil && *o.IsMandatoryUpdate
	switch {
	case mandatory && o.MandatoryUpdateEffectiveDate == nil:
		v.warn("packageDeliveryOptions.isMandatoryUpdate", "true without mandatoryUpdateEffectiveDate", "Without it the Store's own date stays, if there is one. Write the time from which the update is mandatory.")
	case ok && !mandatory:
		v.warn(path, "is not used without isMandatoryUpdate: true", "Write that too, or leave the date out.")
	}
}

// rollout judges a rollout: not two steps at a time, so that the manifest never says
// two things about the same packages.
func (v *validator) rollout(r *Rollout) {
	if r == nil {
		return
	}
	steps := 0
	for _, written := range []bool{r.Percentage != nil, r.Halted, r.Finalized} {
		if written {
			steps++
		}
	}
	if steps > 1 {
		v.fail("rollout", fmt.Sprintf("%d steps are written; a rollout takes one", steps), rolloutForms+" finalized ends a rollout for all customers, whatever its percentage; percentage: 100 does not end it.")
	}
	if p := r.Percentage; p != nil && (*p <= 0 || *p > 100) {
		v.fail("rollout.percentage", fmt.Sprintf("%v is not a percentage of customers", *p), "Write a number above 0 and at most 100; halted: true stops a rollout.")
	}
}
