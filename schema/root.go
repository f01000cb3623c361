package schema

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// rootMarkers are the names that make a folder a workspace root.
func rootMarkers() []string { return []string{".git", "storesync.yaml"} }

// findRoot finds the workspace root for a path of the command line: the nearest
// marked folder, else the path's own folder. Symbolic links are resolved.
func findRoot(path string) (string, error) {
	folder := path
	if path == "-" {
		folder = "."
	} else if info, err := os.Stat(path); err != nil {
		return "", err
	} else if !info.IsDir() {
		folder = filepath.Dir(path)
	}
	folder, err := resolve(folder)
	if err != nil {
		return "", err
	}
	if marked := markedAbove(folder); marked != "" {
		return marked, nil
	}
	return folder, nil
}

// markedAbove is the nearest marked folder, upwards; "" when there is none.
func markedAbove(folder string) string {
	for up := folder; ; up = filepath.Dir(up) {
		for _, marker := range rootMarkers() {
			if _, err := os.Lstat(filepath.Join(up, marker)); err == nil {
				return up
			}
		}
		if up == filepath.Dir(up) {
			return ""
		}
	}
}

// resolve is the absolute path without links. ".." takes back what is written
// before it, also a link, as filepath.Clean does and shells do.
func resolve(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// checkArgument refuses a path of the command line that a link leads out of the
// workspace which the link lies in. Otherwise a pull request could put a link
// in the place of the folder that a workflow names, and have any file of the
// machine read with that file's own folder as the root. A link outside of every
// workspace is the user's own.
func checkArgument(path string) (*fileProblem, error) {
	written, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	volume := filepath.VolumeName(written)
	at := volume + string(filepath.Separator)
	for part := range strings.SplitSeq(strings.Trim(written[len(volume):], string(filepath.Separator)), string(filepath.Separator)) {
		next := filepath.Join(at, part)
		info, err := os.Lstat(next)
		if err != nil {
			return nil, err
		}
		if info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) == 0 {
			at = next
			continue
		}
		to, err := filepath.EvalSymlinks(next)
		if err != nil {
			return nil, err
		}
		if root := markedAbove(at); root != "" && !isBelow(root, to) {
			return leadsOutside(path, next, root), nil
		}
		at = to
	}
	return nil, nil
}

// isBelow reports whether a path is the folder or lies in it; both are resolved.
func isBelow(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}

func leadsOutside(path, link, root string) *fileProblem {
	what := quote(path) + " is a link that leads"
	if filepath.Clean(path) != filepath.Base(link) {
		what = fmt.Sprintf("%s leads through the link %s", quote(path), quote(filepath.Base(link)))
	}
	return &fileProblem{
		summary: what + " outside the workspace",
		detail: fmt.Sprintf("The link lies in %s, and what it leads to does not. Give the path without the link, or --allow-outside if you trust every manifest.",
			root),
	}
}
