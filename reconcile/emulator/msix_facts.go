package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// msixFacts are the closed value sets of API B, from its resource pages
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions).
type msixFacts struct {
	Categories            []string
	Languages             []string // lower case, as the API wants them
	Visibility            []string
	TargetPublishMode     []string
	FileStatus            []string
	MinimumDirectXVersion []string
	MinimumSystemRAM      []string
	TrialPeriod           []string
	EnterpriseLicensing   []string
	HardwarePreferences   []string
	FutureDeviceFamily    []string
	Genres                []string
	KinectDataForExternal []string
	ImageType             []string
	AddOnProductType      []string
	AddOnLifetime         []string
	AddOnContentType      []string
}

func loadMsixFacts() (*msixFacts, error) {
	facts := &msixFacts{}
	raw, err := factFiles.ReadFile("facts/msix.json")
	if err == nil {
		err = json.Unmarshal(raw, facts)
	}
	if err != nil {
		return nil, fmt.Errorf("read facts msix.json: %w", err)
	}
	return facts, nil
}

// The price tiers that are no number.
const (
	tierBase         = "Base"
	tierNotAvailable = "NotAvailable"
	tierFree         = "Free"
)

// knownTier reports whether a price tier is documented. Both ranges are fine
// whatever isAdvancedPricingModel says: tiers of either were kept when they
// were measured (observed 2026-09).
func knownTier(tier string) bool {
	switch tier {
	case tierBase, tierNotAvailable, tierFree:
		return true
	}
	digits, ok := strings.CutPrefix(tier, "Tier")
	number, err := strconv.Atoi(digits)
	if !ok || err != nil || digits != strconv.Itoa(number) {
		return false
	}
	return number >= 2 && number <= 96 || number >= 1012 && number <= 1424
}
