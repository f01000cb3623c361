package msix

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// storedPackage is one entry of a submission's packages, as far as storesync
// reads it. Version, architecture, languages and device families are the service's
// findings: an entry whose file waits for its upload has none of them.
//
// architecture is one word in every sample; of a bundle it has been seen as
// that of its one package (observed 2026-02), and what several give is not
// documented: neutral, one of them, or a list.
type storedPackage struct {
	ID           flexString `json:"id"`
	FileName     string     `json:"fileName"`
	FileStatus   string     `json:"fileStatus"`
	Version      string     `json:"version"`
	Architecture string     `json:"architecture"`
	Languages    []string   `json:"languages"`
	Families     []string   `json:"targetDeviceFamilies"`
}

// packageFacts are what tells packages apart and what a plan shows of them.
type packageFacts struct {
	fileName      string
	version       string
	architectures []string
	languages     []string
	families      []deviceFamily
}

// deviceFamily is a family and the lowest version of Windows it is for, as
// text; the version is "" when it is not known.
type deviceFamily struct{ name, minimum string }

const minimumWords = " min version "

func (f deviceFamily) String() string {
	if f.minimum == "" {
		return f.name
	}
	return f.name + minimumWords + f.minimum
}

func parseFamily(s string) deviceFamily {
	name, minimum, _ := strings.Cut(s, minimumWords)
	return deviceFamily{name: strings.TrimSpace(name), minimum: strings.TrimSpace(minimum)}
}

// coveredBy reports whether the devices that f is for are served by the other,
// too. Where a lowest Windows is not known, it decides nothing.
func (f deviceFamily) coveredBy(other deviceFamily) bool {
	if !strings.EqualFold(f.name, other.name) && !strings.EqualFold(other.name, "Windows.Universal") {
		return false
	}
	old, err := schema.ParseVersion(f.minimum)
	if err != nil {
		return true // no minimum is known
	}
	now, err := schema.ParseVersion(other.minimum)
	return err != nil || now.Compare(old) <= 0
}

func storedFacts(s storedPackage) packageFacts {
	facts := packageFacts{fileName: s.FileName, version: s.Version, architectures: splitArchitectures(s.Architecture), languages: s.Languages}
	for _, family := range s.Families {
		facts.families = append(facts.families, parseFamily(family))
	}
	return facts
}

// splitArchitectures takes a list apart whatever joins it, in lower case.
func splitArchitectures(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == '_' || r == ',' || r == ';' || r == '|' || r == ' ' })
	slices.Sort(words)
	return slices.Compact(words)
}

func localFacts(p *schema.PackageFile) packageFacts {
	facts := packageFacts{fileName: packageName(p), version: p.Version.String(), languages: p.Languages}
	for _, architecture := range p.Architectures {
		facts.architectures = append(facts.architectures, strings.ToLower(architecture))
	}
	slices.Sort(facts.architectures)
	for _, family := range p.DeviceFamilies {
		facts.families = append(facts.families, deviceFamily{name: family.Name, minimum: family.MinVersion.String()})
	}
	return facts
}

// values are the facts below a package's key.
func (f packageFacts) values(key string) plan.State {
	prefix := plan.Join(fieldPackages, key)
	families := make([]string, len(f.families))
	for i, family := range f.families {
		families[i] = family.String()
	}
	languages := make([]string, len(f.languages))
	for i, language := range f.languages {
		languages[i] = strings.ToLower(language)
	}
	return plan.State{
		at(prefix, fieldFileName):     exactly(plan.StringValue(f.fileName)),
		at(prefix, fieldVersion):      exactly(plan.StringValue(f.version)),
		at(prefix, fieldArchitecture): exactly(plan.StringValue(strings.Join(f.architectures, "_"))),
		at(prefix, fieldLanguages):    exactly(plan.SetValue(languages)),
		at(prefix, fieldFamilies):     exactly(plan.SetValue(families)),
	}
}

// packages adds the packages that will be there: not those marked to go.
func (c *converter) packages() {
	rows, ok := valueAt[[]storedPackage](c, packagesPointer(c.kind))
	if !ok {
		return
	}
	set := pairPackages(rows, c.spec.Packages, c.contents)
	for _, entry := range set.entries {
		if entry.FileStatus == filePendingDelete {
			continue
		}
		for path, value := range entry.facts.values(entry.key) {
			c.state[path] = value
		}
		if other := otherOfPackage(c.doc, c.kind, entry.index); !other.Empty() {
			c.state[plan.Join(fieldPackages, entry.key, fieldOther)] = other
		}
	}
}

// packagePointer is an entry's place in the submission.
func packagePointer(kind productKind, index int, rest ...string) string {
	return packagesPointer(kind) + pointerTo(append([]string{strconv.Itoa(index)}, rest...)...)
}

// packagesPointer is where a submission lists its packages.
func packagesPointer(kind productKind) string { return pointerTo(kind.packageList()) }

// compareVersions orders versions; what is no version is the lowest.
func compareVersions(a, b string) int {
	left, leftErr := schema.ParseVersion(a)
	right, rightErr := schema.ParseVersion(b)
	if leftErr != nil || rightErr != nil {
		return cmp.Or(cmp.Compare(btoi(leftErr == nil), btoi(rightErr == nil)), cmp.Compare(a, b))
	}
	return left.Compare(right)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// slotName is x64-desktop for a package of that architecture and family, the
// file's name for one of which nothing else is known.
func (f packageFacts) slotName() string {
	words := slices.Clone(f.architectures)
	for _, family := range f.families {
		word := strings.TrimPrefix(strings.ToLower(family.name), "windows.")
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		words = []string{"file"}
		if f.fileName != "" {
			words = append(words, lastSegment(f.fileName))
		}
	}
	return keyWord(strings.Join(words, "-"))
}

func (f packageFacts) minimumName() string {
	var minimums []string
	for _, family := range f.families {
		minimums = append(minimums, family.minimum)
	}
	if len(minimums) == 0 {
		return ""
	}
	slices.SortFunc(minimums, compareVersions)
	return "-" + keyWord(minimums[0])
}

// keyWord keeps what a key may hold.
func keyWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(s))
}
