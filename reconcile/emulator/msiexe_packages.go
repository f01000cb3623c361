package emulator

import (
	"encoding/json"
	"fmt"
	"slices"
)

// installer is one package of the draft.
type installer struct {
	PackageURL          string                   `json:"packageUrl"`
	Languages           []string                 `json:"languages"`
	Architectures       []string                 `json:"architectures"`
	InstallerParameters string                   `json:"installerParameters,omitempty"`
	IsSilentInstall     bool                     `json:"isSilentInstall"`
	GenericDocURL       string                   `json:"genericDocUrl,omitempty"`
	ErrorDetails        map[string][]errorDetail `json:"errorDetails,omitempty"` // by scenario
	PackageType         string                   `json:"packageType"`
	PackageID           string                   `json:"packageId,omitempty"`
	Foreign             foreign                  `json:"foreign,omitempty"`
}

type errorDetail struct {
	ErrorValue string `json:"errorValue"`
	ErrorURL   string `json:"errorUrl,omitempty"`
}

// answer pads errorDetails with all nine scenarios, as observed.
func (p installer) answer(f *facts) object {
	details := make([]object, 0, len(f.enums.ErrorScenario))
	for _, scenario := range f.enums.ErrorScenario {
		details = append(details, object{
			{"errorScenarioDetails", listOf(p.ErrorDetails[scenario])}, {"errorScenario", scenario},
		})
	}
	out := object{{"packageUrl", p.PackageURL}, {"languages", listOf(p.Languages)}, {"architectures", listOf(p.Architectures)}}.
		text("installerParameters", p.InstallerParameters)
	out = append(out, member{"isSilentInstall", p.IsSilentInstall}).text("genericDocUrl", p.GenericDocURL)
	out = append(out, member{"errorDetails", details}, member{"packageType", p.PackageType}, member{"packageId", p.PackageID})
	return out.foreign(p.Foreign)
}

// fingerprint of a package set, ids aside: committing the set that was
// accepted last needs no download.
func fingerprint(packages []installer) string {
	set := make([]string, 0, len(packages))
	for _, p := range packages {
		p.PackageID = ""
		raw, err := json.Marshal(p)
		if err != nil {
			return newGUID() // equal to nothing
		}
		set = append(set, string(raw))
	}
	slices.Sort(set)
	raw, err := json.Marshal(set)
	if err != nil {
		return newGUID()
	}
	return string(raw)
}

func (c *call) getPackages(p *product, id string) reply {
	if refused, ok := c.mayRead(p); !ok {
		return refused
	}
	out := []object{}
	for _, entry := range p.Packages {
		if id == "" || entry.PackageID == id {
			out = append(out, entry.answer(c.facts))
		}
	}
	if id != "" && len(out) == 0 {
		return c.unknownPackage(id)
	}
	return c.success(object{{"packages", out}}, nil)
}

func (c *call) unknownPackage(id string) reply {
	return c.refusal(targetPackages, "The product has no package with packageId %q; ids change when the set is replaced.", id)
}

func (c *call) putPackages(p *product) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	var in struct {
		Packages []json.RawMessage `json:"packages"`
	}
	if refused, ok := c.decode(&in, targetPackages); !ok {
		return refused
	}
	if len(in.Packages) == 0 {
		return c.refusal(targetPackages, "packages must hold at least one package.")
	}
	var errs problems
	var next []installer
	taken := map[string]bool{}
	for i, raw := range in.Packages {
		w := packageWrite{mode: modePut, facts: c.facts, at: fmt.Sprintf("packages[%d]", i), problems: &errs}
		known, old := p.named(raw)
		if c.state.Behavior.PutResetsForeign {
			old.Foreign = nil
		}
		entry := w.apply(raw, old)
		id := entry.PackageID
		switch {
		case id != "" && taken[id]:
			errs.add(targetPackages, "%s.packageId %q is there twice.", w.at, id)
		case known && c.state.Behavior.keepsPackageIDs():
			taken[id] = true
		default:
			entry.PackageID = c.state.newPackageID()
		}
		next = append(next, entry)
	}
	if errs.fatal() {
		return c.refuse(errs)
	}
	p.Packages, p.PackagesDirty = next, true
	c.state.touch()
	return c.success(nil, errs)
}

// named is the live package whose packageId a sent one has.
func (p *product) named(raw json.RawMessage) (known bool, old installer) {
	text, _ := sent(members(raw), "packageId")
	var id string
	if json.Unmarshal(text, &id) != nil || id == "" {
		return false, installer{}
	}
	for _, entry := range p.Packages {
		if entry.PackageID == id {
			return true, entry
		}
	}
	return false, installer{}
}

func (c *call) patchPackage(p *product, id string) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	index := slices.IndexFunc(p.Packages, func(old installer) bool { return old.PackageID == id })
	if index < 0 {
		return c.unknownPackage(id)
	}
	all := members(c.body)
	if all == nil {
		return c.refusal(targetPackages, "The request body must be one package object.")
	}
	if _, wrapped := sent(all, "packages"); wrapped {
		return c.refusal(targetPackages, "The request body must be one package object without a packages list around it.")
	}
	var errs problems
	w := packageWrite{mode: modePatch, facts: c.facts, at: "package " + id, problems: &errs}
	next := w.apply(c.body, p.Packages[index])
	if errs.fatal() {
		return c.refuse(errs)
	}
	next.PackageID = id
	p.Packages[index], p.PackagesDirty = next, true
	c.state.touch()
	return c.success(nil, errs)
}

// commitPackages starts the download and scan of the installers.
func (c *call) commitPackages(p *product) reply {
	if refused, ok := c.mayWriteDraft(p); !ok {
		return refused
	}
	if len(p.Packages) == 0 {
		return c.refusal(targetPackages, "The product has no packages to commit.")
	}
	set := fingerprint(p.Packages)
	p.PackagesDirty, p.PackageErrors = false, nil
	if set != p.Accepted {
		work := &processing{Due: later(c.now, c.state.pace().Packages), Set: set}
		for _, entry := range p.Packages {
			if c.state.Behavior.refusesPackageURL(entry.PackageURL) {
				work.Bad = append(work.Bad, entry.PackageURL)
			}
		}
		p.Processing = work
		if !c.now.Before(work.Due) {
			c.state.finishPackages(p)
		}
	}
	c.state.touch()
	return c.success(object{{"pollingUrl", c.pollingURL(p, "status")}}, nil)
}

// finishPackages ends the processing of a product's packages.
func (s *state) finishPackages(p *product) {
	var errs problems
	for _, packageURL := range p.Processing.Bad {
		errs = append(errs, apiError{codePackageUpload,
			"The package could not be downloaded from " + packageURL + ". Provide a direct, versioned https:// URL that answers 200.", targetPackages})
	}
	p.PackageErrors = errs
	if len(errs) == 0 {
		p.Accepted = p.Processing.Set
	}
	p.Processing = nil
	s.touch()
}

// packageWrite applies one sent package to the old one.
type packageWrite struct {
	mode     writeMode
	facts    *facts
	at       string // what messages call the package
	problems *problems
	// unchecked keeps languages that the rules forbid, as metadataWrite's does.
	unchecked bool
}

func (w packageWrite) add(format string, args ...any) {
	w.problems.add(targetPackages, "%s", w.at+"."+fmt.Sprintf(format, args...))
}
