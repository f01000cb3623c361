package msix

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/schema"
)

// productKind is which resource of the API a product is.
type productKind string

// The kinds. An app is made in Partner Center, the others by the API, too.
const (
	kindApp    productKind = "app"
	kindFlight productKind = "flight"
	kindAddOn  productKind = "add-on"
)

// kindOf is the kind of a manifest's product.
func kindOf(m *schema.Manifest) productKind {
	switch m.Kind {
	case schema.AddOnKind:
		return kindAddOn
	case schema.PackageFlightKind:
		return kindFlight
	}
	return kindApp
}

// packageList is the member of a submission that lists its packages, "" for an
// add-on, which has none.
func (k productKind) packageList() string {
	switch k {
	case kindFlight:
		return "flightPackages"
	case kindAddOn:
		return ""
	}
	return "applicationPackages"
}

// content are the members that every whole submission has, told from a short
// acknowledgement.
func (k productKind) content() []string {
	switch k {
	case kindFlight:
		return []string{"flightPackages"}
	case kindAddOn:
		return []string{fieldListings, fieldPricing}
	}
	return []string{fieldListings, fieldPricing, "applicationPackages"}
}

// madeByAPI reports whether the API can make products of the kind, and first
// submissions for them.
func (k productKind) madeByAPI() bool { return k != kindApp }

// product is one app, add-on or package flight at the Store.
type product struct {
	kind productKind
	// app is the Store ID of the app that the product is, or belongs to.
	app string
	// id is the Store ID of an add-on or the GUID of a flight; "" while it is
	// not known, newProduct for one that is yet to be made, "" for an app.
	id string
	// name is what a manifest calls an add-on (its productId) or a flight (its
	// friendlyName) that it does not pin; "" otherwise.
	name string
}

// newProduct stands in paths for the id of the product that product.create
// makes.
const newProduct = "${op:" + stepProductCreate + "/id}"

// appProduct is an app.
func appProduct(app string) product { return product{kind: kindApp, app: app} }

// wantedProduct is the product of a manifest as far as the manifest says.
func wantedProduct(m *schema.Manifest) product {
	switch kindOf(m) {
	case kindAddOn:
		return product{kind: kindAddOn, app: m.AddOn.AppID, id: m.AddOn.ID, name: m.AddOn.ProductID}
	case kindFlight:
		return product{kind: kindFlight, app: m.PackageFlight.AppID, id: m.PackageFlight.ID, name: m.PackageFlight.FriendlyName}
	}
	return appProduct(m.MsixApp.AppID)
}

// with is the product under an id.
func (p product) with(id string) product {
	p.id = id
	return p
}

// String names the product in what is said: "flight Insiders of app 9NBL…".
func (p product) String() string {
	called := p.name
	if called == "" {
		called = p.id
	}
	switch p.kind {
	case kindFlight:
		return "flight " + called + " of app " + p.app
	case kindAddOn:
		return "add-on " + called
	}
	return "app " + p.app
}

// scope is what the secrets of the product are known under: flights share those
// of their app.
func (p product) scope() string {
	if p.kind == kindAddOn {
		if p.id == "" || p.id == newProduct {
			return ""
		}
		return addOnsPath() + "/" + p.id
	}
	return p.app
}

// scopeOf is the scope of the product that a path is about, "" for a list of
// products.
func scopeOf(path string) string {
	for _, root := range []string{applicationsPath() + "/", addOnsPath() + "/"} {
		below, found := strings.CutPrefix(path, root)
		if !found {
			continue
		}
		name, _, _ := strings.Cut(below, "/")
		id, err := url.PathUnescape(name)
		switch {
		case err != nil:
			id = name
		case id == "":
			return ""
		}
		if root == addOnsPath()+"/" {
			return product{kind: kindAddOn, id: id}.scope()
		}
		return appProduct(id).scope()
	}
	return ""
}

// apiRoot is below the endpoint.
const apiRoot = "/v1.0/my/"

func applicationsPath() string          { return apiRoot + "applications" }
func applicationPath(app string) string { return applicationsPath() + "/" + segment(app) }
func addOnsPath() string                { return apiRoot + "inappproducts" }

// flightsPath is where flights of an app are made; flightListPath lists them.
func flightsPath(app string) string    { return applicationPath(app) + "/flights" }
func flightListPath(app string) string { return applicationPath(app) + "/listflights" }

