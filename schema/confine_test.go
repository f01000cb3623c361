//go:build unix

package schema

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// hostile is a workspace inside a folder that holds a secret, with every way
// out of it that the file system has.
func hostile(t *testing.T) string {
	t.Helper()
	outer, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outer, "secret.txt"), "s3cret")
	write(t, filepath.Join(outer, "secret", "1.png"), picture(t, 1366, 768, 1))
	root := filepath.Join(outer, "workspace")
	write(t, filepath.Join(root, "storesync.yaml"), "")
	write(t, filepath.Join(root, "text.txt"), "inside")
	write(t, filepath.Join(root, "odd", "1\x1b[31m.png"), "")
	write(t, filepath.Join(root, "shots", "1.png"), picture(t, 1366, 768, 1))
	for link, target := range map[string]string{
		"link.txt": "../secret.txt", "abs.txt": filepath.Join(outer, "secret.txt"), "dir": "../secret", "loop.txt": "loop.txt",
		"good.txt": "text.txt", "goodabs.txt": filepath.Join(root, "text.txt"), "shots/2.png": "../../secret/1.png",
		"goodshots": "shots", "dangling.txt": "../nothing.txt",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.txt"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestTextFilesStayInsideTheWorkspace(t *testing.T) {
	const confined = "  A manifest may only name files below ROOT (the nearest folder with .git or storesync.yaml, else the given path). Move the file there, or give --allow-outside if you trust every manifest.\n"
	const shape = "  Write the path relative to the manifest's own file, with forward slashes.\n"
	tests := map[string]string{
		"text.txt":              "",
		"./sub/../text.txt":     "",
		"good.txt":              "",
		"goodabs.txt":           "",
		"../workspace/text.txt": "",
		"../secret.txt":         `"../secret.txt" lies outside the workspace` + "\n" + confined,
		"a/../../secret.txt":    `"a/../../secret.txt" lies outside the workspace` + "\n" + confined,
		"link.txt":              `"link.txt" lies outside the workspace through a symbolic link` + "\n" + confined,
		"abs.txt":               `"abs.txt" lies outside the workspace through a symbolic link` + "\n" + confined,
		"dir/1.png":             `"dir/1.png" lies outside the workspace through a symbolic link` + "\n" + confined,
		"/etc/passwd":           `the path "/etc/passwd" is absolute` + "\n" + shape,
		"//server/share/x":      `the path "//server/share/x" is absolute` + "\n" + shape,
		"C:/Windows/win.ini":    `the path "C:/Windows/win.ini" is absolute` + "\n" + shape,
		"C:win.ini":             `the path "C:win.ini" is absolute` + "\n" + shape,
		`\\server\share\x`:      `the path "\\\\server\\share\\x" holds a backslash` + "\n" + shape,
		`..\secret.txt`:         `the path "..\\secret.txt" holds a backslash` + "\n" + shape,
		"text.txt\x00.png":      `the path "text.txt\x00.png" holds a control character` + "\n" + shape,
		"":                      "the path is empty\n" + shape,
		".":                     `"." is a folder` + "\n  Name a regular file.\n",
		"shots":                 `"shots" is a folder` + "\n  Name a regular file.\n",
		"pipe.txt":              `"pipe.txt" is not a regular file` + "\n  Name a regular file.\n",
		"text.txt/x":            `"text.txt/x" cannot be read: not a directory` + "\n  Tried text.txt/x.\n",
		"loop.txt":              `"loop.txt" cannot be read: EvalSymlinks: too many links` + "\n  Tried loop.txt.\n",
	}
	root := hostile(t)
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			quoted := strings.NewReplacer(`\`, `\\`, "\x00", `\0`).Replace(path)
			write(t, filepath.Join(root, "app.yaml"), manifest(`  listings: {en: {copyright: {file: "`+quoted+`"}}}`+"\n"))
			done := make(chan struct{})
			go func() {
				defer close(done)
				w, text := loadIn(t, root, LoadOptions{})
				if want != "" {
					want = "app.yaml:6:37: error: listings.en.copyright.file: " + want
				}
				if diff := cmp.Diff(want, text); diff != "" {
					t.Errorf("diagnostics (-want +got):\n%s", diff)
				} else if want == "" {
					if got := app(t, w).Listings["en"].Copyright.Value; got != "inside" {
						t.Errorf("read %q", got)
					}
				}
			}()
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Fatal("loading hangs")
			}
		})
	}
}

func TestAllowOutside(t *testing.T) {
	root := hostile(t)
	write(t, filepath.Join(root, "app.yaml"), manifest(`
  listings:
    en:
      copyright: {file: ../secret.txt}
      developedBy: {file: link.txt}
      contactInfo: {file: "`+filepath.ToSlash(filepath.Join(root, "..", "secret.txt"))+`"}
      screenshots: ["../secret/*.png"]
`))
	w, text := loadIn(t, root, LoadOptions{AllowOutside: true})
	if strings.Contains(text, "error") {
		t.Fatal(text)
	}
	l := app(t, w).Listings["en"]
	if diff := cmp.Diff([]string{"s3cret", "s3cret", "s3cret", "../secret/1.png"},
		[]string{l.Copyright.Value, l.DevelopedBy.Value, l.ContactInfo.Value, l.Screenshots[0].Name}); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	var names []string
	for _, input := range w.Inputs {
		names = append(names, input.Name)
	}
	if diff := cmp.Diff([]string{"../secret.txt", "../secret/1.png", "app.yaml", "link.txt"}, names); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

func TestImagesStayInsideTheWorkspace(t *testing.T) {
	const confined = "  A manifest may only name files below ROOT (the nearest folder with .git or storesync.yaml, else the given path). Move the file there, or give --allow-outside if you trust every manifest.\n"
	tests := map[string]string{
		"shots/1.png":     "",
		"goodshots/1.png": "",
		"goodshots/[1].*": "",
		"shots/*.png":     `"shots/2.png" lies outside the workspace through a symbolic link` + "\n" + confined,
		`\n/x.png`:        `the path "\n/x.png" holds a control character` + "\n  Write the path relative to the manifest's own file, with forward slashes.\n",
		`\n*.png`:         `the pattern "\n*.png" holds a control character` + "\n  Take it out.\n",
		"odd/*.png":       `the file name "1\x1b[31m.png" holds a control character` + "\n  Rename the file.\n",
		// dir leads outside and the pipe is no folder: neither is looked into.
		"*/1.png":          `"shots/1.png" is the same image as "goodshots/1.png"` + "\n  Keep one of the two.\n",
		"dir/*.png":        `"dir" lies outside the workspace through a symbolic link` + "\n" + confined,
		"../secret/*.png":  `"../secret" lies outside the workspace` + "\n" + confined,
		"*/../../*/1.png":  `the pattern "*/../../*/1.png" holds ** or .. after a wildcard` + "\n  * stands for any part of one file or folder name; write one pattern per folder.\n",
		"shots/**/1.png":   `the pattern "shots/**/1.png" holds ** or .. after a wildcard` + "\n  * stands for any part of one file or folder name; write one pattern per folder.\n",
		"/etc/*.png":       `the path "/etc" is absolute` + "\n  Write the path relative to the manifest's own file, with forward slashes.\n",
		"shots/[1.png":     `the pattern "shots/[1.png" is malformed` + "\n  * matches any part of a name, ? one character, [abc] one of those; every [ needs its ].\n",
		"shots/*.jpg":      `no file matches "shots/*.jpg"` + "\n  Looked in shots. Add the files, or leave the field out to leave the Store's images alone.\n",
		"shots/11.png":     `the file "shots/11.png" does not exist` + "\n  Tried shots/11.png. Near names in that folder: 1.png, 2.png.\n",
		"pipe.txt":         `"pipe.txt" is not a regular file` + "\n  Name a regular file.\n",
		"text.txt":         `"text.txt" is not a PNG image: its header is unknown` + "\n  The Store takes PNG only. Convert the image; renaming the file is not enough.\n",
		"nothing/here/*.x": `the file "nothing/here" does not exist` + "\n  Tried nothing/here. Its folder does not exist either.\n",
	}
	root := hostile(t)
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			write(t, filepath.Join(root, "app.yaml"), manifest(`  listings: {en: {screenshots: ["`+path+`"]}}`+"\n"))
			w, text := loadIn(t, root, LoadOptions{})
			if want == "" {
				if strings.Contains(text, "error") || len(app(t, w).Listings["en"].Screenshots) == 0 {
					t.Error(text)
				}
				return
			}
			// A wildcard may meet several mistakes; the one looked for is there.
			if want = "app.yaml:6:33: error: listings.en.screenshots[0]: " + want; !strings.Contains(text, want) {
				t.Errorf("diagnostics (-want +got):\n%s", cmp.Diff(want, text))
			}
		})
	}
}

func TestManifestsStayInsideTheWorkspace(t *testing.T) {
	root := hostile(t)
	outer := filepath.Dir(root)
	write(t, filepath.Join(outer, "secret.yaml"), manifest(""))
	write(t, filepath.Join(root, "app.yaml"), manifest(""))
	if err := os.Symlink("../secret.txt", filepath.Join(root, "evil.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, text := loadIn(t, root, LoadOptions{Paths: []string{root, filepath.Join(outer, "secret.yaml")}})
	for _, want := range []string{
		`pipe.yaml: error: "pipe.yaml" is not a regular file`,
		`evil.yaml: error: "evil.yaml" lies outside the workspace through a symbolic link`,
		`secret.yaml" lies outside the workspace` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("diagnostics have no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "s3cret") {
		t.Errorf("diagnostics hold the secret:\n%s", text)
	}
}

func TestOpenServesOnlyWhatWasLoaded(t *testing.T) {
	root := hostile(t)
	write(t, filepath.Join(root, "app.yaml"), manifest("  listings: {en: {screenshots: [shots/1.png]}}\n"))
	w, _ := loadIn(t, root, LoadOptions{})
	file, err := w.Open("shots/1.png")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if closeErr := file.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	if want := picture(t, 1366, 768, 1); string(content) != want {
		t.Errorf("read %d bytes, want %d", len(content), len(want))
	}
	for _, name := range []string{"text.txt", "shots/2.png", "../secret.txt", "shots/../shots/1.png", ""} {
		if file, err := w.Open(name); err == nil {
			file.Close()
			t.Errorf("%q was opened", name)
		}
	}
	// The file is exchanged for a way out after loading.
	image := filepath.Join(root, "shots", "1.png")
	if err := os.Remove(image); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../secret/1.png", image); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Open("shots/1.png"); err == nil || err.Error() != `open shots/1.png: "shots/1.png" lies outside the workspace through a symbolic link` {
		t.Errorf("open says %v", err)
	}
}
