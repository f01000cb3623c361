package emulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// seedMsixAddOn is an add-on of an application, see EditMsix.
type seedMsixAddOn struct {
	ID          string   `json:"id"`
	ProductID   string   `json:"productId"`
	ProductType string   `json:"productType"`
	Unsupported *bool    `json:"unsupported"`
	Languages   []string `json:"languages"`
	Remove      bool     `json:"remove"`
	seedMsixLine
}

// seedMsixFlight is a flight of an application, see EditMsix.
type seedMsixFlight struct {
	FlightID       string   `json:"flightId"`
	FriendlyName   string   `json:"friendlyName"`
	GroupIDs       []string `json:"groupIds"`
	RankHigherThan *string  `json:"rankHigherThan"`
	Remove         bool     `json:"remove"`
	seedMsixLine
}

// children makes or edits the add-ons and flights of an application.
func (s seeder) children(a *msixApp, edit seedMsixApp) error {
	for _, entry := range edit.AddOns {
		entry.Unchecked = entry.Unchecked || edit.Unchecked
		if err := s.addOn(a, entry); err != nil {
			return fmt.Errorf("add-on %s: %w", entry.ProductID+entry.ID, err)
		}
	}
	for _, entry := range edit.Flights {
		entry.Unchecked = entry.Unchecked || edit.Unchecked
		if err := s.flight(a, entry); err != nil {
			return fmt.Errorf("flight %s: %w", entry.FriendlyName+entry.FlightID, err)
		}
	}
	return nil
}

// addOn makes an add-on, or edits the one that has the id or the productId.
func (s seeder) addOn(a *msixApp, edit seedMsixAddOn) error {
	i := s.state.msixAddOn(edit.ID)
	if edit.ID == "" {
		i = s.state.addOnNamed(a, edit.ProductID)
	}
	switch {
	case i != nil && !strings.EqualFold(i.AppID, a.ID):
		return fmt.Errorf("it belongs to application %s", i.AppID)
	case i != nil && edit.Remove:
		s.state.dropAddOn(i, s.contents)
		return nil
	case edit.Remove:
		return errors.New("there is no such add-on")
	case i != nil:
		edit.identify(i)
		return s.editLine(i, edit.seedMsixLine)
	}
	if edit.ProductID == "" {
		edit.ProductID = edit.ID
	}
	f := &msixFit{facts: s.facts}
	f.addOnProductID(edit.ProductID)
	if f.problem != nil && (!edit.Unchecked || edit.ProductID == "") {
		return errors.New(f.problem.message)
	}
	// It is added last: one that breaks a rule leaves nothing behind.
	i = &msixAddOn{AppID: a.ID, ProductType: s.facts.msix.AddOnProductType[0]}
	edit.identify(i)
	if err := s.start(i, s.firstAddOn(edit), edit.seedMsixLine); err != nil {
		return err
	}
	made := s.state.newAddOn(a, edit.ID, i.ProductID, i.ProductType)
	i.ID = made.ID
	*made = *i
	return nil
}

func (edit seedMsixAddOn) identify(i *msixAddOn) {
	if edit.ProductID != "" {
		i.ProductID = edit.ProductID
	}
	if edit.ProductType != "" {
		i.ProductType = edit.ProductType
	}
	if edit.Unsupported != nil {
		i.Unsupported = *edit.Unsupported
	}
}

// firstAddOn is the submission that an add-on is seeded with: free, public and
// for ever, in en-us unless the seed names languages.
func (s seeder) firstAddOn(seed seedMsixAddOn) object {
	listings := object{}
	for _, language := range seedLanguages(seed.Languages, seed.Submission) {
		listings = append(listings, member{language, object{
			{"description", "Contoso add-on, as it was first submitted by hand."}, {"title", seed.ProductID},
		}})
	}
	return object{
		{"contentType", "OnlineDownload"}, {"keywords", []any{}}, {"lifetime", "Forever"}, {"listings", listings},
		{"pricing", object{{"priceId", tierFree}}}, {"tag", ""}, {"visibility", "Public"},
	}
}

func (i *msixAddOn) stored(_ *ingestion, document object) object {
	listings := object{}
	for _, m := range document.lookupObject("listings") {
		listing, ok := m.value.(object)
		if icon := listing.lookupObject("icon"); ok && icon != nil {
			m.value = listing.with("icon", withDefaults(icon, object{{"fileStatus", fileUploaded}}))
		}
		listings = append(listings, m)
	}
	return document.with("listings", listings)
}

// flight makes a flight, or edits the one that has the id or the name.
func (s seeder) flight(a *msixApp, edit seedMsixFlight) error {
	f := a.flight(edit.FlightID)
	if edit.FlightID == "" {
		named := a.flightsNamed(edit.FriendlyName)
		if len(named) > 1 {
			return errors.New("several have that name: give its flightId")
		}
		if len(named) == 1 {
			f = named[0]
		}
	}
	if edit.Remove {
		if f == nil {
			return errors.New("there is no such flight")
		}
		s.state.dropFlight(appFlight{f, a}, s.contents)
		return nil
	}
	fresh := f == nil
	if fresh {
		f = &msixFlight{ID: edit.FlightID}
		if f.ID == "" {
			f.ID = newGUID()
		}
	}
	if edit.FriendlyName != "" {
		f.FriendlyName = edit.FriendlyName
	}
	if edit.GroupIDs != nil {
		f.GroupIDs = edit.GroupIDs
	}
	if fresh || edit.RankHigherThan != nil {
		if err := a.rank(f, edit.RankHigherThan); err != nil {
			return err
		}
	}
	s.state.touch()
	if !fresh {
		return s.editLine(appFlight{f, a}, edit.seedMsixLine)
	}
	err := s.start(appFlight{f, a}, firstFlight(a, edit), edit.seedMsixLine)
	if err != nil {
		s.state.dropFlight(appFlight{f, a}, s.contents)
	}
	return err
}

// rank moves a flight to its place among the others; nil: the highest.
func (a *msixApp) rank(f *msixFlight, higherThan *string) error {
	before := a.Flights
	a.Flights = slices.DeleteFunc(slices.Clone(before), func(other *msixFlight) bool { return other == f })
	name := ""
	if higherThan != nil {
		name = *higherThan
	}
	at, err := a.place(name)
	if err != nil {
		a.Flights = before
		return fmt.Errorf("rankHigherThan: %w", err)
	}
	a.Flights = slices.Insert(a.Flights, at, f)
	return nil
}

// firstFlight is the submission that a flight is seeded with: one package, or
// none when it was never published, as Partner Center makes it.
func firstFlight(a *msixApp, seed seedMsixFlight) object {
	packages := []any{object{{"fileName", a.IdentityName + "_1.1.0.0_x64.msix"}, {"version", "1.1.0.0"}}}
	if seed.Published != nil && !*seed.Published {
		packages = []any{}
	}
	return object{{"flightPackages", packages}, {"notesForCertification", ""}}
}

func (f appFlight) stored(in *ingestion, document object) object {
	return document.with("flightPackages", mapObjects(document.lookupList("flightPackages"), in.storedPackage))
}
