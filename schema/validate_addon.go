package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The limits of add-ons, in characters and items
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/add-on/enter-app-properties,
// create-app-store-listing and create-app-submission beside it).
const (
	maxAddOnProductID   = 100
	maxAddOnKeywords    = 10
	maxAddOnKeyword     = 30
	maxAddOnTag         = 3000
	maxAddOnTitle       = 100
	maxAddOnDescription = 200
	addOnIconSide       = 300
	// notInProductID are the characters that a product id must not have.
	notInProductID = `<>*%&:\?+,`
)

func (v *validator) addOn(a *AddOn) {
	v.addOnIdentity(a)
	v.optionalOneOf("contentType", a.ContentType, EnumAddOnContentType)
	v.texts("keywords", a.Keywords, maxAddOnKeywords, maxAddOnKeyword)
	v.lifetime(a)
	v.length("tag", a.Tag, maxAddOnTag)
	v.optionalOneOf("visibility", a.Visibility, EnumVisibility)
	if a.Pricing != nil {
		v.prices(a.Pricing.PriceID, a.Pricing.MarketSpecificPricings, a.Markets)
	}
	v.msixMarkets(a.Markets)
	v.publishing(a.TargetPublishMode, a.TargetPublishDate)
	for _, language := range slices.Sorted(maps.Keys(a.Listings)) {
		v.addOnListing(language, a.Listings[language])
	}
	v.keepsALanguage(a.RemoveUnlistedLanguages, len(a.Listings))
}

// addOnIdentity judges what finds the add-on, and what it is made with.
func (v *validator) addOnIdentity(a *AddOn) {
	if a.ID == "" && a.ProductID == "" {
		v.fail("", "neither productId nor id is written", "Write productId, by which the add-on is found within its app and made when it is missing; or id, its Store ID, to pin one that exists.")
	}
	switch {
	case a.ID == "":
	case !storeID.MatchString(a.ID):
		v.fail("id", quote(a.ID)+" is not a Store ID", "It has 12 letters and digits, such as 9NBLGGH4TNMP. The id of your own choice is productId.")
	case strings.EqualFold(a.ID, a.AppID):
		v.fail("id", quote(a.ID)+" is the Store ID of the app itself", "Write that of the add-on, or leave id out: it is found by its productId.")
	}
	v.notEmpty("id", a.ID)
	v.addOnProductID(a.ProductID)
	v.notEmpty("productType", a.ProductType)
	if a.ProductType != "" && !slices.Contains(EnumAddOnProductType.Values(), a.ProductType) {
		v.fail("productType", quote(a.ProductType)+" is not allowed", didYouMean(a.ProductType, EnumAddOnProductType.Values())+
			"Allowed: Durable, Consumable. Subscriptions and Store-managed consumables are made in Partner Center; the API answers 409 for them.")
	}
}

// addOnProductID judges the developer's own id of the add-on.
func (v *validator) addOnProductID(id string) {
	const path = "productId"
	v.notEmpty(path, id)
	v.stringLength(path, id, maxAddOnProductID)
	if i := strings.IndexAny(id, notInProductID); i >= 0 {
		v.fail(path, fmt.Sprintf("%s holds the character %c", quote(id), id[i]), "A product id holds none of < > * % & : \\ ? + and comma.")
	}
	if strings.TrimSpace(id) != id || strings.ContainsAny(id, "\n\t") {
		v.fail(path, quote(id)+" begins or ends with a space, or holds a line end", "Take it out: the id stands in the app's code.")
	}
}

// lifetime judges how long the add-on lasts, which the page lists as not
// applicable to other types than Durable. Forever is what the Store has for all
// others, so an imported manifest may repeat it.
func (v *validator) lifetime(a *AddOn) {
	const path = "lifetime"
	v.optionalOneOf(path, a.Lifetime, EnumAddOnLifetime)
	if a.Lifetime != nil && a.ProductType == "Consumable" && *a.Lifetime != "Forever" && slices.Contains(EnumAddOnLifetime.Values(), *a.Lifetime) {
		v.fail(path, "a Consumable has no lifetime", "It is used up, not outlasted: only a Durable expires. Leave lifetime out, or write productType: Durable.")
	}
}

func (v *validator) addOnListing(language string, l *AddOnListing) {
	path := "listings." + language
	v.msixLanguage(path, language)
	if l == nil {
		return
	}
	v.length(path+".title", l.Title, maxAddOnTitle)
	v.length(path+".description", l.Description, maxAddOnDescription)
	for name, text := range map[string]*Text{"title": l.Title, "description": l.Description} {
		if known(text) && text.Value == "" {
			v.fail(path+"."+name, "is empty", "A listing of an add-on needs one. Write it, or leave the field out to leave the Store's alone.")
		}
	}
	if icon := l.Icon; icon != nil && icon.Name != "" && (icon.Width != addOnIconSide || icon.Height != addOnIconSide) {
		v.fail(path+".icon", fmt.Sprintf("the icon %s has %d x %d pixels", quote(icon.Name), icon.Width, icon.Height), "It must have 300 x 300 pixels.")
	}
}
