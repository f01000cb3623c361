package reconcile_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storesync/storesync/reconcile"
	"github.com/storesync/storesync/reconcile/backendtest"
	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// TestAFieldThatLeavesGitIsNamedOnce: it is no longer managed, and the plan says
// so until the next apply has noted it.
func TestAFieldThatLeavesGitIsNamedOnce(t *testing.T) {
	forEveryKind(t, nil, func(t *testing.T, b *backendtest.Bench, p product) {
		files := p.files(t, 1)
		for name, content := range files {
			if strings.HasSuffix(name, ".yaml") {
				if p.kind == "PackageFlight" {
					files[name] = []byte(strings.SplitAfter(string(content), "friendlyName: Insiders\n")[0] + "  targetPublishMode: Immediate\n")
					continue
				}
				text := string(content)
				files[name] = []byte(strings.NewReplacer("whatsNew: Version 1.", "copyright: Contoso", "releaseNotes: Version 1.", "copyrightAndTrademarkInfo: Contoso", "tag: version 1", "visibility: Public").Replace(text))
			}
		}
		b.Write(t, files)
		said := func() bool { return noticed(planOf(t, b), "No longer in the manifest, so no longer managed") }
		if !said() {
			t.Errorf("notices %v", planOf(t, b).Notices)
		}
		b.MustApply(t)
		if said() {
			t.Error("it is named again after an apply")
		}
	})
}

// TestAManifestThatIsRemovedIsNamed: only where this run would have loaded it.
func TestAManifestThatIsRemovedIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := products(t, 2, func(int) string { return german })
		selected := reconcile.PlanOptions{Selection: plan.Selection{Paths: []string{"."}}}
		for _, result := range b.Apply(t, selected, reconcile.ApplyOptions{Goal: reconcile.GoalPublished}).Products {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
		}
		if err := os.Remove(filepath.Join(b.Folder, "app1.yaml")); err != nil {
			t.Fatal(err)
		}
		released := func(options reconcile.PlanOptions) bool {
			return slices.ContainsFunc(b.Plan(t, options).Diagnostics, func(d schema.Diagnostic) bool {
				return d.Address == "MsiExeApp/app-1" && d.Severity == schema.SeverityWarning && strings.Contains(d.Detail, "app1.yaml")
			})
		}
		if !released(selected) {
			t.Errorf("diagnostics %v", b.Plan(t, selected).Diagnostics)
		}
		for name, options := range map[string]reconcile.PlanOptions{
			"another folder": {Selection: plan.Selection{Paths: []string{"elsewhere"}}},
			"one target":     {Selection: plan.Selection{Paths: []string{"."}, Targets: []string{"MsixApp/other"}}},
		} {
			if released(options) {
				t.Errorf("%s: the manifest would not have been loaded, and is said to be gone", name)
			}
		}
	})
}

// TestStoredImagesHaveTheNamesOfTheirFiles: also when their file is gone from git.
func TestStoredImagesHaveTheNamesOfTheirFiles(t *testing.T) {
	images := func(names string, kind string) backendtest.Files {
		if kind == "msiexe" {
			return backendtest.ReaderManifest("  listings: {en-us: {screenshots: [" + names + "]}}\n")
		}
		return backendtest.NotesManifest("  listings: {en-us: {images: {Screenshot: [" + names + "]}}}\n")
	}
	check := func(t *testing.T, b *backendtest.Bench, kind string) {
		t.Helper()
		b.Write(t, backendtest.Files{"first.png": backendtest.PNG(t, 1366, 768, 1), "second.png": backendtest.PNG(t, 1366, 768, 2)})
		b.Write(t, images("first.png, second.png", kind))
		b.MustApply(t)
		b.Write(t, images("second.png", kind))
		changes := planOf(t, b).Changes
		if len(changes) != 1 || !strings.Contains(string(changes[0].Before), `"name":"first.png"`) {
			t.Errorf("changes %+v", changes)
		}
	}
	scenario(t, "", func(t *testing.T, b *backendtest.Bench) { check(t, b, "msiexe") })
	notes(t, "", func(t *testing.T, b *backendtest.Bench) { check(t, b, "msix") })
}

// TestImagesDifferForCertain: number and captions are known, whatever is in the
// files; only what may be equal is not known.
func TestImagesDifferForCertain(t *testing.T) {
	shot := func(caption string) string {
		return `{"fileName": "portal.png", "fileStatus": "Uploaded", "description": "` + caption + `", "imageType": "Screenshot"}`
	}
	for _, c := range []struct {
		name, stored, wanted string
		verdict              plan.Verdict
	}{
		{"more in git", shot(""), "{file: 1.png}, {file: 2.png}, {file: 3.png}", plan.VerdictDiffers},
		{"more in the Store", shot("") + "," + shot("") + "," + shot(""), "{file: 1.png}", plan.VerdictDiffers},
		{"another caption", shot("Old"), "{file: 1.png, description: New}", plan.VerdictDiffers},
		{"the same caption", shot("Old"), "{file: 1.png, description: Old}", plan.VerdictIncomplete},
		{"no caption in git keeps the live one", shot("Old"), "{file: 1.png}", plan.VerdictIncomplete},
	} {
		t.Run(c.name, func(t *testing.T) {
			notes(t, `"submission": {"listings": {"en-us": {"baseListing": {"images": [`+c.stored+`]}}}}`, func(t *testing.T, b *backendtest.Bench) {
				for n, name := range []string{"1.png", "2.png", "3.png"} {
					b.Write(t, backendtest.Files{name: backendtest.PNG(t, 1366, 768, n)})
				}
				b.Write(t, backendtest.NotesManifest("  listings: {en-us: {images: {Screenshot: ["+c.wanted+"]}}}\n"))
				p := planOf(t, b)
				if p.Verdict != c.verdict || (len(p.Changes) == 0) != (c.verdict == plan.VerdictIncomplete) {
					t.Fatalf("%s, want %s: changes %+v, notices %v", p.Verdict, c.verdict, p.Changes, p.Notices)
				}
				if c.verdict == plan.VerdictDiffers {
					b.MustApply(t)
					b.MustBeInSync(t)
				}
			})
		})
	}
}
