package schema

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzLoad feeds any bytes as a manifest: Load and Validate neither panic nor
// hang, every error has a place and says what to do, and what passes the
// checks passes the strict decode after them, and is a manifest to editors.
func FuzzLoad(f *testing.F) {
	f.Add(fullManifest)
	f.Add(manifest("  listings: {en: &a {searchTerms: [no, ${lang}]}, de: *a}\n"))
	f.Add("a: &a [*a]\n")
	f.Add("---\n? [x]\n: {<<: {a: b}}\n---\n!!set {x}\n")
	f.Add(manifest("  listings: {en: {copyright: \"\\u0085\\u2028\\ud83d\\x00\"}}\n"))
	f.Add(manifest("  availability: {markets: {all: true, except: [NO, NO]}}\n  packages: {y: {errorDetails: {x: [{}]}}}\n"))
	f.Add("apiVersion: storesync/v1\n\"\\e[31m\\n::error::x\": {a: ~}\n")
	f.Add(manifest("  packages: {\"\\e[31m\\n\": {}}\n  listings: {en: {copyright: \"${\\n}\", logos: [\"\\n\"], screenshots: [\"\\n*\"]}}\n"))
	f.Add(fullMsixManifest)
	f.Add(msixManifest("  pricing: {priceId: Base, marketSpecificPricings: {NO: Tier2, XX: \"\\e\"}}\n  rollout: {percentage: 1e3, halted: false}\n"))
	f.Add(msixManifest("  packages: [{file: \"${var:version}.msix\"}, {file: \"*.msix\"}, {\"-\": a, version: 1.0, architecture: x64_}]\n"))
	f.Add(msixManifest("  listings: {\"*\": {images: {Icon: [\"\\n\", {file: a, description: {}}]}}, de: {images: {Icon: {}}}}\n"))
	f.Add(msixManifest("  trailers: [{videoFile: a.mp4, trailerAssets: {de: {image: {}}, DE: {title: \"${lang}\"}}}]\n  targetPublishDate: 2027-01-31\n"))
	f.Add(msixManifest("  gamingOptions: [{localMultiplayerMinPlayers: -0, localMultiplayerMaxPlayers: 010}, {genres: [no]}]\n"))
	f.Add(fullAddOnManifest)
	f.Add(fullFlightManifest)
	f.Add(addOnManifest("  productId: \"a\\e\\u2028<b\"\n  id: 9NBLGGH4R315\n  keywords: [no, \"\\n\"]\n  listings: {\"*\": {icon: {fileName: a}}, de: {title: {env: STORE_X}}}\n"))
	f.Add(flightManifest("  friendlyName: a\n  groupIds: [1, \"\\e\", ~]\n  rankHigherThan: A\n  rollout: {halted: true}\n  packages: [{file: \"${var:version}.msix\"}]\n"))
	f.Add(flightManifest("  friendlyName: a\n  rankHigherThan: b\n") + "---\n" + strings.Replace(flightManifest("  friendlyName: b\n  rankHigherThan: a\n"), "beta", "b", 1))
	f.Add("apiVersion: storesync/v1\nkind: AddOn\nmetadata: {name: a, state: absent, protect: [\"\\e[31m\", mass-change, [x]]}\nspec: {app: \"\\e[31mcontoso\", productId: a}\n")
	root, editor := f.TempDir(), editorSchema(f)
	f.Fuzz(func(t *testing.T, content string) {
		write(t, filepath.Join(root, "storesync.yaml"), "")
		write(t, filepath.Join(root, "app.yaml"), content)
		w, diagnostics := Load(t.Context(), LoadOptions{Paths: []string{filepath.Join(root, "app.yaml")}, Vars: map[string]string{"version": "1.0"}})
		diagnostics = append(diagnostics, Validate(w)...)
		for _, d := range diagnostics {
			if d.Pos.File == "" || d.Summary == "" || d.Detail == "" {
				t.Errorf("no place or no help: %+v", d)
			}
			if strings.ContainsFunc(d.Path+d.Summary+d.Detail, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("control characters reach the terminal: %+v", d)
			}
			if strings.Contains(d.Summary, "not understood") {
				t.Errorf("checked, but refused by the strict decode: %s", d)
			}
		}
		if diagnostics.HasErrors() {
			return
		}
		for _, err := range judge(t, editor, content) {
			if err != nil {
				t.Errorf("valid, but not to editors: %v", err)
			}
		}
	})
}

// Every field of the manifest's types has its name, and a type that the
// decoder has a rule for.
func TestTypesCanBeDecoded(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(path string, typ reflect.Type)
	walk = func(path string, typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(path, typ.Elem())
		case reflect.Struct:
			for field := range typ.Fields() {
				if field.Tag.Get("json") == notWritten {
					continue
				}
				if name := field.Tag.Get("json"); name == "" || strings.Contains(name, ",") || !field.IsExported() {
					t.Errorf("%s.%s has no plain json name", path, field.Name)
				}
				walk(path+"."+field.Name, field.Type)
			}
		case reflect.Bool, reflect.String, reflect.Int, reflect.Int64, reflect.Float64:
		default:
			t.Errorf("%s has the type %s, which no rule covers", path, typ)
		}
	}
	walk("MsiExeApp", reflect.TypeFor[MsiExeApp]())
	walk("MsixApp", reflect.TypeFor[MsixApp]())
	walk("AddOn", reflect.TypeFor[AddOn]())
	walk("PackageFlight", reflect.TypeFor[PackageFlight]())
	walk("Metadata", reflect.TypeFor[Metadata]())
}
