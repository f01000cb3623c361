package schema

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named is a manifest with another name and product.
func named(name, productID string, more string) string {
	return "apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: " + name + more + "}\nspec:\n  productId: " + productID + "\n"
}

const (
	guidA = "6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"
	guidB = "7f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11"
)

func addresses(w *Workspace) []string {
	var result []string
	for _, m := range w.Manifests {
		result = append(result, m.Address())
	}
	return result
}

func TestFoldersAreSearched(t *testing.T) {
	root := folder(t, map[string]string{
		"b.yaml":                      named("b", guidB, ""),
		"sub/deep/a.YML":              named("a", guidA, ""),
		"emulator.yaml":               "products: []\n",
		"sub/workflow.yml":            "on: push\njobs: {}\n",
		"chart.yaml":                  "{{ not: yaml }}: [\n",
		"list.yaml":                   "- a\n",
		"notes.txt":                   "apiVersion: storesync/v1\n",
		".git/x.yaml":                 "apiVersion: storesync/v1\n",
		".storesync/emulator/x.yaml":  "apiVersion: storesync/v1\n",
		".github/workflows/ci.yaml":   "apiVersion: storesync/v1\n",
		".hidden.yaml":                "apiVersion: storesync/v1\n",
		"sub/deep/storesync-data.txt": "",
	})
	w, text := loadIn(t, root, LoadOptions{Paths: []string{filepath.Join(root, "sub"), root, filepath.Join(root, "b.yaml")}})
	if text != "" {
		t.Fatal(text)
	}
	if diff := cmp.Diff([]string{"MsiExeApp/a", "MsiExeApp/b"}, addresses(w)); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	digest := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	}
	want := []Input{{"b.yaml", digest(named("b", guidB, ""))}, {"sub/deep/a.YML", digest(named("a", guidA, ""))}}
	if diff := cmp.Diff(want, w.Inputs); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if w.Root != root {
		t.Errorf("root is %s, want %s", w.Root, root)
	}
}

func TestFilesThatAreNoManifests(t *testing.T) {
	tests := map[string]struct {
		file, content, path, want string
	}{
		"named, no manifest": {"emulator.yaml", "products: []\n", "emulator.yaml", `emulator.yaml:1:1: error: apiVersion, kind, metadata, spec are missing
  A manifest has apiVersion, kind, metadata, spec.
emulator.yaml:1:1: error: products: unknown field "products"
  Allowed here: apiVersion, kind, metadata, spec.
`},
		"found, of another tool": {"deploy.yaml", "apiVersion: apps/v1\nkind: MsiExeApp\nmetadata: {name: x}\nspec: {}\n", ".", `deploy.yaml:1:13: error: apiVersion: "apps/v1" is not supported
  Allowed: storesync/v1.
deploy.yaml:4:7: error: spec: productId is missing
  Write it: it cannot be left out.
`},
		"found, broken": {"app.yaml", "apiVersion: storesync/v1\nkind: [\n", ".", `app.yaml:3:1: error: not YAML: did not find expected node content
  Common causes: a missing space after a colon, or a text with ": " or a leading @, %, *, & or ` + "`" + ` that needs quotes.
`},
		"nothing found": {"other.yaml", "a: b\n", ".", `error: no manifest found in ROOT
  Manifests are *.yaml or *.yml files that hold apiVersion: storesync/v1.
`},
		"no such path": {"other.yaml", "a: b\n", "app.yaml", `app.yaml: error: no such file or folder
  Tried app.yaml. Paths are files, folders or - for standard input.
`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := folder(t, map[string]string{test.file: test.content})
			w, text := loadIn(t, root, LoadOptions{Paths: []string{filepath.Join(root, test.path)}})
			if diff := cmp.Diff(test.want, text); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
			if w == nil {
				t.Error("no workspace")
			}
		})
	}
}

