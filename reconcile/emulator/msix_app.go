package emulator

import (
	"slices"
	"strings"
	"time"
)

// msixApp is one application with its submissions and its package flights.
type msixApp struct {
	ID                string    `json:"id"`
	PrimaryName       string    `json:"primaryName"`
	PackageFamilyName string    `json:"packageFamilyName"`
	IdentityName      string    `json:"packageIdentityName"`
	Publisher         string    `json:"publisherName"`
	ReservedNames     []string  `json:"reservedNames,omitempty"` // empty: any title is fine
	FirstPublished    time.Time `json:"firstPublished,omitzero"`
	AdvancedListing   bool      `json:"hasAdvancedListingPermission"`
	Unsupported       bool      `json:"unsupported,omitempty"`
	Forbidden         bool      `json:"forbidden,omitempty"`
	msixLine
	// Flights are in the order of their ranks, the lowest first.
	Flights []*msixFlight `json:"flights,omitempty"`
}

func (s *state) msixApp(id string) *msixApp {
	for _, a := range s.Msix {
		if strings.EqualFold(a.ID, id) {
			return a
		}
	}
	return nil
}

// answer is the application resource. PackageFamilyName has its capital in the
// answer to one application (observed 2026-02) and in one entry of a list.
func (a *msixApp) answer(capital bool) object {
	family := "packageFamilyName"
	if capital {
		family = "PackageFamilyName"
	}
	first := msixNoDate
	if !a.FirstPublished.IsZero() {
		first = a.FirstPublished.UTC().Format(msixDate)
	}
	out := object{
		{"id", a.ID}, {"primaryName", a.PrimaryName}, {family, a.PackageFamilyName},
		{"packageIdentityName", a.IdentityName}, {"publisherName", a.Publisher}, {"firstPublishedDate", first},
	}
	out = a.links(out, "Application", "applications/"+a.ID)
	return append(out, member{"hasAdvancedListingPermission", a.AdvancedListing})
}

func (a *msixApp) noun() string       { return "application" }
func (a *msixApp) shape() objectShape { return submissionShape() }
func (a *msixApp) given() object      { return nil }
func (a *msixApp) blank() object      { return object{{"pricing", object{}}} }
func (a *msixApp) rolls() bool        { return true }

// hides: without the permission neither is to be had.
func (a *msixApp) hides(member string) bool {
	return !a.AdvancedListing && (member == "gamingOptions" || member == "trailers")
}

func (a *msixApp) fallback(s *msixSubmission) *msixSubmission { return a.publishedBefore(s) }

func (a *msixApp) rules(f *msixFit, sent object, behavior MsixBehavior) object {
	out := sent
	if len(out.lookupObject("listings")) == 0 {
		f.refuse("appListings", "The size of AppListings must be 1 or more")
	}
	out = out.with("pricing", f.pricing(out.lookupObject("pricing"), behavior))
	out = out.with("listings", f.listings(out.lookupObject("listings")))
	out = out.with("applicationPackages", f.packages("applicationPackages", out.lookupList("applicationPackages")))
	out = out.with("packageDeliveryOptions", f.delivery(out.lookupObject("packageDeliveryOptions"), behavior))
	out = out.with("trailers", f.trailers(out.lookupList("trailers")))
	f.publishDate(out)
	// Only updates of published apps are rolled out
	// (https://learn.microsoft.com/windows/apps/publish/gradual-package-rollout).
	if rollout := rolloutOf(out); f.before == nil && rollout.lookup("isPackageRollout") == true {
		f.refuse("packageDeliveryOptions", "The value of packageDeliveryOptions.packageRollout.isPackageRollout cannot be true: the application was never published.")
	}
	if !a.AdvancedListing {
		for _, name := range []string{"gamingOptions", "trailers"} {
			if len(out.lookupList(name)) > 0 {
				f.refuse(name, "The value of %s cannot be set: the application has no advanced listing permission.", name)
			}
			out = out.with(name, f.old.lookup(name))
		}
	}
	return out
}

func (a *msixApp) ingest(in *ingestion, document object) object {
	document = document.with("applicationPackages", in.packages(a, document.lookupList("applicationPackages")))
	var listings object
	for _, m := range document.lookupObject("listings") {
		listing, _ := m.value.(object)
		listing = listing.with("baseListing", in.images(listing.lookupObject("baseListing")))
		overrides := object{}
		for _, o := range listing.lookupObject("platformOverrides") {
			override, _ := o.value.(object)
			overrides = append(overrides, member{o.name, in.images(override)})
		}
		listings = append(listings, member{m.name, listing.with("platformOverrides", overrides)})
	}
	document = document.with("listings", listings)
	return document.with("trailers", in.trailers(document.lookupList("trailers")))
}

func (a *msixApp) complete(s *msixSubmission, document object) bool {
	category := document.lookupText("applicationCategory")
	if s.Blank || category == "" || category == "NotSet" || len(document.lookupList("applicationPackages")) == 0 {
		return false
	}
	if published := a.published(); published != nil {
		// A published app never moves into or out of games
		// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/msix/categories-and-subcategories).
		before := object(published.Document).lookupText("applicationCategory")
		if isGame(before) != isGame(category) {
			return false
		}
	}
	for _, m := range document.lookupObject("listings") {
		listing, _ := m.value.(object)
		if !a.completeListing(listing.lookupObject("baseListing")) {
			return false
		}
	}
	return true
}

func isGame(category string) bool {
	return category == "Games" || strings.HasPrefix(category, "Games_")
}

func (a *msixApp) completeListing(listing object) bool {
	if listing.lookupText("description") == "" {
		return false
	}
	title := listing.lookupText("title")
	if len(a.ReservedNames) > 0 && !slices.Contains(a.ReservedNames, title) {
		return false
	}
	return slices.ContainsFunc(listing.lookupList("images"), func(item any) bool {
		return strings.HasSuffix(textOf(item, "imageType"), "Screenshot")
	})
}
