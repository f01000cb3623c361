package schema

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	// AllowOutside lifts the rule that files lie inside the workspace root and
	// not at or below names that begin with a dot.
	AllowOutside bool
}

// Workspace is everything that was loaded in one go.
type Workspace struct {
	// Root is the absolute folder that files of manifests lie in: the nearest
	// folder with .git or storesync.yaml, else the first given path's folder.
	// Symbolic links are resolved.
	Root string
	// Manifests are sorted by address.
	Manifests []*Manifest
	// Inputs are the files that were read, sorted by name.
	Inputs []Input

	// unusable are documents whose header is wrong: only Validate looks at them.
	unusable []*Manifest
	files    *confinement
}

// Input is one file that took part in a plan.
type Input struct {
	// Name is relative to the workspace root, with forward slashes; "-" is
	// standard input.
	Name string `json:"name"`
	// SHA256 is "" for a file that feeds nothing but values that are never shown.
	SHA256 string `json:"sha256"`
}

// Load reads manifests strictly and resolves what they refer to among
// themselves. A workspace is returned even with errors, as
// far as it could be read; the diagnostics are sorted.
func Load(ctx context.Context, options LoadOptions) (*Workspace, Diagnostics) {
	paths := []string{"."}
	if len(options.Paths) > 0 {
		paths = cleaned(options.Paths)
	}
	if !options.AllowOutside {
		if refused := checkArguments(paths); len(refused) > 0 {
			return &Workspace{}, refused
		}
	}
	root, err := findRoot(paths[0])
	if err != nil {
		return &Workspace{}, Diagnostics{pathError(paths[0], err)}
	}
	files := newConfinement(root, options.AllowOutside)
	l := &loader{
		stdin: options.Stdin,
		sources: &sources{
			vars: options.Vars, lookupEnv: options.LookupEnv, allowedEnv: options.AllowedEnv, files: files,
			perLanguage: languageFiles{languages: map[string]string{}},
		},
		seen: map[string]bool{},
	}
	for _, path := range paths {
		l.loadPath(ctx, path)
	}
	if err := ctx.Err(); err != nil {
		l.fail(Position{}, "loading was interrupted: "+err.Error(), "Run the command again.")
	} else if len(l.manifests) == 0 && !l.diagnostics.HasErrors() {
		l.fail(Position{}, "no manifest found in "+strings.Join(paths, ", "),
			"Manifests are *.yaml or *.yml files that hold apiVersion: "+APIVersion+".")
	}
	l.warnUnread()
	l.checkUnique()
	l.resolve()
	w := &Workspace{Root: root, Manifests: l.manifests, unusable: l.unusable, Inputs: files.inputs(), files: files}
	slices.SortStableFunc(w.Manifests, func(a, b *Manifest) int { return cmp.Compare(a.Address(), b.Address()) })
	return w, l.diagnostics.capped()
}

// Open opens a file by the workspace-relative name of an Image, a MediaFile or
// an MsixPackage that is there, under the same confinement as when it was loaded. Only files that Load has read are opened.
func (w *Workspace) Open(name string) (io.ReadSeekCloser, error) {
	if w.files == nil || w.files.digests[name] == "" {
		return nil, fmt.Errorf("open %s: no manifest of this workspace names the file", quote(name))
	}
	file, _, problem := w.files.open(name)
	if problem != nil {
		return nil, fmt.Errorf("open %s: %w", name, problem)
	}
	return file, nil
}

// Used are those of Inputs that the manifests in the workspace were read from:
// fewer than all once some of the manifests are selected.
func (w *Workspace) Used() []Input {
	var used []Input
	for _, input := range w.Inputs {
		reads, hidden := 0, 0
		for _, m := range w.Manifests {
			reads += m.reads[input.Name]
			hidden += m.hiddenReads(input.Name)
		}
		if reads > 0 && reads == hidden {
			// The digest of a short secret could be guessed from.
			input.SHA256 = ""
		}
		if reads > 0 {
			used = append(used, input)
		}
	}
	return used
}

