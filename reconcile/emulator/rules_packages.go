package emulator

import (
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"
)

type installerInput struct {
	PackageID           *string               `json:"packageId"`
	PackageURL          *string               `json:"packageUrl"`
	Languages           *[]string             `json:"languages"`
	Architectures       *[]string             `json:"architectures"`
	IsSilentInstall     *bool                 `json:"isSilentInstall"`
	InstallerParameters *string               `json:"installerParameters"`
	GenericDocURL       *string               `json:"genericDocUrl"`
	ErrorDetails        *[]errorScenarioInput `json:"errorDetails"`
	PackageType         *string               `json:"packageType"`
}

type errorScenarioInput struct {
	ErrorScenario        string        `json:"errorScenario"`
	ErrorScenarioDetails []errorDetail `json:"errorScenarioDetails"`
}

// apply makes the package that a write leaves and reports what is wrong with
// it: https://learn.microsoft.com/windows/apps/publish/store-submission-api#package-object.
func (w packageWrite) apply(raw json.RawMessage, old installer) installer {
	var in installerInput
	if err := json.Unmarshal(raw, &in); err != nil {
		w.add("%s", decodeMessage(err))
		return old
	}
	next := installer{
		PackageURL:          pick(w.mode, in.PackageURL, old.PackageURL),
		Languages:           pick(w.mode, in.Languages, old.Languages),
		Architectures:       pick(w.mode, in.Architectures, old.Architectures),
		IsSilentInstall:     pick(w.mode, in.IsSilentInstall, old.IsSilentInstall),
		InstallerParameters: pick(w.mode, in.InstallerParameters, old.InstallerParameters),
		GenericDocURL:       pick(w.mode, in.GenericDocURL, old.GenericDocURL),
		PackageType:         pick(w.mode, in.PackageType, old.PackageType),
		PackageID:           pick(w.mode, in.PackageID, old.PackageID),
		ErrorDetails:        old.ErrorDetails,
		Foreign:             old.Foreign.update(members(raw), false),
	}
	if in.ErrorDetails != nil || w.mode == modePut {
		next.ErrorDetails = w.errorDetails(in.ErrorDetails)
	}
	if w.mode == modePut && in.IsSilentInstall == nil {
		w.add("isSilentInstall is required.")
	}
	next.Languages = w.languages(next.Languages, old.Languages)
	w.check(next)
	return next
}

func (w packageWrite) check(p installer) {
	w.packageURL(p)
	if len(p.Languages) == 0 {
		w.add("languages must name at least one language.")
	}
	if len(p.Architectures) != 1 {
		w.add("architectures must name exactly one architecture, not %d.", len(p.Architectures))
	}
	for _, architecture := range p.Architectures {
		if !slices.Contains(w.facts.enums.Architecture, architecture) {
			w.add("architectures: %q is not allowed; use %s.", architecture, oneOf(w.facts.enums.Architecture))
		}
	}
	if !p.IsSilentInstall && strings.TrimSpace(p.InstallerParameters) == "" {
		w.add("installerParameters is required when isSilentInstall is false.")
	}
	if !slices.Contains(w.facts.enums.PackageType, p.PackageType) {
		w.add("packageType: %q is not allowed; use %s.", p.PackageType, oneOf(w.facts.enums.PackageType))
	}
	if p.GenericDocURL != "" && !isLink(p.GenericDocURL) {
		w.add("genericDocUrl must be a valid URL.")
	}
}

func (w packageWrite) packageURL(p installer) {
	u, err := url.Parse(p.PackageURL)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		w.add("packageUrl must be a direct, versioned https:// URL of the installer.")
		return
	}
	for _, kind := range w.facts.enums.PackageType {
		if strings.EqualFold(path.Ext(u.Path), "."+kind) && p.PackageType != kind {
			w.add("packageUrl names an .%s file, but packageType is %q.", kind, p.PackageType)
		}
	}
}

// languages checks the languages of an installer and gives the table's
// spelling; what is live stays allowed.
func (w packageWrite) languages(tags, live []string) []string {
	var out []string
	for _, tag := range tags {
		spelled, ok := w.facts.language(tag)
		switch {
		case w.unchecked || slices.Contains(live, tag):
			spelled = tag
		case !ok:
			w.add("languages: %q is not a supported language.", tag)
			continue
		}
		if !slices.Contains(out, spelled) {
			out = append(out, spelled)
		}
	}
	return out
}

func (w packageWrite) errorDetails(rows *[]errorScenarioInput) map[string][]errorDetail {
	if rows == nil {
		return nil
	}
	var out map[string][]errorDetail
	for _, row := range *rows {
		if !slices.Contains(w.facts.enums.ErrorScenario, row.ErrorScenario) {
			w.add("errorDetails: errorScenario %q is not allowed; use %s.", row.ErrorScenario, oneOf(w.facts.enums.ErrorScenario))
			continue
		}
		for _, detail := range row.ErrorScenarioDetails {
			if detail.ErrorValue == "" {
				w.add("errorDetails.%s: errorValue is required.", row.ErrorScenario)
			}
			if detail.ErrorURL != "" && !isLink(detail.ErrorURL) {
				w.add("errorDetails.%s: errorUrl must be a valid URL.", row.ErrorScenario)
			}
			if out == nil {
				out = map[string][]errorDetail{}
			}
			out[row.ErrorScenario] = append(out[row.ErrorScenario], detail)
		}
	}
	return out
}
