package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Slot is what a package serves: devices of one architecture and one family
// from one version of Windows on.
//
// Of the packages that a device can run the Store gives it the one with the
// highest version, and of two with the same version the one of the better
// architecture: x64, x86, arm, neutral
// (https://learn.microsoft.com/windows/apps/publish/publish-your-app/package-version-numbering).
// So of two packages for one slot the lower one reaches nobody: in a manifest
// the two are a mistake, and in a submission the older one has a successor and
// can go. Packages that share no slot live side by side:
//
//   - another architecture, of which neutral is one;
//   - another family: Windows.Universal does not stand for Windows.Desktop,
//     since either may be written beside the other;
//   - another lowest version: the older package goes on serving the older
//     Windows. A package that raises the version therefore leaves its
//     predecessor's slot without a successor.
//
// Version, languages, capabilities and the highest version tested do not make
// a slot, and neither does the format: a bundle has the slots of its
// application packages and competes with a single package for them.
//
// Slots can be compared with ==.
type Slot struct {
	// Architecture is in lower case: neutral, x86, x64, arm or arm64.
	Architecture string
	// Family is the device family: Windows.Desktop.
	Family string
	// MinVersion is the lowest version of the family's system.
	MinVersion Version
}

// String shows the slot: x64 Windows.Desktop min version 10.0.17763.0.
func (s Slot) String() string {
	return s.Architecture + " " + storeFamily(s.Family, s.MinVersion)
}

// Compare orders slots by architecture, family and version.
func (s Slot) Compare(t Slot) int {
	return cmp.Or(strings.Compare(s.Architecture, t.Architecture), strings.Compare(s.Family, t.Family), s.MinVersion.Compare(t.MinVersion))
}

// Slots are what the file's packages serve, sorted, each once. Two files with
// a slot in common compete.
func (p *PackageFile) Slots() []Slot {
	var slots []Slot
	if p.Packages == nil {
		for _, architecture := range p.Architectures {
			slots = append(slots, slotsOf(architecture, p.DeviceFamilies)...)
		}
	}
	for _, nested := range p.Packages {
		if nested.isApplication() {
			slots = append(slots, slotsOf(nested.Architecture, nested.DeviceFamilies)...)
		}
	}
	slices.SortFunc(slots, Slot.Compare)
	return slices.Compact(slots)
}

func slotsOf(architecture string, families []DeviceFamily) []Slot {
	var slots []Slot
	for _, family := range families {
		slots = append(slots, Slot{strings.ToLower(architecture), family.Name, family.MinVersion})
	}
	return slots
}

// SharedSlots are the slots that two files compete for, sorted; none when they
// do not compete.
func SharedSlots(p, q *PackageFile) []Slot {
	theirs := q.Slots()
	return slices.DeleteFunc(p.Slots(), func(s Slot) bool { return !slices.Contains(theirs, s) })
}

// MatchStoreFamilies writes the file's device families as the Store does, in
// the manifest's order, to be matched with targetDeviceFamilies of a
// submission's package: "Windows.Desktop min version 10.0.17763.0"
// (https://learn.microsoft.com/windows/uwp/monetize/manage-app-submissions#application-package-object).
func (p *PackageFile) MatchStoreFamilies() []string {
	var families []string
	for _, family := range p.DeviceFamilies {
		families = append(families, storeFamily(family.Name, family.MinVersion))
	}
	return union(families, strings.ToLower)
}

const minVersionWords = " min version "

func storeFamily(name string, minVersion Version) string {
	return name + minVersionWords + minVersion.String()
}

// ParseStoreFamily reads one of the Store's targetDeviceFamilies. What the
// Store does not say, the highest version tested, is zero.
func ParseStoreFamily(text string) (DeviceFamily, error) {
	name, written, ok := strings.Cut(text, minVersionWords)
	if !ok || !familyName.MatchString(name) {
		return DeviceFamily{}, fmt.Errorf("the Store's device family %s does not read like %s", quote(text), quote(storeFamily("Windows.Desktop", Version{10, 0, 17763, 0})))
	}
	v, err := ParseVersion(written)
	if err != nil {
		return DeviceFamily{}, fmt.Errorf("the Store's device family %s: %w", quote(text), err)
	}
	return DeviceFamily{Name: name, MinVersion: v}, nil
}

// StoreSlots are the slots of a package in a submission, by its architecture
// and targetDeviceFamilies, sorted. The Store's spelling of architectures
// varies in case (x64 observed 2026-02, ARM in the samples of the API page).
func StoreSlots(architecture string, families []string) ([]Slot, error) {
	var parsed []DeviceFamily
	for _, text := range families {
		family, err := ParseStoreFamily(text)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, family)
	}
	slots := slotsOf(architecture, parsed)
	slices.SortFunc(slots, Slot.Compare)
	return slices.Compact(slots), nil
}
