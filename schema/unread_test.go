package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilesOfLanguagesThatNothingReads(t *testing.T) {
	const template = `
  languages: [en-us, de-de]
  listings:
    "*":
      description: {file: "listings/${lang}/description.txt"}
      whatsNew: {file: "listings/${lang}/whats-new.txt", optional: true}
`
	both := map[string]string{"listings/en-us/description.txt": "x", "listings/de-de/description.txt": "y"}
	tests := map[string]struct {
		spec  string
		files map[string]string
		want  []string
	}{
		"all are read": {template, both, nil},
		"a language that is not written": {template, map[string]string{"listings/fr-fr/description.txt": "z"},
			[]string{`app.yaml:9:27: warning: listings.*.description.file: nothing reads "listings/fr-fr/description.txt", a file of the language fr-fr`, "Add the language to languages or listings"}},
		"one the Store does not have": {template, map[string]string{"listings/eo/description.txt": "z"}, []string{`"listings/eo/description.txt"`}},
		"an old code":                 {template, map[string]string{"listings/iw/whats-new.txt": "z"}, []string{`"listings/iw/whats-new.txt"`}},
		"other case, optional file": {template, map[string]string{"listings/de-DE/whats-new.txt": "z"},
			[]string{`nothing reads "listings/de-DE/whats-new.txt"`, `The manifest writes the language de-de, and upper and lower case count in file names. Rename the file to "listings/de-de/whats-new.txt"`}},
		"underscore": {template, map[string]string{"listings/de_DE/whats-new.txt": "z"}, []string{"The manifest writes the language de-de"}},
		"no language": {template, map[string]string{
			"listings/old/description.txt": "z", "listings/default/description.txt": "z", "listings/README.md": "z", "listings/ja-jp/notes.txt": "z", "listings/src/description.txt": "z",
		}, nil},
		"names without a template": {"  listings: {en-us: {description: {file: texts/en-us.md}}}\n", map[string]string{"texts/en-us.md": "x", "texts/fr.md": "z", "texts/notes.md": "z"},
			[]string{`app.yaml:6:42: warning: listings.en-us.description.file: nothing reads "texts/fr.md"`}},
		"language within a name": {"  listings: {en-us: {description: {file: description.en-us.txt}}}\n", map[string]string{"description.en-us.txt": "x", "description.pt-br.txt": "z", "other.pt-br.txt": "z"},
			[]string{`"description.pt-br.txt"`}},
		"pictures": {"  listings: {en-us: {screenshots: ['images/${lang}/*.png']}}\n", map[string]string{"images/en-us/1.png": picture(t, 1366, 768, 1), "images/fr-fr/1.png": "z"},
			[]string{`"images/fr-fr/1.png"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"app.yaml": manifest(test.spec)}
			if test.spec == template {
				for file, content := range both {
					files[file] = content
				}
			}
			for file, content := range test.files {
				files[file] = content
			}
			_, text := loadIn(t, folder(t, files), LoadOptions{})
			if n := strings.Count(text, "nothing reads"); (n > 0) != (len(test.want) > 0) || n > 1 {
				t.Errorf("%d warnings of unread files:\n%s", n, text)
			}
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("got:\n%s\nwant it to hold: %s", text, want)
				}
			}
		})
	}
}

// One manifest may read what another does not.
func TestFilesOfAnotherManifestAreRead(t *testing.T) {
	second := strings.NewReplacer("6f1c0b1e", "7f1c0b1e", "name: reader", "name: second")
	root := folder(t, map[string]string{
		"app.yaml": manifest("  listings: {en: {description: {file: en.txt}}}\n"), "b.yaml": second.Replace(manifest("  listings: {de: {description: {file: de.txt}}}\n")),
		"en.txt": "x", "de.txt": "y",
	})
	if _, text := loadIn(t, root, LoadOptions{Paths: []string{root}}); text != "" {
		t.Error(cmp.Diff("", text))
	}
}
