package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// seedDocument is what Seed reads.
type seedDocument struct {
	Account  *seedAccount  `json:"account"`
	Pace     *Pace         `json:"pace"`
	Behavior *Behavior     `json:"behavior"`
	Outcomes []string      `json:"outcomes"`
	MsiExe   []seedProduct `json:"msiExe"`
	Msix     []seedMsixApp `json:"msix"`
}

type seedAccount struct {
	SellerID     string   `json:"sellerId"`
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	FlightGroups []string `json:"flightGroups"`
}

// seedProduct is a product, or an edit of one in the portal: what it does not
// name stays as it is.
type seedProduct struct {
	ProductID      string            `json:"productId"`
	Availability   json.RawMessage   `json:"availability"`
	Properties     json.RawMessage   `json:"properties"`
	Languages      []string          `json:"languages"`
	Listings       []json.RawMessage `json:"listings"`
	RemoveListings []string          `json:"removeListings"`
	Packages       []json.RawMessage `json:"packages"`
	Submission     string            `json:"submission"`
	Unchecked      bool              `json:"unchecked"`
}

// seedImages are the members of a seeded listing that name its images.
type seedImages struct {
	Logos       *[]string
	Screenshots *[]string
}

// Seed adds what a JSON seed document describes; files it names (images) are
// read from files, which may be nil when it names none. Products that exist
// already are left alone; an application gets the add-ons and flights that it
// lacks.
//
//	{
//	  "account":  {"sellerId": "12345", "clientId": "…", "clientSecret": "…", "flightGroups": ["1"]},
//	  "pace":     {"packages": "2s", "modules": "0s", "certification": "5s", "statusLag": "0s"},
//	  "behavior": {"refusePatch": true},
//	  "outcomes": ["FAILED"],
//	  "msiExe": [{
//	    "productId": "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11",
//	    "availability": {"markets": ["US", "CA"]},
//	    "properties":   {"category": "Productivity"},
//	    "languages":    ["de-de"],
//	    "listings":     [{"language": "en-us", "description": "…", "logos": ["logo.png"], "screenshots": ["1.png"]}],
//	    "packages":     [{"packageUrl": "https://…", "architectures": ["X64"], …}],
//	    "submission":   "PUBLISHED"
//	  }],
//	  "msix": [{"appId": "9NBLGGH4R315", "name": "Contoso Notes", …}]
//	}
//
// Every member is optional but productId. Modules, listings and packages have
// the API's own fields; those that are absent are as SeedMsiExeProduct has
// them, images that are absent are generated, and fields the API page does not
// know are kept and answered. "languages" adds listings without naming fields.
// "behavior" has the members of [Behavior]. "outcomes" are the results of the
// next submissions, PUBLISHED or FAILED. "submission" is the last one's status:
// PUBLISHED (the default), INPROGRESS, FAILED or NONE. "flightGroups" are the
// ids of the known user groups that flights may name; without it any may be. A
// product that breaks the rules is an error, unless it says "unchecked": true.
// The members of "msix" are those of [Emulator.EditMsix], of which "appId" is
// required.
func (e *Emulator) Seed(document []byte, files fs.FS) error {
	var seed seedDocument
	if err := strictDecode(document, &seed); err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	for _, outcome := range seed.Outcomes {
		if outcome != statusPublished && outcome != statusFailed {
			return fmt.Errorf("read seed: outcomes: %q is not %s or %s", outcome, statusPublished, statusFailed)
		}
	}
	var err error
	updateErr := e.update(func(s *state, now time.Time) {
		seeder := e.seeder(s, now, files)
		err = seeder.document(seed)
	})
	if err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	return updateErr
}

