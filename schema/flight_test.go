package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/storesync/storesync/schema/msixtest"
)

// flightManifest is a manifest with this spec below its app.
func flightManifest(spec string) string {
	return "apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: beta}\nspec:\n  app: 9NBLGGH4R315\n" + strings.TrimPrefix(spec, "\n")
}

// fullFlightManifest writes every field of the kind.
const fullFlightManifest = `apiVersion: storesync/v1
kind: PackageFlight
metadata: {name: beta}
spec:
  app: 9NBLGGH4R315
  id: 43E448DF-97c9-4a43-a0bc-2a445e736bcd
  friendlyName: Beta
  groupIds: ["1152921504606962205", "7"]
  rankHigherThan: Non-flighted submission
  packages:
    - {file: "dist/notes_${var:version}_x64.msix"}
    - {file: dist/notes_arm64.msix, version: 2.1.0.0, architecture: arm64}
  packageDeliveryOptions: {isMandatoryUpdate: true, mandatoryUpdateEffectiveDate: 2027-02-01T00:00:00Z}
  rollout: {percentage: 12.5}
  targetPublishMode: SpecificDate
  targetPublishDate: 2027-01-31T09:00:00Z
  notesForCertification: {env: STORE_CERT_NOTES}
`

func TestFlightIsLoadedWhole(t *testing.T) {
	root := folder(t, map[string]string{
		"app.yaml": fullFlightManifest, "dist/notes_2.1.0_x64.msix": appPackage(t, msixtest.Package{Version: "2.1.0.0"}),
	})
	w, text := loadIn(t, root, LoadOptions{
		Vars:      map[string]string{"version": "2.1.0"},
		LookupEnv: func(name string) (string, bool) { return "user and password", name == "STORE_CERT_NOTES" },
	})
	if text != "" {
		t.Fatalf("diagnostics:\n%s", text)
	}
	want := &PackageFlight{
		App: "9NBLGGH4R315", AppID: "9NBLGGH4R315", ID: "43e448df-97c9-4a43-a0bc-2a445e736bcd", FriendlyName: "Beta",
		GroupIDs: []string{"1152921504606962205", "7"}, RankHigherThan: ptr(NonFlighted),
		Packages: []MsixPackage{{File: "dist/notes_2.1.0_x64.msix"}, {File: "dist/notes_arm64.msix", Version: "2.1.0.0", Architecture: "arm64"}},
		PackageDeliveryOptions: &PackageDeliveryOptions{
			IsMandatoryUpdate: ptr(true), MandatoryUpdateEffectiveDate: ptr("2027-02-01T00:00:00Z"),
		},
		Rollout: &Rollout{Percentage: ptr(12.5)}, TargetPublishMode: ptr("SpecificDate"), TargetPublishDate: ptr("2027-01-31T09:00:00Z"),
		NotesForCertification: &Text{Value: "user and password", Env: "STORE_CERT_NOTES"},
	}
	if diff := cmp.Diff(want, w.Manifests[0].PackageFlight, cmpopts.IgnoreFields(MsixPackage{}, "Content")); diff != "" {
		t.Errorf("flight (-want +got):\n%s", diff)
	}
	content := w.Manifests[0].PackageFlight.Packages[0].Content
	if content == nil || content.Version.String() != "2.1.0.0" {
		t.Errorf("the package was not read: %+v", content)
	}
	if got := w.Manifests[0].ProductID(); got != want.ID {
		t.Errorf("ProductID is %q", got)
	}
}