// collection is where products of its kind are made.
func (p product) collection() string {
	if p.kind == kindFlight {
		return flightsPath(p.app)
	}
	return addOnsPath()
}

// path is the product's own.
func (p product) path() string {
	switch p.kind {
	case kindFlight:
		return flightsPath(p.app) + "/" + segment(p.id)
	case kindAddOn:
		return addOnsPath() + "/" + segment(p.id)
	}
	return applicationPath(p.app)
}

func (p product) submissionsPath() string               { return p.path() + "/submissions" }
func (p product) submissionPath(id string) string       { return p.submissionsPath() + "/" + segment(id) }
func (p product) commitPath(id string) string           { return p.submissionPath(id) + "/commit" }
func (p product) submissionStatusPath(id string) string { return p.submissionPath(id) + "/status" }

// createPath asks for the short answer where there is one: apps and flights
// have it, add-ons do not. With the whole submission in the answer, large ones
// have timed out with 500 (StoreBroker and msstore-cli ask so, too; the
// parameter is not documented).
func (p product) createPath() string {
	if p.kind == kindAddOn {
		return p.submissionsPath()
	}
	return p.submissionsPath() + "?isMinimalResponse=true"
}

// segment escapes an id so that it stays one segment of a path: a dot segment
// would be taken away by whoever normalises the path. A placeholder stays as it
// is, to be read in a plan.
func segment(id string) string {
	switch {
	case id == draftID, id == newProduct:
		return id
	case strings.Trim(id, ".") == "":
		return strings.ReplaceAll(id, ".", "%2E")
	}
	return url.PathEscape(id)
}

// productOf is the product that an operation is about: its path names it, or
// product.create made it.
func productOf(call reconcile.Call) (product, error) {
	p := wantedProduct(call.Manifest)
	if p.kind == kindApp || call.Operation.ID == stepProductCreate {
		return p, nil
	}
	rest, below := strings.CutPrefix(call.Operation.Path, p.collection()+"/")
	switch {
	case below && strings.HasPrefix(rest, newProduct), call.Operation.ID == stepUpload && call.Outputs[stepProductCreate] != nil:
		id, err := madeID(call.Outputs)
		return p.with(id), err
	case call.Operation.ID == stepUpload:
		return p, nil // its path is an address elsewhere
	}
	name, _, _ := strings.Cut(rest, "/")
	id, err := url.PathUnescape(name)
	if !below || err != nil || id == "" {
		return p, fmt.Errorf("%s is not about %s", call.Operation.ID, p)
	}
	return p.with(id), nil
}

// madeID is the id of the product that product.create made.
func madeID(outputs map[string]json.RawMessage) (string, error) {
	var made productOutput
	if json.Unmarshal(outputs[stepProductCreate], &made) != nil || made.ID == "" {
		return "", errors.New("no product was made before this step")
	}
	return made.ID, nil
}

// productOutput is the output of product.create.
type productOutput struct {
	// ID is the product's, Draft that of the submission that was made with it,
	// "" for none.
	ID    string `json:"id"`
	Draft string `json:"draft,omitempty"`
}

// specOf is what a manifest writes of a submission, in the form that apps and
// flights share: a flight has packages and how they are published, and nothing
// else. The form of an add-on is its own, see addOn; this one is empty for it.
func specOf(m *schema.Manifest) *schema.MsixApp {
	switch kindOf(m) {
	case kindAddOn:
		return &schema.MsixApp{}
	case kindFlight:
		f := m.PackageFlight
		return &schema.MsixApp{
			AppID: f.AppID, Packages: f.Packages, PackageDeliveryOptions: f.PackageDeliveryOptions, Rollout: f.Rollout,
			TargetPublishMode: f.TargetPublishMode, TargetPublishDate: f.TargetPublishDate, NotesForCertification: f.NotesForCertification,
		}
	}
	return m.MsixApp
}

// publishMode is the targetPublishMode that a manifest writes, nil for none.
func publishMode(m *schema.Manifest) *string {
	if m.AddOn != nil {
		return m.AddOn.TargetPublishMode
	}
	return specOf(m).TargetPublishMode
}

// listingKeys are the languages that a manifest writes, as it spells them,
// sorted.
func listingKeys(m *schema.Manifest) []string {
	if m.AddOn != nil {
		return slices.Sorted(maps.Keys(m.AddOn.Listings))
	}
	return slices.Sorted(maps.Keys(specOf(m).Listings))
}
