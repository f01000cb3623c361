package schema

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// languageFiles are the files that manifests name for each language, whether
// they are there or not, and the languages that manifests write.
type languageFiles struct {
	asked     []askedFile
	languages map[string]string
}

// askedFile is a file that a listing names: where the manifest writes it, and
// for which language.
type askedFile struct {
	name, language string
	place          place
}

func (f *languageFiles) ask(name, language string, v *tree) {
	if language != "" {
		f.asked = append(f.asked, askedFile{name, language, place{v.pos, v.path}})
	}
}

// template is a file name with a gap where the language stands.
type template struct{ folder, before, after, rest string }

func (t template) file(entry string) string { return path.Join(t.folder, entry, t.rest) }

// templateOf finds the language in a name: listings/en-us/description.txt,
// listings/en_US.txt or en-us.description.txt.
func templateOf(name, code string) (template, bool) {
	pattern := `(?i)(?:^|[^A-Za-z0-9])(` + strings.ReplaceAll(regexp.QuoteMeta(code), "-", "[-_]") + `)(?:[^A-Za-z0-9]|$)`
	gap := regexp.MustCompile(pattern)
	segments := strings.Split(name, "/")
	for i, segment := range slices.Backward(segments) {
		if m := gap.FindStringSubmatchIndex(segment); m != nil {
			return template{
				folder: path.Join(append([]string{"."}, segments[:i]...)...), before: segment[:m[2]], after: segment[m[3]:],
				rest: path.Join(segments[i+1:]...),
			}, true
		}
	}
	return template{}, false
}

// warnUnread names files of languages that nothing reads: they lie where the
// files of other languages lie that manifests do read. A translator put them
// there, and nobody would see that they are never sent.
func (l *loader) warnUnread() {
	root, err := os.OpenRoot(l.sources.files.root)
	if err != nil {
		return
	}
	defer root.Close()
	// read are the names of files that were read or asked for, by their lower case:
	// file systems of Windows and macOS know one file by both.
	read := map[string][]string{}
	for name := range l.sources.files.digests {
		read[strings.ToLower(name)] = append(read[strings.ToLower(name)], name)
	}
	seen, named := map[template]bool{}, map[string]bool{}
	for _, file := range l.sources.perLanguage.asked {
		t, ok := templateOf(file.name, file.language)
		if !ok || seen[t] || !fs.ValidPath(t.folder) {
			continue
		}
		seen[t] = true
		entries, err := fs.ReadDir(root.FS(), t.folder)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			code, ok := t.languageOf(entry.Name())
			name, one := t.file(entry.Name()), path.Join(t.folder, entry.Name())
			if !ok || named[one] || hasControl(name) || !isUnread(root.FS(), name, read[strings.ToLower(name)]) {
				continue
			}
			// One line for a folder, however many files it holds.
			named[one] = true
			l.diagnostics = append(l.diagnostics, Diagnostic{
				Severity: SeverityWarning, Path: file.place.written, Pos: file.place.pos,
				Summary: "nothing reads " + quote(name) + ", a file of the language " + code, Detail: l.sources.perLanguage.advice(code, file, t),
			})
		}
	}
}

// isUnread reports whether a file is there and none of those that were read.
func isUnread(files fs.FS, name string, read []string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular() && !slices.ContainsFunc(read, func(other string) bool {
		same, err := fs.Stat(files, other)
		return other == name || err == nil && os.SameFile(info, same)
	})
}

// advice says why the file of a language is not read.
func (f *languageFiles) advice(code string, near askedFile, t template) string {
	written, ok := f.languages[strings.ToLower(strings.ReplaceAll(code, "_", "-"))]
	switch {
	case !ok:
		return fmt.Sprintf("That of %s is read here, and no manifest has %s. Add the language to languages or listings, or move the file away.", near.language, code)
	case written != code:
		return fmt.Sprintf("The manifest writes the language %s, and upper and lower case count in file names. Rename the file to %s.",
			written, quote(t.file(t.before+written+t.after)))
	}
	return fmt.Sprintf("That of %s is read here, but the manifest takes this text of %s from elsewhere. Move the file away, or write the field of %[2]s as {file: …}.", near.language, code)
}

// languageOf is the language code in the name of a folder's entry.
func (t template) languageOf(entry string) (string, bool) {
	code, ok := strings.CutPrefix(entry, t.before)
	if ok {
		code, ok = strings.CutSuffix(code, t.after)
	}
	return code, ok && isLanguage(code)
}

// isLanguage reports whether a name of a file is the code of a language. Words of
// two and three letters are many, so a code of three alone must be the Store's.
func isLanguage(code string) bool {
	dashed := strings.ReplaceAll(code, "_", "-")
	if _, ok := MsiExeLanguage(dashed); ok {
		return true
	}
	if _, ok := MsixLanguage(dashed); ok {
		return true
	}
	tag, err := language.Parse(dashed)
	base, confidence := tag.Base()
	return err == nil && confidence == language.Exact && len(dashed) != 3 && len(base.String()) <= 3
}
