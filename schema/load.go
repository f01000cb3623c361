package schema

import (
	"context"
	"errors"
	"io"
)

// LoadOptions says what to load and what a manifest may reach.
type LoadOptions struct {
	// Paths are files, folders (searched recursively for *.yaml and *.yml)
	// or "-". None means ".".
	Paths []string
	// Stdin is read for "-".
	Stdin io.Reader
	// Vars are the values of ${var:name}.
	Vars map[string]string
	// LookupEnv resolves {env: NAME}. Nil leaves such values unset, as
	// `validate` does.
	LookupEnv func(name string) (string, bool)
	// AllowedEnv are names or NAME_* patterns that {env} may read beside
	// STORE_*.
	AllowedEnv []string
	// AllowOutside lifts the rule that files lie inside the workspace root.
	AllowOutside bool
}

// Workspace is everything that was loaded in one go.
type Workspace struct {
	// Root is the absolute folder that files of manifests lie in: the nearest
	// folder with .git or storesync.yaml, else the first given path's folder.
	Root string
	// Manifests are sorted by address.
	Manifests []*Manifest
	// Inputs are the files that were read, sorted by name.
	Inputs []Input

	files *confinement
}

// Input is one file that took part in a plan.
type Input struct {
	// Name is relative to the workspace root, with forward slashes.
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type confinement struct{}

// Load reads manifests strictly. A workspace is returned even with errors, as
// far as it could be read; the diagnostics are sorted.
func Load(ctx context.Context, options LoadOptions) (*Workspace, Diagnostics) {
	return nil, Diagnostics{{Severity: SeverityError, Summary: "load: not built yet"}}
}

// Validate judges what is written: limits and allowed values of the API.
// What is required on the target is judged by plan.
func Validate(w *Workspace) Diagnostics { return nil }

// Open opens a file by the workspace-relative name of an Image, under the same
// confinement as when it was loaded.
func (w *Workspace) Open(name string) (io.ReadSeekCloser, error) {
	return nil, errors.New("open: not built yet")
}

// Pos is where a manifest path is written. For a value that a language took
// from "*", it is the place under "*"; for a path that is not written, the
// place of its nearest written parent.
func (m *Manifest) Pos(path string) Position { return Position{File: m.File} }
