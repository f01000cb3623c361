package schema

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/maruel/natural"
)

// glob expands a pattern as a manifest writes it, relative to the manifest's
// folder, into names in natural order (2 before 10). Names that begin with a
// dot match only a pattern that does, which --allow-outside allows.
func (c *confinement) glob(folder, pattern string) ([]string, *fileProblem) {
	literal, wild := splitPattern(pattern)
	if strings.Contains(wild, "**") || slices.Contains(strings.Split(wild, "/"), "..") {
		return nil, &fileProblem{summary: fmt.Sprintf("the pattern %s holds ** or .. after a wildcard", quote(pattern)), detail: "* stands for any part of one file or folder name; write one pattern per folder."}
	}
	if _, err := path.Match(wild, ""); err != nil {
		return nil, &fileProblem{summary: fmt.Sprintf("the pattern %s is malformed", quote(pattern)), detail: "* matches any part of a name, ? one character, [abc] one of those; every [ needs its ]."}
	}
	if hasControl(pattern) {
		return nil, &fileProblem{summary: fmt.Sprintf("the pattern %s holds a control character", quote(pattern)), detail: "Take it out."}
	}
	if segment, ok := hiddenSegment(wild); ok && !c.allowOutside {
		return nil, hidden(pattern, "", segment)
	}
	base, problem := c.name(folder, literal)
	if problem != nil {
		return nil, problem
	}
	matches, problem := c.matches(base, wild)
	if problem != nil {
		return nil, problem
	}
	var names []string
	for _, match := range matches {
		if hasControl(match) {
			return nil, &fileProblem{summary: fmt.Sprintf("the file name %s holds a control character", quote(match)), detail: "Rename the file."}
		}
		if !hiddenMatch(match, wild) {
			names = append(names, path.Join(base, match))
		}
	}
	if len(names) == 0 {
		return nil, &fileProblem{
			summary: fmt.Sprintf("no file matches %s", quote(pattern)),
			detail:  fmt.Sprintf("Looked in %s. Add the files, or leave the field out to leave the Store's images alone.", c.absolute(base)),
		}
	}
	slices.SortFunc(names, natural.Compare)
	return names, nil
}

// matches are the files below a folder that match, found without leaving the
// root.
func (c *confinement) matches(base, wild string) ([]string, *fileProblem) {
	if c.allowOutside {
		matches, err := fs.Glob(folders{os.DirFS(c.absolute(base)), "."}, wild)
		if err != nil {
			return nil, c.problem(base, err)
		}
		return matches, nil
	}
	resolved, err := filepath.EvalSymlinks(c.absolute(base))
	if err != nil {
		return nil, c.problem(base, err)
	}
	relative, problem := c.inside(base, resolved)
	if problem != nil {
		return nil, problem
	}
	root, err := os.OpenRoot(c.root)
	if err != nil {
		return nil, c.problem(base, err)
	}
	defer root.Close()
	matches, err := fs.Glob(folders{root.FS(), filepath.ToSlash(relative)}, wild)
	if err != nil {
		return nil, c.problem(base, err)
	}
	return matches, nil
}

func isPattern(s string) bool { return strings.ContainsAny(s, "*?[") }

// splitPattern parts a pattern into its literal folder and the rest, which
// begins at the first segment with a wildcard.
func splitPattern(pattern string) (literal, wild string) {
	segments := strings.Split(pattern, "/")
	first := slices.IndexFunc(segments, isPattern)
	literal = strings.Join(segments[:first], "/")
	if literal == "" {
		literal = "."
		if strings.HasPrefix(pattern, "/") {
			literal = "/"
		}
	}
	return literal, strings.Join(segments[first:], "/")
}

// hiddenMatch reports whether a match has a dot name that the pattern does not
// ask for: .DS_Store and ._1.png are no screenshots.
func hiddenMatch(match, wild string) bool {
	patterns := strings.Split(wild, "/")
	for i, segment := range strings.Split(match, "/") {
		if strings.HasPrefix(segment, ".") && !strings.HasPrefix(patterns[i], ".") {
			return true
		}
	}
	return false
}

// folders is a file system below a base that reads nothing but folders: to
// read a named pipe as a folder, as fs.Glob would, waits for ever.
type folders struct {
	fs.FS
	base string
}

func (f folders) Stat(name string) (fs.FileInfo, error) {
	return fs.Stat(f.FS, path.Join(f.base, name))
}

func (f folders) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := f.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("read folder %s: %w", name, fs.ErrInvalid)
	}
	return fs.ReadDir(f.FS, path.Join(f.base, name))
}