// hiddenReads is how often a file feeds a value of the manifest that is never
// shown: notes for the testers of the Store.
func (m *Manifest) hiddenReads(name string) int {
	var notes []*Text
	if m.MsiExeApp != nil && m.MsiExeApp.Properties != nil {
		notes = append(notes, m.MsiExeApp.Properties.CertificationNotes)
	}
	if m.MsixApp != nil {
		notes = append(notes, m.MsixApp.NotesForCertification)
	}
	if m.PackageFlight != nil {
		notes = append(notes, m.PackageFlight.NotesForCertification)
	}
	n := 0
	for _, text := range notes {
		if text != nil && text.File == name {
			n++
		}
	}
	return n
}

// cleaned are the paths with one meaning for all that reads them: to the system
// alone "link/.." is the parent of what the link leads to.
func cleaned(paths []string) []string {
	all := make([]string, len(paths))
	for i, path := range paths {
		if all[i] = path; path != "" {
			all[i] = filepath.Clean(path)
		}
	}
	return all
}

// checkArguments are the paths of the command line that links lead out of the
// workspace. What cannot be looked at is an error where it is read.
func checkArguments(paths []string) Diagnostics {
	var refused Diagnostics
	for _, path := range paths {
		folder := path
		if path == "-" {
			folder = "."
		}
		if problem, err := checkArgument(folder); err == nil && problem != nil {
			refused = append(refused, Diagnostic{Severity: SeverityError, Pos: Position{File: path}, Summary: problem.summary, Detail: problem.detail})
		}
	}
	return refused
}

func pathError(path string, err error) Diagnostic {
	d := Diagnostic{Severity: SeverityError, Pos: Position{File: path}, Summary: "cannot be read: " + reason(err), Detail: "Check the path and its permissions."}
	if errors.Is(err, fs.ErrNotExist) {
		full, absErr := filepath.Abs(path)
		if absErr != nil {
			full = path
		}
		d.Summary, d.Detail = "no such file or folder", "Tried "+full+". Paths are files, folders or - for standard input."
	}
	return d
}

// reason is a file error without the path that is named beside it anyway.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// loader collects what Load finds.
type loader struct {
	stdin       io.Reader
	sources     *sources
	manifests   []*Manifest
	diagnostics Diagnostics
	// seen are the names already loaded: a file given twice counts once.
	seen map[string]bool
	// unusable are documents that are no manifest, and whose spec can be judged.
	unusable []*Manifest
	// unread is true when a document or file could not become a manifest.
	unread bool
}

func (l *loader) fail(pos Position, summary, detail string) {
	l.diagnostics = append(l.diagnostics, Diagnostic{Severity: SeverityError, Pos: pos, Summary: summary, Detail: detail})
}

func (l *loader) loadPath(ctx context.Context, path string) {
	if path == "-" {
		l.loadStdin(ctx)
		return
	}
	info, err := os.Stat(path)
	if err != nil {
		l.diagnostics = append(l.diagnostics, pathError(path, err))
		return
	}
	if !info.IsDir() {
		l.loadFile(ctx, path, true)
		return
	}
	if linked, err := os.Lstat(path); err == nil && linked.Mode()&fs.ModeSymlink != 0 {
		// A search follows no link but this one, which a person named.
		path = filepath.Clean(path) + string(filepath.Separator)
	}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return filepath.SkipAll
		case err != nil:
			l.diagnostics = append(l.diagnostics, pathError(file, err))
			return nil
		case entry.IsDir() && file != path && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case !entry.IsDir() && isManifestName(entry.Name()):
			l.loadFile(ctx, file, false)
		case entry.Type().IsRegular() && isStrayName(entry.Name()):
			l.warnStray(file)
		}
		return nil
	})
	if err != nil {
		l.diagnostics = append(l.diagnostics, pathError(path, err))
	}
}

func isManifestName(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return !strings.HasPrefix(name, ".") && (extension == ".yaml" || extension == ".yml")
}

func (l *loader) loadStdin(ctx context.Context) {
	if l.stdin == nil || l.seen["-"] {
		l.fail(Position{File: "-"}, "standard input can be read once only", "Give - once.")
		return
	}
	l.seen["-"] = true
	content, err := io.ReadAll(io.LimitReader(l.stdin, maxManifestBytes+1))
	if err != nil {
		l.fail(Position{File: "-"}, "standard input cannot be read: "+err.Error(), "Pipe a manifest into the command.")
		return
	}
	if len(content) > maxManifestBytes {
		l.fail(Position{File: "-"}, fmt.Sprintf("a manifest of more than %d bytes", maxManifestBytes), "Move long texts into files with {file: path}.")
		return
	}
	folder, err := resolve(".")
	if err != nil {
		l.diagnostics = append(l.diagnostics, pathError(".", err))
		return
	}
	l.sources.files.note("-", content)
	before := len(l.manifests)
	l.loadContent(ctx, "-", folder, content, true)
	l.readFrom("-", before)
}

