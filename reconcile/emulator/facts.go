package emulator

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed facts/*.json
var factFiles embed.FS

// facts are the closed value sets of the API page, kept apart from those of
// the manifest so that an error in one shows as a difference.
type facts struct {
	markets    map[string]bool
	marketList []string
	languages  map[string]string // lower case to the table's spelling
	categories map[string][]string
	enums      enums
	msix       *msixFacts
}

type enums struct {
	ModuleName                        []string
	Discoverability                   []string
	Pricing                           []string
	FreeTrial                         []string
	SystemFeatureHardwareItemType     []string
	SystemRequirementHardwareItemType []string
	SystemRequirementMemory           []string
	SystemRequirementDirectX          []string
	SystemRequirementVideoMemory      []string
	Architecture                      []string
	PackageType                       []string
	ErrorScenario                     []string
	PublishingStatus                  []string
}

func loadFacts() (*facts, error) {
	var markets []struct{ Code string }
	var languages []struct{ Codes []string }
	f := &facts{markets: map[string]bool{}, languages: map[string]string{}}
	files := []struct {
		name string
		into any
	}{
		{"markets.json", &markets},
		{"languages.json", &languages},
		{"categories.json", &f.categories},
		{"enums.json", &f.enums},
	}
	for _, file := range files {
		raw, err := factFiles.ReadFile("facts/" + file.name)
		if err == nil {
			err = json.Unmarshal(raw, file.into)
		}
		if err != nil {
			return nil, fmt.Errorf("read facts %s: %w", file.name, err)
		}
	}
	var err error
	if f.msix, err = loadMsixFacts(); err != nil {
		return nil, err
	}
	for _, market := range markets {
		f.markets[market.Code] = true
		f.marketList = append(f.marketList, market.Code)
	}
	for _, language := range languages {
		for _, code := range language.Codes {
			f.languages[strings.ToLower(code)] = code
		}
	}
	return f, nil
}

// language gives the table's spelling of a language tag.
func (f *facts) language(tag string) (string, bool) {
	spelled, ok := f.languages[strings.ToLower(tag)]
	return spelled, ok
}

// requirementValues are the allowed values of a system requirement; free is
// true when any text is allowed.
func (f *facts) requirementValues(hardware string) (values []string, free bool) {
	switch hardware {
	case "Memory":
		return f.enums.SystemRequirementMemory, false
	case "DirectX":
		return f.enums.SystemRequirementDirectX, false
	case "Video_Memory":
		return f.enums.SystemRequirementVideoMemory, false
	default: // Processor and Graphics
		return nil, true
	}
}

// oneOf names the allowed values for a message.
func oneOf(values []string) string {
	quoted := slices.Clone(values)
	if len(quoted) == 1 {
		return quoted[0]
	}
	return "one of " + strings.Join(quoted, ", ")
}
