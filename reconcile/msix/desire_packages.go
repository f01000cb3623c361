package msix

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
)

// packagesOf pairs a submission's packages with the manifest's.
func packagesOf(doc *document, wanted *desirer) (*packageSet, error) {
	rows, err := packageEntries(doc, kindOf(wanted.manifest))
	if err != nil {
		return nil, err
	}
	return pairPackages(rows, wanted.spec.Packages, wanted.contents), nil
}

// packageEntries are the packages that a submission lists.
func packageEntries(doc *document, kind productKind) ([]storedPackage, error) {
	var rows []storedPackage
	if raw, ok := doc.get(packagesPointer(kind)); ok {
		if err := json.Unmarshal(raw, &rows); err != nil {
			return nil, fmt.Errorf("%s of the Store's answer: %w", kind.packageList(), typeProblem(err))
		}
	}
	return rows, nil
}

// packages sets the written packages; a written set is whole, so live packages
// beside them are removed.
func (d *desirer) packages() {
	set, err := packagesOf(d.live, d)
	if err != nil {
		d.fail(fieldPackages, err.Error(), "Nothing was changed.")
		return
	}
	fresh := false
	if d.spec.Packages == nil {
		fresh = hasNewPackages(d.live)
	} else {
		for i, w := range set.wanted {
			d.onePackage(i, w)
			fresh = fresh || w.entry == nil || w.entry.FileStatus == statusPendingUpload
		}
		d.refuseSharedSlots(set)
		for _, e := range set.entries {
			if e.wanted < 0 && e.FileStatus != filePendingDelete {
				d.desired.Remove = append(d.desired.Remove, plan.Join(fieldPackages, e.key))
			}
		}
	}
	d.rollout(fresh)
	slices.Sort(d.desired.Remove)
}

// packagePath is where the manifest writes a package.
func packagePath(index int) plan.Path {
	return plan.Path(fmt.Sprintf("%s[%d]", fieldPackages, index))
}

// onePackage sets one package: as the Store has it when it is there, else as the
// file says.
func (d *desirer) onePackage(index int, w *wantedPackage) {
	local := w.spec.Content
	switch {
	case len(w.rivals) > 0:
		d.fail(packagePath(index), fmt.Sprintf("cannot tell which package of the Store %s is: %s", w.spec.File, strings.Join(w.rivals, ", ")),
			"Packages are told by version and architecture. Write architecture beside version, or give this build a version of its own.")
	case local == nil && w.entry == nil && w.spec.Version == "":
		d.fail(packagePath(index), w.spec.File+" is not there, and nothing says which package of the Store it is",
			"Build it, or write its version and architecture when it is live.")
	case local == nil && w.entry == nil:
		d.fail(packagePath(index), fmt.Sprintf("%s is not there, and the Store has no package of version %s%s", w.spec.File, w.spec.Version, ofArchitecture(w.spec.Architecture)),
			"Build it: only a package that is live may be absent.")
	case local == nil && w.entry.FileStatus == statusPendingUpload:
		d.fail(packagePath(index), w.spec.File+" is not there, and the draft waits for it to be sent", "Build it again.")
	case w.entry != nil && w.rebuilt():
		d.fail(packagePath(index), fmt.Sprintf("%s was rebuilt under the same version: the Store has %s of %s with other content", w.spec.File, w.entry.FileName, w.entry.facts.version),
			"The Store keeps the file it has for a version. Raise the version, or take back the file that was sent.")
	default:
		maps.Copy(d.desired.Set, w.facts.values(w.key))
		d.otherOfPackage(w)
	}
}

// otherOfPackage follows the entry that the package is: a new one has nothing
// of what somebody set for the package that it replaces.
func (d *desirer) otherOfPackage(w *wantedPackage) {
	path, other := plan.Join(fieldPackages, w.key, fieldOther), exactly(unset())
	if w.entry != nil {
		other = otherOfPackage(d.live, kindOf(d.manifest), w.entry.index)
	}
	if !sameValue(d.observed[path], other) {
		d.desired.Set[path] = other
	}
}

// rebuilt reports whether the content of the entry is known and another one.
func (w *wantedPackage) rebuilt() bool {
	return w.spec.Content != nil && w.entry.content != "" && !w.holds(w.entry.content)
}

func ofArchitecture(architecture string) string {
	if architecture == "" {
		return ""
	}
	return " for " + architecture
}

// refuseSharedSlots: of two packages for one architecture, family and lowest
// Windows, customers would get the higher version only.
func (d *desirer) refuseSharedSlots(set *packageSet) {
	slots := map[string]int{}
	for i, w := range set.wanted {
		for _, architecture := range w.facts.architectures {
			for _, family := range w.facts.families {
				slot := architecture + " on " + family.String()
				if other, taken := slots[slot]; taken && other != i {
					d.fail(packagePath(i), fmt.Sprintf("%s and %s are for one slot: %s", set.wanted[other].spec.File, w.spec.File, slot),
						"Customers get one package of a slot, the highest version. Name one of the two.")
					return
				}
				slots[slot] = i
			}
		}
	}
}
