package emulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// seedMsixApp is an application, or an edit of one in the portal: what it does
// not name stays as it is.
type seedMsixApp struct {
	AppID                        string           `json:"appId"`
	Name                         *string          `json:"name"`
	PackageIdentityName          *string          `json:"packageIdentityName"`
	PublisherName                *string          `json:"publisherName"`
	PackageFamilyName            *string          `json:"packageFamilyName"`
	ReservedNames                []string         `json:"reservedNames"`
	HasAdvancedListingPermission *bool            `json:"hasAdvancedListingPermission"`
	Unsupported                  *bool            `json:"unsupported"`
	Forbidden                    *bool            `json:"forbidden"`
	Languages                    []string         `json:"languages"`
	AddOns                       []seedMsixAddOn  `json:"addOns"`
	Flights                      []seedMsixFlight `json:"flights"`
	seedMsixLine
}

// SeedMsixApp makes an application of API B as if its first submission had been
// made by hand in Partner Center: free, public, with one package and with a
// listing of a description and one screenshot for each language (en-us when
// there is none). It reports false when it exists already.
func (e *Emulator) SeedMsixApp(appID string, languages []string) bool {
	made := false
	err := e.update(func(s *state, now time.Time) {
		if appID == "" || s.msixApp(appID) != nil {
			return
		}
		seeder := e.seeder(s, now, nil)
		made = seeder.msixApp(seedMsixApp{AppID: appID, Languages: languages, seedMsixLine: seedMsixLine{Unchecked: true}}) == nil
	})
	return made && err == nil
}

// EditMsix changes an application of API B, its add-ons and its package flights
// as a person in Partner Center would. The document's members, all of them
// optional, are also those of an application in a seed document:
//
//	{
//	  "name": "Contoso Notes", "packageIdentityName": "Contoso.Notes",
//	  "publisherName": "CN=Contoso", "packageFamilyName": "Contoso.Notes_…",
//	  "reservedNames": ["Contoso Notes"],
//	  "hasAdvancedListingPermission": true,
//	  "unsupported": true, "forbidden": true,
//	  "languages":  ["en-us", "de-de"],
//	  "published":  false,
//	  "submission": {"visibility": "Hidden", "listings": {"en-us": {…}}},
//	  "rollout":    {"percentage": 25},
//	  "pending":    {"madeInPortal": true, "status": "PendingCommit", "submission": {…}},
//	  "discardPending": true,
//	  "outcomes":   ["CommitFailed", "Published"],
//	  "unchecked":  true,
//	  "addOns": [{
//	    "id": "9NC0NT0S0N02", "productId": "extra-storage", "productType": "Durable",
//	    "unsupported": true, "languages": ["en-us"], "remove": true,
//	    "published": …, "submission": …, and so on down to "unchecked"
//	  }],
//	  "flights": [{
//	    "flightId": "5e2c9a1f-…", "friendlyName": "Insiders", "groupIds": ["1"],
//	    "rankHigherThan": "Beta", "remove": true,
//	    "published": …, "submission": …, and so on down to "unchecked"
//	  }]
//	}
//
// "submission" is laid over the published submission, which is replaced by a
// new one, made in the portal and published; in a seed it is laid over that of
// SeedMsixApp, over a free add-on with a title, or over a flight with one
// package. Objects are merged by member, a null takes one away, lists are
// replaced; packages and images need no ids. "published": false makes a product
// of a seed that was never published: its submission is a draft of the portal.
// "rollout" starts or changes a gradual rollout of the published packages
// ("percentage", which may fall here) or ends it ("halted", "finalized").
// "pending" changes the pending submission, or makes one that the API cannot
// change unless it says "madeInPortal": false. Its status may be any;
// Published publishes it at once, and a running one goes on to be published.
// "outcomes" are what becomes of the next commits: Published,
// CommitFailed (with one InvalidState error), PreProcessingFailed,
// CertificationFailed, ReleaseFailed, PublishFailed, Canceled, PendingCommit
// (the service falls back) or CommitStarted (it never ends).
// An "unsupported" application or add-on answers 409 to every call, a
// "forbidden" application and what belongs to it 403. What breaks a rule of the
// API is an error unless "unchecked" is true; price tiers are never checked.
//
// An add-on is found by its "id" or else by its "productId", a flight by its
// "flightId" or else by its "friendlyName"; one that is not there is made, and
// "remove" takes it away. A new add-on without a "productId" has its "id" for
// one. A new flight ranks highest unless "rankHigherThan" names another one, or
// "Non-flighted submission".
func (e *Emulator) EditMsix(appID string, document []byte) error {
	var edit seedMsixApp
	if err := strictDecode(document, &edit); err != nil {
		return fmt.Errorf("edit application %s: %w", appID, err)
	}
	var err error
	updateErr := e.update(func(s *state, now time.Time) {
		a := s.msixApp(appID)
		if a == nil {
			err = errors.New("there is no such application")
			return
		}
		seeder := e.seeder(s, now, nil)
		err = seeder.editMsix(a, edit)
		s.touch()
	})
	if err != nil {
		return fmt.Errorf("edit application %s: %w", appID, err)
	}
	return updateErr
}

