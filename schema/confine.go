package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
)

// confinement reads the files that manifests name. Manifests may come from a
// stranger's pull request, so a file must lie inside the root and outside of
// everything whose name begins with a dot, both also after symbolic links are
// resolved, and must be a regular file. Names are relative to the root with
// forward slashes.
type confinement struct {
	// root is absolute with symbolic links resolved.
	root         string
	allowOutside bool
	// digests are the SHA-256 of every file read, by name.
	digests map[string]string
	// used are the names that the document being decoded has read, and how often.
	used   map[string]int
	images map[string]measured
	// packages and videos are those read, since reading one takes long.
	packages map[string]readPackageFile
	videos   map[string]readVideo
}

// measured is the remembered outcome of measuring an image, which many
// languages may share.
type measured struct {
	image   Image
	problem *fileProblem
}

// fileProblem says why a file cannot be used and what to do.
type fileProblem struct {
	summary, detail string
	// missing means that there is no such file, and nothing worse.
	missing bool
	// tooLarge means that the file has more bytes than are read.
	tooLarge bool
}

func (p *fileProblem) Error() string { return p.summary }

func newConfinement(root string, allowOutside bool) *confinement {
	return &confinement{
		root: root, allowOutside: allowOutside, digests: map[string]string{}, used: map[string]int{}, images: map[string]measured{},
		packages: map[string]readPackageFile{}, videos: map[string]readVideo{},
	}
}

func (c *confinement) inputs() []Input {
	var inputs []Input
	for _, name := range slices.Sorted(maps.Keys(c.digests)) {
		inputs = append(inputs, Input{Name: name, SHA256: c.digests[name]})
	}
	return inputs
}

// absolute is the file system's path of a name.
func (c *confinement) absolute(name string) string {
	return filepath.Join(c.root, filepath.FromSlash(name))
}

var windowsDrive = regexp.MustCompile(`^[A-Za-z]:`)

