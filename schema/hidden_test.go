//go:build unix

package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const hiddenDetail = "  Such files may hold secrets, as .git/config and .env do, so a manifest may not name them. Move the file out of there, or give --allow-outside if you trust every manifest.\n"

// checkout is a workspace as a job has it: a token in .git/config, secrets in
// .env, and links that lead there.
func checkout(t *testing.T, root string) {
	t.Helper()
	shot := picture(t, 1366, 768, 1)
	for name, content := range map[string]string{
		".git/config": "token s3cret", ".git/1.png": shot, ".env": "KEY=s3cret", ".GIT/Config": "token s3cret", ".Env": "KEY=s3cret",
		"sub/.env": "KEY=s3cret", ".storesync/record.json": "s3cret", "\u200c.git/config": "token s3cret", "..data/text.txt": "s3cret",
		".shots/1.png": shot, "shots/.1.png": shot, "shots/1.png": shot, "images/readme.txt": "inside", "text.v1.": "inside",
	} {
		write(t, filepath.Join(root, name), content)
	}
	for link, target := range map[string]string{
		"notes.txt": ".git/config", "git": ".git", "twice.txt": "notes.txt", "images/up.txt": "../.env", "env.yaml": ".env",
		"shots/2.png": "../.git/1.png",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTextFilesWithDotNamesAreRefused(t *testing.T) {
	hidden := func(path, how, segment string) string {
		return quote(path) + " is hidden" + how + ": the name " + quote(segment) + " begins with a dot\n" + hiddenDetail
	}
	tests := map[string]string{
		"images/readme.txt":         "",
		"./images/../text.v1.":      "",
		".git/../images/readme.txt": "", // what counts is where it leads
		".git/config":               hidden(".git/config", "", ".git"),
		"./.git/config":             hidden("./.git/config", "", ".git"),
		".GIT/Config":               hidden(".GIT/Config", "", ".GIT"),
		".env":                      hidden(".env", "", ".env"),
		".Env":                      hidden(".Env", "", ".Env"),
		"images/../.env":            hidden("images/../.env", "", ".env"),
		"sub/.env":                  hidden("sub/.env", "", ".env"),
		".storesync/record.json":    hidden(".storesync/record.json", "", ".storesync"),
		"..data/text.txt":           hidden("..data/text.txt", "", "..data"),
		"\u200c.git/config":         hidden("\u200c.git/config", "", "\u200c.git"),
		".nothing":                  hidden(".nothing", "", ".nothing"),
		"notes.txt":                 hidden("notes.txt", throughLink, ".git"),
		"twice.txt":                 hidden("twice.txt", throughLink, ".git"),
		"git/config":                hidden("git/config", throughLink, ".git"),
		"images/up.txt":             hidden("images/up.txt", throughLink, ".env"),
		"env":                       "the file \"env\" does not exist\n  Tried env. Create it, or write optional: true beside file to leave the field alone while it is missing.\n",
		"git/confgi":                "the file \"git/confgi\" does not exist\n  Tried git/confgi. Create it, or write optional: true beside file to leave the field alone while it is missing.\n",
		"images/readme.tx":          "the file \"images/readme.tx\" does not exist\n  Tried images/readme.tx. Near names in that folder: readme.txt. Create it, or write optional: true beside file to leave the field alone while it is missing.\n",
	}
	root := folder(t, nil)
	checkout(t, root)
	for path, want := range tests {
		for _, optional := range []string{"false", "true"} {
			if optional == "true" && strings.Contains(want, "does not exist") {
				continue
			}
			t.Run(path+" optional "+optional, func(t *testing.T) {
				write(t, filepath.Join(root, "app.yaml"), manifest(`  listings: {en: {copyright: {file: "`+path+`", optional: `+optional+"}}}\n"))
				want := want
				if want != "" {
					want = "app.yaml:6:37: error: listings.en.copyright.file: " + want
				}
				w, text := loadIn(t, root, LoadOptions{})
				if diff := cmp.Diff(want, text); diff != "" {
					t.Fatalf("diagnostics (-want +got):\n%s", diff)
				}
				if want != "" {
					return
				}
				if got := app(t, w).Listings["en"].Copyright.Value; got != "inside" {
					t.Errorf("read %q", got)
				}
			})
		}
	}
}

func TestImagesWithDotNamesAreRefused(t *testing.T) {
	tests := map[string]string{
		"shots/[1].png":  "", // not .1.png
		".shots/1.png":   `".shots/1.png" is hidden: the name ".shots" begins with a dot`,
		"shots/.1.png":   `"shots/.1.png" is hidden: the name ".1.png" begins with a dot`,
		".*/*.png":       `".*/*.png" is hidden: the name ".*" begins with a dot`,
		"*/.*.png":       `"*/.*.png" is hidden: the name ".*.png" begins with a dot`,
		".shots/*.png":   `".shots" is hidden: the name ".shots" begins with a dot`,
		"shots/.?.png":   `"shots/.?.png" is hidden: the name ".?.png" begins with a dot`,
		"[.]shots/1.png": `no file matches "[.]shots/1.png"`,
		"?shots/1.png":   `no file matches "?shots/1.png"`,
		"git/*.png":      `"git" is hidden through a symbolic link: the name ".git" begins with a dot`,
		"g?t/1.png":      `"git/1.png" is hidden through a symbolic link: the name ".git" begins with a dot`,
		"shots/*.png":    `"shots/2.png" is hidden through a symbolic link: the name ".git" begins with a dot`,
		"git/1.png":      `"git/1.png" is hidden through a symbolic link: the name ".git" begins with a dot`,
	}
	root := folder(t, nil)
	checkout(t, root)
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			write(t, filepath.Join(root, "app.yaml"), manifest(`  listings: {en: {screenshots: ["`+path+`"]}}`+"\n"))
			w, text := loadIn(t, root, LoadOptions{})
			if want == "" {
				if strings.Contains(text, "error") || len(app(t, w).Listings["en"].Screenshots) != 1 {
					t.Error(text)
				}
				return
			}
			if want = "app.yaml:6:33: error: listings.en.screenshots[0]: " + want + "\n"; !strings.Contains(text, want) {
				t.Errorf("diagnostics (-want +got):\n%s", cmp.Diff(want, text))
			}
			if len(app(t, w).Listings) > 0 && strings.Contains(want, "hidden") {
				for _, image := range app(t, w).Listings["en"].Screenshots {
					if image.Name != "shots/1.png" {
						t.Errorf("the image %s was read", image.Name)
					}
				}
			}
		})
	}
}