// What flights share with apps is tested there; these are the rules of their own.
func TestValidateFlight(t *testing.T) {
	pinned := func(i int) string {
		return fmt.Sprintf("{file: %d.msix, version: 1.%d.0.0, architecture: x64}", i, i)
	}
	tests := map[string]struct{ spec, want string }{
		"pinned only": {"  id: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n", ""},
		"nothing that finds it": {"  groupIds: [\"1\"]\n", `app.yaml:4:1: error: spec: neither friendlyName nor id is written
  Write friendlyName, by which the flight is found within its app and made when it is missing; or id, its GUID, to pin one that exists.
`},
		"empty": {"  id: \"\"\n  friendlyName: \"\"\n", `app.yaml:4:1: error: spec: neither friendlyName nor id is written
  Write friendlyName, by which the flight is found within its app and made when it is missing; or id, its GUID, to pin one that exists.
app.yaml:6:7: error: id: is empty
  Write it, or leave the field out.
app.yaml:7:17: error: friendlyName: is empty
  Write it, or leave the field out.
`},
		"no guid": {"  id: Beta\n", `app.yaml:6:7: error: id: "Beta" is not the id of a flight
  It is a GUID, such as 43e448df-97c9-4a43-a0bc-2a445e736bcd; it stands in the flight's address in Partner Center. The name of your own choice is friendlyName.
`},
		"the name of all others": {"  friendlyName: non-flighted submission\n", `app.yaml:6:17: error: friendlyName: "non-flighted submission" stands for the packages that everybody gets
  Give the flight a name of its own.
`},
		"a name with space around": {"  friendlyName: \" Beta\"\n", `app.yaml:6:17: warning: friendlyName: " Beta" begins or ends with a space
  Take it out, unless the flight is called so in Partner Center.
`},
		"a guid for a name": {"  friendlyName: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n", `app.yaml:6:17: error: friendlyName: "43e448df-97c9-4a43-a0bc-2a445e736bcd" looks like the id of a flight
  Write it as id, or give the flight a name.
`},
		"a name of two lines": {"  friendlyName: \"a\\nb\"\n", `app.yaml:6:17: error: friendlyName: "a\nb" holds a control character or line end
  Write the name in one line.
`},
		"groups": {"  friendlyName: Beta\n  groupIds: [Testers, \"1\", \"1\", \"\"]\n", `app.yaml:7:14: warning: groupIds[0]: "Testers" does not look like the id of a flight group
  It is a number in quotes, such as "1152921504606962205", and not the group's name; it stands in the group's address in Partner Center.
app.yaml:7:28: error: groupIds[2]: "1" is listed twice
  Keep one of the two.
app.yaml:7:33: error: groupIds[3]: an empty item
  Take it out.
`},
		"a group without quotes": {"  friendlyName: Beta\n  groupIds: [1152921504606962205]\n", `app.yaml:7:14: error: groupIds[0]: must be a text, not a number
  Put it in quotes: "1152921504606962205".
`},
		"no groups": {"  friendlyName: Beta\n  groupIds: []\n", `app.yaml:7:13: warning: groupIds: a flight without groups reaches nobody
  Partner Center wants at least one flight group, and the API cannot add one later. Write its id, or leave the field out.
`},
		"a rank in other letters": {"  friendlyName: Beta\n  rankHigherThan: Non-Flighted Submission\n", `app.yaml:7:19: error: rankHigherThan: "Non-Flighted Submission" is not spelled as the Store does
  Did you mean Non-flighted submission?
`},
		"a rank above an id": {"  friendlyName: Beta\n  rankHigherThan: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n", `app.yaml:7:19: warning: rankHigherThan: "43e448df-97c9-4a43-a0bc-2a445e736bcd" is the id of a flight
  The API page wants the friendlyName of the flight just below; its samples show ids in answers only.
`},
		"an empty rank": {"  friendlyName: Beta\n  rankHigherThan: \"\"\n", `app.yaml:7:19: error: rankHigherThan: is empty
  Write the friendlyName of the flight just below, or "Non-flighted submission" for the lowest rank; left out, a new flight has the highest.
`},
		"a rank above a flight of the Store": {"  friendlyName: Beta\n  rankHigherThan: Canary\n", ""},
		"25 packages":                        {"  friendlyName: Beta\n  packages: " + list(25, pinned) + "\n", ""},
		"26 packages": {"  friendlyName: Beta\n  packages: " + list(26, pinned) + "\n", `app.yaml:7:13: warning: packages: 26 packages
  Microsoft's own clients keep at most 25 for one flight group; no page gives a limit, and the Store may refuse more.
`},
		"no packages": {"  friendlyName: Beta\n  packages: []\n", `app.yaml:7:13: error: packages: packages is empty
  It is the whole package set: write at least one package, or leave the field out to leave the set alone.
`},
		"a missing package": {"  friendlyName: Beta\n  packages: [{file: a.msix}]\n", `app.yaml:7:21: error: packages[0].file: the file "a.msix" does not exist
  Tried a.msix. Build the package; or, if it is in the Store already, write its version and its architecture beside file, such as {file: …, version: 1.4.2.0, architecture: x64}.
`},
		"rollout, delivery and publishing": {`
  friendlyName: Beta
  rollout: {percentage: 10, halted: true}
  packageDeliveryOptions: {mandatoryUpdateEffectiveDate: soon}
  targetPublishMode: SpecificDate
  notesForCertification: "` + repeat("n", 2001) + `"
`, `app.yaml:7:12: error: rollout: 2 steps are written; a rollout takes one
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}. finalized ends a rollout for all customers, whatever its percentage; percentage: 100 does not end it.
app.yaml:8:58: error: packageDeliveryOptions.mandatoryUpdateEffectiveDate: "soon" is not a time
  Write date, time and zone as RFC 3339 has them: 2027-01-31T09:00:00Z or 2027-01-31T10:00:00+01:00.
app.yaml:9:22: error: targetPublishMode: SpecificDate without targetPublishDate
  Write targetPublishDate: 2027-01-31T09:00:00Z beside it, or another mode.
app.yaml:10:26: warning: notesForCertification: 2001 characters
  MSI and EXE apps may have 2000; the pages of MSIX apps give no limit.
`},
		"a step denied": {"  friendlyName: Beta\n  rollout: {halted: false}\n", `app.yaml:7:21: error: rollout.halted: halted: false says nothing
  Write exactly one of {percentage: 10}, {halted: true} and {finalized: true}.
`},
		"fields of the API": {`
  flightId: 43e448df-97c9-4a43-a0bc-2a445e736bcd
  name: Beta
  friendlyName: Beta
  groups: [Testers]
  rank: 1
  flightPackages: []
  status: Published
  listings: {}
  pricing: {}
`, `app.yaml:6:3: error: flightId: unknown field "flightId"
  Write id, the flight's GUID.
app.yaml:7:3: error: name: unknown field "name"
  Write friendlyName.
app.yaml:9:3: error: groups: unknown field "groups"
  Write groupIds; groups are made in Partner Center.
app.yaml:10:3: error: rank: unknown field "rank"
  Write rankHigherThan: the friendlyName of the flight just below.
app.yaml:11:3: error: flightPackages: unknown field "flightPackages"
  Write packages: the API's list is made of it.
app.yaml:12:3: error: status: unknown field "status"
  The Store assigns it.
app.yaml:13:3: error: listings: unknown field "listings"
  A flight has packages of its own only; this is the app's.
app.yaml:14:3: error: pricing: unknown field "pricing"
  A flight has packages of its own only; this is the app's.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, flightManifest(test.spec), nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAbsentFlightIsOnlyFound(t *testing.T) {
	w, text := load(t, strings.Replace(fullFlightManifest, "{name: beta}", "{name: beta, state: absent}", 1), nil)
	if text != "" {
		t.Fatal(text)
	}
	want := &PackageFlight{
		App: "9NBLGGH4R315", AppID: "9NBLGGH4R315", ID: "43e448df-97c9-4a43-a0bc-2a445e736bcd", FriendlyName: "Beta",
		GroupIDs: []string{"1152921504606962205", "7"}, RankHigherThan: ptr(NonFlighted),
	}
	if diff := cmp.Diff(want, w.Manifests[0].PackageFlight); diff != "" {
		t.Errorf("flight (-want +got):\n%s", diff)
	}
}

// The words of metadata that decide what may happen to a product.
func TestStateAndProtect(t *testing.T) {
	flight := func(metadata string) string {
		return strings.Replace(flightManifest("  friendlyName: Beta\n"), "{name: beta}", "{name: beta, "+metadata+"}", 1)
	}
	tests := map[string]struct{ content, want string }{
		"every guard": {flight("state: present, protect: [" + strings.Join(EnumGuard.Values(), ", ") + "]"), ""},
		"no guard":    {flight("protect: []"), ""},
		"a protected deletion": {flight("state: absent, protect: [mass-change, delete-flight]"), `app.yaml:3:62: error: metadata.protect[1]: delete-flight is protected though state is absent
  It would be refused for ever. Take delete-flight out of protect to delete the product, or state: absent out to keep it.
`},
		"a deletion with other guards": {flight("state: absent, protect: [mass-change, delete-add-on]"), ""},
		"a mistyped guard":             {flight("protect: [delete-flights]"), "app.yaml:3:34: error: metadata.protect[0]: \"delete-flights\" is not supported\n  Did you mean delete-flight? Allowed: " + strings.Join(EnumGuard.Values(), ", ") + ".\n"},
		"a guard twice":                {flight("protect: [mass-change, mass-change]"), "app.yaml:3:47: error: metadata.protect[1]: \"mass-change\" is listed twice\n  Keep one of the two.\n"},
		"a guard of no name":           {flight("protect: [[mass-change]]"), "app.yaml:3:34: error: metadata.protect[0]: must be a text, not a list\n  Allowed: " + strings.Join(EnumGuard.Values(), ", ") + ".\n"},
		"protect without []":           {flight("protect: mass-change"), "app.yaml:3:33: error: metadata.protect: must be a list of guards, not a text\n  Write protect: [price-change].\n"},
		"protect of nothing":           {flight("protect: ~"), "app.yaml:3:33: error: metadata.protect: null is not a value here\n  Leave the field out to leave it alone in the Store; write \"\" to clear a text or [] to clear a list.\n"},
		"no variable there":            {flight("state: \"${var:version}\""), "app.yaml:3:31: error: metadata.state: \"${var:version}\" is not supported\n  Allowed: present, absent.\n"},
		"a mistyped state":             {flight("state: abesnt"), "app.yaml:3:31: error: metadata.state: \"abesnt\" is not supported\n  Did you mean absent? Allowed: present, absent.\n"},
		"another field there":          {flight("guards: [mass-change], stat: absent"), "app.yaml:3:24: error: metadata.guards: unknown field \"guards\"\n  Write protect: [price-change].\napp.yaml:3:47: error: metadata.stat: unknown field \"stat\"\n  Did you mean state? Allowed here: name, labels, state, protect.\n"},
		"an absent app": {strings.Replace(msixManifest(""), "{name: notes}", "{name: notes, state: absent}", 1), `app.yaml:3:32: error: metadata.state: the API cannot delete apps
  Only add-ons and package flights may be absent. To take an app out of the Store, make it unavailable in Partner Center; to stop managing it, delete the manifest.
`},
		"an absent MSI app": {strings.Replace(manifest(""), "{name: reader}", "{name: reader, state: absent}", 1), `app.yaml:3:33: error: metadata.state: the API cannot delete apps
  Only add-ons and package flights may be absent. To take an app out of the Store, make it unavailable in Partner Center; to stop managing it, delete the manifest.
`},
		"a present app": {strings.Replace(msixManifest(""), "{name: notes}", "{name: notes, state: present, protect: [replace-draft]}", 1), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got := load(t, test.content, nil)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}
