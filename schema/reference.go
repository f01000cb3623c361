package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Add-ons and flights refer to their app, and flights to one another. The
// references are resolved among all manifests that were loaded, before some of
// them are selected.

// appReference is what an add-on or flight writes of its app.
type appReference struct {
	// written is spec.app; id is where its Store ID goes.
	written string
	id      *string
}

// appOf is the manifest's reference to its app, nil for an app itself.
func appOf(m *Manifest) *appReference {
	switch {
	case m.AddOn != nil:
		return &appReference{m.AddOn.App, &m.AddOn.AppID}
	case m.PackageFlight != nil:
		return &appReference{m.PackageFlight.App, &m.PackageFlight.AppID}
	}
	return nil
}

// resolve fills in the Store IDs of apps and what manifests depend on, and
// refuses references that lead nowhere.
func (l *loader) resolve() {
	for _, m := range l.manifests {
		if ref := appOf(m); ref != nil && ref.written != "" {
			l.resolveApp(m, ref)
		}
	}
	l.checkUniqueWithinApps()
	l.resolveRanks()
	for _, m := range l.manifests {
		slices.Sort(m.dependsOn)
	}
}

// writtenStoreID tells a Store ID from a name of 12 letters: it is written in
// capitals, or begins with a digit.
var writtenStoreID = regexp.MustCompile(`^([0-9][0-9A-Za-z]{11}|[0-9A-Z]{12})$`)

func (l *loader) resolveApp(m *Manifest, ref *appReference) {
	named := func(kind Kind) *Manifest {
		return l.find(func(other *Manifest) bool { return other.Kind == kind && other.Metadata.Name == ref.written })
	}
	app := named(MsixAppKind)
	if app == nil && writtenStoreID.MatchString(ref.written) {
		*ref.id = strings.ToUpper(ref.written)
		app = l.find(func(other *Manifest) bool { return other.MsixApp != nil && other.MsixApp.AppID == *ref.id })
	}
	switch {
	case app != nil:
		*ref.id = app.MsixApp.AppID
		m.dependsOn = append(m.dependsOn, app.Address())
	case *ref.id != "":
	case named(MsiExeAppKind) != nil:
		l.failHere(m, "app", fmt.Sprintf("%s is an MSI or EXE app, which has no %s", quote(ref.written), m.Kind.plural()),
			"The API has them for MSIX apps only. Name a manifest of kind MsixApp, or write the app's Store ID.")
	case l.unread:
		// A manifest that could not be read may be the one; it is reported.
	default:
		l.unknownApp(m, ref.written)
	}
}

func (l *loader) unknownApp(m *Manifest, written string) {
	var names []string
	for _, other := range l.manifests {
		if other.Kind == MsixAppKind {
			names = append(names, other.Metadata.Name)
		}
	}
	slices.Sort(names)
	known := "No MsixApp manifest was loaded. "
	if len(names) > 0 {
		known = didYouMean(written, names) + "MsixApp manifests here: " + strings.Join(names, ", ") + ". "
	}
	l.failHere(m, "app", "no MsixApp manifest is named "+quote(written),
		known+"If it lies elsewhere, give the folder that holds both manifests, or write the app's Store ID in capitals, such as 9NBLGGH4R315.")
}

// plural is what the products of a kind are called.
func (k Kind) plural() string {
	switch k {
	case AddOnKind:
		return "add-ons"
	case PackageFlightKind:
		return "package flights"
	case MsiExeAppKind, MsixAppKind:
	}
	return "apps"
}

func (l *loader) find(is func(*Manifest) bool) *Manifest {
	if i := slices.IndexFunc(l.manifests, is); i >= 0 {
		return l.manifests[i]
	}
	return nil
}

// checkUniqueWithinApps refuses two add-ons of one app with one productId, and
// two flights with one friendlyName: by it each is found. Names that differ in
// case or blanks only count as one, since no page says that the Store tells them
// apart;
// two that are both pinned by id need no name.
func (l *loader) checkUniqueWithinApps() {
	type key struct{ kind, app, name string }
	first := map[key]*Manifest{}
	for _, m := range l.manifests {
		field, name, id := m.nameInApp()
		ref := appOf(m)
		if name == "" || *ref.id == "" {
			continue
		}
		k := key{string(m.Kind), *ref.id, nameKey(name)}
		other, twice := first[k]
		switch {
		case !twice:
			first[k] = m
		case id == "" || other.ProductID() == "":
			l.failHere(m, field, fmt.Sprintf("%s is already the %s of %s at %s", quote(name), field, other.Address(), other.Pos(field)),
				"It is unique within the app, without regard to case and blanks. Join the two manifests, or correct one.")
		}
	}
}