func TestAllowOutsideAllowsDotNames(t *testing.T) {
	root := folder(t, nil)
	checkout(t, root)
	write(t, filepath.Join(root, "app.yaml"), manifest(`
  listings:
    en:
      copyright: {file: .git/config}
      developedBy: {file: notes.txt}
      screenshots: [".s*/*.png", "shots/.*.png"]
`))
	w, text := loadIn(t, root, LoadOptions{AllowOutside: true})
	// The two images are the same one, which is what is wrong with them.
	if strings.Contains(text, "hidden") {
		t.Fatal(text)
	}
	l := app(t, w).Listings["en"]
	got := []string{l.Copyright.Value, l.DevelopedBy.Value}
	for _, image := range l.Screenshots {
		got = append(got, image.Name)
	}
	if diff := cmp.Diff([]string{"token s3cret", "token s3cret", ".shots/1.png", "shots/.1.png"}, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// A person may keep a manifest in a dot folder and name it; its own files are
// refused there like any manifest's, and files elsewhere are read.
func TestAManifestInADotFolder(t *testing.T) {
	root := folder(t, map[string]string{"text.txt": "inside", ".store/text.txt": "beside"})
	path := filepath.Join(root, ".store", "app.yaml")
	load := func(file string, allow bool) (*Workspace, string) {
		write(t, path, manifest("  listings: {en: {copyright: {file: "+file+"}}}\n"))
		return loadIn(t, root, LoadOptions{Paths: []string{path}, AllowOutside: allow})
	}
	w, text := load("../text.txt", false)
	if text != "" || app(t, w).Listings["en"].Copyright.Value != "inside" {
		t.Errorf("a file outside of the dot folder: %s", text)
	}
	want := `.store/app.yaml:6:37: error: listings.en.copyright.file: "text.txt" is hidden: the name ".store" begins with a dot` + "\n" + hiddenDetail
	if _, text = load("text.txt", false); text != want {
		t.Errorf("a file in the dot folder (-want +got):\n%s", cmp.Diff(want, text))
	}
	if w, text = load("text.txt", true); text != "" || app(t, w).Listings["en"].Copyright.Value != "beside" {
		t.Errorf("a file in the dot folder, with --allow-outside: %s", text)
	}
	write(t, filepath.Join(root, ".store", "storesync.yaml"), "")
	if w, text = load("text.txt", false); text != "" || app(t, w).Listings["en"].Copyright.Value != "beside" {
		t.Errorf("a file in the dot folder, which is the workspace: %s", text)
	}
}

// A link that looks like a manifest shows nothing of a dot file, however the
// path is given.
func TestAManifestLinkedToADotFileIsRefused(t *testing.T) {
	root := folder(t, map[string]string{".env": "s3cret: x\n"})
	if err := os.Symlink(".env", filepath.Join(root, "app.yaml")); err != nil {
		t.Fatal(err)
	}
	want := `app.yaml: error: "app.yaml" is hidden through a symbolic link: the name ".env" begins with a dot` + "\n" + hiddenDetail
	for _, path := range []string{root, filepath.Join(root, "app.yaml")} {
		_, text := loadIn(t, root, LoadOptions{Paths: []string{path}})
		if diff := cmp.Diff(want, text); diff != "" {
			t.Errorf("diagnostics of %s (-want +got):\n%s", path, diff)
		}
	}
}

// Only names below the root count, not where the root lies.
func TestARootInADotFolder(t *testing.T) {
	outer := folder(t, nil)
	root := filepath.Join(outer, ".cache", "checkout", "repo")
	write(t, filepath.Join(root, ".git", "config"), "")
	write(t, filepath.Join(root, "text.txt"), "inside")
	write(t, filepath.Join(root, "shots", "1.png"), picture(t, 1366, 768, 1))
	if err := os.Symlink(filepath.Join(root, "text.txt"), filepath.Join(root, "link.txt")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "app.yaml"), manifest("  listings: {en: {copyright: {file: text.txt}, developedBy: {file: link.txt}, screenshots: [\"shots/*.png\"]}}\n"))
	w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	if strings.Contains(text, "error") {
		t.Fatal(text)
	}
	l := app(t, w).Listings["en"]
	if diff := cmp.Diff([]string{"inside", "inside", "shots/1.png"}, []string{l.Copyright.Value, l.DevelopedBy.Value, l.Screenshots[0].Name}); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}
