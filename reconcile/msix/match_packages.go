package msix

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/storesync/storesync/schema"
)

// packageEntry is one entry of a submission and what is known of it.
type packageEntry struct {
	storedPackage
	// index is its place in the submission's list.
	index int
	facts packageFacts
	// content is its sha256 in hex or the begin of it, "" when it is not known.
	content string
	// wanted is the place of the manifest's package that this one is, or
	// that takes its place; -1 for none.
	wanted int
	// same is true when it is that package, false when it is replaced by it.
	same bool
	key  string
}

// wantedPackage is one package of a manifest.
type wantedPackage struct {
	spec  schema.MsixPackage
	facts packageFacts
	// known is false for an absent file that no entry is.
	known bool
	// entry is the entry that is this package, nil for a new one.
	entry *packageEntry
	key   string
	// rivals are the names of entries of which any could be this package.
	rivals []string
}

// packageSet is a submission's packages beside those of a manifest.
type packageSet struct {
	entries []*packageEntry
	wanted  []*wantedPackage
}

// pairPackages says which entry of a submission is which package of a manifest.
//
// All packages of an app share the app's identity name (Audit compares it), so
// a package is told by its version and its architectures: the same rules by
// which the Store itself tells packages of one app apart. In this order:
//
//  1. An entry that waits for its upload has a name only. It is the file whose
//     name it has, which holds the begin of the file's digest.
//  2. An entry of the same version and the same architectures is the package.
//  3. A bundle's entry may show other architectures than its packages have:
//     it is the bundle when the version is the same, one holds packages of the
//     other's architectures or is neutral, and neither is a single package.
//  4. Entries marked PendingDelete are tried last: taking the mark off brings
//     the package back without sending it again.
//
// Where a step has more than one answer, the content decides where it is known;
// else the package is ambiguous, which is an error. Device families and the
// lowest version of Windows decide nothing here: the Store takes no two
// packages of one version and architecture. They say which entry a new package
// replaces, which gives both one key, so that a new version shows as a change
// of the version.
func pairPackages(rows []storedPackage, specs []schema.MsixPackage, contents map[string]string) *packageSet {
	set := &packageSet{}
	for i, row := range rows {
		entry := &packageEntry{storedPackage: row, index: i, facts: storedFacts(row), wanted: -1}
		entry.content = cmp.Or(contents[string(row.ID)], contents[entryName(row.FileName)], packageDigest(row.FileName))
		set.entries = append(set.entries, entry)
	}
	for _, spec := range specs {
		w := &wantedPackage{spec: spec}
		if spec.Content != nil {
			w.facts, w.known = localFacts(spec.Content), true
		}
		set.wanted = append(set.wanted, w)
	}
	set.match(func(w *wantedPackage, e *packageEntry) bool {
		return e.FileStatus == statusPendingUpload && w.known && strings.EqualFold(lastSegment(e.FileName), w.facts.fileName)
	})
	for _, status := range []func(string) bool{
		func(s string) bool { return s != statusPendingUpload && s != filePendingDelete },
		func(s string) bool { return s == filePendingDelete },
	} {
		set.match(func(w *wantedPackage, e *packageEntry) bool { return status(e.FileStatus) && w.is(e) })
		set.match(func(w *wantedPackage, e *packageEntry) bool { return status(e.FileStatus) && w.isBundleOf(e) })
	}
	set.succeed()
	set.name()
	return set
}

// match pairs the packages that are not yet paired where the answer is one.
func (s *packageSet) match(is func(*wantedPackage, *packageEntry) bool) {
	for i, w := range s.wanted {
		if w.entry != nil || len(w.rivals) > 0 {
			continue
		}
		var found []*packageEntry
		for _, e := range s.entries {
			if e.wanted < 0 && is(w, e) {
				found = append(found, e)
			}
		}
		if exact := slices.DeleteFunc(slices.Clone(found), func(e *packageEntry) bool { return !w.holds(e.content) }); len(exact) > 0 {
			found = exact[:1]
		}
		switch len(found) {
		case 0:
		case 1:
			found[0].wanted, found[0].same, w.entry = i, true, found[0]
			if found[0].FileStatus == statusPendingUpload {
				found[0].facts = w.facts
				found[0].facts.fileName = found[0].FileName
			}
			// What the Store found is the same on every machine, whether the
			// file is there or not.
			w.facts, w.known = found[0].facts, true
		default:
			for _, e := range found {
				w.rivals = append(w.rivals, e.FileName)
			}
			slices.Sort(w.rivals)
		}
	}
}

// holds reports whether the local file is known to have this content.
func (w *wantedPackage) holds(content string) bool {
	return w.spec.Content != nil && content != "" && strings.HasPrefix(w.spec.Content.SHA256, content)
}

// identity is the version and architectures that the package is looked for by:
// those of the file, else those that the manifest pins.
func (w *wantedPackage) identity() (version string, architectures []string) {
	if w.spec.Content != nil {
		facts := localFacts(w.spec.Content)
		return facts.version, facts.architectures
	}
	pinned, err := w.spec.PinnedArchitectures()
	if err != nil {
		return "", nil // refused by schema.Validate
	}
	return w.spec.Version, pinned
}

