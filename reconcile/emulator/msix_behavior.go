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
}

func (b MsixBehavior) marketsOff() []string {
	if b.MarketsOff == nil {
		return []string{"LB", "EH"}
	}
	return b.MarketsOff
}
