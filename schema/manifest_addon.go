package schema

// AddOnKind is an add-on (in-app product) of an MSIX app, served by
// https://manage.devcenter.microsoft.com.
const AddOnKind Kind = "AddOn"

// AddOn is the spec of kind AddOn. Field names are those of the add-on
// submission resource
// (https://learn.microsoft.com/windows/uwp/monetize/manage-add-on-submissions).
// A nil field is unmanaged. An add-on that the Store does not have is made,
// unless ID pins it.
type AddOn struct {
	// App is the metadata.name of the MsixApp manifest that the add-on belongs
	// to, or the app's 12-character Store ID.
	App string `json:"app" schema:"required"`
	// AppID is the Store ID of App.
	AppID string `json:"-"`
	// ID pins the add-on by its 12-character Store ID; "" when it is found by
	// ProductID within the app.
	ID string `json:"id"`
	// ProductID is the developer's own id, unique within the app, at most 100
	// characters.
	ProductID string `json:"productId"`
	// ProductType is Durable or Consumable; it is fixed once the add-on is made.
	ProductType string `json:"productType" schema:"one of addOnProductType"`

	ContentType *string `json:"contentType" schema:"one of addOnContentType"`
	// Keywords are at most 10 of 30 characters each.
	Keywords []string `json:"keywords"`
	// Lifetime is how long a durable add-on lasts.
	Lifetime *string `json:"lifetime" schema:"one of addOnLifetime"`
	// Tag is the developer's own data, at most 3000 characters.
	Tag        *Text         `json:"tag"`
	Visibility *string       `json:"visibility" schema:"one of visibility"`
	Pricing    *AddOnPricing `json:"pricing"`
	// Markets is lowered to NotAvailable entries of marketSpecificPricings.
	Markets           *Markets `json:"markets"`
	TargetPublishMode *string  `json:"targetPublishMode" schema:"one of targetPublishMode"`
	// TargetPublishDate is an RFC 3339 time, used with SpecificDate.
	TargetPublishDate *string `json:"targetPublishDate" schema:"time"`
	// Languages lists the languages that get a listing made of "*".
	Languages               []string                 `json:"languages" schema:"codes"`
	Listings                map[string]*AddOnListing `json:"listings" schema:"languages"`
	RemoveUnlistedLanguages bool                     `json:"removeUnlistedLanguages"`
}

// AddOnPricing is the pricing of an add-on, see MsixPricing.
type AddOnPricing struct {
	PriceID                *string           `json:"priceId" schema:"tier"`
	MarketSpecificPricings map[string]string `json:"marketSpecificPricings" schema:"tier"`
}

// AddOnListing is what one language shows of an add-on. A nil field is
// unmanaged.
type AddOnListing struct {
	Title       *Text `json:"title"`
	Description *Text `json:"description"`
	// Icon is a PNG of 300x300 pixels; the zero Image, written "", takes the
	// icon away.
	Icon *Image `json:"icon" schema:"clearable"`
}