func TestManifestsAreUnique(t *testing.T) {
	root := folder(t, map[string]string{
		"a.yaml": named("reader", guidA, "") + "---\n" + named("other", strings.ToUpper(guidA), ""),
		"b.yaml": named("Reader", guidB, ""),
	})
	_, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	want := `a.yaml:11:14: error: productId: "6F1C0B1E-4F5C-4A57-9B0A-1C6C8F6F0A11" is already the product of MsiExeApp/reader at a.yaml:5:14
  One product has one manifest. Join the two, or correct one id.
b.yaml:3:18: error: metadata.name: MsiExeApp/Reader is already the address of the manifest at a.yaml:3:18
  Give one of them another metadata.name.
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestStandardInput(t *testing.T) {
	root := folder(t, map[string]string{"c.txt": "Contoso"})
	t.Chdir(root)
	content := manifest("  listings: {en: {copyright: {file: c.txt}}}\n")
	w, text := loadIn(t, root, LoadOptions{Paths: []string{"-"}, Stdin: strings.NewReader(content)})
	if text != "" {
		t.Fatal(text)
	}
	if got := app(t, w).Listings["en"].Copyright.Value; got != "Contoso" {
		t.Errorf("copyright is %q", got)
	}
	if w.Manifests[0].File != "-" || w.Inputs[0].Name != "-" {
		t.Errorf("file is %q, input %q, want -", w.Manifests[0].File, w.Inputs[0].Name)
	}
	_, text = loadIn(t, root, LoadOptions{Paths: []string{"-"}, Stdin: strings.NewReader("kind: ~\n")})
	if !strings.HasPrefix(text, "-:1:1: error: apiVersion, metadata, spec are missing") {
		t.Error(text)
	}
}

func TestTheRootIsTheNearestMarkedFolder(t *testing.T) {
	outer, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outer, "plain", "sub", "app.yaml"), manifest(""))
	write(t, filepath.Join(outer, "git", "sub", "app.yaml"), manifest(""))
	if err := os.Mkdir(filepath.Join(outer, "git", ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outer, "git", "marked", "storesync.yaml"), "")
	write(t, filepath.Join(outer, "git", "marked", "sub", "app.yaml"), manifest(""))
	for path, want := range map[string]string{
		"plain/sub/app.yaml": "plain/sub", "plain/sub": "plain/sub", "plain": "plain",
		"git/sub/app.yaml": "git", "git/sub": "git", "git/marked/sub": "git/marked",
	} {
		w, _ := Load(t.Context(), LoadOptions{Paths: []string{filepath.Join(outer, path)}})
		if want := filepath.Join(outer, want); w.Root != want {
			t.Errorf("root of %s is %s, want %s", path, w.Root, want)
		}
	}
}

func TestAnInterruptedLoadSaysSo(t *testing.T) {
	root := folder(t, map[string]string{"app.yaml": manifest("")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, diagnostics := Load(ctx, LoadOptions{Paths: []string{root}})
	if diff := cmp.Diff("error: loading was interrupted: context canceled\n  Run the command again.", diagnostics.Error()); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	root := folder(t, map[string]string{
		"a.yaml": named("reader", guidA, ", labels: {team: reader, tier: gold}"), "b.yaml": named("notes", guidB, ", labels: {team: notes}"),
	})
	tests := map[string]struct {
		targets   []string
		selectors map[string]string
		want      []string
		err       string
	}{
		"all":      {nil, nil, []string{"MsiExeApp/notes", "MsiExeApp/reader"}, ""},
		"target":   {[]string{"MsiExeApp/reader"}, nil, []string{"MsiExeApp/reader"}, ""},
		"selector": {nil, map[string]string{"team": "notes"}, []string{"MsiExeApp/notes"}, ""},
		"both":     {[]string{"MsiExeApp/reader"}, map[string]string{"team": "reader", "tier": "gold"}, []string{"MsiExeApp/reader"}, ""},
		"unknown target": {[]string{"MsiExeApp/raeder"}, nil, nil, `error: no manifest has the address "MsiExeApp/raeder"
  Did you mean MsiExeApp/reader? Known addresses: MsiExeApp/notes, MsiExeApp/reader.`},
		"name alone": {[]string{"reader"}, nil, nil, `error: no manifest has the address "reader"
  Did you mean MsiExeApp/reader? Known addresses: MsiExeApp/notes, MsiExeApp/reader.`},
		"nothing left": {nil, map[string]string{"tier": "gold", "team": "notes"}, nil, `error: no manifest bears the labels team=notes, tier=gold
  Labels are written under metadata.labels. Known addresses: MsiExeApp/notes, MsiExeApp/reader.`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
			if text != "" {
				t.Fatal(text)
			}
			if diff := cmp.Diff(test.err, w.Select(test.targets, test.selectors).Error()); diff != "" {
				t.Fatalf("diagnostics (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, addresses(w)); test.err == "" && diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

// A selection was read from the files of its own manifests only, those that
// others read, too, among them.
func TestUsedInputs(t *testing.T) {
	shared := "  listings: {en-us: {description: {file: shared.txt}, shortDescription: {file: %.txt}}}\n"
	root := folder(t, map[string]string{
		"a.yaml": named("a", guidA, "") + strings.ReplaceAll(shared, "%", "a"), "b.yaml": named("b", guidB, "") + strings.ReplaceAll(shared, "%", "b"),
		"a.txt": "A.", "b.txt": "B.", "shared.txt": "Both.",
	})
	w, text := loadIn(t, root, LoadOptions{Paths: []string{root}})
	if text != "" {
		t.Fatal(text)
	}
	if diff := cmp.Diff(w.Inputs, w.Used()); diff != "" {
		t.Errorf("inputs that no manifest used (-inputs +used):\n%s", diff)
	}
	if found := w.Select([]string{"MsiExeApp/b"}, nil); found.HasErrors() {
		t.Fatal(found)
	}
	var names []string
	for _, input := range w.Used() {
		names = append(names, input.Name)
	}
	if diff := cmp.Diff([]string{"b.txt", "b.yaml", "shared.txt"}, names); diff != "" {
		t.Errorf("used (-want +got):\n%s", diff)
	}
}
