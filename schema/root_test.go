package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A pull request can put a link in the place of any folder that a workflow names.
func TestALinkDoesNotLeadOutOfItsWorkspace(t *testing.T) {
	outer, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outer, "app.yaml"), manifest("  listings: {en-us: {description: {file: private.txt}}}\n"))
	write(t, filepath.Join(outer, "private.txt"), "never shown")
	write(t, filepath.Join(outer, "other", "storesync.yaml"), "")
	write(t, filepath.Join(outer, "other", "app.yaml"), manifest(""))
	write(t, filepath.Join(outer, "other", "sub", "app.yaml"), manifest(""))
	repository := filepath.Join(outer, "repository")
	write(t, filepath.Join(repository, ".git", "HEAD"), "ref: refs/heads/main\n")
	write(t, filepath.Join(repository, "real", "app.yaml"), manifest(""))
	write(t, filepath.Join(repository, "real", "folder", "app.yaml"), manifest(""))
	for name, to := range map[string]string{
		"out": "..", "absolute": outer, "other": "../other", "twice": "out", "app.yaml": "../app.yaml", "real/deep": "../..",
		"inside": "real", "dangling": "../nowhere",
	} {
		if err := os.Symlink(to, filepath.Join(repository, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	// A link outside of every workspace is the user's own.
	if err := os.Symlink("repository", filepath.Join(outer, "mine")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"out", "out/", "out//", "out/.", "absolute/", "other/", "other/sub", "twice/", "app.yaml", "out/app.yaml", "real/deep/", "real/../out/",
		"real/deep/app.yaml", "out/repository/real", "inside/deep/",
	} {
		for _, base := range []string{repository, filepath.Join(outer, "mine")} {
			given := base + "/" + path
			w, diagnostics := Load(t.Context(), LoadOptions{Paths: []string{given}})
			text := diagnostics.Error()
			if !strings.Contains(text, "outside the workspace") || len(w.Manifests) > 0 || w.Root != "" {
				t.Errorf("%s: root %q, %d manifests, %s", path, w.Root, len(w.Manifests), text)
			}
			// Also as the second path, which has no say in the root.
			w, diagnostics = Load(t.Context(), LoadOptions{Paths: []string{filepath.Join(repository, "real"), given}})
			if !diagnostics.HasErrors() || len(w.Manifests) > 0 {
				t.Errorf("%s as the second path: %d manifests, %s", path, len(w.Manifests), diagnostics.Error())
			}
		}
	}
	for path, want := range map[string]string{
		"repository/inside": "repository", "repository/inside/": "repository", "repository/inside/folder": "repository", "mine/real": "repository", "mine/": "repository",
		"repository/out/../real": "repository", "repository/real/app.yaml": "repository",
	} {
		w, diagnostics := Load(t.Context(), LoadOptions{Paths: []string{outer + "/" + path}})
		if want := filepath.Join(outer, want); w.Root != want || len(w.Manifests) == 0 {
			t.Errorf("root of %s is %q, want %s, with %d manifests: %s", path, w.Root, want, len(w.Manifests), diagnostics.Error())
		}
	}
	// Who trusts every manifest may lead anywhere.
	w, _ := Load(t.Context(), LoadOptions{Paths: []string{repository + "/other/"}, AllowOutside: true})
	if len(w.Manifests) == 0 {
		t.Error("--allow-outside: the link is refused all the same")
	}
}
