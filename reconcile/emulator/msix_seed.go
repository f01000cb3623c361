package emulator

import (
	"encoding/json"
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
	Published                    *bool            `json:"published"`
	Submission                   json.RawMessage  `json:"submission"`
	Pending                      *seedMsixPending `json:"pending"`
	DiscardPending               bool             `json:"discardPending"`
	Outcomes                     []string         `json:"outcomes"`
	Unchecked                    bool             `json:"unchecked"`
}

type seedMsixPending struct {
	MadeInPortal *bool           `json:"madeInPortal"`
	Status       string          `json:"status"`
	Submission   json.RawMessage `json:"submission"`
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
		made = seeder.msixApp(seedMsixApp{AppID: appID, Languages: languages, Unchecked: true}) == nil
	})
	return made && err == nil
}

// EditMsix changes an application of API B as a person in Partner Center
// would. The document's members, all of them optional, are also those of an
// application in a seed document:
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
//	  "pending":    {"madeInPortal": true, "status": "PendingCommit", "submission": {…}},
//	  "discardPending": true,
//	  "outcomes":   ["CommitFailed", "Published"],
//	  "unchecked":  true
//	}
//
// "submission" is laid over the published submission, which is replaced by a
// new one, made in the portal and published; in a seed it is laid over that of
// SeedMsixApp. Objects are merged by member, a null takes one away, lists are
// replaced; packages and images need no ids. "published": false makes an
// application of a seed that was never published: its submission is a draft.
// "pending" changes the pending submission, or makes one that the API cannot
// change unless it says "madeInPortal": false. Its status may be any;
// Published publishes it at once, and a running one goes on to be published.
// "outcomes" are what becomes of the next commits: Published,
// CommitFailed (with one InvalidState error), PreProcessingFailed,
// CertificationFailed, ReleaseFailed, PublishFailed, Canceled, PendingCommit
// (the service falls back) or CommitStarted (it never ends).
// An "unsupported" application answers 409 to every call, a "forbidden" one
// 403. What breaks a rule of the API is an error unless "unchecked" is true;
// price tiers are never checked.
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

// msixApps makes the applications of a seed that are not there yet.
func (s seeder) msixApps(seed seedDocument) error {
	if seed.Behavior != nil {
		s.state.Behavior = *seed.Behavior
	}
	for _, entry := range seed.Msix {
		if entry.AppID == "" {
			return errors.New("msix: appId is required")
		}
		if s.state.msixApp(entry.AppID) != nil {
			continue
		}
		if err := s.msixApp(entry); err != nil {
			return fmt.Errorf("application %s: %w", entry.AppID, err)
		}
	}
	return nil
}

// msixApp makes an application of defaults and of what its seed names.
func (s seeder) msixApp(seed seedMsixApp) error {
	a := &msixApp{
		ID: seed.AppID, PrimaryName: "Contoso " + seed.AppID, AdvancedListing: true,
		IdentityName: "Contoso." + seed.AppID, Publisher: "CN=Contoso",
	}
	seed.identify(a)
	document, err := s.firstMsixDocument(a, seed)
	if err != nil {
		return err
	}
	first := s.state.nextMsixSubmission(a, document)
	if seed.Published == nil || *seed.Published {
		first.Status, a.FirstPublished = msixPublished, s.now
	} else {
		first.Portal = true
	}
	seed.Submission = nil
	if err := s.editMsix(a, seed); err != nil {
		return err
	}
	s.state.Msix = append(s.state.Msix, a)
	s.state.touch()
	return nil
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
	for _, outcome := range edit.Outcomes {
		if _, ok := failsAfter(outcome); !ok {
			return fmt.Errorf("outcomes: %q is not Published, CommitFailed, PreProcessingFailed, CertificationFailed, ReleaseFailed, PublishFailed, Canceled, PendingCommit or CommitStarted", outcome)
		}
	}
	edit.identify(a)
	if edit.Outcomes != nil {
		a.Outcomes = edit.Outcomes
	}
	if !isNull(edit.Submission) {
		var base msixDocument
		if published := a.published(); published != nil {
			base = published.Document
		}
		document, err := s.msixDocument(base, edit.Submission, edit.Unchecked)
		if err != nil {
			return err
		}
		pending := a.pending()
		next := s.state.nextMsixSubmission(a, document)
		next.Status = msixPublished
		if pending != nil {
			// The pending one stays the last.
			a.Submissions = append(slices.DeleteFunc(a.Submissions, func(other *msixSubmission) bool { return other == pending }), pending)
		}
	}
	if pending := a.pending(); edit.DiscardPending && pending != nil {
		s.state.dropMsixSubmission(a, pending, s.contents)
	}
	if edit.Pending == nil {
		return nil
	}
	return s.editMsixPending(a, *edit.Pending, edit.Unchecked)
}

func (s seeder) editMsixPending(a *msixApp, edit seedMsixPending, unchecked bool) error {
	var document msixDocument
	pending := a.pending()
	switch published := a.published(); {
	case pending != nil:
		document = pending.Document
	case published != nil:
		document = published.Document
	}
	if !isNull(edit.Submission) {
		var err error
		if document, err = s.msixDocument(document, edit.Submission, unchecked); err != nil {
			return fmt.Errorf("pending: %w", err)
		}
	}
	if document == nil {
		return errors.New("pending: give it a submission: the application has none to copy")
	}
	if pending == nil {
		pending = s.state.nextMsixSubmission(a, document)
		pending.Portal = true
	}
	pending.Document = document
	if edit.MadeInPortal != nil {
		pending.Portal = *edit.MadeInPortal
	}
	if !pending.Portal && pending.Upload == "" {
		c := &call{state: s.state, now: s.now}
		c.openMsixUpload(pending)
	}
	return s.msixStatus(a, pending, edit.Status)
}

// msixStatus brings a pending submission to a status.
func (s seeder) msixStatus(a *msixApp, pending *msixSubmission, status string) error {
	switch status {
	case "":
	case msixPreProcessing, msixCommitStarted, msixCertification, msixRelease, msixPendingPublication, msixPublishing:
		pending.Status = status
		pending.Steps = []msixStep{{Status: msixPublished, At: later(s.now, s.state.pace().Certification)}}
	case msixPendingCommit, msixPublished, msixCommitFailed, msixPreProcessingFailed, msixCertificationFailed, msixReleaseFailed, msixPublishFailed, msixCanceled:
		pending.Steps = nil
		s.state.stepMsix(a, pending, msixStep{Status: status, At: s.now}, s.contents)
	default:
		return fmt.Errorf("pending.status: %q is not a status", status)
	}
	return nil
}
