package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// stateVersion changes when an older emulator could not read the state.
const stateVersion = 1

// state is everything the emulator remembers.
type state struct {
	Version  int                 `json:"version"`
	Key      []byte              `json:"key,omitempty"` // signs tokens and upload URLs
	Account  account             `json:"account"`
	Pace     *Pace               `json:"pace,omitempty"`
	Behavior Behavior            `json:"behavior"`
	Outcomes []string            `json:"outcomes,omitempty"` // of the next submissions
	Revoked  map[string]bool     `json:"revoked,omitempty"`  // ids of expired tokens
	MsiExe   map[string]*product `json:"msiExe"`             // by lower case product id
	Blobs    map[string]*blob    `json:"blobs"`              // by path
	// Msix and MsixAddOns are the applications and the add-ons of API B, in the
	// order of its lists, and MsixCalls the requests of the last minute when
	// their number is limited.
	Msix       []*msixApp   `json:"msix,omitempty"`
	MsixAddOns []*msixAddOn `json:"msixAddOns,omitempty"`
	MsixCalls  []time.Time  `json:"msixCalls,omitempty"`
	Counter    int64        `json:"counter"` // last number given out

	changed  bool
	fallback Pace
}

// account is the Partner Center account whose products are served.
type account struct {
	SellerID string `json:"sellerId,omitempty"`
	ClientID string `json:"clientId,omitempty"`
	// SecretHash is the SHA-256 of the client secret.
	SecretHash string `json:"secretHash,omitempty"`
	// FlightGroups are the ids of the known user groups that flights may name;
	// empty: any id is fine. Partner Center alone makes them.
	FlightGroups []string `json:"flightGroups,omitempty"`
}

// Behavior chooses how the service behaves where it is undocumented, or where
// it was seen to behave in several ways.
type Behavior struct {
	// RefusePatch answers PATCH on metadata with 405: no recording of one exists.
	RefusePatch bool `json:"refusePatch,omitempty"`
	// RefuseCombined refuses a metadata write that names several modules, or
	// a module beside listingsToAdd or listingsToRemove.
	RefuseCombined bool `json:"refuseCombined,omitempty"`
	// DraftUnreadableWhileActive refuses to read the draft while a submission
	// runs; status stays readable.
	DraftUnreadableWhileActive bool `json:"draftUnreadableWhileActive,omitempty"`
	// PollingURLLeadingSlash answers pollingUrl as documented rather than as
	// observed.
	PollingURLLeadingSlash bool `json:"pollingUrlLeadingSlash,omitempty"`
	// PutKeepsPackageIDs: a PUT of packages keeps the packageId values that it
	// names, as observed; false: all are made anew, as documented. Default true.
	PutKeepsPackageIDs *bool `json:"putKeepsPackageIds,omitempty"`
	// PutResetsForeign: a PUT of a module resets undocumented fields that it
	// does not name, too.
	PutResetsForeign bool `json:"putResetsForeign,omitempty"`
	// DuplicateRequirements answers Memory and DirectX twice (observed 2025-06).
	DuplicateRequirements bool `json:"duplicateRequirements,omitempty"`
	// EmptyRequirementsAsObject answers unset requirements as [{}], not [].
	EmptyRequirementsAsObject bool `json:"emptyRequirementsAsObject,omitempty"`
	// EmptyErrorsAsNull answers errors as null, not as no key, when there are none.
	EmptyErrorsAsNull bool `json:"emptyErrorsAsNull,omitempty"`
	// AssetURLsUnreadable answers 404 to reads of an assetUrl without signature.
	AssetURLsUnreadable bool `json:"assetUrlsUnreadable,omitempty"`
	// NoContentMD5 leaves Content-MD5 out of the answers of blob storage.
	NoContentMD5 bool `json:"noContentMD5,omitempty"`
	// RefusePackageURLs are substrings of package URLs that the service cannot
	// download; absent: "/missing/".
	RefusePackageURLs []string `json:"refusePackageUrls,omitzero"`
	// Msix is of API B.
	Msix MsixBehavior `json:"msix,omitzero"`
}

func (b Behavior) keepsPackageIDs() bool { return b.PutKeepsPackageIDs == nil || *b.PutKeepsPackageIDs }

func (b Behavior) refusesPackageURL(packageURL string) bool {
	patterns := b.RefusePackageURLs
	if patterns == nil {
		patterns = []string{"/missing/"}
	}
	return slices.ContainsFunc(patterns, func(pattern string) bool { return strings.Contains(packageURL, pattern) })
}

func newState() *state {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return &state{Version: stateVersion, Key: key, MsiExe: map[string]*product{}, Blobs: map[string]*blob{}}
}

// touch marks the state as changed, to be saved.
func (s *state) touch() { s.changed = true }

func (s *state) product(id string) *product { return s.MsiExe[strings.ToLower(id)] }

// number gives out the next number of an id that must not repeat.
func (s *state) number() int64 {
	s.Counter++
	s.touch()
	return s.Counter
}

// newPackageID is a numeric string, as observed.
func (s *state) newPackageID() string { return fmt.Sprint(70_000_000 + 7*s.number()) }

// newSubmissionID is a string of 19 digits, as observed.
func (s *state) newSubmissionID() string { return fmt.Sprint(1_152_921_500_000_000_000 + s.number()) }

func (s *state) snapshot() []byte {
	shown := *s
	shown.Key, shown.Revoked, shown.Account.SecretHash = nil, nil, ""
	out, err := encode(shown)
	if err != nil {
		return nil
	}
	return out
}

// newGUID is a random UUID (version 4).
func newGUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// later adds a duration of the pace, which may be negative for "at once".
func later(now time.Time, d time.Duration) time.Time { return now.Add(max(d, 0)) }
