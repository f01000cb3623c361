package schema

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The manifests of a small team: each in a file of its own, so that a position
// tells which one is meant.
func team() map[string]string {
	return map[string]string{
		"notes.yaml":  msixManifest(""),
		"reader.yaml": manifest(""),
		"themes.yaml": strings.Replace(addOnManifest("  productId: themes\n"), "app: 9NBLGGH4R315", "app: notes", 1),
		"beta.yaml":   notesFlight("beta", "  friendlyName: Beta\n  rankHigherThan: Non-flighted submission\n"),
		"canary.yaml": notesFlight("canary", "  friendlyName: Canary\n  rankHigherThan: Beta\n"),
	}
}

// notesFlight is a flight of the app notes.
func notesFlight(name, spec string) string {
	return "apiVersion: storesync/v1\nkind: PackageFlight\nmetadata: {name: " + name + "}\nspec:\n  app: notes\n" + spec
}

func TestReferencesAreResolved(t *testing.T) {
	tests := map[string]struct {
		change map[string]string
		want   map[string][]string
	}{
		"by name": {nil, map[string][]string{
			"AddOn/themes": {"MsixApp/notes"}, "PackageFlight/beta": {"MsixApp/notes"}, "PackageFlight/canary": {"MsixApp/notes", "PackageFlight/beta"},
		}},
		"by Store ID": {map[string]string{"themes.yaml": strings.Replace(addOnManifest("  productId: themes\n"), "9NBLGGH4R315", "9nblggh4r315", 1)}, map[string][]string{
			"AddOn/themes": {"MsixApp/notes"}, "PackageFlight/beta": {"MsixApp/notes"}, "PackageFlight/canary": {"MsixApp/notes", "PackageFlight/beta"},
		}},
		"a rank by id": {map[string]string{
			"beta.yaml":   notesFlight("beta", "  friendlyName: Beta\n  id: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n"),
			"canary.yaml": notesFlight("canary", "  friendlyName: Canary\n  rankHigherThan: 43E448DF-97c9-4a43-a0bc-2a445e736bcd\n"),
		}, map[string][]string{
			"AddOn/themes": {"MsixApp/notes"}, "PackageFlight/beta": {"MsixApp/notes"}, "PackageFlight/canary": {"MsixApp/notes", "PackageFlight/beta"},
		}},
		"a flight of that name in another app": {map[string]string{
			"beta.yaml": flightManifest("  friendlyName: Beta\n"), "notes.yaml": strings.Replace(msixManifest(""), "9NBLGGH4R315", "9NBLGGH4R316", 1),
		}, map[string][]string{"AddOn/themes": {"MsixApp/notes"}, "PackageFlight/beta": nil, "PackageFlight/canary": {"MsixApp/notes"}}},
		"an absent flight waits for no other": {map[string]string{
			"canary.yaml": strings.Replace(notesFlight("canary", "  friendlyName: Canary\n  rankHigherThan: Beta\n"), "{name: canary}", "{name: canary, state: absent}", 1),
		}, map[string][]string{"AddOn/themes": {"MsixApp/notes"}, "PackageFlight/beta": {"MsixApp/notes"}, "PackageFlight/canary": {"MsixApp/notes"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := team()
			maps.Copy(files, test.change)
			root := folder(t, files)
			w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
			if strings.Contains(text, "error: ") {
				t.Fatal(text)
			}
			got := map[string][]string{}
			for _, m := range w.Manifests {
				if appOf(m) == nil && m.DependsOn() != nil {
					t.Errorf("%s depends on %v", m.Address(), m.DependsOn())
				}
				if ref := appOf(m); ref != nil {
					got[m.Address()] = m.DependsOn()
					if id := *ref.id; !storeID.MatchString(id) || strings.ToUpper(id) != id {
						t.Errorf("%s has the app %q", m.Address(), id)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("dependencies (-want +got):\n%s", diff)
			}
		})
	}
}

// Who selects an add-on alone still means the app of the manifest beside it.
func TestReferencesOutliveTheSelection(t *testing.T) {
	root := folder(t, team())
	w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	if text != "" {
		t.Fatal(text)
	}
	if diagnostics := w.Select([]string{"AddOn/themes"}, nil); diagnostics != nil {
		t.Fatal(diagnostics)
	}
	if len(w.Manifests) != 1 || w.Manifests[0].AddOn.AppID != "9NBLGGH4R315" {
		t.Fatalf("selected %v with the app %q", addresses(w), w.Manifests[0].AddOn.AppID)
	}
	if diff := cmp.Diff([]string{"MsixApp/notes"}, w.Manifests[0].DependsOn()); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
}

func TestReferencesThatLeadNowhere(t *testing.T) {
	absent := func(content, name string) string {
		return strings.Replace(content, "{name: "+name+"}", "{name: "+name+", state: absent}", 1)
	}
	tests := map[string]struct {
		change map[string]string
		want   string
	}{
		"a mistyped app": {map[string]string{"themes.yaml": strings.Replace(addOnManifest("  productId: themes\n"), "9NBLGGH4R315", "nots", 1)},
			`themes.yaml:5:8: error: app: no MsixApp manifest is named "nots"
  Did you mean notes? MsixApp manifests here: notes. If it lies elsewhere, give the folder that holds both manifests, or write the app's Store ID in capitals, such as 9NBLGGH4R315.
`},
		"a name of twelve letters": {map[string]string{"themes.yaml": strings.Replace(addOnManifest("  productId: themes\n"), "9NBLGGH4R315", "contosonotes", 1)},
			`themes.yaml:5:8: error: app: no MsixApp manifest is named "contosonotes"
  MsixApp manifests here: notes. If it lies elsewhere, give the folder that holds both manifests, or write the app's Store ID in capitals, such as 9NBLGGH4R315.
`},
		"an MSI app": {map[string]string{
			"themes.yaml": strings.Replace(addOnManifest("  productId: themes\n"), "9NBLGGH4R315", "reader", 1),
			"canary.yaml": strings.Replace(notesFlight("canary", "  friendlyName: Canary\n"), "app: notes", "app: reader", 1),
		}, `canary.yaml:5:8: error: app: "reader" is an MSI or EXE app, which has no package flights
  The API has them for MSIX apps only. Name a manifest of kind MsixApp, or write the app's Store ID.
themes.yaml:5:8: error: app: "reader" is an MSI or EXE app, which has no add-ons
  The API has them for MSIX apps only. Name a manifest of kind MsixApp, or write the app's Store ID.
`},
		"the app cannot be read": {map[string]string{"notes.yaml": strings.Replace(msixManifest(""), "MsixApp", "MsixApp\nkindly: yes", 1)},
			`notes.yaml:3:1: error: kindly: unknown field "kindly"
  Allowed here: apiVersion, kind, metadata, spec.
`},
		"the app has no kind": {map[string]string{"notes.yaml": strings.Replace(msixManifest(""), "MsixApp", "MsixAp", 1)},
			`notes.yaml:2:7: error: kind: "MsixAp" is not supported
  Did you mean MsixApp? Allowed: MsiExeApp, MsixApp, AddOn, PackageFlight.
`},
		"the app is no YAML": {map[string]string{"notes.yaml": msixManifest("  pricing: [}\n")}, `notes.yaml:6:1: error: not YAML: did not find expected node content
  Common causes: a missing space after a colon, or a text with ": " or a leading @, %, *, & or ` + "`" + ` that needs quotes.
`},
		"above itself": {map[string]string{"beta.yaml": notesFlight("beta", "  friendlyName: Beta\n  rankHigherThan: Beta\n")},
			`beta.yaml:7:19: error: rankHigherThan: the flight ranks above itself
  Name the flight just below, or "Non-flighted submission" for the lowest rank.
`},
		"above an absent one": {map[string]string{"beta.yaml": absent(notesFlight("beta", "  friendlyName: Beta\n"), "beta")},
			`canary.yaml:7:19: error: rankHigherThan: PackageFlight/beta is to be deleted: state: absent at beta.yaml:3:31
  Name the flight that will be just below, or "Non-flighted submission" for the lowest rank.
`},
		"in other letters": {map[string]string{"canary.yaml": notesFlight("canary", "  friendlyName: Canary\n  rankHigherThan: BETA\n")},
			`canary.yaml:7:19: error: rankHigherThan: "BETA" is spelled "Beta" at beta.yaml:6:17
  Write it as it is spelled there.
`},
		"above one of two": {map[string]string{
			"beta.yaml": notesFlight("beta", "  friendlyName: Beta\n  id: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n"),
			"dev.yaml":  notesFlight("dev", "  friendlyName: Beta\n  id: 53e448df-97c9-4a43-a0bc-2a445e736bcd\n"),
		}, `canary.yaml:7:19: error: rankHigherThan: PackageFlight/beta and PackageFlight/dev both have the friendlyName "Beta"
  Give one of the two flights another name in Partner Center.
`},
		"in a circle": {map[string]string{
			"beta.yaml": notesFlight("beta", "  friendlyName: Beta\n  rankHigherThan: Dev\n"),
			"dev.yaml":  notesFlight("dev", "  friendlyName: Dev\n  rankHigherThan: Canary\n"),
			"edge.yaml": notesFlight("edge", "  friendlyName: Edge\n  rankHigherThan: Dev\n"),
		}, `beta.yaml:7:19: error: rankHigherThan: the ranks go round in a circle: PackageFlight/beta above PackageFlight/dev above PackageFlight/canary above PackageFlight/beta
  One of them must rank above another flight, or "Non-flighted submission" for the lowest rank.
`},
		"one id twice": {map[string]string{
			"themes.yaml": addOnManifest("  id: 9NBLGGH4TNMP\n"),
			"fonts.yaml":  strings.Replace(addOnManifest("  id: 9nblggh4tnmp\n"), "themes", "fonts", 1),
			"beta.yaml":   notesFlight("beta", "  id: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n  friendlyName: Beta\n"),
			"canary.yaml": notesFlight("canary", "  id: 43E448DF-97c9-4a43-a0bc-2a445e736bcd\n  friendlyName: Canary\n"),
		}, `canary.yaml:6:7: error: id: "43e448df-97c9-4a43-a0bc-2a445e736bcd" is already the product of PackageFlight/beta at beta.yaml:6:7
  One product has one manifest. Join the two, or correct one id.
themes.yaml:6:7: error: id: "9NBLGGH4TNMP" is already the product of AddOn/fonts at fonts.yaml:6:7
  One product has one manifest. Join the two, or correct one id.
`},
		"the app's id for an add-on's": {map[string]string{"themes.yaml": addOnManifest("  id: 9NBLGGH4R315\n")},
			`themes.yaml:6:7: error: id: "9NBLGGH4R315" is already the product of MsixApp/notes at notes.yaml:5:10
  One product has one manifest. Join the two, or correct one id.
themes.yaml:6:7: error: id: "9NBLGGH4R315" is the Store ID of the app itself
  Write that of the add-on, or leave id out: it is found by its productId.
`},
		"one name twice": {map[string]string{
			"fonts.yaml":  strings.Replace(addOnManifest("  productId: Themes\n  id: 9NBLGGH4TNMP\n"), "name: themes", "name: fonts", 1),
			"canary.yaml": notesFlight("canary", "  friendlyName: BETA\n"),
		}, `canary.yaml:6:17: error: friendlyName: "BETA" is already the friendlyName of PackageFlight/beta at beta.yaml:6:17
  It is unique within the app, without regard to case and blanks. Join the two manifests, or correct one.
themes.yaml:6:14: error: productId: "themes" is already the productId of AddOn/fonts at fonts.yaml:6:14
  It is unique within the app, without regard to case and blanks. Join the two manifests, or correct one.
`},
		"one name twice, both pinned": {map[string]string{
			"beta.yaml":   notesFlight("beta", "  friendlyName: Beta\n  id: 43e448df-97c9-4a43-a0bc-2a445e736bcd\n"),
			"canary.yaml": notesFlight("canary", "  friendlyName: Beta\n  id: 53e448df-97c9-4a43-a0bc-2a445e736bcd\n"),
		}, ""},
		"one name in two apps": {map[string]string{
			"fonts.yaml": strings.NewReplacer("name: themes", "name: fonts", "9NBLGGH4R315", "9NBLGGH4R316").Replace(addOnManifest("  productId: themes\n")),
		}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := team()
			maps.Copy(files, test.change)
			root := folder(t, files)
			_, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
			if diff := cmp.Diff(test.want, text); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAppThatWasNotGiven(t *testing.T) {
	root := folder(t, team())
	_, text := loadIn(t, root, LoadOptions{Paths: []string{filepath.Join(root, "themes.yaml")}})
	want := `themes.yaml:5:8: error: app: no MsixApp manifest is named "notes"
  No MsixApp manifest was loaded. If it lies elsewhere, give the folder that holds both manifests, or write the app's Store ID in capitals, such as 9NBLGGH4R315.
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
