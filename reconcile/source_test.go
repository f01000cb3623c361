package reconcile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// TestSource checks that changes and notices get the places where a manifest
// writes them, or their nearest parent, and that files are named from the root.
func TestSource(t *testing.T) {
	root := repository(t, "store")
	write(t, filepath.Join(root, "store", "app.yaml"), `apiVersion: storesync/v1
kind: MsixApp
metadata:
  name: contoso-notes
spec:
  appId: 9NBLGGH4R315
  visibility: Public
  listings:
    en-us:
      title: Contoso Notes
`)
	t.Chdir(filepath.Join(root, "store"))
	workspace, diagnostics := schema.Load(t.Context(), schema.LoadOptions{Paths: []string{"app.yaml"}})
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	got := sourceOf(workspace.Root, workspace.Manifests[0], plan.Product{
		Changes: []plan.Change{{Path: "visibility"}, {Path: "listings.en-us.title"}, {Path: "listings.en-us.description"}},
		Notices: []plan.Notice{{Text: "of the product"}, {Path: "listings.EN-US", Text: "of a path"}},
	})
	want := &plan.Source{File: "store/app.yaml", Line: 4, Col: 9, Paths: map[plan.Path]plan.Place{
		"visibility": {Line: 7, Col: 15}, "listings.en-us.title": {Line: 10, Col: 14}, "listings.en-us.description": {Line: 9, Col: 5}, "listings.EN-US": {Line: 9, Col: 5},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

// TestSourceIsNotHashed checks that moving lines, or the workspace, changes no
// hash: a reviewed plan stays the same plan.
func TestSourceIsNotHashed(t *testing.T) {
	product := plan.Product{Address: "MsixApp/contoso-notes", Changes: []plan.Change{{Path: "visibility"}}}
	moved := product
	moved.Source = &plan.Source{File: "app.yaml", Line: 9, Col: 9}
	if product.Identity() != moved.Identity() {
		t.Error("the place of a manifest is in the hash of its product")
	}
	plan, other := plan.Plan{Workspace: "."}, plan.Plan{Workspace: "apps"}
	if plan.Identity() != other.Identity() {
		t.Error("the workspace is in the hash of a plan")
	}
}

func TestWorkspaceName(t *testing.T) {
	root := repository(t, "apps/reader")
	for _, tt := range []struct{ reason, root, want string }{
		{"the repository itself", root, "."},
		{"a folder of it", filepath.Join(root, "apps", "reader"), "apps/reader"},
		{"nothing is known", "", "."},
	} {
		if diff := cmp.Diff(tt.want, WorkspaceName(tt.root)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

func TestWorkspaceFile(t *testing.T) {
	root := repository(t, "store")
	t.Chdir(filepath.Join(root, "store"))
	for _, tt := range []struct{ reason, file, want string }{
		{"named from where the command runs", "app.yaml", "store/app.yaml"},
		{"named in a roundabout way", "../store/./app.yaml", "store/app.yaml"},
		{"named in full", filepath.Join(root, "store", "app.yaml"), "store/app.yaml"},
		{"standard input", "-", "-"},
		{"outside of the root", "../../other.yaml", "../../other.yaml"},
	} {
		if diff := cmp.Diff(tt.want, WorkspaceFile(root, tt.file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
		}
	}
}

// repository is a folder with .git and another folder in it, without links.
func repository(t *testing.T, folder string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{".git", folder} {
		if err := os.MkdirAll(filepath.Join(root, f), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
