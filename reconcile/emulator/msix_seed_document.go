package emulator

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// firstMsixDocument is the submission that an application is seeded with.
func (s seeder) firstMsixDocument(a *msixApp, seed seedMsixApp) (msixDocument, error) {
	languages := seed.Languages
	if !isNull(seed.Submission) {
		named, err := parseJSON(seed.Submission)
		if err != nil {
			return nil, fmt.Errorf("submission: %w", err)
		}
		sent, _ := named.(object)
		listings, _ := foldedMember(sent, "listings")
		languages = slices.Clone(languages)
		if all, ok := listings.(object); ok {
			for _, m := range all {
				if m.value != nil && !slices.Contains(languages, m.name) {
					languages = append(languages, m.name)
				}
			}
		}
	}
	if len(languages) == 0 {
		languages = []string{"en-us"}
	}
	listings := object{}
	for _, language := range languages {
		listings = append(listings, member{strings.ToLower(language), object{{"baseListing", object{
			{"copyrightAndTrademarkInfo", "© Contoso"}, {"licenseTerms", ""},
			{"description", "Contoso app, as it was first submitted by hand."},
			{"images", []any{object{{"fileName", "screenshot-" + strings.ToLower(language) + ".png"}, {"imageType", "Screenshot"}}}},
			{"title", a.PrimaryName},
		}}}})
	}
	first := object{
		{"applicationCategory", "Productivity"},
		{"pricing", object{{"priceId", tierFree}}},
		{"visibility", "Public"},
		{"listings", listings},
		{"automaticBackupEnabled", true}, {"canInstallOnRemovableMedia", true},
		{"gamingOptions", []any{object{{"isBroadcastingPrivilegeGranted", true}, {"kinectDataForExternal", "Disabled"}}}},
		{"applicationPackages", []any{object{{"fileName", a.IdentityName + "_1.0.0.0_x64.msix"}}}},
		{"enterpriseLicensing", "Online"},
		{"allowMicrosoftDecideAppAvailabilityToFutureDeviceFamilies", true},
		{"allowTargetFutureDeviceFamilies", object{{"Desktop", true}}},
	}
	edit := seed.Submission
	if isNull(edit) {
		edit = json.RawMessage("{}")
	}
	return s.msixDocument(msixDocument(first), edit, seed.Unchecked)
}

// msixDocument lays an edit over a submission.
func (s seeder) msixDocument(base msixDocument, edit json.RawMessage, unchecked bool) (msixDocument, error) {
	value, err := parseJSON(edit)
	if err != nil {
		return nil, fmt.Errorf("submission: %w", err)
	}
	if _, ok := value.(object); !ok {
		return nil, errors.New("submission: it must be an object")
	}
	merged, _ := merge(object(base), value).(object)
	f := &msixFit{facts: s.facts, seed: true}
	out := f.seeded(s.msixFiles(merged), s.state.Behavior.Msix)
	if f.problem != nil && !unchecked {
		return nil, errors.New(f.problem.message)
	}
	return out, nil
}

// msixFiles gives packages, images and trailers that a seed names what the
// service would have given them: ids, and what it reads out of packages.
func (s seeder) msixFiles(document object) object {
	in := &ingestion{state: s.state}
	packages := mapObjects(document.lookupList("applicationPackages"), func(entry object) object {
		return withDefaults(entry, object{
			{"fileStatus", fileUploaded}, {"id", in.newPackageID()}, {"version", "1.0.0.0"}, {"architecture", "x64"},
			{"targetPlatform", "Windows10"}, {"languages", []any{"en-US"}}, {"capabilities", []any{"runFullTrust"}},
			{"minimumDirectXVersion", "None"}, {"minimumSystemRam", "None"},
			{"targetDeviceFamilies", []any{"Windows.Desktop min version 10.0.17763.0"}},
		})
	})
	document = document.with("applicationPackages", packages)
	image := func(entry object) object {
		return withDefaults(entry, object{{"fileStatus", fileUploaded}, {"id", in.newFileID()}, {"imageType", "Screenshot"}})
	}
	withImages := func(listing object) object {
		if list, ok := listing.lookup("images").([]any); ok {
			return listing.with("images", mapObjects(list, image))
		}
		return listing
	}
	listings := object{}
	for _, m := range document.lookupObject("listings") {
		listing, ok := m.value.(object)
		if !ok {
			continue
		}
		listing = listing.with("baseListing", withImages(listing.lookupObject("baseListing")))
		overrides := object{}
		for _, o := range listing.lookupObject("platformOverrides") {
			override, _ := o.value.(object)
			overrides = append(overrides, member{o.name, withImages(override)})
		}
		listings = append(listings, member{m.name, listing.with("platformOverrides", overrides)})
	}
	document = document.with("listings", listings)
	trailers := mapObjects(document.lookupList("trailers"), func(entry object) object {
		return withDefaults(entry, object{{"id", in.newFileID()}, {"videoFileId", in.newFileID()}})
	})
	return document.with("trailers", trailers)
}

func mapObjects(list []any, change func(object) object) []any {
	out := make([]any, 0, len(list))
	for _, item := range list {
		if entry, ok := item.(object); ok {
			item = change(entry)
		}
		out = append(out, item)
	}
	return out
}

// withDefaults adds the members that an object lacks.
func withDefaults(o, defaults object) object {
	for _, m := range defaults {
		if _, named := foldedMember(o, m.name); !named {
			o = o.with(m.name, m.value)
		}
	}
	return o
}

// publisherID is the part of a package family name that stands for the
// publisher: the first 64 bits of its SHA-256 in thirteen digits
// (https://learn.microsoft.com/windows/apps/desktop/modernize/package-identity-overview#publisher-id).
func publisherID(publisher string) string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(publisher)) {
		raw = append(raw, byte(unit), byte(unit>>8)) //nolint:gosec // the low and the high byte
	}
	sum := sha256.Sum256(raw)
	bits := uint64(0)
	for _, b := range sum[:8] {
		bits = bits<<8 | uint64(b)
	}
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	out := make([]byte, 0, 13)
	for shift := 59; shift >= 0; shift -= 5 {
		out = append(out, digits[bits>>shift&31])
	}
	// The last digit has the four bits that are left, and a 0.
	return string(append(out, digits[bits<<1&31]))
}