// SeedMsiExeProduct makes a product as if its first submission had been made
// by hand in Partner Center: free, in the market US, with one package, and with
// a listing of required texts, one screenshot and one logo for each language
// (en-us when there is none). It reports false when it exists already.
func (e *Emulator) SeedMsiExeProduct(productID string, languages []string) bool {
	made := false
	err := e.update(func(s *state, now time.Time) {
		if productID == "" || s.product(productID) != nil {
			return
		}
		seeder := e.seeder(s, now, nil)
		made = seeder.product(seedProduct{ProductID: productID, Languages: languages, Unchecked: true}) == nil
	})
	return made && err == nil
}

// EditMsiExe changes a product's draft as a person in Partner Center would:
// the document has the members of one product of [Emulator.Seed], without
// productId. Modules and listings are changed field by field, a language that
// is not there is added, packages replace the whole set and need no commit,
// "removeListings" names languages to remove, and "submission" starts
// (INPROGRESS) or ends (PUBLISHED, FAILED) a submission. No rule is checked.
func (e *Emulator) EditMsiExe(productID string, document []byte, files fs.FS) error {
	var edit seedProduct
	if err := strictDecode(document, &edit); err != nil {
		return fmt.Errorf("edit product %s: %w", productID, err)
	}
	edit.Unchecked = true
	var err error
	updateErr := e.update(func(s *state, now time.Time) {
		p := s.product(productID)
		if p == nil {
			err = errors.New("there is no such product")
			return
		}
		seeder := e.seeder(s, now, files)
		err = seeder.apply(p, edit)
		s.touch()
	})
	if err != nil {
		return fmt.Errorf("edit product %s: %w", productID, err)
	}
	return updateErr
}

// seeder makes and edits products outside the API.
type seeder struct {
	facts    *facts
	contents *contents
	state    *state
	now      time.Time
	files    fs.FS
	images   plainImages
}

func (e *Emulator) seeder(s *state, now time.Time, files fs.FS) seeder {
	return seeder{facts: e.facts, contents: e.contents, state: s, now: now, files: files, images: plainImages{}}
}

func (s seeder) document(seed seedDocument) error {
	// A seeded submission runs at the seed's pace.
	if seed.Pace != nil {
		s.state.Pace = seed.Pace
	}
	if seed.Behavior != nil {
		s.state.Behavior = *seed.Behavior
	}
	for _, entry := range seed.MsiExe {
		if entry.ProductID == "" {
			return errors.New("msiExe: productId is required")
		}
		if s.state.product(entry.ProductID) != nil {
			continue
		}
		if err := s.product(entry); err != nil {
			return fmt.Errorf("product %s: %w", entry.ProductID, err)
		}
	}
	if err := s.msixApps(seed); err != nil {
		return err
	}
	if seed.Account != nil {
		s.state.Account = account{SellerID: seed.Account.SellerID, ClientID: seed.Account.ClientID, FlightGroups: seed.Account.FlightGroups}
		if seed.Account.ClientSecret != "" {
			s.state.Account.SecretHash = hashSecret(seed.Account.ClientSecret)
		}
	}
	if seed.Outcomes != nil {
		s.state.Outcomes = seed.Outcomes
	}
	s.state.touch()
	return nil
}

// product makes a product of defaults and of what its seed names.
func (s seeder) product(seed seedProduct) error {
	p := &product{
		ID: seed.ProductID,
		Availability: availability{
			Markets: []string{"US"}, Discoverability: "DISCOVERABLE", Pricing: "FREE", FreeTrial: "NO_FREE_TRIAL",
		},
		Properties: properties{
			Category:     "Productivity",
			Declarations: declarations{Foreign: foreign{"usesGenerativeAI": json.RawMessage("false")}},
			Foreign:      foreign{"genres": json.RawMessage("[]")},
		},
	}
	if len(seed.Listings) == 0 && len(seed.Languages) == 0 {
		seed.Languages = []string{"en-us"}
	}
	if seed.Packages == nil {
		seed.Packages = []json.RawMessage{json.RawMessage(`{"packageUrl": "https://dl.contoso.example/1.0.0/setup-x64.exe",
			"languages": ["en"], "architectures": ["X64"], "isSilentInstall": false, "installerParameters": "/quiet", "packageType": "exe"}`)}
	}
	if seed.Submission == "" {
		seed.Submission = statusPublished
	}
	if err := s.apply(p, seed); err != nil {
		return err
	}
	s.state.MsiExe[strings.ToLower(p.ID)] = p
	s.state.touch()
	return nil
}

