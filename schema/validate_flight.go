package schema

import (
	"fmt"
	"regexp"
	"strings"
)

func (v *validator) packageFlight(f *PackageFlight) {
	v.flightIdentity(f)
	v.groupIDs(f)
	v.rank(f)
	v.msixPackages(f.Packages)
	v.delivery(f.PackageDeliveryOptions)
	v.rollout(f.Rollout)
	v.publishing(f.TargetPublishMode, f.TargetPublishDate)
	v.msixCertificationNotes(f.NotesForCertification)
}

// flightIdentity judges what finds the flight.
func (v *validator) flightIdentity(f *PackageFlight) {
	if f.ID == "" && f.FriendlyName == "" {
		v.fail("", "neither friendlyName nor id is written", "Write friendlyName, by which the flight is found within its app and made when it is missing; or id, its GUID, to pin one that exists.")
	}
	if f.ID != "" && !guid.MatchString(f.ID) {
		v.fail("id", quote(f.ID)+" is not the id of a flight", "It is a GUID, such as 43e448df-97c9-4a43-a0bc-2a445e736bcd; it stands in the flight's address in Partner Center. The name of your own choice is friendlyName.")
	}
	const path = "friendlyName"
	v.notEmpty("id", f.ID)
	v.notEmpty(path, f.FriendlyName)
	switch {
	case strings.EqualFold(f.FriendlyName, NonFlighted):
		v.fail(path, quote(f.FriendlyName)+" stands for the packages that everybody gets", "Give the flight a name of its own.")
	case strings.TrimSpace(f.FriendlyName) != f.FriendlyName:
		v.warn(path, quote(f.FriendlyName)+" begins or ends with a space", "Take it out, unless the flight is called so in Partner Center.")
	case guid.MatchString(f.FriendlyName):
		v.fail(path, quote(f.FriendlyName)+" looks like the id of a flight", "Write it as id, or give the flight a name.")
	}
	if i := strings.IndexFunc(f.FriendlyName, isControlOrLine); i >= 0 {
		v.fail(path, quote(f.FriendlyName)+" holds a control character or line end", "Write the name in one line.")
	}
}

func isControlOrLine(r rune) bool { return isControl(r) || r == '\n' || r == '\t' }

// groupID is what the ids of flight groups look like in the samples of the API
// page; no page says so.
var groupID = regexp.MustCompile(`^[0-9]+$`)

// groupIDs judges the groups. The page of the API lets them be left out, but
// Partner Center and Microsoft's client msstore-cli insist on one, and the API
// cannot add one afterwards. So a flight that plan is to make needs them; of one
// that exists they say what it should have.
func (v *validator) groupIDs(f *PackageFlight) {
	const path = "groupIds"
	if f.GroupIDs != nil && len(f.GroupIDs) == 0 {
		v.warn(path, "a flight without groups reaches nobody", "Partner Center wants at least one flight group, and the API cannot add one later. Write its id, or leave the field out.")
	}
	seen := map[string]bool{}
	for i, id := range f.GroupIDs {
		at, twice := fmt.Sprintf("%s[%d]", path, i), seen[id]
		seen[id] = true
		switch {
		case twice:
			v.fail(at, quote(id)+" is listed twice", "Keep one of the two.")
		case isBlank(id):
			v.fail(at, "an empty item", "Take it out.")
		case !groupID.MatchString(id):
			v.warn(at, quote(id)+" does not look like the id of a flight group", `It is a number in quotes, such as "1152921504606962205", and not the group's name; it stands in the group's address in Partner Center.`)
		}
	}
}

// rank judges what the flight ranks above, as far as one manifest shows it; the
// others are judged by Load.
func (v *validator) rank(f *PackageFlight) {
	const path = "rankHigherThan"
	switch below := f.RankHigherThan; {
	case below == nil || *below == NonFlighted:
	case strings.EqualFold(*below, NonFlighted):
		v.fail(path, quote(*below)+" is not spelled as the Store does", "Did you mean "+NonFlighted+"?")
	case guid.MatchString(*below):
		v.warn(path, quote(*below)+" is the id of a flight", "The API page wants the friendlyName of the flight just below; its samples show ids in answers only.")
	case isBlank(*below):
		v.fail(path, "is empty", "Write the friendlyName of the flight just below, or \""+NonFlighted+"\" for the lowest rank; left out, a new flight has the highest.")
	}
}