// loadFile reads one file. Named files must hold manifests; files that a
// folder search met may be something else.
func (l *loader) loadFile(ctx context.Context, file string, named bool) {
	if hasControl(file) {
		l.fail(Position{File: cut(file)}, "the file name holds a control character", "Rename the file.")
		return
	}
	name, folder, ok := l.workspaceName(file)
	if !ok {
		return
	}
	files := l.sources.files
	if l.seen[name] {
		return
	}
	l.seen[name] = true
	content, problem := files.peek(name, maxManifestBytes)
	if problem != nil && !named && problem.tooLarge && !textOutline(content).ours() {
		return
	}
	if problem != nil {
		l.fail(Position{File: file}, problem.summary, problem.detail)
		return
	}
	before := len(l.manifests)
	if l.loadContent(ctx, file, folder, content, named) {
		files.note(name, content)
		l.readFrom(name, before)
	}
}

// workspaceName is the name of a file that the command line or a folder search
// gives, and the folder it lies in; false if it was refused with a diagnostic.
func (l *loader) workspaceName(file string) (name, folder string, ok bool) {
	folder, err := resolve(filepath.Dir(file))
	if err != nil {
		l.diagnostics = append(l.diagnostics, pathError(file, err))
		return "", "", false
	}
	files := l.sources.files
	relative, err := filepath.Rel(files.root, filepath.Join(folder, filepath.Base(file)))
	if err != nil || (!filepath.IsLocal(relative) && !files.allowOutside) {
		problem := files.outside(file, "")
		l.fail(Position{File: file}, problem.summary, problem.detail)
		return "", "", false
	}
	return filepath.ToSlash(relative), folder, true
}

// warnStray says that a manifest lies in a file that a folder search does not
// read.
func (l *loader) warnStray(file string) {
	name, _, ok := l.workspaceName(file)
	if !ok {
		return
	}
	content, problem := l.sources.files.peek(name, maxManifestBytes)
	if problem == nil && holdsManifest(file, content) {
		l.diagnostics = append(l.diagnostics, Diagnostic{
			Severity: SeverityWarning, Pos: Position{File: file, Line: 1, Col: 1}, Summary: "holds a manifest that is not read",
			Detail: "In a folder, manifests are the files *.yaml and *.yml. Rename the file, or name it on the command line.",
		})
	}
}

// readFrom notes the file that the manifests after the first few are written in.
func (l *loader) readFrom(name string, few int) {
	for _, m := range l.manifests[few:] {
		m.reads[name]++
	}
}

// checkUnique refuses two manifests of one address, or of one product.
func (l *loader) checkUnique() {
	addresses, products := map[string]*Manifest{}, map[string]*Manifest{}
	var unique []*Manifest
	for _, m := range l.manifests {
		other, twice := addresses[strings.ToLower(m.Address())]
		if twice {
			l.failHere(m, "metadata.name", fmt.Sprintf("%s is already the address of the manifest at %s", m.Address(), other.Pos("metadata.name")),
				"Give one of them another metadata.name.")
			l.unusable = append(l.unusable, m)
			continue
		}
		addresses[strings.ToLower(m.Address())] = m
		unique = append(unique, m)
		id := strings.ToLower(m.ProductID())
		if other, twice = products[id]; twice && id != "" {
			l.failHere(m, m.Kind.productIDField(), fmt.Sprintf("%s is already the product of %s at %s", quote(m.ProductID()), other.Address(), other.Pos(other.Kind.productIDField())),
				"One product has one manifest. Join the two, or correct one id.")
		}
		products[id] = m
	}
	l.manifests = unique
}

// failHere reports a mistake at a path of a manifest.
func (l *loader) failHere(m *Manifest, path, summary, detail string) {
	l.diagnostics = append(l.diagnostics, Diagnostic{
		Severity: SeverityError, Address: m.Address(), Path: path, Pos: m.Pos(path), Summary: summary, Detail: detail,
	})
}
