package reconcile

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/storesync/storesync/reconcile/plan"
	"github.com/storesync/storesync/schema"
)

// sourceOf finds the places of everything that a plan says about a manifest.
func sourceOf(root string, m *schema.Manifest, p plan.Product) *plan.Source {
	name := m.Pos("metadata.name")
	source := &plan.Source{File: WorkspaceFile(root, m.File), Line: name.Line, Col: name.Col, Paths: map[plan.Path]plan.Place{}}
	add := func(path plan.Path) {
		written := string(path)
		if path == plan.PathProduct {
			written = "metadata.state"
		}
		if pos := m.Pos(written); path != "" && pos.Line > 0 {
			source.Paths[path] = plan.Place{Line: pos.Line, Col: pos.Col}
		}
	}
	for _, change := range p.Changes {
		add(change.Path)
	}
	for _, notice := range p.Notices {
		add(notice.Path)
	}
	return source
}

// WorkspaceFile is a file as it is named below the workspace root. A file outside
// of it keeps the name that it was given by.
func WorkspaceFile(root, file string) string {
	if file == "-" || root == "" {
		return file
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	// Manifests may be reached through a linked folder; the root has no links.
	if folder, err := filepath.EvalSymlinks(filepath.Dir(absolute)); err == nil {
		absolute = filepath.Join(folder, filepath.Base(absolute))
	}
	relative, err := filepath.Rel(root, absolute)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(relative)
}

// WorkspaceName is the workspace root as it lies in its repository, with
// forward slashes: "." when it is the repository's own root, or when there is
// no repository. It tells the workspaces of one repository apart, on every
// machine alike.
func WorkspaceName(root string) string {
	if root == "" {
		return "."
	}
	for up := root; ; up = filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			return WorkspaceFile(up, root)
		}
		if up == filepath.Dir(up) {
			return "."
		}
	}
}
