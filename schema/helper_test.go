package schema

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// folder makes a workspace: a folder with a storesync.yaml and these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "storesync.yaml"), "")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		write(t, filepath.Join(root, filepath.FromSlash(name)), files[name])
	}
	return root
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// picture is a PNG of that size, filled with a shade so that pictures differ.
func picture(t *testing.T, width, height int, shade uint8) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// manifest is a manifest with this spec below its product id.
func manifest(spec string) string {
	return "apiVersion: storesync/v1\nkind: MsiExeApp\nmetadata: {name: reader}\nspec:\n  productId: 6f1c0b1e-4f5c-4a57-9b0a-1c6c8f6f0a11\n" +
		strings.TrimPrefix(spec, "\n")
}

// loadIn loads root/app.yaml and returns every diagnostic of Load and
// Validate, one after the other, with the root's path taken out.
func loadIn(t *testing.T, root string, options LoadOptions) (*Workspace, string) {
	t.Helper()
	if options.Paths == nil {
		options.Paths = []string{filepath.Join(root, "app.yaml")}
	}
	w, diagnostics := Load(t.Context(), options)
	diagnostics = append(diagnostics, Validate(w)...)
	diagnostics.Sort()
	text := ""
	for _, d := range diagnostics {
		text += d.String() + "\n"
	}
	text = strings.ReplaceAll(text, root+string(filepath.Separator), "")
	return w, strings.ReplaceAll(text, root, "ROOT")
}

// load loads one manifest with these files beside it. What is valid must be so
// to editors, too.
func load(t *testing.T, content string, files map[string]string) (*Workspace, string) {
	t.Helper()
	all := map[string]string{"app.yaml": content}
	maps.Copy(all, files)
	w, text := loadIn(t, folder(t, all), LoadOptions{Vars: map[string]string{"version": "2.1.0"}})
	if !strings.Contains(text, "error: ") {
		for _, err := range judge(t, editorSchema(t), content) {
			if err != nil {
				t.Errorf("valid, but not to editors: %v\n%s", err, content)
			}
		}
	}
	return w, text
}

// app is the one app of a workspace.
func app(t *testing.T, w *Workspace) *MsiExeApp {
	t.Helper()
	if len(w.Manifests) != 1 || w.Manifests[0].MsiExeApp == nil {
		t.Fatalf("workspace has %d manifests, want one app", len(w.Manifests))
	}
	return w.Manifests[0].MsiExeApp
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func list(n int, item func(int) string) string {
	var items []string
	for i := range n {
		items = append(items, item(i))
	}
	return fmt.Sprintf("[%s]", strings.Join(items, ", "))
}

func truncate(t *testing.T, root, name string, size int64) {
	t.Helper()
	if err := os.Truncate(filepath.Join(root, name), size); err != nil {
		t.Fatal(err)
	}
}
