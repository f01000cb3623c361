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

// seedLanguages are the languages of a seeded product's listings: those that it
// names and those of its submission; en-us when there is none. In lower case.
func seedLanguages(named []string, submission json.RawMessage) []string {
	var out []string
	add := func(language string) {
		if language = strings.ToLower(language); !slices.Contains(out, language) {
			out = append(out, language)
		}
	}
	for _, language := range named {
		add(language)
	}
	value, _ := parseJSON(submission) // what is wrong with it shows later
	sent, _ := value.(object)
	listings, _ := foldedMember(sent, "listings")
	all, _ := listings.(object)
	for _, m := range all {
		if m.value != nil {
			add(m.name)
		}
	}
	if len(out) == 0 {
		out = []string{"en-us"}
	}
	return out
}

// firstMsixApp is the submission that an application is seeded with.
func (s seeder) firstMsixApp(a *msixApp, seed seedMsixApp) object {
	listings := object{}
	for _, language := range seedLanguages(seed.Languages, seed.Submission) {
		listings = append(listings, member{language, object{{"baseListing", object{
			{"copyrightAndTrademarkInfo", "© Contoso"}, {"licenseTerms", ""},
			{"description", "Contoso app, as it was first submitted by hand."},
			{"images", []any{object{{"fileName", "screenshot-" + language + ".png"}, {"imageType", "Screenshot"}}}},
			{"title", a.PrimaryName},
		}}}})
	}
	return object{
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
}

// msixDocument lays an edit over a submission.
func (s seeder) msixDocument(p msixProduct, base msixDocument, edit json.RawMessage, unchecked bool) (msixDocument, error) {
	value, err := parseJSON(edit)
	if err != nil {
		return nil, fmt.Errorf("submission: %w", err)
	}
	if _, ok := value.(object); !ok {
		return nil, errors.New("submission: it must be an object")
	}
	merged, _ := merge(object(base), value).(object)
	f := &msixFit{facts: s.facts, seed: true}
	out := f.seeded(p, p.stored(&ingestion{state: s.state}, merged), s.state.Behavior.Msix)
	if f.problem != nil && !unchecked {
		return nil, errors.New(f.problem.message)
	}
	return out, nil
}

// storedPackage is a package of a seed with its defaults.
func (in *ingestion) storedPackage(entry object) object {
	return withDefaults(entry, object{
		{"fileStatus", fileUploaded}, {"id", in.newPackageID()}, {"version", "1.0.0.0"}, {"architecture", "x64"},
		{"targetPlatform", "Windows10"}, {"languages", []any{"en-US"}}, {"capabilities", []any{"runFullTrust"}},
		{"minimumDirectXVersion", "None"}, {"minimumSystemRam", "None"},
		{"targetDeviceFamilies", []any{"Windows.Desktop min version 10.0.17763.0"}},
	})
}

func (a *msixApp) stored(in *ingestion, document object) object {
	document = document.with("applicationPackages", mapObjects(document.lookupList("applicationPackages"), in.storedPackage))
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
