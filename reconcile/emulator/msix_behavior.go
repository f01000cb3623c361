package emulator

// MsixBehavior chooses how API B behaves where it is undocumented, or where it
// was seen to behave in several ways.
type MsixBehavior struct {
	// PlusInSignature makes every upload URL hold a bare "+", which clients
	// must send as "%2B" (observed); without it the service escapes it.
	PlusInSignature bool `json:"plusInSignature,omitempty"`
	// RequestsPerMinute is how many requests of a minute are answered, the
	// rest with 429 and Retry-After; 0: all.
	RequestsPerMinute int `json:"requestsPerMinute,omitempty"`
	// RefuseUnknownTier refuses a price tier outside the documented ones even
	// when the submission has it already (a product on Pricing Version 2).
	RefuseUnknownTier bool `json:"refuseUnknownTier,omitempty"`
	// MarketsOff are markets that the service switches off by itself when a
	// submission has no price for them; absent: LB and EH (observed 2026-02).
	MarketsOff []string `json:"marketsOff,omitzero"`
	// OmitEmptyTexts leaves optional texts out of answers when they are "",
	// not only when they were never set.
	OmitEmptyTexts bool `json:"omitEmptyTexts,omitempty"`
	// NullCollections answers null for lists and objects that are empty, as
	// dumps of submissions hold them (msstore-cli issue 50).
	NullCollections bool `json:"nullCollections,omitempty"`
	// PendingPublication lets submissions pass, and wait for a publishing date
	// or a person, in PendingPublication rather than in Release.
	PendingPublication bool `json:"pendingPublication,omitempty"`
	// IgnoreImageSizes takes images of any size in pixels.
	IgnoreImageSizes bool `json:"ignoreImageSizes,omitempty"`
	// UnsupportedLanguageBreaks answers 500 rather than 400 to a language code
	// that is not supported; both were observed.
	UnsupportedLanguageBreaks bool `json:"unsupportedLanguageBreaks,omitempty"`
	// EditRefusedAsBadRequest answers 400 rather than 409 to a write of a
	// submission that is no draft any more; the API pages list both.
	EditRefusedAsBadRequest bool `json:"editRefusedAsBadRequest,omitempty"`
	// WholeAnswers ignores isMinimalResponse, which is not documented.
	WholeAnswers bool `json:"wholeAnswers,omitempty"`

	// DropPackages drops the packages of every commit in preprocessing without a
	// word, and publishes with those that were published before (seen in
	// https://github.com/daruyanagi/XTimelineViewer/issues/151).
	DropPackages bool `json:"dropPackages,omitempty"`

	// FlightsWithoutDraft makes flights without a first submission, as the page
	// of the method says; Microsoft's samples read one from the answer.
	FlightsWithoutDraft bool `json:"flightsWithoutDraft,omitempty"`
	// AddOnsWithDraft makes add-ons together with a first submission.
	AddOnsWithDraft bool `json:"addOnsWithDraft,omitempty"`
	// RankAsGUID answers rankHigherThan with the flight's GUID, as the samples
	// do, not with its friendly name, as the text says.
	RankAsGUID bool `json:"rankAsGuid,omitempty"`
	// UniqueFlightNames refuses a flight whose friendly name another flight of
	// the application has (409).
	UniqueFlightNames bool `json:"uniqueFlightNames,omitempty"`
	// KeepPublished refuses to delete add-ons and flights that were ever
	// published (409).
	KeepPublished bool `json:"keepPublished,omitempty"`

	// RolloutUnsupported answers 409 to the methods of gradual rollouts.
	RolloutUnsupported bool `json:"rolloutUnsupported,omitempty"`
	// IgnoreRollout takes a submission without a word and leaves its rollout
	// settings as they were.
	IgnoreRollout bool `json:"ignoreRollout,omitempty"`
	// OmitUnusedRollout leaves packageRollout out of submissions that have no
	// rollout, as old ones do.
	OmitUnusedRollout bool `json:"omitUnusedRollout,omitempty"`
	// CloneKeepsRolloutStatus lets a draft keep the packageRolloutStatus and
	// fallbackSubmissionId of the submission that it was made of.
	CloneKeepsRolloutStatus bool `json:"cloneKeepsRolloutStatus,omitempty"`
}

func (b MsixBehavior) marketsOff() []string {
	if b.MarketsOff == nil {
		return []string{"LB", "EH"}
	}
	return b.MarketsOff
}