// apply changes a product by what a seed names.
func (s seeder) apply(p *product, seed seedProduct) error {
	w := &metadataWrite{mode: modePatch, facts: s.facts, product: p, unchecked: seed.Unchecked}
	for _, language := range seed.RemoveListings {
		p.removeListing(language)
	}
	for _, language := range seed.Languages {
		if err := s.listing(w, language, nil); err != nil {
			return err
		}
	}
	for i, raw := range seed.Listings {
		var in listingInput
		if err := json.Unmarshal(raw, &in); err != nil || in.Language == nil {
			return fmt.Errorf("listings[%d]: language is required, and fields have the API's types", i)
		}
		if err := s.listing(w, *in.Language, raw); err != nil {
			return err
		}
	}
	if !isNull(seed.Availability) {
		p.Availability.Foreign = addForeign[availabilityInput](p.Availability.Foreign, seed.Availability)
		w.availability(seed.Availability)
	}
	if !isNull(seed.Properties) {
		p.Properties.Foreign = addForeign[propertiesInput](p.Properties.Foreign, seed.Properties)
		if raw, ok := sent(members(seed.Properties), "productDeclarations"); ok {
			p.Properties.Declarations.Foreign = addForeign[declarationsInput](p.Properties.Declarations.Foreign, raw)
		}
		w.properties(seed.Properties)
	}
	if seed.Packages != nil {
		s.packages(p, seed.Packages, w)
	}
	if err := w.seedProblem(); err != nil {
		return err
	}
	return s.submission(p, seed.Submission)
}

// seedProblem is the first rule that a seed breaks.
func (w *metadataWrite) seedProblem() error {
	if w.unchecked || !w.problems.fatal() {
		return nil
	}
	return errors.New(w.problems[0].Message)
}

func (s seeder) packages(p *product, list []json.RawMessage, metadata *metadataWrite) {
	p.Packages = nil
	for i, raw := range list {
		w := packageWrite{
			mode: modePut, facts: s.facts, at: fmt.Sprintf("packages[%d]", i),
			problems: &metadata.problems, unchecked: metadata.unchecked,
		}
		entry := w.apply(raw, installer{Foreign: addForeign[installerInput](nil, raw)})
		if entry.PackageID == "" {
			entry.PackageID = s.state.newPackageID()
		}
		p.Packages = append(p.Packages, entry)
	}
	p.Accepted, p.PackagesDirty, p.PackageErrors, p.Processing = fingerprint(p.Packages), false, nil, nil
}

func (s seeder) submission(p *product, status string) error {
	running := p.running()
	switch status {
	case "", "NONE":
	case statusPublished, statusFailed:
		if running != nil {
			running.Status = status
			return nil
		}
		p.Submissions = append(p.Submissions, submission{
			ID: s.state.newSubmissionID(), Submitted: s.now, Due: s.now, Outcome: status, Status: status,
		})
	case statusInProgress:
		if running == nil {
			p.Submissions = append(p.Submissions, submission{
				ID: s.state.newSubmissionID(), Submitted: s.now, Outcome: statusPublished, Status: status,
				Due: later(s.now, s.state.pace().Certification),
			})
		}
	default:
		return fmt.Errorf("submission: %q is not PUBLISHED, INPROGRESS, FAILED or NONE", status)
	}
	return nil
}

// strictDecode decodes JSON that people write: an unknown field is an error,
// and so is anything after the value.
func strictDecode(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("there is more after the JSON value")
	}
	return nil
}