// msixApps makes the applications of a seed that are not there yet, and add-ons
// and flights that those lack which are.
func (s seeder) msixApps(seed seedDocument) error {
	if seed.Behavior != nil {
		s.state.Behavior = *seed.Behavior
	}
	for _, entry := range seed.Msix {
		if entry.AppID == "" {
			return errors.New("msix: appId is required")
		}
		seedOne := s.msixApp
		if a := s.state.msixApp(entry.AppID); a != nil {
			seedOne = func(entry seedMsixApp) error { return s.children(a, s.missing(a, entry)) }
		}
		if err := seedOne(entry); err != nil {
			return fmt.Errorf("application %s: %w", entry.AppID, err)
		}
	}
	return nil
}

// missing is a seed without the add-ons and flights that its application has.
func (s seeder) missing(a *msixApp, seed seedMsixApp) seedMsixApp {
	seed.AddOns = slices.DeleteFunc(seed.AddOns, func(entry seedMsixAddOn) bool {
		return s.state.msixAddOn(entry.ID) != nil || s.state.addOnNamed(a, entry.ProductID) != nil
	})
	seed.Flights = slices.DeleteFunc(seed.Flights, func(entry seedMsixFlight) bool {
		return a.flight(entry.FlightID) != nil || entry.FlightID == "" && len(a.flightsNamed(entry.FriendlyName)) > 0
	})
	return seed
}

// msixApp makes an application of defaults and of what its seed names.
func (s seeder) msixApp(seed seedMsixApp) error {
	a := &msixApp{
		ID: seed.AppID, PrimaryName: "Contoso " + seed.AppID, AdvancedListing: true,
		IdentityName: "Contoso." + seed.AppID, Publisher: "CN=Contoso",
	}
	seed.identify(a)
	// It is added first: its flights and add-ons need it.
	s.state.Msix = append(s.state.Msix, a)
	s.state.touch()
	err := s.start(a, s.firstMsixApp(a, seed), seed.seedMsixLine)
	if err == nil {
		err = s.children(a, seed)
	}
	if err != nil {
		for _, i := range s.state.addOnsOf(a) {
			s.state.dropAddOn(i, s.contents)
		}
		s.state.Msix = slices.DeleteFunc(s.state.Msix, func(other *msixApp) bool { return other == a })
	}
	return err
}

// identify changes what an application is called.
func (seed seedMsixApp) identify(a *msixApp) {
	set := func(into, value *string) {
		if value != nil {
			*into = *value
		}
	}
	set(&a.PrimaryName, seed.Name)
	set(&a.IdentityName, seed.PackageIdentityName)
	set(&a.Publisher, seed.PublisherName)
	if seed.PackageFamilyName != nil || seed.PackageIdentityName != nil || seed.PublisherName != nil || a.PackageFamilyName == "" {
		a.PackageFamilyName = a.IdentityName + "_" + publisherID(a.Publisher)
	}
	set(&a.PackageFamilyName, seed.PackageFamilyName)
	if seed.ReservedNames != nil {
		a.ReservedNames = seed.ReservedNames
	}
	for _, flag := range []struct{ into, value *bool }{
		{&a.AdvancedListing, seed.HasAdvancedListingPermission},
		{&a.Unsupported, seed.Unsupported},
		{&a.Forbidden, seed.Forbidden},
	} {
		if flag.value != nil {
			*flag.into = *flag.value
		}
	}
}

func (s seeder) editMsix(a *msixApp, edit seedMsixApp) error {
	edit.identify(a)
	if err := s.editLine(a, edit.seedMsixLine); err != nil {
		return err
	}
	return s.children(a, edit)
}