// nameInApp is the field by which an add-on or flight is found within its app,
// with its value, and the Store's id if the manifest has it.
func (m *Manifest) nameInApp() (field, name, id string) {
	switch {
	case m.AddOn != nil:
		return "productId", m.AddOn.ProductID, m.AddOn.ID
	case m.PackageFlight != nil:
		return "friendlyName", m.PackageFlight.FriendlyName, m.PackageFlight.ID
	}
	return "", "", ""
}

// resolveRanks finds the manifest of the flight that each flight ranks above.
func (l *loader) resolveRanks() {
	below := map[*Manifest]*Manifest{}
	for _, m := range l.manifests {
		f := m.PackageFlight
		if f == nil || f.RankHigherThan == nil || *f.RankHigherThan == NonFlighted || m.Absent() {
			continue
		}
		if other := l.flightBelow(m, f); other != nil {
			below[m] = other
		}
	}
	circling := map[*Manifest]bool{}
	for _, m := range l.manifests {
		if other := below[m]; other != nil && l.rankIsPossible(m, other) && !l.ranksCircle(m, below, circling) {
			m.dependsOn = append(m.dependsOn, other.Address())
		}
	}
}

// flightBelow finds the flight of the same app that a flight ranks above, by its
// name, or by the id that the samples of the API page have in the name's place.
// None is no mistake: the flight may be in the Store only.
func (l *loader) flightBelow(m *Manifest, f *PackageFlight) *Manifest {
	const path = "rankHigherThan"
	var found []*Manifest
	name := *f.RankHigherThan
	for _, other := range l.manifests {
		o := other.PackageFlight
		if o == nil || f.AppID == "" || o.AppID != f.AppID {
			continue
		}
		if o.FriendlyName == name || o.ID != "" && strings.EqualFold(o.ID, name) {
			found = append(found, other)
		} else if SameName(o.FriendlyName, name) {
			l.failHere(m, path, fmt.Sprintf("%s is spelled %s at %s", quote(name), quote(o.FriendlyName), other.Pos("friendlyName")), "Write it as it is spelled there.")
			return nil
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	l.failHere(m, path, fmt.Sprintf("%s and %s both have the friendlyName %s", found[0].Address(), found[1].Address(), quote(name)),
		"Give one of the two flights another name in Partner Center.")
	return nil
}

const lowestRank = `or "` + NonFlighted + `" for the lowest rank.`

// rankIsPossible refuses a rank above the flight itself and above one that is to
// be deleted.
func (l *loader) rankIsPossible(m, other *Manifest) bool {
	const path = "rankHigherThan"
	switch {
	case other == m:
		l.failHere(m, path, "the flight ranks above itself", "Name the flight just below, "+lowestRank)
	case other.Absent():
		l.failHere(m, path, fmt.Sprintf("%s is to be deleted: state: absent at %s", other.Address(), other.Pos("metadata.state")),
			"Name the flight that will be just below, "+lowestRank)
	default:
		return true
	}
	return false
}

// ranksCircle refuses ranks that go round in a circle, once for each circle, and
// reports whether the manifest is in one. Its members are added to circling.
func (l *loader) ranksCircle(m *Manifest, below map[*Manifest]*Manifest, circling map[*Manifest]bool) bool {
	if circling[m] {
		return true
	}
	way := []*Manifest{m}
	for at := below[m]; at != nil && at != m; at = below[at] {
		if slices.Contains(way, at) {
			return false // a circle that the manifest only leads to
		}
		way = append(way, at)
	}
	if last := way[len(way)-1]; below[last] != m {
		return false
	}
	words := ""
	for _, at := range way {
		circling[at] = true
		words += at.Address() + " above "
	}
	l.failHere(m, "rankHigherThan", "the ranks go round in a circle: "+words+m.Address(), "One of them must rank above another flight, "+lowestRank)
	return true
}
