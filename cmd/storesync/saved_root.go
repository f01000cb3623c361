package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/storesync/storesync/reconcile/plan"
)

// savedRoot finds the workspace of a saved plan as the plan found it: the nearest
// marked folder above the manifests. Where those lie is tried in turn: as the
// plan's repository has it, as it was seen from the folder where the plan was
// made, and in the workspace around the working folder.
func savedRoot(plan *plan.Plan) (string, error) {
	working, err := resolved(".")
	if err != nil {
		return "", fmt.Errorf("find the working folder: %w", err)
	}
	made := filepath.Join(working, filepath.FromSlash(plan.Options.Folder))
	var candidates []string
	if repository := folderWith(working, ".git"); repository != "" && filepath.IsLocal(filepath.FromSlash(plan.Workspace)) {
		candidates = append(candidates, filepath.Join(repository, filepath.FromSlash(plan.Workspace)))
	}
	candidates = append(candidates, made)
	around := folderWith(working, workspaceMarkers()...)
	if around != "" {
		candidates = append(candidates, around)
	}
	for _, folder := range candidates {
		if isRootOf(folder, plan) {
			return folder, nil
		}
	}
	// None of them holds it all: what is missing is said when it is loaded.
	if around != "" {
		return around, nil
	}
	return made, nil
}

// workspaceMarkers are the names that make a folder a workspace root.
func workspaceMarkers() []string { return []string{".git", "storesync.yaml"} }

// folderWith is the nearest folder, upwards, that holds one of the names, "" when
// none does.
func folderWith(folder string, names ...string) string {
	for up := folder; ; up = filepath.Dir(up) {
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(up, name)); err == nil {
				return up
			}
		}
		if up == filepath.Dir(up) {
			return ""
		}
	}
}

// isRootOf reports whether the plan's first path has its workspace root in the
// folder, and whether the files of the plan are there.
func isRootOf(folder string, plan *plan.Plan) bool {
	if first := plan.Options.Paths[0]; first != "-" {
		at := filepath.Join(folder, filepath.FromSlash(first))
		info, err := os.Stat(at)
		if err != nil {
			return false
		}
		if !info.IsDir() {
			at = filepath.Dir(at)
		}
		if at, err = resolved(at); err != nil {
			return false
		}
		if marked := folderWith(at, workspaceMarkers()...); marked != "" && marked != folder {
			return false
		}
	}
	for _, input := range plan.Inputs {
		name := filepath.FromSlash(input.Name)
		if input.Name == "-" || !filepath.IsLocal(name) {
			continue
		}
		if _, err := os.Lstat(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}
