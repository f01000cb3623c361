package reconcile

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/storesync/storesync/schema"
)

// Source is where a product's manifest is written, so that a view can point at
// the lines that a change comes from. Moving a line changes nothing at the
// Store: positions are part of neither hash nor revision.
type Source struct {
	// File is relative to the workspace root, with forward slashes; "-" is
	// standard input.
	File string `json:"file"`
	// Line and Col are where the manifest is named, counted from 1.
	Line int `json:"line,omitempty"`
	Col  int `json:"col,omitempty"`
	// Paths are where the paths of changes and notices are written, or the
	// nearest parent that is.
	Paths map[Path]Place `json:"paths,omitempty"`
}

// Place is a line and a column of a file, counted from 1.
type Place struct {
	Line int `json:"line"`
	Col  int `json:"col"`
}

// sourceOf finds the places of everything that a plan says about a manifest.
func sourceOf(root string, m *schema.Manifest, p ProductPlan) *Source {
	name := m.Pos("metadata.name")
	source := &Source{File: WorkspaceFile(root, m.File), Line: name.Line, Col: name.Col, Paths: map[Path]Place{}}
	add := func(path Path) {
		written := string(path)
		if path == PathProduct {
			written = "metadata.state"
		}
		if pos := m.Pos(written); path != "" && pos.Line > 0 {
			source.Paths[path] = Place{Line: pos.Line, Col: pos.Col}
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