// is reports whether an entry is the package by version and architectures. A
// pin without architecture is any package of its version.
func (w *wantedPackage) is(e *packageEntry) bool {
	version, architectures := w.identity()
	if version == "" || e.facts.version != version {
		return false
	}
	if len(architectures) == 0 {
		return w.spec.Content == nil
	}
	if w.spec.Content == nil && len(e.facts.architectures) == 0 {
		// Entries of old formats may show none; the name decides.
		return strings.EqualFold(lastSegment(w.spec.File), lastSegment(e.FileName))
	}
	return slices.Equal(architectures, e.facts.architectures) && !w.contradicts(e)
}

// contradicts: a bundle is no single package, though version and architecture
// are the same. What an upload file holds is not known of an entry.
func (w *wantedPackage) contradicts(e *packageEntry) bool {
	wanted, stored := shapeOf(w.shapeName()), shapeOf(e.FileName)
	return wanted != shapeUnknown && stored != shapeUnknown && wanted != stored
}

// shapeName is the name that tells what the local file is: of an upload the
// package inside it.
func (w *wantedPackage) shapeName() string {
	if w.spec.Content != nil && w.spec.Content.Contains != "" {
		return w.spec.Content.Contains
	}
	return w.spec.File
}

// isBundleOf reports whether an entry may be the bundle, shown with other
// architectures.
func (w *wantedPackage) isBundleOf(e *packageEntry) bool {
	version, architectures := w.identity()
	if version == "" || e.facts.version != version || shapeOf(w.shapeName()) == shapeSingle || shapeOf(e.FileName) == shapeSingle {
		return false
	}
	return len(e.facts.architectures) == 0 || slices.Contains(e.facts.architectures, "neutral") || slices.Contains(architectures, "neutral") ||
		overlap(architectures, e.facts.architectures)
}

// shape is whether a package's file is a bundle.
type shape int

const (
	shapeUnknown shape = iota
	shapeSingle
	shapeBundle
)

func shapeOf(fileName string) shape {
	name := strings.ToLower(fileName)
	switch {
	case strings.HasSuffix(name, ".msixbundle"), strings.HasSuffix(name, ".appxbundle"):
		return shapeBundle
	case strings.HasSuffix(name, ".msix"), strings.HasSuffix(name, ".appx"):
		return shapeSingle
	}
	return shapeUnknown
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// succeed pairs each new package with the entry whose place it takes: of the
// same architectures and family, else of one of them, the highest version
// first.
func (s *packageSet) succeed() {
	open := slices.DeleteFunc(slices.Clone(s.entries), func(e *packageEntry) bool { return e.FileStatus == filePendingDelete })
	slices.SortStableFunc(open, func(a, b *packageEntry) int { return compareVersions(b.facts.version, a.facts.version) })
	for _, exactly := range []bool{true, false} {
		for i, w := range s.wanted {
			if w.entry != nil || !w.known || len(w.rivals) > 0 || slices.ContainsFunc(s.entries, func(e *packageEntry) bool { return e.wanted == i }) {
				continue
			}
			for _, e := range open {
				sameArchitectures := slices.Equal(w.facts.architectures, e.facts.architectures)
				if e.wanted < 0 && sharesFamily(w.facts, e.facts) && (sameArchitectures || !exactly && overlap(w.facts.architectures, e.facts.architectures)) {
					e.wanted = i
					break
				}
			}
		}
	}
}

func sharesFamily(a, b packageFacts) bool {
	return slices.ContainsFunc(a.families, func(f deviceFamily) bool {
		return slices.ContainsFunc(b.families, func(g deviceFamily) bool { return strings.EqualFold(f.name, g.name) })
	})
}

// name gives every package its key: architectures and families, such as
// x64-desktop, with the lowest Windows where the manifest has several of one
// name. Entries that the manifest does not have come last, newest first, with
// their version where the name is taken.
func (s *packageSet) name() {
	count := map[string]int{}
	for _, w := range s.wanted {
		count[w.facts.slotName()]++
	}
	taken := map[string]bool{}
	for _, w := range s.wanted {
		name := w.facts.slotName()
		if count[name] > 1 {
			name += w.facts.minimumName()
		}
		w.key = take(taken, name)
	}
	rest := []*packageEntry{}
	for _, e := range s.entries {
		if e.wanted >= 0 {
			e.key = s.wanted[e.wanted].key
		} else {
			rest = append(rest, e)
		}
	}
	slices.SortStableFunc(rest, func(a, b *packageEntry) int {
		return cmp.Or(compareVersions(b.facts.version, a.facts.version), cmp.Compare(a.FileName, b.FileName), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range rest {
		name := e.facts.slotName()
		if taken[name] {
			name += "-" + keyWord(e.facts.version)
		}
		e.key = take(taken, name)
	}
}

func take(taken map[string]bool, name string) string {
	key := name
	for n := 2; taken[key]; n++ {
		key = fmt.Sprintf("%s-%d", name, n)
	}
	taken[key] = true
	return key
}