// name turns a path as a manifest writes it, relative to the manifest's
// folder, into a name.
func (c *confinement) name(folder, written string) (string, *fileProblem) {
	const shape = "Write the path relative to the manifest's own file, with forward slashes."
	absolute := strings.HasPrefix(written, "/") || windowsDrive.MatchString(written)
	switch {
	case written == "":
		return "", &fileProblem{summary: "the path is empty", detail: shape}
	case hasControl(written):
		return "", &fileProblem{summary: fmt.Sprintf("the path %s holds a control character", quote(written)), detail: shape}
	case strings.Contains(written, `\`):
		return "", &fileProblem{summary: fmt.Sprintf("the path %s holds a backslash", quote(written)), detail: shape}
	case absolute && !c.allowOutside:
		return "", &fileProblem{summary: fmt.Sprintf("the path %s is absolute", quote(written)), detail: shape}
	}
	full := filepath.FromSlash(written)
	if !absolute {
		full = filepath.Join(folder, full)
	}
	relative, err := filepath.Rel(c.root, full)
	if err != nil || (!filepath.IsLocal(relative) && !c.allowOutside) {
		return "", c.outside(written, "")
	}
	name := filepath.ToSlash(relative)
	if segment, ok := hiddenSegment(name); ok && !c.allowOutside {
		return "", hidden(written, "", segment)
	}
	return name, nil
}

// hasControl reports whether a path could upset a terminal or a log.
func hasControl(path string) bool { return strings.ContainsFunc(path, unicode.IsControl) }

func (c *confinement) outside(written, how string) *fileProblem {
	return &fileProblem{
		summary: fmt.Sprintf("%s lies outside the workspace%s", quote(written), how),
		detail: fmt.Sprintf("A manifest may only name files below %s (the nearest folder with .git or storesync.yaml, else the given path). Move the file there, or give --allow-outside if you trust every manifest.",
			c.root),
	}
}

// hiddenSegment is the first part of a name that begins with a dot, if one
// does. Folders above the root are no part of a name, so a checkout below
// ~/.cache is none. HFS+ of macOS passes over invisible format characters in
// names, so they do not hide a dot here either.
func hiddenSegment(name string) (string, bool) {
	for segment := range strings.SplitSeq(name, "/") {
		visible := strings.TrimLeftFunc(segment, func(r rune) bool { return unicode.Is(unicode.Cf, r) })
		if strings.HasPrefix(visible, ".") && visible != "." && visible != ".." {
			return segment, true
		}
	}
	return "", false
}

// hidden refuses a dot name: a job's checkout keeps its token in .git/config,
// and .env files are made for secrets.
func hidden(written, how, segment string) *fileProblem {
	return &fileProblem{
		summary: fmt.Sprintf("%s is hidden%s: the name %s begins with a dot", quote(written), how, quote(segment)),
		detail:  "Such files may hold secrets, as .git/config and .env do, so a manifest may not name them. Move the file out of there, or give --allow-outside if you trust every manifest.",
	}
}

const throughLink = " through a symbolic link"

// inside is a resolved path relative to the root, when the path that a link
// leads to may be read: inside the root, and with a dot name only where the
// name itself has one, which is a manifest that the command line names.
func (c *confinement) inside(name, resolved string) (string, *fileProblem) {
	relative, err := filepath.Rel(c.root, resolved)
	if err != nil || !filepath.IsLocal(relative) {
		return "", c.outside(name, throughLink)
	}
	_, asked := hiddenSegment(name)
	if segment, ok := hiddenSegment(filepath.ToSlash(relative)); ok && !asked {
		return "", hidden(name, throughLink, segment)
	}
	return relative, nil
}

// open opens a name for reading, refusing what is not a regular file without
// waiting for it, as opening a named pipe would.
func (c *confinement) open(name string) (*os.File, fs.FileInfo, *fileProblem) {
	resolved, err := filepath.EvalSymlinks(c.absolute(name))
	if err != nil {
		return nil, nil, c.problem(name, err)
	}
	stat, open := os.Stat, os.OpenFile
	if !c.allowOutside {
		relative, problem := c.inside(name, resolved)
		if problem != nil {
			return nil, nil, problem
		}
		// The links are resolved; os.Root sees to it that nobody swaps in
		// another one before the file is open.
		root, err := os.OpenRoot(c.root)
		if err != nil {
			return nil, nil, c.problem(name, err)
		}
		defer root.Close()
		resolved, stat, open = relative, root.Stat, root.OpenFile
	}
	info, err := stat(resolved)
	if err != nil {
		return nil, nil, c.problem(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, notRegular(name, info)
	}
	file, err := open(resolved, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, c.problem(name, err)
	}
	if info, err = file.Stat(); err == nil && info.Mode().IsRegular() {
		return file, info, nil
	}
	file.Close()
	if err != nil {
		return nil, nil, c.problem(name, err)
	}
	return nil, nil, notRegular(name, info)
}

func notRegular(name string, info fs.FileInfo) *fileProblem {
	what := "not a regular file"
	if info.IsDir() {
		what = "a folder"
	}
	return &fileProblem{summary: fmt.Sprintf("%s is %s", quote(name), what), detail: "Name a regular file."}
}

// problem explains a failed file operation: for a missing file the full path
// that was tried and names like it.
func (c *confinement) problem(name string, err error) *fileProblem {
	full := c.absolute(name)
	if !errors.Is(err, fs.ErrNotExist) {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		return &fileProblem{summary: fmt.Sprintf("%s cannot be read: %v", quote(name), err), detail: "Tried " + full + "."}
	}
	p := &fileProblem{missing: true, summary: fmt.Sprintf("the file %s does not exist", quote(name)), detail: "Tried " + full + "."}
	if near := c.nearNames(name); len(near) > 0 {
		p.detail += " Near names in that folder: " + strings.Join(near, ", ") + "."
	} else if _, err := os.Lstat(filepath.Dir(full)); err != nil {
		p.detail += " Its folder does not exist either."
	}
	return p
}

// nearNames are files that a mistyped name may mean. Nothing is said of
// folders that may not be read.
func (c *confinement) nearNames(name string) []string {
	folder, err := filepath.EvalSymlinks(c.absolute(path.Dir(name)))
	if err != nil {
		return nil
	}
	if _, problem := c.inside(path.Dir(name), folder); problem != nil {
		return nil
	}
	root, err := os.OpenRoot(c.root)
	if err != nil {
		return nil
	}
	defer root.Close()
	entries, err := folders{root.FS(), path.Dir(name)}.ReadDir(".")
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if _, dot := hiddenSegment(entry.Name()); !dot {
			names = append(names, cut(entry.Name()))
		}
	}
	return nearest(path.Base(name), names, 3)
}

// read returns a file's content, at most limit bytes, and notes its digest.
func (c *confinement) read(name string, limit int64) ([]byte, *fileProblem) {
	content, problem := c.peek(name, limit)
	if problem == nil {
		c.note(name, content)
		c.used[name]++
	}
	return content, problem
}

// note remembers the text that was read under a name, whatever ends its lines: a
// checkout may write them otherwise than another one.
func (c *confinement) note(name string, content []byte) {
	digest := sha256.Sum256(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
	c.digests[name] = hex.EncodeToString(digest[:])
}

// peek is read for a file that may turn out not to matter. Of a file that is too
// large its beginning is returned beside the problem.
func (c *confinement) peek(name string, limit int64) ([]byte, *fileProblem) {
	file, info, problem := c.open(name)
	if problem != nil {
		return nil, problem
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, c.problem(name, err)
	}
	if int64(len(content)) > limit {
		return content, &fileProblem{
			tooLarge: true,
			summary:  fmt.Sprintf("%s has %d bytes; at most %d are read", quote(name), max(info.Size(), limit+1), limit),
			detail:   "No text of the Store is that long. Is it the right file?",
		}
	}
	return content, nil
}
